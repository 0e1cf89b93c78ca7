//! When a feed is polled next: pure arithmetic over its history and the hints it gives, with the
//! reason in words.

use std::time::{Duration, SystemTime};

use crate::outcome::Outcome;
use jiff::{Timestamp, tz::TimeZone};

/// What holds for a feed whatever it says.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Policy {
    /// Never sooner.
    pub shortest: Duration,
    /// Never later, but for a `Retry-After` (7 days), hours to skip, and the tenth of jitter.
    pub longest: Duration,
    /// The interval that a feed starts with.
    pub base: Duration,
}

/// What the last visit saw.
#[derive(Clone, Debug, Default)]
pub struct Observation<'a> {
    /// Now.
    pub now: Timestamp,
    /// The HTTP status; none where no answer came or where it could not be read.
    pub status: Option<u16>,
    /// How it ended, where that is known.
    pub outcome: Option<Outcome>,
    /// When it is to be asked without validators, from now.
    pub full_in: Option<Duration>,
    /// Failures in a row, this one included.
    pub failures: u32,
    /// Polls in a row without anything new, this one included.
    pub unchanged: u32,
    /// The interval in force until now.
    pub interval: Duration,
    /// The answer's `Cache-Control`.
    pub cache_control: Option<&'a str>,
    /// The answer's `Age`.
    pub age: Option<&'a str>,
    /// The answer's `Expires`.
    pub expires: Option<&'a str>,
    /// The answer's `Date`.
    pub date: Option<&'a str>,
    /// The answer's `Retry-After`.
    pub retry_after: Option<&'a str>,
    /// `<ttl>`, in minutes.
    pub ttl: Option<u32>,
    /// `sy:updatePeriod` and `sy:updateFrequency`.
    pub sy: Option<(&'a str, u32)>,
    /// Hours (GMT) in which not to poll.
    pub skip_hours: &'a [u8],
    /// English names of days (GMT) on which not to poll.
    pub skip_days: &'a [String],
    /// New entries of this poll.
    pub new_items: Option<usize>,
    /// All entries of this poll.
    pub items: Option<usize>,
    /// New entries a day, in the long run.
    pub items_per_day: Option<f64>,
    /// 0 to 1: where between nothing and a tenth more the next poll falls.
    pub jitter: f64,
}

/// When to poll next, and why.
#[derive(Clone, Debug, PartialEq)]
pub struct Next {
    /// From now; none: never again.
    pub after: Option<Duration>,
    /// The feed's own interval, before hints and jitter: the next observation's `interval`.
    pub interval: Duration,
    /// Why, for people.
    pub reason: String,
}

/// Seven days: the longest `Retry-After` that is believed.
const PATIENCE: Duration = Duration::from_hours(168);

/// What no interval exceeds, so that sums and products of intervals never overflow.
const CENTURY: Duration = Duration::from_hours(876_600);

/// Decides when to poll next.
pub fn next(policy: &Policy, seen: &Observation<'_>) -> Next {
    if seen.status == Some(410) {
        let reason = "answered 410: stopped".to_owned();
        return Next { after: None, interval: seen.interval, reason };
    }
    let failed = seen.status.is_none_or(|status| status >= 400);
    let (interval, mut reason) = if failed { failure(policy, seen) } else { success(policy, seen) };
    let mut after = interval;
    for (name, hint) in hints(seen) {
        let hint = hint.min(policy.longest);
        if hint > after {
            after = hint;
            reason = format!("asked by {name} for {}", words(hint));
        }
    }
    if failed && let Some(wait) = retry_after(seen.retry_after, seen.now) {
        let wait = wait.max(policy.shortest);
        if wait > after {
            after = wait;
            reason = format!("asked by Retry-After for {}", words(wait));
        }
    }
    let jitter = if seen.jitter.is_finite() { seen.jitter.clamp(0.0, 1.0) } else { 0.0 };
    after = after.min(CENTURY).mul_f64(1.0 + 0.1 * jitter);
    if let Some(shifted) = skip(seen, after) {
        after = shifted + Duration::from_mins(10).mul_f64(jitter);
        reason.push_str(", moved out of skipHours or skipDays");
    }
    // A failing feed keeps the interval that it had when it was well.
    Next { after: Some(after), interval: if failed { seen.interval } else { interval }, reason }
}

/// When to poll next while our own network is away: as if nothing had been asked, so that all come
/// back at their usual rate.
pub(crate) fn as_usual(policy: &Policy, seen: &Observation<'_>) -> Next {
    let usual = if seen.interval.is_zero() { policy.base } else { seen.interval };
    let after = usual.clamp(policy.shortest, policy.longest.max(policy.shortest));
    let reason = "our own network seems to be away: as usual".to_owned();
    Next { after: Some(after.mul_f64(1.0 + 0.1 * seen.jitter)), interval: seen.interval, reason }
}

