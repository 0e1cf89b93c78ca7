//! Says who published an article: the outlet's table by address, the country's domain after it.

use std::collections::HashMap;
use std::sync::LazyLock;

use article::annotations::{Annotations, Source};
use article::record::Article;
use url::Url;

use crate::enricher::{EnrichError, Enricher};
use crate::table::rows;

/// Writes `source`.
pub struct Sources;

/// A row of the table of outlets; empty where unknown.
struct Outlet {
    name: &'static str,
    country: &'static str,
    language: &'static str,
    kind: &'static str,
    time_zone: &'static str,
    wikidata: &'static str,
}

static OUTLETS: LazyLock<HashMap<&'static str, Outlet>> = LazyLock::new(|| {
    rows::<7>(include_str!("../data/outlets.tsv"))
        .map(|[host, name, country, language, kind, time_zone, wikidata]| {
            (host, Outlet { name, country, language, kind, time_zone, wikidata })
        })
        .collect()
});

/// Country domains that are sold to all the world.
const WORLDWIDE: [&str; 22] = [
    "ac", "ad", "ag", "ai", "am", "bz", "cc", "cd", "co", "eu", "fm", "gg", "im", "io", "la", "ly",
    "me", "sh", "to", "tv", "vc", "ws",
];

impl Enricher for Sources {
    fn name(&self) -> &'static str {
        "source"
    }

    fn annotate(&self, article: &Article, notes: &mut Annotations) -> Result<(), EnrichError> {
        let address = article.canonical_url.as_deref().unwrap_or(&article.url);
        let Some(url) = Url::parse(address).ok().or_else(|| Url::parse(&article.url).ok()) else {
            return Ok(());
        };
        let Some(mut source) = source_of(&url) else { return Ok(()) };
        source.name = source.name.or_else(|| article.publisher.clone());
        source.feed_url.clone_from(&article.feed.url);
        source.feed_title.clone_from(&article.feed.title);
        notes.source = Some(source);
        Ok(())
    }
}

/// What the address alone says.
fn source_of(url: &Url) -> Option<Source> {
    let host = url.host_str()?.trim_end_matches('.');
    let host = host.strip_prefix("www.").unwrap_or(host);
    let domain = psl::domain_str(host).unwrap_or(host);
    let some = |value: &str| (!value.is_empty()).then(|| value.to_owned());
    let known = outlet(host, domain, url.path());
    let by_domain = country_of(domain);
    Some(Source {
        id: domain.to_owned(),
        name: known.and_then(|outlet| some(outlet.name)),
        domain: domain.to_owned(),
        homepage: Some(format!("{}://{}/", url.scheme(), url.host_str()?)),
        country: known.and_then(|outlet| some(outlet.country)).or(by_domain),
        language: known.and_then(|outlet| some(outlet.language)),
        kind: known.and_then(|outlet| some(outlet.kind)),
        time_zone: known.and_then(|outlet| some(outlet.time_zone)),
        wikidata: known.and_then(|outlet| some(outlet.wikidata)),
        ..Source::default()
    })
}

/// The longest row that fits: host with the first part of the path, then the host, then those
/// above it down to the registrable domain.
fn outlet(host: &str, domain: &str, path: &str) -> Option<&'static Outlet> {
    // No name has more than 253 bytes (RFC 1035).
    if host.len() > 253 {
        return None;
    }
    let mut host = host;
    loop {
        let first = path.trim_start_matches('/').split('/').next().unwrap_or_default();
        let with_path = format!("{host}/{first}");
        if let Some(found) = OUTLETS.get(with_path.as_str()).or_else(|| OUTLETS.get(host)) {
            return Some(found);
        }
        if host.len() <= domain.len() {
            return None;
        }
        host = host.split_once('.')?.1;
    }
}

/// ISO 3166 of a country's own domain.
fn country_of(domain: &str) -> Option<String> {
    let (_, last) = domain.rsplit_once('.')?;
    let country = last.len() == 2 && last.bytes().all(|b| b.is_ascii_lowercase());
    if !country || WORLDWIDE.contains(&last) {
        return None;
    }
    Some(if last == "uk" { "GB".to_owned() } else { last.to_ascii_uppercase() })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(address: &str) -> Source {
        source_of(&Url::parse(address).unwrap()).unwrap()
    }

    #[test]
    fn an_outlet_of_the_table_is_known_by_its_host() {
        let source = of("https://www.prothomalo.com/world/x");
        assert_eq!(
            (source.country.as_deref(), source.language.as_deref()),
            (Some("BD"), Some("bn"))
        );
        assert_eq!(source.id, "prothomalo.com");
    }

    #[test]
    fn a_section_can_be_an_outlet_of_its_own() {
        assert_eq!(of("https://www.bbc.com/bengali/articles/x").language.as_deref(), Some("bn"));
    }

    #[test]
    fn an_unknown_host_has_its_countrys_domain_and_nothing_more() {
        let source = of("https://news.example.com.np/a");
        assert_eq!(source.country.as_deref(), Some("NP"));
        assert!(source.kind.is_none() && source.language.is_none());
        assert!(of("https://example.tv/a").country.is_none());
    }
}
