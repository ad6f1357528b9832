//! The keys in force as OpenSSH `allowed_signers`, so that stock tools can check every record. The
//! rendering is frozen with version 1 of the rules.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::canon::{Member, MemberName, Role};
use crate::clock::Timestamp;
use crate::keys::{Namespace, PublicKey};

use super::state::{Law, Ledger};

/// The principal of recovery keys.
pub const RECOVERY_PRINCIPAL: &str = "recovery.keys";

const EVERYONE: [Namespace; 8] = [
    Namespace::Enrol,
    Namespace::Proposal,
    Namespace::Reveal,
    Namespace::Seal,
    Namespace::Synthesis,
    Namespace::Turn,
    Namespace::Vote,
    Namespace::Withdrawal,
];

/// The signers of a state: `canon/ledger/<n>.signers`.
pub fn render(law: &Law) -> String {
    lines(law, false)
}

/// The same for the last state with the namespace of git commits, and after it every key that has left, for commits up to
/// then: `canon/allowed_signers`. A state without a law has none.
pub fn render_for_git(ledger: &Ledger) -> String {
    let mut out = ledger.law().map(|law| lines(law, true)).unwrap_or_default();
    for former in former(ledger) {
        // An OpenSSH that does not understand the date reads no further than here.
        let (git, until) = (Namespace::Git, compact(former.until));
        out.push_str(&format!("{} namespaces=\"{git}\",valid-before=\"{until}\" {}\n", former.principal, former.key));
    }
    out
}

/// A key that once was in force.
struct Former<'a> {
    /// The ruling by which it left.
    left: u32,
    /// When that was, by the clock of whoever ruled.
    until: Timestamp,
    /// Whose it was last.
    principal: &'a str,
    key: &'a PublicKey,
}

/// The keys that were in force and are no more, by the ruling by which they left for the last time, principal and key.
fn former(ledger: &Ledger) -> Vec<Former<'_>> {
    let held = |law: &Law| law.keys().map(|(key, _)| key.raw()).collect::<BTreeSet<_>>();
    let now = ledger.law().map(|law| held(law)).unwrap_or_default();
    let mut all = BTreeMap::new();
    for ((left, ruled), pair) in (1..).zip(ledger.rulings.iter().skip(1)).zip(ledger.laws.windows(2)) {
        let [before, after] = pair else { continue };
        if Arc::ptr_eq(before, after) {
            continue;
        }
        let stays = held(after);
        for (key, owner) in before.keys().filter(|(key, _)| !now.contains(&key.raw()) && !stays.contains(&key.raw())) {
            let principal = owner.map_or(RECOVERY_PRINCIPAL, MemberName::as_str);
            all.insert(key.raw(), Former { left, until: ruled.at, principal, key });
        }
    }
    let mut all: Vec<Former<'_>> = all.into_values().collect();
    all.sort_by(|one, other| (one.left, one.principal, one.key.to_string()).cmp(&(other.left, other.principal, other.key.to_string())));
    all
}

/// Every key that a ledger ever had in force, as git's `allowed_signers`: for commits from the time of the proposal that brought
/// it, which `brought` says by the number of the ruling, up to the ruling by which it left. All times are what the clocks of
/// those who signed said.
pub fn history(ledger: &Ledger, brought: &dyn Fn(u32) -> Option<Timestamp>) -> String {
    let mut out = String::new();
    let mut line = |principal: &str, key: &PublicKey, until: Option<Timestamp>| {
        let from = ledger.keys.get(&key.raw()).and_then(|(ruling, _)| brought(*ruling));
        // OpenSSH refuses a span that does not end after it begins.
        let from = from.filter(|from| until.is_none_or(|until| from.unix() < until.unix()));
        let from = from.map(|from| format!(",valid-after=\"{}\"", compact(from))).unwrap_or_default();
        let until = until.map(|until| format!(",valid-before=\"{}\"", compact(until))).unwrap_or_default();
        out.push_str(&format!("{principal} namespaces=\"{}\"{from}{until} {key}\n", Namespace::Git));
    };
    for (key, owner) in ledger.law().iter().flat_map(|law| law.keys()) {
        line(owner.map_or(RECOVERY_PRINCIPAL, MemberName::as_str), key, None);
    }
    for former in former(ledger) {
        line(former.principal, former.key, Some(former.until));
    }
    out
}

/// A time as OpenSSH writes it.
fn compact(time: Timestamp) -> String {
    time.to_string().chars().filter(|c| c.is_ascii_digit() || *c == 'Z').collect()
}

fn lines(law: &Law, git: bool) -> String {
    let mut out = String::new();
    for member in law.roster.iter() {
        let namespaces = namespaces(member, git);
        for key in &member.keys {
            out.push_str(&format!("{} namespaces=\"{namespaces}\" {key}\n", member.name));
        }
    }
    let git = if git { format!("{},", Namespace::Git) } else { String::new() };
    for key in law.recovery_keys() {
        out.push_str(&format!("{RECOVERY_PRINCIPAL} namespaces=\"{git}{},{}\" {key}\n", Namespace::Enrol, Namespace::Recover));
    }
    out
}

fn namespaces(member: &Member, git: bool) -> String {
    let mut names: Vec<&str> = Vec::new();
    if git {
        names.push(Namespace::Git.as_str());
    }
    names.extend(EVERYONE.map(Namespace::as_str));
    if member.role == Role::Chief {
        names.extend([Namespace::Ruling.as_str(), Namespace::State.as_str()]);
    }
    names.join(",")
}
