//! Decisions about requests as text for a terminal.

use crate::canon::text::shown as visible;
use crate::resonance::Decision;

use super::style::{BAD, FAINT, GOOD, STRONG, WAITING, paint};

/// What a request comes to, and why.
pub fn checked(decision: Option<&Decision>, status: Option<u16>, refused: Option<&str>) -> String {
    let Some(decision) = decision else {
        return format!("{} with status {}: {}\n", paint(BAD, "refused"), status.unwrap_or(400), visible(refused.unwrap_or_default()));
    };
    let request = &decision.request;
    let style = if decision.authority == 0 { WAITING } else { GOOD };
    let mut out = format!("{} {} ({})\n", paint(style, "authority"), paint(STRONG, decision.authority), visible(&decision.word));
    let mut line = |word: &str, text: String| out.push_str(&format!("  {} {text}\n", paint(FAINT, format!("{word:8}"))));
    line("stakes", request.stakes.to_string());
    line("consent", request.consent.to_string());
    line("mode", request.mode.as_str().to_owned());
    if let Some(caller) = &request.caller {
        line("caller", visible(caller));
    }
    if let Some(session) = &request.session {
        line("session", visible(session));
    }
    line("answers", visible(&decision.service));
    if decision.authority < decision.table {
        line("doubt", format!("lowers it from {}", decision.table));
    }
    out
}
