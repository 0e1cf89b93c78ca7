//! Holds the house to its drawing: what may depend on what, who may open which door, how a file
//! looks. `ARCHITECTURE.md` has the reasons.
//!
//! It reads the sources as text, so that a broken promise is named with file and line, and so that
//! code behind a `cfg` is held to it too.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// Our crates and the folder of each.
const ROOMS: [(&str, &str); 7] = [
    ("article", "article"),
    ("feed", "ingest/feed"),
    ("sitemap", "ingest/sitemap"),
    ("extract", "ingest/extract"),
    ("ingest", "ingest"),
    ("enrich", "enrich"),
    ("sink", "sink"),
];

/// Whom of ours a room may know.
const MAY_KNOW: [(&str, &[&str]); 7] = [
    ("article", &[]),
    ("feed", &["article"]),
    ("sitemap", &["article", "feed"]),
    ("extract", &["article"]),
    ("ingest", &["article", "feed", "sitemap", "extract"]),
    ("enrich", &["article"]),
    ("sink", &["article"]),
];

/// Rooms that neither wait nor look at a clock: what they know they are handed.
const PURE: [&str; 4] =
    ["article/src/", "ingest/feed/src/", "ingest/sitemap/src/", "ingest/extract/src/"];

/// A foreign crate as its code names it, and the beginnings of the paths that may name it.
const DOORS: [(&str, &[&str]); 10] = [
    ("reqwest", &["ingest/src/fetch"]),
    ("robotxt", &["ingest/src/fetch/robots"]),
    ("feed_rs", &["ingest/feed/src/", "ingest/feed/examples/", "ingest/feed/tests/upstream"]),
    ("quick_xml", &["ingest/feed/src/"]),
    ("scraper", &["ingest/extract/src/", "ingest/extract/tests/upstream"]),
    ("html5ever", &["ingest/extract/src/"]),
    ("ego_tree", &["ingest/extract/src/"]),
    ("rusqlite", &["ingest/src/ledger", "sink/src/journal"]),
    ("rdkafka", &["sink/src/kafka", "sink/src/topics"]),
    ("axum", &["src/http", "src/newsroom"]),
];

const CLOCK: &str = "article/src/clock.rs";
const CLOCK_CALLS: [&str; 4] = ["SystemTime::now", "Instant::now", "Timestamp::now", "Zoned::now"];

const MOST_LINES: usize = 400;
const EMPTY_NAMES: [&str; 9] =
    ["util", "utils", "helper", "helpers", "common", "misc", "types", "manager", "managers"];

/// A source file: its path from the root of the repository, with `/`, and its text.
struct Source {
    path: String,
    text: String,
}

impl Source {
    /// Each line without its comment, with its number.
    fn code(&self) -> impl Iterator<Item = (usize, &str)> {
        self.text.lines().enumerate().map(|(at, line)| (at + 1, without_comment(line)))
    }

    fn is_under(&self, beginnings: &[&str]) -> bool {
        beginnings.iter().any(|beginning| self.path.starts_with(beginning))
    }

    /// Tests of the whole house stand outside it, as its consumers do.
    fn is_outside(&self) -> bool {
        self.path.starts_with("tests/") || self.path.contains("/tests/")
    }
}

#[test]
fn rooms_of_a_floor_do_not_know_each_other() {
    let mut faults = Vec::new();
    for (room, may_know) in MAY_KNOW {
        for dependency in dependencies(folder_of(room)) {
            let is_ours = ROOMS.iter().any(|(name, _)| *name == dependency);
            if is_ours && !may_know.contains(&dependency.as_str()) {
                faults.push(format!("{room} depends on {dependency}"));
            }
        }
    }
    none(&faults);
}

#[test]
fn each_giant_has_one_door() {
    let mut faults = Vec::new();
    for source in sources().iter().filter(|source| !source.is_outside()) {
        for (giant, doors) in DOORS {
            for (line, code) in source.code() {
                if names_crate(code, giant) && !source.is_under(doors) {
                    let doors = doors.join(" and ");
                    faults.push(format!("{}:{line}: {giant} has its door in {doors}", source.path));
                }
            }
        }
    }
    // The binary's own manifest may list them all for its tests; the rooms list only their own.
    for (room, folder) in ROOMS {
        for dependency in dependencies(folder) {
            let source_folder = format!("{folder}/src/");
            for (giant, doors) in DOORS {
                let has_door = doors.iter().any(|door| door.starts_with(&source_folder));
                if dependency.replace('-', "_") == giant && !has_door {
                    faults.push(format!("{folder}/Cargo.toml: {room} has no door to {giant}"));
                }
            }
        }
    }
    none(&faults);
}

