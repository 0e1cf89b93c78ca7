//! The fields around the body, each with where it came from and what lost.

use article::record::{Author, AuthorKind, Image, Provenance, Rejected, SyndicatedFrom, Tdm};
use article::shard::host_key;
use article::text::{clean, cut, fold_space};
use scraper::{Html, Selector};
use serde_json::{Map, Value};
use url::Url;

use crate::date::{self, Moment};
use crate::jsonld::texts;
use crate::page::Page;

/// Longest text of a field other than the body, in scalars.
const FIELD: usize = 2_000;
/// Most authors, images and keywords.
const MANY: usize = 30;

/// A value, and where it stood.
struct Candidate {
    method: &'static str,
    selector: &'static str,
    value: String,
}

/// All sources of metadata of one page.
pub(crate) struct Sources<'a> {
    pub(crate) html: &'a Html,
    pub(crate) objects: &'a [Map<String, Value>],
    pub(crate) url: Option<&'a Url>,
    /// The page's `meta` elements that say something.
    metas: Vec<scraper::ElementRef<'a>>,
}

/// Most `meta` elements of a page that are looked at; news pages have some forty.
const METAS: usize = 1000;

/// `meta` names that hold a field; the first that is there wins.
const DESCRIPTION: &[&str] = &["og:description", "description", "twitter:description"];
const SITE: &[&str] = &["og:site_name", "application-name"];
const SECTION: &[&str] = &["article:section", "section"];
const PUBLISHED: &[&str] = &[
    "article:published_time",
    "og:published_time",
    "datePublished",
    "date",
    "pubdate",
    "publish-date",
    "DC.date.issued",
    "dc.date",
    "parsely-pub-date",
    "sailthru.date",
    "publication_date",
];
const MODIFIED: &[&str] =
    &["article:modified_time", "og:updated_time", "dateModified", "last-modified"];

impl<'a> Sources<'a> {
    /// Of a page at this address.
    pub(crate) fn new(
        html: &'a Html,
        objects: &'a [Map<String, Value>],
        url: Option<&'a Url>,
    ) -> Self {
        let metas = Selector::parse("meta[content]")
            .map(|selector| html.select(&selector).take(METAS).collect())
            .unwrap_or_default();
        Self { html, objects, url, metas }
    }

