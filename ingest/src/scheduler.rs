//! One shard's scheduler: starts what is due, and never more than the bounds.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use article::url_key::url_key;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tracing::{info, warn};

use crate::governor::Governor;
use crate::ledger::{Change, FeedRow, LedgerError, Pending, Recheck};
use crate::room::{Ended, Room};
use crate::run::RunError;
use crate::{page, recheck, visit};

/// How long the scheduler sleeps at most: a simulated or jumping clock is noticed within it.
const LONGEST_SLEEP: Duration = Duration::from_millis(500);
/// How far simulated time moves in one go.
const SHORTEST_STEP: Duration = Duration::from_millis(100);
const LONGEST_STEP: Duration = Duration::from_mins(1);
/// How many due rows are looked at in one go.
const BATCH: u32 = 64;
/// Pages of one host under way beside those that hold its permits: they parse or await receipts.
const BESIDE_PERMITS: usize = 2;
/// An entry is forgotten so long after it left its feed.
const KEEP_MS: i64 = 14 * 86_400_000;
const FORGET_EVERY: Duration = Duration::from_hours(6);
/// How often the usual rate of polls is added up.
const ADD_UP_EVERY: Duration = Duration::from_mins(5);
/// The wall clock jumped where it differs so much from the monotonic one.
const JUMP_MS: i64 = 60_000;

/// What is under way in a shard, so that nothing is begun twice and no host takes all places.
#[derive(Default)]
struct UnderWay {
    keys: HashSet<String>,
    feeds: HashMap<String, usize>,
    pages: HashMap<String, usize>,
}

/// What a finished task gives back.
struct Place {
    keys: Vec<String>,
    host_key: String,
    is_feed: bool,
}

enum Due {
    Feed(Box<FeedRow>),
    Page(Box<Pending>),
    Recheck(Box<Recheck>),
}

impl Due {
    fn place(&self) -> Place {
        let (keys, host_key) = match self {
            Self::Feed(row) => (vec![row.url.clone()], &row.host_key),
            Self::Page(pending) => {
                (vec![pending.id.clone(), pending.errand.claim_key()], &pending.errand.host_key)
            }
            Self::Recheck(row) => {
                let address = url::Url::parse(&row.url).map(|url| url_key(&url));
                let keys = [Some(row.id.clone()), address.ok()];
                (keys.into_iter().flatten().collect(), &row.host_key)
            }
        };
        Place { keys, host_key: host_key.clone(), is_feed: matches!(self, Self::Feed(_)) }
    }
}

/// Starts what is due of one shard.
pub(crate) struct Scheduler {
    room: Arc<Room>,
    paused: watch::Receiver<bool>,
    under_way: UnderWay,
    tasks: JoinSet<(Place, Result<(), Ended>)>,
    /// Monotonic.
    forgot_at: Option<Duration>,
    governor: Governor,
    added_up_at: Duration,
    /// Wall clock in milliseconds of Unix time, and monotonic clock, at the last look.
    clocks: (i64, Duration),
}

impl Scheduler {
    pub(crate) fn new(room: Room, paused: watch::Receiver<bool>) -> Result<Self, LedgerError> {
        let room = Arc::new(room);
        let (wall, monotonic) = (room.now_ms(), room.clock.monotonic());
        // The clock was set back while nobody looked: nothing may wait for the old future.
        if let Some(newest) = room.ledger().newest_visit()?
            && newest > wall + JUMP_MS
        {
            move_clock(&room, wall - newest)?;
        }
        let usual = room.ledger().usual_polls_per_second()?;
        Ok(Self {
            governor: Governor::new(usual, monotonic),
            added_up_at: monotonic,
            clocks: (wall, monotonic),
            room,
            paused,
            under_way: UnderWay::default(),
            tasks: JoinSet::new(),
            forgot_at: None,
        })
    }

