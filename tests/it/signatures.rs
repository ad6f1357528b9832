//! Every signature that omega makes is one that stock OpenSSH and git agree on.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use sha2::{Digest as _, Sha256};

use crate::world::World;

/// The signature files of a tree with the kinds that they sign, counted.
type Counts = BTreeMap<&'static str, usize>;

/// The value of a field in the front matter.
fn field<'t>(text: &'t str, name: &str) -> Option<&'t str> {
    text.lines().skip(1).take_while(|line| *line != "---").find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
}

fn digest(text: &str) -> String {
    format!("sha256:{}", Sha256::digest(text).iter().map(|byte| format!("{byte:02x}")).collect::<String>())
}

fn namespace(kind: &str) -> (&'static str, &'static str) {
    match kind {
        "proposal" => ("proposal", "omega-proposal-v1"),
        "turn" => ("turn", "omega-turn-v1"),
        "synthesis" => ("synthesis", "omega-synthesis-v1"),
        "vote" => ("vote", "omega-vote-v1"),
        "withdrawal" => ("withdrawal", "omega-withdrawal-v1"),
        "ruling" => ("ruling", "omega-ruling-v1"),
        other => panic!("no record has kind `{other}`"),
    }
}

/// What the ledger says about rulings, as far as choosing a signers file needs it.
struct Ledger {
    /// The number of each ruling, by its digest.
    by_digest: BTreeMap<String, usize>,
    /// The ruling that closed each resolution.
    closed_by: BTreeMap<String, usize>,
    /// The last ruling that changed each path.
    changed_by: BTreeMap<String, usize>,
}

impl Ledger {
    fn read(world: &World) -> Self {
        let mut ledger = Self { by_digest: BTreeMap::new(), closed_by: BTreeMap::new(), changed_by: BTreeMap::new() };
        for number in 0.. {
            let path = world.repo().join(format!("canon/ledger/{number:06}.md"));
            let Ok(ruling) = fs::read_to_string(path) else { break };
            let id = field(&ruling, "resolution").unwrap();
            ledger.by_digest.insert(digest(&ruling), number);
            ledger.closed_by.insert(id.to_owned(), number);
            if field(&ruling, "verdict") == Some("approve") {
                let proposal = world.read(&format!("canon/resolutions/{id}/proposal.md"));
                let paths = proposal.lines().filter_map(|line| line.trim_start_matches([' ', '-']).strip_prefix("path: "));
                ledger.changed_by.extend(paths.map(|path| (path.to_owned(), number)));
            }
        }
        ledger
    }

    /// The newest signers file at or before a ruling.
    fn signers(&self, world: &World, at: usize) -> String {
        let newest = (0..=at).rev().map(|number| format!("canon/ledger/{number:06}.signers")).find(|path| world.repo().join(path).exists());
        newest.expect("genesis has signers")
    }
}

