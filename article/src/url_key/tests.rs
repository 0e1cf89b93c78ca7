//! What is one address, what is not, and the two laws.

use proptest::prelude::*;

use super::*;

fn key(text: &str) -> String {
    url_key(&Url::parse(text).expect("a url"))
}

#[test]
fn a_campaign_does_not_make_another_article() {
    assert_eq!(key("https://www.a.com/x/?utm_source=rss&id=1#top"), key("http://a.com/x?id=1"));
    assert_eq!(key("http://a.com/x?id=1&amp;utm_medium=rss"), key("http://a.com/x?id=1"));
    assert_eq!(key("http://a.com/x;jsessionid=1A2B?id=1"), key("http://a.com/x?id=1"));
    assert_ne!(key("http://a.com/x?id=1"), key("http://a.com/x?id=2"));
}

#[test]
fn both_spellings_of_a_bengali_letter_are_one_address() {
    assert_eq!(key("http://a.com/\u{9df}"), key("http://a.com/%E0%A6%AF%E0%A6%BC"));
    assert_eq!(key("http://a.com/?q=\u{9df}"), key("http://a.com/?q=%e0%a6%af%e0%a6%bc"));
    assert_ne!(key("http://a.com/\u{995}\u{200d}"), key("http://a.com/\u{995}"));
}

#[test]
fn addresses_in_an_old_charset_stay_apart() {
    assert_ne!(key("http://a.com/%CD%EE"), key("http://a.com/%CD%EF"));
    assert_eq!(key("http://a.com/%cd%ee"), key("http://a.com/%CD%EE"));
    assert_ne!(key("http://a.com/?q=%CD"), key("http://a.com/?q=%CE"));
}

#[test]
fn what_a_server_shows_for_a_folder_is_the_folder() {
    for same in ["/a", "/a/", "//a//", "/a/index.html", "/a/INDEX.PHP", "/b/../a/default.aspx/"] {
        assert_eq!(key(&format!("http://e.com{same}")), "https://e.com/a", "{same}");
    }
    assert_eq!(key("http://e.com/index.php?id=7"), "https://e.com/?id=7");
    assert_eq!(key("http://e.com/index"), "https://e.com/index");
    assert_ne!(key("http://e.com/a%2Fb"), key("http://e.com/a/b"));
}

#[test]
fn scheme_www_port_and_user_do_not_tell_sites_apart() {
    for same in ["http://www.e.com:80/x", "https://e.com:443/x", "https://me:pw@WWW.E.com./x"] {
        assert_eq!(key(same), "https://e.com/x", "{same}");
    }
    assert_eq!(key("http://e.com:8080/x"), "https://e.com:8080/x");
    assert_eq!(key("http://www.com/x"), "https://www.com/x");
}

#[test]
fn a_fragment_counts_only_where_a_script_routes_by_it() {
    assert_eq!(key("http://e.com/x#comments"), key("http://e.com/x#:~:text=a"));
    assert_ne!(key("http://e.com/#!/story/1"), key("http://e.com/#!/story/2"));
    assert_ne!(key("http://e.com/#/story/1"), key("http://e.com/#/story/2"));
    assert_eq!(key("http://e.com/#!"), key("http://e.com/"));
}

#[test]
fn the_order_of_parameters_counts_only_within_one_name() {
    assert_eq!(key("http://e.com/?b=2&a=1&&=7"), key("http://e.com/?a=1&b=2"));
    assert_ne!(key("http://e.com/?a=1&a=2"), key("http://e.com/?a=2&a=1"));
    assert_eq!(key("http://e.com/?q=a+b&c="), key("http://e.com/?q=a%20b&c"));
    assert_ne!(key("http://e.com/?q=a+b"), key("http://e.com/?q=a%2Bb"));
}

