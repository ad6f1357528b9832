//! The fold: ledger × ruling → ledger, or the one finding that stops it. It reads only what rulings
//! bind; nothing open, no clock and no disk can make it fail.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::canon::policy::Presence;
use crate::canon::{Document, Domain, Member, Place, RepoPath, ResolutionId, front, layout};
use crate::council::machine::Step;
use crate::digest::Digest;
use crate::finding::{Code, Finding};

use super::artifacts;
use super::evidence::Evidence;
use super::examine::{Examined, check_signer, examine};
use super::folder::Folder;
use super::kinds::{Change, Content, FileMode, Proposal, Ruling, Verdict};
use super::law;
use super::proposal::{self, Bytes, staleness};
use super::record::Signed;
use super::signers;
use super::state::{Law, Ledger, Ruled, Unsettled};

/// Folds all rulings in order. Gives the ledger as far as it holds, and the finding that stopped it.
pub fn fold(evidence: &Evidence) -> (Ledger, Option<Finding>) {
    let mut ledger = Ledger::default();
    for (expected, (sequence, ruling)) in (0..).zip(&evidence.rulings) {
        if *sequence != expected {
            let message = format!("ruling {expected} is missing");
            return (ledger, Some(Finding::error(Code::Chain, layout::ruling(expected), message)));
        }
        if let Err(finding) = step(&mut ledger, evidence, ruling) {
            return (ledger, Some(finding.of_ruling(ruling)));
        }
    }
    (ledger, None)
}

impl Finding {
    fn of_ruling(mut self, ruling: &Signed<Ruling>) -> Self {
        self.record.get_or_insert_with(|| ruling.record().resolution.to_string());
        self
    }
}

/// Takes one more ruling. A ledger for which this fails must not be used any further.
pub fn step(ledger: &mut Ledger, evidence: &Evidence, ruling: &Signed<Ruling>) -> Result<(), Finding> {
    let record = ruling.record();
    let refuse = |code, message: String| Err(Finding::error(code, ruling.path(), message).of_member(&record.by));
    let genesis = ledger.rulings.is_empty();
    if record.sequence as usize != ledger.rulings.len() || record.previous != ledger.head().map(|head| head.digest) {
        return refuse(Code::Chain, "the ruling does not follow the one before it".to_owned());
    }
    if record.canon != ledger.root() {
        return refuse(Code::Binding, "the ruling belongs to another canon".to_owned());
    }
    let closing = closing(ledger, evidence, ruling)?;
    let Some(proposal) = closing.folder.proposal.as_ref() else {
        return refuse(Code::RecordList, "the ruling does not list the proposal".to_owned());
    };
    if record.proposal != proposal.digest() {
        return refuse(Code::Binding, "the ruling is about another proposal".to_owned());
    }
    let case = Case { ledger, evidence, ruling, proposal, closing: &closing };
    let next = if genesis { case.genesis()? } else { case.judge()? };
    apply(ledger, ruling, proposal.record(), &closing, next, &evidence.bytes)
}

/// What a ruling closes.
struct Closing<'a> {
    id: ResolutionId,
    folder: Cow<'a, Folder>,
    /// Earlier proposals that it closes with it.
    superseded: Vec<ResolutionId>,
}

