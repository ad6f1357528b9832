//! Checkpoints, and how two of them stand to each other, as text for a terminal.

use crate::survey::checkpoint::{CheckpointReport, Relation};
use crate::workspace::seen::Remembered;

use super::style::{BAD, FAINT, GOOD, WAITING, command, paint};

/// The line alone, or what came of comparing another one.
pub fn checkpoint(report: &CheckpointReport) -> String {
    let Some(compared) = &report.compared else { return format!("{}\n", report.line) };
    let (style, word, what) = match compared.relation {
        Relation::Same => (GOOD, "same", "both ledgers end with the same ruling".to_owned()),
        Relation::Ahead => {
            let here = report.checkpoint.sequence;
            (GOOD, "ahead", format!("the ledger here goes on from theirs: it ends at ruling {here}"))
        }
        Relation::Behind => {
            (WAITING, "behind", "their ledger goes on after the end of this one; whether from it cannot be seen here".to_owned())
        }
        Relation::Forked if compared.theirs.root != compared.ours.root => (BAD, "forked", "theirs is another canon".to_owned()),
        Relation::Forked => (BAD, "forked", "the two ledgers differ: one side was shown another history".to_owned()),
    };
    let mut out = format!("{} {what}\n", paint(style, word));
    for (whose, at) in [("here  ", &compared.ours), ("theirs", &compared.theirs)] {
        out.push_str(&format!("  {whose} root {} ruling {} {}\n", at.root, at.sequence, at.head));
    }
    if let Some(member) = &compared.signed_by {
        out.push_str(&format!("  {}\n", paint(FAINT, format!("signed by {member}"))));
    }
    match compared.relation {
        Relation::Behind => out.push_str(&format!("fetch, and compare again: {}\n", command("git pull"))),
        Relation::Forked => out.push_str("do not rule, and do not push: show both lines to the council\n"),
        Relation::Same | Relation::Ahead => {}
    }
    out
}

/// What is remembered of a canon, a line a place.
pub fn remembered(places: &[Remembered]) -> String {
    let line = |place: &Remembered| match &place.seen {
        Some(seen) => format!("  ruling {} {} {}\n", seen.sequence, seen.head, paint(FAINT, format!("in {}", place.file))),
        None => format!("  {} {}\n", paint(BAD, "cannot be understood:"), place.file),
    };
    places.iter().map(line).collect()
}
