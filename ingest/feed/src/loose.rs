//! Reads JSON that may be damaged, value by value: a broken one costs itself and not what follows.
//!
//! Well-formed JSON is read as it is meant. Where it is not, an element or member begins where
//! something stands that can only be a beginning.

use crate::defect::{Defects, Fault};
use crate::quoted;

/// Deepest nesting that is kept.
const DEPTH: usize = 64;
/// Junk before a value that is passed over.
const JUNK: usize = 8;

/// A value.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Value {
    /// A string.
    Text(String),
    /// A number, as it is written.
    Number(String),
    /// A list.
    List(Vec<Self>),
    /// An object; a key may stand in it twice.
    Object(Vec<(String, Self)>),
    /// Anything else.
    Other,
}

impl Value {
    /// The first value of a key.
    pub(crate) fn get(&self, key: &str) -> Option<&Self> {
        let Self::Object(members) = self else { return None };
        members.iter().find(|(known, _)| known == key).map(|(_, value)| value)
    }
}

/// What stands where a key is expected.
pub(crate) enum Member {
    /// A key; its value follows.
    Key(String),
    /// A list or object without a key.
    Unnamed,
}

/// What an object or list stands in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Within {
    List,
    Object,
}

/// Where reading has come to.
pub(crate) struct Loose<'a> {
    text: &'a str,
    at: usize,
    pub(crate) defects: Defects,
}

