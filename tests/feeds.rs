//! The commands of the feed list, as their users meet them.

mod checker;

use std::fs;
use std::path::Path;
use std::process::Output;
use std::time::Duration;

use checker::process::{ask, complained, said, until};
use checker::service::{Newsroom, Service, Setup, text};

/// Longest wait for something that takes a second.
const SOON: Duration = Duration::from_secs(20);

struct Place {
    folder: tempfile::TempDir,
    newsroom: Newsroom,
    config: String,
}

impl Place {
    /// A newsroom, and a configuration that names none of its feeds.
    fn open() -> Self {
        let folder = tempfile::tempdir().expect("a folder can be made");
        let newsroom = Newsroom::open(
            folder.path(),
            &["--feeds", "4", "--articles", "24", "--script", "still"],
        );
        let config = folder.path().join("khobor.toml");
        let toml = format!(
            "data_dir = \"{}\"\n[admin]\nlisten = \"127.0.0.1:0\"\n\
             [fetch]\nallow = [\"127.0.0.0/8\"]\npace = \"0ms\"\n",
            folder.path().join("data").display()
        );
        fs::write(&config, toml).expect("a configuration can be written");
        let config = text(&config).to_owned();
        Self { folder, newsroom, config }
    }

    fn feeds(&self, arguments: &[&str]) -> Output {
        ask(&[&["feeds", "--config", &self.config], arguments].concat())
    }

    /// The first value of an attribute in the newsroom's own list.
    fn listed(&self, attribute: &str) -> String {
        let list = fs::read_to_string(&self.newsroom.opml).expect("the list can be read");
        let (_, after) = list.split_once(&format!("{attribute}=\"")).expect("it is there");
        after.split('"').next().expect("it ends").to_owned()
    }

    fn addresses(&self) -> Vec<String> {
        let listed = self.feeds(&["list", "--json"]);
        let rows = said(&listed);
        let url = |line: &str| {
            serde_json::from_str::<serde_json::Value>(line).ok()?["url"].as_str().map(str::to_owned)
        };
        rows.lines().filter_map(url).collect()
    }
}

#[test]
fn a_list_is_imported_exported_and_imported_again_without_loss() {
    let place = Place::open();
    let imported = place.feeds(&["import", text(&place.newsroom.opml)]);
    assert!(said(&imported).contains("4 feeds added, 0 were there"), "{}", complained(&imported));
    let first = place.folder.path().join("first.opml");
    assert!(place.feeds(&["export", "--output", text(&first)]).status.success());
    let again = place.feeds(&["import", text(&first)]);
    assert!(said(&again).contains("0 feeds added, 4 were there"), "{}", said(&again));
    let other = Place::open();
    assert!(other.feeds(&["import", text(&first)]).status.success());
    let exported = |place: &Place| said(&place.feeds(&["export"]));
    assert_eq!(exported(&other), exported(&place));
}

#[test]
fn a_home_page_stands_for_its_feed_and_what_was_added_can_be_removed() {
    let place = Place::open();
    let (home, feed) = (place.listed("htmlUrl"), place.listed("xmlUrl"));
    let found = place.feeds(&["discover", &home, "--json"]);
    let found: serde_json::Value = serde_json::from_str(&said(&found)).expect("one object");
    assert_eq!(found["feeds"][0]["url"], feed.as_str(), "{found}");
    let added = place.feeds(&["add", &home, "--label", "first", "--shortest", "5m"]);
    assert!(added.status.success(), "{}{}", said(&added), complained(&added));
    assert_eq!(place.addresses(), std::slice::from_ref(&feed));
    let again = place.feeds(&["add", &feed]);
    assert!(said(&again).contains("already there"), "{}", said(&again));
    let removed = place.feeds(&["remove", &feed]);
    assert!(removed.status.success(), "{}", said(&removed));
    assert!(place.addresses().is_empty());
    let gone = place.feeds(&["remove", &feed]);
    assert_eq!(gone.status.code(), Some(1));
    let nothing = place.feeds(&["add", &format!("{home}no-such-page")]);
    assert_eq!(nothing.status.code(), Some(1), "{}", said(&nothing));
    assert!(said(&nothing).contains("not added"), "{}", said(&nothing));
}

#[test]
fn a_feed_of_the_configuration_is_changed_there() {
    let place = Place::open();
    let feed = place.listed("xmlUrl");
    let toml = fs::read_to_string(&place.config).expect("it was written");
    fs::write(&place.config, format!("{toml}[[feed]]\nurl = \"{feed}\"\n"))
        .expect("it can be written");
    assert_eq!(place.addresses(), std::slice::from_ref(&feed));
    let removed = place.feeds(&["remove", &feed]);
    assert_eq!(removed.status.code(), Some(1));
    assert!(said(&removed).contains("stands in the configuration"), "{}", said(&removed));
}

#[test]
fn beside_a_running_service_status_is_shown_and_changes_are_refused() {
    let folder = tempfile::tempdir().expect("a folder can be made");
    let newsroom =
        Newsroom::open(folder.path(), &["--feeds", "4", "--articles", "24", "--script", "still"]);
    let setup = Setup {
        folder: &folder.path().join("service"),
        opml: &newsroom.opml,
        shards: 2,
        kafka: None,
    };
    let service = Service::new(&setup);
    let process = service.start_and_wait();
    assert!(until(SOON, || service.tail().len() >= 24), "{}", process.log());
    let config = text(&service.config);
    let status = || said(&ask(&["feeds", "--config", config, "status", "--json"]));
    let read = |line: &str| -> serde_json::Value { serde_json::from_str(line).expect("JSON") };
    let settled = || {
        let rows: Vec<_> = status().lines().map(read).collect();
        rows.len() == 4
            && rows
                .iter()
                .all(|row| row["state"] == "ok" && row["document"]["entries"].as_u64() > Some(0))
    };
    assert!(until(SOON, settled), "{}", status());
    for row in status().lines().map(read) {
        assert!(row["reason"].as_str().is_some_and(|reason| !reason.is_empty()), "{row}");
        assert!(row["nextAt"].is_string(), "{row}");
    }
    let words = said(&ask(&["feeds", "--config", config, "status"]));
    assert!(words.contains("ok: ") && words.contains("next in "), "{words}");
    let refused = ask(&["feeds", "--config", config, "remove", "http://a.example/"]);
    assert_eq!(refused.status.code(), Some(2), "{}", complained(&refused));
    assert!(complained(&refused).contains(&process.id().to_string()), "{}", complained(&refused));
}

#[test]
fn a_list_that_is_none_is_refused_by_name() {
    let place = Place::open();
    let file = place.folder.path().join("not.opml");
    fs::write(&file, "{}").expect("a file can be written");
    let refused = place.feeds(&["import", text(&file)]);
    assert_eq!(refused.status.code(), Some(1));
    assert!(complained(&refused).contains("not.opml is no feed list"), "{}", complained(&refused));
    assert!(!Path::new(&place.folder.path().join("data")).exists(), "nothing was begun");
}
