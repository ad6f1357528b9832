//! The council and its recovery as text for a terminal.

use crate::canon::Role;
use crate::ops::council::CouncilReport;
use crate::ops::enrol::Enrolled;
use crate::workspace::recovery::Progress;

use super::human::next;
use super::style::{FAINT, GOOD, NAME, STRONG, WAITING, command, paint};

/// The signature of a recovery key.
pub fn consent(signed: &Enrolled) -> String {
    format!("{} {} with the recovery key {}\n", paint(GOOD, "signed"), paint(STRONG, &signed.resolution), signed.key) + &next(&signed.next)
}

/// The council in seat order.
pub fn list(report: &CouncilReport) -> String {
    let width = report.members.iter().map(|member| member.name.as_str().len()).max().unwrap_or(0);
    let mut out = paint(FAINT, format!("seat  {:width$}  role    weight  kind\n", "name"));
    for member in &report.members {
        let weight = if member.role == Role::Member { member.weight.to_string() } else { "-".to_owned() };
        let kind = match &member.operator {
            Some(operator) => format!("agent of {operator}"),
            None => "person".to_owned(),
        };
        let me = if report.me.as_ref() == Some(&member.name) { paint(FAINT, ", you") } else { String::new() };
        out.push_str(&format!(
            "{:>4}  {}  {:6}  {weight:>6}  {kind}{me}\n",
            member.seat,
            paint(NAME, format!("{:width$}", member.name.as_str())),
            member.role.title()
        ));
        for key in &member.keys {
            out.push_str(&format!("      {}\n", paint(FAINT, key)));
        }
    }
    match &report.recovery {
        Some(recovery) => {
            out.push_str(&format!("\n{} of {} recovery keys replace a lost key of the Chief\n", recovery.threshold, recovery.keys.len()));
            for key in &recovery.keys {
                out.push_str(&format!("      {}\n", paint(FAINT, key)));
            }
        }
        None => out.push_str(&format!(
            "\nnothing can replace a lost key of the Chief; name recovery keys: {}\n",
            command("omega key recovery set")
        )),
    }
    out
}

/// How far a recovery is, and to whom it would give the chair.
pub(super) fn recovery(progress: &Progress) -> String {
    let style = if progress.signed < progress.needed { WAITING } else { GOOD };
    let count = paint(style, format!("{} of {} recovery keys have signed", progress.signed, progress.needed));
    format!("a recovery: {count}; the Chief would have the key {}\n", progress.keys.join(", "))
}
