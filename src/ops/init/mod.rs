//! Planting a canon: the documents, the council, the first ruling, one commit.

mod adopt;
mod fresh;
mod instructions;
pub mod workflow;

pub use fresh::Fresh;

use std::collections::BTreeMap;

use serde::Serialize;

use crate::canon::planted::{Planting, Profile, SystemName};
use crate::canon::text::MAX_BYTES;
use crate::canon::{self, Document, Glob, Member, MemberName, RepoPath, ResolutionId, Risk, Role, Version, Who, front, layout, planted};
use crate::council::tally::Tally;
use crate::digest::Digest;
use crate::git::{Actor, LeftOut, Oid, Repo, WorkTree};
use crate::keyring::Signer;
use crate::keys::{Namespace, PublicKey};
use crate::ledger::evidence::{Scope, gather};
use crate::ledger::examine::examine;
use crate::ledger::kinds::{Change, FileMode, Proposal, Ruling, Verdict};
use crate::ledger::state::Ledger;

pub use instructions::{Offer, Unread, instruction_files};

use super::rule::seal_state;
use crate::workspace::desk::{Basis, Desk, Hand, Publication};
use crate::workspace::edits::{Edits, put};
use crate::workspace::files::{File, collect_edits};
use crate::workspace::pin::{self, Pin};
use crate::workspace::stamp::Stamps;
use crate::workspace::{Error, attributes, here};
use adopt::Kind;

/// What is to be planted.
pub struct Request {
    /// Which documents.
    pub profile: Profile,
    /// The name of the system, where a document says it.
    pub system: SystemName,
    /// The Chief's name.
    pub chief: MemberName,
    /// Further members with their keys, in seat order.
    pub members: Vec<(MemberName, PublicKey)>,
    /// Globs of the paths outside `canon/` that are governed from the start.
    pub govern: Vec<Glob>,
    /// Whether the documents of an ordinary `canon/` that is there become the first ones.
    pub adopt: bool,
}

/// What was planted.
#[derive(Debug, Serialize, schemars::JsonSchema)]
pub struct Planted {
    /// The root of the new canon: what everybody pins.
    pub root: Digest,
    /// The first resolution.
    pub resolution: ResolutionId,
    /// The full name of the branch.
    pub branch: String,
    /// The commit.
    pub commit: String,
    /// Which documents it has.
    pub profile: Profile,
    /// The full name of the branch that it protects.
    pub protected: String,
    /// The Chief's name.
    pub chief: MemberName,
    /// The Chief's key, as ssh shows it.
    pub key: String,
    /// The other members.
    pub members: Vec<MemberName>,
    /// The governed paths outside `canon/`.
    pub governed: Vec<RepoPath>,
    /// The planted documents.
    pub documents: Vec<RepoPath>,
    /// Files in governed folders that are not governed, because people cannot read them in a diff.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub left_out: Vec<Unread>,
    /// Where the hooks of the clone stand, if they were installed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub hooks: Vec<crate::gates::hooks::HookStatus>,
    /// The workflow that was written for a forge, not committed yet.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub workflow: Option<workflow::Workflow>,
}