/// Takes the folders as the ruling saw them, and holds its list of records to what must be there.
fn closing<'a>(ledger: &Ledger, evidence: &'a Evidence, ruling: &Signed<Ruling>) -> Result<Closing<'a>, Finding> {
    let record = ruling.record();
    let id = &record.resolution;
    let refuse = |path: &RepoPath, code, message: String| Err(Finding::error(code, path, message).of_record(id));
    for (path, digest) in &record.records {
        match evidence.digests.get(path) {
            None => return refuse(path, Code::RecordChanged, format!("ruling {} lists this file, and it is missing", record.sequence)),
            Some(found) if found != digest => {
                return refuse(path, Code::RecordChanged, format!("ruling {} saw other bytes", record.sequence));
            }
            Some(_) => {}
        }
    }
    let listed = |path: &RepoPath| record.records.contains_key(path);
    let mut expected: BTreeSet<RepoPath> = BTreeSet::new();
    let mut superseded: Vec<ResolutionId> = Vec::new();
    let mut main = None;
    let mut next = Some(id.clone());
    while let Some(current) = next.take() {
        if let Some(sequence) = ledger.closed.get(&current) {
            if main.is_none() {
                return refuse(ruling.path(), Code::Chain, format!("{current} was closed by ruling {sequence} already"));
            }
            let effective = !matches!(record.verdict, Verdict::Reject | Verdict::Amend);
            if effective && ledger.is_approved(&current) {
                return refuse(ruling.path(), Code::RecordList, format!("{current} is ratified and cannot be superseded"));
            }
            break;
        }
        let folder = match evidence.folders.get(&current) {
            // Nearly always the ruling saw all that lies there, and nothing has to be copied.
            Some(folder) if folder.records().keys().all(listed) => Cow::Borrowed(folder),
            Some(folder) => Cow::Owned(folder.restricted(&listed)),
            None => Cow::Owned(Folder::default()),
        };
        let Some(proposal) = folder.proposal.as_ref() else {
            let path = layout::in_folder(&current, "proposal.md");
            return refuse(&path, Code::RecordList, format!("ruling {} closes {current} and does not list its proposal", record.sequence));
        };
        expected.extend(folder.records().into_keys());
        next = proposal.record().supersedes.clone();
        match &main {
            None => main = Some(folder),
            Some(first) => {
                // Only the same member can supersede what nobody has ruled.
                let by = first.proposal.as_ref().map(|p| &p.record().by);
                if by != Some(&proposal.record().by) || superseded.contains(&current) || current == *id {
                    return refuse(proposal.path(), Code::RecordList, format!("{id} cannot supersede {current}"));
                }
                let (_, law) = judging(ledger, proposal)?;
                examine(&current, &folder, law, ledger.root())?;
                superseded.push(current);
            }
        }
    }
    let folder = main.expect("the first round of the loop sets it or returns");
    expected.insert(layout::in_folder(id, "transcript.md"));
    expected.insert(layout::in_folder(id, "docket.md"));
    if let Some(path) = expected.iter().find(|path| !listed(path)) {
        return refuse(path, Code::RecordList, format!("ruling {} does not list this file", record.sequence));
    }
    if let Some(path) = record.records.keys().find(|path| !expected.contains(*path)) {
        return refuse(
            path,
            Code::RecordList,
            format!("ruling {} lists this file, which is no valid record of what it closes", record.sequence),
        );
    }
    Ok(Closing { id: id.clone(), folder, superseded })
}

/// The ruling by whose state a proposal is judged, and the law of that state.
pub fn judging<'a>(ledger: &'a Ledger, proposal: &Signed<Proposal>) -> Result<(u32, &'a Law), Finding> {
    let base = proposal.record().base.as_ref().and_then(|base| ledger.sequence_of(base));
    base.and_then(|base| Some((base, ledger.laws.get(base as usize)?.as_ref()))).ok_or_else(|| {
        let message = "the proposal is judged by a ruling that is not in this ledger";
        Finding::error(Code::Chain, proposal.path(), message).of_record(&proposal.record().resolution)
    })
}

/// What a ruling does to the state.
enum Effect {
    /// Nothing.
    None,
    /// The changes hold.
    Change,
    /// The changes hold until settled.
    Provisional(crate::clock::Timestamp),
    /// An emergency holds for good.
    Confirm(Digest),
    /// An emergency is undone.
    Undo(Digest),
}

struct Next {
    law: Arc<Law>,
    effect: Effect,
}

struct Case<'a> {
    ledger: &'a Ledger,
    evidence: &'a Evidence,
    ruling: &'a Signed<Ruling>,
    proposal: &'a Signed<Proposal>,
    closing: &'a Closing<'a>,
}

