//! What was taken back, as text for a terminal.

use crate::ops::restore::{Became, Restored};
use crate::shell;

use super::style::{FAINT, GOOD, STRONG, WAITING, command, paint};

/// The whole answer.
pub fn restored(report: &Restored) -> String {
    const SHOWN: usize = 40;
    let mut out = String::new();
    for at in report.restored.iter().take(SHOWN) {
        let word = match (at.what, report.dry_run) {
            (Became::Restored, false) => "restored",
            (Became::Restored, true) => "would restore",
            (Became::Deleted, false) => "deleted",
            (Became::Deleted, true) => "would delete",
        };
        out.push_str(&format!("{} {}\n", paint(GOOD, word), paint(STRONG, shell::quote(&at.path))));
        if let Some(kept) = &at.kept {
            out.push_str(&format!("  {} {}\n", paint(FAINT, "what it held:"), command(format!("git cat-file -p {kept}"))));
        }
    }
    if report.restored.len() > SHOWN {
        out.push_str(&format!("… and {} more (--format json shows all)\n", report.restored.len() - SHOWN));
    }
    for path in &report.drafts {
        out.push_str(&format!("{} {} {}\n", paint(WAITING, "left"), shell::quote(path), paint(FAINT, "the draft of an open proposal")));
    }
    for path in report.left.iter().take(SHOWN) {
        out.push_str(&format!("{} {} {}\n", paint(WAITING, "left"), shell::quote(path), paint(FAINT, "never ratified; to delete it:")));
        out.push_str(&format!("  {}\n", command(format!("omega restore {}", shell::quote(path)))));
    }
    if out.is_empty() {
        return format!("nothing to restore: index and work tree hold what ruling {} ratifies\n", report.ruling);
    }
    out
}
