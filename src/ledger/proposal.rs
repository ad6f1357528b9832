//! What a proposal may propose: the form of its changes, and the content of the bytes they bring.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::canon::policy::{self, Consensus, LawDocuments, RiskFloors};
use crate::canon::{Document, DocumentName, Member, MemberName, Place, RepoPath, Risk, layout};
use crate::council::floor;
use crate::digest::Digest;
use crate::finding::{Code, Finding};
use crate::keys::PublicKey;
use crate::phylactery::Entry;

use super::evidence::state_form;
use super::examine::Examined;
use super::kinds::{Change, Content, FileMode, Proposal};
use super::law;
use super::state::{Bytes, Height, Law, Ledger, Unsettled};

/// Holds a proposal to its form and to the state that it is judged by, `base`; nothing for genesis.
pub fn check(ledger: &Ledger, examined: &Examined<'_>, base: Option<u32>, bytes: &Bytes) -> Result<(), Finding> {
    let proposal = examined.proposal.record();
    let path = examined.proposal.path();
    let refuse = |message: String| Err(Finding::error(Code::Proposal, path, message).of_record(examined.id).of_member(&proposal.by));
    if let Err(why) = check_shape(proposal) {
        return refuse(why);
    }
    for change in &proposal.changes {
        if base.is_some_and(|base| purge_of(ledger, change).is_some_and(|at| at <= base)) {
            return refuse(format!("`{}` would bring back bytes that were purged", change.path));
        }
        let ratified = base.and_then(|base| ledger.content_at(&change.path, base));
        if change.before != ratified.map(|content| content.digest) {
            return refuse(format!("`{}` is not what the proposal says it was", change.path));
        }
        if !change.is_release() && change.content() == ratified {
            return refuse(format!("`{}` would not change", change.path));
        }
    }
    if base.is_some() {
        let needed = least_risk(ledger, examined);
        if proposal.risk < needed {
            let message = format!("{} risk is declared, and what it touches demands {needed}", proposal.risk);
            return Err(Finding::error(Code::RiskFloor, path, message).of_record(examined.id).of_member(&proposal.by));
        }
    }
    check_contents(ledger, examined, base, bytes)
}

/// The ruling that purged what a change would bring.
fn purge_of(ledger: &Ledger, change: &Change) -> Option<u32> {
    change.after.and_then(|after| ledger.purged.get(&after).copied())
}

/// The least risk that a proposal must declare, by the law that it is judged by.
fn least_risk(ledger: &Ledger, examined: &Examined<'_>) -> Risk {
    let rules = &examined.law.protocol.risk;
    let proposal = examined.proposal.record();
    let changed = floor::of_paths(rules, proposal.changes.iter().map(|change| (&change.path, change.before.is_none())));
    let settled = ledger.unsettled.iter().find(|u| Some(u.ruling) == proposal.settles).map(|unsettled| settlement_risk(rules, unsettled));
    let purged = purge_risk(rules, ledger, proposal.purge.iter().flatten());
    // Replacing the Chief's key is as grave as anything can be.
    let recovery = proposal.recovery.is_some().then_some(Risk::Critical);
    changed.max(settled.unwrap_or(changed)).max(purged.unwrap_or(changed)).max(recovery.unwrap_or(changed))
}

/// The least risk of purging bytes: that of all paths that they were named at.
pub fn purge_risk<'d>(rules: &RiskFloors, ledger: &Ledger, purge: impl Iterator<Item = &'d Digest>) -> Option<Risk> {
    purge.filter_map(|digest| ledger.named.get(digest)?.as_ref()).flatten().map(|path| floor::of_path(rules, path, false)).max()
}

/// The least risk of settling an emergency: that of its paths, and what it declared itself.
pub fn settlement_risk(rules: &RiskFloors, unsettled: &Unsettled) -> Risk {
    floor::of_paths(rules, unsettled.before.iter().map(|(path, before)| (path, before.is_none()))).max(unsettled.risk)
}

