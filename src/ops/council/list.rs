use serde::Serialize;

use crate::canon::{Kind, MemberName, Role};
use crate::git::{Oid, Repo};
use crate::keys::PublicKey;
use crate::workspace::Error;
use crate::workspace::assess::assess;

/// The council of a state.
#[derive(Debug, Serialize, schemars::JsonSchema)]
pub struct CouncilReport {
    /// The number of the last ruling of that state.
    pub sequence: u32,
    /// The members in seat order.
    pub members: Vec<Seat>,
    /// How a lost Chief key is replaced; nothing, if it cannot be.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub recovery: Option<RecoveryReport>,
    /// The member that the keys at hand belong to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub me: Option<MemberName>,
}

/// One member.
#[derive(Debug, Serialize, schemars::JsonSchema)]
pub struct Seat {
    /// Place in the speaking order, from 1.
    pub seat: u32,
    /// The name.
    pub name: MemberName,
    /// What the member may do.
    pub role: Role,
    /// A person or a program.
    pub kind: Kind,
    /// Who runs the program.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub operator: Option<MemberName>,
    /// The voting weight.
    pub weight: u32,
    /// The keys, as ssh shows them.
    pub keys: Vec<String>,
}

/// The recovery keys.
#[derive(Debug, Serialize, schemars::JsonSchema)]
pub struct RecoveryReport {
    /// How many of them must sign.
    pub threshold: u32,
    /// The keys, as ssh shows them.
    pub keys: Vec<String>,
}

/// The council that is ratified at a commit. `keys` are the public keys at hand.
///
/// # Errors
/// When the commit cannot be read or does not hold.
pub fn list(repo: &Repo, commit: Oid, keys: &[PublicKey], threads: usize) -> Result<CouncilReport, Error> {
    let assessment = assess(&repo.revision(commit)?, threads)?;
    if assessment.judgement.ledger.law().is_none() {
        return Err(assessment.lawless());
    }
    let assessment = assessment.sound()?;
    let law = assessment.law()?;
    let shown = |keys: &[PublicKey]| keys.iter().map(PublicKey::fingerprint).collect();
    let mut members: Vec<Seat> = law
        .roster
        .iter()
        .map(|member| Seat {
            seat: member.seat,
            name: member.name.clone(),
            role: member.role,
            kind: member.kind,
            operator: member.operator.clone(),
            weight: member.weight,
            keys: shown(&member.keys),
        })
        .collect();
    members.sort_by_key(|member| member.seat);
    Ok(CouncilReport {
        sequence: assessment.judgement.ledger.last().unwrap_or(0),
        members,
        recovery: law
            .consensus
            .recovery
            .as_ref()
            .map(|recovery| RecoveryReport { threshold: recovery.threshold, keys: shown(&recovery.keys) }),
        me: keys.iter().find_map(|key| law.roster.holder(key)).map(|member| member.name.clone()),
    })
}
