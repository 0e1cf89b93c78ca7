//! robots.txt by RFC 9309: what a file says to an agent, and what it means that none was had.
//!
//! The door to the crate `robotxt`. One [`RobotsFile`] answers the service and `khobor filter
//! robots` alike.

use std::sync::Arc;
use std::time::Duration;

use robotxt::Robots;
use url::Url;

use super::client::Answer;
use crate::outcome::{Again, Outcome, Refusal};

/// So many bytes of a file are read (RFC 9309 asks for at least 500 KiB); the line that this cuts
/// is no rule, so one byte more is fetched to see whether it is cut.
pub(super) const BYTES: usize = robotxt::BYTE_LIMIT + 1;
/// RFC 9309 lets a file be kept for 24 hours.
const KEPT: Duration = Duration::from_hours(24);
/// How soon a file that could not be had is asked for again.
const RETRY: Duration = Duration::from_mins(5);

/// What a robots.txt says to one agent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RobotsFile(Arc<Robots>);

impl RobotsFile {
    /// Reads what a file says to the agent of this product token, in whatever case; the groups for
    /// it are one, those for `*` hold where there are none.
    pub fn read(body: &[u8], agent: &str) -> Self {
        Self(Arc::new(Robots::parse(body, agent)))
    }

    fn allow_all() -> Self {
        Self(Arc::new(Robots::allow_all()))
    }

    /// Whether the agent may ask for an address of the file's own origin: the longest rule that
    /// matches decides, and of two as long the one that allows.
    pub fn allows(&self, url: &Url) -> bool {
        self.0.is_url_allowed(url)
    }

    /// How far apart the agent's requests should be.
    pub fn crawl_delay(&self) -> Option<Duration> {
        self.0.crawl_delay()
    }

    /// The sitemaps that the file names, whomever it names them to.
    pub fn sitemaps(&self) -> &[Url] {
        self.0.sitemaps()
    }
}

/// What robots.txt of an origin comes to.
#[derive(Clone)]
pub(super) enum Rules {
    /// It was read, or there is none.
    Read(RobotsFile),
    /// The origin could not say: nothing may be asked for now.
    Unknown(Refusal),
}

/// Where the file of an address's origin stands.
pub(super) fn address(url: &Url) -> Url {
    let fallback = || {
        let mut robots = url.clone();
        robots.set_path("/robots.txt");
        robots.set_query(None);
        robots.set_fragment(None);
        robots
    };
    robotxt::robots_url(url).unwrap_or_else(|_| fallback())
}

/// What came of asking for the file, and for how long that holds.
///
/// | the answer | means | RFC 9309 |
/// |---|---|---|
/// | 2xx, after at most five redirects to any host | the first 500 KiB of it hold, for a day | 2.3.1.1, 2.4, 2.5 |
/// | more redirects, or one that leads nowhere | no file: all is allowed, for a day | 2.3.1.2 |
/// | 4xx but 429 | no file: all is allowed, for a day | 2.3.1.3 |
/// | 5xx, 429, no answer, a broken or forbidden one | nothing may be asked for, until it was tried again | 2.3.1.4 |
///
/// A 429 is no statement about the file: the host is busy, and to go on would be rude; the RFC's
/// "may" leaves that to us. That a file which was unreachable for a month may count as missing is
/// not made use of: each try asks again, and the feed's health says why nothing comes.
pub(super) fn judge(asked: Result<Answer, Refusal>, agent: &str) -> (Rules, Duration) {
    match asked {
        Ok(Answer::Got(got)) => (Rules::Read(RobotsFile::read(&got.body, agent)), KEPT),
        Ok(Answer::Refused(refusal, _)) if is_missing(refusal.status) => {
            (Rules::Read(RobotsFile::allow_all()), KEPT)
        }
        Err(refusal) if refusal.outcome == Outcome::Redirect => {
            (Rules::Read(RobotsFile::allow_all()), KEPT)
        }
        // It was asked for without a condition, so this says nothing.
        Ok(Answer::NotModified(_)) => {
            unknown(Refusal::new(Outcome::Status, "answered 304 to no condition"))
        }
        Ok(Answer::Refused(refusal, _)) => {
            unknown(Refusal { outcome: Outcome::Blocked, ..refusal })
        }
        // The document itself would fail the same way, and its own name says more.
        Err(refusal) => unknown(refusal),
    }
}

