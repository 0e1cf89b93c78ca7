//! The long runs in simulated time: a week with liars, our own outage, a clock that jumps.
//!
//! The last line is one JSON object; the exit status is 0 only where every figure is reached.

#[path = "../tests/simulation/mod.rs"]
mod simulation;

use std::process::ExitCode;

use simulation::scenarios::{Accident, accident, jump, liars, outage};

#[tokio::main]
async fn main() -> ExitCode {
    let lied = liars(100, 900, 7).await;
    say(&format!("liars: {lied:?}"));
    let away = accident(2000, outage()).await;
    say(&format!("outage: {away:?}"));
    let forwards = accident(2000, jump(1)).await;
    say(&format!("clock a day forwards: {forwards:?}"));
    let back = accident(2000, jump(-1)).await;
    say(&format!("clock a day back: {back:?}"));
    let calm = |seen: &Accident| {
        seen.failing == 0
            && seen.again == 0
            && seen.most <= 2 * seen.most_before
            && seen.worst_wait <= 2.0
    };
    let honest = lied.missed == 0
        && lied.longest_delay <= 48 * 3600
        && lied.shortest_between_full >= 24 * 3600
        && lied.honest_304_pct >= 85.0;
    let line = serde_json::json!({
        "articles": lied.articles,
        "hiddenLongestHours": hours(lied.longest_delay),
        "hiddenMissed": lied.missed,
        "betweenFullHours": hours(lied.shortest_between_full),
        "honest304Pct": lied.honest_304_pct,
        "outageFailing": away.failing,
        "outageMostPerUsual": ratio(&away),
        "outageWaitIntervals": away.worst_wait,
        "clockForwardsMostPerUsual": ratio(&forwards),
        "clockBackMostPerUsual": ratio(&back),
        "clockBackWaitIntervals": back.worst_wait,
    });
    say(&line.to_string());
    let reached = honest && [&away, &forwards, &back].into_iter().all(calm);
    if reached { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

#[expect(clippy::cast_precision_loss, reason = "far below 2^52")]
fn hours(seconds: i64) -> f64 {
    seconds as f64 / 3600.0
}

fn ratio(seen: &Accident) -> f64 {
    f64::from(seen.most) / f64::from(seen.most_before.max(1))
}

#[expect(clippy::print_stdout, reason = "this is the command's answer")]
fn say(line: &str) {
    println!("{line}");
}
