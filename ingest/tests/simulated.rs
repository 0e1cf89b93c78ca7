//! Days of polling in seconds: liars, an outage of our own, a clock that jumps.

mod simulation;

use simulation::scenarios::{accident, jump, liars, outage};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_304_that_lies_hides_nothing_for_long_and_honest_feeds_are_not_bothered() {
    let seen = liars(8, 24, 5).await;
    assert!(seen.articles > 300, "{seen:?}");
    assert_eq!(seen.missed, 0, "{seen:?}");
    assert!(seen.longest_delay <= 48 * 3600, "{seen:?}");
    assert!(seen.shortest_between_full >= 24 * 3600, "{seen:?}");
    assert!(seen.honest_304_pct >= 85.0, "{seen:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn our_own_outage_makes_no_feed_failing_and_no_stampede() {
    let seen = accident(200, outage()).await;
    assert_eq!(seen.failing, 0, "{seen:?}");
    assert!(seen.most <= 2 * seen.most_before, "{seen:?}");
    assert!(seen.worst_wait <= 2.0, "{seen:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_clock_that_jumps_moves_nobody() {
    for days in [1, -1, 30] {
        let seen = accident(100, jump(days)).await;
        assert_eq!((seen.failing, seen.again), (0, 0), "{days}: {seen:?}");
        assert!(seen.most <= 2 * seen.most_before, "{days}: {seen:?}");
        assert!(seen.worst_wait <= 2.0, "{days}: {seen:?}");
    }
}
