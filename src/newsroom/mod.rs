//! A dozen fictitious papers on loopback, whose servers behave as badly as real ones: for the
//! demo, the tests and compose.
//!
//! A seed decides what is printed ([`plan`]); a script brings it out, corrects it and takes it
//! back; the record says what was done, so that what arrived can be held against it.

mod random;
mod texts;
mod outlets;
mod story;
mod plan;
mod replay;
pub(crate) mod record;
mod press;
mod markup;
mod feed_document;
mod page;
mod server;
mod listen;
pub(crate) mod cli;

pub(crate) use listen::ListenOn;
pub(crate) use record::{Deed, Listing};

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::ensure;
use article::clock::Clock;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use tracing::warn;
use url::Url;

use crate::newsroom::outlets::{Outlet, Site};
use crate::newsroom::plan::{Desk, Draft, Step};
use crate::newsroom::press::Press;
use crate::newsroom::random::Random;
use crate::newsroom::record::Record;
use crate::newsroom::story::{Numbering, Source};

/// Where local seeds lie, from the working directory.
const SEEDS: &str = "../shared/seeds";

/// A feed of an endless script lists no more than this.
const LONGEST_FEED: usize = 60;

/// How long open connections may take to end.
const FAREWELL: Duration = Duration::from_secs(3);

/// What happens after the opening.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Script {
    /// Nothing: all articles come out at the start.
    Still,
    /// The script is played, then everything stays as it is.
    Once,
    /// The script is played, then new articles come out, are corrected and withdrawn for ever.
    Endless,
    /// A new article comes out at every step, for ever, and nothing else happens.
    Steady,
}

/// What the newsroom shall be.
#[derive(Clone, Debug)]
pub(crate) struct NewsroomOptions {
    /// So many feeds, each at its own address; the dozen bundled outlets if not said.
    pub(crate) feeds: Option<usize>,
    /// So many numbered variants; every bundled article once if not said.
    pub(crate) articles: Option<usize>,
    /// Decides everything else.
    pub(crate) seed: u64,
    /// A folder of saved pages to serve instead of the bundled articles.
    pub(crate) replay: Option<PathBuf>,
    /// The addresses.
    pub(crate) listen: ListenOn,
    /// Between two steps of the script.
    pub(crate) pace: Duration,
    /// How long the script waits for readers to have asked for all that was open.
    pub(crate) opening: Duration,
    /// A file for the record, as JSON Lines.
    pub(crate) record: Option<PathBuf>,
    /// What happens after the opening.
    pub(crate) script: Script,
}

impl Default for NewsroomOptions {
    fn default() -> Self {
        Self {
            feeds: None,
            articles: None,
            seed: 1,
            replay: None,
            listen: ListenOn::Loopback { port: 0 },
            pace: Duration::from_secs(2),
            opening: Duration::ZERO,
            record: None,
            script: Script::Once,
        }
    }
}

/// A feed that the newsroom serves.
#[derive(Clone, Debug)]
pub(crate) struct FeedAddress {
    /// Its address.
    pub(crate) url: Url,
    /// Its outlet's name and language.
    pub(crate) labels: Vec<String>,
}

/// A running newsroom; it ends when it is dropped.
#[derive(Debug)]
pub(crate) struct Newsroom {
    /// All feeds, in order.
    pub(crate) feeds: Vec<FeedAddress>,
    press: Arc<Press>,
    stop: CancellationToken,
    finished: CancellationToken,
    tasks: JoinSet<()>,
}

