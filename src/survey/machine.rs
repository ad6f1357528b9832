//! The ratified protocol, for looking at it.

use serde::Serialize;

use crate::canon::ByRisk;
use crate::canon::policy::{Deliberation, Submissions, Transition};
use crate::git::Repo;

use crate::workspace::Error;
use crate::workspace::assess::assess;

/// The protocol in force at HEAD.
#[derive(Debug, Serialize, schemars::JsonSchema)]
pub struct MachineReport {
    /// Whether turns and a synthesis come before the votes, by risk class.
    pub deliberation: ByRisk<Deliberation>,
    /// Whether statements are seen as they are made.
    pub submissions: Submissions,
    /// How often each member speaks, at most.
    pub laps: u32,
    /// How many must have spoken before the synthesis.
    pub minimum_spoken: u32,
    /// The ways between the stages, in the order in which they are tried.
    pub transitions: Vec<Transition>,
}

/// Reads the ratified protocol; drafts play no part in it.
///
/// # Errors
/// When there is no canon, or it does not hold from its first ruling on.
pub fn machine(repo: &Repo, threads: usize) -> Result<MachineReport, Error> {
    let head = repo.head()?.commit.ok_or_else(|| Error::usage("there is no commit yet", "omega init"))?;
    let assessment = assess(&repo.revision(head)?, threads)?;
    let Some(law) = assessment.judgement.ledger.law().cloned() else { return Err(assessment.lawless()) };
    let pipe = &law.protocol;
    Ok(MachineReport {
        deliberation: pipe.deliberation.clone(),
        submissions: pipe.submissions,
        laps: pipe.laps,
        minimum_spoken: pipe.minimum_spoken,
        transitions: pipe.machine.transitions.clone(),
    })
}
