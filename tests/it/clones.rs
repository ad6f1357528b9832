//! One council in several clones over one server: what each of them knows, and what it says of that.

use std::path::{Path, PathBuf};

use crate::world::{Ran, World};

/// A council whose members work in clones of their own, over one bare server.
struct Team {
    world: World,
}

impl Team {
    fn new(members: &[&str]) -> Self {
        let mut world = World::empty();
        world.write("AGENTS.md", "Be kind.\n");
        world.git(&["add", "-A"]).exits(0);
        world.git(&["commit", "-q", "-m", "Files"]).exits(0);
        world.users_apart = true;
        world.plant(members);
        let server = world.path("server.git");
        world.git(&["clone", "-q", "--bare", ".", server.to_str().unwrap()]).exits(0);
        let team = Self { world };
        for name in members.iter().chain(&["ry"]) {
            let clone = team.clone_of(name);
            team.world.git(&["clone", "-q", server.to_str().unwrap(), clone.to_str().unwrap()]).exits(0);
            for (key, value) in [("user.name", *name), ("user.email", "x@example.invalid")] {
                team.git(name, &["config", key, value]).exits(0);
            }
            team.omega(name, &["trust", "pin", &team.world.root()]).exits(0);
        }
        team
    }

    fn clone_of(&self, name: &str) -> PathBuf {
        self.world.path(name)
    }

    fn git(&self, name: &str, args: &[&str]) -> Ran {
        self.world.git_in(&self.clone_of(name), args)
    }

    fn omega(&self, name: &str, args: &[&str]) -> Ran {
        let key = self.world.key(name);
        self.world.omega_in(&self.clone_of(name), &[args, &["--key", &key]].concat())
    }

    fn edit(&self, name: &str, text: &str) {
        std::fs::write(self.clone_of(name).join("AGENTS.md"), text).unwrap();
    }

    /// Proposes another AGENTS.md and pushes the proposal; gives its id.
    fn propose(&self, name: &str, title: &str, text: &str) -> String {
        self.edit(name, text);
        let ran = self.omega(name, &["canon", "propose", "--title", title, "--reason", "r", "--yes", "--format", "json"]).exits(0);
        let id = ran.json()["report"]["resolution"].as_str().unwrap().to_owned();
        self.push(name, &id).exits(0);
        id
    }

    fn push(&self, name: &str, id: &str) -> Ran {
        self.git(name, &["push", "-q", "origin", &format!("canon/{id}")])
    }

    fn fetch(&self, name: &str) {
        self.git(name, &["fetch", "-q"]).exits(0);
    }

    fn vote(&self, name: &str, id: &str) -> Ran {
        self.omega(name, &["canon", "vote", id, "approve", "--reason", "Good."]).exits(0)
    }

    fn ratify_and_push(&self, id: &str) {
        self.omega("ry", &["canon", "ratify", id, "--reason", "So be it.", "--yes"]).exits(0);
        self.git("ry", &["push", "-q", "origin", "main"]).exits(0);
    }
}

/// What a shell does with a line.
fn paste(team: &Team, dir: &Path, line: &str) -> Ran {
    let omega = Path::new(env!("CARGO_BIN_EXE_omega")).parent().unwrap();
    let line = format!("PATH={}:$PATH; {line}", omega.display());
    team.world.run("sh", &["-c", &line], dir, None)
}

/// The hint of a code in an answer.
fn hint(ran: &Ran, code: &str) -> String {
    let mut lines = ran.out.lines().skip_while(|line| !line.starts_with(code));
    lines.nth(1).and_then(|line| line.trim().strip_prefix("hint: ")).unwrap_or_else(|| panic!("{code} has no hint: {ran:?}")).to_owned()
}

#[test]
fn a_proposal_that_is_taken_back_is_over_before_that_is_pushed() {
    let team = Team::new(&["ann"]);
    let id = team.propose("ann", "One", "Be kinder.\n");
    assert!(team.omega("ann", &["canon", "status"]).out.contains(&format!("open {id}")));
    team.omega("ann", &["canon", "withdraw", &id, "--reason", "No."]).exits(0);
    let status = team.omega("ann", &["canon", "status", "--format", "json"]);
    assert_eq!(status.json()["report"]["open"], serde_json::json!([]), "{}", status.out);
    assert!(team.omega("ann", &["canon", "list"]).exits(0).out.contains("withdrawn"));
}

