//! A visit, its feed half: get the feed, read its entries, hand over what is new, tell of a change
//! in its health, and only then write the validators.

use std::time::Duration;

use article::event::{Event, FeedHealth};
use article::{escape, id};
use http::header::{self, HeaderMap, HeaderName};
use jiff::Timestamp;
use tracing::{Instrument, info, info_span};
use url::Url;

use crate::errand::Witness;
use crate::fetch::{Answer, Got, Kind, NotModified};
use crate::honesty::{self, Asking};
use crate::last_document::LastDocument;
use crate::ledger::{Change, FeedHints, FeedRow, Validators};
use crate::listing::Listing;
use crate::outcome::{Again, Outcome, Refusal};
use crate::room::{Ended, Room, Sight, rfc3339};
use crate::schedule::{Observation, Policy, as_usual, next};
use crate::{access, page, plain, read, rules};

/// Failures in a row before a feed's health says that it is failing.
const FAILING: u32 = 3;

/// What the visit saw.
struct Seen {
    outcome: Outcome,
    status: Option<u16>,
    message: Option<String>,
    headers: HeaderMap,
    items: usize,
    fresh: usize,
    wait: Option<Duration>,
    /// Our own network seems to be away: no news about the feed.
    is_cut_off: bool,
}

/// Visits one feed.
pub(crate) async fn visit(room: &Room, row: FeedRow) -> Result<(), Ended> {
    let span =
        info_span!("visit", feed.url = %escape::url(&row.url), shard = %room.ledger().shard());
    story(room, row).instrument(span).await
}

async fn story(room: &Room, mut row: FeedRow) -> Result<(), Ended> {
    let url = address(&row);
    let asking = honesty::asking(&row, room.now_ms());
    let asked = match room.feed_pass(&row.settings).await {
        Ok(pass) => room.get(&url, Kind::Feed, &asking.validators(), &pass).await?,
        Err(refusal) => Err(refusal),
    };
    let mut seen = match asked {
        Ok(Answer::NotModified(answer)) if asking == Asking::Unconditionally => {
            let refusal = Refusal::new(Outcome::Protocol, "304 without being asked");
            refused(refusal, answer.headers)
        }
        Ok(Answer::NotModified(answer)) => {
            let is_believed = honesty::on_not_modified(&mut row, &asking, room.now_ms());
            not_modified(&mut row, answer, is_believed)
        }
        Ok(Answer::Refused(refusal, headers)) => refused(refusal, headers),
        Err(refusal) => {
            let is_cut_off = room.is_cut_off(&refusal);
            Seen { is_cut_off, ..refused(refusal, HeaderMap::new()) }
        }
        Ok(Answer::Got(got)) => match document(room, &mut row, *got, &asking).await? {
            Ok(seen) => seen,
            Err(refusal) => refused(refusal, HeaderMap::new()),
        },
    };
    if let Some(wait) = seen.wait.filter(|_| rested(&seen)) {
        return put_off(room, row, wait);
    }
    settle(room, &mut row, &mut seen);
    tell(room, &mut row, &seen).await?;
    room.ledger().apply(&Change::Visited(Box::new(row)))?;
    room.metrics.visit(seen.outcome);
    Ok(())
}

/// The host rests, so the feed was not asked: that is no news about it.
fn put_off(room: &Room, mut row: FeedRow, wait: Duration) -> Result<(), Ended> {
    // Each in its own time, or all of a host's feeds would wake at once.
    let wait = wait.max(Duration::from_secs(1)).mul_f64(1.0 + 0.1 * room.jitter(&row.url));
    row.next_at = Some(room.now_ms().saturating_add(page::millis(wait)));
    "its host rests: it answered 429 or 503".clone_into(&mut row.reason);
    room.ledger().apply(&Change::Visited(Box::new(row)))?;
    room.metrics.visit(Outcome::RateLimited);
    Ok(())
}

fn address(row: &FeedRow) -> Url {
    let moved = row.fetch_url.as_deref().and_then(|url| Url::parse(url).ok());
    moved.unwrap_or_else(|| row.settings.url.clone())
}

fn not_modified(row: &mut FeedRow, answer: NotModified, is_believed: bool) -> Seen {
    let NotModified { moved, headers } = answer;
    // The validators came with a feed that was read there: its 304 says that the feed is there
    // still.
    let has_moved = follow(row, moved.as_ref());
    // A 304 may carry newer validators; what it leaves out still holds.
    let newer = if is_believed { validators(&headers) } else { Validators::default() };
    row.validators.etag = newer.etag.or(row.validators.etag.take());
    row.validators.last_modified = newer.last_modified.or(row.validators.last_modified.take());
    Seen {
        outcome: if has_moved { Outcome::Moved } else { Outcome::NotModified },
        status: Some(304),
        message: (!is_believed).then(|| "answered 304 to what it no longer is".to_owned()),
        headers,
        items: 0,
        fresh: 0,
        wait: None,
        is_cut_off: false,
    }
}

