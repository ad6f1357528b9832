//! What is staged: judged before it becomes a commit.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::time::Duration;

use crate::canon::path::fold;
use crate::canon::policy::{self, IdentityCore};
use crate::canon::text::MAX_TEXT;
use crate::canon::{Place, RepoPath, ResolutionId, Who, layout};
use crate::git::{IndexTree, Oid};
use crate::ledger::evidence::read_one;
use crate::process::{End, Job, run};
use crate::secrets::{self, Secret};
use crate::tree::{Entry, Listing, Mode, Tree};

use crate::ops::assess::assess;
use crate::ops::lint;
use crate::ops::verify::{Conclusion, Report, report, verify};

use super::received::{departs, digests};
use super::{Error, Gate, Gated, Hook, drafts_branch};

/// How long git may take to write a trailer.
const PATIENCE: Duration = Duration::from_secs(20);

/// A commit that is about to be made.
pub struct Commit<'a> {
    /// What it would hold.
    pub index: &'a IndexTree,
}

impl Gate<'_> {
    /// Judges what is staged. What changes nothing governed passes at once.
    ///
    /// # Errors
    /// When nothing can be said of the index, or the memory of rulings cannot be understood.
    pub fn commit(&self, hook: Hook, commit: &Commit<'_>) -> Result<Gated, Error> {
        let staged = self.staged(commit.index)?;
        let mut gated = Gated { changed: staged.keys().cloned().collect(), ..Gated::open(hook) };
        if staged.is_empty() {
            return Ok(gated);
        }
        let assessment = assess(commit.index, self.threads)?;
        let rulings = digests(&assessment.judgement.ledger);
        let rolled_back = self.seen.check(&assessment.judgement.ledger)?;
        let report = report(assessment, "index", self.pin, self.now);
        let head = self.repo.head()?;
        let branch = head.branch.unwrap_or_default();
        let on_protected = matches!(report.conclusion, Conclusion::Holds | Conclusion::Pending) && self.protected()?.contains(&branch);
        let short = branch.trim_start_matches("refs/heads/");
        if report.conclusion != Conclusion::Holds
            && let Some((fact, hint)) = self.unfit(commit.index, &staged)?
        {
            // What must not be said at all is said first.
            gated.refuse(Conclusion::Violated, fact, hint);
            return Ok(gated);
        }
        match report.conclusion {
            Conclusion::Pending if on_protected => {
                let fact = format!("drafts do not lie on `{short}`, which is protected");
                gated.refuse(report.conclusion, fact, format!("git switch {}", drafts_branch(&report)));
            }
            Conclusion::Holds if on_protected => {
                let before = head.commit.map(|commit| self.rulings_of(commit)).transpose()?.unwrap_or_default();
                if let Some(why) = departs(&before, &rulings) {
                    let fact = format!("`{short}` is protected, and would lose what was ruled: {why}");
                    gated.refuse(Conclusion::Violated, fact, "git restore --staged --worktree .");
                } else if let Some(finding) = rolled_back.first() {
                    gated.refuse(Conclusion::Violated, finding.message.clone(), finding.hint.clone());
                }
            }
            Conclusion::Holds | Conclusion::Pending => {}
            Conclusion::Violated => match self.by_hand(&staged, &report)? {
                Some((path, what)) => gated.refuse(
                    report.conclusion,
                    format!("`{path}` is {what}, and never edited by hand"),
                    format!("git restore --staged --worktree -- {path}"),
                ),
                None => gated.refuse(
                    report.conclusion,
                    "governed files would be committed that the council did not ratify",
                    "propose them instead: git restore --staged .; omega canon propose",
                ),
            },
            Conclusion::Unknown => gated.refuse(
                report.conclusion,
                "nothing can be said: no root is pinned here",
                "omega canon verify shows the root; omega trust pin ROOT",
            ),
        }
        gated.reports.push(report);
        Ok(gated)
    }

    /// The resolution that a commit message has to name, if the staged governed changes belong to exactly one.
    ///
    /// # Errors
    /// As for [`Gate::commit`].
    pub fn resolution(&self, commit: &Commit<'_>) -> Result<Option<ResolutionId>, Error> {
        Ok(self.belongs_to(commit)?.and_then(|all| if all.len() == 1 { all.into_iter().next() } else { None }))
    }

    /// Holds the resolution that a commit message names to what is staged.
    ///
    /// # Errors
    /// Denied, if it is another one.
    pub fn named(&self, commit: &Commit<'_>, named: &[String]) -> Result<(), Error> {
        if named.is_empty() {
            return Ok(());
        }
        let belongs = self.belongs_to(commit)?;
        for name in named {
            let id: ResolutionId = name.parse().map_err(|_| {
                Error::denied(format!("`{TRAILER}: {name}` names no resolution"), "leave the line out: omega adds it where it belongs")
            })?;
            match &belongs {
                Some(all) if all.contains(&id) => {}
                Some(all) if !all.is_empty() => {
                    let ids: Vec<&str> = all.iter().map(ResolutionId::as_str).collect();
                    return Err(Error::denied(
                        format!("the message names {id}, and what is staged belongs to {}", ids.join(", ")),
                        "leave the line out: omega adds it where it belongs",
                    ));
                }
                // What is not governed may refer to any resolution that there is.
                _ => {
                    let folder = layout::folder(&id);
                    let above = |path: &[u8]| folder.as_bytes().starts_with(path);
                    if commit.index.list(&above)?.entries.iter().all(|entry| !entry.path.starts_with(format!("{folder}/").as_bytes())) {
                        return Err(Error::denied(
                            format!("the message names {id}, and there is no such resolution here"),
                            "omega canon list shows all; or leave the line out",
                        ));
                    }
                }
            }
        }
        Ok(())
    }

    /// The resolutions that the staged governed changes belong to; nothing, if nothing governed is staged.
    fn belongs_to(&self, commit: &Commit<'_>) -> Result<Option<BTreeSet<ResolutionId>>, Error> {
        let staged = self.staged(commit.index)?;
        if staged.is_empty() {
            return Ok(None);
        }
        let report = verify(commit.index, "index", self.pin, self.now, self.threads)?;
        let mut belongs: BTreeSet<ResolutionId> =
            report.drafts.into_iter().filter(|draft| staged.contains_key(draft.path.as_str())).map(|draft| draft.resolution).collect();
        belongs.extend(staged.keys().filter_map(|path| Some(path.strip_prefix("canon/resolutions/")?.split('/').next()?.parse().ok()?)));
        Ok(Some(belongs))
    }

    /// The governed paths that the index and HEAD hold differently, with what the index holds.
    fn staged(&self, index: &IndexTree) -> Result<BTreeMap<String, Option<Entry>>, Error> {
        let head = self.repo.head()?.commit.map(|commit| self.repo.revision(commit)).transpose()?;
        governed_changes(head.as_ref().map(|head| head as &dyn Tree), index)
    }

    /// Why a staged text may not be committed whatever becomes of it, with what to do: a secret in it, or characters that do
    /// not show. What stood there before was let in before.
    fn unfit(&self, index: &IndexTree, staged: &BTreeMap<String, Option<Entry>>) -> Result<Option<(String, String)>, Error> {
        let head = self.repo.head()?.commit.map(|commit| self.repo.revision(commit)).transpose()?;
        let mut reader = index.reader();
        let mut hidden = None;
        for (path, entry) in staged {
            // What is too large to read is refused when it is judged.
            let Some(bytes) = entry.as_ref().and_then(|entry| reader.read(entry, MAX_TEXT).ok()) else { continue };
            let valid: Option<RepoPath> = path.parse().ok();
            let found = secrets::find(&bytes);
            let before = match (&head, valid.as_ref().filter(|_| !found.is_empty())) {
                (Some(head), Some(path)) => read_one(head, path, MAX_TEXT)?.unwrap_or_default(),
                _ => Vec::new(),
            };
            let is_new = |secret: &Secret| !before.windows(secret.bytes.len()).any(|window| *window == bytes[secret.bytes.clone()]);
            if let Some(secret) = found.into_iter().find(is_new) {
                let service = if secret.service.is_empty() { String::new() } else { format!(" ({})", secret.service) };
                return Ok(Some((
                    format!("`{path}` holds {}{service} in line {}", secret.kind.as_str(), secret.line),
                    format!(
                        "git rm --cached -- {path}, or take it out and stage the file again; renew it, if it was ever pushed; if it is none: git commit --no-verify"
                    ),
                )));
            }
            if hidden.is_none()
                && let Some(path) = &valid
            {
                hidden = lint::hidden(path, &bytes);
            }
        }
        Ok(hidden.map(|finding| {
            let fact = format!("`{}` holds {} in line {}", finding.path, finding.message, finding.line.unwrap_or(1));
            (fact, format!("remove what does not show, and stage it again: git add -- {}", finding.path))
        }))
    }

    /// The first staged change of what only omega writes that is among what is wrong, and what it is.
    fn by_hand(&self, staged: &BTreeMap<String, Option<Entry>>, report: &Report) -> Result<Option<(String, &'static str)>, Error> {
        let Some(commit) = self.repo.head()?.commit else { return Ok(None) };
        let head = self.repo.revision(commit)?.list(&|folder| is_canon(folder))?;
        let was_there = |path: &str| head.entries.binary_search_by(|entry| entry.path.as_slice().cmp(path.as_bytes())).is_ok();
        let wrong: BTreeSet<&str> = report.findings.iter().filter(|finding| finding.is_error()).map(|finding| &*finding.path).collect();
        let changed = staged.keys().filter(|path| was_there(path)).filter_map(|path| Some((path, only_written_by_omega(path)?)));
        let (mut named, mut other) = (None, None);
        for (path, what) in changed {
            // The finding about a file can name the record that lost it instead.
            let place = if wrong.contains(path.as_str()) { &mut named } else { &mut other };
            place.get_or_insert((path.clone(), what));
        }
        let only = other.filter(|_| staged.keys().all(|path| only_written_by_omega(path).is_some()));
        Ok(named.or(only))
    }
}

