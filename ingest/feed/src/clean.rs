//! The last look at a document: no text leaves with characters that a stranger may not send.

use crate::document::{Document, Entry, EntrySource, Feed};
use crate::escape;

/// Strips control characters from every text.
pub(crate) fn clean(document: &mut Document) {
    let Feed {
        title,
        link,
        description,
        language,
        updated: _,
        ttl: _,
        skip_hours: _,
        skip_days,
        hub,
        sy_period,
        sy_frequency: _,
    } = &mut document.feed;
    for text in [title, link, description, language, hub, sy_period] {
        option(text);
    }
    skip_days.iter_mut().for_each(string);
    for entry in &mut document.entries {
        let Entry {
            id,
            link,
            title,
            summary,
            content,
            authors,
            published: _,
            updated: _,
            categories,
            media,
            thumbnails,
            language,
            source,
        } = entry;
        for text in [id, link, title, summary, content, language] {
            option(text);
        }
        for list in [authors, categories, media, thumbnails] {
            list.iter_mut().for_each(string);
        }
        if let Some(EntrySource { name, url }) = source {
            string(name);
            option(url);
        }
    }
}

fn option(text: &mut Option<String>) {
    if let Some(text) = text {
        string(text);
    }
}

fn string(text: &mut String) {
    if text.contains(escape::is_forbidden) {
        text.retain(|c| !escape::is_forbidden(c));
    }
}
