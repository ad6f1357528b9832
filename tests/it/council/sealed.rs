//! Sealed statements: nobody sees what the others say before everybody has said it.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;

use super::open::with_clerk;
use super::{denied, next, refuses, report, shown};
use crate::world::World;

/// A council whose statements are sealed, and a critical proposal, for which deliberation is demanded.
fn sealed() -> (World, String) {
    let world = with_clerk(|world| {
        world.edit("canon/PEACE_PIPE_PROTOCOL.md", "submissions: open\n", "submissions: sealed\n");
        world.edit("canon/PEACE_PIPE_PROTOCOL.md", "    critical: optional\n", "    critical: required\n");
        world.edit("canon/PEACE_PIPE_PROTOCOL.md", "minimum_spoken: 3\n", "minimum_spoken: 2\n");
    });
    let id = world.propose("ana", "Say it plainly");
    (world, id)
}

/// The statements that the clone keeps, with where they lie.
fn kept(world: &World) -> Vec<(PathBuf, serde_json::Value)> {
    let Ok(folder) = fs::read_dir(world.repo().join(".git/omega/sealed")) else { return Vec::new() };
    let paths = folder.map(|item| item.unwrap().path());
    paths.map(|path| (path.clone(), serde_json::from_slice(&fs::read(&path).unwrap()).unwrap())).collect()
}

fn speak(world: &World, id: &str, by: &str, secret: &str) -> crate::world::Ran {
    world.by(by, &["canon", "speak", id, "approve", "--reason", secret, "--confidence", "70"])
}

/// Where a text stands in anything that git keeps or shows.
fn leaks(world: &World, text: &str) -> bool {
    let objects = world.git(&["cat-file", "--batch", "--batch-all-objects"]).out;
    let reflog = world.git(&["log", "--all", "-g", "--format=%B%gs"]).out;
    let files = world.run("grep", &["-rlF", text, ".", "--exclude-dir=.git"], &world.repo(), None).out;
    objects.contains(text) || reflog.contains(text) || !files.is_empty()
}

#[test]
fn statements_are_sealed_first_and_revealed_when_all_are_in() {
    let (world, id) = sealed();
    let speaks = |name: &str| format!("{name}: omega speak {id} approve --reason …");
    let skip = |name: &str| format!("safa: omega skip {id} {name} --reason …");
    assert_eq!(next(&shown(&world, &id)), [speaks("ana"), speaks("bo"), speaks("cy"), skip("MEMBER")]);
    let first = speak(&world, &id, "ana", "The secret of ana.").exits(0);
    assert_eq!(
        first.out,
        format!(
            "sealed {id} (OPEN)\nthe statement itself stays in this clone until you reveal it\n\nnext:\n  \
             bo    omega speak {id} approve --reason …  seal a statement\n  \
             cy    omega speak {id} approve --reason …  seal a statement\n  \
             safa  omega skip {id} MEMBER --reason …  go on without who stays silent\n"
        )
    );
    // What is kept is private, and neither it nor its nonce is anywhere else.
    let (path, statement) = kept(&world).pop().unwrap();
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    assert_eq!(fs::metadata(path.parent().unwrap()).unwrap().permissions().mode() & 0o777, 0o700);
    let nonce = statement["nonce"].as_str().unwrap().to_owned();
    assert_eq!((nonce.len(), &statement["body"]), (64, &"The secret of ana.".into()));
    assert!(!leaks(&world, "The secret of ana.") && !leaks(&world, &nonce));
    let everything = [&["canon", "show", &id][..], &["canon", "status"], &["canon", "list"], &["canon", "tally", &id]];
    for args in everything {
        let ran = world.omega(&[args, &["--format", "json"]].concat());
        assert!(!ran.out.contains("The secret") && !ran.out.contains(&nonce), "{}", ran.out);
    }
    assert_eq!(shown(&world, &id)["statements"][0], serde_json::json!({"member": "ana", "kind": "seal", "text": ""}));
    // Once is enough, and too early is too early.
    denied(
        &world,
        "ana",
        &["canon", "speak", &id, "reject", "--reason", "I think again."],
        "`ana` has sealed a statement already",
        &format!("wait for the others to seal theirs, then: omega reveal {id}"),
    );
    denied(
        &world,
        "ana",
        &["canon", "reveal", &id],
        "no sealed statement yet from `bo`, `cy`",
        &format!(
            "wait for `bo`: omega speak {id} approve --reason …; or `cy`: omega speak {id} approve --reason …; or `safa`: omega skip {id} MEMBER --reason …"
        ),
    );
    denied(&world, "bo", &["canon", "reveal", &id], "`bo` has sealed no statement", &format!("omega speak {id} approve --reason …"));
    speak(&world, &id, "bo", "The secret of bo.").exits(0);
    assert_eq!(next(&shown(&world, &id)), [speaks("cy"), skip("cy")]);
    speak(&world, &id, "cy", "The secret of cy.").exits(0);
    let reveals = |name: &str| format!("{name}: omega reveal {id}");
    assert_eq!(next(&shown(&world, &id)), [reveals("ana"), reveals("bo"), reveals("cy"), skip("MEMBER")]);
    denied(
        &world,
        "ana",
        &["canon", "speak", &id, "reject", "--reason", "I think again."],
        "`ana` has sealed a statement already",
        &format!("omega reveal {id}"),
    );
    // In any order.
    for member in ["cy", "ana", "bo"] {
        let revealed = report(&world, member, &["canon", "reveal", &id]);
        assert_eq!(revealed["kind"], "reveal");
    }
    denied(&world, "bo", &["canon", "reveal", &id], "`bo` has revealed the statement already", &format!("omega show {id}"));
    let record = world.read(&format!("canon/resolutions/{id}/reveals/ana.md"));
    assert!(record.contains(&nonce) && record.ends_with("\n\nThe secret of ana.\n"), "{record}");
    world.by("safa", &["canon", "synthesize", &id, "--reason", "All for it."]).exits(0);
    world.approve(&id, &["ana", "bo"]);
    world.ratify(&id);
    world.omega(&["canon", "verify"]).exits(0);
    assert!(world.read(&format!("canon/resolutions/{id}/transcript.md")).contains("> The secret of cy."));
}

