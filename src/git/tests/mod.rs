//! Tests against repositories that the real `git` makes and judges.

#![allow(clippy::disallowed_methods, clippy::disallowed_macros, reason = "tests drive real programs and say what they measured")]

mod attributes;
mod checkout;
mod collection;
mod commit;
mod formats;
mod history;
mod merge;
mod refs;
mod repo;
mod sharing;
mod signal;
mod speed;
mod stale;
mod trees;
mod worktree;

use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::{Actor, Edit, NewCommit, Oid, Repo};
use crate::clock::Timestamp;
use crate::tree::{Mode, Tree};

/// What `git init` is told for each format that is supported.
pub(super) const FORMATS: [&[&str]; 4] = [
    &["--object-format=sha1", "--ref-format=files"],
    &["--object-format=sha256", "--ref-format=files"],
    &["--object-format=sha1", "--ref-format=reftable"],
    &["--object-format=sha256", "--ref-format=reftable"],
];

/// A folder with a repository in `repo`, and a git that sees nothing of this machine.
pub(super) struct Sandbox {
    home: tempfile::TempDir,
}

impl Sandbox {
    pub(super) fn new() -> Self {
        Self::with(&["--ref-format=files"])
    }

    pub(super) fn with(init: &[&str]) -> Self {
        let sandbox = Self { home: tempfile::tempdir().unwrap() };
        std::fs::create_dir(sandbox.path()).unwrap();
        sandbox.git(&[&["init", "--quiet", "--initial-branch=main"], init].concat());
        sandbox
    }

    pub(super) fn home(&self) -> &Path {
        self.home.path()
    }

    pub(super) fn path(&self) -> PathBuf {
        self.home.path().join("repo")
    }

    pub(super) fn command(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        command.env_clear().current_dir(self.path());
        command.env("PATH", std::env::var_os("PATH").unwrap()).env("HOME", self.home());
        command.env("GIT_CONFIG_NOSYSTEM", "1").env("GIT_CONFIG_GLOBAL", "/dev/null");
        for who in ["AUTHOR", "COMMITTER"] {
            command.env(format!("GIT_{who}_NAME"), "Ada").env(format!("GIT_{who}_EMAIL"), "ada@example.org");
        }
        command
    }

    pub(super) fn run(&self, mut command: Command, input: &[u8]) -> (bool, String) {
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        child.stdin.take().unwrap().write_all(input).unwrap();
        let out = child.wait_with_output().unwrap();
        let text = [out.stdout, out.stderr].concat();
        (out.status.success(), String::from_utf8_lossy(&text).trim_end().to_owned())
    }

    pub(super) fn git_with(&self, args: &[&str], input: &[u8]) -> String {
        let mut command = self.command("git");
        command.args(args);
        let (ok, text) = self.run(command, input);
        assert!(ok, "git {args:?}: {text}");
        text
    }

    pub(super) fn git(&self, args: &[&str]) -> String {
        self.git_with(args, b"")
    }

    pub(super) fn write(&self, path: &str, text: &str) {
        let path = self.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    pub(super) fn read(&self, path: &str) -> String {
        std::fs::read_to_string(self.path().join(path)).unwrap()
    }

    /// Commits these files by git itself.
    pub(super) fn commit(&self, files: &[(&str, &str)]) -> Oid {
        for (path, text) in files {
            self.write(path, text);
        }
        self.git(&["add", "--all"]);
        self.git(&["commit", "--quiet", "--allow-empty", "--message=test"]);
        self.rev("HEAD")
    }

    pub(super) fn rev(&self, rev: &str) -> Oid {
        // Behind the id git may warn of a name that means two things.
        self.git(&["rev-parse", rev]).lines().next().unwrap().parse().unwrap()
    }

    pub(super) fn open(&self) -> Repo {
        Repo::discover(&self.path(), None).unwrap()
    }

    pub(super) fn status(&self) -> String {
        self.git(&["status", "--porcelain"])
    }

    pub(super) fn fsck(&self) {
        let text = self.git(&["fsck", "--strict", "--no-dangling", "--no-progress"]);
        let complaints: Vec<_> = text.lines().filter(|line| !line.starts_with("notice: ")).collect();
        assert_eq!(complaints, [""; 0], "fsck complains");
    }
}

pub(super) fn ada() -> Actor {
    Actor { name: "Ada".into(), email: "ada@example.org".into(), time: Timestamp::from_unix(1_700_000_000).unwrap() }
}

pub(super) fn put(text: &str) -> Edit {
    Edit::Put { mode: Mode::File, bytes: text.into() }
}

pub(super) fn edits<const N: usize>(list: [(&str, Edit); N]) -> BTreeMap<Vec<u8>, Edit> {
    list.into_iter().map(|(path, edit)| (path.as_bytes().to_vec(), edit)).collect()
}

/// Commits edits on a parent by our own code.
pub(super) fn commit_on(repo: &Repo, parent: Option<Oid>, edits: &BTreeMap<Vec<u8>, Edit>) -> Oid {
    repo.commit(NewCommit {
        parents: parent.into_iter().collect(),
        base_tree: parent,
        edits,
        message: "test\n".into(),
        author: ada(),
        sign: None,
    })
    .unwrap()
}

/// `path mode` of all leaves, and `path: defect` of all defects.
pub(super) fn shape(tree: &dyn Tree) -> (Vec<String>, Vec<String>) {
    let listing = tree.list(&|_| true).unwrap();
    let text = |path: &[u8]| String::from_utf8_lossy(path).into_owned();
    (
        listing.entries.iter().map(|e| format!("{} {:?}", text(&e.path), e.mode)).collect(),
        listing.defects.iter().map(|(path, what)| format!("{}: {what}", text(path))).collect(),
    )
}
