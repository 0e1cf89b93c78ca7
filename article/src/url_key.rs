//! One normal form of an address, for identity only: what is fetched is the address as given.
//!
//! The form is itself an address, so that normalising it again can be asked for, and changes
//! nothing. Two addresses name the same article exactly when their forms are equal; what is only
//! likely to be the same (AMP, mobile hosts, redirectors) is an [`aliases`], never a rewrite.

mod spelling;
mod tracking;
mod alias;

use url::Url;

pub use alias::aliases;

/// The endings of a file that a server shows for its folder.
const INDEX_STEMS: &[&str] = &["index", "default"];
const INDEX_ENDINGS: &[&str] =
    &["asp", "aspx", "cfm", "htm", "html", "jsp", "php", "shtml", "xhtml"];

/// Rounds until the form stands. One does nearly always; a second is needed where taking away
/// bares something else (`/a/..%22`), and a stranger's address gets no more than a few.
const ROUNDS: usize = 8;

/// The normal form of an address: https for both schemes, no user, no `www.`, no default port;
/// path and query decoded, brought to NFC and encoded again; parameters sorted by name, those of
/// campaigns, clicks and sessions gone; no slash, index file or fragment at the end, but for
/// fragments that a script routes by (`#!…`, `#/…`).
pub fn url_key(url: &Url) -> String {
    let mut form = once(url);
    for _ in 0..ROUNDS {
        let Ok(again) = Url::parse(&form) else { break };
        let next = once(&again);
        if next == form {
            break;
        }
        form = next;
    }
    form
}

fn once(given: &Url) -> String {
    if given.cannot_be_a_base() {
        return given.as_str().to_owned();
    }
    let is_web = matches!(given.scheme(), "http" | "https");
    let doubled = if is_web { second_of_doubled(given) } else { None };
    let url = doubled.as_ref().unwrap_or(given);
    let scheme = if is_web { "https" } else { url.scheme() };
    // Either scheme's port stands for both: nobody serves another site on the other one's.
    let port = url.port().filter(|port| !is_web || !matches!(port, 80 | 443));
    let port = port.map(|port| format!(":{port}")).unwrap_or_default();
    let host = plain_host(url.host_str().unwrap_or_default());
    let (query, fragment) = parameters_and_fragment(url);
    format!("{scheme}://{host}{port}{}{}{}", path(url), sorted(host, &query), routed(fragment))
}

/// A host without what does not tell two sites apart: the root's dot and `www.`.
fn plain_host(host: &str) -> &str {
    let mut plain = host.trim_end_matches('.');
    while let Some(rest) = plain.strip_prefix("www.") {
        if !rest.contains('.') || rest.starts_with('.') {
            break;
        }
        plain = rest;
    }
    if plain.is_empty() { host } else { plain }
}

/// A base and an absolute address put together by a careless template:
/// `https://e.com/https://e.com/story`, `https://e.comhttps://e.com/story`. Only where both name
/// the same host: an archive's address of a story is the archive's.
fn second_of_doubled(url: &Url) -> Option<Url> {
    let host = url.host_str()?;
    let rest = &url[url::Position::BeforePath..];
    let path = url.path();
    let at = ["http:/", "https:/"].iter().filter_map(|start| path.rfind(start)).max();
    let (outer, inner) = match at {
        Some(at) => (host, rest[at..].to_owned()),
        None if path.starts_with("//") => {
            let scheme = ["https", "http"].into_iter().find(|scheme| host.ends_with(scheme))?;
            (host.strip_suffix(scheme)?, format!("{scheme}:{rest}"))
        }
        None => return None,
    };
    let inner = Url::parse(&inner).ok()?;
    (plain_host(inner.host_str()?) == plain_host(outer)).then_some(inner)
}

/// The path: spelt one way, without empty segments, session and index file.
fn path(url: &Url) -> String {
    let mut segments: Vec<String> = url
        .path()
        .split('/')
        .filter(|segment| !segment.is_empty())
        .map(|segment| spelling::segment(without_session(segment)))
        .collect();
    if let Some(last) = segments.last_mut() {
        *last = spelling::without_markup(last).to_owned();
    }
    while segments.last().is_some_and(|last| last.is_empty() || is_index(last)) {
        segments.pop();
    }
    format!("/{}", segments.join("/"))
}

/// `;jsessionid=…` is a visitor, not a page.
fn without_session(segment: &str) -> &str {
    let at = segment.to_ascii_lowercase().find(";jsessionid=");
    at.map_or(segment, |at| &segment[..at])
}

fn is_index(segment: &str) -> bool {
    let lower = segment.to_ascii_lowercase();
    lower
        .split_once('.')
        .is_some_and(|(stem, end)| INDEX_STEMS.contains(&stem) && INDEX_ENDINGS.contains(&end))
}

/// The query as it was meant, and the fragment. Feeds escape `&` once too often: `&amp;b=2` makes
/// a parameter `amp;b`, and `&#038;b=2` cuts the query short.
fn parameters_and_fragment(url: &Url) -> (String, Option<&str>) {
    let mut query = url.query().unwrap_or_default().to_owned();
    let mut fragment = url.fragment();
    if query.ends_with('&')
        && let Some(rest) = fragment
            .and_then(|text| ["038;", "38;"].iter().find_map(|start| text.strip_prefix(start)))
    {
        let (more, after) = match rest.split_once('#') {
            Some((more, after)) if !after.starts_with("038;") => (more, Some(after)),
            _ => (rest, None),
        };
        query.push_str(&more.replace("&#038;", "&"));
        fragment = after;
    }
    (query, fragment)
}

/// The parameters that name the page, by name; of one name, in the order given.
fn sorted(host: &str, query: &str) -> String {
    let mut pairs: Vec<(String, String)> = query
        .split('&')
        .map(|pair| pair.strip_prefix("amp;").unwrap_or(pair))
        .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
        .map(|(name, value)| (spelling::parameter(name), spelling::parameter(value)))
        .filter(|(name, value)| !name.is_empty() && !tracking::is_tracking(host, name, value))
        .collect();
    pairs.sort_by(|a, b| a.0.cmp(&b.0));
    pairs.dedup();
    let text: Vec<String> = pairs
        .into_iter()
        .map(|(name, value)| if value.is_empty() { name } else { format!("{name}={value}") })
        .collect();
    if text.is_empty() { String::new() } else { format!("?{}", text.join("&")) }
}

/// A fragment that a script shows another page by. All others are places on the page.
fn routed(fragment: Option<&str>) -> String {
    let routes = |text: &&str| text.len() > 1 && text.starts_with(['!', '/']);
    fragment.filter(routes).map(|text| format!("#{}", spelling::fragment(text))).unwrap_or_default()
}

#[cfg(test)]
mod tests;
