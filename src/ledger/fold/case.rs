//! One ruling before the law: whether it may be made, and what it does.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::canon::layout;
use crate::canon::policy::{PeacePipe, Presence};
use crate::council::machine::Step;
use crate::digest::Digest;
use crate::finding::{Code, Finding};
use crate::ledger::evidence::Evidence;
use crate::ledger::examine::{Examined, check_signer, examine};
use crate::ledger::kinds::{Proposal, Ruling, Verdict};
use crate::ledger::proposal::{self, staleness};
use crate::ledger::record::Signed;
use crate::ledger::state::{Law, Ledger, Unsettled};
use crate::ledger::{artifacts, law};

use super::closing::Closing;
use super::{Effect, Next, effect_changes, judging};

pub(super) struct Case<'a> {
    pub(super) ledger: &'a Ledger,
    pub(super) evidence: &'a Evidence,
    pub(super) ruling: &'a Signed<Ruling>,
    pub(super) proposal: &'a Signed<Proposal>,
    pub(super) closing: &'a Closing<'a>,
}

impl Case<'_> {
    pub(super) fn refuse<T>(&self, code: Code, message: impl std::fmt::Display) -> Result<T, Finding> {
        let record = self.ruling.record();
        Err(Finding::error(code, self.ruling.path(), message).of_record(&record.resolution).of_member(&record.by))
    }

    /// The first ruling: a proposal without base or votes, ruled by the one Chief that it enrols.
    pub(super) fn genesis(&self) -> Result<Next, Finding> {
        let (ruling, proposal) = (self.ruling.record(), self.proposal.record());
        if proposal.base.is_some()
            || proposal.supersedes.is_some()
            || proposal.settles.is_some()
            || proposal.purge.is_some()
            || proposal.recovery.is_some()
        {
            return self.refuse(Code::Proposal, "the first proposal has no base, and refers to nothing before it");
        }
        if ruling.verdict != Verdict::Approve || ruling.bypass.is_some() || ruling.expires.is_some() {
            return self.refuse(Code::Ruling, "the first ruling approves, without bypass or expiry");
        }
        if !self.closing.folder.is_untouched() || !self.closing.folder.recovery.is_empty() || self.closing.folder.withdrawal.is_some() {
            return self.refuse(Code::Ruling, "nobody could speak or vote before the first ruling");
        }
        let law = self.next_law(&Effect::Change)?;
        let chief = &law.roster.chief().name;
        if proposal.by != *chief || ruling.by != *chief {
            return self.refuse(Code::Ruling, format!("the first proposal and ruling are the Chief's, `{chief}`"));
        }
        check_signer(&law, chief, self.ruling)?;
        let examined = examine(&self.closing.id, &self.closing.folder, &law, None)?;
        proposal::check(self.ledger, &examined, None, &self.evidence.bytes)?;
        self.check_tally(&examined)?;
        self.check_enrolments(&law, &Effect::Change)?;
        self.check_presence(&law)?;
        Ok(Next { law, effect: Effect::Change })
    }

    /// Every other ruling.
    pub(super) fn judge(&self) -> Result<Next, Finding> {
        let (ruling, proposal) = (self.ruling.record(), self.proposal.record());
        let (base, law) = judging(self.ledger, self.proposal)?;
        let now = self.ledger.law().expect("genesis has a law");
        let mut examined = examine(&self.closing.id, &self.closing.folder, law, self.ledger.root())?;
        if self.closing.folder.withdrawal.is_some() {
            return self.refuse(Code::Ruling, "the proposal was withdrawn");
        }
        self.check_tally(&examined)?;
        let effect = self.effect(&mut examined, base)?;
        let next = match &effect {
            Effect::None => Arc::clone(now),
            effect => self.next_law(effect)?,
        };
        if matches!(effect, Effect::Provisional(_)) && next.who != now.who {
            return self.refuse(Code::Emergency, "an emergency may not change what `who` names");
        }
        if ruling.verdict == Verdict::Recover {
            self.check_recovery(now, &next)?;
        } else {
            let chief = &now.roster.chief().name;
            if ruling.by != *chief {
                return self.refuse(Code::Signer, format!("only the Chief rules, and `{chief}` is the Chief"));
            }
            check_signer(now, chief, self.ruling)?;
            self.check_presence(now)?;
            if proposal.recovery.is_some() && matches!(effect, Effect::Change) {
                return self.refuse(Code::Recovery, "a recovery is ruled `recover`, and only a recovery is");
            }
            if let Some(proof) = self.closing.folder.recovery.values().next().filter(|_| proposal.recovery.is_none()) {
                return Err(Finding::error(Code::Recovery, &proof.path, "recovery keys sign recoveries only").of_record(&self.closing.id));
            }
        }
        self.check_enrolments(&next, &effect)?;
        self.check_renderings(&examined)?;
        Ok(Next { law: next, effect })
    }

    /// Holds the verdict to the Chief's powers, and says what it does.
    fn effect(&self, examined: &mut Examined<'_>, base: u32) -> Result<Effect, Finding> {
        let (ruling, proposal) = (self.ruling.record(), self.proposal.record());
        proposal::check_shape(proposal)
            .map_err(|why| Finding::error(Code::Proposal, self.proposal.path(), why).of_record(&self.closing.id).of_member(&proposal.by))?;
        let chief = self.ledger.law().map(|law| &law.roster.chief().name);
        if (ruling.verdict == Verdict::Emergency) != ruling.expires.is_some() {
            return self.refuse(Code::Ruling, "an emergency has an expiry, and no other ruling has one");
        }
        match ruling.verdict {
            Verdict::Approve | Verdict::Reject | Verdict::Amend => {
                let by = &ruling.by;
                // The Chief at the time of the ruling is not always the one of the base, to whom the
                // machine speaks; the signature is held to the state before the ruling above.
                let seat = if Some(by) == chief { &examined.law.roster.chief().name } else { by };
                let bound = examined.law.protocol.is_bound_by(&PeacePipe::ARTIFACTS);
                for step in [Step::Rule, Step::Close(bound)] {
                    examined.session.take(seat, step).map_err(|refusal| {
                        Finding::error(Code::Protocol, self.ruling.path(), refusal).of_record(&self.closing.id).of_member(by)
                    })?;
                }
            }
            Verdict::Emergency | Verdict::Expire | Verdict::Recover => {
                if !self.closing.folder.is_untouched() {
                    return self.refuse(
                        Code::Ruling,
                        format!("a ruling `{}` is made alone, and there are turns or votes", ruling.verdict.as_str()),
                    );
                }
            }
        }
        if ruling.verdict != Verdict::Approve && ruling.bypass.is_some() {
            return self.refuse(Code::Ruling, "only an approval can bypass the council");
        }
        if matches!(ruling.verdict, Verdict::Approve | Verdict::Emergency | Verdict::Recover) {
            if let Some(why) = staleness(self.ledger, proposal, base, &self.evidence.bytes) {
                return self.refuse(Code::Stale, why);
            }
            proposal::check(self.ledger, examined, Some(base), &self.evidence.bytes)?;
            self.check_unsettled_paths(proposal)?;
        }
        match ruling.verdict {
            Verdict::Amend => Ok(Effect::None),
            Verdict::Reject | Verdict::Expire => match self.settled(proposal)? {
                Some(unsettled) => {
                    // Whatever undoes an emergency is a settlement in full form.
                    proposal::check(self.ledger, examined, Some(base), &self.evidence.bytes)?;
                    Ok(Effect::Undo(unsettled.ruling))
                }
                None if ruling.verdict == Verdict::Reject => Ok(Effect::None),
                None => self.refuse(Code::Emergency, "the ruling expires no emergency"),
            },
            Verdict::Approve => {
                self.check_bypass(examined)?;
                self.check_purge(proposal)?;
                if proposal.settles.is_none() {
                    return Ok(Effect::Change);
                }
                match self.settled(proposal)? {
                    Some(unsettled) => Ok(Effect::Confirm(unsettled.ruling)),
                    None => self.refuse(Code::Emergency, "the proposal settles no emergency that is open"),
                }
            }
            Verdict::Emergency => self.check_emergency(examined),
            Verdict::Recover => {
                if proposal.recovery.is_none() || proposal.purge.is_some() {
                    return self.refuse(Code::Recovery, "the proposal is not a recovery, or not only a recovery");
                }
                Ok(Effect::Change)
            }
        }
    }

    /// The emergency that the proposal settles; an error, if it names one that is not open.
    fn settled(&self, proposal: &Proposal) -> Result<Option<&Unsettled>, Finding> {
        let Some(settles) = proposal.settles else { return Ok(None) };
        match self.ledger.unsettled.iter().find(|unsettled| unsettled.ruling == settles) {
            Some(unsettled) => Ok(Some(unsettled)),
            // A reject or amend may still close a proposal whose emergency is gone.
            None if self.ruling.record().verdict == Verdict::Reject => Ok(None),
            None => self.refuse(Code::Emergency, "the proposal settles no emergency that is open"),
        }
    }

    /// Until an emergency is settled, nothing but its settlement touches its paths.
    fn check_unsettled_paths(&self, proposal: &Proposal) -> Result<(), Finding> {
        for unsettled in &self.ledger.unsettled {
            if let Some(change) = proposal.changes.iter().find(|change| unsettled.before.contains_key(&change.path)) {
                return self.refuse(
                    Code::Emergency,
                    format!("`{}` is under the emergency of ruling {} until that is settled", change.path, unsettled.sequence),
                );
            }
        }
        Ok(())
    }

    fn check_bypass(&self, examined: &Examined<'_>) -> Result<(), Finding> {
        let needed = examined.count.bypass_to_approve();
        let given = self.ruling.record().bypass;
        let risk = self.proposal.record().risk;
        match (needed, given) {
            (needed, given) if needed == given => {}
            (Some(needed), _) => {
                return self.refuse(Code::Ruling, format!("the council did not approve; approving takes the bypass {}", needed.as_str()));
            }
            (None, _) => return self.refuse(Code::Ruling, "the council approved, and nothing is bypassed"),
        }
        if let Some(bypass) = given
            && !examined.law.consensus.classes.of(risk).bypass.contains(&bypass)
        {
            return self
                .refuse(Code::Ruling, format!("{} does not permit {} for {risk} risk", examined.law.documents.consensus, bypass.as_str()));
        }
        Ok(())
    }

    fn check_tally(&self, examined: &Examined<'_>) -> Result<(), Finding> {
        if self.ruling.record().tally != examined.count.tally {
            return self.refuse(Code::Tally, "the tally is not what the votes say");
        }
        Ok(())
    }

    pub(super) fn check_presence(&self, law: &Law) -> Result<(), Finding> {
        if law.presence == Presence::Required && !self.ruling.user_present() {
            return self.refuse(Code::Signer, "rulings must be signed by a hardware key that was touched");
        }
        Ok(())
    }

    /// Each key that the proposal adds signed the proposal, and nobody else did. Of the first keys only the Chief's has to.
    fn check_enrolments(&self, next: &Law, effect: &Effect) -> Result<(), Finding> {
        let genesis = self.ledger.rulings.is_empty();
        let enrolled: BTreeSet<_> = self.closing.folder.enrolments.values().map(|proof| &proof.key).collect();
        let before: BTreeSet<[u8; 32]> = self.ledger.law().map(|law| law.keys().map(|(key, _)| key.raw()).collect()).unwrap_or_default();
        let added: BTreeSet<_> = next.keys().filter(|(key, _)| !before.contains(&key.raw())).collect();
        for (key, owner) in &added {
            let must = !genesis || *owner == Some(&next.roster.chief().name);
            if must && !enrolled.contains(key) {
                let path = layout::in_folder(&self.closing.id, format_args!("keys/{}.sig", key.id()));
                return Err(Finding::error(
                    Code::Enrolment,
                    path,
                    format!("the added key {} did not sign the proposal", key.fingerprint()),
                )
                .of_record(&self.closing.id));
            }
        }
        // A proposal that is not approved adds nothing, and its enrolments are only promises.
        let effective = matches!(effect, Effect::Change | Effect::Provisional(_));
        for proof in self.closing.folder.enrolments.values() {
            if effective && !added.iter().any(|(key, _)| *key == &proof.key) {
                return Err(
                    Finding::error(Code::Enrolment, &proof.path, "the key is not one that the proposal adds").of_record(&self.closing.id)
                );
            }
        }
        Ok(())
    }

    /// Who was there, what was said: rendered anew, byte for byte.
    fn check_renderings(&self, examined: &Examined<'_>) -> Result<(), Finding> {
        for (name, rendered) in [("transcript.md", artifacts::transcript(examined)), ("docket.md", artifacts::docket(examined))] {
            let path = layout::in_folder(&self.closing.id, name);
            if self.ruling.record().records.get(&path) != Some(&Digest::of(rendered.as_bytes())) {
                return Err(Finding::error(Code::Derived, path, "the file is not the rendering of its records").of_record(&self.closing.id));
            }
        }
        Ok(())
    }

    /// The law of the state that the effect leads to; the whole of that state is held to be valid.
    fn next_law(&self, effect: &Effect) -> Result<Arc<Law>, Finding> {
        let changes = effect_changes(self.ledger, self.proposal.record(), effect);
        if let Some(law) = self.ledger.law().filter(|_| changes.is_empty()) {
            return Ok(Arc::clone(law));
        }
        let after = |changes: &BTreeMap<_, _>| {
            law::after(self.ledger, changes, self.proposal.record(), &self.evidence.bytes)
                .map_err(|finding| finding.of_record(&self.closing.id))
        };
        let law = after(&changes)?;
        if matches!(effect, Effect::Change | Effect::Provisional(_)) {
            // Whichever emergency is undone next, what is left is a state.
            for unsettled in &self.ledger.unsettled {
                let mut undone = changes.clone();
                undone.extend(unsettled.before.iter().map(|(path, content)| (path.clone(), *content)));
                after(&undone).map_err(|mut finding| {
                    finding.message = format!("with the emergency of ruling {} undone: {}", unsettled.sequence, finding.message);
                    finding
                })?;
            }
        }
        Ok(law)
    }
}
