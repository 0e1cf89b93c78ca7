//! One row of the journal: a record exactly as it is published.

use article::Stream;
use article::shard::ShardId;
use sha2::{Digest, Sha256};

use super::meta::DIGEST;

/// One row: the record's bytes and headers as they are published.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// The row's number in this journal.
    pub seq: u64,
    /// The shard that wrote it.
    pub shard: ShardId,
    /// The shard's dense counter.
    pub sequence: u64,
    /// Which topic it belongs to.
    pub stream: Stream,
    /// The record's key.
    pub key: String,
    /// `published`, `updated`, `withdrawn`, `tombstone`, `health` or `deadLetter`.
    pub kind: String,
    /// Name and value, in the order of publication.
    pub headers: Vec<(String, String)>,
    /// The record's bytes; `None` is a tombstone.
    pub value: Option<Vec<u8>>,
    /// When it was recorded, in ms since 1970.
    pub recorded_at: i64,
}

impl Row {
    /// The digest of this row behind the one before; every field has its length before it, so
    /// that no two rows are the same bytes. `headers` is the JSON as stored.
    pub(super) fn digest(&self, headers: &str, before: &[u8; DIGEST]) -> [u8; DIGEST] {
        let mut hash = Sha256::new();
        hash.update(before);
        for number in [self.seq, u64::from(self.shard.0), self.sequence] {
            hash.update(number.to_be_bytes());
        }
        hash.update(self.recorded_at.to_be_bytes());
        for text in [self.stream.as_str(), &self.key, &self.kind, headers] {
            hash.update(text.len().to_be_bytes());
            hash.update(text);
        }
        match &self.value {
            None => hash.update([0]),
            Some(value) => {
                hash.update([1]);
                hash.update(value.len().to_be_bytes());
                hash.update(value);
            }
        }
        hash.finalize().into()
    }
}
