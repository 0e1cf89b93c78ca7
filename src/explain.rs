//! `khobor explain`: one page through the rooms, each field with where it came from and what lost;
//! or one feed, each entry, and what was wrong with the document.

use std::path::Path;
use std::process::ExitCode;

use anyhow::Context as _;
use article::Annotations;
use article::clock::Clock;
use article::escape::one_line;
use article::record::{Article, Provenance, ProvenanceMap};
use clap::Args;
use ingest::fetch::{Answer, Fetcher, Kind};
use serde_json::Value;
use url::Url;

use crate::config_file;

/// Longest value shown, in scalars.
const SHOWN: usize = 160;

/// Most entries of a feed that are shown.
const ENTRIES: usize = 20;

/// Which page or feed.
#[derive(Args)]
pub(crate) struct ExplainArgs {
    /// An address or a file, of a page or of a feed
    page: String,
    /// Where a file came from, to resolve its links
    #[arg(long)]
    url: Option<Url>,
    /// The configuration file, for what may be fetched (default: none, public addresses only)
    #[arg(long, short)]
    config: Option<std::path::PathBuf>,
}

/// Prints the fields of one page or feed.
pub(crate) async fn command(args: ExplainArgs) -> anyhow::Result<ExitCode> {
    let (bytes, content_type, url) = if Path::new(&args.page).exists() {
        let bytes =
            std::fs::read(&args.page).with_context(|| format!("{} cannot be read", args.page))?;
        (bytes, None, args.url)
    } else {
        fetch(&args).await?
    };
    let work = tokio::task::spawn_blocking(move || {
        if let Ok(document) = feed::read(&bytes, content_type.as_deref(), url.as_ref()) {
            return Ok(Read::Feed(Box::new(document)));
        }
        let page = extract::read(&bytes, content_type.as_deref(), url.as_ref())?;
        let article = Article {
            url: url.map(String::from).unwrap_or_default(),
            headline: page.headline.clone(),
            article_body: page.article_body.clone(),
            publisher: page.publisher.clone(),
            declared_language: page.declared_language.clone(),
            syndicated_from: page.syndicated_from.clone(),
            ..Article::default()
        };
        let notes = enrich::annotate(&article, Annotations::default(), &enrich::catalog());
        let fields = serde_json::to_value(&page)?;
        anyhow::Ok(Read::Page(fields, page.provenance, serde_json::to_value(notes)?))
    });
    match work.await.context("the reader died on this document")?? {
        Read::Page(fields, provenance, notes) => {
            show("from the page", &fields, |name| provenance.get(name));
            show("from the enrichers", &notes, |_| None);
        }
        Read::Feed(document) => show_feed(&document)?,
    }
    Ok(ExitCode::SUCCESS)
}

/// What the bytes were.
enum Read {
    /// The page's fields, where they came from, and the enrichers' notes.
    Page(Value, ProvenanceMap, Value),
    Feed(Box<feed::Document>),
}

#[expect(clippy::print_stdout, reason = "this is the command's answer")]
fn show_feed(document: &feed::Document) -> anyhow::Result<()> {
    show("the feed", &serde_json::to_value(&document.feed)?, |_| None);
    let count = document.entries.len();
    for (at, entry) in document.entries.iter().enumerate().take(ENTRIES) {
        let title = format!("entry {} of {count}", at + 1);
        show(&title, &serde_json::to_value(entry)?, |_| None);
    }
    if count > ENTRIES {
        println!("{} more entries", count - ENTRIES);
    }
    println!("defects: {}", document.defects.len());
    for defect in &document.defects {
        println!("  at byte {}: {}", defect.position, one_line(&defect.what));
    }
    Ok(())
}

async fn fetch(args: &ExplainArgs) -> anyhow::Result<(Vec<u8>, Option<String>, Option<Url>)> {
    let url = Url::parse(&args.page)
        .with_context(|| format!("{} is neither a file nor an address", args.page))?;
    let config = match &args.config {
        Some(path) => config_file::read(path)?.fetch,
        None => ingest::config::FetchConfig::default(),
    };
    let fetcher = Fetcher::new(&config, Clock::system())?;
    let shown = article::escape::url(url.as_str());
    match fetcher.get(&url, Kind::Page, &ingest::ledger::Validators::default()).await {
        Ok(Answer::Got(got)) => {
            let content_type = got.headers.get("content-type").and_then(|v| v.to_str().ok());
            Ok((got.body.clone(), content_type.map(str::to_owned), Some(got.url.clone())))
        }
        Ok(Answer::NotModified(_)) => anyhow::bail!("{shown} answered 304 to a plain request"),
        Ok(Answer::Refused(refusal, _)) | Err(refusal) => {
            anyhow::bail!("{shown}: {}: {}", refusal.outcome.as_str(), refusal.message)
        }
    }
}

#[expect(clippy::print_stdout, reason = "this is the command's answer")]
fn show<'a>(title: &str, fields: &Value, origin: impl Fn(&str) -> Option<&'a Provenance>) {
    println!("{title}");
    for (name, value) in fields.as_object().into_iter().flatten() {
        let empty = matches!(value, Value::Null)
            || value.as_array().is_some_and(Vec::is_empty)
            || value.as_object().is_some_and(serde_json::Map::is_empty);
        if empty || name == "provenance" || name == "blocks" {
            continue;
        }
        let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        let whole = one_line(&text);
        let shown = article::text::cut(&whole, SHOWN);
        let more = text.chars().count().saturating_sub(shown.chars().count());
        let more = if more > 0 { format!(" … (+{more} characters)") } else { String::new() };
        println!("  {name}: {shown}{more}");
        let Some(origin) = origin(name) else { continue };
        let selector = origin.selector.as_deref().unwrap_or_default();
        println!("      from {} {}", one_line(&origin.method), one_line(selector));
        for lost in &origin.rejected {
            let value = one_line(&lost.value);
            println!(
                "      not  {}: {}",
                one_line(&lost.method),
                article::text::cut(&value, SHOWN)
            );
        }
    }
}
