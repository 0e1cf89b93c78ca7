//! Feed addresses that follow from a page's own address on a platform that everybody knows, and
//! from the program that made a page.

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use url::Url;

/// One rule a row: host (`*.` for those below it, `.*` for any suffix), path with `{name}`s and
/// maybe a parameter, the feed's address, what it is. `/**` at the end of a path stands for
/// whatever follows. Of one host the first path that fits counts, with all rows that share it.
const PLATFORMS: &str = include_str!("platforms.tsv");

/// One row a path: the program that has it there (`*` for any), the path, a reason where odd.
const PATHS: &str = include_str!("paths.tsv");

/// Pages of platforms that are nobody's account.
const RESERVED: &[&str] = &[
    "about",
    "api",
    "blog",
    "categories",
    "channels",
    "collections",
    "contact",
    "discover",
    "explore",
    "features",
    "feed",
    "feeds",
    "help",
    "issues",
    "jobs",
    "login",
    "marketplace",
    "m",
    "me",
    "news",
    "notifications",
    "p",
    "popular",
    "premium",
    "pricing",
    "privacy",
    "pulls",
    "search",
    "settings",
    "shop",
    "signin",
    "signup",
    "sponsors",
    "tag",
    "terms",
    "topics",
    "trending",
    "upload",
    "videos",
    "watch",
];

/// Feeds that a platform is known to have for this address: the address and what it is.
pub(super) fn feeds_of(url: &Url) -> Vec<(Url, &'static str)> {
    let Some(host) = url.domain().map(|host| host.trim_start_matches("www.").to_owned()) else {
        return Vec::new();
    };
    let mut fitting: Option<(&str, &str)> = None;
    let mut found = Vec::new();
    for row in PLATFORMS.lines() {
        let mut columns = row.split('\t');
        let (Some(rule_host), Some(path), Some(feed), Some(what)) =
            (columns.next(), columns.next(), columns.next(), columns.next())
        else {
            continue;
        };
        if fitting.is_some_and(|fit| fit != (rule_host, path)) || !fits_host(rule_host, &host) {
            continue;
        }
        if let Some(names) = fits_path(path, url) {
            fitting = Some((rule_host, path));
            let mut address = feed.replace("{host}", &host);
            for (name, value) in names {
                let value = utf8_percent_encode(&value, NAME).to_string();
                address = address.replace(&format!("{{{name}}}"), &value);
            }
            found.extend(Url::parse(&address).ok().map(|url| (url, what)));
        }
    }
    found
}

/// What a name may hold without being escaped.
const NAME: &percent_encoding::AsciiSet =
    &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

fn fits_host(rule: &str, host: &str) -> bool {
    if let Some(name) = rule.strip_prefix("*.") {
        if let Some(name) = name.strip_suffix(".*") {
            return host.split('.').skip(1).any(|label| label == name);
        }
        let below = host.strip_suffix(name).and_then(|rest| rest.strip_suffix('.'));
        return below.is_some_and(|label| !label.is_empty());
    }
    rule == host
}

/// The names that a pattern finds in an address; none where it does not fit.
fn fits_path(pattern: &'static str, url: &Url) -> Option<Vec<(&'static str, String)>> {
    let (path, query) = pattern.split_once('?').map_or((pattern, None), |(p, q)| (p, Some(q)));
    let mut names = Vec::new();
    let mut given = url.path_segments()?.filter(|segment| !segment.is_empty());
    let mut open_end = false;
    for wanted in path.split('/').filter(|segment| !segment.is_empty()) {
        if wanted == "**" {
            open_end = true;
            break;
        }
        let segment = given.next()?;
        let Some(at) = wanted.find('{') else {
            if wanted == segment {
                continue;
            }
            return None;
        };
        let value = segment.strip_prefix(&wanted[..at])?;
        if value.is_empty() || (at == 0 && is_reserved(value)) {
            return None;
        }
        names.push((wanted[at..].trim_matches(['{', '}']), decoded(value)));
    }
    if !open_end && given.next().is_some() {
        return None;
    }
    if let Some((name, wanted)) = query.and_then(|query| query.split_once('=')) {
        let (_, value) = url.query_pairs().find(|(key, _)| key == name)?;
        names.push((wanted.trim_matches(['{', '}']), value.into_owned()));
    }
    Some(names)
}

fn is_reserved(name: &str) -> bool {
    RESERVED.contains(&name.to_ascii_lowercase().as_str()) || name.starts_with('@')
}

fn decoded(text: &str) -> String {
    percent_encoding::percent_decode_str(text).decode_utf8_lossy().into_owned()
}

/// The program of the table that made a page, by what the page says of it.
pub(super) fn program(generator: &str) -> Option<&'static str> {
    let generator = generator.to_lowercase();
    rows().map(|(program, _)| program).find(|known| generator.starts_with(&known.to_lowercase()))
}

