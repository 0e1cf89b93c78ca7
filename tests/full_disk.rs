//! A disk that runs full under the service, and has room again.

mod checker;

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use checker::process::{Running, ask, khobor, said, until};
use checker::service::{Newsroom, Service, Setup, get, text};

/// Longest wait for the disk to be full, or for all to be recorded afterwards.
const PATIENCE: Duration = Duration::from_mins(1);

/// A file system of 96 MiB at the data folder, all but three taken; then the command itself.
const SMALL_DISK: &str = "mount -t tmpfs -o size=96m small \"$1\" \
    && head -c 97517568 /dev/zero > \"$1/ballast\" \
    && exec \"$2\" run --config \"$3\"";

#[test]
fn a_full_disk_pauses_polling_and_loses_nothing() {
    let mount = ["-rm", "mount", "-t", "tmpfs", "x", "/mnt"];
    let may_mount = Command::new("unshare").args(mount).status();
    if !may_mount.is_ok_and(|status| status.success()) {
        println!("skipped: no file system may be mounted here");
        return;
    }
    let folder = tempfile::tempdir().expect("a temporary folder");
    let newsroom = Newsroom::open(
        folder.path(),
        &["--feeds", "40", "--articles", "1600", "--script", "still"],
    );
    let place = folder.path().join("khobor");
    let setup = Setup { folder: &place, opml: &newsroom.opml, shards: 1, kafka: None };
    let service = Service::new(&setup);
    std::fs::create_dir_all(&service.data).expect("a folder can be made");
    let mut command = Command::new("unshare");
    command.args(["-rm", "sh", "-ec", SMALL_DISK, "sh", text(&service.data), text(&khobor())]);
    command.arg(&service.config);
    let mut process = Running::spawn(command, &place.join("khobor.log"));
    let unready = || -> String {
        let lives = ask(&["health", "--admin", &service.admin.to_string()]).status.success();
        if lives { get(service.admin, "/readyz").1 } else { String::new() }
    };

    assert!(until(PATIENCE, || unready().contains("polling pauses")), "{}", process.log());
    let reason = unready();
    assert!(reason.contains("full"), "{reason}");
    assert!(until(PATIENCE, || process.log().contains("polling pauses")), "{}", process.log());
    let before = tail(&process, &service.data);
    std::thread::sleep(Duration::from_secs(6));
    assert!(process.ended().is_none(), "{}", process.log());
    assert!(before.len() < 1600, "the disk was never full");

    let ballast = format!("/proc/{}/root{}/ballast", process.id(), text(&service.data));
    std::fs::remove_file(ballast).expect("the ballast is there");
    let complete = until(PATIENCE, || tail(&process, &service.data).len() >= 1600);
    let records = tail(&process, &service.data);
    assert!(complete, "{} of 1600\n{}", records.len(), process.log());
    assert_eq!(&records[..before.len()], before, "what was acknowledged stays");
    let mut ids: Vec<&str> = records.iter().filter_map(|record| record["id"].as_str()).collect();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!((records.len(), ids.len()), (1600, 1600));
    assert!(until(PATIENCE, || unready() == "ready\n"), "{}", unready());
    let ended = process.terminate(Duration::from_secs(10));
    assert_eq!(ended.and_then(|status| status.code()), Some(0), "{}", process.log());
}

/// The records in the journals of a data folder that only this process sees.
fn tail(process: &Running, data: &Path) -> Vec<serde_json::Value> {
    let output = Command::new("nsenter")
        .args(["--target", &process.id().to_string(), "--user", "--mount"])
        .args(["--preserve-credentials", "--", text(&khobor())])
        .args(["tail", "--from", "start", "--no-follow", "--data-dir", text(data)])
        .output()
        .expect("nsenter comes with unshare");
    let lines = said(&output);
    lines.lines().map(|line| serde_json::from_str(line).expect("JSON Lines")).collect()
}
