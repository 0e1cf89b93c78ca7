//! Finds where the feed begins in a document, or says what the document is instead.

use crate::error::FeedError;
use crate::lexer::{Lexer, Token};
use crate::names;
use crate::traces::traces;

/// The family of formats, which decides what an unprefixed name means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Family {
    /// RSS 0.9x and 2.0, and CDF.
    Rss,
    /// RSS 0.90, 1.0 and 1.1.
    Rdf,
    /// Atom 0.3 and 1.0.
    Atom,
}

/// Where the root stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Root {
    pub(crate) family: Family,
    /// The byte of its `<`.
    pub(crate) position: usize,
    /// Whether it is the root itself; otherwise the document begins inside of one.
    pub(crate) whole: bool,
    /// Whether only its traces tell that it is a feed's.
    pub(crate) damaged: bool,
}

/// Elements of junk before the root that are looked through.
const JUNK: usize = 1000;

/// The first tag that a feed begins with.
pub(crate) fn locate(text: &str) -> Result<Root, FeedError> {
    let mut lexer = Lexer::new(text, 0);
    let mut first = None;
    let mut seen = 0;
    loop {
        let position = lexer.at;
        let Some(token) = lexer.next("") else { break };
        let Token::Start { name, attributes, .. } = token else { continue };
        let local = names::local(name.rsplit(':').next().unwrap_or(name));
        let prefixed = name.contains(':');
        let found = |family, whole| Ok(Root { family, position, whole, damaged: false });
        match local.as_str() {
            "rss" => return found(Family::Rss, true),
            "rdf" if is_feed(text) => return found(Family::Rdf, true),
            "feed" => return found(Family::Atom, true),
            "channel" if !prefixed && names_rss11(&attributes) => return found(Family::Rdf, true),
            "channel" | "item" if !prefixed => return found(Family::Rss, false),
            "entry" => return found(Family::Atom, false),
            "html" | "urlset" | "sitemapindex" | "opml" | "svg" => {
                return Err(FeedError::NotAFeed { found: format!("<{local}>"), position });
            }
            "head" | "body" | "rdf" => {
                first.get_or_insert((local, position));
                break;
            }
            _ => {}
        }
        first.get_or_insert((local, position));
        seen += 1;
        if seen > JUNK {
            break;
        }
    }
    if let Some(root) = traces(text) {
        return Ok(root);
    }
    let (found, position) =
        first.map_or_else(|| ("text without a tag".to_owned(), 0), |(n, p)| (format!("<{n}>"), p));
    Err(FeedError::NotAFeed { found, position })
}

fn names_rss11(attributes: &[(&str, &str)]) -> bool {
    attributes.iter().any(|(_, value)| value.starts_with("http://purl.org/net/rss1.1"))
}

/// RDF carries many things; a feed has a channel or items.
pub(crate) fn is_feed(text: &str) -> bool {
    if ["purl.org/rss", "netscape.com/rdf", "purl.org/net/rss"]
        .iter()
        .any(|known| text.contains(known))
    {
        return true;
    }
    ["channel", "item", "Channel"].iter().any(|name| {
        text.match_indices(name)
            .any(|(at, _)| text[..at].ends_with('<') || text[..at].ends_with(':'))
    })
}
