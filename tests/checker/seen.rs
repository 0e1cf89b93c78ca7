//! A record as a consumer sees it, reduced to what tells which text arrived, where, and in what
//! order.

use serde_json::Value;

/// Which article, and which version of its text: read from the text itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Mark {
    /// The article.
    pub(crate) serial: u32,
    /// The version of its text, from 1.
    pub(crate) version: u32,
}

impl std::fmt::Display for Mark {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "serial {} version {}", self.serial, self.version)
    }
}

/// What a record is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// An article with its text.
    Article,
    /// It says that an article is gone.
    Withdrawn,
    /// It has no value.
    Tombstone,
}

/// One record of the topic.
#[derive(Clone, Debug)]
pub(crate) struct Seen {
    /// Where it lies.
    pub(crate) partition: i32,
    /// Its key.
    pub(crate) key: String,
    /// The header `shard`.
    pub(crate) shard: Option<u16>,
    /// The header `sequence`.
    pub(crate) sequence: Option<u64>,
    /// What it is.
    pub(crate) kind: Kind,
    /// The mark in its text.
    pub(crate) mark: Option<Mark>,
    /// The version that khobor gave it; the verdict does not look at it.
    pub(crate) number: Option<u64>,
}

impl Seen {
    /// Reads a record; `headers` are those that the record has, by name.
    pub(crate) fn read(
        partition: i32,
        key: String,
        headers: &[(String, String)],
        value: Option<&[u8]>,
    ) -> Self {
        let header = |name: &str| {
            let found = headers.iter().find(|(header, _)| header == name);
            found.and_then(|(_, value)| value.parse::<u64>().ok())
        };
        let value: Option<Value> =
            value.map(|bytes| serde_json::from_slice(bytes).expect("a record is JSON"));
        let kind = match &value {
            None => Kind::Tombstone,
            Some(value) if value["status"] == "withdrawn" => Kind::Withdrawn,
            Some(_) => Kind::Article,
        };
        let text = value.as_ref().and_then(|value| value["articleBody"].as_str());
        Self {
            partition,
            key,
            shard: header("shard").and_then(|shard| u16::try_from(shard).ok()),
            sequence: header("sequence"),
            kind,
            mark: text.and_then(mark),
            number: value.as_ref().and_then(|value| value["version"].as_u64()),
        }
    }
}

/// The mark in a text: its last `Serial 000123 version 2.`
pub(crate) fn mark(text: &str) -> Option<Mark> {
    let (_, after) = text.rsplit_once("Serial ")?;
    let (serial, after) = after.split_once(" version ")?;
    let (version, _) = after.split_once('.')?;
    Some(Mark { serial: serial.parse().ok()?, version: version.parse().ok()? })
}
