//! A topic as a `read_committed` consumer without a group sees it, from its first record.

use std::time::Duration;

use article::clock::Clock;
use rdkafka::config::ClientConfig;
use rdkafka::consumer::{BaseConsumer, Consumer as _};
use rdkafka::message::{BorrowedMessage, Message as _};
use rdkafka::topic_partition_list::{Offset, TopicPartitionList};

use super::seen::Seen;

/// Longest wait for one record.
const GLANCE: Duration = Duration::from_millis(100);

/// Longest wait for the cluster.
const PATIENCE: Duration = Duration::from_secs(30);

/// A record as it lies on its topic.
pub(crate) struct Raw {
    /// Where it lies.
    pub(crate) partition: i32,
    /// Its key.
    pub(crate) key: String,
    /// Its headers, in their order.
    pub(crate) headers: Vec<(String, String)>,
    /// Its bytes; none for a tombstone.
    pub(crate) value: Option<Vec<u8>>,
}

/// A topic that is being read.
pub(crate) struct Topic {
    consumer: BaseConsumer,
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
            .create()
            .expect("the settings are sound");
        let metadata = consumer
            .fetch_metadata(Some(name), PATIENCE)
            .unwrap_or_else(|error| panic!("{name} cannot be looked at: {error}"));
        let mut all = TopicPartitionList::new();
        for partition in metadata.topics()[0].partitions() {
            all.add_partition_offset(name, partition.id(), Offset::Beginning)
                .expect("a beginning is an offset");
        }
        assert!(all.count() > 0, "{name} has no partitions");
        consumer.assign(&all).expect("the partitions exist");
        Self { consumer, seen: Vec::new() }
    }

    /// Reads for so long; how many records came.
    pub(crate) fn read(&mut self, time: Duration) -> usize {
        let (clock, before) = (Clock::system(), self.seen.len());
        while clock.monotonic() < time {
            self.poll();
        }
        self.seen.len() - before
    }

    /// The next record as it lies there, where one comes in time.
    pub(crate) fn take(&self, wait: Duration) -> Option<Raw> {
        match self.consumer.poll(wait) {
            Some(Ok(message)) => Some(raw(&message)),
            // The broker is away: the consumer comes back by itself.
            Some(Err(_)) | None => None,
        }
    }

    fn poll(&mut self) {
        if let Some(raw) = self.take(GLANCE) {
            let Raw { partition, key, headers, value } = raw;
            self.seen.push(Seen::read(partition, key, &headers, value.as_deref()));
        }
    }
}

fn raw(message: &BorrowedMessage<'_>) -> Raw {
    let headers = message
        .headers()
        .into_iter()
        .flat_map(rdkafka::message::Headers::iter)
        .map(|header| {
            let value = String::from_utf8_lossy(header.value.unwrap_or_default()).into_owned();
            (header.key.to_owned(), value)
        })
        .collect();
    Raw {
        partition: message.partition(),
        key: String::from_utf8_lossy(message.key().unwrap_or_default()).into_owned(),
        headers,
        value: message.payload().map(<[u8]>::to_vec),
    }
}
