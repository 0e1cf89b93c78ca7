//! How fast feeds that are overdue are begun: after a long stop or an outage they come back at not
//! much more than their usual rate, and nobody is overrun.

use std::time::Duration;

/// Starts a second, of the usual ones: twice the usual rate is not reached in any ten seconds, and
/// what waits is polled within two intervals.
const RATE: f64 = 1.5;
/// Starts that may come at once, in seconds of the usual rate.
const BURST_S: f64 = 4.0;
/// The least starts a second: below that nobody is overrun.
const LEAST: f64 = 2.0;

/// A bucket of starts; feeds that were never visited do not pass it.
#[derive(Debug)]
pub(crate) struct Governor {
    /// Starts a second.
    usual: f64,
    starts: f64,
    filled_at: Duration,
}

impl Governor {
    /// A full bucket; `now` is monotonic.
    pub(crate) fn new(usual: f64, now: Duration) -> Self {
        let mut governor = Self { usual, starts: 0.0, filled_at: now };
        governor.starts = governor.most();
        governor
    }

    /// The feeds ask for so many starts a second.
    pub(crate) fn set_usual(&mut self, usual: f64) {
        self.usual = usual;
    }

    /// How many may be begun now.
    pub(crate) fn open(&mut self, now: Duration) -> usize {
        let passed = now.saturating_sub(self.filled_at).as_secs_f64();
        self.filled_at = now;
        let rate = (self.usual * RATE).max(LEAST);
        self.starts = (self.starts + passed * rate).min(self.most());
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "between 0 and a few thousand"
        )]
        let open = self.starts as usize;
        open
    }

    /// One was begun.
    pub(crate) fn begin(&mut self) {
        self.starts = (self.starts - 1.0).max(0.0);
    }

    fn most(&self) -> f64 {
        (self.usual * BURST_S).max(4.0 * LEAST)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_ten_seconds_have_twice_the_usual_starts() {
        let usual = 50.0;
        let mut governor = Governor::new(usual, Duration::ZERO);
        let mut starts = vec![0; 60];
        for tick in 0..600 {
            let now = Duration::from_millis(tick * 100);
            for _ in 0..governor.open(now) {
                governor.begin();
                starts[usize::try_from(tick).unwrap() / 10] += 1;
            }
        }
        for ten in starts.windows(10) {
            let sum: u32 = ten.iter().sum();
            assert!(f64::from(sum) <= 2.0 * usual * 10.0, "{sum}");
        }
        assert!(starts.iter().sum::<u32>() > 60 * 70);
    }

    #[test]
    fn a_short_list_is_not_held_back() {
        let mut governor = Governor::new(0.001, Duration::ZERO);
        assert!(governor.open(Duration::ZERO) >= 8);
    }
}
