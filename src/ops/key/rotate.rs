use crate::canon::{Member, MemberName};
use crate::keys::PublicKey;
use crate::ops::council::{files, hold, known, must_be_new};
use crate::ops::propose::Drafted;
use crate::workspace::Error;
use crate::workspace::assess::Assessment;

use super::Which;

/// A member's new key.
pub struct Rotation<'a> {
    /// Whose.
    pub name: &'a MemberName,
    /// The new key.
    pub to: &'a PublicKey,
    /// The one that leaves; nothing for the only one, or the one that signs.
    pub old: Option<Which>,
    /// The key that signs the proposal.
    pub signing: &'a PublicKey,
    /// Whether the old one stays beside the new one.
    pub keep: bool,
}

/// Puts a new key in the place of an old one, or beside it.
///
/// # Errors
/// Denied, if nobody has the name, the new key is not new, or it is not clear which one leaves.
pub fn rotate(assessment: &Assessment, rotation: &Rotation<'_>) -> Result<Drafted, Error> {
    let law = assessment.law()?;
    let member = known(law, rotation.name)?;
    must_be_new(&assessment.judgement.ledger, rotation.to)?;
    let mut keys = member.keys.clone();
    if rotation.keep {
        keys.push(rotation.to.clone());
    } else {
        let old = match (&rotation.old, member.keys.as_slice()) {
            (Some(which), _) => which.of(member)?,
            (None, [only]) => only,
            (None, _) if member.holds(rotation.signing) => rotation.signing,
            (None, several) => {
                let shown: Vec<String> = several.iter().map(PublicKey::fingerprint).collect();
                return Err(Error::usage(
                    format!("`{}` has several keys: {}", member.name, shown.join(", ")),
                    "say which one leaves with --old FINGERPRINT, or keep them with --keep",
                ));
            }
        };
        keys.iter_mut().filter(|key| *key == old).for_each(|key| *key = rotation.to.clone());
    }
    let member = Member { keys, ..member.clone() };
    hold(law, [member.clone()], None)?;
    Ok(files(assessment, [member]))
}
