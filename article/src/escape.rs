//! What a stranger sent, made fit for a log line, a header or a terminal.

use crate::text::{cut, is_hostile};

/// Longest text that a log field or a header value takes, in scalars.
pub const FIELD_LIMIT: usize = 500;

/// One line without control characters, at most [`FIELD_LIMIT`] scalars.
pub fn one_line(text: &str) -> String {
    cut(text, FIELD_LIMIT)
        .chars()
        .map(|c| if c.is_whitespace() { ' ' } else { c })
        .filter(|c| !is_hostile(*c))
        .collect::<String>()
        .trim()
        .to_owned()
}

/// A URL for people and logs: without user name and password, and with the values of its query
/// hidden, since feeds carry tokens there.
pub fn url(address: &str) -> String {
    let Ok(mut parsed) = url::Url::parse(address) else {
        return one_line(address.split(['?', '@']).next().unwrap_or_default());
    };
    let _ = parsed.set_username("");
    let _ = parsed.set_password(None);
    if parsed.query().is_some() {
        let names: Vec<String> =
            parsed.query_pairs().map(|(name, _)| format!("{name}=…")).collect();
        parsed.set_query(None);
        return one_line(&format!("{parsed}?{}", names.join("&")));
    }
    one_line(parsed.as_str())
}

/// A URL as it may be published: without user name and password. The query stays, since the address
/// would lead elsewhere without it.
pub fn without_credentials(address: &str) -> String {
    let Ok(mut parsed) = url::Url::parse(address) else { return address.to_owned() };
    if parsed.username().is_empty() && parsed.password().is_none() {
        return address.to_owned();
    }
    let _ = parsed.set_username("");
    let _ = parsed.set_password(None);
    parsed.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_in_an_address_are_not_shown() {
        let shown = url("https://me:pw@example.com/feed?token=s3cr3t&a=1");
        assert_eq!(shown, "https://example.com/feed?token=…&a=…");
    }

    #[test]
    fn credentials_are_not_published() {
        assert_eq!(
            without_credentials("https://me:pw@example.com/feed?a=1"),
            "https://example.com/feed?a=1"
        );
        assert_eq!(without_credentials("https://example.com"), "https://example.com");
    }

    #[test]
    fn a_line_break_never_forges_a_second_line() {
        assert_eq!(one_line("a\r\nb\u{1b}[0m"), "a  b[0m");
    }
}
