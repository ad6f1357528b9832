//! What was exchanged with a remote.

use crate::canon::text::shown as visible;
use crate::sync::{Exchanged, TroubleKind};

use super::human::warning;
use super::style::{GOOD, STRONG, WAITING, paint};

/// What an act did beside its own work; empty, where that was nothing.
pub fn notes(done: &Exchanged) -> String {
    let mut out = String::new();
    let names = |names: &[String]| names.iter().map(|name| paint(STRONG, visible(name))).collect::<Vec<_>>().join(", ");
    let remote = visible(&done.remote);
    if let Some(forwarded) = &done.forwarded {
        let branch = paint(STRONG, visible(&forwarded.branch));
        out.push_str(&format!("{} {branch} to ruling {}, as on {remote}\n", paint(GOOD, "forward"), forwarded.sequence));
    }
    if !done.joined.is_empty() {
        out.push_str(&format!("{} into {}\n", paint(GOOD, "joined"), names(&done.joined)));
    }
    if !done.pushed.is_empty() {
        out.push_str(&format!("{} {} to {remote}\n", paint(GOOD, "pushed"), names(&done.pushed)));
    }
    if !done.removed.is_empty() {
        out.push_str(&format!("{} {}\n", paint(WAITING, "removed"), names(&done.removed)));
    }
    for trouble in &done.troubles {
        let (fact, hint) = (visible(&trouble.fact), visible(&trouble.hint));
        out.push_str(&match trouble.kind {
            TroubleKind::Unreached => format!("{}: {fact}; later: {hint}\n", paint(WAITING, "warning")),
            _ => warning(&fact, &hint),
        });
    }
    out
}

/// What `omega sync` did.
pub fn whole(done: &Exchanged) -> String {
    let notes = notes(done);
    if notes.is_empty() { format!("in sync with {}\n", visible(&done.remote)) } else { notes }
}
