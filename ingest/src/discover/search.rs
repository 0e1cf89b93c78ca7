//! The asking half: fetches a page, reads each candidate with the feed reader, and stops at a
//! bound.

use std::collections::{HashMap, HashSet, VecDeque};

use article::clock::Clock;
use article::url_key::url_key;
use extract::Links;
use http::header;
use url::Url;

use super::verdict::{self, Verdict};
use super::{Candidate, Via, guesses, leads};
use crate::fetch::{Answer, Fetcher, Got, Kind};
use crate::ledger::Validators;
use crate::outcome::{Outcome, Refusal};
use crate::read;

/// Most requests of one search, robots.txt apart.
const REQUESTS: usize = 24;
/// Most of them for pages that may list feeds.
const PAGES: usize = 3;
/// Most of them for guesses; they are made only where nothing was promised.
const GUESSES: usize = 12;
/// Most sitemaps that are named.
const SITEMAPS: usize = 50;
/// What a repetition of a better feed loses, so that another section stands before it.
const REPEATED: i32 = 50;

/// What a search found.
#[derive(Clone, Debug)]
pub struct Discovery {
    /// The address that answered.
    pub page: Url,
    /// The page's title; none where the address is itself a feed.
    pub title: Option<String>,
    /// Feeds that were read, the best first.
    pub feeds: Vec<Found>,
    /// Candidates that turned out to be none, or were not had.
    pub rejected: Vec<Rejected>,
    /// Candidates that were not tried, because the bound was reached.
    pub untried: Vec<Candidate>,
    /// Sitemaps that robots.txt names; they are not read.
    pub sitemaps: Vec<Url>,
    /// Requests made, robots.txt apart.
    pub requests: usize,
}

/// A feed that was read.
#[derive(Clone, Debug)]
pub struct Found {
    /// Its address: where it was moved to for good, or the candidate's.
    pub url: Url,
    /// How it came up.
    pub via: Via,
    /// What the link to it calls it.
    pub link_title: Option<String>,
    /// What it turned out to be.
    pub verdict: Verdict,
    /// The more, the likelier it is what is looked for.
    pub rank: i32,
    /// Why it is where it is in the list.
    pub reasons: Vec<String>,
}

/// A candidate that is no feed, or was not had.
#[derive(Clone, Debug)]
pub struct Rejected {
    /// Its address.
    pub url: Url,
    /// How it came up.
    pub via: Via,
    /// Why not.
    pub refusal: Refusal,
}

struct Search<'a> {
    fetcher: &'a Fetcher,
    clock: &'a Clock,
    found: Discovery,
    asked: HashSet<Url>,
}

/// Looks for the feeds of a site. An error says why the address itself was not had.
pub async fn search(fetcher: &Fetcher, clock: &Clock, start: &Url) -> Result<Discovery, Refusal> {
    let found = Discovery {
        page: start.clone(),
        title: None,
        feeds: Vec::new(),
        rejected: Vec::new(),
        untried: Vec::new(),
        sitemaps: Vec::new(),
        requests: 0,
    };
    let mut search = Search { fetcher, clock, found, asked: HashSet::new() };
    let mut start = start.clone();
    start.set_fragment(None);
    search.run(&start).await?;
    Ok(search.found)
}

