//! What the newsroom will print and do, decided from its seed before anything runs.

use std::collections::BTreeMap;
use std::sync::Arc;

use anyhow::ensure;

use crate::newsroom::outlets::{Format, Outlet};
use crate::newsroom::random::Random;
use crate::newsroom::story::{Numbering, Source};
use crate::newsroom::texts::Text;

/// Articles that come out at the start are at most this old, so that a first look of two days
/// takes all of them.
const OLDEST_MINUTES: usize = 36 * 60;

/// At most so many articles are held back to come out while the script plays.
const HELD_BACK: usize = 24;

/// At most so many articles are corrected, and half as many withdrawn.
const CORRECTED: usize = 8;

/// One thing that the script does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// Brings out a planned story.
    Publish { serial: u32 },
    /// Changes a story's text.
    Correct { serial: u32 },
    /// Takes a story back.
    Withdraw { serial: u32 },
    /// Lists a story in a second site's feed.
    Share { serial: u32, site: usize },
    /// Hides the next change of a feed once behind a 304.
    Lie { site: usize },
    /// Makes a feed answer 429.
    Throttle { site: usize },
    /// Ends that.
    Recover { site: usize },
    /// Cuts the next answer of a feed.
    Truncate { site: usize },
    /// Moves a feed for good.
    Move { site: usize },
    /// Breaks a feed's XML for good.
    Break { site: usize },
}

/// A story before it comes out.
#[derive(Clone, Debug)]
pub(super) struct Draft {
    /// Its number.
    pub(super) serial: u32,
    /// Its words.
    pub(super) source: Source,
    /// Whether it is one of many with the same text.
    pub(super) numbering: Numbering,
    /// The site that will print it.
    pub(super) site: usize,
    /// How old it is said to be, if it comes out at the start.
    pub(super) minutes: u32,
}

/// Which text goes where.
#[derive(Clone, Debug)]
pub(super) struct Desk {
    by_language: BTreeMap<String, Vec<Arc<Text>>>,
    /// The language of each site, and how many sites before it have the same.
    sites: Vec<(String, usize)>,
}

impl Desk {
    /// A desk that has a text for every outlet.
    pub(super) fn new(texts: &[Arc<Text>], outlets: &[Arc<Outlet>]) -> anyhow::Result<Self> {
        ensure!(!outlets.is_empty(), "a newsroom needs at least one feed");
        let mut by_language: BTreeMap<String, Vec<Arc<Text>>> = BTreeMap::new();
        for text in texts {
            by_language.entry(text.language.clone()).or_default().push(Arc::clone(text));
        }
        let mut ranks: BTreeMap<&str, usize> = BTreeMap::new();
        let mut sites = Vec::with_capacity(outlets.len());
        for outlet in outlets {
            let language = &outlet.language;
            ensure!(by_language.contains_key(language), "no article is written in {language}");
            let rank = ranks.entry(language).or_insert(0);
            sites.push((language.clone(), *rank));
            *rank += 1;
        }
        Ok(Self { by_language, sites })
    }

    /// Each text once, shared out among the sites of its language.
    pub(super) fn once(&self, seed: u64) -> Vec<Draft> {
        let mut drafts: Vec<Draft> = Vec::new();
        for (language, texts) in &self.by_language {
            let sites: Vec<usize> =
                (0..self.sites.len()).filter(|&site| self.sites[site].0 == *language).collect();
            for (text, &site) in texts.iter().zip(sites.iter().cycle()) {
                let serial = serial(drafts.len());
                drafts.push(Draft {
                    serial,
                    source: Source::Written(Arc::clone(text)),
                    numbering: Numbering::Single,
                    site,
                    minutes: minutes(seed, serial),
                });
            }
        }
        drafts
    }

    /// `count` numbered variants, spread evenly over the sites.
    pub(super) fn variants(&self, seed: u64, count: usize) -> Vec<Draft> {
        (0..count).map(|index| self.variant(seed, serial(index))).collect()
    }

    /// The variant with the number `serial`.
    pub(super) fn variant(&self, seed: u64, serial: u32) -> Draft {
        let index = usize::try_from(serial.saturating_sub(1)).unwrap_or(0);
        let site = index % self.sites.len();
        let (language, rank) = &self.sites[site];
        let texts = &self.by_language[language];
        let text = &texts[(index / self.sites.len() + rank) % texts.len()];
        Draft {
            serial,
            source: Source::Written(Arc::clone(text)),
            numbering: Numbering::Variant,
            site,
            minutes: minutes(seed, serial),
        }
    }
}

/// The number of the story at `index`.
pub(super) fn serial(index: usize) -> u32 {
    u32::try_from(index + 1).unwrap_or(u32::MAX)
}

/// How old the story is said to be at the start.
pub(super) fn minutes(seed: u64, serial: u32) -> u32 {
    let mut random = Random::new(seed ^ (u64::from(serial) << 20));
    u32::try_from(5 + random.below(OLDEST_MINUTES - 5)).unwrap_or(5)
}