#[test]
fn ballots_of_all_clones_are_counted_and_can_be_pushed() {
    let team = Team::new(&["ann", "ben"]);
    let id = team.propose("ann", "One", "Be kinder.\n");
    team.fetch("ben");
    team.vote("ben", &id);
    team.push("ben", &id).exits(0);
    // Ann does not know of that yet.
    team.vote("ann", &id);
    team.push("ann", &id).exits(1);
    team.fetch("ann");
    for args in [&["canon", "status"][..], &["canon", "show", &id], &["canon", "tally", &id]] {
        let ran = team.omega("ann", args);
        assert!(ran.out.contains("2 of 2"), "{args:?}: {}", ran.out);
    }
    // The same ballot again joins both branches.
    let ran = team.vote("ann", &id);
    assert!(ran.out.contains("as before"), "{}", ran.out);
    team.push("ann", &id).exits(0);
    team.fetch("ry");
    team.ratify_and_push(&id);
    team.git("ben", &["pull", "-q"]).exits(0);
    team.omega("ben", &["canon", "verify"]).exits(0);
    // Who is only behind takes up what was fetched.
    let id = team.propose("ben", "Two", "Be kindest.\n");
    team.git("ann", &["checkout", "-q", "--", "AGENTS.md"]).exits(0);
    team.git("ann", &["pull", "-q"]).exits(0);
    team.vote("ann", &id);
    team.push("ann", &id).exits(0);
    team.vote("ben", &id);
    team.fetch("ben");
    team.vote("ben", &id);
    team.push("ben", &id).exits(0);
}

#[test]
fn a_vote_on_what_became_stale_says_what_can_be_done() {
    let team = Team::new(&["ann"]);
    let (one, two) = (team.propose("ann", "One", "Be kinder.\n"), team.propose("ann", "Two", "Be kindest.\n"));
    team.vote("ann", &one);
    team.push("ann", &one).exits(0);
    team.fetch("ry");
    team.ratify_and_push(&one);
    team.git("ann", &["checkout", "-q", "--", "AGENTS.md"]).exits(0);
    team.git("ann", &["pull", "-q"]).exits(0);
    let ran = team.vote("ann", &two);
    assert!(ran.out.contains(&format!("omega propose --supersedes {two}")) && !ran.out.contains("omega ratify"), "{}", ran.out);
}

#[test]
fn a_clone_that_is_behind_is_told_how_to_catch_up() {
    let mut team = Team::new(&["ann"]);
    // One user with two clones: what is seen in one is known in the other.
    team.world.users_apart = false;
    let id = team.propose("ann", "One", "Be kinder.\n");
    team.vote("ann", &id);
    team.push("ann", &id).exits(0);
    team.git("ann", &["checkout", "-q", "--", "AGENTS.md"]).exits(0);
    team.fetch("ry");
    team.ratify_and_push(&id);
    let ran = team.omega("ann", &["canon", "verify"]).exits(11);
    assert!(hint(&ran, "C018").contains("git fetch"), "{}", ran.out);
    team.fetch("ann");
    let ran = team.omega("ann", &["canon", "verify"]).exits(11);
    let hint = hint(&ran, "C018");
    assert!(hint.contains("git pull") && !hint.contains("accept-rollback"), "{hint}");
    paste(&team, &team.clone_of("ann"), &hint).exits(0);
    team.omega("ann", &["canon", "verify"]).exits(0);
}

#[test]
fn an_edit_that_is_proposed_is_a_draft_where_it_was_made() {
    let team = Team::new(&["ann"]);
    let id = team.propose("ann", "One", "Be kinder.\n");
    let status = team.omega("ann", &["canon", "status"]).exits(12);
    assert!(status.out.contains(&id) && !status.out.contains("C040"), "{}", status.out);
    let ran = team.omega("ann", &["canon", "verify", "--worktree"]).exits(11);
    let said = hint(&ran, "C040");
    assert!(said.contains(&id) && !said.contains("omega propose"), "{said}");
    let (_, command) = said.rsplit_once(": ").unwrap();
    paste(&team, &team.clone_of("ann"), command).exits(0);
    team.omega("ann", &["canon", "verify", "--worktree"]).exits(0);
    team.omega("ann", &["canon", "status"]).exits(0);
    // Other bytes are no draft of it.
    team.edit("ann", "Be cruel.\n");
    let status = team.omega("ann", &["canon", "status"]).exits(11);
    assert!(status.out.contains("C040"), "{}", status.out);
    // A deletion can be one, too.
    std::fs::remove_file(team.clone_of("ann").join("AGENTS.md")).unwrap();
    team.omega("ann", &["canon", "propose", "--title", "Away", "--reason", "r", "--yes"]).exits(0);
    team.omega("ann", &["canon", "status"]).exits(12);
}