    pub(crate) async fn run(mut self) -> Result<(), RunError> {
        let mut result = Ok(());
        while result.is_ok() && !self.room.stop.is_cancelled() {
            let sleep = self.turn().or_else(|error| waits_for_the_disk(error.into()))?;
            let sleep = sleep.unwrap_or(LONGEST_SLEEP);
            result = tokio::select! {
                () = self.room.stop.cancelled() => Ok(()),
                () = self.room.door.bell.notified() => Ok(()),
                () = tokio::time::sleep(sleep) => Ok(()),
                Some(ended) = self.tasks.join_next() => self.end(ended),
            };
        }
        self.room.stop.cancel();
        // What waits for a receipt gets it; the caller has one grace time around all of it.
        while let Some(ended) = self.tasks.join_next().await {
            let ended = self.end(ended);
            result = result.and(ended);
        }
        info!(shard = %self.room.ledger().shard(), "ingest ended");
        result
    }

    /// Begins what is due; answers how long nothing else will be.
    fn turn(&mut self) -> Result<Option<Duration>, LedgerError> {
        self.look_at_clocks()?;
        if !*self.paused.borrow_and_update() {
            self.forget()?;
            self.begin()?;
        }
        self.sleep().map(Some)
    }

    /// Runs for so long in simulated time: the clock stands still while anything is under way, and
    /// moves on to what is due next.
    pub(crate) async fn simulate(mut self, length: Duration) -> Result<(), RunError> {
        let until = self.room.clock.monotonic() + length;
        while self.room.clock.monotonic() < until {
            self.look_at_clocks()?;
            self.forget()?;
            self.begin()?;
            if let Some(ended) = self.tasks.join_next().await {
                self.end(ended)?;
                continue;
            }
            // What is overdue is held back by the governor.
            let left = self.room.ledger().next_due()?.map(|due| due - self.room.now_ms());
            let left = left.and_then(|left| u64::try_from(left).ok()).map(Duration::from_millis);
            let step = left.unwrap_or(LONGEST_SLEEP).clamp(SHORTEST_STEP, LONGEST_STEP);
            self.room.clock.advance(step);
        }
        Ok(())
    }

    /// Notices a jump of the wall clock: what is due keeps its distance, so that nothing waits for
    /// a day that is taken back, and nothing comes all at once. A machine that slept is the same.
    fn look_at_clocks(&mut self) -> Result<(), LedgerError> {
        let (wall, monotonic) = (self.room.now_ms(), self.room.clock.monotonic());
        let passed = monotonic.saturating_sub(self.clocks.1);
        let jump = wall - self.clocks.0 - page::millis(passed);
        self.clocks = (wall, monotonic);
        if jump.abs() >= JUMP_MS {
            move_clock(&self.room, jump)?;
        }
        if monotonic.saturating_sub(self.added_up_at) >= ADD_UP_EVERY {
            self.added_up_at = monotonic;
            self.governor.set_usual(self.room.ledger().usual_polls_per_second()?);
        }
        Ok(())
    }

    fn forget(&mut self) -> Result<(), LedgerError> {
        let (at, now) = (self.room.now_ms(), self.room.clock.monotonic());
        if self.forgot_at.is_none_or(|forgot| now.saturating_sub(forgot) >= FORGET_EVERY) {
            self.forgot_at = Some(now);
            self.room.ledger().apply(&Change::Forgotten { keep_ms: KEEP_MS, at })?;
        }
        Ok(())
    }

