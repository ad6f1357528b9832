//! Emergencies: until when they hold, and what has to happen before.

use crate::canon::text::shown as visible;
use crate::workspace::provisional::{EmergencyReport, EmergencyState, MARK};

use super::style::{BAD, GOOD, WAITING, command, paint};

/// A title, with the mark of an emergency before it.
pub(super) fn marked(title: &str, is_emergency: bool) -> String {
    if is_emergency { format!("{} {}", paint(WAITING, MARK), visible(title)) } else { visible(title) }
}

/// What became of an emergency, in a few words.
pub(super) fn emergency_line(report: &EmergencyReport) -> String {
    let settled = |what: &str| match &report.settlement {
        Some(settlement) => format!("{what} by {settlement}"),
        None => what.to_owned(),
    };
    match report.state {
        EmergencyState::Provisional => paint(WAITING, format!("holds until {}, unless it is settled before", report.expires)),
        EmergencyState::Overdue => paint(BAD, format!("no council has opened by {}; holds until {}", report.settle_by, report.expires)),
        EmergencyState::Expired => paint(BAD, format!("ran out at {}, and is not undone yet", report.expires)),
        EmergencyState::Confirmed => paint(GOOD, settled("confirmed")),
        EmergencyState::Undone => paint(WAITING, format!("{}: the bytes of before are back", settled("undone"))),
    }
}

/// Until when an emergency holds, and what has to happen before.
pub(super) fn emergency(report: &EmergencyReport) -> String {
    let mut out = format!("  {}\n", emergency_line(report));
    let next = report.next.as_ref().map(command).unwrap_or_default();
    match (report.state, &report.settlement) {
        (EmergencyState::Provisional, None) => {
            out.push_str(&format!("  a council must open by {}: {next}\n", report.settle_by));
        }
        (EmergencyState::Provisional, Some(settlement)) => out.push_str(&format!("  the council is on it, in {settlement}: {next}\n")),
        (EmergencyState::Overdue, _) => out.push_str(&format!("  open one now: {next}\n")),
        (EmergencyState::Expired, _) => out.push_str(&format!("  for the Chief: {next}\n")),
        (EmergencyState::Confirmed | EmergencyState::Undone, _) => {}
    }
    out
}
