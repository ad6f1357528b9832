use crate::cli::Answer;
use crate::cli::commands::print;
use crate::ops::enrol;
use crate::render::human;
use crate::terminal::context::Context;
use crate::terminal::failure::{Exit, Failure};
use crate::terminal::signing;

/// Sign a proposal with a key that it adds, to prove that you hold it.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  omega enrol seat-grok --key grok.key
  omega enrol seat-grok --print > proposal.md       sign it elsewhere")]
pub struct Args {
    /// The resolution, or a part of its id.
    id: String,
    /// Write the bytes to sign to standard output and sign nothing; `--key FILE.pub` may name the key that will.
    #[arg(long)]
    print: bool,
}

pub fn run(context: &Context, args: &Args) -> Result<Answer, Failure> {
    let repo = context.repo()?;
    let id = context.resolution(&repo, &args.id)?;
    if args.print {
        return print::proposal(context, &repo, |desk| enrol::enrol(desk, &id).map(drop));
    }
    let path =
        context.key.as_ref().ok_or_else(|| Failure::usage("the new key is not on the council yet, so it must be named", "--key FILE"))?;
    let signer = signing::named(context, path)?;
    let desk = context.desk(&repo, &signer, "new-member")?;
    let enrolled = enrol::enrol(&desk, &id)?;
    Ok(Answer::new(Exit::Done, human::enrol(&enrolled), &enrolled))
}
