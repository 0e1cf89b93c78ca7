//! One turnstile a host: how many requests at once, how far apart, and when the host asked for
//! silence.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use robotxt::Robots;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::Instant;

/// The longest crawl delay that is kept; a longer one would keep a feed's news for days.
const LONGEST_DELAY: Duration = Duration::from_mins(1);
/// A host is left alone for so many times as long as it takes to answer, as crawlers do (Heritrix:
/// five): a host that grows slow under load is asked less.
const TIMES_LATENCY: u32 = 4;
/// The longest pace that a slow host gets by its latency.
const LONGEST_PACE: Duration = Duration::from_secs(5);
/// The longest silence that a host may ask all of its feeds for.
const LONGEST_SILENCE: Duration = Duration::from_hours(1);
/// So many paths must complain, with no good answer between, before the whole host rests: one bad
/// route must not silence a host (`FreshRSS` #7870), and one host's limit must not be tried route by
/// route (`FreshRSS` #7571).
const COMPLAINTS: usize = 3;
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
    /// The paths that were answered 429 or 503 since the host last answered well.
    complaints: HashSet<String>,
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

/// What robots.txt of an origin says.
#[derive(Clone)]
pub(super) enum Rules {
    /// It was read, or there is none.
    Read(Arc<Robots>),
    /// The origin could not say: nothing may be asked for now.
    Unknown(crate::outcome::Refusal),
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
            state.next_start = Some(start + self.pace.max(state.delay).max(state.by_latency()));
            start
        };
        tokio::time::sleep_until(start).await;
        permit.expect("the semaphore of a host is never closed")
    }

    /// The host took so long to begin an answer.
    pub(super) fn took(&self, latency: Duration) {
        let mut state = self.state();
        state.latency = (state.latency * 3 + latency) / 4;
    }

    /// How long the host still wants silence.
    pub(super) fn silence(&self) -> Option<Duration> {
        let until = self.state().silent_until?;
        let left = until.saturating_duration_since(Instant::now());
        (!left.is_zero()).then_some(left)
    }

    /// The host answered 429 or 503 to this path. The document that was asked for waits by its own
    /// schedule; the host rests once several of its paths complained.
    pub(super) fn complain(&self, path: &str, wait: Option<Duration>) {
        let mut state = self.state();
        if state.complaints.len() < 4 * COMPLAINTS {
            state.complaints.insert(path.to_owned());
        }
        if let Some(beyond) = state.complaints.len().checked_sub(COMPLAINTS) {
            let own = Duration::from_secs(30).saturating_mul(1 << beyond.min(7));
            let wait = wait.unwrap_or(own).min(LONGEST_SILENCE);
            let until = Instant::now() + wait;
            state.silent_until = Some(state.silent_until.map_or(until, |set| set.max(until)));
        }
    }

    /// The host answered well.
    pub(super) fn content(&self) {
        self.state().complaints.clear();
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
        assert_eq!(host.state().by_latency(), LONGEST_PACE);
    }

    #[tokio::test]
    async fn a_host_rests_only_when_several_of_its_paths_complain() {
        let host = Hosts::new(2, Duration::ZERO).get("a.com");
        let wait = Some(Duration::from_secs(100));
        for path in ["/a", "/a", "/a", "/b"] {
            host.complain(path, wait);
            assert_eq!(host.silence(), None);
        }
        host.content();
        host.complain("/c", wait);
        assert_eq!(host.silence(), None);
        host.complain("/a", wait);
        host.complain("/b", Some(Duration::from_secs(1)));
        assert!(host.silence().is_some());
        host.complain("/b", wait);
        assert!(host.silence().is_some_and(|left| left > Duration::from_secs(90)));
    }
}