fn is_missing(status: Option<u16>) -> bool {
    status.is_some_and(|status| (400..500).contains(&status) && status != 429)
}

fn unknown(refusal: Refusal) -> (Rules, Duration) {
    let Refusal { outcome, message, status, again } = refusal;
    let message = format!("robots.txt could not be had: {message}");
    let hold = match again {
        Again::After(wait) => wait.clamp(RETRY, KEPT),
        Again::Later | Again::Never => RETRY,
    };
    let refusal = Refusal { outcome, message, status, again: Again::After(hold) };
    (Rules::Unknown(refusal), hold)
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderMap;

    fn url(path: &str) -> Url {
        Url::parse("https://me:pw@example.com/").unwrap().join(path).unwrap()
    }

    fn refused(status: u16, again: Again) -> Answer {
        let refusal = Refusal::new(Outcome::Status, "refused").with_status(status).again(again);
        Answer::Refused(refusal, HeaderMap::new())
    }

    fn allows(rules: &Rules) -> bool {
        matches!(rules, Rules::Read(file) if file.allows(&url("/a")))
    }

    #[test]
    fn groups_of_one_agent_are_one_and_the_longest_rule_decides() {
        let file = RobotsFile::read(
            b"Sitemap: https://example.com/news.xml\nUser-agent: other\nUser-agent: Khobor\nDisallow: /\nCrawl-delay: 2.5\n\
              User-agent: *\nAllow: /\n\nuser-agent: KHOBOR\nAllow: /news/*.html$\n",
            "khobor",
        );
        assert!(file.allows(&url("/news/a.html")) && !file.allows(&url("/news/a.html?b")));
        assert!(!file.allows(&url("/else")));
        assert_eq!(file.crawl_delay(), Some(Duration::from_millis(2500)));
        assert_eq!(file.sitemaps(), [url("https://example.com/news.xml")]);
    }

    #[test]
    fn a_missing_file_allows_all_and_one_that_cannot_be_had_nothing() {
        for status in [400, 401, 403, 404, 410, 451] {
            let (rules, hold) = judge(Ok(refused(status, Again::Later)), "khobor");
            assert!(allows(&rules) && hold == KEPT, "{status}");
        }
        for status in [429, 500, 502, 503, 599] {
            let (rules, hold) = judge(Ok(refused(status, Again::Later)), "khobor");
            assert!(!allows(&rules) && hold == RETRY, "{status}");
        }
        for (outcome, allowed) in [
            (Outcome::Redirect, true),
            (Outcome::Timeout, false),
            (Outcome::Dns, false),
            (Outcome::Tls, false),
            (Outcome::Blocked, false),
        ] {
            let (rules, _) = judge(Err(Refusal::new(outcome, "no answer")), "khobor");
            assert_eq!(allows(&rules), allowed, "{outcome:?}");
        }
    }

    #[test]
    fn a_busy_host_says_when_its_file_is_asked_for_again() {
        let wait = Duration::from_hours(2);
        let (rules, hold) = judge(Ok(refused(503, Again::After(wait))), "khobor");
        assert_eq!(hold, wait);
        assert!(matches!(rules, Rules::Unknown(refusal) if refusal.again == Again::After(wait)));
    }

    #[test]
    fn a_rule_that_the_cap_cuts_is_no_rule() {
        let mut body = b"User-agent: *\nDisallow: /\n".to_vec();
        body.resize(BYTES - 1 - b"\nAllow: /a".len(), b'#');
        body.extend(b"\nAllow: /abc");
        body.truncate(BYTES);
        assert!(!RobotsFile::read(&body, "khobor").allows(&url("/a")));
    }

    #[test]
    fn the_file_stands_at_the_root_of_the_origin() {
        assert_eq!(address(&url("/a/b?c#d")).as_str(), "https://example.com/robots.txt");
    }
}
