//! The whole configuration: each room's own part, composed.

use std::collections::HashSet;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use article::escape::one_line;
use ingest::config::{FetchConfig, ScheduleConfig};
use ingest::{FeedConfig, IngestConfig};
use serde::{Deserialize, Serialize};
use sink::{JournalConfig, KafkaConfig};
use url::Url;

/// The configuration's schema version that this program writes and reads.
const VERSION: u32 = 1;

/// Most shards in one process: each costs a publisher's threads (measured: 5 to 6 a shard).
const MOST_SHARDS: u16 = 32;
/// The fewest bytes of a journal: a few of the largest groups.
const JOURNAL_LEAST: u64 = 16 << 20;

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
    /// What could not be taken over from the feed list: one line each.
    #[serde(skip)]
    pub(crate) notes: Vec<String>,
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
            notes: Vec::new(),
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
        let spans = [
            ("fetch.timeout", self.fetch.timeout),
            ("fetch.idle_timeout", self.fetch.idle_timeout),
            ("fetch.connect_timeout", self.fetch.connect_timeout),
            ("schedule.shortest", self.schedule.shortest),
            ("schedule.base", self.schedule.base),
            ("schedule.page_retry", self.schedule.page_retry),
        ];
        for (name, _) in spans.into_iter().filter(|(_, span)| span.0.is_zero()) {
            faults.push(format!("{name} is 0, allowed are times from 1ms"));
        }
        if self.data_dir.as_os_str().is_empty() {
            faults.push("data_dir is empty, allowed is a folder".to_owned());
        }
        let words = [Some(&self.fetch.user_agent), self.fetch.contact.as_ref()];
        if words.into_iter().flatten().any(|text| text.chars().any(char::is_control)) {
            faults.push("fetch.user_agent and fetch.contact stand in a header: allowed are printed characters".to_owned());
        }
        for (name, value) in [
            ("fetch.connections", self.fetch.connections),
            ("fetch.connections_per_host", self.fetch.connections_per_host),
            ("fetch.body_bytes", self.fetch.body_bytes),
            ("schedule.page_attempts", self.schedule.page_attempts as usize),
        ] {
            if value == 0 {
                faults.push(format!("{name} is 0, allowed are numbers from 1"));
            }
        }
        if self.journal.max_bytes < JOURNAL_LEAST {
            faults.push(format!(
                "journal.max_bytes is {}, allowed are numbers from {JOURNAL_LEAST}",
                self.journal.max_bytes
            ));
        }
        if let Some(kafka) = &self.kafka {
            if kafka.brokers.split(',').any(|broker| broker.trim().is_empty()) {
                faults.push("kafka.brokers: allowed are host:port, separated by commas".to_owned());
            }
            for (name, value) in
                [("kafka.partitions", kafka.partitions), ("kafka.replication", kafka.replication)]
            {
                if value < 1 {
                    faults.push(format!("{name} is {value}, allowed are numbers from 1"));
                }
            }
        }
        let mut seen = HashSet::new();
        for feed in &self.feed {
            let shown = article::escape::url(feed.url.as_str());
            if !matches!(feed.url.scheme(), "http" | "https") {
                faults.push(format!("feed {shown}: allowed schemes are http and https"));
            }
            let own = (feed.shortest, feed.longest);
            let bounds =
                (own.0.unwrap_or(self.schedule.shortest), own.1.unwrap_or(self.schedule.longest));
            if own != (None, None) && bounds.0 > bounds.1 {
                let (shortest, longest) = bounds;
                faults.push(format!(
                    "feed {shown}: shortest ({shortest}) is longer than longest ({longest})"
                ));
            }
            if own.0.is_some_and(|span| span.0.is_zero()) {
                faults.push(format!("feed {shown}: shortest is 0, allowed are times from 1ms"));
            }
            let access = feed.access_faults().into_iter();
            faults.extend(access.map(|fault| format!("feed {shown}: {fault}")));
            if !seen.insert(&feed.url) {
                faults.push(format!("feed {shown} is listed twice"));
            }
        }
        faults
    }

    /// The same with the user names and passwords of its feeds' addresses where they belong.
    #[must_use]
    pub(crate) fn without_userinfo(mut self) -> Self {
        self.feed = self.feed.into_iter().map(FeedConfig::without_userinfo).collect();
        self
    }

    /// The same with the feeds of the OPML file that it names.
    pub(crate) fn with_opml(mut self, config: &Path) -> anyhow::Result<Self> {
        let Some(opml) = &self.opml else { return Ok(self) };
        let path = config.parent().unwrap_or(Path::new("")).join(opml);
        let fault = |message: String| {
            crate::config_file::Faults::one(format!("{}: {message}", path.display()))
        };
        let bytes =
            std::fs::read(&path).map_err(|error| fault(format!("cannot be read: {error}")))?;
        let document = feed::opml::read(&bytes).map_err(|error| fault(error.to_string()))?;
        let known: HashSet<Url> = self.feed.iter().map(|row| row.url.clone()).collect();
        let listed = ingest::feed_list::feeds(&document).into_iter();
        let listed = listed.map(FeedConfig::without_userinfo);
        self.feed.extend(listed.filter(|feed| !known.contains(&feed.url)));
        self.notes = document
            .faults
            .iter()
            .map(|fault| one_line(&format!("{}:{}: {}", path.display(), fault.line, fault.what)))
            .collect();
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
