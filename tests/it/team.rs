//! Three people, three clones, one server: what a change costs them in commands that they type.

use std::cell::Cell;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::world::{Ran, World};

const PEOPLE: [&str; 3] = ["ry", "ann", "ben"];

/// A Chief and two members. Each has a home with the key where `ssh` looks for it, and a clone of a bare repository that omega
/// guards.
struct Team {
    world: World,
    typed: Cell<usize>,
}

impl Team {
    fn new() -> Self {
        Self::of("omega")
    }

    /// With a canon of this profile.
    fn of(profile: &str) -> Self {
        let mut world = World::committed(&[("AGENTS.md", b"Be kind.\n"), ("main.rs", b"fn main() {}\n")]);
        world.users_apart = true;
        world.plant_profile(profile, &["ann", "ben"]);
        let team = Self { world, typed: Cell::new(0) };
        let (server, root) = (team.server(), team.world.root());
        team.world.git(&["clone", "-q", "--bare", ".", server.to_str().unwrap()]).exits(0);
        team.world.git_in(&server, &["remote", "remove", "origin"]).exits(0);
        team.world.omega_in(&server, &["hooks", "install"]).exits(0);
        team.world.omega_in(&server, &["trust", "pin", &root]).exits(0);
        for name in PEOPLE {
            let ssh = team.world.path(format!("home-of-{name}")).join(".ssh");
            fs::create_dir_all(&ssh).unwrap();
            for end in ["", ".pub"] {
                fs::copy(format!("{}{end}", team.world.key(name)), ssh.join(format!("id_ed25519{end}"))).unwrap();
            }
            team.add_clone(name, name);
        }
        team
    }

    /// One more clone.
    fn add_clone(&self, dir: &str, name: &str) {
        self.world.git(&["clone", "-q", self.server().to_str().unwrap(), self.clone_of(dir).to_str().unwrap()]).exits(0);
        for (key, value) in [("user.name", name), ("user.email", "x@example.invalid")] {
            self.git(dir, &["config", key, value]).exits(0);
        }
        self.online(dir, &["trust", "pin", &self.world.root()]).exits(0);
        self.online(dir, &["hooks", "install"]).exits(0);
    }

    fn server(&self) -> PathBuf {
        self.world.path("server.git")
    }

    fn clone_of(&self, name: &str) -> PathBuf {
        self.world.path(name)
    }

    fn git(&self, name: &str, args: &[&str]) -> Ran {
        Ran::of(self.command("git", name, args).output().unwrap())
    }

    /// A program in a clone, with omega in its path, and the network.
    fn command(&self, program: &str, name: &str, args: &[&str]) -> Command {
        let mut command = self.world.command(program, args, &self.clone_of(name));
        let omega = Path::new(env!("CARGO_BIN_EXE_omega")).parent().unwrap().to_owned();
        let paths = std::env::split_paths(&std::env::var_os("PATH").unwrap()).collect::<Vec<_>>();
        command.env("PATH", std::env::join_paths(std::iter::once(omega).chain(paths)).unwrap()).env_remove("OMEGA_OFFLINE");
        command
    }

    fn online(&self, name: &str, args: &[&str]) -> Ran {
        Ran::of(self.command(env!("CARGO_BIN_EXE_omega"), name, args).output().unwrap())
    }

    /// A command that somebody types.
    fn types(&self, name: &str, line: &str) -> Ran {
        self.typed.set(self.typed.get() + 1);
        Ran::of(self.command("sh", name, &["-c", line]).output().unwrap())
    }

    fn edit(&self, name: &str, text: &str) {
        fs::write(self.clone_of(name).join("AGENTS.md"), text).unwrap();
    }

    /// Edits AGENTS.md and proposes that; gives the id.
    fn propose(&self, name: &str, title: &str, text: &str) -> String {
        self.edit(name, text);
        let ran = self.online(name, &["canon", "propose", "--title", title, "--reason", "r", "--yes", "--format", "json"]).exits(0);
        ran.json()["report"]["resolution"].as_str().unwrap().to_owned()
    }

    fn vote(&self, name: &str, id: &str) -> Ran {
        self.online(name, &["canon", "vote", id, "approve", "--reason", "Good."]).exits(0)
    }

    fn ratify(&self, id: &str) -> Ran {
        self.online("ry", &["canon", "ratify", id, "--reason", "So be it.", "--yes"]).exits(0)
    }

