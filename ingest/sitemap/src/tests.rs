//! Whole documents through the door of the crate.

use std::io::Write as _;

use flate2::Compression;
use flate2::write::GzEncoder;
use jiff::Timestamp;
use proptest::prelude::*;
use url::Url;

use crate::document::{Distrust, Document, Kind};
use crate::error::SitemapError;
use crate::reader::read;

fn now() -> Timestamp {
    "2026-03-02T10:00:00Z".parse().unwrap()
}

fn bytes(bytes: &[u8]) -> Result<Document, SitemapError> {
    let url = Url::parse("https://example.com/sitemap.xml").unwrap();
    read(bytes, None, Some(&url), now())
}

fn document(text: &str) -> Document {
    bytes(text.as_bytes()).unwrap()
}

fn locs(document: &Document) -> Vec<&str> {
    document.urls.iter().map(|listed| listed.loc.as_str()).collect()
}

fn packed(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// A sitemap of so many pages, each with a date of its own.
fn long(pages: usize) -> String {
    let page = |n| {
        let (day, hour) = (n % 28 + 1, n % 24);
        format!(
            "<url><loc>https://example.com/news/{n}?a=1&amp;b=2</loc><lastmod>2026-02-{day:02}T{hour:02}:00:00Z</lastmod></url>\n"
        )
    };
    let pages: Vec<String> = (0..pages).map(page).collect();
    format!("<urlset>\n{}</urlset>", pages.concat())
}

#[test]
fn a_news_sitemap_says_what_a_feed_would() {
    let found = document(
        "<?xml version='1.0' encoding='UTF-8'?><urlset xmlns='http://www.sitemaps.org/schemas/sitemap/0.9' xmlns:n='http://www.google.com/schemas/sitemap-news/0.9'>\
         <url><loc>https://example.com/ঢাকা</loc><n:news><n:publication><n:name>দৈনিক &amp; খবর</n:name><n:language>bn</n:language></n:publication>\
         <n:publication_date>2026-03-01T08:00:00+06:00</n:publication_date><n:title><![CDATA[ঢাকায়  বৃষ্টি]]></n:title><n:keywords>বৃষ্টি, ঢাকা</n:keywords></n:news>\
         <image:image><image:loc>/a.jpg</image:loc><image:title>No headline</image:title></image:image>\
         <video:video><video:title>No headline</video:title><video:publication_date>2001-01-01</video:publication_date></video:video></url></urlset>",
    );
    assert_eq!(found.kind, Kind::Urlset);
    let page = &found.urls[0];
    assert_eq!(page.loc, "https://example.com/ঢাকা");
    assert_eq!(page.images, ["https://example.com/a.jpg"]);
    let news = page.news.as_deref().unwrap();
    assert_eq!(news.title.as_deref(), Some("ঢাকায় বৃষ্টি"));
    assert_eq!(news.name.as_deref(), Some("দৈনিক & খবর"));
    assert_eq!(news.language.as_deref(), Some("bn"));
    assert_eq!(news.publication_date.as_deref(), Some("2026-03-01T08:00:00+06:00"));
    assert_eq!(news.keywords, ["বৃষ্টি", "ঢাকা"]);
    assert!(found.defects.is_empty(), "{:?}", found.defects);
}

#[test]
fn an_index_lists_sitemaps() {
    let found = document(
        "<sitemapindex><sitemap><loc>https://example.com/1.xml.gz</loc><lastmod>2026-03-01</lastmod></sitemap>\
         <sitemap><loc>/2.xml</loc></sitemap><sitemap>https://example.com/3.xml</sitemap></sitemapindex>",
    );
    assert_eq!(found.kind, Kind::Index);
    let sitemaps: Vec<_> = found.sitemaps.iter().map(|child| child.loc.as_str()).collect();
    assert_eq!(sitemaps, ["https://example.com/1.xml.gz", "https://example.com/2.xml"]);
    assert_eq!(found.sitemaps[0].lastmod.as_deref(), Some("2026-03-01"));
    assert_eq!(found.defects.len(), 1);
}

#[test]
fn lost_end_tags_and_wrong_elements_cost_only_themselves() {
    let found = document(
        "<urlset><url><loc>https://example.com/a<lastmod>2026-03-01</lastmod></url>\
         <url><loc>https://example.com/b</loc><url><loc>javascript:c()</loc></url>\
         <loc>https://example.com/d</loc><url><lastmod>2026-03-02</lastmod></url>\
         <url><loc>https://example.com/e?a=1&b=2</loc><lastmod>soon</lastmod><loc>https://example.com/f</loc></url></wrong>",
    );
    let want = ["a", "b", "d", "e?a=1&b=2", "f"].map(|path| format!("https://example.com/{path}"));
    assert_eq!(locs(&found), want);
    assert_eq!(found.urls[0].lastmod.as_deref(), Some("2026-03-01"));
    let told: Vec<_> = found.defects.iter().map(|defect| defect.what.as_str()).collect();
    for what in
        ["an end tag is missing", "a loc that is no web address", "a lastmod that is no date"]
    {
        assert!(told.contains(&what), "{what}: {told:?}");
    }
}

#[test]
fn a_document_that_ends_too_early_keeps_what_was_whole() {
    let found = document(
        "<urlset><url><loc>https://example.com/a</loc></url><url><loc>https://example.com/b</loc><lastm",
    );
    assert_eq!(locs(&found), ["https://example.com/a", "https://example.com/b"]);
    let cut = document("<urlset><url><loc>https://example.com/a</loc></url><url><loc>https://exam");
    assert_eq!(locs(&cut), ["https://example.com/a"]);
    assert!(cut.defects.iter().any(|defect| defect.what.contains("too early")));
}

#[test]
fn lines_are_addresses() {
    let found = document(
        "\u{feff}https://example.com/a\r\n\r\nhttps://example.com/খবর\nnot one\nhttp://example.com/c",
    );
    assert_eq!(found.kind, Kind::Text);
    let want = ["https://example.com/a", "https://example.com/খবর", "http://example.com/c"];
    assert_eq!(locs(&found), want);
    assert_eq!(found.defects.len(), 1);
}

#[test]
fn a_feed_in_a_sitemaps_place_is_read_packed_or_not() {
    let feed = "<rss version='2.0'><channel><title>T</title><item><title>A</title><link>/a</link>\
        <pubDate>Sun, 01 Mar 2026 08:00:00 +0600</pubDate></item><item><title>B</title></item></channel></rss>";
    for found in [document(feed), bytes(&packed(feed.as_bytes())).unwrap()] {
        assert_eq!(found.kind, Kind::Feed);
        assert_eq!(locs(&found), ["https://example.com/a"]);
        assert_eq!(found.urls[0].lastmod.as_deref(), Some("2026-03-01T08:00:00+06:00"));
        assert_eq!(found.urls[0].news.as_ref().unwrap().title.as_deref(), Some("A"));
    }
}

#[test]
fn lastmods_that_are_no_evidence_are_named() {
    let page = |path: &str, lastmod: &str| {
        format!("<url><loc>https://example.com/{path}</loc><lastmod>{lastmod}</lastmod></url>")
    };
    let same = document(&format!(
        "<urlset>{}{}</urlset>",
        page("a", "2026-03-01"),
        page("b", "2026-03-01")
    ));
    assert!(same.urls.iter().all(|page| page.lastmod_untrusted == Some(Distrust::SameForAll)));
    let future = document(&format!(
        "<urlset>{}{}</urlset>",
        page("a", "2026-03-01"),
        page("b", "2026-04-01")
    ));
    let marks: Vec<_> = future.urls.iter().map(|page| page.lastmod_untrusted).collect();
    assert_eq!(marks, [None, Some(Distrust::Future)]);
    assert_eq!(future.urls[1].lastmod.as_deref(), Some("2026-04-01"));
}

#[test]
fn packing_is_known_by_its_bytes_and_may_be_double_or_torn() {
    let text = long(3000);
    let whole = document(&text);
    let once = packed(text.as_bytes());
    assert_eq!(bytes(&once).unwrap(), whole);
    assert_eq!(bytes(&packed(&once)).unwrap(), whole);
    let torn = bytes(&once[..once.len() / 2]).unwrap();
    assert!(torn.urls.len() > 500 && torn.urls[..] == whole.urls[..torn.urls.len()]);
    assert!(torn.defects.iter().any(|defect| defect.what.contains("packing")));
}

#[test]
fn a_document_longer_than_the_window_reads_as_a_short_one() {
    let text = long(20_000);
    assert!(text.len() > 6 * crate::window::WINDOW);
    let found = document(&text);
    assert_eq!(found.urls.len(), 20_000);
    assert!(found.defects.is_empty(), "{:?}", found.defects);
    assert!(
        found
            .urls
            .iter()
            .enumerate()
            .all(|(n, page)| page.loc == format!("https://example.com/news/{n}?a=1&b=2"))
    );
    assert_eq!(locs(&document(&locs(&found).join("\n"))), locs(&found));
}

#[test]
fn a_long_comment_is_a_comment_wherever_it_stands() {
    let comment = format!("<!--{}-->", "<url><loc>https://example.com/no</loc></url>".repeat(1000));
    for pages in [0, 2500, 2600, 2700] {
        let text = long(pages).replace("</urlset>", &comment);
        assert_eq!(document(&text).urls.len(), pages);
    }
}

#[test]
fn no_more_than_50000_addresses_are_read() {
    let urls = |count| "<url><loc>http://a.com/</loc></url>".repeat(count);
    let most = document(&urls(50_000));
    assert_eq!((most.urls.len(), most.defects.len()), (50_000, 0));
    let more = document(&urls(50_001));
    assert_eq!(more.urls.len(), 50_000);
    assert!(more.defects[0].what.contains("50000"));
    assert_eq!(document(&"http://a.com/\n".repeat(50_001)).urls.len(), 50_000);
}

#[test]
fn a_bomb_ends_at_its_bound() {
    let mut bomb = b"<urlset><url><loc>https://example.com/a</loc></url>".to_vec();
    bomb.resize(80 << 20, b' ');
    let found = bytes(&packed(&bomb)).unwrap();
    assert_eq!(locs(&found), ["https://example.com/a"]);
    assert!(found.defects.iter().any(|defect| defect.what.contains("200 times")));
}

#[test]
fn nesting_costs_only_itself() {
    let found = document(&format!(
        "<urlset><url>{}<loc>https://example.com/no</loc></url><url><loc>https://example.com/a</loc></url></urlset>",
        "<news:news>".repeat(100_000)
    ));
    assert_eq!(locs(&found), ["https://example.com/a"]);
}

#[test]
fn other_encodings_are_read() {
    let text = "<?xml version='1.0' encoding='utf-8'?><urlset><url><loc>https://example.com/ঢাকা</loc></url></urlset>";
    let mut wide = vec![0xff, 0xfe];
    wide.extend(text.encode_utf16().flat_map(u16::to_le_bytes));
    assert_eq!(locs(&bytes(&wide).unwrap()), ["https://example.com/ঢাকা"]);
    let latin = b"<?xml version='1.0' encoding='iso-8859-1'?><urlset><url><loc>https://example.com/\xe9</loc></url></urlset>";
    assert_eq!(locs(&bytes(latin).unwrap()), ["https://example.com/é"]);
}

#[test]
fn what_lists_nothing_is_empty_and_what_is_no_sitemap_is_an_error() {
    let empty = document(
        "<?xml version='1.0'?><urlset xmlns='http://www.sitemaps.org/schemas/sitemap/0.9'/>",
    );
    assert!(empty.urls.is_empty() && empty.sitemaps.is_empty());
    assert_eq!(bytes(b" \r\n"), Err(SitemapError::Empty { bytes: 3 }));
    for text in [
        "<!DOCTYPE html><html><body><url><loc>https://example.com/a</loc></url>",
        "<foo/>",
        "Not found",
        "{\"a\":1}",
        "\u{0}\u{1}\u{2}",
    ] {
        assert!(bytes(text.as_bytes()).is_err(), "{text}");
    }
    assert!(bytes(&packed(&[0; 1000])).is_err());
}

/// Pieces of sitemaps in any order: closer to the reader than random bytes.
fn pieces() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop::sample::select(vec![
        "<urlset>",
        "<sitemapindex>",
        "<url>",
        "</url>",
        "<sitemap>",
        "</sitemap>",
        "<loc>",
        "</loc>",
        "<loc/>",
        "https://example.com/a",
        "/b",
        "//",
        "http://[",
        "<lastmod>",
        "2026-03-01",
        "2024-13-45T25:61",
        "</lastmod>",
        "<news:news>",
        "</news:news>",
        "<n:title>",
        "</n:title>",
        "<news:publication>",
        "<news:name>",
        "<news:keywords>",
        "<image:image>",
        "<image:loc>",
        "<![CDATA[",
        "]]>",
        "<!--",
        "-->",
        "&amp;",
        "&",
        "&#0;",
        "&#xD800;",
        "ঢাকা",
        "\u{0}",
        "\n",
        "<?xml version='1.0' encoding='utf-16'?>",
        "<!DOCTYPE [",
        "<rss>",
        "<item>",
        "</",
        "<",
        ">",
        "\"",
        "<b>",
        "\u{1f}\u{8b}",
    ]);
    prop::collection::vec(piece, 0..60).prop_map(|pieces| pieces.concat().into_bytes())
}

proptest! {
    #[test]
    fn no_bytes_panic_and_packing_changes_nothing(raw in prop_oneof![pieces(), prop::collection::vec(any::<u8>(), 0..400)]) {
        let once = bytes(&raw);
        let panicked = matches!(once, Err(SitemapError::Panicked { .. }));
        prop_assert!(!panicked, "{once:?}");
        if let Ok(document) = once {
            prop_assert_eq!(Ok(document), bytes(&packed(&raw)));
        }
    }

    #[test]
    fn every_address_that_leaves_is_a_web_address(raw in pieces()) {
        if let Ok(document) = bytes(&raw) {
            let all = document.urls.iter().map(|page| &page.loc).chain(document.sitemaps.iter().map(|child| &child.loc));
            for loc in all {
                prop_assert!(Url::parse(loc).is_ok_and(|url| matches!(url.scheme(), "http" | "https")), "{loc:?}");
            }
        }
    }
}