#[test]
fn drafts_that_come_onto_main_by_a_merge_are_warned_of() {
    let team = Team::new(&["ann"]);
    let id = team.propose("ann", "One", "Be kinder.\n");
    team.git("ann", &["checkout", "-q", "--", "AGENTS.md"]).exits(0);
    let omega = Path::new(env!("CARGO_BIN_EXE_omega")).parent().unwrap();
    let path = format!("{}:{}", omega.display(), std::env::var("PATH").unwrap());
    team.omega("ann", &["hooks", "install"]).exits(0);
    let before = team.git("ann", &["rev-parse", "main"]).out;
    let mut command = team.world.command("git", &["merge", "-q", &format!("canon/{id}")], &team.clone_of("ann"));
    let ran = Ran::of(command.env("PATH", path).output().unwrap()).exits(0);
    assert!(ran.err.contains("drafts that are not ratified"), "{}", ran.err);
    let hint = ran.err.lines().find_map(|line| line.strip_prefix("hint: ")).unwrap();
    paste(&team, &team.clone_of("ann"), hint).exits(0);
    assert_eq!(team.git("ann", &["rev-parse", "main"]).out, before);
}

#[test]
fn who_cannot_sign_is_told_why() {
    let team = Team::new(&["ann", "ben"]);
    let id = team.propose("ann", "One", "Be kinder.\n");
    team.fetch("ben");
    let with_keys = |name: &str, args: &[&str]| {
        let mut command = team.world.command(env!("CARGO_BIN_EXE_omega"), args, &team.clone_of(name));
        let ssh = team.world.path(format!("home-of-{name}/.ssh"));
        std::fs::create_dir_all(&ssh).unwrap();
        for end in ["", ".pub"] {
            let to = ssh.join(format!("id_ed25519{end}"));
            std::fs::copy(format!("{}{end}", team.world.key(name)), &to).unwrap();
        }
        Ran::of(command.output().unwrap())
    };
    let ran = with_keys("ben", &["canon", "vote", &id, "approve", "--reason", "r", "--as", "bob"]).exits(10);
    assert_eq!(ran.err, "error: `bob` is not on the council\nhint: omega council list\n");
    let ran = with_keys("ben", &["canon", "ratify", &id, "--reason", "r", "--yes"]).exits(10);
    assert_eq!(
        ran.err,
        "error: the keys at hand are of `ben`, and only the Chief `ry` rules\nhint: as the Chief, name the key: --key FILE; a member votes: omega vote ID CHOICE\n"
    );
    // A governed file is no key, and its mode is not to be changed.
    let ran = team.world.omega_in(&team.clone_of("ann"), &["canon", "vote", &id, "approve", "--reason", "r", "--key", "AGENTS.md"]);
    assert!(ran.code == Some(2) && !ran.err.contains("chmod") && ran.err.contains("AGENTS.md"), "{}", ran.err);
    with_keys("ann", &["canon", "vote", &id, "approve", "--reason", "r"]).exits(0);
    let ran = with_keys("ann", &["canon", "speak", &id, "approve", "--reason", "r"]).exits(10);
    assert!(ran.err.starts_with("error: voting has started; statements are closed\n"), "{}", ran.err);
    let bare = World::empty();
    bare.git(&["commit", "-q", "--allow-empty", "-m", "x"]).exits(0);
    let ran = bare.omega(&["canon", "vote", "x", "approve", "--reason", "r"]).exits(2);
    assert_eq!(ran.err, "error: there is no canon here\nhint: omega init\n");
}

