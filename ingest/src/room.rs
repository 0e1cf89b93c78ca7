//! What a visit works with: the tools of one shard, and nothing of another but its door.

use std::collections::HashMap;
use std::future::Future;
use std::sync::{Arc, Mutex};

use article::clock::Clock;
use article::event::Event;
use article::parcel::{Lost, Parcel, Signed};
use article::shard::{host_key, shard_of};
use article::text::sha256_hex;
use article::{Article, id};
use jiff::Timestamp;
use thiserror::Error;
use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore, mpsc};
use tokio_util::sync::CancellationToken;
use url::Url;

use crate::access::Pass;
use crate::config::{FeedConfig, IngestConfig};
use crate::errand::{Errand, Witness};
use crate::fetch::{Answer, Kind, Web};
use crate::ledger::{Change, EntryState, Ledger, LedgerError, Validators};
use crate::metrics::{Counted, Metrics};
use crate::outage::Outage;
use crate::outcome::{Again, Outcome, Refusal};

/// How often a body may have been the last thing before the process ended.
const STRIKES: u32 = 3;

/// The tools of one shard.
pub(crate) struct Room {
    pub(crate) door: Arc<Door>,
    /// The doors of all shards, by number.
    pub(crate) doors: Arc<[Arc<Door>]>,
    pub(crate) parcels: mpsc::Sender<Parcel<Event<Article>>>,
    pub(crate) web: Arc<dyn Web>,
    pub(crate) outage: Arc<Outage>,
    /// A place for each document that is parsed at a time: as many as there are cores, so that the
    /// parsers' memory adds up to little, and name lookups find a blocking thread.
    pub(crate) parsers: Arc<Semaphore>,
    pub(crate) config: Arc<IngestConfig>,
    /// The configuration's feeds that are asked with more than their address.
    pub(crate) declared: Arc<HashMap<Url, FeedConfig>>,
    pub(crate) clock: Clock,
    pub(crate) metrics: Arc<Metrics>,
    pub(crate) stop: CancellationToken,
}

/// Where a shard takes errands: its ledger, and the bell that wakes its scheduler.
pub(crate) struct Door {
    pub(crate) ledger: Ledger,
    pub(crate) bell: Notify,
    /// Two feeds that list the same article at once take turns, so that one is the first.
    listing: Mutex<()>,
}

/// What a parser holds while it is at work, longer than anybody waits for it: its place, and the
/// note that it was begun.
pub(crate) struct Held {
    ledger: Ledger,
    key: String,
    _place: OwnedSemaphorePermit,
}

impl Drop for Held {
    fn drop(&mut self) {
        let key = std::mem::take(&mut self.key);
        if let Err(error) = self.ledger.apply(&Change::Cleared { key }) {
            tracing::error!(%error, "a body's note stays in the ledger as if it had ended us");
        }
    }
}

/// Why a visit ended before its end.
#[derive(Debug, Error)]
pub(crate) enum Ended {
    /// The stop was heard: what is pending stays pending.
    #[error("stopped")]
    Stopped,
    /// Nobody takes parcels any more.
    #[error("the line behind ingest has ended")]
    Closed,
    /// The ledger cannot be used.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
}

/// What listing an entry showed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sight {
    /// Nobody knew it.
    New,
    /// This feed had not listed it before, another had.
    Duplicate,
    /// It was listed before.
    Again,
}

impl Door {
    pub(crate) fn new(ledger: Ledger) -> Self {
        Self { ledger, bell: Notify::new(), listing: Mutex::default() }
    }

    /// Takes an errand in: durable when it returns.
    fn list(&self, errand: &Errand, state: EntryState, at: i64) -> Result<Sight, LedgerError> {
        let _turn = self.listing.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let rungs = errand.rungs();
        let Some(first) = rungs.first() else { return Ok(Sight::Again) };
        // Remembers that this feed listed it, whatever other feeds do.
        let mark = format!("listed {} {}", errand.feed.url, sha256_hex(first.as_bytes()));
        let known = self.ledger.article_of(&rungs)?;
        let marked = self.ledger.article_of(std::slice::from_ref(&mark))?.is_some();
        let id = known.clone().unwrap_or_else(|| id::article_id(first));
        let alias = |rung: String| Change::Alias {
            rung,
            host_key: errand.host_key.clone(),
            id: id.clone(),
        };
        let mut changes: Vec<Change> = Vec::new();
        if !marked {
            changes.extend(rungs.into_iter().chain([mark]).map(alias));
        }
        let sight = match (&known, marked) {
            (None, _) => {
                let errand = Box::new(errand.clone());
                changes.push(Change::Listed { id: id.clone(), state, errand, at });
                Sight::New
            }
            (Some(_), false) => {
                changes.push(Change::Relisted { id: id.clone(), at });
                Sight::Duplicate
            }
            (Some(_), true) => {
                changes.push(self.again(&id, errand, at)?);
                Sight::Again
            }
        };
        self.ledger.apply_all(&changes)?;
        Ok(sight)
    }

    fn again(&self, id: &str, errand: &Errand, at: i64) -> Result<Change, LedgerError> {
        let id = id.to_owned();
        Ok(match self.ledger.known(&id)? {
            Some(known)
                if known.state == EntryState::Settled
                    && known.feed == errand.feed.url
                    && known.said != errand.said_hash() =>
            {
                Change::Said { id, errand: Box::new(errand.clone()), at }
            }
            _ => Change::Relisted { id, at },
        })
    }
}

impl Room {
    /// The wall clock in milliseconds.
    pub(crate) fn now_ms(&self) -> i64 {
        self.clock.now().as_millisecond()
    }

    pub(crate) fn ledger(&self) -> &Ledger {
        &self.door.ledger
    }

