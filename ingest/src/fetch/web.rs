//! What can be asked for a document: the web itself, or an origin in process, for simulations.

use std::pin::Pin;

use url::Url;

use super::client::{Answer, Fetcher, Kind};
use crate::access::Pass;
use crate::ledger::Validators;
use crate::outcome::Refusal;

/// A future that gives a document or says why not.
type Asked<'a> = Pin<Box<dyn Future<Output = Result<Answer, Refusal>> + Send + 'a>>;

/// What can be asked for a document.
pub trait Web: Send + Sync {
    /// Gets a document. Redirects were followed, and the answer is bounded in bytes and time.
    fn get<'a>(&'a self, url: &'a Url, kind: Kind, validators: &'a Validators) -> Asked<'a>;

    /// The same with a feed's credentials or through its proxy. An origin in process has neither.
    fn get_with<'a>(
        &'a self,
        url: &'a Url,
        kind: Kind,
        validators: &'a Validators,
        _pass: &'a Pass,
    ) -> Asked<'a> {
        self.get(url, kind, validators)
    }
}

impl Web for Fetcher {
    fn get<'a>(&'a self, url: &'a Url, kind: Kind, validators: &'a Validators) -> Asked<'a> {
        Box::pin(Fetcher::get(self, url, kind, validators))
    }

    fn get_with<'a>(
        &'a self,
        url: &'a Url,
        kind: Kind,
        validators: &'a Validators,
        pass: &'a Pass,
    ) -> Asked<'a> {
        Box::pin(Fetcher::get_with(self, url, kind, validators, pass))
    }
}
