//! One message out of all that a channel has yet to be told.

use std::collections::BTreeMap;

use super::incident::{Alert, AlertKind};
use crate::canon::policy::Level;
use crate::canon::text::visible;
use crate::clock::Timestamp;

/// The most characters of one message; Telegram takes 4,096.
pub const MOST: usize = 3500;

/// An alert that waits for one channel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waiting {
    /// The number of its row.
    pub id: i64,
    /// What is to be told.
    pub alert: Alert,
    /// Whether this channel was told that the incident began.
    pub heard: bool,
}

/// A message, and the rows that are done with when it is delivered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// Plain text.
    pub text: String,
    /// How much it matters.
    pub level: Level,
    /// The rows, in rising order.
    pub covers: Vec<i64>,
}

/// Composes one message of all that waits; nothing, if nothing does.
///
/// An incident that is over by now is told in one line with its times, unless this channel was told that it began. A
/// reminder is dropped where the beginning itself is told.
pub fn compose(waiting: &[Waiting]) -> Option<Message> {
    let mut incidents: BTreeMap<(u64, bool), Vec<&Waiting>> = BTreeMap::new();
    for row in waiting {
        incidents.entry((row.alert.incident, row.alert.kind == AlertKind::Notice)).or_default().push(row);
    }
    let mut lines: Vec<(Level, u64, String)> = incidents
        .iter()
        .filter_map(|((incident, _), rows)| {
            let level = rows.iter().map(|row| row.alert.level).max()?;
            Some((level, *incident, line(rows)?))
        })
        .collect();
    lines.sort_by_key(|(level, incident, _)| (std::cmp::Reverse(*level), *incident));
    let level = lines.first()?.0;
    let mut text = String::from("OMEGA watch\n");
    for (at, (_, _, line)) in lines.iter().enumerate() {
        if text.chars().count() + line.chars().count() + 40 > MOST {
            text.push_str(&format!("… and {} more: omega watch status\n", lines.len() - at));
            break;
        }
        text.push_str(line);
        text.push('\n');
    }
    let mut covers: Vec<i64> = waiting.iter().map(|row| row.id).collect();
    covers.sort_unstable();
    Some(Message { text, level, covers })
}

/// One incident in one line.
fn line(rows: &[&Waiting]) -> Option<String> {
    let last = rows.iter().max_by_key(|row| row.id)?;
    let heard = rows.iter().any(|row| row.heard);
    let alert = &last.alert;
    let what: String = visible(&alert.text).chars().take(600).collect();
    let (from, at) = (time(alert.from), time(alert.at));
    let word = alert.level.as_str().to_uppercase();
    Some(match alert.kind {
        AlertKind::Firing => format!("[{word}] {what}, since {from}"),
        AlertKind::Reminder if heard => format!("[{word}] still so: {what}, since {from}"),
        AlertKind::Reminder => format!("[{word}] {what}, since {from}"),
        AlertKind::Resolved if heard => format!("[RESOLVED] {}, {from} to {at}", is_over(alert)),
        AlertKind::Resolved | AlertKind::Over => format!("[OVER] {}: {what}, {from} to {at}", is_over(alert)),
        AlertKind::Notice => format!("[{word}] {what}"),
    })
}

fn is_over(alert: &Alert) -> String {
    match alert.subject.split_once(':') {
        Some(("service", name)) => format!("{name} is well again"),
        Some(("copy", file)) => format!("{} is what is ratified again", visible(file)),
        _ if alert.subject == "canon" => "the canon holds again".to_owned(),
        _ if alert.subject == "mass" => "services no longer fail all at once".to_owned(),
        _ if alert.subject == "watcher" => "the watcher can ask again".to_owned(),
        _ => "the watch is well again".to_owned(),
    }
}

/// A time as people read it, with its date: an outage may be days old when it is told.
fn time(wall: i64) -> String {
    Timestamp::from_unix(wall).map_or_else(|| "an unknown time".to_owned(), |time| time.to_string()[..16].replace('T', " ") + " UTC")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(id: i64, incident: u64, kind: AlertKind, heard: bool) -> Waiting {
        let alert = Alert {
            incident,
            subject: "service:Brain".to_owned(),
            kind,
            level: Level::Warning,
            text: "Brain is down".to_owned(),
            from: 60 * id,
            at: 6000,
        };
        Waiting { id, alert, heard }
    }

    #[test]
    fn that_it_is_over_is_told_only_to_those_who_heard_that_it_began() {
        use AlertKind::{Firing, Over, Reminder, Resolved};
        let says = |rows: &[Waiting]| compose(rows).expect("a message").text.lines().nth(1).expect("a line").to_owned();
        assert_eq!(says(&[row(1, 7, Firing, false)]), "[WARNING] Brain is down, since 1970-01-01 00:01 UTC");
        assert_eq!(says(&[row(1, 7, Reminder, true)]), "[WARNING] still so: Brain is down, since 1970-01-01 00:01 UTC");
        assert_eq!(says(&[row(1, 7, Firing, false), row(1, 7, Reminder, false)]), "[WARNING] Brain is down, since 1970-01-01 00:01 UTC");
        assert_eq!(says(&[row(1, 7, Resolved, true)]), "[RESOLVED] Brain is well again, 1970-01-01 00:01 UTC to 1970-01-01 01:40 UTC");
        let merged = "[OVER] Brain is well again: Brain is down, 1970-01-01 00:02 UTC to 1970-01-01 01:40 UTC";
        assert_eq!(says(&[row(1, 7, Firing, false), row(2, 7, Resolved, false)]), merged);
        assert_eq!(says(&[row(2, 7, Over, false)]), merged);
        assert_eq!(compose(&[]), None);
    }

    #[test]
    fn a_message_is_bounded_and_says_what_it_leaves_out() {
        let rows: Vec<Waiting> = (0..500).map(|n| row(n, n.unsigned_abs(), AlertKind::Firing, false)).collect();
        let message = compose(&rows).expect("a message");
        assert!(message.text.chars().count() <= MOST && message.text.contains(" more: omega watch status"));
        assert_eq!(message.covers.len(), 500);
    }
}