/// Where a program (or `*`: most of them) has the feed, below the page and below the site's root.
pub(super) fn paths_of(program: &str, page: &Url) -> Vec<Url> {
    let paths: Vec<&str> =
        rows().filter(|(known, _)| *known == program).map(|(_, path)| path).collect();
    let mut folder = page.clone();
    folder.set_query(None);
    folder.set_fragment(None);
    if !folder.path().ends_with('/') {
        folder.set_path(&format!("{}/", page.path()));
    }
    let root = folder.join("/").ok();
    let is_root = root.as_ref() == Some(&folder);
    // A section's own feed is one of few guesses; what the whole site has is likelier.
    let section =
        (!is_root).then(|| paths.iter().take(2).filter_map(|path| folder.join(path).ok()));
    let site = root.iter().flat_map(|root| paths.iter().filter_map(|path| root.join(path).ok()));
    section.into_iter().flatten().chain(site).collect()
}

fn rows() -> impl Iterator<Item = (&'static str, &'static str)> {
    let path = |rest: &'static str| rest.split('\t').next().unwrap_or_default();
    PATHS.lines().filter_map(|row| row.split_once('\t')).map(move |(name, rest)| (name, path(rest)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Vec<String> {
        let url = Url::parse(text).unwrap();
        feeds_of(&url).into_iter().map(|(url, _)| url.to_string()).collect()
    }

    #[test]
    fn every_row_has_its_four_columns_and_makes_an_address() {
        for row in PLATFORMS.lines() {
            let columns: Vec<&str> = row.split('\t').collect();
            assert_eq!(columns.len(), 4, "{row}");
            let address = columns[2].replace("{host}", "a.b.com").replace(['{', '}'], "");
            assert!(Url::parse(&address).is_ok(), "{row}");
            for name in columns[2].split('{').skip(1).filter_map(|rest| rest.split('}').next()) {
                assert!(name == "host" || columns[1].contains(&format!("{{{name}}}")), "{row}");
            }
        }
        assert!(PATHS.lines().all(|row| row.split('\t').count() >= 2));
    }

    #[test]
    fn known_platforms_tell_where_their_feeds_are() {
        for (page, feed) in [
            (
                "https://www.youtube.com/channel/UCabc/videos",
                "https://www.youtube.com/feeds/videos.xml?channel_id=UCabc",
            ),
            (
                "https://youtube.com/playlist?list=PL1",
                "https://www.youtube.com/feeds/videos.xml?playlist_id=PL1",
            ),
            ("https://medium.com/@jo/story-1", "https://medium.com/feed/@jo"),
            ("https://prothoma.medium.com/", "https://prothoma.medium.com/feed"),
            ("https://khobor.wordpress.com/2024/x", "https://khobor.wordpress.com/feed/"),
            ("https://khobor.blogspot.co.uk/", "https://khobor.blogspot.co.uk/feeds/posts/default"),
            (
                "https://www.reddit.com/r/bangladesh/comments/1/x/",
                "https://www.reddit.com/r/bangladesh/.rss",
            ),
            ("https://desk.substack.com/p/story", "https://desk.substack.com/feed"),
            ("https://www.tumblr.com/desk/123", "https://desk.tumblr.com/rss"),
            (
                "https://news.google.com/search?q=a%20b&hl=bn",
                "https://news.google.com/rss/search?q=a%20b",
            ),
        ] {
            assert_eq!(of(page), [feed], "{page}");
        }
        assert_eq!(of("https://github.com/a/b/issues").len(), 3);
        assert_eq!(of("https://github.com/a"), ["https://github.com/a.atom"]);
    }

    #[test]
    fn a_page_that_is_nobodys_and_a_look_alike_have_no_rule() {
        for page in [
            "https://github.com/pricing",
            "https://github.com/",
            "https://medium.com/search?q=x",
            "https://youtube.com.evil.example/channel/UC1",
            "https://notreddit.com/r/x",
            "https://example.com/channel/1",
        ] {
            assert_eq!(of(page), [""; 0], "{page}");
        }
    }

    #[test]
    fn guesses_follow_the_program_and_the_section() {
        let page = Url::parse("https://e.com/world?x=1").unwrap();
        let paths: Vec<String> = paths_of("WordPress", &page).iter().map(Url::to_string).collect();
        let wanted = [
            "https://e.com/world/feed/",
            "https://e.com/world/?feed=rss2",
            "https://e.com/feed/",
            "https://e.com/?feed=rss2",
        ];
        assert_eq!(paths, wanted);
        assert!(paths_of("*", &page).len() > 8);
        assert_eq!(program("wordpress 6.5"), Some("WordPress"));
        assert_eq!(program("Our own"), None);
    }
}
