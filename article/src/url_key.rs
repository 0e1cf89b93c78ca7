//! One normal form of an address, for identity only: what is fetched is the address as given.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use unicode_normalization::UnicodeNormalization;
use url::Url;

/// Query parameters that name a campaign or a click and never an article; sorted. A name that ends
/// in `*` stands for all that begin so.
const TRACKING: &[&str] = &[
    "_ga",
    "_gl",
    "at_campaign",
    "at_medium",
    "cmpid",
    "dclid",
    "fbclid",
    "gbraid",
    "gclid",
    "gclsrc",
    "icid",
    "igshid",
    "li_fat_id",
    "mc_cid",
    "mc_eid",
    "mkt_tok",
    "msclkid",
    "ncid",
    "ocid",
    "oly_anon_id",
    "oly_enc_id",
    "s_cid",
    "twclid",
    "utm_*",
    "vero_id",
    "wbraid",
    "wickedid",
    "wt_mc",
    "yclid",
];

/// What stays unescaped in a path or query of the key.
const KEY_SET: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~')
    .remove(b'/')
    .remove(b':')
    .remove(b'@')
    .remove(b'!')
    .remove(b'$')
    .remove(b'\'')
    .remove(b'(')
    .remove(b')')
    .remove(b'*')
    .remove(b',')
    .remove(b';')
    .remove(b'=')
    .remove(b'+');

/// The key of an address: scheme and default port gone, percent-encoding and NFC settled, tracking
/// parameters and fragments (but `#!`) gone, one slash less at the end. Idempotent.
pub fn url_key(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default().trim_end_matches('.').to_ascii_lowercase();
    let host = host.strip_prefix("www.").unwrap_or(&host);
    let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
    let path = recode(url.path());
    let path = path.trim_end_matches('/');
    let mut pairs: Vec<(String, String)> = url
        .query_pairs()
        .filter(|(name, _)| !is_tracking(name))
        .map(|(name, value)| (encode(&name), encode(&value)))
        .collect();
    pairs.sort();
    let query: Vec<String> =
        pairs.into_iter().map(|(name, value)| format!("{name}={value}")).collect();
    let query = if query.is_empty() { String::new() } else { format!("?{}", query.join("&")) };
    let fragment = url
        .fragment()
        .filter(|fragment| fragment.starts_with('!'))
        .map(|fragment| format!("#{}", recode(fragment)))
        .unwrap_or_default();
    format!("{host}{port}{path}{query}{fragment}")
}

fn is_tracking(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    TRACKING.iter().any(|entry| match entry.strip_suffix('*') {
        Some(prefix) => name.starts_with(prefix),
        None => *entry == name,
    })
}

/// Decodes and encodes again, in NFC, so that both spellings of a letter give one key.
fn recode(text: &str) -> String {
    text.split('/')
        .map(|part| encode(&percent_decode_str(part).decode_utf8_lossy()))
        .collect::<Vec<_>>()
        .join("/")
}

fn encode(text: &str) -> String {
    let composed: String = text.nfc().collect();
    utf8_percent_encode(&composed, KEY_SET).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(text: &str) -> String {
        url_key(&Url::parse(text).expect("a url"))
    }

    #[test]
    fn a_campaign_does_not_make_another_article() {
        assert_eq!(key("https://www.a.com/x/?utm_source=rss&id=1#top"), key("http://a.com/x?id=1"));
        assert_ne!(key("http://a.com/x?id=1"), key("http://a.com/x?id=2"));
    }

    #[test]
    fn both_spellings_of_a_bengali_letter_are_one_address() {
        assert_eq!(key("http://a.com/\u{9df}"), key("http://a.com/%E0%A6%AF%E0%A6%BC"));
    }

    proptest::proptest! {
        #[test]
        fn normalising_twice_changes_nothing(path in "[a-zA-Z0-9%/._?=&#! -]{0,40}") {
            if let Ok(url) = Url::parse(&format!("http://example.com/{path}")) {
                let once = url_key(&url);
                let again = Url::parse(&format!("http://{once}")).map(|url| url_key(&url));
                proptest::prop_assert_eq!(again.ok(), Some(once));
            }
        }
    }
}
