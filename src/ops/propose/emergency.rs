//! What the Chief may change without asking anybody first.

use crate::canon::{MemberName, RepoPath, Who};
use crate::ledger::fold::is_constitutional;
use crate::shell;

use crate::workspace::Error;
use crate::workspace::assess::Assessment;

/// Holds an emergency to its bounds before anything is signed. `who` is what the edits say is governed.
///
/// # Errors
/// Denied, if it is not the Chief's or touches what no emergency may touch.
pub(super) fn allow<'p>(
    assessment: &Assessment,
    by: &MemberName,
    who: &Who,
    paths: impl Iterator<Item = &'p RepoPath>,
) -> Result<(), Error> {
    let ledger = &assessment.judgement.ledger;
    let law = assessment.law()?;
    let chief = &law.roster.chief().name;
    if by != chief {
        return Err(Error::denied(
            format!("only the Chief rules an emergency, and `{chief}` is the Chief"),
            "put it to the council: omega propose",
        ));
    }
    if *who != law.who {
        return Err(Error::denied(
            "an emergency may not change what `who` names",
            "leave `who` as it is, and propose that change to the council: omega propose",
        ));
    }
    for path in paths {
        let aside = || {
            format!(
                "set it aside: git stash push -- {}; and propose it to the council later: omega propose",
                shell::pathspec(path.as_str())
            )
        };
        if is_constitutional(path) {
            return Err(Error::denied(
                format!("an emergency may not touch `{path}`: council, protocol, consensus and security are the council's alone"),
                aside(),
            ));
        }
        if let Some(unsettled) = ledger.unsettled.iter().find(|unsettled| unsettled.before.contains_key(path)) {
            let id = &unsettled.resolution;
            return Err(Error::denied(
                format!("`{path}` is under the emergency of ruling {} until that is settled", unsettled.sequence),
                format!("omega propose --settles {id}; or undo it: omega expire {id}"),
            ));
        }
        if ledger.undone.contains(path) {
            return Err(Error::denied(
                format!("an emergency on `{path}` was undone, and the council has approved no change there since"),
                aside(),
            ));
        }
    }
    Ok(())
}
