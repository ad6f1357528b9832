//! Why something is canon, as text for a terminal.

use crate::canon::text::shown as visible;
use crate::survey::why::{Because, LineStatus, Step, Why};

use super::emergency::{emergency, marked};
use super::human::ruled_word;
use super::style::{BAD, FAINT, GOOD, NAME, STRONG, WAITING, command, paint};
use super::survey::{ballots, quoted};

/// The whole answer.
pub fn why(why: &Why) -> String {
    let line = why.line.map(|line| format!(":{line}")).unwrap_or_default();
    let mut out = format!("{}\n", paint(STRONG, format!("{}{line}", crate::shell::quote(why.path.as_str()))));
    if let Some(text) = &why.text {
        out.push_str(&format!("  {}\n", visible(text)));
    }
    out.push('\n');
    let what = if why.line.is_some() { "this line" } else { "the file as it is here" };
    match (why.standing, &why.draft_of, why.line) {
        (LineStatus::Draft, Some(id), _) => {
            out.push_str(&format!("{} {what} is what {id} asks for, and not canon\n", paint(WAITING, "draft")));
            out.push_str(&format!("  {}\n", command(format!("omega show {id}"))));
        }
        (LineStatus::Unratified | LineStatus::Draft, ..) => {
            out.push_str(&format!("{} no council ratified {what}\n", paint(BAD, "not canon")));
            out.push_str(&format!(
                "  {}; or {}\n",
                command("omega propose"),
                command(format!("omega restore {}", crate::shell::quote(why.path.as_str())))
            ));
        }
        (LineStatus::Removed, ..) => out.push_str(&format!("{} the file was canon once\n", paint(BAD, "removed"))),
        (LineStatus::Ratified, ..) => {}
    }
    if let Some(because) = &why.because {
        if why.standing != LineStatus::Ratified {
            out.push_str("\nwhat was ratified last:\n");
        }
        out.push_str(&told(because));
    }
    if let Some(ruling) = why.purged_before {
        out.push_str(&format!("the version before was purged by ruling {ruling}: the line may be older\n"));
    }
    if !why.history.is_empty() {
        out.push_str(&format!("\n{}\n", paint(FAINT, "all rulings that changed it, newest first")));
        out.extend(why.history.iter().map(step));
    }
    match &why.because {
        Some(because) => out + &format!("\nnext: {}\n", command(format!("omega show {}", because.resolution))),
        None => out,
    }
}

fn told(because: &Because) -> String {
    let mut out = format!(
        "{} by ruling {}: {}\n",
        paint(GOOD, "canon"),
        paint(STRONG, because.ruling),
        marked(&because.title, because.emergency.is_some())
    );
    out.push_str(&format!("{}\n", paint(FAINT, &because.resolution)));
    if let Some(report) = &because.emergency {
        out.push_str(&emergency(report));
    }
    out.push_str(&format!("proposed by {}\n{}", paint(NAME, &because.proposed_by), quoted(&because.reason)));
    out.push_str(&ballots(&because.votes));
    let bypass = because.bypass.map(|bypass| format!(", bypass {}", paint(WAITING, bypass.as_str()))).unwrap_or_default();
    out.push_str(&format!(
        "{} by {} on {}{bypass}\n{}",
        ruled_word(because.verdict.as_str()),
        paint(NAME, &because.ruled_by),
        because.ruled_at.date(),
        quoted(&because.ruling_reason)
    ));
    out
}

fn step(step: &Step) -> String {
    let what = match (step.digest, step.purged_by) {
        (_, Some(ruling)) => format!(" (purged by ruling {ruling})"),
        (None, _) => " (removed)".to_owned(),
        _ => String::new(),
    };
    format!(
        "{} {:9} {} {}{what}\n",
        paint(STRONG, format!("{:>4}", step.ruling)),
        ruled_word(step.verdict.as_str()),
        visible(&step.title),
        paint(FAINT, format!("{} on {}", step.resolution, step.at.date()))
    )
}
