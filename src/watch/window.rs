//! Maintenance: times at which failures are expected.

use crate::canon::policy::{Maintenance, Weekday};

const DAY: i64 = 86_400;

/// Whether a service is in maintenance at this second since 1970.
pub fn is_in_maintenance(windows: &[Maintenance], service: &str, wall: i64) -> bool {
    windows.iter().any(|window| covers(window, wall) && (window.services.is_empty() || window.services.iter().any(|name| name == service)))
}

fn covers(window: &Maintenance, wall: i64) -> bool {
    let Some(start) = window.starts() else { return false };
    let (start, length) = (i64::from(start) * 60, i64::from(window.minutes) * 60);
    // A window of at most a day that began today or yesterday.
    [0, 1].iter().any(|ago| {
        let day = wall.div_euclid(DAY) - ago;
        let since = wall - (day * DAY + start);
        (0..length).contains(&since) && window.day.is_none_or(|named| named == weekday(day))
    })
}

/// The day of the week of a day since 1970, which began with a Thursday.
fn weekday(day: i64) -> Weekday {
    use Weekday::{Friday, Monday, Saturday, Sunday, Thursday, Tuesday, Wednesday};
    let days = [Thursday, Friday, Saturday, Sunday, Monday, Tuesday, Wednesday];
    days[usize::try_from(day.rem_euclid(7)).expect("a remainder of 7 is small")]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_may_reach_into_the_next_day() {
        let window = |day| Maintenance { services: vec!["A".to_owned()], day, from: "23:30".to_owned(), minutes: 60 };
        // 2026-02-26 is a Thursday.
        let midnight = "2026-02-26T00:00:00Z".parse::<crate::clock::Timestamp>().expect("valid").unix();
        let wednesday = [window(Some(Weekday::Wednesday))];
        for (offset, inside) in [(-1801, false), (-1800, true), (0, true), (1799, true), (1800, false), (DAY - 1800, false)] {
            assert_eq!(is_in_maintenance(&wednesday, "A", midnight + offset), inside, "{offset}");
        }
        assert!(is_in_maintenance(&[window(None)], "A", midnight + DAY - 1));
        assert!(!is_in_maintenance(&[window(None)], "B", midnight + DAY - 1));
        let all = Maintenance { services: Vec::new(), ..window(None) };
        assert!(is_in_maintenance(&[all], "B", midnight));
    }
}
