use crate::canon::{Member, MemberName, Role};
use crate::ops::propose::Drafted;
use crate::workspace::Error;
use crate::workspace::assess::Assessment;

use super::{files, hold, known};

/// Gives a member another voting weight; 0 keeps the seat and takes the vote.
///
/// # Errors
/// Denied, if nobody has the name, the role has no vote, or the quorum could not be reached any more.
pub fn weight(assessment: &Assessment, name: &MemberName, weight: u32) -> Result<Drafted, Error> {
    let law = assessment.law()?;
    let member = known(law, name)?;
    if member.role != Role::Member {
        return Err(Error::denied(
            format!("`{name}` is the {}, and only members vote", member.role.title()),
            format!("give another role first: omega council role {name} member"),
        ));
    }
    let member = Member { weight, ..member.clone() };
    hold(law, [member.clone()], None)?;
    Ok(files(assessment, [member]))
}
