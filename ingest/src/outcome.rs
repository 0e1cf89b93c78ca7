//! How a visit or a page ended: one closed list of names, shared by the ledger, the metrics, dead
//! letters and `feeds status`.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use thiserror::Error;

/// How a visit or a page ended. The names of refusals are those of the hostile corpus.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// An address that must not be fetched: private, forbidden port, robots.txt.
    Blocked,
    /// No address that can be fetched.
    BadUrl,
    /// The name has no address.
    Dns,
    /// Too many redirects, or one that leads nowhere.
    Redirect,
    /// The answer did not come in time.
    Timeout,
    /// More bytes than the cap.
    TooLarge,
    /// The connection or the HTTP in it was broken.
    Protocol,
    /// No trusted TLS.
    Tls,
    /// The content encoding was broken.
    Decode,
    /// The bytes are not what they should be.
    Parse,
    /// There was nothing in it.
    Empty,
    /// An HTTP status that is no answer.
    Status,
    /// The host asked for patience.
    RateLimited,
    /// Something new came.
    New,
    /// It was read, and all of it was known.
    Unchanged,
    /// 304.
    NotModified,
    /// It answers from another address now.
    Moved,
    /// 410, or 404 twice for an article.
    Gone,
}

impl Outcome {
    /// Every outcome, in the order of declaration.
    pub const ALL: [Self; 18] = [
        Self::Blocked,
        Self::BadUrl,
        Self::Dns,
        Self::Redirect,
        Self::Timeout,
        Self::TooLarge,
        Self::Protocol,
        Self::Tls,
        Self::Decode,
        Self::Parse,
        Self::Empty,
        Self::Status,
        Self::RateLimited,
        Self::New,
        Self::Unchanged,
        Self::NotModified,
        Self::Moved,
        Self::Gone,
    ];

    /// The word that rows, metrics and logs hold.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Blocked => "blocked",
            Self::BadUrl => "bad_url",
            Self::Dns => "dns",
            Self::Redirect => "redirect",
            Self::Timeout => "timeout",
            Self::TooLarge => "too_large",
            Self::Protocol => "protocol",
            Self::Tls => "tls",
            Self::Decode => "decode",
            Self::Parse => "parse",
            Self::Empty => "empty",
            Self::Status => "status",
            Self::RateLimited => "rate_limited",
            Self::New => "new",
            Self::Unchanged => "unchanged",
            Self::NotModified => "not_modified",
            Self::Moved => "moved",
            Self::Gone => "gone",
        }
    }

    /// The inverse of [`Outcome::as_str`].
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|outcome| outcome.as_str() == word)
    }

    /// Its place in [`Outcome::ALL`].
    pub fn index(self) -> usize {
        self as usize
    }
}

/// Why something was not had.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{message}")]
pub struct Refusal {
    /// Its name.
    pub outcome: Outcome,
    /// One line for people, fit to be logged.
    pub message: String,
    /// The HTTP status, where there was one.
    pub status: Option<u16>,
    /// When to try again.
    pub again: Again,
}

/// When what was refused may be tried again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Again {
    /// Whenever the caller's own rule says.
    Later,
    /// Not before this time has passed; it was not the document's fault.
    After(Duration),
    /// Trying again would give the same.
    Never,
}

impl Refusal {
    /// A refusal that may be tried again.
    pub fn new(outcome: Outcome, message: impl AsRef<str>) -> Self {
        let message = article::escape::one_line(message.as_ref());
        Self { outcome, message, status: None, again: Again::Later }
    }

    /// The same, with the time of the next try.
    #[must_use]
    pub fn again(mut self, again: Again) -> Self {
        self.again = again;
        self
    }

    /// The same, with the HTTP status that caused it.
    #[must_use]
    pub fn with_status(mut self, status: u16) -> Self {
        self.status = Some(status);
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_is_read_back_and_stands_at_its_index() {
        for (at, outcome) in Outcome::ALL.into_iter().enumerate() {
            assert_eq!(Outcome::parse(outcome.as_str()), Some(outcome));
            assert_eq!(outcome.index(), at);
        }
    }
}
