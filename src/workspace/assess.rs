//! Reading a tree and judging it whole.

use std::collections::BTreeSet;

use crate::canon::path::fold;
use crate::canon::{Place, RepoPath, ResolutionId, Who, layout, policy};
use crate::digest::Digest;
use crate::finding::{Code, Finding};
use crate::git::Attributes;
use crate::ledger::evidence::{Evidence, Scope, gather, gather_beside};
use crate::ledger::examine::{Examined, examine};
use crate::ledger::kinds::Proposal;
use crate::ledger::live::survey;
use crate::ledger::proposal::staleness;
use crate::ledger::state::{Law, Ledger};
use crate::ledger::verdict::{Judgement, Standing, fold_on_and_examine, judge};
use crate::tree::{Tree, TreeError};

use super::Error;
use super::error::too_much;

/// A tree, read and judged.
#[derive(Clone, Debug)]
pub struct Assessment {
    /// What lies under `canon/`.
    pub evidence: Evidence,
    /// What follows from it.
    pub judgement: Judgement,
}

/// Reads and judges everything, on as many threads.
///
/// # Errors
/// When nothing can be said: an object is missing, or a file follows newer rules.
pub fn assess(tree: &dyn Tree, threads: usize) -> Result<Assessment, Error> {
    match gather(tree, &Scope::all(threads)) {
        Err(TreeError::TooMuch { path, what }) => Ok(Assessment::too_much(&path, what)),
        gathered => judged(tree, Ledger::default(), gathered?),
    }
}

/// Reads and judges everything, beside a tree that was judged a moment ago, if there is one. What the rulings there have settled
/// is not read and not folded again, where it lies here as the very same objects. The result is the same as that of [`assess`].
///
/// # Errors
/// As for [`assess`].
pub fn assess_beside(known: Option<&Assessment>, tree: &dyn Tree, threads: usize) -> Result<Assessment, Error> {
    if let Some(known) = known
        && let Some(settled) = known.settled()
        // Where there is too much, `assess` says so.
        && let Ok(Some(evidence)) = gather_beside(tree, settled, threads)
        && known.has_needed(&evidence)
    {
        return judged(tree, known.judgement.ledger.clone(), evidence);
    }
    assess(tree, threads)
}

/// That there is no canon at all.
pub fn no_canon() -> Error {
    Error::usage("there is no canon here", "omega init")
}

fn judged(tree: &dyn Tree, folded: Ledger, evidence: Evidence) -> Result<Assessment, Error> {
    if let Some((path, rules)) = &evidence.newer {
        return Err(Error::newer(path, *rules));
    }
    let judgement = fold_on_and_examine(folded, &evidence);
    let nobody = Who::default();
    let who = judgement.ledger.law().map_or(&nobody, |law| &law.who);
    let live = match survey(tree, who, &judgement.ledger) {
        Err(TreeError::TooMuch { path, what }) => return Ok(Assessment::too_much(&path, what)),
        live => live?,
    };
    let mut judgement = judge(&evidence, judgement, &live);
    let converted = conversions(tree, &judgement.ledger)?;
    judgement.findings.extend(converted);
    Ok(Assessment { evidence, judgement })
}

/// Attributes in the tree that would make git convert or hide governed bytes.
pub(crate) fn conversions(tree: &dyn Tree, ledger: &Ledger) -> Result<Vec<Finding>, Error> {
    let parents = |path: &str| path.rsplit_once('/').map_or(String::new(), |(parent, _)| parent.to_owned());
    let folders: BTreeSet<String> = ledger.paths().map(|(path, _)| parents(path.as_str())).collect();
    let attributes = match Attributes::read(tree, &folders) {
        Ok(attributes) => attributes,
        Err(TreeError::TooLarge { path, .. }) => {
            let what = "the attributes files of the folders that hold governed files have more than 1 MiB together";
            return Ok(vec![Finding::error(Code::Attributes, path, what)]);
        }
        Err(error) => return Err(error.into()),
    };
    let mut findings: Vec<Finding> =
        attributes.defects().iter().map(|(path, what)| Finding::error(Code::Attributes, String::from_utf8_lossy(path), what)).collect();
    // What the clone does by itself, beside what the tree says.
    let outside: Vec<&str> = ledger.paths().map(|(path, _)| path.as_str()).collect();
    for (path, how) in tree.rewritten(&outside)? {
        findings.push(
            Finding::error(Code::Attributes, &path, format!("this clone stores other bytes than those on disk: {how}"))
                .hint(format!("git check-attr -a -- {}", crate::shell::quote(&path))),
        );
    }
    for (path, _) in ledger.paths() {
        let converting = attributes.conversions(path.as_str());
        if !converting.is_empty() {
            findings.push(Finding::error(
                Code::Attributes,
                path,
                format!("git attributes of this tree convert or hide its bytes: {}", converting.join(", ")),
            ));
        }
    }
    Ok(findings)
}

