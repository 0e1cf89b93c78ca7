//! One event becomes rows: the decision on the version and what is written of it.
//!
//! Everything here happens inside the append's transaction, so that a crash neither repeats nor
//! swallows a change.

use article::Stream;
use article::event::{DeadLetter, EnrichedArticle, Event, FeedHealth, Withdrawal};
use article::parcel::{Signed, Verdict};
use article::shard::ShardId;
use jiff::Timestamp;
use rusqlite::{Connection, params};

use super::fingerprint::{changed, field_hashes, fingerprint, similarity};
use super::head::{self, Head, Offer, Route, json};
use super::meta::Tail;
use super::row::Row;
use crate::envelope::{self, DEAD_LETTER_LIMIT, Headers, Stamp};
use crate::record::{Decision, Record, Revision, Status};

/// A head that is offered again is noted once in this time, not with every offer.
const TOUCH_MS: i64 = 30 * 24 * 3600 * 1000;

/// From this similarity on, with the same headline, a change is minor.
const MINOR: f32 = 0.95;

/// Appends within one transaction, from one tail to the next.
pub(super) struct Append<'a> {
    pub(super) connection: &'a Connection,
    pub(super) shard: ShardId,
    pub(super) now: i64,
    pub(super) tail: Tail,
}

struct Draft {
    stream: Stream,
    key: String,
    kind: &'static str,
    headers: Headers,
    value: Option<Vec<u8>>,
}

/// The number and the time of the next row.
struct Next {
    sequence: u64,
    recorded_at: i64,
    date: String,
}

