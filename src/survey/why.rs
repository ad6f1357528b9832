//! Why a line is canon: the ruling that brought it, who voted how, and what was said. All of it comes from
//! the ledger and the ratified bytes in the tree, none from git's history.

use serde::Serialize;

use crate::canon::policy::Bypass;
use crate::canon::text::MAX_BYTES;
use crate::canon::{MemberName, RepoPath, ResolutionId, layout};
use crate::clock::Timestamp;
use crate::digest::Digest;
use crate::git::Repo;
use crate::ledger::kinds::Verdict;
use crate::ledger::lines::{counterpart, origin};
use crate::ledger::verdict::check_pin;
use crate::tree::{Mode, Tree};

use crate::survey::{VoteReport, votes};
use crate::workspace::assess::{Assessment, assess};
use crate::workspace::pin::Pin;
use crate::workspace::provisional::{self, EmergencyReport};
use crate::workspace::{Error, here};

/// Where a line or file stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum LineStatus {
    /// It is canon.
    Ratified,
    /// An open proposal asks for it.
    Draft,
    /// No council ratified it, and no open proposal asks for it.
    Unratified,
    /// It was canon once, and a ruling removed it.
    Removed,
}

/// Why a line, or a file, is canon.
#[derive(Debug, Serialize, schemars::JsonSchema)]
pub struct Why {
    /// The file.
    pub path: RepoPath,
    /// The line that was asked for, from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<usize>,
    /// What the line says.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// Where it stands.
    pub standing: LineStatus,
    /// The open proposal that asks for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub draft_of: Option<ResolutionId>,
    /// What made it canon: for a file, the last ruling that changed it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub because: Option<Because>,
    /// The ruling that purged the version before, so that the line may be older.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub purged_before: Option<u32>,
    /// All rulings that changed the file, newest first; only where no line was asked for.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub history: Vec<Step>,
}

/// A ruling, and how it came about.
#[derive(Debug, Serialize, schemars::JsonSchema)]
pub struct Because {
    /// Its number.
    pub ruling: u32,
    /// What was ruled.
    pub verdict: Verdict,
    /// Who ruled.
    pub ruled_by: MemberName,
    /// When, by that member's clock.
    pub ruled_at: Timestamp,
    /// Why, as the Chief says.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub ruling_reason: String,
    /// What the Chief had to say to rule so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bypass: Option<Bypass>,
    /// The resolution.
    pub resolution: ResolutionId,
    /// Its title.
    pub title: String,
    /// Who proposed it.
    pub proposed_by: MemberName,
    /// The case for it.
    pub reason: String,
    /// The last ballot of each member.
    pub votes: Vec<VoteReport>,
    /// What became of the emergency, if it is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub emergency: Option<EmergencyReport>,
}

/// One ruling that changed a file.
#[derive(Debug, Serialize, schemars::JsonSchema)]
pub struct Step {
    /// Its number.
    pub ruling: u32,
    /// What was ruled.
    pub verdict: Verdict,
    /// The resolution.
    pub resolution: ResolutionId,
    /// Its title.
    pub title: String,
    /// When, by the Chief's clock.
    pub at: Timestamp,
    /// The digest of what the file held then; nothing, if it was removed or released.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub digest: Option<Digest>,
    /// The ruling that purged these bytes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub purged_by: Option<u32>,
}