impl Assessment {
    /// A tree of which no more is known than that it costs too much to judge.
    fn too_much(path: &str, what: String) -> Self {
        let judgement = Judgement { ledger: Ledger::default(), open: Vec::new(), drafts: Vec::new(), findings: vec![too_much(path, what)] };
        Self { evidence: Evidence::default(), judgement }
    }

    /// Whether no more is known of the tree than that.
    pub(crate) fn is_too_much(&self) -> bool {
        self.judgement.ledger.rulings.is_empty() && self.judgement.findings.iter().any(|finding| finding.code == Code::Limit)
    }

    /// The proposals that rulings have closed.
    fn closed_proposals(&self) -> impl Iterator<Item = &Proposal> {
        let closed = self.judgement.ledger.closed.keys();
        closed.filter_map(|id| Some(self.evidence.folders.get(id)?.proposal.as_ref()?.record()))
    }

    /// Whether evidence has just the bytes that ruled proposals name and no ruling purged. Bytes that are not there cannot be held
    /// to anything, and the fold says more where they are.
    fn has_needed(&self, evidence: &Evidence) -> bool {
        let ledger = &self.judgement.ledger;
        let mut needed = self.closed_proposals().flat_map(|proposal| proposal.changes.iter().filter_map(|change| change.after));
        needed.all(|bytes: Digest| evidence.has_bytes(&bytes) != ledger.purged.contains_key(&bytes))
    }

    /// Whether all that rulings have settled is there and was held to everything: the ledger holds to its end, each file is what
    /// it should be, and no bytes are missing but those that were purged.
    pub(crate) fn is_whole(&self) -> bool {
        let (evidence, ledger) = (&self.evidence, &self.judgement.ledger);
        evidence.findings.is_empty()
            && !ledger.rulings.is_empty()
            && ledger.rulings.len() == evidence.rulings.len()
            && self.has_needed(evidence)
    }

    /// What rulings have settled: themselves, the folders that they closed, and all proposed bytes. Nothing, where that is not
    /// whole, or the tree knows no objects.
    fn settled(&self) -> Option<Evidence> {
        let (evidence, ledger) = (&self.evidence, &self.judgement.ledger);
        let is_whole = self.is_whole() && evidence.digests.keys().all(|path| evidence.objects.contains_key(path));
        let named: BTreeSet<Digest> =
            self.closed_proposals().flat_map(|proposal| proposal.changes.iter().filter_map(|change| change.after)).collect();
        let is_settled = |path: &RepoPath| match Place::of(path) {
            Some(Place::Ruling(_) | Place::RulingSignature(_)) => true,
            // In another tree other proposals may be open.
            Some(Place::Bytes(digest)) => named.contains(&digest),
            Some(place) => place.resolution().is_some_and(|id| ledger.closed.contains_key(id)),
            None => false,
        };
        is_whole.then(|| Evidence {
            objects: evidence.objects.iter().filter(|(path, _)| is_settled(path)).map(|(path, object)| (path.clone(), *object)).collect(),
            digests: evidence.digests.iter().filter(|(path, _)| is_settled(path)).map(|(path, digest)| (path.clone(), *digest)).collect(),
            folders: evidence
                .folders
                .iter()
                .filter(|(id, _)| ledger.closed.contains_key(*id))
                .map(|(id, folder)| (id.clone(), folder.clone()))
                .collect(),
            rulings: evidence.rulings.clone(),
            bytes: evidence
                .bytes
                .iter()
                .filter(|(digest, _)| named.contains(*digest))
                .map(|(digest, bytes)| (*digest, bytes.clone()))
                .collect(),
            dropped: evidence.dropped.intersection(&named).copied().collect(),
            ..Evidence::default()
        })
    }

    /// Whether nothing is wrong.
    pub fn holds(&self) -> bool {
        !self.judgement.findings.iter().any(|finding| finding.is_error())
    }

