//! From an annotated article to a durable record: the journal and its publishers.
//!
//! The journal decides versions and holds every record before anybody else sees it; a publisher
//! is a reader of the journal with a cursor of its own.

pub mod config;
pub mod record;
pub mod envelope;
pub mod journal;
pub mod topics;
pub mod kafka;

pub use config::{JournalConfig, KafkaConfig};
pub use journal::{Journal, JournalError, JournalReader, Row, run};
pub use kafka::{KafkaPublisher, Status};
