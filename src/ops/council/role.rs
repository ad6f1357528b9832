use crate::canon::{Member, MemberName, Role};
use crate::ops::propose::Drafted;
use crate::workspace::Error;
use crate::workspace::assess::Assessment;

use super::{files, hold, known};

/// Gives a member another role. A new Chief takes the chair, and the old one becomes a member; `weight`
/// is that of whoever becomes a member.
///
/// # Errors
/// Denied, if nobody has the name, the chair would be empty or an agent's, there would be two Clerks, or
/// the quorum could not be reached any more.
pub fn role(assessment: &Assessment, name: &MemberName, role: Role, weight: u32) -> Result<Drafted, Error> {
    let law = assessment.law()?;
    let member = known(law, name)?;
    let chief = law.roster.chief();
    let given = |member: &Member, role: Role| Member {
        role,
        weight: match (role, member.role) {
            (Role::Member, Role::Member) => member.weight,
            (Role::Member, _) => weight,
            _ => 0,
        },
        ..member.clone()
    };
    let mut changed = vec![given(member, role)];
    match role {
        Role::Chief if member.name != chief.name => changed.push(given(chief, Role::Member)),
        Role::Clerk | Role::Member if member.name == chief.name => {
            return Err(Error::denied(
                format!("`{name}` is the Chief, and the chair is never empty"),
                "hand it on: omega council role NAME chief",
            ));
        }
        Role::Clerk => {
            if let Some(clerk) = law.roster.iter().find(|other| other.role == Role::Clerk && other.name != *name) {
                return Err(Error::denied(
                    format!("`{}` is the Clerk already", clerk.name),
                    format!("give that member another role first: omega council role {} member", clerk.name),
                ));
            }
        }
        _ => {}
    }
    hold(law, changed.clone(), None)?;
    Ok(files(assessment, changed))
}
