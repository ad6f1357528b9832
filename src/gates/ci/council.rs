//! What the council has to do with a change: what is open in it, and what was ruled.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use crate::canon::{MemberName, RepoPath, ResolutionId};
use crate::ledger::kinds::Verdict;
use crate::survey::tally::{TallyReport, explain};
use crate::survey::verify::standing_word;
use crate::workspace::assess::Assessment;

use super::Changed;

/// More are not explained: nobody reads them.
const MAX_SHOWN: usize = 50;

/// An open proposal that a change carries.
#[derive(Debug, Serialize, schemars::JsonSchema)]
pub struct OpenProposal {
    /// Who proposes.
    pub by: MemberName,
    /// Where it stands.
    pub standing: String,
    /// The count, and who acts next.
    pub tally: TallyReport,
}

/// A ruling that a change brings.
#[derive(Debug, Serialize, schemars::JsonSchema)]
pub struct RulingReport {
    /// Its number.
    pub sequence: u32,
    /// What was ruled.
    pub verdict: Verdict,
    /// The resolution.
    pub resolution: ResolutionId,
    /// Its title.
    pub title: String,
    /// Who ruled.
    pub by: MemberName,
    /// The paths that it changed.
    pub changed: Vec<RepoPath>,
}

/// The open proposals whose drafts or records the change brings.
pub(super) fn proposals(assessment: &Assessment, changed: &Changed) -> Vec<OpenProposal> {
    let mut ids: BTreeSet<ResolutionId> = assessment.judgement.drafts.iter().map(|draft| draft.resolution.clone()).collect();
    ids.extend(changed.keys().filter_map(|path| path.strip_prefix("canon/resolutions/")?.split('/').next()?.parse().ok()));
    let open = ids.iter().filter_map(|id| {
        let standing = standing_word(assessment.standing(id)?).to_owned();
        let examined = assessment.examine(id).ok()?;
        let by = examined.proposal.record().by.clone();
        Some(OpenProposal { by, standing, tally: explain(assessment, &examined, &BTreeMap::new()) })
    });
    open.take(MAX_SHOWN).collect()
}

/// The rulings from a number on.
pub(super) fn rulings(assessment: &Assessment, from: usize) -> Vec<RulingReport> {
    let ledger = &assessment.judgement.ledger;
    let new = (0..).zip(&ledger.rulings).skip(from);
    let report = |(sequence, ruled): (u32, &crate::ledger::state::Ruled)| RulingReport {
        sequence,
        verdict: ruled.verdict,
        resolution: ruled.resolution.clone(),
        title: assessment
            .evidence
            .folders
            .get(&ruled.resolution)
            .and_then(|folder| folder.proposal.as_ref())
            .map(|proposal| proposal.record().title.clone())
            .unwrap_or_default(),
        by: ruled.by.clone(),
        changed: ledger.changed_by(sequence).cloned().collect(),
    };
    new.take(MAX_SHOWN).map(report).collect()
}
