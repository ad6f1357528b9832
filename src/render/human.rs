//! Reports as text for a terminal. All text from records is made visible first.

use crate::canon::RepoPath;
use crate::canon::text::shown as visible;
use crate::council::tally::{Choice, Outcome};
use crate::digest::Digest;
use crate::finding::{Finding, Severity};
use crate::ledger::kinds::{Change, Verdict};
use crate::ops::enrol::Enrolled;
use crate::ops::init::workflow::Workflow;
use crate::ops::propose::Proposed;
use crate::ops::rule::RuledReport;
use crate::ops::statement::Spoken;
use crate::ops::vote::Voted;
use crate::ops::withdraw::Withdrawn;
use crate::shell;
use crate::survey::verify::{Conclusion, Receipt, Report};
use crate::workspace::lint::ReturningLine;
use crate::workspace::next::NextStep;
use crate::workspace::provisional::MARK;
use crate::workspace::report::CountReport;

use super::cases::shifts;
use super::emergency::emergency;
use super::style::{BAD, FAINT, GOOD, NAME, STRONG, WAITING, command, paint};

/// One finding: where, what, and what to do.
pub fn finding(finding: &Finding) -> String {
    let style = match finding.severity {
        Severity::Error => BAD,
        Severity::Warning => WAITING,
        Severity::Note => FAINT,
    };
    let line = finding.line.map(|line| format!(":{line}")).unwrap_or_default();
    let mut out = format!("{} {}{line}: {}\n", paint(style, finding.code), shell::quote(&finding.path), visible(&finding.message));
    if !finding.hint.is_empty() {
        out.push_str(&format!("     {} {}\n", paint(FAINT, "hint:"), visible(&finding.hint)));
    }
    out
}

/// A list of findings, cut where it gets long.
pub fn findings(list: &[Finding]) -> String {
    const SHOWN: usize = 40;
    let mut out: String = list.iter().take(SHOWN).map(finding).collect();
    if list.len() > SHOWN {
        out.push_str(&format!("… and {} more (--format json shows all)\n", list.len() - SHOWN));
    }
    out
}

/// What became of a resolution, in the words of people.
pub(super) fn ruled_word(standing: &str) -> &str {
    match standing {
        "approve" => "ratified",
        "reject" => "rejected",
        "amend" => "sent back",
        "expire" => "expired",
        "recover" => "recovered",
        other => other,
    }
}

/// The verdict on a tree.
pub fn verify(report: &Report) -> String {
    let mut out = findings(&report.findings);
    for draft in &report.drafts {
        out.push_str(&format!(
            "{} {} {}\n",
            paint(WAITING, "draft"),
            shell::quote(draft.path.as_str()),
            paint(FAINT, format!("of {}", draft.resolution))
        ));
    }
    if let Some(until) = report.provisional_until {
        out.push_str(&format!("{} until {until}: an emergency is not settled\n", paint(WAITING, "provisional")));
        if let Some(id) = report.unsettled.first() {
            out.push_str(&format!("     {} {}\n", paint(FAINT, "who decides, and by when:"), command(format!("omega show {id}"))));
        }
    }
    if !out.is_empty() {
        out.push('\n');
    }
    let (style, word) = match report.conclusion {
        Conclusion::Holds => (GOOD, "holds"),
        Conclusion::Pending => (WAITING, "pending"),
        Conclusion::Violated => (BAD, "violated"),
        Conclusion::Unknown => (WAITING, "unknown"),
    };
    out.push_str(&format!("{} {}\n", paint(style, word), visible(&report.subject)));
    out.push_str(&proved(&report.proved));
    if let Some(checkpoint) = &report.checkpoint {
        out.push_str(&format!(
            "{}\n",
            paint(FAINT, format!("checkpoint: root {} sequence {} head {}", checkpoint.root, checkpoint.sequence, checkpoint.head))
        ));
        if report.conclusion == Conclusion::Unknown {
            out.push_str("\nif the people of this canon confirm that root, pin it:\n");
            out.push_str(&format!("  {}\n", command(format!("omega trust pin {}", checkpoint.root))));
        }
    }
    out
}

/// What is proved, or what kept it from being proved.
pub(super) fn proved(words: &str) -> String {
    match words.strip_prefix("nothing: ") {
        Some(found) => format!("not verified: {found}\n"),
        None => format!("proved: {words}\n"),
    }
}

/// What became of a receipt.
pub fn receipt(receipt: &Receipt) -> String {
    match (receipt.closed_by, receipt.listed) {
        (Some(n), true) => format!("{} ruling {n} lists this record\n", paint(GOOD, "counted")),
        (Some(n), false) => format!("{} ruling {n} closed the resolution without this record\n", paint(BAD, "omitted")),
        (None, _) if receipt.present => format!("{} the record is in the open resolution\n", paint(WAITING, "open")),
        (None, _) => format!("{} the resolution is open, and the record is not in this tree\n", paint(WAITING, "not here")),
    }
}

