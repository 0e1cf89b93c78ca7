//! Addresses as sitemaps write them, and whose they are.

use std::collections::HashMap;

use article::shard::host_key;
use article::text::is_hostile;
use url::Url;

use crate::document::Listed;

/// Longest address. The standard says 2048, and a Bengali headline takes nine bytes a letter.
const LONGEST: usize = 8 * 1024;
/// Longest address that is made of a relative one, which the standard forbids: fifty thousand of
/// them under a long base would be gigabytes.
const LONGEST_JOINED: usize = 2 * 1024;

/// An absolute web address out of what an element or a line holds; as it stands there where it is
/// absolute, since servers compare.
pub(crate) fn address(text: &str, base: Option<&Url>) -> Option<String> {
    let text: String = text.trim().chars().filter(|c| !is_hostile(*c) && !is_break(*c)).collect();
    // Escaped twice, as in a CDATA section; no address means it.
    let text = if text.contains("&amp;") { text.replace("&amp;", "&") } else { text };
    if text.is_empty() || text.len() > LONGEST {
        return None;
    }
    match Url::parse(&text) {
        Ok(url) => is_web(&url).then_some(text),
        Err(url::ParseError::RelativeUrlWithoutBase) => {
            let base = base.filter(|base| base.as_str().len() + text.len() <= LONGEST_JOINED)?;
            let url = base.join(&text).ok()?;
            is_web(&url).then(|| url.into())
        }
        Err(_) => None,
    }
}

fn is_break(c: char) -> bool {
    matches!(c, '\n' | '\r' | '\t')
}

fn is_web(url: &Url) -> bool {
    matches!(url.scheme(), "http" | "https")
}

/// Marks what is of another site than the sitemap. A list of which most is elsewhere is a list of
/// that other site, written by its content system or on its cloud: nothing is marked then.
pub(crate) fn mark_elsewhere(urls: &mut [Listed], base: Option<&Url>) -> usize {
    let Some(home) = base.map(host_key) else { return 0 };
    let mut known: HashMap<String, bool> = HashMap::new();
    let mut count = 0;
    for listed in &mut *urls {
        let host = authority(&listed.loc);
        let is_elsewhere = if let Some(known) = known.get(host) {
            *known
        } else {
            let is_elsewhere = Url::parse(&listed.loc).is_ok_and(|url| host_key(&url) != home);
            known.insert(host.to_owned(), is_elsewhere);
            is_elsewhere
        };
        listed.elsewhere = is_elsewhere;
        count += usize::from(is_elsewhere);
    }
    if count * 2 > urls.len() {
        for listed in urls {
            listed.elsewhere = false;
        }
        return 0;
    }
    count
}

/// What stands between the scheme and the path.
fn authority(address: &str) -> &str {
    let from = address.find("//").map_or(0, |at| at + 2);
    let end = address[from..].find(['/', '?', '#', '\\']).map_or(address.len(), |end| from + end);
    &address[..end]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_absolute_address_stays_as_it_is_and_others_are_joined() {
        let base = Url::parse("https://example.com/a/sitemap.xml").unwrap();
        let read = |text| address(text, Some(&base));
        assert_eq!(read(" http://EXAMPLE.com ").as_deref(), Some("http://EXAMPLE.com"));
        assert_eq!(
            read("/ঢাকা").as_deref(),
            Some("https://example.com/%E0%A6%A2%E0%A6%BE%E0%A6%95%E0%A6%BE")
        );
        assert_eq!(read("//b.example.com/x").as_deref(), Some("https://b.example.com/x"));
        assert_eq!(read("http://a.com/?a=1&amp;b=2").as_deref(), Some("http://a.com/?a=1&b=2"));
        assert_eq!(read("mailto:a@example.com"), None);
        assert_eq!(read(&format!("http://a.com/{}", "a".repeat(LONGEST))), None);
    }

    #[test]
    fn one_advertisement_is_elsewhere_and_a_list_of_another_site_is_not() {
        let base = Url::parse("https://www.example.com/sitemap.xml").unwrap();
        let list = |hosts: &[&str]| -> Vec<bool> {
            let mut urls: Vec<Listed> = hosts
                .iter()
                .map(|host| Listed { loc: format!("https://{host}/a"), ..Listed::default() })
                .collect();
            mark_elsewhere(&mut urls, Some(&base));
            urls.iter().map(|listed| listed.elsewhere).collect()
        };
        let mixed = ["news.example.com", "shop.example.net", "example.com"];
        assert_eq!(list(&mixed), [false, true, false]);
        assert_eq!(list(&["a.example.org", "a.example.org"]), [false, false]);
    }
}
