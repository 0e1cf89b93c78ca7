//! Whole documents through the door of the crate.

use crate::document::Document;
use crate::error::FeedError;
use crate::reader::read;
use proptest::prelude::*;
use url::Url;

fn document(text: &str) -> Document {
    let url = Url::parse("https://example.com/feed.xml").unwrap();
    read(text.as_bytes(), None, Some(&url)).unwrap()
}

#[test]
fn a_bengali_feed_with_a_bare_ampersand_is_read() {
    let found = document(
        "<?xml version='1.0'?><rss><channel><title>খবর & মতামত</title><link>/</link><ttl>30</ttl>\
         <item><title>ঢাকা &nbsp;শহরে বৃষ্টি</title><link>/a?b=1&c=2</link><guid isPermaLink='false'>7</guid>\
         <pubDate>Wed, 12 Jun 2024 10:30:00 +0600</pubDate></item></channel></rss>",
    );
    assert_eq!(found.feed.title.as_deref(), Some("খবর & মতামত"));
    assert_eq!(found.feed.ttl, Some(30));
    let entry = &found.entries[0];
    assert_eq!(entry.id.as_deref(), Some("7"));
    assert_eq!(entry.link.as_deref(), Some("https://example.com/a?b=1&c=2"));
    assert_eq!(entry.published.as_deref(), Some("2024-06-12T10:30:00+06:00"));
    assert!(!found.defects.is_empty());
}

#[test]
fn utf_16_with_a_lying_declaration_is_read() {
    let text = "<?xml version='1.0' encoding='utf-8'?><rss version='2.0'><channel><title>ঢাকা</title></channel></rss>";
    let mut bytes = vec![0xff, 0xfe];
    bytes.extend(text.encode_utf16().flat_map(u16::to_le_bytes));
    assert_eq!(read(&bytes, None, None).unwrap().feed.title.as_deref(), Some("ঢাকা"));
}

#[test]
fn media_groups_nested_5000_deep_cost_only_themselves() {
    let text = format!(
        "<rss version='2.0'><channel><title>T</title><item><title>A</title>{}</item><item><title>B</title></item></channel></rss>",
        "<media:group>".repeat(5000),
    );
    let found = document(&text);
    assert_eq!(found.entries.len(), 2);
    assert!(found.defects.iter().any(|defect| defect.what.contains("deeper")));
}

#[test]
fn an_author_whose_address_ends_in_a_danda_is_read() {
    let found = document(
        "<rss version='2.0'><channel><item><title>A</title><author>a@example.com। ঢাকা</author></item></channel></rss>",
    );
    assert_eq!(found.entries[0].authors, ["ঢাকা"]);
}

#[test]
fn a_truncated_feed_keeps_its_items() {
    let found = document(
        "<rss version='2.0'><channel><item><title>A</title><guid>https://example.com/a</guid></item><item><title><![CDATA[B at th",
    );
    let titles: Vec<_> = found.entries.iter().map(|entry| entry.title.as_deref()).collect();
    assert_eq!(titles, [Some("A"), Some("B at th")]);
}

#[test]
fn a_guid_is_a_link_unless_it_denies_it() {
    let found = document(
        "<rss version='2.0'><channel><item><guid>https://example.com/a</guid></item>\
         <item><guid isPermaLink='false'>https://example.com/b</guid></item><item><guid>c</guid></item></channel></rss>",
    );
    let links: Vec<_> = found.entries.iter().map(|entry| entry.link.as_deref()).collect();
    assert_eq!(links, [Some("https://example.com/a"), None, None]);
}

#[test]
fn a_lost_end_tag_does_not_lose_the_next_item() {
    let found = document(
        "<rss version='2.0'><channel><item><title>A<link>http://example.com/a</link><item><title>B</title></item></channel></rss>",
    );
    assert_eq!(found.entries.len(), 2);
    assert_eq!(found.entries[0].title.as_deref(), Some("A"));
}

#[test]
fn dead_namespaces_and_odd_prefixes_are_understood() {
    let found = document(
        "<a:feed xmlns:a='http://purl.org/atom/ns#'><a:title>T</a:title><a:entry><a:title>E</a:title>\
         <a:issued>2004-01-01</a:issued><dc:creator>C</dc:creator></a:entry></a:feed>",
    );
    let entry = &found.entries[0];
    assert_eq!(entry.title.as_deref(), Some("E"));
    assert_eq!(entry.published.as_deref(), Some("2004-01-01T00:00:00Z"));
    assert_eq!(entry.authors, ["C"]);
}

#[test]
fn a_json_feed_with_odd_types_is_read() {
    let found = document(
        r#"{"version":"https://jsonfeed.org/version/1","items":[{"id":7,"tags":"a"},3,{}]}"#,
    );
    assert_eq!(found.entries.len(), 2);
    assert_eq!(found.entries[0].id.as_deref(), Some("7"));
    assert_eq!(found.entries[0].categories, ["a"]);
}