fn refused(refusal: Refusal, headers: HeaderMap) -> Seen {
    let wait = match refusal.again {
        Again::After(wait) => Some(wait),
        Again::Later | Again::Never => None,
    };
    Seen {
        outcome: refusal.outcome,
        status: refusal.status,
        message: Some(refusal.message),
        headers,
        items: 0,
        fresh: 0,
        wait,
        is_cut_off: false,
    }
}

/// Reads the document and hands over its entries; each is known when this returns.
async fn document(
    room: &Room,
    row: &mut FeedRow,
    got: Got,
    asking: &Asking,
) -> Result<Result<Seen, Refusal>, Ended> {
    room.metrics.bytes(got.body.len());
    let content_type = got.header(&header::CONTENT_TYPE).map(str::to_owned);
    let Got { url, moved, status, headers, body } = got;
    let now = room.clock.now();
    // What the feed names relatively must not inherit its credentials.
    let mut address = url.clone();
    access::strip(&mut address);
    let parser = |held| read::feed_document(held, body, content_type, address, now);
    let Listing { document, is_sitemap } = match room.parse(&url, parser).await? {
        Ok(listing) => listing,
        Err(refusal) => return Ok(Err(refusal)),
    };
    let witness = Witness {
        url: row.url.clone(),
        title: document.feed.title.as_deref().map(plain::field),
        language: document.feed.language.clone(),
        labels: row.settings.labels.clone(),
        is_sitemap,
        text_only: row.settings.text_only,
        proxy: row.settings.proxy.clone(),
    };
    row.hints = hints(&document, now);
    row.title.clone_from(&witness.title);
    row.document = Some(LastDocument::of(&document, now));
    let items = document.entries.len();
    let first_look = row.full_at.is_none();
    let seen_at = now.to_string();
    let mut fresh = 0;
    row.left_out = 0;
    for entry in document.entries {
        let errand = read::errand(entry, &witness, &row.settings.url, &seen_at);
        if !rules::takes(&row.settings, &errand) {
            row.left_out += 1;
            continue;
        }
        let said = errand.entry.published.as_deref().or(errand.entry.updated.as_deref());
        let old = first_look && said.map_or(is_sitemap, |date| is_old(room, date, now));
        if room.hand_over(&errand, old)? == Sight::New && !old {
            fresh += 1;
        }
    }
    let newer = validators(&headers);
    honesty::on_document(row, asking, &newer, fresh, now.as_millisecond());
    row.validators = newer;
    row.full_at = Some(now.as_millisecond());
    let mut outcome = if fresh > 0 { Outcome::New } else { Outcome::Unchanged };
    if follow(row, moved.as_ref()) {
        outcome = Outcome::Moved;
    }
    Ok(Ok(Seen {
        outcome,
        status: Some(status),
        message: None,
        headers,
        items,
        fresh,
        wait: None,
        is_cut_off: false,
    }))
}

fn is_old(room: &Room, date: &str, now: Timestamp) -> bool {
    let first_look = room.config.schedule.first_look.0;
    let Ok(date) = date.parse::<Timestamp>() else { return false };
    now.checked_sub(first_look).is_ok_and(|edge| date < edge)
}

/// A permanent move is believed once the new address gave a feed twice in a row.
fn follow(row: &mut FeedRow, moved: Option<&Url>) -> bool {
    let Some(to) = moved.map(Url::to_string) else {
        row.moved = None;
        return false;
    };
    let times = match row.moved.take() {
        Some((before, times)) if before == to => times + 1,
        _ => 1,
    };
    if times >= 2 {
        row.fetch_url = Some(to);
        return true;
    }
    row.moved = Some((to, times));
    false
}

fn hints(document: &feed::Document, now: Timestamp) -> FeedHints {
    let feed = &document.feed;
    FeedHints {
        ttl: feed.ttl,
        sy: feed.sy_period.clone().map(|period| (period, feed.sy_frequency.unwrap_or(1))),
        skip_hours: feed.skip_hours.clone(),
        skip_days: feed.skip_days.clone(),
        items_per_day: rate(document, now),
    }
}

/// New entries a day: those with a date, over the time since the oldest of them.
fn rate(document: &feed::Document, now: Timestamp) -> Option<f64> {
    let dates: Vec<Timestamp> = document
        .entries
        .iter()
        .filter_map(|entry| entry.published.as_deref().or(entry.updated.as_deref()))
        .filter_map(|date| date.parse::<Timestamp>().ok())
        .filter(|date| *date <= now)
        .collect();
    let oldest = dates.iter().min()?;
    // A single entry, or a handful within minutes, say little: an hour at least.
    let days = (now.duration_since(*oldest).as_secs_f64() / 86_400.0).max(1.0 / 24.0);
    let count = u32::try_from(dates.len()).unwrap_or(u32::MAX);
    (count > 1).then(|| f64::from(count) / days)
}

fn validators(headers: &HeaderMap) -> Validators {
    let value = |name: HeaderName| headers.get(name).map(|value| value.as_bytes().to_vec());
    Validators { etag: value(header::ETAG), last_modified: value(header::LAST_MODIFIED) }
}

