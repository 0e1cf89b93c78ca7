//! What an address, a text or a header shows: whether a link leads to a feed, or to a page about
//! feeds.

use url::Url;

/// Media types of feeds. `application/json` alone is any interface's.
const FEED_KINDS: &[&str] = &[
    "application/atom+xml",
    "application/feed+json",
    "application/rdf+xml",
    "application/rss+xml",
    "application/x-rss+xml",
    "text/atom+xml",
    "text/rss+xml",
];

/// Types that feeds and much else have.
const VAGUE_KINDS: &[&str] = &["application/json", "application/xml", "text/xml"];

/// Words of an address that mean a feed.
const FEED_WORDS: &[&str] =
    &["atom", "feed", "feedburner", "feeds", "rdf", "rss", "rss1", "rss2", "rssfeed", "rssfeeds"];

/// Words of a link's text that mean a feed.
const FEED_TEXTS: &[&str] =
    &["atom", "feed", "feeds", "rss", "xml", "আরএসএস", "ফিড", "फ़ीड", "آر", "フィード"];

/// Endings of what is never a feed, though its name may say so (an icon is called `rss.png`).
const OTHER_ENDINGS: &[&str] = &[
    ".avif", ".css", ".gif", ".ico", ".jpeg", ".jpg", ".js", ".mp3", ".mp4", ".pdf", ".png",
    ".svg", ".webp", ".zip",
];

/// Endings of pages: what says feed there is about feeds.
const PAGE_ENDINGS: &[&str] = &[".asp", ".aspx", ".htm", ".html", ".jsp", ".shtml"];

/// Readers whose "subscribe" links have the feed's address in their own: host, what stands before
/// it in the path, or the parameter that holds it.
const READERS: &[(&str, &str)] = &[
    ("add.my.yahoo.com", "url"),
    ("feedly.com", "/i/subscription/feed/"),
    ("feedly.com", "/i/subscription/feed%2F"),
    ("inoreader.com", "add_feed"),
    ("inoreader.com", "/feed/"),
    ("netvibes.com", "url"),
    ("newsblur.com", "url"),
    ("theoldreader.com", "url"),
];

/// What a link seems to lead to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sign {
    /// A feed.
    Feed,
    /// A page that lists feeds.
    Page,
    /// Neither.
    Nothing,
}

/// Whether a media type is a feed's; nothing where it does not tell.
pub(super) fn kind_is_feed(kind: &str) -> Option<bool> {
    let kind = kind.trim().to_ascii_lowercase();
    if FEED_KINDS.contains(&kind.as_str()) {
        return Some(true);
    }
    if VAGUE_KINDS.contains(&kind.as_str()) || kind.is_empty() { None } else { Some(false) }
}

/// What an anchor seems to lead to, by its address and its text.
pub(super) fn anchor(url: &Url, text: &str) -> Sign {
    let path = url.path().to_ascii_lowercase();
    if OTHER_ENDINGS.iter().any(|end| path.ends_with(end)) {
        return Sign::Nothing;
    }
    let by_address = says_feed(url);
    // A story about RSS has it in a long text; a link to feeds is a few words.
    let text = text.to_lowercase();
    let by_text = words(&text).count() <= 4 && words(&text).any(|word| FEED_TEXTS.contains(&word));
    let is_page = PAGE_ENDINGS.iter().any(|end| path.ends_with(end));
    match (by_address, by_text) {
        (true, _) if !is_page => Sign::Feed,
        (_, true) => Sign::Page,
        _ => Sign::Nothing,
    }
}

/// Whether an address has a word for a feed where a feed's address has it: in the host, as a whole
/// short segment or the end of the path, or in the query.
pub(super) fn says_feed(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default();
    let by_host = host.split('.').any(|label| FEED_WORDS.contains(&label));
    let path = url.path().to_ascii_lowercase();
    let by_path = path.split('/').filter(|segment| segment.len() <= 40).any(|segment| {
        // A headline's slug has many words; a feed's name has few.
        let names: Vec<&str> = words(segment).collect();
        names.len() <= 4 && names.iter().any(|word| FEED_WORDS.contains(word))
    });
    let by_query = url.query_pairs().any(|(name, value)| {
        let (name, value) = (name.to_ascii_lowercase(), value.to_ascii_lowercase());
        let is_word = |text: &str| words(text).any(|word| FEED_WORDS.contains(&word));
        // A campaign is called rss as well.
        !name.starts_with("utm_") && name != "ref" && (is_word(&name) || is_word(&value))
    });
    by_host || by_path || by_query
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_alphanumeric() && !is_mark(c)).filter(|word| !word.is_empty())
}

/// Signs of South Asian scripts that belong to the letter before them.
fn is_mark(c: char) -> bool {
    matches!(c, '\u{900}'..='\u{dff}')
}

/// Whether a feed is of comments and not of articles.
pub(super) fn is_comments(url: &Url, title: Option<&str>) -> bool {
    let path = url.path().to_ascii_lowercase();
    let by_path = path.split(['/', '-', '.']).any(|part| part == "comments" || part == "comment");
    let title = title.unwrap_or_default().to_lowercase();
    let by_query = url.query().is_some_and(|query| query.contains("comments"));
    by_path || by_query || ["comments", "মন্তব্য"].iter().any(|word| title.contains(word))
}

