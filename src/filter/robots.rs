//! `khobor filter robots`: the text of a robots.txt in, whether an agent may ask for an address out.

use anyhow::Context as _;
use ingest::fetch::RobotsFile;
use serde::Deserialize;
use serde_json::{Value, json};
use url::Url;

#[derive(Deserialize)]
struct Request {
    robots: String,
    agent: String,
    url: String,
}

/// Answers one request.
pub(super) fn answer(line: &str) -> anyhow::Result<Value> {
    let Request { robots, agent, url } = serde_json::from_str(line)?;
    // A path alone will do: a file speaks of its own origin.
    let origin = Url::parse("http://localhost/").expect("an address");
    let url = origin.join(&url).with_context(|| format!("{url:?} is no address"))?;
    let file = RobotsFile::read(robots.as_bytes(), &agent);
    Ok(json!({
        "allow": file.allows(&url),
        "crawlDelay": file.crawl_delay().map(|delay| delay.as_secs_f64()),
        "sitemaps": file.sitemaps(),
    }))
}
