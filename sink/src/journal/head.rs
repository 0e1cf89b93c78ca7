//! Heads: the latest version of each article, and what a new offer makes of it.
//!
//! The table outlives the rows' retention, so that an old article offered again is still known.

use article::annotations::Source;
use article::event::EnrichedArticle;
use rusqlite::types::Type;
use rusqlite::{Connection, OptionalExtension, params};
use serde::{Deserialize, Serialize};

use super::fingerprint::FieldHashes;
use crate::envelope::Routing;
use crate::record::Status;

/// The latest version of an article.
#[derive(Clone, Debug, PartialEq)]
pub struct Head {
    /// The article's id.
    pub id: String,
    /// Its latest version.
    pub version: u64,
    /// What made that version.
    pub status: Status,
    /// The hash of what makes a version: headline, text, date of publication.
    pub fingerprint: String,
    /// The hash of each field that holds something.
    pub fields: FieldHashes,
    /// When the offer that made it was fetched, in ms since 1970.
    pub fetched_at: i64,
    /// When it was last offered, to about a month, in ms since 1970.
    pub offered_at: i64,
    /// What a withdrawal needs once the rows are forgotten.
    pub route: Route,
    /// The last row that was written for it.
    pub seq: u64,
}

/// What a withdrawal's record and headers need of the article.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Route {
    /// The article's address.
    pub url: String,
    /// Who published it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<Source>,
    /// BCP 47.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
    /// The operator's own words.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub labels: Vec<String>,
}

/// What an offer is to its head.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Offer {
    /// The head holds the same.
    Same,
    /// The head was fetched later.
    Older,
    /// A version to be written.
    Next,
}

impl Route {
    /// The route of an offered article.
    pub(super) fn of(offer: &EnrichedArticle) -> Self {
        Self {
            url: offer.article.url.clone(),
            source: offer.annotations.source.clone(),
            language: offer.annotations.in_language.clone(),
            labels: offer.article.labels.clone(),
        }
    }

    /// The routing headers' words.
    pub(super) fn routing(&self) -> Routing<'_> {
        Routing {
            language: self.language.as_deref(),
            source_id: self.source.as_ref().map(|source| source.id.as_str()),
            country: self.source.as_ref().and_then(|source| source.country.as_deref()),
            labels: &self.labels,
        }
    }
}

impl Head {
    /// What an article with this fingerprint, fetched then, is to the head.
    pub(super) fn judge(&self, fingerprint: &str, fetched_at: i64) -> Offer {
        if self.status != Status::Withdrawn && self.fingerprint == fingerprint {
            Offer::Same
        } else if fetched_at < self.fetched_at {
            Offer::Older
        } else {
            Offer::Next
        }
    }

    /// What a withdrawal seen then is to the head.
    pub(super) fn judge_withdrawal(&self, seen_at: i64) -> Offer {
        if self.status == Status::Withdrawn {
            Offer::Same
        } else if seen_at < self.fetched_at {
            Offer::Older
        } else {
            Offer::Next
        }
    }
}

/// The head of an article, if it is known.
pub(super) fn load(connection: &Connection, id: &str) -> rusqlite::Result<Option<Head>> {
    connection
        .prepare_cached(
            "SELECT version, status, fingerprint, fields, fetched_at, offered_at, route, seq
             FROM heads WHERE id = ?1",
        )?
        .query_row([id], |row| {
            let status: String = row.get(1)?;
            Ok(Head {
                id: id.to_owned(),
                version: row.get::<_, i64>(0)?.cast_unsigned(),
                status: match status.as_str() {
                    "withdrawn" => Status::Withdrawn,
                    "updated" => Status::Updated,
                    _ => Status::Published,
                },
                fingerprint: row.get(2)?,
                fields: parse(3, &row.get::<_, String>(3)?)?,
                fetched_at: row.get(4)?,
                offered_at: row.get(5)?,
                route: parse(6, &row.get::<_, String>(6)?)?,
                seq: row.get::<_, i64>(7)?.cast_unsigned(),
            })
        })
        .optional()
}

/// Stores the head of an article.
pub(super) fn save(connection: &Connection, head: &Head) -> rusqlite::Result<()> {
    connection
        .prepare_cached(
            "INSERT OR REPLACE INTO heads
             (id, version, status, fingerprint, fields, fetched_at, offered_at, route, seq)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
        )?
        .execute(params![
            head.id,
            head.version.cast_signed(),
            head.status.as_str(),
            head.fingerprint,
            json(&head.fields)?,
            head.fetched_at,
            head.offered_at,
            json(&head.route)?,
            head.seq.cast_signed(),
        ])
        .map(drop)
}

/// Notes that an article is still offered.
pub(super) fn touch(connection: &Connection, id: &str, now: i64) -> rusqlite::Result<()> {
    connection
        .prepare_cached("UPDATE heads SET offered_at = ?2 WHERE id = ?1")?
        .execute(params![id, now])
        .map(drop)
}

/// JSON text of a column.
pub(super) fn json<T: Serialize>(value: &T) -> rusqlite::Result<String> {
    serde_json::to_string(value)
        .map_err(|error| rusqlite::Error::ToSqlConversionFailure(Box::new(error)))
}

/// A column's JSON text, read.
pub(super) fn parse<T: for<'a> Deserialize<'a>>(at: usize, text: &str) -> rusqlite::Result<T> {
    serde_json::from_str(text)
        .map_err(|error| rusqlite::Error::FromSqlConversionFailure(at, Type::Text, Box::new(error)))
}