#[test]
fn an_ampersand_that_was_escaped_twice_parts_parameters() {
    let plain = key("http://e.com/?a=1&b=2&c=3");
    assert_eq!(key("http://e.com/?a=1&amp;b=2&amp;c=3"), plain);
    assert_eq!(key("http://e.com/?a=1&#038;b=2&#038;c=3"), plain);
    assert_ne!(key("http://e.com/?a=1#b=2"), key("http://e.com/?a=1&b=2"));
}

#[test]
fn a_doubled_address_is_the_second_one() {
    for doubled in [
        "https://e.com/https://e.com/story?id=1",
        "https://www.e.com/x/http://e.com/story?id=1",
        "https://e.comhttps://e.com/story?id=1",
    ] {
        assert_eq!(key(doubled), "https://e.com/story?id=1", "{doubled}");
    }
    let archived = key("https://archive.org/web/2020/https://e.com/story");
    assert_eq!(archived, "https://archive.org/web/2020/https:/e.com/story");
}

#[test]
fn what_came_along_from_markup_is_no_part_of_an_address() {
    assert_eq!(key("https://e.com/abc\""), key("https://e.com/abc"));
    assert_eq!(key("https://e.com/abc%20%E2%80%8B"), key("https://e.com/abc"));
    assert_eq!(key("https://e.com/a/..%22"), "https://e.com/");
}

/// Addresses of all the pieces that a rule looks at, in any order, and of anything else.
fn addresses() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        Just("/".to_owned()),
        Just("index.html".to_owned()),
        Just("http://e.com".to_owned()),
        Just("https:/".to_owned()),
        Just("www.".to_owned()),
        Just(";jsessionid=".to_owned()),
        Just("..%22".to_owned()),
        Just("%252e".to_owned()),
        Just("%".to_owned()),
        Just("%2F".to_owned()),
        Just("%CD".to_owned()),
        Just("%E0%A6%AF".to_owned()),
        Just("%E0%A6%BC".to_owned()),
        Just("?".to_owned()),
        Just("&".to_owned()),
        Just("&amp;".to_owned()),
        Just("&#038;".to_owned()),
        Just("#!".to_owned()),
        Just("#/".to_owned()),
        Just("utm_a=1".to_owned()),
        Just("a=1".to_owned()),
        Just("+".to_owned()),
        Just("%20".to_owned()),
        "[a-zA-Z0-9%/._?=&#! \"<>;:@-]{0,6}",
        "\\PC{0,3}",
    ];
    let host = prop_oneof![
        Just("e.com"),
        Just("www.e.com."),
        Just("www.www.e.com"),
        Just("e.comhttp:"),
        Just("e.com:443"),
        Just("e.com:81"),
        Just("[::1]:80"),
        Just("1.2.3.4"),
        Just("www.com"),
        Just("\u{9ac}\u{982}\u{9b2}\u{9be}.com"),
        Just(".")
    ];
    (
        prop_oneof![Just("http"), Just("https"), Just("file")],
        host,
        prop::collection::vec(piece, 0..8),
    )
        .prop_map(|(scheme, host, pieces)| format!("{scheme}://{host}{}{}", "/", pieces.concat()))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4000))]

    #[test]
    fn normalising_twice_changes_nothing(text in addresses()) {
        if let Ok(url) = Url::parse(&text) {
            let once = url_key(&url);
            let again = Url::parse(&once).map(|url| url_key(&url));
            prop_assert_eq!(again.ok(), Some(once), "{}", text);
        }
    }

    #[test]
    fn the_form_is_an_address_and_names_the_same(text in addresses()) {
        if let Ok(url) = Url::parse(&text) {
            let form = url_key(&url);
            let scheme = if url.scheme() == "file" { "file" } else { "https" };
            let parsed = Url::parse(&form).expect("an address");
            prop_assert_eq!(parsed.scheme(), scheme);
            prop_assert_eq!(key(&form), url_key(&url));
        }
    }

    #[test]
    fn an_alias_never_is_the_address_itself(text in addresses()) {
        if let Ok(url) = Url::parse(&text) {
            for alias in aliases(&url) {
                prop_assert_ne!(url_key(&alias), url_key(&url));
            }
        }
    }
}
