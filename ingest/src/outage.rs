//! Whether it is our own network that is away: when one host after the other fails and none
//! answers, that is no news about the hosts (Miniflux #2150).

use std::collections::HashSet;
use std::sync::{Mutex, PoisonError};

use tracing::warn;

use crate::outcome::Outcome;

/// So many different hosts fail, and none answers between, before it is our own network. Where a
/// tenth of all hosts is dead, five in a row are chance once in a hundred thousand requests.
const HOSTS: usize = 5;

/// What the last requests say of our own network; all shards share it.
#[derive(Debug, Default)]
pub(crate) struct Outage {
    /// Hosts that failed since one answered, at most [`HOSTS`].
    failed: Mutex<HashSet<String>>,
}

impl Outage {
    /// A host answered, however.
    pub(crate) fn answered(&self) {
        let mut failed = self.failed();
        if failed.len() >= HOSTS {
            warn!("a host answers again: failures count again");
        }
        failed.clear();
    }

    /// A host could not be talked to, or was refused before anybody was asked.
    pub(crate) fn failed_to(&self, host_key: &str, outcome: Outcome) {
        if !matches!(outcome, Outcome::Dns | Outcome::Timeout | Outcome::Protocol) {
            return;
        }
        let mut failed = self.failed();
        if failed.len() < HOSTS && failed.insert(host_key.to_owned()) && failed.len() == HOSTS {
            warn!(
                hosts = HOSTS,
                "one host after the other fails and none answers: is our own network away? \
                 failures are not counted until one answers"
            );
        }
    }

    /// Whether our own network seems to be away.
    pub(crate) fn is_on(&self) -> bool {
        self.failed().len() >= HOSTS
    }

    fn failed(&self) -> std::sync::MutexGuard<'_, HashSet<String>> {
        self.failed.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_takes_several_hosts_in_a_row_and_one_answer_ends_it() {
        let outage = Outage::default();
        for host in ["a", "b", "c", "d", "d", "d"] {
            outage.failed_to(host, Outcome::Dns);
        }
        outage.failed_to("e", Outcome::Status);
        assert!(!outage.is_on());
        outage.failed_to("e", Outcome::Timeout);
        assert!(outage.is_on());
        outage.answered();
        assert!(!outage.is_on());
    }
}
