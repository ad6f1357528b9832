//! Killed anywhere, the repository verifies and the command can be repeated.
//!
//! Each writing command is run on copies of one prepared repository and killed before its first durable
//! step, its second, and so on. Whatever is left must be sound, and the same command said again must lead
//! to where an undisturbed run leads. (Of the steps that write one more loose object, which are most and all
//! alike, every fourth is tried. Where a kill left nothing but loose objects, every eighth is looked at closer
//! and said again.)

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::time::{Duration, Instant};

use crate::kit::files;
use crate::sample;
use crate::world::{Ran, World};

/// A prepared repository, and a command that writes to it.
struct Case {
    world: World,
    name: &'static str,
    args: Vec<String>,
    /// Whether two runs differ in their random salts, and thus in digests and signatures.
    salted: bool,
    /// What `git status` says before and after, where the command leaves edits as they are.
    dirty: String,
    /// Whether the command, said again, may say with exit code 10 that it is done, and with these words.
    done: Option<&'static str>,
}

/// Everything in a repository that a person or git can tell apart.
#[derive(Clone, Debug, PartialEq)]
struct Snapshot {
    head: String,
    /// The files of the tree of each branch.
    branches: BTreeMap<String, BTreeSet<(String, String)>>,
    index: BTreeSet<(String, String)>,
    files: BTreeSet<(String, String)>,
}

impl Case {
    fn args(&self) -> Vec<&str> {
        self.args.iter().map(String::as_str).collect()
    }

    /// A copy of the prepared repository, with the very same times and inodes apart.
    fn copy(&self, name: &str) -> PathBuf {
        let to = self.world.path(name);
        files::copy(&self.world.repo(), &to);
        to
    }

    fn git(&self, dir: &Path, args: &[&str]) -> String {
        self.world.git_in(dir, args).exits(0).out
    }

    fn branches(&self, dir: &Path) -> BTreeMap<String, String> {
        let out = self.git(dir, &["for-each-ref", "--format=%(refname) %(objectname)"]);
        out.lines().map(|line| line.split_once(' ').unwrap()).map(|(name, id)| (name.to_owned(), id.to_owned())).collect()
    }

