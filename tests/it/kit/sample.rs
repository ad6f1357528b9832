//! What the gate leaves to the nightly run. There are more ways to break a ledger, and more moments to be killed in, than fit into
//! twelve minutes: every run tries some, by the day, and the nightly run (`OMEGA_TEST_WHOLE=1`) all of them.

use std::time::{SystemTime, UNIX_EPOCH};

fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

/// Whether everything is to be tried.
pub fn is_whole() -> bool {
    variable("OMEGA_TEST_WHOLE").is_some()
}

/// What is chosen by: `OMEGA_TEST_SEED`, else the day, as in 20260226. A test that samples prints it.
pub fn seed() -> u64 {
    let today = || {
        let seconds = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
        let today = omega::clock::Timestamp::from_unix(i64::try_from(seconds).unwrap()).unwrap();
        today.date().replace('-', "").parse().unwrap()
    };
    variable("OMEGA_TEST_SEED").map_or_else(today, |seed| seed.parse().unwrap())
}

/// Whether it is the turn of this one today; in as many days everything has its turn.
pub fn is_due(number: u64, days: u64) -> bool {
    is_whole() || (number + seed()).is_multiple_of(days)
}

/// A number for a name, the same in every run.
pub fn number(name: &str) -> u64 {
    name.bytes().fold(0, |number, byte| number * 31 % 1_000_003 + u64::from(byte))
}