    /// The same assessment, or what is wrong with it.
    pub fn sound(self) -> Result<Self, Error> {
        if self.holds() {
            return Ok(self);
        }
        Err(Error::Violated(self.judgement.findings.into_iter().filter(|f| f.is_error()).collect()))
    }

    /// The law in force; there is one in every sound assessment.
    pub fn law(&self) -> Result<&Law, Error> {
        self.judgement.ledger.law().map(AsRef::as_ref).ok_or_else(|| self.no_canon().unwrap_or_else(no_canon))
    }

    /// The ratified bytes of a path, as far as they are there.
    pub fn in_force(&self, path: &RepoPath) -> Option<&Vec<u8>> {
        self.evidence.bytes.get(&self.judgement.ledger.content(path)?.digest)
    }

    /// The policy of a ratified document; nothing where there is none that is valid.
    pub fn policy<T: serde::de::DeserializeOwned>(&self, document: &str) -> Option<T> {
        policy::read(self.in_force(&layout::document(&document.parse().ok()?))?).ok()
    }

    /// Why there is no law: there is no canon at all, or it does not hold from its first ruling on.
    pub fn lawless(self) -> Error {
        self.no_canon().unwrap_or(Error::Violated(self.judgement.findings))
    }

    /// That the tree has no canon, if it has no record of one: no ruling, no resolution, nor a file where they are kept. A folder
    /// `canon/` with other files is somebody's own.
    pub fn no_canon(&self) -> Option<Error> {
        let Evidence { rulings, folders, findings, digests, objects, .. } = &self.evidence;
        let is_record = |path: &str| path.starts_with("canon/ledger/") || path.starts_with("canon/resolutions/");
        let is_there = |path: &str| fold(path.split('/').next().unwrap_or_default()) == "canon";
        let paths = || digests.keys().chain(objects.keys()).map(RepoPath::as_str).chain(findings.iter().map(|f| f.path.as_str()));
        if !rulings.is_empty() || !folders.is_empty() || paths().any(is_record) {
            return None;
        }
        Some(if paths().any(is_there) {
            Error::usage("canon/ is here, but it is not an omega canon", "omega init --adopt")
        } else {
            no_canon()
        })
    }

    /// Judges what is open by a ledger that went on elsewhere: what that changed makes it stale.
    pub fn age(&mut self, ledger: &Ledger) {
        for (id, standing) in &mut self.judgement.open {
            let proposal = self.evidence.folders.get(id).and_then(|folder| folder.proposal.as_ref()).map(|p| p.record());
            // A recovery is signed by a key that is not in force yet, and ages all the same.
            let ages = |proposal: &&Proposal| match standing {
                Standing::Open => true,
                Standing::Revoked(_) => proposal.recovery.is_some(),
                _ => false,
            };
            let Some(proposal) = proposal.filter(ages) else { continue };
            let base = proposal.base.and_then(|base| ledger.sequence_of(&base));
            if let Some(why) = base.and_then(|base| staleness(ledger, proposal, base, &self.evidence.bytes)) {
                *standing = Standing::Stale(why);
            }
        }
    }

    /// Where a resolution stands that no ruling has closed.
    pub fn standing(&self, id: &ResolutionId) -> Option<&Standing> {
        self.judgement.open.iter().find(|(other, _)| other == id).map(|(_, standing)| standing)
    }

    /// A resolution, open or closed, held to the law that it is judged by.
    pub fn examine<'a>(&'a self, id: &'a ResolutionId) -> Result<Examined<'a>, Error> {
        let ledger = &self.judgement.ledger;
        let folder = self.evidence.folders.get(id).ok_or_else(|| Error::usage(format!("there is no resolution {id}"), "omega list"))?;
        let base = folder.proposal.as_ref().map(|proposal| proposal.record().base);
        let (law, root) = match base {
            // The first proposal is judged by the law that it plants, and belongs to no canon yet.
            Some(None) => (ledger.laws.first(), None),
            Some(Some(base)) => (ledger.sequence_of(&base).and_then(|base| ledger.laws.get(base as usize)), ledger.root()),
            None => (None, None),
        };
        let law = law.map(AsRef::as_ref);
        let law = law.ok_or_else(|| Error::usage(format!("{id} is judged by a ruling that is not in this ledger"), "omega list"))?;
        examine(id, folder, law, root).map_err(|finding| Error::Violated(vec![finding]))
    }
}
