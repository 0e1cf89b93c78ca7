//! Words that classes and ids say of what an element holds; sorted tables.

/// Elements that never hold a part of the article.
pub(crate) const DROPPED_TAGS: &[&str] = &[
    "aside",
    "audio",
    "button",
    "canvas",
    "dialog",
    "embed",
    "fieldset",
    "figcaption",
    "footer",
    "form",
    "iframe",
    "input",
    "label",
    "link",
    "map",
    "menu",
    "meta",
    "nav",
    "noscript",
    "object",
    "option",
    "script",
    "select",
    "style",
    "svg",
    "template",
    "textarea",
    "video",
];

/// Parts of a class or id that name furniture: matched against whole words of it.
const FURNITURE: &[&str] = &[
    "ad",
    "ads",
    "advert",
    "advertisement",
    "author",
    "authors",
    "banner",
    "bio",
    "breadcrumb",
    "breadcrumbs",
    "byline",
    "caption",
    "comment",
    "comments",
    "cookie",
    "copyright",
    "credit",
    "credits",
    "dateline",
    "disclaimer",
    "disqus",
    "donate",
    "donation",
    "follow",
    "footer",
    "footnote",
    "gallery",
    "hidden",
    "keywords",
    "legal",
    "login",
    "masthead",
    "menu",
    "meta",
    "metadata",
    "modal",
    "more",
    "most",
    "nav",
    "navbar",
    "navigation",
    "newsletter",
    "notice",
    "outbrain",
    "pagination",
    "paywall",
    "player",
    "popular",
    "popup",
    "print",
    "promo",
    "promotion",
    "published",
    "rating",
    "readmore",
    "recirc",
    "recommend",
    "recommended",
    "related",
    "reply",
    "screen-reader",
    "share",
    "shares",
    "sharing",
    "sidebar",
    "signup",
    "skip",
    "slideshow",
    "social",
    "sponsor",
    "sponsored",
    "subscribe",
    "subscription",
    "taboola",
    "tag",
    "taglist",
    "tags",
    "teaser",
    "teasers",
    "timestamp",
    "toc",
    "toolbar",
    "tooltip",
    "topics",
    "trending",
    "widget",
];

/// Parts of a class or id that name the article's own text.
const TEXT: &[&str] = &[
    "article",
    "articlebody",
    "body",
    "content",
    "entry",
    "maincontent",
    "post",
    "story",
    "storybody",
    "text",
];

/// Beginnings of lines that invite instead of telling; compared in lower case.
pub(crate) const INVITATIONS: &[&str] = &[
    "advertisement",
    "also read",
    "click here",
    "follow us",
    "image:",
    "lesen sie auch",
    "photo:",
    "picture:",
    "read also",
    "read more",
    "read next",
    "related:",
    "see also",
    "share this",
    "sign up",
    "subscribe",
    "watch:",
    "আরও পড়ুন",
    "আরো পড়ুন",
];

/// Whether class and id say that an element is furniture.
pub(crate) fn is_furniture(names: &str) -> bool {
    words(names).any(|word| FURNITURE.binary_search(&word.as_str()).is_ok())
        && !words(names)
            .any(|word| matches!(word.as_str(), "articlebody" | "storybody" | "content"))
}

/// Whether class and id say that an element holds text.
pub(crate) fn is_text(names: &str) -> bool {
    words(names).any(|word| TEXT.binary_search(&word.as_str()).is_ok())
}

/// Words of a class or id, split at separators and at capitals.
fn words(names: &str) -> impl Iterator<Item = String> + '_ {
    names.split(|c: char| !c.is_ascii_alphanumeric()).filter(|part| !part.is_empty()).flat_map(
        |part| {
            let whole = part.to_ascii_lowercase();
            let mut pieces = vec![whole];
            let mut from = 0;
            for (at, c) in part.char_indices().skip(1) {
                if c.is_ascii_uppercase() {
                    pieces.push(part[from..at].to_ascii_lowercase());
                    from = at;
                }
            }
            if from > 0 {
                pieces.push(part[from..].to_ascii_lowercase());
            }
            pieces
        },
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tables_are_sorted() {
        assert!(FURNITURE.is_sorted() && TEXT.is_sorted() && DROPPED_TAGS.is_sorted());
    }

    #[test]
    fn a_word_counts_and_a_part_of_one_does_not() {
        assert!(is_furniture("c-share_bar"));
        assert!(is_furniture("relatedLinks"));
        assert!(!is_furniture("shareholder"));
    }
}