    fn blobs<'a>(&self, dir: &Path, ids: impl Iterator<Item = &'a str>) -> Vec<Vec<u8>> {
        let asked = ids.map(|id| format!("{id}\n")).collect::<String>();
        let out = self.world.run("git", &["cat-file", "--batch"], dir, Some(asked.as_bytes())).exits(0).out;
        // All files of these tests are text.
        let mut rest = out.as_bytes();
        let mut blobs = Vec::new();
        while let Some(end) = rest.iter().position(|byte| *byte == b'\n') {
            let head = std::str::from_utf8(&rest[..end]).unwrap();
            let size: usize = head.rsplit_once(' ').unwrap().1.parse().unwrap();
            blobs.push(rest[end + 1..end + 1 + size].to_vec());
            rest = &rest[end + 2 + size..];
        }
        blobs
    }

    fn snapshot(&self, dir: &Path) -> Snapshot {
        let entry = |path: &str, mode: &str, bytes: &[u8]| {
            let bytes = String::from_utf8_lossy(bytes);
            if self.salted { (masked(path), format!("{mode} {}", masked(&bytes))) } else { (path.to_owned(), format!("{mode} {bytes}")) }
        };
        // Git names bytes by their digest: where nothing is masked, that is all there is to compare.
        let listed = |out: &str| -> BTreeSet<(String, String)> {
            let lines = out.split_terminator('\0').map(|line| line.split_once('\t').unwrap());
            let leaves: Vec<(&str, Vec<&str>)> =
                lines.map(|(meta, path)| (path, meta.split(' ').filter(|field| !matches!(*field, "blob" | "0")).collect())).collect();
            if !self.salted {
                return leaves.into_iter().map(|(path, fields)| (path.to_owned(), fields.join(" "))).collect();
            }
            let blobs = self.blobs(dir, leaves.iter().map(|(_, fields)| fields[1]));
            leaves.iter().zip(blobs).map(|((path, fields), blob)| entry(path, fields[0], &blob)).collect()
        };
        let branches = self.branches(dir).into_iter().map(|(name, id)| {
            let tree = listed(&self.git(dir, &["ls-tree", "-r", "-z", &id]));
            (name, tree)
        });
        let files = files::names_below(dir).into_iter().filter(|path| !path.starts_with(".git/")).map(|path| {
            let full = dir.join(&path);
            let meta = fs::symlink_metadata(&full).unwrap();
            let bytes = if meta.is_symlink() {
                fs::read_link(&full).unwrap().into_os_string().into_encoded_bytes()
            } else {
                fs::read(&full).unwrap()
            };
            entry(&path, &format!("{:o}", meta.permissions().mode()), &bytes)
        });
        Snapshot {
            head: fs::read_to_string(dir.join(".git/HEAD")).unwrap(),
            branches: branches.collect(),
            index: listed(&self.git(dir, &["ls-files", "-s", "-z"])),
            files: files.collect(),
        }
    }

    /// All that a run can touch but objects, to the byte.
    fn touchable(&self, dir: &Path) -> BTreeMap<String, Vec<u8>> {
        // The lock file says which process last held the lock.
        let counts = |path: &String| !path.starts_with(".git/objects/") && path != ".git/omega/lock";
        files::names_below(dir).into_iter().filter(counts).map(|path| (path.clone(), fs::read(dir.join(path)).unwrap())).collect()
    }

    /// What a kill may leave: sound objects, branches as before or as after.
    fn check_remains(&self, dir: &Path, before: &BTreeMap<String, String>, what: &str) {
        let fsck = self.world.git_in(dir, &["fsck", "--strict", "--no-dangling", "--full"]);
        assert_eq!(fsck.code, Some(0), "{what}: {}{}", fsck.out, fsck.err);
        for (name, id) in self.branches(dir) {
            if before.get(&name) == Some(&id) {
                continue;
            }
            let ran = self.world.omega_in(dir, &["canon", "verify", &id]);
            assert!(matches!(ran.code, Some(0 | 12)), "{what}: {name}: {}{}", ran.out, ran.err);
        }
    }

    /// Says the command again, and holds what it leads to to an undisturbed run.
    fn check_repeat(&self, dir: &Path, after: &Snapshot, what: &str) {
        let ran = self.world.omega_in(dir, &self.args());
        match ran.code {
            Some(0) => {}
            Some(10) if self.done.is_some_and(|done| ran.err.contains(done)) => {}
            _ => panic!("{what}: said again, it exits {:?}: {}{}", ran.code, ran.out, ran.err),
        }
        self.check_end(dir, after, what);
    }

    fn check_end(&self, dir: &Path, after: &Snapshot, what: &str) {
        assert_eq!(self.git(dir, &["status", "--porcelain", "-uall"]), self.dirty, "{what}");
        let now = self.snapshot(dir);
        assert_eq!(now.head, after.head, "{what}");
        assert_eq!(now.branches.keys().collect::<Vec<_>>(), after.branches.keys().collect::<Vec<_>>(), "{what}");
        for (name, tree) in &after.branches {
            assert_same(&now.branches[name], tree, &format!("{what}: {name}"));
        }
        assert_same(&now.index, &after.index, &format!("{what}: index"));
        assert_same(&now.files, &after.files, &format!("{what}: work tree"));
        let left: Vec<String> = files::names_below(&dir.join(".git"))
            .into_iter()
            .filter(|path| path.ends_with(".lock") || path.starts_with("omega/journal") || path.starts_with("omega/scratch"))
            .collect();
        assert_eq!(left, [""; 0], "{what}");
        let how: &[&str] = if self.dirty.is_empty() { &["canon", "verify", "--worktree"] } else { &["canon", "verify"] };
        let ran = self.world.omega_in(dir, how);
        assert!(matches!(ran.code, Some(0 | 12)), "{what}: {}{}", ran.out, ran.err);
    }

    /// An undisturbed run.
    fn undisturbed(&self) -> Snapshot {
        let dir = self.copy("undisturbed");
        self.world.omega_in(&dir, &self.args()).exits(0);
        let after = self.snapshot(&dir);
        self.check_end(&dir, &after, self.name);
        after
    }

    /// The names of the durable steps of an undisturbed run.
    fn steps(&self) -> Vec<String> {
        let (dir, file) = (self.copy("steps"), self.world.path("steps.txt"));
        let mut command = self.world.command(env!("CARGO_BIN_EXE_omega"), &self.args(), &dir);
        Ran::of(command.env("OMEGA_TEST_STEPS", &file).output().unwrap()).exits(0);
        fs::read_to_string(file).unwrap().lines().map(str::to_owned).collect()
    }

    /// Kills the command before its steps.
    fn kill_everywhere(&self) {
        let started = Instant::now();
        let (before, after) = (self.branches(&self.world.repo()), self.undisturbed());
        let untouched = self.touchable(&self.world.repo());
        let steps = self.steps();
        // Objects are written one like the other; what moves something is tried more often.
        let is_due = |step: &usize| sample::is_due(*step as u64, if steps[*step] == "object" { 8 } else { 2 });
        let tried: Vec<usize> = (0..steps.len()).filter(is_due).collect();
        let next = Mutex::new(tried.iter());
        let take = || next.lock().unwrap().next();
        std::thread::scope(|scope| {
            for _ in 0..2 {
                scope.spawn(|| {
                    while let Some(&step) = take() {
                        let dir = self.copy(&format!("killed-{step}"));
                        let ran = self.world.omega_killed_at(&dir, step, &self.args());
                        let what = format!("{} killed at step {step}, {}", self.name, steps[step]);
                        assert_eq!(ran.code, None, "{what}: {}{}", ran.out, ran.err);
                        if step % 8 == 0 || self.touchable(&dir) != untouched {
                            self.check_remains(&dir, &before, &what);
                            self.check_repeat(&dir, &after, &what);
                        }
                        fs::remove_dir_all(&dir).unwrap();
                    }
                });
            }
        });
        let (name, seed) = (self.name, sample::seed());
        println!("{name}: killed before {} of {} steps, seed {seed}, in {:.1?}", tried.len(), steps.len(), started.elapsed());
        assert!(steps.len() > 8, "{steps:?}");
    }

    /// Kills the command from outside, whenever.
    fn kill_sometimes(&self, times: u64) {
        let started = Instant::now();
        let (before, after) = (self.branches(&self.world.repo()), self.undisturbed());
        let dir = self.copy("timed");
        let timed = Instant::now();
        self.world.omega_in(&dir, &self.args()).exits(0);
        let whole = timed.elapsed();
        let mut killed = 0;
        for number in 0..times {
            let dir = self.copy(&format!("shot-{number}"));
            let mut child = self.world.omega_started(&dir, &self.args());
            // Evenly over the run, with a little that no two runs share.
            std::thread::sleep(
                whole.mul_f64((number as f64 + 0.5) / times as f64)
                    + Duration::from_micros(u64::from(started.elapsed().subsec_micros() % 997)),
            );
            // A child that has ended already cannot be killed, and need not be.
            let _ = child.kill();
            let ran = Ran::of(child.wait_with_output().unwrap());
            let what = format!("{} killed from outside, run {number}", self.name);
            assert!(matches!(ran.code, None | Some(0)), "{what}: {}{}", ran.out, ran.err);
            killed += usize::from(ran.code.is_none());
            self.check_remains(&dir, &before, &what);
            self.check_repeat(&dir, &after, &what);
            fs::remove_dir_all(&dir).unwrap();
        }
        println!("{}: {killed} of {times} runs killed from outside, in {:.1?}", self.name, started.elapsed());
    }
}

