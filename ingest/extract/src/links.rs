//! What a page points at: its `<link>`s, its anchors, and what made it. For finding feeds.

use article::text::{clean, cut, fold_space};
use scraper::{ElementRef, Selector};
use url::Url;

use crate::{decode, tree};

/// Most links and most anchors that are kept; the largest front pages measured have a third.
const MANY: usize = 5_000;
/// Longest text of a link that is kept, in scalars.
const TEXT: usize = 200;
/// Nodes of an anchor that are looked at for its text.
const INSIDE: usize = 200;
/// Longest address that is kept, in bytes.
const ADDRESS: usize = 4_096;

/// What a page points at, in the order of the document.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Links {
    /// The page's title.
    pub title: Option<String>,
    /// What made it, as it says (`WordPress 6.5`).
    pub generator: Option<String>,
    /// Its `<link>`s that have an address.
    pub links: Vec<Link>,
    /// Its anchors.
    pub anchors: Vec<Anchor>,
}

/// A `<link>`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// Where it points.
    pub url: Url,
    /// The words of `rel`, in lower case.
    pub rel: Vec<String>,
    /// The media type, in lower case and without parameters.
    pub kind: Option<String>,
    /// Its title.
    pub title: Option<String>,
}

/// An anchor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Anchor {
    /// Where it points.
    pub url: Url,
    /// The media type that it promises.
    pub kind: Option<String>,
    /// Its text; where it has none, what it is labelled with.
    pub text: String,
}

/// Reads a page's links, as far as the tree's caps allow; `url` resolves them.
pub fn links(bytes: &[u8], content_type: Option<&str>, url: &Url) -> Links {
    let (text, _) = decode::decode(bytes, content_type);
    let html = tree::parse(&text);
    let find = |selector: &'static str| {
        let selector = Selector::parse(selector).expect("our own selectors are right");
        html.select(&selector).collect::<Vec<_>>()
    };
    let base = find("base[href]").first().and_then(|base| base.value().attr("href"));
    let base = base.and_then(|href| url.join(href.trim()).ok()).unwrap_or_else(|| url.clone());
    let resolve = |element: &ElementRef<'_>| {
        let href = element.value().attr("href")?.trim();
        if href.is_empty() || href.len() > ADDRESS {
            return None;
        }
        // `feed:` is no address that can be joined; those who write it mean the web.
        let href = match href.get(..5) {
            Some(start) if start.eq_ignore_ascii_case("feed:") => match &href[5..] {
                rest if rest.starts_with("//") => format!("http:{rest}"),
                rest => rest.to_owned(),
            },
            _ => href.to_owned(),
        };
        base.join(&href).ok().filter(|url| matches!(url.scheme(), "http" | "https"))
    };
    let links = find("link[href]").into_iter().filter_map(|element| {
        let words = element.value().attr("rel").unwrap_or_default();
        Some(Link {
            url: resolve(&element)?,
            rel: words.split_whitespace().map(str::to_ascii_lowercase).collect(),
            kind: kind(&element),
            title: labelled(&element, &["title"]),
        })
    });
    let anchors = find("a[href], area[href]").into_iter().filter_map(|element| {
        let url = resolve(&element)?;
        Some(Anchor { url, kind: kind(&element), text: anchor_text(&element) })
    });
    Links {
        title: find("title").first().and_then(|title| short(&title.text().collect::<String>())),
        generator: find("meta[name='generator' i]")
            .first()
            .and_then(|meta| labelled(meta, &["content"])),
        links: links.take(MANY).collect(),
        anchors: anchors.take(MANY).collect(),
    }
}

fn kind(element: &ElementRef<'_>) -> Option<String> {
    let kind = element.value().attr("type")?.split(';').next()?.trim().to_ascii_lowercase();
    (!kind.is_empty()).then(|| cut(&kind, TEXT).to_owned())
}

/// An icon says what it is in its label, its title, or the picture's `alt`.
fn anchor_text(element: &ElementRef<'_>) -> String {
    let inside = || element.descendants().take(INSIDE);
    let texts = inside().filter_map(|node| node.value().as_text()).map(|text| text.to_string());
    short(&texts.collect::<Vec<_>>().join(" "))
        .or_else(|| labelled(element, &["aria-label", "title"]))
        .or_else(|| {
            let mut inner = inside().filter_map(ElementRef::wrap);
            inner.find_map(|element| labelled(&element, &["alt", "aria-label", "title"]))
        })
        .unwrap_or_default()
}

fn labelled(element: &ElementRef<'_>, names: &[&str]) -> Option<String> {
    names.iter().filter_map(|name| element.value().attr(name)).find_map(short)
}

fn short(text: &str) -> Option<String> {
    let text = clean(&fold_space(text));
    (!text.is_empty()).then(|| cut(&text, TEXT).to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_and_anchors_are_read_with_base_labels_and_feed_addresses() {
        let page = r#"<title> The
            Daily </title><base href="/bn/"><meta name="Generator" content="WordPress 6.5">
            <link rel="Alternate" type="application/RSS+xml; charset=utf-8" title="All" href="feed/">
            <link rel="stylesheet" href="/x.css"><body><a href="rss.xml"><img alt="RSS"></a>
            <a href="feed://e.com/atom">সব <b>খবর</b></a><a href="mailto:x@e.com">mail</a>"#;
        let url = Url::parse("https://e.com/home").expect("a url");
        let found = links(page.as_bytes(), None, &url);
        assert_eq!(found.title.as_deref(), Some("The Daily"));
        assert_eq!(found.generator.as_deref(), Some("WordPress 6.5"));
        assert_eq!(found.links.len(), 2);
        let first = &found.links[0];
        assert_eq!(first.url.as_str(), "https://e.com/bn/feed/");
        assert_eq!((first.rel[0].as_str(), first.title.as_deref()), ("alternate", Some("All")));
        assert_eq!(first.kind.as_deref(), Some("application/rss+xml"));
        let anchors: Vec<(&str, &str)> =
            found.anchors.iter().map(|a| (a.url.as_str(), a.text.as_str())).collect();
        let wanted = [("https://e.com/bn/rss.xml", "RSS"), ("http://e.com/atom", "সব খবর")];
        assert_eq!(anchors, wanted);
    }

    proptest::proptest! {
        #[test]
        fn no_bytes_panic(bytes in proptest::collection::vec(0_u8.., 0..300)) {
            let _ = links(&bytes, None, &Url::parse("http://e.com/").expect("a url"));
        }
    }
}
