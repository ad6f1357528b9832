//! One resolution, open or closed, held to the law of the state that it is judged by.

use crate::canon::{MemberName, ResolutionId};
use crate::council::machine::{Refusal, Session, Step};
use crate::council::tally::{self, Count};
use crate::digest::Digest;
use crate::finding::{Code, Finding};

use super::folder::Folder;
use super::kinds::{Proposal, Record};
use super::record::Signed;
use super::state::Law;

/// A resolution whose records are all by members in force, bound to it and to one another, and made
/// in the order of the protocol.
pub struct Examined<'a> {
    /// The resolution.
    pub id: &'a ResolutionId,
    /// Its records.
    pub folder: &'a Folder,
    /// Its proposal.
    pub proposal: &'a Signed<Proposal>,
    /// The law that it is judged by.
    pub law: &'a Law,
    /// Where it stood when all seals were taken: whoever has not sealed may still do so from there.
    pub sealing: Session<'a>,
    /// Where it stands, with all records taken.
    pub session: Session<'a>,
    /// What the votes say.
    pub count: Count,
}

/// Holds all records of a folder to the law. `root` is absent for genesis.
pub fn examine<'a>(id: &'a ResolutionId, folder: &'a Folder, law: &'a Law, root: Option<Digest>) -> Result<Examined<'a>, Finding> {
    let Some(proposal) = &folder.proposal else {
        let path = crate::canon::layout::in_folder(id, "proposal.md");
        return Err(Finding::error(Code::Unpaired, path, "the resolution has no proposal").of_record(id));
    };
    let binds = Binds { law, root, proposal: proposal.digest() };
    let recovers = proposal.record().recovery == Some(true)
        && law.roster.chief().name == proposal.record().by
        && folder.enrolments.contains_key(&proposal.signer().id());
    if recovers {
        // The Chief's old key is lost: the new one speaks, and the recovery keys decide on it.
        binds.check_binding(proposal, false)?;
    } else {
        binds.check(proposal, false)?;
    }
    let by = &proposal.record().by;
    let mut session = Session::new(&law.protocol, &law.roster, proposal.record().risk, by);
    take(&mut session, proposal, Step::Propose)?;

    for seal in folder.seals.values() {
        binds.check(seal, true)?;
        take(&mut session, seal, Step::Seal)?;
    }
    let sealing = session.clone();
    let mut previous = proposal.digest();
    for (expected, (number, turn)) in (1..).zip(&folder.turns) {
        binds.check(turn, true)?;
        let record = turn.record();
        if *number != expected || record.previous != previous {
            return Err(protocol(turn, "the turn does not follow the one before it"));
        }
        previous = turn.digest();
        let step = match (&record.skips, record.position, record.confidence) {
            (Some(member), None, None) => Step::Skip(member),
            (None, Some(_), Some(0..=100)) => Step::Turn,
            _ => return Err(protocol(turn, "a turn has a position and a confidence from 0 to 100, a skip has neither")),
        };
        take(&mut session, turn, step)?;
    }
    let seals = folder.seals.iter().map(|(by, seal)| (by.clone(), seal.digest())).collect();
    for member in law.roster.voters() {
        let Some(reveal) = folder.reveals.get(&member.name) else { continue };
        binds.check(reveal, true)?;
        let record = reveal.record();
        let hash = folder.seals.get(&member.name).filter(|seal| seal.digest() == record.seal).map(|seal| seal.record().hash);
        if !(32..=64).contains(&record.nonce.len()) || !record.nonce.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f')) {
            return Err(protocol(reveal, "the nonce is not 32 to 64 lowercase hex digits"));
        }
        if record.seals != seals || record.confidence > 100 || hash != Some(record.hash(reveal.body())) {
            return Err(protocol(reveal, "the statement is not the one that was sealed"));
        }
        take(&mut session, reveal, Step::Reveal)?;
    }
    if let Some(stranger) = folder.reveals.values().find(|r| !law.roster.get(&r.record().by).is_some_and(|m| m.votes())) {
        return Err(protocol(stranger, "only members with a vote speak"));
    }
    if let Some(synthesis) = &folder.synthesis {
        binds.check(synthesis, true)?;
        if synthesis.record().turns != folder.statements() {
            return Err(protocol(synthesis, "the synthesis does not name every statement, and no other"));
        }
        take(&mut session, synthesis, Step::Synthesize)?;
    }
    let bound = folder.synthesis.as_ref().map(Signed::digest);
    for ((ballot, by), vote) in &folder.votes {
        binds.check(vote, true)?;
        let record = vote.record();
        let before = ballot.checked_sub(1).and_then(|earlier| folder.votes.get(&(earlier, by.clone()))).map(Signed::digest);
        if record.replaces != before {
            return Err(protocol(vote, "the ballot does not replace the one before it"));
        }
        if record.synthesis != bound {
            return Err(protocol(vote, "the ballot was not cast on this synthesis"));
        }
        if record.confidence > 100 {
            return Err(protocol(vote, "a confidence is between 0 and 100"));
        }
        take(&mut session, vote, Step::Vote(*ballot))?;
    }
    if let Some(withdrawal) = &folder.withdrawal {
        binds.check(withdrawal, true)?;
        take(&mut session, withdrawal, Step::Withdraw)?;
    }
    let count = tally::count(&law.roster, law.consensus.classes.of(proposal.record().risk), &folder.ballots());
    Ok(Examined { id, folder, proposal, law, sealing, session, count })
}

