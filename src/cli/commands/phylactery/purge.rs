use crate::canon::Risk;
use crate::cli::Answer;
use crate::cli::commands::propose::{QUESTION, sign, words};
use crate::ops::phylactery::Extent;
use crate::ops::propose::{self, Purpose, Request, Source};
use crate::phylactery::EntryId;
use crate::render::{diff, human};
use crate::terminal::context::Context;
use crate::terminal::failure::{Exit, Failure};
use crate::terminal::signing;

/// Propose to forget versions of an entry for good.
///
/// Once it is ratified, the bytes are gone from the tree, and every later tree that holds them is a violation.
/// Their digests stay, so the ledger still verifies. Git's history, other clones and backups hold the bytes
/// until somebody rewrites or deletes them: the purge says that this may be done, and does not do it.
#[derive(Debug, clap::Args)]
#[command(
    disable_version_flag = true,
    after_help = "Examples:
  omega phylactery purge memory/guest --version 2 --reason \"It names a person.\"
  omega phylactery purge memory/guest --all-old --reason …
  omega phylactery purge memory/guest --whole --reason …  the entry itself, too"
)]
pub struct Args {
    /// The entry, as in `memory/guest`.
    #[arg(value_name = "DOMAIN/KEY")]
    entry: EntryId,
    /// Forget this version, which is not in force any more.
    #[arg(long = "version", id = "number", value_name = "N", required_unless_present_any = ["all_old", "whole"], conflicts_with_all = ["all_old", "whole"])]
    number: Option<u32>,
    /// Forget all versions that are not in force.
    #[arg(long, conflicts_with = "whole")]
    all_old: bool,
    /// Remove the entry, and forget everything that was ever ruled on for it.
    #[arg(long)]
    whole: bool,
    /// The title of the proposal.
    #[arg(short, long)]
    title: Option<String>,
    /// The case for it, in Markdown.
    #[arg(short, long)]
    reason: Option<String>,
    /// How risky it is; the least that is allowed where it is left out.
    #[arg(long, value_name = "CLASS")]
    risk: Option<Risk>,
    /// Sign without asking.
    #[arg(short, long)]
    yes: bool,
}

pub fn run(context: &Context, args: Args) -> Result<Answer, Failure> {
    let extent = match (args.number, args.whole) {
        (Some(number), _) => Extent::Version(number),
        (None, true) => Extent::Whole,
        (None, false) => Extent::AllOld,
    };
    let repo = context.repo()?;
    let (signer, member) = signing::find(context, &repo, false)?;
    let desk = context.desk(&repo, &signer, member.as_str())?;
    let purpose = Purpose::Purge(args.entry, extent);
    let mut request = Request { purpose, risk: args.risk, ..Request::new("", "", Source::WorkTree) };
    let about = || Ok(diff::plan(&propose::plan(&desk, &request)?));
    (request.title, request.reason) = words(&repo, args.title, args.reason, true, about)?;
    let (shown, proposed) = sign(&desk, &member, &request, args.yes, QUESTION)?;
    Ok(Answer::new(Exit::Done, shown + &human::propose(&proposed), &proposed))
}
