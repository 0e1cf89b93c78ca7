//! The one thread that writes: a group is all that waits when the last commit ends.
//!
//! No timer: an idle journal syncs once an article, a busy one once a large group. Receipts are
//! signed after the commit. A group that cannot be written is dropped, its receipts are lost, and
//! the next group tries again.

use std::sync::Arc;

use article::clock::Clock;
use article::event::{EnrichedArticle, Event};
use article::parcel::{Parcel, Signed};
use article::shard::ShardId;
use rusqlite::{Connection, Transaction, TransactionBehavior, params};
use tokio::sync::{mpsc, oneshot};
use tracing::{error, info, warn};

use super::append::Append;
use super::meta::{self, Tail};
use super::retain::{self, Limits, Swept};
use super::shared::Shared;

/// Most parcels of a group: bounds the memory and the time of a transaction.
const GROUP: usize = 1000;

/// What the writer is asked to do.
pub(super) enum Command {
    /// Writes an event.
    Append(Parcel<Event<EnrichedArticle>>),
    /// Answers once all that was sent before is settled.
    Flush(oneshot::Sender<()>),
    /// Keeps a copy of a publisher's cursor.
    Cursor { publisher: String, cursor: u64, cluster: Option<String> },
    /// Says which publishers are configured.
    Publishers(Vec<String>, oneshot::Sender<rusqlite::Result<()>>),
    /// Forgets what is old, in one bite.
    Retain(Limits, oneshot::Sender<rusqlite::Result<Swept>>),
    /// Bounds the file, to see what a full disk does.
    LimitPages(u32),
}

/// An event and the enrichers' state that commits with it.
type Opened = (Event<EnrichedArticle>, Vec<(String, Vec<u8>)>);

/// The writing connection and where it stands.
pub(super) struct Writer {
    pub(super) connection: Connection,
    pub(super) shard: ShardId,
    pub(super) clock: Clock,
    pub(super) tail: Tail,
    pub(super) shared: Arc<Shared>,
}

impl Writer {
    /// Works until nobody can ask any more.
    pub(super) fn work(mut self, mut commands: mpsc::Receiver<Command>) {
        while let Some(first) = commands.blocking_recv() {
            let mut group = Vec::new();
            let mut rest = Vec::new();
            sort(first, &mut group, &mut rest);
            while rest.is_empty() && group.len() < GROUP {
                let Ok(command) = commands.try_recv() else { break };
                sort(command, &mut group, &mut rest);
            }
            if !group.is_empty() {
                self.append(group);
            }
            for command in rest {
                self.obey(command);
            }
        }
    }

    /// Writes a group in one transaction and signs its receipts.
    fn append(&mut self, group: Vec<Parcel<Event<EnrichedArticle>>>) {
        let mut events = Vec::with_capacity(group.len());
        let mut slips = Vec::with_capacity(group.len());
        for parcel in group {
            let (event, state, slip) = parcel.open();
            events.push((event, state));
            slips.push(slip);
        }
        match self.write(events) {
            Ok((tail, answers)) => {
                self.tail = tail;
                if self.shared.set_health(None) {
                    info!("the journal is written again");
                }
                self.shared.set_durable(tail.seq);
                for (slip, signed) in slips.into_iter().zip(answers) {
                    slip.sign(signed);
                }
            }
            Err(cause) => {
                if self.shared.set_health(Some(cause.to_string())) {
                    error!(error = %cause, "the journal cannot be written");
                }
                // Unsigned, and after the reason is known: the senders hear that they were lost.
                drop(slips);
            }
        }
    }

    fn write(&mut self, events: Vec<Opened>) -> rusqlite::Result<(Tail, Vec<Signed>)> {
        let now = self.clock.now().as_millisecond();
        let tx = Transaction::new(&mut self.connection, TransactionBehavior::Immediate)?;
        let mut append = Append { connection: &tx, shard: self.shard, now, tail: self.tail };
        let answers = events
            .into_iter()
            .map(|(event, state)| append.event(event, &state))
            .collect::<rusqlite::Result<Vec<_>>>()?;
        let tail = append.tail;
        if tail.seq != self.tail.seq {
            meta::set_tail(&tx, &tail)?;
        }
        tx.commit()?;
        Ok((tail, answers))
    }

    fn obey(&mut self, command: Command) {
        match command {
            Command::Append(parcel) => self.append(vec![parcel]),
            Command::Flush(done) => drop(done.send(())),
            Command::Cursor { publisher, cursor, cluster } => {
                if let Err(error) = self.set_cursor(&publisher, cursor, cluster.as_deref()) {
                    warn!(publisher, %error, "the copy of the cursor was not stored");
                }
            }
            Command::Publishers(names, done) => drop(done.send(self.set_publishers(&names))),
            Command::Retain(limits, done) => {
                drop(done.send(retain::sweep(&mut self.connection, limits)));
            }
            Command::LimitPages(pages) => {
                drop(self.connection.pragma_update(None, "max_page_count", pages));
            }
        }
    }

    fn set_cursor(
        &self,
        name: &str,
        cursor: u64,
        cluster: Option<&str>,
    ) -> rusqlite::Result<usize> {
        self.connection.execute(
            "INSERT INTO publishers (name, cursor, cluster) VALUES (?1, ?2, ?3)
             ON CONFLICT (name) DO UPDATE SET cursor = excluded.cursor,
             cluster = coalesce(excluded.cluster, cluster)",
            params![name, cursor.cast_signed(), cluster],
        )
    }

    fn set_publishers(&mut self, configured: &[String]) -> rusqlite::Result<()> {
        let tx = self.connection.transaction()?;
        let known: Vec<String> = tx
            .prepare("SELECT name FROM publishers")?
            .query_map([], |row| row.get(0))?
            .collect::<rusqlite::Result<_>>()?;
        for name in known.iter().filter(|name| !configured.contains(name)) {
            warn!(publisher = %name, "forgetting a publisher that is no longer configured");
            tx.execute("DELETE FROM publishers WHERE name = ?1", [name])?;
        }
        for name in configured {
            tx.execute("INSERT OR IGNORE INTO publishers (name) VALUES (?1)", [name])?;
        }
        tx.commit()
    }
}

fn sort(
    command: Command,
    group: &mut Vec<Parcel<Event<EnrichedArticle>>>,
    rest: &mut Vec<Command>,
) {
    match command {
        Command::Append(parcel) => group.push(parcel),
        other => rest.push(other),
    }
}
