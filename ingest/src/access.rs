//! What a feed is asked with: credentials, headers and a proxy, each from where its operator keeps
//! it. They are for the feed's own origin alone, and nothing here shows them.

mod secret;

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::header::{AUTHORIZATION, HeaderMap, HeaderName, HeaderValue};
use percent_encoding::percent_decode_str;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer};
use url::{Origin, Url};

use crate::config::FeedConfig;
use crate::outcome::{Outcome, Refusal};
use secret::HIDDEN;
pub(crate) use secret::headers;
pub use secret::{Secret, SecretError};

/// Headers that the client answers for itself; sorted.
const OWN_HEADERS: &[&str] = &[
    "accept-encoding",     // what it can unpack
    "connection",          // of this connection, not of the feed
    "content-length",      // there is no body
    "expect",              // there is no body
    "host",                // the address says it
    "if-modified-since",   // the validators say it
    "if-none-match",       // the validators say it
    "keep-alive",          // of this connection
    "proxy-authorization", // stands in the proxy's address
    "proxy-connection",    // of this connection
    "range",               // a part is no document
    "te",                  // of this connection
    "trailer",             // of this connection
    "transfer-encoding",   // there is no body
    "upgrade",             // of this connection
    "user-agent",          // robots.txt is read for the one that is sent
];

/// What one request may carry, and to whom.
#[derive(Clone, Default)]
pub struct Pass {
    origin: Option<Origin>,
    headers: HeaderMap,
    proxy: Option<Url>,
}

impl fmt::Debug for Pass {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The proxy's address may hold a password; of the headers only the names are shown.
        let names: Vec<&str> = self.headers.keys().map(HeaderName::as_str).collect();
        let proxied = self.proxy.is_some();
        f.debug_struct("Pass")
            .field("headers", &names)
            .field("proxied", &proxied)
            .finish_non_exhaustive()
    }
}

impl Pass {
    /// The headers for a request there: none but at the pass's own origin.
    pub(crate) fn headers(&self, at: &Url) -> Option<&HeaderMap> {
        (self.origin.as_ref() == Some(&at.origin())).then_some(&self.headers)
    }

    /// Whether the address is at the origin that the operator named.
    pub(crate) fn is_own(&self, at: &Url) -> bool {
        self.origin.as_ref() == Some(&at.origin())
    }

    /// Whether there is something that other origins do not get.
    pub(crate) fn has_credentials(&self) -> bool {
        !self.headers.is_empty()
    }

    /// Through whom it is asked.
    pub(crate) fn proxy(&self) -> Option<&Url> {
        self.proxy.as_ref()
    }

    /// Through the same proxy, and with nothing else.
    pub(crate) fn bare(&self) -> Self {
        Self { proxy: self.proxy.clone(), ..Self::default() }
    }

    /// The user name and password of an address as a header, where it holds any and the pass names
    /// none; the address is left without them.
    pub(crate) fn take_userinfo(&mut self, url: &mut Url) {
        let Some((user, password)) = userinfo(url) else { return };
        strip(url);
        if self.origin.is_none() {
            self.origin = Some(url.origin());
        }
        if self.is_own(url)
            && !self.headers.contains_key(AUTHORIZATION)
            && let Ok(value) = basic(&user, &password)
        {
            self.headers.insert(AUTHORIZATION, value);
        }
    }
}

impl FeedConfig {
    /// Whether the feed is asked with more than its address.
    pub fn has_access(&self) -> bool {
        let named = [&self.user, &self.password, &self.bearer, &self.proxy];
        named.into_iter().any(Option::is_some) || !self.headers.is_empty()
    }

    /// The same with the user name and password of its address where they belong, so that its
    /// address can be shown.
    #[must_use]
    pub fn without_userinfo(mut self) -> Self {
        let Some((user, password)) = userinfo(&self.url) else { return self };
        strip(&mut self.url);
        if self.user.is_none() && self.bearer.is_none() {
            self.user = Some(Secret::Given(user));
            self.password = Some(Secret::Given(password));
        }
        self
    }

    /// What is wrong with how it is asked, as far as can be said without the secrets' places.
    pub fn access_faults(&self) -> Vec<String> {
        let mut faults = Vec::new();
        let authorized = self.headers.keys().any(|name| name.eq_ignore_ascii_case("authorization"));
        let ways = [self.user.is_some(), self.bearer.is_some(), authorized];
        if ways.into_iter().filter(|way| *way).count() > 1 {
            faults.push(
                "user, bearer and an Authorization header: allowed is one of them".to_owned(),
            );
        }
        if self.password.is_some() && self.user.is_none() {
            faults.push("password without user".to_owned());
        }
        for (name, value) in &self.headers {
            let shown = article::escape::one_line(name);
            if HeaderName::try_from(name).is_err() {
                faults.push(format!("{shown:?} is no name of a header"));
            } else if OWN_HEADERS.binary_search(&name.to_ascii_lowercase().as_str()).is_ok() {
                faults.push(format!("the header {shown} is the client's own"));
            } else if matches!(value, Secret::Given(value) if HeaderValue::from_str(value).is_err())
            {
                faults.push(format!("the header {shown} cannot hold that value"));
            }
        }
        if let Some(Secret::Given(proxy)) = &self.proxy
            && proxy != HIDDEN
            && proxy_of(proxy).is_err()
        {
            faults.push("proxy: allowed are http:// and https:// with a host".to_owned());
        }
        faults
    }

