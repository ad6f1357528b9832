use crate::canon::{MemberName, Risk};
use crate::cli::Answer;
use crate::git::Repo;
use crate::keyring::Signer;
use crate::ops::propose::{self, Draft, Purpose, Source};
use crate::render::{cases, diff, human};
use crate::survey::{self, Shown};
use crate::terminal::context::Context;
use crate::terminal::editor;
use crate::terminal::editor::Question;
use crate::terminal::failure::{Exit, Failure};
use crate::terminal::{ask, signing};
use crate::workspace::Error;
use crate::workspace::desk::Desk;

/// Turn governed edits into a signed proposal on its own branch.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  omega propose --title \"Say it plainly\" --reason \"Two anchors said the same.\"
  omega propose --from feature~1 --title \"Adopt the new prompt\" --reason …
  omega propose --supersedes 2026-02-26-say-it-plainly --title …
  omega propose --edit say-it                    with what you have edited since
  omega propose --settles stop-it --reason \"It was right to stop it.\"")]
pub struct Args {
    /// One line that says what it does; asked for in an editor where it is left out.
    #[arg(short, long)]
    title: Option<String>,
    /// The case for it, in Markdown.
    #[arg(short, long)]
    reason: Option<String>,
    /// How risky it is: low, medium, high or critical; the least that is allowed where it is left out.
    #[arg(long, value_name = "CLASS")]
    risk: Option<Risk>,
    /// Propose the governed edits of this commit instead of the work tree's.
    #[arg(long, value_name = "REV")]
    from: Option<String>,
    /// Stand in the place of an earlier proposal and carry its draft over.
    #[arg(long, value_name = "ID")]
    supersedes: Option<String>,
    /// Change an open proposal of yours: one with your edits takes its place, under the same title and for the same reason where you
    /// give no others.
    #[arg(long, value_name = "ID", conflicts_with_all = ["supersedes", "settles"])]
    edit: Option<String>,
    /// Put an emergency before the council, which confirms or undoes it: its id, a part of that, or the
    /// digest of its ruling.
    #[arg(long, value_name = "EMERGENCY", conflicts_with = "from")]
    settles: Option<String>,
    /// Sign without asking.
    #[arg(short, long)]
    yes: bool,
}

/// What is asked before a proposal is signed.
pub const QUESTION: &str = "sign and propose this?";

/// The title by which a proposal is planned that has none yet: only to show what it would change.
pub const NO_TITLE_YET: &str = "Untitled";

pub fn run(context: &Context, mut args: Args) -> Result<Answer, Failure> {
    let repo = context.repo()?;
    if let Some(id) = args.edit.take() {
        let earlier = open_one(context, &repo, &id)?;
        args.title.get_or_insert(earlier.summary.title);
        args.reason.get_or_insert(earlier.reason);
        args.supersedes = Some(earlier.summary.id.to_string());
    }
    let (signer, member) = signing::find(context, &repo, false)?;
    let desk = context.desk(&repo, &signer, member.as_str())?;
    let purpose = args.settles.map_or(Purpose::Change, Purpose::Settlement);
    let named = args.supersedes.is_some() || purpose != Purpose::Change;
    let source = match args.from {
        Some(rev) => Source::Commit(repo.resolve(&rev)?),
        None => Source::WorkTree,
    };
    let mut request = propose::Request {
        purpose,
        risk: args.risk,
        supersedes: args.supersedes.map(|id| context.resolution(&repo, &id)).transpose()?,
        ..propose::Request::new(NO_TITLE_YET, String::new(), source)
    };
    let about = || Ok(diff::plan(&propose::plan(&desk, &request)?));
    (request.title, request.reason) = words(&repo, args.title, args.reason, named, about)?;
    submit(&desk, &member, &request, args.yes)
}

/// A proposal that can still be changed.
fn open_one(context: &Context, repo: &Repo, id: &str) -> Result<Shown, Failure> {
    let shown = survey::show(repo, &context.resolution(repo, id)?, context.now, context.threads)?;
    match shown.summary.standing.as_str() {
        "open" | "stale" => Ok(shown),
        standing => {
            let fact = format!("{} is closed ({standing})", shown.summary.id);
            Err(Error::denied(fact, "propose the next change on its own: omega propose").into())
        }
    }
}

