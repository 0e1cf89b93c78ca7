//! A newsroom and a service that reads it, each in a process of its own.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::deeds::{self, Deed};
use super::process::{Running, ask, complained, until};

/// Longest wait for a process to be up.
const START: Duration = Duration::from_secs(15);

/// The service's two poll intervals, as [`Setup`] sets them, and a second for the work itself.
pub(crate) const TWO_INTERVALS: Duration = Duration::from_secs(9);

/// A running newsroom.
pub(crate) struct Newsroom {
    /// Its process.
    pub(crate) process: Running,
    /// Its feed list.
    pub(crate) opml: PathBuf,
    /// Its record of what it did.
    pub(crate) record: PathBuf,
}

impl Newsroom {
    /// Opens a newsroom whose files lie in `folder`; when this returns, its feeds answer.
    pub(crate) fn open(folder: &Path, arguments: &[&str]) -> Self {
        let opml = folder.join("feeds.opml");
        let record = folder.join("record.jsonl");
        let mut all = vec!["newsroom", "--port", "0", "--opml", text(&opml)];
        all.extend(["--record", text(&record)]);
        all.extend(arguments);
        let process = Running::start(&all, &folder.join("newsroom.log"));
        let is_open = until(START, || {
            std::fs::read_to_string(&opml).is_ok_and(|text| text.contains("</opml>"))
        });
        assert!(is_open, "the newsroom did not open:\n{}", process.log());
        Self { process, opml, record }
    }

    /// What it did so far.
    pub(crate) fn deeds(&self) -> Vec<Deed> {
        deeds::read(&self.record)
    }

    /// Whether its script is over.
    pub(crate) fn has_played(&self) -> bool {
        self.process.log().contains("script has been played")
    }

    /// How often each address was asked for.
    pub(crate) fn hits(&self) -> BTreeMap<String, u64> {
        let feeds = std::fs::read_to_string(&self.opml).expect("the feed list can be read");
        let (_, after) = feeds.split_once("htmlUrl=\"http://").expect("an outlet has a home page");
        let (authority, _) = after.split_once(['/', '"']).expect("an attribute ends");
        let (_, body) = get(authority.parse().expect("outlets are on loopback"), "/__hits");
        serde_json::from_str(&body).expect("the hits are JSON")
    }
}

/// How a service shall be set up.
pub(crate) struct Setup<'a> {
    /// Where its files lie.
    pub(crate) folder: &'a Path,
    /// Its feed list.
    pub(crate) opml: &'a Path,
    /// Its shards.
    pub(crate) shards: u16,
    /// Brokers, and what stands before the topics' names.
    pub(crate) kafka: Option<(&'a str, &'a str)>,
}

/// A service's files and addresses; it can be started, killed and started again.
pub(crate) struct Service {
    /// Its configuration.
    pub(crate) config: PathBuf,
    /// Its data folder.
    pub(crate) data: PathBuf,
    /// Its admin port.
    pub(crate) admin: SocketAddr,
    log: PathBuf,
}

impl Service {
    /// Writes the configuration.
    pub(crate) fn new(setup: &Setup<'_>) -> Self {
        let folder = setup.folder;
        std::fs::create_dir_all(folder).expect("a folder can be made");
        let (config, data) = (folder.join("khobor.toml"), folder.join("data"));
        let admin = SocketAddr::from(([127, 0, 0, 1], free_port()));
        // The ladder is long enough to see what is taken back while a script plays.
        let recheck = vec!["\"4s\""; 60].join(", ");
        let mut toml = format!(
            "data_dir = \"{}\"\nshards = {}\nopml = \"{}\"\n\
             [admin]\nlisten = \"{admin}\"\n\
             [fetch]\nallow = [\"127.0.0.0/8\"]\npace = \"0ms\"\n\
             [schedule]\nshortest = \"2s\"\nbase = \"2s\"\nlongest = \"4s\"\n\
             page_retry = \"1s\"\nrecheck = [\"2s\", {recheck}]\n",
            data.display(),
            setup.shards,
            setup.opml.display(),
        );
        if let Some((brokers, prefix)) = setup.kafka {
            let _ = write!(toml, "[kafka]\nbrokers = \"{brokers}\"\ntopic_prefix = \"{prefix}\"\n");
        }
        std::fs::write(&config, toml).expect("a configuration can be written");
        Self { config, data, admin, log: folder.join("khobor.log") }
    }

    /// Polls by these lines of the configuration instead of the usual ones.
    pub(crate) fn reschedule(&self, lines: &str) {
        let config = std::fs::read_to_string(&self.config).expect("a configuration can be read");
        let (before, after) = config.split_once("[schedule]\n").expect("there is a schedule");
        let after = after.find("[kafka]").map_or("", |at| &after[at..]);
        let config = format!("{before}[schedule]\n{lines}\n{after}");
        std::fs::write(&self.config, config).expect("a configuration can be written");
    }

    /// Makes its topics.
    pub(crate) fn apply_topics(&self) {
        let output = ask(&["topics", "apply", "--config", text(&self.config)]);
        assert!(output.status.success(), "no topics: {}", complained(&output));
    }

    /// Starts it.
    pub(crate) fn start(&self) -> Running {
        Running::start(&["run", "--config", text(&self.config)], &self.log)
    }

    /// Starts it and waits until it says that it lives.
    pub(crate) fn start_and_wait(&self) -> Running {
        let process = self.start();
        let admin = self.admin.to_string();
        let lives = until(START, || ask(&["health", "--admin", &admin]).status.success());
        assert!(lives, "the service did not come up:\n{}", process.log());
        process
    }

    /// The articles' records in its journal, as `khobor tail` prints them.
    pub(crate) fn tail(&self) -> Vec<serde_json::Value> {
        let data = text(&self.data);
        let output = ask(&["tail", "--from", "start", "--no-follow", "--data-dir", data]);
        let lines = String::from_utf8(output.stdout).expect("records are UTF-8");
        lines
            .lines()
            .map(|line| serde_json::from_str(line).expect("records are JSON Lines"))
            .collect()
    }

    /// The number of the last row of all its journals together.
    pub(crate) fn last_row(&self) -> i64 {
        let mut sum = 0;
        for entry in std::fs::read_dir(&self.data).into_iter().flatten().flatten() {
            let journal = entry.path().join("journal.sqlite");
            if journal.exists() {
                let flags = rusqlite::OpenFlags::SQLITE_OPEN_READ_ONLY;
                let last = rusqlite::Connection::open_with_flags(&journal, flags)
                    .and_then(|connection| {
                        let query = "SELECT coalesce(max(seq), 0) FROM rows";
                        connection.query_row(query, [], |row| row.get::<_, i64>(0))
                    })
                    .unwrap_or(0);
                sum += last;
            }
        }
        sum
    }
}

/// Status and body of an address.
pub(crate) fn get(address: SocketAddr, path: &str) -> (u16, String) {
    let mut stream = TcpStream::connect(address).expect("the address answers");
    stream.set_read_timeout(Some(START)).expect("a timeout can be set");
    let request = format!("GET {path} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).expect("a request can be sent");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("an answer can be read");
    let (head, body) = answer.split_once("\r\n\r\n").expect("an answer has a head");
    let status = head.split(' ').nth(1).and_then(|status| status.parse().ok());
    (status.expect("an answer has a status"), body.to_owned())
}

/// A port that nobody listens on.
pub(crate) fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
    listener.local_addr().expect("a listener has an address").port()
}

/// A path as an argument.
pub(crate) fn text(path: &Path) -> &str {
    path.to_str().expect("our own paths are UTF-8")
}
