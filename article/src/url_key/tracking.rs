//! Which parameters of a query name a campaign, a click, a feed or a visit, and never an article.
//!
//! They are known by name, never by their looks: a parameter that tells articles apart on one site
//! only would make them one. The table's rows are `name`, `name=value`, or either with a `*` at one
//! end; then the host (with those below it) where the row holds, `*` for all; then, where the row
//! is odd, its reason.

use std::collections::HashMap;
use std::sync::LazyLock;

const ROWS: &str = include_str!("tracking.tsv");

/// A row below its name.
struct Row {
    /// What the value has to be.
    value: Option<Pattern>,
    /// Where it holds; none for everywhere.
    host: Option<&'static str>,
}

enum Pattern {
    Is(&'static str),
    Begins(&'static str),
    Ends(&'static str),
}

struct Table {
    named: HashMap<&'static str, Vec<Row>>,
    patterns: Vec<(Pattern, Row)>,
}

static TABLE: LazyLock<Table> = LazyLock::new(|| {
    let mut table = Table { named: HashMap::new(), patterns: Vec::new() };
    for line in ROWS.lines() {
        let mut columns = line.split('\t');
        let what = columns.next().unwrap_or_default();
        let host = columns.next().filter(|host| *host != "*");
        let (name, value) = match what.split_once('=') {
            Some((name, value)) => (name, Some(Pattern::read(value))),
            None => (what, None),
        };
        let row = Row { value, host };
        match Pattern::read(name) {
            Pattern::Is(name) => table.named.entry(name).or_default().push(row),
            pattern => table.patterns.push((pattern, row)),
        }
    }
    table
});

impl Pattern {
    fn read(text: &'static str) -> Self {
        match (text.strip_prefix('*'), text.strip_suffix('*')) {
            (Some(end), _) => Self::Ends(end),
            (None, Some(start)) => Self::Begins(start),
            (None, None) => Self::Is(text),
        }
    }

    fn fits(&self, text: &str) -> bool {
        match self {
            Self::Is(word) => text == *word,
            Self::Begins(start) => text.starts_with(start),
            Self::Ends(end) => text.ends_with(end),
        }
    }
}

impl Row {
    fn holds(&self, host: &str, value: &str) -> bool {
        let here = self.host.is_none_or(|domain| {
            host.strip_suffix(domain).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
        });
        here && self.value.as_ref().is_none_or(|pattern| pattern.fits(value))
    }
}

/// Whether a parameter of an address on this host says nothing about the page.
pub(super) fn is_tracking(host: &str, name: &str, value: &str) -> bool {
    let (name, value) = (name.to_ascii_lowercase(), value.to_ascii_lowercase());
    let named = TABLE.named.get(name.as_str()).into_iter().flatten();
    let patterns = TABLE.patterns.iter().filter(|(pattern, _)| pattern.fits(&name));
    named.chain(patterns.map(|(_, row)| row)).any(|row| row.holds(host, &value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_sorted_and_lower_case_and_names_nothing_twice() {
        let keys: Vec<Vec<&str>> =
            ROWS.lines().map(|line| line.split('\t').take(2).collect()).collect();
        assert!(keys.iter().all(|key| key.len() == 2 && !key[0].is_empty()), "a column is missing");
        assert!(keys.windows(2).all(|pair| pair[0] < pair[1]), "not sorted, or twice");
        assert!(keys.iter().all(|key| key[0] == key[0].to_lowercase()), "upper case");
    }

    #[test]
    fn a_name_is_tracking_only_where_its_row_holds() {
        assert!(is_tracking("wsj.com", "mod", "rss"));
        assert!(is_tracking("graphics.wsj.com", "mod", "rss"));
        assert!(!is_tracking("notwsj.com", "mod", "viewthread"));
        assert!(is_tracking("e.com", "source", "rss-abc"));
        assert!(!is_tracking("e.com", "source", "reuters-1"));
        assert!(is_tracking("e.com", "UTM_Source", "x"));
        assert!(!is_tracking("e.com", "ref", "article-1"));
    }
}
