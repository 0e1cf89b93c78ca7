//! A small web server and a sink in process, for the tests of whole visits.

#![allow(clippy::unwrap_used, reason = "what fails here fails the test")]
#![allow(dead_code, reason = "each test uses its own part")]

use std::collections::{HashMap, VecDeque};
use std::fmt::Write as _;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use article::clock::Clock;
use article::event::{DeadLetter, Event};
use article::parcel::{Parcel, Signed, Verdict};
use article::shard::ShardId;
use article::{Article, url_key::url_key};
use ingest::{Counts, FeedConfig, FeedRow, IngestConfig, Ledger, Metrics, Shard, Span};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use url::Url;

#[derive(Default)]
struct Site {
    pages: HashMap<String, (u16, String)>,
    tags: HashMap<String, String>,
    hits: HashMap<String, usize>,
    not_modified: HashMap<String, usize>,
    heads: HashMap<String, String>,
    headers: HashMap<String, String>,
}

/// A web server on every address of 127/8.
pub(crate) struct Origin {
    port: u16,
    site: Arc<Mutex<Site>>,
    _tasks: JoinSet<()>,
}

impl Origin {
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("0.0.0.0:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let site = Arc::new(Mutex::new(Site::default()));
        let mut tasks = JoinSet::new();
        let shared = Arc::clone(&site);
        tasks.spawn(async move {
            let mut connections = JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                connections.spawn(serve(stream, Arc::clone(&shared)));
            }
        });
        Self { port, site, _tasks: tasks }
    }

    pub(crate) fn url(&self, path: &str) -> Url {
        Url::parse(&format!("http://127.0.0.1:{}{path}", self.port)).unwrap()
    }

    pub(crate) fn set(&self, path: &str, status: u16, body: &str) {
        let body = body.replace("PORT", &self.port.to_string());
        self.site.lock().unwrap().pages.insert(path.to_owned(), (status, body));
    }

    pub(crate) fn tag(&self, path: &str, tag: &str) {
        self.site.lock().unwrap().tags.insert(path.to_owned(), tag.to_owned());
    }

    /// A line that stands in the head of the answer.
    pub(crate) fn header(&self, path: &str, line: &str) {
        let line = line.replace("PORT", &self.port.to_string());
        self.site.lock().unwrap().headers.insert(path.to_owned(), format!("{line}\r\n"));
    }

    /// The head of the last request for this path.
    pub(crate) fn head(&self, path: &str) -> String {
        self.site.lock().unwrap().heads.get(path).cloned().unwrap_or_default()
    }

    pub(crate) fn hits(&self, path: &str) -> usize {
        self.site.lock().unwrap().hits.get(path).copied().unwrap_or(0)
    }

    pub(crate) fn all_hits(&self) -> usize {
        self.site.lock().unwrap().hits.values().sum()
    }

    pub(crate) fn not_modified(&self, path: &str) -> usize {
        self.site.lock().unwrap().not_modified.get(path).copied().unwrap_or(0)
    }
}

async fn serve(mut stream: TcpStream, site: Arc<Mutex<Site>>) {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") {
        if stream.read(&mut byte).await.unwrap_or(0) == 0 {
            return;
        }
        head.push(byte[0]);
    }
    let head = String::from_utf8_lossy(&head).into_owned();
    let path = head.split_whitespace().nth(1).unwrap_or("/").to_owned();
    let answer = {
        let mut site = site.lock().unwrap();
        *site.hits.entry(path.clone()).or_default() += 1;
        site.heads.insert(path.clone(), head.clone());
        let lines = site.headers.get(&path).cloned().unwrap_or_default();
        let (mut status, mut body) =
            site.pages.get(&path).cloned().unwrap_or((404, "not here".to_owned()));
        let tag = site.tags.get(&path).cloned();
        if let Some(tag) = &tag
            && head.contains(&format!("if-none-match: {tag}\r\n"))
        {
            *site.not_modified.entry(path).or_default() += 1;
            (status, body) = (304, String::new());
        }
        let tag = tag.map(|tag| format!("etag: {tag}\r\n")).unwrap_or_default();
        format!(
            "HTTP/1.1 {status} x\r\ncontent-length: {}\r\n{tag}{lines}connection: close\r\n\r\n{body}",
            body.len()
        )
    };
    let _ = stream.write_all(answer.as_bytes()).await;
}

