//! What a sitemap says, as plain data: addresses, further sitemaps, and what was wrong with it.

pub use feed::Defect;
use serde::Serialize;

/// A sitemap that was read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Document {
    /// What it is.
    pub kind: Kind,
    /// The pages that it lists, in the order of the document.
    pub urls: Vec<Listed>,
    /// The sitemaps that it lists, in the order of the document.
    pub sitemaps: Vec<Child>,
    /// What was wrong with it, in the order of the document; what holds for the whole comes last.
    pub defects: Vec<Defect>,
}

/// What a sitemap is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Kind {
    /// A list of pages.
    Urlset,
    /// A list of sitemaps.
    Index,
    /// One address a line.
    Text,
    /// A feed in a sitemap's place.
    Feed,
}

/// A page that a sitemap lists.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Listed {
    /// Its address: absolute, otherwise as it stands in the document.
    pub loc: String,
    /// When it was changed: RFC 3339, or the bare date if that is all there is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lastmod: Option<String>,
    /// Why `lastmod` is not to be believed, if it is not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lastmod_untrusted: Option<Distrust>,
    /// What it says of the news on the page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub news: Option<Box<News>>,
    /// Addresses of its pictures, absolute.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub images: Vec<String>,
    /// Whether it is of another site than the sitemap and most of its other pages: advertisements
    /// of others come so.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub elsewhere: bool,
}

/// A sitemap that an index lists.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Child {
    /// Its address, as that of a page.
    pub loc: String,
    /// When it was changed, as that of a page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lastmod: Option<String>,
    /// Why `lastmod` is not to be believed, if it is not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lastmod_untrusted: Option<Distrust>,
}

/// What Google's extension for news says of a page.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct News {
    /// The headline.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// When it was published, in the form of `lastmod`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub publication_date: Option<String>,
    /// The name of the outlet.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The language as declared.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
    /// Keywords.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub keywords: Vec<String>,
}

/// Why a `lastmod` is no evidence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Distrust {
    /// All of the document have the same: the moment at which it was written.
    SameForAll,
    /// It has not come yet.
    Future,
}