/// Verifies every `.sig` under canon/ by `ssh-keygen -Y verify`; gives how many there are of each kind.
#[track_caller]
fn verify_all(world: &World) -> Counts {
    let ledger = Ledger::read(world);
    let mut counts = Counts::new();
    let listed = world.git(&["ls-files", "canon"]).exits(0).out;
    for sig in listed.lines().filter(|path| path.ends_with(".sig")) {
        let beside = sig.strip_suffix(".sig").unwrap();
        let parts: Vec<&str> = sig.split('/').collect();
        let (signed, principal, (kind, namespace), signers) = match parts.as_slice() {
            ["canon", "resolutions", id, "keys", _] => {
                let signers = ledger.signers(world, ledger.closed_by[*id]);
                let found =
                    world.run("ssh-keygen", &["-Y", "find-principals", "-f", &signers, "-s", sig], &world.repo(), None).exits(0).out;
                (format!("canon/resolutions/{id}/proposal.md"), found.trim().to_owned(), ("enrol", "omega-enrol-v1"), signers)
            }
            ["canon", "ledger" | "resolutions", ..] => {
                let text = world.read(beside);
                let at = match (field(&text, "sequence"), parts[1]) {
                    (Some(number), "ledger") => number.parse::<usize>().unwrap().saturating_sub(1),
                    // A record is judged by the base of its proposal; genesis has none.
                    _ => field(&world.read(&format!("canon/resolutions/{}/proposal.md", parts[2])), "base")
                        .map_or(0, |base| ledger.by_digest[base]),
                };
                (
                    beside.to_owned(),
                    field(&text, "by").unwrap().to_owned(),
                    namespace(field(&text, "kind").unwrap()),
                    ledger.signers(world, at),
                )
            }
            // The Chief of the state before the ruling signed what the ruling ratified.
            _ => (
                beside.to_owned(),
                "ry".to_owned(),
                ("state", "omega-state-v1"),
                ledger.signers(world, ledger.changed_by[beside].saturating_sub(1)),
            ),
        };
        let bytes = fs::read(world.repo().join(&signed)).unwrap();
        let verify = |namespace: &str, bytes: &[u8]| {
            world.run(
                "ssh-keygen",
                &["-Y", "verify", "-f", &signers, "-I", &principal, "-n", namespace, "-s", sig],
                &world.repo(),
                Some(bytes),
            )
        };
        let ran = verify(namespace, &bytes);
        assert_eq!(ran.code, Some(0), "{sig} by {principal} against {signers}: {}{}", ran.out, ran.err);
        assert!(ran.out.starts_with(&format!("Good \"{namespace}\" signature for {principal} with ED25519 key")), "{}", ran.out);
        // One of each kind shows that the check can fail.
        if counts.insert(kind, counts.get(kind).map_or(1, |count| count + 1)).is_none() {
            assert_ne!(verify(namespace, &[&bytes[..], b" "].concat()).code, Some(0), "{sig}");
            assert_ne!(verify("file", &bytes).code, Some(0), "{sig}");
        }
    }
    counts
}

/// The commits of all branches: what leads to a ruling is on the branch of its proposal, until the ruling takes that away.
#[track_caller]
fn commits(world: &World) -> BTreeSet<String> {
    world.git(&["rev-list", "--branches"]).exits(0).out.lines().map(str::to_owned).collect()
}

/// Verifies commits by `git verify-commit` against a file of allowed signers.
#[track_caller]
fn verify_commits(world: &World, commits: &BTreeSet<String>, allowed: &str) {
    for commit in commits {
        world.git(&["-c", "gpg.format=ssh", "-c", &format!("gpg.ssh.allowedSignersFile={allowed}"), "verify-commit", commit]).exits(0);
    }
}

#[test]
fn stock_tools_accept_every_signature_and_every_commit() {
    let world = World::planted(&["ana", "bo"]);
    // Deliberated, voted, and one ballot changed.
    let id = world.propose("ana", "Talk about it");
    world.by("ana", &["canon", "speak", &id, "approve", "--reason", "For it."]).exits(0);
    world.by("bo", &["canon", "speak", &id, "amend", "--reason", "Not yet."]).exits(0);
    world.chief(&["canon", "synthesize", &id, "--reason", "Nearly."]).exits(0);
    world.by("bo", &["canon", "vote", &id, "reject", "--reason", "No."]).exits(0);
    world.approve(&id, &["ana", "bo"]);
    let mut made = commits(&world);
    world.ratify(&id);
    // Rejected.
    let id = world.propose("bo", "Not this");
    made.extend(commits(&world));
    world.chief(&["canon", "rule", &id, "reject", "--reason", "No.", "--yes"]).exits(0);
    // A new member, who then takes a proposal back; the Chief closes nothing there.
    world.seat("cy", 4);
    let id = world.propose_edits("ana", "Seat cy");
    world.by("cy", &["canon", "enrol", &id]).exits(0);
    world.approve(&id, &["ana", "bo"]);
    made.extend(commits(&world));
    world.ratify(&id);
    let id = world.propose("cy", "On second thought");
    made.extend(commits(&world));
    world.by("cy", &["canon", "withdraw", &id, "--reason", "No."]).exits(0);
    made.extend(commits(&world));

    let expected =
        [("enrol", 2), ("proposal", 5), ("ruling", 4), ("state", 18), ("synthesis", 1), ("turn", 2), ("vote", 5), ("withdrawal", 1)];
    assert_eq!(verify_all(&world), Counts::from(expected));
    // Genesis; 8 for the first; 2; 5 for the new member; 2 for the withdrawal.
    assert_eq!(made.len(), 18);
    verify_commits(&world, &made, "canon/allowed_signers");
}

