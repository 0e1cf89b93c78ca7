//! Other addresses that an address is likely to stand for: the plain page of an AMP or mobile one,
//! the target of a redirector.
//!
//! They are not the address's own identity: `m.e.com/7` may be another site's story 7. They join
//! the alias table, where a second witness (the canonical address, the feed's own id) decides, and
//! where the first owner of a key keeps it.

use url::Url;

use super::url_key;

/// Labels of hosts that show the same pages in another form.
const FORMS: &[&str] = &["3g", "amp", "m", "mobile", "touch", "wap"];

/// Parameters that ask for the AMP page, and their values there; none for any.
const AMP_PARAMETERS: &[(&str, &[&str])] = &[
    ("amp", &["", "1", "true", "yes"]),
    ("ampmode", &["1"]),
    ("outputtype", &["amp", "amp-type"]),
    ("view", &["amp"]),
];

/// Paths of viewers that have the page's address in their own: host, path before it.
const VIEWERS: &[(&str, &str)] = &[
    ("bing.com", "/amp/s/"),
    ("cdn.ampproject.org", "/c/s/"),
    ("cdn.ampproject.org", "/v/s/"),
    ("google.*", "/amp/s/"),
];

/// Redirectors that have the target in a parameter, one a row: host, path, parameter, reason.
const REDIRECTORS: &str = include_str!("redirectors.tsv");

/// The addresses that this one is likely to stand for, likeliest first; never itself.
pub fn aliases(url: &Url) -> Vec<Url> {
    let mut found: Vec<Url> = Vec::new();
    if let Some(target) = redirected(url).or_else(|| viewed(url)) {
        found.extend(aliases_of_page(&target));
        found.insert(0, target);
    } else {
        found = aliases_of_page(url);
    }
    let own = url_key(url);
    let mut keys = vec![own];
    found.retain(|alias| {
        let key = url_key(alias);
        let is_new = !keys.contains(&key);
        keys.push(key);
        is_new
    });
    found
}

/// The plain page of an AMP or mobile one: every sign of the other form is taken away, one kind
/// after the other, so that `amp.e.com/x?amp=1` comes to `e.com/x`.
fn aliases_of_page(url: &Url) -> Vec<Url> {
    let mut found = Vec::new();
    let mut plain = url.clone();
    for step in [without_parameter, without_path, without_host] {
        if let Some(next) = step(&plain) {
            plain = next.clone();
            found.push(next);
        }
    }
    found.reverse();
    found
}

fn without_parameter(url: &Url) -> Option<Url> {
    let query = url.query()?;
    // Blogger's mobile template; elsewhere `m` is whatever the site wants.
    let is_blogger = url.host_str().is_some_and(|host| host.contains(".blogspot."));
    let asks = |pair: &&str| {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let (name, value) = (name.to_ascii_lowercase(), value.to_ascii_lowercase());
        let is_amp = AMP_PARAMETERS
            .iter()
            .any(|(amp, values)| *amp == name && values.contains(&value.as_str()));
        is_amp || (is_blogger && name == "m" && matches!(value.as_str(), "0" | "1"))
    };
    let kept: Vec<&str> = query.split('&').filter(|pair| !asks(pair)).collect();
    if kept.len() == query.split('&').count() {
        return None;
    }
    let mut plain = url.clone();
    plain.set_query((!kept.is_empty()).then(|| kept.join("&")).as_deref());
    Some(plain)
}

/// `/amp/x`, `/x/amp`, `/x/amp/`, `/x.amp`, `/x.amp.html`, `/x/amp.html`.
fn without_path(url: &Url) -> Option<Url> {
    let segments: Vec<&str> = url.path().split('/').filter(|part| !part.is_empty()).collect();
    let (last, before) = segments.split_last()?;
    let lower = last.to_ascii_lowercase();
    let plain: Vec<String> = if matches!(lower.as_str(), "amp" | "amp.html") && !before.is_empty() {
        before.iter().map(ToString::to_string).collect()
    } else if segments.len() > 1 && segments[0].eq_ignore_ascii_case("amp") {
        segments[1..].iter().map(ToString::to_string).collect()
    } else {
        let cut = |end: &str| {
            let stem = lower.strip_suffix(end)?;
            (!stem.is_empty()).then(|| last[..stem.len()].to_owned())
        };
        let last = cut(".amp.html").map(|stem| format!("{stem}.html")).or_else(|| cut(".amp"))?;
        before.iter().map(ToString::to_string).chain([last]).collect()
    };
    let mut url = url.clone();
    url.set_path(&plain.join("/"));
    Some(url)
}

