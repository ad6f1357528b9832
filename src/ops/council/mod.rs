//! Changes of the council, drafted on the state that will judge them, with words that help where the
//! state after them could not be valid.

mod add;
mod list;
mod retire;
mod role;
mod weight;

use std::collections::BTreeMap;

use crate::canon::{Member, MemberName, RepoPath, Roster, front, layout};
use crate::council::machine;
use crate::keys::PublicKey;
use crate::ledger::state::{Law, Ledger};

use super::propose::Drafted;
use crate::workspace::Error;
use crate::workspace::assess::Assessment;

pub use add::{Newcomer, add};
pub use list::{CouncilReport, RecoveryReport, Seat, list};
pub use retire::retire;
pub use role::role;
pub use weight::weight;

/// A member of the council by name.
pub(super) fn known<'l>(law: &'l Law, name: &MemberName) -> Result<&'l Member, Error> {
    law.roster.get(name).ok_or_else(|| Error::denied(format!("`{name}` is not on the council"), "omega council list"))
}

/// Members as they shall be. The text below their front matter stays byte for byte.
pub(super) fn files(assessment: &Assessment, members: impl IntoIterator<Item = Member>) -> Drafted {
    let file = |member: Member| {
        let path = layout::member(&member.name);
        let ratified = assessment.judgement.ledger.content(&path).and_then(|content| assessment.evidence.bytes.get(&content.digest));
        let body = ratified.and_then(|bytes| front::parse::<Member>(bytes).ok()).map_or("", |(_, body)| body);
        let bytes = (front::render(&member, "") + body).into_bytes();
        (path, Some(bytes))
    };
    members.into_iter().map(file).collect()
}

/// Holds the council that a draft leads to, by the rules of the fold: nobody shall sign what no ruling
/// could ratify.
pub(super) fn hold(law: &Law, changed: impl IntoIterator<Item = Member>, gone: Option<&MemberName>) -> Result<(), Error> {
    let mut members: BTreeMap<MemberName, Member> = law.roster.iter().map(|member| (member.name.clone(), member.clone())).collect();
    members.extend(changed.into_iter().map(|member| (member.name.clone(), member)));
    if let Some(gone) = gone {
        members.remove(gone);
    }
    let roster = Roster::new(members.into_values())
        .map_err(|error| Error::denied(format!("this would be no council: {error}"), "omega council list shows who sits where"))?;
    let voters = roster.voters();
    if let Some(why) = law.consensus.defect(voters.len(), Roster::operators(voters.iter().copied())) {
        let rules = layout::document(&law.documents.consensus);
        let hint = format!("seat another voter first: omega council add; or ask for less in {rules}, and propose that");
        return Err(Error::denied(why, hint));
    }
    match machine::deadlock(&law.protocol, &roster) {
        Some(why) => Err(Error::denied(why, "change canon/PEACE_PIPE_PROTOCOL.md first, and propose that")),
        None => Ok(()),
    }
}

/// Holds a key to be new: nobody has it, and nobody ever had.
pub(super) fn must_be_new(ledger: &Ledger, key: &PublicKey) -> Result<(), Error> {
    let make = "make a new one: omega key new FILE";
    let whose = |owner: Option<&MemberName>| owner.map_or("a recovery key".to_owned(), |name| format!("a key of `{name}`"));
    let fact = match (ledger.keys.get(&key.raw()), ledger.departure(key)) {
        (None, _) => return Ok(()),
        (Some((_, owner)), None) => format!("{} is {} already", key.fingerprint(), whose(owner.as_ref())),
        (Some(_), Some((left, owner))) => {
            format!("{} was {} and left by ruling {left}: a key that has left never comes back", key.fingerprint(), whose(owner))
        }
    };
    Err(Error::denied(fact, make))
}

/// The path that a member who leaves takes away.
fn removal(name: &MemberName) -> (RepoPath, Option<Vec<u8>>) {
    (layout::member(name), None)
}
