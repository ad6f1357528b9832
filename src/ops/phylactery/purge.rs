//! Which bytes a purge names: versions that are no longer in force, or an entry as a whole.

use crate::canon::{RepoPath, layout};
use crate::digest::Digest;
use crate::ledger::state::Ledger;
use crate::phylactery::EntryId;

use crate::survey::phylactery::unknown;
use crate::survey::phylactery::versions;
use crate::workspace::Error;
use crate::workspace::assess::Assessment;
use crate::workspace::stamp::is_document_fact;

/// How much of an entry is purged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Extent {
    /// One version that is not in force.
    Version(u32),
    /// All versions that are not in force.
    AllOld,
    /// The entry is removed, and every byte that was ever proposed for it goes.
    Whole,
}

/// What a proposal to purge names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Purge {
    /// The bytes, sorted.
    pub digests: Vec<Digest>,
    /// The entry that is removed with them.
    pub remove: Option<RepoPath>,
    /// A title for the proposal.
    pub title: String,
}

/// What a proposal to purge an entry names.
///
/// # Errors
/// Denied, if these bytes are in force or gone already; usage, if there never were any.
pub fn purge(assessment: &Assessment, id: &EntryId, extent: Extent) -> Result<Purge, Error> {
    let ledger = &assessment.judgement.ledger;
    let path = layout::entry(id.domain, &id.key);
    let versions = versions(ledger, &assessment.evidence.bytes, &path);
    if versions.is_empty() && !(extent == Extent::Whole && named_at(ledger, &path).next().is_some()) {
        return Err(unknown(assessment, id, "history"));
    }
    let live = ledger.content(&path);
    let (mut digests, remove): (Vec<Digest>, Option<RepoPath>) = match extent {
        Extent::Version(number) => {
            let known = || versions.iter().filter_map(|v| v.version).map(|n| n.to_string()).collect::<Vec<_>>().join(", ");
            let version = versions.iter().find(|version| version.version == Some(number)).ok_or_else(|| {
                let known = format!("`{id}` has no version {number} that could be purged: what is left are versions {}", known());
                Error::usage(known, format!("omega phylactery history {id}"))
            })?;
            if version.live {
                return Err(Error::denied(
                    format!("version {number} of `{id}` is in force"),
                    format!(
                        "supersede it first: omega phylactery supersede {id} --value … --source …; or remove all of it: omega phylactery purge {id} --whole"
                    ),
                ));
            }
            (vec![version.digest], None)
        }
        Extent::AllOld => (versions.iter().filter(|v| !v.live && v.purged_by.is_none()).map(|v| v.digest).collect(), None),
        Extent::Whole if is_document_fact(&path) => {
            return Err(Error::denied(
                format!("`{id}` keeps the version of a document, and goes with it"),
                format!("purge its old versions: omega phylactery purge {id} --all-old"),
            ));
        }
        Extent::Whole => (named_at(ledger, &path).collect(), live.map(|_| path.clone())),
    };
    digests.sort();
    if digests.is_empty() {
        return Err(Error::denied(format!("there is nothing of `{id}` to purge"), format!("omega phylactery history {id}")));
    }
    let title = match extent {
        Extent::Version(number) => format!("Purge version {number} of {id}"),
        Extent::AllOld => format!("Purge the old versions of {id}"),
        Extent::Whole => format!("Purge {id} as a whole"),
    };
    Ok(Purge { digests, remove, title })
}

/// The bytes that ruled proposals named at a path, rejected ones too, and that are not purged.
fn named_at<'l>(ledger: &'l Ledger, path: &'l RepoPath) -> impl Iterator<Item = Digest> + 'l {
    let here = |paths: &std::collections::BTreeSet<RepoPath>| paths.contains(path);
    let named = ledger.named.iter().filter(move |(_, paths)| paths.as_ref().is_some_and(here));
    named.map(|(digest, _)| *digest).filter(|digest| !ledger.purged.contains_key(digest))
}
