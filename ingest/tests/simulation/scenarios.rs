//! What a world in simulated time must show, at any size.

use std::time::Duration;

use super::{Feed, Nature, Run, Weather, run};

const DAY: i64 = 86_400;
const HOUR: i64 = 3600;

/// What a run showed; durations in seconds.
#[derive(Debug)]
pub(crate) struct Liars {
    pub(crate) articles: usize,
    /// From an article's publication to the first look at its page.
    pub(crate) longest_delay: i64,
    /// Articles that were never looked at, though they were published 48 h before the end.
    pub(crate) missed: usize,
    /// Between two requests of one honest feed without validators.
    pub(crate) shortest_between_full: i64,
    /// Of an honest feed's polls, in percent.
    pub(crate) honest_304_pct: f64,
}

/// Feeds whose 304 lies beside honest ones.
pub(crate) async fn liars(liars: usize, honest: usize, days: i64) -> Liars {
    let period =
        |index: usize| [4, 6, 8, 12][index % 4] * HOUR + i64::try_from(index % 60).unwrap();
    let nature = |index: usize| match index {
        _ if index >= liars => Nature::Honest,
        _ if index.is_multiple_of(2) => Nature::AlwaysUnmodified,
        _ => Nature::OneTag,
    };
    let natures: Vec<_> = (0..liars + honest).map(|i| (nature(i), period(i))).collect();
    let length = days * DAY;
    let seconds = Duration::from_secs(u64::try_from(length).unwrap());
    let Run { feeds, articles, .. } = run(&natures, Weather::default(), seconds).await;
    let honest = || feeds.iter().filter(|feed| feed.nature == Nature::Honest);
    let owed = |feed: &Feed| {
        let (period, last) = (feed.period, feed.published(length - 2 * DAY));
        (1..=last).filter(move |number| (number - 10) * period > 0).collect::<Vec<i64>>()
    };
    let polls: usize = honest().map(|feed| feed.asked.len()).sum();
    let unmodified: u32 = honest().map(|feed| feed.unmodified).sum();
    Liars {
        articles,
        longest_delay: feeds
            .iter()
            .flat_map(|feed| feed.delays.iter().filter(|(n, _)| feed.published_at(**n) > 0))
            .map(|(_, delay)| *delay)
            .max()
            .unwrap_or(0),
        missed: feeds
            .iter()
            .map(|feed| owed(feed).iter().filter(|n| !feed.delays.contains_key(n)).count())
            .sum(),
        shortest_between_full: honest().filter_map(between_full).min().unwrap_or(i64::MAX),
        #[expect(clippy::cast_precision_loss, reason = "below a million")]
        honest_304_pct: 100.0 * f64::from(unmodified) / polls as f64,
    }
}

fn between_full(feed: &Feed) -> Option<i64> {
    let full: Vec<i64> =
        feed.asked.iter().filter(|(_, is_full)| *is_full).map(|(at, _)| *at).collect();
    full.windows(2).map(|pair| pair[1] - pair[0]).min()
}

/// What a run with an accident showed.
#[derive(Debug)]
pub(crate) struct Accident {
    /// Feeds whose health says failing at the end.
    pub(crate) failing: usize,
    /// The most polls in any ten seconds after it.
    pub(crate) most: u32,
    /// The most polls in any ten seconds before it.
    pub(crate) most_before: u32,
    /// Articles whose page was asked for more than once.
    pub(crate) again: usize,
    /// The longest wait of a feed for its first poll afterwards, in its longest intervals before.
    pub(crate) worst_wait: f64,
}

/// Half a day of quiet, an accident, and a day after it.
#[expect(clippy::cast_precision_loss, reason = "below a million")]
pub(crate) async fn accident(feeds: usize, weather: Weather) -> Accident {
    let natures: Vec<_> = (0..feeds)
        .map(|index| (Nature::Honest, 6 * HOUR + i64::try_from(index % 997).unwrap()))
        .collect();
    let (from, to) = weather.outage.unwrap_or((DAY, DAY));
    let seconds = Duration::from_secs(u64::try_from(to + DAY).unwrap());
    let world = run(&natures, weather, seconds).await;
    let before = world.polls_in_ten_seconds(from - 6 * HOUR, from);
    let after = world.polls_in_ten_seconds(to, to + DAY - 10);
    let wait = |feed: &Feed| {
        let times: Vec<i64> = feed.asked.iter().map(|(at, _)| *at).collect();
        let settled = times.iter().filter(|at| **at > HOUR && **at < from).collect::<Vec<_>>();
        let longest = settled.windows(2).map(|pair| pair[1] - pair[0]).max().unwrap_or(HOUR);
        let first = times.iter().find(|at| **at >= to).map_or(DAY, |at| at - to);
        first as f64 / longest as f64
    };
    Accident {
        failing: world.rows.iter().filter(|row| row.state == "failing").count(),
        most: after.iter().copied().max().unwrap_or(0),
        again: world.feeds.iter().map(|feed| feed.again).sum(),
        most_before: before.iter().copied().max().unwrap_or(0),
        worst_wait: world.feeds.iter().map(wait).fold(0.0, f64::max),
    }
}

/// Our own network is away for six hours.
pub(crate) fn outage() -> Weather {
    Weather { outage: Some((DAY, DAY + 6 * HOUR)), jump: None }
}

/// The wall clock jumps by so many days.
pub(crate) fn jump(days: i64) -> Weather {
    Weather { outage: None, jump: Some((DAY, days * DAY)) }
}
