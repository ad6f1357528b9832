//! Findings as JUnit XML, which nearly every CI shows.

use crate::canon::text::visible;
use crate::finding::{Finding, Severity};
use crate::shell;
use crate::survey::verify::Conclusion;

/// One suite: the conclusion, and a case for each finding.
pub fn junit(suite: &str, conclusion: Conclusion, passes: bool, proved: &str, findings: &[Finding]) -> String {
    let errors = findings.iter().filter(|finding| finding.is_error()).count();
    let verdict = match (passes, conclusion) {
        (true, _) => String::new(),
        // What is waited for, or cannot be said, is a failure all the same: the check is not passed.
        (false, conclusion) => failure(conclusion.as_str(), proved, proved),
    };
    let cases: String = findings.iter().map(case).collect();
    let (tests, failures) = (findings.len() + 1, errors + usize::from(!passes));
    let name = escape(suite);
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"omega\" tests=\"{tests}\" failures=\"{failures}\" errors=\"0\">\n  \
         <testsuite name=\"{name}\" tests=\"{tests}\" failures=\"{failures}\" errors=\"0\" skipped=\"0\">\n    \
         <testcase classname=\"omega\" name=\"{name}\">{verdict}</testcase>\n{cases}  </testsuite>\n</testsuites>\n"
    )
}

fn case(finding: &Finding) -> String {
    let line = finding.line.map(|line| format!(":{line}")).unwrap_or_default();
    let name = escape(&format!("{} {}{line}", finding.code, shell::quote(&finding.path)));
    let text = format!("{}\nhint: {}", visible(&finding.message), visible(&finding.hint));
    let inner = match finding.severity {
        Severity::Error => failure(finding.code.as_str(), &finding.message, &text),
        Severity::Warning | Severity::Note => format!("<system-out>{}</system-out>", escape_lines(&text)),
    };
    format!("    <testcase classname=\"omega\" name=\"{name}\" file=\"{}\">{inner}</testcase>\n", escape(&finding.path))
}

fn failure(kind: &str, message: &str, text: &str) -> String {
    format!("<failure type=\"{}\" message=\"{}\">{}</failure>", escape(kind), escape(message), escape_lines(text))
}

/// Text in an attribute or element. What XML cannot hold at all becomes visible first.
fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in visible(text).chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&apos;"),
            c => out.push(c),
        }
    }
    out
}

fn escape_lines(text: &str) -> String {
    text.split('\n').map(escape).collect::<Vec<_>>().join("\n")
}