impl Case<'_> {
    fn refuse<T>(&self, code: Code, message: impl std::fmt::Display) -> Result<T, Finding> {
        let record = self.ruling.record();
        Err(Finding::error(code, self.ruling.path(), message).of_record(&record.resolution).of_member(&record.by))
    }

    /// The first ruling: a proposal without base or votes, ruled by the one Chief that it enrols.
    fn genesis(&self) -> Result<Next, Finding> {
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
        self.check_enrolments(&law, true)?;
        self.check_presence(&law)?;
        self.check_renderings(&examined)?;
        Ok(Next { law, effect: Effect::Change })
    }

    /// Every other ruling.
    fn judge(&self) -> Result<Next, Finding> {
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
                return self.refuse(Code::Recovery, "a recovery is ruled `recover`, and nothing else is");
            }
            if let Some(proof) = self.closing.folder.recovery.values().next().filter(|_| proposal.recovery.is_none()) {
                return Err(Finding::error(Code::Recovery, &proof.path, "recovery keys sign recoveries only").of_record(&self.closing.id));
            }
        }
        self.check_enrolments(&next, matches!(effect, Effect::None | Effect::Confirm(_) | Effect::Undo(_)))?;
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
            return self.refuse(Code::Ruling, "an emergency has an expiry, and nothing else has");
        }
        match ruling.verdict {
            Verdict::Approve | Verdict::Reject | Verdict::Amend => {
                let by = &ruling.by;
                // The Chief at the time of the ruling is not always the one of the base, to whom the
                // machine speaks; the signature is held to the state before the ruling above.
                let seat = if Some(by) == chief { &examined.law.roster.chief().name } else { by };
                for step in [Step::Rule, Step::Close(true)] {
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
                    return self.refuse(Code::Recovery, "the proposal is no recovery, or not only that");
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
            return self.refuse(Code::Ruling, format!("CONSENSUS_ENGINE does not permit {} for {risk} risk", bypass.as_str()));
        }
        Ok(())
    }

    fn check_tally(&self, examined: &Examined<'_>) -> Result<(), Finding> {
        if self.ruling.record().tally != examined.count.tally {
            return self.refuse(Code::Tally, "the tally is not what the votes say");
        }
        Ok(())
    }

    fn check_presence(&self, law: &Law) -> Result<(), Finding> {
        if law.presence == Presence::Required && !self.ruling.user_present() {
            return self.refuse(Code::Signer, "rulings must be signed by a hardware key that was touched");
        }
        Ok(())
    }

    /// Each key that the proposal adds signed the proposal, and nobody else did.
    fn check_enrolments(&self, next: &Law, only_chief_or_none: bool) -> Result<(), Finding> {
        let genesis = self.ledger.rulings.is_empty();
        let enrolled: BTreeSet<_> = self.closing.folder.enrolments.values().map(|proof| &proof.key).collect();
        let before: BTreeSet<[u8; 32]> = self.ledger.law().map(|law| law.keys().map(|(key, _)| key.raw()).collect()).unwrap_or_default();
        let added: BTreeSet<_> = next.keys().filter(|(key, _)| !before.contains(&key.raw())).collect();
        for (key, owner) in &added {
            let must = !genesis || (only_chief_or_none && *owner == Some(&next.roster.chief().name));
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
        let effective = genesis || !only_chief_or_none;
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

    fn check_emergency(&self, examined: &Examined<'_>) -> Result<Effect, Finding> {
        let (ruling, proposal) = (self.ruling.record(), self.proposal.record());
        let law = examined.law;
        if proposal.by != law.roster.chief().name {
            return self.refuse(Code::Emergency, "only the Chief proposes an emergency");
        }
        if proposal.changes.is_empty()
            || proposal.purge.is_some()
            || proposal.settles.is_some()
            || proposal.recovery.is_some()
            || proposal.supersedes.is_some()
        {
            return self.refuse(Code::Emergency, "an emergency changes paths and does nothing else");
        }
        for change in &proposal.changes {
            if is_constitutional(&change.path) {
                return self.refuse(Code::Emergency, format!("an emergency may not touch `{}`", change.path));
            }
            if change.is_release() {
                return self.refuse(Code::Emergency, "an emergency may not change what `who` names");
            }
            if self.ledger.undone.contains(&change.path) {
                return self
                    .refuse(Code::Emergency, format!("an emergency on `{}` was undone, and no council has touched it since", change.path));
            }
        }
        let expires = ruling.at.plus_hours(law.protocol.emergency.expire_hours);
        if ruling.expires != expires {
            return self
                .refuse(Code::Emergency, format!("an emergency expires {} hours after it is ruled", law.protocol.emergency.expire_hours));
        }
        match expires {
            Some(expires) => Ok(Effect::Provisional(expires)),
            None => self.refuse(Code::Emergency, "the emergency never expires"),
        }
    }

    /// A recovery replaces the Chief's keys, by enough recovery keys of the state before, and touches
    /// nothing else but the list of recovery keys.
    fn check_recovery(&self, now: &Law, next: &Law) -> Result<(), Finding> {
        let folder = &self.closing.folder;
        let Some(rule) = &now.consensus.recovery else {
            return self.refuse(Code::Recovery, "CONSENSUS_ENGINE has no recovery keys");
        };
        if let Some(proof) = folder.recovery.values().find(|proof| !rule.keys.contains(&proof.key)) {
            return Err(Finding::error(Code::Recovery, &proof.path, "the key is no recovery key").of_record(&self.closing.id));
        }
        if folder.recovery.len() < rule.threshold as usize {
            return self.refuse(Code::Recovery, format!("{} recovery keys signed, and {} must", folder.recovery.len(), rule.threshold));
        }
        let (old, new) = (now.roster.chief(), next.roster.chief());
        let chief = layout::member(&new.name);
        let consensus: RepoPath = layout::document(&"CONSENSUS_ENGINE".parse().expect("a document name"));
        let fact = layout::fact_of(&"CONSENSUS_ENGINE".parse().expect("a document name"));
        if let Some(change) = self.proposal.record().changes.iter().find(|c| c.path != chief && c.path != consensus && c.path != fact) {
            return self.refuse(Code::Recovery, format!("a recovery may not touch `{}`", change.path));
        }
        if new.keys.iter().any(|key| old.keys.iter().any(|gone| gone.raw() == key.raw())) {
            return self.refuse(Code::Recovery, "a recovery replaces all of the Chief's keys");
        }
        for (path, kept) in [(&chief, kept_of_member as fn(&[u8]) -> Option<Kept>), (&consensus, kept_of_consensus)] {
            let next = self.proposal.record().changes.iter().find(|change| change.path == *path).and_then(|change| change.after);
            let kept = |digest: &Digest| self.evidence.bytes.get(digest).and_then(|bytes| kept(bytes));
            if next.is_some_and(|next| kept(&next) != self.ledger.content(path).and_then(|content| kept(&content.digest))) {
                return self.refuse(Code::Recovery, format!("a recovery changes nothing of `{path}` but keys"));
            }
        }
        if self.ruling.record().by != new.name {
            return self.refuse(Code::Recovery, format!("the recovery is ruled by the Chief, `{}`", new.name));
        }
        check_signer(next, &new.name, self.ruling)?;
        self.check_presence(next)
    }

    /// Purged bytes are named only where they may be purged, and needed by nothing.
    fn check_purge(&self, proposal: &Proposal) -> Result<(), Finding> {
        let refused = proposal.purge.iter().flatten().find_map(|digest| unpurgeable(self.ledger, digest, &proposal.changes));
        refused.map_or(Ok(()), |why| self.refuse(Code::Purge, why))
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

/// Why a proposal with these changes cannot purge these bytes; nothing, if it can.
pub fn unpurgeable(ledger: &Ledger, digest: &Digest, changes: &[Change]) -> Option<String> {
    let why = match ledger.named.get(digest) {
        None => Some("no ruled proposal names them"),
        Some(None) => Some("they were proposed at a path that is never purged"),
        Some(Some(_)) if ledger.purged.contains_key(digest) => Some("they were purged before"),
        Some(Some(_)) => None,
    };
    if let Some(why) = why {
        return Some(format!("the bytes {} cannot be purged: {why}", digest.short()));
    }
    let needed = ledger.unsettled.iter().flat_map(|u| u.before.values()).flatten().any(|content| content.digest == *digest);
    let gone: BTreeSet<&RepoPath> = changes.iter().map(|change| &change.path).collect();
    let live = ledger.paths().any(|(path, content)| content.digest == *digest && !gone.contains(path));
    let brought = changes.iter().any(|change| change.after == Some(*digest));
    (needed || live || brought).then(|| format!("the bytes {} are still needed", digest.short()))
}

/// What a file says that a recovery may not change.
type Kept = (serde_json::Value, String);

/// Everything of a member but the keys.
fn kept_of_member(bytes: &[u8]) -> Option<Kept> {
    let (member, body): (Member, &str) = front::parse(bytes).ok()?;
    Some((serde_json::to_value(Member { keys: Vec::new(), ..member }).ok()?, body.to_owned()))
}

/// Everything of CONSENSUS_ENGINE but the stamps and the recovery keys.
fn kept_of_consensus(bytes: &[u8]) -> Option<Kept> {
    let (Document { mut policy, enforcement, .. }, body) = Document::parse(bytes).ok()?;
    policy.remove("recovery");
    Some((serde_json::to_value((policy, enforcement)).ok()?, body.to_owned()))
}

/// The law that a first proposal leads to, if the state that it plants is valid.
pub fn genesis_law(proposal: &Proposal, bytes: &Bytes) -> Result<Arc<Law>, Finding> {
    let changes = proposal.changes.iter().map(|change| (change.path.clone(), change.content())).collect();
    law::after(&Ledger::default(), &changes, proposal, bytes)
}

/// Paths that the Chief alone can never touch: council, protocol, consensus and security.
pub fn is_constitutional(path: &RepoPath) -> bool {
    const NAMES: [&str; 3] = ["PEACE_PIPE_PROTOCOL", "CONSENSUS_ENGINE", "SECURITY_AND_PRIVACY"];
    match Place::of(path) {
        Some(Place::Member(_)) => true,
        Some(Place::Document(name)) => NAMES.contains(&name.as_str()),
        Some(Place::Entry(Domain::Fact, key)) => NAMES.contains(&key.as_str()),
        _ => false,
    }
}

/// What each path holds after the effect.
fn effect_changes(ledger: &Ledger, proposal: &Proposal, effect: &Effect) -> BTreeMap<RepoPath, Option<Content>> {
    match effect {
        Effect::None | Effect::Confirm(_) => BTreeMap::new(),
        Effect::Change | Effect::Provisional(_) => proposal.changes.iter().map(|change| (change.path.clone(), change.content())).collect(),
        Effect::Undo(ruling) => ledger.unsettled.iter().find(|u| u.ruling == *ruling).map(|u| u.before.clone()).unwrap_or_default(),
    }
}

fn apply(
    ledger: &mut Ledger,
    ruling: &Signed<Ruling>,
    proposal: &Proposal,
    closing: &Closing<'_>,
    next: Next,
    bytes: &Bytes,
) -> Result<(), Finding> {
    let record = ruling.record();
    let sequence = record.sequence;
    let changes = effect_changes(ledger, proposal, &next.effect);
    for change in &proposal.changes {
        let effective = !matches!(next.effect, Effect::None);
        let purgeable = !change.path.is_canon() || matches!(Place::of(&change.path), Some(Place::Entry(..)));
        for digest in change.before.iter().chain(&change.after) {
            let named = ledger.named.entry(*digest).or_insert_with(|| Some(BTreeSet::new()));
            match named {
                // What was only proposed at such a path never was a document.
                Some(paths) if purgeable || !effective => drop(paths.insert(change.path.clone())),
                _ => *named = None,
            }
        }
    }
    match &next.effect {
        Effect::None => {}
        Effect::Change => {
            for change in &proposal.changes {
                ledger.undone.remove(&change.path);
            }
            ledger.purged.extend(proposal.purge.iter().flatten().map(|digest| (*digest, sequence)));
        }
        Effect::Provisional(expires) => {
            let before = changes.keys().map(|path| (path.clone(), ledger.content(path))).collect();
            ledger.unsettled.push(Unsettled {
                ruling: ruling.digest(),
                sequence,
                resolution: closing.id.clone(),
                at: record.at,
                expires: *expires,
                risk: proposal.risk,
                before,
            });
        }
        Effect::Confirm(settled) | Effect::Undo(settled) => {
            if let Some(index) = ledger.unsettled.iter().position(|u| u.ruling == *settled) {
                let unsettled = ledger.unsettled.remove(index);
                if matches!(next.effect, Effect::Undo(_)) {
                    ledger.undone.extend(unsettled.before.into_keys());
                } else {
                    for path in unsettled.before.keys() {
                        ledger.undone.remove(path);
                    }
                }
            }
        }
    }
    for (path, content) in changes {
        if let Some(height) = content.and_then(|content| law::height(&path, bytes.get(&content.digest)?))
            && ledger.highest(&path).is_none_or(|highest| height > highest)
        {
            ledger.heights.entry(path.clone()).or_default().push((sequence, height));
        }
        if content.is_some_and(|content| content.mode == FileMode::Link) {
            ledger.links.insert(path.clone());
        }
        ledger.timeline.entry(path).or_default().push((sequence, content));
    }
    for (key, owner) in next.law.keys() {
        ledger.keys.entry(key.raw()).or_insert_with(|| (sequence, owner.cloned()));
    }
    // Most rulings leave the law as it is: it is then the very same one, and so are its signers.
    let changed = ledger.law().is_none_or(|law| !Arc::ptr_eq(law, &next.law) && signers::render(law) != signers::render(&next.law));
    let rendered = changed.then(|| signers::render(&next.law));
    for id in closing.superseded.iter().chain([&closing.id]) {
        ledger.closed.insert(id.clone(), sequence);
    }
    ledger.rulings.push(Ruled {
        digest: ruling.digest(),
        resolution: closing.id.clone(),
        verdict: record.verdict,
        by: record.by.clone(),
        at: record.at,
        signers: rendered,
    });
    ledger.laws.push(next.law);
    Ok(())
}
