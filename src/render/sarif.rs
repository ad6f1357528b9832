//! Findings as SARIF 2.1.0, the form in which forges take the results of checks.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::canon::text::{self, visible};
use crate::digest::Digest;
use crate::finding::{Code, Finding};

/// A whole log with one run.
pub fn sarif(findings: &[Finding]) -> String {
    let rules: Vec<Value> = Code::ALL.iter().map(rule).collect();
    let prints = fingerprints(findings);
    let results: Vec<Value> = findings.iter().zip(prints).map(|(finding, print)| result(finding, &print)).collect();
    let log = json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "omega",
                "version": env!("CARGO_PKG_VERSION"),
                "semanticVersion": env!("CARGO_PKG_VERSION"),
                "informationUri": env!("CARGO_PKG_REPOSITORY"),
                "rules": rules,
            } },
            "columnKind": "unicodeCodePoints",
            "originalUriBaseIds": { "%SRCROOT%": { "description": { "text": "the root of the repository" } } },
            "results": results,
        }],
    });
    text::json(&serde_json::to_string_pretty(&log).expect("the log is a map with string keys")) + "\n"
}

fn rule(code: &Code) -> Value {
    let meaning = code.meaning().split_whitespace().collect::<Vec<_>>().join(" ");
    json!({
        "id": code.as_str(),
        "name": name(code.title()),
        "shortDescription": { "text": code.title() },
        "fullDescription": { "text": meaning },
        "help": { "text": format!("{meaning}\n\nWhat to do: {}", code.remedy()) },
        "helpUri": format!("{}/blob/main/docs/findings.md#{}", env!("CARGO_PKG_REPOSITORY"), anchor(*code)),
        "defaultConfiguration": { "level": "error" },
    })
}

/// A title as the one word that names a rule.
fn name(title: &str) -> String {
    let mut out = String::new();
    for word in title.split_whitespace() {
        let letters: String = word.chars().filter(char::is_ascii_alphanumeric).collect();
        out.extend(letters.chars().take(1).map(|first| first.to_ascii_uppercase()));
        out.extend(letters.chars().skip(1));
    }
    out
}

/// The heading of a code in the page of findings, as forges link to it.
fn anchor(code: Code) -> String {
    let text = format!("{code} {}", code.title()).to_lowercase();
    text.chars().filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-')).map(|c| if c == ' ' { '-' } else { c }).collect()
}

fn result(finding: &Finding, print: &str) -> Value {
    let index = Code::ALL.iter().position(|code| *code == finding.code);
    json!({
        "ruleId": finding.code.as_str(),
        "ruleIndex": index,
        "level": finding.severity,
        "message": { "text": format!("{} ({})", visible(&finding.message), visible(&finding.hint)) },
        "locations": [{ "physicalLocation": {
            "artifactLocation": { "uri": uri(&finding.path), "uriBaseId": "%SRCROOT%" },
            "region": { "startLine": finding.line.unwrap_or(1) },
        } }],
        "partialFingerprints": { "omegaFinding/v1": print },
    })
}

/// What tells a finding from others and stays the same when lines move: one for each, in order.
pub(super) fn fingerprints(findings: &[Finding]) -> Vec<String> {
    let mut seen: BTreeMap<Digest, usize> = BTreeMap::new();
    let print = |finding: &Finding| {
        let of = |text: &Option<String>| text.clone().unwrap_or_default();
        let text = [finding.code.as_str(), &finding.path, &of(&finding.record), &of(&finding.member)].join("\n");
        let digest = Digest::of(text.as_bytes());
        let number = seen.entry(digest).or_default();
        *number += 1;
        format!("{}:{number}", digest.hex())
    };
    findings.iter().map(print).collect()
}

/// A path as a relative reference.
fn uri(path: &str) -> String {
    let byte = |byte: u8| match byte {
        b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => char::from(byte).to_string(),
        other => format!("%{other:02X}"),
    };
    path.bytes().map(byte).collect()
}