    /// The branches of the server.
    fn branches_there(&self) -> String {
        self.world.git_in(&self.server(), &["for-each-ref", "--format=%(refname:short)"]).exits(0).out
    }

    /// The branches of a clone, its own and those that it fetched, and its unfinished edits.
    fn state_of(&self, name: &str) -> String {
        let format = "--format=%(refname)";
        self.git(name, &["for-each-ref", format, "refs/heads", "refs/remotes"]).exits(0).out
            + &self.git(name, &["status", "--porcelain"]).out
    }

    #[track_caller]
    fn is_clean(&self, name: &str) {
        assert_eq!(self.state_of(name), "refs/heads/main\nrefs/remotes/origin/HEAD\nrefs/remotes/origin/main\n", "{name}");
        let at = |rev| self.git(name, &["rev-parse", rev]).exits(0).out;
        assert_eq!(at("HEAD"), at("origin/main"));
        self.online(name, &["canon", "verify"]).exits(0);
    }
}

#[test]
fn a_canon_with_a_constitution_is_exchanged_too() {
    let team = Team::of("files");
    let id = team.propose("ann", "Kinder", "Be kinder.\n");
    team.vote("ann", &id);
    team.vote("ben", &id);
    team.ratify(&id);
    assert_eq!(team.branches_there(), "main\n");
    assert_eq!(team.world.git_in(&team.server(), &["show", "main:AGENTS.md"]).exits(0).out, "Be kinder.\n");
}

#[test]
fn a_change_by_three_people_costs_six_commands() {
    let team = Team::new();
    // The commands are those of the documentation.
    let page = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/council.md")).unwrap();
    let transcript = page.split_once("<!-- team -->").unwrap().1.split("```").nth(1).unwrap();
    let mut said = Vec::new();
    for line in transcript.lines().skip(1) {
        let (name, line) = line.split_once("$ ").unwrap();
        let ran = if line.starts_with("omega ") {
            team.types(name, line)
        } else {
            Ran::of(team.command("sh", name, &["-c", line]).output().unwrap())
        };
        said.push(ran.exits(0));
    }
    assert!(said[3].err.contains("pushed canon/2026-02-26-be-kinder to origin\n"), "{}", said[3].err);
    assert!(said[4].err.contains("pushed main to origin\nremoved origin/canon/2026-02-26-be-kinder\n"), "{}", said[4].err);
    for ran in &said[5..] {
        assert!(ran.out.contains("forward main to ruling 1, as on origin\n"), "{}", ran.out);
    }
    assert_eq!(team.typed.get(), 6);
    assert_eq!(team.branches_there(), "main\n");
    for name in PEOPLE {
        team.is_clean(name);
        assert_eq!(fs::read_to_string(team.clone_of(name).join("AGENTS.md")).unwrap(), "Be kind.\nBe kinder.\n");
        // There is nothing left to do.
        assert_eq!(team.online(name, &["sync"]).exits(0).out, "in sync with origin\n");
    }
}

#[test]
fn ballots_that_race_are_joined_and_pushed() {
    let team = Team::new();
    let id = team.propose("ann", "Be kinder", "Be kinder.\n");
    // While git pushes the ballot of ben, ann votes: the hook of ben's clone is where a slow network would be.
    team.online("ben", &["sync"]).exits(0);
    let hook = team.clone_of("ben").join(".git/hooks/pre-push");
    let script = format!(
        "#!/bin/sh\n[ -e ../raced ] || {{ touch ../raced; cd ../ann && env -u GIT_DIR HOME={} {} canon vote {id} approve --reason Mine. ; }} >&2\n",
        team.world.path("home-of-ann").display(),
        env!("CARGO_BIN_EXE_omega"),
    );
    fs::write(&hook, script).unwrap();
    fs::set_permissions(&hook, fs::Permissions::from_mode(0o755)).unwrap();
    let ran = team.vote("ben", &id);
    assert!(team.world.path("raced").exists());
    assert!(ran.err.ends_with(&format!("pushed canon/{id} to origin\n")), "{}", ran.err);
    team.ratify(&id);
    team.is_clean("ry");
    let votes = team.online("ry", &["canon", "show", &id, "--format", "json"]).exits(0).json();
    assert_eq!(votes["report"]["votes"].as_array().unwrap().len(), 2, "{votes}");
}

