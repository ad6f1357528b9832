//! What is ratified, read from a tree that was verified a moment ago: rules to watch by, and digests of governed files.

use std::collections::BTreeMap;

use crate::canon::{Document, RepoPath, ResolutionId, policy};
use crate::clock::Timestamp;
use crate::digest::Digest;
use crate::finding::Finding;
use crate::git::Repo;
use crate::ledger::state::Ledger;
use crate::ledger::verdict::{check_pin, expired};
use crate::watch::{CanonSeen, Rules};
use crate::workspace::Error;
use crate::workspace::assess::{Assessment, assess};
use crate::workspace::pin::Pin;

use super::world::World;

/// What was found.
#[derive(Debug)]
pub struct Found {
    /// Whether the canon holds.
    pub seen: CanonSeen,
    /// What it says of the watch, where it holds; or why that cannot be obeyed.
    pub rules: Option<Result<Rules, String>>,
    /// The governed paths, and what they must be.
    pub ratified: BTreeMap<RepoPath, Digest>,
    /// The last ruling.
    pub ruling: Option<String>,
    /// The ledger, where it is that of a protected ref and no draft lies on it: worth remembering.
    pub newest: Option<Ledger>,
}

impl Found {
    fn nothing(seen: CanonSeen) -> Self {
        Self { seen, rules: None, ratified: BTreeMap::new(), ruling: None, newest: None }
    }
}

/// Verifies the commit that is checked out, and reads what it ratifies. A canon that does not hold, or of which nothing
/// can be said, is an answer too.
pub fn look(world: &World<'_>, now: Timestamp) -> Found {
    let found = looked(world, now);
    // The next look is half a minute away, and a thousand services are megabytes.
    Document::forget();
    found
}

fn looked(world: &World<'_>, now: Timestamp) -> Found {
    let repo = world.repo;
    let read = || -> Result<(Option<Pin>, Assessment), Error> {
        Ok(((world.pin)()?, assess(&repo.revision(repo.resolve("HEAD")?)?, world.threads)?))
    };
    let (pin, assessment) = match read() {
        Ok((Some(pin), assessment)) => (pin, assessment),
        Ok((None, _)) => return Found::nothing(CanonSeen::Unknown("this clone pins no root".to_owned())),
        Err(error) => return Found::nothing(CanonSeen::Unknown(error.to_string())),
    };
    let ledger = &assessment.judgement.ledger;
    let wrong: Vec<&Finding> = assessment.judgement.findings.iter().filter(|finding| finding.is_error()).collect();
    let pinned = check_pin(ledger, &pin.root(), pin.checkpoint());
    if let Some(first) = wrong.first().copied().or_else(|| pinned.iter().find(|finding| finding.is_error())) {
        let more = wrong.len() + pinned.len() - 1;
        let others = if more > 0 { format!(" and {more} more") } else { String::new() };
        return Found::nothing(CanonSeen::Broken(format!("{} {} ({}){others}", first.path, first.message, first.code)));
    }
    // An older state was ratified once, and its heal commands were taken back since.
    match world.seen.check(ledger) {
        Ok(set_back) => {
            if let Some(finding) = set_back.first() {
                return Found::nothing(CanonSeen::Broken(format!("{} ({})", finding.message, finding.code)));
            }
        }
        Err(error) => return Found::nothing(CanonSeen::Unknown(error.to_string())),
    }
    found(repo, &assessment, now)
}

/// What holds now. Where an emergency ran out, that is what held before it.
fn found(repo: &Repo, assessment: &Assessment, now: Timestamp) -> Found {
    let ledger = &assessment.judgement.ledger;
    let on_protected = || {
        let branch = repo.head().ok()?.branch?;
        ledger.law().map(|law| law.protected_refs.contains(&branch))
    };
    let newest = (assessment.judgement.drafts.is_empty() && on_protected() == Some(true)).then(|| ledger.clone());
    let mut ratified: BTreeMap<RepoPath, Digest> = ledger.paths().map(|(path, content)| (path.clone(), content.digest)).collect();
    let late = expired(ledger, now);
    let is_late = |id: &ResolutionId| late.iter().any(|finding| finding.record.as_deref() == Some(id.as_str()));
    for emergency in ledger.unsettled.iter().rev().filter(|emergency| is_late(&emergency.resolution)) {
        for (path, before) in &emergency.before {
            match before {
                Some(content) => ratified.insert(path.clone(), content.digest),
                None => ratified.remove(path),
            };
        }
    }
    let bytes = |name: &str| {
        let path: RepoPath = format!("canon/{name}.md").parse().ok()?;
        assessment.evidence.bytes.get(ratified.get(&path)?)
    };
    let rules = || -> Result<Rules, String> {
        if !ratified.keys().any(|path| path.as_str() == "canon/OXYSPINE_TRINITY.md") {
            return Err(NO_DOCUMENT.to_owned());
        }
        let spine = bytes("OXYSPINE_TRINITY").ok_or("the ratified bytes of OXYSPINE_TRINITY are not there")?;
        let spine = policy::oxyspine(spine).map_err(|error| format!("OXYSPINE_TRINITY: {error}"))?;
        let economy = bytes("ECONOMY_MODEL").map(|bytes| policy::economy(bytes)).transpose();
        Rules::new(spine, economy.map_err(|error| format!("ECONOMY_MODEL: {error}"))?)
    };
    let ruling = ledger.head().map(|head| head.digest.to_string());
    Found { seen: CanonSeen::Holds, rules: Some(rules()), ratified, ruling, newest }
}

/// Why there are no rules in a canon that was set up without the watch.
const NO_DOCUMENT: &str = "this canon has no OXYSPINE_TRINITY, the document that names the services to watch";

/// The refusal to watch where the canon has no rules for it.
pub(super) fn without_rules(why: &str) -> Error {
    let hint = if why == NO_DOCUMENT {
        "propose one; a new repository shows what it looks like: omega init --profile omega --new DIR"
    } else {
        "give OXYSPINE_TRINITY.md a `watch` in its policy: omega propose"
    };
    Error::denied(format!("there is nothing to watch: {why}"), hint)
}
