//! JSON Feed 1.x, tolerant of what is missing, of values of another type, and of damage.

use crate::address::resolve;
use crate::attachment::{self, Attachment, AttachmentRole};
use crate::date::{self, Meaning};
use crate::defect::{Defects, Fault};
use crate::document::{Document, DoubtfulDate, Entry, Feed, TextKind};
use crate::error::FeedError;
use crate::escape::cleaned;
use crate::loose::{Loose, Member, Value};
use crate::person::{self, Person, PersonRole};
use url::Url;

/// Items of a document.
const ITEMS: usize = 10_000;
/// The address that each version begins with; a damaged feed is known by it.
const VERSION: &str = "jsonfeed.org/version";

/// Reads a document that begins with `{`.
pub(crate) fn read(text: &str, url: Option<&Url>, defects: Defects) -> Result<Document, FeedError> {
    let mut loose = Loose::new(text, defects);
    let mut head = Vec::new();
    let mut entries = Vec::new();
    let mut has_items = false;
    if !loose.enter() {
        return Err(not("json that is no object"));
    }
    while let Some(member) = loose.member() {
        match member {
            Member::Key(key) if key == "items" && loose.enter_list() => {
                has_items = true;
                items(&mut loose, &mut entries, url);
            }
            Member::Key(key) => {
                let value = loose.value();
                if key == "items" {
                    has_items = true;
                    add(&mut loose, &mut entries, &value, url);
                } else if !head.iter().any(|(known, _)| *known == key) {
                    head.push((key, value));
                }
            }
            // An item after the end of the list, or one of a list that lost its key.
            Member::Unnamed if loose.enter_list() => items(&mut loose, &mut entries, url),
            Member::Unnamed => {
                let value = loose.value();
                add(&mut loose, &mut entries, &value, url);
            }
        }
    }
    let head = Value::Object(head);
    let version = string(&head, "version").unwrap_or_default();
    let has = |keys: &[&str]| keys.iter().any(|key| head.get(key).is_some());
    let known = version.contains("jsonfeed.org")
        || has_items && string(&head, "title").is_some()
        || has(&["home_page_url", "feed_url"]) && (has_items || has(&["title"]))
        || loose.defects.total() > 0 && text.contains(VERSION);
    if !known {
        return Err(not("json that is no json feed"));
    }
    let defects_total = loose.defects.total();
    let defects = loose.defects.place(text);
    Ok(Document { feed: feed(&head, url), entries, defects, defects_total })
}

fn not(found: &str) -> FeedError {
    FeedError::NotAFeed { found: found.to_owned(), position: 0 }
}

/// Reads a list of items, each alone, so that a long list costs no more than its entries.
fn items(loose: &mut Loose<'_>, entries: &mut Vec<Entry>, url: Option<&Url>) {
    while let Some(item) = loose.element() {
        add(loose, entries, &item, url);
    }
}

fn add(loose: &mut Loose<'_>, entries: &mut Vec<Entry>, item: &Value, url: Option<&Url>) {
    let Value::Object(members) = item else { return };
    // A part of a broken item, such as its author or an attachment, is no item.
    let has = |key: &str| item.get(key).is_some();
    let is_part = has("mime_type")
        || !members.is_empty()
            && !["id", "url", "title", "content_html", "content_text"].iter().any(|key| has(key))
            && loose.defects.total() > 0;
    if is_part {
        return;
    }
    if entries.len() < ITEMS {
        entries.push(entry(item, url, &mut loose.defects));
    } else {
        loose.defects.note(Fault::TooManyItems, 0);
    }
}

fn feed(head: &Value, url: Option<&Url>) -> Feed {
    let address = |name: &str| string(head, name).and_then(|text| resolve(&text, url));
    let hubs = many(head, "hubs").filter_map(|hub| resolve(&string(hub, "url")?, url));
    let hubs: Vec<String> = hubs.collect();
    Feed {
        title: string(head, "title"),
        link: address("home_page_url"),
        description: string(head, "description"),
        language: string(head, "language"),
        hub: hubs.first().cloned(),
        hubs,
        self_link: address("feed_url"),
        next_link: address("next_url"),
        people: people(head, url),
        image: address("icon").or_else(|| address("favicon")),
        ..Feed::default()
    }
}

fn entry(item: &Value, url: Option<&Url>, defects: &mut Defects) -> Entry {
    let address = |name: &str| string(item, name).and_then(|text| resolve(&text, url));
    let people = people(item, url);
    let attachments = attachments(item, url);
    let html = string(item, "content_html");
    let content_kind = if html.is_some() { TextKind::Html } else { TextKind::Text };
    let content = html.or_else(|| string(item, "content_text"));
    let summary = string(item, "summary");
    let title = string(item, "title");
    let mut doubtful_dates = Vec::new();
    Entry {
        id: string(item, "id"),
        link: address("url").or_else(|| address("external_url")),
        title_kind: title.as_ref().map(|_| TextKind::Text),
        title,
        summary_kind: summary.as_ref().map(|_| TextKind::Text),
        summary,
        content_kind: content.as_ref().map(|_| content_kind),
        content,
        authors: person::authors(&people),
        people,
        published: date(item, "date_published", &mut doubtful_dates, defects),
        updated: date(item, "date_modified", &mut doubtful_dates, defects),
        doubtful_dates,
        categories: many(item, "tags").filter_map(text).collect(),
        media: attachment::media(&attachments),
        attachments,
        language: string(item, "language"),
        ..Entry::default()
    }
}