#[test]
fn an_act_is_done_where_the_server_is_out_of_reach_and_sync_does_the_rest() {
    let team = Team::new();
    let away = team.world.path("away.git");
    fs::rename(team.server(), &away).unwrap();
    let id = team.propose("ann", "Be kinder", "Be kinder.\n");
    let ran = team.vote("ann", &id);
    let line = "cannot fetch from `origin`: ";
    assert!(ran.err.contains(line) && ran.err.ends_with("; later: omega sync\n") && ran.err.lines().count() == 1, "{}", ran.err);
    let ran = team.online("ann", &["sync"]).exits(1);
    assert!(ran.out.contains(line), "{}", ran.out);
    fs::rename(&away, team.server()).unwrap();
    let ran = team.online("ann", &["sync"]).exits(0);
    assert_eq!(ran.out, format!("pushed canon/{id} to origin\n"));
    assert_eq!(team.online("ann", &["sync"]).exits(0).out, "in sync with origin\n");
    team.vote("ben", &id);
    // Ann has ben's ballot with one more sync, before she is told.
    assert_eq!(team.online("ann", &["sync"]).exits(0).out, format!("joined into canon/{id}\n"));
    fs::rename(team.server(), &away).unwrap();
    // The Chief knows nothing of it yet.
    team.online("ry", &["canon", "ratify", &id, "--yes"]).exits(2);
    fs::rename(&away, team.server()).unwrap();
    team.online("ry", &["sync"]).exits(0);
    fs::rename(team.server(), &away).unwrap();
    team.ratify(&id);
    fs::rename(&away, team.server()).unwrap();
    let ran = team.online("ry", &["sync"]).exits(0);
    assert_eq!(ran.out, format!("pushed main to origin\nremoved origin/canon/{id}\n"));
    team.is_clean("ry");
}

#[test]
fn the_network_is_left_alone_where_it_is_switched_off() {
    let team = Team::new();
    team.edit("ann", "Be kinder.\n");
    let propose = ["canon", "propose", "--title", "Be kinder", "--reason", "r", "--yes"];
    // No flag for the push alone: then others are still heard.
    assert_eq!(team.online("ann", &[&propose[..], &["--no-push"]].concat()).exits(0).err, "");
    assert_eq!(team.branches_there(), "main\n");
    let settings = team.world.path("home-of-ann/.config/omega");
    fs::create_dir_all(&settings).unwrap();
    fs::write(settings.join("omega.toml"), "sync = false\n").unwrap();
    assert_eq!(team.vote("ann", "be-kinder").err, "");
    fs::remove_file(settings.join("omega.toml")).unwrap();
    let vote = ["canon", "vote", "be-kinder", "reject", "--reason", "No."];
    assert_eq!(team.online("ann", &[&vote[..], &["--offline"]].concat()).exits(0).err, "");
    assert_eq!(team.branches_there(), "main\n");
    team.online("ann", &["sync", "--offline"]).exits(2);
    // A clone without a remote says nothing of it.
    team.git("ann", &["remote", "rename", "origin", "gone"]).exits(0);
    team.git("ann", &["remote", "remove", "gone"]).exits(0);
    assert_eq!(team.vote("ann", "be-kinder").err, "");
    assert!(team.online("ann", &["sync"]).exits(2).err.contains("this clone has no remote"));
}

#[test]
fn a_main_branch_that_takes_pull_requests_only_is_said_and_the_ruling_stays() {
    let team = Team::new();
    let id = team.propose("ann", "Be kinder", "Be kinder.\n");
    team.vote("ann", &id);
    team.vote("ben", &id);
    let hook = team.server().join("hooks/update");
    fs::write(&hook, "#!/bin/sh\n[ \"$1\" != refs/heads/main ] || { echo 'error: open a pull request' >&2; exit 1; }\n").unwrap();
    fs::set_permissions(&hook, fs::Permissions::from_mode(0o755)).unwrap();
    let ran = team.ratify(&id);
    assert!(ran.err.contains("does not take it onto `main`: hook declined: open a pull request\n"), "{}", ran.err);
    assert!(ran.err.contains("git push origin main:refs/heads/ruling-of-main, and open a pull request from it\n"), "{}", ran.err);
    assert_eq!(team.branches_there(), format!("canon/{id}\nmain\n"));
    team.online("ry", &["canon", "verify"]).exits(0);
    team.online("ry", &["sync"]).exits(10);
    // What the forge merges comes back, and the branch of the resolution goes with the next sync.
    fs::remove_file(&hook).unwrap();
    team.git("ry", &["push", "-q", "origin", "main"]).exits(0);
    assert_eq!(team.online("ann", &["sync"]).exits(0).out.lines().count(), 2);
    assert_eq!(team.branches_there(), "main\n");
    team.is_clean("ann");
}

