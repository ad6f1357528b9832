//! One message out of all that a channel has yet to be told.

use std::collections::BTreeMap;

use super::incident::AlertKind;
use crate::canon::policy::Level;
use crate::canon::text::visible;

/// The most UTF-16 units of one message; Telegram takes 4,096, and counts so.
pub const MOST: usize = 3500;

/// An alert that waits for one channel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waiting {
    /// The number of its row.
    pub id: i64,
    /// The incident.
    pub incident: String,
    /// What kind of news.
    pub kind: AlertKind,
    /// How much it matters.
    pub level: Level,
    /// What is so, with its times.
    pub text: String,
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

/// Composes one message of all that waits, in about so many UTF-16 units but one line at least; nothing, if nothing waits.
///
/// An incident that is over by now is told in one line with its times, unless this channel was told that it began. A
/// reminder is dropped where the beginning itself is told.
pub fn compose(waiting: &[Waiting], most: usize) -> Option<Message> {
    let mut incidents: BTreeMap<(&str, bool), Vec<&Waiting>> = BTreeMap::new();
    for row in waiting {
        incidents.entry((row.incident.as_str(), row.kind == AlertKind::Notice)).or_default().push(row);
    }
    let mut lines: Vec<(Level, i64, String, &[&Waiting])> = incidents
        .values()
        .filter_map(|rows| {
            Some((rows.iter().map(|row| row.level).max()?, rows.iter().map(|row| row.id).min()?, line(rows)?, rows.as_slice()))
        })
        .collect();
    lines.sort_by_key(|(level, first, ..)| (std::cmp::Reverse(*level), *first));
    let level = lines.first()?.0;
    let units = |text: &str| text.encode_utf16().count();
    let mut text = String::from("OMEGA watch\n");
    let mut covers = Vec::new();
    for (at, (_, _, line, rows)) in lines.iter().enumerate() {
        // One line alone is never more than 600 characters and a few words.
        if !covers.is_empty() && units(&text) + units(line) + 40 > most {
            text.push_str(&format!("… and {} more, with the next message\n", lines.len() - at));
            break;
        }
        text.push_str(line);
        text.push('\n');
        covers.extend(rows.iter().map(|row| row.id));
    }
    covers.sort_unstable();
    Some(Message { text, level, covers })
}

/// One incident in one line.
fn line(rows: &[&Waiting]) -> Option<String> {
    let last = rows.iter().max_by_key(|row| row.id)?;
    let heard = rows.iter().any(|row| row.heard);
    let what: String = visible(&last.text).chars().take(600).collect();
    let word = last.level.as_str().to_uppercase();
    Some(match last.kind {
        AlertKind::Reminder if heard => format!("[{word}] still so: {what}"),
        AlertKind::Firing | AlertKind::Reminder | AlertKind::Notice => format!("[{word}] {what}"),
        AlertKind::Resolved if heard => format!("[RESOLVED] {what}"),
        AlertKind::Resolved | AlertKind::Over => format!("[OVER] {what}"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(id: i64, incident: u64, kind: AlertKind, heard: bool) -> Waiting {
        Waiting { id, incident: incident.to_string(), kind, level: Level::Warning, text: format!("news {id}"), heard }
    }

    #[test]
    fn that_it_is_over_is_told_only_to_those_who_heard_that_it_began() {
        use AlertKind::{Firing, Notice, Over, Reminder, Resolved};
        let says = |rows: &[Waiting]| compose(rows, MOST).expect("a message").text.lines().skip(1).collect::<Vec<_>>().join("|");
        assert_eq!(says(&[row(1, 7, Firing, false)]), "[WARNING] news 1");
        assert_eq!(says(&[row(1, 7, Reminder, true)]), "[WARNING] still so: news 1");
        assert_eq!(says(&[row(1, 7, Firing, false), row(2, 7, Reminder, false)]), "[WARNING] news 2");
        assert_eq!(says(&[row(1, 7, Resolved, true)]), "[RESOLVED] news 1");
        assert_eq!(says(&[row(1, 7, Firing, false), row(2, 7, Resolved, false)]), "[OVER] news 2");
        assert_eq!(says(&[row(2, 7, Over, false)]), "[OVER] news 2");
        assert_eq!(says(&[row(1, 7, Notice, false), row(2, 8, Firing, false)]), "[WARNING] news 1|[WARNING] news 2");
        assert_eq!(compose(&[], MOST), None);
    }

    #[test]
    fn a_message_is_bounded_and_says_what_it_leaves_out() {
        let rows: Vec<Waiting> = (0..500).map(|n| row(n, n.unsigned_abs(), AlertKind::Firing, false)).collect();
        let message = compose(&rows, MOST).expect("a message");
        assert!(message.text.chars().count() <= MOST && message.text.contains(" more, with the next message"));
        // What is not in it is not done with: all of them are told in the end, each once.
        let (mut left, mut told) = (rows, Vec::new());
        while let Some(message) = compose(&left, MOST) {
            assert_eq!(message.text.matches("news ").count(), message.covers.len());
            told.extend(message.covers.iter().copied());
            left.retain(|row| !message.covers.contains(&row.id));
        }
        assert_eq!(told, (0..500).collect::<Vec<i64>>());
        let rows: Vec<Waiting> = (0..9).map(|n| row(n, n.unsigned_abs(), AlertKind::Firing, false)).collect();
        assert_eq!(compose(&rows, 1).expect("one line").covers, [0]);
        // Characters that UTF-16 has two units for.
        let rows: Vec<Waiting> = rows.into_iter().map(|row| Waiting { text: "\u{1f54a}".repeat(700), ..row }).collect();
        let message = compose(&rows, MOST).expect("a message");
        assert!(message.text.encode_utf16().count() <= MOST && (1..9).contains(&message.covers.len()), "{:?}", message.covers);
    }
}