/// Holds one record by itself to the proposal that it is about: the canon, the proposal, the key.
pub fn check_record<R: Record>(law: &Law, root: Option<Digest>, proposal: &Signed<Proposal>, signed: &Signed<R>) -> Result<(), Finding> {
    Binds { law, root, proposal: proposal.digest() }.check(signed, true)
}

/// What every record of one resolution must name.
struct Binds<'a> {
    law: &'a Law,
    root: Option<Digest>,
    proposal: Digest,
}

impl Binds<'_> {
    fn check<R: Record>(&self, signed: &Signed<R>, needs_proposal: bool) -> Result<(), Finding> {
        self.check_binding(signed, needs_proposal)?;
        check_signer(self.law, signed.record().by(), signed)
    }

    fn check_binding<R: Record>(&self, signed: &Signed<R>, needs_proposal: bool) -> Result<(), Finding> {
        let record = signed.record();
        let refuse =
            |code, message: String| Err(Finding::error(code, signed.path(), message).of_record(record.resolution()).of_member(record.by()));
        if record.canon() != self.root.as_ref() {
            return refuse(Code::Binding, "the record belongs to another canon".to_owned());
        }
        if needs_proposal && record.proposal() != Some(&self.proposal) {
            return refuse(Code::Binding, "the record is about another proposal".to_owned());
        }
        Ok(())
    }
}

/// Whether the member that a record names held the key that signed it.
pub fn check_signer<R: Record>(law: &Law, by: &MemberName, signed: &Signed<R>) -> Result<(), Finding> {
    let why = match law.roster.get(by) {
        None => format!("`{by}` was not on the council"),
        Some(member) if !member.holds(signed.signer()) => format!("the key {} was not one of `{by}`", signed.signer().fingerprint()),
        Some(_) => return Ok(()),
    };
    Err(Finding::error(Code::Signer, signed.path(), why).of_record(signed.record().resolution()).of_member(by))
}

fn take<R: Record>(session: &mut Session<'_>, signed: &Signed<R>, step: Step<'_>) -> Result<(), Finding> {
    session.take(signed.record().by(), step).map_err(|refusal: Refusal| protocol(signed, &refusal.to_string()))
}

fn protocol<R: Record>(signed: &Signed<R>, message: &str) -> Finding {
    Finding::error(Code::Protocol, signed.path(), message).of_record(signed.record().resolution()).of_member(signed.record().by())
}
