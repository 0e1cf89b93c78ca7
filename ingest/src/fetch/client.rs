//! How the web is asked, and how an answer is read: bounded in bytes, time and hops.

use std::time::Duration;

use article::clock::Clock;
use article::escape;
use article::shard::host_key;
use reqwest::header::{self, HeaderMap, HeaderName, HeaderValue};
use thiserror::Error;
use tokio::sync::Semaphore;
use tokio::time::Instant;
use url::Url;

use super::broken::broken;
use super::clients::Clients;
use super::guard::Guard;
use super::host::{Host, Hosts};
use super::robots::{self, Rules};
use crate::access::{self, Pass};
use crate::config::FetchConfig;
use crate::ledger::Validators;
use crate::outcome::{Again, Outcome, Refusal};
use crate::schedule::retry_after;

const HOPS: usize = 5;

/// Asks the web.
pub struct Fetcher {
    clients: Clients,
    guard: Guard,
    hosts: Hosts,
    total: Semaphore,
    body_bytes: usize,
    agent: String,
    timeout: Duration,
    clock: Clock,
}

/// Why the fetcher could not be made.
#[derive(Debug, Error)]
pub enum FetcherError {
    /// The client or a certificate.
    #[error("could not make the HTTP client")]
    Client(#[from] reqwest::Error),
    /// The DNS resolver.
    #[error("could not make the DNS resolver: {0}")]
    Resolver(String),
    /// The file with extra certificates.
    #[error("could not read the certificates in {path}")]
    Certificates {
        /// The file.
        path: String,
        /// Why.
        source: std::io::Error,
    },
    /// The agent's name or contact.
    #[error("the user agent {0:?} cannot be sent in a header")]
    UserAgent(String),
}

/// What is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A feed.
    Feed,
    /// An article's page.
    Page,
    /// A robots.txt, which needs no permission.
    Robots,
}

/// A readable answer.
#[derive(Clone, Debug)]
pub struct Got {
    /// The address that answered.
    pub url: Url,
    /// The address after permanent redirects alone, where there were any.
    pub moved: Option<Url>,
    /// The status: 2xx.
    pub status: u16,
    /// Headers of the last hop.
    pub headers: HeaderMap,
    /// The decoded body.
    pub body: Vec<u8>,
}

/// A 304.
#[derive(Clone, Debug)]
pub struct NotModified {
    /// The address after permanent redirects alone, where there were any.
    pub moved: Option<Url>,
    /// Headers of the last hop.
    pub headers: HeaderMap,
}

/// What came of asking.
#[derive(Clone, Debug)]
pub enum Answer {
    /// A document.
    Got(Box<Got>),
    /// 304.
    NotModified(NotModified),
    /// A refusal by status, with the headers that carry hints.
    Refused(Refusal, HeaderMap),
}

impl Got {
    /// A header's text, where it is text.
    pub fn header(&self, name: &HeaderName) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }
}

impl Fetcher {
    /// Makes the client.
    pub fn new(config: &FetchConfig, clock: Clock) -> Result<Self, FetcherError> {
        let guard = Guard::new(config.allow.clone(), config.deny_ports.clone());
        Ok(Self {
            clients: Clients::new(config, &guard)?,
            guard,
            hosts: Hosts::new(config.connections_per_host, config.pace.0),
            total: Semaphore::new(config.connections.max(1)),
            body_bytes: config.body_bytes,
            agent: config.user_agent.clone(),
            timeout: config.timeout.0,
            clock,
        })
    }

    /// Gets a document, following up to five redirects.
    pub async fn get(
        &self,
        url: &Url,
        kind: Kind,
        validators: &Validators,
    ) -> Result<Answer, Refusal> {
        self.get_with(url, kind, validators, &Pass::default()).await
    }