/// Why a canon cannot be planted here; checked before anything is asked or written.
///
/// # Errors
/// Denied over an existing canon or a dirty index, an error in a bare or unsupported repository.
pub fn check(repo: &Repo, adopt: bool) -> Result<(), Error> {
    if repo.is_bare() {
        return Err(Error::denied("this is a bare repository", "plant the canon in a clone with a work tree, and push it"));
    }
    crate::workspace::desk::ready::repository(repo)?;
    // A killed run may have planted it, and not brought it into the work tree.
    crate::workspace::desk::recover(repo)?;
    let worktree = repo.worktree()?;
    if let Some(left_out @ LeftOut::NoCheckout) = worktree.left_out(&|_| true, &|_| true)? {
        return Err(Error::denied("nothing is checked out here, so it cannot be seen what is to be governed", left_out.command()));
    }
    if !repo.index_is_clean()? {
        return Err(Error::denied(
            "changes are staged in the index, and the first commit of the canon would mix with them",
            "git commit or git stash them first",
        ));
    }
    let kinds = (adopt::kind(&repo.index()?)?, adopt::kind(&worktree)?);
    if let Some((branch, hint)) = here::elsewhere(repo)?.filter(|_| !matches!(kinds, (Kind::Canon, _) | (_, Kind::Canon))) {
        return Err(Error::denied(format!("the canon of this repository is on `{branch}`"), hint));
    }
    match kinds {
        (Kind::Canon, _) | (_, Kind::Canon) => Err(Error::denied(
            "there is a canon/ here already",
            "omega status shows what it is; another canon needs another repository: omega init --new DIR",
        )),
        (Kind::Nothing, Kind::Nothing) if adopt => {
            Err(Error::usage("there is no canon/ here whose documents could be adopted", "omega init"))
        }
        (Kind::Nothing, Kind::Nothing) => Ok(()),
        (Kind::Ordinary(count), _) | (_, Kind::Ordinary(count)) if !adopt => Err(Error::denied(
            format!(
                "canon/ is here, but it is not an omega canon: {}",
                if count == 1 { "1 file".to_owned() } else { format!("{count} files") }
            ),
            "omega init --adopt takes its documents as the first drafts; or move the folder: git mv canon NAME",
        )),
        _ => Ok(()),
    }
}

/// Plants a canon on the branch that is checked out, and pins its root for this clone.
///
/// # Errors
/// As for [`check`]; nothing is left behind.
pub fn init(repo: &Repo, signer: &Signer, actor: Actor, threads: usize, request: &Request) -> Result<Planted, Error> {
    check(repo, request.adopt)?;
    let before = fresh::Trace::of(repo);
    plant(repo, signer, actor, threads, request).inspect_err(|error| {
        if !matches!(error, Error::Unfinished { .. }) {
            before.undo(repo);
        }
    })
}