/// An RSS feed; each item is guid, path or address, date.
pub(crate) fn feed_of(origin: &Origin, items: &[(&str, &str, &str)]) -> String {
    let mut feed = "<?xml version=\"1.0\"?><rss version=\"2.0\"><channel><title>A feed</title>\
        <link>http://example.com/</link>"
        .to_owned();
    for (guid, at, date) in items {
        let link = if at.starts_with('/') { origin.url(at).to_string() } else { (*at).to_owned() };
        let date: jiff::Timestamp = date.parse().unwrap();
        let date = date.strftime("%a, %d %b %Y %H:%M:%S GMT");
        let _ = write!(
            feed,
            "<item><guid isPermaLink=\"false\">{guid}</guid><link>{link}</link>\
             <title>A title of {guid}</title><description>short</description>\
             <pubDate>{date}</pubDate></item>"
        );
    }
    feed + "</channel></rss>"
}

/// A page with one paragraph, long enough to be an article.
pub(crate) fn page_of(text: &str) -> String {
    format!(
        "<!doctype html><html lang=\"en\"><head><title>Fog on the river</title></head><body>\
         <article><h1>Fog on the river</h1><p>{text}</p>\
         <p>Boats were tied up along the quay and the harbour master said that no one had been in \
         danger at any time during the morning, although many had missed their trains.</p>\
         <p>The service runs every forty minutes on ordinary days and carries two thousand people, \
         most of them on their way to the markets of the old town.</p></article></body></html>"
    )
}

/// What the journal would be: it keeps the events and signs, or loses them.
#[derive(Default)]
pub(crate) struct Sink {
    events: Mutex<Vec<Event<Article>>>,
    to_lose: Mutex<usize>,
    answers: Mutex<VecDeque<Verdict>>,
}

impl Sink {
    /// The next so many articles are dropped unsigned.
    pub(crate) fn lose(&self, count: usize) {
        *self.to_lose.lock().unwrap() = count;
    }

    /// The next article is answered so.
    pub(crate) fn answer(&self, verdict: Verdict) {
        self.answers.lock().unwrap().push_back(verdict);
    }

    fn take(&self, parcel: Parcel<Event<Article>>) {
        let (event, _, slip) = parcel.open();
        if matches!(event, Event::Article(_)) {
            let mut to_lose = self.to_lose.lock().unwrap();
            if *to_lose > 0 {
                *to_lose -= 1;
                return;
            }
        }
        let mut events = self.events.lock().unwrap();
        events.push(event);
        let verdict = self.answers.lock().unwrap().pop_front();
        let verdict = verdict.unwrap_or(Verdict::Recorded { version: 1 });
        slip.sign(Signed { seq: events.len() as u64, verdict });
    }
}

/// Ingest with everything around it.
pub(crate) struct House {
    pub(crate) config: IngestConfig,
    pub(crate) clock: Clock,
    pub(crate) ledgers: Vec<Ledger>,
    pub(crate) sink: Arc<Sink>,
    metrics: Arc<Metrics>,
    stop: CancellationToken,
    tasks: JoinSet<()>,
    feeds: Vec<Url>,
    _folder: Arc<tempfile::TempDir>,
}

impl House {
    pub(crate) fn open(origin: &Origin, feeds: &[&str], shards: u16) -> Self {
        Self::open_with(origin, feeds, shards, |_| {})
    }

