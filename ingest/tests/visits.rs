//! Whole visits against an origin in process: what is asked, what is sent, what is remembered.

mod origin;

use std::time::Duration;

use article::event::Event;
use article::parcel::Verdict;
use origin::{House, Origin, feed_of, page_of};

const LONG: &str = "The ferry was held up by fog for three hours on Sunday, and the passengers \
    waited on deck until the pilots saw the far bank of the river again, officials said.";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_article_in_two_feeds_arrives_once() {
    let origin = Origin::start().await;
    let item = [("g1", "/story", "2026-03-01T00:00:00Z")];
    origin.set("/a.xml", 200, &feed_of(&origin, &item));
    origin.set("/b.xml", 200, &feed_of(&origin, &item));
    origin.set("/story", 200, &page_of(LONG));
    let house = House::open(&origin, &["/a.xml", "/b.xml"], 1).start();
    house.until("both feeds are read", |h| h.counts().entries_seen == 2).await;
    house.until("the entry is settled", |h| h.counts().pending == 0).await;
    let counts = house.counts();
    assert_eq!((counts.recorded, counts.duplicates), (1, 1));
    assert_eq!(house.articles().len(), 1);
    assert_eq!(origin.hits("/story"), 1);
    house.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn seven_shards_give_the_same_articles_as_one() {
    let mut seen = Vec::new();
    for shards in [1, 7] {
        let origin = Origin::start().await;
        // Every address of 127/8 is a host of its own, and so of some shard.
        let far = [
            ("g1", "http://127.0.0.2:PORT/1", "2026-03-01T00:00:00Z"),
            ("g2", "http://127.0.0.3:PORT/2", "2026-03-01T00:00:00Z"),
            ("g3", "http://127.0.0.4:PORT/3", "2026-03-01T00:00:00Z"),
        ];
        origin.set("/a.xml", 200, &feed_of(&origin, &far));
        origin.set("/b.xml", 200, &feed_of(&origin, &far));
        for path in ["/1", "/2", "/3"] {
            origin.set(path, 200, &page_of(&format!("{LONG} {path}")));
        }
        let house = House::open(&origin, &["/a.xml", "/b.xml"], shards).start();
        house.until("all are seen", |h| h.counts().entries_seen == 6).await;
        house.until("all are settled", |h| h.counts().pending == 0).await;
        assert_eq!((house.counts().recorded, house.counts().duplicates), (3, 3));
        let mut bodies: Vec<String> =
            house.articles().into_iter().map(|article| article.article_body).collect();
        bodies.sort();
        seen.push(bodies);
        house.stop().await;
    }
    assert_eq!(seen[0], seen[1]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_sitemap_in_a_feeds_place_gives_what_is_new_and_not_its_archive() {
    let origin = Origin::start().await;
    let page =
        |path: &str, lastmod: &str| format!("<url><loc>{}</loc>{lastmod}</url>", origin.url(path));
    let urls = [
        page("/new", "<lastmod>2026-03-01T00:00:00Z</lastmod>"),
        page("/old", "<lastmod>2020-03-01T00:00:00Z</lastmod>"),
        page("/undated", ""),
    ];
    origin.set("/sitemap.xml", 200, &format!("<urlset>{}</urlset>", urls.concat()));
    origin.set("/new", 200, &page_of(LONG));
    let house = House::open(&origin, &["/sitemap.xml"], 1).start();
    house.until("all are seen", |h| h.counts().entries_seen == 3).await;
    house.until("the new one is settled", |h| h.counts().recorded == 1).await;
    assert_eq!(house.articles()[0].url, origin.url("/new").to_string());
    assert_eq!(house.articles()[0].discovery[0].via, "sitemap");
    assert_eq!(origin.hits("/old") + origin.hits("/undated"), 0);
    house.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_304_costs_no_page_and_no_parcel() {
    let origin = Origin::start().await;
    origin.set("/a.xml", 200, &feed_of(&origin, &[("g1", "/story", "2026-03-01T00:00:00Z")]));
    origin.tag("/a.xml", "W/\"odd  tag\"");
    origin.set("/story", 200, &page_of(LONG));
    let mut house = House::open(&origin, &["/a.xml"], 1);
    house.config.schedule.recheck.clear();
    let house = house.start();
    house.until("the entry is settled", |h| h.counts().recorded == 1).await;
    house.until("the feed is settled", |h| h.feed("/a.xml").visited_at.is_some()).await;
    let (parcels, pages) = (house.events().len(), origin.hits("/story"));
    house.clock.advance(Duration::from_hours(2));
    house.until("the feed is asked again", |_| origin.hits("/a.xml") == 2).await;
    house.until("the answer is noted", |h| h.feed("/a.xml").unchanged == 1).await;
    assert_eq!(origin.not_modified("/a.xml"), 1, "the tag came back byte for byte");
    assert_eq!((house.events().len(), origin.hits("/story")), (parcels, pages));
    house.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lost_parcel_leaves_the_entry_pending_and_is_sent_again() {
    let origin = Origin::start().await;
    origin.set("/a.xml", 200, &feed_of(&origin, &[("g1", "/story", "2026-03-01T00:00:00Z")]));
    origin.set("/story", 200, &page_of(LONG));
    let house = House::open(&origin, &["/a.xml"], 1);
    house.sink.lose(2);
    let house = house.start();
    house.until("a parcel is lost", |h| h.lost() >= 1).await;
    assert_eq!(house.counts().pending, 1);
    for _ in 0..4 {
        house.clock.advance(Duration::from_secs(6));
        tokio::time::sleep(Duration::from_millis(700)).await;
    }
    house.until("it is sent again", |h| h.counts().recorded == 1).await;
    assert_eq!(house.articles().len(), 1);
    house.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn validators_are_kept_while_the_entry_that_came_with_them_waits() {
    let origin = Origin::start().await;
    origin.set("/a.xml", 200, &feed_of(&origin, &[("g1", "/story", "2026-03-01T00:00:00Z")]));
    origin.tag("/a.xml", "\"one\"");
    origin.set("/story", 500, "no");
    let house = House::open(&origin, &["/a.xml"], 1).start();
    house.until("the feed is settled", |h| h.feed("/a.xml").validators.etag.is_some()).await;
    house.until("the page was asked for", |_| origin.hits("/story") == 1).await;
    house.until("the failure is noted", |h| h.ledgers[0].next_due().unwrap() > Some(h.now())).await;
    origin.set("/a.xml", 200, "<rss><channel></channel></rss>");
    origin.set("/story", 200, &page_of(LONG));
    // The feed does not list it any more, and it is fetched all the same.
    house.clock.advance(Duration::from_mins(2));
    house.until("the entry is settled", |h| h.counts().recorded == 1).await;
    house.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_page_that_stays_away_gives_the_feeds_own_text() {
    let origin = Origin::start().await;
    let feed = feed_of(&origin, &[("g1", "/story", "2026-03-01T00:00:00Z")])
        .replace("short", &format!("&lt;p&gt;{LONG}&lt;/p&gt;"));
    origin.set("/a.xml", 200, &feed);
    origin.set("/story", 404, "not here");
    let house = House::open(&origin, &["/a.xml"], 1).start();
    for (tries, wait_s) in [(1, 70), (2, 300)] {
        house.until("the page is tried", |_| origin.hits("/story") == tries).await;
        house
            .until("it is put off", |h| {
                h.ledgers[0].due_entries(h.now(), &[], 1).unwrap().is_empty()
            })
            .await;
        assert_eq!(house.counts().pending, 1);
        house.clock.advance(Duration::from_secs(wait_s));
    }
    house.until("the entry is settled", |h| h.counts().recorded == 1).await;
    assert_eq!(origin.hits("/story"), 3);
    let articles = house.articles();
    assert_eq!(articles[0].completeness, article::record::Completeness::FeedOnly);
    house.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_feed_gives_what_its_own_settings_ask_for() {
    let origin = Origin::start().await;
    let items = [
        ("g1", "/story", "2026-03-01T00:00:00Z"),
        ("g2", "/sport/1", "2026-03-01T00:00:00Z"),
        ("g3", "/story/live", "2026-03-01T00:00:00Z"),
    ];
    let feed = feed_of(&origin, &items).replace("short", LONG);
    origin.set("/a.xml", 200, &feed);
    let house = House::open_with(&origin, &["/a.xml"], 1, |feed| {
        feed.text_only = true;
        let rule = |json| serde_json::from_str(json).unwrap();
        feed.keep = vec![rule(r#"{"url": "/story"}"#)];
        feed.drop = vec![rule(r#"{"url": "/live$"}"#)];
    });
    let house = house.start();
    house.until("the entry is settled", |h| h.counts().recorded == 1).await;
    house.until("the feed is settled", |h| h.feed("/a.xml").left_out == 2).await;
    let articles = house.articles();
    assert_eq!(articles.len(), 1);
    assert_eq!(articles[0].completeness, article::record::Completeness::FeedOnly);
    assert_eq!(origin.hits("/story"), 0);
    house.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_page_and_a_feed_with_nothing_to_say_give_a_dead_letter() {
    let origin = Origin::start().await;
    origin.set("/a.xml", 200, &feed_of(&origin, &[("g1", "/story", "2026-03-01T00:00:00Z")]));
    origin.set("/story", 410, "gone");
    let house = House::open(&origin, &["/a.xml"], 1).start();
    house.until("it is given up", |h| h.counts().refused.contains_key("gone")).await;
    let letters = house.events();
    assert!(letters.iter().any(|event| matches!(event, Event::DeadLetter(letter)
        if letter.class == "gone" && letter.stage == "fetch")));
    assert_eq!(house.counts().pending, 0);
    house.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_private_address_is_refused_unless_allowed() {
    let origin = Origin::start().await;
    origin.set("/a.xml", 200, &feed_of(&origin, &[]));
    let mut house = House::open(&origin, &["/a.xml"], 1);
    house.config.fetch.allow.clear();
    let house = house.start();
    house.until("the visit is over", |h| h.feed("/a.xml").visited_at.is_some()).await;
    let feed = house.feed("/a.xml");
    assert_eq!(feed.outcome, Some(ingest::Outcome::Blocked));
    assert_eq!(feed.state, "failing");
    assert_eq!(origin.all_hits(), 0);
    house.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_changed_page_is_offered_again_and_one_gone_twice_is_withdrawn() {
    let origin = Origin::start().await;
    origin.set("/a.xml", 200, &feed_of(&origin, &[("g1", "/story", "2026-03-01T00:00:00Z")]));
    origin.set("/story", 200, &page_of(LONG));
    let house = House::open(&origin, &["/a.xml"], 1).start();
    house.until("the entry is settled", |h| h.counts().recorded == 1).await;
    origin.set("/story", 200, &page_of(&format!("{LONG} One man was hurt.")));
    house.clock.advance(Duration::from_mins(16));
    house.until("the change is offered", |h| h.articles().len() == 2).await;
    let articles = house.articles();
    assert_eq!(articles[0].id, articles[1].id);
    origin.set("/story", 404, "gone");
    house.clock.advance(Duration::from_mins(61));
    house.until("it is found gone", |_| origin.hits("/story") == 3).await;
    assert!(!house.events().iter().any(|event| matches!(event, Event::Withdrawal(_))));
    tokio::time::sleep(Duration::from_millis(100)).await;
    house.clock.advance(Duration::from_mins(16));
    house
        .until("it is withdrawn", |h| {
            h.events().iter().any(|event| matches!(event, Event::Withdrawal(_)))
        })
        .await;
    house.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_feed_says_anew_is_looked_at_after_the_ladder_has_ended() {
    let origin = Origin::start().await;
    origin.set("/a.xml", 200, &feed_of(&origin, &[("g1", "/story", "2026-03-01T00:00:00Z")]));
    origin.set("/story", 200, &page_of(LONG));
    let mut house = House::open(&origin, &["/a.xml"], 1);
    house.config.schedule.recheck.clear();
    let house = house.start();
    house.until("the entry is settled", |h| h.counts().recorded == 1).await;
    origin.set("/story", 200, &page_of(&format!("{LONG} One man was hurt.")));
    let feed = feed_of(&origin, &[("g1", "/story", "2026-03-01T00:00:00Z")]);
    origin.set("/a.xml", 200, &feed.replace("A title", "Another title"));
    house.clock.advance(Duration::from_hours(1));
    house.until("the change is offered", |h| h.articles().len() == 2).await;
    house.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_feeds_credentials_are_in_no_record() {
    let origin = Origin::start().await;
    let item = "<item><title>T</title><link>/story</link><description>short</description></item>";
    let feed = format!("<rss version=\"2.0\"><channel><title>F</title>{item}</channel></rss>");
    origin.set("/a.xml", 200, &feed);
    origin.set("/story", 200, &page_of(LONG));
    let secure = |feed: &mut ingest::FeedConfig| {
        feed.url.set_username("me").unwrap();
        feed.url.set_password(Some("s3cret")).unwrap();
    };
    let house = House::open_with(&origin, &["/a.xml"], 1, secure).start();
    house.until("the entry is settled", |h| h.counts().recorded == 1).await;
    let told = format!("{:?}", house.articles());
    assert!(told.contains("/a.xml") && !told.contains("s3cret"), "{told}");
    house.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_first_look_takes_only_what_is_recent() {
    let origin = Origin::start().await;
    let items =
        [("g1", "/story", "2026-03-01T00:00:00Z"), ("g2", "/archive", "2001-01-01T00:00:00Z")];
    origin.set("/a.xml", 200, &feed_of(&origin, &items));
    origin.set("/story", 200, &page_of(LONG));
    let house = House::open(&origin, &["/a.xml"], 1).start();
    house.until("the recent one is settled", |h| h.counts().recorded == 1).await;
    assert_eq!(house.counts().known_old, 1);
    assert_eq!(origin.hits("/archive"), 0);
    house.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_the_journal_lost_is_fetched_again_after_a_restart() {
    let origin = Origin::start().await;
    origin.set("/a.xml", 200, &feed_of(&origin, &[("g1", "/story", "2026-03-01T00:00:00Z")]));
    origin.set("/story", 200, &page_of(LONG));
    let house = House::open(&origin, &["/a.xml"], 1).start();
    house.until("the entry is settled", |h| h.counts().recorded == 1).await;
    let house = house.stop().await;
    assert_eq!(house.ledgers[0].unsettle_after(0).unwrap(), 1);
    house.sink.answer(Verdict::Unchanged);
    let house = house.start();
    house.until("it is offered again", |h| h.counts().unchanged == 1).await;
    house.stop().await;
}

/// A page that names this address as its own.
fn page_with_canonical(text: &str, canonical: &str) -> String {
    let link = format!("<head><link rel=\"canonical\" href=\"{canonical}\">");
    page_of(text).replace("<head>", &link)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_pages_of_one_article_arrive_as_an_article_and_a_reason() {
    let origin = Origin::start().await;
    let item = |at| [("g1", at, "2026-03-01T00:00:00Z")];
    origin.set("/a.xml", 200, &feed_of(&origin, &item("/one")));
    origin.set("/b.xml", 200, &feed_of(&origin, &item("/two")));
    for path in ["/one", "/two"] {
        origin.set(path, 200, &page_with_canonical(LONG, "/one"));
    }
    let house = House::open(&origin, &["/a.xml", "/b.xml"], 1).start();
    house.until("both feeds are read", |h| h.counts().entries_seen == 2).await;
    house.until("the first is settled", |h| h.counts().recorded == 1).await;
    // The second may have waited for the first.
    house.clock.advance(Duration::from_mins(2));
    house.until("both are decided", |h| h.counts().pending == 0).await;
    assert_eq!((house.counts().recorded, house.counts().duplicates), (1, 1));
    let articles = house.articles();
    assert_eq!(articles.len(), 1);
    assert_eq!(articles[0].url, origin.url("/one").to_string());
    let letters = house.letters();
    assert_eq!(letters.len(), 1);
    assert_eq!(letters[0].url, origin.url("/two").to_string());
    assert_eq!(letters[0].message, format!("the same article as {}", articles[0].id));
    house.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_articles_on_which_a_template_prints_one_canonical_arrive_both() {
    let origin = Origin::start().await;
    origin.set("/a.xml", 200, &feed_of(&origin, &[("g1", "/one", "2026-03-01T00:00:00Z")]));
    origin.set("/b.xml", 200, &feed_of(&origin, &[("g2", "/two", "2026-03-01T02:00:00Z")]));
    for path in ["/one", "/two"] {
        origin.set(path, 200, &page_with_canonical(&format!("{LONG} {path}"), "/news"));
    }
    let house = House::open(&origin, &["/a.xml", "/b.xml"], 1).start();
    house.until("both arrive", |h| h.counts().recorded == 2).await;
    assert_eq!(house.letters().len(), 0);
    house.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_page_whose_canonical_cannot_be_had_arrives_itself() {
    let origin = Origin::start().await;
    let item = |at| [("g1", at, "2026-03-01T00:00:00Z")];
    origin.set("/a.xml", 200, &feed_of(&origin, &item("/one")));
    origin.set("/one", 500, "no");
    origin.set("/b.xml", 200, &feed_of(&origin, &[("g0", "/zero", "2026-03-01T00:00:00Z")]));
    origin.set("/zero", 200, &page_of(LONG));
    let house = House::open(&origin, &["/a.xml", "/b.xml"], 1).start();
    house.until("the feeds are read", |h| h.counts().entries_seen == 2).await;
    house.until("one arrives", |h| h.counts().recorded == 1).await;
    house.until("one is put off", |h| h.ledgers[0].next_due().unwrap() > Some(h.now())).await;
    origin.set("/b.xml", 200, &feed_of(&origin, &item("/two")));
    origin.set("/two", 200, &page_with_canonical(LONG, "/one"));
    house.clock.advance(Duration::from_hours(1));
    house.until("the second arrives", |h| h.counts().recorded == 2).await;
    assert_eq!(house.articles()[1].url, origin.url("/two").to_string());
    house.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn entries_that_share_a_guid_are_told_apart_by_their_links() {
    let origin = Origin::start().await;
    let items = ["/one", "/two", "/three"].map(|at| ("0", at, "2026-03-01T00:00:00Z"));
    origin.set("/a.xml", 200, &feed_of(&origin, &items));
    for (_, path, _) in items {
        origin.set(path, 200, &page_of(&format!("{LONG} {path}")));
    }
    let house = House::open(&origin, &["/a.xml"], 1).start();
    house.until("all three arrive", |h| h.counts().recorded == 3).await;
    house.stop().await;
}