    /// Fills the page's fields.
    pub(crate) fn fill(&self, page: &mut Page) {
        page.publisher =
            self.json("publisher", "name").or_else(|| self.meta(SITE)).map(|(_, value)| value);
        let title = self.headline(page.publisher.as_deref());
        page.headline = choose(page, "headline", title);
        page.description = self
            .meta(DESCRIPTION)
            .or_else(|| self.json("description", "name"))
            .map(|(_, value)| value);
        let published = self.moments("datePublished", PUBLISHED);
        page.date_published = date_of(page, "datePublished", published);
        let modified = self.moments("dateModified", MODIFIED);
        page.date_modified = date_of(page, "dateModified", modified);
        page.author = self.authors();
        page.image = self.images();
        page.keywords = self.keywords();
        page.article_section = self
            .json("articleSection", "name")
            .or_else(|| self.meta(SECTION))
            .map(|(_, value)| value);
        page.is_accessible_for_free =
            self.objects.iter().find_map(|object| match object.get("isAccessibleForFree")? {
                Value::Bool(free) => Some(*free),
                Value::String(text) => Some(text.eq_ignore_ascii_case("true")),
                _ => None,
            });
        page.declared_language = self
            .attribute("html[lang]", "lang")
            .or_else(|| {
                self.meta(&["og:locale", "language"]).map(|(_, value)| value.replace('_', "-"))
            })
            .or_else(|| self.json("inLanguage", "name").map(|(_, value)| value));
        page.canonical_url = self.canonical();
        page.alternate_urls = self
            .attribute(r#"link[rel="amphtml"]"#, "href")
            .and_then(|link| self.absolute(&link))
            .into_iter()
            .collect();
        self.rights(page);
    }

    fn headline(&self, site: Option<&str>) -> Vec<Candidate> {
        let mut found = Vec::new();
        let mut add = |method, selector, value: Option<String>| {
            if let Some(value) = value.map(|value| without_site(&tidy(&value), site))
                && !value.is_empty()
            {
                found.push(Candidate { method, selector, value });
            }
        };
        add("jsonld", "headline", self.json("headline", "name").map(|(_, value)| value));
        let h1 = self.single_h1();
        add("heuristic", "h1", h1);
        add(
            "opengraph",
            "og:title",
            self.meta(&["og:title", "twitter:title"]).map(|(_, value)| value),
        );
        add("meta", "title", self.text("title"));
        // The printed headline beats the markup's where both tell the same story.
        let printed = found.iter().position(|candidate| candidate.selector == "h1");
        if let Some(at) = printed
            && (at == 0 || found.len() == 1 || alike(&found[0].value, &found[at].value))
        {
            let printed = found.remove(at);
            found.insert(0, printed);
        }
        found
    }

    fn single_h1(&self) -> Option<String> {
        let selector = Selector::parse("h1").ok()?;
        let mut headings = self
            .html
            .select(&selector)
            .map(|heading| tidy(&heading.text().collect::<String>()))
            .filter(|text| text.chars().count() >= 12);
        let first = headings.next()?;
        headings.next().is_none().then_some(first)
    }

    fn moments(&self, key: &str, names: &[&'static str]) -> Vec<(Candidate, Moment)> {
        let json = self.objects.iter().filter_map(|object| object.get(key)?.as_str());
        let json = json.map(|value| ("jsonld", "", value.to_owned()));
        let meta = names.iter().filter_map(|name| Some(("meta", *name, self.one_meta(name)?)));
        let published = key == "datePublished";
        let time = published.then(|| self.attribute("time[datetime]", "datetime")).flatten();
        let time = time.map(|value| ("heuristic", "time", value));
        let mut found: Vec<(Candidate, Moment)> = json
            .chain(meta)
            .chain(time)
            .filter_map(|(method, selector, value)| {
                let moment = date::parse(&value)?;
                Some((Candidate { method, selector, value: moment.text.clone() }, moment))
            })
            .collect();
        if published && let Some(moment) = self.url.and_then(|url| date::from_url(url.path())) {
            let candidate =
                Candidate { method: "url", selector: "path", value: moment.text.clone() };
            found.push((candidate, moment));
        }
        found
    }

    fn authors(&self) -> Vec<Author> {
        let mut found: Vec<Author> = Vec::new();
        for object in self.objects {
            let entries = match object.get("author") {
                Some(Value::Array(items)) => items.clone(),
                Some(value) => vec![value.clone()],
                None => Vec::new(),
            };
            for entry in entries.iter().take(MANY) {
                let kind = match entry.get("@type").and_then(Value::as_str) {
                    Some("Organization" | "NewsMediaOrganization") => AuthorKind::Organization,
                    _ => AuthorKind::Person,
                };
                let url =
                    entry.get("url").and_then(Value::as_str).and_then(|url| self.absolute(url));
                for name in texts(Some(entry), "name") {
                    add_author(&mut found, &name, url.clone(), kind);
                }
            }
            if !found.is_empty() {
                return found;
            }
        }
        for name in ["author", "article:author", "parsely-author", "sailthru.author"] {
            if let Some(value) = self.one_meta(name).filter(|value| !value.starts_with("http")) {
                add_author(&mut found, &value, None, AuthorKind::Person);
                return found;
            }
        }
        if let Some(name) = self.text(r#"[rel="author"], [itemprop="author"] [itemprop="name"]"#) {
            add_author(&mut found, &name, None, AuthorKind::Person);
        }
        found
    }

    fn images(&self) -> Vec<Image> {
        let json = self.objects.first().map(|object| texts(object.get("image"), "url"));
        let mut addresses = json.unwrap_or_default();
        addresses.extend(self.one_meta("og:image"));
        let mut images: Vec<Image> = Vec::new();
        for address in addresses.iter().filter_map(|address| self.absolute(address)).take(MANY) {
            if images.iter().all(|image| image.url != address) {
                images.push(Image { url: address, ..Image::default() });
            }
        }
        images
    }

    fn keywords(&self) -> Vec<String> {
        let json = self.objects.first().map(|object| texts(object.get("keywords"), "name"));
        let mut lists = json.unwrap_or_default();
        if lists.is_empty() {
            lists.extend(self.meta(&["news_keywords", "keywords"]).map(|(_, value)| value));
        }
        let mut words: Vec<String> = Vec::new();
        for word in lists.iter().flat_map(|list| list.split([',', ';', '،'])).map(tidy) {
            if !word.is_empty() && !words.contains(&word) && words.len() < MANY {
                words.push(word);
            }
        }
        words
    }

    /// The declared address, where it is of the same site; a page may not claim another.
    fn canonical(&self) -> Option<String> {
        let declared = self
            .attribute(r#"link[rel="canonical"]"#, "href")
            .or_else(|| self.one_meta("og:url"))?;
        let declared = Url::parse(&self.absolute(&declared)?).ok()?;
        let own = self.url?;
        let bare = declared.username().is_empty() && declared.password().is_none();
        (bare && host_key(&declared) == host_key(own)).then(|| declared.into())
    }

    fn rights(&self, page: &mut Page) {
        page.rights.meta_robots = self
            .one_meta("robots")
            .map(|value| {
                value.split(',').map(tidy).filter(|word| !word.is_empty()).take(MANY).collect()
            })
            .unwrap_or_default();
        page.rights.license = self
            .attribute(r#"link[rel="license"], a[rel="license"]"#, "href")
            .and_then(|link| self.absolute(&link));
        page.rights.copyright_holder = self.json("copyrightHolder", "name").map(|(_, value)| value);
        page.rights.tdm = self.one_meta("tdm-reservation").map(|value| Tdm {
            reserved: value.trim() == "1",
            policy: self.one_meta("tdm-policy"),
            via: "meta".to_owned(),
        });
        if let Some(origin) =
            self.one_meta("syndication-source").or_else(|| self.one_meta("original-source"))
        {
            page.syndicated_from = vec![SyndicatedFrom { name: None, url: self.absolute(&origin) }];
        }
    }

    fn json(&self, field: &str, key: &str) -> Option<(&'static str, String)> {
        let mut all = self.objects.iter().flat_map(|object| texts(object.get(field), key));
        all.find(|text| !text.trim().is_empty()).map(|text| ("jsonld", tidy(&text)))
    }

    fn meta(&self, names: &[&'static str]) -> Option<(&'static str, String)> {
        names.iter().find_map(|name| Some((*name, tidy(&self.one_meta(name)?))))
    }

    fn one_meta(&self, name: &str) -> Option<String> {
        let named = |key: Option<&str>| key.is_some_and(|key| key.eq_ignore_ascii_case(name));
        self.metas
            .iter()
            .find(|meta| {
                named(meta.attr("property"))
                    || named(meta.attr("name"))
                    || named(meta.attr("itemprop"))
            })
            .and_then(|meta| meta.attr("content"))
            .map(tidy)
            .filter(|value| !value.is_empty())
    }

    fn attribute(&self, selector: &str, name: &str) -> Option<String> {
        let selector = Selector::parse(selector).ok()?;
        let value = self.html.select(&selector).next()?.attr(name)?;
        Some(tidy(value)).filter(|value| !value.is_empty())
    }

    fn text(&self, selector: &str) -> Option<String> {
        let selector = Selector::parse(selector).ok()?;
        let text = tidy(&self.html.select(&selector).next()?.text().collect::<String>());
        Some(text).filter(|text| !text.is_empty())
    }

    fn absolute(&self, link: &str) -> Option<String> {
        let url = match self.url {
            Some(base) => base.join(link),
            None => Url::parse(link),
        };
        url.ok().filter(|url| matches!(url.scheme(), "http" | "https")).map(String::from)
    }
}

fn add_author(found: &mut Vec<Author>, name: &str, url: Option<String>, kind: AuthorKind) {
    let name = tidy(name);
    let lower = name.to_lowercase();
    let name = if lower.starts_with("by ") { name[3..].trim().to_owned() } else { name };
    let fits = !name.is_empty() && name.chars().count() < 100 && !name.starts_with("http");
    if fits && found.len() < MANY && found.iter().all(|author| author.name != name) {
        found.push(Author { name, url, kind });
    }
}

fn choose(page: &mut Page, field: &str, mut found: Vec<Candidate>) -> Option<String> {
    if found.is_empty() {
        return None;
    }
    let chosen = found.remove(0);
    page.provenance.insert(field.to_owned(), origin(&chosen, found));
    Some(chosen.value)
}

fn date_of(page: &mut Page, field: &str, mut found: Vec<(Candidate, Moment)>) -> Option<String> {
    if found.is_empty() {
        return None;
    }
    let (chosen, moment) = found.remove(0);
    let rest = found.into_iter().map(|(candidate, _)| candidate).collect();
    let mut origin = origin(&chosen, rest);
    origin.precision = Some(moment.precision.to_owned());
    origin.timezone_known = Some(moment.zone_known);
    page.provenance.insert(field.to_owned(), origin);
    Some(moment.text)
}

fn origin(chosen: &Candidate, rest: Vec<Candidate>) -> Provenance {
    let rejected = rest
        .into_iter()
        .filter(|candidate| candidate.value != chosen.value)
        .map(|candidate| Rejected {
            method: format!("{} {}", candidate.method, candidate.selector).trim().to_owned(),
            value: cut(&candidate.value, 200).to_owned(),
        })
        .collect();
    Provenance {
        method: chosen.method.to_owned(),
        selector: Some(chosen.selector.to_owned()).filter(|selector| !selector.is_empty()),
        rejected,
        ..Provenance::default()
    }
}

/// One line, clean, at most [`FIELD`] scalars.
fn tidy(text: &str) -> String {
    cut(&clean(&fold_space(text)), FIELD).trim().to_owned()
}

/// A title without the site's name behind a separator.
fn without_site(title: &str, site: Option<&str>) -> String {
    for separator in [" | ", " - ", " – ", " — ", " :: ", " · "] {
        if let Some((head, tail)) = title.rsplit_once(separator) {
            let named = site.is_some_and(|site| tail.to_lowercase().contains(&site.to_lowercase()));
            if named || (separator == " | " && tail.split_whitespace().count() <= 3) {
                return head.trim().to_owned();
            }
        }
    }
    title.to_owned()
}

/// Whether two headlines share most of their words.
fn alike(a: &str, b: &str) -> bool {
    let words = |text: &str| -> Vec<String> {
        text.to_lowercase().split_whitespace().map(str::to_owned).collect()
    };
    let (a, b) = (words(a), words(b));
    let shared = a.iter().filter(|word| b.contains(word)).count();
    shared * 2 >= a.len().min(b.len()).max(1)
}
