//! Times in sitemaps: how they are written, and whether they are evidence.

use std::time::Duration;

use jiff::Timestamp;
use jiff::civil::{Date, Time};
use jiff::tz::TimeZone;

use crate::document::Distrust;

/// A local time that was written as UTC is at most so far ahead.
const FURTHEST_ZONE: Duration = Duration::from_hours(14);

/// A time in any form that feeds write: RFC 3339, or the bare date if that is all there is.
pub(crate) fn read(text: &str) -> Option<String> {
    let text = text.trim();
    let Some(full) = feed::date(text) else {
        // What feeds are not believed at all is here to be named: a year far ahead.
        let ahead = text.parse::<Timestamp>().map(|at| at.to_string());
        return ahead.or_else(|_| text.parse::<Date>().map(|date| date.to_string())).ok();
    };
    if has_time(text) { Some(full) } else { full.get(..10).map(str::to_owned) }
}

fn has_time(text: &str) -> bool {
    let after_t = |pair: &[u8]| pair[0].eq_ignore_ascii_case(&b't') && pair[1].is_ascii_digit();
    text.contains(':') || text.as_bytes().windows(2).any(after_t)
}

/// The moment of a time that [`read`] gave; a bare date is its midnight in UTC.
fn moment(text: &str) -> Option<Timestamp> {
    let day = || {
        let midnight = text.parse::<Date>().ok()?.to_datetime(Time::midnight());
        TimeZone::UTC.to_timestamp(midnight).ok()
    };
    text.parse().ok().or_else(day)
}

/// Marks what is no evidence; answers what there is to be said of the whole document.
pub(crate) fn judge<'a>(
    entries: impl Iterator<Item = (Option<&'a str>, &'a mut Option<Distrust>)>,
    now: Timestamp,
) -> Vec<&'static str> {
    let mut dated: Vec<(Timestamp, &mut Option<Distrust>)> =
        entries.filter_map(|(text, mark)| Some((moment(text?)?, mark))).collect();
    let same = match &dated[..] {
        [first, rest @ ..] => !rest.is_empty() && rest.iter().all(|(at, _)| *at == first.0),
        [] => false,
    };
    let edge = now.checked_add(FURTHEST_ZONE).unwrap_or(Timestamp::MAX);
    let mut future = false;
    for (at, mark) in &mut dated {
        if *at > edge {
            **mark = Some(Distrust::Future);
            future = true;
        } else if same {
            **mark = Some(Distrust::SameForAll);
        }
    }
    let said = [
        same.then_some("lastmod is the same for all, and is not trusted"),
        future.then_some("lastmod lies in the future, and is not trusted"),
    ];
    said.into_iter().flatten().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bare_date_stays_bare_and_wrong_forms_are_read() {
        for (text, want) in [
            ("2018-12-16", Some("2018-12-16")),
            ("2018-12", Some("2018-12-01")),
            ("2018-12-16T05:00:00Z", Some("2018-12-16T05:00:00Z")),
            ("2015-05-03T18:51+01:00", Some("2015-05-03T18:51:00+01:00")),
            ("20181216T050000Z", Some("2018-12-16T05:00:00Z")),
            ("Sun, 16 Dec 2018 05:00:00 +0600", Some("2018-12-16T05:00:00+06:00")),
            ("16 Dec 2018", Some("2018-12-16")),
            ("2099-01-01", Some("2099-01-01")),
            ("", None),
            ("yesterday", None),
        ] {
            assert_eq!(read(text).as_deref(), want, "{text}");
        }
    }

    #[test]
    fn what_has_not_come_and_what_all_share_is_no_evidence() {
        let now = "2026-03-02T10:00:00Z".parse().unwrap();
        let judged = |texts: &[&str]| {
            let mut marks = vec![None; texts.len()];
            let said = judge(texts.iter().copied().map(Some).zip(&mut marks), now);
            (marks, said.len())
        };
        let future = Some(Distrust::Future);
        assert_eq!(judged(&["2026-03-01", "2099-01-01"]), (vec![None, future], 1));
        let same = Some(Distrust::SameForAll);
        let twice = ["2026-03-01T00:00:00Z", "2026-03-01T06:00:00+06:00"];
        assert_eq!(judged(&twice), (vec![same, same], 1));
        // A morning in Dhaka that was written as UTC.
        assert_eq!(judged(&["2026-03-02T16:00:00Z"]), (vec![None], 0));
    }
}
