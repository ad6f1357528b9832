//! A second verifier, written in another language from docs/format.md alone, comes to the same answers.

use std::ops::Deref;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;

use omega::canon::planted::Profile;
use omega::canon::policy::{Bypass, Deliberation, Recovery, Submissions};
use omega::canon::{Domain, Kind, Member, Risk, Role};
use omega::digest::Digest;
use omega::ledger::checkpoint::Checkpoint;
use omega::ledger::kinds::{FileMode, Verdict};
use omega::survey::verify::{Conclusion, verify};

use crate::attacks::drive::{made, write_files};
use crate::attacks::{Attack, Run, all, at};
use crate::forge::{Choice, Edit, Forge, Key, Seed, VOTERS, bypassing, chief, member, name};

/// What omega refuses and the small verifier lets pass, for it does not look. docs/threat-model.md lists the same.
const NOT_CLAIMED: [(&str, &[&str]); 6] = [
    (
        "Who speaks when: it does not run the protocol machine.",
        &[
            "vote_before_the_synthesis",
            "ruling_without_the_deliberation_that_is_demanded",
            "turn_out_of_order",
            "turn_twice_in_a_lap",
            "skip_by_a_member",
            "skip_out_of_turn",
            "synthesis_before_all_spoke",
            "reveal_before_all_sealed",
        ],
    ),
    ("Transcripts and dockets: it does not render them.", &["transcript_that_the_ruling_binds"]),
    (
        "Weak keys that are proposed, and signatures altered into others of the same meaning: it believes `ssh-keygen`.",
        &["weak_key_proposed", "malleable_signature"],
    ),
    ("Fields of records that nobody knows: it reads those that it needs.", &["unknown_field"]),
    ("Services and amounts that make no sense together: of the policies it checks the types.", &["credits_that_can_be_given_away"]),
    (
        "Git attributes: it reads files as they lie there.",
        &[
            "filter",
            "filter_in_other_letters",
            "line_ends",
            "eol",
            "ident",
            "working_tree_encoding",
            "encoding_by_a_macro",
            "export_ignore",
            "export_subst",
            "attributes_that_are_a_link",
            "attributes_with_a_byte_order_mark",
        ],
    ),
];

/// The small verifier's answer to each tree, in one run.
fn answers<A: Deref<Target = Attack>>(attacks: &[(String, A)]) -> Vec<(i32, String)> {
    let dir = tempfile::TempDir::new_in("/dev/shm").or_else(|_| tempfile::TempDir::new()).unwrap();
    let mut batch = String::new();
    for (number, (_, attack)) in attacks.iter().enumerate() {
        let folder = dir.path().join(number.to_string());
        std::fs::create_dir(&folder).unwrap();
        write_files(&folder, &attack.tree);
        batch.push_str(&format!("{} --root {} --now {}", folder.display(), attack.pin.root(), attack.now));
        if let Some(Checkpoint { sequence, head, .. }) = attack.pin.checkpoint() {
            batch.push_str(&format!(" --sequence {sequence} --head {head}"));
        }
        batch.push('\n');
    }
    let file = dir.path().join("batch");
    std::fs::write(&file, batch).unwrap();
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/independent/check.py");
    let ran = Command::new("python3").arg("-W").arg("ignore").arg(script).arg("--batch").arg(file).output().unwrap();
    assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
    let out = String::from_utf8(ran.stdout).unwrap();
    let answers: Vec<(i32, String)> =
        out.lines().map(|line| line.split_once(' ').unwrap()).map(|(code, words)| (code.parse().unwrap(), words.to_owned())).collect();
    assert_eq!(answers.len(), attacks.len(), "{out}");
    answers
}

