//! One producer's life: from `init_transactions` and the cursor to the first doubt.
//!
//! A doubt (an indefinite or fatal error) ends the session; the next one has a new producer and
//! reads the committed cursor, so that nothing is sent twice and nothing is left out.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::message::{Header, OwnedHeaders};
use rdkafka::producer::{BaseRecord, Producer as _};
use rdkafka::util::Timeout;
use thiserror::Error;
use tracing::{info, warn};

use super::client::{Producer, TRANSACTION_TIMEOUT, producer};
use super::cursor::{self, Cursor, CursorError, Ours, Resume};
use super::oversize::shrink;
use super::state::State;
use crate::config::KafkaConfig;
use crate::journal::{Journal, JournalError, Row};
use crate::topics;

/// This publisher's name among a journal's.
pub const PUBLISHER: &str = "kafka";

/// Most rows of a transaction.
const BATCH: usize = 500;

/// No row more once a transaction holds so many bytes.
const BATCH_BYTES: usize = 4 << 20;

/// An idle publisher looks at its stop flag this often.
const IDLE: Duration = Duration::from_millis(500);

/// Why a session ended before it was told to.
#[derive(Debug, Error)]
pub(super) enum Doubt {
    #[error("kafka answered a transaction with a doubt")]
    Kafka(#[from] KafkaError),
    #[error(transparent)]
    Cursor(#[from] CursorError),
    #[error(transparent)]
    Journal(#[from] JournalError),
    #[error("the answers to a transaction's records did not come in time")]
    Silence,
    #[error("{0}")]
    Refused(String),
}

/// What a transaction came to.
enum Outcome {
    Committed,
    /// Aborted: these rows are larger than their topic allows.
    TooLarge(Vec<u64>),
}

/// Publishes until the stop flag is up or a doubt arises.
pub(super) struct Session<'a> {
    pub(super) config: &'a KafkaConfig,
    pub(super) journal: &'a Journal,
    pub(super) stop: &'a AtomicBool,
    pub(super) state: &'a State,
}

impl Session<'_> {
    /// Lives until the stop flag is up.
    pub(super) fn live(&self) -> Result<(), Doubt> {
        let shard = self.journal.shard();
        let id = self.config.transactional_id(shard);
        let producer = producer(self.config, &id)?;
        producer.init_transactions(TRANSACTION_TIMEOUT)?;
        let topic = topics::name(self.config, topics::CURSOR);
        let key = format!("{shard}/{PUBLISHER}");
        let found = cursor::read(self.config, &topic, &key)?;
        let ours = Ours {
            journal: self.journal.uuid().to_owned(),
            end: self.journal.durable(),
            first: self.journal.reader().first_seq()?,
            copy: self.journal.reader().cursor(PUBLISHER)?,
        };
        let resume =
            cursor::check(&found, &ours, self.config.adopt_cursor).map_err(Doubt::Refused)?;
        let cluster = found.cluster.as_deref();
        let mut at = match resume {
            Resume::After(seq) => seq,
            Resume::Adopted(seq) => {
                warn!(seq, "the cursor is set by the configuration");
                // Stored at once: the next start must not take the journal's end of then.
                self.transact(&producer, &[], seq)?;
                seq
            }
        };
        if at > 0 {
            self.journal.note_cursor(PUBLISHER, at, cluster);
        }
        self.state.published(at);
        info!(%shard, seq = at, cluster, "publishing to kafka");
        let mut limits: HashMap<u64, usize> = HashMap::new();
        let mut alone_until = 0;
        while !self.stop.load(Ordering::Acquire) {
            let limit = if at < alone_until { 1 } else { BATCH };
            let mut rows = self.batch(at, limit)?;
            let Some(last) = rows.last().map(|row| row.seq) else {
                self.journal.wait_beyond(at, IDLE);
                continue;
            };
            for row in &mut rows {
                if let Some(limit) = limits.get(&row.seq) {
                    shrink(row, *limit);
                }
            }
            match self.transact(&producer, &rows, last)? {
                Outcome::Committed => {
                    at = last;
                    limits.retain(|seq, _| *seq > at);
                    self.journal.note_cursor(PUBLISHER, at, cluster);
                    self.state.published(at);
                }
                Outcome::TooLarge(seqs) => {
                    alone_until = alone_until.max(last);
                    // In company a small row may suffer for a large one; alone it is at fault.
                    if limit == 1 {
                        for row in rows.iter().filter(|row| seqs.contains(&row.seq)) {
                            let size = row.value.as_ref().map_or(0, Vec::len);
                            warn!(seq = row.seq, bytes = size, "cutting a record over the limit");
                            let before = limits.insert(row.seq, size * 9 / 10);
                            // What a limit could not make smaller, the next one cannot either.
                            if size < 1000
                                || before.is_some_and(|before| size > before + before / 20)
                            {
                                return Err(Doubt::Refused(format!(
                                    "the topic of row {} takes no record of {size} bytes: raise \
                                     its max.message.bytes",
                                    row.seq
                                )));
                            }
                        }
                    }
                }
            }
        }
        Ok(())
    }

    /// The next rows. A withdrawal and its tombstone are never parted.
    fn batch(&self, after: u64, limit: usize) -> Result<Vec<Row>, JournalError> {
        let reader = self.journal.reader();
        let mut rows = reader.read_within(after, limit, BATCH_BYTES)?;
        if let Some(last) = rows.last()
            && last.kind == "withdrawn"
        {
            rows.extend(reader.read(last.seq, 1)?);
        }
        Ok(rows)
    }

    /// Sends rows and cursor in one transaction. It is never empty: the cursor is always in it.
    fn transact(&self, producer: &Producer, rows: &[Row], seq: u64) -> Result<Outcome, Doubt> {
        let deliveries = producer.client().context();
        let base = deliveries.open();
        self.state.begin();
        producer.begin_transaction()?;
        let mut too_large = Vec::new();
        for (number, row) in rows.iter().enumerate() {
            match self.send(producer, base + number, row) {
                Ok(()) => {}
                Err(KafkaError::MessageProduction(RDKafkaErrorCode::MessageSizeTooLarge)) => {
                    too_large.push(row.seq);
                    break;
                }
                Err(error) => return Err(error.into()),
            }
        }
        if too_large.is_empty() {
            self.send_cursor(producer, base + rows.len(), seq)?;
            let failures =
                deliveries.close(rows.len() + 1, 3 * TRANSACTION_TIMEOUT).ok_or(Doubt::Silence)?;
            for (number, error) in failures {
                let code = error.rdkafka_error_code();
                match rows.get(number) {
                    Some(row) if code == Some(RDKafkaErrorCode::MessageSizeTooLarge) => {
                        too_large.push(row.seq);
                    }
                    // Swept away by the abort that a large record brought about.
                    _ if !too_large.is_empty() => {}
                    _ => return Err(error.into()),
                }
            }
        }
        if !too_large.is_empty() {
            producer.abort_transaction(Timeout::Never)?;
            return Ok(Outcome::TooLarge(too_large));
        }
        // The queue's counter drops a moment after the last delivery; a commit before that waits
        // 100 ms.
        while producer.in_flight_count() > 0 {
            std::thread::sleep(Duration::from_micros(200));
        }
        producer.commit_transaction(Timeout::Never)?;
        Ok(Outcome::Committed)
    }

    fn send(&self, producer: &Producer, number: usize, row: &Row) -> Result<(), KafkaError> {
        let topic = topics::name(self.config, topics::of(row.stream));
        let mut headers = OwnedHeaders::new_with_capacity(row.headers.len());
        for (key, value) in &row.headers {
            headers = headers.insert(Header { key, value: Some(value) });
        }
        let mut record = BaseRecord::<str, [u8], usize>::with_opaque_to(&topic, number)
            .key(&row.key)
            .headers(headers)
            .timestamp(row.recorded_at);
        if let Some(value) = &row.value {
            record = record.payload(value);
        }
        producer.send(record).map_err(|(error, _)| error)
    }

    fn send_cursor(&self, producer: &Producer, number: usize, seq: u64) -> Result<(), KafkaError> {
        let topic = topics::name(self.config, topics::CURSOR);
        let key = format!("{}/{PUBLISHER}", self.journal.shard());
        let cursor = Cursor {
            journal: self.journal.uuid().to_owned(),
            seq,
            publisher: PUBLISHER.to_owned(),
        };
        let value = serde_json::to_vec(&cursor).expect("two strings and a number are JSON");
        let record = BaseRecord::<str, [u8], usize>::with_opaque_to(&topic, number)
            .key(&key)
            .payload(&value);
        producer.send(record).map_err(|(error, _)| error)
    }
}
