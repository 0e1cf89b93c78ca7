//! The whole configuration: each room's own part, composed.

use std::collections::HashSet;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use ingest::config::{FetchConfig, ScheduleConfig};
use ingest::{FeedConfig, IngestConfig};
use serde::{Deserialize, Serialize};
use sink::{JournalConfig, KafkaConfig};
use url::Url;

/// The configuration's schema version that this program writes and reads.
const VERSION: u32 = 1;

/// Most shards in one process: each costs a publisher's threads (measured: 5 to 6 a shard).
const MOST_SHARDS: u16 = 32;

/// All settings; unknown ones are refused.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Config {
    /// The schema of this file.
    pub(crate) version: u32,
    /// Where ledger and journal live.
    pub(crate) data_dir: PathBuf,
    /// Fixed when the data folder is made.
    pub(crate) shards: u16,
    /// A feed list to read beside the rows, relative to the configuration file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) opml: Option<PathBuf>,
    pub(crate) admin: AdminConfig,
    pub(crate) fetch: FetchConfig,
    pub(crate) schedule: ScheduleConfig,
    pub(crate) journal: JournalConfig,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) kafka: Option<KafkaConfig>,
    /// The feeds.
    pub(crate) feed: Vec<FeedConfig>,
}

/// The admin port.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct AdminConfig {
    /// `/metrics`, `/healthz`, `/readyz`.
    pub(crate) listen: SocketAddr,
}

impl Default for AdminConfig {
    fn default() -> Self {
        Self { listen: SocketAddr::from(([127, 0, 0, 1], 9464)) }
    }
}

impl Default for Config {
    fn default() -> Self {
        Self {
            version: VERSION,
            data_dir: PathBuf::from("data"),
            shards: 1,
            opml: None,
            admin: AdminConfig::default(),
            fetch: FetchConfig::default(),
            schedule: ScheduleConfig::default(),
            journal: JournalConfig::default(),
            kafka: None,
            feed: Vec::new(),
        }
    }
}

impl Config {
    /// What no single value shows: values that do not go together.
    pub(crate) fn contradictions(&self) -> Vec<String> {
        let mut faults = Vec::new();
        if self.version != VERSION {
            faults.push(format!("version is {}, this program reads {VERSION}", self.version));
        }
        if !(1..=MOST_SHARDS).contains(&self.shards) {
            faults.push(format!("shards is {}, allowed are 1 to {MOST_SHARDS}", self.shards));
        }
        if self.schedule.shortest > self.schedule.longest {
            faults.push(format!(
                "schedule.shortest ({}) is longer than schedule.longest ({})",
                self.schedule.shortest, self.schedule.longest
            ));
        }
        for (name, value) in [
            ("fetch.connections", self.fetch.connections),
            ("fetch.connections_per_host", self.fetch.connections_per_host),
            ("fetch.body_bytes", self.fetch.body_bytes),
        ] {
            if value == 0 {
                faults.push(format!("{name} is 0, allowed are numbers from 1"));
            }
        }
        let mut seen = HashSet::new();
        for feed in &self.feed {
            let shown = article::escape::url(feed.url.as_str());
            if !matches!(feed.url.scheme(), "http" | "https") {
                faults.push(format!("feed {shown}: allowed schemes are http and https"));
            }
            if !seen.insert(&feed.url) {
                faults.push(format!("feed {shown} is listed twice"));
            }
        }
        faults
    }

    /// The same with the feeds of the OPML file that it names.
    pub(crate) fn with_opml(mut self, config: &Path) -> anyhow::Result<Self> {
        let Some(opml) = &self.opml else { return Ok(self) };
        let path = config.parent().unwrap_or(Path::new("")).join(opml);
        let fault = |message: String| {
            crate::config_file::Faults::one(format!("{}: {message}", path.display()))
        };
        let text = std::fs::read_to_string(&path)
            .map_err(|error| fault(format!("cannot be read: {error}")))?;
        let document =
            opml::OPML::from_str(&text).map_err(|error| fault(format!("is no OPML: {error}")))?;
        for feed in feeds_of(&document.body.outlines, &[]) {
            let known = self.feed.iter().any(|row| row.url == feed.url);
            if !known {
                self.feed.push(feed);
            }
        }
        Ok(self)
    }

    /// Ingest's part.
    pub(crate) fn ingest(&self) -> IngestConfig {
        IngestConfig {
            fetch: self.fetch.clone(),
            schedule: self.schedule.clone(),
            feeds: self.feed.clone(),
        }
    }
}

/// The feeds of an outline and of those inside it; the folders' names become labels.
fn feeds_of(outlines: &[opml::Outline], folders: &[String]) -> Vec<FeedConfig> {
    let mut feeds = Vec::new();
    for outline in outlines {
        let address = outline.xml_url.as_deref().map(Url::parse);
        if let Some(Ok(url)) = address {
            feeds.push(FeedConfig { labels: folders.to_vec(), ..FeedConfig::new(url) });
        }
        let mut inside = folders.to_vec();
        inside.push(outline.text.clone());
        feeds.extend(feeds_of(&outline.outlines, &inside));
    }
    feeds
}
