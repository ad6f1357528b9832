//! What a signature is for. A namespace is part of the signed bytes: a vote can never be replayed as a ruling.

use std::fmt;

/// The purposes that omega signs for, and git's own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Namespace {
    /// A proposal, by its proposer.
    Proposal,
    /// A proposal, by a key that it adds.
    Enrol,
    /// A turn of the deliberation.
    Turn,
    /// A sealed position.
    Seal,
    /// The opening of a sealed position.
    Reveal,
    /// The Clerk's synthesis.
    Synthesis,
    /// A ballot.
    Vote,
    /// The proposer's withdrawal.
    Withdrawal,
    /// A ruling of the Chief.
    Ruling,
    /// A recovery key's consent to a recovery proposal.
    Recover,
    /// A file of the ratified state, for checking it alone.
    State,
    /// A checkpoint that a member sends to others: where a ledger ends.
    Checkpoint,
    /// A git commit or tag; the only namespace that is not omega's own.
    Git,
}

impl Namespace {
    /// Every namespace, in the order of the declaration.
    pub const ALL: [Self; 13] = [
        Self::Proposal,
        Self::Enrol,
        Self::Turn,
        Self::Seal,
        Self::Reveal,
        Self::Synthesis,
        Self::Vote,
        Self::Withdrawal,
        Self::Ruling,
        Self::Recover,
        Self::State,
        Self::Checkpoint,
        Self::Git,
    ];

    /// The namespace as SSHSIG and `ssh-keygen -n` write it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Proposal => "omega-proposal-v1",
            Self::Enrol => "omega-enrol-v1",
            Self::Turn => "omega-turn-v1",
            Self::Seal => "omega-seal-v1",
            Self::Reveal => "omega-reveal-v1",
            Self::Synthesis => "omega-synthesis-v1",
            Self::Vote => "omega-vote-v1",
            Self::Withdrawal => "omega-withdrawal-v1",
            Self::Ruling => "omega-ruling-v1",
            Self::Recover => "omega-recover-v1",
            Self::State => "omega-state-v1",
            Self::Checkpoint => "omega-checkpoint-v1",
            Self::Git => "git",
        }
    }
}

impl fmt::Display for Namespace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn names_are_distinct_and_shaped() {
        let names: HashSet<_> = Namespace::ALL.iter().map(|each| each.as_str()).collect();
        assert_eq!(names.len(), Namespace::ALL.len());
        for each in Namespace::ALL {
            let shaped = each.as_str().starts_with("omega-") && each.as_str().ends_with("-v1");
            assert_eq!(shaped, each != Namespace::Git, "{each}");
        }
    }
}