impl<'a> Loose<'a> {
    pub(crate) const fn new(text: &'a str, defects: Defects) -> Self {
        Self { text, at: 0, defects }
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn space(&mut self) {
        while self.peek().is_some_and(|byte| byte.is_ascii_whitespace()) {
            self.at += 1;
        }
    }

    fn junk(&mut self) {
        self.defects.note(Fault::JsonSyntax, self.at);
        self.at = self.text.ceil_char_boundary(self.at + 1);
    }

    /// Enters the outermost object; answers whether there is one.
    pub(crate) fn enter(&mut self) -> bool {
        let found = self.text.find('{');
        self.at = found.map_or(self.text.len(), |at| at + 1);
        found.is_some()
    }

    /// The next member of the outermost object.
    pub(crate) fn member(&mut self) -> Option<Member> {
        loop {
            self.space();
            match self.peek()? {
                b',' => self.at += 1,
                b'"' => {
                    if let Some(key) = self.key() {
                        return Some(Member::Key(key));
                    }
                }
                b'{' | b'[' => {
                    self.defects.note(Fault::JsonSyntax, self.at);
                    return Some(Member::Unnamed);
                }
                b'}' => {
                    self.at += 1;
                    self.space();
                    // Nothing follows the end; if something does, it was none.
                    self.peek()?;
                    self.defects.note(Fault::JsonSyntax, self.at);
                }
                _ => self.junk(),
            }
        }
    }

    /// A string and the colon after it; nothing where it is no key.
    fn key(&mut self) -> Option<String> {
        let key = self.string();
        self.space();
        match self.peek() {
            Some(b':') => {
                self.at += 1;
                Some(key)
            }
            Some(b',' | b'}' | b']' | b'"' | b'{' | b'[') | None => {
                self.defects.note(Fault::JsonSyntax, self.at);
                None
            }
            // One damaged character between a key and a value is a colon.
            Some(_) => {
                self.junk();
                self.space();
                matches!(self.peek(), Some(b'"' | b'{' | b'[')).then_some(key)
            }
        }
    }

    /// Whether a list begins here; enters it.
    pub(crate) fn enter_list(&mut self) -> bool {
        self.pass_junk();
        let is_list = self.peek() == Some(b'[');
        self.at += usize::from(is_list);
        is_list
    }

    /// The next element of a list of objects.
    pub(crate) fn element(&mut self) -> Option<Value> {
        loop {
            self.space();
            match self.peek()? {
                b',' => self.at += 1,
                b']' => {
                    self.at += 1;
                    return None;
                }
                b'{' | b'[' => return Some(self.value_in(Within::List, 0)),
                b'"' => {
                    // A key: the brace before it was lost, or one too many stood before it.
                    if let Some(key) = self.key() {
                        self.defects.note(Fault::JsonSyntax, self.at);
                        let value = self.value_in(Within::Object, 1);
                        let mut members = vec![(key, value)];
                        self.members(&mut members, Within::List, 1);
                        return Some(Value::Object(members));
                    }
                }
                b'}' => self.junk(),
                _ => {
                    self.defects.note(Fault::JsonSyntax, self.at);
                    let before = self.at;
                    self.bare();
                    if self.at == before {
                        self.junk();
                    }
                }
            }
        }
    }

    /// A value.
    pub(crate) fn value(&mut self) -> Value {
        self.value_in(Within::Object, 0)
    }

    fn pass_junk(&mut self) {
        for _ in 0..JUNK {
            self.space();
            match self.peek() {
                Some(b'"' | b'{' | b'[' | b'-' | b'0'..=b'9' | b'}' | b']' | b',') | None => break,
                Some(byte) if byte.is_ascii_alphabetic() => break,
                Some(_) => self.junk(),
            }
        }
    }

    fn value_in(&mut self, within: Within, depth: usize) -> Value {
        self.pass_junk();
        match self.peek() {
            Some(b'"') => Value::Text(self.string()),
            Some(b'{' | b'[') if depth >= DEPTH => {
                self.defects.note(Fault::TooDeep, self.at);
                self.at += 1;
                Value::Other
            }
            Some(b'{') => {
                self.at += 1;
                let mut members = Vec::new();
                self.members(&mut members, within, depth + 1);
                Value::Object(members)
            }
            Some(b'[') => {
                self.at += 1;
                Value::List(self.elements(depth + 1))
            }
            _ => self.bare(),
        }
    }

    /// The members of an object up to its end.
    fn members(&mut self, members: &mut Vec<(String, Value)>, within: Within, depth: usize) {
        loop {
            self.space();
            match self.peek() {
                None => {
                    self.defects.note(Fault::EndsEarly, self.at);
                    return;
                }
                Some(b',') => self.at += 1,
                Some(b'}') => {
                    self.at += 1;
                    return;
                }
                Some(b'"') => {
                    if let Some(key) = self.key() {
                        let value = self.value_in(Within::Object, depth);
                        members.push((key, value));
                    }
                }
                // The next element of the list, or its end: this one's brace was lost.
                Some(b'{' | b']') if within == Within::List => {
                    self.defects.note(Fault::JsonSyntax, self.at);
                    return;
                }
                Some(b'{' | b'[') => {
                    self.defects.note(Fault::JsonSyntax, self.at);
                    self.value_in(Within::Object, depth);
                }
                Some(_) => self.junk(),
            }
        }
    }

    fn elements(&mut self, depth: usize) -> Vec<Value> {
        let mut elements = Vec::new();
        loop {
            self.space();
            match self.peek() {
                None => return elements,
                Some(b',') => self.at += 1,
                Some(b']') => {
                    self.at += 1;
                    return elements;
                }
                // The end of the object around: the list's own was lost.
                Some(b'}') => {
                    self.defects.note(Fault::JsonSyntax, self.at);
                    return elements;
                }
                Some(b'"') => {
                    let before = self.at;
                    let text = self.string();
                    self.space();
                    if self.peek() == Some(b':') {
                        self.defects.note(Fault::JsonSyntax, before);
                        self.at = before;
                        return elements;
                    }
                    elements.push(Value::Text(text));
                }
                Some(_) => {
                    let before = self.at;
                    elements.push(self.value_in(Within::List, depth));
                    if self.at == before {
                        self.junk();
                    }
                }
            }
        }
    }

    /// A number, a word, or what is neither.
    fn bare(&mut self) -> Value {
        let rest = &self.text[self.at..];
        let ends = |c: char| c.is_whitespace() || ",:]}[{\"".contains(c);
        let word = &rest[..rest.find(ends).unwrap_or(rest.len())];
        self.at += word.len();
        if word.starts_with(|c: char| c == '-' || c.is_ascii_digit()) {
            return Value::Number(word.to_owned());
        }
        if !matches!(word, "true" | "false" | "null") {
            self.defects.note(Fault::JsonSyntax, self.at);
        }
        Value::Other
    }

    /// The string that begins here.
    fn string(&mut self) -> String {
        quoted::read(self.text, &mut self.at, &mut self.defects)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Value {
        let mut loose = Loose::new(text, Defects::default());
        loose.value()
    }

    #[test]
    fn well_formed_json_is_read_as_it_is_meant() {
        let text =
            r#"{"a": "x \"y\" \u09a2\ud83d\ude00\n", "b": [1, -2.5e3, true, null, {"c": []}]}"#;
        let mut loose = Loose::new(text, Defects::default());
        let want = Value::Object(vec![
            ("a".to_owned(), Value::Text("x \"y\" ঢ😀\n".to_owned())),
            (
                "b".to_owned(),
                Value::List(vec![
                    Value::Number("1".to_owned()),
                    Value::Number("-2.5e3".to_owned()),
                    Value::Other,
                    Value::Other,
                    Value::Object(vec![("c".to_owned(), Value::List(vec![]))]),
                ]),
            ),
        ]);
        assert_eq!(loose.value(), want);
        assert_eq!(loose.defects.total(), 0);
    }

    #[test]
    fn nothing_makes_it_stand_still() {
        for text in ["{", "{\"", "{\"a", "{\"a\":", "{:}", "[}", "{]", "\u{fffd}", "{\"a\":\\u"] {
            read(text);
        }
        let deep = "[{\"a\":".repeat(100_000);
        read(&deep);
    }
}
