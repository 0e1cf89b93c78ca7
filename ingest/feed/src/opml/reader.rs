//! Reads a feed list, whatever was done to it.

use url::Url;

use super::{BYTES, DEPTH, Fault, KNOWN, OUTLINES, Opml, OpmlError, Outline};
use crate::defect::Defects;
use crate::lexer::{Lexer, Token};
use crate::{decode, escape};

/// Longest address that is taken over, in bytes.
const ADDRESS: usize = 4096;
/// Most attributes of an outline that are taken over.
const ATTRIBUTES: usize = 32;
/// Most faults that are told one by one; a list with more is not worth reading line by line.
const FAULTS: usize = 200;
/// Types of an outline whose `url` means the feed: some programs never learned of `xmlUrl`.
const FEED_TYPES: &[&str] = &["atom", "feed", "rdf", "rss"];

/// Reads a feed list.
pub fn read(bytes: &[u8]) -> Result<Opml, OpmlError> {
    if bytes.len() > BYTES {
        return Err(OpmlError::TooLarge(bytes.len()));
    }
    let text = decode::decode(bytes, None, &mut Defects::default());
    let text: &str = &text;
    let mut walk = Walk { text, balance: balance(text), ..Walk::default() };
    walk.run();
    if !walk.is_opml {
        return Err(OpmlError::NotOpml);
    }
    Ok(walk.opml)
}

/// Outlines that are opened, less those that are closed.
fn balance(text: &str) -> i64 {
    let mut lexer = Lexer::new(text, 0);
    let mut balance = 0;
    while let Some(token) = lexer.next("") {
        match token {
            Token::Start { name, closed: false, .. } if is(name, "outline") => balance += 1,
            Token::End(name) if is(name, "outline") => balance -= 1,
            _ => {}
        }
    }
    balance
}

fn is(name: &str, wanted: &str) -> bool {
    name.rsplit(':').next().unwrap_or(name).eq_ignore_ascii_case(wanted)
}

#[derive(Default)]
struct Walk<'a> {
    text: &'a str,
    balance: i64,
    opml: Opml,
    is_opml: bool,
    /// The names of the open outlines; none for one that is no folder.
    open: Vec<Option<String>>,
    seen: usize,
    /// Lines up to a byte that was asked for.
    counted: (usize, usize),
}

impl<'a> Walk<'a> {
    fn run(&mut self) {
        let mut lexer = Lexer::new(self.text, 0);
        let mut in_title = false;
        let mut after_closed_feed = false;
        loop {
            let position = lexer.at;
            let Some(token) = lexer.next("") else { return };
            match token {
                Token::Start { name, attributes, closed } if is(name, "outline") => {
                    self.is_opml = true;
                    if self.seen == OUTLINES {
                        let what = format!("more than {OUTLINES} outlines; the rest is left out");
                        self.fault(position, what);
                        return;
                    }
                    self.seen += 1;
                    let is_feed = self.outline(position, &attributes, closed);
                    after_closed_feed = is_feed && closed;
                    continue;
                }
                Token::End(name) if is(name, "outline") => {
                    // `<outline …/></outline>`: the second end is one too many.
                    if after_closed_feed && self.balance < 0 {
                        self.balance += 1;
                    } else {
                        self.open.pop();
                    }
                }
                Token::Start { name, .. } => {
                    self.is_opml |= is(name, "opml");
                    in_title = is(name, "title") && self.opml.title.is_none();
                }
                Token::End(_) => in_title = false,
                Token::Text(text) if in_title => self.opml.title = Some(value(text)),
                Token::Raw(text) if in_title => self.opml.title = Some(plain(text)),
                Token::Text(text) if text.trim().is_empty() => continue,
                Token::Text(_) | Token::Raw(_) | Token::Aside | Token::Doctype(_) => {}
            }
            after_closed_feed = false;
        }
    }