fn assert_same(found: &BTreeSet<(String, String)>, wanted: &BTreeSet<(String, String)>, what: &str) {
    let more: Vec<_> = found.difference(wanted).collect();
    let less: Vec<_> = wanted.difference(found).collect();
    assert!(more.is_empty() && less.is_empty(), "{what}: too much: {more:#?}; too little: {less:#?}");
}

/// A text without what follows from random salts: hexadecimal digests, salts, and signatures.
fn masked(text: &str) -> String {
    let mut out = String::new();
    let mut armor = false;
    for line in text.split_inclusive('\n') {
        armor &= !line.starts_with("-----END");
        if armor {
            continue;
        }
        armor = line.starts_with("-----BEGIN");
        let mut word = String::new();
        for c in line.chars().chain(['\0']) {
            if c.is_ascii_hexdigit() {
                word.push(c);
                continue;
            }
            // `12345678`: a digest that is shown in short.
            let is_digest = word.len() == 64 || word.len() == 32 || word.len() == 8 && out.ends_with('`') && c == '`';
            out.push_str(if is_digest { "#" } else { &word });
            word.clear();
            out.push(c);
        }
        out.pop();
    }
    // A salt without letters reads as a number, and is quoted.
    out.replace("\"#\"", "#")
}

// ---------------------------------------------------------------------------------------------------
// The prepared repositories.

