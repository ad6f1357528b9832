//! What a change would come to, as text for a terminal or a job's log.

use crate::canon::text::visible;
use crate::gates::ci::{CiReport, How, Stands};
use crate::shell;
use crate::survey::verify::Conclusion;

use super::human::ruled_word;
use super::human::{count, findings, next, proved};
use super::style::{BAD, FAINT, GOOD, NAME, STRONG, WAITING, paint};

/// The word for a conclusion, as a check says it.
pub(super) fn word(report: &CiReport) -> &'static str {
    match report.conclusion {
        Conclusion::Pending if report.pending_allowed => "pending, which is allowed here",
        conclusion => conclusion.as_str(),
    }
}

/// What was judged, in a few words.
pub(super) fn judged(report: &CiReport) -> String {
    let short = |commit: &str| commit.chars().take(12).collect::<String>();
    let head = short(&report.head);
    let base = report.base.as_deref().map(short).unwrap_or_default();
    match report.judged {
        How::Merge => format!("the merge of {head} into {base}, as worked out here"),
        How::Head if report.base.is_none() => format!("{head}, which has nothing before it"),
        How::Head => format!("{head} against what {base} ratified"),
        How::Prepared => format!("{head}, the merge that the forge prepared: the head itself is not in this checkout"),
        How::Base => format!("{base}: it contains {head} already"),
    }
}

/// What came of an enforcement case, in one line.
pub(super) fn answer(answer: Option<&serde_json::Value>) -> String {
    const LONGEST: usize = 120;
    let Some(answer) = answer else { return "no answer".to_owned() };
    let text = visible(&answer.to_string());
    if text.chars().count() > LONGEST { text.chars().take(LONGEST).chain(['…']).collect() } else { text }
}

/// The whole report.
pub fn ci(report: &CiReport) -> String {
    let mut out = findings(&report.findings);
    if !report.findings.is_empty() {
        out.push('\n');
    }
    for file in report.files.iter().take(40) {
        let style = match file.stands {
            Stands::Ratified => GOOD,
            Stands::Draft => WAITING,
            Stands::Unratified => BAD,
        };
        let of = file.resolution.as_ref().map(|id| paint(FAINT, format!(" of {id}"))).unwrap_or_default();
        out.push_str(&format!("  {:8} {} {}{of}\n", file.what, paint(style, file.stands.as_str()), shell::quote(&file.path)));
        for shift in file.shifts.iter().take(20) {
            let (before, after) = (answer(shift.before.as_ref()), answer(shift.after.as_ref()));
            out.push_str(&format!("           {}: {before} becomes {}\n", visible(&shift.case), paint(STRONG, after)));
        }
        if file.shifts.len() > 20 {
            out.push_str(&format!("           … and {} more cases\n", file.shifts.len() - 20));
        }
    }
    if report.files.len() > 40 {
        out.push_str(&format!("  … and {} more (--format json shows all)\n", report.files.len() - 40));
    }
    for ruling in &report.rulings {
        let (id, title) = (&ruling.resolution, visible(&ruling.title));
        out.push_str(&format!("  ruling {}: {} {id}: {title}\n", ruling.sequence, paint(GOOD, ruled_word(ruling.verdict.as_str()))));
    }
    for open in &report.proposals {
        let tally = &open.tally;
        out.push_str(&format!("\nproposal {}: {}\n", paint(STRONG, &tally.resolution), visible(&tally.title)));
        out.push_str(&format!("{} by {}, {} risk, stage {}\n", open.standing, paint(NAME, &open.by), tally.risk, tally.stage));
        out.push_str(&count(&tally.count));
        out.push_str(&next(&tally.next));
    }
    if !out.is_empty() && !out.ends_with("\n\n") {
        out.push('\n');
    }
    let style = match report.conclusion {
        _ if report.passes() => GOOD,
        Conclusion::Violated => BAD,
        _ => WAITING,
    };
    out.push_str(&format!("{}: {}\n", paint(style, word(report)), judged(report)));
    out.push_str(&proved(&report.proved));
    if let Some(found) = &report.checkpoint {
        let line = format!("checkpoint: root {} sequence {} head {}", found.root, found.sequence, found.head);
        out.push_str(&format!("{}\n", paint(FAINT, line)));
    }
    if report.conclusion == Conclusion::Unknown {
        out.push_str("no root is pinned: give the job the root that the people of this canon confirm, as OMEGA_ROOT or --root\n");
    }
    out
}
