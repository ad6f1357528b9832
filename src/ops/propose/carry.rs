//! Carrying an edit over onto a file that was ratified anew since the edit was made.

use std::collections::BTreeMap;

use crate::canon::RepoPath;
use crate::ledger::kinds::Content;
use crate::workspace::Error;
use crate::workspace::draft::carry;
use crate::workspace::files::File;
use crate::workspace::stamp::is_document_fact;

use super::wanted::Wanted;
use super::{Request, Start};

/// Makes each edit to the file as it is ratified now, if that is not the one that was edited: a proposal
/// shall not silently undo what was ratified meanwhile.
pub(super) fn carry_over(
    request: &Request<'_>,
    start: &Start,
    reference: &BTreeMap<RepoPath, Content>,
    wanted: &mut BTreeMap<RepoPath, Wanted>,
) -> Result<Vec<RepoPath>, Error> {
    let ledger = &start.assessment.judgement.ledger;
    let bytes = |content: Option<Content>| {
        let digest = content?.digest;
        start.assessment.evidence.bytes.get(&digest).or_else(|| start.edited_from.get(&digest)).map(Vec::as_slice)
    };
    let mut carried = Vec::new();
    for (path, wanted) in wanted.iter_mut() {
        let (base, current) = (reference.get(path).copied(), ledger.content(path));
        if is_document_fact(path)
            || matches!(wanted, Wanted::Released)
            || base.map(|base| base.digest) == current.map(|current| current.digest)
        {
            continue;
        }
        let merged = match wanted {
            Wanted::File(file) => carry(path, bytes(base), bytes(current), &file.bytes).map(|bytes| File { mode: file.mode, bytes }),
            _ => None,
        };
        let file = merged.ok_or_else(|| {
            let ruling = ledger.since(path).map_or_else(String::new, |sequence| format!(" by ruling {sequence}"));
            let again = request.supersedes.as_ref().map_or_else(String::new, |id| format!(" --supersedes {id}"));
            Error::denied(
                format!("`{path}` was changed{ruling} since the draft was made, in the same places"),
                format!("edit it on the main branch, and propose that: omega propose{again}"),
            )
        })?;
        *wanted = Wanted::File(file);
        carried.push(path.clone());
    }
    wanted.retain(|path, wanted| !matches!(wanted, Wanted::File(file) if Some(file.content()) == ledger.content(path)));
    Ok(carried)
}
