//! The proof of delivery: khobor and its broker are killed at random moments while a newsroom
//! prints, and in the end nothing is lost, twice or out of order.
//!
//! The last line is one JSON object; the exit status is 0 only where all its faults are 0.

#[path = "../tests/checker/mod.rs"]
mod checker;

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::time::Duration;

use anyhow::{Context as _, ensure};
use article::clock::Clock;
use checker::process::Running;
use checker::service::{Newsroom, Service, Setup};
use checker::topic::Topic;
use checker::verdict::{Verdict, check};
use clap::Parser;

/// A version that was corrected away is owed if it was listed so long: two poll intervals are 8 s,
/// and khobor is down or starting for about as long in between.
const LONG_ENOUGH: Duration = Duration::from_secs(20);

/// Longest wait for everything to arrive once nothing is killed any more.
const PATIENCE: Duration = Duration::from_mins(3);

/// The topic is quiet when nothing came for so long.
const QUIET: Duration = Duration::from_secs(15);

/// A topic that is read anew has ended when nothing came for so long.
const SILENCE: Duration = Duration::from_secs(5);

/// Kills khobor and its broker while a newsroom prints, and checks what arrived.
#[derive(Parser)]
struct Prove {
    /// The folder of the running broker, as `scripts/kafka start` made it
    #[arg(long, value_name = "DIR")]
    brokers_dir: PathBuf,
    /// Decides when is killed, and what is printed [default: another one each time]
    #[arg(long)]
    seed: Option<u64>,
    /// How often khobor is killed
    #[arg(long, default_value_t = 20)]
    kills: u32,
    /// How often the broker is killed
    #[arg(long, default_value_t = 2)]
    broker_kills: u32,
    /// Shards of the service
    #[arg(long, default_value_t = 1)]
    shards: u16,
}

fn main() -> anyhow::Result<ExitCode> {
    let prove = Prove::parse();
    let random = u64::try_from(Clock::system().now().as_microsecond()).unwrap_or(1);
    let seed = prove.seed.unwrap_or(random % 1_000_000);
    say(&format!("prove: seed {seed}"));
    let verdict = run(&prove, seed)?;
    say(&verdict.faults());
    let line = serde_json::json!({
        "records": verdict.records,
        "keys": verdict.keys,
        "kills": prove.kills,
        "brokerKills": prove.broker_kills,
        "lost": verdict.lost.len(),
        "twice": verdict.twice.len(),
        "reordered": verdict.reordered.len(),
    });
    say(&line.to_string());
    Ok(if verdict.is_clean() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn run(prove: &Prove, seed: u64) -> anyhow::Result<Verdict> {
    let bootstrap = prove.brokers_dir.join("bootstrap");
    let brokers = std::fs::read_to_string(&bootstrap)
        .with_context(|| format!("reading the broker's address in {}", bootstrap.display()))?;
    let brokers = brokers.trim();
    let folder = tempfile::tempdir().context("making a folder")?;
    let printed = seed.to_string();
    let newsroom = Newsroom::open(
        folder.path(),
        &[
            &["--feeds", "60", "--articles", "2400", "--script", "once", "--pace", "1.2"][..],
            &["--seed", &printed],
        ]
        .concat(),
    );
    let prefix = format!("prove{}.", std::process::id());
    let service = Service::new(&Setup {
        folder: &folder.path().join("service"),
        opml: &newsroom.opml,
        shards: prove.shards,
        kafka: Some((brokers, &prefix)),
    });
    service.apply_topics();

    let mut khobor = service.start();
    std::thread::scope(|scope| {
        // In a rhythm of its own, so that both are down at once now and then.
        let broker = scope.spawn(|| {
            let mut chance = Chance(seed ^ 0x5bd1_e995);
            (0..prove.broker_kills).try_for_each(|_| kill_broker(&prove.brokers_dir, &mut chance))
        });
        let mut chance = Chance(seed);
        for kill in 1..=prove.kills {
            // As often during the start as later.
            let most = if chance.below(2) == 0 { 700 } else { 6000 };
            std::thread::sleep(Duration::from_millis(50 + chance.below(most)));
            let ended = khobor.ended();
            ensure!(ended.is_none(), "khobor ended by itself: {ended:?}\n{}", khobor.log());
            khobor.kill();
            say(&format!("prove: khobor killed ({kill} of {})", prove.kills));
            khobor = service.start();
        }
        broker.join().map_err(|_| anyhow::anyhow!("the broker's killer panicked"))?
    })?;
    await_quiet(&newsroom, &mut khobor, &mut Topic::open(brokers, &topic(&prefix)))?;

    // Read anew, as a consumer that was not there before.
    let mut topic = Topic::open(brokers, &topic(&prefix));
    while topic.read(SILENCE) > 0 {}
    Ok(check(&newsroom.deeds(), &topic.seen, LONG_ENOUGH))
}

fn topic(prefix: &str) -> String {
    format!("{prefix}news.article.v1")
}

/// Waits until the script is over and nothing comes any more, and longer while something is lost.
fn await_quiet(newsroom: &Newsroom, khobor: &mut Running, topic: &mut Topic) -> anyhow::Result<()> {
    let clock = Clock::system();
    let mut moved = Duration::ZERO;
    let mut played = None;
    loop {
        if topic.read(Duration::from_millis(500)) > 0 {
            moved = clock.monotonic();
        }
        let ended = khobor.ended();
        ensure!(ended.is_none(), "khobor ended by itself: {ended:?}\n{}", khobor.log());
        let now = clock.monotonic();
        if played.is_none() && newsroom.has_played() {
            say("prove: the script is over");
            played = Some(now);
        }
        let Some(played) = played else { continue };
        let whole = || check(&newsroom.deeds(), &topic.seen, LONG_ENOUGH).lost.is_empty();
        if now > played + PATIENCE || now > moved + QUIET && whole() {
            return Ok(());
        }
    }
}

fn kill_broker(folder: &Path, chance: &mut Chance) -> anyhow::Result<()> {
    std::thread::sleep(Duration::from_millis(5000 + chance.below(20_000)));
    kafka("kill", folder)?;
    say("prove: the broker is killed");
    std::thread::sleep(Duration::from_millis(500 + chance.below(4000)));
    kafka("start", folder)?;
    say("prove: the broker is back");
    Ok(())
}

fn kafka(verb: &str, folder: &Path) -> anyhow::Result<()> {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("scripts/kafka");
    let output = Command::new(script)
        .arg(verb)
        .arg(folder)
        .output()
        .with_context(|| format!("running scripts/kafka {verb}"))?;
    let error = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "scripts/kafka {verb} failed: {error}");
    Ok(())
}

/// A small sequence of numbers that a seed decides (`SplitMix64`).
struct Chance(u64);

impl Chance {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % limit
    }
}

#[expect(clippy::print_stdout, reason = "this is the command's answer")]
fn say(line: &str) {
    println!("{line}");
}
