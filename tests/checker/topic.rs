//! A topic as a `read_committed` consumer without a group sees it, from its first record.

use std::collections::BTreeSet;
use std::time::Duration;

use article::clock::Clock;
use rdkafka::config::ClientConfig;
use rdkafka::consumer::{BaseConsumer, Consumer as _};
use rdkafka::error::KafkaError;
use rdkafka::message::{BorrowedMessage, Message as _};
use rdkafka::topic_partition_list::{Offset, TopicPartitionList};

use super::seen::Seen;

/// Longest wait for one record.
const GLANCE: Duration = Duration::from_millis(100);

/// Longest wait for the cluster.
const PATIENCE: Duration = Duration::from_secs(30);

/// A topic that is being read.
pub(crate) struct Topic {
    consumer: BaseConsumer,
    partitions: BTreeSet<i32>,
    /// What was read so far, in the order of the offsets within each partition.
    pub(crate) seen: Vec<Seen>,
}

impl Topic {
    /// Begins at the first record.
    pub(crate) fn open(brokers: &str, name: &str) -> Self {
        let consumer: BaseConsumer = ClientConfig::new()
            .set("bootstrap.servers", brokers)
            .set("group.id", "checker")
            .set("isolation.level", "read_committed")
            .set("enable.auto.commit", "false")
            .set("enable.partition.eof", "true")
            .create()
            .expect("the settings are sound");
        let metadata = consumer
            .fetch_metadata(Some(name), PATIENCE)
            .unwrap_or_else(|error| panic!("{name} cannot be looked at: {error}"));
        let partitions: BTreeSet<i32> = metadata.topics()[0]
            .partitions()
            .iter()
            .map(rdkafka::metadata::MetadataPartition::id)
            .collect();
        assert!(!partitions.is_empty(), "{name} has no partitions");
        let mut all = TopicPartitionList::new();
        for &partition in &partitions {
            all.add_partition_offset(name, partition, Offset::Beginning)
                .expect("a beginning is an offset");
        }
        consumer.assign(&all).expect("the partitions exist");
        Self { consumer, partitions, seen: Vec::new() }
    }

    /// Reads for so long; how many records came.
    pub(crate) fn read(&mut self, time: Duration) -> usize {
        let (clock, before) = (Clock::system(), self.seen.len());
        while clock.monotonic() < time {
            self.poll();
        }
        self.seen.len() - before
    }

    /// Takes a record where one comes.
    fn poll(&mut self) -> Option<i32> {
        match self.consumer.poll(GLANCE) {
            Some(Ok(message)) => {
                let seen = seen(&message);
                drop(message);
                self.seen.push(seen);
                None
            }
            Some(Err(KafkaError::PartitionEOF(partition))) => Some(partition),
            // The broker is away: the consumer comes back by itself.
            Some(Err(_)) | None => None,
        }
    }
}

fn seen(message: &BorrowedMessage<'_>) -> Seen {
    let key = String::from_utf8_lossy(message.key().unwrap_or_default()).into_owned();
    let headers: Vec<(String, String)> = message
        .headers()
        .into_iter()
        .flat_map(rdkafka::message::Headers::iter)
        .map(|header| {
            let value = String::from_utf8_lossy(header.value.unwrap_or_default()).into_owned();
            (header.key.to_owned(), value)
        })
        .collect();
    Seen::read(message.partition(), key, &headers, message.payload())
}