/// A label before the registrable domain that only names a form: `m.e.com`, `en.m.e.com`.
fn without_host(url: &Url) -> Option<Url> {
    let host = url.domain()?.trim_end_matches('.');
    let domain = psl::domain_str(host)?;
    let before = host.strip_suffix(domain)?.strip_suffix('.')?;
    let labels: Vec<&str> = before.split('.').collect();
    let kept: Vec<&str> = labels.iter().filter(|label| !FORMS.contains(label)).copied().collect();
    if kept.len() == labels.len() {
        return None;
    }
    let plain: Vec<&str> = kept.into_iter().chain([domain]).collect();
    let mut url = url.clone();
    url.set_host(Some(&plain.join("."))).ok()?;
    Some(url)
}

/// The page that a viewer's address shows.
fn viewed(url: &Url) -> Option<Url> {
    let (_, start) =
        VIEWERS.iter().find(|(host, start)| is_of(url, host) && url.path().starts_with(start))?;
    target(&format!("https://{}", &url[url::Position::BeforePath..][start.len()..]))
}

/// The target of a redirector.
fn redirected(url: &Url) -> Option<Url> {
    REDIRECTORS.lines().find_map(|line| {
        let mut columns = line.split('\t');
        let (host, path, name) = (columns.next()?, columns.next()?, columns.next()?);
        if !is_of(url, host) || url.path() != path {
            return None;
        }
        url.query_pairs().find(|(key, _)| key == name).and_then(|(_, value)| target(&value))
    })
}

fn target(text: &str) -> Option<Url> {
    let url = Url::parse(text).ok()?;
    (matches!(url.scheme(), "http" | "https") && url.domain()?.contains('.')).then_some(url)
}

/// Whether the host is this one or below it; `google.*` is a name under any suffix.
fn is_of(url: &Url, host: &str) -> bool {
    let Some(domain) = url.domain() else { return false };
    if let Some(name) = host.strip_suffix(".*") {
        let root = psl::domain_str(domain).unwrap_or(domain);
        return root.split('.').next() == Some(name);
    }
    domain.strip_suffix(host).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Vec<String> {
        aliases(&Url::parse(text).expect("a url")).into_iter().map(String::from).collect()
    }

    #[test]
    fn an_amp_or_mobile_page_stands_for_the_plain_one() {
        for other in [
            "https://e.com/story/amp/",
            "https://e.com/amp/story",
            "https://e.com/story?amp",
            "https://e.com/story?outputType=amp",
            "https://m.e.com/story",
            "https://amp.e.com/story?amp=1",
            "https://www-e-com.cdn.ampproject.org/c/s/e.com/story",
            "https://www.google.co.in/amp/s/e.com/story/amp",
            "https://www.google.com/url?sa=t&url=https%3A%2F%2Fe.com%2Fstory&ct=ga",
        ] {
            assert!(
                of(other).contains(&"https://e.com/story".to_owned()),
                "{other}: {:?}",
                of(other)
            );
        }
        assert_eq!(of("https://e.com/story.amp.html"), ["https://e.com/story.html"]);
        assert_eq!(of("https://en.m.e.co.uk/x"), ["https://en.e.co.uk/x"]);
    }

    #[test]
    fn an_address_of_no_other_form_has_no_alias() {
        for plain in [
            "https://e.com/story",
            "https://www.e.com/amp",
            "https://e.com/?view=list&amp=7",
            "https://m.com/story",
            "https://e.com/url?url=https://other.com/x",
            "http://127.0.0.1/amp",
            "https://www.google.com/url?url=javascript:x",
        ] {
            assert_eq!(of(plain), [""; 0], "{plain}");
        }
    }
}
