//! A visit, its page half: get the page, extract, send the parcel, await the receipt, settle.
//!
//! Whatever fails, the entry stays pending in the ledger with its own next time. After n failures
//! the feed's own text is published, or a dead letter is written and the entry quarantined.

use std::time::Duration;

use article::event::{DeadLetter, Event};
use article::parcel::Verdict;
use article::text::sha256_hex;
use article::{Article, escape};
use http::header;
use tracing::{Instrument, info, info_span};
use url::Url;

use crate::errand::Errand;
use crate::fetch::{Answer, Got, Kind};
use crate::ledger::{Change, Pending, Recheck, Validators};
use crate::metrics::Counted;
use crate::outcome::{Again, Outcome, Refusal};
use crate::read;
use crate::room::{Ended, Room, rfc3339};
use crate::twin::{self, Twin};

/// How long a host may put an entry off before that counts as failing.
const PATIENCE_MS: i64 = 2 * 86_400_000;
/// The wait after a parcel was lost on its way.
const LOST_MS: i64 = 5_000;
/// The wait while our own network is away.
pub(crate) const CUT_OFF_MS: i64 = 5 * 60_000;
/// How many rungs of waiting are climbed before the wait stays the same.
const LONGEST_BACKOFF: u32 = 6;

/// A page that was read, and what to remember of it for the re-checks.
pub(crate) struct Read {
    pub(crate) article: Article,
    pub(crate) validators: Validators,
    pub(crate) body: String,
}

/// A page that was not read, with the bytes that could not be understood.
pub(crate) struct Missed {
    pub(crate) refusal: Refusal,
    pub(crate) got: Option<Box<Got>>,
}

/// Turns one pending entry into an article.
pub(crate) async fn fetch(room: &Room, pending: Pending) -> Result<(), Ended> {
    let shown = pending.errand.url.as_ref().map_or("", Url::as_str);
    let span = info_span!("page", url = %escape::url(shown), shard = %room.ledger().shard());
    story(room, pending).instrument(span).await
}

async fn story(room: &Room, pending: Pending) -> Result<(), Ended> {
    let Some(url) = pending.errand.url.clone() else {
        let refusal = Refusal::new(Outcome::BadUrl, "the entry has no address").again(Again::Never);
        return miss(room, &pending, Missed { refusal, got: None }).await;
    };
    if pending.errand.feed.text_only {
        return text_only(room, &pending).await;
    }
    let unconditional = Validators::default();
    let asked = match room.page_pass(&pending.errand.feed).await {
        Ok(pass) => room.get(&url, Kind::Page, &unconditional, &pass).await?,
        Err(refusal) => Err(refusal),
    };
    match asked {
        Ok(Answer::Got(got)) => match extract(room, &pending.id, &pending.errand, got).await? {
            Ok(read) => deliver(room, &pending, read).await,
            Err(missed) => miss(room, &pending, missed).await,
        },
        Ok(Answer::Refused(refusal, _)) | Err(refusal) => {
            miss(room, &pending, Missed { refusal, got: None }).await
        }
        Ok(Answer::NotModified(_)) => {
            let refusal = Refusal::new(Outcome::Protocol, "304 without being asked");
            miss(room, &pending, Missed { refusal, got: None }).await
        }
    }
}

/// Publishes the feed's own text, as its settings ask for.
async fn text_only(room: &Room, pending: &Pending) -> Result<(), Ended> {
    if let Some(article) = read::feed_article(&pending.id, &pending.errand) {
        room.metrics.page(Outcome::New);
        room.metrics.count(Counted::FeedOnly);
        return record(room, pending, article, Vec::new()).await;
    }
    let message = "the feed has too little text, and its pages are not asked for";
    let refusal = Refusal::new(Outcome::Empty, message).again(Again::Never);
    miss(room, pending, Missed { refusal, got: None }).await
}