fn failure(policy: &Policy, seen: &Observation<'_>) -> (Duration, String) {
    let doubled = policy.base.saturating_mul(1 << seen.failures.min(20));
    let after = doubled
        .saturating_mul(weight(seen))
        .clamp(policy.shortest, policy.longest.max(policy.shortest));
    (after, format!("failed {} times in a row: waits {}", seen.failures, words(after)))
}

/// What an error weighs: a name that is gone, a certificate, a refusal or a document that is no
/// feed mends more slowly than a busy server.
fn weight(seen: &Observation<'_>) -> u32 {
    match (seen.status, seen.outcome) {
        (Some(429), _) => 1,
        (Some(400..500), _)
        | (_, Some(Outcome::Dns | Outcome::Tls | Outcome::Parse | Outcome::Blocked)) => 2,
        _ => 1,
    }
}

fn success(policy: &Policy, seen: &Observation<'_>) -> (Duration, String) {
    let longest = policy.longest.max(policy.shortest);
    let from = if seen.interval.is_zero() { policy.base } else { seen.interval };
    let all_new = seen.items.is_some_and(|items| items > 0 && seen.new_items == Some(items));
    let (mut interval, mut reason) = if seen.unchanged > 0 {
        let exponent = i32::try_from(seen.unchanged.min(60)).unwrap_or(60);
        let floor = policy.shortest.as_secs_f64() * 1.5f64.powi(exponent);
        let slower = Duration::from_secs_f64(floor.min(longest.as_secs_f64()));
        (
            from.min(CENTURY).mul_f64(1.5).max(slower),
            format!("nothing new {} times", seen.unchanged),
        )
    } else if all_new {
        (from / 2, "every entry was new".to_owned())
    } else if seen.new_items.is_some_and(|new| new > 0) {
        (from.min(CENTURY).mul_f64(0.75), "something was new".to_owned())
    } else {
        (from, "as before".to_owned())
    };
    if let Some(rate) = seen.items_per_day
        && rate > 0.0
    {
        // A quiet night must not make a feed slow for the morning. A twelfth of an article's time
        // leaves five polls in six to a 304; no feed is asked more often than at first, unless two
        // articles come within that.
        let article = Duration::from_secs_f64((86_400.0 / rate).min(1e9));
        let pace = (article / 12).max(policy.base.min(article * 2));
        if pace < interval {
            interval = pace;
            reason = format!("about {rate:.1} entries a day");
        }
    }
    if let Some(full_in) = seen.full_in
        && full_in < interval
    {
        interval = full_in;
        "the daily look without validators is due".clone_into(&mut reason);
    }
    let interval = interval.clamp(policy.shortest, longest);
    (interval, format!("{reason}: in {}", words(interval)))
}

/// Hints of the answer and of the document; each name with the time it asks for.
fn hints(seen: &Observation<'_>) -> Vec<(&'static str, Duration)> {
    let mut hints = Vec::new();
    if let Some(max_age) = seen.cache_control.and_then(max_age) {
        let age = seen.age.and_then(|age| age.trim().parse().ok()).unwrap_or(0);
        hints.push(("max-age", Duration::from_secs(max_age.saturating_sub(age))));
    } else if let Some(expires) = seen.expires.and_then(http_date) {
        let from = seen.date.and_then(http_date).unwrap_or_else(|| system(seen.now));
        hints.push(("Expires", expires.duration_since(from).unwrap_or_default()));
    }
    if let Some(ttl) = seen.ttl {
        hints.push(("ttl", Duration::from_secs(60 * u64::from(ttl))));
    }
    if let Some((period, frequency)) = seen.sy {
        let period = match period.trim().to_ascii_lowercase().as_str() {
            "hourly" => 3600,
            "daily" => 86_400,
            "weekly" => 7 * 86_400,
            "monthly" => 30 * 86_400,
            "yearly" => 365 * 86_400,
            _ => 0,
        };
        hints.push(("sy:updatePeriod", Duration::from_secs(period / u64::from(frequency.max(1)))));
    }
    hints
}

fn max_age(cache_control: &str) -> Option<u64> {
    cache_control.split(',').find_map(|directive| {
        let (name, value) = directive.split_once('=')?;
        if !name.trim().eq_ignore_ascii_case("max-age") {
            return None;
        }
        let digits = value.trim().trim_matches('"');
        // Digits too many for a number are a very long time, not garbage.
        let all_digits = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit());
        all_digits.then(|| digits.parse().unwrap_or(u64::MAX / 4))
    })
}

