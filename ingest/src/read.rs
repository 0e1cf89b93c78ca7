//! From bytes to what they say: the parsers behind `catch_unwind` on a blocking thread, and what
//! page and feed say of an article put together.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

use article::Article;
use article::escape;
use article::record::{
    Author, Completeness, Discovery, FeedSource, Fetch, Image, Provenance, SyndicatedFrom,
};
use jiff::Timestamp;
use url::Url;

use crate::errand::{Errand, Said, Witness};
use crate::fetch::Got;
use crate::listing::{self, Listing};
use crate::outcome::{Again, Outcome, Refusal};
use crate::plain::{field, plain};

/// How long a parser may keep a visit waiting; the parsers' own caps are well below.
const PARSE_TIME: Duration = Duration::from_secs(20);
/// Most authors, and most keywords, that are taken from a feed's entry.
const MOST_NAMES: usize = 50;
/// The shortest text of a feed that is worth an article of its own, in scalars.
const ENOUGH_TEXT: usize = 100;

/// Reads a feed's document, or that of a sitemap in a feed's place. `held` is let go when the parser
/// is done, though nobody may wait for it any more.
pub(crate) async fn feed_document(
    held: impl Send + 'static,
    body: Vec<u8>,
    content_type: Option<String>,
    url: Url,
    now: Timestamp,
) -> Result<Listing, Refusal> {
    parse(held, move || listing::read(&body, content_type.as_deref(), &url, now)).await?
}

/// Reads an article's page. A page without any text is refused as empty. `held` is let go when the
/// parser is done.
pub(crate) async fn page(
    held: impl Send + 'static,
    body: Vec<u8>,
    content_type: Option<String>,
    url: Url,
) -> Result<extract::Page, Refusal> {
    let read = move || extract::read(&body, content_type.as_deref(), Some(&url));
    match parse(held, read).await? {
        Ok(page) if page.article_body.trim().is_empty() => {
            Err(Refusal::new(Outcome::Empty, "the page holds no article"))
        }
        Ok(page) => Ok(page),
        Err(error) => Err(Refusal::new(outcome_of(&error), error.to_string())),
    }
}

fn outcome_of(error: &extract::ExtractError) -> Outcome {
    use extract::{Block, ExtractError};
    match error {
        ExtractError::TooLarge(_) => Outcome::TooLarge,
        ExtractError::Blocked { block: Block::Challenge | Block::ConsentWall, .. } => {
            Outcome::Blocked
        }
        ExtractError::Blocked { block: Block::SoftNotFound, .. } => Outcome::Status,
        ExtractError::Empty(_) | ExtractError::Blocked { block: Block::EmptyShell, .. } => {
            Outcome::Empty
        }
    }
}

/// Reads what a page points at.
pub(crate) async fn links(
    body: Vec<u8>,
    content_type: Option<String>,
    url: Url,
) -> Result<extract::Links, Refusal> {
    parse((), move || extract::links(&body, content_type.as_deref(), &url)).await
}

async fn parse<T: Send + 'static>(
    held: impl Send + 'static,
    read: impl FnOnce() -> T + Send + 'static,
) -> Result<T, Refusal> {
    let caught = tokio::task::spawn_blocking(move || {
        let read = catch_unwind(AssertUnwindSafe(read));
        drop(held);
        read
    });
    let panicked = || Refusal::new(Outcome::Parse, "panic in the parser").again(Again::Never);
    match tokio::time::timeout(PARSE_TIME, caught).await {
        Ok(Ok(Ok(read))) => Ok(read),
        Ok(_) => Err(panicked()),
        Err(_) => Err(Refusal::new(Outcome::Parse, "the parser took too long")),
    }
}

/// What a feed says of an entry, as an errand; it has no address where the link is no web address.
pub(crate) fn errand(entry: feed::Entry, witness: &Witness, feed: &Url, seen_at: &str) -> Errand {
    let url = entry.link.as_deref().and_then(|link| Url::parse(link).ok());
    let url = url.filter(|url| matches!(url.scheme(), "http" | "https"));
    let host_key = Errand::host_key_of(url.as_ref(), feed);
    let mut images = entry.thumbnails;
    images.extend(entry.media.into_iter().filter(|address| is_image(address)));
    images.dedup();
    images.truncate(20);
    let entry = Said {
        guid: entry.id,
        title: entry.title,
        summary: entry.summary,
        content: entry.content,
        authors: entry.authors,
        published: entry.published,
        updated: entry.updated,
        categories: entry.categories,
        images,
        language: entry.language,
        source: entry.source.map(|source| (Some(source.name), source.url)),
    };
    Errand { feed: witness.clone(), entry, url, host_key, seen_at: seen_at.to_owned() }
}

fn is_image(address: &str) -> bool {
    let path = address.split(['?', '#']).next().unwrap_or_default().to_ascii_lowercase();
    [".jpg", ".jpeg", ".png", ".webp", ".gif", ".avif"].iter().any(|end| path.ends_with(end))
}