#[test]
fn pure_rooms_neither_wait_nor_fetch() {
    let mut faults = Vec::new();
    for source in sources().iter().filter(|source| source.is_under(&PURE)) {
        for (line, code) in source.code() {
            for foreign in ["tokio", "tokio_util", "reqwest"] {
                if names_crate(code, foreign) {
                    faults.push(format!("{}:{line}: a pure room names {foreign}", source.path));
                }
            }
        }
    }
    for folder in ["article", "ingest/feed", "ingest/sitemap", "ingest/extract"] {
        for dependency in dependencies(folder) {
            if dependency.starts_with("tokio") || dependency == "reqwest" {
                faults.push(format!("{folder}/Cargo.toml: a pure room depends on {dependency}"));
            }
        }
    }
    none(&faults);
}

#[test]
fn only_the_clock_looks_at_the_clock() {
    let mut faults = Vec::new();
    let mut door_is_used = false;
    for source in &sources() {
        // This file names the calls that it looks for.
        if source.path == "tests/house.rs" {
            continue;
        }
        let has_tokio_instant = !source.is_under(&PURE) && imports_tokio_instant(&source.text);
        for (line, code) in source.code() {
            // Waits are timed with tokio's Instant, so that tests may stop the clock.
            let mut code = code.replace("tokio::time::Instant::now", "");
            if has_tokio_instant {
                code = code.replace("Instant::now", "");
            }
            for call in CLOCK_CALLS.into_iter().filter(|call| code.contains(call)) {
                if source.path == CLOCK {
                    door_is_used = true;
                } else {
                    faults.push(format!("{}:{line}: {call}; ask {CLOCK}", source.path));
                }
            }
        }
    }
    none(&faults);
    assert!(door_is_used, "{CLOCK} does not read the time: has the door moved?");
}

#[test]
fn every_file_opens_with_what_it_is_for() {
    let faults: Vec<String> = sources()
        .iter()
        .filter(|source| {
            source.text.lines().next().is_none_or(|line| line.trim_start_matches("//!").len() < 8)
                || !source.text.starts_with("//! ")
        })
        .map(|source| format!("{}: the first line is no //! sentence", source.path))
        .collect();
    none(&faults);
}

#[test]
fn a_long_file_says_why() {
    let faults: Vec<String> = sources()
        .iter()
        .filter(|source| source.text.lines().count() > MOST_LINES)
        .filter(|source| !source.text.lines().any(|line| line.starts_with("//! Long because")))
        .map(|source| format!("{}: {} lines", source.path, source.text.lines().count()))
        .collect();
    none(&faults);
}

#[test]
fn no_name_is_a_drawer_for_anything() {
    let faults: Vec<String> = sources()
        .iter()
        .flat_map(|source| {
            source
                .path
                .split('/')
                .map(|part| part.trim_end_matches(".rs"))
                .filter(|part| EMPTY_NAMES.contains(part))
                .map(|part| format!("{}: {part} says nothing", source.path))
                .collect::<Vec<_>>()
        })
        .collect();
    none(&faults);
}

#[test]
fn inside_a_crate_nobody_imports_through_its_front_door() {
    let mut faults = Vec::new();
    for source in sources().iter().filter(|source| {
        !source.is_outside() && !source.path.ends_with("/lib.rs") && source.path.contains("src/")
    }) {
        let code = source.code().map(|(_, code)| code).collect::<Vec<_>>().join("\n");
        for name in named_at_the_root(&code) {
            // A module's name is lower-case; what is upper-case there was re-exported for others.
            if name.starts_with(char::is_uppercase) {
                faults.push(format!("{}: crate::{name} is not where it is defined", source.path));
            }
        }
    }
    none(&faults);
}

#[test]
fn a_filter_calls_what_the_service_calls() {
    let all = sources();
    let of = |beginnings: &[&str]| -> String {
        all.iter()
            .filter(|source| source.is_under(beginnings))
            .flat_map(Source::code)
            .map(|(_, code)| code)
            .collect::<Vec<_>>()
            .join("\n")
    };
    let filter = of(&["src/filter"]);
    let service = of(&["ingest/src/", "enrich/src/", "src/service"]).replace("fn annotate(", "");
    let mut faults = Vec::new();
    // The stage calls its own room's function by its bare name.
    for (door, called) in [
        ("feed::read", "feed::read"),
        ("extract::read", "extract::read"),
        ("enrich::annotate", "annotate"),
        ("sitemap::read", "sitemap::read"),
        ("RobotsFile::read", "RobotsFile::read"),
        ("ingest::schedule::next", "next(&policy"),
    ] {
        if !filter.contains(&format!("{door}(")) {
            faults.push(format!("src/filter.rs does not call {door}"));
        }
        // Called, or handed to a thread that calls it.
        if !["(", ",", ")"].iter().any(|end| service.contains(&format!("{called}{end}"))) {
            faults.push(format!("the service does not call {door}"));
        }
    }
    // A rule needs something to match with.
    for tool in ["regex", "scraper", "feed_rs", "quick_xml"] {
        if filter.lines().any(|code| names_crate(code, tool)) {
            faults.push(format!("src/filter.rs has rules of its own: it names {tool}"));
        }
    }
    none(&faults);
}