    /// Waits for something outside, unless the stop is heard first.
    pub(crate) async fn outside<T>(&self, wait: impl Future<Output = T>) -> Result<T, Ended> {
        tokio::select! {
            biased;
            () = self.stop.cancelled() => Err(Ended::Stopped),
            done = wait => Ok(done),
        }
    }

    /// Asks the web, unless the stop is heard first, and notes what that says of our own network.
    pub(crate) async fn get(
        &self,
        url: &Url,
        kind: Kind,
        validators: &Validators,
        pass: &Pass,
    ) -> Result<Result<Answer, Refusal>, Ended> {
        let asked = self.outside(self.web.get_with(url, kind, validators, pass)).await?;
        // Of our own network a proxy's answers say nothing.
        match &asked {
            _ if pass.proxy().is_some() => {}
            Ok(_) => self.outage.answered(),
            Err(refusal) => self.outage.failed_to(&host_key(url), refusal.outcome),
        }
        Ok(asked)
    }

    /// What requests for a feed carry. Secrets that the configuration itself holds are in no ledger.
    pub(crate) async fn feed_pass(&self, settings: &FeedConfig) -> Result<Pass, Refusal> {
        self.declared.get(&settings.url).unwrap_or(settings).pass().await
    }

    /// What requests for the pages of a feed carry: its credentials are not for them, its proxy is.
    pub(crate) async fn page_pass(&self, feed: &Witness) -> Result<Pass, Refusal> {
        let (Some(proxy), Ok(url)) = (&feed.proxy, Url::parse(&feed.url)) else {
            return Ok(Pass::default());
        };
        let declared = self.declared.get(&url).and_then(|settings| settings.proxy.clone());
        let proxy = Some(declared.unwrap_or_else(|| proxy.clone()));
        let settings = FeedConfig { proxy, ..FeedConfig::new(url) };
        Ok(settings.pass().await?.bare())
    }

    /// Whether this failure is no news about the host, because our own network seems to be away.
    pub(crate) fn is_cut_off(&self, refusal: &Refusal) -> bool {
        let by_network =
            matches!(refusal.outcome, Outcome::Dns | Outcome::Timeout | Outcome::Protocol);
        by_network && refusal.status.is_none() && self.outage.is_on()
    }

    /// Sends one event and waits for its receipt.
    pub(crate) async fn send(&self, event: Event<Article>) -> Result<Result<Signed, Lost>, Ended> {
        let (parcel, receipt) = Parcel::new(event);
        self.outside(self.parcels.send(parcel)).await?.map_err(|_| Ended::Closed)?;
        let signed = receipt.signed().await;
        if signed.is_err() {
            self.metrics.count(Counted::Lost);
        }
        Ok(signed)
    }

    /// Hands an entry to the shard of its article's host: by a function call, or through that
    /// shard's door. It is durable there before it is noted here.
    pub(crate) fn hand_over(&self, errand: &Errand, old: bool) -> Result<Sight, LedgerError> {
        let at = self.now_ms();
        let state = if old { EntryState::Known } else { EntryState::Pending };
        let shards = u16::try_from(self.doors.len()).unwrap_or(u16::MAX);
        let owner = &self.doors[usize::from(shard_of(&errand.host_key, shards).0)];
        let sight = if Arc::ptr_eq(owner, &self.door) {
            owner.list(errand, state, at)?
        } else {
            // A feed may change an entry's address: its guid is known here then, and not there.
            let rungs = errand.rungs();
            let known = |door: &Door| door.ledger.article_of(&rungs).map(|id| id.is_some());
            let elsewhere = known(&self.door)? && !known(owner)?;
            let sight = if elsewhere { Sight::Again } else { owner.list(errand, state, at)? };
            self.door.list(errand, EntryState::Forwarded, at)?;
            sight
        };
        if sight != Sight::Again {
            self.metrics.count(Counted::Seen);
        }
        match sight {
            Sight::New if old => self.metrics.count(Counted::KnownOld),
            Sight::New => owner.bell.notify_one(),
            Sight::Duplicate => self.metrics.count(Counted::Duplicate),
            Sight::Again => {}
        }
        Ok(sight)
    }

    /// Runs a parser with a note in the ledger around it, so that a body that ends the process is
    /// not parsed for ever.
    pub(crate) async fn parse<T>(
        &self,
        url: &Url,
        parser: impl AsyncFnOnce(Held) -> Result<T, Refusal>,
    ) -> Result<Result<T, Refusal>, LedgerError> {
        let key = url.to_string();
        if self.ledger().strikes(&key)? >= STRIKES {
            let message = "the process ended while parsing it, three times";
            return Ok(Err(Refusal::new(Outcome::Parse, message).again(Again::Never)));
        }
        let host_key = host_key(url);
        let place = Arc::clone(&self.parsers).acquire_owned().await;
        let place = place.expect("the parsers' places are never closed");
        self.ledger().apply(&Change::Noted { key: key.clone(), host_key, at: self.now_ms() })?;
        let held = Held { ledger: self.ledger().clone(), key, _place: place };
        Ok(parser(held).await)
    }

    /// A fraction that differs from feed to feed and from time to time.
    pub(crate) fn jitter(&self, key: &str) -> f64 {
        let hash = sha256_hex(format!("{key} {}", self.now_ms()).as_bytes());
        let word = u32::from_str_radix(&hash[..8], 16).unwrap_or(0);
        f64::from(word) / f64::from(u32::MAX)
    }
}

/// Milliseconds of Unix time as RFC 3339.
pub(crate) fn rfc3339(ms: i64) -> String {
    Timestamp::from_millisecond(ms).unwrap_or_default().to_string()
}
