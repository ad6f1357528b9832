//! The council's rules as pure functions: how risky a change is, whose turn it is, what the ballots say.

pub mod emergency;
pub mod floor;
pub mod machine;
pub mod tally;
