//! Pages that answer 200 and are no article: a challenge, a consent wall, a "not found", a shell
//! that a script would fill. They are named, never recorded.

use std::fmt;

use scraper::{Html, Selector};

/// A text longer than this, in scalars, is an article whatever stands around it.
const SHORT: usize = 600;

/// What stands where the article should be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Block {
    /// The visitor shall prove something first.
    Challenge,
    /// The visitor shall agree to something first.
    ConsentWall,
    /// "Not found", with a status that says otherwise.
    SoftNotFound,
    /// A script would bring the text.
    EmptyShell,
}

impl fmt::Display for Block {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Challenge => "a challenge page",
            Self::ConsentWall => "a consent wall",
            Self::SoftNotFound => "a page that says not found",
            Self::EmptyShell => "a shell that a script would fill",
        })
    }
}

/// Beginnings of titles, in lower case, and what a page so titled is where it holds little text.
const TITLES: &[(&str, Block)] = &[
    ("403 forbidden", Block::Challenge),
    ("404", Block::SoftNotFound),
    ("access denied", Block::Challenge),
    ("access to this page has been denied", Block::Challenge),
    ("are you a robot", Block::Challenge),
    ("attention required! | cloudflare", Block::Challenge),
    ("before you continue", Block::ConsentWall),
    ("checking your browser", Block::Challenge),
    ("ddos-guard", Block::Challenge),
    ("error 404", Block::SoftNotFound),
    ("human verification", Block::Challenge),
    ("just a moment...", Block::Challenge),
    ("not found", Block::SoftNotFound),
    ("page not found", Block::SoftNotFound),
    ("pardon our interruption", Block::Challenge),
    ("please verify you are a human", Block::Challenge),
    ("request unsuccessful", Block::Challenge),
    ("robot check", Block::Challenge),
    ("robot or human", Block::Challenge),
    ("security check", Block::Challenge),
    ("sucuri website firewall", Block::Challenge),
    ("verify you are human", Block::Challenge),
    ("we value your privacy", Block::ConsentWall),
    ("your privacy choices", Block::ConsentWall),
    ("पृष्ठ नहीं मिला", Block::SoftNotFound),
    ("পাতাটি খুঁজে পাওয়া যায়নি", Block::SoftNotFound),
    ("পৃষ্ঠাটি খুঁজে পাওয়া যায়নি", Block::SoftNotFound),
];

/// Elements that only a challenge or a wall has; an article's page may have the parts of one, so
/// little text must stand beside them.
const ELEMENTS: &[(&str, Block)] = &[
    (
        "#challenge-form, #challenge-running, #cf-challenge-running, .cf-browser-verification",
        Block::Challenge,
    ),
    ("#px-captcha, #captcha-form, #sec-if-cpt-container, #ddg-challenge", Block::Challenge),
    ("script[src*='captcha-delivery.com'], script[src*='/_Incapsula_Resource']", Block::Challenge),
    (
        "form[action*='//consent.'], form[action^='/consent'], form[action*='collectConsent']",
        Block::ConsentWall,
    ),
];

/// Where scripts put an application's text.
const ROOTS: &str = "#root:empty, #app:empty, #__next:empty, #__nuxt:empty, app-root:empty";

/// What stands in the article's place, where that can be told. `title` is the page's own, and
/// `body` the text that was found.
pub(crate) fn classify(html: &Html, title: Option<&str>, body: &str) -> Option<Block> {
    if body.chars().count() > SHORT {
        return None;
    }
    let title = title.unwrap_or_default().trim().to_lowercase();
    let by_title = TITLES.iter().find(|(start, _)| title.starts_with(start));
    let has = |selector: &str| {
        Selector::parse(selector).is_ok_and(|selector| html.select(&selector).next().is_some())
    };
    let by_element = || ELEMENTS.iter().find(|(selector, _)| has(selector));
    let found = by_title.or_else(by_element).map(|(_, block)| *block);
    found.or_else(|| (body.is_empty() && has(ROOTS)).then_some(Block::EmptyShell))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn classified(page: &str, title: &str, body: &str) -> Option<Block> {
        classify(&Html::parse_document(page), Some(title), body)
    }

    #[test]
    fn every_selector_can_be_read_and_titles_are_sorted() {
        for selector in ELEMENTS.iter().map(|(selector, _)| *selector).chain([ROOTS]) {
            assert!(Selector::parse(selector).is_ok(), "{selector}");
        }
        assert!(TITLES.is_sorted_by_key(|(title, _)| *title));
    }

    #[test]
    fn what_is_no_article_is_named() {
        let wait = "Please wait while we check the connection.";
        assert_eq!(classified("", "Just a moment...", wait), Some(Block::Challenge));
        let form = "<form id=challenge-form action=/x></form>";
        assert_eq!(classified(form, "example.com", wait), Some(Block::Challenge));
        let consent = "<form action='https://consent.example.com/save'></form>";
        assert_eq!(classified(consent, "Example", "Cookies."), Some(Block::ConsentWall));
        assert_eq!(classified("", "404 - Page Not Found", "Oops."), Some(Block::SoftNotFound));
        assert_eq!(classified("<div id=root></div>", "Daily", ""), Some(Block::EmptyShell));
    }

    #[test]
    fn an_article_about_it_is_an_article() {
        let text = "The firewall asks visitors to prove that they are human. ".repeat(20);
        assert_eq!(classified("<div id=px-captcha></div>", "Security check fails", &text), None);
        assert_eq!(classified("", "Rain in Dhaka", "A short note."), None);
    }
}