/// Two members, and governed files outside `canon/`.
fn planted() -> World {
    let world = unplanted();
    let args = init_args(&world);
    world.omega(&args.iter().map(String::as_str).collect::<Vec<_>>()).exits(0);
    world
}

fn unplanted() -> World {
    let mut world = World::empty();
    // Copies of one repository are ruled in apart.
    world.users_apart = true;
    world.write("AGENTS.md", "Be plain.\n");
    world.write("prompts/old.md", "Once upon a time.\n");
    world.write("README.md", "Not governed.\n");
    world.git(&["add", "."]).exits(0);
    world.git(&["commit", "-q", "-m", "What was there before"]).exits(0);
    world
}

fn init_args(world: &World) -> Vec<String> {
    let mut args: Vec<String> = ["init", "--profile", "omega", "--chief", "ry", "--govern", "AGENTS.md", "--govern", "prompts/**", "--yes"]
        .map(str::to_owned)
        .into();
    args.extend(["--key".to_owned(), world.key("ry")]);
    for member in ["claude", "gemini"] {
        args.extend(["--member".to_owned(), format!("{member}={}.pub", world.key(member))]);
    }
    args
}

/// Edits that change, add and remove files, under `canon/` and outside.
fn edit(world: &World) {
    world.edit_identity("Say what is so.");
    world.write("AGENTS.md", "Be plain. Be brief.\n");
    world.write("prompts/deep/new.md", "Brand new.\n");
    fs::remove_file(world.repo().join("prompts/old.md")).unwrap();
}

fn proposed() -> (World, String) {
    let world = planted();
    edit(&world);
    let ran = world.by("claude", &["canon", "propose", "--title", "Say it", "--reason", "Because.", "--format", "json"]).exits(0);
    let id = ran.json()["report"]["resolution"].as_str().unwrap().to_owned();
    world.look_at(&id);
    (world, id)
}

fn voted() -> (World, String) {
    let (world, id) = proposed();
    world.approve(&id, &["claude", "gemini"]);
    (world, id)
}

fn case(name: &'static str, world: World, by: &str, args: &[&str]) -> Case {
    let mut args: Vec<String> = args.iter().map(|arg| (*arg).to_owned()).collect();
    args.extend(["--key".to_owned(), world.key(by)]);
    Case { world, name, args, salted: false, dirty: String::new(), done: None }
}

fn vote_case() -> Case {
    let (world, id) = proposed();
    case("vote", world, "gemini", &["canon", "vote", &id, "approve", "--reason", "Good."])
}

fn ratify_case() -> Case {
    let (world, id) = voted();
    let done = Some("ruling 1 closed 2026-02-26-say-it already: approve");
    Case { done, ..case("ratify", world, "ry", &["canon", "ratify", &id, "--reason", "So be it.", "--yes"]) }
}

#[test]
fn init_can_be_killed_anywhere() {
    let world = unplanted();
    let args = init_args(&world);
    Case { world, name: "init", args, salted: true, dirty: String::new(), done: Some("there is a canon/ here already") }.kill_everywhere();
}

#[test]
fn init_of_an_empty_repository_can_be_killed_anywhere() {
    let world = World::empty();
    let args = init_args(&world);
    Case { world, name: "init without a commit", args, salted: true, dirty: String::new(), done: Some("there is a canon/ here already") }
        .kill_everywhere();
}

#[test]
fn propose_can_be_killed_anywhere() {
    let world = planted();
    edit(&world);
    let case = case("propose", world, "claude", &["canon", "propose", "--title", "Say it", "--reason", "Because."]);
    let dirty = case.git(&case.world.repo(), &["status", "--porcelain", "-uall"]);
    assert!(!dirty.is_empty());
    Case { salted: true, dirty, ..case }.kill_everywhere();
}

#[test]
fn vote_can_be_killed_anywhere() {
    vote_case().kill_everywhere();
}

#[test]
fn vote_beside_the_branch_can_be_killed_anywhere() {
    let case = vote_case();
    case.world.git(&["switch", "-q", "main"]).exits(0);
    Case { name: "vote from main", ..case }.kill_everywhere();
}

