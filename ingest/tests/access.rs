//! Credentials and proxies of feeds, seen from the servers that are asked and from what comes out.

#![allow(clippy::unwrap_used, reason = "what fails here fails the test")]

mod origin;

use ingest::access::Pass;
use ingest::fetch::{Fetcher, Kind};
use ingest::ledger::Validators;
use ingest::{FeedConfig, Secret};
use origin::{House, Origin, feed_of, page_of};

const LONG: &str = "The ferry was held up by fog for three hours on Sunday, and the passengers \
    waited on deck until the pilots saw the far bank of the river again, officials said.";

fn secure(feed: &mut FeedConfig) {
    feed.user = Some(Secret::Given("me".to_owned()));
    feed.password = Some(Secret::Given("s3cret".to_owned()));
    feed.headers.insert("X-Key".to_owned(), Secret::Given("k3y".to_owned()));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn credentials_reach_the_feed_and_nobody_else() {
    let origin = Origin::start().await;
    let item = [("g1", "/story", "2026-03-01T00:00:00Z")];
    origin.set("/a.xml", 200, &feed_of(&origin, &item));
    origin.set("/story", 200, &page_of(LONG));
    let house = House::open_with(&origin, &["/a.xml"], 1, secure).start();
    house.until("the entry is settled", |h| h.counts().recorded == 1).await;
    let head = origin.head("/a.xml");
    assert!(head.contains("Basic bWU6czNjcmV0") && head.contains("x-key: k3y"), "{head}");
    for path in ["/story", "/robots.txt"] {
        let head = origin.head(path);
        assert!(!head.is_empty() && !head.contains("Basic") && !head.contains("k3y"), "{head}");
    }
    let told = format!("{:?} {:?}", house.events(), house.feed("/a.xml"));
    let row = serde_json::to_string(&house.feed("/a.xml")).unwrap();
    for secret in ["s3cret", "k3y", "bWU6czNjcmV0"] {
        assert!(!told.contains(secret) && !row.contains(secret), "{secret}: {told} {row}");
    }
    house.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_redirect_carries_credentials_to_another_origin_nor_back() {
    let origin = Origin::start().await;
    // The same server under another address is another origin.
    origin.set("/a.xml", 302, "");
    origin.header("/a.xml", "location: /near.xml");
    origin.set("/near.xml", 302, "");
    origin.header("/near.xml", "location: http://u:p@127.0.0.2:PORT/far.xml");
    origin.set("/far.xml", 302, "");
    origin.header("/far.xml", "location: http://127.0.0.1:PORT/back.xml");
    origin.set("/back.xml", 401, "");
    let house = House::open_with(&origin, &["/a.xml"], 1, secure).start();
    house.until("it was visited", |h| h.feed("/a.xml").visited_at.is_some()).await;
    assert!(origin.head("/near.xml").contains("k3y"));
    for path in ["/far.xml", "/back.xml"] {
        let head = origin.head(path).to_lowercase();
        assert!(!head.is_empty() && !head.contains("authorization") && !head.contains("k3y"));
    }
    let message = house.feed("/a.xml").message.unwrap();
    assert!(message.contains("credentials are for another origin"), "{message}");
    house.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_feed_and_its_pages_are_asked_through_its_proxy() {
    let (origin, proxy) = (Origin::start().await, Origin::start().await);
    let feed = origin.url("/a.xml").to_string();
    let story = origin.url("/story").to_string();
    proxy.set(&feed, 200, &feed_of(&origin, &[("g1", "/story", "2026-03-01T00:00:00Z")]));
    proxy.set(&story, 200, &page_of(LONG));
    let mut address = proxy.url("/");
    address.set_username("me").unwrap();
    address.set_password(Some("s3cret")).unwrap();
    let through = |feed: &mut FeedConfig| feed.proxy = Some(Secret::Given(address.to_string()));
    let house = House::open_with(&origin, &["/a.xml"], 1, through).start();
    house.until("the entry is settled", |h| h.counts().recorded == 1).await;
    assert_eq!((origin.all_hits(), proxy.hits(&feed), proxy.hits(&story)), (0, 1, 1));
    assert!(proxy.head(&feed).contains("proxy-authorization: Basic bWU6czNjcmV0"));
    let told = format!("{:?} {:?}", house.events(), house.feed("/a.xml"));
    assert!(!told.contains("s3cret"), "{told}");
    house.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_proxy_opens_no_address_that_is_closed() {
    let proxy = Origin::start().await;
    let mut feed = FeedConfig::new("http://localhost/feed".parse().unwrap());
    feed.proxy = Some(Secret::Given(proxy.url("/").to_string()));
    let pass: Pass = feed.pass().await.unwrap();
    let fetcher =
        Fetcher::new(&ingest::config::FetchConfig::default(), article::clock::Clock::system())
            .unwrap();
    for private in ["http://localhost/feed", "http://127.0.0.1/feed", "http://10.0.0.1/"] {
        let url = private.parse().unwrap();
        let asked = fetcher.get_with(&url, Kind::Feed, &Validators::default(), &pass).await;
        assert_eq!(asked.unwrap_err().outcome, ingest::Outcome::Blocked, "{private}");
    }
    assert_eq!(proxy.all_hits(), 0);
}
