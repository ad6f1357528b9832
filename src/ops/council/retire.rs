use crate::canon::{MemberName, Role};
use crate::ops::propose::Drafted;
use crate::workspace::Error;
use crate::workspace::assess::Assessment;

use super::{hold, known, removal};

/// Takes a member off the council, with all keys. What it signed stays valid.
///
/// # Errors
/// Denied, if nobody has the name, for the Chief, and if the quorum could not be reached any more.
pub fn retire(assessment: &Assessment, name: &MemberName) -> Result<Drafted, Error> {
    let law = assessment.law()?;
    let member = known(law, name)?;
    if member.role == Role::Chief {
        return Err(Error::denied(
            format!("`{name}` is the Chief, and the chair is never empty"),
            "hand it on first: omega council role NAME chief",
        ));
    }
    hold(law, [], Some(name))?;
    Ok(Drafted::from([removal(name)]))
}
