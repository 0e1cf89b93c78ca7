//! Finds whom an article credits: credit lines, datelines, bylines, "according to X".
//!
//! Names come from a table; a name outside it is taken from a credit line only, where a label
//! says that it is a source. People and offices who said something are not sources.

use std::ops::Range;
use std::sync::LazyLock;

use article::annotations::{Annotations, Attribution};
use article::record::Article;
use regex::Regex;

use crate::enricher::{EnrichError, Enricher};
use crate::publications::{Printed, Publication, printed};
use crate::table::rows;

/// Writes `attribution`.
pub struct Attributions;

/// A dateline stands in so many bytes of its line (80 Bengali letters).
const DATELINE_BYTES: usize = 240;

/// A longer name in a credit line is a sentence.
const LONGEST_NAME: usize = 30;

impl Enricher for Attributions {
    fn name(&self) -> &'static str {
        "attribution"
    }

    fn annotate(&self, article: &Article, notes: &mut Annotations) -> Result<(), EnrichError> {
        let mut found = from_markup(article);
        found.extend(from_text(&article.article_body));
        notes.attribution = found;
        Ok(())
    }
}

fn from_markup(article: &Article) -> Vec<Attribution> {
    let declared = article.syndicated_from.iter().filter_map(|origin| {
        let host = origin.url.as_deref().and_then(|url| url::Url::parse(url).ok());
        let host = host.as_ref().and_then(|url| url.host_str());
        let name = origin.name.clone().or_else(|| host.map(str::to_owned))?;
        let known = printed(&name).first().map(|one| one.publication.wikidata);
        Some(Attribution {
            wikidata: known.filter(|id| !id.is_empty()).map(str::to_owned),
            name,
            kind: "syndicated".to_owned(),
            url: origin.url.clone(),
            confidence: 0.95,
            ..Attribution::default()
        })
    });
    declared.collect()
}

/// What the text itself says; one answer a source and kind.
fn from_text(body: &str) -> Vec<Attribution> {
    let mut found: Vec<(Range<usize>, Attribution)> = Vec::new();
    let lines: Vec<Range<usize>> = lines(body);
    for (number, line) in lines.iter().enumerate() {
        let text = &body[line.clone()];
        let credited = credit_line(text);
        let names = printed(text);
        for range in &credited {
            let known = names.iter().find(|one| one.start == range.start && one.end <= range.end);
            let range = known.map_or_else(|| range.clone(), |one| one.start..one.end);
            let name = known.map_or(&text[range.clone()], |one| one.publication.name);
            let known = known.map(|one| one.publication);
            let confidence = if known.is_some() { 0.95 } else { 0.6 };
            push(&mut found, line.start, &range, attribution(known, name, "credited", confidence));
        }
        let last = lines.get(number + 1).is_none_or(|next| body[next.clone()].trim().is_empty())
            || number + 2 >= lines.len();
        for one in
            names.iter().filter(|one| credited.iter().all(|range| !range.contains(&one.start)))
        {
            let place = Place { head: number < 2 && lines.len() > 1, last };
            if let Some(kind) = kind_of(text, one, &place) {
                let answer = attribution(Some(one.publication), one.publication.name, kind, 0.85);
                push(&mut found, line.start, &(one.start..one.end), answer);
            }
        }
    }
    with_character_offsets(body, found)
}

/// Most credits of an article; a page that names more is a list of sources.
const MOST: usize = 50;

fn push(
    found: &mut Vec<(Range<usize>, Attribution)>,
    line: usize,
    range: &Range<usize>,
    answer: Attribution,
) {
    if found.len() < MOST
        && found.iter().all(|(_, known)| known.name != answer.name || known.kind != answer.kind)
    {
        found.push((line + range.start..line + range.end, answer));
    }
}

fn attribution(
    known: Option<&Publication>,
    name: &str,
    kind: &str,
    confidence: f32,
) -> Attribution {
    let wikidata = known.map(|known| known.wikidata).filter(|id| !id.is_empty());
    Attribution {
        name: name.to_owned(),
        wikidata: wikidata.map(str::to_owned),
        kind: kind.to_owned(),
        confidence,
        ..Attribution::default()
    }
}

fn with_character_offsets(body: &str, found: Vec<(Range<usize>, Attribution)>) -> Vec<Attribution> {
    // At most [`MOST`] are counted from the beginning.
    let at = |byte: usize| body[..byte].chars().count();
    let fill = |(range, answer): (Range<usize>, Attribution)| Attribution {
        start: Some(at(range.start)),
        end: Some(at(range.end)),
        literal: Some(body[range].to_owned()),
        ..answer
    };
    found.into_iter().map(fill).collect()
}

/// The lines of `body` as byte ranges, without the space around them.
fn lines(body: &str) -> Vec<Range<usize>> {
    let mut start = 0;
    let mut all = Vec::new();
    for line in body.split_inclusive('\n') {
        let text = line.trim();
        let lead = line.len() - line.trim_start().len();
        all.push(start + lead..start + lead + text.len());
        start += line.len();
    }
    all.retain(|line| !line.is_empty());
    all
}

static CREDIT: LazyLock<Regex> = LazyLock::new(|| {
    let cues: Vec<&str> =
        rows::<1>(include_str!("../data/credit_cues.tsv")).map(|[cue]| cue).collect();
    let pattern = format!(
        r"(?i)(?:^|[।.!?…。)]\s*|[(（\[]\s*)(?:{})\s*[:：ঃ=\-–—]\s*-?\s*([^\n]{{2,120}})$",
        cues.join("|")
    );
    Regex::new(&pattern).expect("the cues are a pattern")
});

