//! Findings as GitLab's report of code quality.

use serde_json::{Value, json};

use crate::canon::text::{self, visible};
use crate::finding::{Finding, Severity};

use super::sarif::fingerprints;

/// The whole report.
pub fn code_quality(findings: &[Finding]) -> String {
    let prints = fingerprints(findings);
    let issue = |(finding, print): (&Finding, String)| {
        let severity = match finding.severity {
            Severity::Error => "critical",
            Severity::Warning => "minor",
            Severity::Note => "info",
        };
        json!({
            "description": format!("{} {}", finding.code.title(), visible(&finding.message)),
            "check_name": finding.code.as_str(),
            "fingerprint": print,
            "severity": severity,
            "location": { "path": visible(&finding.path), "lines": { "begin": finding.line.unwrap_or(1) } },
        })
    };
    let issues: Vec<Value> = findings.iter().zip(prints).map(issue).collect();
    text::json(&serde_json::to_string_pretty(&issues).expect("the report is a list of maps with string keys")) + "\n"
}
