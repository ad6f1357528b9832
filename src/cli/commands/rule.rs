use clap::ValueEnum;

use super::propose::{self, NO_TITLE_YET, words};
use crate::canon::policy::Bypass;
use crate::canon::{MemberName, ResolutionId};
use crate::cli::Answer;
use crate::git::Repo;
use crate::keyring::Signer;
use crate::ledger::kinds::Verdict;
use crate::ops::propose::{Request, Source, plan};
use crate::ops::rule;
use crate::render::{diff, human};
use crate::terminal::context::Context;
use crate::terminal::failure::{Exit, Failure};
use crate::terminal::{ask, decision, signing};
use crate::workspace::Error;

/// As Chief, rule on a proposal.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  omega rule 2026-02-26-say-it-plainly reject --reason \"Not without the second anchor.\" --yes
  omega rule say-it amend --reason \"Keep the second anchor, then propose it again.\"")]
pub struct Args {
    /// The resolution, or a part of its id.
    id: String,
    /// The ruling.
    #[arg(value_enum)]
    verdict: Ruling,
    #[command(flatten)]
    how: How,
}

/// As Chief, approve a proposal: it becomes the state, on the main branch.
///
/// Where no member has a vote, the id can be left out: then the governed edits of the work tree are proposed and ratified in one go.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  omega ratify 2026-02-26-say-it-plainly
  omega ratify --title \"Say it plainly\" --reason …  where no member has a vote
  omega ratify say-it --no-merge                    leave the main branch to a pull request
  omega ratify say-it --bypass QUORUM_UNAVAILABLE --reason \"Two of us are away.\" --yes")]
pub struct Ratify {
    /// The resolution, or a part of its id.
    id: Option<String>,
    /// One line that says what your edits do, where the id is left out.
    #[arg(short, long, conflicts_with = "id")]
    title: Option<String>,
    #[command(flatten)]
    how: How,
}

/// How a ruling is made.
#[derive(Debug, clap::Args)]
struct How {
    /// Why.
    #[arg(short, long)]
    reason: Option<String>,
    /// Approve although the council does not, for this reason.
    #[arg(long, value_enum, value_name = "WHY")]
    bypass: Option<Why>,
    /// Leave the main branch as it is; a pull request takes the ruling up.
    #[arg(long)]
    no_merge: bool,
    /// Rule without asking.
    #[arg(short, long)]
    yes: bool,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Ruling {
    /// It holds.
    Approve,
    /// It does not.
    Reject,
    /// Back to the proposer.
    Amend,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Why {
    /// The council is undecided, or against.
    #[value(name = "OVERRIDE", alias = "override")]
    Override,
    /// Too few cast a ballot.
    #[value(name = "QUORUM_UNAVAILABLE", alias = "quorum_unavailable")]
    QuorumUnavailable,
    /// Too few voters for the faults that are claimed to be tolerated.
    #[value(name = "STRICT_MODE_DISABLED", alias = "strict_mode_disabled")]
    StrictModeDisabled,
}

pub fn run(context: &Context, args: Args) -> Result<Answer, Failure> {
    let verdict = match args.verdict {
        Ruling::Approve => Verdict::Approve,
        Ruling::Reject => Verdict::Reject,
        Ruling::Amend => Verdict::Amend,
    };
    decide(context, &args.id, verdict, args.how)
}

pub fn ratify(context: &Context, args: Ratify) -> Result<Answer, Failure> {
    match &args.id {
        Some(id) => decide(context, id, Verdict::Approve, args.how),
        None => propose_and_ratify(context, args.title, args.how),
    }
}

/// Proposes the governed edits of the work tree and ratifies them, where the Chief decides alone.
fn propose_and_ratify(context: &Context, title: Option<String>, how: How) -> Result<Answer, Failure> {
    let repo = context.repo()?;
    let (signer, member) = signing::find(context, &repo, true)?;
    if signing::has_voters(context, &repo)? {
        let hint = "propose it, and let them vote: omega propose; or name what is to be ratified: omega ratify ID";
        return Err(Error::denied("members of the council have a vote on this", hint).into());
    }
    ask::can_confirm(how.yes)?;
    let (shown, proposed) = {
        let desk = context.desk(&repo, &signer, member.as_str())?;
        let mut request = Request::new(NO_TITLE_YET, String::new(), Source::WorkTree);
        let about = || Ok(diff::plan(&plan(&desk, &request)?));
        (request.title, request.reason) = words(&repo, title, how.reason, false, about)?;
        propose::sign(&desk, &member, &request, how.yes, "sign, propose and ratify this?")?
    };
    let confirmed = Confirmed { reason: String::new(), bypass: None, merge: !how.no_merge, yes: true };
    let answer = conclude(context, &repo, &proposed.made.resolution, (&signer, &member), Verdict::Approve, confirmed)?;
    Ok(answer.after(&shown))
}

fn decide(context: &Context, id: &str, verdict: Verdict, how: How) -> Result<Answer, Failure> {
    let repo = context.repo()?;
    let id = context.resolution(&repo, id)?;
    let (signer, member) = signing::find(context, &repo, true)?;
    let bypass = how.bypass.map(|why| match why {
        Why::Override => Bypass::Override,
        Why::QuorumUnavailable => Bypass::QuorumUnavailable,
        Why::StrictModeDisabled => Bypass::StrictModeDisabled,
    });
    let how = Confirmed { reason: how.reason.unwrap_or_default(), bypass, merge: !how.no_merge, yes: how.yes };
    conclude(context, &repo, &id, (&signer, &member), verdict, how)
}

/// How a ruling is made, as the flags say it.
pub struct Confirmed {
    /// Why.
    pub reason: String,
    /// What it bypasses.
    pub bypass: Option<Bypass>,
    /// Whether the main branch takes it up.
    pub merge: bool,
    /// Whether nobody is asked.
    pub yes: bool,
}

/// Asks on the terminal, and rules.
pub fn conclude(
    context: &Context,
    repo: &Repo,
    id: &ResolutionId,
    (signer, chief): (&Signer, &MemberName),
    verdict: Verdict,
    how: Confirmed,
) -> Result<Answer, Failure> {
    // Only the Chief is asked to confirm: the ruling itself refuses everybody else.
    if !how.yes && *chief == signing::chief(context, repo)? {
        ask::can_confirm(how.yes)?;
        ask::show(&format!("{}\n", decision::screen(context, repo, id)?.1))?;
        if !ask::confirm(&format!("as Chief `{chief}`, rule `{}` on {id}?", verdict.as_str()))? {
            return Err(Error::denied("nothing was ruled", format!("omega show {id}")).into());
        }
    }
    let desk = context.desk(repo, signer, chief.as_str())?;
    let request = rule::Request { id, verdict, bypass: how.bypass, reason: &how.reason, merge: how.merge };
    let ruled = rule::rule(&desk, &request)?;
    context.learn(repo, ruled.merged.as_deref())?;
    Ok(Answer::new(Exit::Done, human::rule(&ruled), &ruled))
}