/// Says why a file of the work tree, or one of its lines (from 1), is canon. In a bare repository HEAD is
/// asked.
///
/// # Errors
/// Usage, if nothing governs the file or it has no such line; violated, if the ledger does not hold.
pub fn why(repo: &Repo, pin: Option<&Pin>, path: &RepoPath, line: Option<usize>, now: Timestamp, threads: usize) -> Result<Why, Error> {
    let tree: Box<dyn Tree> = match repo.workdir() {
        Some(_) => Box::new(repo.worktree()?),
        None => {
            let head = repo.head()?.commit.ok_or_else(|| Error::usage("there is no commit yet", "omega init"))?;
            Box::new(repo.revision(head)?)
        }
    };
    let assessment = assess(tree.as_ref(), threads)?;
    if assessment.judgement.ledger.law().is_none() {
        return Err(here::lawless(repo, assessment));
    }
    must_hold(&assessment, pin)?;
    let Assessment { evidence, judgement } = &assessment;
    let ledger = &judgement.ledger;
    let live = read_live(tree.as_ref(), path)?;
    let draft_of = judgement.drafts.iter().find(|draft| draft.path == *path).map(|draft| draft.resolution.clone());
    let content = ledger.content(path);
    let governed = ledger.timeline.contains_key(path) || assessment.law()?.who.matches(path.as_str());
    if !governed && draft_of.is_none() {
        let says = layout::document(&assessment.law()?.documents.who);
        return Err(Error::usage(format!("`{path}` is not governed"), format!("`who` in {says} says what is: omega status")));
    }
    if content.is_none() && live.is_none() && draft_of.is_none() && !ledger.timeline.contains_key(path) {
        return Err(Error::usage(format!("`{path}` is not here, and no ruling ever changed it"), "omega log"));
    }
    let same = content.map(|content| content.digest) == live.as_deref().map(Digest::of);
    let standing = match (content, same, &draft_of) {
        (None, true, _) => LineStatus::Removed,
        (Some(_), true, _) => LineStatus::Ratified,
        (_, false, Some(_)) => LineStatus::Draft,
        (_, false, None) => LineStatus::Unratified,
    };
    let emergencies = provisional::settlements(repo)?;
    let because = |ruling: u32| because(&assessment, ruling, |id| provisional::of(&assessment, id, &emergencies, now));
    let Some(number) = line else {
        let history = history(&assessment, path);
        let last = ledger.since(path).map(because).transpose()?;
        return Ok(Why { path: path.clone(), line, text: None, standing, draft_of, because: last, purged_before: None, history });
    };
    let shown = live.as_deref().ok_or_else(|| no_line(path, number, "it is not there"))?;
    let shown = std::str::from_utf8(shown).map_err(|_| no_line(path, number, "it is not text"))?;
    let text = number.checked_sub(1).and_then(|index| shown.lines().nth(index));
    let text = text.ok_or_else(|| no_line(path, number, &format!("its last one is {}", shown.lines().count())))?;
    let mut why = Why {
        path: path.clone(),
        line,
        text: Some(text.to_owned()),
        standing,
        draft_of: None,
        because: None,
        purged_before: None,
        history: Vec::new(),
    };
    let ratified = content.and_then(|content| std::str::from_utf8(evidence.bytes.get(&content.digest)?).ok());
    let counterpart = match ratified {
        Some(_) if same => Some(number - 1),
        Some(ratified) => counterpart(ratified, shown, number - 1),
        None => None,
    };
    match counterpart.and_then(|index| origin(ledger, &evidence.bytes, path, index)) {
        Some(origin) => {
            why.standing = LineStatus::Ratified;
            why.because = Some(because(origin.ruling)?);
            why.purged_before = origin.purged_before;
        }
        None => why.draft_of = draft_of,
    }
    Ok(why)
}

fn no_line(path: &RepoPath, number: usize, why: &str) -> Error {
    Error::usage(format!("`{path}` has no line {number}: {why}"), format!("omega why {}", crate::shell::quote(path.as_str())))
}

fn must_hold(assessment: &Assessment, pin: Option<&Pin>) -> Result<(), Error> {
    let (ledger, evidence) = (&assessment.judgement.ledger, &assessment.evidence);
    let mut wrong = pin.map(|pin| check_pin(ledger, &pin.root(), None)).unwrap_or_default();
    if ledger.rulings.is_empty() || ledger.rulings.len() < evidence.rulings.len() {
        wrong.extend(assessment.judgement.findings.iter().filter(|finding| finding.is_error()).cloned());
    }
    assessment.law()?;
    if wrong.is_empty() { Ok(()) } else { Err(Error::Violated(wrong)) }
}

/// What lies at a path, whatever its mode; nothing, if nothing does.
fn read_live(tree: &dyn Tree, path: &RepoPath) -> Result<Option<Vec<u8>>, Error> {
    let wanted = path.as_str().as_bytes();
    let listing = tree.list(&|folder| wanted.starts_with(folder))?;
    let entry = listing.entries.iter().find(|entry| entry.path == wanted && !matches!(entry.mode, Mode::Submodule | Mode::Other));
    Ok(entry.map(|entry| tree.reader().read(entry, MAX_BYTES)).transpose()?)
}