/// How a change is proposed that omega drafts itself.
#[derive(Debug, clap::Args)]
pub struct How {
    /// One line that says what it does; omega finds one where it is left out.
    #[arg(short, long)]
    title: Option<String>,
    /// The case for it, in Markdown; the bare facts where it is left out.
    #[arg(short, long)]
    reason: Option<String>,
    /// Sign without asking.
    #[arg(short, long)]
    yes: bool,
}

/// A change that omega drafts itself.
pub struct Change<'a> {
    /// The title, where none was given.
    pub title: String,
    /// The reason, where none was given.
    pub reason: String,
    /// Added keys that are at hand.
    pub enrol: &'a [Signer],
    /// Whether it replaces a lost key of the Chief.
    pub recovery: bool,
}

/// Drafts a change, shows it, and proposes it.
pub fn change(
    context: &Context,
    repo: &Repo,
    (signer, member): (&Signer, &MemberName),
    how: How,
    change: Change<'_>,
    draft: &Draft<'_>,
) -> Result<Answer, Failure> {
    let desk = context.desk(repo, signer, member.as_str())?;
    let request = propose::Request {
        purpose: if change.recovery { Purpose::Recovery } else { Purpose::Change },
        enrol: change.enrol,
        ..propose::Request::new(how.title.unwrap_or(change.title), how.reason.unwrap_or(change.reason), Source::Drafted(draft))
    };
    submit(&desk, member, &request, how.yes)
}

/// Shows what would be proposed, asks where somebody can be asked, and proposes it.
fn submit(desk: &Desk<'_>, member: &MemberName, request: &propose::Request<'_>, yes: bool) -> Result<Answer, Failure> {
    let (shown, proposed) = sign(desk, member, request, yes, QUESTION)?;
    Ok(Answer::new(Exit::Done, shown + &human::propose(&proposed), &proposed))
}

/// The same, and gives the diff, unless somebody was asked and has seen it.
pub fn sign(
    desk: &Desk<'_>,
    member: &MemberName,
    request: &propose::Request<'_>,
    yes: bool,
    question: &str,
) -> Result<(String, propose::Proposed), Failure> {
    let plan = propose::plan(desk, request)?;
    let shown = diff::plan(&plan);
    let asks = ask::is_interactive() && !yes;
    if asks {
        let notes = [
            human::carried(&plan.carried),
            human::findings(&plan.findings),
            human::returning(&plan.returning),
            cases::shifts(&plan.shifts),
        ]
        .concat();
        ask::show(&format!("{shown}\n{} ({} risk) by {member}\n{notes}", plan.id, plan.risk))?;
        if !ask::confirm(question)? {
            return Err(Error::denied("nothing was proposed", "repeat the command when you are sure").into());
        }
    }
    let proposed = propose::propose(desk, request, &plan)?;
    let gap = if shown.is_empty() { "" } else { "\n" };
    Ok((if asks { String::new() } else { format!("{shown}{gap}") }, proposed))
}

/// Title and reason, from the flags or from the editor, which shows what is proposed. What stands for something else may be
/// named after that.
pub fn words(
    repo: &Repo,
    title: Option<String>,
    reason: Option<String>,
    named: bool,
    about: impl FnOnce() -> Result<String, Failure>,
) -> Result<(String, String), Failure> {
    match (title, reason) {
        (Some(title), Some(reason)) => Ok((title, reason)),
        (None, Some(reason)) if named => Ok((String::new(), reason)),
        (title, reason) if ask::is_interactive() => {
            let template = format!("{}\n\n{}", title.unwrap_or_default(), reason.unwrap_or_default());
            let asked = "The first line is the title. The rest is the case for the proposal.";
            let text = editor::write(repo, &Question { template: &template, asked, about: &about()? })?;
            let (title, reason) = text.split_once('\n').unwrap_or((&text, ""));
            Ok((title.trim().to_owned(), reason.trim().to_owned()))
        }
        (None, _) => Err(Failure::usage("the proposal has no title", "--title \"One line that says what it does\"")),
        (_, None) => Err(Failure::usage("the proposal has no reason", "--reason \"The case for it\"")),
    }
}
