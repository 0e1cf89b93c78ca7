//! A second look at an article's page: a change is offered to the journal, which decides the
//! version; a page that is gone twice is withdrawn.

use article::escape;
use article::event::{Event, Withdrawal};
use article::parcel::Verdict;
use article::text::sha256_hex;
use tracing::{Instrument, info, info_span};
use url::Url;

use crate::fetch::{Answer, Got, Kind};
use crate::ledger::{Change, Recheck};
use crate::metrics::Counted;
use crate::outcome::Outcome;
use crate::page::{CUT_OFF_MS, extract, millis};
use crate::room::{Ended, Room};

/// The wait before a page that is gone is asked once more.
const CONFIRM_MS: i64 = 15 * 60_000;
/// The wait after a parcel was lost on its way.
const LOST_MS: i64 = 5_000;

/// Looks at an article's page again.
pub(crate) async fn look(room: &Room, row: Recheck) -> Result<(), Ended> {
    let span = info_span!("recheck", url = %escape::url(&row.url), shard = %room.ledger().shard());
    story(room, row).instrument(span).await
}

async fn story(room: &Room, mut row: Recheck) -> Result<(), Ended> {
    let Ok(url) = Url::parse(&row.url) else {
        room.ledger().apply(&Change::RecheckEnded { id: row.id })?;
        return Ok(());
    };
    let feed = room.ledger().errand(&row.id)?.map(|errand| errand.feed).unwrap_or_default();
    let asked = match room.page_pass(&feed).await {
        Ok(pass) => room.get(&url, Kind::Page, &row.validators, &pass).await?,
        Err(refusal) => Err(refusal),
    };
    let outcome = match asked {
        Ok(Answer::NotModified(_)) => {
            row.gone = 0;
            Outcome::NotModified
        }
        Ok(Answer::Got(got)) => {
            row.gone = 0;
            match changed(room, &mut row, got).await? {
                Some(outcome) => outcome,
                None => return later(room, row, LOST_MS),
            }
        }
        Ok(Answer::Refused(refusal, _)) if matches!(refusal.status, Some(404 | 410)) => {
            room.metrics.recheck(Outcome::Gone);
            return gone(room, row, &refusal.message).await;
        }
        Err(refusal) if room.is_cut_off(&refusal) => return later(room, row, CUT_OFF_MS),
        Ok(Answer::Refused(refusal, _)) | Err(refusal) => refusal.outcome,
    };
    room.metrics.recheck(outcome);
    info!(outcome = outcome.as_str(), step = row.step, "looked again");
    step(room, row)
}

/// Offers the page to the journal where its bytes changed; none where the parcel was lost.
async fn changed(room: &Room, row: &mut Recheck, got: Box<Got>) -> Result<Option<Outcome>, Ended> {
    if sha256_hex(&got.body) == row.body {
        return Ok(Some(Outcome::Unchanged));
    }
    let Some(errand) = room.ledger().errand(&row.id)? else { return Ok(Some(Outcome::Unchanged)) };
    let read = match extract(room, &row.id, &errand, got).await? {
        Ok(read) => read,
        // A page that cannot be read any more does not replace what was read.
        Err(missed) => return Ok(Some(missed.refusal.outcome)),
    };
    let Ok(signed) = room.send(Event::Article(Box::new(read.article))).await? else {
        return Ok(None);
    };
    let id = row.id.clone();
    room.ledger().apply(&Change::Settled { id, seq: signed.seq })?;
    row.validators = read.validators;
    row.body = read.body;
    Ok(Some(match signed.verdict {
        Verdict::Recorded { .. } => {
            room.metrics.count(Counted::Changed);
            Outcome::New
        }
        Verdict::Unchanged | Verdict::Stale => Outcome::Unchanged,
    }))
}

async fn gone(room: &Room, mut row: Recheck, message: &str) -> Result<(), Ended> {
    row.gone += 1;
    info!(outcome = Outcome::Gone.as_str(), times = row.gone, detail = message, "looked again");
    if row.gone < 2 {
        let ladder = &room.config.schedule.recheck;
        let rung = ladder.get(row.step).or(ladder.last()).map_or(CONFIRM_MS, |wait| millis(wait.0));
        return later(room, row, rung.min(CONFIRM_MS));
    }
    let withdrawal = Withdrawal {
        id: row.id.clone(),
        url: row.url.clone(),
        reason: message.to_owned(),
        seen_at: room.clock.now().to_string(),
    };
    if room.send(Event::Withdrawal(withdrawal)).await?.is_ok() {
        room.metrics.count(Counted::Withdrawn);
        room.ledger().apply(&Change::RecheckEnded { id: row.id })?;
        Ok(())
    } else {
        row.gone -= 1;
        later(room, row, LOST_MS)
    }
}

fn later(room: &Room, mut row: Recheck, wait_ms: i64) -> Result<(), Ended> {
    row.next_at = room.now_ms().saturating_add(wait_ms);
    room.ledger().apply(&Change::Recheck(Box::new(row)))?;
    Ok(())
}

/// On to the ladder's next step, or off it.
fn step(room: &Room, mut row: Recheck) -> Result<(), Ended> {
    row.step = row.step.saturating_add(1);
    if let Some(wait) = room.config.schedule.recheck.get(row.step) {
        later(room, row, millis(wait.0))
    } else {
        room.ledger().apply(&Change::RecheckEnded { id: row.id })?;
        Ok(())
    }
}