#[test]
fn ratify_can_be_killed_anywhere() {
    ratify_case().kill_everywhere();
}

#[test]
fn ratify_from_the_main_branch_can_be_killed_anywhere() {
    let case = ratify_case();
    case.world.git(&["switch", "-q", "main"]).exits(0);
    Case { name: "ratify from main", ..case }.kill_everywhere();
}

#[test]
fn reject_can_be_killed_anywhere() {
    let (world, id) = voted();
    let done = Some("ruling 1 closed 2026-02-26-say-it already: reject");
    Case { done, ..case("reject", world, "ry", &["canon", "rule", &id, "reject", "--reason", "No.", "--yes"]) }.kill_everywhere();
}

#[test]
fn withdraw_can_be_killed_anywhere() {
    let (world, id) = voted();
    let done = Some("2026-02-26-say-it was withdrawn");
    Case { done, ..case("withdraw", world, "claude", &["canon", "withdraw", &id, "--reason", "Overtaken."]) }.kill_everywhere();
}

#[test]
fn a_change_of_the_council_can_be_killed_anywhere() {
    let world = planted();
    case("council weight", world, "ry", &["council", "weight", "claude", "3"]).kill_everywhere();
}

#[test]
fn a_recovery_can_be_killed_anywhere() {
    let world = planted();
    let [safe, new] = ["safe", "ry-2"].map(|name| world.key(name));
    let public = format!("{safe}.pub");
    let id = "2026-02-26-name-1-recovery-key";
    world.by("ry", &["key", "recovery", "set", "--threshold", "1", &public, "--enrol-key", &safe]).exits(0);
    world.approve(id, &["claude", "gemini"]);
    world.ratify(id);
    world.omega(&["key", "recovery", "start", "--to", &new]).exits(0);
    let id = "2026-02-26-replace-the-lost-key-of-the-chief";
    world.by("safe", &["key", "recovery", "sign", id]).exits(0);
    let done = Some("ruling 2 closed 2026-02-26-replace-the-lost-key-of-the-chief already: recover");
    Case { done, ..case("recover", world, "ry-2", &["key", "recovery", "finish", id, "--yes"]) }.kill_everywhere();
}

#[test]
fn vote_can_be_killed_at_any_moment() {
    vote_case().kill_sometimes(24);
}

#[test]
fn ratify_can_be_killed_at_any_moment() {
    ratify_case().kill_sometimes(24);
}

#[test]
fn two_writers_at_once_lose_nothing() {
    let (world, id) = proposed();
    let case = case("two votes", world, "claude", &[]);
    let keys = ["claude", "gemini"].map(|member| case.world.key(member));
    let mut refused = 0;
    for round in 0..12 {
        let dir = case.copy(&format!("both-{round}"));
        let votes = ["claude", "gemini"].map(|member| if member == "claude" { "approve" } else { "reject" });
        let args: Vec<Vec<&str>> = votes
            .iter()
            .zip(&keys)
            .map(|(choice, key)| vec!["canon", "vote", id.as_str(), choice, "--reason", "Mine.", "--key", key])
            .collect();
        let started: Vec<_> = args.iter().map(|args| case.world.omega_started(&dir, args)).collect();
        let ended: Vec<_> = started.into_iter().map(|child| Ran::of(child.wait_with_output().unwrap())).collect();
        for (ran, args) in ended.into_iter().zip(&args) {
            match ran.code {
                Some(0) => {}
                Some(75) => {
                    refused += 1;
                    case.world.omega_in(&dir, args).exits(0);
                }
                _ => panic!("round {round}: {:?} {}{}", ran.code, ran.out, ran.err),
            }
        }
        for member in ["claude", "gemini"] {
            for end in ["1.md", "1.md.sig"] {
                let path = dir.join(format!("canon/resolutions/{id}/votes/{member}.{end}"));
                assert!(path.exists(), "round {round}: {}", path.display());
            }
        }
        assert_eq!(case.git(&dir, &["rev-list", "--count", &format!("main..canon/{id}")]).trim(), "3");
        assert_eq!(case.git(&dir, &["status", "--porcelain"]), "");
        case.world.omega_in(&dir, &["canon", "verify"]).exits(12);
        case.world.omega_in(&dir, &["canon", "verify", "--worktree"]).exits(12);
        case.git(&dir, &["fsck", "--strict", "--no-dangling"]);
    }
    println!("two votes at once: one of the two was told to wait in {refused} of 12 rounds");
}

