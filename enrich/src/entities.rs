//! Finds the names that the tables know, with exact offsets and checked ids.
//!
//! Tables first and nothing else: a name that no table knows is left out, not guessed.

use std::collections::{BTreeMap, HashMap};

use article::annotations::{Annotations, Mention, Span};
use article::record::Article;

use crate::coreference::bare_mentions;
use crate::enricher::{EnrichError, Enricher};
use crate::gazetteer::{Found, GAZETTEER};
use crate::words::words;

/// Writes `mentions`.
pub struct Entities;

/// How sure a name is: with a checked id, without one, and as a bare surname.
const LINKED: f32 = 0.95;
const UNLINKED: f32 = 0.85;
const BARE: f32 = 0.8;

/// Where one name stands.
struct Place {
    headline: bool,
    found: Found,
    confidence: f32,
}

impl Enricher for Entities {
    fn name(&self) -> &'static str {
        "entities"
    }

    fn annotate(&self, article: &Article, notes: &mut Annotations) -> Result<(), EnrichError> {
        let language = notes.in_language.as_deref().unwrap_or("und");
        let headline = article.headline.as_deref().unwrap_or_default();
        let mut known = HashMap::new();
        let mut places = Vec::new();
        for (text, is_headline) in [(headline, true), (article.article_body.as_str(), false)] {
            let words = words(text);
            let named = GAZETTEER.find(&words, language);
            let bare = bare_mentions(&words, &named, &mut known);
            let sure = |found: &Found| match GAZETTEER.entities[found.entity].id {
                "" => UNLINKED,
                _ => LINKED,
            };
            let place = |found, confidence| Place { headline: is_headline, found, confidence };
            let from = places.len();
            places.extend(named.into_iter().map(|found| {
                let confidence = sure(&found);
                place(found, confidence)
            }));
            places.extend(bare.into_iter().map(|found| place(found, BARE)));
            places[from..].sort_by_key(|place| place.found.start);
        }
        notes.mentions = mentions(&places, headline, &article.article_body);
        Ok(())
    }
}

/// One mention an entity, in the order of their first spans.
fn mentions(places: &[Place], headline: &str, body: &str) -> Vec<Mention> {
    let headline: Vec<char> = headline.chars().collect();
    let body: Vec<char> = body.chars().collect();
    let mut order: Vec<usize> = Vec::new();
    let mut by_entity: BTreeMap<usize, Vec<&Place>> = BTreeMap::new();
    for place in places {
        let list = by_entity.entry(place.found.entity).or_default();
        if list.is_empty() {
            order.push(place.found.entity);
        }
        list.push(place);
    }
    let most = by_entity.values().map(Vec::len).max().unwrap_or(1);
    let mut all = Vec::with_capacity(order.len());
    for entity in order {
        let Some(places) = by_entity.get(&entity) else { continue };
        let spans: Vec<Span> = places
            .iter()
            .map(|place| {
                let text = if place.headline { &headline } else { &body };
                let (start, end) = (place.found.start, place.found.end);
                let text = text[start..end].iter().collect();
                let field = place.headline.then(|| "headline".to_owned());
                Span { start, end, text, field }
            })
            .collect();
        let known = &GAZETTEER.entities[entity];
        all.push(Mention {
            id: (!known.id.is_empty()).then(|| known.id.to_owned()),
            name: spans.first().map(|span| span.text.clone()).unwrap_or_default(),
            name_en: (!known.name_en.is_empty()).then(|| known.name_en.to_owned()),
            kind: known.kind.to_owned(),
            salience: salience(places, most, body.len()),
            count: spans.len(),
            spans,
            confidence: places.iter().map(|place| place.confidence).fold(0.0, f32::max),
            method: "table".to_owned(),
        });
    }
    all
}

/// Half for how often against the most frequent, the rest for how early and for the headline.
#[allow(clippy::cast_precision_loss, reason = "articles are far shorter than 2^23 characters")]
fn salience(places: &[&Place], most: usize, length: usize) -> f32 {
    let often = places.len() as f32 / most as f32;
    let in_headline = places.iter().any(|place| place.headline);
    let first = if in_headline { 0 } else { places.first().map_or(0, |place| place.found.start) };
    let early = 1.0 - first as f32 / length.max(1) as f32;
    let headline = if in_headline { 0.2 } else { 0.0 };
    let score = 0.5 * often + 0.3 * early.max(0.0) + headline;
    (score * 1000.0).round() / 1000.0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn annotated(headline: &str, body: &str) -> Vec<Mention> {
        let article = Article {
            headline: Some(headline.to_owned()),
            article_body: body.to_owned(),
            ..Article::default()
        };
        let mut notes =
            Annotations { in_language: Some("bn".to_owned()), ..Annotations::default() };
        Entities.annotate(&article, &mut notes).unwrap();
        notes.mentions
    }

    #[test]
    fn spans_hold_what_is_printed_and_titles_stay_outside() {
        let body = "রাষ্ট্রপতি ভ্লাদিমির পুতিন বেইজিংয়ে গেছেন। পুতিনের সফর তিন দিনের।";
        let characters: Vec<char> = body.chars().collect();
        let mentions = annotated("", body);
        assert_eq!(mentions[0].name, "ভ্লাদিমির পুতিন");
        assert_eq!((mentions[0].count, mentions[0].kind.as_str()), (2, "person"));
        for span in mentions.iter().flat_map(|mention| &mention.spans) {
            assert_eq!(characters[span.start..span.end].iter().collect::<String>(), span.text);
        }
    }

    #[test]
    fn a_name_in_the_headline_says_so_and_weighs_more() {
        let mentions = annotated("নেপালে ভূমিকম্প", "ভুটানেও কম্পন। নেপাল সাহায্য চেয়েছে।");
        assert_eq!(mentions[0].spans[0].field.as_deref(), Some("headline"));
        assert!(mentions[0].salience > mentions[1].salience);
    }

    #[test]
    fn a_text_without_known_names_has_none() {
        assert!(annotated("", "আজ সকালে হালকা বৃষ্টি হয়েছে, তাস খেলা বন্ধ।").is_empty());
    }
}