    /// Begins what is due, within the bounds. Feeds have places of their own, so that slow pages
    /// never keep a feed from being polled.
    fn begin(&mut self) -> Result<(), LedgerError> {
        let now = self.room.now_ms();
        let fetch = &self.room.config.fetch;
        let (places, per_host) = (fetch.connections.max(1), fetch.connections_per_host.max(1));
        let feeds: usize = self.under_way.feeds.values().sum();
        let busy = full(&self.under_way.feeds, per_host);
        if feeds < places {
            let due = self.room.ledger().due_feeds(now, &busy, BATCH)?;
            let mut open = self.governor.open(self.room.clock.monotonic());
            for row in due.into_iter().take(places - feeds) {
                let is_new = row.visited_at.is_none();
                if !is_new && open == 0 {
                    continue;
                }
                if self.start(Due::Feed(Box::new(row)), per_host) && !is_new {
                    open -= 1;
                    self.governor.begin();
                }
            }
        }
        let per_host = per_host + BESIDE_PERMITS;
        loop {
            let busy = full(&self.under_way.pages, per_host);
            let free = places.saturating_sub(self.under_way.pages.values().sum());
            if free == 0 {
                return Ok(());
            }
            let ledger = self.room.ledger();
            let mut due: Vec<Due> = Vec::new();
            let entries = ledger.due_entries(now, &busy, BATCH)?;
            due.extend(entries.into_iter().map(|pending| Due::Page(Box::new(pending))));
            let looks = ledger.due_rechecks(now, &busy, BATCH)?;
            due.extend(looks.into_iter().map(|row| Due::Recheck(Box::new(row))));
            let mut begun = 0;
            for due in due {
                if begun < free && self.start(due, per_host) {
                    begun += 1;
                }
            }
            // Hosts that just became full are left out of the next look, so that one host's long
            // queue does not hide the others'.
            if begun == 0 {
                return Ok(());
            }
        }
    }

    /// Claims a place and begins; false where the host is full or the same is under way.
    fn start(&mut self, due: Due, per_host: usize) -> bool {
        let place = due.place();
        let hosts =
            if place.is_feed { &mut self.under_way.feeds } else { &mut self.under_way.pages };
        let taken = hosts.get(&place.host_key).copied().unwrap_or(0);
        if taken >= per_host || place.keys.iter().any(|key| self.under_way.keys.contains(key)) {
            return false;
        }
        hosts.insert(place.host_key.clone(), taken + 1);
        self.under_way.keys.extend(place.keys.iter().cloned());
        let room = Arc::clone(&self.room);
        self.tasks.spawn(async move {
            let ended = match due {
                Due::Feed(row) => visit::visit(&room, *row).await,
                Due::Page(pending) => page::fetch(&room, *pending).await,
                Due::Recheck(row) => recheck::look(&room, *row).await,
            };
            (place, ended)
        });
        true
    }

    fn end(
        &mut self,
        ended: Result<(Place, Result<(), Ended>), tokio::task::JoinError>,
    ) -> Result<(), RunError> {
        let (place, ended) = ended?;
        for key in &place.keys {
            self.under_way.keys.remove(key);
        }
        let hosts =
            if place.is_feed { &mut self.under_way.feeds } else { &mut self.under_way.pages };
        if let Some(taken) = hosts.get_mut(&place.host_key) {
            *taken -= 1;
            if *taken == 0 {
                hosts.remove(&place.host_key);
            }
        }
        match ended {
            Ok(()) | Err(Ended::Stopped) => Ok(()),
            Err(Ended::Closed) => Err(RunError::Closed),
            Err(Ended::Ledger(error)) => waits_for_the_disk(error.into()).map(drop),
        }
    }

    fn sleep(&self) -> Result<Duration, LedgerError> {
        let due = self.room.ledger().next_due()?;
        let left = due.map(|due| due - self.room.now_ms());
        // What is due and was not begun waits for a place: a task's end wakes us.
        let left = left.filter(|left| *left > 0).and_then(|left| u64::try_from(left).ok());
        Ok(left.map_or(LONGEST_SLEEP, Duration::from_millis).min(LONGEST_SLEEP))
    }
}

/// A full disk ends nothing: what was not stored is due as before, and polling pauses meanwhile.
fn waits_for_the_disk(error: RunError) -> Result<Option<Duration>, RunError> {
    match error {
        RunError::Ledger(error) if error.is_of_the_disk() => Ok(None),
        error => Err(error),
    }
}

fn move_clock(room: &Room, by_ms: i64) -> Result<(), LedgerError> {
    warn!(by_s = by_ms / 1000, "the clock jumped: what is due keeps its distance");
    room.ledger().apply(&Change::ClockMoved { by_ms })
}

fn full(hosts: &HashMap<String, usize>, per_host: usize) -> Vec<String> {
    hosts.iter().filter(|(_, taken)| **taken >= per_host).map(|(key, _)| key.clone()).collect()
}
