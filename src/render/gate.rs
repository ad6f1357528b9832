//! What the gates say, as text for a terminal.

use crate::canon::text::shown as visible;
use crate::ops::gate::Gated;
use crate::ops::gate::hooks::{Standing, State};
use crate::ops::verify::Report;

use super::human::{error_word, findings, hint_word};
use super::style::{FAINT, GOOD, STRONG, WAITING, command, paint};

/// Nothing where the gate is open: git goes on in silence.
pub fn gated(gated: &Gated) -> String {
    let Some(refused) = &gated.refused else { return String::new() };
    let mut out = format!("{}: {}\n", error_word(), visible(&refused.fact));
    for path in gated.changed.iter().take(10) {
        out.push_str(&format!("  {}\n", visible(path)));
    }
    if gated.changed.len() > 10 {
        out.push_str(&format!("  … and {} more\n", gated.changed.len() - 10));
    }
    out.extend(gated.reports.iter().map(wrong));
    out.push_str(&format!("{}: {}\n", hint_word(), visible(&refused.hint)));
    out
}

fn wrong(report: &Report) -> String {
    let errors: Vec<_> = report.findings.iter().filter(|finding| finding.is_error()).cloned().collect();
    findings(&errors)
}

/// Where each hook stands.
pub fn hooks(all: &[Standing]) -> String {
    let mut out = String::new();
    for at in all {
        let style = match at.state {
            State::Installed | State::Chained | State::Called => GOOD,
            State::Foreign => WAITING,
            State::Absent => FAINT,
        };
        out.push_str(&format!("{} {}\n", paint(style, format!("{:9}", at.state.as_str())), paint(STRONG, at.hook.name())));
    }
    let by_hand: Vec<(&Standing, &String)> = all.iter().filter_map(|at| Some((at, at.add.as_ref()?))).collect();
    if !by_hand.is_empty() {
        out.push_str("\nthe hooks lie in files that are tracked or shared, which omega does not change. add:\n");
        for (at, lines) in by_hand {
            out.push_str(&format!("\n  {}\n", paint(FAINT, format!("in {}", visible(&at.file)))));
            out.extend(lines.lines().map(|line| format!("    {line}\n")));
        }
    } else if all.iter().any(|at| !at.state.is_gated()) {
        out.push_str(&format!("\nput them in: {}\n", command("omega hooks install")));
    }
    out
}
