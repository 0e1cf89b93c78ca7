//! `feeds discover`: the feeds of a site, each with its reasons.

use std::process::ExitCode;

use article::clock::Clock;
use article::escape::{self, one_line};
use ingest::discover::{Discovery, search};
use ingest::fetch::Fetcher;
use serde_json::{Value, json};

use super::change::address;
use crate::config::Config;

/// Looks for feeds and prints them, the best first.
#[expect(clippy::print_stdout, reason = "this is the command's answer")]
pub(super) async fn command(config: &Config, url: &str, json: bool) -> anyhow::Result<ExitCode> {
    let url = address(url)?;
    let clock = Clock::system();
    let fetcher = Fetcher::new(&config.fetch, clock.clone())?;
    let found = match search(&fetcher, &clock, &url).await {
        Ok(found) => found,
        Err(refusal) => {
            let shown = escape::url(url.as_str());
            anyhow::bail!("{shown}: {}: {}", refusal.outcome.as_str(), refusal.message)
        }
    };
    if json {
        println!("{}", object(&found));
    } else {
        show(&found);
    }
    Ok(if found.feeds.is_empty() { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

#[expect(clippy::print_stdout, reason = "this is the command's answer")]
fn show(found: &Discovery) {
    for feed in &found.feeds {
        let verdict = &feed.verdict;
        println!("{}", escape::url(feed.url.as_str()));
        let title = verdict.title.as_deref().or(feed.link_title.as_deref()).unwrap_or("untitled");
        let newest = verdict.newest.as_deref().unwrap_or("no date");
        println!("    {}, {} entries, newest: {newest}", one_line(title), verdict.entries);
        println!("    by {}: {}", feed.via.as_str(), one_line(&feed.reasons.join(", ")));
    }
    if found.feeds.is_empty() {
        println!("no feed was found at {}", escape::url(found.page.as_str()));
    }
    for rejected in &found.rejected {
        let refusal = &rejected.refusal;
        let url = escape::url(rejected.url.as_str());
        println!("not {url}: {}: {}", refusal.outcome.as_str(), refusal.message);
    }
    for sitemap in &found.sitemaps {
        println!("sitemap {}", escape::url(sitemap.as_str()));
    }
    if !found.untried.is_empty() {
        println!("{} more candidates were not tried", found.untried.len());
    }
}

fn object(found: &Discovery) -> Value {
    let feeds: Vec<Value> = found
        .feeds
        .iter()
        .map(|feed| {
            json!({
                "url": feed.url,
                "via": feed.via.as_str(),
                "title": feed.verdict.title,
                "language": feed.verdict.language,
                "entries": feed.verdict.entries,
                "newest": feed.verdict.newest,
                "rank": feed.rank,
                "reasons": feed.reasons,
            })
        })
        .collect();
    let rejected: Vec<Value> = found
        .rejected
        .iter()
        .map(|rejected| {
            json!({
                "url": rejected.url,
                "via": rejected.via.as_str(),
                "outcome": rejected.refusal.outcome.as_str(),
                "message": rejected.refusal.message,
            })
        })
        .collect();
    let untried: Vec<&str> = found.untried.iter().map(|candidate| candidate.url.as_str()).collect();
    json!({
        "page": found.page,
        "feeds": feeds,
        "rejected": rejected,
        "untried": untried,
        "sitemaps": found.sitemaps,
        "requests": found.requests,
    })
}
