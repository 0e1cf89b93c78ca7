//! JSON Feed 1.x, tolerant of what is missing and of values of another type.

use crate::date;
use crate::document::{Defect, Document, Entry, Feed};
use crate::error::FeedError;
use crate::node::resolve;
use serde_json::{Map, Value};
use url::Url;

/// Items of a document.
const ITEMS: usize = 10_000;

/// Reads a document that begins with `{`.
pub(crate) fn read(text: &str, url: Option<&Url>) -> Result<Document, FeedError> {
    let not = |found: &str, position| FeedError::NotAFeed { found: found.to_owned(), position };
    let object = match serde_json::from_str(text) {
        Ok(Value::Object(object)) => object,
        Ok(_) => return Err(not("json that is no object", 0)),
        Err(error) => {
            let position = position(text, &error);
            let salvaged = salvage(text).ok_or_else(|| not("json with an error", position))?;
            let mut document = document(&salvaged, url)?;
            document.defects.push(Defect { what: "json with an error".to_owned(), position });
            return Ok(document);
        }
    };
    document(&object, url)
}

/// The byte that an error was met at.
fn position(text: &str, error: &serde_json::Error) -> usize {
    let lines = text.split_inclusive('\n').take(error.line().saturating_sub(1));
    (lines.map(str::len).sum::<usize>() + error.column()).min(text.len())
}

/// The head and the items of a damaged document, each read alone.
fn salvage(text: &str) -> Option<Map<String, Value>> {
    let (head, items) = text.split_once("\"items\"")?;
    let head = format!("{}}}", head.trim_end().trim_end_matches(','));
    let mut object: Map<String, Value> = serde_json::from_str(&head).unwrap_or_default();
    if text.contains("jsonfeed.org/version") {
        object.insert("version".to_owned(), Value::from("https://jsonfeed.org/version/1"));
    }
    let mut found = Vec::new();
    let mut at = 0;
    // Looking again from each brace must not cost more than a few readings of the whole.
    let mut budget = text.len() * 4;
    while let Some(brace) = items.get(at..).and_then(|rest| rest.find('{')) {
        at += brace;
        let mut stream = serde_json::Deserializer::from_str(&items[at..]).into_iter::<Value>();
        match stream.next() {
            Some(Ok(item)) => {
                at += stream.byte_offset();
                found.push(item);
            }
            Some(Err(error)) => {
                let Some(left) = budget.checked_sub(position(&items[at..], &error)) else { break };
                budget = left;
                at += 1;
            }
            None => break,
        }
        if found.len() >= ITEMS {
            break;
        }
    }
    // A part of a broken item, such as its author or an attachment, is no item.
    let has = |item: &Value, keys: &[&str]| keys.iter().any(|key| item.get(key).is_some());
    found.retain(|item| has(item, &["id", "title", "content_html", "content_text"]));
    found.retain(|item| !has(item, &["mime_type"]));
    object.insert("items".to_owned(), Value::Array(found));
    Some(object)
}

fn document(object: &Map<String, Value>, url: Option<&Url>) -> Result<Document, FeedError> {
    let not = |found: &str| FeedError::NotAFeed { found: found.to_owned(), position: 0 };
    let version = string(object, "version").unwrap_or_default();
    let items = object.get("items").and_then(Value::as_array);
    if !version.contains("jsonfeed.org") && (items.is_none() || string(object, "title").is_none()) {
        return Err(not("json that is no json feed"));
    }
    let hub = object.get("hubs").and_then(Value::as_array).into_iter().flatten();
    let mut hub = hub.filter_map(Value::as_object);
    let hub = hub.find_map(|hub| string(hub, "url"));
    let feed = Feed {
        title: string(object, "title"),
        link: string(object, "home_page_url").and_then(|link| resolve(&link, url)),
        description: string(object, "description"),
        language: string(object, "language"),
        hub: hub.and_then(|hub| resolve(&hub, url)),
        ..Feed::default()
    };
    let items = items.into_iter().flatten().filter_map(Value::as_object).take(ITEMS);
    Ok(Document {
        feed,
        entries: items.map(|item| entry(item, url)).collect(),
        defects: Vec::new(),
    })
}

fn entry(item: &Map<String, Value>, url: Option<&Url>) -> Entry {
    let address = |name: &str| string(item, name).and_then(|text| resolve(&text, url));
    let date = |name: &str| {
        string(item, name)
            .and_then(|text| date::parse(&text).or_else(|| date::from_seconds(text.parse().ok()?)))
    };
    let link = address("url").or_else(|| address("external_url"));
    let many = |name: &str| match item.get(name) {
        Some(Value::Array(values)) => values.iter().collect(),
        Some(value) => vec![value],
        None => Vec::new(),
    };
    let people = many("authors").into_iter().chain(many("author"));
    let name = |person: &Value| match person {
        Value::Object(person) => string(person, "name"),
        other => text(other),
    };
    let mut authors: Vec<String> = people.filter_map(name).collect();
    authors.dedup();
    let attachments = many("attachments").into_iter().filter_map(Value::as_object);
    let media = attachments.filter_map(|attachment| resolve(&string(attachment, "url")?, url));
    Entry {
        id: string(item, "id"),
        link,
        title: string(item, "title"),
        summary: string(item, "summary"),
        content: string(item, "content_html").or_else(|| string(item, "content_text")),
        authors,
        published: date("date_published"),
        updated: date("date_modified"),
        categories: many("tags").into_iter().filter_map(text).collect(),
        media: media.collect(),
        thumbnails: Vec::new(),
        language: string(item, "language"),
        source: None,
    }
}

fn string(object: &Map<String, Value>, name: &str) -> Option<String> {
    object.get(name).and_then(text)
}

/// Text, or a number written as text.
fn text(value: &Value) -> Option<String> {
    let text = match value {
        Value::String(text) => text.trim().to_owned(),
        Value::Number(number) => number.to_string(),
        _ => return None,
    };
    Some(text).filter(|text| !text.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_broken_item_costs_only_itself() {
        let text = r#"{"version":"https://jsonfeed.org/version/1.1","title":"T","items":[
            {"id":"1","title":"A"},{"id":"2","title":"B,"authors":[{"name":"N","url":"u"}]},{"id":"3","title":"C"},{"id":"4""#;
        let found = read(text, None).unwrap();
        let ids: Vec<_> = found.entries.iter().filter_map(|entry| entry.id.as_deref()).collect();
        assert_eq!(found.feed.title.as_deref(), Some("T"));
        assert!(ids.contains(&"1") && ids.contains(&"3"), "{ids:?}");
    }
}
