//! One page, read: the body and the fields around it, or why there is no article.

use article::record::{Author, Image, ProvenanceMap, Rights, SyndicatedFrom};
use serde::Serialize;
use thiserror::Error;
use url::Url;

use crate::block::{self, Block};
use crate::metadata::Sources;
use crate::{body, decode, jsonld, tree};

/// Largest page that is read, in bytes; the fetcher's own bound is lower.
const BYTES: usize = 16 << 20;

/// An article as its page gives it; names and meanings are the record's.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[expect(missing_docs, reason = "the fields are those of article::record::Article")]
pub struct Page {
    pub headline: Option<String>,
    pub alternative_headline: Option<String>,
    pub description: Option<String>,
    pub article_body: String,
    pub declared_language: Option<String>,
    pub date_published: Option<String>,
    pub date_modified: Option<String>,
    pub author: Vec<Author>,
    pub image: Vec<Image>,
    pub keywords: Vec<String>,
    pub article_section: Option<String>,
    pub is_accessible_for_free: Option<bool>,
    pub publisher: Option<String>,
    pub canonical_url: Option<String>,
    pub alternate_urls: Vec<String>,
    pub syndicated_from: Vec<SyndicatedFrom>,
    pub rights: Rights,
    pub charset: Option<String>,
    pub provenance: ProvenanceMap,
}

/// Why a page gives no article.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ExtractError {
    /// More bytes than are read.
    #[error("the page has {0} bytes, at most {BYTES} are read")]
    TooLarge(usize),
    /// No article text was found.
    #[error("no article text in {0} bytes of page")]
    Empty(usize),
    /// Something else stands in the article's place.
    #[error("{block}, titled {title:?}")]
    Blocked {
        /// What.
        block: Block,
        /// The page's title.
        title: String,
    },
}

/// Reads a page. The address resolves links and bounds what the page may claim; the content type
/// is the HTTP header's value.
pub fn read(
    bytes: &[u8],
    content_type: Option<&str>,
    url: Option<&Url>,
) -> Result<Page, ExtractError> {
    if bytes.len() > BYTES {
        return Err(ExtractError::TooLarge(bytes.len()));
    }
    let (text, charset) = decode::decode(bytes, content_type);
    let html = tree::parse(&text);
    let objects = jsonld::articles(&html);
    let mut page = Page { charset: Some(charset.to_owned()), ..Page::default() };
    Sources::new(&html, &objects, url).fill(&mut page);
    page.article_body = body::read(&html, page.headline.as_deref()).join("\n\n");
    let title = page.headline.as_deref();
    if let Some(block) = block::classify(&html, title, &page.article_body) {
        let title = article::escape::one_line(title.unwrap_or_default());
        return Err(ExtractError::Blocked { block, title });
    }
    if page.article_body.is_empty() {
        return Err(ExtractError::Empty(bytes.len()));
    }
    Ok(page)
}

#[cfg(test)]
mod tests {
    use super::*;

    const BENGALI: &str = r#"<html lang="bn"><head><title>নদীতে সেতু চালু | প্রভাত</title>
        <meta property="og:site_name" content="প্রভাত"><link rel="canonical" href="https://evil.example/x">
        <script type="application/ld+json">{"@type":"NewsArticle","headline":"নদীতে সেতু চালু",
        "datePublished":"2026-03-07T06:30:00+06:00","author":{"@type":"Person","name":"By রহিমা খাতুন"}}</script></head>
        <body><nav><a href="/">প্রচ্ছদ</a></nav><article><h1>নদীতে সেতু চালু হলো আজ</h1>
        <p>দীর্ঘ অপেক্ষার পর আজ সকালে নদীর ওপর নির্মিত নতুন সেতুটি যানবাহনের জন্য খুলে দেওয়া হয়েছে।</p>
        <p>স্থানীয় বাসিন্দারা জানান, এখন শহরে যেতে তাঁদের আগের চেয়ে এক ঘণ্টা কম সময় লাগবে।</p></article>
        <footer>সর্বস্বত্ব সংরক্ষিত</footer></body></html>"#;

    #[test]
    fn a_bengali_page_gives_text_date_and_author() {
        let url = Url::parse("https://prabhat.example/a/1").expect("a url");
        let page = read(BENGALI.as_bytes(), None, Some(&url)).expect("an article");
        assert!(page.article_body.starts_with("দীর্ঘ অপেক্ষার"), "{}", page.article_body);
        assert!(!page.article_body.contains("প্রচ্ছদ"));
        assert_eq!(page.date_published.as_deref(), Some("2026-03-07T06:30:00+06:00"));
        assert_eq!(page.author[0].name, "রহিমা খাতুন");
        assert_eq!(page.headline.as_deref(), Some("নদীতে সেতু চালু হলো আজ"));
        assert_eq!(page.canonical_url, None, "a page may not claim another site");
    }

    #[test]
    fn a_challenge_is_no_article() {
        let page = "<title>Just a moment...</title><p>Checking that the connection is secure, please wait here.";
        let error = read(page.as_bytes(), None, None).expect_err("no article");
        assert!(matches!(error, ExtractError::Blocked { block: Block::Challenge, .. }), "{error}");
    }

    proptest::proptest! {
        #[test]
        fn no_bytes_panic(bytes in proptest::collection::vec(0_u8.., 0..300)) {
            let _ = read(&bytes, None, None);
        }
    }
}