/// What nobody writes but omega, in words; nothing, if the file is one that people propose.
fn only_written_by_omega(path: &str) -> Option<&'static str> {
    Some(match Place::of(&path.parse().ok()?)? {
        Place::Document(_) | Place::Member(_) | Place::Entry(..) => return None,
        Place::StateSignature(_) | Place::RulingSignature(_) | Place::RecordSignature(..) => "a signature",
        Place::Record(..) => "a signed record",
        Place::Enrolment(..) | Place::Recovery(..) => "the signature of a key",
        Place::Transcript(_) | Place::Docket(_) => "derived from signed records",
        Place::Ruling(_) => "a ruling",
        Place::Signers(_) | Place::AllowedSigners => "derived from the council",
        Place::Bytes(_) => "a copy of what was proposed",
    })
}

/// The governed paths that two trees hold differently, with what the new one holds; none, where neither has a canon.
/// What could change how governed paths are found or read counts as one.
pub(super) fn governed_changes(old: Option<&dyn Tree>, new: &dyn Tree) -> Result<BTreeMap<String, Option<Entry>>, Error> {
    // Whoever narrows `who` in a draft does not get what it named past this gate.
    let mut who = vec![who_of(new)?];
    if let Some(old) = old {
        who.push(who_of(old)?);
    }
    let new = new.list(&|_| true)?;
    let old = old.map(|old| old.list(&|_| true)).transpose()?.unwrap_or_default();
    if !new.entries.iter().chain(&old.entries).any(|entry| is_canon(&entry.path)) {
        return Ok(BTreeMap::new());
    }
    let any = |says: &dyn Fn(&Who) -> bool| who.iter().any(|who| who.as_ref().is_none_or(says));
    let governed = |entry: &Entry| {
        let Ok(path) = std::str::from_utf8(&entry.path) else { return true };
        // A link or submodule can stand above governed paths, and attributes can convert them.
        let leads = matches!(entry.mode, Mode::Link | Mode::Submodule) && any(&|who| who.reaches_into(path));
        let name = path.rsplit('/').next().unwrap_or_default();
        is_canon(path.as_bytes()) || leads || fold(name) == ".gitattributes" || any(&|who| who.matches(path))
    };
    let by_path = |listing: &Listing| -> BTreeMap<Vec<u8>, Entry> {
        listing.entries.iter().filter(|entry| governed(entry)).map(|entry| (entry.path.clone(), entry.clone())).collect()
    };
    let (was, mut is) = (by_path(&old), by_path(&new));
    let paths: BTreeSet<Vec<u8>> = was.keys().chain(is.keys()).cloned().collect();
    let mut changes = BTreeMap::new();
    for path in paths {
        let (was, is) = (was.get(&path), is.remove(&path));
        let same = matches!((was, &is), (Some(was), Some(is)) if was.id == is.id && was.mode == is.mode);
        if !same {
            changes.insert(String::from_utf8_lossy(&path).into_owned(), is);
        }
    }
    // Of two entries with one path only one was compared.
    changes.extend(new.defects.iter().map(|(path, _)| (String::from_utf8_lossy(path).into_owned(), None)));
    Ok(changes)
}