/// The article of a page, with what the feed knows beside.
pub(crate) fn article(
    id: &str,
    errand: &Errand,
    page: extract::Page,
    got: &Got,
    at: Timestamp,
) -> Article {
    let fetch = Fetch {
        requested_url: errand
            .url
            .as_ref()
            .map(|url| escape::without_credentials(url.as_str()))
            .unwrap_or_default(),
        final_url: got.url.to_string(),
        status: got.status,
        fetched_at: at.to_string(),
        charset: page.charset,
        bytes: got.body.len() as u64,
        etag: got.header(&http::header::ETAG).map(str::to_owned),
    };
    let article = Article {
        canonical_url: page.canonical_url,
        alternate_urls: page.alternate_urls,
        headline: page.headline,
        alternative_headline: page.alternative_headline,
        description: page.description,
        article_body: page.article_body,
        declared_language: page.declared_language,
        date_published: page.date_published,
        date_modified: page.date_modified,
        author: page.author,
        image: page.image,
        keywords: page.keywords,
        article_section: page.article_section,
        is_accessible_for_free: page.is_accessible_for_free,
        publisher: page.publisher,
        syndicated_from: page.syndicated_from,
        rights: page.rights,
        provenance: page.provenance,
        fetch: Some(fetch),
        ..Article::default()
    };
    witness(id, errand, article)
}

/// The article that the feed's own text makes, where there is enough of it.
pub(crate) fn feed_article(id: &str, errand: &Errand) -> Option<Article> {
    let said = &errand.entry;
    let html = [&said.content, &said.summary].into_iter().flatten().max_by_key(|t| t.len())?;
    let body = plain(html);
    if body.chars().count() < ENOUGH_TEXT || said.title.is_none() {
        return None;
    }
    let mut article =
        Article { article_body: body, completeness: Completeness::FeedOnly, ..Article::default() };
    article.provenance.insert("articleBody".to_owned(), from_feed("content"));
    Some(witness(id, errand, article))
}

/// Fills what the page left open with what the feed said.
fn witness(id: &str, errand: &Errand, mut article: Article) -> Article {
    let said = &errand.entry;
    let fill = |field: &mut Option<String>, name: &str, value: Option<String>| {
        let value = value.filter(|value| !value.trim().is_empty());
        if field.is_none() && value.is_some() {
            *field = value;
            Some((name.to_owned(), from_feed(name)))
        } else {
            None
        }
    };
    let filled = [
        fill(&mut article.headline, "headline", said.title.as_deref().map(field)),
        fill(&mut article.date_published, "datePublished", said.published.clone()),
        fill(&mut article.date_modified, "dateModified", said.updated.clone()),
        fill(&mut article.description, "description", said.summary.as_deref().map(field)),
        fill(&mut article.declared_language, "declaredLanguage", said.language.clone()),
    ];
    article.provenance.extend(filled.into_iter().flatten());
    if article.author.is_empty() && !said.authors.is_empty() {
        article.author = said
            .authors
            .iter()
            .take(MOST_NAMES)
            .map(|name| Author { name: field(name), ..Author::default() })
            .collect();
        article.provenance.insert("author".to_owned(), from_feed("authors"));
    }
    if article.image.is_empty() && !said.images.is_empty() {
        let image = |url: &String| Image { url: url.clone(), ..Image::default() };
        article.image = said.images.iter().map(image).collect();
        article.provenance.insert("image".to_owned(), from_feed("media"));
    }
    if article.keywords.is_empty() && !said.categories.is_empty() {
        article.keywords =
            said.categories.iter().take(MOST_NAMES).map(|word| field(word)).collect();
        article.provenance.insert("keywords".to_owned(), from_feed("categories"));
    }
    if let Some((name, url)) = &said.source {
        let origin = SyndicatedFrom { name: name.clone(), url: url.clone() };
        let known = article.syndicated_from.iter().any(|known| known.name == origin.name);
        if !known && origin.url.as_deref() != Some(errand.feed.url.as_str()) {
            article.syndicated_from.push(origin);
        }
    }
    id.clone_into(&mut article.id);
    let feed = escape::without_credentials(&errand.feed.url);
    article.url = errand
        .url
        .as_ref()
        .map_or_else(|| feed.clone(), |url| escape::without_credentials(url.as_str()));
    article.feed = FeedSource {
        url: Some(feed.clone()),
        title: errand.feed.title.clone(),
        language: errand.feed.language.clone(),
    };
    article.labels.clone_from(&errand.feed.labels);
    article.date_first_seen = Some(errand.seen_at.clone());
    article.discovery.push(Discovery {
        via: if errand.feed.is_sitemap { "sitemap" } else { "feed" }.to_owned(),
        url: feed,
        seen_at: errand.seen_at.clone(),
    });
    article
}

fn from_feed(selector: &str) -> Provenance {
    Provenance {
        method: "feed".to_owned(),
        selector: Some(selector.to_owned()),
        ..Provenance::default()
    }
}
