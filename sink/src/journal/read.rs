//! Reading: rows, heads and state through a connection of its own, from any thread or process.

use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};

use article::Stream;
use article::shard::ShardId;
use rusqlite::{Connection, OpenFlags, OptionalExtension};

use super::error::{JournalError, database};
use super::head::{self, Head, parse};
use super::meta;
use super::row::Row;
use super::schema;

/// Reads a journal, beside its writer or from another process.
#[derive(Debug)]
pub struct JournalReader {
    connection: Mutex<Connection>,
}

/// The journal's copy of a publisher's cursor.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CursorCopy {
    /// The last row that it published; `None` before the first.
    pub cursor: Option<u64>,
    /// The cluster it published to.
    pub cluster: Option<String>,
}

impl JournalReader {
    /// Opens a journal for reading only.
    pub fn open_read_only(path: &Path) -> Result<Self, JournalError> {
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let opened = || -> rusqlite::Result<(Connection, usize)> {
            let connection = Connection::open_with_flags(path, flags)?;
            connection.busy_timeout(std::time::Duration::from_secs(5))?;
            let found = schema::version(&connection)?;
            Ok((connection, found))
        };
        let (connection, found) =
            opened().map_err(|source| JournalError::Open { path: path.to_owned(), source })?;
        if found > schema::VERSION {
            return Err(JournalError::Newer {
                path: path.to_owned(),
                found,
                known: schema::VERSION,
            });
        }
        Ok(Self { connection: Mutex::new(connection) })
    }

    /// The rows after `after`, in order, at most `limit`.
    pub fn read(&self, after: u64, limit: usize) -> Result<Vec<Row>, JournalError> {
        self.read_within(after, limit, usize::MAX)
    }

    /// As [`JournalReader::read`], and no row more once `max_bytes` of values are reached.
    pub fn read_within(
        &self,
        after: u64,
        limit: usize,
        max_bytes: usize,
    ) -> Result<Vec<Row>, JournalError> {
        self.rows(after, limit, max_bytes)
            .map(|rows| rows.into_iter().map(|stored| stored.row).collect())
            .map_err(database("read rows"))
    }

    /// The number of the last row ever written, even if it is forgotten; 0 before the first.
    pub fn last_seq(&self) -> Result<u64, JournalError> {
        meta::number(&self.lock(), "last_seq")
            .map(i64::unsigned_abs)
            .map_err(database("read its end"))
    }

    /// The number of the oldest row still held.
    pub fn first_seq(&self) -> Result<Option<u64>, JournalError> {
        self.lock()
            .query_row("SELECT min(seq) FROM rows", [], |row| unsigned(row, 0))
            .map_err(database("read its beginning"))
    }

    /// The head of an article, if it is known.
    pub fn head(&self, id: &str) -> Result<Option<Head>, JournalError> {
        head::load(&self.lock(), id).map_err(database("read a head"))
    }

    /// The whole bytes of the dead letter of a row, where the row holds only the first of them.
    pub fn letter(&self, seq: u64) -> Result<Option<Vec<u8>>, JournalError> {
        self.lock()
            .query_row("SELECT bytes FROM letters WHERE seq = ?1", [seq.cast_signed()], |row| {
                row.get(0)
            })
            .optional()
            .map_err(database("read a dead letter"))
    }

    /// All of the enrichers' state.
    pub fn state(&self) -> Result<Vec<(String, Vec<u8>)>, JournalError> {
        let read = || -> rusqlite::Result<Vec<(String, Vec<u8>)>> {
            self.lock()
                .prepare_cached("SELECT key, value FROM kv ORDER BY key")?
                .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?
                .collect()
        };
        read().map_err(database("read the enrichers' state"))
    }

    /// The copy of a publisher's cursor.
    pub fn cursor(&self, publisher: &str) -> Result<CursorCopy, JournalError> {
        self.lock()
            .query_row(
                "SELECT cursor, cluster FROM publishers WHERE name = ?1",
                [publisher],
                |row| Ok(CursorCopy { cursor: unsigned(row, 0)?, cluster: row.get(1)? }),
            )
            .optional()
            .map(Option::unwrap_or_default)
            .map_err(database("read a cursor"))
    }

    /// Bytes in use.
    pub fn used_bytes(&self) -> Result<u64, JournalError> {
        meta::used_bytes(&self.lock()).map_err(database("measure itself"))
    }

    /// Follows the chain of digests through all rows held; tells how many there are.
    pub fn verify(&self) -> Result<u64, JournalError> {
        const STEP: usize = 1000;
        const STEP_BYTES: usize = 16 << 20;
        let anchor = meta::anchor(&self.lock()).map_err(database("read its anchor"))?;
        let mut before =
            anchor.and_then(|text| meta::unhex(&text)).ok_or(JournalError::Broken { seq: 0 })?;
        let (mut after, mut count) = (0, 0);
        loop {
            let rows = self.rows(after, STEP, STEP_BYTES).map_err(database("read rows"))?;
            let Some(last) = rows.last() else { return Ok(count) };
            after = last.row.seq;
            for Stored { row, headers, digest } in &rows {
                before = row.digest(headers, &before);
                if before.as_slice() != digest {
                    return Err(JournalError::Broken { seq: row.seq });
                }
                count += 1;
            }
        }
    }

    fn rows(&self, after: u64, limit: usize, max_bytes: usize) -> rusqlite::Result<Vec<Stored>> {
        let connection = self.lock();
        let mut query = connection.prepare_cached(
            "SELECT seq, shard, sequence, stream, key, kind, headers, value, recorded_at, digest
             FROM rows WHERE seq > ?1 ORDER BY seq LIMIT ?2",
        )?;
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let (mut rows, mut bytes) = (Vec::new(), 0_usize);
        for row in query.query_map([after.cast_signed(), limit], stored)? {
            let row = row?;
            bytes = bytes.saturating_add(row.row.value.as_ref().map_or(0, Vec::len));
            rows.push(row);
            if bytes >= max_bytes {
                break;
            }
        }
        Ok(rows)
    }

    /// The lock is held for one query; no caller holds it across anything else.
    fn lock(&self) -> MutexGuard<'_, Connection> {
        self.connection.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn unsigned(row: &rusqlite::Row<'_>, at: usize) -> rusqlite::Result<Option<u64>> {
    Ok(row.get::<_, Option<i64>>(at)?.map(i64::cast_unsigned))
}

struct Stored {
    row: Row,
    headers: String,
    digest: Vec<u8>,
}

fn stored(row: &rusqlite::Row<'_>) -> rusqlite::Result<Stored> {
    let stream: String = row.get(3)?;
    let headers: String = row.get(6)?;
    let stream = Stream::parse(&stream).ok_or_else(|| {
        let cause = format!("unknown stream {stream}");
        rusqlite::Error::FromSqlConversionFailure(3, rusqlite::types::Type::Text, cause.into())
    })?;
    let parsed = Row {
        seq: row.get::<_, i64>(0)?.cast_unsigned(),
        shard: ShardId(row.get(1)?),
        sequence: row.get::<_, i64>(2)?.cast_unsigned(),
        stream,
        key: row.get(4)?,
        kind: row.get(5)?,
        headers: parse(6, &headers)?,
        value: row.get(7)?,
        recorded_at: row.get(8)?,
    };
    Ok(Stored { row: parsed, headers, digest: row.get(9)? })
}
