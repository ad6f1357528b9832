//! The keys in force as OpenSSH `allowed_signers`, so that stock tools can check every record. The
//! rendering is frozen with version 1 of the rules.

use crate::canon::{Member, Role};
use crate::keys::Namespace;

use super::state::Law;

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

/// The same with the namespace of git commits: `canon/allowed_signers`.
pub fn render_for_git(law: &Law) -> String {
    lines(law, true)
}

fn lines(law: &Law, git: bool) -> String {
    let mut out = String::new();
    for member in law.roster.iter() {
        let namespaces = namespaces(member, git);
        for key in &member.keys {
            out.push_str(&format!("{} namespaces=\"{namespaces}\" {key}\n", member.name));
        }
    }
    for key in law.recovery_keys() {
        out.push_str(&format!("{RECOVERY_PRINCIPAL} namespaces=\"{},{}\" {key}\n", Namespace::Enrol, Namespace::Recover));
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