static BETWEEN: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"\s*(?:[,،、;+|]|/|\s(?:ও|এবং|and|और|و|und|et|y|e|и|та)\s)\s*")
        .expect("the pattern is checked by the tests")
});

/// The names that a credit line gives, as byte ranges of the line; none if it is no credit line.
fn credit_line(line: &str) -> Vec<Range<usize>> {
    let Some(rest) = CREDIT.captures(line).and_then(|found| found.get(1)) else {
        return Vec::new();
    };
    let end = rest.start() + rest.as_str().trim_end_matches(END_OF_CREDIT).len();
    let mut names = Vec::new();
    let mut start = rest.start();
    let separators = BETWEEN
        .find_iter(&line[start..end])
        .map(|gap| (rest.start() + gap.start(), rest.start() + gap.end()));
    for (stop, next) in separators.collect::<Vec<_>>().into_iter().chain([(end, end)]) {
        let name = start..stop;
        let known = printed(&line[name.clone()]).first().is_some_and(|one| one.start == 0);
        if known || looks_like_a_name(&line[name.clone()]) {
            names.push(name);
        }
        start = next;
    }
    names
}

const END_OF_CREDIT: [char; 10] = ['।', '.', ')', '）', ']', ' ', '\u{A0}', '|', '"', '”'];

/// Words that stand in a credit line without naming a publication.
static NO_NAMES: LazyLock<Vec<&'static str>> = LazyLock::new(|| {
    rows::<1>(include_str!("../data/no_source_words.tsv")).map(|[word]| word).collect()
});

fn looks_like_a_name(text: &str) -> bool {
    let sign = |c: char| {
        !crate::words::is_word_character(c)
            && !matches!(c, ' ' | '.' | '-' | '\'' | '’' | '&' | '–')
    };
    let letters = text.chars().filter(|c| c.is_alphabetic()).count();
    letters >= 2
        && text.chars().count() <= LONGEST_NAME
        && text.split_whitespace().count() <= 5
        && !text.contains(sign)
        && !NO_NAMES.iter().any(|word| text.to_lowercase().contains(word))
}

/// Where in the article a line stands.
struct Place {
    head: bool,
    last: bool,
}

/// A row of the table of contexts.
struct Rule {
    kind: &'static str,
    place: &'static str,
    before: Regex,
    after: Regex,
}

static RULES: LazyLock<Vec<Rule>> = LazyLock::new(|| {
    rows::<4>(include_str!("../data/attribution_rules.tsv"))
        .map(|[kind, place, before, after]| {
            let pattern =
                |text| Regex::new(text).expect("the table's patterns are checked by the tests");
            Rule { kind, place, before: pattern(before), after: pattern(after) }
        })
        .collect()
});

fn kind_of(line: &str, name: &Printed, place: &Place) -> Option<&'static str> {
    let (before, after) = (&line[..name.start], &line[name.end..]);
    let stands = |rule: &&Rule| match rule.place {
        "head" => place.head && line.len() <= DATELINE_BYTES,
        "start" => before.len() <= DATELINE_BYTES,
        "end" => place.last,
        _ => true,
    };
    let fits = |rule: &&Rule| rule.before.is_match(before) && rule.after.is_match(after);
    RULES.iter().filter(stands).find(fits).map(|rule| rule.kind)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kinds(body: &str) -> Vec<(String, String)> {
        from_text(body).into_iter().map(|one| (one.kind, one.name)).collect()
    }

    fn one(kind: &str, name: &str) -> Vec<(String, String)> {
        vec![(kind.to_owned(), name.to_owned())]
    }

    #[test]
    fn a_credit_line_is_credited_with_its_place() {
        let body = "বৃষ্টি থেমেছে।\nতথ্যসূত্র: বিবিসি";
        let found = from_text(body);
        assert_eq!(found[0].kind, "credited");
        let literal: String = body.chars().skip(found[0].start.unwrap()).collect();
        assert_eq!((literal.as_str(), found[0].literal.as_deref()), ("বিবিসি", Some("বিবিসি")));
    }

    #[test]
    fn an_unknown_outlet_is_taken_from_a_credit_line_only() {
        assert_eq!(kinds("খেলা শেষ।\nসূত্র: নদীপথ সাময়িকী"), one("credited", "নদীপথ সাময়িকী"));
        assert!(kinds("নদীপথ সাময়িকী জানিয়েছে, খেলা শেষ।").is_empty());
    }

    #[test]
    fn a_formula_and_an_anonymous_source_are_no_credit() {
        assert!(kinds("বল মাপুন।\nসূত্র: বল = ভর × ত্বরণ").is_empty());
        assert!(kinds("পুলিশ সূত্র জানায়, দুজন আটক।").is_empty());
    }

    #[test]
    fn a_dateline_a_byline_and_a_report_are_told_apart() {
        assert_eq!(kinds("LIMA, May 3 (Reuters) - It rained."), one("dateline", "Reuters"));
        assert_eq!(kinds("By Reuters\nIt rained in Lima."), one("byline", "Reuters"));
        assert_eq!(kinds("It rained, Reuters reported on Monday."), one("quoted", "Reuters"));
    }

    #[test]
    fn a_photo_credit_is_no_origin() {
        assert_eq!(kinds("ছবি: এএফপি\nমেলা শুরু হয়েছে।")[0].0, "photo");
    }
}