fn none(faults: &[String]) {
    assert!(faults.is_empty(), "\n  {}\n", faults.join("\n  "));
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn folder_of(room: &str) -> &'static str {
    ROOMS.iter().find(|(name, _)| *name == room).map(|(_, folder)| *folder).expect("a room of ours")
}

/// Every Rust file of the repository, in the order of its path.
fn sources() -> Vec<Source> {
    let mut found = Vec::new();
    walk(&root(), &mut found);
    found.sort();
    assert!(found.len() > 10, "only {} Rust files under {}", found.len(), root().display());
    found
        .into_iter()
        .map(|path| Source {
            text: fs::read_to_string(&path).expect("a source file can be read"),
            path: path
                .strip_prefix(root())
                .expect("it was found under the root")
                .to_string_lossy()
                .replace('\\', "/"),
        })
        .collect()
}

fn walk(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("a folder can be listed") {
        let path = entry.expect("a folder can be listed").path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if path.is_dir() && !name.starts_with('.') && name != "target" {
            walk(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

/// The names in all dependency tables of a manifest. Ours are written one a line.
fn dependencies(folder: &str) -> BTreeSet<String> {
    let path = root().join(folder).join("Cargo.toml");
    let text = fs::read_to_string(&path).expect("every room has a manifest");
    let mut names = BTreeSet::new();
    let mut in_table = false;
    for line in text.lines().map(str::trim) {
        if let Some(table) = line.strip_prefix('[') {
            let table = table.trim_end_matches(']');
            in_table = table.ends_with("dependencies");
            if let Some((_, name)) = table.split_once("dependencies.") {
                names.insert(name.to_owned());
            }
        } else if in_table && !line.is_empty() && !line.starts_with('#') {
            names.extend(line.split(['.', '=', ' ']).next().map(str::to_owned));
        }
    }
    assert!(!names.is_empty(), "{} lists no dependency", path.display());
    names
}

/// Cuts a comment off, but not the `//` of an address.
fn without_comment(line: &str) -> &str {
    let comment =
        line.match_indices("//").find(|(at, _)| !line[..*at].ends_with(':')).map(|(at, _)| at);
    &line[..comment.unwrap_or(line.len())]
}

/// Whether the code has `name::` or `use name`, as a word.
fn names_crate(code: &str, name: &str) -> bool {
    code.match_indices(name).any(|(at, _)| {
        let before = &code[..at];
        let after = &code[at + name.len()..];
        // `crate::scraper::…` would be a module of ours.
        let is_a_path = before.trim_end().ends_with("::") && !before.trim_end().ends_with(" ::");
        let is_a_word = !before.ends_with(|c: char| c.is_alphanumeric() || c == '_');
        let is_used = before.trim_end().ends_with("use") || before.trim_end().ends_with("crate");
        is_a_word
            && !is_a_path
            && (after.starts_with("::") || (is_used && after.starts_with([';', ' '])))
    })
}

fn imports_tokio_instant(text: &str) -> bool {
    text.split(';').any(|statement| {
        let statement = statement.trim();
        statement.rsplit('\n').next().is_some_and(|last| last.contains("use tokio::time"))
            && statement.contains("Instant")
    })
}

/// The first names after each `crate::`, those in braces too.
fn named_at_the_root(code: &str) -> Vec<String> {
    let mut names = Vec::new();
    for (at, _) in code.match_indices("crate::") {
        if code[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_') {
            continue;
        }
        let rest = &code[at + "crate::".len()..];
        let Some(group) = rest.strip_prefix('{') else {
            names.push(first_word(rest));
            continue;
        };
        let mut depth = 0;
        let mut start = 0;
        for (at, c) in group.char_indices() {
            match c {
                '{' => depth += 1,
                '}' if depth > 0 => depth -= 1,
                ',' | '}' if depth == 0 => {
                    names.push(first_word(group[start..at].trim()));
                    start = at + 1;
                    if c == '}' {
                        break;
                    }
                }
                _ => {}
            }
        }
    }
    names.retain(|name| !name.is_empty());
    names
}

fn first_word(text: &str) -> String {
    text.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect()
}
