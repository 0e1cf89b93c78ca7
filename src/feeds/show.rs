//! `feeds list`, `status` and `export`: what is read beside a running service.

use std::path::Path;
use std::process::ExitCode;

use anyhow::Context as _;
use article::clock::Clock;
use article::escape::{self, one_line};
use article::id;
use ingest::{FeedRow, Outcome};
use jiff::Timestamp;
use serde_json::{Value, json};

use super::{ShowArgs, shelf};
use crate::config::Config;

/// Prints the feeds, a line each.
#[expect(clippy::print_stdout, reason = "this is the command's answer")]
pub(super) fn list(config: &Config, show: &ShowArgs) -> anyhow::Result<ExitCode> {
    for row in chosen(config, show)? {
        if show.json {
            println!("{}", object(&row));
            continue;
        }
        let labels: Vec<String> = row.settings.labels.iter().map(|word| one_line(word)).collect();
        println!("{}\t{}\t{}", escape::url(&row.url), row.added.as_str(), labels.join(", "));
    }
    Ok(ExitCode::SUCCESS)
}

/// Prints how each feed does.
#[expect(clippy::print_stdout, reason = "this is the command's answer")]
pub(super) fn status(config: &Config, show: &ShowArgs) -> anyhow::Result<ExitCode> {
    let now = Clock::system().now();
    let rows = chosen(config, show)?;
    for row in &rows {
        if show.json {
            println!("{}", object(row));
        } else {
            println!("{}", lines(row, now).join("\n    "));
        }
    }
    if rows.is_empty() && show.filter.is_some() {
        eprintln!("khobor: no feed holds that (khobor feeds list shows all)");
        return Ok(ExitCode::FAILURE);
    }
    Ok(ExitCode::SUCCESS)
}

/// Writes all feeds as OPML.
#[expect(clippy::print_stdout, reason = "this is the command's answer")]
pub(super) fn export(config: &Config, output: Option<&Path>) -> anyhow::Result<ExitCode> {
    let settings: Vec<_> = shelf::rows(config)?.into_iter().map(|row| row.settings).collect();
    let list = ingest::feed_list::opml("khobor", &settings);
    match output {
        Some(path) => {
            std::fs::write(path, list)
                .with_context(|| format!("{} cannot be written", path.display()))?;
            println!("{} feeds written to {}", settings.len(), path.display());
        }
        None => print!("{list}"),
    }
    Ok(ExitCode::SUCCESS)
}

fn chosen(config: &Config, show: &ShowArgs) -> anyhow::Result<Vec<FeedRow>> {
    let mut rows = shelf::rows(config)?;
    if let Some(filter) = &show.filter {
        let filter = filter.to_lowercase();
        rows.retain(|row| {
            let labels = row.settings.labels.iter().map(String::as_str);
            let url = escape::without_credentials(&row.url);
            let texts = [url.as_str()].into_iter().chain(row.title.as_deref()).chain(labels);
            texts.map(str::to_lowercase).any(|text| text.contains(&filter))
        });
    }
    if show.failing {
        rows.retain(|row| row.failures > 0 || row.next_at.is_none());
    }
    Ok(rows)
}

/// A feed in words: the first line names it, the others stand below.
fn lines(row: &FeedRow, now: Timestamp) -> Vec<String> {
    let title = row.title.as_deref().or(row.settings.name()).map(one_line);
    let title = title.map(|title| format!("  {title}")).unwrap_or_default();
    let mut lines = vec![format!("{}{title}", escape::url(&row.url))];
    let outcome = row.outcome.map_or("never visited", Outcome::as_str);
    let visited = row.visited_at.map(|at| format!(", {}", ago(at, now))).unwrap_or_default();
    let message = row.message.as_deref().map(|text| format!(": {text}")).unwrap_or_default();
    lines.push(format!("{}: {outcome}{visited}{message}", row.state));
    lines.push(match row.next_at {
        Some(at) => format!("next {}: {}", ago(at, now), one_line(&row.reason)),
        None => format!("not polled any more: {}", one_line(&row.reason)),
    });
    if row.failures > 0 {
        let since = row.failing_since.map(|at| format!(", since {}", ago(at, now)));
        lines.push(format!("{} failures in a row{}", row.failures, since.unwrap_or_default()));
    }
    if let Some(to) = &row.fetch_url {
        lines.push(format!("moved to {}", escape::url(to)));
    }
    if row.honesty.liar_until.is_some_and(|until| until > now.as_millisecond()) {
        lines.push("its 304 lied: asked without validators for a week".to_owned());
    }
    if let Some(document) = &row.document {
        let newest = document.last_entry.as_ref();
        let date = newest.and_then(|entry| entry.date.as_deref()).unwrap_or("without a date");
        let headline = newest.and_then(|entry| entry.headline.as_deref()).unwrap_or("untitled");
        lines.push(format!("{} entries, newest {date}: {headline}", document.entries));
        if row.left_out > 0 {
            lines.push(format!("{} of them left out by its rules", row.left_out));
        }
        for defect in &document.defects {
            lines.push(format!("defect: {defect}"));
        }
    }
    lines
}

/// A time of the past or the future, in words.
fn ago(at_ms: i64, now: Timestamp) -> String {
    let seconds = (now.as_millisecond() - at_ms) / 1000;
    let span = match seconds.unsigned_abs() {
        s @ 0..120 => format!("{s} s"),
        s @ 120..7200 => format!("{} min", s / 60),
        s @ 7200..172_800 => format!("{} h", s / 3600),
        s => format!("{} days", s / 86_400),
    };
    if seconds >= 0 { format!("{span} ago") } else { format!("in {span}") }
}

/// A feed for programs.
fn object(row: &FeedRow) -> Value {
    let time = |ms: Option<i64>| {
        ms.and_then(|ms| Timestamp::from_millisecond(ms).ok()).map(|time| time.to_string())
    };
    json!({
        "id": id::feed_id(&row.url),
        "url": escape::without_credentials(&row.url),
        "title": row.title,
        "added": row.added.as_str(),
        "labels": row.settings.labels,
        "state": row.state,
        "outcome": row.outcome.map(Outcome::as_str),
        "message": row.message,
        "nextAt": time(row.next_at),
        "reason": row.reason,
        "intervalSeconds": row.interval_ms / 1000,
        "failures": row.failures,
        "failingSince": time(row.failing_since),
        "visitedAt": time(row.visited_at),
        "freshAt": time(row.fresh_at),
        "fullAt": time(row.full_at),
        "movedTo": row.fetch_url.as_deref().map(escape::without_credentials),
        "liarUntil": time(row.honesty.liar_until),
        "document": row.document,
        "leftOut": row.left_out,
    })
}