fn because(assessment: &Assessment, ruling: u32, emergency: impl Fn(&ResolutionId) -> Option<EmergencyReport>) -> Result<Because, Error> {
    let missing = || Error::unknown(format!("ruling {ruling} is not in this tree"), "omega log");
    let ruled = assessment.judgement.ledger.rulings.get(ruling as usize).ok_or_else(missing)?;
    let signed = assessment.evidence.rulings.get(&ruling).ok_or_else(missing)?;
    let examined = assessment.examine(&ruled.resolution)?;
    let proposal = examined.proposal.record();
    Ok(Because {
        ruling,
        verdict: ruled.verdict,
        ruled_by: ruled.by.clone(),
        ruled_at: ruled.at,
        ruling_reason: signed.body().trim().to_owned(),
        bypass: signed.record().bypass,
        resolution: ruled.resolution.clone(),
        title: proposal.title.clone(),
        proposed_by: proposal.by.clone(),
        reason: examined.proposal.body().trim().to_owned(),
        votes: votes(&examined),
        emergency: emergency(&ruled.resolution),
    })
}

fn history(assessment: &Assessment, path: &RepoPath) -> Vec<Step> {
    let ledger = &assessment.judgement.ledger;
    let step = |(ruling, content): &(u32, Option<crate::ledger::kinds::Content>)| {
        let ruled = ledger.rulings.get(*ruling as usize)?;
        let proposal = assessment.evidence.folders.get(&ruled.resolution).and_then(|folder| folder.proposal.as_ref());
        let digest = content.map(|content| content.digest);
        Some(Step {
            ruling: *ruling,
            verdict: ruled.verdict,
            resolution: ruled.resolution.clone(),
            title: proposal.map(|proposal| proposal.record().title.clone()).unwrap_or_default(),
            at: ruled.at,
            digest,
            purged_by: digest.and_then(|digest| ledger.purged.get(&digest).copied()),
        })
    };
    ledger.timeline.get(path).into_iter().flatten().rev().filter_map(step).collect()
}

/// The governed path that a user means, and the line: `PATH` or `PATH:LINE`, from the root of the repository
/// or from the folder `below` it.
///
/// # Errors
/// Usage, if it can be no governed path.
pub fn place(text: &str, below: &str, exists: impl Fn(&str) -> bool) -> Result<(RepoPath, Option<usize>), Error> {
    let (path, line) = match text.rsplit_once(':') {
        Some((path, line)) if !line.is_empty() && line.bytes().all(|b| b.is_ascii_digit()) => (path, line.parse().ok()),
        _ => (text, None),
    };
    let mut parts: Vec<&str> = below.split('/').filter(|part| !part.is_empty()).collect();
    let mut leaves = false;
    for part in path.split('/') {
        match part {
            "." => {}
            ".." => leaves |= parts.pop().is_none(),
            part => parts.push(part),
        }
    }
    let nearer = parts.join("/");
    // Findings name paths from the root, wherever somebody stands who pastes them.
    let is_nearer = !leaves && (path.starts_with('.') || (!below.is_empty() && exists(&nearer)));
    let path = if is_nearer { &nearer } else { path };
    let path = path.parse().map_err(|error| Error::usage(format!("{error}"), "omega why canon/OMEGA_IDENTITY.md:12"))?;
    Ok((path, line))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_a_path_with_or_without_a_line() {
        let place = |text, below| place(text, below, |path| path == "prompts/a.md").map(|(path, line)| (path.to_string(), line)).ok();
        assert_eq!(place("a/b.md:12", ""), Some(("a/b.md".into(), Some(12))));
        assert_eq!(place("./a/b.md", ""), Some(("a/b.md".into(), None)));
        assert_eq!(place("a.md:3", "prompts"), Some(("prompts/a.md".into(), Some(3))));
        assert_eq!(place("b.md", "prompts"), Some(("b.md".into(), None)));
        assert_eq!(place("../prompts/a.md:3", "docs"), Some(("prompts/a.md".into(), Some(3))));
        assert_eq!(place("../a.md", ""), None);
        assert_eq!(place("a:b", ""), None);
    }
}
