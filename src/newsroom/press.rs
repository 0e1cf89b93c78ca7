//! The state of the newsroom: stories, feeds and the record, changed step by step.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use article::clock::Clock;
use jiff::Timestamp;

use crate::newsroom::outlets::Site;
use crate::newsroom::plan::{Draft, Step};
use crate::newsroom::record::{Action, Deed, Listing, Record, listings};
use crate::newsroom::story::{Source, Standing, Story};

/// Hits are counted for at most this many addresses.
const COUNTED_ADDRESSES: usize = 200_000;
/// How often is looked whether all has been read.
const GLANCE: Duration = Duration::from_millis(250);

/// Where the newsroom's state lies; every change goes through it.
#[derive(Debug)]
pub(super) struct Press {
    clock: Clock,
    sites: Vec<Site>,
    state: Mutex<State>,
}

/// What readers see, and what was done.
#[derive(Debug)]
pub(super) struct State {
    /// All stories, also the planned and the withdrawn.
    pub(super) stories: BTreeMap<u32, Story>,
    /// One feed for each site.
    pub(super) feeds: Vec<Feed>,
    /// What was done.
    pub(super) record: Record,
    hits: BTreeMap<String, u64>,
}

/// One site's list of articles, and the trick that its server plays at present.
#[derive(Clone, Debug)]
pub(super) struct Feed {
    /// The stories listed, in the order in which they were added.
    pub(super) serials: Vec<u32>,
    /// Counts the changes; the entity tag is made of it.
    pub(super) revision: u64,
    /// When it changed last; whole seconds, never the same twice.
    pub(super) changed: Timestamp,
    /// Where it is served.
    pub(super) path: String,
    /// What its server does at present.
    pub(super) trick: Trick,
    /// Whether its XML is well formed.
    pub(super) markup: Markup,
}

/// A passing misbehaviour of a feed's server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Trick {
    /// None.
    Honest,
    /// The next change is hidden behind one 304.
    Lying,
    /// All requests are answered 429.
    Throttling,
    /// The next document is cut.
    Cutting,
}

/// The state of a feed's XML.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Markup {
    /// As it should be.
    Sound,
    /// With a bare ampersand, not yet seen by anyone.
    Broken,
    /// The same, and it is on record.
    BrokenAndSeen,
}

impl Press {
    /// A press with all `drafts` planned and nothing printed.
    pub(super) fn new(clock: Clock, sites: Vec<Site>, drafts: &[Draft], record: Record) -> Self {
        let now = whole_seconds(clock.now());
        let feeds = sites
            .iter()
            .map(|site| Feed {
                serials: Vec::new(),
                revision: 0,
                changed: now,
                path: site.feed_path.clone(),
                trick: Trick::Honest,
                markup: Markup::Sound,
            })
            .collect();
        let stories = BTreeMap::new();
        let state = Mutex::new(State { stories, feeds, record, hits: BTreeMap::new() });
        let press = Self { clock, sites, state };
        for draft in drafts {
            press.plan(draft);
        }
        press
    }

    /// The sites, in the order of their feeds.
    pub(super) fn sites(&self) -> &[Site] {
        &self.sites
    }

    /// The state, for reading and for deeds that answers do.
    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds a story that is to come out later.
    pub(super) fn plan(&self, draft: &Draft) {
        let now = whole_seconds(self.clock.now());
        let published = now - Duration::from_secs(u64::from(draft.minutes) * 60);
        let story = Story {
            serial: draft.serial,
            source: draft.source.clone(),
            numbering: draft.numbering,
            site: draft.site,
            version: 1,
            standing: Standing::Planned,
            published,
            modified: published,
        };
        self.state().stories.insert(draft.serial, story);
    }

    /// Brings out `serials` with the dates that were planned for them.
    pub(super) fn open(&self, serials: &[u32]) {
        let now = self.clock.now();
        let mut state = self.state();
        for &serial in serials {
            self.publish(&mut state, serial, now);
        }
        for feed in &mut state.feeds {
            feed.changed = whole_seconds(now);
        }
        state.record.flush();
    }

    /// Does one step of the script.
    pub(super) fn perform(&self, step: &Step) {
        let now = self.clock.now();
        let mut state = self.state();
        match *step {
            Step::Publish { serial } => {
                if let Some(story) = state.stories.get_mut(&serial) {
                    (story.published, story.modified) = (whole_seconds(now), whole_seconds(now));
                }
                self.publish(&mut state, serial, now);
            }
            Step::Correct { serial } => self.correct(&mut state, serial, now),
            Step::Withdraw { serial } => self.withdraw(&mut state, serial, now),
            Step::Share { serial, site } => {
                state.feeds[site].list(serial, now);
                self.told_of_story(&mut state, serial, Action::Shared, site, now);
            }
            Step::Lie { site } => state.feeds[site].trick = Trick::Lying,
            Step::Throttle { site } => state.feeds[site].trick = Trick::Throttling,
            Step::Recover { site } => {
                state.feeds[site].trick = Trick::Honest;
                self.told_of_feed(&mut state, Action::Recovered, site);
            }
            Step::Truncate { site } => {
                state.feeds[site].trick = Trick::Cutting;
                state.feeds[site].touch(now);
            }
            Step::Move { site } => {
                state.feeds[site].path = format!("/moved{}", self.sites[site].feed_path);
                self.told_of_feed(&mut state, Action::Moved, site);
            }
            Step::Break { site } => {
                state.feeds[site].markup = Markup::Broken;
                state.feeds[site].touch(now);
            }
        }
        state.record.flush();
    }

