//! A world in simulated time: feeds that publish, lie and vanish, an origin in process that keeps
//! count of what it was asked, and a shard of khobor that reads them.

#![allow(clippy::unwrap_used, reason = "what fails here fails the run")]

pub(crate) mod scenarios;

use std::collections::BTreeMap;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use article::clock::Clock;
use article::event::Event;
use article::parcel::{Signed, Verdict};
use article::shard::ShardId;
use ingest::fetch::{Answer, Got, Kind, NotModified, Web};
use ingest::ledger::Validators;
use ingest::outcome::{Outcome, Refusal};
use ingest::{FeedConfig, FeedRow, IngestConfig, Ledger, Metrics, Shard, Tools};
use jiff::Timestamp;
use tokio::sync::mpsc;
use url::Url;

/// Entries that a feed lists.
const LISTED: i64 = 10;

/// How a feed answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Nature {
    /// Its entity tag changes with its content.
    Honest,
    /// 304 to whatever tag it once gave.
    AlwaysUnmodified,
    /// Its tag never changes.
    OneTag,
}

/// What happens to everything at once.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Weather {
    /// Our own network is away from this until that second.
    pub(crate) outage: Option<(i64, i64)>,
    /// At this second the wall clock jumps by so many.
    pub(crate) jump: Option<(i64, i64)>,
}

/// One feed of the world.
#[derive(Clone, Debug)]
pub(crate) struct Feed {
    pub(crate) nature: Nature,
    /// Seconds between two articles.
    pub(crate) period: i64,
    /// When it was asked, in seconds since the beginning, and whether without validators.
    pub(crate) asked: Vec<(i64, bool)>,
    /// Answers of 304.
    pub(crate) unmodified: u32,
    /// Pages that were asked for again.
    pub(crate) again: usize,
    /// Seconds between an article's publication and the first look at its page, by its number.
    pub(crate) delays: BTreeMap<i64, i64>,
}

impl Feed {
    /// Articles that were published before the beginning and until `at`; the first of all has the
    /// number 1.
    fn published(&self, at: i64) -> i64 {
        (at + LISTED * self.period) / self.period
    }

    fn published_at(&self, number: i64) -> i64 {
        (number - LISTED) * self.period
    }
}

/// The origin of all feeds and pages.
pub(crate) struct World {
    clock: Clock,
    begins: Duration,
    weather: Weather,
    feeds: Mutex<Vec<Feed>>,
    jumped: Mutex<bool>,
}

impl World {
    /// Seconds since the beginning, whatever the wall clock says.
    fn now(&self) -> i64 {
        i64::try_from(self.clock.monotonic().saturating_sub(self.begins).as_secs()).unwrap()
    }

    fn answer(&self, url: &Url, kind: Kind, validators: &Validators) -> Result<Answer, Refusal> {
        let now = self.now();
        if let Some((at, by)) = self.weather.jump
            && now >= at
            && !std::mem::replace(&mut *self.jumped.lock().unwrap(), true)
        {
            let by = jiff::SignedDuration::from_secs(by);
            self.clock.set_wall(self.clock.now().checked_add(by).unwrap());
        }
        let index: usize = url.host_str().unwrap()[1..].split('.').next().unwrap().parse().unwrap();
        let mut feeds = self.feeds.lock().unwrap();
        let feed = &mut feeds[index];
        let is_away = self.weather.outage.is_some_and(|(from, to)| (from..to).contains(&now));
        if kind == Kind::Feed {
            feed.asked.push((now, validators.is_empty()));
        }
        if is_away {
            return Err(Refusal::new(Outcome::Dns, "nobody there"));
        }
        if kind == Kind::Page {
            let number: i64 = url.path().trim_matches('/').parse().unwrap();
            let delay = now - feed.published_at(number);
            feed.again += usize::from(feed.delays.contains_key(&number));
            feed.delays.entry(number).or_insert(delay);
            return Ok(got(url, &page(number), None));
        }
        let published = feed.published(now);
        let tag = match feed.nature {
            Nature::OneTag => "\"one\"".to_owned(),
            Nature::Honest | Nature::AlwaysUnmodified => format!("\"{published}\""),
        };
        let asked = validators.etag.as_deref();
        let unmodified = match feed.nature {
            Nature::AlwaysUnmodified => asked.is_some(),
            Nature::Honest | Nature::OneTag => asked == Some(tag.as_bytes()),
        };
        if unmodified {
            feed.unmodified += 1;
            let headers = http::HeaderMap::new();
            return Ok(Answer::NotModified(NotModified { moved: None, headers }));
        }
        let wall = self.clock.now();
        Ok(got(url, &document(url, feed, published, now, wall), Some(&tag)))
    }
}

