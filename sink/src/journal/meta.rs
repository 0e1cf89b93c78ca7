//! What the journal knows of itself: its identity, and where its last row stands.

use article::escape::one_line;
use article::shard::ShardId;
use article::text::hex;
use rusqlite::{Connection, OptionalExtension, params};
use sha2::{Digest, Sha256};

/// Length of a row's digest.
pub(super) const DIGEST: usize = 32;

/// Where the last row stands; the next one continues from here.
#[derive(Clone, Copy, Debug)]
pub(super) struct Tail {
    /// The last row's number; 0 before the first.
    pub(super) seq: u64,
    /// The last dense number of the shard.
    pub(super) sequence: u64,
    /// The last row's time, in ms.
    pub(super) recorded_at: i64,
    /// The last row's digest.
    pub(super) digest: [u8; DIGEST],
}

/// Reads a word about the journal.
pub(super) fn get(connection: &Connection, key: &str) -> rusqlite::Result<Option<String>> {
    connection
        .prepare_cached("SELECT value FROM meta WHERE key = ?1")?
        .query_row([key], |row| row.get(0))
        .optional()
}

/// Writes a word about the journal.
pub(super) fn set(connection: &Connection, key: &str, value: &str) -> rusqlite::Result<()> {
    connection
        .prepare_cached("INSERT OR REPLACE INTO meta (key, value) VALUES (?1, ?2)")?
        .execute(params![key, value])
        .map(drop)
}

/// Gives a new journal its UUID and shard; tells those of an old one.
pub(super) fn identify(
    connection: &Connection,
    shard: ShardId,
) -> rusqlite::Result<(String, ShardId)> {
    if let (Some(uuid), Some(found)) = (get(connection, "uuid")?, get(connection, "shard")?) {
        return Ok((uuid, ShardId(found.parse().unwrap_or(u16::MAX))));
    }
    let mut bytes: Vec<u8> = connection.query_row("SELECT randomblob(16)", [], |row| row.get(0))?;
    if let [.., seventh, _, ninth, _, _, _, _, _, _, _] = bytes.as_mut_slice() {
        *seventh = (*seventh & 0x0f) | 0x40;
        *ninth = (*ninth & 0x3f) | 0x80;
    }
    let digits = hex(&bytes);
    let uuid =
        [&digits[..8], &digits[8..12], &digits[12..16], &digits[16..20], &digits[20..]].join("-");
    set(connection, "uuid", &uuid)?;
    set(connection, "shard", &shard.to_string())?;
    set(connection, "anchor", &hex(&genesis(&uuid)))?;
    Ok((uuid, shard))
}

/// The digest that a journal's first row continues.
pub(super) fn genesis(uuid: &str) -> [u8; DIGEST] {
    Sha256::digest(uuid.as_bytes()).into()
}

/// The digest that the oldest row still held continues.
pub(super) fn anchor(connection: &Connection) -> rusqlite::Result<Option<String>> {
    get(connection, "anchor")
}

/// Where the last row stands. Kept beside the rows, so that an emptied journal goes on counting.
pub(super) fn tail(connection: &Connection, uuid: &str) -> rusqlite::Result<Tail> {
    let digest = match get(connection, "last_digest")? {
        None => genesis(uuid),
        Some(text) => unhex(&text).ok_or_else(|| unreadable("last_digest", &text))?,
    };
    Ok(Tail {
        seq: number(connection, "last_seq")?.unsigned_abs(),
        sequence: number(connection, "last_sequence")?.unsigned_abs(),
        recorded_at: number(connection, "last_recorded_at")?,
        digest,
    })
}

/// A number about the journal; 0 where it was never written. What was written and is no number is
/// an error: a journal that began to count anew would write over what others have read.
pub(super) fn number(connection: &Connection, key: &str) -> rusqlite::Result<i64> {
    let Some(text) = get(connection, key)? else { return Ok(0) };
    text.parse().map_err(|_| unreadable(key, &text))
}

fn unreadable(key: &str, text: &str) -> rusqlite::Error {
    let cause = format!("its {key} cannot be read: \"{}\"", one_line(text));
    rusqlite::Error::FromSqlConversionFailure(0, rusqlite::types::Type::Text, cause.into())
}

/// Stores where the last row stands, within the transaction that wrote it.
pub(super) fn set_tail(connection: &Connection, tail: &Tail) -> rusqlite::Result<()> {
    set(connection, "last_seq", &tail.seq.to_string())?;
    set(connection, "last_sequence", &tail.sequence.to_string())?;
    set(connection, "last_recorded_at", &tail.recorded_at.to_string())?;
    set(connection, "last_digest", &hex(&tail.digest))
}

/// Bytes in use: pages that hold something.
pub(super) fn used_bytes(connection: &Connection) -> rusqlite::Result<u64> {
    let number = |name| connection.pragma_query_value(None, name, |row| row.get::<_, i64>(0));
    let pages = number("page_count")?.saturating_sub(number("freelist_count")?);
    Ok(pages.saturating_mul(number("page_size")?).cast_unsigned())
}

/// The bytes of a digest in hex.
pub(super) fn unhex(text: &str) -> Option<[u8; DIGEST]> {
    let bytes: Option<Vec<u8>> = (0..text.len() / 2)
        .map(|at| u8::from_str_radix(text.get(at * 2..at * 2 + 2)?, 16).ok())
        .collect();
    bytes?.try_into().ok()
}
