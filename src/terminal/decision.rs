//! What a decision is about, as it is shown to the member who makes it.

use crate::canon::ResolutionId;
use crate::git::Repo;
use crate::render::{self, diff, tally as counted};
use crate::survey::tally::{self, TallyReport};
use crate::survey::{self, Shown};
use crate::workspace::draft::Changed;

use super::context::Context;
use super::editor::Question;
use super::failure::Failure;
use super::{ask, editor};

/// Title, changes and count of a resolution.
pub struct Decision {
    sides: Vec<Changed>,
    tally: TallyReport,
}

/// What is decided with a resolution.
pub fn of(context: &Context, repo: &Repo, id: &ResolutionId) -> Result<Decision, Failure> {
    let mut sides = survey::diff(repo, id, context.threads)?;
    // The fact of a document says its version and digest: it follows from the document.
    sides.retain(|side| !side.path.as_str().starts_with("canon/phylactery/fact/"));
    let tally = tally::tally(repo, id, &std::collections::BTreeMap::new(), context.threads)?;
    Ok(Decision { sides, tally })
}

impl Decision {
    /// Title and tally, and the whole difference.
    pub fn whole(&self) -> String {
        format!("{}\n{}", counted::tally(&self.tally), self.diff())
    }

    fn diff(&self) -> String {
        let render = |side: &Changed| diff::render(side.path.as_str(), side.what, side.before.as_deref(), side.after.as_deref());
        self.sides.iter().map(render).collect()
    }
}

/// All that a member decides upon, on one screen: what changes, who says what, and how the ballots are.
pub fn screen(context: &Context, repo: &Repo, id: &ResolutionId) -> Result<(Shown, String), Failure> {
    let decision = of(context, repo, id)?;
    let mut shown = survey::show(repo, id, context.now, context.threads)?;
    shown.changes.retain(|change| !change.path.as_str().starts_with("canon/phylactery/fact/"));
    let text = format!("{}\n{}", decision.diff(), render::survey::show(&shown));
    Ok((shown, text))
}

/// A reason, from the flag or from the editor, which shows what it is for.
pub fn reason(context: &Context, repo: &Repo, id: &ResolutionId, given: Option<String>, asked: &str) -> Result<String, Failure> {
    written(context, repo, id, given, asked, "")
}

/// The same, with a template to begin with.
pub fn written(
    context: &Context,
    repo: &Repo,
    id: &ResolutionId,
    given: Option<String>,
    asked: &str,
    template: &str,
) -> Result<String, Failure> {
    match given {
        Some(text) => Ok(text),
        None if ask::is_interactive() => {
            let about = of(context, repo, id)?.whole();
            editor::write(repo, &Question { template, asked, about: &about })
        }
        None => Err(Failure::usage("there is no reason", "--reason \"…\"")),
    }
}