impl Web for World {
    fn get<'a>(
        &'a self,
        url: &'a Url,
        kind: Kind,
        validators: &'a Validators,
    ) -> Pin<Box<dyn Future<Output = Result<Answer, Refusal>> + Send + 'a>> {
        let answer = self.answer(url, kind, validators);
        Box::pin(async move { answer })
    }
}

fn got(url: &Url, body: &str, tag: Option<&str>) -> Answer {
    let mut headers = http::HeaderMap::new();
    if let Some(tag) = tag {
        headers.insert(http::header::ETAG, tag.parse().unwrap());
    }
    let url = url.clone();
    let body = body.as_bytes().to_vec();
    Answer::Got(Box::new(Got { url, moved: None, status: 200, headers, body }))
}

fn page(number: i64) -> String {
    let sentence = format!("The {number}th report from the river says that the water fell again. ");
    format!("<html><body><article><h1>No {number}</h1><p>{}</p></article>", sentence.repeat(5))
}

fn document(url: &Url, feed: &Feed, published: i64, now: i64, wall: Timestamp) -> String {
    use std::fmt::Write as _;
    let mut text = "<rss version=\"2.0\"><channel><title>A feed</title>".to_owned();
    for number in (published - LISTED + 1..=published).rev() {
        let age = jiff::SignedDuration::from_secs(now - feed.published_at(number));
        let date = wall.checked_sub(age).unwrap().strftime("%a, %d %b %Y %H:%M:%S GMT");
        let link = url.join(&format!("/{number}")).unwrap();
        let _ = write!(
            text,
            "<item><title>No {number}</title><link>{link}</link><pubDate>{date}</pubDate></item>"
        );
    }
    text + "</channel></rss>"
}

/// What came of a run.
pub(crate) struct Run {
    /// The world's feeds with their counts.
    pub(crate) feeds: Vec<Feed>,
    /// The same feeds as khobor knows them.
    pub(crate) rows: Vec<FeedRow>,
    /// Articles that were sent.
    pub(crate) articles: usize,
}

impl Run {
    /// Polls that began in each ten seconds, from this until that second.
    pub(crate) fn polls_in_ten_seconds(&self, from: i64, to: i64) -> Vec<u32> {
        let mut tens = vec![0; usize::try_from((to - from) / 10 + 1).unwrap()];
        for (at, _) in self.feeds.iter().flat_map(|feed| &feed.asked) {
            if (from..to).contains(at) {
                tens[usize::try_from((at - from) / 10).unwrap()] += 1;
            }
        }
        tens
    }
}

/// Lets a shard read this world for so long.
pub(crate) async fn run(natures: &[(Nature, i64)], weather: Weather, length: Duration) -> Run {
    let clock = Clock::simulated("2026-03-02T00:00:00Z".parse().unwrap());
    let feeds = natures.iter().map(|&(nature, period)| Feed {
        nature,
        period,
        asked: Vec::new(),
        unmodified: 0,
        again: 0,
        delays: BTreeMap::new(),
    });
    let world = Arc::new(World {
        begins: clock.monotonic(),
        clock: clock.clone(),
        weather,
        feeds: Mutex::new(feeds.collect()),
        jumped: Mutex::default(),
    });
    let folder = tempfile::tempdir().unwrap();
    let ledger = Ledger::open(&folder.path().join("ledger.sqlite"), ShardId(0)).unwrap();
    let configs: Vec<FeedConfig> = (0..natures.len())
        .map(|index| FeedConfig::new(format!("http://h{index}.example/feed").parse().unwrap()))
        .collect();
    ingest::sync_feeds(std::slice::from_ref(&ledger), &configs, clock.now().as_millisecond())
        .unwrap();
    let mut config = IngestConfig::default();
    config.schedule.recheck = Vec::new();
    let (parcels, mut sink) = mpsc::channel::<article::parcel::Parcel<Event<article::Article>>>(64);
    let mut signer = tokio::task::JoinSet::new();
    signer.spawn(async move {
        let (mut seq, mut articles) = (0, 0);
        while let Some(parcel) = sink.recv().await {
            let (event, _, slip) = parcel.open();
            articles += usize::from(matches!(event, Event::Article(_)));
            seq += 1;
            slip.sign(Signed { seq, verdict: Verdict::Recorded { version: 1 } });
        }
        articles
    });
    let shard = Shard { ledger: ledger.clone(), parcels };
    let web: Arc<dyn Web> = Arc::clone(&world) as Arc<dyn Web>;
    let tools = Tools { web, clock: clock.clone(), metrics: Arc::new(Metrics::default()) };
    ingest::simulate(config, shard, tools, length).await.unwrap();
    let articles = signer.join_next().await.unwrap().unwrap();
    let rows = ledger.feeds().unwrap();
    let feeds = world.feeds.lock().unwrap().clone();
    Run { feeds, rows, articles }
}
