//! What a signature is for. A namespace is part of the signed bytes: a vote can never be replayed as a ruling.

use crate::words::words;

words! {
    /// The purposes that omega signs for, and git's own.
    pub enum Namespace {
        /// A proposal, by its proposer.
        Proposal = "omega-proposal-v1",
        /// A proposal, by a key that it adds.
        Enrol = "omega-enrol-v1",
        /// A turn of the deliberation.
        Turn = "omega-turn-v1",
        /// A sealed position.
        Seal = "omega-seal-v1",
        /// The opening of a sealed position.
        Reveal = "omega-reveal-v1",
        /// The Clerk's synthesis.
        Synthesis = "omega-synthesis-v1",
        /// A ballot.
        Vote = "omega-vote-v1",
        /// The proposer's withdrawal.
        Withdrawal = "omega-withdrawal-v1",
        /// A ruling of the Chief.
        Ruling = "omega-ruling-v1",
        /// A recovery key's consent to a recovery proposal.
        Recover = "omega-recover-v1",
        /// A file of the ratified state, for checking it alone.
        State = "omega-state-v1",
        /// A checkpoint that a member sends to others: where a ledger ends.
        Checkpoint = "omega-checkpoint-v1",
        /// A git commit or tag; the only namespace that is not omega's own.
        Git = "git",
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
