//! Lists as programs write them and as people damage them.

use proptest::prelude::*;

use super::*;

const LIST: &str = r#"<?xml version="1.0"?>
<opml version="2.0" xmlns:frss="https://freshrss.org/opml">
<head><title>আমার &amp; yours</title></head>
<body>
<outline text="World" title="World">
  <outline text="Asia">
    <outline type="rss" text="Prabhat" title="Prabhat &quot;daily&quot;" xmlUrl="https://a.example/rss?x=1&amp;y=2"
      htmlUrl="https://a.example/" category="/World/Asia,bn" language="bn" frss:priority="7" isOpen="true"/>
  </outline>
</outline>
<outline type="rss" text="Loose" xmlUrl="https://b.example/feed"/>
</body></opml>"#;

fn urls(text: &str) -> Vec<String> {
    let opml = read(text.as_bytes()).expect("a list");
    opml.outlines.iter().map(|outline| outline.url.to_string()).collect()
}

#[test]
fn folders_and_all_attributes_are_kept() {
    let opml = read(LIST.as_bytes()).expect("a list");
    assert_eq!(opml.title.as_deref(), Some("আমার & yours"));
    let first = &opml.outlines[0];
    assert_eq!(first.url.as_str(), "https://a.example/rss?x=1&y=2");
    assert_eq!(first.folder, ["World", "Asia"]);
    assert_eq!(first.get("title"), Some("Prabhat \"daily\""));
    assert_eq!(first.get("category"), Some("/World/Asia,bn"));
    assert_eq!(first.get("frss:priority"), Some("7"));
    assert_eq!(first.get("isOpen"), Some("true"));
    assert!(opml.outlines[1].folder.is_empty());
    assert!(opml.faults.is_empty(), "{:?}", opml.faults);
}

#[test]
fn what_is_written_is_read_back_whole() {
    let first = read(LIST.as_bytes()).expect("a list");
    let written = write("mine", &first.outlines);
    let second = read(written.as_bytes()).expect("a list");
    assert_eq!(second.outlines.len(), 2);
    for outline in &first.outlines {
        let again = second.outlines.iter().find(|other| other.url == outline.url).expect("there");
        assert_eq!(again.folder, outline.folder);
        for (name, value) in &outline.attributes {
            assert_eq!(again.get(name), Some(value.as_str()), "{name}");
        }
    }
    assert_eq!(write("mine", &second.outlines), written);
}

#[test]
fn a_damaged_outline_costs_itself() {
    let list = r#"<opml><body>
        <outline text="A & B" xmlUrl="http://a.example/?a=1&b=2" />
        <outline text="no address" type="rss" htmlUrl="http://c.example/"/>
        <outline text=unquoted xmlurl=http://d.example/rss>
        <outline text="mail" xmlUrl="mailto:me@e.example"/>
        <outline text="lost quote xmlUrl="http://f.example/rss"/>
        <outline text="two" xmlUrl="feed://g.example/rss"/>
        <outline text="h" type="rss" url="feed:https://h.example/rss"/>
        <outline text="i" XMLURL="i.example/rss"/>
        <outline text="cut" xmlUrl="https://j.example/r"#;
    let opml = read(list.as_bytes()).expect("a list");
    let found: Vec<&str> = opml.outlines.iter().map(|outline| outline.url.as_str()).collect();
    for url in [
        "http://a.example/?a=1&b=2",
        "http://d.example/rss",
        "http://g.example/rss",
        "https://h.example/rss",
        "http://i.example/rss",
    ] {
        assert!(found.contains(&url), "{url} is not in {found:?}");
    }
    let lines: Vec<usize> = opml.faults.iter().map(|fault| fault.line).collect();
    assert!(lines.contains(&3) && lines.contains(&5), "{:?}", opml.faults);
    assert!(opml.outlines.iter().all(|outline| outline.folder.is_empty()), "{:?}", opml.outlines);
}

#[test]
fn feeds_whose_ends_are_missing_or_doubled_stay_in_their_folders() {
    let unclosed = r#"<opml><body><outline text="F"><outline text="a" xmlUrl="http://a.example/">
        <outline text="b" xmlUrl="http://b.example/"></outline></body></opml>"#;
    let doubled = r#"<opml><body><outline text="F"><outline text="a" xmlUrl="http://a.example/"/></outline>
        <outline text="b" xmlUrl="http://b.example/"/></outline></outline></body></opml>"#;
    for list in [unclosed, doubled] {
        for outline in read(list.as_bytes()).expect("a list").outlines {
            assert_eq!(outline.folder, ["F"], "{}", outline.url);
        }
    }
}

#[test]
fn bounds_hold_in_bytes_depth_and_count() {
    assert_eq!(read(&vec![b' '; BYTES + 1]), Err(OpmlError::TooLarge(BYTES + 1)));
    assert_eq!(read(b"<html><body>no list"), Err(OpmlError::NotOpml));
    let feed = r#"<outline xmlUrl="http://a.example/"/>"#;
    let deep = format!("<opml>{}{feed}", r#"<outline text="f">"#.repeat(10_000));
    assert_eq!(read(deep.as_bytes()).expect("a list").outlines[0].folder.len(), DEPTH);
    let many = format!("<opml>{}", feed.repeat(OUTLINES + 5));
    let many = read(many.as_bytes()).expect("a list");
    assert_eq!((many.outlines.len(), many.faults.len()), (OUTLINES, 1));
}

#[test]
fn an_old_charset_is_read() {
    let list = b"<?xml version='1.0' encoding='windows-1251'?><opml><outline text='\xcc\xe8\xf0' xmlUrl='http://a.example/'/></opml>";
    assert_eq!(read(list).expect("a list").outlines[0].get("text"), Some("Мир"));
    assert_eq!(urls("\u{feff}<OPML><Outline text='a' xmlUrl=' http://a.example/x '/>").len(), 1);
}

fn names() -> impl Strategy<Value = String> {
    "[ -~\u{995}-\u{9b9}<>&\"']{1,8}"
        .prop_map(|name| name.trim().to_owned())
        .prop_filter("named", |n| !n.is_empty())
}

proptest! {
    #[test]
    fn any_list_comes_round_whole(
        feeds in prop::collection::vec((prop::collection::vec(names(), 0..3), names(), names()), 0..8)
    ) {
        let outlines: Vec<Outline> = feeds.into_iter().enumerate().map(|(at, (folder, text, odd))| Outline {
            url: Url::parse(&format!("http://e.com/{at}?a=1&b=2")).expect("a url"),
            folder,
            attributes: vec![("text".into(), text), ("type".into(), "atom".into()), ("x:odd".into(), odd)],
        }).collect();
        let first = read(write("t", &outlines).as_bytes()).expect("a list");
        prop_assert!(first.faults.is_empty());
        let mut sorted = outlines;
        sorted.sort_by(|a, b| a.folder.cmp(&b.folder));
        prop_assert_eq!(first.outlines, sorted);
    }

    #[test]
    fn no_bytes_panic(bytes in prop::collection::vec(0_u8.., 0..400), at in 0_usize..400) {
        let _ = read(&bytes);
        let cut = at.min(LIST.len());
        let mut damaged = LIST.as_bytes()[..cut].to_vec();
        damaged.extend(bytes);
        damaged.extend(&LIST.as_bytes()[cut..]);
        let _ = read(&damaged);
    }
}
