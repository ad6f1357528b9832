//! The loop's own time: seconds that only ever go forward, and that no change of the wall clock can make up.

use serde::{Deserialize, Serialize};

/// How far two clocks may differ over one cycle before it is discarded, in seconds.
const TOLERANCE: u64 = 5;
/// How far the wall clock may jump in all and still be believed in what is old, in seconds: machines that are moved or saved every
/// night jump by little, and days are what retention counts.
const JUMP: u64 = 3600;
/// A day, in seconds.
const DAY: i64 = 86_400;

/// What the machine's clocks say.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Moment {
    /// Seconds since 1970, as far as the machine knows.
    pub wall: i64,
    /// Which run of the machine this is.
    pub boot: String,
    /// Seconds since it started, with those that it slept.
    pub since_boot: u64,
    /// Seconds since it started, without those that it slept.
    pub awake: u64,
}

/// The loop's own time, kept from cycle to cycle and from run to run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Clock {
    /// Seconds that have certainly passed since the first cycle.
    pub elapsed: u64,
    /// The last moment that was seen.
    pub last: Moment,
    /// Since when the wall clock has gone as this one does, but for little.
    #[serde(default)]
    pub agrees_from: u64,
    /// How little: all jumps since then together, in seconds.
    #[serde(default)]
    pub jumped: u64,
}

impl Clock {
    /// A clock that begins now.
    pub fn start(now: &Moment) -> Self {
        Self { elapsed: 0, last: now.clone(), agrees_from: 0, jumped: 0 }
    }

    /// Whether the wall clock may be believed in what cannot be undone: it has not jumped far for a day.
    pub fn is_sure(&self) -> bool {
        self.elapsed.saturating_sub(self.agrees_from) >= DAY.unsigned_abs()
    }

    /// Goes forward to now. Says why what is seen now cannot be compared with what was seen before, if so.
    ///
    /// Within one run of the machine only its own count is believed. Over a restart only the time since that restart can
    /// have passed, and no more than the wall clock says: what is kept may have moved to a machine that has run for long.
    /// So a clock that is lost or set never refills a budget.
    pub fn advance(&mut self, now: &Moment) -> Option<&'static str> {
        let last = std::mem::replace(&mut self.last, now.clone());
        let wall = now.wall.saturating_sub(last.wall);
        if last.boot != now.boot || now.since_boot < last.since_boot {
            self.elapsed += now.since_boot.min(u64::try_from(wall).unwrap_or(0));
            // A machine that was off for long looks the same as one that has lost its clock.
            if !(0..=DAY).contains(&wall) {
                self.agrees_from = self.elapsed;
            }
            return None;
        }
        let passed = now.since_boot - last.since_boot;
        self.elapsed += passed;
        let jump = wall.abs_diff(i64::try_from(passed).unwrap_or(i64::MAX));
        let was_set = jump > TOLERANCE;
        if was_set {
            self.jumped = self.jumped.saturating_add(jump);
        }
        if self.jumped > JUMP {
            (self.agrees_from, self.jumped) = (self.elapsed, 0);
        }
        let slept = passed.saturating_sub(now.awake.saturating_sub(last.awake));
        if slept > TOLERANCE {
            Some("the machine slept")
        } else if was_set {
            Some("the clock was set")
        } else {
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(wall: i64, boot: &str, since_boot: u64, awake: u64) -> Moment {
        Moment { wall, boot: boot.to_owned(), since_boot, awake }
    }

    #[test]
    fn only_time_that_has_certainly_passed_counts() {
        let mut clock = Clock::start(&at(1000, "a", 100, 100));
        assert_eq!((clock.advance(&at(1030, "a", 130, 130)), clock.elapsed), (None, 30));
        assert_eq!((clock.advance(&at(90_000, "a", 160, 160)), clock.elapsed), (Some("the clock was set"), 60));
        assert_eq!((clock.advance(&at(0, "a", 190, 190)), clock.elapsed), (Some("the clock was set"), 90));
        assert_eq!((clock.advance(&at(3600, "a", 3790, 220)), clock.elapsed), (Some("the machine slept"), 3690));
        assert_eq!((clock.advance(&at(9_999_999, "b", 40, 40)), clock.elapsed), (None, 3730));
        assert_eq!((clock.advance(&at(0, "b", 70, 70)), clock.elapsed), (Some("the clock was set"), 3760));
        // Another machine, which has run for a hundred days.
        assert_eq!((clock.advance(&at(10, "c", 8_640_000, 8_640_000)), clock.elapsed), (None, 3770));
        assert_eq!((clock.advance(&at(0, "d", 8_640_000, 8_640_000)), clock.elapsed), (None, 3770));
    }

    #[test]
    fn many_small_jumps_are_as_bad_as_one() {
        let mut clock = Clock::start(&at(0, "a", 0, 0));
        clock.advance(&at(DAY, "a", DAY.unsigned_abs(), DAY.unsigned_abs()));
        assert!(clock.is_sure());
        for (wall, since) in [(DAY + 3000, 30), (DAY + 6000, 60)] {
            clock.advance(&at(wall, "a", DAY.unsigned_abs() + since, DAY.unsigned_abs() + since));
        }
        assert!(!clock.is_sure());
    }

    #[test]
    fn a_small_jump_every_night_does_not_keep_everything_for_ever() {
        let mut clock = Clock::start(&at(0, "a", 0, 0));
        for night in 1..=3 {
            let at_night = DAY * night;
            clock.advance(&at(at_night, "a", (at_night + 10).unsigned_abs(), at_night.unsigned_abs()));
            clock.advance(&at(at_night + 10, "a", (at_night + 10).unsigned_abs(), at_night.unsigned_abs()));
        }
        assert!(clock.is_sure());
    }

    #[test]
    fn a_clock_that_jumped_is_not_believed_for_a_day() {
        let day = DAY.unsigned_abs();
        let mut clock = Clock::start(&at(1000, "a", 0, 0));
        clock.advance(&at(1000 + DAY, "a", day, day));
        assert!(clock.is_sure());
        // Ahead by years: what is old by that clock may be young.
        clock.advance(&at(4_000_000_000, "a", day + 30, day + 30));
        assert!(!clock.is_sure());
        clock.advance(&at(4_000_000_000 + DAY - 1, "a", 2 * day + 29, 2 * day + 29));
        assert!(!clock.is_sure());
        clock.advance(&at(4_000_000_001 + DAY, "a", 2 * day + 31, 2 * day + 31));
        assert!(clock.is_sure());
        // A restart at the beginning of all time, and one without a pause.
        clock.advance(&at(0, "b", 10, 10));
        assert!(!clock.is_sure());
        clock.advance(&at(DAY, "b", day + 10, day + 10));
        clock.advance(&at(DAY + 60, "c", 20, 20));
        assert!(clock.is_sure());
    }
}