/// Ledgers of many shapes, all of them honest.
fn honest() -> Vec<(String, Box<Attack>)> {
    let mut found = Vec::new();
    let mut keep = |what: &str, forge: &Forge| found.push((what.to_owned(), Box::new(at(forge.clone(), ""))));

    let mut forge = Forge::planted();
    keep("planted", &forge);
    let id = forge.propose("claude", "open", vec![Edit::file("AGENTS.md", "Open.\n"), Edit::words("OMEGA_IDENTITY", "Plainly.")]);
    keep("an open proposal", &forge);
    forge.vote(&id, "claude", Choice::Reject);
    forge.vote(&id, "claude", Choice::Approve);
    keep("a ballot replaced", &forge);
    forge.approve(&id);
    forge.rule(&id, Verdict::Approve);
    keep("ratified", &forge);
    let id = forge.propose("gemini", "amend", vec![Edit::file("prompts/two.md", "Two.\n")]);
    forge.rule(&id, Verdict::Amend);
    keep("amended", &forge);
    let next = forge.propose_with("gemini", "again", vec![Edit::file("prompts/two.md", "Three.\n")], |p| p.supersedes = Some(id));
    forge.approve(&next);
    forge.rule(&next, Verdict::Approve);
    keep("superseded what was refused", &forge);
    let old = forge.propose("codex", "old", vec![Edit::file("prompts/four.md", "Four.\n")]);
    let new = forge.propose_with("codex", "new", vec![Edit::file("prompts/four.md", "4.\n")], |p| p.supersedes = Some(old));
    keep("superseded what is open", &forge);
    forge.approve(&new);
    forge.rule(&new, Verdict::Approve);
    keep("both closed at once", &forge);
    let id = forge.propose("grok", "never-mind", vec![Edit::Remove("prompts/four.md")]);
    forge.withdraw(&id, "grok");
    forge.put("prompts/four.md", "4.\n");
    keep("withdrawn", &forge);

    let mut forge = Forge::planted();
    let id = forge.propose("gemini", "round", vec![Edit::file("prompts/two.md", "Two.\n")]);
    forge.turn(&id, "claude");
    forge.turn(&id, "gemini");
    forge.skip(&id, "codex");
    forge.turn(&id, "grok");
    keep("statements", &forge);
    forge.synthesize(&id, "safa");
    forge.approve(&id);
    forge.rule(&id, Verdict::Approve);
    keep("deliberated", &forge);

    let mut forge = Forge::plant(&Seed { profile: Profile::Files, ..Seed::default() });
    keep("a constitution alone", &forge);
    forge.ratify("words", vec![Edit::words("CONSTITUTION", "More."), Edit::file("AGENTS.md", "More.\n")]);
    keep("a constitution that changed", &forge);
    forge.emergency("now", vec![Edit::file("AGENTS.md", "Now.\n")]);
    keep("an emergency by the standard protocol", &forge);

    let mut forge = Forge::plant(&Seed { protocol: Box::new(|pipe| pipe.submissions = Submissions::Sealed), ..Seed::default() });
    let id = forge.propose("gemini", "sealed", vec![Edit::file("prompts/two.md", "Two.\n")]);
    VOTERS.into_iter().for_each(|by| forge.seal(&id, by));
    VOTERS.into_iter().for_each(|by| forge.reveal(&id, by));
    keep("revealed", &forge);
    forge.synthesize(&id, "safa");
    forge.approve(&id);
    forge.rule(&id, Verdict::Approve);
    keep("sealed", &forge);

    let mut forge = Forge::planted();
    let new = Key::of("ry-two");
    let id = forge.propose("ry", "rotate", vec![Edit::Member(Member { keys: vec![new.public()], ..chief("ry", 1) })]);
    forge.enrol(&id, &new);
    keep("a rotation that is open", &forge);
    forge.approve(&id);
    forge.rule_then(&id, Verdict::Approve, "ry", new);
    keep("rotated", &forge);
    forge.ratify("later", vec![Edit::words("OMEGA_IDENTITY", "Later.")]);
    keep("ruled with the new key", &forge);
    let id = forge.propose("claude", "seat", vec![Edit::Member(member("zed", 9)), Edit::Remove("canon/council/grok.md")]);
    forge.enrol(&id, &Key::of("zed"));
    forge.approve(&id);
    forge.rule(&id, Verdict::Approve);
    keep("one comes and one goes", &forge);

    let mut forge = Forge::planted();
    forge.ratify(
        "chair",
        vec![
            Edit::Member(Member { role: Role::Chief, weight: 0, ..member("claude", 3) }),
            Edit::Member(Member { role: Role::Member, weight: 1, ..member("ry", 1) }),
        ],
    );
    let id = forge.propose("gemini", "by-claude", vec![Edit::words("ECONOMY_MODEL", "Claude's.")]);
    ["gemini", "codex", "grok", "ry"].iter().for_each(|by| forge.vote(&id, by, Choice::Approve));
    forge.rule(&id, Verdict::Approve);
    keep("the chair changed hands", &forge);

    let keys: Vec<_> = ["safe-one", "safe-two"].map(|name| Key::of(name).public()).to_vec();
    let mut forge = Forge::plant(&Seed {
        consensus: Box::new(move |rules| rules.recovery = Some(Recovery { threshold: 2, keys: keys.clone() })),
        ..Seed::default()
    });
    let new = Key::of("ry-new");
    let edits = vec![Edit::Member(Member { keys: vec![new.public()], ..chief("ry", 1) })];
    let id = forge.propose_with("claude", "recover", edits, |p| (p.recovery, p.risk) = (Some(true), Risk::Critical));
    forge.enrol(&id, &new);
    ["safe-one", "safe-two"].iter().for_each(|name| forge.recover(&id, &Key::of(name)));
    forge.keys.insert("ry".into(), new);
    forge.rule(&id, Verdict::Recover);
    keep("recovered", &forge);
    forge.ratify("after", vec![Edit::file("AGENTS.md", "After.\n")]);
    keep("ruled after a recovery", &forge);

    let mut forge = Forge::planted();
    let first = forge.emergency("urgent", vec![Edit::file("AGENTS.md", "Stop.\n"), Edit::words("OXYSPINE_TRINITY", "Stop.")]);
    keep("an emergency", &forge);
    let mut undone = forge.clone();
    let id = forge.settlement("claude", "settle", first);
    keep("a settlement that is open", &forge);
    forge.approve(&id);
    forge.rule(&id, Verdict::Approve);
    keep("confirmed", &forge);
    let id = undone.settlement("ry", "expire", first);
    let mut rejected = undone.clone();
    undone.rule(&id, Verdict::Expire);
    keep("expired", &undone);
    rejected.rule(&id, Verdict::Reject);
    keep("rejected", &rejected);

    let mut forge = Forge::planted();
    forge.ratify("secret", vec![Edit::Entry(Domain::Memory, "secret", "a name")]);
    let digest = Digest::of(&forge.get("canon/phylactery/memory/secret.md"));
    let gone = vec![Edit::Remove("canon/phylactery/memory/secret.md")];
    let id = forge.propose_with("claude", "forget", gone, |p| p.purge = Some(vec![digest]));
    forge.approve(&id);
    forge.rule(&id, Verdict::Approve);
    keep("purged", &forge);

    let mut forge = Forge::planted();
    forge.ratify("widen", vec![Edit::who(&["AGENTS.md", "prompts/**", "skills/*/SKILL.md"]), Edit::file("skills/a/SKILL.md", "A.\n")]);
    keep("who widened", &forge);
    forge.ratify("narrow", vec![Edit::who(&["AGENTS.md", "skills/*/SKILL.md"]), Edit::Release("prompts/one.md")]);
    keep("who narrowed", &forge);
    forge.ratify(
        "modes",
        vec![Edit::link("skills/b/SKILL.md", "../a/SKILL.md"), Edit::Put("AGENTS.md", FileMode::Exec, b"Run.\n".to_vec())],
    );
    keep("a link and an executable", &forge);

    let mut forge = Forge::planted();
    let id = forge.propose("claude", "bypass", vec![Edit::file("AGENTS.md", "Alone.\n")]);
    forge.vote(&id, "claude", Choice::Approve);
    forge.rule_with(&id, Verdict::Approve, bypassing(Bypass::QuorumUnavailable));
    keep("without a quorum", &forge);

    let agent = |text: &str, seat| Member { kind: Kind::Agent, operator: Some(name("ry")), ..member(text, seat) };
    let mut forge = Forge::plant(&Seed { members: vec![chief("ry", 1), agent("claude", 2), member("gemini", 3)], ..Seed::default() });
    let id = forge.propose("claude", "agents", vec![Edit::file("AGENTS.md", "Agents.\n")]);
    forge.vote(&id, "claude", Choice::Approve);
    forge.vote(&id, "gemini", Choice::Approve);
    forge.rule(&id, Verdict::Approve);
    keep("agents", &forge);

    let mut forge = Forge::plant(&Seed { members: vec![chief("ry", 1)], ..Seed::default() });
    let id = forge.propose("ry", "alone", vec![Edit::words("OMEGA_IDENTITY", "Alone.")]);
    forge.rule(&id, Verdict::Approve);
    keep("a Chief alone", &forge);

    let mut forge = Forge::plant(&Seed { protocol: Box::new(|pipe| pipe.deliberation.high = Deliberation::Required), ..Seed::default() });
    forge.ratify("protocol", vec![Edit::protocol(|pipe| pipe.deliberation.high = Deliberation::Off)]);
    keep("another protocol", &forge);
    found
}

