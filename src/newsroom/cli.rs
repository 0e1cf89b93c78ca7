//! The command `khobor newsroom`.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::Context as _;
use article::clock::Clock;
use tracing::{debug, info};

use crate::newsroom::{self, ListenOn, Newsroom, NewsroomOptions, Script};

/// Serves fictitious news outlets on loopback, or saved pages as outlets.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct NewsroomArgs {
    /// Serve this many feeds, each at an address of its own [default: a dozen]
    #[arg(long, value_name = "N")]
    feeds: Option<usize>,
    /// Print this many numbered variants of the articles [default: each article once]
    #[arg(long, value_name = "M")]
    articles: Option<usize>,
    /// What decides everything else
    #[arg(long, value_name = "S", default_value_t = 1)]
    seed: u64,
    /// Serve the saved pages in this folder (truth.jsonl and pages/*.html.gz)
    #[arg(long, value_name = "DIR")]
    replay: Option<PathBuf>,
    /// Serve all outlets at this address by host name, not each at its own loopback address
    #[arg(long, value_name = "ADDRESS")]
    listen: Option<SocketAddr>,
    /// The port of the loopback addresses; 0 for a free one
    #[arg(long, default_value_t = 0, conflicts_with = "listen")]
    port: u16,
    /// Seconds between two steps of the script
    #[arg(long, value_name = "SECONDS", default_value = "2", value_parser = seconds)]
    pace: Duration,
    /// Seconds that the script waits, at most, for readers to have read all that is open
    #[arg(long, value_name = "SECONDS", default_value = "0", value_parser = seconds)]
    opening: Duration,
    /// Also write the record to this file, as JSON Lines
    #[arg(long, value_name = "FILE")]
    record: Option<PathBuf>,
    /// Write the feeds to this file, as OPML
    #[arg(long, value_name = "FILE")]
    opml: Option<PathBuf>,
    /// What happens after the opening
    #[arg(long, value_enum, default_value_t = Script::Endless)]
    script: Script,
}

impl NewsroomArgs {
    fn options(&self) -> NewsroomOptions {
        NewsroomOptions {
            feeds: self.feeds,
            articles: self.articles,
            seed: self.seed,
            replay: self.replay.clone(),
            listen: match self.listen {
                Some(address) => ListenOn::VirtualHosts(address),
                None => ListenOn::Loopback { port: self.port },
            },
            pace: self.pace,
            opening: self.opening,
            record: self.record.clone(),
            script: self.script,
        }
    }
}

/// Opens the newsroom, prints its feeds' addresses one a line, and runs until it is told to end.
pub(crate) async fn command(args: NewsroomArgs) -> anyhow::Result<()> {
    let newsroom = newsroom::start(args.options(), Clock::system()).await?;
    if let Some(path) = &args.opml {
        std::fs::write(path, newsroom.opml())
            .with_context(|| format!("writing the feeds to {}", path.display()))?;
    }
    for feed in &newsroom.feeds {
        debug!(feed.url = %feed.url, labels = ?feed.labels, "a feed is open");
    }
    print(&newsroom.feed_urls());
    let stopped = newsroom.stopped();
    let told = tokio::select! {
        told = told_to_end() => told,
        () = stopped.cancelled() => Ok(()),
        () = played(&newsroom) => Ok(()),
    };
    info!(
        deeds = newsroom.record().len(),
        listings = newsroom.listings().len(),
        "the newsroom closes"
    );
    newsroom.shutdown().await;
    told
}

/// Says when the script is over; never ends, for the feeds stay open.
async fn played(newsroom: &Newsroom) {
    newsroom.played().await;
    info!("the newsroom's script has been played");
    std::future::pending::<()>().await;
}

#[expect(clippy::print_stdout, reason = "the addresses are the command's answer")]
fn print(urls: &[url::Url]) {
    for url in urls {
        println!("{url}");
    }
}

async fn told_to_end() -> anyhow::Result<()> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminate = signal(SignalKind::terminate()).context("listening for SIGTERM")?;
    let mut interrupt = signal(SignalKind::interrupt()).context("listening for SIGINT")?;
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    Ok(())
}

fn seconds(text: &str) -> Result<Duration, String> {
    let seconds: f64 = text.parse().map_err(|_| format!("{text} is no number of seconds"))?;
    Duration::try_from_secs_f64(seconds).map_err(|error| error.to_string())
}