/// Opens the newsroom: when this returns, the feeds answer.
pub(crate) async fn start(options: NewsroomOptions, clock: Clock) -> anyhow::Result<Newsroom> {
    let edition = Edition::compose(&options)?;
    let hosts: Vec<&str> = edition.outlets.iter().map(|outlet| outlet.host.as_str()).collect();
    let (listeners, bases) = listen::bind(options.listen, &hosts).await?;
    let mut sites = Vec::with_capacity(bases.len());
    for (index, (outlet, base)) in edition.outlets.iter().zip(bases).enumerate() {
        let feed_path = match options.feeds {
            Some(_) => format!("/feed/{index}.xml"),
            None => "/feed.xml".to_owned(),
        };
        sites.push(Site { outlet: Arc::clone(outlet), base, feed_path });
    }
    let mut feeds = Vec::with_capacity(sites.len());
    for site in &sites {
        let labels = vec![site.outlet.name.clone(), site.outlet.language.clone()];
        feeds.push(FeedAddress { url: Url::parse(&site.feed_url())?, labels });
    }
    let record = match &options.record {
        Some(path) => Record::in_file(path)?,
        None => Record::default(),
    };
    let press = Arc::new(Press::new(clock, sites, &edition.drafts, record));
    press.open(&edition.opening);

    let (stop, finished) = (CancellationToken::new(), CancellationToken::new());
    let mut tasks = JoinSet::new();
    for listener in listeners {
        let router = server::router(Arc::clone(&press), listener.door);
        let stopped = stop.clone().cancelled_owned();
        tasks.spawn(async move {
            let served = axum::serve(listener.socket, router).with_graceful_shutdown(stopped);
            if let Err(error) = served.await {
                warn!(%error, "an outlet of the newsroom is not served any more");
            }
        });
    }
    let playing = play(Arc::clone(&press), edition, options, finished.clone());
    let stopped = stop.clone();
    tasks.spawn(async move {
        stopped.run_until_cancelled(playing).await;
    });
    Ok(Newsroom { feeds, press, stop, finished, tasks })
}

impl Newsroom {
    /// The addresses of the feeds, in order.
    pub(crate) fn feed_urls(&self) -> Vec<Url> {
        self.feeds.iter().map(|feed| feed.url.clone()).collect()
    }

    /// The feeds as an OPML document, with a folder for each language.
    pub(crate) fn opml(&self) -> String {
        opml(self.press.sites())
    }

    /// What was done so far, in order.
    pub(crate) fn record(&self) -> Vec<Deed> {
        self.press.deeds()
    }

    /// From when until when each feed listed each version of each article.
    pub(crate) fn listings(&self) -> Vec<Listing> {
        self.press.listings()
    }

    /// Waits until a script that is played once has come to its end.
    pub(crate) async fn played(&self) {
        self.finished.cancelled().await;
    }

    /// Cancelled when the newsroom is to end; whoever cancels it ends it.
    pub(crate) fn stopped(&self) -> CancellationToken {
        self.stop.clone()
    }

    /// Ends the newsroom and waits for its tasks.
    pub(crate) async fn shutdown(mut self) {
        self.stop.cancel();
        let ended = async { while self.tasks.join_next().await.is_some() {} };
        if tokio::time::timeout(FAREWELL, ended).await.is_err() {
            self.tasks.shutdown().await;
        }
    }
}

/// All that is decided before anything is served.
struct Edition {
    outlets: Vec<Arc<Outlet>>,
    drafts: Vec<Draft>,
    opening: Vec<u32>,
    steps: Vec<Step>,
    desk: Option<Desk>,
}

impl Edition {
    fn compose(options: &NewsroomOptions) -> anyhow::Result<Self> {
        ensure!(options.feeds != Some(0), "a newsroom needs at least one feed");
        if let Some(folder) = &options.replay {
            let extent = replay::Extent {
                feeds: options.feeds.unwrap_or(usize::MAX),
                articles: options.articles.unwrap_or(usize::MAX),
            };
            let (outlets, drafts) = replay::read(folder, extent, options.seed)?;
            let opening = drafts.iter().map(|draft| draft.serial).collect();
            return Ok(Self { outlets, drafts, opening, steps: Vec::new(), desk: None });
        }
        let texts = texts::bundled()?;
        let outlets = match options.feeds {
            Some(count) => outlets::editions(count)?,
            None => outlets::bundled()?.into_iter().map(Arc::new).collect(),
        };
        let desk = Desk::new(&texts, &outlets)?;
        let mut drafts = match (options.feeds, options.articles) {
            (None, None) => desk.once(options.seed),
            (_, count) => desk.variants(options.seed, count.unwrap_or(texts.len())),
        };
        let (mut opening, mut steps) = plan::script(options.seed, &drafts, &outlets);
        if matches!(options.script, Script::Still | Script::Steady) {
            opening = drafts.iter().map(|draft| draft.serial).collect();
            steps.clear();
        }
        if options.articles.is_none() {
            for text in texts::seeds(Path::new(SEEDS))? {
                let serial = plan::serial(drafts.len());
                let (source, numbering) = (Source::Seed(text), Numbering::Single);
                let minutes = plan::minutes(options.seed, serial);
                drafts.push(Draft { serial, source, numbering, site: 0, minutes });
                opening.push(serial);
            }
        }
        Ok(Self { outlets, drafts, opening, steps, desk: Some(desk) })
    }
}

