//! What feed-rs and quick-xml do with small inputs that they should read, as `docs/upstream.md` tells
//! their authors. A test that fails here says that a new version mended something: then the document
//! and the guard that names it are to be looked at again.

use std::panic::catch_unwind;

use feed_rs::parser::{Builder, parse};

/// The titles that feed-rs reads, or nothing where it gives the document up.
fn titles(document: &[u8]) -> Option<Vec<String>> {
    let feed = parse(document).ok()?;
    Some(feed.entries.into_iter().filter_map(|entry| Some(entry.title?.content)).collect())
}

fn rss(item: &str) -> String {
    let whole = "<item><title>whole</title><link>https://a.example/1</link></item>";
    format!(
        "<rss version=\"2.0\" xmlns:media=\"http://search.yahoo.com/mrss/\"><channel>\
         <title>t</title>{whole}<item><title>odd</title>{item}</item></channel></rss>"
    )
}

fn panics(document: &[u8]) -> bool {
    let document = document.to_vec();
    catch_unwind(move || drop(parse(document.as_slice()))).is_err()
}

#[test]
fn a_whole_document_is_read() {
    assert_eq!(titles(rss("").as_bytes()).unwrap(), ["whole", "odd"]);
}

#[test]
fn a_declaration_that_is_not_the_first_thing_panics() {
    let late = rss("").replace("<channel>", "<channel><?xml version=\"1.0\" encoding=\"latin1\"?>");
    assert!(panics(late.as_bytes()));
}

#[test]
fn an_address_beside_a_letter_of_several_bytes_panics() {
    assert!(panics(rss("<author>a@example.com। ঢাকা</author>").as_bytes()));
    assert!(panics(rss("<author>নাম\u{a0}a@example.com</author>").as_bytes()));
}

#[test]
fn one_fault_costs_the_whole_document() {
    for item in [
        "<description>fish & chips</description>",
        "<description>a</b></description>",
        "<description>&#0;</description>",
        "<description>&#xD800;</description>",
        "<media:title/>",
        "<media:description></media:description>",
    ] {
        assert_eq!(titles(rss(item).as_bytes()), None, "{item}");
    }
    let latin = rss("<category>th\u{1}</category>").replace('\u{1}', "#").into_bytes();
    let latin: Vec<u8> = latin.into_iter().map(|b| if b == b'#' { 0xe9 } else { b }).collect();
    assert_eq!(titles(&latin), None);
    let cut = rss("").replace("</item></channel></rss>", "");
    assert_eq!(titles(cut.as_bytes()), None);
    let bare = rss("").replace(" version=\"2.0\"", "");
    assert_eq!(titles(bare.as_bytes()), None);
}

#[test]
fn white_space_before_the_root_hides_it() {
    let spaced = format!("{}{}", " ".repeat(8192), rss(""));
    assert_eq!(titles(spaced.as_bytes()), None);
}

#[test]
fn an_entry_without_guid_and_link_has_another_id_at_each_reading() {
    let document = rss("");
    let last = || parse(document.as_bytes()).unwrap().entries.pop().unwrap().id;
    assert_ne!(last(), last());
}

#[test]
fn an_edited_headline_makes_another_entry() {
    let first = |title: &str| {
        let document = rss("").replace("whole", title);
        parse(document.as_bytes()).unwrap().entries.swap_remove(0).id
    };
    assert_ne!(first("The river rises"), first("The river rises again"));
}

#[test]
fn named_letters_stay_as_they_are() {
    let document = rss("<description>&eacute;t&eacute;&nbsp;noir</description>");
    let last = parse(document.as_bytes()).ok().and_then(|mut feed| feed.entries.pop());
    let summary = last.and_then(|entry| entry.summary).map(|text| text.content);
    assert_ne!(summary.as_deref(), Some("été\u{a0}noir"));
}

#[test]
fn a_parser_is_of_no_use_after_an_error() {
    let told = catch_unwind(|| {
        let parser = Builder::new().build();
        let broken = rss(
            "<media:group><media:title>a</media:title><media:content url=\"x\"></media:group></b>",
        );
        let _ = parser.parse(broken.as_bytes());
        parser.parse(rss("<media:title>b</media:title>").as_bytes()).is_ok()
    });
    assert_ne!(told.ok(), Some(true));
    assert!(titles(rss("<media:title>b</media:title>").as_bytes()).is_some());
}
