//! What the page's JSON-LD says of the article, found by type and bounded in depth.

use scraper::{Html, Selector};
use serde_json::Value;

/// Deepest nesting that is looked into.
const DEPTH: usize = 12;
/// Longest JSON-LD of a page that is read, in bytes, and most values in it: a tree of values takes a
/// hundred times its text. Real articles have some hundred.
const BYTES: usize = 1 << 20;
const VALUES: usize = 50_000;
/// Most objects of a page that are looked at.
const OBJECTS: usize = 500;

/// The article's objects of a page, in document order.
pub(crate) fn articles(html: &Html) -> Vec<serde_json::Map<String, Value>> {
    let Ok(scripts) = Selector::parse(r#"script[type="application/ld+json"]"#) else {
        return Vec::new();
    };
    let mut found = Vec::new();
    let (mut read, mut values) = (0, 0);
    for script in html.select(&scripts) {
        let text: String = script.text().collect();
        read += text.len();
        values += text.bytes().filter(|byte| b",[{".contains(byte)).count();
        if read > BYTES || values > VALUES {
            break;
        }
        // Raw line breaks inside strings are a common fault and forbidden to JSON.
        let text: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
        let text =
            text.trim().trim_start_matches("<!--").trim_end_matches("-->").trim_end_matches(';');
        if let Ok(value) = serde_json::from_str(text) {
            collect(value, DEPTH, &mut found);
        }
    }
    found
}

fn collect(value: Value, depth: usize, found: &mut Vec<serde_json::Map<String, Value>>) {
    if depth == 0 || found.len() >= OBJECTS {
        return;
    }
    match value {
        Value::Array(items) => items.into_iter().for_each(|item| collect(item, depth - 1, found)),
        Value::Object(mut object) => {
            if let Some(graph) = object.remove("@graph") {
                collect(graph, depth - 1, found);
            }
            for inside in ["mainEntity", "mainEntityOfPage"] {
                if object.get(inside).is_some_and(Value::is_object)
                    && let Some(entity) = object.remove(inside)
                {
                    collect(entity, depth - 1, found);
                }
            }
            if is_article(&object) {
                found.push(object);
            }
        }
        _ => {}
    }
}

fn is_article(object: &serde_json::Map<String, Value>) -> bool {
    let named = |kind: &Value| {
        kind.as_str().is_some_and(|kind| {
            kind.ends_with("Article") || kind.ends_with("BlogPosting") || kind == "Report"
        })
    };
    match object.get("@type") {
        Some(Value::Array(kinds)) => kinds.iter().any(named),
        Some(kind) => named(kind),
        None => false,
    }
}

/// The texts of a value: a string, an object's name or address, or a list of these.
pub(crate) fn texts(value: Option<&Value>, key: &str) -> Vec<String> {
    match value {
        Some(Value::String(text)) => vec![text.clone()],
        Some(Value::Array(items)) => items
            .iter()
            .take(OBJECTS)
            .flat_map(|item| match item {
                Value::Array(_) => Vec::new(),
                item => texts(Some(item), key),
            })
            .collect(),
        Some(Value::Object(object)) => match object.get(key) {
            Some(Value::String(text)) => vec![text.clone()],
            _ => Vec::new(),
        },
        _ => Vec::new(),
    }
}
