//! The producer's settings, and the account of what it delivered.

use std::sync::{Condvar, Mutex, PoisonError};
use std::time::Duration;

use rdkafka::ClientContext;
use rdkafka::config::{ClientConfig, RDKafkaLogLevel};
use rdkafka::error::{KafkaError, KafkaResult};
use rdkafka::message::DeliveryResult;
use rdkafka::producer::{ProducerContext, ThreadedProducer};
use tracing::debug;

use crate::config::KafkaConfig;

/// How long the broker lets a transaction stand open.
pub(super) const TRANSACTION_TIMEOUT: Duration = Duration::from_secs(10);

/// More than the records of any transaction.
const MOST: usize = 1 << 12;

/// A producer whose deliveries are counted by [`Deliveries`]. Its own thread polls: a producer
/// polled by hand either waits in whole steps or spins.
pub(super) type Producer = ThreadedProducer<Deliveries>;

/// What became of the records of a transaction.
#[derive(Debug, Default)]
pub(super) struct Deliveries {
    account: Mutex<Account>,
    news: Condvar,
}

#[derive(Debug, Default)]
struct Account {
    transaction: usize,
    done: usize,
    failures: Vec<(usize, KafkaError)>,
}

impl Deliveries {
    /// Begins a new account; a record's opaque number is what this returns and its own number.
    /// Late answers to an aborted transaction's records do not count in the next account.
    pub(super) fn open(&self) -> usize {
        let mut account = self.account.lock().unwrap_or_else(PoisonError::into_inner);
        let transaction = account.transaction.wrapping_add(1);
        *account = Account { transaction, ..Account::default() };
        transaction.wrapping_mul(MOST)
    }

    /// Waits for the answer to each of `sent` records; tells which failed, by their number, or
    /// `None` where the answers do not come in time.
    pub(super) fn close(&self, sent: usize, limit: Duration) -> Option<Vec<(usize, KafkaError)>> {
        let account = self.account.lock().unwrap_or_else(PoisonError::into_inner);
        let (mut account, wait) = self
            .news
            .wait_timeout_while(account, limit, |account| account.done < sent)
            .unwrap_or_else(PoisonError::into_inner);
        (!wait.timed_out()).then(|| std::mem::take(&mut account.failures))
    }
}

impl ClientContext for Deliveries {
    fn log(&self, _: RDKafkaLogLevel, facility: &str, message: &str) {
        // What matters comes back as an error of a call; this would be said once a second.
        debug!(facility, message, "kafka");
    }

    fn error(&self, error: KafkaError, reason: &str) {
        debug!(%error, reason, "kafka");
    }
}

impl ProducerContext for Deliveries {
    type DeliveryOpaque = usize;

    fn delivery(&self, result: &DeliveryResult<'_>, number: usize) {
        let mut account = self.account.lock().unwrap_or_else(PoisonError::into_inner);
        let base = account.transaction.wrapping_mul(MOST);
        let number = number.wrapping_sub(base);
        if number >= MOST {
            return;
        }
        account.done += 1;
        if let Err((error, _)) = result {
            account.failures.push((number, error.clone()));
        }
        self.news.notify_one();
    }
}

/// What every client of ours says of itself.
pub(crate) fn base(config: &KafkaConfig) -> ClientConfig {
    let mut client = ClientConfig::new();
    client.set("bootstrap.servers", &config.brokers).set("client.id", "khobor");
    client
}

/// A new transactional producer. `message.timeout.ms` stays unset: it follows the transaction's.
pub(super) fn producer(config: &KafkaConfig, transactional_id: &str) -> KafkaResult<Producer> {
    base(config)
        .set("transactional.id", transactional_id)
        .set("transaction.timeout.ms", TRANSACTION_TIMEOUT.as_millis().to_string())
        .set("enable.idempotence", "true")
        .set("acks", "all")
        .set("compression.codec", "zstd")
        .set("partitioner", "murmur2_random")
        .set("linger.ms", "2")
        .set("allow.auto.create.topics", "false")
        .set("queue.buffering.max.messages", "2000")
        .set("queue.buffering.max.kbytes", "65536")
        .create_with_context(Deliveries::default())
}