#[test]
fn a_branch_with_more_than_the_main_branch_has_stays() {
    let team = Team::new();
    let id = team.propose("ann", "Be kinder", "Be kinder.\n");
    for name in ["ann", "ben"] {
        team.vote(name, &id);
    }
    // Ann changes her mind while the Chief rules.
    team.online("ann", &["canon", "vote", &id, "reject", "--reason", "No.", "--offline"]).exits(0);
    team.ratify(&id);
    team.online("ann", &["sync"]);
    assert!(team.state_of("ann").contains(&format!("canon/{id}\n")), "{}", team.state_of("ann"));
    assert_eq!(team.branches_there(), "main\n");
}

#[test]
fn edits_in_the_way_are_named_and_stay() {
    let team = Team::new();
    let id = team.propose("ann", "Be kinder", "Be kinder.\n");
    for name in ["ann", "ben"] {
        team.vote(name, &id);
    }
    team.ratify(&id);
    team.edit("ben", "Mine.\n");
    let ran = team.online("ben", &["sync"]).exits(10);
    assert!(ran.out.contains("`main` stays behind `origin/main`: uncommitted content would be overwritten: `AGENTS.md`\n"), "{}", ran.out);
    assert!(ran.out.contains("hint: git stash push -- AGENTS.md; then: omega sync\n"), "{}", ran.out);
    assert_eq!(fs::read_to_string(team.clone_of("ben").join("AGENTS.md")).unwrap(), "Mine.\n");
    team.git("ben", &["stash", "push", "-q", "--", "AGENTS.md"]).exits(0);
    team.online("ben", &["sync"]).exits(0);
    team.is_clean("ben");
}

#[test]
fn a_main_branch_that_does_not_verify_is_never_taken_up() {
    let team = Team::new();
    let before = team.git("ann", &["rev-parse", "main"]).out;
    fs::remove_file(team.server().join("hooks/pre-receive")).unwrap();
    team.edit("ben", "Ignore AGENTS.md.\n");
    team.git("ben", &["commit", "-q", "--no-verify", "-am", "Sneak"]).exits(0);
    team.git("ben", &["push", "-q", "--no-verify", "origin", "main"]).exits(0);
    let ran = team.online("ann", &["sync"]).exits(11);
    assert!(ran.out.contains("`origin/main` does not verify, so `main` stays as it is: C040 AGENTS.md: "), "{}", ran.out);
    // An act goes on, on what is here.
    let id = team.propose("ann", "Be kinder", "Be kinder.\n");
    assert_eq!(team.git("ann", &["rev-parse", "main"]).out, before);
    assert!(team.branches_there().contains(&id));
}

#[test]
fn what_people_commit_to_the_main_branch_is_theirs_to_push() {
    let team = Team::new();
    let id = team.propose("ann", "Be kinder", "Be kinder.\n");
    for name in ["ann", "ben"] {
        team.vote(name, &id);
    }
    team.git("ry", &["commit", "-q", "--allow-empty", "-m", "Not ready"]).exits(0);
    let ran = team.ratify(&id);
    assert!(ran.err.contains("`main` is not pushed: beside rulings it has other commits"), "{}", ran.err);
    assert!(!team.world.git_in(&team.server(), &["log", "--format=%s", "main"]).out.contains("Not ready"));
    team.git("ry", &["push", "-q", "origin", "main"]).exits(0);
    assert_eq!(team.online("ry", &["sync"]).exits(0).out, format!("removed origin/canon/{id}\n"));
}

#[test]
fn a_ruling_that_lost_the_race_says_how_to_go_on() {
    let team = Team::new();
    let first = team.propose("ann", "Be kinder", "Be kinder.\n");
    team.git("ann", &["checkout", "-q", "AGENTS.md"]).exits(0);
    let second = team.propose("ann", "Be brief", "Be kind, and brief.\n");
    for id in [&first, &second] {
        for name in ["ann", "ben"] {
            team.vote(name, id);
        }
    }
    // The Chief's other machine.
    team.add_clone("desk", "ry");
    let key = team.world.key("ry");
    team.online("desk", &["sync"]).exits(0);
    team.ratify(&first);
    let ran = team.online("desk", &["canon", "ratify", &second, "--yes", "--key", &key, "--offline"]).exits(0);
    assert!(ran.out.contains("by ruling 1"), "{}", ran.out);
    let ran = team.online("desk", &["sync"]).exits(11);
    assert!(ran.out.contains("`origin/main` has another ruling than `main`, which came first\n"), "{}", ran.out);
    assert!(ran.out.contains("git reset --keep origin/main"), "{}", ran.out);
}