    /// The same with what the pass holds. Its headers go to its own origin, and no further from the
    /// first hop that leads away from there: who answers at another origin must not choose what is
    /// asked with them.
    pub async fn get_with(
        &self,
        url: &Url,
        kind: Kind,
        validators: &Validators,
        pass: &Pass,
    ) -> Result<Answer, Refusal> {
        let (mut at, mut pass) = (url.clone(), pass.clone());
        pass.take_userinfo(&mut at);
        let client = self.clients.of(pass.proxy())?;
        let mut withheld = false;
        let mut moved = None;
        let mut only_permanent = true;
        for _ in 0..=HOPS {
            self.guard.check(&at)?;
            if pass.proxy().is_some() {
                self.clients.check_name(&at, pass.is_own(&at)).await?;
            }
            if pass.has_credentials() && !pass.is_own(&at) {
                (pass, withheld) = (pass.bare(), true);
            }
            let host = self.hosts.get(&host_key(&at));
            if kind != Kind::Robots {
                self.ask_robots(&host, &at, &pass.bare()).await?;
            }
            rested(&host, &at)?;
            // Held until the body is read, and given back before the next hop is asked for, so
            // that two hosts that redirect to each other never wait for each other.
            let _permit = host.enter().await;
            // The host may have asked for rest while this one waited its turn.
            rested(&host, &at)?;
            let _total = self.total.acquire().await.expect("the global limit is never closed");
            let begun = Instant::now();
            let asked = request(&client, &at, kind, validators, &pass).send();
            let answer = asked.await.map_err(|error| broken(&at, error));
            // One that never began to answer took as long as we waited for it.
            host.took(begun.elapsed());
            let answer = answer?;
            let status = answer.status().as_u16();
            match status {
                301 | 302 | 303 | 307 | 308 => {
                    let to = target(&at, &answer)?;
                    only_permanent &= matches!(status, 301 | 308);
                    if only_permanent {
                        moved = Some(to.clone());
                    }
                    at = to;
                }
                304 => {
                    host.content(at.path());
                    let headers = answer.headers().clone();
                    return Ok(Answer::NotModified(NotModified { moved, headers }));
                }
                200..=299 => {
                    host.content(at.path());
                    let (status, headers) = (status, answer.headers().clone());
                    let body = self.body(&at, kind, answer).await?;
                    let got = Got { url: at, moved, status, headers, body };
                    return Ok(Answer::Got(Box::new(got)));
                }
                _ => {
                    let mut refused = self.refused(&host, &at, &answer);
                    if let Answer::Refused(refusal, _) = &mut refused
                        && withheld
                        && matches!(status, 401 | 403)
                    {
                        refusal.message.push_str(", and credentials are for another origin");
                    }
                    return Ok(refused);
                }
            }
        }
        let shown = escape::url(url.as_str());
        Err(Refusal::new(Outcome::Redirect, format!("{shown} redirects more than {HOPS} times")))
    }

    async fn body(
        &self,
        url: &Url,
        kind: Kind,
        mut answer: reqwest::Response,
    ) -> Result<Vec<u8>, Refusal> {
        let cap = if kind == Kind::Robots { robots::BYTES } else { self.body_bytes };
        let mut body = Vec::new();
        // The client's own timeout covers the body as well; this one is for a clock that does not.
        let deadline = Instant::now() + self.timeout;
        loop {
            let chunk = tokio::time::timeout_at(deadline, answer.chunk());
            let shown = || escape::url(url.as_str());
            match chunk.await {
                Err(_) => {
                    let message = format!("{} did not end in time", shown());
                    return Err(Refusal::new(Outcome::Timeout, message));
                }
                Ok(Err(error)) => return Err(broken(url, error)),
                Ok(Ok(None)) => return Ok(body),
                Ok(Ok(Some(chunk))) if body.len() + chunk.len() > cap => {
                    if kind == Kind::Robots {
                        body.extend_from_slice(&chunk[..cap - body.len()]);
                        return Ok(body);
                    }
                    let message = format!("{} is longer than {cap} bytes", shown());
                    return Err(Refusal::new(Outcome::TooLarge, message).again(Again::Never));
                }
                Ok(Ok(Some(chunk))) => body.extend_from_slice(&chunk),
            }
        }
    }

    fn refused(&self, host: &Host, url: &Url, answer: &reqwest::Response) -> Answer {
        let status = answer.status().as_u16();
        let wait = answer.headers().get(header::RETRY_AFTER).and_then(|wait| wait.to_str().ok());
        let wait = retry_after(wait, self.clock.now());
        let limited = matches!(status, 429 | 503);
        if limited {
            host.complain(url.path(), wait);
        }
        let outcome = match status {
            410 => Outcome::Gone,
            429 => Outcome::RateLimited,
            _ => Outcome::Status,
        };
        let again = match status {
            429 | 503 => Again::After(wait.unwrap_or(Duration::from_mins(2))),
            410 => Again::Never,
            _ => Again::Later,
        };
        let message = format!("{} answered {status}", escape::url(url.as_str()));
        let refusal = Refusal::new(outcome, message).with_status(status).again(again);
        Answer::Refused(refusal, answer.headers().clone())
    }

