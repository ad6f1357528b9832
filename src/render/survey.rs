//! What is ratified, open and ruled, as text for a terminal.

use crate::canon::text::shown as visible;
use crate::finding::Finding;
use crate::ledger::kinds::Verdict;
use crate::survey::{Distance, Entry, Inbox, RemoteMain, Shown, Status, Summary, VoteReport};
use crate::workspace::next::NextStep;
use crate::workspace::provisional::MARK;

use super::cases::shifts;
use super::emergency::{emergency, emergency_line, marked};
use super::human::{changes, choice_style, count, findings, next, purged, returning, ruled_word};
use super::prose::wrapped;
use super::roster::recovery;
use super::style::{BAD, FAINT, GOOD, NAME, STRONG, WAITING, command, paint};

fn standing_style(standing: &str) -> anstyle::Style {
    match standing {
        "approve" | "recover" => GOOD,
        "reject" | "invalid" => BAD,
        "open" | "stale" | "emergency" => WAITING,
        _ => FAINT,
    }
}

/// Resolutions, a line each.
pub fn list(all: &[Summary]) -> String {
    if all.is_empty() {
        return "no resolutions\n".to_owned();
    }
    let width = all.iter().map(|summary| summary.id.as_str().len()).max().unwrap_or(0);
    let mut out = String::new();
    for summary in all {
        let word = format!("{:10}", ruled_word(&summary.standing));
        out.push_str(&format!(
            "{} {} {}\n",
            paint(standing_style(&summary.standing), word),
            paint(STRONG, format!("{:width$}", summary.id.as_str())),
            marked(&summary.title, summary.emergency.is_some())
        ));
        if let Some(report) = &summary.emergency {
            out.push_str(&format!("           {}\n", emergency_line(report)));
        }
    }
    out
}

/// One resolution whole.
pub fn show(shown: &Shown) -> String {
    let summary = &shown.summary;
    let mark = if summary.emergency.is_some() { format!("{} ", paint(WAITING, MARK)) } else { String::new() };
    let mut out = format!("{mark}{}\n{}\n\n", paint(STRONG, visible(&summary.title)), paint(FAINT, &summary.id));
    let why = summary.why.as_deref().map(|why| format!(": {}", visible(why))).unwrap_or_default();
    let ruling = summary.ruling.map(|n| format!(" by ruling {n}")).unwrap_or_default();
    out.push_str(&format!("{}{ruling}{why}\n", paint(standing_style(&summary.standing), ruled_word(&summary.standing))));
    if let Some(report) = &summary.emergency {
        out.push_str(&emergency(report));
    }
    out.push_str(&format!("{} risk, proposed by {} on {}\n", summary.risk, paint(NAME, &summary.by), shown.at.date()));
    out.push_str(&changes(&shown.changes));
    out.push_str(&purged(&shown.purge));
    out.push_str(&returning(&shown.returning));
    out.push_str(&shifts(&shown.shifts));
    out.push_str(&quoted(&shown.reason));
    for statement in &shown.statements {
        out.push_str(&format!("\n{} {}\n{}", paint(NAME, &statement.member), paint(FAINT, &statement.kind), quoted(&statement.text)));
    }
    if !shown.votes.is_empty() {
        out.push('\n');
    }
    out.push_str(&ballots(&shown.votes));
    out.push('\n');
    match &shown.recovery {
        Some(progress) => out.push_str(&recovery(progress)),
        None => out.push_str(&count(&shown.count)),
    }
    if let Some(reason) = &shown.ruling_reason {
        let heading = if summary.standing == "amend" { "what the ruling asks for" } else { "the ruling" };
        out.push_str(&format!("\n{}\n{}", paint(FAINT, heading), quoted(reason)));
    }
    out + &next(&shown.next)
}

/// Ballots with their reasons.
pub(super) fn ballots(votes: &[VoteReport]) -> String {
    let ballot = |vote: &VoteReport| {
        format!(
            "{} {} {}\n{}",
            paint(NAME, &vote.member),
            paint(choice_style(vote.choice), vote.choice.as_str()),
            paint(FAINT, format!("weight {}, confidence {}", vote.weight, vote.confidence)),
            quoted(&vote.reason)
        )
    };
    votes.iter().map(ballot).collect()
}

/// A text, set in.
pub(super) fn quoted(text: &str) -> String {
    let lines = text.lines().flat_map(|line| wrapped(&visible(line), 2));
    lines.map(|line| format!("  {line}\n")).collect()
}

