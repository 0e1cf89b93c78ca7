//! The entities that a document type declares for itself, within bounds.
//!
//! Nothing is ever fetched: an external entity stays a name. What entities may add to a document
//! is bounded as a whole, because a few declarations can stand for gigabytes.

use crate::defect::{Defects, Fault};
use std::borrow::Cow;

/// Entities of a document.
const ENTITIES: usize = 256;
/// Longest value of an entity.
const VALUE_BYTES: usize = 4 * 1024;
/// What all references of a document may add to it.
const EXPANSION_BYTES: usize = 64 * 1024;

/// The declared entities.
#[derive(Debug, Default)]
pub(crate) struct Entities<'a> {
    known: Vec<(&'a str, Value<'a>)>,
    expanded: usize,
}

#[derive(Debug)]
enum Value<'a> {
    Internal(Cow<'a, str>),
    External,
    TooLong,
}

impl<'a> Entities<'a> {
    /// Reads the declarations of `<!DOCTYPE …>`.
    pub(crate) fn declare(&mut self, doctype: &'a str, position: usize, defects: &mut Defects) {
        let mut from = 0;
        while let Some(at) = doctype[from..].find("<!ENTITY") {
            let start = from + at;
            from = start + "<!ENTITY".len();
            let rest = doctype[from..].trim_start();
            if rest.starts_with('%') {
                defects.note(Fault::ExternalEntity, position + start);
                continue;
            }
            let name = rest.split(|c: char| c.is_whitespace() || c == '>').next().unwrap_or("");
            let value = rest[name.len()..].trim_start();
            let quote = value.chars().next().filter(|quote| matches!(quote, '"' | '\''));
            let inside = quote.and_then(|quote| value[1..].split_once(quote));
            let value = if let Some((inside, rest)) = inside {
                // A `<!ENTITY` inside of the value declares nothing.
                from = doctype.len() - rest.len();
                self.internal(inside, position + start, defects)
            } else {
                defects.note(Fault::ExternalEntity, position + start);
                Value::External
            };
            // The first declaration counts.
            if self.known.len() < ENTITIES && !self.known.iter().any(|(known, _)| *known == name) {
                self.known.push((name, value));
            }
        }
    }

    /// A value; references in it are resolved once, here, so that no reference is deep.
    fn internal(&mut self, inside: &'a str, position: usize, defects: &mut Defects) -> Value<'a> {
        if inside.len() > VALUE_BYTES {
            defects.note(Fault::EntityExpansion, position);
            return Value::TooLong;
        }
        let value = crate::escape::text(inside, position, self, defects);
        if value.len() > VALUE_BYTES {
            defects.note(Fault::EntityExpansion, position);
            return Value::TooLong;
        }
        Value::Internal(value)
    }

    /// What an entity stands for, or why that is not said; nothing where it was not declared.
    pub(crate) fn value(&mut self, name: &str) -> Option<Result<&str, Fault>> {
        if self.known.is_empty() {
            return None;
        }
        let (_, value) = self.known.iter().find(|(known, _)| *known == name)?;
        Some(match value {
            Value::External => Err(Fault::ExternalEntity),
            Value::TooLong => Err(Fault::EntityExpansion),
            Value::Internal(value) => {
                self.expanded += value.len();
                if self.expanded > EXPANSION_BYTES {
                    Err(Fault::EntityExpansion)
                } else {
                    Ok(value)
                }
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::escape;
    use std::fmt::Write;

    fn read(doctype: &str, text: &str) -> (String, Vec<String>) {
        let mut entities = Entities::default();
        let mut defects = Defects::default();
        entities.declare(doctype, 0, &mut defects);
        let text = escape::text(text, 0, &mut entities, &mut defects).into_owned();
        (text, defects.place("").into_iter().map(|defect| defect.what).collect())
    }

    #[test]
    fn an_internal_entity_is_expanded() {
        let doctype =
            r#"<!DOCTYPE rss [ <!ENTITY paper "প্রথম &#38; শেষ"> <!ENTITY desk '&paper; desk'> ]>"#;
        assert_eq!(read(doctype, "&paper;").0, "প্রথম & শেষ");
        assert_eq!(read(doctype, "&desk;").0, "প্রথম & শেষ desk");
    }

    #[test]
    fn an_external_entity_is_named_and_never_fetched() {
        let (text, defects) =
            read("<!DOCTYPE rss [<!ENTITY x SYSTEM 'file:///etc/hostname'>]>", "a&x;b");
        assert_eq!(text, "a&x;b");
        assert_eq!(defects, ["external entity not fetched"; 2]);
    }

    #[test]
    fn a_billion_laughs_stay_small() {
        let mut doctype = String::from("<!DOCTYPE rss [<!ENTITY l0 'haha'>");
        for level in 1..30 {
            let inner = format!("&l{};", level - 1).repeat(10);
            write!(doctype, "<!ENTITY l{level} '{inner}'>").unwrap();
        }
        let (text, defects) = read(&doctype, &"&l29;&l2;".repeat(10_000));
        assert!(text.len() < 2 * EXPANSION_BYTES + 100_000, "{}", text.len());
        assert!(defects.iter().any(|what| what == "entity expansion over the limit"));
    }
}
