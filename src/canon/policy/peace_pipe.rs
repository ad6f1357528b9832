use serde::{Deserialize, Serialize};

use crate::canon::{ByRisk, Glob, Risk};

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

/// Whether turns and a synthesis come before the votes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Deliberation {
    /// There are none.
    Off,
    /// There may be.
    Optional,
    /// There must be, where there is anybody to speak.
    Required,
}

/// Whether statements are seen as they are made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Submissions {
    /// One after the other, in seat order.
    Open,
    /// Each commits to the digest of its statement first; all are revealed afterwards.
    Sealed,
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

/// The stages of a resolution, first to last. No way leads back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Stage {
    /// Nothing is proposed.
    Idle,
    /// A proposal lies before the council.
    Open,
    /// The pipe goes round.
    PipeGranted,
    /// All have spoken.
    Submission,
    /// The Clerk has drawn it together.
    Synthesis,
    /// Ballots are cast.
    Voting,
    /// The Chief has spoken.
    ChiefRuling,
    /// Artifacts are left; nothing more can happen.
    Close,
}

/// What can happen to a resolution.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Event {
    /// A proposal is signed.
    Propose,
    /// A member commits to a statement.
    Seal,
    /// A member shows the statement.
    Reveal,
    /// A member speaks.
    Turn,
    /// The Clerk marks a silent member.
    Skip,
    /// The Clerk draws the statements together.
    Synthesize,
    /// A member votes.
    Vote,
    /// The proposer takes it back.
    Withdraw,
    /// The Chief rules.
    Rule,
    /// The artifacts are written.
    Close,
}

/// Who can bring an event about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Actor {
    /// Anyone on the roster.
    Anyone,
    /// A member whose ballots count.
    Voter,
    /// Whoever acts as Clerk.
    Clerk,
    /// The Chief.
    Chief,
    /// Whoever proposed.
    Proposer,
}

/// A condition on a transition; the engine knows how to judge each.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Guard {
    /// The risk class allows deliberation.
    DeliberationAllowed,
    /// The risk class demands none, or there is nobody to speak.
    DeliberationNotDemanded,
    /// Nobody has begun to speak.
    SilentSoFar,
    /// Statements are open.
    OpenSubmissions,
    /// Statements are sealed.
    SealedSubmissions,
    /// It is this member's turn (of a skip: the skipped member's).
    HoldsPipe,
    /// This member has not done so before.
    FirstTime,
    /// Every member has sealed or was skipped.
    AllSealed,
    /// After this, members of the lap remain.
    LapOpen,
    /// After this, every member of the lap has spoken or was skipped.
    LapComplete,
    /// Enough have spoken.
    EnoughSpoken,
    /// The ballot is the member's next one, within the limit.
    NextBallot,
    /// Transcript and docket are bound by the ruling.
    ArtifactsBound,
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
