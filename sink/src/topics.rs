//! The topics that khobor writes, with their settings: checked and made by `khobor topics`.
//!
//! Nothing here takes data away: a setting that would forget sooner than the cluster's own, and a
//! number of partitions that differs, are told and left to the operator.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use article::Stream;
use rdkafka::admin::{
    AdminClient, AdminOptions, AlterConfig, ConfigSource, NewTopic, ResourceSpecifier,
    TopicReplication,
};
use rdkafka::client::DefaultClientContext;
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use thiserror::Error;

use crate::config::KafkaConfig;
use crate::kafka::client::base;

/// Every version of every article.
pub const ARTICLE: &str = "news.article.v1";
/// Feed health.
pub const FEED: &str = "news.feed.v1";
/// What could not be processed.
pub const DEAD_LETTER: &str = "news.dlq.v1";
/// How far each journal is published.
pub const CURSOR: &str = "khobor.cursor.v1";

/// Longest wait for one answer of the cluster.
const PATIENCE: Duration = Duration::from_secs(15);
/// The wait between two looks at topics that were just changed.
const SETTLING: Duration = Duration::from_millis(250);
const DAY_MS: u128 = 86_400_000;

/// A topic as it should be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Topic {
    /// Its name, prefix included.
    pub name: String,
    /// Its partitions.
    pub partitions: i32,
    /// Its settings.
    pub settings: BTreeMap<&'static str, String>,
}

/// How the cluster differs from what should be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Difference {
    /// There is no such topic.
    Missing {
        /// The topic.
        topic: String,
    },
    /// A setting differs.
    Setting {
        /// The topic.
        topic: String,
        /// The setting.
        name: String,
        /// The cluster's.
        found: String,
        /// Ours.
        wanted: String,
    },
    /// The partitions differ. They are never changed: keys would move, and order with them.
    Partitions {
        /// The topic.
        topic: String,
        /// The cluster's.
        found: i32,
        /// Ours.
        wanted: i32,
    },
}

/// Why the topics could not be checked or made.
#[derive(Debug, Error)]
pub enum TopicsError {
    /// The cluster does not answer, or refuses.
    #[error("cannot {attempt} the topics")]
    Kafka {
        /// What was attempted.
        attempt: &'static str,
        /// The cluster's word.
        source: KafkaError,
    },
    /// One topic was refused.
    #[error("the cluster refused the topic {topic}: {code}")]
    Refused {
        /// The topic.
        topic: String,
        /// The cluster's word.
        code: RDKafkaErrorCode,
    },
    /// The blocking call did not end.
    #[error("the look at the topics was interrupted")]
    Interrupted,
}

impl std::fmt::Display for Difference {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Missing { topic } => write!(f, "{topic} is missing"),
            Self::Setting { topic, name, found, wanted } => {
                write!(f, "{topic}: {name} is {found} and should be {wanted}")
            }
            Self::Partitions { topic, found, wanted } => {
                write!(f, "{topic} has {found} partitions and should have {wanted}")
            }
        }
    }
}

impl Difference {
    /// Whether to settle it would forget data sooner or move keys; `apply` leaves these alone.
    pub fn shrinks(&self) -> bool {
        match self {
            Self::Missing { .. } => false,
            Self::Partitions { .. } => true,
            Self::Setting { name, found, wanted, .. } => match name.as_str() {
                "cleanup.policy" => wanted.contains("delete") && !found.contains("delete"),
                _ => milliseconds(found) > milliseconds(wanted),
            },
        }
    }
}

/// A topic's name in a cluster that may hold several khobors.
pub fn name(config: &KafkaConfig, topic: &str) -> String {
    format!("{}{topic}", config.topic_prefix)
}

/// The topic of a stream.
pub fn of(stream: Stream) -> &'static str {
    match stream {
        Stream::Article => ARTICLE,
        Stream::Feed => FEED,
        Stream::DeadLetter => DEAD_LETTER,
    }
}

/// All topics as they should be.
pub fn table(config: &KafkaConfig) -> Vec<Topic> {
    let week = (7 * DAY_MS).to_string();
    let topic = |name_: &str, partitions, settings: &[(&'static str, String)]| Topic {
        name: name(config, name_),
        partitions,
        settings: settings.iter().cloned().collect(),
    };
    let policy = |words: &str| ("cleanup.policy", words.to_owned());
    let retention = config.retention.0.as_millis().to_string();
    vec![
        topic(
            ARTICLE,
            config.partitions,
            &[
                policy("compact,delete"),
                ("retention.ms", retention),
                // A tailing consumer sees every version, and one a week away every tombstone.
                ("min.compaction.lag.ms", week.clone()),
                ("delete.retention.ms", week),
            ],
        ),
        topic(FEED, config.partitions, &[policy("compact")]),
        topic(
            DEAD_LETTER,
            config.partitions,
            &[policy("delete"), ("retention.ms", (30 * DAY_MS).to_string())],
        ),
        topic(CURSOR, 1, &[policy("compact")]),
    ]
}

/// How the cluster differs from the table.
pub async fn plan(config: &KafkaConfig) -> Result<Vec<Difference>, TopicsError> {
    differences(config, &admin(config)?).await
}

/// Makes what is missing and settles what takes nothing away; tells what is left.
pub async fn apply(config: &KafkaConfig) -> Result<Vec<Difference>, TopicsError> {
    let admin = admin(config)?;
    let options = AdminOptions::new().operation_timeout(Some(PATIENCE));
    let found = differences(config, &admin).await?;
    for topic in table(config) {
        let missing = Difference::Missing { topic: topic.name.clone() };
        if found.contains(&missing) {
            let replication = TopicReplication::Fixed(config.replication);
            let mut new = NewTopic::new(&topic.name, topic.partitions, replication);
            for (key, value) in &topic.settings {
                new = new.set(key, value);
            }
            let answers = admin.create_topics([&new], &options).await.map_err(kafka("make"))?;
            refused(answers)?;
            continue;
        }
        let changes: BTreeMap<&str, &str> = found
            .iter()
            .filter(|difference| !difference.shrinks())
            .filter_map(|difference| match difference {
                Difference::Setting { topic: of, name, wanted, .. } if *of == topic.name => {
                    Some((name.as_str(), wanted.as_str()))
                }
                _ => None,
            })
            .collect();
        if changes.is_empty() {
            continue;
        }
        // The call replaces all of a topic's own settings: what it has beside ours is sent along.
        let mut all = own_settings(&admin, &topic.name).await?;
        all.extend(changes.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())));
        let mut alter = AlterConfig::new(ResourceSpecifier::Topic(&topic.name));
        for (key, value) in &all {
            alter = alter.set(key, value);
        }
        let answers = admin.alter_configs([&alter], &options).await.map_err(kafka("change"))?;
        if let Some(Err((_, code))) = answers.into_iter().next() {
            return Err(TopicsError::Refused { topic: topic.name, code });
        }
    }
    settled(config, &admin).await
}