    /// The same, with settings of the feeds' own.
    pub(crate) fn open_with(
        origin: &Origin,
        feeds: &[&str],
        shards: u16,
        set: impl Fn(&mut FeedConfig),
    ) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let clock = Clock::simulated("2026-03-01T12:00:00Z".parse().unwrap());
        let feeds: Vec<Url> = feeds.iter().map(|path| origin.url(path)).collect();
        let mut config = IngestConfig::default();
        config.fetch.allow = vec!["127.0.0.0/8".parse().unwrap()];
        config.fetch.pace = Span(Duration::from_millis(1));
        config.feeds = feeds.iter().cloned().map(FeedConfig::new).collect();
        config.feeds.iter_mut().for_each(set);
        let ledgers: Vec<Ledger> = (0..shards)
            .map(|shard| {
                let path = folder.path().join(format!("{shard}.sqlite"));
                Ledger::open(&path, ShardId(shard)).unwrap()
            })
            .collect();
        let now = clock.now().as_millisecond();
        assert_eq!(ingest::sync_feeds(&ledgers, &config.feeds, now).unwrap(), feeds.len());
        Self {
            config,
            clock,
            ledgers,
            sink: Arc::default(),
            metrics: Arc::default(),
            stop: CancellationToken::new(),
            tasks: JoinSet::new(),
            feeds,
            _folder: Arc::new(folder),
        }
    }

    pub(crate) fn start(mut self) -> Self {
        self.stop = CancellationToken::new();
        self.metrics = Arc::default();
        let (sender, mut parcels) = mpsc::channel(8);
        let shards = self
            .ledgers
            .iter()
            .map(|ledger| Shard { ledger: ledger.clone(), parcels: sender.clone() })
            .collect();
        drop(sender);
        let sink = Arc::clone(&self.sink);
        self.tasks.spawn(async move {
            while let Some(parcel) = parcels.recv().await {
                sink.take(parcel);
            }
        });
        let (_, paused) = watch::channel(false);
        let run = ingest::run(
            self.config.clone(),
            shards,
            self.clock.clone(),
            Arc::clone(&self.metrics),
            paused,
            self.stop.clone(),
        );
        self.tasks.spawn(async move { run.await.unwrap() });
        self
    }

    pub(crate) async fn stop(mut self) -> Self {
        self.stop.cancel();
        let join = async {
            while let Some(ended) = self.tasks.join_next().await {
                ended.unwrap();
            }
        };
        tokio::time::timeout(Duration::from_secs(10), join).await.expect("ingest ends");
        self
    }

    pub(crate) async fn until(&self, what: &str, done: impl Fn(&Self) -> bool) {
        for _ in 0..500 {
            if done(self) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        let feeds = ingest::feeds_status(&self.ledgers).unwrap();
        panic!("never: {what}; {:?}; {feeds:#?}", self.counts());
    }

    pub(crate) fn counts(&self) -> Counts {
        self.metrics.counts()
    }

    pub(crate) fn lost(&self) -> usize {
        let mut text = String::new();
        self.metrics.render(&mut text);
        let line = text.lines().find(|line| line.starts_with("khobor_ingest_parcels_lost_total "));
        line.and_then(|line| line.rsplit(' ').next()?.parse().ok()).unwrap_or(0)
    }

    pub(crate) fn now(&self) -> i64 {
        self.clock.now().as_millisecond()
    }

    pub(crate) fn events(&self) -> Vec<Event<Article>> {
        self.sink.events.lock().unwrap().clone()
    }

    pub(crate) fn articles(&self) -> Vec<Article> {
        let article = |event| match event {
            Event::Article(article) => Some(*article),
            _ => None,
        };
        self.events().into_iter().filter_map(article).collect()
    }

    pub(crate) fn letters(&self) -> Vec<DeadLetter> {
        let letter = |event| match event {
            Event::DeadLetter(letter) => Some(*letter),
            _ => None,
        };
        self.events().into_iter().filter_map(letter).collect()
    }

    pub(crate) fn feed(&self, path: &str) -> FeedRow {
        let url = self.feeds.iter().find(|url| url_key(url).ends_with(path)).unwrap();
        self.ledgers.iter().find_map(|ledger| ledger.feed(url.as_str()).unwrap()).unwrap()
    }
}
