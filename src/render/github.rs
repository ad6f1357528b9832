//! Workflow commands of GitHub Actions, which Gitea and Forgejo understand too: annotations at files and lines.

use crate::canon::text::visible;
use crate::finding::{Finding, Severity};

/// More are not shown by any forge.
const SHOWN: usize = 50;

/// An annotation for each finding.
pub fn annotations(findings: &[Finding]) -> String {
    let mut out: String = findings.iter().take(SHOWN).map(annotation).collect();
    if findings.len() > SHOWN {
        out.push_str(&format!("::notice title=omega::and {} more findings\n", findings.len() - SHOWN));
    }
    out
}

fn annotation(finding: &Finding) -> String {
    let command = match finding.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "notice",
    };
    let title = format!("{} {}", finding.code, finding.code.title());
    let line = finding.line.map(|line| format!(",line={line}")).unwrap_or_default();
    let hint = if finding.hint.is_empty() { String::new() } else { format!("\nhint: {}", visible(&finding.hint)) };
    let message = format!("{}{hint}", visible(&finding.message));
    format!("::{command} file={}{line},title={}::{}\n", property(&visible(&finding.path)), property(&title), data(&message))
}

/// An annotation that says why nothing was judged.
pub fn failure(message: &str, hint: Option<&str>) -> String {
    let hint = hint.map(|hint| format!("\nhint: {}", visible(hint))).unwrap_or_default();
    format!("::error title=omega::{}\n", data(&format!("{}{hint}", visible(message))))
}

/// Escapes the text of a command, which ends with its line.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// Escapes a property of a command, which also ends at a comma or colon.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

/// Takes the power of commands from text that is printed in a job: what begins a line with `::`, and the older `##[`
/// anywhere in it. Colours go, for a command could stand behind them.
pub fn defuse(text: &str) -> String {
    let text = anstream::adapter::strip_str(text).to_string();
    let line = |line: &str| {
        let line = line.replace("##[", "## [").replace("##vso[", "##vso [");
        if line.trim_start().starts_with("::") { line.replacen("::", ": :", 1) } else { line }
    };
    text.split_inclusive('\n').map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::Code;

    #[test]
    fn nothing_leaves_its_field() {
        let finding = Finding::error(Code::Unratified, "a:b,c%\n::error::x", "1\r\n::set-output name=x::y").hint("").at_line(7);
        assert_eq!(
            annotation(&finding),
            "::error file=a%3Ab%2Cc%25\\n%3A%3Aerror%3A%3Ax,line=7,title=C040 not ratified::1\\r\\n::set-output name=x::y\n"
        );
    }

    #[test]
    fn printed_text_commands_nothing() {
        assert_eq!(defuse("\u{1b}[1m::error::x\u{1b}[0m\n"), ": :error::x\n");
        assert_eq!(defuse("a ::b\n  ::error::x\nx ##[error]y\n"), "a ::b\n  : :error::x\nx ## [error]y\n");
    }
}
