//! Dates as feeds write them, into RFC 3339 with the document's own offset.

use jiff::civil::{Date, DateTime, Time};

/// The last year that is believed: there is no clock here, and what lies past 32-bit time is a
/// publisher's mistake. Nearer futures are for the stage that has a clock.
const LAST_YEAR: i16 = 2037;
/// No date is longer.
const TEXT_BYTES: usize = 200;

/// What the words of a date mean.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Meaning {
    /// A date, RFC 3339.
    Date(String),
    /// A date that lies too far in the future to be one.
    TooLate(String),
    /// Nothing certain.
    Unknown,
}

/// Reads a date in any of the forms of RFC 822, RFC 3339, ISO 8601, asctime or what resembles them.
///
/// No zone counts as UTC; no time counts as midnight. No date comes out where none is certain.
pub(crate) fn read(text: &str) -> Meaning {
    match meaning(text) {
        Some((year, date)) if year <= LAST_YEAR => Meaning::Date(date),
        Some((_, date)) => Meaning::TooLate(date),
        None => Meaning::Unknown,
    }
}

/// A date that is believed.
pub fn parse(text: &str) -> Option<String> {
    match read(text) {
        Meaning::Date(date) => Some(date),
        Meaning::TooLate(_) | Meaning::Unknown => None,
    }
}

fn meaning(text: &str) -> Option<(i16, String)> {
    if text.len() > TEXT_BYTES {
        return None;
    }
    let text: String = text.trim().chars().map(ascii_digit).collect::<String>().to_lowercase();
    let (date, rest) = iso_date(&text).or_else(|| written_date(&text))?;
    let (time, zone) = time_and_zone(&rest);
    let (time, next_day) = time.unwrap_or((Time::midnight(), false));
    let date = if next_day { date.tomorrow().ok()? } else { date };
    Some((date.year(), format(date.to_datetime(time), zone)))
}

/// Seconds since 1970, as RFC 3339.
pub(crate) fn from_seconds(seconds: i64) -> Option<String> {
    let instant = jiff::Timestamp::from_second(seconds).ok()?;
    parse(&instant.to_string())
}

fn format(when: DateTime, zone: i32) -> String {
    let when = when.with().subsec_nanosecond(0).build().unwrap_or(when);
    if zone == 0 {
        return format!("{when}Z");
    }
    let sign = if zone < 0 { '-' } else { '+' };
    format!("{when}{sign}{:02}:{:02}", zone.abs() / 60, zone.abs() % 60)
}

fn ascii_digit(c: char) -> char {
    let zeros = ['০', '०', '٠', '۰', '੦', '૦', '୦', '௦', '０'];
    let value = zeros.iter().find_map(|zero| {
        let value = (c as u32).checked_sub(*zero as u32)?;
        (value < 10).then_some(value)
    });
    value.and_then(|value| char::from_digit(value, 10)).unwrap_or(c)
}

fn day(year: i16, month: i8, day: i8) -> Option<Date> {
    Date::new(year, month, day).ok().filter(|date| date.year() >= 1)
}

/// `2004-06-29`, `20040629`, `2004-06`, `2004`, `2004-180`, and what follows.
fn iso_date(text: &str) -> Option<(Date, String)> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let number = |from: usize, to: usize| text.get(from..to)?.parse::<i16>().ok();
    let rest = |from: usize| text.get(from..).unwrap_or_default().to_owned();
    let small = |value: i16| i8::try_from(value).ok();
    if digits == 8 {
        let date = day(number(0, 4)?, small(number(4, 6)?)?, small(number(6, 8)?)?)?;
        return Some((date, rest(8)));
    }
    if digits != 4 {
        return None;
    }
    let year = number(0, 4)?;
    let bytes = text.as_bytes();
    let separator = match bytes.get(4) {
        None => return Some((day(year, 1, 1)?, String::new())),
        Some(separator @ (b'-' | b'/' | b'.')) => *separator,
        Some(_) => return None,
    };
    let length = |from: usize| {
        bytes.get(from..).unwrap_or_default().iter().take_while(|b| b.is_ascii_digit()).count()
    };
    let month_length = length(5);
    if month_length == 3 {
        let ordinal = number(5, 8)?;
        let date = day(year, 1, 1)?.with().day_of_year(ordinal).build().ok()?;
        return Some((date, rest(8)));
    }
    let month_end = 5 + month_length;
    let month = small(number(5, month_end)?)?;
    if bytes.get(month_end) != Some(&separator) {
        return Some((day(year, month, 1)?, rest(month_end)));
    }
    let day_end = month_end + 1 + length(month_end + 1).min(2);
    let date = day(year, month, small(number(month_end + 1, day_end)?)?)?;
    Some((date, rest(day_end)))
}