#[test]
fn a_rotated_chief_key_leaves_every_older_signature_checkable() {
    let world = World::planted(&["ana"]);
    let before = world.path("allowed_before");
    fs::copy(world.repo().join("canon/allowed_signers"), &before).unwrap();
    world.edit("canon/council/ry.md", &world.public("ry"), &world.public("ry-new"));
    let id = world.propose_edits("ry", "A new key for the Chief");
    world.by("ry-new", &["canon", "enrol", &id]).exits(0);
    world.approve(&id, &["ana"]);
    let mut made = commits(&world);
    world.ratify(&id);
    world.edit_identity("With the new key");
    let id = world.propose_edits("ry-new", "With the new key");
    world.approve(&id, &["ana"]);
    made.extend(commits(&world));
    world.chief(&["canon", "ratify", &id, "--yes"]).exits(10);
    world.by("ry-new", &["canon", "ratify", &id, "--yes", "--reason", "With the new key."]).exits(0);

    let expected = [("enrol", 2), ("proposal", 3), ("ruling", 3), ("state", 16), ("vote", 2)];
    assert_eq!(verify_all(&world), Counts::from(expected));
    world.omega(&["canon", "verify"]).exits(0);
    // Some are by keys in force, the others by the key that the rotation retired.
    made.extend(commits(&world));
    assert_eq!(made.len(), 8);
    verify_commits(&world, &made, "canon/allowed_signers");
    world.omega(&["trust", "signers", "signers"]).exits(0);
    verify_commits(&world, &made, "signers");
    world.git(&["-c", &format!("gpg.ssh.allowedSignersFile={}", before.display()), "verify-commit", "HEAD"]).exits(1);
    // What the old key signs later is not known any more, and of records it signs none.
    let later = world.now.replace("T12", "T13");
    for allowed in ["canon/allowed_signers", "signers"] {
        let mut command =
            world.command("git", &["-c", "gpg.format=ssh", "commit", "-q", "-S", "--allow-empty", "-m", "Late"], &world.repo());
        let ran = command.env("GIT_COMMITTER_DATE", &later).args(["--no-verify"]);
        let key = world.key("ry");
        world.git(&["config", "user.signingkey", &key]).exits(0);
        crate::world::Ran::of(ran.output().unwrap()).exits(0);
        world.git(&["-c", &format!("gpg.ssh.allowedSignersFile={allowed}"), "verify-commit", "HEAD"]).exits(1);
        let line = world.read(allowed).lines().find(|line| line.ends_with(&world.public("ry"))).unwrap().to_owned();
        assert!(line.starts_with("ry namespaces=\"git\",") && line.contains("valid-before=\"20260226120000Z\" "), "{line}");
    }
}

#[test]
fn git_knows_the_commits_of_recovery_keys() {
    let world = World::planted(&["ana"]);
    let keys = ["safe-one", "safe-two"].map(|name| (world.key(name), format!("{}.pub", world.key(name))));
    let args =
        ["key", "recovery", "set", "--threshold", "1", &keys[0].1, &keys[1].1, "--enrol-key", &keys[0].0, "--yes", "--format", "json"];
    let ran = world.chief(&args).exits(0);
    let id = ran.json()["report"]["resolution"].as_str().unwrap().to_owned();
    world.omega(&["canon", "enrol", &id, "--key", &keys[1].0]).exits(0);
    world.approve(&id, &["ana"]);
    let mut made = commits(&world);
    world.ratify(&id);
    made.extend(commits(&world));
    assert_eq!(made.len(), 5);
    verify_commits(&world, &made, "canon/allowed_signers");
    world.omega(&["trust", "signers", "signers"]).exits(0);
    verify_commits(&world, &made, "signers");
    assert!(world.read("signers").contains("recovery.keys namespaces=\"git\",valid-after=\"20260226120000Z\" "));
}