/// Plays the script.
async fn play(
    press: Arc<Press>,
    edition: Edition,
    options: NewsroomOptions,
    finished: CancellationToken,
) {
    // A reader that is slow, or none, only makes the script begin late.
    let _ = tokio::time::timeout(options.opening, press.read_through()).await;
    for step in &edition.steps {
        tokio::time::sleep(options.pace).await;
        press.perform(step);
    }
    finished.cancel();
    let Some(desk) = edition.desk else { return };
    let next = plan::serial(edition.drafts.len());
    match options.script {
        Script::Still | Script::Once => {}
        Script::Endless => improvise(&press, &desk, &options, next).await,
        Script::Steady => print_steadily(&press, &desk, &options, next).await,
    }
}

/// Brings an article out at every step. A late step does not delay the next, so that the pace is
/// kept on a busy machine.
async fn print_steadily(press: &Press, desk: &Desk, options: &NewsroomOptions, first: u32) {
    let mut steps = tokio::time::interval(options.pace.max(Duration::from_millis(1)));
    for serial in first.. {
        steps.tick().await;
        let draft = desk.variant(options.seed, serial);
        press.plan(&draft);
        press.perform(&Step::Publish { serial });
        press.trim(draft.site, LONGEST_FEED);
    }
}

/// Brings articles out, corrects them and takes them back, as chance has it.
async fn improvise(press: &Press, desk: &Desk, options: &NewsroomOptions, first: u32) {
    let mut random = Random::new(options.seed.wrapping_add(1));
    let (mut next, mut recent) = (first, Vec::new());
    loop {
        tokio::time::sleep(options.pace).await;
        let step = match random.below(8) {
            0 if !recent.is_empty() => {
                Step::Withdraw { serial: recent.swap_remove(random.below(recent.len())) }
            }
            1 | 2 if !recent.is_empty() => {
                Step::Correct { serial: recent[random.below(recent.len())] }
            }
            _ => {
                let draft = desk.variant(options.seed, next);
                press.plan(&draft);
                recent.push(next);
                if recent.len() > LONGEST_FEED {
                    recent.remove(0);
                }
                next = next.saturating_add(1);
                Step::Publish { serial: draft.serial }
            }
        };
        press.perform(&step);
        for site in 0..press.sites().len() {
            press.trim(site, LONGEST_FEED);
        }
    }
}

fn opml(sites: &[Site]) -> String {
    let mut languages: Vec<&str> = sites.iter().map(|site| &*site.outlet.language).collect();
    languages.sort_unstable();
    languages.dedup();
    let mut xml = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<opml version=\"2.0\">\n\
                   <head><title>khobor newsroom</title></head>\n<body>\n"
        .to_owned();
    for language in languages {
        let _ = writeln!(xml, "<outline text=\"{language}\">");
        for site in sites.iter().filter(|site| site.outlet.language == language) {
            let name = markup::escape(&site.outlet.name);
            let _ = writeln!(
                xml,
                "<outline type=\"rss\" text=\"{name}\" xmlUrl=\"{}\" htmlUrl=\"{}\" \
                 language=\"{language}\"/>",
                site.feed_url(),
                site.base,
            );
        }
        xml.push_str("</outline>\n");
    }
    xml.push_str("</body>\n</opml>\n");
    xml
}

#[cfg(test)]
mod tests;