/// A date with a month in letters, or `6/29/2004`, and the words that were not used.
fn written_date(text: &str) -> Option<(Date, String)> {
    let mut day_of = None;
    let mut month_of = None;
    let mut year_of = None;
    let mut rest = Vec::new();
    let splits = |c: char| c.is_whitespace() || matches!(c, ',' | '،' | ';');
    for word in text.split(splits).flat_map(pieces).filter(|word| !word.is_empty()) {
        let word = word.trim_end_matches('.');
        let bare = word.trim_end_matches(|c: char| c.is_ascii_alphabetic());
        let number = if bare.len() <= 4 { bare.parse::<i16>().ok() } else { None };
        let ordinal =
            word.len() == bare.len() || matches!(&word[bare.len()..], "st" | "nd" | "rd" | "th");
        if month_of.is_none()
            && let Some(month) = month(word)
        {
            month_of = Some(month);
        } else if let Some(number) = number.filter(|_| ordinal && !word.starts_with(['+', '-'])) {
            if bare.len() <= 2 && day_of.is_none() && (1..=31).contains(&number) {
                day_of = i8::try_from(number).ok();
            } else if year_of.is_none()
                && (bare.len() == 4 || bare.len() == 2)
                && month_of.is_some()
            {
                year_of = Some(full_year(number, bare.len()));
            } else {
                rest.push(word);
            }
        } else {
            rest.push(word);
        }
    }
    if let (Some(of), Some(month), Some(year)) = (day_of, month_of, year_of) {
        return Some((day(year, month, of)?, rest.join(" ")));
    }
    numeric(text)
}

/// `29-jun-2004` is three words; `-0500` and `10:20` are one.
fn pieces(word: &str) -> impl Iterator<Item = &str> {
    let letters =
        word.chars().any(char::is_alphabetic) && word.starts_with(|c: char| c.is_ascii_digit());
    word.split(move |c: char| letters && !word.contains(':') && matches!(c, '-' | '/'))
}

/// `6/29/2004`, `29.06.2004`: slashes are American unless that is no date, dots are not.
fn numeric(text: &str) -> Option<(Date, String)> {
    let (first, rest) = text.split_once(' ').unwrap_or((text, ""));
    let numbers: Option<Vec<i16>> =
        first.split(['/', '.', '-']).map(|part| part.parse().ok()).collect();
    let [first_of, second, year] = numbers?[..] else { return None };
    let small = |value: i16| i8::try_from(value).ok();
    let year = full_year(year, if year < 100 { 2 } else { 4 });
    let american = day(year, small(first_of)?, small(second)?);
    let european = day(year, small(second)?, small(first_of)?);
    let date = if first.contains('/') { american.or(european) } else { european.or(american) };
    Some((date?, rest.to_owned()))
}

fn full_year(year: i16, digits: usize) -> i16 {
    match year {
        0..=68 if digits == 2 => year + 2000,
        69..=99 if digits == 2 => year + 1900,
        _ => year,
    }
}

fn month(word: &str) -> Option<i8> {
    let at = MONTHS.iter().position(|names| {
        names.split(' ').any(|name| word == name)
            || (word.is_ascii()
                && word.len() >= 3
                && names.split(' ').next().is_some_and(|full| full.starts_with(word)))
    })?;
    i8::try_from(at + 1).ok()
}

/// Months: English in full, then abbreviations and other languages' names, in lower case.
const MONTHS: [&str; 12] = [
    "january জানুয়ারি জানুয়ারি জানুয়ারী जनवरी ιαν január januar enero janvier janeiro gennaio",
    "february ফেব্রুয়ারি ফেব্রুয়ারি ফেব্রুয়ারী फरवरी φεβ február februar febrero février fevereiro febbraio",
    "march মার্চ मार्च μάρ μαρ március märz marzo mars março",
    "april এপ্রিল अप्रैल απρ április abril avril aprile",
    "may মে मई μάι μαϊ μαι május mai mayo maio maggio",
    "june জুন जून ιούν ιουν ιον június juni junio juin junho giugno",
    "july জুলাই जुलाई ιούλ ιουλ ιολ július juli julio juillet julho luglio",
    "august আগস্ট অগাস্ট अगस्त αύγ αυγ augusztus agosto août",
    "september সেপ্টেম্বর सितंबर σεπ szeptember sept septiembre septembre setembro settembre",
    "october অক্টোবর अक्टूबर οκτ október oktober okt octubre octobre outubro ottobre",
    "november নভেম্বর नवंबर νοέ νοε noviembre novembre novembro",
    "december ডিসেম্বর दिसंबर δεκ dezember dez diciembre décembre dezembro dicembre",
];

