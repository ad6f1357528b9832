//! The ratified rules of a repository, as far as they can be known.

use crate::canon::policy::{self, Forbidden, LawDocuments};
use crate::canon::text::{MAX_BYTES, shown};
use crate::canon::{DocumentName, RepoPath, layout};
use crate::clock::Timestamp;
use crate::digest::Digest;
use crate::finding::Finding;
use crate::git::{Oid, Repo};
use crate::ledger::evidence::read_one;
use crate::ledger::state::Ledger;
use crate::survey::verify::{Conclusion, bare_report};
use crate::tree::Tree as _;
use crate::workspace::Error;
use crate::workspace::glance::{LedgerCache, glance, last_ruling};

use super::Opened;

/// Whether there are rules in a repository.
pub enum Standing {
    /// It has no canon.
    Free,
    /// Its canon does not verify, so nothing is known of its rules.
    Closed {
        /// What was found.
        fact: String,
        /// The command that shows it.
        hint: String,
    },
    /// Its canon verifies.
    Ruled(Box<Rules>),
}

/// The rules in force.
pub struct Rules {
    /// What is ratified.
    pub ledger: Ledger,
    /// What an agent must not do.
    pub forbidden: Forbidden,
    /// Whether the canon is the pinned one. Without a pin its rules are obeyed, because they only forbid; but a governed edit is
    /// refused.
    pub is_pinned: bool,
}

impl Rules {
    /// The ruling that made a path what it is, as in `ruling 3 (a1b2c3d4)`; of what no ruling names, the last one.
    pub fn ruling(&self, path: &RepoPath) -> String {
        let number = self.ledger.since(path).or(self.ledger.last()).unwrap_or_default();
        let digest = self.ledger.rulings.get(number as usize).map(|ruled| ruled.digest.short()).unwrap_or_default();
        format!("ruling {number} ({digest})")
    }

    /// The documents in which the law stands.
    pub fn documents(&self) -> &LawDocuments {
        &self.ledger.law().expect("a ledger with a ruling has a law").documents
    }

    /// The ruling that made a document what it is.
    pub fn ruling_of(&self, document: &DocumentName) -> String {
        self.ruling(&layout::document(document))
    }
}

/// Finds the rules of a repository: those of the newest ruling at HEAD or on a protected branch. A branch that was begun before a
/// rule was made does not go without it.
///
/// The ledger is the one that was verified here before, if it was; open proposals and the files are always looked at.
///
/// # Errors
/// When the repository, or the memory of rulings, cannot be read.
pub fn standing(opened: &Opened, now: Timestamp, threads: usize) -> Result<Standing, Error> {
    let Opened { repo, pin, seen } = opened;
    let head = repo.head()?.commit;
    let mut best: Option<(Ledger, Oid)> = None;
    let mut looked = Vec::new();
    let mut names = vec!["HEAD".to_owned()];
    let mut next = 0;
    while let Some(name) = names.get(next).cloned() {
        next += 1;
        let commit = if name == "HEAD" { head } else { repo.find_ref(&name)? };
        if let Some(commit) = commit.filter(|commit| !looked.contains(commit)) {
            looked.push(commit);
            let tree = repo.revision(commit)?;
            let is_known = || -> Result<bool, Error> {
                let Some((ledger, _)) = &best else { return Ok(false) };
                Ok(last_ruling(&tree)?.is_some_and(|last| ledger.sequence_of(&last).is_some()))
            };
            if has_canon(repo, commit)? && !is_known()? {
                let assessment = glance(&tree, &LedgerCache::of(repo), threads)?;
                if assessment.no_canon().is_none() {
                    let report = bare_report(&assessment, &name, *pin, now, Vec::new());
                    if report.conclusion == Conclusion::Violated {
                        return Ok(closed(
                            name.trim_start_matches("refs/heads/"),
                            report.findings.iter().find(|finding| finding.is_error()),
                        ));
                    }
                    let ledger = assessment.judgement.ledger;
                    if best.as_ref().is_none_or(|(known, _)| known.rulings.len() < ledger.rulings.len()) {
                        best = Some((ledger, commit));
                    }
                }
            }
        }
        if name == "HEAD" {
            match best.as_ref().and_then(|(ledger, _)| ledger.law()) {
                Some(law) => names.extend(law.protected_refs.iter().cloned()),
                None => names.push("refs/heads/main".to_owned()),
            }
            if let Some(pin) = pin {
                names.extend(seen.highest(&pin.root())?.map(|seen| seen.protected).unwrap_or_default());
            }
        }
    }
    let Some((ledger, commit)) = best else {
        return Ok(match pin {
            None => Standing::Free,
            Some(_) => {
                let fact = "a root is pinned in this clone, and there is no canon at HEAD or on a protected branch".to_owned();
                Standing::Closed { fact, hint: "omega verify HEAD".to_owned() }
            }
        });
    };
    let document = ledger.law().map(|law| law.documents.security.clone());
    let content = document.as_ref().and_then(|document| ledger.content(&layout::document(document)));
    let forbidden = match content {
        Some(content) => read_one(&repo.revision(commit)?, &layout::bytes(&content.digest), MAX_BYTES)?
            .filter(|bytes| Digest::of(bytes) == content.digest)
            .and_then(|bytes| policy::read::<Forbidden>(&bytes).ok()),
        None => None,
    };
    Ok(match forbidden {
        Some(forbidden) => Standing::Ruled(Box::new(Rules { ledger, forbidden, is_pinned: pin.is_some() })),
        None => Standing::Closed {
            fact: "the ratified policy with the rules for agents cannot be read".to_owned(),
            hint: "omega verify HEAD".to_owned(),
        },
    })
}

fn closed(name: &str, finding: Option<&Finding>) -> Standing {
    let what = finding.map(|finding| {
        let path = if finding.path.is_empty() { String::new() } else { format!(" `{}`", shown(&finding.path)) };
        format!(": {}{path}: {}", finding.code, shown(&finding.message))
    });
    let name = crate::shell::quote(name);
    let fact = format!("the canon at {name} does not verify, so no tool call can be judged{}", what.unwrap_or_default());
    Standing::Closed { fact, hint: format!("omega verify {name}") }
}

/// Whether a commit has a folder or file that some system takes for `canon`.
fn has_canon(repo: &Repo, commit: Oid) -> Result<bool, Error> {
    let is_canon = |path: &[u8]| std::str::from_utf8(path).is_ok_and(crate::canon::alias::is_canon);
    let tree = repo.revision(commit)?;
    Ok(tree.list(&|folder| is_canon(folder) && !folder.contains(&b'/'))?.entries.iter().any(|entry| is_canon(&entry.path)))
}
