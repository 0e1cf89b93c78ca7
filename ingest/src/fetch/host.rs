//! One turnstile a host: how many requests at once, how far apart, and when the host asked for
//! silence.

use std::collections::{HashMap, HashSet};
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::Instant;

use super::robots::Rules;

/// The longest crawl delay that is kept; a longer one would keep a feed's news for days.
const LONGEST_DELAY: Duration = Duration::from_mins(1);
/// A host is left alone for so many times as long as it takes to answer, as crawlers do (Heritrix:
/// five): a host that grows slow under load is asked less.
const TIMES_LATENCY: u32 = 4;
/// So much more than twice the usual is believed of one answer's latency.
const SURPRISE: Duration = Duration::from_millis(100);
/// The longest pace that a slow host gets by its latency.
const LONGEST_PACE: Duration = Duration::from_secs(5);
/// The longest silence that a host may ask all of its feeds for.
const LONGEST_SILENCE: Duration = Duration::from_hours(1);
/// So many paths that answered well before must complain, with no good answer between, before the
/// whole host rests: one bad route must not silence a host (`FreshRSS` #7870), and one host's limit
/// must not be tried route by route (`FreshRSS` #7571).
const COMPLAINTS: usize = 3;
/// How many paths that answered well are remembered of a host.
const GOOD_PATHS: usize = 64;
/// The most that complaints slow a host down, whose paths never answered well.
const LONGEST_SLOWDOWN: Duration = Duration::from_secs(2);
/// How many hosts are remembered before idle ones are forgotten.
const REMEMBERED: usize = 4096;

/// The hosts that were asked, by host key.
pub(super) struct Hosts {
    known: Mutex<HashMap<String, Arc<Host>>>,
    connections: usize,
    pace: Duration,
}

/// One host key's turnstile.
pub(super) struct Host {
    permits: Arc<Semaphore>,
    pace: Duration,
    state: Mutex<State>,
    /// Whoever holds it fetches the host's robots.txt; others wait for the result.
    pub(super) robots_turn: tokio::sync::Mutex<()>,
}

#[derive(Default)]
struct State {
    next_start: Option<Instant>,
    silent_until: Option<Instant>,
    /// Paths that answered well at some time.
    good: HashSet<u64>,
    /// Those of them that were answered 429 or 503 since the host last answered well.
    complaints: HashSet<u64>,
    /// What complaints added to the pace.
    slowdown: Duration,
    delay: Duration,
    /// A moving average of how long the host takes to begin an answer.
    latency: Duration,
    robots: HashMap<String, (Rules, Instant)>,
}

impl State {
    fn by_latency(&self) -> Duration {
        (self.latency * TIMES_LATENCY).min(LONGEST_PACE)
    }
}

impl Hosts {
    pub(super) fn new(connections: usize, pace: Duration) -> Self {
        Self { known: Mutex::default(), connections: connections.max(1), pace }
    }

    pub(super) fn get(&self, key: &str) -> Arc<Host> {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= REMEMBERED && !known.contains_key(key) {
            known.retain(|_, host| Arc::strong_count(host) > 1 || !host.is_idle());
        }
        let fresh = || {
            Arc::new(Host {
                permits: Arc::new(Semaphore::new(self.connections)),
                pace: self.pace,
                state: Mutex::default(),
                robots_turn: tokio::sync::Mutex::default(),
            })
        };
        Arc::clone(known.entry(key.to_owned()).or_insert_with(fresh))
    }
}

impl Host {
    /// Waits for a permit and for the pace; the permit is held while the request lasts.
    pub(super) async fn enter(&self) -> OwnedSemaphorePermit {
        let permit = Arc::clone(&self.permits).acquire_owned().await;
        let start = {
            let mut state = self.state();
            let now = Instant::now();
            let start = state.next_start.map_or(now, |next| next.max(now));
            let pace = self.pace.max(state.delay).max(state.by_latency()).max(state.slowdown);
            state.next_start = Some(start + pace);
            start
        };
        tokio::time::sleep_until(start).await;
        permit.expect("the semaphore of a host is never closed")
    }

    /// The host took so long to begin an answer. One route that hangs counts little, many do.
    pub(super) fn took(&self, latency: Duration) {
        let mut state = self.state();
        let latency = latency.min(state.latency * 2 + SURPRISE);
        state.latency = (state.latency * 3 + latency) / 4;
    }