    /// Takes an outline in; answers whether it is a feed.
    fn outline(&mut self, position: usize, raw: &[(&'a str, &'a str)], closed: bool) -> bool {
        let mut attributes = attributes(raw);
        let name = ["text", "title"]
            .iter()
            .find_map(|name| get(&attributes, name))
            .map(|name| name.trim().to_owned())
            .filter(|name| !name.is_empty());
        let kind = get(&attributes, "type").unwrap_or_default().to_ascii_lowercase();
        let by_type = FEED_TYPES.contains(&kind.as_str());
        let address = get(&attributes, "xmlUrl")
            .or_else(|| get(&attributes, "url").filter(|_| by_type))
            .map(str::to_owned)
            .filter(|address| !address.trim().is_empty());
        let shown = name.clone().unwrap_or_else(|| "without a name".to_owned());
        let Some(address) = address else {
            if by_type || get(&attributes, "htmlUrl").is_some() {
                self.fault(position, format!("outline {shown:?} has no address of a feed"));
            }
            if !closed {
                self.open.push(name);
            }
            return false;
        };
        if let Some(url) = read_address(&address) {
            attributes.retain(|(name, _)| name != "xmlUrl" && (name != "url" || !by_type));
            let folder = self.open.iter().flatten().take(DEPTH).cloned().collect();
            self.opml.outlines.push(Outline { url, folder, attributes });
        } else {
            let what = format!("outline {shown:?}: {address:?} is no address of the web");
            self.fault(position, what);
        }
        // More outlines are opened than closed: those of feeds lack their ends, not those of
        // folders, since nobody writes folders by hand.
        if !closed && self.balance > 0 {
            self.balance -= 1;
        } else if !closed {
            self.open.push(None);
        }
        true
    }

    fn fault(&mut self, position: usize, what: String) {
        let (at, lines) = self.counted;
        let lines = lines + self.text[at..position].matches('\n').count();
        self.counted = (position, lines);
        if self.opml.faults.len() < FAULTS {
            self.opml.faults.push(Fault { line: lines + 1, what });
        }
    }
}

fn get<'b>(attributes: &'b [(String, String)], name: &str) -> Option<&'b str> {
    attributes.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
}

/// The attributes by their usual names; of two with one name the first counts.
fn attributes(raw: &[(&str, &str)]) -> Vec<(String, String)> {
    let mut found: Vec<(String, String)> = Vec::new();
    for (name, text) in raw {
        let known = KNOWN.iter().find(|known| known.eq_ignore_ascii_case(name));
        let name = known.map_or(*name, |known| *known);
        let is_name = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
            && name.chars().all(|c| c.is_ascii_alphanumeric() || "_-.:".contains(c))
            && name.matches(':').count() < 2
            && !name.ends_with(':')
            && !name.starts_with("xmlns");
        if is_name && found.len() < ATTRIBUTES && get(&found, name).is_none() {
            found.push((name.to_owned(), value(text)));
        }
    }
    found
}

/// A text with its references resolved.
fn value(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let (character, length) = escape::reference(rest).unwrap_or(('&', 1));
        out.push(character);
        rest = &rest[length..];
    }
    out.push_str(rest);
    plain(&out)
}

/// One line, without what XML forbids.
fn plain(text: &str) -> String {
    let text: String = text
        .chars()
        .map(|c| if c.is_whitespace() { ' ' } else { c })
        .filter(|c| !escape::is_forbidden(*c))
        .collect();
    text.trim().to_owned()
}

/// An address of the web: `feed:` in front of it is taken away, a missing scheme is added.
fn read_address(text: &str) -> Option<Url> {
    // Lists that went through two programs are escaped twice.
    let text = text.trim().replace("&amp;", "&");
    if text.len() > ADDRESS {
        return None;
    }
    let lower = text.get(..5).map(str::to_ascii_lowercase);
    let text = match lower.as_deref() {
        Some("feed:") if text[5..].starts_with("//") => format!("http:{}", &text[5..]),
        Some("feed:") => text[5..].to_owned(),
        _ => text,
    };
    let url = match Url::parse(&text) {
        Err(url::ParseError::RelativeUrlWithoutBase) => {
            let host = text.split('/').find(|part| !part.is_empty())?;
            let is_host = host.contains('.') && !host.starts_with('.') && !host.contains(' ');
            let text = text.trim_start_matches('/');
            is_host.then(|| Url::parse(&format!("http://{text}")).ok()).flatten()?
        }
        other => other.ok()?,
    };
    let is_web = matches!(url.scheme(), "http" | "https") && url.host_str().is_some();
    is_web.then_some(url)
}