#[test]
fn who_never_seals_and_who_never_reveals_is_skipped() {
    let (world, id) = sealed();
    // A skip before all have sealed does not lock the others out.
    world.by("safa", &["canon", "skip", &id, "bo", "--reason", "Away."]).exits(0);
    denied(
        &world,
        "bo",
        &["canon", "speak", &id, "approve", "--reason", "Back again."],
        "`bo` was marked as silent",
        &format!("omega show {id}"),
    );
    speak(&world, &id, "cy", "The secret of cy.").exits(0);
    speak(&world, &id, "ana", "The secret of ana.").exits(0);
    for member in ["ana", "cy"] {
        world.by(member, &["canon", "reveal", &id]).exits(0);
    }
    world.by("safa", &["canon", "synthesize", &id, "--reason", "Two for it."]).exits(0);
    world.approve(&id, &["ana", "bo"]);
    world.ratify(&id);
    world.omega(&["canon", "verify"]).exits(0);

    let id = world.propose("ana", "Say it briefly");
    for member in ["ana", "bo", "cy"] {
        speak(&world, &id, member, &format!("What {member} says.")).exits(0);
    }
    for member in ["ana", "cy"] {
        world.by(member, &["canon", "reveal", &id]).exits(0);
    }
    // The statement of bo is lost.
    for (path, statement) in kept(&world) {
        if statement["body"] == "What bo says." {
            fs::remove_file(path).unwrap();
        }
    }
    refuses(
        &world,
        "bo",
        &["canon", "reveal", &id],
        13,
        "the statement behind the seal of `bo` is not kept in this clone",
        &format!(
            "reveal it in the clone where it was sealed; if it is lost, the Clerk (`safa`) goes on without it: omega skip {id} bo --reason …"
        ),
    );
    world.by("safa", &["canon", "skip", &id, "bo", "--reason", "It is lost."]).exits(0);
    world.by("safa", &["canon", "synthesize", &id, "--reason", "Two for it."]).exits(0);
    world.approve(&id, &["ana", "bo"]);
    world.ratify(&id);
    world.omega(&["canon", "verify"]).exits(0);
}

#[test]
fn a_reveal_that_does_not_match_is_refused_and_found() {
    let (world, id) = sealed();
    for member in ["ana", "bo", "cy"] {
        speak(&world, &id, member, &format!("What {member} says.")).exits(0);
    }
    let honest = kept(&world).into_iter().find(|(_, statement)| statement["body"] == "What ana says.").unwrap();
    let mut changed = honest.1.clone();
    changed["body"] = "What ana would rather have said.".into();
    fs::write(&honest.0, changed.to_string()).unwrap();
    refuses(
        &world,
        "ana",
        &["canon", "reveal", &id],
        13,
        "the statement behind the seal of `ana` was changed where it is kept",
        &format!(
            "reveal it in the clone where it was sealed; if it is lost, the Clerk (`safa`) goes on without it: omega skip {id} ana --reason …"
        ),
    );
    // Whoever forges the record by hand, with a key of her own and a good signature, is found.
    fs::write(&honest.0, honest.1.to_string()).unwrap();
    world.by("ana", &["canon", "reveal", &id]).exits(0);
    world.git(&["switch", "-q", &format!("canon/{id}")]).exits(0);
    let path = format!("canon/resolutions/{id}/reveals/ana.md");
    world.edit(&path, "What ana says.", "What ana would rather have said.");
    fs::remove_file(world.repo().join(format!("{path}.sig"))).unwrap();
    world.run("ssh-keygen", &["-q", "-Y", "sign", "-f", &world.key("ana"), "-n", "omega-reveal-v1", &path], &world.repo(), None).exits(0);
    let ran = world.omega(&["canon", "verify", "--worktree", "--format", "json"]).exits(11);
    let findings = ran.json()["report"]["findings"].as_array().unwrap().clone();
    let forged = findings.iter().find(|finding| finding["path"] == path.as_str()).unwrap();
    assert_eq!((&forged["code"], &forged["message"]), (&"C023".into(), &"the statement is not the one that was sealed".into()));
}

#[test]
fn open_statements_are_not_revealed() {
    let world = with_clerk(|_| {});
    let id = world.propose("ana", "Say it plainly");
    denied(
        &world,
        "ana",
        &["canon", "reveal", &id],
        "statements are open here: it is the turn of `ana`",
        &format!("wait for `ana`: omega speak {id} approve --reason …; or `safa`: omega skip {id} ana --reason …"),
    );
    assert!(kept(&world).is_empty());
}

#[test]
fn a_sealed_statement_is_not_signed_elsewhere() {
    let (world, id) = sealed();
    let print = ["canon", "speak", &id, "approve", "--reason", "The secret of ana.", "--as", "ana", "--print"];
    let sealed = "this protocol seals statements, and what is sealed stays in the clone where it is signed";
    denied(&world, "ana", &print, sealed, &format!("with the key at hand: omega speak {id} approve --reason … --key FILE"));
    assert_eq!(kept(&world), []);
}
