//! The newsroom as its readers see it.

use std::time::Duration;

use article::clock::Clock;
use jiff::Timestamp;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use url::Url;

use super::record::Action;
use super::story::mark;
use super::*;

fn clock() -> Clock {
    Clock::simulated("2026-03-01T12:00:00Z".parse::<Timestamp>().unwrap())
}

fn still() -> NewsroomOptions {
    NewsroomOptions { script: Script::Still, ..NewsroomOptions::default() }
}

/// One request by hand: the answer's head and body.
async fn get(url: &Url, host: Option<&str>, more: &str) -> (String, String) {
    let address = (url.host_str().unwrap(), url.port_or_known_default().unwrap());
    let mut stream = TcpStream::connect(address).await.unwrap();
    let (path, host) = (url.path(), host.or(url.host_str()).unwrap());
    let request = format!("GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n{more}\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    (head.to_owned(), body.to_owned())
}

fn header<'a>(head: &'a str, name: &str) -> &'a str {
    let line = head.lines().find(|line| line.starts_with(name)).unwrap();
    line.split_once(": ").unwrap().1
}

async fn played(seed: u64) -> Vec<(Option<u32>, Option<u32>, Action)> {
    let pace = Duration::from_millis(1);
    let options = NewsroomOptions { seed, pace, ..NewsroomOptions::default() };
    let newsroom = start(options, clock()).await.unwrap();
    newsroom.played().await;
    let deeds = newsroom.record();
    newsroom.shutdown().await;
    deeds.into_iter().map(|deed| (deed.serial, deed.version, deed.action)).collect()
}

#[tokio::test]
async fn a_steady_newsroom_only_publishes_and_lets_go_of_the_oldest() {
    let options = NewsroomOptions {
        feeds: Some(2),
        articles: Some(2),
        script: Script::Steady,
        pace: Duration::from_millis(1),
        ..NewsroomOptions::default()
    };
    let newsroom = start(options, clock()).await.unwrap();
    let enough = async {
        while newsroom.record().len() < 200 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), enough).await.unwrap();
    let record = newsroom.record();
    newsroom.shutdown().await;
    assert!(
        record.iter().all(|deed| matches!(deed.action, Action::Published | Action::Dropped)),
        "{record:?}"
    );
    assert!(record.iter().any(|deed| deed.action == Action::Dropped));
}

#[tokio::test]
async fn the_same_seed_leaves_the_same_record() {
    let record = played(3).await;
    for action in [Action::Published, Action::Corrected, Action::Withdrawn, Action::Moved] {
        assert!(record.iter().any(|deed| deed.2 == action), "{action:?}");
    }
    assert_eq!(record, played(3).await);
    assert_ne!(record, played(4).await);
}

#[tokio::test]
async fn a_feed_is_served_once_and_then_not_modified() {
    let newsroom = start(still(), clock()).await.unwrap();
    for url in newsroom.feed_urls() {
        let (head, body) = get(&url, None, "").await;
        assert!(head.starts_with("HTTP/1.1 200"), "{head}");
        assert!(body.contains("/a/"), "{body}");
        let tag = format!("If-None-Match: {}\r\n", header(&head, "etag"));
        assert!(get(&url, None, &tag).await.0.starts_with("HTTP/1.1 304"));
        let date = format!("If-Modified-Since: {}\r\n", header(&head, "last-modified"));
        assert!(get(&url, None, &date).await.0.starts_with("HTTP/1.1 304"));
    }
    newsroom.shutdown().await;
}

#[tokio::test]
async fn a_page_shows_its_story_with_serial_and_version() {
    let newsroom = start(still(), clock()).await.unwrap();
    let deed = newsroom.record().remove(0);
    let (head, body) = get(&Url::parse(&deed.url).unwrap(), None, "").await;
    assert!(head.starts_with("HTTP/1.1 200"), "{head}");
    assert!(body.contains(&mark(deed.serial.unwrap(), 1)));
    assert!(body.contains("\"@type\":\"NewsArticle\""));
    let home = Url::parse(&deed.url).unwrap().join("/").unwrap();
    assert!(get(&home, None, "").await.1.contains("rel=\"alternate\""));
    let hits = get(&home.join("/__hits").unwrap(), None, "").await.1;
    assert!(hits.contains(&format!("\"{}\":1", deed.url)), "{hits}");
    newsroom.shutdown().await;
}

