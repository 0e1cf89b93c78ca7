//! The service as its operator meets it, without Kafka: its journal, its words and its exit status.

mod checker;

use std::time::Duration;

use checker::process::{Running, ask, complained, said, until};
use checker::seen::mark;
use checker::service::{Newsroom, Service, Setup, free_port, text};
use tempfile::TempDir;

const PATIENCE: Duration = Duration::from_secs(30);

struct House {
    folder: TempDir,
    newsroom: Newsroom,
    service: Service,
}

/// A newsroom, and a service that is not started yet.
fn house(newsroom: &[&str], brokers: Option<&str>) -> House {
    let folder = tempfile::tempdir().expect("a folder can be made");
    let newsroom = Newsroom::open(folder.path(), newsroom);
    let service = Service::new(&Setup {
        folder: &folder.path().join("service"),
        opml: &newsroom.opml,
        shards: 1,
        kafka: brokers.map(|brokers| (brokers, "t.")),
    });
    House { folder, newsroom, service }
}

fn small_house() -> House {
    house(&["--feeds", "4", "--articles", "24", "--script", "still"], None)
}

#[test]
fn without_kafka_the_journal_holds_every_article_once() {
    let House { folder: _folder, newsroom: _newsroom, service } = small_house();
    let process = service.start_and_wait();
    let came = until(PATIENCE, || service.tail().len() >= 24);
    assert!(came, "{} of 24 articles; {}", service.tail().len(), process.log());
    let mut serials: Vec<u32> = service
        .tail()
        .iter()
        .filter_map(|record| mark(record["articleBody"].as_str()?))
        .map(|mark| mark.serial)
        .collect();
    serials.sort_unstable();
    assert_eq!(serials, (1..=24).collect::<Vec<u32>>());
}

#[test]
fn a_second_process_on_the_data_folder_is_told_who_holds_it() {
    let House { folder, newsroom, service } = small_house();
    let process = service.start_and_wait();
    let other = Service::new(&Setup {
        folder: &folder.path().join("other"),
        opml: &newsroom.opml,
        shards: 1,
        kafka: None,
    });
    // Its own configuration and admin port, the first one's data folder.
    let config = std::fs::read_to_string(&other.config).expect("a configuration can be read");
    let config = config.replace(text(&other.data), text(&service.data));
    std::fs::write(&other.config, config).expect("a configuration can be written");
    let output = ask(&["run", "--config", text(&other.config)]);
    assert_eq!(output.status.code(), Some(2), "{}", complained(&output));
    let message = complained(&output);
    assert!(message.contains(&process.id().to_string()), "no process id in: {message}");
}

#[test]
fn a_bad_configuration_is_refused_with_every_fault() {
    let folder = tempfile::tempdir().expect("a folder can be made");
    let config = folder.path().join("khobor.toml");
    let toml = "shards = \"many\"\n[admin]\nlisten = \"nowhere\"\n[fetch]\npaec = \"0ms\"\n\
                [schedule]\nshortest = \"soon\"\n[kafka]\nbroker = \"127.0.0.1:9092\"\n";
    std::fs::write(&config, toml).expect("a configuration can be written");
    let output = ask(&["run", "--config", text(&config)]);
    let message = complained(&output);
    assert_eq!(output.status.code(), Some(2), "{message}");
    for line in [1, 3, 5, 7, 9] {
        assert!(message.contains(&format!("khobor.toml:{line}:")), "no line {line} in: {message}");
    }
}

#[test]
fn a_configuration_whose_values_do_not_go_together_is_refused() {
    let folder = tempfile::tempdir().expect("a folder can be made");
    let config = folder.path().join("khobor.toml");
    let toml = "shards = 0\ndata_dir = \"\"\n[fetch]\ntimeout = \"0s\"\ncontact = \"a\\nb\"\n\
                [schedule]\nshortest = \"1h\"\nlongest = \"1m\"\npage_attempts = 0\n\
                [journal]\nmax_bytes = 0\n[kafka]\nbrokers = \"\"\npartitions = 0\n\
                [[feed]]\nurl = \"ftp://example.com/\"\nshortest = \"5d\"\n";
    std::fs::write(&config, toml).expect("a configuration can be written");
    let output = ask(&["run", "--config", text(&config)]);
    let message = complained(&output);
    assert_eq!(output.status.code(), Some(2), "{message}");
    for word in [
        "shards is 0",
        "data_dir is empty",
        "fetch.timeout is 0",
        "printed characters",
        "schedule.shortest",
        "schedule.page_attempts is 0",
        "journal.max_bytes is 0",
        "kafka.brokers",
        "kafka.partitions is 0",
        "http and https",
        "shortest (5d) is longer",
    ] {
        assert!(message.contains(word), "no {word} in: {message}");
    }
}