/// A workflow that was written.
pub fn workflow(written: &Workflow) -> String {
    let mut out = format!("{} {}: {} judges changes with it\n", paint(GOOD, "wrote"), written.path, written.forge.name());
    for step in &written.next {
        out.push_str(&format!("  {}\n", command(step)));
    }
    out
}

pub(super) fn short_ref(name: &str) -> &str {
    name.strip_prefix("refs/heads/").unwrap_or(name)
}

/// What a proposal changes, a line each.
pub fn changes(changes: &[Change]) -> String {
    let mut out = String::new();
    for change in changes {
        let (style, sign) = match (change.before, change.after) {
            _ if change.is_release() => (WAITING, "released"),
            (None, _) => (GOOD, "added"),
            (_, None) => (BAD, "removed"),
            _ => (NAME, "changed"),
        };
        out.push_str(&format!("  {} {}\n", paint(style, format!("{sign:8}")), shell::quote(change.path.as_str())));
    }
    out
}

/// A signed proposal.
pub fn propose(proposed: &Proposed) -> String {
    let mut out = format!("{} {} ({} risk)\n", paint(GOOD, "proposed"), paint(STRONG, &proposed.made.resolution), proposed.risk);
    out.push_str(&changes(&proposed.changes));
    out.push_str(&purged(&proposed.purge));
    out.push_str(&carried(&proposed.carried));
    out.push_str(&findings(&proposed.findings));
    out.push_str(&returning(&proposed.returning));
    out.push_str(&shifts(&proposed.shifts));
    for edit in &proposed.left_out {
        out.push_str(&format!("  {} {}: {} proposes it already\n", paint(FAINT, "left out"), edit.path, edit.resolution));
    }
    out.push_str(&format!("  on branch {}; what is checked out stays as it is\n", short_ref(&proposed.made.branch)));
    out + &next(&proposed.next)
}

/// Bytes that are to be forgotten.
pub(super) fn purged(digests: &[Digest]) -> String {
    digests.iter().map(|digest| format!("  {} {digest}\n", paint(BAD, "purges  "))).collect()
}

/// Lines that a ruling removed, and that a draft brings back.
pub fn returning(lines: &[ReturningLine]) -> String {
    let line = |line: &ReturningLine| {
        format!(
            "{} {}:{} {}\n  this line was removed by ruling {} ({}){}\n",
            paint(WAITING, "comes back"),
            line.path,
            line.line,
            visible(&line.text),
            line.ruling,
            line.resolution,
            if line.reason.is_empty() { String::new() } else { format!(": {}", visible(line.reason.lines().next().unwrap_or_default())) }
        )
    };
    lines.iter().map(line).collect()
}

/// Files whose edit was made to a newer version than the one that was edited.
pub fn carried(paths: &[RepoPath]) -> String {
    paths
        .iter()
        .map(|path| format!("  {} was ratified again meanwhile: the draft is the new version with your edit\n", paint(STRONG, path)))
        .collect()
}

/// Who acts next.
pub fn next(steps: &[NextStep]) -> String {
    if steps.is_empty() {
        return String::new();
    }
    let width = steps.iter().map(|step| step.member.as_str().len()).max().unwrap_or(0);
    let mut out = String::from("\nnext:\n");
    for step in steps {
        out.push_str(&format!(
            "  {}  {}  {}\n",
            paint(NAME, format!("{:width$}", step.member.as_str())),
            command(&step.command),
            paint(FAINT, &step.what)
        ));
    }
    out
}

/// What the ballots say.
pub fn count(count: &CountReport) -> String {
    if count.voters == 0 {
        return "no member has a vote: the Chief decides\n".to_owned();
    }
    let tally = &count.tally;
    let (style, outcome) = match (count.quorum, count.outcome) {
        (false, _) => (WAITING, format!("no quorum yet: {} of {} needed", count.quorum_weight, tally.eligible)),
        (true, Outcome::Approved) => (GOOD, "the council approves".to_owned()),
        (true, Outcome::Rejected) => (BAD, "the council rejects".to_owned()),
        (true, Outcome::Undecided) => (WAITING, "the council is undecided".to_owned()),
    };
    format!(
        "cast {} of {}: {} approve, {} reject, {} amend, {} abstain; {}\n",
        tally.cast,
        tally.eligible,
        tally.approve,
        tally.reject,
        tally.amend,
        tally.abstain,
        paint(style, outcome)
    )
}

/// A ballot.
pub fn vote(voted: &Voted) -> String {
    let again = if voted.repeated { " (as before)" } else { "" };
    let style = choice_style(voted.choice);
    let mut out = format!(
        "{} votes {} on {}{again}\n",
        paint(NAME, &voted.made.by),
        paint(style, voted.choice.as_str()),
        paint(STRONG, &voted.made.resolution)
    );
    out.push_str(&count(&voted.count));
    out + &next(&voted.next)
}

