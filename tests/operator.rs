//! The commands as an operator meets them: crashes, seeds, the demo and the filters.

mod checker;

use std::time::Duration;

use checker::process::{said, until};
use checker::service::{Newsroom, Service, Setup, text};

/// Longest wait for something that takes a second.
const SOON: Duration = Duration::from_secs(20);

#[test]
fn a_killed_service_repeats_and_loses_nothing() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let newsroom =
        Newsroom::open(folder.path(), &["--feeds", "20", "--articles", "400", "--script", "still"]);
    let place = folder.path().join("khobor");
    let setup = Setup { folder: &place, opml: &newsroom.opml, shards: 2, kafka: None };
    let service = Service::new(&setup);
    for life in [150, 400, 700] {
        let mut process = service.start();
        std::thread::sleep(Duration::from_millis(life));
        process.kill();
    }
    let process = service.start_and_wait();
    let complete = until(Duration::from_mins(1), || service.tail().len() >= 400);
    assert!(complete, "{} of 400\n{}", service.tail().len(), process.log());
    std::thread::sleep(Duration::from_secs(3));
    let records = service.tail();
    let mut ids: Vec<&str> = records.iter().filter_map(|record| record["id"].as_str()).collect();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!((records.len(), ids.len()), (400, 400));
}

#[test]
fn the_seeds_come_through_the_whole_line_right() {
    if !std::path::Path::new("../shared/seeds").exists() {
        println!("skipped: ../shared/seeds is not here");
        return;
    }
    let folder = tempfile::tempdir().expect("a temporary folder");
    let newsroom = Newsroom::open(folder.path(), &["--script", "still"]);
    let place = folder.path().join("khobor");
    let setup = Setup { folder: &place, opml: &newsroom.opml, shards: 1, kafka: None };
    let service = Service::new(&setup);
    let process = service.start_and_wait();
    let mut records = Vec::new();
    let seed = |record: &&serde_json::Value, words: &str| {
        record["articleBody"].as_str().is_some_and(|body| body.contains(words))
    };
    assert!(
        until(SOON, || {
            records = service.tail();
            records.iter().any(|record| seed(&record, "হাউitzer"))
                && records.iter().any(|record| seed(&record, "বেলোসভ"))
        }),
        "{}",
        process.log()
    );
    let credited = records.iter().find(|record| seed(record, "হাউitzer")).expect("just seen");
    assert_eq!(credited["inLanguage"], "bn");
    assert_eq!(credited["attribution"][0]["name"], "CNN");
    assert_eq!(credited["attribution"].as_array().map(Vec::len), Some(1));
    assert_eq!(credited["quality"]["flags"][0], "mixedScript");
    let (start, end) = (&credited["attribution"][0]["start"], &credited["attribution"][0]["end"]);
    let (start, end) = (start.as_u64().expect("an offset"), end.as_u64().expect("an offset"));
    let literal: String = credited["articleBody"]
        .as_str()
        .expect("a text")
        .chars()
        .skip(usize::try_from(start).expect("small"))
        .take(usize::try_from(end - start).expect("small"))
        .collect();
    assert_eq!(credited["attribution"][0]["literal"], literal.as_str());
    let bare = records.iter().find(|record| seed(record, "বেলোসভ")).expect("just seen");
    assert_eq!(bare["inLanguage"], "bn");
    assert!(bare["attribution"].as_array().is_none_or(Vec::is_empty), "{bare}");
}

#[test]
fn the_demo_ends_well_with_a_summary_that_adds_up() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let data = folder.path().join("data");
    let output = folder.path().join("out");
    let script = format!(
        "exec {} demo --data-dir {} --admin 127.0.0.1:0 > {}",
        env!("CARGO_BIN_EXE_khobor"),
        text(&data),
        text(&output)
    );
    let mut child = std::process::Command::new("sh").args(["-c", &script]).spawn().expect("sh");
    let lines = || std::fs::read_to_string(&output).unwrap_or_default();
    let flows = until(Duration::from_secs(10), || lines().lines().count() > 20);
    let id = child.id().to_string();
    let told = std::process::Command::new("kill").args(["-INT", &id]).status().expect("kill");
    assert!(told.success());
    let mut status = None;
    until(Duration::from_secs(10), || {
        status = child.try_wait().expect("a child can be asked");
        status.is_some()
    });
    if status.is_none() {
        let _ = child.kill();
    }
    assert!(flows, "{}", lines());
    assert_eq!(status.and_then(|status| status.code()), Some(0), "{}", lines());
    let shown = lines();
    let summary = shown.lines().find(|line| line.contains("entries seen =")).expect("a summary");
    let mut numbers = summary
        .split(|c: char| !c.is_ascii_digit())
        .filter_map(|number| number.parse::<u64>().ok());
    let seen = numbers.next();
    assert_eq!(seen, Some(numbers.sum()), "{summary}");
}

#[test]
fn a_filter_answers_every_line_and_goes_on() {
    use std::io::Write as _;
    let mut child = std::process::Command::new(env!("CARGO_BIN_EXE_khobor"))
        .args(["filter", "article", "--jobs", "1"])
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::piped())
        .spawn()
        .expect("khobor can be run");
    let lines = "{\"id\":\"1\",\"articleBody\":\"ঢাকায় আজ বৃষ্টি হয়েছে\"}\nnonsense\n{\"id\":\"2\",\"headline\":\"Rain in the capital on Monday\"}\n";
    child.stdin.take().expect("piped").write_all(lines.as_bytes()).expect("it reads");
    let output = child.wait_with_output().expect("it ends");
    let answers: Vec<serde_json::Value> =
        said(&output).lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    assert_eq!(answers.len(), 3);
    assert_eq!((&answers[0]["id"], &answers[0]["inLanguage"]), (&"1".into(), &"bn".into()));
    assert_eq!((&answers[1]["line"], &answers[2]["id"]), (&2.into(), &"2".into()));
}
