//! Whether a feed's 304 is believed: servers lie (`FreshRSS` #1020: a `Last-Modified` of 2041 gave
//! a 304 for ever), so a feed is asked without validators once a day, by time and not by count.
//!
//! Where that shows entries that the 304s before had not told of, either the validators are still
//! the same, which is a lie, or the old ones are sent once more: an honest server answers 200 to
//! them. A liar is asked without validators for a week, and then tried again.

use serde::{Deserialize, Serialize};

use crate::ledger::{FeedRow, Validators};

/// A feed is asked without validators once in this time.
pub(crate) const FULL_AFTER_MS: i64 = 24 * 3_600_000;
/// How long a liar is asked without validators.
const WEEK_MS: i64 = 7 * 24 * 3_600_000;

/// What is known of a feed's honesty.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Honesty {
    /// 304s since the last document.
    pub unmodified: u32,
    /// The validators from before the last document: if they still give a 304, it is a lie.
    pub probe: Option<Validators>,
    /// Until when it is asked without validators.
    pub liar_until: Option<i64>,
}

/// How a feed is asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Asking {
    /// Without validators.
    Unconditionally,
    /// With those of the last document.
    Conditionally(Validators),
    /// With those of the document before, to which there is no honest 304.
    ToProbe(Validators),
}

impl Asking {
    /// What is sent.
    pub(crate) fn validators(&self) -> Validators {
        match self {
            Self::Unconditionally => Validators::default(),
            Self::Conditionally(validators) | Self::ToProbe(validators) => validators.clone(),
        }
    }
}

/// How to ask a feed now.
pub(crate) fn asking(row: &FeedRow, now_ms: i64) -> Asking {
    let recent = row.full_at.is_some_and(|at| now_ms - at < FULL_AFTER_MS);
    let lied = row.honesty.liar_until.is_some_and(|until| now_ms < until);
    match &row.honesty.probe {
        _ if !recent || lied || row.validators.is_empty() => Asking::Unconditionally,
        Some(old) => Asking::ToProbe(old.clone()),
        None => Asking::Conditionally(row.validators.clone()),
    }
}

/// A 304 came: takes note, and answers whether it may be believed.
pub(crate) fn on_not_modified(row: &mut FeedRow, asking: &Asking, now_ms: i64) -> bool {
    if matches!(asking, Asking::ToProbe(_)) {
        row.honesty.probe = None;
        row.honesty.liar_until = Some(now_ms.saturating_add(WEEK_MS));
        return false;
    }
    row.honesty.unmodified = row.honesty.unmodified.saturating_add(1);
    true
}

/// A document came with new validators, and held so many entries that nobody knew. The row still
/// has the validators from before.
pub(crate) fn on_document(
    row: &mut FeedRow,
    asking: &Asking,
    new: &Validators,
    fresh: usize,
    now_ms: i64,
) {
    let hid = row.honesty.unmodified > 0 && fresh > 0 && !row.validators.is_empty();
    row.honesty.unmodified = 0;
    row.honesty.probe = None;
    if *asking == Asking::Unconditionally && hid {
        if *new == row.validators {
            row.honesty.liar_until = Some(now_ms.saturating_add(WEEK_MS));
        } else {
            row.honesty.probe = Some(row.validators.clone());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::FeedConfig;
    use crate::ledger::Added;

    const HOUR_MS: i64 = 3_600_000;

    fn tag(tag: &str) -> Validators {
        Validators { etag: Some(tag.into()), last_modified: None }
    }

    /// A feed that was read at hour 0 and has answered 304 since.
    fn row() -> FeedRow {
        let url = "https://example.com/feed".parse().unwrap();
        let mut row = FeedRow::new(FeedConfig::new(url), Added::Command, 0);
        row.full_at = Some(0);
        row.validators = tag("a");
        assert_eq!(asking(&row, HOUR_MS), Asking::Conditionally(tag("a")));
        assert!(on_not_modified(&mut row, &Asking::Conditionally(tag("a")), HOUR_MS));
        assert_eq!(asking(&row, 24 * HOUR_MS), Asking::Unconditionally);
        row
    }

    fn read(row: &mut FeedRow, new: &Validators, fresh: usize, at: i64) {
        let asked = asking(row, at);
        on_document(row, &asked, new, fresh, at);
        row.validators = new.clone();
        row.full_at = Some(at);
    }

    #[test]
    fn entries_behind_the_same_validators_are_a_lie_for_a_week() {
        let mut row = row();
        read(&mut row, &tag("a"), 2, 24 * HOUR_MS);
        assert_eq!(asking(&row, 25 * HOUR_MS), Asking::Unconditionally);
        read(&mut row, &tag("a"), 0, 8 * 24 * HOUR_MS);
        assert_eq!(asking(&row, (8 * 24 + 1) * HOUR_MS), Asking::Conditionally(tag("a")));
    }

    #[test]
    fn a_304_to_old_validators_is_a_lie() {
        let mut row = row();
        read(&mut row, &tag("b"), 2, 24 * HOUR_MS);
        let probe = asking(&row, 25 * HOUR_MS);
        assert_eq!(probe, Asking::ToProbe(tag("a")));
        assert!(!on_not_modified(&mut row, &probe, 25 * HOUR_MS));
        assert_eq!(asking(&row, 26 * HOUR_MS), Asking::Unconditionally);
    }

    #[test]
    fn a_200_to_old_validators_is_honest() {
        let mut row = row();
        read(&mut row, &tag("b"), 2, 24 * HOUR_MS);
        read(&mut row, &tag("b"), 0, 25 * HOUR_MS);
        assert_eq!(row.honesty, Honesty::default());
        assert_eq!(asking(&row, 26 * HOUR_MS), Asking::Conditionally(tag("b")));
    }

    #[test]
    fn a_document_without_anything_new_raises_no_doubt() {
        let mut row = row();
        read(&mut row, &tag("b"), 0, 24 * HOUR_MS);
        assert_eq!(row.honesty, Honesty::default());
    }
}
