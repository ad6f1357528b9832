//! The protocol as a table, as a Mermaid state diagram, and as a Graphviz graph.

use crate::canon::policy::{Stage, Transition};
use crate::survey::machine::MachineReport;

use super::style::{FAINT, NAME, STRONG, paint};

fn conditions(way: &Transition) -> String {
    way.requires.iter().map(|guard| guard.as_str()).collect::<Vec<_>>().join(", ")
}

/// A way as it is written along an arrow.
fn label(way: &Transition, line_break: &str) -> String {
    let head = format!("{} ({})", way.event, way.by);
    if way.requires.is_empty() { head } else { format!("{head}{line_break}{}", conditions(way)) }
}

/// Every way from one stage to one stage, in the order in which the ways are tried.
fn arrows(report: &MachineReport) -> impl Iterator<Item = (Stage, &Transition)> {
    report.transitions.iter().flat_map(|way| way.from.iter().map(move |from| (*from, way)))
}

/// A table for the terminal.
pub fn table(report: &MachineReport) -> String {
    let classes: Vec<String> = report.deliberation.iter().map(|(risk, wanted)| format!("{risk} {wanted}")).collect();
    let mut out = format!("deliberation: {}\n", classes.join(", "));
    out.push_str(&format!(
        "statements: {}, {} in a row, at least {} must be made\n\n",
        report.submissions,
        if report.laps == 1 { "one lap".to_owned() } else { format!("{} laps", report.laps) },
        report.minimum_spoken
    ));
    let from = |way: &Transition| way.from.iter().map(|stage| stage.as_str()).collect::<Vec<_>>().join(" | ");
    let width = report.transitions.iter().map(|way| from(way).len().min(26)).max().unwrap_or(0);
    for way in &report.transitions {
        out.push_str(&format!(
            "{:width$} > {} {} by {}{}\n",
            from(way),
            paint(STRONG, format!("{:12}", way.to.as_str())),
            paint(NAME, format!("{:10}", way.event.as_str())),
            way.by,
            if way.requires.is_empty() { String::new() } else { format!(" {}", paint(FAINT, format!("if {}", conditions(way)))) },
        ));
    }
    out
}

/// A Mermaid state diagram.
pub fn mermaid(report: &MachineReport) -> String {
    let mut out = String::from("stateDiagram-v2\n    [*] --> IDLE\n");
    for (from, way) in arrows(report) {
        out.push_str(&format!("    {} --> {}: {}\n", from.as_str(), way.to.as_str(), label(way, "<br/>")));
    }
    out.push_str("    CLOSE --> [*]\n");
    out
}

/// A Graphviz graph.
pub fn dot(report: &MachineReport) -> String {
    let mut out = String::from("digraph peace_pipe {\n    rankdir = TB;\n    node [shape = box, style = rounded];\n");
    for (from, way) in arrows(report) {
        out.push_str(&format!("    {} -> {} [label = \"{}\"];\n", from.as_str(), way.to.as_str(), label(way, "\\n")));
    }
    out.push_str("}\n");
    out
}
