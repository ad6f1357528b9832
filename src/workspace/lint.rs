//! Findings about governed texts that people read in one way and models in another.

use crate::canon::lint::{Kind, lint};
use crate::canon::policy::Security;
use crate::canon::{Place, RepoPath};
use crate::finding::{Code, Finding, Severity};
use crate::ledger::kinds::FileMode;
use crate::ledger::lines;
use crate::security;

use super::Error;
use super::assess::Assessment;
use crate::workspace::draft::Planned;

/// A line of a draft that a ruling removed once.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, schemars::JsonSchema)]
pub struct ReturningLine {
    /// The file.
    pub path: RepoPath,
    /// The number of the line in the draft.
    pub line: usize,
    /// The line.
    pub text: String,
    /// The ruling that removed it.
    pub ruling: u32,
    /// The resolution of that ruling.
    pub resolution: crate::canon::ResolutionId,
    /// The reason of the ruling, or else the case for the resolution.
    pub reason: String,
}

/// What is found in one governed text.
fn of_text(path: &RepoPath, bytes: &[u8]) -> Vec<Finding> {
    // The whole of what omega writes itself, and signatures, are held to stricter rules elsewhere.
    if path.is_canon() && !Place::of(path).is_some_and(|place| place.is_state()) {
        return Vec::new();
    }
    let text = String::from_utf8_lossy(bytes);
    if matches!(text, std::borrow::Cow::Owned(_)) {
        return vec![Finding::note(Code::HiddenText, path, "not UTF-8 text, and not looked into")];
    }
    let findings = lint(&text).into_iter().map(|found| {
        let code = match found.kind {
            Kind::Hidden => Code::HiddenText,
            Kind::Invisible => Code::InvisibleMarkup,
            Kind::MixedScript => Code::MixedScript,
        };
        Finding { severity: Severity::Warning, ..Finding::error(code, path, found.what) }.at_line(found.line)
    });
    findings.collect()
}

/// What is found in the texts that are in force.
pub(crate) fn of_state(assessment: &Assessment) -> Vec<Finding> {
    let texts = assessment.judgement.ledger.paths().filter(|(_, content)| content.mode != FileMode::Link);
    let texts = texts.filter_map(|(path, content)| Some((path, assessment.evidence.bytes.get(&content.digest)?)));
    texts.flat_map(|(path, bytes)| of_text(path, bytes)).collect()
}

/// What is found in the texts that would be proposed.
///
/// # Errors
/// Denied, if one holds hidden characters.
pub(crate) fn of_plan(changes: &[Planned]) -> Result<Vec<Finding>, Error> {
    let mut findings = Vec::new();
    for planned in changes.iter().filter(|planned| planned.change.mode != Some(FileMode::Link)) {
        if let Some(after) = &planned.after {
            findings.extend(of_text(&planned.change.path, after));
            findings.extend(planned.before.as_ref().and_then(|before| line_ends(&planned.change.path, before, after)));
        }
    }
    match findings.iter().find(|finding| is_hidden(finding)) {
        Some(hidden) => Err(Error::denied(
            format!("`{}` holds {} in line {}", hidden.path, hidden.message, hidden.line.unwrap_or(1)),
            "remove what does not show, and propose again",
        )),
        None => Ok(findings),
    }
}

/// A text whose lines end in another way than before: often an editor's doing, and hard to see in a diff.
fn line_ends(path: &RepoPath, before: &[u8], after: &[u8]) -> Option<Finding> {
    let crlf = |text: &[u8]| text.windows(2).filter(|pair| *pair == b"\r\n").count();
    let plain = |text: &[u8]| text.iter().filter(|byte| **byte == b'\n').count() - crlf(text);
    let change = match (crlf(before), plain(before), crlf(after), plain(after)) {
        (0, 1.., 1.., _) => "LF to CRLF",
        (1.., _, 0, 1..) => "CRLF to LF",
        _ => return None,
    };
    Some(Finding::note(Code::HiddenText, path, format!("line ends change from {change}")).hint("git diff --ws-error-highlight=all"))
}

/// Whether the finding is about a character, and not about a file that is no text.
fn is_hidden(finding: &Finding) -> bool {
    finding.code == Code::HiddenText && finding.severity == Severity::Warning
}

/// The first character of a governed text that does not show.
pub(crate) fn hidden(path: &RepoPath, bytes: &[u8]) -> Option<Finding> {
    of_text(path, bytes).into_iter().find(is_hidden)
}

/// Holds the texts that would be proposed to what SECURITY_AND_PRIVACY says is never recorded; in a canon without that document
/// it is all that can be told by its form. What stood there before was ratified.
///
/// # Errors
/// Denied, if one holds such content.
pub(crate) fn recordable(assessment: &Assessment, changes: &[Planned]) -> Result<(), Error> {
    let policy = assessment.policy::<Security>("SECURITY_AND_PRIVACY");
    let is_kept_out = |kind| policy.as_ref().is_none_or(|policy| policy.never_recorded.contains(&kind));
    for planned in changes {
        let text = |bytes: Option<&Vec<u8>>| bytes.map(|bytes| String::from_utf8_lossy(bytes).into_owned()).unwrap_or_default();
        let (before, after) = (text(planned.before.as_ref()), text(planned.after.as_ref()));
        let known: Vec<&str> = before.lines().collect();
        let is_new = |line: usize| after.lines().nth(line - 1).is_some_and(|line| !known.contains(&line));
        let found = security::sensitive(&after).find(|found| is_kept_out(found.kind) && is_new(found.line));
        if let Some(found) = found {
            return Err(Error::denied(
                format!("`{}` holds {} in line {}", planned.change.path, found.kind.title(), found.line),
                "take it out, and propose again: what is ratified is copied with every clone; renew it, if it is real",
            ));
        }
    }
    Ok(())
}

/// The lines of drafts that a ruling removed once, with that ruling.
pub(crate) fn returning<'c>(assessment: &Assessment, drafts: impl Iterator<Item = (&'c RepoPath, &'c [u8])>) -> Vec<ReturningLine> {
    let (ledger, evidence) = (&assessment.judgement.ledger, &assessment.evidence);
    let of_ruling = |ruling: u32| {
        let resolution = ledger.rulings.get(ruling as usize)?.resolution.clone();
        let said = evidence.rulings.get(&ruling).map(|ruling| ruling.body().trim().to_owned()).filter(|said| !said.is_empty());
        let case = || Some(evidence.folders.get(&resolution)?.proposal.as_ref()?.body().trim().to_owned());
        let reason = said.or_else(case).unwrap_or_default();
        Some((resolution, reason))
    };
    let mut found = Vec::new();
    for (path, draft) in drafts.filter(|(path, _)| !super::stamp::is_document_fact(path)) {
        for line in lines::returning(ledger, &evidence.bytes, path, draft) {
            if let Some((resolution, reason)) = of_ruling(line.ruling) {
                found.push(ReturningLine { path: path.clone(), line: line.line, text: line.text, ruling: line.ruling, resolution, reason });
            }
        }
    }
    found
}
