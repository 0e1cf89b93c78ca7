//! `khobor filter NAME`: the pure rooms as Unix filters, JSON Lines in, JSON Lines out.
//!
//! Each filter is a loop around the very function that the service calls, and has no rule of its
//! own. Every request gets one answer; a panic inside a parser is an error answer.

mod robots;
mod schedule;
mod sitemap;

use std::io::{BufRead as _, Write as _};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::{Mutex, PoisonError, mpsc};

use anyhow::Context as _;
use article::clock::Clock;
use article::record::Article;
use base64::Engine as _;
use clap::{Args, ValueEnum};
use enrich::Enricher;
use serde::Deserialize;
use serde_json::{Value, json};
use url::Url;

/// Longest request line, in bytes: a body of 16 MB in Base64 and then some.
const LINE_LIMIT: usize = 48 << 20;

/// Stack of a worker: parsers recurse within their own caps.
const STACK_BYTES: usize = 16 << 20;

/// What `khobor filter` is asked.
#[derive(Args)]
pub(crate) struct FilterArgs {
    /// Which room
    name: FilterName,
    /// Where the requests' relative paths begin
    #[arg(long, default_value = ".")]
    root: PathBuf,
    /// Threads (default: all cores); with 1 the answers keep the order of the requests
    #[arg(long)]
    jobs: Option<usize>,
    /// For `article`: the enrichers to run, separated by commas (default: all)
    #[arg(long, value_delimiter = ',')]
    only: Vec<String>,
}

#[derive(Clone, Copy, ValueEnum)]
enum FilterName {
    Feed,
    Page,
    Article,
    Url,
    Sitemap,
    Robots,
    Schedule,
}

/// A request: a document in one of three ways, or the record's fields.
#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct Request {
    path: Option<PathBuf>,
    body: Option<String>,
    body_base64: Option<String>,
    content_type: Option<String>,
    url: Option<String>,
    a: Option<String>,
    b: Option<String>,
    headline: Option<String>,
    article_body: Option<String>,
    in_language: Option<String>,
    date_published: Option<String>,
}

/// Reads requests from standard input until it ends.
pub(crate) fn command(args: &FilterArgs) -> anyhow::Result<ExitCode> {
    let catalog: Vec<Box<dyn Enricher>> = enrich::catalog()
        .into_iter()
        .filter(|enricher| args.only.is_empty() || args.only.iter().any(|n| n == enricher.name()))
        .collect();
    std::panic::set_hook(Box::new(|_| {}));
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let jobs = args.jobs.unwrap_or(cores).max(1);
    let (lines, requests) = mpsc::sync_channel::<(u64, String)>(jobs * 2);
    let requests = Mutex::new(requests);
    let output = Mutex::new(std::io::stdout());
    std::thread::scope(|scope| {
        for _ in 0..jobs {
            std::thread::Builder::new().stack_size(STACK_BYTES).spawn_scoped(scope, || {
                loop {
                    let next = requests.lock().unwrap_or_else(PoisonError::into_inner).recv();
                    let Ok((number, line)) = next else { break };
                    let answer = answer_line(args, &catalog, number, &line);
                    let mut output = output.lock().unwrap_or_else(PoisonError::into_inner);
                    // Where the reader has gone nobody is left to tell; the filter ends with its input.
                    let _ = writeln!(output, "{answer}").and_then(|()| output.flush());
                }
            })?;
        }
        let mut input = std::io::stdin().lock();
        let mut line = Vec::new();
        for number in 1.. {
            line.clear();
            if input.read_until(b'\n', &mut line).context("standard input cannot be read")? == 0 {
                break;
            }
            let text = String::from_utf8_lossy(&line).trim().to_owned();
            if !text.is_empty() && lines.send((number, text)).is_err() {
                break;
            }
        }
        drop(lines);
        anyhow::Ok(())
    })?;
    Ok(ExitCode::SUCCESS)
}