impl Append<'_> {
    /// Writes what the event is worth, and the enrichers' state with it.
    pub(super) fn event(
        &mut self,
        event: Event<EnrichedArticle>,
        state: &[(String, Vec<u8>)],
    ) -> rusqlite::Result<Signed> {
        let signed = match event {
            Event::Article(offer) => self.article(*offer)?,
            Event::Withdrawal(withdrawal) => self.withdrawal(withdrawal)?,
            Event::DeadLetter(letter) => self.dead_letter(*letter)?,
            Event::FeedHealth(health) => self.feed(&health)?,
        };
        if matches!(signed.verdict, Verdict::Recorded { .. }) {
            let mut put = self
                .connection
                .prepare_cached("INSERT OR REPLACE INTO kv (key, value) VALUES (?1, ?2)")?;
            for (key, value) in state {
                put.execute(params![key, value])?;
            }
        }
        Ok(signed)
    }

    fn article(&mut self, offer: EnrichedArticle) -> rusqlite::Result<Signed> {
        let id = offer.article.id.clone();
        let print = fingerprint(&offer.article);
        let fetched_at = self.fetched_at(&offer);
        let before = head::load(self.connection, &id)?;
        if let Some(head) = &before {
            match head.judge(&print, fetched_at) {
                Offer::Next => {}
                Offer::Older => return Ok(Signed { seq: head.seq, verdict: Verdict::Stale }),
                Offer::Same => {
                    if self.now - head.offered_at > TOUCH_MS {
                        head::touch(self.connection, &id, self.now)?;
                    }
                    return Ok(Signed { seq: head.seq, verdict: Verdict::Unchanged });
                }
            }
        }
        let fields = field_hashes(&offer.article);
        let revision = before
            .as_ref()
            .map(|head| self.revision(head, &fields, &offer.article.article_body))
            .transpose()?;
        let version = before.as_ref().map_or(1, |head| head.version + 1);
        let status = match &before {
            Some(head) if head.status != Status::Withdrawn => Status::Updated,
            _ => Status::Published,
        };
        let next = self.next();
        let route = Route::of(&offer);
        let headers = envelope::article(&id, version, status, route.routing(), self.stamp(&next));
        let decision = Decision { version, status, revision, date_recorded: next.date.clone() };
        let value = bytes(&Record::of(offer, decision))?;
        let draft = Draft {
            stream: Stream::Article,
            key: id.clone(),
            kind: status.as_str(),
            headers,
            value: Some(value),
        };
        let seq = self.write(draft, &next)?;
        let head = Head {
            id,
            version,
            status,
            fingerprint: print,
            fields,
            fetched_at,
            offered_at: self.now,
            route,
            seq,
        };
        head::save(self.connection, &head)?;
        Ok(Signed { seq, verdict: Verdict::Recorded { version } })
    }

    /// Two rows: the record that says so, and the tombstone that lets the topic forget.
    fn withdrawal(&mut self, withdrawal: Withdrawal) -> rusqlite::Result<Signed> {
        let Some(mut head) = head::load(self.connection, &withdrawal.id)? else {
            return Ok(Signed { seq: 0, verdict: Verdict::Unchanged });
        };
        let seen_at = millisecond(&withdrawal.seen_at).unwrap_or(self.now);
        match head.judge_withdrawal(seen_at) {
            Offer::Next => {}
            Offer::Older => return Ok(Signed { seq: head.seq, verdict: Verdict::Stale }),
            Offer::Same => return Ok(Signed { seq: head.seq, verdict: Verdict::Unchanged }),
        }
        let version = head.version + 1;
        let status = Status::Withdrawn;
        let revision = Revision {
            previous_version: head.version,
            reason: Some(withdrawal.reason),
            ..Revision::default()
        };
        let next = self.next();
        let routing = head.route.routing();
        let headers = envelope::article(&head.id, version, status, routing, self.stamp(&next));
        let decision = Decision {
            version,
            status,
            revision: Some(revision),
            date_recorded: next.date.clone(),
        };
        let mut record = Record::withdrawn(head.id.clone(), head.route.url.clone(), decision);
        record.source.clone_from(&head.route.source);
        record.labels.clone_from(&head.route.labels);
        record.in_language.clone_from(&head.route.language);
        let draft = Draft {
            stream: Stream::Article,
            key: head.id.clone(),
            kind: status.as_str(),
            headers,
            value: Some(bytes(&record)?),
        };
        self.write(draft, &next)?;
        let next = self.next();
        let draft = Draft {
            stream: Stream::Article,
            key: head.id.clone(),
            kind: "tombstone",
            headers: envelope::tombstone(head.route.routing(), self.stamp(&next)),
            value: None,
        };
        let seq = self.write(draft, &next)?;
        head.version = version;
        head.status = status;
        head.fetched_at = seen_at;
        head.offered_at = self.now;
        head.seq = seq;
        head::save(self.connection, &head)?;
        Ok(Signed { seq, verdict: Verdict::Recorded { version } })
    }

    fn dead_letter(&mut self, mut letter: DeadLetter) -> rusqlite::Result<Signed> {
        let next = self.next();
        let headers = envelope::dead_letter(&letter, self.stamp(&next));
        if letter.bytes.len() > DEAD_LETTER_LIMIT {
            self.connection
                .prepare_cached("INSERT INTO letters (seq, bytes) VALUES (?1, ?2)")?
                .execute(params![(self.tail.seq + 1).cast_signed(), letter.bytes])?;
            letter.bytes.truncate(DEAD_LETTER_LIMIT);
        }
        let draft = Draft {
            stream: Stream::DeadLetter,
            key: letter.key,
            kind: "deadLetter",
            headers,
            value: Some(letter.bytes),
        };
        let seq = self.write(draft, &next)?;
        Ok(Signed { seq, verdict: Verdict::Recorded { version: 0 } })
    }

    fn feed(&mut self, health: &FeedHealth) -> rusqlite::Result<Signed> {
        let next = self.next();
        let draft = Draft {
            stream: Stream::Feed,
            key: health.id.clone(),
            kind: "health",
            headers: envelope::feed(health, self.stamp(&next)),
            value: Some(bytes(health)?),
        };
        let seq = self.write(draft, &next)?;
        Ok(Signed { seq, verdict: Verdict::Recorded { version: 0 } })
    }

    /// How an offer differs from its head. The text before is read from its row, while there is
    /// one.
    fn revision(
        &self,
        head: &Head,
        fields: &super::fingerprint::FieldHashes,
        body: &str,
    ) -> rusqlite::Result<Revision> {
        let value: Option<Vec<u8>> = self
            .connection
            .prepare_cached("SELECT value FROM rows WHERE seq = ?1")?
            .query([head.seq.cast_signed()])?
            .next()?
            .map_or(Ok(None), |row| row.get(0))?;
        let before = value
            .and_then(|value| serde_json::from_slice::<Record>(&value).ok())
            .and_then(|record| record.article_body);
        let similarity = before.map(|before| similarity(&before, body));
        let changed = changed(&head.fields, fields);
        let minor = similarity.is_some_and(|share| share >= MINOR)
            && !changed.iter().any(|name| name == "headline");
        Ok(Revision { previous_version: head.version, changed, similarity, minor, reason: None })
    }

    /// When the offer was fetched: the page, else the feed that listed it, else now.
    fn fetched_at(&self, offer: &EnrichedArticle) -> i64 {
        let page = offer.article.fetch.as_ref().and_then(|fetch| millisecond(&fetch.fetched_at));
        let listed =
            || offer.article.discovery.iter().filter_map(|d| millisecond(&d.seen_at)).max();
        page.or_else(listed).unwrap_or(self.now)
    }

    /// The next dense number, and a time that rises whatever the clock does.
    fn next(&self) -> Next {
        let recorded_at = self.now.max(self.tail.recorded_at + 1);
        let date = Timestamp::from_millisecond(recorded_at)
            .unwrap_or(Timestamp::MAX)
            .strftime("%Y-%m-%dT%H:%M:%S%.3fZ")
            .to_string();
        Next { sequence: self.tail.sequence + 1, recorded_at, date }
    }

    fn stamp<'n>(&self, next: &'n Next) -> Stamp<'n> {
        Stamp { shard: self.shard, sequence: next.sequence, date_recorded: &next.date }
    }

    fn write(&mut self, draft: Draft, next: &Next) -> rusqlite::Result<u64> {
        let headers = json(&draft.headers)?;
        let row = Row {
            seq: self.tail.seq + 1,
            shard: self.shard,
            sequence: next.sequence,
            stream: draft.stream,
            key: draft.key,
            kind: draft.kind.to_owned(),
            headers: draft.headers,
            value: draft.value,
            recorded_at: next.recorded_at,
        };
        let digest = row.digest(&headers, &self.tail.digest);
        self.connection
            .prepare_cached(
                "INSERT INTO rows
                 (seq, shard, sequence, stream, key, kind, headers, value, recorded_at, digest)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
            )?
            .execute(params![
                row.seq.cast_signed(),
                row.shard.0,
                row.sequence.cast_signed(),
                row.stream.as_str(),
                row.key,
                row.kind,
                headers,
                row.value,
                row.recorded_at,
                digest,
            ])?;
        self.tail =
            Tail { seq: row.seq, sequence: row.sequence, recorded_at: row.recorded_at, digest };
        Ok(row.seq)
    }
}

fn bytes<T: serde::Serialize>(value: &T) -> rusqlite::Result<Vec<u8>> {
    serde_json::to_vec(value)
        .map_err(|error| rusqlite::Error::ToSqlConversionFailure(Box::new(error)))
}

fn millisecond(text: &str) -> Option<i64> {
    text.parse::<Timestamp>().ok().map(Timestamp::as_millisecond)
}