#[test]
fn pages_and_empty_bodies_are_no_feeds() {
    let page =
        b"<!DOCTYPE html><html><head><title>T</title></head><body><item></item></body></html>";
    let error = read(page, Some("application/rss+xml"), None).unwrap_err();
    assert_eq!(error.to_string(), "reading a feed found <html> at byte 15");
    assert_eq!(read(b" \n ", None, None), Err(FeedError::Empty { bytes: 3 }));
}

#[test]
fn controls_never_leave() {
    let found = document(
        "<rss><channel><item><title>A\u{202e}B&#x1b;[31m&#x202e;\u{0}</title></item></channel></rss>",
    );
    let title = found.entries[0].title.as_deref().unwrap();
    assert_eq!(title, "AB\u{fffd}[31m\u{fffd}");
}

/// Pieces of feeds in any order: closer to the parsers than random bytes.
fn pieces() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop::sample::select(vec![
        "<rss>",
        "<rss version='2.0'>",
        "<feed xmlns='http://www.w3.org/2005/Atom'>",
        "<rdf:RDF>",
        "<channel>",
        "<item>",
        "<entry>",
        "</item>",
        "</entry>",
        "<title>",
        "</title>",
        "<link href='",
        "'/>",
        "<media:group>",
        "<media:title/>",
        "<media:content url=\"a\">",
        "<![CDATA[",
        "]]>",
        "<!--",
        "-->",
        "&",
        "&#0;",
        "&#xD800;",
        "&eacute;",
        "<?xml encoding='utf-16'?>",
        "ঢাকা",
        "a@example.com।",
        "<author>",
        "<dc:creator>",
        "</",
        "<",
        ">",
        "\"",
        "<!DOCTYPE [",
        "<pubDate>",
        "2024-13-45T25:61",
        "12 Jun +99",
        "<skipHours><hour>",
        "{\"items\":[",
        "\u{0}",
        "<content type='xhtml'>",
        "<itunes:duration>9:9:9:9",
        "<ttl>-1</ttl>",
        "<x y=z xml:base='http://['>",
    ]);
    prop::collection::vec(piece, 0..60).prop_map(|pieces| pieces.concat().into_bytes())
}

proptest! {
    #[test]
    fn no_bytes_panic_and_reading_twice_is_the_same(bytes in prop_oneof![pieces(), prop::collection::vec(any::<u8>(), 0..400)]) {
        let url = Url::parse("https://example.com/feed.xml").unwrap();
        let once = read(&bytes, None, Some(&url));
        let panicked = matches!(once, Err(FeedError::Panicked { .. }));
        prop_assert!(!panicked, "{once:?}");
        prop_assert_eq!(once, read(&bytes, None, Some(&url)));
    }
}

/// White space and comments, as they stand between elements.
fn between() -> impl Strategy<Value = String> {
    let filler = prop::sample::select(vec![
        "",
        " ",
        "\n",
        "\t\r\n  ",
        "<!-- c -->",
        "<!--<item>-->",
        "<!---->",
    ]);
    prop::collection::vec(filler, 0..4).prop_map(|fillers| fillers.concat())
}

proptest! {
    #[test]
    fn white_space_and_comments_between_elements_change_nothing(
        gaps in prop::collection::vec(between(), 40),
    ) {
        let url = Url::parse("https://example.com/feed.xml").unwrap();
        for whole in [
            "|<rss version='2.0' xmlns:dc='http://purl.org/dc/elements/1.1/'>|<channel>|<title>T</title>|\
             <ttl>60</ttl>|<item>|<title>One &amp; two</title>|<link>/1</link>|<guid>g1</guid>|\
             <dc:creator>Rahim</dc:creator>|<category>a</category>|<category>b</category>|</item>|<item>|\
             <description>&lt;p&gt;x&lt;/p&gt;</description>|<pubDate>Mon, 02 Mar 2026 10:00:00 GMT</pubDate>|\
             <enclosure url='/a.mp3' length='5' type='audio/mpeg'/>|</item>|</channel>|</rss>|",
            "|<feed xmlns='http://www.w3.org/2005/Atom' xml:base='https://a.example/'>|<title>T</title>|\
             <entry>|<id>urn:1</id>|<title type='html'>A &lt;b&gt;b&lt;/b&gt;</title>|<link href='x'/>|\
             <author>|<name>Karim</name>|<email>k@example.com</email>|</author>|\
             <updated>2026-03-02T10:00:00Z</updated>|<content>text</content>|</entry>|</feed>|",
        ] {
            let plain = read(whole.replace('|', "").as_bytes(), None, Some(&url)).unwrap();
            prop_assert!(plain.defects.is_empty(), "{:?}", plain.defects);
            let mut parts = whole.split('|');
            let first = parts.next().unwrap_or_default().to_owned();
            let filled = parts.zip(&gaps).fold(first, |text, (part, gap)| text + gap + part);
            let spaced = read(filled.as_bytes(), None, Some(&url)).unwrap();
            prop_assert_eq!((spaced.feed, spaced.entries), (plain.feed, plain.entries));
        }
    }
}
