//! A document that ends the process is left alone after the third time, and nothing else with it.
//!
//! The lives are processes: this test again, told by a variable which life it is. In them a panic is
//! an abort, as it would be where the panic's own guard fails, and the document makes feed-rs panic.

#![allow(clippy::unwrap_used, reason = "what fails here fails the test")]

use std::path::Path;
use std::pin::Pin;
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use article::clock::Clock;
use article::event::Event;
use article::parcel::{Parcel, Signed, Verdict};
use article::shard::ShardId;
use ingest::fetch::{Answer, Got, Kind, Web};
use ingest::ledger::Validators;
use ingest::outcome::Refusal;
use ingest::{FeedConfig, IngestConfig, Ledger, Metrics, Shard, Tools};
use tokio::sync::mpsc;
use url::Url;

const LIFE: &str = "KHOBOR_TEST_LIFE";
const FOLDER: &str = "KHOBOR_TEST_FOLDER";

/// feed-rs 3.0.0 cuts the address off within a letter; nothing else is in the entry, so it is asked.
const DEADLY: &str = "<rss version=\"2.0\"><channel><title>t</title><item>\
    <link>http://deadly.example/1</link><author>a@example.com। ঢাকা</author></item></channel></rss>";

const GOOD: &str = "<rss version=\"2.0\"><channel><title>t</title><item><title>The river</title>\
    <link>http://good.example/1</link></item></channel></rss>";

const PAGE: &str = "<article><h1>The river</h1><p>The water fell again by two metres in the night, \
    says the report that the office gave on Monday, and the ferries go again.</p></article>";

/// Two feeds, one of them deadly, and a page.
struct Site;

impl Web for Site {
    fn get<'a>(
        &'a self,
        url: &'a Url,
        kind: Kind,
        _: &'a Validators,
    ) -> Pin<Box<dyn Future<Output = Result<Answer, Refusal>> + Send + 'a>> {
        let body = match (kind, url.host_str()) {
            (Kind::Feed, Some("deadly.example")) => DEADLY,
            (Kind::Feed, _) => GOOD,
            _ => PAGE,
        };
        let body = body.as_bytes().to_vec();
        let headers = http::HeaderMap::new();
        let got = Got { url: url.clone(), moved: None, status: 200, headers, body };
        Box::pin(async move { Ok(Answer::Got(Box::new(got))) })
    }
}

#[test]
fn a_document_that_ends_the_process_is_left_alone_after_the_third_time() {
    if let (Ok(life), Ok(folder)) = (std::env::var(LIFE), std::env::var(FOLDER)) {
        return live(life.parse().unwrap(), Path::new(&folder));
    }
    let folder = tempfile::tempdir().unwrap();
    let mut survived = Vec::new();
    for life in 0..5 {
        let status = Command::new(std::env::current_exe().unwrap())
            .args([
                "--exact",
                "a_document_that_ends_the_process_is_left_alone_after_the_third_time",
            ])
            .env(LIFE, life.to_string())
            .env(FOLDER, folder.path())
            .status()
            .unwrap();
        survived.push(status.success());
    }
    assert_eq!(survived, [false, false, false, true, true]);
    let ledger = Ledger::open(&folder.path().join("ledger.sqlite"), ShardId(0)).unwrap();
    let row = |host: &str| ledger.feed(&format!("http://{host}.example/feed")).unwrap().unwrap();
    assert!(row("deadly").failing_since.is_some());
    let said = format!("{:?}", row("deadly"));
    assert!(said.contains("the process ended while parsing it"), "{said}");
    assert!(row("good").failing_since.is_none(), "{:?}", row("good"));
}

/// An hour of polling, some hours after the life before.
#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn live(life: i64, folder: &Path) {
    std::panic::set_hook(Box::new(|_| std::process::abort()));
    let begins: jiff::Timestamp = "2026-03-02T00:00:00Z".parse().unwrap();
    let clock = Clock::simulated(begins + jiff::SignedDuration::from_hours(3 * life));
    let ledger = Ledger::open(&folder.join("ledger.sqlite"), ShardId(0)).unwrap();
    let feeds = ["good", "deadly"]
        .map(|host| FeedConfig::new(format!("http://{host}.example/feed").parse().unwrap()));
    ingest::sync_feeds(std::slice::from_ref(&ledger), &feeds, clock.now().as_millisecond())
        .unwrap();
    let (parcels, mut sink) = mpsc::channel::<Parcel<Event<article::Article>>>(64);
    let mut signer = tokio::task::JoinSet::new();
    signer.spawn(async move {
        let mut seq = 0;
        while let Some(parcel) = sink.recv().await {
            seq += 1;
            parcel.open().2.sign(Signed { seq, verdict: Verdict::Recorded { version: 1 } });
        }
    });
    let shard = Shard { ledger, parcels };
    let tools = Tools { web: Arc::new(Site), clock, metrics: Arc::new(Metrics::default()) };
    let hour = Duration::from_hours(1);
    ingest::simulate(IngestConfig::default(), shard, tools, hour).await.unwrap();
    while signer.join_next().await.is_some() {}
}
