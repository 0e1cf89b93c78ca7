//! `khobor filter schedule`: what a poll saw in, when to poll next out.

use std::collections::HashMap;
use std::time::Duration;

use ingest::schedule::{Observation, Policy};
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Value, json};

/// What a poll saw, and what holds for the feed.
#[derive(Deserialize)]
struct Request {
    now: Timestamp,
    policy: Bounds,
    status: Option<u16>,
    #[serde(default)]
    headers: HashMap<String, String>,
    #[serde(default)]
    failures: u32,
    #[serde(default)]
    unchanged: u32,
    #[serde(default)]
    prev_s: u64,
    ttl_min: Option<u32>,
    sy: Option<UpdatePeriod>,
    #[serde(default)]
    skip_hours: Vec<u8>,
    #[serde(default)]
    skip_days: Vec<String>,
    new_items: Option<usize>,
    items: Option<usize>,
    items_per_day: Option<f64>,
    /// 0 to 1; without it the answer is the soonest that the service would choose.
    #[serde(default)]
    jitter: f64,
}

/// In seconds.
#[derive(Deserialize)]
struct Bounds {
    #[serde(rename = "min_s")]
    min: u64,
    #[serde(rename = "max_s")]
    max: u64,
    #[serde(rename = "base_s")]
    base: u64,
}

#[derive(Deserialize)]
struct UpdatePeriod {
    period: String,
    #[serde(default = "once")]
    frequency: u32,
}

fn once() -> u32 {
    1
}

/// Answers one request.
pub(super) fn answer(line: &str) -> anyhow::Result<Value> {
    let request: Request = serde_json::from_str(line)?;
    let header = |name: &str| request.headers.get(name).map(String::as_str);
    let policy = Policy {
        shortest: Duration::from_secs(request.policy.min),
        longest: Duration::from_secs(request.policy.max),
        base: Duration::from_secs(request.policy.base),
    };
    let seen = Observation {
        now: request.now,
        status: request.status,
        failures: request.failures,
        unchanged: request.unchanged,
        interval: Duration::from_secs(request.prev_s),
        cache_control: header("cache-control"),
        age: header("age"),
        expires: header("expires"),
        date: header("date"),
        retry_after: header("retry-after"),
        ttl: request.ttl_min,
        sy: request.sy.as_ref().map(|sy| (sy.period.as_str(), sy.frequency)),
        skip_hours: &request.skip_hours,
        skip_days: &request.skip_days,
        new_items: request.new_items,
        items: request.items,
        items_per_day: request.items_per_day,
        jitter: request.jitter,
        ..Observation::default()
    };
    let next = ingest::schedule::next(&policy, &seen);
    Ok(json!({"nextSeconds": next.after.map(|after| after.as_secs()), "reason": next.reason}))
}
