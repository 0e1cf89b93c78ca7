//! The one door to wall and monotonic time.
//!
//! A [`Clock`] is handed to whatever needs the time, so that tests and simulations can drive it:
//! the system's own by default, or a simulated one that stands still until it is moved.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use jiff::Timestamp;

/// A source of wall and monotonic time; cheap to clone, clones share the same time.
#[derive(Clone, Debug)]
pub struct Clock(Source);

#[derive(Clone, Debug)]
enum Source {
    System { origin: Instant },
    Simulated(Arc<Mutex<Moment>>),
}

#[derive(Clone, Copy, Debug)]
struct Moment {
    wall: Timestamp,
    monotonic: Duration,
}

impl Clock {
    /// The machine's own clock.
    #[expect(clippy::disallowed_methods, reason = "this is the door")]
    pub fn system() -> Self {
        Self(Source::System { origin: Instant::now() })
    }

    /// A clock that stands at `wall` until [`Clock::advance`] or [`Clock::set_wall`] moves it.
    pub fn simulated(wall: Timestamp) -> Self {
        Self(Source::Simulated(Arc::new(Mutex::new(Moment { wall, monotonic: Duration::ZERO }))))
    }

    /// Wall time.
    #[expect(clippy::disallowed_methods, reason = "this is the door")]
    pub fn now(&self) -> Timestamp {
        match &self.0 {
            Source::System { .. } => Timestamp::now(),
            Source::Simulated(moment) => moment.lock().unwrap_or_else(PoisonError::into_inner).wall,
        }
    }

    /// Time since the clock was made; it never goes back.
    pub fn monotonic(&self) -> Duration {
        match &self.0 {
            Source::System { origin } => origin.elapsed(),
            Source::Simulated(moment) => {
                moment.lock().unwrap_or_else(PoisonError::into_inner).monotonic
            }
        }
    }

    /// Moves a simulated clock on; the system's clock moves by itself.
    pub fn advance(&self, by: Duration) {
        if let Source::Simulated(moment) = &self.0 {
            let mut moment = moment.lock().unwrap_or_else(PoisonError::into_inner);
            moment.monotonic += by;
            moment.wall = moment.wall.checked_add(by).unwrap_or(moment.wall);
        }
    }

    /// Makes a simulated clock's wall time jump, as an operator or NTP would.
    pub fn set_wall(&self, wall: Timestamp) {
        if let Source::Simulated(moment) = &self.0 {
            moment.lock().unwrap_or_else(PoisonError::into_inner).wall = wall;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_jump_of_the_wall_clock_leaves_monotonic_time_alone() {
        let clock = Clock::simulated(Timestamp::UNIX_EPOCH);
        clock.advance(Duration::from_secs(5));
        clock.set_wall(Timestamp::UNIX_EPOCH);
        assert_eq!(clock.monotonic(), Duration::from_secs(5));
        assert_eq!(clock.now(), Timestamp::UNIX_EPOCH);
    }
}
