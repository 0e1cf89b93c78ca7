//! What broke a request, by the names of the hostile corpus.

use std::error::Error as _;
use std::io::ErrorKind;

use article::escape;
use url::Url;

use super::dns::ResolveError;
use crate::outcome::{Again, Outcome, Refusal};

/// Kinds of error with which no connection came about.
const UNREACHED: &[ErrorKind] = &[
    ErrorKind::AddrNotAvailable,
    ErrorKind::ConnectionRefused,
    ErrorKind::ConnectionReset,
    ErrorKind::HostUnreachable,
    ErrorKind::NetworkDown,
    ErrorKind::NetworkUnreachable,
    ErrorKind::PermissionDenied,
    ErrorKind::TimedOut,
];

/// Names what broke a request. The error's own text may hold the address with its secrets.
pub(super) fn broken(url: &Url, error: reqwest::Error) -> Refusal {
    let error = error.without_url();
    let mut causes = Vec::new();
    let mut cause = error.source();
    let mut outcome = match () {
        () if error.is_timeout() => Outcome::Timeout,
        () if error.is_builder() => Outcome::BadUrl,
        () if error.is_decode() => Outcome::Decode,
        () => Outcome::Protocol,
    };
    let mut unreached = false;
    while let Some(inner) = cause {
        match inner.downcast_ref() {
            Some(ResolveError::Blocked(_)) => outcome = Outcome::Blocked,
            Some(ResolveError::None(_)) => outcome = Outcome::Dns,
            None => {}
        }
        // What the client calls a broken body is a broken encoding only where HTTP itself is whole.
        if outcome == Outcome::Decode && inner.is::<hyper::Error>() {
            outcome = Outcome::Protocol;
        }
        if let Some(io) = inner.downcast_ref::<std::io::Error>() {
            unreached |= UNREACHED.contains(&io.kind());
        }
        causes.push(inner.to_string());
        cause = inner.source();
    }
    // The client wraps what TLS says so often that its own types are out of sight: where a secure
    // connection was reached and not made, it is TLS that failed.
    let secure = url.scheme() == "https" && error.is_connect();
    if secure && outcome == Outcome::Protocol && !unreached {
        outcome = Outcome::Tls;
    }
    let why = causes.last().cloned().unwrap_or_else(|| error.to_string());
    let again = if outcome == Outcome::Blocked { Again::Never } else { Again::Later };
    let message = format!("{} could not be read: {why}", escape::url(url.as_str()));
    Refusal::new(outcome, message).again(again)
}