    /// Whether the origin's robots.txt lets us ask. A missing file allows all; one that cannot be
    /// had forbids all for five minutes.
    async fn ask_robots(&self, host: &Host, url: &Url, pass: &Pass) -> Result<(), Refusal> {
        let origin = url.origin().ascii_serialization();
        let rules = if let Some(rules) = host.rules(&origin) {
            rules
        } else {
            let _turn = host.robots_turn.lock().await;
            if let Some(rules) = host.rules(&origin) {
                rules
            } else {
                let (rules, hold) = self.fetch_robots(url, pass).await;
                host.keep_rules(&origin, rules.clone(), hold);
                rules
            }
        };
        match rules {
            Rules::Read(robots) if robots.allows(url) => Ok(()),
            Rules::Read(_) => {
                let message = format!("robots.txt forbids {}", escape::url(url.as_str()));
                Err(Refusal::new(Outcome::Blocked, message).again(Again::Never))
            }
            Rules::Unknown(refusal) => Err(refusal),
        }
    }

    /// The sitemaps that the robots.txt of an address names; none where it cannot be had.
    pub async fn sitemaps(&self, url: &Url) -> Vec<Url> {
        let host = self.hosts.get(&host_key(url));
        // What it says of this address is not asked here.
        let _ = self.ask_robots(&host, url, &Pass::default()).await;
        match host.rules(&url.origin().ascii_serialization()) {
            Some(Rules::Read(robots)) => robots.sitemaps().to_vec(),
            _ => Vec::new(),
        }
    }

    async fn fetch_robots(&self, url: &Url, pass: &Pass) -> (Rules, Duration) {
        let (address, validators) = (robots::address(url), Validators::default());
        let asked = Box::pin(self.get_with(&address, Kind::Robots, &validators, pass)).await;
        robots::judge(asked, &self.agent)
    }
}

/// One request.
fn request(
    client: &reqwest::Client,
    url: &Url,
    kind: Kind,
    validators: &Validators,
    pass: &Pass,
) -> reqwest::RequestBuilder {
    let mut request = client.get(url.clone()).header(header::ACCEPT, accept(kind));
    let conditions = [
        (header::IF_NONE_MATCH, &validators.etag),
        (header::IF_MODIFIED_SINCE, &validators.last_modified),
    ];
    for (name, value) in conditions {
        if let Some(value) = value.as_deref().and_then(|v| HeaderValue::from_bytes(v).ok()) {
            request = request.header(name, value);
        }
    }
    match pass.headers(url) {
        Some(headers) => request.headers(headers.clone()),
        None => request,
    }
}

/// Refuses while a host wants silence.
fn rested(host: &Host, url: &Url) -> Result<(), Refusal> {
    let Some(left) = host.silence() else { return Ok(()) };
    let message = format!("{}: the host rests", escape::url(url.as_str()));
    Err(Refusal::new(Outcome::RateLimited, message).again(Again::After(left)))
}

fn accept(kind: Kind) -> &'static str {
    match kind {
        Kind::Feed => {
            "application/rss+xml, application/atom+xml, application/feed+json, \
             application/rdf+xml;q=0.9, application/xml;q=0.8, text/xml;q=0.8, */*;q=0.5"
        }
        Kind::Page => "text/html, application/xhtml+xml, */*;q=0.5",
        Kind::Robots => "text/plain, */*;q=0.5",
    }
}

fn target(from: &Url, answer: &reqwest::Response) -> Result<Url, Refusal> {
    let shown = escape::url(from.as_str());
    let location = answer.headers().get(header::LOCATION);
    let location = location.and_then(|location| std::str::from_utf8(location.as_bytes()).ok());
    let to = location.and_then(|location| from.join(location.trim()).ok());
    let mut to = to.ok_or_else(|| {
        Refusal::new(Outcome::Redirect, format!("{shown} redirects to what is no address"))
    })?;
    // Credentials come from the operator, not from whoever redirects.
    access::strip(&mut to);
    if to.fragment().is_none() {
        to.set_fragment(from.fragment());
    }
    Ok(to)
}