#[test]
fn nothing_moves_where_work_would_be_lost() {
    // A governed file that the ruling changes has an edit of its own, on the main branch.
    let case = ratify_case();
    let dir = case.world.repo();
    case.world.git(&["switch", "-q", "main"]).exits(0);
    let after = case.undisturbed();
    let main = case.branches(&dir)["refs/heads/main"].clone();
    case.world.write("AGENTS.md", "Mine.\n");
    let status = case.git(&dir, &["status", "--porcelain"]);
    for _ in 0..2 {
        let ran = case.world.omega(&case.args());
        assert!(ran.code != Some(0) && ran.err.contains("`AGENTS.md`"), "{ran:?}");
        assert_eq!(case.branches(&dir)["refs/heads/main"], main);
        assert_eq!(case.git(&dir, &["status", "--porcelain"]), status);
        assert_eq!(case.world.read("AGENTS.md"), "Mine.\n");
    }
    case.world.git(&["stash", "-q"]).exits(0);
    case.check_repeat(&dir, &Snapshot { branches: with_stash(&case, &dir, &after), ..after }, "ratify after git stash");

    // A vote whose place is taken by an untracked file.
    let case = vote_case();
    let dir = case.world.repo();
    let path = format!("canon/resolutions/{}/votes/gemini.1.md", case.args[2]);
    let (before, after) = (case.branches(&dir), case.undisturbed());
    case.world.write(&path, "Mine.\n");
    let ran = case.world.omega(&case.args());
    assert!(ran.code != Some(0) && ran.err.contains(&path), "{ran:?}");
    assert_eq!((case.branches(&dir), case.world.read(&path)), (before, "Mine.\n".to_owned()));
    fs::remove_file(dir.join(&path)).unwrap();
    case.check_repeat(&dir, &after, "vote in a place that was taken");
}

/// The branches of a snapshot and the stash of a repository.
fn with_stash(case: &Case, dir: &Path, after: &Snapshot) -> BTreeMap<String, BTreeSet<(String, String)>> {
    let stash = case.snapshot(dir).branches.remove("refs/stash");
    after.branches.clone().into_iter().chain(stash.map(|tree| ("refs/stash".to_owned(), tree))).collect()
}

#[test]
fn a_repository_that_cannot_be_written_stays_as_it_is() {
    let case = vote_case();
    let objects = case.world.repo().join(".git/objects");
    let folders: Vec<PathBuf> =
        std::iter::once(objects.clone()).chain(fs::read_dir(&objects).unwrap().map(|item| item.unwrap().path())).collect();
    let allow = |mode| folders.iter().for_each(|folder| fs::set_permissions(folder, fs::Permissions::from_mode(mode)).unwrap());
    allow(0o555);
    if fs::write(objects.join("probe"), "").is_ok() {
        // Root may write wherever it likes.
        fs::remove_file(objects.join("probe")).unwrap();
        allow(0o755);
        println!("skipped: this user may write to folders that are read-only");
        return;
    }
    let before = case.snapshot(&case.world.repo());
    case.world.omega(&case.args()).exits(1);
    assert_eq!(case.snapshot(&case.world.repo()), before);
    allow(0o755);
    case.world.omega(&case.args()).exits(0);
}

#[test]
fn emergency_can_be_killed_anywhere() {
    let world = planted();
    world.write("AGENTS.md", "Be still.\n");
    world.write("prompts/deep/new.md", "Brand new.\n");
    let done = Some("there is nothing to propose: every governed file is as ratified");
    let case = case("emergency", world, "ry", &["canon", "emergency", "--title", "Stop it", "--reason", "Because.", "--yes"]);
    Case { done, ..case }.kill_everywhere();
}

#[test]
fn expire_can_be_killed_anywhere() {
    let world = planted();
    world.write("AGENTS.md", "Be still.\n");
    world.chief(&["canon", "emergency", "--title", "Stop it", "--reason", "Because.", "--yes"]).exits(0);
    let done = Some("`2026-02-26-stop-it` is not an unsettled emergency");
    Case { done, ..case("expire", world, "ry", &["canon", "expire", "2026-02-26-stop-it", "--yes"]) }.kill_everywhere();
}