fn date(
    item: &Value,
    name: &str,
    doubtful: &mut Vec<DoubtfulDate>,
    defects: &mut Defects,
) -> Option<String> {
    let text = string(item, name)?;
    let (fault, date) = match date::read(&text) {
        Meaning::Date(date) => return Some(date),
        Meaning::TooLate(date) => (Fault::DateAfter2037, Some(date)),
        Meaning::Unknown => {
            if let Some(date) = text.parse().ok().and_then(date::from_seconds) {
                return Some(date);
            }
            (Fault::UnreadableDate, None)
        }
    };
    defects.note(fault, 0);
    let text = text.chars().take(100).collect();
    doubtful.push(DoubtfulDate { element: name.to_owned(), text, date });
    None
}

/// `authors` of version 1.1 and `author` of version 1; some write names alone.
fn people(object: &Value, url: Option<&Url>) -> Vec<Person> {
    let mut found = Vec::new();
    for one in many(object, "authors").chain(many(object, "author")) {
        let name = string(one, "name").or_else(|| text(one));
        let Some(mut person) = name.and_then(|name| person::split(&name)) else { continue };
        person.url = string(one, "url").and_then(|link| resolve(&link, url));
        person::add(&mut found, Some(person), PersonRole::Author);
    }
    found
}

fn attachments(item: &Value, url: Option<&Url>) -> Vec<Attachment> {
    let address = |object: &Value, key: &str| resolve(&string(object, key)?, url);
    let number = |object: &Value, key: &str| string(object, key).and_then(|text| text.parse().ok());
    let enclosure = |one: &Value| {
        let seconds = string(one, "duration_in_seconds");
        Some(Attachment {
            url: address(one, "url")?,
            role: AttachmentRole::Enclosure,
            media_type: string(one, "mime_type"),
            bytes: number(one, "size_in_bytes"),
            seconds: seconds.and_then(|text| attachment::seconds(&text)),
            title: string(one, "title"),
            ..Attachment::default()
        })
    };
    let mut found: Vec<Attachment> = many(item, "attachments").filter_map(enclosure).collect();
    for key in ["image", "banner_image"] {
        let role = AttachmentRole::Image;
        found.extend(address(item, key).map(|url| Attachment {
            url,
            role,
            ..Attachment::default()
        }));
    }
    found
}

/// The elements of a list, or the value that stands in its place.
fn many<'a>(object: &'a Value, name: &str) -> impl Iterator<Item = &'a Value> {
    match object.get(name) {
        Some(Value::List(values)) => values.iter(),
        Some(value) => std::slice::from_ref(value).iter(),
        None => [].iter(),
    }
}

fn string(object: &Value, name: &str) -> Option<String> {
    object.get(name).and_then(text)
}

/// Text, or a number written as text.
fn text(value: &Value) -> Option<String> {
    let text = match value {
        Value::Text(text) => text.trim(),
        Value::Number(number) => number,
        _ => return None,
    };
    Some(cleaned(text.to_owned())).filter(|text| !text.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn document(text: &str) -> Document {
        read(text, None, Defects::default()).unwrap()
    }

    #[test]
    fn a_broken_item_costs_only_itself() {
        let found = document(
            r#"{"version":"https://jsonfeed.org/version/1.1","title":"T","items":[
            {"id":"1","title":"A"},{"id":"2","title":"B,"authors":[{"name":"N","url":"u"}]},{"id":"3","title":"C"},{"id":"4""#,
        );
        let ids: Vec<_> = found.entries.iter().filter_map(|entry| entry.id.as_deref()).collect();
        assert_eq!(found.feed.title.as_deref(), Some("T"));
        assert_eq!(ids, ["1", "2", "3", "4"]);
        assert_eq!(found.entries[1].authors, ["N"]);
        assert!(found.defects.iter().any(|defect| defect.what == "json syntax error"));
    }

    #[test]
    fn lost_and_added_braces_keep_the_items_apart() {
        for text in [
            r#"{"title":"T","items":[{"id":"1","title":"A",{"id":"2","title":"B"}]}"#,
            r#"{"title":"T","items":[{"id":"1","title":"A"},"id":"2","title":"B"}]}"#,
            r#"{"title":"T","items":[{"id":"1","title":"A"}}},{"id":"2","title":"B"}]}"#,
            r#"{"title":"T","items":[{"id":"1","title":"A"}]]>,{"id":"2","title":"B"}]}"#,
        ] {
            let found = document(text);
            let titles: Vec<_> =
                found.entries.iter().filter_map(|entry| entry.title.as_deref()).collect();
            assert_eq!(titles, ["A", "B"], "{text}");
        }
    }

    #[test]
    fn other_json_is_no_feed() {
        for text in [r#"{"status":404,"error":"Not Found"}"#, "{}", "{", r#"{"items":[]}"#] {
            assert!(read(text, None, Defects::default()).is_err(), "{text}");
        }
    }

    #[test]
    fn attachments_hubs_and_people_are_read() {
        let found = document(
            r#"{"version":"https://jsonfeed.org/version/1.1","title":"T","hubs":[{"type":"WebSub","url":"https://h.example/"}],
            "items":[{"id":"1","image":"https://e.example/a.jpg","authors":[{"name":"ক","url":"https://e.example/k"}],
            "attachments":[{"url":"https://e.example/a.mp3","mime_type":"audio/mpeg","size_in_bytes":100,"duration_in_seconds":61}]}]}"#,
        );
        assert_eq!(found.feed.hubs, ["https://h.example/"]);
        let entry = &found.entries[0];
        assert_eq!(entry.people[0].url.as_deref(), Some("https://e.example/k"));
        assert_eq!(entry.media, ["https://e.example/a.mp3"]);
        assert_eq!(entry.attachments[0].bytes, Some(100));
        assert_eq!(entry.attachments[0].seconds, Some(61));
        assert_eq!(entry.attachments[1].role, AttachmentRole::Image);
    }
}