/// The rulings.
pub fn log(entries: &[Entry]) -> String {
    let mut out = String::new();
    for entry in entries {
        let word = ruled_word(entry.verdict.as_str());
        out.push_str(&format!(
            "{} {} {} {}\n",
            paint(STRONG, format!("{:>4}", entry.sequence)),
            paint(standing_style(entry.verdict.as_str()), format!("{word:9}")),
            marked(&entry.title, entry.verdict == Verdict::Emergency),
            paint(FAINT, format!("{} by {} on {} ({})", entry.resolution, entry.by, entry.at.date(), entry.digest.short())),
        ));
        for path in &entry.changed {
            out.push_str(&format!("       {path}\n"));
        }
    }
    out
}

/// Main branches of remotes that are not the one here.
fn remotes(all: &[RemoteMain]) -> String {
    let line = |remote: &RemoteMain| {
        let what = if remote.ruled { "rulings" } else { "commits" };
        let branch = paint(STRONG, visible(&remote.branch));
        let said = match remote.here {
            Distance::Behind => format!("{branch} has {what} that are not here"),
            Distance::Ahead => format!("{branch} lacks {what} of this clone"),
            Distance::Diverged => format!("{branch} has {what} that are not here, and lacks commits of this clone"),
        };
        format!("{} {said}: {}\n", paint(WAITING, remote.here), command(&remote.command))
    };
    all.iter().map(line).collect()
}

/// What waits, a line each.
pub fn inbox(inbox: &Inbox) -> String {
    let mut out = remotes(&inbox.remotes);
    if inbox.is_empty() {
        out.push_str("nothing waits\n");
    }
    for wait in &inbox.waits {
        let whose = if inbox.member.is_none() { format!("{}: ", paint(NAME, &wait.member)) } else { String::new() };
        let title = paint(STRONG, visible(&wait.title));
        out.push_str(&format!("{whose}{title}, {}: {}\n", wait.what, command(&wait.command)));
    }
    out
}

/// The whole picture.
pub fn status(status: &Status) -> String {
    let mut out = String::new();
    let errors: Vec<Finding> = status.findings.iter().filter(|f| f.is_error()).cloned().collect();
    if let Some(checkpoint) = &status.checkpoint {
        let pinned = if status.pinned { paint(GOOD, "pinned") } else { paint(BAD, "not pinned") };
        out.push_str(&format!(
            "ruling {} {} · root {} {pinned} · {} governed paths\n",
            paint(STRONG, checkpoint.sequence),
            paint(FAINT, checkpoint.head.short()),
            checkpoint.root.short(),
            status.governed
        ));
        if !status.pinned {
            out.push_str(&format!(
                "pin it, if the people of this canon confirm it: {}\n",
                command(format!("omega trust pin {}", checkpoint.root))
            ));
        }
    }
    let seats: Vec<String> = status
        .council
        .iter()
        .map(|seat| {
            let role = if seat.role == "member" { format!("weight {}", seat.weight) } else { seat.role.clone() };
            let me = if status.me.as_ref() == Some(&seat.name) { ", you" } else { "" };
            format!("{} {}", paint(NAME, &seat.name), paint(FAINT, format!("({role}{me})")))
        })
        .collect();
    out.push_str(&format!("council: {}\n", seats.join(", ")));
    out.push_str(&remotes(&status.remotes));
    for report in &status.emergencies {
        out.push_str(&format!("\n{} {} by ruling {}\n", paint(WAITING, MARK), paint(STRONG, &report.resolution), report.sequence));
        out.push_str(&emergency(report));
    }
    if status.open.is_empty() {
        out.push_str("nothing is open\n");
    }
    for open in &status.open {
        out.push_str(&format!(
            "\n{} {} {}\n",
            paint(standing_style(&open.summary.standing), &open.summary.standing),
            paint(STRONG, &open.summary.id),
            visible(&open.summary.title)
        ));
        if let Some(why) = &open.summary.why {
            out.push_str(&format!("  {}\n", visible(why)));
        }
        match (&open.recovery, &open.count) {
            (Some(progress), _) => out.push_str(&format!("  {}", recovery(progress))),
            (None, Some(tally)) => out.push_str(&format!("  {}", count(tally))),
            (None, None) => {}
        }
        let (mine, others): (Vec<&NextStep>, Vec<&NextStep>) = open.next.iter().partition(|step| Some(&step.member) == status.me.as_ref());
        for step in mine {
            out.push_str(&format!("  {} {}\n", paint(STRONG, "you:"), command(&step.command)));
        }
        if !others.is_empty() {
            let names: Vec<String> = others.iter().map(|step| format!("{} ({})", step.member, step.what)).collect();
            out.push_str(&format!("  {}\n", paint(FAINT, format!("waiting for {}", names.join(", ")))));
        }
    }
    if !status.drafts.is_empty() || !errors.is_empty() {
        out.push('\n');
    }
    for draft in &status.drafts {
        out.push_str(&format!("{} {} {}\n", paint(WAITING, "draft"), draft.path, paint(FAINT, format!("of {}", draft.resolution))));
    }
    out + &findings(&errors)
}