fn answer_line(args: &FilterArgs, catalog: &[Box<dyn Enricher>], number: u64, line: &str) -> Value {
    if line.len() > LINE_LIMIT {
        return json!({"id": null, "line": number, "error": "the line is longer than 48 MiB"});
    }
    let (id, request) = match serde_json::from_str::<Value>(line) {
        Ok(Value::Object(fields)) => {
            let id = fields.get("id").cloned().unwrap_or(Value::Null);
            match serde_json::from_value::<Request>(Value::Object(fields)) {
                Ok(request) => (id, request),
                Err(error) => return json!({"id": id, "error": format!("line {number}: {error}")}),
            }
        }
        Ok(_) => return json!({"id": null, "line": number, "error": "not a JSON object"}),
        Err(error) => return json!({"id": null, "line": number, "error": error.to_string()}),
    };
    let outcome = catch_unwind(AssertUnwindSafe(|| match args.name {
        FilterName::Feed => read_feed(args, &request),
        FilterName::Page => read_page(args, &request),
        FilterName::Article => annotate(catalog, &request),
        FilterName::Url => compare_urls(&request),
        FilterName::Sitemap => {
            let bytes = document(args, &request)?;
            let now = Clock::system().now();
            let content_type = request.content_type.as_deref();
            sitemap::answer(&bytes, content_type, base(&request).as_ref(), now)
        }
        FilterName::Robots => robots::answer(line),
        FilterName::Schedule => schedule::answer(line),
    }));
    let mut answer = match outcome {
        Ok(Ok(answer)) => answer,
        Ok(Err(error)) => json!({"error": article::escape::one_line(&format!("{error:#}"))}),
        Err(_) => json!({"error": "panic in the reader of this document"}),
    };
    if let Value::Object(fields) = &mut answer {
        fields.insert("id".to_owned(), id);
    }
    answer
}

fn read_feed(args: &FilterArgs, request: &Request) -> anyhow::Result<Value> {
    let bytes = document(args, request)?;
    let url = base(request);
    let document = feed::read(&bytes, request.content_type.as_deref(), url.as_ref())?;
    let mut answer = serde_json::to_value(document)?;
    answer["ok"] = json!(true);
    Ok(answer)
}

fn read_page(args: &FilterArgs, request: &Request) -> anyhow::Result<Value> {
    let bytes = document(args, request)?;
    let url = base(request);
    let page = extract::read(&bytes, request.content_type.as_deref(), url.as_ref())?;
    let mut answer = serde_json::to_value(page)?;
    answer["url"] = json!(request.url);
    if let Some(language) = answer.get("declaredLanguage").cloned() {
        answer["inLanguage"] = language;
    }
    Ok(answer)
}

fn annotate(catalog: &[Box<dyn Enricher>], request: &Request) -> anyhow::Result<Value> {
    let article = Article {
        url: request.url.clone().unwrap_or_default(),
        headline: request.headline.as_deref().map(article::text::clean),
        article_body: article::text::clean(request.article_body.as_deref().unwrap_or_default()),
        date_published: request.date_published.clone(),
        ..Article::default()
    };
    let notes =
        article::Annotations { in_language: request.in_language.clone(), ..Default::default() };
    Ok(serde_json::to_value(enrich::annotate(&article, notes, catalog))?)
}

fn compare_urls(request: &Request) -> anyhow::Result<Value> {
    let key = |text: &str| Url::parse(text).map(|url| article::url_key::url_key(&url));
    match (&request.a, &request.b, &request.url) {
        (Some(a), Some(b), _) => Ok(json!({"same": key(a)? == key(b)?})),
        (_, _, Some(url)) => Ok(json!({"normalized": key(url)?})),
        _ => anyhow::bail!("the request holds neither a and b nor url"),
    }
}

fn base(request: &Request) -> Option<Url> {
    request.url.as_deref().and_then(|url| Url::parse(url).ok())
}

fn document(args: &FilterArgs, request: &Request) -> anyhow::Result<Vec<u8>> {
    if let Some(body) = &request.body {
        return Ok(body.clone().into_bytes());
    }
    if let Some(body) = &request.body_base64 {
        return base64::engine::general_purpose::STANDARD
            .decode(body)
            .context("bodyBase64 is not Base64");
    }
    let path = request.path.as_ref().context("the request holds no path, body or bodyBase64")?;
    std::fs::read(args.root.join(path))
        .with_context(|| format!("{} cannot be read", path.display()))
}