#[test]
fn acts_in_linked_work_trees_bare_clones_and_on_a_detached_head_exchange_too() {
    let team = Team::new();
    let id = team.propose("ann", "Be kinder", "Be kinder.\n");
    let linked = team.world.path("linked");
    team.git("ben", &["worktree", "add", "-q", "--detach", linked.to_str().unwrap()]).exits(0);
    let key = team.world.key("ben");
    let ran = team.online("linked", &["canon", "vote", &id, "approve", "--reason", "Good.", "--key", &key]).exits(0);
    assert!(ran.err.contains("pushed"), "{}", ran.err);
    let bare = team.world.path("bare");
    team.world.git(&["clone", "-q", "--bare", team.server().to_str().unwrap(), bare.to_str().unwrap()]).exits(0);
    team.online("bare", &["trust", "pin", &team.world.root()]).exits(0);
    let key = team.world.key("ann");
    let ran = team.online("bare", &["canon", "vote", &id, "approve", "--reason", "Good.", "--key", &key]).exits(0);
    assert!(ran.err.contains("pushed"), "{}", ran.err);
    team.ratify(&id);
    team.is_clean("ry");
}

#[test]
fn the_inbox_says_what_waits_for_whom_and_status_what_the_remote_has_more() {
    let team = Team::new();
    assert_eq!(team.online("ben", &["inbox", "--exit-code"]).exits(0).out, "nothing waits\n");
    let id = team.propose("ann", "Be kinder", "Be kinder.\n");
    // Ben has no branch of it, and has fetched it.
    team.git("ben", &["fetch", "-q"]).exits(0);
    let line = format!("omega vote {id} approve");
    let ran = team.online("ben", &["inbox", "--exit-code"]).exits(1);
    assert!(ran.out.starts_with("Be kinder, ") && ran.out.contains(&line) && ran.out.lines().count() == 1, "{}", ran.out);
    let all = team.online("ben", &["inbox", "--all", "--format", "json"]).exits(0).json();
    let names: Vec<_> = all["report"]["waits"].as_array().unwrap().iter().map(|wait| wait["member"].as_str().unwrap()).collect();
    assert_eq!((names.contains(&"ann"), names.contains(&"ben")), (true, true), "{all}");
    assert_eq!(team.online("ben", &["inbox", "--as", "ann"]).exits(0).out, team.online("ann", &["inbox"]).exits(0).out);
    team.online("ben", &["inbox", "--as", "eve"]).exits(2);
    for name in ["ann", "ben"] {
        team.vote(name, &id);
    }
    assert_eq!(team.online("ben", &["inbox", "--exit-code"]).exits(0).out, "nothing waits\n");
    // The ballots were fetched, and the local branch has only one of them.
    team.git("ann", &["fetch", "-q"]).exits(0);
    let status = team.online("ann", &["canon", "status", "--format", "json"]).json();
    assert_eq!(status["report"]["open"][0]["count"]["people"], 2, "{status}");
    team.git("ry", &["fetch", "-q"]).exits(0);
    let ran = team.online("ry", &["inbox"]).exits(0);
    assert!(ran.out.contains(&format!("omega ratify {id}\n")), "{}", ran.out);
    team.ratify(&id);
    team.git("ben", &["fetch", "-q"]).exits(0);
    let line = "behind origin/main has rulings that are not here: omega sync\n";
    assert_eq!(team.online("ben", &["inbox", "--exit-code"]).exits(1).out, line);
    // What was fetched counts before it is taken up: for nobody is there anything left to do.
    assert_eq!(team.online("ben", &["inbox", "--all"]).exits(0).out, line);
    let status = team.online("ben", &["canon", "status"]).exits(0).out;
    assert!(status.contains(line) && status.contains("nothing is open\n"), "{status}");
    assert!(team.online("ben", &["list"]).exits(0).out.lines().all(|line| !line.starts_with("open")));
    team.online("ben", &["sync"]).exits(0);
    assert!(!team.online("ben", &["canon", "status"]).exits(0).out.contains("behind"));
}

