//! Cuts a text into tags and what stands between them, whatever the text is: it never fails.
//!
//! Each byte is looked at a bounded number of times, so that no input costs more than its length.

use crate::defect::Fault;
use crate::section;

/// Longest distance between the quotes of an attribute.
const VALUE_BYTES: usize = 64 * 1024;
/// Attributes of a tag that are kept.
const ATTRIBUTES: usize = 256;
/// Longest name of an element or attribute.
const NAME_BYTES: usize = 256;
/// What opens a CDATA section.
const SECTION: &str = "<![CDATA[";
/// What opens a comment.
const COMMENT: &str = "<!--";

/// A piece of the document.
#[derive(Debug)]
pub enum Token<'a> {
    /// Text with references in it.
    Text(&'a str),
    /// The inside of a CDATA section: text without references.
    Raw(&'a str),
    /// A start tag.
    Start {
        /// Its name, with its prefix.
        name: &'a str,
        /// Names and values, with references in them.
        attributes: Vec<(&'a str, &'a str)>,
        /// Whether it is its own end tag.
        closed: bool,
    },
    /// An end tag.
    End(&'a str),
    /// A document type with all that it declares.
    Doctype(&'a str),
    /// A comment, instruction, or what is worth nothing.
    Aside,
}

/// Where cutting has come to.
pub struct Lexer<'a> {
    text: &'a str,
    /// The byte that is read next.
    pub at: usize,
    /// What was wrong with the piece that was read last.
    pub(crate) faults: Vec<Fault>,
    double: Last,
    single: Last,
    section: Last,
    comment: Last,
    instruction: Last,
    /// The next `]]>`, if it was looked for.
    section_end: usize,
    /// The next `-->`, if it was looked for.
    comment_end: usize,
    /// A document type whose brackets do not close was met; no other is looked through.
    unclosed_subset: bool,
}

/// The last place at which something stands, looked for once and only where it is asked for.
struct Last {
    what: &'static str,
    /// One more than the place, so that zero stands for none.
    found: Option<usize>,
}

impl Last {
    const fn of(what: &'static str) -> Self {
        Self { what, found: None }
    }

    fn is_after(&mut self, text: &str, at: usize) -> bool {
        let what = self.what;
        *self.found.get_or_insert_with(|| text.rfind(what).map_or(0, |at| at + 1)) > at
    }
}

impl<'a> Lexer<'a> {
    /// Begins at a byte of a text.
    pub fn new(text: &'a str, at: usize) -> Self {
        Self {
            text,
            at,
            faults: Vec::new(),
            double: Last::of("\""),
            single: Last::of("'"),
            section: Last::of("]]>"),
            comment: Last::of("-->"),
            instruction: Last::of("?>"),
            section_end: 0,
            comment_end: 0,
            unclosed_subset: false,
        }
    }

    /// The next piece; `parent` is the name of the element it stands in, as the document wrote it.
    pub fn next(&mut self, parent: &str) -> Option<Token<'a>> {
        self.faults.clear();
        let rest = &self.text[self.at..];
        if rest.is_empty() {
            return None;
        }
        let Some(markup) = next_markup(rest) else {
            self.at = self.text.len();
            return Some(Token::Text(rest));
        };
        if markup > 0 {
            self.at += markup;
            return Some(Token::Text(&rest[..markup]));
        }
        Some(match rest.as_bytes().get(1) {
            Some(b'/') => self.end(rest),
            Some(b'!') => self.declaration(rest, parent),
            Some(b'?') => {
                let closes = self.instruction.is_after(self.text, self.at);
                let end = closes.then(|| window(rest, 512).find("?>")).flatten().map(|end| end + 2);
                let end = end.or_else(|| rest.find('>').map(|end| end + 1));
                self.at += end.unwrap_or(rest.len());
                Token::Aside
            }
            _ => self.start(rest),
        })
    }

    fn end(&mut self, rest: &'a str) -> Token<'a> {
        let name = name_at(&rest[2..]);
        let tail = &rest[2 + name.len()..];
        let stop = tail.find(['>', '<']).unwrap_or(tail.len());
        let close = usize::from(tail[stop..].starts_with('>'));
        if close == 0 {
            self.faults.push(Fault::UnterminatedTag);
        }
        self.at += 2 + name.len() + stop + close;
        Token::End(name)
    }

    fn declaration(&mut self, rest: &'a str, parent: &str) -> Token<'a> {
        let bytes = rest.as_bytes();
        let opens = bytes.get(..SECTION.len());
        if opens.is_some_and(|head| head.eq_ignore_ascii_case(SECTION.as_bytes())) {
            return self.section(&rest[SECTION.len()..], parent);
        }
        if let Some(inside) = rest.strip_prefix(COMMENT) {
            let end = self.comment(inside);
            if end.is_none() {
                self.faults.push(Fault::UnterminatedComment);
            }
            self.at += COMMENT.len() + end.unwrap_or(0);
            return Token::Aside;
        }
        let reach = if self.unclosed_subset { 0 } else { VALUE_BYTES };
        if let Some(end) = section::declaration_end(&bytes[..bytes.len().min(reach)]) {
            self.at += end;
            let is_type =
                bytes.get(..9).is_some_and(|head| head.eq_ignore_ascii_case(b"<!DOCTYPE"));
            return if is_type { Token::Doctype(&rest[..end]) } else { Token::Aside };
        }
        self.unclosed_subset = true;
        self.faults.push(Fault::UnterminatedDoctype);
        self.at += rest.find('>').map_or(rest.len(), |at| at + 1);
        Token::Aside
    }

    /// How much of `inside` a comment takes up; nothing where its end was lost.
    fn comment(&mut self, inside: &str) -> Option<usize> {
        let from = self.at + COMMENT.len();
        if self.comment_end < from {
            if !self.comment.is_after(self.text, from) {
                return None;
            }
            self.comment_end = from + inside.find("-->")?;
        }
        let reach = &inside[..self.comment_end - from];
        // Another start inside, or an item that ends here but began outside: this is the end of
        // a later comment.
        let lost = reach.contains(COMMENT) || section::cuts_an_item(reach);
        (!lost).then_some(reach.len() + 3)
    }

    /// A CDATA section; one whose end was lost stops where its element or its item does.
    fn section(&mut self, inside: &'a str, parent: &str) -> Token<'a> {
        let from = self.at + SECTION.len();
        if self.section_end < from && self.section.is_after(self.text, from) {
            self.section_end = from + inside.find("]]>").unwrap_or(inside.len());
        }
        let end = self.section_end.checked_sub(from);
        let reach = &inside[..end.unwrap_or(inside.len())];
        self.at += SECTION.len();
        let suspicious = end.is_none() || reach.contains(SECTION);
        if section::is_out_of_place(parent) {
            if suspicious || section::cuts_an_item(reach) {
                self.faults.push(Fault::UnterminatedCdata);
                return Token::Aside;
            }
        } else if suspicious {
            self.faults.push(Fault::UnterminatedCdata);
            let stop = section::lost_end(reach, parent);
            if let Some(stop) = stop.or_else(|| end.is_none().then_some(inside.len())) {
                self.at += stop;
                return Token::Raw(&inside[..stop]);
            }
        }
        self.at += reach.len() + 3;
        Token::Raw(reach)
    }

    fn start(&mut self, rest: &'a str) -> Token<'a> {
        let name = name_at(&rest[1..]);
        let bytes = rest.as_bytes();
        let mut attributes = Vec::new();
        let mut at = 1 + name.len();
        let mut closed = false;
        loop {
            match bytes.get(at) {
                None | Some(b'<') => {
                    self.faults.push(Fault::UnterminatedTag);
                    break;
                }
                Some(b'>') => {
                    at += 1;
                    break;
                }
                Some(b'/') => {
                    closed = true;
                    at += 1;
                    continue;
                }
                Some(byte) if byte.is_ascii_whitespace() => {
                    at += 1;
                    continue;
                }
                Some(_) => {}
            }
            closed = false;
            let key_end =
                rest[at..].find(|c: char| c.is_ascii_whitespace() || "=></\"'".contains(c));
            let key_end = at + key_end.unwrap_or(rest.len() - at);
            if key_end == at {
                at += 1;
                continue;
            }
            let key = &rest[at..key_end];
            at = skip_space(bytes, key_end);
            if bytes.get(at) != Some(&b'=') {
                self.faults.push(Fault::UnquotedAttribute);
                continue;
            }
            at = skip_space(bytes, at + 1);
            let (value, next) = self.value(rest, at);
            at = next;
            let fits = value.len() <= VALUE_BYTES && key.len() <= NAME_BYTES;
            if attributes.len() < ATTRIBUTES && fits {
                attributes.push((key, value));
            } else {
                self.faults.push(Fault::TooLong);
            }
        }
        self.at += at;
        // A tag full of faults is one defect of each kind.
        self.faults.dedup();
        Token::Start { name, attributes, closed }
    }

    /// The value that starts at `at`, and where reading goes on.
    fn value(&mut self, rest: &'a str, at: usize) -> (&'a str, usize) {
        let tail = &rest[at..];
        let last = match tail.as_bytes().first() {
            Some(b'"') => &mut self.double,
            Some(b'\'') => &mut self.single,
            _ => {
                self.faults.push(Fault::UnquotedAttribute);
                let end = tail.find(|c: char| c.is_ascii_whitespace() || c == '>' || c == '<');
                let end = end.unwrap_or(tail.len());
                let closes = tail[..end].ends_with('/') && tail[end..].starts_with('>');
                let end = if closes { end - 1 } else { end };
                return (&tail[..end], at + end);
            }
        };
        let quote = last.what;
        let closes = last.is_after(self.text, self.at + at + 1);
        let end = closes.then(|| tail[1..].find(quote)).flatten();
        let value = &tail[1..=end.unwrap_or(tail.len() - 1)];
        // A quote that was lost: the value runs over the end of its tag into the next one.
        if end.is_none() || runs_over(value) {
            self.faults.push(Fault::MissingQuote);
            let stop = value.find(['>', '<']).unwrap_or(value.len());
            return (&value[..stop], at + 1 + stop);
        }
        (value, at + value.len() + 2)
    }
}

fn runs_over(value: &str) -> bool {
    value.match_indices('>').take(8).any(|(at, _)| {
        let after = value[at + 1..].trim_start();
        after.starts_with('<')
            && after[1..].starts_with(|c: char| c.is_ascii_alphabetic() || c == '/' || c == '!')
    })
}

fn skip_space(bytes: &[u8], from: usize) -> usize {
    bytes[from..]
        .iter()
        .position(|byte| !byte.is_ascii_whitespace())
        .map_or(bytes.len(), |at| from + at)
}

fn window(text: &str, limit: usize) -> &str {
    &text[..text.floor_char_boundary(limit)]
}

/// The name at the start of a text.
fn name_at(text: &str) -> &str {
    let text = window(text, NAME_BYTES);
    let end = text.find(|c: char| c.is_whitespace() || c.is_control() || "<>/=\"'&;".contains(c));
    &text[..end.unwrap_or(text.len())]
}

/// The next `<` that opens something.
fn next_markup(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    text.match_indices('<').map(|(at, _)| at).find(|at| match bytes.get(at + 1) {
        Some(b'!' | b'?' | b'_' | b':') => true,
        Some(b'/') => {
            bytes.get(at + 2).is_some_and(|b| b.is_ascii_alphabetic() || b"_:>".contains(b))
        }
        Some(byte) => byte.is_ascii_alphabetic(),
        None => false,
    })
}