/// The time and the offset in minutes that a text holds; a time of 24:00 is the next day's.
fn time_and_zone(text: &str) -> (Option<(Time, bool)>, i32) {
    let text = text.trim_start_matches(|c: char| c.is_whitespace() || c == 't' || c == ',');
    let Some(start) = text.find(|c: char| c.is_ascii_digit()) else { return (None, 0) };
    if text[..start].contains(['+', '-']) {
        return (None, zone(text));
    }
    let body = &text[start..];
    let end =
        body.find(|c: char| !c.is_ascii_digit() && c != ':' && c != '.').unwrap_or(body.len());
    let (clock, rest) = body.split_at(end);
    let whole = clock.split('.').next().unwrap_or(clock);
    let mut numbers: Vec<i8> = whole.split(':').filter_map(|part| part.parse().ok()).collect();
    if !whole.contains(':') && whole.len() >= 4 && whole.is_ascii() {
        numbers = (0..whole.len() / 2)
            .filter_map(|at| whole.get(at * 2..at * 2 + 2)?.parse().ok())
            .collect();
    }
    let mut rest = rest.trim();
    let mut hour = numbers.first().copied().unwrap_or(0);
    for (half, add) in [("am", 0), ("a.m.", 0), ("pm", 12), ("p.m.", 12)] {
        if let Some(after) = rest.strip_prefix(half) {
            hour = hour % 12 + add;
            rest = after;
            break;
        }
    }
    let minute = numbers.get(1).copied().unwrap_or(0);
    let second = numbers.get(2).copied().unwrap_or(0).min(59);
    let next_day = hour == 24 && minute == 0;
    let time = Time::new(if next_day { 0 } else { hour }, minute, second, 0).ok();
    (time.map(|time| (time, next_day)), zone(rest))
}

/// The offset in minutes of `+0530`, `GMT+6`, `EST` and their like; 0 where it is not known.
fn zone(text: &str) -> i32 {
    let text = text.trim();
    if let Some(at) = text.find(['+', '-']) {
        let sign = if text[at..].starts_with('-') { -1 } else { 1 };
        let tail = text[at + 1..].trim_start();
        let end = tail.find(|c: char| !c.is_ascii_digit() && c != ':').unwrap_or(tail.len());
        let (hours, minutes) = match tail[..end].split_once(':') {
            Some(parts) => parts,
            None if end <= 2 => (&tail[..end], "0"),
            None => tail[..end].split_at(end.min(4) - 2),
        };
        let offset = hours.parse().unwrap_or(0) * 60
            + minutes.get(..2).unwrap_or(minutes).parse::<i32>().unwrap_or(0);
        return if offset <= 24 * 60 { sign * offset } else { 0 };
    }
    let word: String = text.chars().take_while(char::is_ascii_alphabetic).collect();
    ZONES.binary_search_by_key(&word.as_str(), |(name, _)| name).map_or(0, |at| ZONES[at].1)
}

/// Names of zones, sorted, with minutes east. `ist` is India's, `bst` Britain's.
const ZONES: [(&str, i32); 24] = [
    ("akdt", -480),
    ("akst", -540),
    ("ast", -240),
    ("bdt", 360),
    ("bst", 60),
    ("cdt", -300),
    ("cest", 120),
    ("cet", 60),
    ("cst", -360),
    ("edt", -240),
    ("eest", 180),
    ("eet", 120),
    ("est", -300),
    ("hst", -600),
    ("ist", 330),
    ("jst", 540),
    ("kst", 540),
    ("mdt", -360),
    ("msk", 180),
    ("mst", -420),
    ("npt", 345),
    ("pdt", -420),
    ("pkt", 300),
    ("pst", -480),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_forms_in_the_field_are_read() {
        for (text, want) in [
            ("Thu, 01 Jan 2004 19:48:21 GMT", "2004-01-01T19:48:21Z"),
            ("Mon, 1 Jan 04 19:48 +0600", "2004-01-01T19:48:00+06:00"),
            ("2003-12-31T10:14:55.123-08:00", "2003-12-31T10:14:55-08:00"),
            ("20031231", "2003-12-31T00:00:00Z"),
            ("20031231T101455Z", "2003-12-31T10:14:55Z"),
            ("2003-12", "2003-12-01T00:00:00Z"),
            ("2003-12-31 10:14:55", "2003-12-31T10:14:55Z"),
            ("Sun Jan  4 16:29:06 PST 2004", "2004-01-04T16:29:06-08:00"),
            ("১২ জুন ২০২৪ ১০:৩০", "2024-06-12T10:30:00Z"),
            ("29-Jun-2004 10:00", "2004-06-29T10:00:00Z"),
            ("January 5, 2004 10:00 PM", "2004-01-05T22:00:00Z"),
            ("Wed, 12 Jun 2024 10:30:00 GMT+6", "2024-06-12T10:30:00+06:00"),
        ] {
            assert_eq!(parse(text).as_deref(), Some(want), "{text}");
        }
    }

    #[test]
    fn a_date_after_2037_is_understood_and_not_believed() {
        let late = Meaning::TooLate("2038-01-19T03:14:08Z".to_owned());
        assert_eq!(read("Tue, 19 Jan 2038 03:14:08 GMT"), late);
        assert_eq!(parse("9999-12-31"), None);
    }

    #[test]
    fn what_is_no_date_is_none() {
        for text in ["", "today", "32 Foo 2004", "99999999999999"] {
            assert_eq!(parse(text), None, "{text}");
        }
    }

    #[test]
    fn the_zones_are_sorted() {
        assert!(ZONES.windows(2).all(|pair| pair[0].0 < pair[1].0));
    }
}