    /// How long the host still wants silence.
    pub(super) fn silence(&self) -> Option<Duration> {
        let until = self.state().silent_until?;
        let left = until.saturating_duration_since(Instant::now());
        (!left.is_zero()).then_some(left)
    }

    /// The host answered 429 or 503 to this path. What was asked for waits by its own schedule. A
    /// path that never answered well says little of the host: that one is asked more slowly. Once
    /// several that did answer well complain, the whole host rests.
    pub(super) fn complain(&self, path: &str, wait: Option<Duration>) {
        let mut state = self.state();
        let path = hash(path);
        let slower = state.slowdown.max(Duration::from_millis(50)) * 2;
        state.slowdown = slower.min(LONGEST_SLOWDOWN);
        if state.good.contains(&path) {
            state.complaints.insert(path);
        }
        if let Some(beyond) = state.complaints.len().checked_sub(COMPLAINTS) {
            let own = Duration::from_secs(30).saturating_mul(1 << beyond.min(7));
            let until = Instant::now() + wait.unwrap_or(own).min(LONGEST_SILENCE);
            state.silent_until = Some(state.silent_until.map_or(until, |set| set.max(until)));
        }
    }

    /// The host answered well for this path.
    pub(super) fn content(&self, path: &str) {
        let mut state = self.state();
        state.complaints.clear();
        state.slowdown /= 2;
        if state.good.len() >= GOOD_PATHS {
            state.good.clear();
        }
        state.good.insert(hash(path));
    }

    pub(super) fn rules(&self, origin: &str) -> Option<Rules> {
        let state = self.state();
        let (rules, until) = state.robots.get(origin)?;
        (*until > Instant::now()).then(|| rules.clone())
    }

    pub(super) fn keep_rules(&self, origin: &str, rules: Rules, hold: Duration) {
        let mut state = self.state();
        if let Rules::Read(robots) = &rules {
            let delay = robots.crawl_delay().unwrap_or_default().min(LONGEST_DELAY);
            state.delay = state.delay.max(delay);
        }
        if state.robots.len() >= 64 {
            state.robots.clear();
        }
        state.robots.insert(origin.to_owned(), (rules, Instant::now() + hold));
    }

    fn is_idle(&self) -> bool {
        let state = self.state();
        let now = Instant::now();
        state.silent_until.is_none_or(|until| until <= now)
            && state.next_start.is_none_or(|next| next <= now)
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn hash(path: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    path.hash(&mut hasher);
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn requests_to_one_host_are_a_pace_apart() {
        let hosts = Hosts::new(2, Duration::from_millis(20));
        let host = hosts.get("a.com");
        let begun = Instant::now();
        for _ in 0..3 {
            drop(host.enter().await);
        }
        assert!(begun.elapsed() >= Duration::from_millis(40));
    }

    #[tokio::test]
    async fn a_slow_host_is_asked_less_and_a_hanging_one_not_for_ever() {
        let host = Hosts::new(2, Duration::from_millis(1)).get("a.com");
        for _ in 0..20 {
            host.took(Duration::from_millis(20));
        }
        let begun = Instant::now();
        for _ in 0..2 {
            drop(host.enter().await);
        }
        assert!(begun.elapsed() >= Duration::from_millis(75));
        host.took(Duration::from_mins(10));
        assert!(host.state().by_latency() < Duration::from_millis(300));
        for _ in 0..40 {
            host.took(Duration::from_mins(10));
        }
        assert_eq!(host.state().by_latency(), LONGEST_PACE);
    }

    #[tokio::test]
    async fn a_host_rests_only_when_several_of_its_good_paths_complain() {
        let host = Hosts::new(2, Duration::ZERO).get("a.com");
        let wait = Some(Duration::from_secs(100));
        for path in ["/never", "/never/good", "/a", "/b", "/c"] {
            host.complain(path, wait);
            assert_eq!(host.silence(), None);
        }
        assert_eq!(host.state().slowdown, Duration::from_millis(1600));
        for path in ["/a", "/b", "/c"] {
            host.content(path);
        }
        for path in ["/a", "/a", "/b", "/never"] {
            host.complain(path, wait);
            assert_eq!(host.silence(), None);
        }
        host.content("/d");
        for path in ["/c", "/a", "/b"] {
            assert_eq!(host.silence(), None);
            host.complain(path, wait);
        }
        assert!(host.silence().is_some_and(|left| left > Duration::from_secs(90)));
    }
}