#[tokio::test]
async fn a_withdrawn_story_is_gone_from_page_and_feed() {
    let pace = Duration::from_millis(1);
    let newsroom =
        start(NewsroomOptions { pace, ..NewsroomOptions::default() }, clock()).await.unwrap();
    newsroom.played().await;
    let deeds = newsroom.record();
    let gone = deeds.iter().find(|deed| deed.action == Action::Withdrawn).unwrap();
    let (head, _) = get(&Url::parse(&gone.url).unwrap(), None, "").await;
    assert!(head.starts_with("HTTP/1.1 410"), "{head}");
    let listings = newsroom.listings();
    let told = listings.iter().find(|listing| Some(listing.serial) == gone.serial).unwrap();
    assert!(told.until.is_some());
    newsroom.shutdown().await;
}

#[tokio::test]
async fn a_lie_hides_a_correction_once_and_no_longer() {
    let newsroom = start(still(), clock()).await.unwrap();
    let url = newsroom.feeds[0].url.clone();
    let tag = format!("If-None-Match: {}\r\n", header(&get(&url, None, "").await.0, "etag"));
    let deeds = newsroom.record();
    let serial = deeds.iter().find(|deed| deed.feed == url.as_str()).unwrap().serial.unwrap();
    newsroom.press.perform(&Step::Lie { site: 0 });
    newsroom.press.perform(&Step::Correct { serial });
    assert!(get(&url, None, &tag).await.0.starts_with("HTTP/1.1 304"));
    let (head, body) = get(&url, None, &tag).await;
    assert!(head.starts_with("HTTP/1.1 200") && body.contains("সংশোধনী"), "{head}");
    assert_eq!(newsroom.record().last().unwrap().action, Action::Lied);
    newsroom.shutdown().await;
}

#[tokio::test]
async fn a_feed_is_throttled_cut_moved_and_broken_and_all_of_it_is_on_record() {
    let newsroom = start(still(), clock()).await.unwrap();
    let url = newsroom.feeds[0].url.clone();
    newsroom.press.perform(&Step::Throttle { site: 0 });
    let (head, _) = get(&url, None, "").await;
    assert!(head.starts_with("HTTP/1.1 429") && header(&head, "retry-after") == "2", "{head}");
    newsroom.press.perform(&Step::Recover { site: 0 });
    newsroom.press.perform(&Step::Truncate { site: 0 });
    assert!(!get(&url, None, "").await.1.contains("</rss>"));
    assert!(get(&url, None, "").await.1.ends_with("</rss>\n"));
    newsroom.press.perform(&Step::Move { site: 0 });
    let (head, _) = get(&url, None, "").await;
    assert!(head.starts_with("HTTP/1.1 301"), "{head}");
    let moved = Url::parse(header(&head, "location")).unwrap();
    assert!(get(&moved, None, "").await.1.contains(" &amp; Co."));
    newsroom.press.perform(&Step::Break { site: 0 });
    assert!(get(&moved, None, "").await.1.contains(" & Co."));
    let actions: Vec<Action> = newsroom
        .record()
        .iter()
        .filter(|deed| deed.serial.is_none())
        .map(|deed| deed.action)
        .collect();
    let expected =
        [Action::Throttled, Action::Recovered, Action::Truncated, Action::Moved, Action::Broke];
    assert_eq!(actions, expected);
    newsroom.shutdown().await;
}

#[tokio::test]
async fn virtual_hosts_tell_outlets_apart() {
    let listen = ListenOn::VirtualHosts("127.0.0.1:0".parse().unwrap());
    let newsroom = start(NewsroomOptions { listen, ..still() }, clock()).await.unwrap();
    let mut url = newsroom.feeds[0].url.clone();
    assert_eq!(url.host_str(), Some("prabhat.newsroom"));
    url.set_host(Some("127.0.0.1")).unwrap();
    let (head, body) = get(&url, Some("harbour.newsroom"), "").await;
    assert!(head.starts_with("HTTP/1.1 200") && body.contains("The Harbour Gazette"), "{head}");
    assert!(get(&url, Some("nobody.newsroom"), "").await.0.starts_with("HTTP/1.1 421"));
    newsroom.shutdown().await;
}

#[tokio::test]
async fn three_hundred_feeds_share_a_thousand_variants() {
    let options = NewsroomOptions { feeds: Some(300), articles: Some(1000), ..still() };
    let newsroom = start(options, clock()).await.unwrap();
    assert_eq!(newsroom.feeds[299].url.path(), "/feed/299.xml");
    assert_eq!(newsroom.feeds[299].url.host_str(), Some("127.0.2.100"));
    assert_eq!(newsroom.record().len(), 1000);
    assert!(get(&newsroom.feeds[299].url, None, "").await.0.starts_with("HTTP/1.1 200"));
    newsroom.shutdown().await;
}
