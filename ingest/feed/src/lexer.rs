//! Cuts a text into tags and what stands between them, whatever the text is: it never fails.
//!
//! Each byte is looked at a bounded number of times, so that no input costs more than its length.

/// Longest distance between the quotes of an attribute.
const VALUE_BYTES: usize = 64 * 1024;
/// Attributes of a tag that are kept.
const ATTRIBUTES: usize = 256;

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
    /// A comment, declaration, instruction or document type.
    Aside,
}

/// Where cutting has come to.
pub struct Lexer<'a> {
    text: &'a str,
    /// The byte that is read next.
    pub at: usize,
    last_double: usize,
    last_single: usize,
    last_section_end: usize,
    last_comment_end: usize,
    last_instruction_end: usize,
    /// The next `]]>`, if it was looked for.
    section_end: usize,
    /// A document type whose brackets do not close was met; no other is looked through.
    unclosed_subset: bool,
}

impl<'a> Lexer<'a> {
    /// Begins at a byte of a text.
    pub fn new(text: &'a str, at: usize) -> Self {
        let last = |what: &str| text.rfind(what).map_or(0, |at| at + 1);
        Self {
            text,
            at,
            last_double: last("\""),
            last_single: last("'"),
            last_section_end: last("]]>"),
            last_comment_end: last("-->"),
            last_instruction_end: last("?>"),
            section_end: 0,
            unclosed_subset: false,
        }
    }

    /// The next piece; `parent` is the name of the element it stands in, as the document wrote it.
    pub fn next(&mut self, parent: &str) -> Option<Token<'a>> {
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
                let closes = self.last_instruction_end > self.at;
                let end =
                    closes.then(|| window(rest, 4096).find("?>")).flatten().map(|end| end + 2);
                self.at += end.or_else(|| rest.find('>').map(|end| end + 1)).unwrap_or(rest.len());
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
        self.at += 2 + name.len() + stop + close;
        Token::End(name)
    }

    fn declaration(&mut self, rest: &'a str, parent: &str) -> Token<'a> {
        let bytes = rest.as_bytes();
        if bytes.get(..9).is_some_and(|head| head.eq_ignore_ascii_case(b"<![CDATA[")) {
            return self.section(&rest[9..], parent);
        }
        if rest.starts_with("<!--") {
            let end = (self.last_comment_end > self.at).then(|| rest[4..].find("-->")).flatten();
            self.at += end.map_or(4, |end| 4 + end + 3);
            return Token::Aside;
        }
        let reach = if self.unclosed_subset { 0 } else { VALUE_BYTES };
        let mut inner = 0_u32;
        for (at, byte) in bytes.iter().enumerate().take(reach) {
            match byte {
                b'[' => inner += 1,
                b']' => inner = inner.saturating_sub(1),
                b'>' if inner == 0 => {
                    self.at += at + 1;
                    return Token::Aside;
                }
                _ => {}
            }
        }
        self.unclosed_subset = true;
        self.at += rest.find('>').map_or(rest.len(), |at| at + 1);
        Token::Aside
    }

    /// A CDATA section; one whose end was lost stops where its element does.
    fn section(&mut self, inside: &'a str, parent: &str) -> Token<'a> {
        let from = self.at + 9;
        if self.section_end < from && self.last_section_end > from {
            self.section_end = from + inside.find("]]>").unwrap_or(inside.len());
        }
        let end = self.section_end.checked_sub(from);
        let reach = &inside[..end.unwrap_or(inside.len())];
        let suspicious = end.is_none() || reach.contains("<![CDATA[");
        let lost = (suspicious && !parent.is_empty())
            .then(|| reach.find(&format!("</{parent}")))
            .flatten();
        self.at += 9;
        match (lost, end) {
            (Some(stop), _) => {
                self.at += stop;
                Token::Raw(&inside[..stop])
            }
            (None, Some(stop)) => {
                self.at += stop + 3;
                Token::Raw(&inside[..stop])
            }
            (None, None) => {
                self.at += inside.len();
                Token::Raw(inside)
            }
        }
    }

    fn start(&mut self, rest: &'a str) -> Token<'a> {
        let name = name_at(&rest[1..]);
        let bytes = rest.as_bytes();
        let base = self.at;
        let mut attributes = Vec::new();
        let mut at = 1 + name.len();
        let mut closed = false;
        loop {
            match bytes.get(at) {
                None | Some(b'<') => break,
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
                continue;
            }
            at = skip_space(bytes, at + 1);
            let (value, next) = self.value(rest, base, at);
            at = next;
            if attributes.len() < ATTRIBUTES && value.len() <= VALUE_BYTES {
                attributes.push((key, value));
            }
        }
        self.at = base + at;
        Token::Start { name, attributes, closed }
    }

    /// The value that starts at `at`, and where reading goes on.
    fn value(&self, rest: &'a str, base: usize, at: usize) -> (&'a str, usize) {
        let tail = &rest[at..];
        let quote = tail.chars().next().filter(|quote| matches!(quote, '"' | '\''));
        let Some(quote) = quote else {
            let end = tail.find(|c: char| c.is_ascii_whitespace() || c == '>' || c == '<');
            let end = end.unwrap_or(tail.len());
            let end = if tail[..end].ends_with('/') && tail[end..].starts_with('>') {
                end - 1
            } else {
                end
            };
            return (&tail[..end], at + end);
        };
        let last = if quote == '"' { self.last_double } else { self.last_single };
        let end = (last > base + at + 1).then(|| tail[1..].find(quote)).flatten();
        let value = &tail[1..=end.unwrap_or(tail.len() - 1)];
        // A quote that was lost: the value runs over the end of its tag into the next one.
        if end.is_none() || runs_over(value) {
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
