//! Two listed pages may be one article: a page's canonical address says so, where it is to be
//! believed. Templates declare a section's address on every page, so an article that differs in
//! title and date is one of its own: a duplicate is better than a loss.

use article::Article;
use article::id::Identity;
use article::shard::host_key;
use article::text::fold_space;
use url::Url;

use crate::errand::Errand;
use crate::ledger::{EntryState, LedgerError, Pending};
use crate::room::Room;

/// What is known of another page of the same article.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Twin {
    /// There is none, or none that was or will be had.
    None,
    /// It is still to be fetched, and has not failed.
    Awaited,
    /// The journal holds the article by this id.
    Held(String),
}

/// The canonical address as a key, where it may name an article of this shard: a front page names
/// none, though some templates declare it on every page.
pub(crate) fn canonical(errand: &Errand, article: &Article) -> Option<String> {
    let url = Url::parse(article.canonical_url.as_deref()?).ok()?;
    if url.path().trim_matches('/').is_empty() && url.query().is_none() {
        return None;
    }
    if host_key(&url) != errand.host_key {
        return None;
    }
    Identity { canonical: Some(&url), ..Identity::default() }.rungs().into_iter().next()
}

/// Looks for the article that is known by a page's canonical address.
pub(crate) fn of(room: &Room, pending: &Pending, rung: &str) -> Result<Twin, LedgerError> {
    let ledger = room.ledger();
    let Some(other) = ledger.article_of(&[rung.to_owned()])? else { return Ok(Twin::None) };
    if other == pending.id {
        return Ok(Twin::None);
    }
    if ledger.errand(&other)?.is_some_and(|other| apart(&pending.errand, &other)) {
        return Ok(Twin::None);
    }
    Ok(match ledger.known(&other)? {
        Some(known) if known.state == EntryState::Settled => Twin::Held(other),
        Some(known) if known.state == EntryState::Pending && known.attempts == 0 => Twin::Awaited,
        _ => Twin::None,
    })
}

/// Whether two entries are two articles, whatever their pages say: one feed lists both, under two
/// ids, or they differ in title and date.
fn apart(one: &Errand, other: &Errand) -> bool {
    fn differ<T: PartialEq>(one: Option<T>, other: Option<T>) -> bool {
        matches!((one, other), (Some(one), Some(other)) if one != other)
    }
    let title =
        |errand: &Errand| errand.entry.title.as_deref().map(|t| fold_space(t).to_lowercase());
    let (a, b) = (&one.entry, &other.entry);
    let two_ids = one.feed.url == other.feed.url && differ(a.guid.as_ref(), b.guid.as_ref());
    let two_stories =
        differ(title(one), title(other)) && differ(a.published.as_ref(), b.published.as_ref());
    two_ids || two_stories
}
