use serde::Serialize;

use crate::canon::ResolutionId;
use crate::cli::Answer;
use crate::council::tally::Choice;
use crate::git::Repo;
use crate::ops::vote::{self, Voted};
use crate::render::human;
use crate::survey::Shown;
use crate::terminal::context::Context;
use crate::terminal::failure::{Exit, Failure};
use crate::terminal::{ask, decision, signing};

/// Read a proposal on one screen, and vote on it.
///
/// Shows what changes, the reason, who said what, and the count. Then it asks for your vote, and for the reason in your editor; an
/// empty reason signs nothing. Where there is no terminal it only shows, unless one of the flags says the vote.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  omega review say-it
  omega review say-it --approve --reason \"Shorter, and says the same.\"
  omega review say-it --reject           asks for the reason in the editor")]
pub struct Args {
    /// The resolution, or a part of its id.
    id: String,
    /// Vote yes.
    #[arg(long, group = "ballot")]
    approve: bool,
    /// Vote no.
    #[arg(long, group = "ballot")]
    reject: bool,
    /// Vote to send it back.
    #[arg(long, group = "ballot")]
    amend: bool,
    /// Take part without an opinion.
    #[arg(long, group = "ballot")]
    abstain: bool,
    /// Why; asked for in an editor where it is left out.
    #[arg(short, long, requires = "ballot")]
    reason: Option<String>,
    /// How sure you are, from 0 to 100.
    #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u8).range(0..=100))]
    confidence: u8,
}

/// What was reviewed, and the vote.
#[derive(Debug, Serialize, schemars::JsonSchema)]
pub struct Reviewed {
    /// The resolution.
    pub resolution: ResolutionId,
    /// What was shown.
    pub shown: Shown,
    /// The vote, if one was cast.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub voted: Option<Voted>,
}

pub fn run(context: &Context, args: Args) -> Result<Answer, Failure> {
    let repo = context.repo()?;
    let id = context.resolution(&repo, &args.id)?;
    let (shown, screen) = decision::screen(context, &repo, &id)?;
    let flagged =
        [(args.approve, Choice::Approve), (args.reject, Choice::Reject), (args.amend, Choice::Amend), (args.abstain, Choice::Abstain)];
    let flagged = flagged.into_iter().find_map(|(is_set, choice)| is_set.then_some(choice));
    let takes_votes = shown.summary.standing == "open" && shown.recovery.is_none();
    let asks = flagged.is_none() && takes_votes && ask::is_interactive() && !signing::is_chief(context, &repo)?;
    let (choice, text) = if asks {
        ask::show(&format!("{screen}\n"))?;
        (question()?, String::new())
    } else {
        (flagged, screen)
    };
    let Some(choice) = choice else {
        let text = if asks { "nothing was signed\n".to_owned() } else { text };
        return Answer::new(Exit::Done, text, &Reviewed { resolution: id, shown, voted: None }).read_only(context, &repo);
    };
    let voted = cast(context, &repo, &id, choice, args.reason, args.confidence)?;
    let gap = if text.is_empty() { "" } else { "\n" };
    let text = format!("{text}{gap}{}", human::vote(&voted));
    Ok(Answer::new(Exit::Done, text, &Reviewed { resolution: id, shown, voted: Some(voted) }))
}

/// Signs a vote, with the reason that was given or is written in the editor.
fn cast(
    context: &Context,
    repo: &Repo,
    id: &ResolutionId,
    choice: Choice,
    reason: Option<String>,
    confidence: u8,
) -> Result<Voted, Failure> {
    let (signer, member) = signing::find(context, repo, false)?;
    let reason = decision::reason(context, repo, id, reason, &format!("Why do you vote `{}`?", choice.as_str()))?;
    let desk = context.desk(repo, &signer, member.as_str())?;
    Ok(vote::vote(&desk, id, choice, confidence, &reason)?)
}

/// Asks for the vote; nothing, where the user leaves it.
fn question() -> Result<Option<Choice>, Failure> {
    const CHOICES: [Choice; 4] = [Choice::Approve, Choice::Reject, Choice::Amend, Choice::Abstain];
    loop {
        let answer = ask::line("vote: approve, reject, amend, abstain, or leave? ")?.to_ascii_lowercase();
        if answer.is_empty() || "leave".starts_with(&answer) {
            return Ok(None);
        }
        let meant: Vec<Choice> = CHOICES.into_iter().filter(|choice| choice.as_str().starts_with(&answer)).collect();
        match meant.as_slice() {
            [choice] => return Ok(Some(*choice)),
            [] => ask::show("write one of these words\n")?,
            _ => ask::show("write more of the word\n")?,
        }
    }
}