/// The feed's address inside the "subscribe" link of a reader.
pub(super) fn subscribed(url: &Url) -> Option<Url> {
    let host = url.domain()?;
    let inner = READERS.iter().find_map(|(reader, place)| {
        let rest = host.strip_suffix(reader)?;
        if !(rest.is_empty() || rest.ends_with('.')) {
            return None;
        }
        if place.starts_with('/') {
            let inside = url[url::Position::BeforePath..].strip_prefix(place)?;
            return Some(percent_encoding::percent_decode_str(inside).decode_utf8().ok()?.into());
        }
        let (_, value) = url.query_pairs().find(|(name, _)| name == place)?;
        Some(value.into_owned())
    });
    let inner = Url::parse(inner?.trim()).ok()?;
    matches!(inner.scheme(), "http" | "https").then_some(inner)
}

/// A link of an HTTP header `Link` (RFC 8288).
#[derive(Debug, PartialEq, Eq)]
pub(super) struct HeaderLink {
    pub(super) url: Url,
    pub(super) rel: Vec<String>,
    pub(super) kind: Option<String>,
    pub(super) title: Option<String>,
}

/// Reads the values of a header `Link`; `base` resolves what is relative.
pub(super) fn header_links<'a>(
    values: impl IntoIterator<Item = &'a str>,
    base: &Url,
) -> Vec<HeaderLink> {
    let mut found = Vec::new();
    for value in values {
        for part in split_outside_quotes(value, ',') {
            let Some((target, parameters)) =
                part.trim().strip_prefix('<').and_then(|rest| rest.split_once('>'))
            else {
                continue;
            };
            let Ok(url) = base.join(target.trim()) else { continue };
            let mut link = HeaderLink { url, rel: Vec::new(), kind: None, title: None };
            for parameter in split_outside_quotes(parameters, ';') {
                let Some((name, value)) = parameter.split_once('=') else { continue };
                let value = value.trim().trim_matches('"').to_owned();
                match name.trim().to_ascii_lowercase().as_str() {
                    "rel" => {
                        link.rel = value.split_whitespace().map(str::to_ascii_lowercase).collect();
                    }
                    "type" => link.kind = Some(value.to_ascii_lowercase()),
                    "title" => link.title = Some(value),
                    _ => {}
                }
            }
            found.push(link);
        }
    }
    found
}

/// Parts of a text between separators that stand neither in quotes nor in angle brackets.
fn split_outside_quotes(text: &str, separator: char) -> Vec<&str> {
    let (mut parts, mut from, mut quoted, mut inside) = (Vec::new(), 0, false, false);
    for (at, c) in text.char_indices() {
        match c {
            '"' if !inside => quoted = !quoted,
            '<' if !quoted => inside = true,
            '>' if !quoted => inside = false,
            _ if c == separator && !quoted && !inside => {
                parts.push(&text[from..at]);
                from = at + c.len_utf8();
            }
            _ => {}
        }
    }
    parts.push(&text[from..]);
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(text: &str) -> Url {
        Url::parse(text).unwrap()
    }

    #[test]
    fn a_link_to_a_feed_is_told_from_one_to_a_story_about_feeds() {
        for (address, text, sign) in [
            ("https://e.com/rss.xml", "", Sign::Feed),
            ("https://e.com/world/feed/", "World", Sign::Feed),
            ("https://e.com/?format=rss", "", Sign::Feed),
            ("https://feeds.e.com/world", "World", Sign::Feed),
            ("https://e.com/bn/rss-feeds", "", Sign::Feed),
            ("https://e.com/rss.html", "RSS", Sign::Page),
            ("https://e.com/services", "RSS", Sign::Page),
            ("https://e.com/s", "আরএসএস ফিড", Sign::Page),
            ("https://e.com/img/rss.png", "RSS", Sign::Nothing),
            (
                "https://e.com/2024/how-to-feed-a-family-of-four",
                "How to feed a family",
                Sign::Nothing,
            ),
            ("https://e.com/story?utm_source=rss", "A story", Sign::Nothing),
            ("https://e.com/world", "World", Sign::Nothing),
        ] {
            assert_eq!(anchor(&url(address), text), sign, "{address}");
        }
    }

    #[test]
    fn the_type_of_an_interface_is_no_feed() {
        assert_eq!(kind_is_feed("application/RSS+xml"), Some(true));
        assert_eq!(kind_is_feed("application/json+oembed"), Some(false));
        assert_eq!(kind_is_feed("application/json"), None);
    }

    #[test]
    fn a_readers_link_holds_the_feed() {
        for link in [
            "https://feedly.com/i/subscription/feed%2Fhttps%3A%2F%2Fe.com%2Frss",
            "https://feedly.com/i/subscription/feed/https://e.com/rss",
            "https://www.inoreader.com/?add_feed=https%3A%2F%2Fe.com%2Frss",
        ] {
            assert_eq!(subscribed(&url(link)), Some(url("https://e.com/rss")), "{link}");
        }
        assert_eq!(
            subscribed(&url("https://evilfeedly.com/i/subscription/feed/https://e.com/")),
            None
        );
    }

    #[test]
    fn a_link_header_is_read_with_its_commas_and_quotes() {
        let header = r#"</a?x=1,2>; rel="preload"; as=script, <feed>; REL=alternate; type="application/rss+xml"; title="News, all; of it""#;
        let links = header_links([header], &url("https://e.com/bn/"));
        assert_eq!(links.len(), 2);
        assert_eq!(links[1].url.as_str(), "https://e.com/bn/feed");
        assert_eq!(links[1].rel, ["alternate"]);
        assert_eq!(links[1].title.as_deref(), Some("News, all; of it"));
    }
}
