//! A count, explained line by line.

use crate::canon::text::shown as visible;
use crate::council::tally::{Of, Outcome, Requirement};
use crate::survey::tally::{BallotLine, Missing, TallyReport};

use super::human::{choice_style, next};
use super::style::{BAD, FAINT, GOOD, NAME, STRONG, WAITING, paint};

/// The whole explanation.
pub fn tally(report: &TallyReport) -> String {
    let mut out = format!("{}\n{}\n", paint(STRONG, visible(&report.title)), paint(FAINT, &report.resolution));
    out.push_str(&format!("{} risk, stage {}\n\n", report.risk, report.stage));
    out.push_str(&ballots(&report.ballots));
    if report.count.voters == 0 {
        out.push_str("\nno member has a vote: the Chief decides\n");
        return out;
    }
    out.push('\n');
    for requirement in &report.quorum {
        let rule = if requirement.of == Of::Weight { format!(" ({})", report.quorum_ratio) } else { String::new() };
        out.push_str(&line(word(requirement), &format!("{}{rule}", amount(requirement)), requirement.is_met()));
    }
    let (tally, needed) = (&report.count.tally, report.count.approve_weight);
    if let Some(faults) = &report.faults {
        let text = format!("{} voters, {} needed to tolerate {} faulty ones (3f+1)", faults.voters, faults.needed, faults.claimed);
        out.push_str(&line("tolerance", &text, faults.met));
    }
    let approve = format!("{} of {} cast, {needed} needed (at least {})", tally.approve, tally.cast, report.threshold);
    out.push_str(&line("approve", &approve, tally.cast > 0 && tally.approve >= needed));
    let reject = format!("{} of {} cast (rejected above 1 - {})", tally.reject, tally.cast, report.threshold);
    out.push_str(&format!("  {:18} {reject}\n", "reject"));
    out.push('\n');
    out.push_str(&outcome(report));
    if !report.hypothetical {
        out.push_str(&next(&report.next));
    }
    out
}

fn ballots(lines: &[BallotLine]) -> String {
    let width = lines.iter().map(|line| line.member.as_str().len()).max().unwrap_or(0);
    let mut out = String::new();
    for line in lines {
        let sign = if line.counts { paint(GOOD, "+") } else { paint(FAINT, "-") };
        let choice =
            line.choice.map_or_else(|| format!("{:8}", ""), |choice| paint(choice_style(choice), format!("{:8}", choice.as_str())));
        let mut notes: Vec<String> = Vec::new();
        notes.extend(line.assumed.then(|| "what if".to_owned()));
        notes.extend(line.ballot.map(|number| format!("ballot {number}")));
        notes.extend(line.why_not.clone());
        notes.extend((line.answers != line.member).then(|| format!("answered for by {}", line.answers)));
        out.push_str(&format!(
            "  {sign} {} weight {:<3} {choice} {}\n",
            paint(NAME, format!("{:width$}", line.member.as_str())),
            line.weight,
            paint(FAINT, notes.join(", "))
        ));
    }
    out
}

fn word(requirement: &Requirement) -> &'static str {
    match requirement.of {
        Of::Weight => "quorum by weight",
        Of::People => "quorum by people",
        Of::Operators => "operators",
        Of::Faults => "cast in spite of faults",
    }
}

fn amount(requirement: &Requirement) -> String {
    let Requirement { reached, needed, whole, .. } = requirement;
    format!("{reached} of {whole}, {needed} needed")
}

fn line(word: &str, text: &str, met: bool) -> String {
    let (style, met) = if met { (GOOD, "reached") } else { (WAITING, "not reached") };
    format!("  {word:18} {text}: {}\n", paint(style, met))
}

fn outcome(report: &TallyReport) -> String {
    let (style, words) = match (report.count.quorum, report.count.outcome) {
        (false, _) => (WAITING, "the council has not met: there is no quorum"),
        (true, Outcome::Approved) => (GOOD, "the council approves"),
        (true, Outcome::Rejected) => (BAD, "the council rejects"),
        (true, Outcome::Undecided) => (WAITING, "the council is undecided"),
    };
    let if_so = if report.hypothetical { "if so, " } else { "" };
    let mut out = format!("{if_so}{}\n", paint(style, words));
    if let Some(bypass) = report.count.bypass {
        let permits = if report.count.bypass_permitted { "permits" } else { "does not permit" };
        out.push_str(&format!(
            "to approve now, the Chief would need the bypass {}, which {} risk {permits}\n",
            bypass.as_str(),
            report.risk
        ));
    }
    if let Some(missing) = &report.missing {
        out.push_str(&format!("to be approved by the council: {}\n", lacking(missing)));
    }
    out
}

fn lacking(missing: &Missing) -> String {
    if let Some(why_not) = &missing.why_not {
        return why_not.clone();
    }
    let names: Vec<String> = missing.members.iter().map(|name| format!("`{name}`")).collect();
    match missing.each {
        Some(weight) => format!("{} more of weight {weight}, such as {}", names.len(), names.join(", ")),
        None => format!("{} more: {}", names.len(), names.join(", ")),
    }
}