    /// The secrets that cannot be had now: one line each.
    pub async fn missing_secrets(&self) -> Vec<String> {
        let named = [
            ("user", &self.user),
            ("password", &self.password),
            ("bearer", &self.bearer),
            ("proxy", &self.proxy),
        ];
        let named = named.into_iter().filter_map(|(name, secret)| Some((name, secret.as_ref()?)));
        let headers = self.headers.iter().map(|(name, secret)| (name.as_str(), secret));
        let mut missing = Vec::new();
        for (name, secret) in named.chain(headers) {
            if let Err(error) = secret.value().await {
                missing.push(format!("{}: {error}", article::escape::one_line(name)));
            }
        }
        missing
    }

    /// What its requests carry.
    pub async fn pass(&self) -> Result<Pass, Refusal> {
        let mut pass = Pass::default();
        if !self.has_access() {
            return Ok(pass);
        }
        let shown = article::escape::url(self.url.as_str());
        let refused = |what: &str, error: SecretError| {
            Refusal::new(Outcome::Blocked, format!("{shown} was not asked: its {what}: {error}"))
        };
        pass.origin = Some(self.url.origin());
        for (name, secret) in &self.headers {
            let refused = |error| refused(&format!("header {name}"), error);
            let value = secret.value().await.map_err(refused)?;
            let name = HeaderName::try_from(name).map_err(|_| refused(SecretError::Unfit))?;
            pass.headers.insert(name, hidden(&value).map_err(refused)?);
        }
        if let Some(user) = &self.user {
            let user = user.value().await.map_err(|error| refused("user", error))?;
            let password = match &self.password {
                Some(password) => password.value().await,
                None => Ok(String::new()),
            };
            let password = password.map_err(|error| refused("password", error))?;
            let value = basic(&user, &password).map_err(|error| refused("user", error))?;
            pass.headers.insert(AUTHORIZATION, value);
        }
        if let Some(bearer) = &self.bearer {
            let value = bearer.value().await.map_err(|error| refused("bearer", error))?;
            let value = hidden(&format!("Bearer {value}"));
            pass.headers.insert(AUTHORIZATION, value.map_err(|error| refused("bearer", error))?);
        }
        if let Some(proxy) = &self.proxy {
            let proxy = proxy.value().await.and_then(|proxy| proxy_of(&proxy));
            pass.proxy = Some(proxy.map_err(|error| refused("proxy", error))?);
        }
        Ok(pass)
    }
}

/// Reads an address of the configuration; an error does not repeat it, since it may hold a password.
pub(crate) fn address<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Url, D::Error> {
    let text = String::deserialize(deserializer)?;
    Url::parse(&text).map_err(|error| D::Error::custom(format!("no address: {error}")))
}

fn proxy_of(text: &str) -> Result<Url, SecretError> {
    let url = Url::parse(text.trim()).map_err(|_| SecretError::Unfit)?;
    let fits = matches!(url.scheme(), "http" | "https") && url.has_host();
    if fits { Ok(url) } else { Err(SecretError::Unfit) }
}

fn hidden(value: &str) -> Result<HeaderValue, SecretError> {
    let mut value = HeaderValue::from_str(value).map_err(|_| SecretError::Unfit)?;
    value.set_sensitive(true);
    Ok(value)
}

/// RFC 7617. A colon ends the user name, so there is none in it.
fn basic(user: &str, password: &str) -> Result<HeaderValue, SecretError> {
    if user.contains(':') {
        return Err(SecretError::Unfit);
    }
    hidden(&format!("Basic {}", STANDARD.encode(format!("{user}:{password}"))))
}

fn userinfo(url: &Url) -> Option<(String, String)> {
    let password = url.password().unwrap_or_default();
    if url.username().is_empty() && password.is_empty() {
        return None;
    }
    let plain = |text| percent_decode_str(text).decode_utf8_lossy().into_owned();
    Some((plain(url.username()), plain(password)))
}

/// Takes user name and password out of an address.
pub(crate) fn strip(url: &mut Url) {
    // Only an address without a host has no place for them, and then it holds none.
    let _ = url.set_username("");
    let _ = url.set_password(None);
}

#[cfg(test)]
mod tests;