impl Search<'_> {
    async fn run(&mut self, start: &Url) -> Result<(), Refusal> {
        let got = match self.get(start, Kind::Page).await {
            Ok(got) => got,
            // Some platforms refuse their pages to programs, and not their feeds.
            Err(refusal) => {
                self.try_all(super::leads(start, &Links::default(), []).feeds).await;
                self.order();
                return if self.found.feeds.is_empty() { Err(refusal) } else { Ok(()) };
            }
        };
        self.found.page = got.url.clone();
        self.asked.insert(got.url.clone());
        match self.read(start, &got).await {
            Ok(verdict) => {
                let reasons = vec!["the address is itself a feed".to_owned()];
                let url = got.moved.clone().unwrap_or_else(|| start.clone());
                let candidate = Candidate {
                    url: start.clone(),
                    via: Via::Address,
                    title: None,
                    rank: Via::Address.rank(),
                    reasons,
                };
                self.keep(candidate, url, verdict);
                return Ok(());
            }
            // A document of a feed's kind that holds nothing is said to be empty, not searched.
            Err(refusal) if refusal.outcome == Outcome::Empty => return Err(refusal),
            Err(_) => {}
        }
        let links = links_of(&got).await?;
        self.found.title.clone_from(&links.title);
        let header = link_headers(&got);
        let mut leads = leads(&got.url, &links, header.iter().map(String::as_str));
        if got.url != *start {
            // A platform may send visitors elsewhere; its rules go by what was asked for.
            let asked = super::leads(start, &Links::default(), []);
            leads.feeds.extend(asked.feeds);
        }
        self.try_all(leads.feeds).await;
        if self.found.feeds.is_empty() || leads.pages.iter().any(super::signs::says_feed) {
            self.lists(leads.pages).await;
        }
        if self.found.feeds.is_empty() {
            let mut guessed = guesses(&got.url, links.generator.as_deref());
            if links.generator.is_some() {
                guessed.extend(guesses(&got.url, None));
            }
            guessed.truncate(GUESSES);
            self.guess(guessed).await;
        }
        let mut sitemaps = self.fetcher.sitemaps(&got.url).await;
        sitemaps.truncate(SITEMAPS);
        self.found.sitemaps = sitemaps;
        self.order();
        Ok(())
    }

    /// Pages about feeds, nearest first: newspapers list those of their sections on one.
    async fn lists(&mut self, pages: Vec<Url>) {
        let mut pages: VecDeque<Url> = pages.into();
        let mut read = 0;
        while read < PAGES && self.found.requests < REQUESTS {
            let Some(page) = pages.pop_front() else { return };
            if !self.asked.insert(page.clone()) {
                continue;
            }
            read += 1;
            let Ok(got) = self.get(&page, Kind::Page).await else { continue };
            if let Ok(verdict) = self.read(&page, &got).await {
                let candidate = Candidate {
                    url: page.clone(),
                    via: Via::Linked,
                    title: None,
                    rank: Via::Linked.rank(),
                    reasons: vec!["the page links to it".to_owned()],
                };
                self.keep(candidate, page, verdict);
                continue;
            }
            let Ok(links) = links_of(&got).await else { continue };
            let header = link_headers(&got);
            let mut listed = leads(&got.url, &links, header.iter().map(String::as_str));
            for candidate in &mut listed.feeds {
                candidate.rank += Via::ListOfFeeds.rank() - candidate.via.rank();
                candidate.via = Via::ListOfFeeds;
                let shown = article::escape::url(got.url.as_str());
                candidate.reasons.insert(0, format!("it is listed on {shown}"));
            }
            self.try_all(listed.feeds).await;
        }
    }

    async fn guess(&mut self, guessed: Vec<Candidate>) {
        for candidate in guessed {
            // One that is there is enough: guesses are for sites that forgot to declare it.
            if !self.found.feeds.is_empty() || self.found.requests >= REQUESTS {
                return;
            }
            self.try_one(candidate).await;
        }
    }

    async fn try_all(&mut self, candidates: Vec<Candidate>) {
        for candidate in candidates {
            if self.asked.contains(&candidate.url) {
                continue;
            }
            if self.found.requests >= REQUESTS {
                if !self.found.untried.iter().any(|known| known.url == candidate.url) {
                    self.found.untried.push(candidate);
                }
            } else {
                self.try_one(candidate).await;
            }
        }
    }

    async fn try_one(&mut self, candidate: Candidate) {
        if !self.asked.insert(candidate.url.clone()) {
            return;
        }
        let url = candidate.url.clone();
        let read = match self.get(&url, Kind::Feed).await {
            Ok(got) => {
                let read = self.read(&url, &got).await;
                read.map(|verdict| (got.moved.clone().unwrap_or_else(|| url.clone()), verdict))
            }
            Err(refusal) => Err(refusal),
        };
        match read {
            Ok((url, verdict)) => self.keep(candidate, url, verdict),
            Err(refusal) => {
                self.found.rejected.push(Rejected { url, via: candidate.via, refusal });
            }
        }
    }

    fn keep(&mut self, candidate: Candidate, url: Url, verdict: Verdict) {
        let key = url_key(&url);
        if self
            .found
            .feeds
            .iter()
            .any(|known| url_key(&known.url) == key && known.url.query() == url.query())
        {
            return;
        }
        let mut reasons = candidate.reasons;
        reasons.extend(verdict.reasons.iter().cloned());
        let rank = candidate.rank + verdict.weight;
        let (via, link_title) = (candidate.via, candidate.title);
        self.found.feeds.push(Found { url, via, link_title, verdict, rank, reasons });
    }

    /// The best first; what repeats a better one goes below those that do not.
    fn order(&mut self) {
        let feeds = &mut self.found.feeds;
        feeds.sort_by_key(|found| -found.rank);
        let mut repeated: HashMap<usize, String> = HashMap::new();
        for (at, found) in feeds.iter().enumerate() {
            let earlier = feeds[..at].iter().enumerate();
            let first = earlier
                .filter(|(place, _)| !repeated.contains_key(place))
                .find(|(_, better)| found.verdict.repeats(&better.verdict));
            if let Some((_, better)) = first {
                repeated.insert(at, article::escape::url(better.url.as_str()));
            }
        }
        for (at, better) in repeated {
            feeds[at].rank -= REPEATED;
            feeds[at].reasons.push(format!("it has the same stories as {better}"));
        }
        feeds.sort_by_key(|found| -found.rank);
    }

    async fn get(&mut self, url: &Url, kind: Kind) -> Result<Box<Got>, Refusal> {
        self.found.requests += 1;
        match self.fetcher.get(url, kind, &Validators::default()).await? {
            Answer::Got(got) => Ok(got),
            Answer::Refused(refusal, _) => Err(refusal),
            Answer::NotModified(_) => {
                Err(Refusal::new(Outcome::Protocol, "304 without being asked"))
            }
        }
    }

    async fn read(&self, asked: &Url, got: &Got) -> Result<Verdict, Refusal> {
        let kind = got.header(&header::CONTENT_TYPE).map(str::to_owned);
        let listing =
            read::feed_document((), got.body.clone(), kind, got.url.clone(), self.clock.now())
                .await?;
        let site = if self.found.page == got.url { asked } else { &self.found.page };
        Ok(verdict::judge(&listing.document, &got.url, site, self.clock.now()))
    }
}

async fn links_of(got: &Got) -> Result<Links, Refusal> {
    let kind = got.header(&header::CONTENT_TYPE).map(str::to_owned);
    read::links(got.body.clone(), kind, got.url.clone()).await
}

fn link_headers(got: &Got) -> Vec<String> {
    let values = got.headers.get_all(header::LINK).iter();
    values.filter_map(|value| value.to_str().ok()).map(str::to_owned).collect()
}