/// The steps that follow the opening, and before them the split: the drafts held back for them are
/// the last of the returned order.
pub(super) fn script(
    seed: u64,
    drafts: &[Draft],
    outlets: &[Arc<Outlet>],
) -> (Vec<u32>, Vec<Step>) {
    let mut random = Random::new(seed);
    let mut order: Vec<&Draft> = drafts.iter().collect();
    random.shuffle(&mut order);
    let held = (order.len() / 6).min(HELD_BACK);
    let (opening, held) = order.split_at(order.len() - held);
    let corrected = (opening.len() / 8).min(CORRECTED);
    let mut news: Vec<Step> =
        held.iter().map(|draft| Step::Publish { serial: draft.serial }).collect();
    news.extend(opening[..corrected].iter().map(|draft| Step::Correct { serial: draft.serial }));
    if let Some(draft) = opening[..corrected].first() {
        news.push(Step::Correct { serial: draft.serial });
    }
    let withdrawn = &opening[corrected..corrected + corrected / 2];
    news.extend(withdrawn.iter().map(|draft| Step::Withdraw { serial: draft.serial }));
    random.shuffle(&mut news);

    let standing = &opening[corrected + corrected / 2..];
    let mut tricks = tricks(&mut random, standing, outlets).into_iter();
    let mut steps: Vec<Step> = tricks.next().unwrap_or_default();
    for (index, step) in news.into_iter().enumerate() {
        steps.push(step);
        if index % 2 == 1 {
            steps.extend(tricks.next().unwrap_or_default());
        }
    }
    steps.extend(tricks.flatten());
    (opening.iter().map(|draft| draft.serial).collect(), steps)
}

/// The tricks that servers play, in groups that belong together; `standing` are stories that
/// nothing else happens to.
fn tricks(random: &mut Random, standing: &[&Draft], outlets: &[Arc<Outlet>]) -> Vec<Vec<Step>> {
    let mut sites: Vec<usize> = (0..outlets.len()).collect();
    random.shuffle(&mut sites);
    let at = |index: usize| sites[index % sites.len()];
    let xml = |from: usize| {
        (from..from + sites.len()).map(at).find(|&site| outlets[site].format != Format::Json)
    };
    let share = standing.iter().find_map(|draft| {
        let language = &outlets[draft.site].language;
        let twin = sites
            .iter()
            .find(|&&site| site != draft.site && outlets[site].language == *language)?;
        Some(Step::Share { serial: draft.serial, site: *twin })
    });
    let mut lie = vec![Step::Lie { site: at(0) }];
    let changed = standing.iter().find(|draft| draft.site == at(0));
    lie.extend(changed.map(|draft| Step::Correct { serial: draft.serial }));
    vec![
        share.into_iter().collect(),
        lie,
        vec![Step::Throttle { site: at(1) }],
        xml(2).into_iter().map(|site| Step::Truncate { site }).collect(),
        vec![Step::Recover { site: at(1) }],
        vec![Step::Move { site: at(4) }],
        xml(5).into_iter().map(|site| Step::Break { site }).collect(),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::newsroom::{outlets, texts};

    #[test]
    fn every_text_comes_out_once_and_every_trick_is_played() {
        let outlets = outlets::editions(12).unwrap();
        let desk = Desk::new(&texts::bundled().unwrap(), &outlets).unwrap();
        let drafts = desk.once(1);
        let (opening, steps) = script(1, &drafts, &outlets);
        let published = steps.iter().filter(|step| matches!(step, Step::Publish { .. })).count();
        assert_eq!(opening.len() + published, drafts.len());
        for trick in [
            steps.iter().any(|step| matches!(step, Step::Correct { .. })),
            steps.iter().any(|step| matches!(step, Step::Withdraw { .. })),
            steps.iter().any(|step| matches!(step, Step::Share { .. })),
            steps.iter().any(|step| matches!(step, Step::Lie { .. })),
            steps.iter().any(|step| matches!(step, Step::Throttle { .. })),
            steps.iter().any(|step| matches!(step, Step::Truncate { .. })),
            steps.iter().any(|step| matches!(step, Step::Move { .. })),
            steps.iter().any(|step| matches!(step, Step::Break { .. })),
        ] {
            assert!(trick, "{steps:?}");
        }
        assert_eq!(steps, script(1, &drafts, &outlets).1);
        assert_ne!(steps, script(2, &drafts, &outlets).1);
    }

    #[test]
    fn variants_are_spread_evenly_in_the_language_of_their_outlet() {
        let outlets = outlets::editions(30).unwrap();
        let desk = Desk::new(&texts::bundled().unwrap(), &outlets).unwrap();
        let drafts = desk.variants(1, 300);
        for site in 0..30 {
            assert_eq!(drafts.iter().filter(|draft| draft.site == site).count(), 10);
        }
        for draft in drafts {
            let Source::Written(text) = draft.source else { panic!("a variant without a text") };
            assert_eq!(text.language, outlets[draft.site].language);
        }
    }

    #[test]
    fn one_feed_with_one_article_has_a_script() {
        let outlets = outlets::editions(1).unwrap();
        let desk = Desk::new(&texts::bundled().unwrap(), &outlets).unwrap();
        let (opening, _) = script(1, &desk.variants(1, 1), &outlets);
        assert_eq!(opening, [1]);
    }
}