pub(super) fn choice_style(choice: Choice) -> anstyle::Style {
    match choice {
        Choice::Approve => GOOD,
        Choice::Reject => BAD,
        Choice::Amend | Choice::Abstain => WAITING,
    }
}

/// A ruling.
pub fn rule(ruled: &RuledReport) -> String {
    let (style, word) = match ruled.verdict {
        Verdict::Approve => (GOOD, "ratified"),
        Verdict::Reject => (BAD, "rejected"),
        Verdict::Recover => (GOOD, "recovered"),
        Verdict::Emergency => (WAITING, MARK),
        _ => (WAITING, ruled_word(ruled.verdict.as_str())),
    };
    let mut out = format!("{} {} by ruling {}\n", paint(style, word), paint(STRONG, &ruled.made.resolution), ruled.sequence);
    for path in &ruled.changed {
        out.push_str(&format!("  {path}\n"));
    }
    if let Some(bypass) = ruled.bypass {
        out.push_str(&format!("{} {}\n", paint(WAITING, "bypass"), bypass.as_str()));
    }
    if let Some(report) = &ruled.emergency {
        out.push_str(&emergency(report));
    }
    match &ruled.merged {
        Some(branch) => out.push_str(&format!("on {}\n", short_ref(branch))),
        None => {
            out.push_str(&format!("on {}; bring it onto the main branch by a pull request", short_ref(&ruled.made.branch)));
            if matches!(ruled.verdict, Verdict::Approve | Verdict::Reject | Verdict::Amend) {
                let again = format!("omega rule {} {}", ruled.made.resolution, ruled.verdict.as_str());
                out.push_str(&format!(", or here: {}", command(again)));
            }
            out.push('\n');
        }
    }
    if !ruled.left_behind.is_empty() {
        let branch = format!("canon/{}", ruled.made.resolution);
        out.push_str(&format!("{} on {branch}, which stays, and not part of the ruling:\n", paint(WAITING, "left behind")));
        for path in ruled.left_behind.iter().take(20) {
            out.push_str(&format!("  {}\n", visible(path)));
        }
        if ruled.left_behind.len() > 20 {
            out.push_str(&format!("  … and {} more\n", ruled.left_behind.len() - 20));
        }
    }
    out.push_str(&format!(
        "{}\n",
        paint(FAINT, format!("checkpoint: root {} sequence {} head {}", ruled.root, ruled.sequence, ruled.head))
    ));
    out
}

/// A withdrawal.
pub fn withdraw(withdrawn: &Withdrawn) -> String {
    let id = &withdrawn.made.resolution;
    format!(
        "{} {}\nthe record stays on {}; to propose its draft again: {}\n",
        paint(WAITING, "withdrawn"),
        paint(STRONG, id),
        short_ref(&withdrawn.made.branch),
        command(format!("omega propose --supersedes {id}"))
    )
}

/// An enrolment.
pub fn enrol(enrolled: &Enrolled) -> String {
    format!("{} {} for {}\n", paint(GOOD, "enrolled"), enrolled.key, paint(STRONG, &enrolled.resolution)) + &next(&enrolled.next)
}

/// A statement.
pub fn spoken(spoken: &Spoken) -> String {
    let word = match spoken.kind.as_str() {
        "seal" => "sealed",
        "reveal" => "revealed",
        _ => "recorded",
    };
    let mut out = format!("{} {} ({})\n", paint(GOOD, word), paint(STRONG, &spoken.made.resolution), spoken.stage);
    if spoken.kind == "seal" {
        out.push_str("the statement itself stays in this clone until you reveal it\n");
    }
    if let Some(next) = &spoken.next {
        out.push_str(&format!("the pipe goes to {}\n", paint(NAME, next)));
    }
    out + &next(&spoken.steps)
}

/// The word before an error.
pub fn error_word() -> String {
    paint(BAD, "error")
}

/// A warning with its hint, as lines.
pub fn warning(text: &str, hint: &str) -> String {
    format!("{}: {text}\n{}: {hint}\n", paint(WAITING, "warning"), hint_word())
}

/// Something worth knowing, as a line.
pub fn note(text: &str) -> String {
    format!("{}: {}\n", paint(FAINT, "note"), visible(text))
}

/// The word before a hint.
pub fn hint_word() -> String {
    paint(NAME, "hint")
}

/// What was tidied away.
pub fn tidy(tidied: &crate::ops::tidy::Tidied) -> String {
    if tidied.removed.is_empty() {
        return "nothing came too late\n".to_owned();
    }
    tidied.removed.iter().map(|path| format!("{} {path}\n", paint(WAITING, "removed"))).collect()
}

/// A line that tells what happens.
pub fn narration(line: &str) -> String {
    paint(STRONG, line)
}