#[test]
fn both_verifiers_accept_the_same_honest_ledgers() {
    let honest = honest();
    let answers = answers(&honest);
    for ((what, attack), (code, words)) in honest.iter().zip(answers) {
        let report = verify(&attack.tree, what, Some(attack.pin), attack.now, 1).unwrap();
        let expected = match report.conclusion {
            Conclusion::Holds => 0,
            Conclusion::Pending => 12,
            other => panic!("{what}: {other:?} {:#?}", report.findings),
        };
        assert_eq!(code, expected, "{what}: {words}");
    }
}

#[test]
fn the_second_verifier_refuses_what_it_claims_to_check() {
    let attacks: Vec<(String, Arc<Attack>)> = all()
        .into_iter()
        .filter_map(|case| match case.run {
            // A work tree on disk has neither odd modes nor names that stand for `.git`.
            Run::Tree(make) if case.stopped.contains(&"work tree") => Some((case.name.to_owned(), made(case, make))),
            _ => None,
        })
        .collect();
    assert!(attacks.len() > 180, "{}", attacks.len());
    let mut passed = Vec::new();
    for ((what, _), (code, words)) in attacks.iter().zip(answers(&attacks)) {
        let expected = all().into_iter().find(|case| case.name == what).unwrap().exit;
        match code {
            0 | 12 => passed.push(what.clone()),
            code => assert_eq!(code, expected, "{what}: {words}"),
        }
    }
    let mut known: Vec<&str> = NOT_CLAIMED.iter().flat_map(|(_, names)| names.iter().copied()).collect();
    known.sort_unstable();
    passed.sort_unstable();
    assert_eq!(passed, known, "what the small verifier lets pass");
}

#[test]
fn the_threat_model_lists_what_the_second_verifier_does_not_claim() {
    let page = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/threat-model.md")).unwrap();
    let listed = page.split_once("<!-- not-claimed -->\n\n").unwrap().1.split("\n\n").next().unwrap();
    let wanted: Vec<String> = NOT_CLAIMED.iter().map(|(why, _)| format!("- {why}")).collect();
    assert_eq!(listed, wanted.join("\n"));
}

#[test]
fn the_second_verifier_looks_at_the_pin_and_the_clock() {
    let forge = Forge::planted();
    let run = |args: &[&str]| {
        let dir = tempfile::TempDir::new().unwrap();
        write_files(dir.path(), &forge.tree);
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/independent/check.py");
        Command::new("python3").arg(script).arg(dir.path()).args(args).output().unwrap().status.code()
    };
    assert_eq!(run(&["--root", &forge.root().to_string()]), Some(0));
    assert_eq!(run(&[]), Some(13));
    assert_eq!(run(&["--root", &Digest::of(b"another").to_string()]), Some(11));
}
