use clap::Subcommand;

use super::{
    add, ask, checkpoint, diff, emergency, enrol, list, log, propose, restore, revert, review, rule, show, statement, status, tally, test,
    tidy, verify, vote, withdraw,
};
use crate::cli::Answer;
use crate::terminal::context::Context;
use crate::terminal::failure::Failure;

/// Change the canon, and prove it.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Show what is ratified, open, pending and wrong, and what to do next.
    Status(status::Args),
    /// Turn governed edits into a signed proposal on its own branch.
    Propose(propose::Args),
    /// Read a proposal on one screen, and vote on it.
    Review(review::Args),
    /// Vote on a proposal.
    Vote(vote::Args),
    /// Speak to a proposal, when it is your turn.
    Speak(statement::Speak),
    /// Reveal the statement that you have sealed.
    Reveal(statement::Reveal),
    /// As Clerk, mark a member as silent.
    Skip(statement::Skip),
    /// As Clerk, draw the statements together.
    Synthesize(statement::Synthesize),
    /// Sign a proposal with a key that it adds, to prove that you hold it.
    Enrol(enrol::Args),
    /// Add a record that was signed elsewhere.
    Add(add::Args),
    /// As Chief, rule on a proposal.
    Rule(rule::Args),
    /// As Chief, approve a proposal: it becomes the state.
    Ratify(rule::Ratify),
    /// As Chief, let governed edits take effect at once, until a council settles it.
    Emergency(emergency::Args),
    /// As Chief, undo an emergency that no council has settled.
    Expire(emergency::Expire),
    /// Take your own proposal back.
    Withdraw(withdraw::Args),
    /// Prove that every governed byte is what the council ratified.
    Verify(verify::Args),
    /// Run the enforcement cases of the documents, and show which rules they hold in place.
    Test(test::Args),
    /// Ask the policy of a ratified document a question.
    Ask(ask::Args),
    /// Print where the ledger ends, to be compared with others.
    Checkpoint(checkpoint::Args),
    /// List all resolutions.
    List(list::Args),
    /// Show a resolution with all that was said and voted.
    Show(show::Args),
    /// Explain what the ballots say, and what is still missing.
    Tally(tally::Args),
    /// Show the rulings, newest first.
    Log(log::Args),
    /// Show what a resolution, or your own edits, change.
    Diff(diff::Args),
    /// Bring governed files back to what is ratified.
    Restore(restore::Args),
    /// Propose the way back from a ruling.
    Revert(revert::Args),
    /// Remove records that came too late for a ruling.
    Tidy(tidy::Args),
}

impl Command {
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Status(_) => "canon status",
            Self::Propose(_) => "canon propose",
            Self::Review(_) => "canon review",
            Self::Vote(_) => "canon vote",
            Self::Speak(_) => "canon speak",
            Self::Reveal(_) => "canon reveal",
            Self::Skip(_) => "canon skip",
            Self::Synthesize(_) => "canon synthesize",
            Self::Enrol(_) => "canon enrol",
            Self::Add(_) => "canon add",
            Self::Rule(_) => "canon rule",
            Self::Ratify(_) => "canon ratify",
            Self::Emergency(_) => "canon emergency",
            Self::Expire(_) => "canon expire",
            Self::Withdraw(_) => "canon withdraw",
            Self::Verify(_) => "canon verify",
            Self::Test(_) => "canon test",
            Self::Ask(_) => "canon ask",
            Self::Checkpoint(_) => "canon checkpoint",
            Self::List(_) => "canon list",
            Self::Show(_) => "canon show",
            Self::Tally(_) => "canon tally",
            Self::Log(_) => "canon log",
            Self::Diff(_) => "canon diff",
            Self::Restore(_) => "canon restore",
            Self::Revert(_) => "canon revert",
            Self::Tidy(_) => "canon tidy",
        }
    }

    pub(crate) fn run(self, context: &Context) -> Result<Answer, Failure> {
        match self {
            Self::Status(args) => status::run(context, &args),
            Self::Propose(args) => propose::run(context, args),
            Self::Review(args) => review::run(context, args),
            Self::Vote(args) => vote::run(context, args),
            Self::Speak(args) => statement::speak(context, args),
            Self::Reveal(args) => statement::reveal(context, &args),
            Self::Skip(args) => statement::skip(context, args),
            Self::Synthesize(args) => statement::synthesize(context, args),
            Self::Enrol(args) => enrol::run(context, &args),
            Self::Add(args) => add::run(context, args),
            Self::Rule(args) => rule::run(context, args),
            Self::Ratify(args) => rule::ratify(context, args),
            Self::Emergency(args) => emergency::emergency(context, args),
            Self::Expire(args) => emergency::expire(context, args),
            Self::Withdraw(args) => withdraw::run(context, args),
            Self::Verify(args) => verify::run(context, &args),
            Self::Test(args) => test::run(context, &args),
            Self::Ask(args) => ask::run(context, &args),
            Self::Checkpoint(args) => checkpoint::run(context, &args),
            Self::List(args) => list::run(context, &args),
            Self::Show(args) => show::run(context, &args),
            Self::Tally(args) => tally::run(context, args),
            Self::Log(args) => log::run(context, &args),
            Self::Diff(args) => diff::run(context, &args),
            Self::Restore(args) => restore::run(context, &args),
            Self::Revert(args) => revert::run(context, args),
            Self::Tidy(args) => tidy::run(context, &args),
        }
    }
}