/// Reads the article out of a page.
pub(crate) async fn extract(
    room: &Room,
    id: &str,
    errand: &Errand,
    got: Box<Got>,
) -> Result<Result<Read, Missed>, Ended> {
    // Before the parser, which may take a while or wait for a thread.
    let fetched_at = room.clock.now();
    room.metrics.bytes(got.body.len());
    let content_type = got.header(&header::CONTENT_TYPE).map(str::to_owned);
    let no_page = content_type.as_deref().is_some_and(|kind| {
        let kind = kind.trim_start().to_ascii_lowercase();
        ["image/", "audio/", "video/", "application/pdf", "application/zip"]
            .iter()
            .any(|start| kind.starts_with(start))
    });
    if no_page {
        let refusal = Refusal::new(Outcome::Parse, "the answer is no page").again(Again::Never);
        return Ok(Err(Missed { refusal, got: None }));
    }
    let (body, address) = (got.body.clone(), got.url.clone());
    let parser = |held| read::page(held, body, content_type, address);
    let page = match room.parse(&got.url, parser).await? {
        Ok(page) => page,
        Err(refusal) => return Ok(Err(Missed { refusal, got: Some(got) })),
    };
    let bytes = |name| got.headers.get(name).map(|value| value.as_bytes().to_vec());
    let validators =
        Validators { etag: bytes(header::ETAG), last_modified: bytes(header::LAST_MODIFIED) };
    let body = sha256_hex(&got.body);
    let article = read::article(id, errand, page, &got, fetched_at);
    Ok(Ok(Read { article, validators, body }))
}

async fn deliver(room: &Room, pending: &Pending, read: Read) -> Result<(), Ended> {
    let alias = twin::canonical(&pending.errand, &read.article);
    let twin = match &alias {
        Some(rung) => twin::of(room, pending, rung)?,
        None => Twin::None,
    };
    match twin {
        Twin::Held(other) => return merge(room, pending, &other).await,
        // Each wait counts as an attempt, so that two pages that name each other do not wait for
        // ever.
        Twin::Awaited if pending.attempts + 1 < room.config.schedule.page_attempts => {
            let wait = millis(room.config.schedule.page_retry.0);
            let reason = "another page of the same article is to be fetched".to_owned();
            return put_off(room, pending, pending.attempts + 1, wait, reason);
        }
        Twin::Awaited | Twin::None => {}
    }
    let mut changes: Vec<Change> = Vec::new();
    if let Some(rung) = alias {
        let host_key = pending.errand.host_key.clone();
        changes.push(Change::Alias { rung, host_key, id: pending.id.clone() });
    }
    changes.extend(first_recheck(room, pending, read.validators, read.body));
    room.metrics.page(Outcome::New);
    record(room, pending, read.article, changes).await
}

/// The article arrived by another page: this one is told of, and never fetched again.
async fn merge(room: &Room, pending: &Pending, other: &str) -> Result<(), Ended> {
    let refusal = Refusal::new(Outcome::Unchanged, format!("the same article as {other}"));
    let first_failed = pending.first_failed_at.unwrap_or(room.now_ms());
    let mut letter = letter(pending, &refusal, pending.attempts + 1, first_failed);
    "extract".clone_into(&mut letter.stage);
    if quarantine(room, pending, letter).await? {
        room.metrics.count(Counted::Duplicate);
    }
    Ok(())
}

/// Sends the article, and settles with the number of the journal's row.
async fn record(
    room: &Room,
    pending: &Pending,
    article: Article,
    mut changes: Vec<Change>,
) -> Result<(), Ended> {
    let id = pending.id.clone();
    match room.send(Event::Article(Box::new(article))).await? {
        Ok(signed) => {
            changes.insert(0, Change::Settled { id, seq: signed.seq });
            room.ledger().apply_all(&changes)?;
            let counted = match signed.verdict {
                Verdict::Recorded { .. } => Counted::Recorded,
                Verdict::Unchanged | Verdict::Stale => Counted::Unchanged,
            };
            room.metrics.count(counted);
            info!(outcome = Outcome::New.as_str(), seq = signed.seq, "settled");
        }
        Err(lost) => put_off(room, pending, pending.attempts, LOST_MS, lost.to_string())?,
    }
    Ok(())
}

fn put_off(
    room: &Room,
    pending: &Pending,
    attempts: u32,
    wait_ms: i64,
    reason: String,
) -> Result<(), Ended> {
    let at = room.now_ms();
    let next_at = at.saturating_add(wait_ms);
    let id = pending.id.clone();
    info!(outcome = "pending", attempts, reason, "put off");
    room.ledger().apply(&Change::Attempted { id, attempts, next_at, reason, at })?;
    Ok(())
}

