//! What is read, what is refused, and what is never shown.

use super::*;

fn read(toml: &str) -> Result<FeedConfig, String> {
    toml::from_str(toml).map_err(|error| error.message().to_owned())
}

fn feed(rest: &str) -> FeedConfig {
    read(&format!("url = \"https://a.example/feed\"\n{rest}")).unwrap()
}

fn sent(pass: &Pass, at: &str) -> Option<String> {
    let headers = pass.headers(&Url::parse(at).unwrap())?;
    Some(headers.get(AUTHORIZATION)?.to_str().unwrap().to_owned())
}

#[tokio::test]
async fn secrets_come_from_the_row_the_environment_and_files() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("token");
    std::fs::write(&file, "s3cret\n").unwrap();
    let kept = feed(&format!(
        "bearer = {{ file = {file:?} }}\nheaders = {{ X-Path = {{ env = \"PATH\" }}, X-Key = \"k\" }}"
    ));
    let pass = kept.pass().await.unwrap();
    assert_eq!(sent(&pass, "https://a.example/x").as_deref(), Some("Bearer s3cret"));
    let headers = pass.headers(&kept.url).unwrap();
    assert_eq!(headers["x-path"].to_str().unwrap(), std::env::var("PATH").unwrap());
    assert_eq!(headers["x-key"], "k");
    let pass = feed("user = \"me\"\npassword = \"pw\"").pass().await.unwrap();
    assert_eq!(sent(&pass, "https://a.example/").as_deref(), Some("Basic bWU6cHc="));
}

#[tokio::test]
async fn a_pass_holds_at_its_own_origin_alone() {
    let pass = feed("bearer = \"t\"").pass().await.unwrap();
    for other in ["http://a.example/", "https://a.example:8443/", "https://b.a.example/"] {
        assert_eq!(sent(&pass, other), None, "{other}");
    }
    assert!(sent(&pass, "https://a.example:443/other").is_some());
    assert!(pass.bare().headers(&"https://a.example/".parse().unwrap()).is_none());
}

#[tokio::test]
async fn a_secret_that_is_not_there_is_named_by_its_place() {
    let feed = feed("password = { env = \"KHOBOR_NO_SUCH\" }\nuser = \"me\"");
    let refusal = feed.pass().await.unwrap_err();
    assert!(refusal.message.contains("password: the environment variable KHOBOR_NO_SUCH"));
    assert_eq!(feed.missing_secrets().await.len(), 1);
}

#[tokio::test]
async fn a_given_secret_is_neither_shown_nor_stored() {
    let text = "user = \"me\"\npassword = \"s3cret\"\nproxy = \"http://u:s3cret@p.example\"\n\
                headers = { X-Key = \"s3cret\" }";
    let given = feed(text);
    let shown = format!("{given:?} {:?} {}", given.pass().await, toml::to_string(&given).unwrap());
    let pass = given.pass().await.unwrap();
    assert!(sent(&pass, "https://a.example/").is_some());
    let json = serde_json::to_string(&given).unwrap();
    assert!(!json.contains("s3cret"), "{json}");
    assert!(!shown.contains("s3cret"), "{shown}");
    let stored: FeedConfig = serde_json::from_str(&json).unwrap();
    assert!(stored.has_access());
    assert!(stored.pass().await.is_err(), "what is hidden must not be sent as a secret");
}

#[test]
fn a_fault_does_not_repeat_what_may_be_a_secret() {
    for fault in [
        "url = \"https://me:s3cret@[/\"",
        "url = \"https://a.example/\"\nheaders = \"X-Key: s3cret\"",
        "url = \"https://a.example/\"\nbearer = { env = \"A\", s3cret = \"b\" }",
        "url = \"https://a.example/\"\nbearer = 53",
        "url = \"https://a.example/\"\nbearer = [\"s3cret\"]",
    ] {
        let message = read(fault).unwrap_err();
        assert!(!message.contains("s3cret") && !message.contains("53"), "{message}");
    }
}

#[test]
fn contradictions_and_headers_of_the_client_are_refused() {
    for (rest, fault) in [
        ("user = \"me\"\nbearer = \"t\"", "one of them"),
        ("password = \"pw\"", "without user"),
        ("headers = { Host = \"b.example\" }", "client's own"),
        ("headers = { \"a b\" = \"c\" }", "no name"),
        ("headers = { X = \"a\\nb\" }", "cannot hold"),
        ("proxy = \"socks5://p.example\"", "http://"),
    ] {
        let faults = feed(rest).access_faults().join("; ");
        assert!(faults.contains(fault), "{rest}: {faults}");
    }
    assert!(OWN_HEADERS.is_sorted());
}

#[tokio::test]
async fn userinfo_of_an_address_becomes_credentials_and_leaves_the_address() {
    let plain = FeedConfig::new("https://me:p%40w@a.example/feed".parse().unwrap());
    let moved = plain.clone().without_userinfo();
    assert_eq!(moved.url.as_str(), "https://a.example/feed");
    let pass = moved.pass().await.unwrap();
    let mut url = plain.url;
    let mut taken = Pass::default();
    taken.take_userinfo(&mut url);
    assert_eq!(url, moved.url);
    let want = Some(format!("Basic {}", STANDARD.encode("me:p@w")));
    assert_eq!(sent(&pass, url.as_str()), want);
    assert_eq!(sent(&taken, url.as_str()), want);
}