/// Writes into the row what was seen, and when it is visited next.
fn settle(room: &Room, row: &mut FeedRow, seen: &mut Seen) {
    let gone = seen.status == Some(410);
    row.gone = match seen.status {
        Some(410) => row.gone + 1,
        // No answer is no news.
        None => row.gone,
        Some(_) => 0,
    };
    let well = seen.status.is_some_and(|status| status < 400);
    row.failures = match row.failures {
        _ if well => 0,
        failures if seen.is_cut_off => failures,
        failures => failures.saturating_add(1),
    };
    let now = room.now_ms();
    row.failing_since = if row.failures == 0 { None } else { row.failing_since.or(Some(now)) };
    if seen.fresh > 0 {
        row.fresh_at = Some(now);
    }
    if well {
        row.unchanged = if seen.fresh > 0 { 0 } else { row.unchanged.saturating_add(1) };
    } else if row.failures >= 3 {
        // The new address may be the one that is wrong.
        row.fetch_url = None;
    }
    let schedule = &room.config.schedule;
    let policy = Policy {
        shortest: row.settings.shortest.unwrap_or(schedule.shortest).0,
        longest: row.settings.longest.unwrap_or(schedule.longest).0,
        base: schedule.base.0,
    };
    let text = |name: HeaderName| seen.headers.get(name).and_then(|value| value.to_str().ok());
    // A first 410 is a failure like others; the second one stops the feed.
    let status = if gone && row.gone < 2 { Some(404) } else { seen.status };
    let observation = Observation {
        now: room.clock.now(),
        status,
        outcome: Some(seen.outcome),
        full_in: full_in(room, row),
        failures: row.failures,
        unchanged: row.unchanged,
        interval: Duration::from_millis(row.interval_ms),
        cache_control: text(header::CACHE_CONTROL),
        age: text(header::AGE),
        expires: text(header::EXPIRES),
        date: text(header::DATE),
        retry_after: text(header::RETRY_AFTER),
        ttl: row.hints.ttl,
        sy: row.hints.sy.as_ref().map(|(period, frequency)| (period.as_str(), *frequency)),
        skip_hours: &row.hints.skip_hours,
        skip_days: &row.hints.skip_days,
        new_items: Some(seen.fresh),
        items: Some(seen.items),
        items_per_day: row.hints.items_per_day,
        jitter: room.jitter(&row.url),
    };
    let next =
        if seen.is_cut_off { as_usual(&policy, &observation) } else { next(&policy, &observation) };
    // What keeps robots.txt away is tried again when that is.
    let after = match (next.after, seen.wait) {
        (Some(after), Some(wait)) if seen.status.is_none() => {
            Some(after.min(wait.max(policy.shortest)))
        }
        (after, _) => after,
    };
    row.visited_at = Some(now);
    row.next_at =
        after.map(|after| now.saturating_add(i64::try_from(after.as_millis()).unwrap_or(i64::MAX)));
    row.reason = next.reason;
    row.interval_ms = u64::try_from(next.interval.as_millis()).unwrap_or(u64::MAX);
    row.outcome = Some(seen.outcome);
    row.message.clone_from(&seen.message);
    info!(
        outcome = seen.outcome.as_str(),
        status = seen.status,
        items = seen.items,
        new = seen.fresh,
        detail = seen.message.as_deref(),
        next_s = after.map(|after| after.as_secs()),
        reason = row.reason,
        "visited"
    );
}

/// The time until the daily look without validators; none where each look is one.
fn full_in(room: &Room, row: &FeedRow) -> Option<Duration> {
    let due = row.full_at.filter(|_| !row.validators.is_empty())? + honesty::FULL_AFTER_MS;
    u64::try_from(due - room.now_ms()).ok().map(Duration::from_millis)
}

/// Whether the host rests, so that the feed was not asked at all.
fn rested(seen: &Seen) -> bool {
    seen.status.is_none() && seen.outcome == Outcome::RateLimited
}

/// Tells of a change in the feed's health. A lost parcel leaves the old state, so that the next
/// visit tells again.
async fn tell(room: &Room, row: &mut FeedRow, seen: &Seen) -> Result<(), Ended> {
    let state = match row.next_at {
        None => "stopped",
        // The first look tells at once whether a feed works; later a failure may be a hiccup.
        Some(_) if row.failures >= FAILING || row.failures > 0 && row.state == "new" => "failing",
        Some(_) if row.failures > 0 || seen.is_cut_off => return Ok(()),
        Some(_) => "ok",
    };
    if row.state == state {
        return Ok(());
    }
    let health = FeedHealth {
        id: id::feed_id(&row.url),
        url: escape::url(&row.url),
        title: row.title.as_deref().map(escape::one_line),
        state: state.to_owned(),
        outcome: seen.outcome.as_str().to_owned(),
        message: seen.message.clone(),
        failures: row.failures,
        next_at: row.next_at.map(rfc3339),
        reason: row.reason.clone(),
        at: room.clock.now().to_string(),
    };
    if room.send(Event::FeedHealth(Box::new(health))).await?.is_ok() {
        state.clone_into(&mut row.state);
    }
    Ok(())
}