/// What can be said of a proposal's front matter alone.
pub fn check_shape(proposal: &Proposal) -> Result<(), String> {
    let title = proposal.title.trim();
    if title.is_empty() || title != proposal.title || title.chars().count() > 200 || title.contains('\n') {
        return Err("the title is not one line of 1 to 200 characters".to_owned());
    }
    if proposal.changes.windows(2).any(|pair| pair[0].path >= pair[1].path) {
        return Err("the changes are not sorted by path, each path once".to_owned());
    }
    if proposal.recovery == Some(false) {
        return Err("`recovery` is true or absent".to_owned());
    }
    if proposal.recovery.is_some() && (proposal.purge.is_some() || proposal.supersedes.is_some()) {
        return Err("a recovery purges and supersedes nothing".to_owned());
    }
    if proposal.settles.is_some() && !(proposal.changes.is_empty() && proposal.purge.is_none() && proposal.recovery.is_none()) {
        return Err("a proposal that settles an emergency changes nothing else".to_owned());
    }
    match &proposal.purge {
        Some(purge) if purge.is_empty() || purge.windows(2).any(|pair| pair[0] >= pair[1]) => {
            return Err("the list of bytes to purge is empty or not sorted".to_owned());
        }
        None if proposal.changes.is_empty() && proposal.settles.is_none() => return Err("the proposal changes nothing".to_owned()),
        _ => {}
    }
    for change in &proposal.changes {
        let Change { path, mode, before, after, released } = change;
        if mode.is_some() != after.is_some() {
            return Err(format!("`{path}` has a mode without bytes, or bytes without a mode"));
        }
        if before.is_none() && after.is_none() {
            return Err(format!("`{path}` would not change"));
        }
        if released.is_some() && !(change.is_release() && after.is_none() && !path.is_canon()) {
            return Err(format!("`{path}` cannot be released"));
        }
        if path.is_canon() {
            if !Place::of(path).is_some_and(|place| place.is_state()) {
                return Err(format!("`{path}` is not a document, a member or an entry"));
            }
            if mode.is_some_and(|mode| mode != FileMode::File) {
                return Err(format!("`{path}` can only be a plain file"));
            }
        }
    }
    Ok(())
}

/// Holds the proposed bytes to their kind, their stamps and their versions.
fn check_contents(ledger: &Ledger, examined: &Examined<'_>, base: Option<u32>, bytes: &Bytes) -> Result<(), Finding> {
    let proposal = examined.proposal.record();
    let refuse = |path: &RepoPath, message: String| {
        Err(Finding::error(Code::Proposal, path, message).of_record(examined.id).of_member(&proposal.by))
    };
    let mut facts: BTreeMap<RepoPath, Option<String>> = BTreeMap::new();
    for change in &proposal.changes {
        let Some(place) = Place::of(&change.path) else { continue };
        if let (Place::Document(name), None) = (&place, change.after) {
            facts.extend(layout::has_fact(name).then(|| (layout::fact_of(name), None)));
        }
        let Some(digest) = change.after else { continue };
        let Some(content) = bytes.get(&digest) else {
            if matches!(place, Place::Document(_)) {
                let message = format!("the bytes of `{}` are missing", change.path);
                return Err(Finding::error(Code::BytesMissing, layout::bytes(&digest), message).of_record(examined.id));
            }
            // Purged bytes are opaque; that nothing else is absent is held at the end of the fold.
            continue;
        };
        match place {
            Place::Document(name) => {
                let document = check_document(ledger, examined, base, &change.path, &name, content)?;
                let value = Entry::fact_value(document.version, &digest);
                facts.extend(layout::has_fact(&name).then(|| (layout::fact_of(&name), Some(value))));
            }
            Place::Member(name) => {
                let member = Member::parse(content).map_err(|error| state_form(&change.path, error))?;
                if member.name != name {
                    return refuse(&change.path, format!("the member calls itself `{}`", member.name));
                }
            }
            Place::Entry(domain, key) => {
                let entry = Entry::parse(content).map_err(|error| state_form(&change.path, error))?;
                if (entry.domain, &entry.key) != (domain, &key) {
                    return refuse(&change.path, format!("the entry calls itself {}/{}", entry.domain.as_str(), entry.key));
                }
                if entry.council_resolution_id != *examined.id {
                    return refuse(&change.path, format!("the entry is stamped with {}", entry.council_resolution_id));
                }
                if entry.supersedes != change.before {
                    return refuse(&change.path, "`supersedes` is not the digest of the version before".to_owned());
                }
                check_height(ledger, examined, base, &change.path, Height::Entry(entry.version))?;
            }
            _ => {}
        }
    }
    check_facts(examined, &facts, bytes)
}

fn check_document(
    ledger: &Ledger,
    examined: &Examined<'_>,
    base: Option<u32>,
    path: &RepoPath,
    name: &DocumentName,
    content: &[u8],
) -> Result<Arc<Document>, Finding> {
    let document = Document::known(content).map_err(|error| state_form(path, error))?;
    let chief: &MemberName = &examined.law.roster.chief().name;
    let refuse = |message: String| Err(Finding::error(Code::Proposal, path, message).of_record(examined.id));
    if document.document != *name {
        return refuse(format!("the document calls itself {}", document.document));
    }
    if document.council_resolution_id != *examined.id {
        return refuse(format!("the document is stamped with {}", document.council_resolution_id));
    }
    if document.ratified_by != *chief {
        return refuse(format!("the document is stamped by `{}`, and the Chief is `{chief}`", document.ratified_by));
    }
    check_height(ledger, examined, base, path, Height::Document(document.version))?;
    Ok(document)
}

fn check_height(ledger: &Ledger, examined: &Examined<'_>, base: Option<u32>, path: &RepoPath, height: Height) -> Result<(), Finding> {
    // What has risen since the base makes a proposal stale, and not wrong.
    match base.and_then(|base| ledger.highest_at(path, base)) {
        Some(highest) if height <= highest => {
            let message = format!("version {height} does not rise above {highest}, which was there before");
            Err(Finding::error(Code::Proposal, path, message).of_record(examined.id))
        }
        _ => Ok(()),
    }
}

