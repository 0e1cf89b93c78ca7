//! What a request to the newsroom is answered.

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::State as Extracted;
use axum::http::{HeaderMap, HeaderValue, Method, Response, StatusCode, Uri, header};
use jiff::Timestamp;
use tracing::warn;

use crate::newsroom::outlets::Site;
use crate::newsroom::press::{Markup, Press, Trick};
use crate::newsroom::record::{self, Action};
use crate::newsroom::story::{Source, Standing};
use crate::newsroom::{feed_document, page, replay};

/// What a throttled client is told to wait.
const RETRY_AFTER_SECONDS: &str = "2";

const HTML: &str = "text/html; charset=utf-8";
const TEXT: &str = "text/plain; charset=utf-8";
const LINES: &str = "application/jsonl; charset=utf-8";

/// How a listener knows which site is meant.
#[derive(Clone, Copy, Debug)]
pub(super) enum Door {
    /// It serves this one.
    Site(usize),
    /// By the request's `Host`.
    ByHost,
}

/// The service behind one listener.
pub(super) fn router(press: Arc<Press>, door: Door) -> Router {
    Router::new().fallback(answer).with_state((press, door))
}

async fn answer(
    Extracted((press, door)): Extracted<(Arc<Press>, Door)>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
) -> Response<Body> {
    if method != Method::GET && method != Method::HEAD {
        return plain(StatusCode::METHOD_NOT_ALLOWED, "only GET and HEAD\n");
    }
    match uri.path() {
        "/__record" => return ok(LINES, record::lines(&press.deeds())),
        "/__listings" => return ok(LINES, record::lines(&press.listings())),
        "/__hits" => return ok("application/json", serde_json::json!(press.hits()).to_string()),
        "/__opml" => return ok("text/x-opml; charset=utf-8", super::opml(press.sites())),
        _ => {}
    }
    let index = match door {
        Door::Site(index) => Some(index),
        Door::ByHost => site_of(press.sites(), &headers),
    };
    let Some(index) = index else {
        return plain(StatusCode::MISDIRECTED_REQUEST, "no outlet has this host name\n");
    };
    let site = &press.sites()[index];
    press.count(site.url(uri.path()));
    match uri.path() {
        "/" => ok(HTML, page::home(site, index, &press.state())),
        "/robots.txt" => ok(TEXT, "User-agent: *\nDisallow: /private/\nAllow: /\n".to_owned()),
        path if path == site.feed_path || path.starts_with("/moved/") => {
            feed(&press, index, path, &headers)
        }
        path => match path.strip_prefix("/a/").and_then(|serial| serial.parse().ok()) {
            Some(serial) => story(&press, index, serial, &headers).await,
            None => plain(StatusCode::NOT_FOUND, "not found\n"),
        },
    }
}

fn site_of(sites: &[Site], headers: &HeaderMap) -> Option<usize> {
    let host = headers.get(header::HOST)?.to_str().ok()?;
    let name = host.split(':').next()?.to_ascii_lowercase();
    sites.iter().position(|site| site.base.host_str() == Some(&name))
}

/// The feed, or the trick that its server plays at present.
fn feed(press: &Press, index: usize, path: &str, headers: &HeaderMap) -> Response<Body> {
    let site = &press.sites()[index];
    let mut state = press.state();
    let feed = state.feeds[index].clone();
    if feed.trick == Trick::Throttling {
        press.told_of_feed(&mut state, Action::Throttled, index);
        state.record.flush();
        let mut response = plain(StatusCode::TOO_MANY_REQUESTS, "slow down\n");
        set(&mut response, header::RETRY_AFTER, RETRY_AFTER_SECONDS);
        return response;
    }
    if path != feed.path {
        if path != site.feed_path {
            return plain(StatusCode::NOT_FOUND, "not found\n");
        }
        let mut response = plain(StatusCode::MOVED_PERMANENTLY, "moved\n");
        set(&mut response, header::LOCATION, &site.url(&feed.path));
        return response;
    }
    let validators = Validators::new(&format!("f{index}-r{}", feed.revision), feed.changed);
    let conditional = validators.asked(headers);
    if conditional == Asked::Same {
        return validators.not_modified();
    }
    if conditional == Asked::Changed && feed.trick == Trick::Lying {
        state.feeds[index].trick = Trick::Honest;
        press.told_of_feed(&mut state, Action::Lied, index);
        state.record.flush();
        return validators.lie(headers);
    }
    let mut document = feed_document::render(press.sites(), index, &state);
    if feed.trick == Trick::Cutting {
        let middle =
            (document.len() * 3 / 5..document.len()).find(|&at| document.is_char_boundary(at));
        document.truncate(middle.unwrap_or(0));
        state.feeds[index].trick = Trick::Honest;
        press.told_of_feed(&mut state, Action::Truncated, index);
    }
    if feed.markup == Markup::Broken {
        state.feeds[index].markup = Markup::BrokenAndSeen;
        press.told_of_feed(&mut state, Action::Broke, index);
    }
    state.record.flush();
    let mut response = ok(feed_document::content_type(site.outlet.format), document);
    validators.put(&mut response);
    response
}

