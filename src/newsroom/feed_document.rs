//! A site's feed as RSS 2.0, Atom 1.0 or JSON Feed 1.1.

use std::fmt::Write as _;

use serde_json::json;

use crate::newsroom::markup::escape;
use crate::newsroom::outlets::{Format, Outlet, Site};
use crate::newsroom::press::{Feed, Markup, State};
use crate::newsroom::story::Story;

/// How RSS writes dates.
const RFC_2822: &str = "%a, %d %b %Y %H:%M:%S %z";

/// How everything else does.
const RFC_3339: &str = "%Y-%m-%dT%H:%M:%S%:z";

/// The media type of a feed in `format`.
pub(super) fn content_type(format: Format) -> &'static str {
    match format {
        Format::Rss => "application/rss+xml; charset=utf-8",
        Format::Atom => "application/atom+xml; charset=utf-8",
        Format::Json => "application/feed+json; charset=utf-8",
    }
}

/// The document that lists what the feed of `sites[index]` lists, newest first.
pub(super) fn render(sites: &[Site], index: usize, state: &State) -> String {
    let feed = &state.feeds[index];
    let mut stories: Vec<&Story> =
        feed.serials.iter().filter_map(|serial| state.stories.get(serial)).collect();
    stories.sort_by_key(|story| std::cmp::Reverse((story.published, story.serial)));
    let items: Vec<Item<'_>> = stories
        .into_iter()
        .map(|story| {
            let site = &sites[story.site];
            Item { story, outlet: &site.outlet, url: site.url(&story.path()) }
        })
        .collect();
    match sites[index].outlet.format {
        Format::Rss => rss(&sites[index], feed, &items),
        Format::Atom => atom(&sites[index], feed, &items),
        Format::Json => json_feed(&sites[index], feed, &items),
    }
}

struct Item<'a> {
    story: &'a Story,
    outlet: &'a Outlet,
    url: String,
}

impl Item<'_> {
    fn summary(&self) -> String {
        self.story.summary(&self.outlet.correction)
    }

    fn published(&self, pattern: &str) -> String {
        self.outlet.time(self.story.published, pattern)
    }

    fn modified(&self, pattern: &str) -> String {
        self.outlet.time(self.story.modified, pattern)
    }

    fn author(&self) -> Option<&str> {
        self.story.text()?.author.as_deref()
    }

    fn section(&self) -> Option<&str> {
        Some(&self.story.text()?.section)
    }
}

/// The channel's subtitle; broken as so many are.
fn subtitle(feed: &Feed, outlet: &Outlet) -> String {
    match feed.markup {
        Markup::Sound => escape(&format!("{} & Co.", outlet.name)),
        Markup::Broken | Markup::BrokenAndSeen => format!("{} & Co.", escape(&outlet.name)),
    }
}

fn rss(site: &Site, feed: &Feed, items: &[Item<'_>]) -> String {
    let outlet = &*site.outlet;
    let mut xml = format!(
        r#"<?xml version="1.0" encoding="UTF-8"?>
<rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom" xmlns:dc="http://purl.org/dc/elements/1.1/">
<channel>
<title>{}</title>
<link>{}</link>
<atom:link href="{}" rel="self" type="application/rss+xml"/>
<description>{}</description>
<language>{}</language>
<lastBuildDate>{}</lastBuildDate>
<ttl>5</ttl>
"#,
        escape(&outlet.name),
        site.base,
        site.url(&feed.path),
        subtitle(feed, outlet),
        outlet.language,
        outlet.time(feed.changed, RFC_2822),
    );
    for item in items {
        let _ = write!(
            xml,
            "<item>\n<title>{}</title>\n<link>{url}</link>\n<guid isPermaLink=\"true\">{url}</guid>\n\
             <pubDate>{}</pubDate>\n<atom:updated>{}</atom:updated>\n\
             <description>{}</description>\n",
            escape(&item.story.headline()),
            item.published(RFC_2822),
            item.modified(RFC_3339),
            escape(&item.summary()),
            url = item.url,
        );
        if let Some(author) = item.author() {
            let _ = writeln!(xml, "<dc:creator>{}</dc:creator>", escape(author));
        }
        if let Some(section) = item.section() {
            let _ = writeln!(xml, "<category>{}</category>", escape(section));
        }
        xml.push_str("</item>\n");
    }
    xml.push_str("</channel>\n</rss>\n");
    xml
}

fn atom(site: &Site, feed: &Feed, items: &[Item<'_>]) -> String {
    let outlet = &*site.outlet;
    let mut xml = format!(
        r#"<?xml version="1.0" encoding="UTF-8"?>
<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="{}">
<id>{base}</id>
<title>{}</title>
<subtitle>{}</subtitle>
<link href="{base}" rel="alternate" type="text/html"/>
<link href="{}" rel="self" type="application/atom+xml"/>
<updated>{}</updated>
<author><name>{}</name></author>
"#,
        outlet.language,
        escape(&outlet.name),
        subtitle(feed, outlet),
        site.url(&feed.path),
        outlet.time(feed.changed, RFC_3339),
        escape(&outlet.name),
        base = site.base,
    );
    for item in items {
        let _ = write!(
            xml,
            "<entry>\n<id>{url}</id>\n<title>{}</title>\n\
             <link href=\"{url}\" rel=\"alternate\" type=\"text/html\"/>\n\
             <published>{}</published>\n<updated>{}</updated>\n<summary>{}</summary>\n",
            escape(&item.story.headline()),
            item.published(RFC_3339),
            item.modified(RFC_3339),
            escape(&item.summary()),
            url = item.url,
        );
        if let Some(author) = item.author() {
            let _ = writeln!(xml, "<author><name>{}</name></author>", escape(author));
        }
        if let Some(section) = item.section() {
            let _ = writeln!(xml, "<category term=\"{}\"/>", escape(section));
        }
        xml.push_str("</entry>\n");
    }
    xml.push_str("</feed>\n");
    xml
}

fn json_feed(site: &Site, feed: &Feed, items: &[Item<'_>]) -> String {
    let outlet = &*site.outlet;
    let items: Vec<serde_json::Value> = items
        .iter()
        .map(|item| {
            let authors: Vec<_> =
                item.author().into_iter().map(|name| json!({ "name": name })).collect();
            let tags: Vec<&str> = item.section().into_iter().collect();
            json!({
                "id": item.url,
                "url": item.url,
                "title": item.story.headline(),
                "summary": item.summary(),
                "date_published": item.published(RFC_3339),
                "date_modified": item.modified(RFC_3339),
                "authors": authors,
                "tags": tags,
                "language": item.outlet.language,
            })
        })
        .collect();
    let document = json!({
        "version": "https://jsonfeed.org/version/1.1",
        "title": outlet.name,
        "home_page_url": site.base,
        "feed_url": site.url(&feed.path),
        "language": outlet.language,
        "items": items,
    });
    format!("{document:#}\n")
}