    /// Lets go of the oldest stories of a feed that lists more than `limit`.
    pub(super) fn trim(&self, site: usize, limit: usize) {
        let now = self.clock.now();
        let mut state = self.state();
        while state.feeds[site].serials.len() > limit {
            let serial = state.feeds[site].serials.remove(0);
            state.feeds[site].touch(now);
            self.told_of_story(&mut state, serial, Action::Dropped, site, now);
        }
        state.record.flush();
    }

    /// Writes down what a feed's server did.
    pub(super) fn told_of_feed(&self, state: &mut State, action: Action, site: usize) {
        let (feed, url) =
            (self.sites[site].feed_url(), self.sites[site].url(&state.feeds[site].path));
        let at = self.clock.now();
        let (serial, version, truth) = (None, None, None);
        state.record.push(Deed { at, serial, version, action, url, feed, truth });
    }

    /// Counts a request for `address`.
    pub(super) fn count(&self, address: String) {
        let mut state = self.state();
        if state.hits.len() < COUNTED_ADDRESSES || state.hits.contains_key(&address) {
            *state.hits.entry(address).or_insert(0) += 1;
        }
    }

    /// How often each address was asked for.
    pub(super) fn hits(&self) -> BTreeMap<String, u64> {
        self.state().hits.clone()
    }

    /// Returns once every article that is out was asked for.
    pub(super) async fn read_through(&self) {
        let deeds = self.deeds();
        let out: Vec<&str> = deeds
            .iter()
            .filter(|deed| deed.serial.is_some())
            .map(|deed| deed.url.as_str())
            .collect();
        loop {
            let hits = self.hits();
            if out.iter().all(|url| hits.contains_key(*url)) {
                return;
            }
            tokio::time::sleep(GLANCE).await;
        }
    }

    /// What was done so far.
    pub(super) fn deeds(&self) -> Vec<Deed> {
        self.state().record.deeds().to_vec()
    }

    /// From when until when each version was listed.
    pub(super) fn listings(&self) -> Vec<Listing> {
        listings(&self.deeds())
    }

    fn publish(&self, state: &mut State, serial: u32, now: Timestamp) {
        let Some(story) = state.stories.get_mut(&serial) else { return };
        if story.standing != Standing::Planned {
            return;
        }
        story.standing = Standing::Published;
        let site = story.site;
        state.feeds[site].list(serial, now);
        self.told_of_story(state, serial, Action::Published, site, now);
    }

    fn correct(&self, state: &mut State, serial: u32, now: Timestamp) {
        let Some(story) = state.stories.get_mut(&serial) else { return };
        if story.standing != Standing::Published || !matches!(story.source, Source::Written(_)) {
            return;
        }
        story.version += 1;
        story.modified = whole_seconds(now);
        let site = story.site;
        for feed in state.feeds.iter_mut().filter(|feed| feed.serials.contains(&serial)) {
            feed.touch(now);
        }
        self.told_of_story(state, serial, Action::Corrected, site, now);
    }

    fn withdraw(&self, state: &mut State, serial: u32, now: Timestamp) {
        let Some(story) = state.stories.get_mut(&serial) else { return };
        if story.standing != Standing::Published {
            return;
        }
        story.standing = Standing::Withdrawn;
        let site = story.site;
        for feed in state.feeds.iter_mut().filter(|feed| feed.serials.contains(&serial)) {
            feed.serials.retain(|&listed| listed != serial);
            feed.touch(now);
        }
        self.told_of_story(state, serial, Action::Withdrawn, site, now);
    }

    fn told_of_story(
        &self,
        state: &mut State,
        serial: u32,
        action: Action,
        feed: usize,
        at: Timestamp,
    ) {
        let Some(story) = state.stories.get(&serial) else { return };
        let truth = match &story.source {
            Source::Replayed { truth, .. } => Some(truth.clone()),
            Source::Written(_) | Source::Seed(_) => None,
        };
        let url = self.sites[story.site].url(&story.path());
        let feed = self.sites[feed].feed_url();
        let (serial, version) = (Some(serial), Some(story.version));
        state.record.push(Deed { at, serial, version, action, url, feed, truth });
    }
}

impl Feed {
    fn list(&mut self, serial: u32, now: Timestamp) {
        self.serials.push(serial);
        self.touch(now);
    }

    /// A change within the second of the last is dated a second later, because readers compare
    /// dates of whole seconds.
    fn touch(&mut self, now: Timestamp) {
        self.revision += 1;
        self.changed = whole_seconds(now).max(self.changed + Duration::from_secs(1));
    }
}

fn whole_seconds(at: Timestamp) -> Timestamp {
    Timestamp::from_second(at.as_second()).unwrap_or(at)
}
