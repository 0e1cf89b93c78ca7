//! One readable line for each article that the journal records: time, language, source, headline.

use article::Stream;
use article::escape::one_line;
use article::text::cut;
use serde_json::Value;
use sink::Row;

/// Longest headline on a line, in scalars.
const HEADLINE: usize = 90;

/// The line of a row; `None` for what is no article.
pub(crate) fn of(row: &Row) -> Option<String> {
    if row.stream != Stream::Article {
        return None;
    }
    let record: Value = serde_json::from_slice(row.value.as_deref()?).ok()?;
    let text = |pointer: &str| {
        one_line(record.pointer(pointer).and_then(Value::as_str).unwrap_or_default())
    };
    let time = text("/dateRecorded");
    let time = time.get(11..19).unwrap_or_default();
    let source = [text("/source/name"), text("/source/domain")]
        .into_iter()
        .find(|name| !name.is_empty())
        .unwrap_or_else(|| "-".to_owned());
    let version = record.get("version").and_then(Value::as_u64).unwrap_or(1);
    let mark = match record.get("status").and_then(Value::as_str) {
        Some("updated") => format!("(version {version}) "),
        Some("withdrawn") => "(withdrawn) ".to_owned(),
        _ => String::new(),
    };
    let headline = text("/headline");
    let headline = if headline.is_empty() { text("/url") } else { headline };
    Some(format!(
        "{time}  {:<3} {:<22} {mark}{}",
        text("/inLanguage"),
        cut(&source, 22),
        cut(&headline, HEADLINE)
    ))
}