fn plant(repo: &Repo, signer: &Signer, actor: Actor, threads: usize, request: &Request) -> Result<Planted, Error> {
    let head = repo.head()?;
    let branch =
        head.branch.clone().ok_or_else(|| Error::denied("HEAD is detached", "git switch to the branch that shall carry the canon"))?;
    let protected = main_branch(repo, &branch)?;
    let id: ResolutionId = ResolutionId::from_title(&actor.time.date(), "genesis").expect("a date and a word are an id");
    let mut files: BTreeMap<RepoPath, File> = BTreeMap::new();
    let plain = |bytes: Vec<u8>| File { mode: FileMode::File, bytes };
    let globs: Vec<String> = request.govern.iter().map(|glob| glob.as_str().to_owned()).collect();
    let empty = Ledger::default();
    let stamps = Stamps { ledger: &empty, resolution: &id, chief: &request.chief, now: actor.time };
    let mut documents = planted::documents(&Planting {
        profile: request.profile,
        system: &request.system,
        resolution: &id,
        chief: &request.chief,
        who: &globs,
        branch: &protected,
    });
    if request.adopt {
        documents = adopt::documents(repo, documents, &|bytes| Document::restamp(bytes, Version::FIRST, &id, &request.chief))?;
    }
    for (name, bytes) in documents {
        if layout::has_fact(&name) {
            let (path, fact) = stamps.fact(&name, &bytes)?;
            files.insert(path, plain(fact));
        }
        files.insert(layout::document(&name), plain(bytes));
    }
    for member in council(&request.chief, signer.public_key(), &request.members) {
        let text = front::render(&member, "");
        files.insert(layout::member(&member.name), plain(text.into_bytes()));
    }
    let worktree = repo.worktree()?;
    let mut governed = collect_edits(&worktree, &[&Who(request.govern.clone())])?;
    // What lies under canon/ now was taken in above, or is none of the canon's.
    governed.retain(|path, _| !path.is_canon());
    let governed_paths: Vec<RepoPath> = governed.keys().cloned().collect();
    files.extend(governed);

    // There is no pin yet: the root is what comes out of this very commit.
    let desk = Desk::open(repo, Hand::Key(signer), Pin::Root(Digest::of(b"")), actor, threads)?;
    let tree = match head.commit {
        Some(commit) => commit,
        None => repo.write_tree(None, &Edits::new())?,
    };
    let basis = Basis { tree, parents: head.commit.into_iter().collect() };
    let (edits, root) = genesis(&desk, &basis, &id, &request.chief, &files, request)?;
    let desk = desk.trusting(Pin::Root(root));
    let publication = Publication {
        branch: &branch,
        tip: head.commit,
        basis: &basis,
        edits: &edits,
        message: crate::workspace::desk::message(&id, "genesis", &request.chief, "genesis"),
    };
    let commit: Oid = desk.commit(&publication)?;
    desk.assess(commit).map_err(|error| match error {
        Error::Violated(findings) => Error::Unfit(findings),
        other => other,
    })?;
    straighten(repo, &worktree, &governed_paths, &files)?;
    // The pin is written before the branch moves: a canon that is there is always pinned here.
    repo.step("pin");
    pin::write(repo, &Pin::Root(root))?;
    desk.advance(&branch, head.commit, commit, &publication.message, &governed_paths)?;
    Ok(Planted {
        root,
        resolution: id,
        branch,
        protected,
        commit: commit.to_string(),
        chief: request.chief.clone(),
        key: signer.public_key().fingerprint(),
        members: request.members.iter().map(|(name, _)| name.clone()).collect(),
        hooks: Vec::new(),
        left_out: Vec::new(),
        profile: request.profile,
        governed: governed_paths,
        documents: files
            .keys()
            .filter(|path| matches!(crate::canon::Place::of(path), Some(crate::canon::Place::Document(_))))
            .cloned()
            .collect(),
        workflow: None,
    })
}

/// The branch that the canon protects: the main one, also where the canon is planted on another branch to be merged. That is
/// what the remotes call so, else the default of git's configuration, `main` or `master`, if there is such a branch.
fn main_branch(repo: &Repo, here: &str) -> Result<String, Error> {
    let local = |short: &str| format!("refs/heads/{short}");
    if let Some(short) = repo.remote_head()? {
        return Ok(local(&short));
    }
    let default = repo.config_string("init.defaultBranch").filter(|name| !name.is_empty());
    for short in default.iter().map(String::as_str).chain(["main", "master"]) {
        if here == local(short) || repo.find_ref(&local(short)).is_ok_and(|found| found.is_some()) {
            return Ok(local(short));
        }
    }
    Ok(here.to_owned())
}

/// Gives governed files on disk the bytes that git stores of them, where those differ in line ends: from now on no attribute
/// converts them. To git such a file is unchanged, before the commit and after it.
fn straighten(repo: &Repo, worktree: &WorkTree, governed: &[RepoPath], files: &BTreeMap<RepoPath, File>) -> Result<(), Error> {
    for path in governed {
        let Some(file) = files.get(path).filter(|file| file.mode != FileMode::Link) else { continue };
        let on_disk = worktree.on_disk(path.as_str(), MAX_BYTES);
        if on_disk.is_ok_and(|bytes| bytes != file.bytes) {
            repo.replace_on_disk(path.as_str(), file.mode == FileMode::Exec, &file.bytes)?;
        }
    }
    Ok(())
}

