//! Dates as markup gives them: RFC 3339 and its neighbours, in the publisher's own offset.

use jiff::civil;

/// A date with what is known of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Moment {
    /// RFC 3339, or `YYYY-MM-DD`.
    pub(crate) text: String,
    /// `day` or `second`.
    pub(crate) precision: &'static str,
    /// Whether the publisher gave a zone.
    pub(crate) zone_known: bool,
}

/// Earliest year that a page of the web can carry, and the last one believed.
const YEARS: std::ops::RangeInclusive<i16> = 1990..=2099;

/// Reads an ISO 8601 date or date and time; without a zone it is taken as UTC and marked so.
pub(crate) fn parse(text: &str) -> Option<Moment> {
    let text = text.trim();
    let day: civil::Date = text.get(..10)?.parse().ok()?;
    if !YEARS.contains(&day.year()) {
        return None;
    }
    let whole = Moment { text: day.to_string(), precision: "day", zone_known: false };
    let rest = text[10..].trim_start_matches(['T', 't', ' ']);
    let clock_end =
        rest.find(|c: char| !c.is_ascii_digit() && c != ':' && c != '.').unwrap_or(rest.len());
    let Some(time) = clock(&rest[..clock_end]) else { return Some(whole) };
    let offset = offset(rest[clock_end..].trim());
    let known = offset.is_some();
    let offset = offset.unwrap_or_else(|| "Z".to_owned());
    Some(Moment { text: format!("{day}T{time}{offset}"), precision: "second", zone_known: known })
}

fn clock(text: &str) -> Option<String> {
    let whole = text.split('.').next()?;
    let time: civil::Time =
        if whole.len() == 5 { format!("{whole}:00") } else { whole.to_owned() }.parse().ok()?;
    Some(format!("{:02}:{:02}:{:02}", time.hour(), time.minute(), time.second()))
}

fn offset(text: &str) -> Option<String> {
    if text.eq_ignore_ascii_case("z") || text.eq_ignore_ascii_case("utc") || text == "GMT" {
        return Some("Z".to_owned());
    }
    let sign = text.chars().next().filter(|c| "+-".contains(*c))?;
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    let (hours, minutes) = match digits.len() {
        2 => (digits.as_str(), "00"),
        4 => digits.split_at(2),
        _ => return None,
    };
    let valid = hours.parse::<u8>().ok()? <= 15 && minutes.parse::<u8>().ok()? < 60;
    valid.then(|| format!("{sign}{hours}:{minutes}"))
}

/// The day that an address carries, as in `/2024/03/07/` or `/2024-03-07-`.
pub(crate) fn from_url(path: &str) -> Option<Moment> {
    let parts: Vec<&str> = path.split(['/', '-', '_', '.']).collect();
    parts.windows(3).find_map(|parts| {
        let [year, month, day] = parts else { return None };
        let digits =
            |text: &str, length| text.len() == length && text.bytes().all(|b| b.is_ascii_digit());
        if !digits(year, 4) || !digits(month, 2) || !digits(day, 2) {
            return None;
        }
        parse(&format!("{year}-{month}-{day}"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_publishers_offset_is_kept() {
        let moment = parse("2024-03-07T06:30:00+0600").expect("a date");
        assert_eq!(moment.text, "2024-03-07T06:30:00+06:00");
        assert!(moment.zone_known);
        assert_eq!(parse("2024-03-07").expect("a day").precision, "day");
        assert_eq!(parse("2024-13-07"), None);
        assert_eq!(from_url("/a/2024/03/07/x").expect("a day").text, "2024-03-07");
    }
}
