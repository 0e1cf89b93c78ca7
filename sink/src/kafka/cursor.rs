//! The cursor: how far a journal is published, kept in the cluster with the records themselves.

use std::time::Duration;

use article::shard::murmur2;
use rdkafka::config::ClientConfig;
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::message::Message;
use rdkafka::{Offset, TopicPartitionList};
use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::client::{TRANSACTION_TIMEOUT, base};
use crate::config::{AdoptCursor, KafkaConfig};
use crate::journal::CursorCopy;

/// Longest wait for one answer of the cluster.
const PATIENCE: Duration = Duration::from_secs(10);

/// How far a journal is published.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Cursor {
    /// The journal's UUID.
    pub(super) journal: String,
    /// The last row that was published.
    pub(super) seq: u64,
    /// Which publisher it is.
    pub(super) publisher: String,
}

/// What the cluster holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Found {
    pub(super) cursor: Option<Cursor>,
    pub(super) cluster: Option<String>,
}

/// Why the cursor could not be read; all of it may pass.
#[derive(Debug, Error)]
pub(super) enum CursorError {
    #[error("cannot read the cursor")]
    Kafka(#[from] KafkaError),
    #[error("the topic {0} does not exist: run `khobor topics apply`")]
    NoTopic(String),
    #[error("the cursor topic's open transactions did not end in time")]
    Unstable,
    #[error("the cursor in {0} cannot be understood")]
    Unreadable(String),
}

/// What the journal says of itself, against which a cursor is checked.
#[derive(Clone, Debug, Default)]
pub(super) struct Ours {
    pub(super) journal: String,
    pub(super) end: u64,
    pub(super) first: Option<u64>,
    pub(super) copy: CursorCopy,
}

/// Where to go on, and whether that was an operator's word instead of the cursor's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Resume {
    After(u64),
    Adopted(u64),
}

/// Reads the cursor of `key` up to the high watermark that a `read_uncommitted` client is told: a
/// `read_committed` one is told the last stable offset, and another node's open transaction would
/// hide the newest cursor. What lies below is waited for, then read committed.
pub(super) fn read(config: &KafkaConfig, topic: &str, key: &str) -> Result<Found, CursorError> {
    let uncommitted: BaseConsumer = consumer(config, "read_uncommitted").create()?;
    let metadata = uncommitted.fetch_metadata(Some(topic), PATIENCE)?;
    let partitions = metadata
        .topics()
        .iter()
        .find(|found| found.name() == topic && found.error().is_none())
        .map_or(0, |found| found.partitions().len());
    let partitions = u32::try_from(partitions).unwrap_or(0);
    if partitions == 0 {
        return Err(CursorError::NoTopic(topic.to_owned()));
    }
    let partition = ((murmur2(key.as_bytes()) & 0x7fff_ffff) % partitions).cast_signed();
    let cluster = uncommitted.client().fetch_cluster_id(PATIENCE);
    let (low, high) = uncommitted.fetch_watermarks(topic, partition, PATIENCE)?;
    let committed: BaseConsumer = consumer(config, "read_committed").create()?;
    let step = Duration::from_millis(100);
    let mut waited = Duration::ZERO;
    while committed.fetch_watermarks(topic, partition, PATIENCE)?.1 < high {
        if waited > 2 * TRANSACTION_TIMEOUT {
            return Err(CursorError::Unstable);
        }
        std::thread::sleep(step);
        waited += step;
    }
    let mut found = Found { cursor: None, cluster };
    if low == high {
        return Ok(found);
    }
    let mut assignment = TopicPartitionList::new();
    assignment.add_partition_offset(topic, partition, Offset::Offset(low))?;
    committed.assign(&assignment)?;
    loop {
        match committed.poll(PATIENCE) {
            // The consumer began after the last stable offset had passed the watermark.
            Some(Err(KafkaError::PartitionEOF(_))) => return Ok(found),
            Some(Ok(message)) if message.key() == Some(key.as_bytes()) => {
                let cursor = message.payload().map(serde_json::from_slice).transpose();
                found.cursor = cursor.map_err(|_| CursorError::Unreadable(topic.to_owned()))?;
            }
            Some(Ok(_)) => {}
            Some(Err(error)) => return Err(error.into()),
            None => {
                let code = RDKafkaErrorCode::OperationTimedOut;
                return Err(KafkaError::MessageConsumption(code).into());
            }
        }
    }
}

