//! `feeds add`, `remove` and `import`.

use std::path::Path;
use std::process::ExitCode;

use anyhow::Context as _;
use article::clock::Clock;
use article::escape::{self, one_line};
use ingest::FeedConfig;
use ingest::discover::{Discovery, search};
use ingest::fetch::Fetcher;
use url::Url;

use super::AddArgs;
use super::shelf::{Put, Shelf};
use crate::config::Config;

/// The largest feed list that is read, in bytes.
const LIST_BYTES: u64 = 64 << 20;

/// An address as people type it: `example.com` is a home page.
pub(super) fn address(text: &str) -> anyhow::Result<Url> {
    let text = text.trim();
    let whole = if text.contains("://") { text.to_owned() } else { format!("https://{text}") };
    let shown = one_line(text);
    let url = Url::parse(&whole).with_context(|| format!("{shown} is no address"))?;
    anyhow::ensure!(
        matches!(url.scheme(), "http" | "https") && url.has_host(),
        "{shown} is no address of the web: allowed schemes are http and https"
    );
    anyhow::ensure!(
        url.username().is_empty() && url.password().is_none(),
        "{}: name user and password in [[feed]], where they may come from a file",
        escape::url(url.as_str())
    );
    Ok(url)
}

/// Adds feeds; each is read first, and a page stands for its best feed.
#[expect(clippy::print_stdout, reason = "this is the command's answer")]
pub(super) async fn add(config: &Config, args: AddArgs) -> anyhow::Result<ExitCode> {
    let urls: Vec<Url> = args.urls.iter().map(|text| address(text)).collect::<Result<_, _>>()?;
    let shelf = Shelf::open(config)?;
    let (clock, mut failed) = (Clock::system(), false);
    let fetcher = Fetcher::new(&config.fetch, clock.clone())?;
    for url in urls {
        let shown = escape::url(url.as_str());
        let found = match search(&fetcher, &clock, &url).await {
            Ok(found) => found,
            Err(refusal) => {
                println!("not added: {shown}: {}: {}", refusal.outcome.as_str(), refusal.message);
                failed = true;
                continue;
            }
        };
        let Some(best) = choice(&found) else {
            println!("not added: {shown}: no feed was found there");
            for sitemap in &found.sitemaps {
                println!("  its sitemap: {}", escape::url(sitemap.as_str()));
            }
            failed = true;
            continue;
        };
        let feed = FeedConfig {
            labels: args.labels.clone(),
            shortest: args.shortest,
            longest: args.longest,
            text_only: args.text_only,
            ..FeedConfig::new(best.clone())
        };
        let best = escape::url(best.as_str());
        match shelf.put(feed)? {
            Put::Added => println!("added: {best}"),
            Put::Known => println!("already there: {best}"),
        }
        explain(&found);
    }
    Ok(if failed { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

/// The feed that is taken: the first one found.
fn choice(found: &Discovery) -> Option<&Url> {
    found.feeds.first().map(|feed| &feed.url)
}

#[expect(clippy::print_stdout, reason = "this is the command's answer")]
fn explain(found: &Discovery) {
    let mut feeds = found.feeds.iter();
    if let Some(best) = feeds.next() {
        println!("  because: {}", one_line(&best.reasons.join(", ")));
    }
    for other in feeds {
        let title = other.verdict.title.as_deref().or(other.link_title.as_deref());
        let title = title.map(one_line).unwrap_or_default();
        println!("  left out: {} {title}", escape::url(other.url.as_str()));
    }
}

/// Removes feeds that a command added; one of the configuration is refused by name.
#[expect(clippy::print_stdout, reason = "this is the command's answer")]
pub(super) fn remove(config: &Config, urls: &[Url]) -> anyhow::Result<ExitCode> {
    let shelf = Shelf::open(config)?;
    let mut failed = false;
    for url in urls {
        let shown = escape::url(url.as_str());
        if shelf.declares(url) {
            println!("not removed: {shown} stands in the configuration: take it out there");
            failed = true;
        } else if let Some(row) = shelf.find(url)? {
            shelf.take(&row)?;
            println!("removed: {}", escape::url(&row.url));
        } else {
            println!("not removed: {shown} is not in the list (khobor feeds list)");
            failed = true;
        }
    }
    Ok(if failed { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

/// Adds the feeds of an OPML file.
#[expect(clippy::print_stdout, reason = "this is the command's answer")]
pub(super) fn import(config: &Config, file: &Path) -> anyhow::Result<ExitCode> {
    let shown = file.display();
    let length = std::fs::metadata(file).with_context(|| format!("{shown} cannot be read"))?.len();
    anyhow::ensure!(
        length <= LIST_BYTES,
        "{shown} has {length} bytes, at most {LIST_BYTES} are read"
    );
    let bytes = std::fs::read(file).with_context(|| format!("{shown} cannot be read"))?;
    let list = feed::opml::read(&bytes).with_context(|| format!("{shown} is no feed list"))?;
    for fault in &list.faults {
        println!("{shown}:{}: {}", fault.line, one_line(&fault.what));
    }
    let shelf = Shelf::open(config)?;
    let (mut added, mut known) = (0, 0);
    for feed in ingest::feed_list::feeds(&list) {
        if !feed.url.username().is_empty() || feed.url.password().is_some() {
            let url = escape::url(feed.url.as_str());
            println!("left out: {url}: name its user and password in [[feed]]");
            continue;
        }
        match shelf.put(feed)? {
            Put::Added => added += 1,
            Put::Known => known += 1,
        }
    }
    println!("{added} feeds added, {known} were there already");
    Ok(ExitCode::SUCCESS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bare_domain_is_an_address() {
        assert_eq!(address(" example.com ").unwrap().as_str(), "https://example.com/");
        assert_eq!(address("http://a.example/feed").unwrap().as_str(), "http://a.example/feed");
        let refused = address("https://me:s3cret@a.example/").unwrap_err().to_string();
        assert!(refused.contains("[[feed]]") && !refused.contains("s3cret"), "{refused}");
        for text in ["ftp://a.example/", "https://", "mailto://x"] {
            assert!(address(text).is_err(), "{text}");
        }
    }
}
