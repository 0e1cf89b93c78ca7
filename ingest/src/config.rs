//! What an operator may set for ingest; unknown fields are refused.

use std::collections::BTreeMap;
use std::fmt;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use ipnet::IpNet;
use serde::{Deserialize, Serialize};
use thiserror::Error;
use url::Url;

use crate::access::{self, Secret};
use crate::rules::EntryRule;

/// All of ingest's settings.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct IngestConfig {
    /// How the web is asked.
    pub fetch: FetchConfig,
    /// When.
    pub schedule: ScheduleConfig,
    /// The feeds of the configuration file.
    pub feeds: Vec<FeedConfig>,
}

/// How the web is asked.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct FetchConfig {
    /// Networks that may be asked although they are not public.
    pub allow: Vec<IpNet>,
    /// A DNS server to ask instead of the system's.
    pub resolver: Option<SocketAddr>,
    /// A PEM file with certificates to trust beside the system's.
    pub extra_ca: Option<PathBuf>,
    /// Open requests to one host at a time.
    pub connections_per_host: usize,
    /// Open requests at a time.
    pub connections: usize,
    /// The product token of the `User-Agent`, which robots.txt is read for.
    pub user_agent: String,
    /// Where an annoyed operator can write to: an address for the `User-Agent`.
    pub contact: Option<String>,
    /// The whole of one request, body included.
    pub timeout: Span,
    /// The longest silence within a request: before the answer begins, and between its parts.
    pub idle_timeout: Span,
    /// Making the connection.
    pub connect_timeout: Span,
    /// The shortest time between the starts of two requests to a host; one that answers slowly is
    /// given more.
    pub pace: Span,
    /// The largest decoded body, in bytes.
    pub body_bytes: usize,
    /// Ports that are never asked, beside those of known services (the service's own console).
    pub deny_ports: Vec<u16>,
}

impl Default for FetchConfig {
    fn default() -> Self {
        Self {
            allow: Vec::new(),
            resolver: None,
            extra_ca: None,
            connections_per_host: 2,
            connections: 64,
            user_agent: "khobor".to_owned(),
            contact: None,
            timeout: Span::seconds(30),
            idle_timeout: Span::seconds(15),
            connect_timeout: Span::seconds(5),
            pace: Span(Duration::from_millis(100)),
            body_bytes: 8 << 20,
            deny_ports: Vec::new(),
        }
    }
}

/// When feeds and articles are looked at.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ScheduleConfig {
    /// The shortest interval between two polls of a feed.
    pub shortest: Span,
    /// The interval that a feed starts with.
    pub base: Span,
    /// The longest interval.
    pub longest: Span,
    /// How old an entry may be to be fetched at the first look at a feed.
    pub first_look: Span,
    /// When an article's page is asked again, each counted from the look before.
    pub recheck: Vec<Span>,
    /// Failures of a page before the feed's own text is published instead.
    pub page_attempts: u32,
    /// The wait after a page's first failure; four times as long after each further one.
    pub page_retry: Span,
}

impl Default for ScheduleConfig {
    fn default() -> Self {
        Self {
            shortest: Span::seconds(300),
            base: Span::seconds(1800),
            longest: Span::seconds(86_400),
            first_look: Span::seconds(2 * 86_400),
            recheck: [900, 3600, 6 * 3600, 86_400].map(Span::seconds).to_vec(),
            page_attempts: 3,
            page_retry: Span::seconds(60),
        }
    }
}