/// Where to go on from what was found; or why not, with the ways out and what each costs.
pub(super) fn check(found: &Found, ours: &Ours, adopt: AdoptCursor) -> Result<Resume, String> {
    let mismatch = match &found.cursor {
        None => match ours.copy.cursor {
            None => return Ok(Resume::After(0)),
            Some(seq) => format!(
                "the cluster{} holds no cursor, but this journal was published up to row {seq}{}",
                named(found.cluster.as_ref()),
                match &ours.copy.cluster {
                    Some(cluster) => format!(" to the cluster {cluster}"),
                    None => String::new(),
                }
            ),
        },
        Some(cursor) if cursor.journal != ours.journal => format!(
            "the cluster's cursor belongs to the journal {}, and this one is {}",
            cursor.journal, ours.journal
        ),
        Some(cursor) if cursor.seq > ours.end => format!(
            "the cluster's cursor stands at row {}, beyond this journal's end {}: the journal is \
             an older copy",
            cursor.seq, ours.end
        ),
        Some(cursor) if ours.first.is_some_and(|first| cursor.seq + 1 < first) => format!(
            "the cluster's cursor stands at row {}, and the rows behind it are forgotten up to {}",
            cursor.seq,
            ours.first.unwrap_or_default()
        ),
        Some(cursor) => return Ok(Resume::After(cursor.seq)),
    };
    match adopt {
        AdoptCursor::Start => Ok(Resume::Adopted(0)),
        AdoptCursor::End => Ok(Resume::Adopted(ours.end)),
        AdoptCursor::Refuse => Err(format!(
            "{mismatch}; nothing was sent. Ways out: the right brokers or data folder, at no cost; \
             `adopt_cursor = \"start\"` sends the whole journal, and consumers may see records \
             twice (drop them by ce_id); `adopt_cursor = \"end\"` goes on after row {}, and what \
             was not published never will be",
            ours.end
        )),
    }
}

fn named(cluster: Option<&String>) -> String {
    cluster.map(|name| format!(" {name}")).unwrap_or_default()
}

fn consumer(config: &KafkaConfig, isolation: &str) -> ClientConfig {
    let mut client = base(config);
    client
        .set("group.id", "khobor-cursor")
        .set("enable.auto.commit", "false")
        .set("enable.auto.offset.store", "false")
        .set("enable.partition.eof", "true")
        .set("allow.auto.create.topics", "false")
        .set("auto.offset.reset", "earliest")
        .set("isolation.level", isolation);
    client
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(journal: &str, seq: u64) -> Found {
        let cursor = Cursor { journal: journal.into(), seq, publisher: "kafka".into() };
        Found { cursor: Some(cursor), cluster: None }
    }

    fn ours(end: u64, copy: Option<u64>) -> Ours {
        let copy = CursorCopy { cursor: copy, cluster: None };
        Ours { journal: "j".into(), end, first: Some(1), copy }
    }

    #[test]
    fn a_cursor_that_fits_is_followed() {
        let check = |found: &Found, ours: &Ours| check(found, ours, AdoptCursor::Refuse);
        assert_eq!(check(&Found::default(), &ours(5, None)), Ok(Resume::After(0)));
        assert_eq!(check(&found("j", 5), &ours(5, Some(3))), Ok(Resume::After(5)));
    }

    #[test]
    fn a_cursor_that_does_not_fit_stops_the_publisher_and_names_the_ways_out() {
        let cases = [
            (Found::default(), ours(5, Some(3))),
            (found("other", 2), ours(5, Some(3))),
            (found("j", 6), ours(5, Some(3))),
            (found("j", 1), Ours { first: Some(4), ..ours(5, Some(5)) }),
        ];
        for (found, ours) in cases {
            let reason = check(&found, &ours, AdoptCursor::Refuse).unwrap_err();
            assert!(reason.contains("adopt_cursor"), "{reason}");
            assert_eq!(check(&found, &ours, AdoptCursor::End), Ok(Resume::Adopted(5)));
        }
    }
}
