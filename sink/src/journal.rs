//! The journal: a durable, ordered, local log of records, in one SQLite file.
//!
//! It is the embedded default (tail it, export it), the outbox in front of Kafka and the source of
//! replays; and it decides versions, inside the append's transaction.

mod append;
mod error;
mod fingerprint;
mod head;
mod meta;
mod read;
mod retain;
mod row;
mod schema;
mod shared;
mod writer;

use std::path::Path;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use article::Parcel;
use article::clock::Clock;
use article::event::{EnrichedArticle, Event};
use article::shard::ShardId;
use rusqlite::Connection;
use tokio::sync::{mpsc, oneshot, watch};

pub use error::JournalError;
pub use head::{Head, Route};
pub use read::{CursorCopy, JournalReader};
pub use row::Row;

use error::database;
use retain::Limits;
use shared::Shared;
use writer::{Command, Writer};

/// Parcels that wait for the writer: two groups, so that the next one fills during a commit.
const QUEUE: usize = 2000;

/// A handle on an open journal; clones share it. The last one to go ends the writer, after it
/// wrote what waits.
#[derive(Clone, Debug)]
pub struct Journal(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    uuid: String,
    shard: ShardId,
    clock: Clock,
    reader: JournalReader,
    shared: Arc<Shared>,
    commands: Option<mpsc::Sender<Command>>,
    thread: Option<JoinHandle<()>>,
}

/// What a call of [`Journal::retain`] forgot.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Forgotten {
    /// Rows.
    pub rows: u64,
    /// Heads of articles that nobody has offered for 400 days.
    pub heads: u64,
}

impl Journal {
    /// Opens a shard's journal, makes it where there is none, and migrates an older one.
    pub fn open(path: &Path, shard: ShardId, clock: Clock) -> Result<Self, JournalError> {
        let failed = |source| JournalError::Open { path: path.to_owned(), source };
        let mut connection = Connection::open(path).map_err(failed)?;
        let found = schema::version(&connection).map_err(failed)?;
        if found > schema::VERSION {
            let known = schema::VERSION;
            return Err(JournalError::Newer { path: path.to_owned(), found, known });
        }
        schema::prepare(&connection).map_err(failed)?;
        schema::migrate(&mut connection).map_err(failed)?;
        let tx = connection.transaction().map_err(failed)?;
        let (uuid, owner) = meta::identify(&tx, shard).map_err(failed)?;
        let tail = meta::tail(&tx, &uuid).map_err(failed)?;
        tx.commit().map_err(failed)?;
        if owner != shard {
            let path = path.to_owned();
            return Err(JournalError::OtherShard { path, found: owner, expected: shard });
        }
        let reader = JournalReader::open_read_only(path)?;
        let news = Arc::new(Shared::new(tail.seq));
        let (commands, queue) = mpsc::channel(QUEUE);
        let writer =
            Writer { connection, shard, clock: clock.clone(), tail, shared: Arc::clone(&news) };
        let thread = std::thread::Builder::new()
            .name(format!("journal-{shard}"))
            .spawn(move || writer.work(queue))
            .map_err(JournalError::Thread)?;
        let (commands, thread) = (Some(commands), Some(thread));
        Ok(Self(Arc::new(Inner { uuid, shard, clock, reader, shared: news, commands, thread })))
    }

    /// The UUID that this journal was given when it was made.
    pub fn uuid(&self) -> &str {
        &self.0.uuid
    }

    /// The shard whose journal this is.
    pub fn shard(&self) -> ShardId {
        self.0.shard
    }

    /// The reading side, usable from any thread.
    pub fn reader(&self) -> &JournalReader {
        &self.0.reader
    }

    /// The rows after `after`, in order, at most `limit`.
    pub fn read(&self, after: u64, limit: usize) -> Result<Vec<Row>, JournalError> {
        self.0.reader.read(after, limit)
    }

    /// The head of an article, if it is known.
    pub fn head(&self, id: &str) -> Result<Option<Head>, JournalError> {
        self.0.reader.head(id)
    }

    /// Follows the number of the last durable row.
    pub fn follow(&self) -> watch::Receiver<u64> {
        self.0.shared.follow()
    }

    /// The number of the last durable row; 0 before the first.
    pub fn durable(&self) -> u64 {
        self.0.shared.durable()
    }

