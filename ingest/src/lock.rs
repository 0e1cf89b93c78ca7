//! The data folder: locked by one process at a time, made for one number of shards.

use std::fs::{self, File};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use article::shard::ShardId;
use serde::{Deserialize, Serialize};
use thiserror::Error;

/// A data folder that this process holds until it is dropped.
#[derive(Debug)]
pub struct DataFolder {
    path: PathBuf,
    shards: u16,
    _lock: File,
}

/// Why a data folder cannot be used.
#[derive(Debug, Error)]
pub enum LockError {
    /// Another process holds it.
    #[error("{} is held by process {holder}", path.display())]
    Held {
        /// The folder.
        path: PathBuf,
        /// The other process, as it wrote itself down.
        holder: String,
    },
    /// It was made for another number of shards.
    #[error("{} was made for {found} shards, the configuration says {wanted}", path.display())]
    OtherShards {
        /// The folder.
        path: PathBuf,
        /// Its number.
        found: u16,
        /// The number asked for.
        wanted: u16,
    },
    /// The disk says no.
    #[error("could not use {}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

#[derive(Serialize, Deserialize)]
struct Meta {
    shards: u16,
}

impl DataFolder {
    /// Makes the folder where it is missing, locks it and checks its number of shards.
    pub fn open(path: &Path, shards: u16) -> Result<Self, LockError> {
        let io = |path: &Path| {
            let path = path.to_owned();
            move |source| LockError::Io { path, source }
        };
        fs::create_dir_all(path).map_err(io(path))?;
        let lock_path = path.join("lock");
        let mut lock = File::options()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(&lock_path)
            .map_err(io(&lock_path))?;
        match fs4::FileExt::try_lock(&lock) {
            Ok(()) => {}
            Err(fs4::TryLockError::WouldBlock) => {
                let mut holder = String::new();
                let _ = (&lock).take(20).read_to_string(&mut holder);
                let holder = article::escape::one_line(&holder);
                return Err(LockError::Held { path: path.to_owned(), holder });
            }
            Err(fs4::TryLockError::Error(source)) => {
                return Err(LockError::Io { path: lock_path, source });
            }
        }
        lock.set_len(0).map_err(io(&lock_path))?;
        lock.seek(SeekFrom::Start(0)).map_err(io(&lock_path))?;
        lock.write_all(std::process::id().to_string().as_bytes()).map_err(io(&lock_path))?;
        let meta_path = path.join("meta.json");
        match fs::read(&meta_path) {
            Ok(bytes) => {
                let meta: Meta = serde_json::from_slice(&bytes)
                    .map_err(|error| io(&meta_path)(io::Error::other(error)))?;
                if meta.shards != shards {
                    let path = path.to_owned();
                    return Err(LockError::OtherShards {
                        path,
                        found: meta.shards,
                        wanted: shards,
                    });
                }
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                let meta = serde_json::to_vec(&Meta { shards })
                    .map_err(|error| io(&meta_path)(io::Error::other(error)))?;
                let fresh = path.join("meta.json.new");
                fs::write(&fresh, meta).map_err(io(&fresh))?;
                fs::rename(&fresh, &meta_path).map_err(io(&meta_path))?;
            }
            Err(source) => return Err(LockError::Io { path: meta_path, source }),
        }
        Ok(Self { path: path.to_owned(), shards, _lock: lock })
    }

    /// How many shards it was made for.
    pub fn shards(&self) -> u16 {
        self.shards
    }

    /// The folder of one shard, made where it is missing.
    pub fn shard(&self, shard: ShardId) -> Result<PathBuf, LockError> {
        let path = self.path.join(format!("shard-{shard}"));
        match fs::create_dir_all(&path) {
            Ok(()) => Ok(path),
            Err(source) => Err(LockError::Io { path, source }),
        }
    }

    /// Where the ledger of a shard lies.
    pub fn ledger(&self, shard: ShardId) -> Result<PathBuf, LockError> {
        Ok(self.shard(shard)?.join("ledger.sqlite"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_holder_is_told_who_holds_it() {
        let folder = tempfile::tempdir().unwrap();
        let held = DataFolder::open(folder.path(), 1).unwrap();
        let error = DataFolder::open(folder.path(), 1).unwrap_err().to_string();
        assert!(error.contains(&std::process::id().to_string()), "{error}");
        drop(held);
        assert!(matches!(
            DataFolder::open(folder.path(), 7),
            Err(LockError::OtherShards { found: 1, wanted: 7, .. })
        ));
    }
}
