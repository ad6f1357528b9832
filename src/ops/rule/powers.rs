//! What the Chief may rule, with the words that help him on.

use crate::canon::policy::Bypass;
use crate::canon::{MemberName, RepoPath};
use crate::council::machine::Step;
use crate::ledger::examine::Examined;
use crate::ledger::kinds::Verdict;
use crate::ledger::proposal::{added_keys, staleness};
use crate::workspace::Error;
use crate::workspace::assess::Assessment;
use crate::workspace::cases;
use crate::workspace::desk::Desk;
use crate::workspace::next::refused;
use crate::workspace::recovery::{Progress, brought, progress};

use super::Request;

/// Holds the Chief to his powers, with the words that help him on.
pub(super) fn allow(assessment: &Assessment, examined: &Examined<'_>, request: &Request<'_>) -> Result<(), Error> {
    let id = request.id;
    let (proposal, ledger) = (examined.proposal.record(), &assessment.judgement.ledger);
    if request.verdict == Verdict::Recover {
        return allow_recovery(assessment, examined);
    }
    if proposal.recovery.is_some() && request.verdict == Verdict::Approve {
        return Err(Error::denied(
            format!("{id} is a recovery: it is ruled with the new key, after enough recovery keys signed it"),
            format!("omega key recovery finish {id} --key FILE; or, if the old key is there again: omega rule {id} reject"),
        ));
    }
    let by = &examined.law.roster.chief().name;
    let mut session = examined.session.clone();
    session.take(by, Step::Rule).map_err(|refusal| refused(examined, &refusal))?;
    if request.verdict != Verdict::Approve {
        return match request.bypass {
            Some(_) => Err(Error::usage("only an approval can bypass the council", "leave --bypass out")),
            None => Ok(()),
        };
    }
    must_be_fresh(assessment, examined, &format!("carry it over: omega propose --supersedes {id}"))?;
    if proposal.settles.is_some_and(|ruling| !ledger.unsettled.iter().any(|unsettled| unsettled.ruling == ruling)) {
        return Err(Error::denied("the emergency that this settles is settled already", format!("omega rule {id} reject")));
    }
    let under = |path: &RepoPath| ledger.unsettled.iter().find(|unsettled| unsettled.before.contains_key(path));
    if let Some((path, unsettled)) = proposal.changes.iter().find_map(|change| Some((&change.path, under(&change.path)?))) {
        return Err(Error::denied(
            format!("`{path}` is under the emergency of ruling {} until that is settled", unsettled.sequence),
            format!("omega propose --settles {}", unsettled.resolution),
        ));
    }
    must_be_enrolled(assessment, examined)?;
    // The engines may have changed since it was proposed: a binary that obeys it otherwise does not ratify it.
    let bytes = &assessment.evidence.bytes;
    cases::must_hold(proposal.changes.iter().filter_map(|change| Some((&change.path, bytes.get(&change.after?)?.as_slice()))))?;
    let needed = examined.count.bypass_to_approve();
    if needed == request.bypass {
        return match needed {
            Some(bypass) if !examined.law.consensus.classes.of(proposal.risk).bypass.contains(&bypass) => Err(Error::denied(
                format!("{} does not permit {} for {} risk", examined.law.documents.consensus, bypass.as_str(), proposal.risk),
                format!("omega show {id}"),
            )),
            _ => Ok(()),
        };
    }
    match needed {
        None => Err(Error::usage("the council approves, and nothing is bypassed", "leave --bypass out")),
        Some(bypass) => {
            let why = match bypass {
                Bypass::QuorumUnavailable => {
                    format!("there is no quorum: {} of {} votes", examined.count.tally.cast, examined.count.tally.eligible)
                }
                Bypass::StrictModeDisabled => "there are too few voters for the faults that this class claims to tolerate".to_owned(),
                Bypass::Override => "the council does not approve".to_owned(),
            };
            let permitted = examined.law.consensus.classes.of(proposal.risk).bypass.contains(&bypass);
            let hint = if permitted {
                format!("wait for votes; or, for the record, rule without them: omega ratify {id} --bypass {}", bypass.as_str())
            } else {
                format!("wait for votes, or: omega rule {id} reject")
            };
            Err(Error::denied(why, hint))
        }
    }
}

/// Who rules: the Chief. In a recovery that is whoever holds the key that it gives him.
pub(super) fn ruler(desk: &Desk<'_>, assessment: &Assessment, examined: &Examined<'_>, request: &Request<'_>) -> Result<MemberName, Error> {
    let law = assessment.law()?;
    let (id, chief) = (request.id, law.roster.chief());
    if request.verdict != Verdict::Recover {
        return match desk.member(law)? {
            member if member.name == chief.name => Ok(member.name.clone()),
            _ => Err(Error::denied(
                format!("only the Chief rules, and `{}` is the Chief", chief.name),
                format!("say what you think of it: omega vote {id} approve"),
            )),
        };
    }
    if progress(assessment, examined).is_none() {
        return Err(Error::denied(format!("{id} is not a recovery"), format!("as Chief: omega ratify {id}")));
    }
    let key = desk.public_key().ok_or_else(|| Error::usage("a ruling is signed with a key at hand", "--key FILE"))?;
    match brought(assessment, examined) {
        Some(member) if member.holds(key) => Ok(chief.name.clone()),
        _ => Err(Error::denied(format!("{id} does not give the Chief the key {}", key.fingerprint()), "name the new key with --key FILE")),
    }
}

/// Holds a recovery to its rule; that it changes keys and nothing else is held by the fold.
fn allow_recovery(assessment: &Assessment, examined: &Examined<'_>) -> Result<(), Error> {
    let id = examined.id;
    let anew = "start again: omega key recovery start --to FILE";
    if !examined.folder.is_untouched() {
        return Err(Error::denied(format!("{id} has statements or votes, and a recovery is made without"), anew));
    }
    must_be_fresh(assessment, examined, anew)?;
    must_be_enrolled(assessment, examined)?;
    match progress(assessment, examined) {
        Some(Progress { signed, needed, .. }) if signed < needed => Err(Error::denied(
            format!("{signed} of {needed} recovery keys have signed"),
            format!("omega key recovery sign {id} --key FILE"),
        )),
        _ => Ok(()),
    }
}

fn must_be_fresh(assessment: &Assessment, examined: &Examined<'_>, hint: &str) -> Result<(), Error> {
    let ledger = &assessment.judgement.ledger;
    let proposal = examined.proposal.record();
    let base = proposal.base.and_then(|base| ledger.sequence_of(&base)).unwrap_or(0);
    match staleness(ledger, proposal, base, &assessment.evidence.bytes) {
        Some(why) => Err(Error::denied(format!("{} is stale: {why}", examined.id), hint)),
        None => Ok(()),
    }
}

fn must_be_enrolled(assessment: &Assessment, examined: &Examined<'_>) -> Result<(), Error> {
    let missing: Vec<String> = added_keys(examined.proposal.record(), examined.law, &assessment.evidence.bytes)
        .into_iter()
        .filter(|(key, _)| !examined.folder.enrolments.contains_key(&key.id()))
        .map(|(key, name)| format!("{} of `{}`", key.fingerprint(), name.map_or("the recovery keys".to_owned(), String::from)))
        .collect();
    if missing.is_empty() {
        return Ok(());
    }
    Err(Error::denied(
        format!("the holder of each added key signs the proposal first; missing: {}", missing.join(", ")),
        format!("omega enrol {} --key FILE", examined.id),
    ))
}