#[test]
fn sigterm_ends_it_in_good_order() {
    let House { folder: _folder, newsroom: _newsroom, service } = small_house();
    let mut process = service.start_and_wait();
    assert!(until(PATIENCE, || service.last_row() > 0), "{}", process.log());
    let status = process.terminate(Duration::from_secs(10));
    let status = status.expect("it ends within ten seconds");
    assert_eq!(status.code(), Some(0), "{}", process.log());
}

#[test]
fn sigterm_ends_it_while_the_broker_is_away() {
    let brokers = format!("127.0.0.1:{}", free_port());
    let House { folder: _folder, newsroom: _newsroom, service } =
        house(&["--feeds", "4", "--articles", "24", "--script", "still"], Some(&brokers));
    let mut process = service.start_and_wait();
    assert!(until(PATIENCE, || service.last_row() > 0), "{}", process.log());
    let status = process.terminate(Duration::from_secs(10));
    let status = status.expect("it ends within ten seconds");
    assert_eq!(status.code(), Some(0), "{}", process.log());
}

#[test]
fn without_its_broker_the_service_runs_on_and_says_so() {
    let brokers = format!("127.0.0.1:{}", free_port());
    let House { folder: _folder, newsroom: _newsroom, service } = house(
        &["--feeds", "4", "--articles", "40", "--script", "endless", "--pace", "0.3"],
        Some(&brokers),
    );
    let mut process = service.start_and_wait();
    assert!(until(PATIENCE, || service.tail().len() > 20), "{}", process.log());
    let before = service.last_row();
    let grows = until(PATIENCE, || service.last_row() > before + 5);
    assert!(grows, "the journal stays at {before}; {}", process.log());
    let admin = service.admin.to_string();
    let mut message = String::new();
    let says_why = until(PATIENCE, || {
        let output = ask(&["health", "--ready", "--admin", &admin]);
        message = said(&output);
        output.status.code() == Some(1) && message.to_lowercase().contains("kafka")
    });
    assert!(says_why, "readiness: {message}");
    assert!(ask(&["health", "--admin", &admin]).status.success(), "it does not live");
    assert!(process.ended().is_none(), "{}", process.log());
}

#[test]
fn a_poll_that_is_answered_304_writes_nothing() {
    let House { folder: _folder, newsroom, service } = small_house();
    let process = service.start_and_wait();
    assert!(until(PATIENCE, || service.tail().len() >= 24), "{}", process.log());
    settle(&service, &process);
    let (row, polls) = (service.last_row(), polls(&newsroom));
    let polled = until(PATIENCE, || self::polls(&newsroom) >= polls + 12);
    assert!(polled, "{} polls after {polls}", self::polls(&newsroom));
    assert_eq!(service.last_row(), row, "{:?}", service.tail().last());
}

/// Waits until the journal has not grown for five seconds.
fn settle(service: &Service, process: &Running) {
    let mut rows = Vec::new();
    let quiet = until(PATIENCE, || {
        rows.push(service.last_row());
        std::thread::sleep(Duration::from_millis(450));
        rows.len() > 10 && rows[rows.len() - 10..].windows(2).all(|pair| pair[0] == pair[1])
    });
    assert!(quiet, "the journal grows and grows: {rows:?}; {}", process.log());
}

/// How often feeds were asked for.
fn polls(newsroom: &Newsroom) -> u64 {
    let is_feed = |address: &str| address.contains("/feed");
    newsroom.hits().iter().filter(|(address, _)| is_feed(address)).map(|(_, hits)| hits).sum()
}
