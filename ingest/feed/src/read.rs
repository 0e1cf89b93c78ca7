//! The door to feed-rs: a fresh parser for each document, behind a guard against its panics.

use crate::document::Entry;
use feed_rs::model;
use std::panic::{AssertUnwindSafe, catch_unwind};
use url::Url;

/// Why feed-rs gave nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// It did not accept the document.
    Refused(String),
    /// It panicked.
    Panicked,
}

/// Hands a repaired document to feed-rs. Its depth must be bounded: an overflow is not caught here.
pub(crate) fn parse(text: &str, url: Option<&Url>) -> Result<model::Feed, Refusal> {
    let attempt = catch_unwind(AssertUnwindSafe(|| {
        let base = url.map(Url::as_str);
        // Ids are khobor's own; feed-rs would hash headlines or invent random ones.
        let parser = feed_rs::parser::Builder::new()
            .base_uri(base)
            .id_generator(|_, _, _| String::from("-"))
            .build();
        parser.parse(text.as_bytes())
    }));
    match attempt {
        Ok(Ok(feed)) => Ok(feed),
        Ok(Err(error)) => Err(Refusal::Refused(error.to_string())),
        Err(_) => Err(Refusal::Panicked),
    }
}

/// Takes from feed-rs what an entry still lacks.
pub(crate) fn fill(entry: &mut Entry, known: model::Entry) {
    let text =
        |text: model::Text| Some(text.content.trim().to_owned()).filter(|text| !text.is_empty());
    if entry.title.is_none() {
        entry.title = known.title.and_then(text);
    }
    if entry.summary.is_none() && entry.content.is_none() {
        entry.summary = known.summary.and_then(text);
    }
}
