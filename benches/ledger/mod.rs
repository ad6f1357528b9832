//! Builds ledgers of any length in a real, packed git repository: each resolution changes one entry,
//! with five votes and a ruling, as the records of a working council are.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Command, Stdio};

use omega::canon::front::render;
use omega::canon::{Domain, MemberName, RepoPath, ResolutionId, Risk, layout};
use omega::clock::Timestamp;
use omega::council::tally::Choice;
use omega::digest::Digest;
use omega::git::{Actor, Repo};
use omega::keyring::Signer;
use omega::keys::Namespace;
use omega::ledger::artifacts;
use omega::ledger::evidence::{Evidence, Scope, gather};
use omega::ledger::examine::examine;
use omega::ledger::fold::step;
use omega::ledger::kinds::{Change, FileMode, Proposal, Record, Ruling, Verdict, Vote};
use omega::ledger::state::Ledger;
use omega::ops::init;
use omega::phylactery::Entry;
use omega::tree::{self, Listing, Mode, Reader, Tree, TreeError};

const VOTERS: [&str; 5] = ["ada", "bob", "cyd", "dan", "eve"];

/// Files by path, as a tree.
#[derive(Default)]
pub struct Files(pub BTreeMap<String, Vec<u8>>);

impl Tree for Files {
    fn list(&self, _: &dyn Fn(&[u8]) -> bool) -> Result<Listing, TreeError> {
        let entries = self.0.keys().map(|path| tree::Entry { path: path.clone().into_bytes(), mode: Mode::File, id: None });
        Ok(Listing { entries: entries.collect(), defects: Vec::new() })
    }

    fn reader(&self) -> Box<dyn Reader + '_> {
        Box::new(FilesReader(self))
    }
}

struct FilesReader<'a>(&'a Files);

impl Reader for FilesReader<'_> {
    fn read(&mut self, entry: &tree::Entry, _: u64) -> Result<Vec<u8>, TreeError> {
        Ok(self.0.0[std::str::from_utf8(&entry.path).expect("the paths are text")].clone())
    }
}

/// Makes a repository at `dir` whose main branch has a ledger of so many resolutions after genesis.
pub fn build(dir: &Path, resolutions: u32) -> Digest {
    let now: Timestamp = "2026-02-26T12:00:00Z".parse().expect("a time");
    let signer = |n: u8| Signer::from_seed(&[n; 32]);
    let chief = signer(200);
    let members: Vec<(MemberName, Signer)> = (1..).zip(VOTERS).map(|(n, name)| (name.parse().expect("a name"), signer(n))).collect();
    drop(Repo::init(dir, "refs/heads/main").expect("a new repository"));
    let repo = Repo::discover(dir, None).expect("the repository");
    let planted = init::init(
        &repo,
        &chief,
        Actor { name: "ry".into(), email: "ry@example.invalid".into(), time: now },
        2,
        &init::Request {
            profile: omega::canon::planted::Profile::Omega,
            system: omega::canon::planted::SystemName::default(),
            chief: "ry".parse().expect("a name"),
            members: members.iter().map(|(name, signer)| (name.clone(), signer.public_key().clone())).collect(),
            govern: Vec::new(),
            adopt: false,
        },
    )
    .expect("a canon");

    let commit = repo.head().expect("HEAD").commit.expect("a commit");
    let planted_tree = repo.revision(commit).expect("the tree");
    let genesis = gather(&planted_tree, &Scope::all(2)).expect("the evidence");
    let (mut ledger, stopped) = omega::ledger::fold::fold(&genesis);
    assert!(stopped.is_none(), "{stopped:?}");
    let mut all = Files::default();
    let path = layout::entry(Domain::Style, &"tone".parse().expect("a key"));
    for number in 1..=resolutions {
        let files = resolution(&ledger, &path, number, now, &chief, &members);
        let evidence = gather(&files, &Scope::all(1)).expect("the evidence");
        let ruling = &evidence.rulings[&number];
        step(&mut ledger, &evidence, ruling).expect("a valid ruling");
        all.0.extend(files.0);
    }
    if resolutions > 0 {
        // The live entry and its signature are those of the last resolution.
        let content = ledger.content(&path).expect("an entry");
        let bytes = all.0[layout::bytes(&content.digest).as_str()].clone();
        all.0.insert(path.signature().to_string(), chief.sign(Namespace::State, &bytes).expect("a signature").into_bytes());
        all.0.insert(path.to_string(), bytes);
    }
    import(dir, &all);
    planted.root
}

