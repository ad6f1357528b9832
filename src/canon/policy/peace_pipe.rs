use serde::{Deserialize, Serialize};

use crate::canon::{ByRisk, Glob, Risk};
use crate::words::words;

/// The policy of PEACE_PIPE_PROTOCOL.md. Read by the fold.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PeacePipe {
    /// Whether turns and a synthesis come before the votes.
    pub deliberation: ByRisk<Deliberation>,
    /// Whether statements are seen as they are made.
    pub submissions: Submissions,
    /// How often each member speaks, at most.
    pub laps: u32,
    /// How many must have spoken, not been skipped, before the synthesis; all, where there are fewer.
    pub minimum_spoken: u32,
    /// The least risk that a change must declare.
    pub risk: RiskFloors,
    /// Bounds of the Chief's emergency power.
    pub emergency: Emergency,
    /// Bounds that keep the council workable.
    pub limits: Limits,
    /// What a ruling must leave behind to close a resolution; see [`PeacePipe::ARTIFACTS`].
    pub artifacts: Vec<String>,
    /// The states of a resolution and the ways between them.
    pub machine: Machine,
}

impl PeacePipe {
    /// All that a ruling leaves behind.
    pub const ARTIFACTS: [&'static str; 3] = ["transcript.md", "docket.md", "ruling"];

    /// Whether these are all the artifacts that the protocol demands.
    pub fn is_bound_by(&self, left: &[&str]) -> bool {
        self.artifacts.iter().all(|artifact| left.contains(&artifact.as_str()))
    }
}

words! {
    /// Whether turns and a synthesis come before the votes.
    pub enum Deliberation {
        /// There are none.
        Off = "off",
        /// There may be.
        Optional = "optional",
        /// There must be, where there is anybody to speak.
        Required = "required",
    }
}

words! {
    /// Whether statements are seen as they are made.
    pub enum Submissions {
        /// One after the other, in seat order.
        Open = "open",
        /// Each commits to the digest of its statement first; all are revealed afterwards.
        Sealed = "sealed",
    }
}

/// The least risk that a change must declare.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RiskFloors {
    /// By path under `canon/`; of several that match, the greatest holds.
    pub floors: Vec<Floor>,
    /// For a document that was not there before.
    pub new_document: Risk,
    /// For paths that the `who` globs govern.
    pub who: Risk,
    /// For everything else.
    pub otherwise: Risk,
}

/// The least risk of a change to paths that match.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Floor {
    /// Which paths.
    pub paths: Glob,
    /// How risky.
    pub floor: Risk,
}

/// Bounds of the Chief's emergency power.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Emergency {
    /// Hours within which a council must open.
    pub settle_hours: u32,
    /// Hours after which an unsettled emergency no longer holds.
    pub expire_hours: u32,
}

/// Bounds that keep the council workable.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Limits {
    /// How many open proposals one member may have. Held when proposing.
    pub open_per_member: u32,
    /// How often a member may vote on one resolution.
    pub ballots: u32,
}

words! {
    /// The stages of a resolution, first to last. No way leads back.
    pub enum Stage {
        /// Nothing is proposed.
        Idle = "IDLE",
        /// A proposal lies before the council.
        Open = "OPEN",
        /// The pipe goes round.
        PipeGranted = "PIPE_GRANTED",
        /// All have spoken.
        Submission = "SUBMISSION",
        /// The Clerk has drawn it together.
        Synthesis = "SYNTHESIS",
        /// Ballots are cast.
        Voting = "VOTING",
        /// The Chief has spoken.
        ChiefRuling = "CHIEF_RULING",
        /// Artifacts are left; nothing more can happen.
        Close = "CLOSE",
    }
}

words! {
    /// What can happen to a resolution.
    pub enum Event {
        /// A proposal is signed.
        Propose = "propose",
        /// A member commits to a statement.
        Seal = "seal",
        /// A member shows the statement.
        Reveal = "reveal",
        /// A member speaks.
        Turn = "turn",
        /// The Clerk marks a silent member.
        Skip = "skip",
        /// The Clerk draws the statements together.
        Synthesize = "synthesize",
        /// A member votes.
        Vote = "vote",
        /// The proposer takes it back.
        Withdraw = "withdraw",
        /// The Chief rules.
        Rule = "rule",
        /// The artifacts are written.
        Close = "close",
    }
}

words! {
    /// Who can bring an event about.
    pub enum Actor {
        /// Anyone on the roster.
        Anyone = "anyone",
        /// A member whose ballots count.
        Voter = "voter",
        /// Whoever acts as Clerk.
        Clerk = "clerk",
        /// The Chief.
        Chief = "chief",
        /// Whoever proposed.
        Proposer = "proposer",
    }
}

words! {
    /// A condition on a transition; the engine knows how to judge each.
    pub enum Guard {
        /// The risk class allows deliberation.
        DeliberationAllowed = "deliberation_allowed",
        /// The risk class demands none, or there is nobody to speak.
        DeliberationNotDemanded = "deliberation_not_demanded",
        /// Nobody has begun to speak.
        SilentSoFar = "silent_so_far",
        /// Statements are open.
        OpenSubmissions = "open_submissions",
        /// Statements are sealed.
        SealedSubmissions = "sealed_submissions",
        /// It is this member's turn (of a skip: the skipped member's).
        HoldsPipe = "holds_pipe",
        /// This member has not done so before.
        FirstTime = "first_time",
        /// Every member has sealed or was skipped.
        AllSealed = "all_sealed",
        /// After this, members of the lap remain.
        LapOpen = "lap_open",
        /// After this, every member of the lap has spoken or was skipped.
        LapComplete = "lap_complete",
        /// Enough have spoken.
        EnoughSpoken = "enough_spoken",
        /// The ballot is the member's next one, within the limit.
        NextBallot = "next_ballot",
        /// Transcript and docket are bound by the ruling.
        ArtifactsBound = "artifacts_bound",
    }
}

/// The states of a resolution and the ways between them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Machine {
    /// Tried in order: the first whose conditions hold is taken.
    pub transitions: Vec<Transition>,
}

/// One way from stage to stage.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Transition {
    /// Where it starts.
    pub from: Vec<Stage>,
    /// What happens.
    pub event: Event,
    /// Where it leads.
    pub to: Stage,
    /// Who brings it about.
    pub by: Actor,
    /// What must hold.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub requires: Vec<Guard>,
}
