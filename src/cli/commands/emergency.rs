use super::propose::{NO_TITLE_YET, words};
use crate::canon::Risk;
use crate::cli::Answer;
use crate::ops::emergency::{Request, rule_at_once};
use crate::ops::propose::{self, Source};
use crate::render::{diff, human};
use crate::terminal::context::Context;
use crate::terminal::failure::{Exit, Failure};
use crate::terminal::{ask, signing};
use crate::workspace::Error;

/// As Chief, let governed edits take effect at once, until a council settles it.
///
/// Only where waiting would do harm. The council, its protocol, the rules of consensus and security, and
/// what `who` names are out of reach. A council must open soon (omega propose --settles); what is not
/// settled in time no longer holds.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  omega emergency --title \"Stop the greeting\" --reason \"It leaks a name.\" --yes
  omega emergency --title \"Stop the greeting\" --reason … --no-merge  leave the main branch to a pull request")]
pub struct Args {
    /// One line that says what it does; asked for in an editor where it is left out.
    #[arg(short, long)]
    title: Option<String>,
    /// Why it cannot wait, in Markdown.
    #[arg(short, long)]
    reason: Option<String>,
    /// How risky it is: low, medium, high or critical; the least that is allowed where it is left out.
    #[arg(long, value_name = "CLASS")]
    risk: Option<Risk>,
    /// Leave the main branch as it is; a pull request takes the ruling up.
    #[arg(long)]
    no_merge: bool,
    /// Rule without asking.
    #[arg(short, long)]
    yes: bool,
}

/// As Chief, undo an emergency that no council has settled.
///
/// The exact bytes of before come back. This can be done at any time, and has to be done once the emergency
/// ran out.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:
  omega expire 2026-02-26-stop-the-greeting --yes")]
pub struct Expire {
    /// The emergency: its resolution, a part of its id, or the digest of its ruling.
    id: String,
    /// Why.
    #[arg(short, long)]
    reason: Option<String>,
    /// Leave the main branch as it is; a pull request takes the ruling up.
    #[arg(long)]
    no_merge: bool,
    /// Rule without asking.
    #[arg(short, long)]
    yes: bool,
}

pub fn emergency(context: &Context, args: Args) -> Result<Answer, Failure> {
    let purpose = propose::Purpose::Emergency;
    let mut proposal = propose::Request { purpose, risk: args.risk, ..propose::Request::new(NO_TITLE_YET, "", Source::WorkTree) };
    let repo = context.repo()?;
    let about = || {
        let (signer, member) = signing::find(context, &repo, true)?;
        let desk = context.desk(&repo, &signer, member.as_str())?;
        Ok(diff::plan(&propose::plan(&desk, &proposal)?))
    };
    (proposal.title, proposal.reason) = words(&repo, args.title, args.reason, false, about)?;
    decide(context, &proposal, !args.no_merge, args.yes)
}

pub fn expire(context: &Context, args: Expire) -> Result<Answer, Failure> {
    let reason = args.reason.unwrap_or_default();
    let purpose = propose::Purpose::Expiry(args.id);
    let proposal = propose::Request { purpose, ..propose::Request::new("", reason, Source::WorkTree) };
    decide(context, &proposal, !args.no_merge, args.yes)
}

fn decide(context: &Context, proposal: &propose::Request<'_>, merge: bool, yes: bool) -> Result<Answer, Failure> {
    let repo = context.repo()?;
    let (signer, member) = signing::find(context, &repo, true)?;
    let desk = context.desk(&repo, &signer, member.as_str())?;
    let request = Request { proposal, merge };
    // Who may not rule is told so before anything is asked.
    let plan = propose::plan(&desk, proposal)?;
    ask::can_confirm(yes)?;
    let shown = diff::plan(&plan);
    if !yes {
        let what = if proposal.purpose == propose::Purpose::Emergency { "let this take effect at once" } else { "undo the emergency" };
        ask::show(&format!("{shown}\n{} ({} risk)\n", plan.id, plan.risk))?;
        if !ask::confirm(&format!("as Chief `{member}`, {what}?"))? {
            return Err(Error::denied("nothing was ruled", "omega status").into());
        }
    }
    let ruled = rule_at_once(&desk, &request, &plan)?;
    context.learn(&repo, ruled.merged.as_deref())?;
    // Whoever was asked has seen it.
    let shown = if shown.is_empty() || !yes { String::new() } else { format!("{shown}\n") };
    Ok(Answer::new(Exit::Done, shown + &human::rule(&ruled), &ruled))
}