/// What somebody who may push puts onto the branch of a proposal, without any key of the council.
fn spoil(team: &Team, id: &str, how: &str) {
    let (server, evil) = (team.world.path("server.git"), team.world.path("evil"));
    team.world.git(&["clone", "-q", "-b", &format!("canon/{id}"), server.to_str().unwrap(), evil.to_str().unwrap()]).exits(0);
    let script = format!("F=canon/resolutions/{id}; {how}");
    team.world.run("sh", &["-ec", &script], &evil, None).exits(0);
    for args in [
        &["add", "-Af"][..],
        &["-c", "user.name=x", "-c", "user.email=x@example.invalid", "commit", "-q", "-m", "Evil"],
        &["push", "-q", "origin", "HEAD"],
    ] {
        team.world.git_in(&evil, args).exits(0);
    }
    std::fs::remove_dir_all(evil).unwrap();
}

#[test]
fn what_anybody_pushes_onto_the_branch_of_a_proposal_neither_hides_it_nor_stops_it() {
    let forged = "D=$(sha256sum $F/votes/ann.1.md | cut -d' ' -f1)
        sed \"s/^ballot: 1/ballot: 2\\nreplaces: sha256:$D/\" $F/votes/ann.1.md >$F/votes/ann.2.md
        ssh-keygen -q -t ed25519 -N '' -f ../evil.key
        ssh-keygen -q -Y sign -f ../evil.key -n omega-vote-v1 $F/votes/ann.2.md";
    for how in [
        forged,
        "echo x >>$F/votes/ann.1.md",
        "echo x >>$F/proposal.md.sig",
        "echo x >$F/junk",
        "echo Obey. >>AGENTS.md",
        "echo x >canon/ledger/000001.md",
        "mkdir $F/votes/ben.1.md; echo x >$F/votes/ben.1.md/x",
        "git rm -rqf .; echo x >x",
        "git rm -rqf canon; echo x >canon",
    ] {
        let team = Team::new(&["ann", "ben"]);
        let id = team.propose("ann", "One", "Be kinder.\n");
        team.git("ann", &["checkout", "-q", "--", "AGENTS.md"]).exits(0);
        team.vote("ann", &id);
        team.push("ann", &id).exits(0);
        // Ben takes the branch as it is; the Chief has nothing of it but what is fetched.
        team.fetch("ben");
        team.git("ben", &["branch", "-q", "--no-track", &format!("canon/{id}"), &format!("origin/canon/{id}")]).exits(0);
        spoil(&team, &id, how);
        for name in ["ann", "ben"] {
            team.fetch(name);
            for args in [&["canon", "status"][..], &["canon", "show", &id], &["canon", "tally", &id]] {
                let ran = team.omega(name, args);
                assert!(ran.out.contains("1 of 2"), "{how}: {name} {args:?}: {} {}", ran.out, ran.err);
            }
        }
        team.vote("ben", &id);
        team.git("ann", &["fetch", "-q", team.clone_of("ben").to_str().unwrap(), &format!("canon/{id}:refs/remotes/ben/canon/{id}")])
            .exits(0);
        let ran = team.omega("ann", &["canon", "status"]).exits(0);
        assert!(ran.out.contains("2 of 2"), "{how}: {}", ran.out);
        let mut world = team.world;
        world.users_apart = false;
        let key = world.key("ry");
        let ran = world.omega_in(&world.path("ben"), &["canon", "ratify", &id, "--reason", "So be it.", "--yes", "--key", &key]).exits(0);
        assert!(ran.out.contains("ratified"), "{how}: {}", ran.out);
        world.omega_in(&world.path("ben"), &["canon", "verify"]).exits(0);
    }
}

#[test]
fn records_of_another_canon_count_for_nothing() {
    let team = Team::new(&["ann", "ben"]);
    let id = team.propose("ann", "One", "Be kinder.\n");
    team.git("ann", &["checkout", "-q", "--", "AGENTS.md"]).exits(0);
    // Somebody plants a canon with the same names, and with the same files rules there as they like.
    let other = Team::new(&["ann", "ben"]);
    assert_ne!(team.world.root(), other.world.root());
    let forged = other.propose("ann", "One", "Be kinder.\n");
    assert_eq!(id, forged);
    other.git("ann", &["checkout", "-q", "--", "AGENTS.md"]).exits(0);
    other.vote("ann", &id);
    other.push("ann", &id).exits(0);
    other.fetch("ben");
    other.vote("ben", &id);
    other.push("ben", &id).exits(0);
    other.fetch("ry");
    let branch = format!("canon/{id}");
    let push = |from: &str| {
        let (server, tip) = (team.world.path("server.git"), format!("{from}:refs/heads/{branch}"));
        other.git("ry", &["push", "-q", "-f", server.to_str().unwrap(), &tip]).exits(0);
        for name in ["ann", "ry"] {
            team.fetch(name);
        }
    };
    let knows_nothing = |what: &str| {
        let ran = team.omega("ann", &["canon", "status"]).exits(0);
        assert!(ran.out.contains("0 of 2"), "{what}: {}", ran.out);
        assert!(team.omega("ann", &["canon", "list"]).exits(0).out.contains(&format!("open       {id}")), "{what}");
        // Where nobody has the good records, there is nothing.
        assert!(!team.omega("ry", &["canon", "list"]).exits(0).out.contains(&id), "{what}");
        team.omega("ry", &["canon", "show", &id]).exits(10);
        team.omega("ry", &["canon", "ratify", &id, "--reason", "r", "--yes"]).exits(11);
    };
    push(&format!("refs/remotes/origin/{branch}"));
    knows_nothing("ballots");
    other.ratify_and_push(&id);
    push("main");
    knows_nothing("a ruling");
}