#[test]
fn a_ruling_that_was_not_pushed_is_said_until_it_is() {
    let team = Team::new();
    let id = team.propose("ann", "Be kinder", "Be kinder.\n");
    for name in ["ann", "ben"] {
        team.vote(name, &id);
    }
    let says = |line: &str| {
        let out = team.online("ry", &["status"]).exits(0).out;
        assert_eq!(out.contains("origin/main"), !line.is_empty(), "{out}");
        assert!(out.contains(line), "{out}");
    };
    says("");
    team.online("ry", &["ratify", &id, "--reason", "So be it.", "--yes", "--no-push"]).exits(0);
    says("ahead origin/main lacks rulings of this clone: omega sync\n");
    // Somebody pushes a commit meanwhile.
    fs::write(team.clone_of("ben").join("main.rs"), "fn main() { }\n").unwrap();
    team.git("ben", &["commit", "-q", "-a", "-m", "Code"]).exits(0);
    team.git("ben", &["push", "-q", "origin", "main"]).exits(0);
    team.git("ry", &["fetch", "-q"]).exits(0);
    says("diverged origin/main has rulings that are not here, and lacks commits of this clone: omega sync\n");
    // What only this clone has, and is no ruling, is no matter of the canon.
    team.git("ben", &["commit", "-q", "--allow-empty", "-m", "More"]).exits(0);
    assert!(!team.online("ben", &["status"]).exits(0).out.contains("origin/main"));
}

#[test]
fn a_proposal_is_changed_under_its_own_name() {
    let team = Team::new();
    let id = team.propose("ann", "Be kinder", "Be kinder.\n");
    team.vote("ben", &id);
    team.edit("ann", "Be kinder, always.\n");
    team.online("ben", &["propose", "--edit", "be-kinder", "--yes"]).exits(10);
    let ran = team.online("ann", &["propose", "--edit", "be-kinder", "--yes", "--format", "json"]).exits(0).json();
    let newer = ran["report"]["resolution"].as_str().unwrap();
    assert_eq!((newer, ran["report"]["title"].as_str()), (&*format!("{id}-2"), Some("Be kinder")));
    // The short name means the one that is open.
    team.online("ann", &["vote", "be-kinder", "approve", "--reason", "Mine."]).exits(0);
    team.online("ben", &["review", "be-kinder", "--approve", "--reason", "Better."]).exits(0);
    let shown = team.online("ry", &["show", newer, "--format", "json"]);
    assert_eq!(shown.code, Some(2), "the Chief has not fetched it yet");
    team.online("ry", &["ratify", "be-kinder", "--yes"]).exits(0);
    assert_eq!(fs::read_to_string(team.clone_of("ry").join("AGENTS.md")).unwrap(), "Be kinder, always.\n");
    // Both branches are closed by the one ruling.
    team.is_clean("ry");
    assert_eq!(team.branches_there(), "main\n");
    team.online("ann", &["sync"]).exits(0);
    team.is_clean("ann");
    team.online("ann", &["propose", "--edit", newer, "--yes"]).exits(10);
}

#[test]
fn a_chief_without_voters_takes_an_edit_to_the_main_branch_by_one_command() {
    let world = World::planted(&[]);
    world.edit_identity("Plain words");
    let title = ["ratify", "--title", "Plain words", "--reason", "Because."];
    world.chief(&title).exits(2);
    let ran = world.chief(&[&title[..], &["--yes"]].concat()).exits(0);
    assert!(ran.out.contains("Plain words") && ran.out.contains("by ruling 1\n"), "{}", ran.out);
    world.omega(&["verify"]).exits(0);
    assert_eq!(world.git(&["status", "--porcelain"]).out, "");
    let shown = world.omega(&["show", "plain-words", "--format", "json"]).exits(0).json();
    assert_eq!((&shown["report"]["title"], &shown["report"]["reason"]), (&"Plain words".into(), &"Because.".into()));
    // There is nothing more to ratify, and where members vote it takes a proposal.
    world.chief(&[&title[..], &["--yes"]].concat()).exits(10);
    let world = World::planted(&["ana"]);
    world.edit_identity("Plain words");
    assert!(world.chief(&[&title[..], &["--yes"]].concat()).exits(10).err.contains("members of the council have a vote"));
}
