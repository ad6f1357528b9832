//! Forgeries that must be found, and rare histories that must verify. An attacker here has the whole
//! repository in hand, and some of the keys.

mod amounts;
mod bounds;
mod cost;
mod form;
mod ledger;
mod open;
mod paths;
mod rare;
mod votes;