fn system(at: Timestamp) -> SystemTime {
    SystemTime::try_from(at).unwrap_or(SystemTime::UNIX_EPOCH)
}

fn http_date(text: &str) -> Option<SystemTime> {
    httpdate::parse_http_date(text.trim()).ok()
}

/// What a `Retry-After` asks for: seconds or a date, within 1 s and 7 days; garbage, zero and the
/// past ask for nothing.
pub fn retry_after(text: Option<&str>, now: Timestamp) -> Option<Duration> {
    let text = text?.trim();
    let wait = if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
        Duration::from_secs(text.parse().unwrap_or(u64::MAX / 4))
    } else {
        http_date(text)?.duration_since(system(now)).ok()?
    };
    (wait >= Duration::from_secs(1)).then(|| wait.min(PATIENCE))
}

/// The first time at or after `now + after` that is not skipped, where that differs.
fn skip(seen: &Observation<'_>, after: Duration) -> Option<Duration> {
    let skip_hours: Vec<u8> = seen.skip_hours.iter().map(|hour| hour % 24).collect();
    let all_hours = (0..24).all(|hour| skip_hours.contains(&hour));
    let skipped = |at: Timestamp| {
        let at = at.to_zoned_datetime(TimeZone::UTC);
        let hour =
            !all_hours && skip_hours.iter().any(|skip| i16::from(*skip) == i16::from(at.hour()));
        let day = format!("{:?}", at.weekday());
        hour || seen.skip_days.iter().any(|skip| skip.trim().eq_ignore_ascii_case(&day))
    };
    let planned = seen.now.checked_add(after).ok()?;
    if !skipped(planned) {
        return None;
    }
    let hour = planned.as_second().div_euclid(3600);
    (1..=7 * 24)
        .filter_map(|more| Timestamp::from_second((hour + more) * 3600).ok())
        .find(|at| !skipped(*at))
        .map(|at| Duration::try_from(at.duration_since(seen.now)).unwrap_or(after))
}

fn words(span: Duration) -> String {
    let seconds = span.as_secs();
    match seconds {
        0..120 => format!("{seconds} s"),
        120..7200 => format!("{} min", seconds / 60),
        7200..172_800 => format!("{} h", seconds / 3600),
        _ => format!("{} days", seconds / 86_400),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const POLICY: Policy = Policy {
        shortest: Duration::from_mins(15),
        longest: Duration::from_hours(24),
        base: Duration::from_mins(30),
    };

    fn seen() -> Observation<'static> {
        Observation {
            now: "2026-03-02T10:00:00Z".parse().unwrap(),
            status: Some(200),
            interval: POLICY.base,
            jitter: 0.5,
            ..Observation::default()
        }
    }

    fn seconds(seen: &Observation<'_>) -> u64 {
        next(&POLICY, seen).after.unwrap().as_secs()
    }

    #[test]
    fn a_feed_is_never_dead_however_often_it_failed() {
        let after = seconds(&Observation { status: Some(500), failures: 4000, ..seen() });
        assert!((86_400..=95_040).contains(&after), "{after}");
    }

    #[test]
    fn zero_max_age_does_not_mean_hammer() {
        let after = seconds(&Observation { cache_control: Some("max-age=0"), ..seen() });
        assert!((1800..=1980).contains(&after), "{after}");
    }

    #[test]
    fn a_poll_is_moved_behind_the_hours_to_skip() {
        let after = seconds(&Observation { skip_hours: &[10, 11, 12], ..seen() });
        assert!((10_800..=11_400).contains(&after), "{after}");
    }

    #[test]
    fn a_retry_after_of_ten_billion_seconds_is_a_week() {
        let wait = retry_after(Some("10000000000"), seen().now);
        assert_eq!(wait, Some(PATIENCE));
        assert_eq!(retry_after(Some("0"), seen().now), None);
    }

    #[test]
    fn no_number_of_seconds_is_too_large() {
        let longest = Duration::from_secs(u64::MAX);
        let policy = Policy { shortest: Duration::ZERO, longest, base: longest };
        for unchanged in [0, 3] {
            let observation = Observation { interval: longest, unchanged, jitter: 1.0, ..seen() };
            assert!(next(&policy, &observation).after.unwrap() <= 2 * CENTURY);
        }
    }

    #[test]
    fn only_410_stops() {
        assert_eq!(next(&POLICY, &Observation { status: Some(410), ..seen() }).after, None);
    }
}
