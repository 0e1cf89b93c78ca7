//! One listed thing while it is read.

use url::Url;

use crate::address::address;
use crate::document::{Child, Listed, News};
use crate::lastmod;
use crate::names::Name;

/// Longest headline or keyword list, in scalars.
const TEXT: usize = 2000;
/// Most pictures of a page (Google).
const IMAGES: usize = 1000;
/// Most keywords of a page.
const KEYWORDS: usize = 100;

/// A `url` or a `sitemap` while it is read.
#[derive(Debug)]
pub(crate) struct Item {
    /// Which of the two.
    pub(crate) name: Name,
    /// Where it begins.
    pub(crate) position: usize,
    loc: Option<String>,
    lastmod: Option<String>,
    news: Option<Box<News>>,
    images: Vec<String>,
}

impl Item {
    pub(crate) fn new(name: Name, position: usize) -> Self {
        Self { name, position, loc: None, lastmod: None, news: None, images: Vec::new() }
    }

    pub(crate) fn has_loc(&self) -> bool {
        self.loc.is_some()
    }

    /// Takes the text of an element; answers what is wrong with it.
    pub(crate) fn take(
        &mut self,
        group: Name,
        name: Name,
        text: &str,
        base: Option<&Url>,
    ) -> Option<&'static str> {
        if text.trim().is_empty() {
            return None;
        }
        match (group, name) {
            (Name::Url | Name::Sitemap, Name::Loc) => {
                self.loc = address(text, base);
                return self.loc.is_none().then_some("a loc that is no web address");
            }
            (Name::Url | Name::Sitemap, Name::Lastmod) => {
                self.lastmod = lastmod::read(text);
                return self.lastmod.is_none().then_some("a lastmod that is no date");
            }
            (Name::Image, Name::Loc) if self.images.len() < IMAGES => {
                self.images.extend(address(text, base));
            }
            (Name::News, _) => return self.take_news(name, text),
            _ => {}
        }
        None
    }

    fn take_news(&mut self, name: Name, text: &str) -> Option<&'static str> {
        let news = self.news.get_or_insert_default();
        match name {
            Name::Title => news.title = clean(text),
            Name::Outlet => news.name = clean(text),
            Name::Language => news.language = clean(text),
            Name::Keywords => news.keywords = keywords(text),
            Name::PublicationDate => {
                news.publication_date = lastmod::read(text);
                if news.publication_date.is_none() {
                    return Some("a publication_date that is no date");
                }
            }
            _ => {}
        }
        None
    }

    /// The page, if it has an address.
    pub(crate) fn page(self) -> Option<Listed> {
        let Self { loc, lastmod, news, images, .. } = self;
        let loc = loc?;
        let news = news.filter(|news| **news != News::default());
        Some(Listed { loc, lastmod, news, images, ..Listed::default() })
    }

    /// The sitemap, if it has an address.
    pub(crate) fn child(self) -> Option<Child> {
        let Self { loc, lastmod, .. } = self;
        Some(Child { loc: loc?, lastmod, lastmod_untrusted: None })
    }
}

/// Text as the record holds it, on one line.
pub(crate) fn clean(text: &str) -> Option<String> {
    let text = article::text::clean(&article::text::fold_space(text));
    let text = article::text::cut(&text, TEXT).to_owned();
    Some(text).filter(|text| !text.is_empty())
}

fn keywords(text: &str) -> Vec<String> {
    text.split([',', '،', '、', ';']).filter_map(clean).take(KEYWORDS).collect()
}