    /// Waits on an ordinary thread for a durable row beyond `seq`, at most so long.
    pub fn wait_beyond(&self, seq: u64, timeout: Duration) -> u64 {
        self.0.shared.wait_beyond(seq, timeout)
    }

    /// Wakes whoever is in [`Journal::wait_beyond`], so that it looks at its stop flag.
    pub fn ring(&self) {
        self.0.shared.ring();
    }

    /// Whether the last group could be written.
    pub fn health(&self) -> Result<(), JournalError> {
        self.0.shared.health().map_or(Ok(()), |reason| Err(JournalError::Unwritable { reason }))
    }

    /// Whether more bytes than these are in use, and rows among them: what else is in the file
    /// grows with the articles known, and no pause makes it smaller.
    pub fn is_full(&self, max_bytes: u64) -> Result<bool, JournalError> {
        let reader = &self.0.reader;
        Ok(reader.used_bytes()? > max_bytes && reader.first_seq()?.is_some())
    }

    /// Hands a parcel to the writer; waits while the queue is full.
    pub async fn append(&self, parcel: Parcel<Event<EnrichedArticle>>) -> Result<(), JournalError> {
        self.send(Command::Append(parcel)).await
    }

    /// Returns once all that was appended before is durable or lost.
    pub async fn flush(&self) -> Result<(), JournalError> {
        let (done, answer) = oneshot::channel();
        self.send(Command::Flush(done)).await?;
        answer.await.map_err(|_| JournalError::Closed)
    }

    /// Says which publishers are configured: rows wait for them, and the others are forgotten.
    pub async fn set_publishers(&self, names: Vec<String>) -> Result<(), JournalError> {
        let (done, answer) = oneshot::channel();
        self.send(Command::Publishers(names, done)).await?;
        answer.await.map_err(|_| JournalError::Closed)?.map_err(database("store its publishers"))
    }

    /// Forgets the rows older than `max_age`, and the oldest while more than `max_bytes` are in
    /// use, as far as every configured publisher has passed them.
    pub async fn retain(
        &self,
        max_age: Duration,
        max_bytes: u64,
    ) -> Result<Forgotten, JournalError> {
        let now = self.0.clock.now().as_millisecond();
        let age = i64::try_from(max_age.as_millis()).unwrap_or(i64::MAX);
        let limits = Limits { before: now.saturating_sub(age), now, max_bytes };
        let mut forgotten = Forgotten::default();
        loop {
            let (done, answer) = oneshot::channel();
            self.send(Command::Retain(limits, done)).await?;
            let swept =
                answer.await.map_err(|_| JournalError::Closed)?.map_err(database("forget rows"))?;
            forgotten.rows += swept.rows;
            forgotten.heads += swept.heads;
            if swept.rows == 0 && swept.heads == 0 {
                return Ok(forgotten);
            }
        }
    }

    /// Keeps a copy of a publisher's cursor; called on the publisher's own thread, and stored
    /// with the writer's next work.
    pub(crate) fn note_cursor(&self, publisher: &str, cursor: u64, cluster: Option<&str>) {
        let publisher = publisher.to_owned();
        let cluster = cluster.map(ToOwned::to_owned);
        if let Some(commands) = &self.0.commands {
            drop(commands.blocking_send(Command::Cursor { publisher, cursor, cluster }));
        }
    }

    /// Bounds the file's pages, so that tests see what a full disk does.
    #[doc(hidden)]
    pub async fn limit_pages(&self, pages: u32) -> Result<(), JournalError> {
        self.send(Command::LimitPages(pages)).await
    }

    async fn send(&self, command: Command) -> Result<(), JournalError> {
        let commands = self.0.commands.as_ref().ok_or(JournalError::Closed)?;
        commands.send(command).await.map_err(|_| JournalError::Closed)
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        self.commands = None;
        if let Some(thread) = self.thread.take() {
            drop(thread.join());
        }
    }
}

/// The last stage of the line: appends what comes, and ends, everything durable, once nothing
/// more can come.
pub async fn run(
    journal: Journal,
    mut parcels: mpsc::Receiver<Parcel<Event<EnrichedArticle>>>,
) -> Result<(), JournalError> {
    while let Some(parcel) = parcels.recv().await {
        journal.append(parcel).await?;
    }
    journal.flush().await
}
