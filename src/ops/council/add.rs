use crate::canon::member::Endpoint;
use crate::canon::{Kind, Member, MemberName, Role};
use crate::keys::PublicKey;
use crate::ops::propose::Drafted;
use crate::workspace::Error;
use crate::workspace::assess::Assessment;

use super::{files, hold, must_be_new};

/// Somebody who shall sit on the council.
pub struct Newcomer {
    /// The name; nobody on the council has it.
    pub name: MemberName,
    /// The first key.
    pub key: PublicKey,
    /// The place in the speaking order; nothing for the one behind the last.
    pub seat: Option<u32>,
    /// Member or Clerk.
    pub role: Role,
    /// The voting weight; 0 for a Clerk.
    pub weight: u32,
    /// Who runs it, if it is an agent.
    pub operator: Option<MemberName>,
    /// How an agent is asked: a program and its arguments.
    pub command: Option<Vec<String>>,
    /// How an agent is asked: a service.
    pub endpoint: Option<Endpoint>,
}

/// Seats somebody.
///
/// # Errors
/// Denied, if the name, the seat or the key is taken, or the council would be none.
pub fn add(assessment: &Assessment, newcomer: &Newcomer) -> Result<Drafted, Error> {
    let law = assessment.law()?;
    let name = &newcomer.name;
    if law.roster.get(name).is_some() {
        return Err(Error::denied(
            format!("`{name}` is on the council already"),
            format!("a new key: omega key rotate {name} --to FILE.pub"),
        ));
    }
    must_be_new(&assessment.judgement.ledger, &newcomer.key)?;
    let last = law.roster.iter().map(|member| member.seat).max().unwrap_or(0);
    let member = Member {
        name: name.clone(),
        seat: newcomer.seat.unwrap_or(last.saturating_add(1)),
        role: newcomer.role,
        kind: if newcomer.operator.is_some() { Kind::Agent } else { Kind::Human },
        weight: newcomer.weight,
        keys: vec![newcomer.key.clone()],
        operator: newcomer.operator.clone(),
        command: newcomer.command.clone(),
        endpoint: newcomer.endpoint.clone(),
    };
    hold(law, [member.clone()], None)?;
    Ok(files(assessment, [member]))
}