#[test]
fn a_branch_that_is_too_deep_to_read_stops_nothing_else() {
    let team = Team::new(&["ann"]);
    let id = team.propose("ann", "One", "Be kinder.\n");
    team.git("ann", &["checkout", "-q", "--", "AGENTS.md"]).exits(0);
    let evil = team.world.path("evil");
    team.world.git(&["clone", "-q", team.world.path("server.git").to_str().unwrap(), evil.to_str().unwrap()]).exits(0);
    let blob = team.world.git_in(&evil, &["hash-object", "-w", "AGENTS.md"]).exits(0).out;
    let deep = format!("100644,{},canon/{}x", blob.trim(), "d/".repeat(1500));
    for args in [
        &["update-index", "--add", "--cacheinfo", &deep][..],
        &["-c", "user.name=x", "-c", "user.email=x@example.invalid", "commit", "-q", "-m", "Evil"],
        &["push", "-q", "origin", "HEAD:refs/heads/canon/2026-01-01-x"],
    ] {
        team.world.git_in(&evil, args).exits(0);
    }
    team.fetch("ann");
    for args in [&["canon", "status"][..], &["canon", "list"]] {
        assert!(team.omega("ann", args).exits(0).out.contains(&id), "{args:?}");
    }
}

#[test]
fn the_chief_who_loses_a_race_takes_up_what_is_there_and_rules_again() {
    let team = Team::new(&["ann"]);
    let one = team.propose("ann", "One", "Be kinder.\n");
    team.git("ann", &["checkout", "-q", "--", "AGENTS.md"]).exits(0);
    // Another file, so that the other ruling does not make it stale.
    let file = team.clone_of("ann").join("canon/ECONOMY_MODEL.md");
    let text = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, format!("{text}\nBe thrifty.\n")).unwrap();
    let two = team.propose("ann", "Two", "Be kind.\n");
    std::fs::write(&file, text).unwrap();
    for id in [&one, &two] {
        team.vote("ann", id);
        team.push("ann", id).exits(0);
    }
    let server = team.world.path("server.git");
    for args in [&["trust", "pin", &team.world.root()][..], &["hooks", "install"]] {
        team.world.omega_in(&server, args).exits(0);
    }
    let key = team.world.key("ry");
    let ratify = |name: &str, id: &str| {
        team.fetch(name);
        team.world.omega_in(&team.clone_of(name), &["canon", "ratify", id, "--reason", "So be it.", "--yes", "--key", &key])
    };
    // The same Chief at two machines, neither of which knows of the other.
    ratify("ann", &one).exits(0);
    ratify("ry", &two).exits(0);
    paste(&team, &team.clone_of("ann"), "git push -q origin main").exits(0);
    let ran = paste(&team, &team.clone_of("ry"), "git push -q origin HEAD:main --force");
    assert!(ran.code != Some(0), "{ran:?}");
    let hint = ran.err.lines().find_map(|line| line.split_once("hint: take up what is there, and rule again: ")).map(|(_, line)| line);
    let line = format!("{} --yes", hint.unwrap_or_else(|| panic!("{ran:?}")).trim());
    paste(&team, &team.clone_of("ry"), &line).exits(0);
    team.omega("ry", &["canon", "verify"]).exits(0);
    ratify("ry", &two).exits(0);
    paste(&team, &team.clone_of("ry"), "git push -q origin main").exits(0);
}
