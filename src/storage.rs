//! Whether the data folder takes what comes: polling pauses while it does not.

use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use ingest::Ledger;
use sink::Journal;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

/// How often is looked.
const UPKEEP: Duration = Duration::from_secs(5);
/// Looks between two rounds of forgetting.
const RETAIN_EVERY: u32 = 120;
/// Bytes that a disk takes which is not full: a group of the journal and its share of the log.
const ROOM: usize = 4 << 20;

/// What is written of the data folder.
#[derive(Clone)]
pub(crate) struct Storage {
    /// The data folder.
    pub(crate) folder: PathBuf,
    /// The shards' journals.
    pub(crate) journals: Vec<Journal>,
    /// The shards' ledgers.
    pub(crate) ledgers: Vec<Ledger>,
    /// The most bytes of one journal.
    pub(crate) max_bytes: u64,
}

impl Storage {
    /// What cannot be written, and why: one line each.
    pub(crate) fn faults(&self) -> Vec<String> {
        let journals = self.journals.iter().filter_map(|journal| journal.health().err());
        let journals = journals.map(|error| format!("journal: {error}"));
        let ledgers = self.ledgers.iter().filter_map(Ledger::fault);
        let ledgers = ledgers.map(|reason| format!("ledger: {reason}"));
        let pauses = |fault| format!("{fault}; polling pauses until {} has room", self.shown());
        journals.chain(ledgers).map(pauses).collect()
    }

    /// Whether a journal is at its limit.
    pub(crate) fn is_full(&self) -> bool {
        self.journals.iter().any(|journal| journal.is_full(self.max_bytes).unwrap_or(false))
    }

    /// Whether polling had better pause: a journal is at its limit, or something could not be
    /// written and the disk still has no room.
    async fn is_stuck(&self) -> bool {
        if self.is_full() {
            return true;
        }
        if self.faults().is_empty() {
            return false;
        }
        let folder = self.folder.clone();
        let tried = tokio::task::spawn_blocking(move || try_room(&folder)).await;
        !matches!(tried, Ok(Ok(())))
    }

    fn shown(&self) -> std::path::Display<'_> {
        self.folder.display()
    }
}

/// Pauses polling while nothing more can be stored, and forgets by the rule.
pub(crate) async fn upkeep(
    storage: Storage,
    max_age: Duration,
    pause: watch::Sender<bool>,
    late: CancellationToken,
) -> anyhow::Result<()> {
    for round in 0_u32.. {
        for journal in &storage.journals {
            let due =
                round % RETAIN_EVERY == 1 || journal.is_full(storage.max_bytes).unwrap_or(false);
            if due && let Err(error) = journal.retain(max_age, storage.max_bytes).await {
                tracing::warn!(%error, "the journal could not forget");
            }
        }
        let stuck = storage.is_stuck().await;
        if pause.send_replace(stuck) != stuck {
            let folder = storage.shown();
            if stuck {
                tracing::warn!(%folder, "polling pauses: what it brings could not be stored");
            } else {
                tracing::info!(%folder, "polling goes on: there is room again");
            }
        }
        tokio::select! {
            () = tokio::time::sleep(UPKEEP) => {}
            () = late.cancelled() => break,
        }
    }
    Ok(())
}

/// Writes as much as a working disk takes, down to the platter, and takes it away again.
fn try_room(folder: &Path) -> io::Result<()> {
    let path = folder.join("room");
    let written = std::fs::File::create(&path).and_then(|mut file| {
        file.write_all(&vec![0x5a; ROOM])?;
        file.sync_all()
    });
    std::fs::remove_file(&path)?;
    written
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn room_is_where_a_folder_takes_bytes_and_leaves_nothing() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        try_room(folder.path()).expect("there is room");
        assert_eq!(std::fs::read_dir(folder.path()).expect("it is there").count(), 0);
        try_room(&folder.path().join("missing")).expect_err("no folder");
    }
}
