//! The HTML around an article, as a news site of today wraps it, and a site's home page.

use std::fmt::Write as _;

use serde_json::json;

use crate::newsroom::markup::{escape, script};
use crate::newsroom::outlets::{Outlet, Site};
use crate::newsroom::press::State;
use crate::newsroom::story::Story;

/// Dates in metadata.
const RFC_3339: &str = "%Y-%m-%dT%H:%M:%S%:z";

/// Dates for readers.
const READABLE: &str = "%d.%m.%Y, %H:%M";

/// The stories beside an article, and those on a home page.
const RELATED: usize = 4;
const FRONT: usize = 40;

/// The page of `story`, with others of its site beside it.
pub(super) fn article(site: &Site, story: &Story, state: &State) -> String {
    let outlet = &*site.outlet;
    let url = site.url(&story.path());
    let title = escape(&story.headline());
    let [share, more, rights] = outlet.furniture.each_ref().map(|words| escape(words));
    let mut body = String::new();
    for paragraph in story.paragraphs(&outlet.correction) {
        let _ = writeln!(body, "<p>{}</p>", escape(&paragraph));
    }
    let (mut byline, mut section, mut keywords) = (String::new(), String::new(), String::new());
    if let Some(text) = story.text() {
        if let Some(author) = &text.author {
            byline = format!(r#"<span class="author" rel="author">{}</span> "#, escape(author));
        }
        if let Some(credit) = &text.credit {
            let _ = writeln!(body, r#"<p class="credit">{}</p>"#, escape(credit));
        }
        section = escape(&text.section);
        keywords = escape(&text.keywords.join(", "));
    }
    let modified = outlet.time(story.modified, RFC_3339);
    let published = outlet.time(story.published, RFC_3339);
    format!(
        r#"{head}<meta name="description" content="{summary}">
<meta name="keywords" content="{keywords}">
<link rel="canonical" href="{url}">
<meta property="og:type" content="article">
<meta property="og:site_name" content="{name}">
<meta property="og:title" content="{title}">
<meta property="og:description" content="{summary}">
<meta property="og:url" content="{url}">
<meta property="article:published_time" content="{published}">
<meta property="article:modified_time" content="{modified}">
<meta property="article:section" content="{section}">
<script type="application/ld+json">{linked_data}</script>
</head>
<body>
{masthead}<main>
<article>
<header>
<p class="kicker">{section}</p>
<h1>{title}</h1>
<p class="byline">{byline}<time datetime="{published}">{readable}</time></p>
</header>
<ul class="share-bar" aria-label="{share}"><li><a href="https://social.example/share?u={url}">{share}</a></li><li><a href="mailto:?body={url}">E-mail</a></li></ul>
<div class="article-body">
{body}</div>
</article>
<aside class="related"><h2>{more}</h2>
<ul>
{related}</ul>
</aside>
</main>
<footer><p>© {name}. {rights}.</p></footer>
</body>
</html>
"#,
        head = head(outlet, &title),
        masthead = masthead(outlet),
        summary = escape(&story.summary(&outlet.correction)),
        name = escape(&outlet.name),
        linked_data = script(&linked_data(site, story, &url)),
        readable = outlet.time(story.published, READABLE),
        related = links(site, state, story.site, Some(story.serial), RELATED),
    )
}

/// The home page of the site at `index`.
pub(super) fn home(site: &Site, index: usize, state: &State) -> String {
    let outlet = &*site.outlet;
    let name = escape(&outlet.name);
    format!(
        r#"{head}<link rel="alternate" type="{feed_type}" title="{name}" href="{feed}">
</head>
<body>
{masthead}<main><h1>{name}</h1>
<ul class="stories">
{stories}</ul>
</main>
<footer><p>© {name}.</p></footer>
</body>
</html>
"#,
        head = head(outlet, &name),
        masthead = masthead(outlet),
        feed_type = crate::newsroom::feed_document::content_type(outlet.format)
            .split(';')
            .next()
            .unwrap_or_default(),
        feed = site.url(&state.feeds[index].path),
        stories = links(site, state, index, None, FRONT),
    )
}

fn head(outlet: &Outlet, title: &str) -> String {
    let direction = if outlet.language == "ar" { "rtl" } else { "ltr" };
    format!(
        r#"<!doctype html>
<html lang="{}" dir="{direction}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title} | {}</title>
"#,
        outlet.language,
        escape(&outlet.name),
    )
}

fn masthead(outlet: &Outlet) -> String {
    let mut sections = String::new();
    for (index, section) in outlet.sections.iter().enumerate() {
        let _ = write!(sections, r#"<li><a href="/section/{index}">{}</a></li>"#, escape(section));
    }
    format!(
        "<header class=\"masthead\"><a class=\"logo\" href=\"/\">{}</a>\n<nav><ul>{sections}</ul></nav>\n\
         </header>\n",
        escape(&outlet.name),
    )
}

/// Links to the latest stories that the site's feed lists, without `except`.
fn links(site: &Site, state: &State, index: usize, except: Option<u32>, limit: usize) -> String {
    let mut list = String::new();
    let listed = state.feeds[index].serials.iter().rev().filter_map(|serial| {
        state.stories.get(serial).filter(|story| story.site == index && Some(*serial) != except)
    });
    for story in listed.take(limit) {
        let (path, title) = (site.url(&story.path()), escape(&story.headline()));
        let _ = writeln!(list, r#"<li><a href="{path}">{title}</a></li>"#);
    }
    list
}

fn linked_data(site: &Site, story: &Story, url: &str) -> serde_json::Value {
    let outlet = &*site.outlet;
    let mut data = json!({
        "@context": "https://schema.org",
        "@type": "NewsArticle",
        "mainEntityOfPage": url,
        "url": url,
        "headline": story.headline(),
        "datePublished": outlet.time(story.published, RFC_3339),
        "dateModified": outlet.time(story.modified, RFC_3339),
        "inLanguage": outlet.language,
        "publisher": { "@type": "NewsMediaOrganization", "name": outlet.name, "url": site.base },
    });
    if let Some(text) = story.text() {
        data["articleSection"] = json!(text.section);
        data["keywords"] = json!(text.keywords);
        if let Some(author) = &text.author {
            data["author"] = json!([{ "@type": "Person", "name": author }]);
        }
    }
    data
}