fn council(chief: &MemberName, key: &PublicKey, members: &[(MemberName, PublicKey)]) -> Vec<Member> {
    let member = |name: &MemberName, seat: u32, role: Role, key: &PublicKey| Member {
        name: name.clone(),
        seat,
        role,
        kind: canon::Kind::Human,
        weight: u32::from(role == Role::Member),
        keys: vec![key.clone()],
        operator: None,
        command: None,
        endpoint: None,
    };
    let others = (2..).zip(members).map(|(seat, (name, key))| member(name, seat, Role::Member, key));
    std::iter::once(member(chief, 1, Role::Chief, key)).chain(others).collect()
}

/// The files of the first commit, and the root that follows from them.
fn genesis(
    desk: &Desk<'_>,
    basis: &Basis,
    id: &ResolutionId,
    chief: &MemberName,
    files: &BTreeMap<RepoPath, File>,
    request: &Request,
) -> Result<(Edits, Digest), Error> {
    let mut edits = Edits::new();
    let proposal = Proposal {
        omega: 1,
        kind: "proposal".into(),
        canon: None,
        resolution: id.clone(),
        by: chief.clone(),
        at: desk.now(),
        title: "Plant the canon".into(),
        risk: Risk::Critical,
        base: None,
        changes: files
            .iter()
            .map(|(path, file)| Change {
                path: path.clone(),
                mode: Some(file.mode),
                before: None,
                after: Some(file.content().digest),
                released: None,
            })
            .collect(),
        supersedes: None,
        settles: None,
        purge: None,
        recovery: None,
    };
    let text = desk.record(&mut edits, &proposal, "The first state: the documents, the council, and the governed paths.")?;
    let enrolment = desk.sign(Namespace::Enrol, text.as_bytes())?;
    let key = desk.public_key().ok_or_else(|| Error::usage("a canon is planted with a key at hand", "--key FILE"))?;
    put(&mut edits, &layout::in_folder(id, format_args!("keys/{}.sig", key.id())), enrolment.into_bytes());
    for (path, file) in files {
        put(&mut edits, &layout::bytes(&file.content().digest), file.bytes.clone());
        if path.is_canon() {
            put(&mut edits, path, file.bytes.clone());
        }
    }
    for (path, file) in files.iter().filter(|(path, _)| !path.is_canon()) {
        let put = crate::git::Edit::Put { mode: file.mode.into(), bytes: file.bytes.clone() };
        edits.insert(path.as_str().as_bytes().to_vec(), put);
    }
    let globs: Vec<String> = request.govern.iter().map(|glob| glob.as_str().to_owned()).collect();
    let lines = attributes::canon_lines() + &attributes::lines_for(&globs);
    attributes::cover(desk.repo, basis.tree, &lines, files.keys(), &mut edits)?;
    // The records are read back from the tree, as whoever verifies will read them.
    let tree = desk.repo.write_tree(Some(basis.tree), &edits)?;
    let evidence = gather(&desk.repo.revision(tree)?, &Scope::all(desk.threads))?;
    let folder =
        evidence.folders.get(id).filter(|_| evidence.findings.is_empty()).ok_or_else(|| Error::Unfit(evidence.findings.clone()))?;
    let law = crate::ledger::fold::genesis_law(&proposal, &evidence.bytes).map_err(|finding| Error::Unfit(vec![finding]))?;
    let examined = examine(id, folder, &law, None).map_err(|finding| Error::Unfit(vec![finding]))?;
    let tally: Tally = examined.count.tally;
    let ruling = Ruling {
        omega: 1,
        kind: "ruling".into(),
        canon: None,
        resolution: id.clone(),
        by: chief.clone(),
        at: desk.now(),
        proposal: Digest::of(text.as_bytes()),
        sequence: 0,
        previous: None,
        verdict: Verdict::Approve,
        records: folder.records(),
        tally,
        bypass: None,
        expires: None,
    };
    let text = desk.record_at(&mut edits, &layout::ruling(0), &ruling, "The canon begins.")?;
    let changed: Vec<RepoPath> = files.keys().cloned().collect();
    seal_state(desk, None, basis.tree, &changed, &mut edits)?;
    Ok((edits, Digest::of(text.as_bytes())))
}