/// The page of a story.
async fn story(press: &Press, index: usize, serial: u32, headers: &HeaderMap) -> Response<Body> {
    let story = press.state().stories.get(&serial).filter(|story| story.site == index).cloned();
    let Some(story) = story else { return plain(StatusCode::NOT_FOUND, "not found\n") };
    match story.standing {
        Standing::Planned => return plain(StatusCode::NOT_FOUND, "not found\n"),
        Standing::Withdrawn => return plain(StatusCode::GONE, "withdrawn\n"),
        Standing::Published => {}
    }
    let validators = Validators::new(&format!("s{serial}-v{}", story.version), story.modified);
    if validators.asked(headers) == Asked::Same {
        return validators.not_modified();
    }
    let html = match &story.source {
        Source::Replayed { page, .. } => match replay::page(page.clone()).await {
            Ok(html) => html,
            Err(error) => {
                warn!(serial, error = format!("{error:#}"), "a replayed page cannot be served");
                return plain(StatusCode::INTERNAL_SERVER_ERROR, "the page cannot be read\n");
            }
        },
        Source::Written(_) | Source::Seed(_) => {
            page::article(&press.sites()[index], &story, &press.state()).into_bytes()
        }
    };
    let mut response = ok(HTML, html);
    validators.put(&mut response);
    response
}

/// What a client may send back to ask whether anything changed.
struct Validators {
    tag: String,
    changed: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Asked {
    /// It has no copy.
    Plainly,
    /// Its copy is the present one.
    Same,
    /// Its copy is another.
    Changed,
}

impl Validators {
    fn new(tag: &str, changed: Timestamp) -> Self {
        let changed = changed.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string();
        Self { tag: format!("\"{tag}\""), changed }
    }

    /// RFC 9110, 13.2.2: the tag decides where there is one. Dates are compared as text, as many
    /// servers do.
    fn asked(&self, headers: &HeaderMap) -> Asked {
        let value = |name| headers.get(name).and_then(|value| value.to_str().ok());
        let same = match (value(header::IF_NONE_MATCH), value(header::IF_MODIFIED_SINCE)) {
            (None, None) => return Asked::Plainly,
            (Some(tags), _) => tags
                .split(',')
                .any(|tag| tag.trim().trim_start_matches("W/") == self.tag || tag.trim() == "*"),
            (None, Some(date)) => date == self.changed,
        };
        if same { Asked::Same } else { Asked::Changed }
    }

    fn put(&self, response: &mut Response<Body>) {
        set(response, header::ETAG, &self.tag);
        set(response, header::LAST_MODIFIED, &self.changed);
    }

    fn not_modified(&self) -> Response<Body> {
        let mut response = Response::new(Body::empty());
        *response.status_mut() = StatusCode::NOT_MODIFIED;
        self.put(&mut response);
        response
    }

    /// A 304 that gives the client's own old tag back.
    fn lie(&self, headers: &HeaderMap) -> Response<Body> {
        let mut response = self.not_modified();
        response.headers_mut().remove(header::LAST_MODIFIED);
        match headers.get(header::IF_NONE_MATCH) {
            Some(tag) => response.headers_mut().insert(header::ETAG, tag.clone()),
            None => response.headers_mut().remove(header::ETAG),
        };
        response
    }
}

fn ok(content_type: &str, body: impl Into<Body>) -> Response<Body> {
    let mut response = Response::new(body.into());
    set(&mut response, header::CONTENT_TYPE, content_type);
    response
}

fn plain(status: StatusCode, body: &'static str) -> Response<Body> {
    let mut response = ok(TEXT, body);
    *response.status_mut() = status;
    response
}

fn set(response: &mut Response<Body>, name: header::HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        response.headers_mut().insert(name, value);
    }
}