impl std::fmt::Display for Height {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Document(version) => version.fmt(f),
            Self::Entry(version) => version.fmt(f),
        }
    }
}

/// Each changed document brings its fact, and the fact never changes without it.
fn check_facts(examined: &Examined<'_>, facts: &BTreeMap<RepoPath, Option<String>>, bytes: &Bytes) -> Result<(), Finding> {
    let changes: BTreeMap<&RepoPath, &Change> = examined.proposal.record().changes.iter().map(|c| (&c.path, c)).collect();
    let refuse = |path: &RepoPath, message: &str| Err(Finding::error(Code::Proposal, path, message).of_record(examined.id));
    for (path, value) in facts {
        let Some(change) = changes.get(path) else {
            return refuse(path, "a changed document brings the entry with its version and digest, and this one is missing");
        };
        match (value, change.after.map(|digest| bytes.get(&digest))) {
            (None, None) => {}
            (Some(value), Some(Some(content))) => {
                let entry = Entry::parse(content).map_err(|error| state_form(path, error))?;
                if entry.value != *value {
                    return refuse(path, "the entry does not hold the version and digest of its document");
                }
            }
            // The entry of an older version can be purged; what it held was held to this before.
            (Some(_), Some(None)) => {}
            _ => return refuse(path, "the entry of a document comes and goes with it"),
        }
    }
    for path in changes.keys().filter(|path| !facts.contains_key(**path)) {
        // An entry named like a document that is ratified moves only together with it.
        if let Some(Place::Entry(crate::canon::Domain::Fact, key)) = Place::of(path)
            && key.as_str().parse::<DocumentName>().is_ok()
        {
            return refuse(path, "entries named like a document change only together with that document");
        }
    }
    Ok(())
}

/// The keys that a proposal adds to those of a law, with the member whose they become; recovery keys
/// become nobody's.
pub fn added_keys(proposal: &Proposal, law: &Law, bytes: &Bytes) -> Vec<(PublicKey, Option<MemberName>)> {
    let known: BTreeSet<[u8; 32]> = law.keys().map(|(key, _)| key.raw()).collect();
    let mut added = Vec::new();
    for change in &proposal.changes {
        let Some(content) = change.after.and_then(|after| bytes.get(&after)) else { continue };
        match Place::of(&change.path) {
            Some(Place::Member(_)) => {
                if let Ok(Member { name, keys, .. }) = Member::parse(content) {
                    added.extend(keys.into_iter().map(|key| (key, Some(name.clone()))));
                }
            }
            Some(Place::Document(name)) if LawDocuments::may_be(&name) => {
                if let Ok(Consensus { recovery: Some(recovery), .. }) = policy::consensus(&name, content) {
                    added.extend(recovery.keys.into_iter().map(|key| (key, None)));
                }
            }
            _ => {}
        }
    }
    added.retain(|(key, _)| !known.contains(&key.raw()));
    added
}

/// Why a proposal can no longer be approved, as a fact: what it was judged by has changed.
pub fn staleness(ledger: &Ledger, proposal: &Proposal, base: u32, bytes: &Bytes) -> Option<String> {
    let (then, now) = (ledger.laws.get(base as usize)?, ledger.law()?);
    if !std::sync::Arc::ptr_eq(then, now) && (then.fixed != now.fixed || then.who != now.who) {
        return Some("the council, its protocol, the rules of consensus or security, or what `who` names has changed since".to_owned());
    }
    proposal.changes.iter().find_map(|change| {
        let path = &change.path;
        if ledger.content_at(path, base) != ledger.content(path) {
            return Some(format!("`{path}` has changed since"));
        }
        if purge_of(ledger, change).is_some_and(|at| at > base) {
            return Some(format!("the bytes for `{path}` were purged since"));
        }
        // An emergency that was undone leaves the bytes as they were, and the versions risen.
        let height = law::height(path, bytes.get(&change.after?)?)?;
        let rises = |highest: Option<Height>| highest.is_none_or(|highest| height > highest);
        (rises(ledger.highest_at(path, base)) && !rises(ledger.highest(path)))
            .then(|| format!("the versions of `{path}` have passed {height} since"))
    })
}

/// The paths that a proposal touches: its own, or those of the emergency that it settles.
pub fn touched<'a>(ledger: &'a Ledger, proposal: &'a Proposal) -> BTreeSet<&'a RepoPath> {
    let settled = ledger.unsettled.iter().filter(|u| Some(u.ruling) == proposal.settles).flat_map(|u| u.before.keys());
    proposal.changes.iter().map(|change| &change.path).chain(settled).collect()
}

/// Every path that a proposal asks for, with what it would hold.
pub fn drafts(proposal: &Proposal) -> impl Iterator<Item = (&RepoPath, Option<Content>)> {
    proposal.changes.iter().filter(|change| !change.is_release()).map(|change| (&change.path, change.content()))
}