/// Puts the entry off, or gives its page up.
async fn miss(room: &Room, pending: &Pending, missed: Missed) -> Result<(), Ended> {
    let refusal = &missed.refusal;
    room.metrics.page(refusal.outcome);
    if room.is_cut_off(refusal) {
        let reason = format!("our own network seems to be away: {}", refusal.message);
        return put_off(room, pending, pending.attempts, CUT_OFF_MS, reason);
    }
    let schedule = &room.config.schedule;
    let first_failed = pending.first_failed_at.unwrap_or(room.now_ms());
    let patient = room.now_ms() - first_failed < PATIENCE_MS;
    let (attempts, wait) = match refusal.again {
        Again::After(wait) if patient => (pending.attempts, wait),
        _ => {
            let attempts = pending.attempts + 1;
            let factor = 4u32.pow((attempts - 1).min(LONGEST_BACKOFF));
            (attempts, schedule.page_retry.0.saturating_mul(factor))
        }
    };
    if refusal.again != Again::Never && attempts < schedule.page_attempts {
        let wait = wait.mul_f64(1.0 + 0.1 * room.jitter(&pending.id));
        return put_off(room, pending, attempts, millis(wait), refusal.message.clone());
    }
    // What its publisher took away before it was read is not published behind his back.
    let is_gone = refusal.outcome == Outcome::Gone;
    if !is_gone && let Some(article) = read::feed_article(&pending.id, &pending.errand) {
        info!(outcome = refusal.outcome.as_str(), detail = refusal.message, "feed's own text");
        room.metrics.count(Counted::FeedOnly);
        // The page may come back: the re-checks ask for it.
        let again = first_recheck(room, pending, Validators::default(), String::new());
        return record(room, pending, article, again.into_iter().collect()).await;
    }
    give_up(room, pending, missed, attempts, first_failed).await
}

async fn give_up(
    room: &Room,
    pending: &Pending,
    missed: Missed,
    attempts: u32,
    first_failed: i64,
) -> Result<(), Ended> {
    let Missed { refusal, got } = missed;
    let content_type = got.as_ref().and_then(|got| got.header(&header::CONTENT_TYPE));
    let content_type = content_type.map(escape::one_line);
    let bytes = got.map(|got| got.body).unwrap_or_default();
    let mut letter = letter(pending, &refusal, attempts, first_failed);
    if !bytes.is_empty() {
        "extract".clone_into(&mut letter.stage);
    }
    (letter.bytes, letter.content_type) = (bytes, content_type);
    if quarantine(room, pending, letter).await? {
        room.metrics.refuse(refusal.outcome);
    }
    Ok(())
}

/// What is told of an entry whose page is not published.
fn letter(pending: &Pending, refusal: &Refusal, attempts: u32, first_failed: i64) -> DeadLetter {
    let url = pending.errand.url.as_ref();
    DeadLetter {
        key: pending.id.clone(),
        url: url.map(|url| escape::without_credentials(url.as_str())).unwrap_or_default(),
        feed: escape::without_credentials(&pending.errand.feed.url),
        stage: "fetch".to_owned(),
        class: refusal.outcome.as_str().to_owned(),
        message: refusal.message.clone(),
        attempts,
        first_failed_at: rfc3339(first_failed),
        bytes: Vec::new(),
        content_type: None,
    }
}

/// Sends the dead letter, then lets the entry rest for good; false where the letter was lost.
async fn quarantine(room: &Room, pending: &Pending, letter: DeadLetter) -> Result<bool, Ended> {
    let (class, reason) = (letter.class.clone(), letter.message.clone());
    match room.send(Event::DeadLetter(Box::new(letter))).await? {
        Ok(_) => {
            info!(outcome = class, message = reason, "quarantined");
            room.ledger().apply(&Change::Quarantined { id: pending.id.clone(), reason })?;
            Ok(true)
        }
        Err(lost) => {
            put_off(room, pending, pending.attempts, LOST_MS, lost.to_string())?;
            Ok(false)
        }
    }
}

fn first_recheck(
    room: &Room,
    pending: &Pending,
    validators: Validators,
    body: String,
) -> Option<Change> {
    let wait = room.config.schedule.recheck.first()?;
    let url = pending.errand.url.as_ref()?.to_string();
    Some(Change::Recheck(Box::new(Recheck {
        id: pending.id.clone(),
        url,
        host_key: pending.errand.host_key.clone(),
        validators,
        body,
        step: 0,
        gone: 0,
        next_at: room.now_ms().saturating_add(millis(wait.0)),
    })))
}

/// A duration as the ledger counts.
pub(crate) fn millis(span: Duration) -> i64 {
    i64::try_from(span.as_millis()).unwrap_or(i64::MAX)
}
