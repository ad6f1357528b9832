//! Showing the statement behind a seal.

use crate::canon::ResolutionId;
use crate::canon::policy::Submissions;
use crate::council::machine::Step;
use crate::ledger::kinds::Reveal;

use super::kept::Kept;
use super::statement::{Spoken, publish};
use crate::workspace::Error;
use crate::workspace::desk::Desk;
use crate::workspace::edits::Edits;
use crate::workspace::next::refused;
use crate::workspace::open::{Opened, open};

/// Reveals the signer's sealed statement, from what this clone keeps of it.
///
/// # Errors
/// Denied, if the protocol does not allow it yet; unknown, if this clone does not keep the statement.
pub fn reveal(desk: &Desk<'_>, id: &ResolutionId) -> Result<Spoken, Error> {
    let Opened { found, basis, assessment } = open(desk, id)?;
    let examined = assessment.examine(id)?;
    let member = desk.member(examined.law)?;
    let (by, folder) = (member.name.clone(), examined.folder);
    let deny = |fact: String| Err(Error::denied(fact, format!("omega show {id}")));
    if folder.reveals.contains_key(&by) {
        return deny(format!("`{by}` has revealed the statement already"));
    }
    if examined.session.is_skipped(&by) {
        return deny(format!("`{by}` was marked as silent"));
    }
    let sealed = folder.seals.get(&by);
    if sealed.is_none() && member.votes() && examined.law.protocol.submissions == Submissions::Sealed {
        return Err(Error::denied(format!("`{by}` has sealed no statement"), format!("omega speak {id} approve --reason …")));
    }
    examined.session.clone().take(&by, Step::Reveal).map_err(|refusal| refused(&examined, &refusal))?;
    let Some(seal) = sealed else { return deny(format!("`{by}` has sealed no statement")) };
    let clerk = &examined.law.roster.clerk().name;
    let lost = |what: &str| {
        Error::unknown(
            format!("the statement behind the seal of `{by}` {what}"),
            format!(
                "reveal it in the clone where it was sealed; if it is lost, the Clerk (`{clerk}`) goes on without it: omega skip {id} {by} --reason …"
            ),
        )
    };
    let kept = Kept::recall(desk.repo.common_dir(), &seal.record().hash)?.ok_or_else(|| lost("is not kept in this clone"))?;
    let record = Reveal {
        omega: 1,
        kind: "reveal".into(),
        canon: assessment.judgement.ledger.root(),
        resolution: id.clone(),
        by: by.clone(),
        at: desk.now(),
        proposal: examined.proposal.digest(),
        seal: seal.digest(),
        seals: folder.seals.iter().map(|(name, seal)| (name.clone(), seal.digest())).collect(),
        nonce: kept.nonce,
        position: kept.position,
        confidence: kept.confidence,
    };
    if record.hash(&kept.body) != seal.record().hash {
        return Err(lost("was changed where it is kept"));
    }
    let mut edits = Edits::new();
    desk.record(&mut edits, &record, &kept.body)?;
    publish(desk, id, by, found, &basis, &edits, "reveal", "reveal")
}