/// One feed of the list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FeedConfig {
    /// The feed's address.
    #[serde(deserialize_with = "access::address")]
    pub url: Url,
    /// Headers for requests to the feed's own origin.
    #[serde(
        default,
        deserialize_with = "access::headers",
        skip_serializing_if = "BTreeMap::is_empty"
    )]
    pub headers: BTreeMap<String, Secret>,
    /// Whom the feed's own origin knows us as (HTTP Basic).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<Secret>,
    /// The user's password.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub password: Option<Secret>,
    /// A token for the feed's own origin.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bearer: Option<Secret>,
    /// The HTTP proxy through which the feed and its pages are asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub proxy: Option<Secret>,
    /// The operator's own words, carried into every record.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub labels: Vec<String>,
    /// This feed's own shortest interval.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shortest: Option<Span>,
    /// This feed's own longest interval.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub longest: Option<Span>,
    /// Publishes the feed's own text, and never asks for the pages.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub text_only: bool,
    /// Takes only entries that one of these fits, where there are any.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub keep: Vec<EntryRule>,
    /// Leaves out entries that one of these fits.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub drop: Vec<EntryRule>,
    /// The folders of a feed list that it stands in, each outermost first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub folders: Vec<Vec<String>>,
    /// What a feed list says of it beside: the other attributes of its outline.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub outline: BTreeMap<String, String>,
}

impl FeedConfig {
    /// A feed without settings of its own.
    pub fn new(url: Url) -> Self {
        Self {
            url,
            headers: BTreeMap::new(),
            user: None,
            password: None,
            bearer: None,
            proxy: None,
            labels: Vec::new(),
            shortest: None,
            longest: None,
            text_only: false,
            keep: Vec::new(),
            drop: Vec::new(),
            folders: Vec::new(),
            outline: BTreeMap::new(),
        }
    }

    /// The name that a feed list gives it.
    pub fn name(&self) -> Option<&str> {
        let named = ["title", "text"].iter().filter_map(|name| self.outline.get(*name));
        named.map(|name| name.trim()).find(|name| !name.is_empty())
    }
}

/// A length of time as people write it: `90s`, `15m`, `6h`, `2d`, `250ms`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Span(pub Duration);

/// A length of time that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{0:?} is no length of time such as 90s, 15m, 6h or 2d")]
pub struct SpanError(String);

impl Span {
    /// So many seconds.
    pub const fn seconds(seconds: u64) -> Self {
        Self(Duration::from_secs(seconds))
    }
}

impl FromStr for Span {
    type Err = SpanError;

    fn from_str(text: &str) -> Result<Self, SpanError> {
        let wrong = || SpanError(text.to_owned());
        let trimmed = text.trim();
        let at = trimmed.find(|c: char| !c.is_ascii_digit()).ok_or_else(wrong)?;
        let (number, unit) = trimmed.split_at(at);
        let number: u64 = number.parse().map_err(|_| wrong())?;
        let each = match unit.trim() {
            "ms" => 1,
            "s" => 1000,
            "m" => 60_000,
            "h" => 3_600_000,
            "d" => 86_400_000,
            _ => return Err(wrong()),
        };
        // A century is more than anyone means, and keeps later sums far from overflow.
        let millis = number.checked_mul(each).filter(|millis| *millis <= 3_155_760_000_000);
        Ok(Self(Duration::from_millis(millis.ok_or_else(wrong)?)))
    }
}

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let millis = self.0.as_millis();
        let units = [("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1000)];
        match units.iter().find(|(_, each)| millis > 0 && millis.is_multiple_of(*each)) {
            Some((unit, each)) => write!(f, "{}{unit}", millis / each),
            None => write!(f, "{millis}ms"),
        }
    }
}

impl TryFrom<String> for Span {
    type Error = SpanError;

    fn try_from(text: String) -> Result<Self, SpanError> {
        text.parse()
    }
}

impl From<Span> for String {
    fn from(span: Span) -> Self {
        span.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_span_is_written_as_it_is_read() {
        for text in ["90s", "15m", "6h", "2d", "250ms"] {
            assert_eq!(text.parse::<Span>().unwrap().to_string(), text);
        }
        assert!("15".parse::<Span>().is_err());
        assert!("99999999999999999d".parse::<Span>().is_err());
    }

    #[test]
    fn a_misspelt_setting_is_refused() {
        let read = |json: &str| serde_json::from_str::<IngestConfig>(json);
        assert!(read(r#"{"schedule": {"shortest": "1m"}}"#).is_ok());
        assert!(read(r#"{"schedule": {"shortset": "1m"}}"#).is_err());
    }
}
