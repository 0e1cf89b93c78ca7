//! Finding feeds on an origin in process: what is found, in which order, and what is not asked.

#![allow(clippy::unwrap_used, reason = "what fails here fails the test")]

mod origin;

use article::clock::Clock;
use ingest::Outcome;
use ingest::config::{FetchConfig, Span};
use ingest::discover::{Discovery, Via, search};
use ingest::fetch::Fetcher;
use ingest::outcome::Refusal;
use origin::{Origin, feed_of};

async fn look(origin: &Origin, path: &str) -> Result<Discovery, Refusal> {
    let config = FetchConfig {
        allow: vec!["127.0.0.0/8".parse().unwrap()],
        pace: Span(std::time::Duration::ZERO),
        ..FetchConfig::default()
    };
    let fetcher = Fetcher::new(&config, Clock::system()).unwrap();
    search(&fetcher, &Clock::system(), &origin.url(path)).await
}

fn stories(origin: &Origin, name: &str) -> String {
    let path = format!("/{name}/1");
    feed_of(origin, &[(name, &path, "2026-03-01T00:00:00Z")])
}

fn paths(found: &Discovery) -> Vec<&str> {
    found.feeds.iter().map(|feed| feed.url.path()).collect()
}

#[tokio::test]
async fn declared_feeds_are_read_and_ranked_and_sitemaps_are_named() {
    let origin = Origin::start().await;
    origin.set("/robots.txt", 200, "User-agent: *\nSitemap: http://127.0.0.1:PORT/news.xml\n");
    let link = |href: &str| format!("<link rel=alternate type=application/rss+xml href={href}>");
    let page = ["/comments/feed", "/all.xml", "/all.atom", "/gone.xml", "/page.xml"].map(link);
    origin.set("/", 200, &format!("<title>The Daily</title>{}", page.concat()));
    origin.set("/all.xml", 200, &stories(&origin, "all"));
    origin.set("/all.atom", 200, &stories(&origin, "all"));
    origin.set("/comments/feed", 200, &stories(&origin, "comments"));
    origin.set("/page.xml", 200, "<html><body>no feed</body></html>");
    let found = look(&origin, "/").await.unwrap();
    assert_eq!(found.title.as_deref(), Some("The Daily"));
    assert_eq!(paths(&found), ["/all.xml", "/comments/feed", "/all.atom"]);
    assert!(found.feeds[2].reasons.last().unwrap().contains("same stories"));
    let rejected: Vec<(&str, Outcome)> =
        found.rejected.iter().map(|no| (no.url.path(), no.refusal.outcome)).collect();
    assert_eq!(rejected, [("/gone.xml", Outcome::Status), ("/page.xml", Outcome::Parse)]);
    assert_eq!(found.sitemaps, [origin.url("/news.xml")]);
    assert_eq!((found.requests, origin.hits("/robots.txt"), origin.hits("/feed/")), (6, 1, 0));
}

#[tokio::test]
async fn the_feeds_of_sections_are_found_on_the_page_that_lists_them() {
    let origin = Origin::start().await;
    origin.set("/", 200, "<body><a href=/help.html>RSS</a><a href=/world>World</a></body>");
    origin.set("/help.html", 200, "<a href=/world.rss>World</a><a href=/sport.rss>Sport</a>");
    origin.set("/world.rss", 200, &stories(&origin, "world"));
    origin.set("/sport.rss", 200, &stories(&origin, "sport"));
    let found = look(&origin, "/").await.unwrap();
    assert_eq!(paths(&found), ["/world.rss", "/sport.rss"]);
    assert_eq!(found.feeds[0].via, Via::ListOfFeeds);
    assert_eq!(found.feeds[0].link_title.as_deref(), Some("World"));
    assert_eq!(origin.hits("/world"), 0, "a section's page is not asked");
}

#[tokio::test]
async fn only_a_page_that_promises_nothing_is_guessed_at() {
    let origin = Origin::start().await;
    origin.set("/", 200, "<meta name=generator content='Hugo 0.120'><p>nothing declared");
    origin.set("/index.xml", 200, &stories(&origin, "all"));
    let found = look(&origin, "/").await.unwrap();
    assert_eq!(paths(&found), ["/index.xml"]);
    assert_eq!((found.feeds[0].via, found.requests), (Via::Program, 2));
    let bare = Origin::start().await;
    bare.set("/", 200, "<p>nothing at all");
    let found = look(&bare, "/").await.unwrap();
    assert!(found.feeds.is_empty());
    assert!(bare.all_hits() <= 14, "{}", bare.all_hits());
}

#[tokio::test]
async fn a_search_ends_at_its_bound_and_names_what_it_left() {
    let origin = Origin::start().await;
    let links: Vec<String> =
        (0..100).map(|n| format!("<a href=/s{n}/feed>Section {n}</a>")).collect();
    let links = links.concat();
    origin.set("/", 200, &links);
    for n in 0..100 {
        origin.set(&format!("/s{n}/feed"), 200, &stories(&origin, &format!("s{n}")));
    }
    let found = look(&origin, "/").await.unwrap();
    assert_eq!(found.requests, 24);
    assert_eq!(found.feeds.len() + found.untried.len(), 100);
    assert_eq!(origin.all_hits(), 25, "the requests and robots.txt");
}

#[tokio::test]
async fn an_address_that_is_a_feed_is_the_answer() {
    let origin = Origin::start().await;
    origin.set("/all.xml", 200, &stories(&origin, "all"));
    let found = look(&origin, "/all.xml").await.unwrap();
    assert_eq!((paths(&found), found.feeds[0].via), (vec!["/all.xml"], Via::Address));
    assert_eq!(found.requests, 1);
}

#[tokio::test]
async fn private_addresses_are_refused_on_the_page_and_behind_it() {
    let origin = Origin::start().await;
    origin.set("/", 200, "<link rel=alternate type=application/rss+xml href=http://10.0.0.1/feed>");
    let found = look(&origin, "/").await.unwrap();
    assert_eq!(found.rejected[0].refusal.outcome, Outcome::Blocked);
    let strict = Fetcher::new(&FetchConfig::default(), Clock::system()).unwrap();
    let refused = search(&strict, &Clock::system(), &origin.url("/")).await.unwrap_err();
    assert_eq!(refused.outcome, Outcome::Blocked);
}
