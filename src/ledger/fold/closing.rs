//! The folders that a ruling closes, as it saw them.

use std::borrow::Cow;
use std::collections::BTreeSet;

use crate::canon::{RepoPath, ResolutionId, layout};
use crate::finding::{Code, Finding};
use crate::ledger::evidence::Evidence;
use crate::ledger::examine::examine;
use crate::ledger::folder::Folder;
use crate::ledger::kinds::{Ruling, Verdict};
use crate::ledger::record::Signed;
use crate::ledger::state::Ledger;

use super::judging;

/// What a ruling closes.
pub(super) struct Closing<'a> {
    pub(super) id: ResolutionId,
    pub(super) folder: Cow<'a, Folder>,
    /// Earlier proposals that it closes with it.
    pub(super) superseded: Vec<ResolutionId>,
}

/// Takes the folders as the ruling saw them, and holds its list of records to what must be there.
pub(super) fn closing<'a>(ledger: &Ledger, evidence: &'a Evidence, ruling: &Signed<Ruling>) -> Result<Closing<'a>, Finding> {
    let record = ruling.record();
    let id = &record.resolution;
    let refuse = |path: &RepoPath, code, message: String| Err(Finding::error(code, path, message).of_record(id));
    for (path, digest) in &record.records {
        match evidence.digests.get(path) {
            None => return refuse(path, Code::RecordChanged, format!("ruling {} lists this file, and it is missing", record.sequence)),
            Some(found) if found != digest => {
                return refuse(path, Code::RecordChanged, format!("ruling {} saw other bytes", record.sequence));
            }
            Some(_) => {}
        }
    }
    let listed = |path: &RepoPath| record.records.contains_key(path);
    let mut expected: BTreeSet<RepoPath> = BTreeSet::new();
    let mut superseded: Vec<ResolutionId> = Vec::new();
    let mut main = None;
    let mut next = Some(id.clone());
    while let Some(current) = next.take() {
        if let Some(sequence) = ledger.closed.get(&current) {
            if main.is_none() {
                return refuse(ruling.path(), Code::Chain, format!("{current} was closed by ruling {sequence} already"));
            }
            let effective = !matches!(record.verdict, Verdict::Reject | Verdict::Amend);
            if effective && ledger.is_approved(&current) {
                return refuse(ruling.path(), Code::RecordList, format!("{current} is ratified and cannot be superseded"));
            }
            break;
        }
        let folder = match evidence.folders.get(&current) {
            // Nearly always the ruling saw all that lies there, and nothing has to be copied.
            Some(folder) if folder.records().keys().all(listed) => Cow::Borrowed(folder),
            Some(folder) => Cow::Owned(folder.restricted(&listed)),
            None => Cow::Owned(Folder::default()),
        };
        let Some(proposal) = folder.proposal.as_ref() else {
            let path = layout::in_folder(&current, "proposal.md");
            return refuse(&path, Code::RecordList, format!("ruling {} closes {current} and does not list its proposal", record.sequence));
        };
        expected.extend(folder.records().into_keys());
        next = proposal.record().supersedes.clone();
        match &main {
            None => main = Some(folder),
            Some(first) => {
                // Only the same member can supersede what nobody has ruled.
                let by = first.proposal.as_ref().map(|p| &p.record().by);
                if by != Some(&proposal.record().by) || superseded.contains(&current) || current == *id {
                    return refuse(proposal.path(), Code::RecordList, format!("{id} cannot supersede {current}"));
                }
                let (_, law) = judging(ledger, proposal)?;
                examine(&current, &folder, law, ledger.root())?;
                superseded.push(current);
            }
        }
    }
    let folder = main.expect("the first round of the loop sets it or returns");
    // Before the first ruling nobody could say anything.
    if !ledger.rulings.is_empty() {
        expected.extend(["transcript.md", "docket.md"].map(|name| layout::in_folder(id, name)));
    }
    if let Some(path) = expected.iter().find(|path| !listed(path)) {
        return refuse(path, Code::RecordList, format!("ruling {} does not list this file", record.sequence));
    }
    if let Some(path) = record.records.keys().find(|path| !expected.contains(*path)) {
        return refuse(
            path,
            Code::RecordList,
            format!("ruling {} lists this file, which is not a valid record of what it closes", record.sequence),
        );
    }
    Ok(Closing { id: id.clone(), folder, superseded })
}