/// What still differs. A broker answers before it has read the change itself, so a topic that was
/// just made may be missing for a moment, and a setting may be the old one.
async fn settled(config: &KafkaConfig, admin: &Admin) -> Result<Vec<Difference>, TopicsError> {
    let tries = PATIENCE.as_millis() / SETTLING.as_millis();
    let mut left = differences(config, admin).await?;
    for _ in 0..tries {
        if left.iter().all(Difference::shrinks) {
            break;
        }
        tokio::time::sleep(SETTLING).await;
        left = differences(config, admin).await?;
    }
    Ok(left)
}

type Admin = Arc<AdminClient<DefaultClientContext>>;

fn admin(config: &KafkaConfig) -> Result<Admin, TopicsError> {
    base(config).create().map(Arc::new).map_err(kafka("reach"))
}

async fn differences(config: &KafkaConfig, admin: &Admin) -> Result<Vec<Difference>, TopicsError> {
    let client = Arc::clone(admin);
    // Asked for all topics: to ask for one by name would make it on a careless cluster.
    let known: BTreeMap<String, i32> = tokio::task::spawn_blocking(move || {
        let metadata = client.inner().fetch_metadata(None, PATIENCE)?;
        Ok(metadata
            .topics()
            .iter()
            .map(|topic| {
                let partitions = i32::try_from(topic.partitions().len()).unwrap_or(i32::MAX);
                (topic.name().to_owned(), partitions)
            })
            .collect())
    })
    .await
    .map_err(|_| TopicsError::Interrupted)?
    .map_err(kafka("look at"))?;
    let mut differences = Vec::new();
    for Topic { name: topic, partitions, settings } in table(config) {
        let Some(found) = known.get(&topic).copied() else {
            differences.push(Difference::Missing { topic });
            continue;
        };
        if found != partitions {
            let topic = topic.clone();
            differences.push(Difference::Partitions { topic, found, wanted: partitions });
        }
        let present = settings_of(admin, &topic).await?;
        for (name, wanted) in settings {
            let found = present.get(name).map(|(value, _)| value.clone()).unwrap_or_default();
            if !same(&found, &wanted) {
                let (topic, name) = (topic.clone(), name.to_owned());
                differences.push(Difference::Setting { topic, name, found, wanted });
            }
        }
    }
    Ok(differences)
}

/// Value, and whether the topic has it of its own.
async fn settings_of(
    admin: &Admin,
    topic: &str,
) -> Result<BTreeMap<String, (String, bool)>, TopicsError> {
    let options = AdminOptions::new().request_timeout(Some(PATIENCE));
    let asked = [ResourceSpecifier::Topic(topic)];
    let answers = admin.describe_configs(&asked, &options).await.map_err(kafka("describe"))?;
    let mut settings = BTreeMap::new();
    for answer in answers {
        let resource =
            answer.map_err(|code| TopicsError::Refused { topic: topic.to_owned(), code })?;
        for entry in resource.entries {
            let own = entry.source == ConfigSource::DynamicTopic;
            settings.insert(entry.name, (entry.value.unwrap_or_default(), own));
        }
    }
    Ok(settings)
}

async fn own_settings(admin: &Admin, topic: &str) -> Result<BTreeMap<String, String>, TopicsError> {
    let settings = settings_of(admin, topic).await?;
    Ok(settings
        .into_iter()
        .filter_map(|(name, (value, own))| own.then_some((name, value)))
        .collect())
}

fn refused(answers: Vec<Result<String, (String, RDKafkaErrorCode)>>) -> Result<(), TopicsError> {
    for answer in answers {
        match answer {
            // Another node was quicker.
            Ok(_) | Err((_, RDKafkaErrorCode::TopicAlreadyExists)) => {}
            Err((topic, code)) => return Err(TopicsError::Refused { topic, code }),
        }
    }
    Ok(())
}

fn kafka(attempt: &'static str) -> impl Fn(KafkaError) -> TopicsError {
    move |source| TopicsError::Kafka { attempt, source }
}

/// A list of words is the same in any order.
fn same(found: &str, wanted: &str) -> bool {
    let words = |text: &str| {
        let mut words: Vec<String> = text.split(',').map(|word| word.trim().to_owned()).collect();
        words.sort();
        words
    };
    words(found) == words(wanted)
}

/// −1 is for ever.
fn milliseconds(text: &str) -> u64 {
    text.parse::<i64>().map_or(0, |number| u64::try_from(number).unwrap_or(u64::MAX))
}
