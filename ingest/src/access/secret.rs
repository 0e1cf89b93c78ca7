//! A value that nobody else may see: where it is kept, and how it is read without being shown.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};

use serde::de::{Error as _, MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use thiserror::Error;
use tokio::io::AsyncReadExt as _;

/// The largest secret that is read from a file, in bytes: a token of some kilobytes is large.
const SECRET_BYTES: u64 = 64 << 10;

/// What stands in the place of a secret that is not written out.
pub(super) const HIDDEN: &str = "…";

/// A value that nobody else may see, or where it is kept.
#[derive(Clone, PartialEq, Eq)]
pub enum Secret {
    /// The value itself. It is not written out again, so that no ledger and no output holds it.
    Given(String),
    /// An environment variable of the service.
    Env(String),
    /// A file; the white space at its end is not part of the value.
    File(PathBuf),
}

/// Why a secret was not had. It names the place and never the value.
#[derive(Debug, Error)]
pub enum SecretError {
    /// The variable is not there, or is no text.
    #[error("the environment variable {0} is not set")]
    Variable(String),
    /// The file could not be read.
    #[error("the file {0} cannot be read")]
    File(String, #[source] std::io::Error),
    /// It does not fit where it is to stand.
    #[error("the value does not fit there")]
    Unfit,
    /// It stands in a configuration that this process has not read.
    #[error("the value stands in a configuration that is not this one")]
    Elsewhere,
}

impl Secret {
    /// The value, asked for anew each time: files and their secrets are exchanged under way.
    pub async fn value(&self) -> Result<String, SecretError> {
        match self {
            Self::Given(value) if value == HIDDEN => Err(SecretError::Elsewhere),
            Self::Given(value) => Ok(value.clone()),
            Self::Env(name) => std::env::var(name).map_err(|_| SecretError::Variable(name.clone())),
            Self::File(path) => read(path)
                .await
                .map_err(|error| SecretError::File(path.display().to_string(), error)),
        }
    }
}

async fn read(path: &Path) -> std::io::Result<String> {
    let mut text = String::new();
    tokio::fs::File::open(path).await?.take(SECRET_BYTES).read_to_string(&mut text).await?;
    text.truncate(text.trim_end().len());
    Ok(text)
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Given(_) => f.write_str(HIDDEN),
            Self::Env(name) => write!(f, "env {name}"),
            Self::File(path) => write!(f, "file {}", path.display()),
        }
    }
}

impl Serialize for Secret {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let one = |name, value: &str| BTreeMap::from([(name, value.to_owned())]);
        match self {
            Self::Given(_) => serializer.serialize_str(HIDDEN),
            Self::Env(name) => one("env", name).serialize(serializer),
            Self::File(path) => one("file", &path.to_string_lossy()).serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for Secret {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(SecretVisitor)
    }
}

struct SecretVisitor;

/// What may stand there; an error says no more, since what stands there may be the secret.
const ALLOWED: &str = "allowed are a text in quotes, { env = \"NAME\" } and { file = \"PATH\" }";

impl<'de> Visitor<'de> for SecretVisitor {
    type Value = Secret;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(ALLOWED)
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Secret, E> {
        Ok(Secret::Given(text.to_owned()))
    }

    fn visit_i64<E: serde::de::Error>(self, _: i64) -> Result<Secret, E> {
        Err(E::custom(ALLOWED))
    }

    fn visit_u64<E: serde::de::Error>(self, _: u64) -> Result<Secret, E> {
        Err(E::custom(ALLOWED))
    }

    fn visit_f64<E: serde::de::Error>(self, _: f64) -> Result<Secret, E> {
        Err(E::custom(ALLOWED))
    }

    fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Secret, M::Error> {
        let place: Option<(String, String)> = map.next_entry()?;
        let more: Option<(String, String)> = map.next_entry()?;
        match (place, more) {
            (Some((name, value)), None) if name == "env" => Ok(Secret::Env(value)),
            (Some((name, value)), None) if name == "file" => Ok(Secret::File(value.into())),
            _ => Err(M::Error::custom(ALLOWED)),
        }
    }
}

/// Reads headers; an error does not repeat what stands there.
pub(crate) fn headers<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<BTreeMap<String, Secret>, D::Error> {
    struct Headers;
    impl<'de> Visitor<'de> for Headers {
        type Value = BTreeMap<String, Secret>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a table of names and values")
        }

        fn visit_str<E: serde::de::Error>(self, _: &str) -> Result<Self::Value, E> {
            Err(E::custom("allowed is a table: { Name = \"value\" }"))
        }

        fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Self::Value, M::Error> {
            let mut headers = BTreeMap::new();
            while let Some((name, value)) = map.next_entry()? {
                headers.insert(name, value);
            }
            Ok(headers)
        }
    }
    deserializer.deserialize_any(Headers)
}
