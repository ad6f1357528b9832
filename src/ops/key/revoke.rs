use crate::canon::{Member, MemberName, Role};
use crate::ops::council::{files, known};
use crate::ops::propose::Drafted;
use crate::workspace::Error;
use crate::workspace::assess::Assessment;

use super::Which;

/// Takes one key from a member.
///
/// # Errors
/// Denied, if the member has no such key, or no other one.
pub fn revoke(assessment: &Assessment, name: &MemberName, which: &Which) -> Result<Drafted, Error> {
    let law = assessment.law()?;
    let member = known(law, name)?;
    let key = which.of(member)?;
    if member.keys.len() == 1 {
        let retire =
            if member.role == Role::Chief { String::new() } else { format!("; or let the member go: omega council retire {name}") };
        return Err(Error::denied(
            format!("{} is the only key of `{name}`", key.fingerprint()),
            format!("replace it: omega key rotate {name} --to FILE.pub{retire}"),
        ));
    }
    let keys = member.keys.iter().filter(|other| *other != key).cloned().collect();
    Ok(files(assessment, [Member { keys, ..member.clone() }]))
}
