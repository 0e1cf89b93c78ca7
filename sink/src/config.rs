//! What an operator may set: how long the journal keeps, and where Kafka is.

use std::time::Duration;

use article::shard::ShardId;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// The journal's limits.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct JournalConfig {
    /// Rows older than this go once every publisher has passed them.
    pub max_age: Span,
    /// The oldest rows go while the journal is larger than this; a journal that is larger and may
    /// not forget is full, and polling pauses.
    pub max_bytes: u64,
}

impl Default for JournalConfig {
    fn default() -> Self {
        Self { max_age: Span(Duration::from_hours(30 * 24)), max_bytes: 10 << 30 }
    }
}

/// Where to publish, and how.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KafkaConfig {
    /// `host:port` of some brokers, separated by commas.
    pub brokers: String,
    /// Stands before every topic's name.
    #[serde(default)]
    pub topic_prefix: String,
    /// The `transactional.id` is this, a hyphen and the shard's number. Unset, it is `khobor` behind
    /// the prefix of the topics, so that two services on one cluster do not fence each other.
    #[serde(default)]
    pub transactional_id: Option<String>,
    /// Partitions of a topic that `khobor topics apply` makes.
    #[serde(default = "partitions")]
    pub partitions: i32,
    /// Replicas of a topic that `khobor topics apply` makes.
    #[serde(default = "replication")]
    pub replication: i32,
    /// How long articles stay on the topic.
    #[serde(default = "retention")]
    pub retention: Span,
    /// What to do where the cluster's cursor does not fit the journal.
    #[serde(default)]
    pub adopt_cursor: AdoptCursor,
}

impl KafkaConfig {
    /// The defaults, with these brokers.
    pub fn new(brokers: impl Into<String>) -> Self {
        Self {
            brokers: brokers.into(),
            topic_prefix: String::new(),
            transactional_id: None,
            partitions: partitions(),
            replication: replication(),
            retention: retention(),
            adopt_cursor: AdoptCursor::Refuse,
        }
    }

    /// The `transactional.id` of a shard's producer.
    pub fn transactional_id(&self, shard: ShardId) -> String {
        let stem = self.transactional_id.as_ref();
        let stem = stem.map_or_else(|| format!("{}khobor", self.topic_prefix), Clone::clone);
        format!("{stem}-{shard}")
    }
}

/// What to do where the cluster's cursor does not fit the journal. Only looked at then, so that a
/// value that was left in the file does nothing at an ordinary start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum AdoptCursor {
    /// Stop before anything is sent, and say why.
    #[default]
    Refuse,
    /// Send the journal from its first row: consumers may see records twice.
    Start,
    /// Go on after the journal's last row: what was not yet published never will be.
    End,
}

/// A length of time as people write it: a number and `s`, `m`, `h` or `d`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Span(pub Duration);

/// Not a length of time.
#[derive(Debug, thiserror::Error)]
#[error("\"{0}\" is no length of time such as 90s, 15m, 12h or 30d")]
pub struct SpanError(String);

impl std::str::FromStr for Span {
    type Err = SpanError;

    fn from_str(text: &str) -> Result<Self, SpanError> {
        let error = || SpanError(article::escape::one_line(text));
        let unit = text.chars().last().ok_or_else(error)?;
        let number = text.strip_suffix(unit).unwrap_or_default();
        let number: u64 = number.parse().map_err(|_| error())?;
        let seconds = match unit {
            's' => 1,
            'm' => 60,
            'h' => 3600,
            'd' => 86_400,
            _ => return Err(error()),
        };
        number.checked_mul(seconds).map(|all| Self(Duration::from_secs(all))).ok_or_else(error)
    }
}

impl std::fmt::Display for Span {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let seconds = self.0.as_secs();
        let (length, unit) = [(86_400, "d"), (3600, "h"), (60, "m")]
            .into_iter()
            .find(|(length, _)| seconds > 0 && seconds.is_multiple_of(*length))
            .unwrap_or((1, "s"));
        write!(f, "{}{unit}", seconds / length)
    }
}

impl<'de> Deserialize<'de> for Span {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

impl Serialize for Span {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

fn partitions() -> i32 {
    6
}

fn replication() -> i32 {
    1
}

fn retention() -> Span {
    Span(Duration::from_hours(90 * 24))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_span_is_written_as_it_was_read() {
        for text in ["90s", "15m", "12h", "30d", "0s"] {
            assert_eq!(text.parse::<Span>().unwrap().to_string(), text);
        }
        assert!("30".parse::<Span>().is_err());
        assert!("1w".parse::<Span>().is_err());
    }

    #[test]
    fn services_with_topics_of_their_own_do_not_fence_each_other() {
        let mut config = KafkaConfig::new("b:1");
        assert_eq!(config.transactional_id(ShardId(0)), "khobor-0");
        "desk.".clone_into(&mut config.topic_prefix);
        assert_eq!(config.transactional_id(ShardId(2)), "desk.khobor-2");
        config.transactional_id = Some("own".to_owned());
        assert_eq!(config.transactional_id(ShardId(2)), "own-2");
    }

    #[test]
    fn an_unknown_key_is_refused() {
        let read = |text| serde_json::from_str::<KafkaConfig>(text);
        assert_eq!(read(r#"{"brokers":"b:1"}"#).unwrap(), KafkaConfig::new("b:1"));
        assert!(read(r#"{"brokers":"b:1","broker":"x"}"#).is_err());
    }
}
