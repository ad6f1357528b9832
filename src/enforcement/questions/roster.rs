//! Councils that exist only in a question.

use std::sync::OnceLock;

use crate::canon::{Kind, Member, MemberName, Role, Roster};
use crate::keys::PublicKey;

/// The most members that a question can seat.
pub(super) const MOST: usize = 32;

/// A key that nobody uses: each member of a roster has one, and these have numbers for secrets.
fn key(seat: u32) -> PublicKey {
    static KEYS: [OnceLock<PublicKey>; MOST + 2] = [const { OnceLock::new() }; MOST + 2];
    let made = || {
        let secret = [u8::try_from(seat).expect("a question seats few"); 32];
        PublicKey::from_raw(&ed25519_dalek::SigningKey::from_bytes(&secret).verifying_key().to_bytes()).expect("a key of its own secret")
    };
    KEYS[seat as usize - 1].get_or_init(made).clone()
}

/// A voter of a question.
pub(super) struct Voter {
    pub name: MemberName,
    pub weight: u32,
    pub operator: Option<MemberName>,
}

/// A council with a Chief, a Clerk and these voters, in seat order.
pub(super) fn roster(voters: Vec<Voter>) -> Result<Roster, String> {
    if voters.len() > MOST {
        return Err(format!("a question seats at most {MOST} voters"));
    }
    let officer = |name: &str, seat: u32, role| Member {
        name: name.parse().expect("a member name"),
        seat,
        role,
        kind: Kind::Human,
        weight: 0,
        keys: vec![key(seat)],
        operator: None,
        command: None,
        endpoint: None,
    };
    let mut members = vec![officer("chief", 1, Role::Chief), officer("clerk", 2, Role::Clerk)];
    for (seat, voter) in (3..).zip(voters) {
        let kind = if voter.operator.is_some() { Kind::Agent } else { Kind::Human };
        let seated = officer("voter", seat, Role::Member);
        members.push(Member { name: voter.name, weight: voter.weight, kind, operator: voter.operator, ..seated });
    }
    let names = members.len();
    let roster = Roster::new(members).map_err(|error| error.to_string())?;
    if roster.iter().count() < names {
        return Err("two members of the question share a name".to_owned());
    }
    Ok(roster)
}