fn is_canon(path: &[u8]) -> bool {
    let first = path.split(|byte| *byte == b'/').next().unwrap_or_default();
    fold(&String::from_utf8_lossy(first)) == "canon"
}

/// What a tree's identity document governs; nothing, if it cannot be read: then everything may be governed.
fn who_of(tree: &dyn Tree) -> Result<Option<Who>, Error> {
    let path = layout::document(&"OMEGA_IDENTITY".parse().expect("a document name"));
    let bytes = read_one(tree, &path, MAX_TEXT)?;
    Ok(bytes.and_then(|bytes| policy::read::<IdentityCore>(&bytes).ok()).map(|core| core.who))
}

/// The trailer that names a resolution.
const TRAILER: &str = "Council-Resolution";

/// The resolutions that a commit message names in trailers.
///
/// # Errors
/// When git cannot be run, or does not understand the message.
pub fn named_in(dir: &Path, message: &Path) -> Result<Vec<String>, Error> {
    let out = interpret(dir, message, &["--parse"])?;
    let named = out.lines().filter_map(|line| line.split_once(':'));
    let named = named.filter(|(key, _)| key.trim().eq_ignore_ascii_case(TRAILER));
    Ok(named.map(|(_, value)| value.trim().to_owned()).collect())
}

/// Adds the trailer that names a resolution to a commit message, unless one stands there.
///
/// # Errors
/// When git cannot be run, or does not understand the message.
pub fn trailer(dir: &Path, message: &Path, id: &ResolutionId) -> Result<(), Error> {
    let line = format!("{TRAILER}: {id}");
    interpret(dir, message, &["--in-place", "--if-exists", "doNothing", "--trailer", &line]).map(drop)
}

fn interpret(dir: &Path, message: &Path, args: &[&str]) -> Result<String, Error> {
    let file = message.display().to_string();
    let argv: Vec<String> = ["git", "interpret-trailers"].iter().chain(args).chain(&["--", &file]).map(|word| (*word).to_owned()).collect();
    let failed = |cause: String| Error::Io { what: "read the trailers of", path: file.clone(), cause };
    let job = Job { argv: &argv, dir, input: b"", hidden: &[], timeout: PATIENCE, limit: 1 << 20 };
    let outcome = run(&job).map_err(|error| failed(error.to_string()))?;
    match outcome.end {
        End::Exited(0) => Ok(String::from_utf8_lossy(&outcome.output).into_owned()),
        _ => Err(failed(outcome.complaint.trim().to_owned())),
    }
}

/// Whether a commit has anything under `canon/`, however that is spelled.
pub(super) fn has_canon(repo: &crate::git::Repo, commit: Oid) -> Result<bool, Error> {
    let tree = repo.revision(commit)?;
    Ok(tree.list(&|folder| is_canon(folder) && !folder.contains(&b'/'))?.entries.iter().any(|entry| is_canon(&entry.path)))
}
