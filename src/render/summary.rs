//! The summary of a job, in Markdown: what a change comes to, and who types what next.

use crate::finding::Severity;
use crate::ops::ci::{CiReport, FileChange, OpenProposal, RulingReport, Stands};
use crate::ops::verify::Conclusion;
use crate::shell;

use super::ci::{answer, judged, word};
use super::markdown::{block, code};
use super::survey::ruled_word;

/// Forges take a mebibyte for each step; less is read.
const LARGEST: usize = 768 << 10;
/// More rows of a table are not read.
const ROWS: usize = 100;

/// The whole page.
pub fn summary(report: &CiReport) -> String {
    let sign = match report.conclusion {
        _ if report.passes() => "✅",
        Conclusion::Violated => "❌",
        _ => "⏳",
    };
    let mut out = format!("## {sign} canon: {}\n\nJudged: {}.\n\nProved: {}.\n\n", word(report), judged(report), report.proved);
    if let (Some(target), Some(protected)) = (&report.target, report.protected) {
        out.push_str(&format!("{} is {}protected by the base.\n\n", code(target), if protected { "" } else { "not " }));
    }
    out.push_str(&findings(report));
    out.extend(report.proposals.iter().map(proposal));
    out.push_str(&rulings(&report.rulings));
    out.push_str(&shifts(&report.files));
    out.push_str(&files(&report.files, report.changed.len()));
    if let Some(found) = &report.checkpoint {
        out.push_str(&format!(
            "Checkpoint: root {} sequence {} head {}\n",
            code(&found.root.to_string()),
            found.sequence,
            code(&found.head.to_string())
        ));
    }
    if report.conclusion == Conclusion::Unknown {
        out.push_str("\nNo root is pinned: give the job the root that the people of this canon confirm, as <code>OMEGA_ROOT</code>.\n");
    }
    out
}

/// A page that says why nothing was judged.
pub fn failure(message: &str, hint: Option<&str>) -> String {
    let hint = hint.map(|hint| format!("What to do: {}\n", code(hint))).unwrap_or_default();
    format!("## ⏳ canon: not judged\n\n{}\n\n{hint}", code(message))
}

fn findings(report: &CiReport) -> String {
    if report.findings.is_empty() {
        return String::new();
    }
    let mut out = String::from("### Findings\n\n| | code | where | what | what to do |\n|---|---|---|---|---|\n");
    for finding in report.findings.iter().take(ROWS) {
        let severity = match finding.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Note => "note",
        };
        let line = finding.line.map(|line| format!(" line {line}")).unwrap_or_default();
        out.push_str(&format!(
            "| {severity} | {} | {}{line} | {} | {} |\n",
            finding.code,
            code(&shell::quote(&finding.path)),
            code(&finding.message),
            code(&finding.hint)
        ));
    }
    out.push_str(&more(report.findings.len()));
    out.push('\n');
    out
}

fn more(rows: usize) -> String {
    if rows > ROWS { format!("\n… and {} more.\n", rows - ROWS) } else { String::new() }
}

fn proposal(open: &OpenProposal) -> String {
    let tally = &open.tally;
    let mut out = format!("### Proposal {}\n\n", code(tally.resolution.as_str()));
    out.push_str(&format!("{}\n\n", code(&tally.title)));
    out.push_str(&format!("{}, by {}, {} risk, stage {}.\n\n", open.standing, code(open.by.as_str()), tally.risk, tally.stage));
    if tally.count.voters == 0 {
        out.push_str("No member has a vote: the Chief decides.\n\n");
    } else {
        out.push_str("| member | weight | vote | counts |\n|---|---|---|---|\n");
        for ballot in tally.ballots.iter().take(ROWS) {
            let choice = ballot.choice.map_or("", |choice| choice.as_str());
            let counts = if ballot.counts { "yes".to_owned() } else { ballot.why_not.as_deref().map(code).unwrap_or_default() };
            out.push_str(&format!("| {} | {} | {choice} | {counts} |\n", code(ballot.member.as_str()), ballot.weight));
        }
        out.push_str(&more(tally.ballots.len()));
        let (count, needed) = (&tally.count.tally, tally.count.quorum_weight);
        out.push_str(&format!(
            "\nCast {} of {} ({needed} needed): {} approve, {} reject, {} amend, {} abstain; {} needed to approve.\n\n",
            count.cast, count.eligible, count.approve, count.reject, count.amend, count.abstain, tally.count.approve_weight
        ));
    }
    if !tally.next.is_empty() {
        out.push_str("Next:\n\n| who | types | to |\n|---|---|---|\n");
        for step in tally.next.iter().take(ROWS) {
            out.push_str(&format!("| {} | {} | {} |\n", code(step.member.as_str()), code(&step.command), code(&step.what)));
        }
        out.push('\n');
    }
    out
}

fn rulings(rulings: &[RulingReport]) -> String {
    if rulings.is_empty() {
        return String::new();
    }
    let mut out = String::from("### Rulings\n\n| ruling | verdict | resolution | title | by | paths |\n|---|---|---|---|---|---|\n");
    for ruling in rulings {
        out.push_str(&format!(
            "| {} | {} | {} | {} | {} | {} |\n",
            ruling.sequence,
            ruled_word(ruling.verdict.as_str()),
            code(ruling.resolution.as_str()),
            code(&ruling.title),
            code(ruling.by.as_str()),
            ruling.changed.len()
        ));
    }
    out.push('\n');
    out
}

/// What the policies answer otherwise than before.
fn shifts(files: &[FileChange]) -> String {
    let mut rows: Vec<String> = Vec::new();
    for file in files {
        for shift in &file.shifts {
            let cells = [
                code(&shell::quote(&file.path)),
                code(&shift.case),
                code(&answer(shift.before.as_ref())),
                code(&answer(shift.after.as_ref())),
            ];
            rows.push(format!("| {} |\n", cells.join(" | ")));
        }
    }
    if rows.is_empty() {
        return String::new();
    }
    let shown: String = rows.iter().take(ROWS).map(String::as_str).collect();
    format!("### What the rules say otherwise\n\n| document | case | before | after |\n|---|---|---|---|\n{shown}{}\n", more(rows.len()))
}

fn files(files: &[FileChange], changed: usize) -> String {
    if changed == 0 {
        return String::new();
    }
    let mut out = String::from("### Governed files\n\n");
    for (at, file) in files.iter().enumerate() {
        if out.len() > LARGEST {
            out.push_str(&format!("… and {} more files.\n\n", files.len() - at));
            break;
        }
        let sign = match file.stands {
            Stands::Ratified => "ratified",
            Stands::Draft => "draft",
            Stands::Unratified => "**not ratified**",
        };
        let of = file.resolution.as_ref().map(|id| format!(" of {}", code(id.as_str()))).unwrap_or_default();
        // Within the line of a summary HTML is HTML: what comes from the change is escaped sign by sign.
        let head = format!("{} {} ({}{of})", file.what, code(&shell::quote(&file.path)), sign.trim_matches('*'));
        let cut = file.cut.as_deref().map(|cut| format!("{cut}\n\n")).unwrap_or_default();
        let diff = file.diff.as_deref().map(|diff| block("diff", diff)).unwrap_or_default();
        out.push_str(&format!("<details><summary>{head}</summary>\n\n{cut}{diff}\n</details>\n\n"));
    }
    let others = changed.saturating_sub(files.len());
    if others > 0 {
        out.push_str(&format!("{others} further paths under <code>canon/</code> are records and what follows from them.\n\n"));
    }
    out
}
