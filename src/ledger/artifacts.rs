//! What a ruling leaves behind to read: transcript and docket, rendered from the signed records.
//!
//! Both renderings are frozen with version 1 of the rules: whoever verifies renders them again and
//! compares. They hold no sequence, verdict or reason of the ruling, which binds them by digest.

use crate::canon::text::escaped as visible;
use crate::council::tally::{Count, Outcome};
use crate::keys::PublicKey;

use super::examine::Examined;
use super::kinds::{FileMode, Record};
use super::record::Signed;

/// Who said what, in the order in which the records bind one another.
pub fn transcript(examined: &Examined<'_>) -> String {
    let (folder, proposal) = (examined.folder, examined.proposal);
    let mut out = heading("Transcript", proposal.record().title.as_str(), examined);
    out.push_str("\n## The case\n\n");
    out.push_str(&said(proposal, "proposes", ""));
    if !folder.turns.is_empty() || !folder.reveals.is_empty() {
        out.push_str("\n## Statements\n");
    }
    for turn in folder.turns.values() {
        let record = turn.record();
        let (verb, details) = match (&record.skips, record.position, record.confidence) {
            (Some(member), ..) => (format!("marks `{member}` as silent"), String::new()),
            (_, Some(position), Some(confidence)) => {
                ("speaks".to_owned(), format!(", leaning to {}, confidence {confidence}", position.as_str()))
            }
            _ => ("speaks".to_owned(), String::new()),
        };
        out.push_str(&format!("\n### {}\n\n", record.turn));
        out.push_str(&said(turn, &verb, &details));
    }
    for (by, reveal) in &folder.reveals {
        let record = reveal.record();
        out.push_str(&format!("\n### {by}, sealed\n\n"));
        out.push_str(&said(reveal, "reveals", &format!(", leaning to {}, confidence {}", record.position.as_str(), record.confidence)));
    }
    if let Some(synthesis) = &folder.synthesis {
        out.push_str("\n## Synthesis\n\n");
        out.push_str(&said(synthesis, "draws together", ""));
    }
    if !folder.votes.is_empty() {
        out.push_str("\n## Votes\n");
    }
    for ((ballot, _), vote) in &folder.votes {
        let record = vote.record();
        let again = if *ballot > 1 { format!(" (ballot {ballot})") } else { String::new() };
        out.push('\n');
        out.push_str(&said(vote, &format!("votes **{}**{again}", record.choice.as_str()), &format!(", confidence {}", record.confidence)));
    }
    if let Some(withdrawal) = &folder.withdrawal {
        out.push_str("\n## Withdrawal\n\n");
        out.push_str(&said(withdrawal, "withdraws", ""));
    }
    out
}

/// What was proposed and how it was voted on, at a glance.
pub fn docket(examined: &Examined<'_>) -> String {
    let record = examined.proposal.record();
    let mut out = heading("Docket", record.title.as_str(), examined);
    out.push_str(&format!("\nProposed by `{}` on {}, {} risk.\n", record.by, record.at.date(), record.risk));
    if let Some(earlier) = &record.supersedes {
        out.push_str(&format!("Stands in the place of {earlier}.\n"));
    }
    if let Some(ruling) = &record.settles {
        out.push_str(&format!("Settles the emergency ruling `{ruling}`.\n"));
    }
    if record.recovery.is_some() {
        out.push_str("Replaces a lost key of the Chief.\n");
    }
    if !record.changes.is_empty() {
        out.push_str("\n| path | change | bytes before | bytes after |\n|---|---|---|---|\n");
        for change in &record.changes {
            let what = match (change.before, change.after, change.mode) {
                _ if change.is_release() => "released",
                (None, ..) => "added",
                (_, None, _) => "removed",
                (_, _, Some(FileMode::Exec)) => "changed, executable",
                (_, _, Some(FileMode::Link)) => "changed, link",
                _ => "changed",
            };
            let short = |digest: Option<crate::digest::Digest>| digest.map_or_else(|| "-".to_owned(), |d| format!("`{}`", d.short()));
            out.push_str(&format!("| {} | {what} | {} | {} |\n", cell(change.path.as_str()), short(change.before), short(change.after)));
        }
    }
    for digest in record.purge.iter().flatten() {
        out.push_str(&format!("\nPurges the bytes `{digest}`.\n"));
    }
    let count = &examined.count;
    if count.voters == 0 {
        out.push_str("\nNo member had a vote.\n");
        return out;
    }
    out.push_str("\n| seat | member | weight | ballot | confidence |\n|---|---|---|---|---|\n");
    for member in examined.law.roster.voters() {
        let vote = examined.folder.last_vote(&member.name).map(Signed::record);
        let (choice, confidence) = vote.map_or(("-", "-".to_owned()), |vote| (vote.choice.as_str(), vote.confidence.to_string()));
        out.push_str(&format!("| {} | {} | {} | {choice} | {confidence} |\n", member.seat, member.name, member.weight));
    }
    out.push_str(&tally_text(count));
    out
}

fn tally_text(count: &Count) -> String {
    let tally = &count.tally;
    let outcome = match count.outcome {
        Outcome::Approved => "the council approves",
        Outcome::Rejected => "the council rejects",
        Outcome::Undecided => "the council is undecided",
    };
    format!(
        "\nCast {} of {}: approve {}, reject {}, amend {}, abstain {}. Members {} of {}, operators {}. Quorum {}; {outcome}.\n",
        tally.cast,
        tally.eligible,
        tally.approve,
        tally.reject,
        tally.amend,
        tally.abstain,
        count.people,
        count.voters,
        count.operators,
        if count.quorum { "met" } else { "not met" },
    )
}

fn heading(what: &str, title: &str, examined: &Examined<'_>) -> String {
    format!("# {what}: {}\n\n{}\n", escape(title), examined.id)
}

/// One record as a line about it and its body as a quotation.
fn said<R: Record>(signed: &Signed<R>, verb: &str, details: &str) -> String {
    let record = signed.record();
    let mut out = format!("`{}` {verb}{details} ({}, key {})\n", record.by(), record.at(), short_key(signed.signer()));
    if !signed.body().is_empty() {
        out.push('\n');
    }
    for line in signed.body().lines() {
        out.push_str(if line.is_empty() { ">" } else { "> " });
        // A quotation cannot end early, and HTML in it stays text.
        out.push_str(&visible(line).replace('<', "&lt;"));
        out.push('\n');
    }
    out
}

fn short_key(key: &PublicKey) -> String {
    key.id().to_string()[..8].to_owned()
}

/// Text on one line of Markdown, as text.
fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in visible(text).chars() {
        if matches!(c, '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '|' | '#' | '!' | '&' | '~') {
            out.push('\\');
        }
        out.push(c);
    }
    out
}

/// Text in a cell of a Markdown table, as code.
fn cell(text: &str) -> String {
    format!("`{}`", visible(text).replace('`', "'").replace('|', "\\|"))
}
