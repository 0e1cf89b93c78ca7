//! The elements of a sitemap that say something, by their local names.
//!
//! Namespaces are wrong as often as right in the field (dead addresses, none at all, a prefix that
//! was never declared), and no two of the extensions need them to be told apart.

/// What an element is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Name {
    Image,
    Keywords,
    Language,
    Lastmod,
    Loc,
    News,
    Outlet,
    Publication,
    PublicationDate,
    Sitemap,
    Sitemapindex,
    Title,
    Url,
    Urlset,
    Video,
}

/// Local names, sorted.
const NAMES: [(&str, Name); 15] = [
    ("image", Name::Image),
    ("keywords", Name::Keywords),
    ("language", Name::Language),
    ("lastmod", Name::Lastmod),
    ("loc", Name::Loc),
    ("name", Name::Outlet),
    ("news", Name::News),
    ("publication", Name::Publication),
    ("publication_date", Name::PublicationDate),
    ("sitemap", Name::Sitemap),
    ("sitemapindex", Name::Sitemapindex),
    ("title", Name::Title),
    ("url", Name::Url),
    ("urlset", Name::Urlset),
    ("video", Name::Video),
];

impl Name {
    /// The element of a name as a document writes it, prefix or not, in any case.
    pub(crate) fn of(raw: &str) -> Option<Self> {
        let local = raw.rsplit(':').next().unwrap_or(raw);
        NAMES.iter().find(|(known, _)| known.eq_ignore_ascii_case(local)).map(|(_, name)| *name)
    }

    /// Whether its text is read.
    pub(crate) fn is_text(self) -> bool {
        matches!(
            self,
            Self::Keywords
                | Self::Language
                | Self::Lastmod
                | Self::Loc
                | Self::Outlet
                | Self::PublicationDate
                | Self::Title
        )
    }

    /// Whether it is what a list lists.
    pub(crate) fn is_item(self) -> bool {
        matches!(self, Self::Sitemap | Self::Url)
    }

    /// Whether it gives the names inside of it their meaning.
    pub(crate) fn is_group(self) -> bool {
        matches!(self, Self::Image | Self::News | Self::Video) || self.is_item()
    }
}

/// The group that a prefix names, for elements whose group was left out.
pub(crate) fn group_of_prefix(raw: &str) -> Option<Name> {
    let (prefix, _) = raw.split_once(':')?;
    match prefix.to_ascii_lowercase().as_str() {
        "image" => Some(Name::Image),
        "news" => Some(Name::News),
        "video" => Some(Name::Video),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_names_are_sorted() {
        assert!(NAMES.windows(2).all(|pair| pair[0].0 < pair[1].0));
    }

    #[test]
    fn a_prefix_does_not_matter_but_for_the_group() {
        assert_eq!(Name::of("n:News"), Some(Name::News));
        assert_eq!(Name::of("changefreq"), None);
        assert_eq!(group_of_prefix("news:title"), Some(Name::News));
    }
}