fn resolution(ledger: &Ledger, path: &RepoPath, number: u32, now: Timestamp, chief: &Signer, members: &[(MemberName, Signer)]) -> Files {
    let mut files = Files::default();
    let id: ResolutionId = format!("2026-03-01-tone-{number}").parse().expect("an id");
    let before = ledger.content(path).map(|content| content.digest);
    let entry = Entry {
        domain: Domain::Style,
        key: "tone".parse().expect("a key"),
        version: number,
        value: format!("plain and warm, take {number}"),
        source: "council".into(),
        confidence: 90,
        created_at: now,
        council_resolution_id: id.clone(),
        artifact: None,
        supersedes: before,
        salt: format!("{number:032x}"),
    };
    let bytes = entry.render().into_bytes();
    let digest = Digest::of(&bytes);
    files.0.insert(layout::bytes(&digest).to_string(), bytes);
    let proposal = Proposal {
        omega: 1,
        kind: "proposal".into(),
        canon: ledger.root(),
        resolution: id.clone(),
        by: members[0].0.clone(),
        at: now,
        title: format!("Set the tone, take {number}"),
        risk: Risk::Low,
        base: ledger.head().map(|head| head.digest),
        changes: vec![Change { path: path.clone(), mode: Some(FileMode::File), before, after: Some(digest), released: None }],
        supersedes: None,
        settles: None,
        purge: None,
        recovery: None,
    };
    let text = record(&mut files, &proposal, "The tone that people asked for.", &members[0].1);
    for (name, signer) in members {
        let vote = Vote {
            omega: 1,
            kind: "vote".into(),
            canon: ledger.root(),
            resolution: id.clone(),
            by: name.clone(),
            at: now,
            proposal: Digest::of(text.as_bytes()),
            ballot: 1,
            replaces: None,
            synthesis: None,
            choice: Choice::Approve,
            confidence: 90,
        };
        record(&mut files, &vote, "It reads better.", signer);
    }
    let evidence: Evidence = gather(&files, &Scope::all(1)).expect("the evidence");
    let folder = &evidence.folders[&id];
    let examined = examine(&id, folder, ledger.law().expect("a law"), ledger.root()).expect("valid records");
    let mut records = folder.records();
    for (name, text) in [("transcript.md", artifacts::transcript(&examined)), ("docket.md", artifacts::docket(&examined))] {
        let path = layout::in_folder(&id, name);
        records.insert(path.clone(), Digest::of(text.as_bytes()));
        files.0.insert(path.to_string(), text.into_bytes());
    }
    let ruling = Ruling {
        omega: 1,
        kind: "ruling".into(),
        canon: ledger.root(),
        resolution: id.clone(),
        by: "ry".parse().expect("a name"),
        at: now,
        proposal: examined.proposal.digest(),
        sequence: number,
        previous: ledger.head().map(|head| head.digest),
        verdict: Verdict::Approve,
        records,
        tally: examined.count.tally,
        bypass: None,
        expires: None,
    };
    signed(&mut files, &layout::ruling(number), &ruling, "So be it.", chief);
    files
}

fn record<R: Record>(files: &mut Files, record: &R, body: &str, signer: &Signer) -> String {
    let path = layout::in_folder(record.resolution(), record.place().expect("a record of a folder"));
    signed(files, &path, record, body, signer)
}

fn signed<R: Record>(files: &mut Files, path: &RepoPath, record: &R, body: &str, signer: &Signer) -> String {
    let text = render(record, body);
    let armor = signer.sign(R::NAMESPACE, text.as_bytes()).expect("a signature");
    files.0.insert(path.to_string(), text.clone().into_bytes());
    files.0.insert(path.signature().to_string(), armor.into_bytes());
    text
}

/// Adds files in one commit through `git fast-import`, which packs them.
fn import(dir: &Path, files: &Files) {
    let git = |args: &[&str]| {
        let mut command = Command::new("git");
        command
            .args(args)
            .current_dir(dir)
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        command
    };
    let mut child = git(&["fast-import", "--quiet"]).stdin(Stdio::piped()).spawn().expect("git");
    let mut out = std::io::BufWriter::new(child.stdin.take().expect("a pipe"));
    let write = |out: &mut dyn std::io::Write| -> std::io::Result<()> {
        writeln!(out, "commit refs/heads/main\ncommitter x <x@example.invalid> 1772100000 +0000\ndata 5\nbuilt\nfrom refs/heads/main^0")?;
        for (path, bytes) in &files.0 {
            writeln!(out, "M 100644 inline {path}\ndata {}", bytes.len())?;
            out.write_all(bytes)?;
            writeln!(out)?;
        }
        out.flush()
    };
    write(&mut out).expect("a stream");
    drop(out);
    assert!(child.wait().expect("git").success());
    for args in [&["reset", "-q", "--hard"][..], &["gc", "-q"]] {
        assert!(git(args).status().expect("git").success());
    }
}
