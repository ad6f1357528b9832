//! Valid histories, the rare ones too: what is allowed must verify, or nobody will believe a finding.

use omega::canon::policy::{Bypass, Deliberation, Recovery, Submissions};
use omega::canon::{Domain, Kind, Member, Risk, Role};
use omega::finding::Code;
use omega::ledger::kinds::{FileMode, Verdict};

use crate::forge::{Choice, Edit, Forge, Key, Seed, VOTERS, bypassing, chief, member, name, time, violated};

#[test]
fn an_honest_ledger_holds() {
    let mut forge = Forge::planted();
    forge.holds();
    forge.ratify("plainly", vec![Edit::words("OMEGA_IDENTITY", "Say it plainly."), Edit::file("prompts/two.md", "Two.\n")]);
    forge.holds();
    let id = forge.propose("gemini", "not-this", vec![Edit::file("prompts/two.md", "Three.\n")]);
    forge.pends();
    forge.approve(&id);
    forge.pends();
    forge.rule(&id, Verdict::Amend);
    forge.holds();
}

#[test]
fn a_chief_alone_rules_without_a_council() {
    let mut forge = Forge::plant(&Seed { members: vec![chief("ry", 1)], ..Seed::default() });
    let id = forge.propose("ry", "alone", vec![Edit::words("OMEGA_IDENTITY", "Alone.")]);
    forge.rule(&id, Verdict::Approve);
    forge.holds();
}

#[test]
fn deliberation_goes_round_and_is_drawn_together() {
    let mut forge = Forge::planted();
    let id = forge.propose("gemini", "round", vec![Edit::file("prompts/two.md", "Two.\n")]);
    forge.turn(&id, "claude");
    forge.turn(&id, "gemini");
    forge.skip(&id, "codex");
    forge.turn(&id, "grok");
    forge.synthesize(&id, "safa");
    forge.vote(&id, "claude", Choice::Reject);
    forge.vote(&id, "claude", Choice::Approve);
    for by in ["gemini", "codex"] {
        forge.vote(&id, by, Choice::Approve);
    }
    forge.rule(&id, Verdict::Approve);
    forge.holds();
}

#[test]
fn sealed_statements_are_revealed() {
    let mut forge = Forge::plant(&Seed { protocol: Box::new(|pipe| pipe.submissions = Submissions::Sealed), ..Seed::default() });
    let id = forge.propose("gemini", "sealed", vec![Edit::file("prompts/two.md", "Two.\n")]);
    for by in VOTERS {
        forge.seal(&id, by);
    }
    for by in VOTERS {
        forge.reveal(&id, by);
        forge.pends();
    }
    forge.synthesize(&id, "safa");
    forge.approve(&id);
    forge.rule(&id, Verdict::Approve);
    forge.holds();
}

#[test]
fn who_never_seals_or_never_reveals_is_skipped() {
    let mut forge = Forge::plant(&Seed { protocol: Box::new(|pipe| pipe.submissions = Submissions::Sealed), ..Seed::default() });
    let id = forge.propose("gemini", "never-seals", vec![Edit::file("prompts/two.md", "Two.\n")]);
    for by in ["claude", "gemini", "codex"] {
        forge.seal(&id, by);
    }
    forge.skip(&id, "grok");
    for by in ["claude", "gemini", "codex"] {
        forge.reveal(&id, by);
    }
    forge.synthesize(&id, "safa");
    forge.approve(&id);
    forge.rule(&id, Verdict::Approve);
    forge.holds();

    let id = forge.propose("gemini", "never-reveals", vec![Edit::file("prompts/three.md", "Three.\n")]);
    for by in VOTERS {
        forge.seal(&id, by);
    }
    for by in ["claude", "gemini", "codex"] {
        forge.reveal(&id, by);
    }
    forge.skip(&id, "grok");
    forge.synthesize(&id, "safa");
    forge.approve(&id);
    forge.rule(&id, Verdict::Approve);
    forge.holds();
}

#[test]
fn an_emergency_holds_until_it_expires() {
    let mut forge = Forge::planted();
    forge.emergency("urgent", vec![Edit::file("AGENTS.md", "Stop.\n"), Edit::words("OXYSPINE_TRINITY", "Stop.")]);
    let report = forge.holds();
    let until = time("2026-03-01T12:04:00Z");
    assert_eq!(report.provisional_until, Some(until));
    forge.put("README.md", "not governed\n");
    forge.holds();
    violated(forge.verify_with(forge.pin(), until), Code::Expired, "canon/ledger/000001.md");
    // Dated ahead of whoever looks, it is not believed either.
    violated(forge.verify_with(forge.pin(), time("2026-02-26T11:00:00Z")), Code::Expired, "canon/ledger/000001.md");
}

#[test]
fn an_emergency_is_confirmed_by_the_council() {
    let mut forge = Forge::planted();
    let emergency = forge.emergency("urgent", vec![Edit::file("AGENTS.md", "Stop.\n"), Edit::file("prompts/new.md", "New.\n")]);
    let id = forge.settlement("claude", "settle", emergency);
    forge.holds();
    forge.approve(&id);
    forge.rule(&id, Verdict::Approve);
    assert_eq!(forge.holds().provisional_until, None);
    assert_eq!(forge.get("AGENTS.md"), b"Stop.\n");
    // Settled paths are free again, for the council and for the Chief.
    forge.ratify("after", vec![Edit::file("AGENTS.md", "Go.\n")]);
    forge.emergency("again", vec![Edit::file("AGENTS.md", "Stop.\n")]);
    forge.holds();
}

#[test]
fn an_emergency_is_undone_by_reject_and_by_expire() {
    let mut forge = Forge::planted();
    let before = forge.get("canon/OXYSPINE_TRINITY.md");
    for (slug, verdict) in [("one", Verdict::Reject), ("two", Verdict::Expire)] {
        let key = if verdict == Verdict::Reject { "prompts/new.md" } else { "prompts/newer.md" };
        let document =
            if verdict == Verdict::Reject { Edit::words("OXYSPINE_TRINITY", "Stop.") } else { Edit::Entry(Domain::Memory, "stop", "now") };
        let emergency = forge.emergency(slug, vec![document, Edit::file(key, "New.\n")]);
        forge.holds();
        let id = forge.settlement(if verdict == Verdict::Reject { "claude" } else { "ry" }, &format!("settle-{slug}"), emergency);
        if verdict == Verdict::Reject {
            forge.vote(&id, "claude", Choice::Reject);
        }
        forge.rule(&id, verdict);
        assert_eq!(forge.holds().provisional_until, None);
        assert!(!forge.has(key));
    }
    assert_eq!(forge.get("canon/OXYSPINE_TRINITY.md"), before);
    // After an approve has touched the path, an emergency may again; versions pass those that were undone.
    forge.ratify(
        "touch",
        vec![
            Edit::file("prompts/new.md", "Council.\n"),
            Edit::DocumentAt("OXYSPINE_TRINITY", "1.2.0", Box::new(|text| format!("{text}\nMore.\n"))),
        ],
    );
    forge.emergency("three", vec![Edit::file("prompts/new.md", "Chief.\n")]);
    forge.holds();
}

#[test]
fn the_chief_expires_an_emergency_long_after_its_time() {
    let mut forge = Forge::planted();
    let emergency = forge.emergency("urgent", vec![Edit::file("AGENTS.md", "Stop.\n")]);
    forge.now += 100 * 3600;
    forge.violates(Code::Expired, "canon/ledger/000001.md");
    let id = forge.settlement("ry", "over", emergency);
    forge.rule(&id, Verdict::Expire);
    forge.holds();
    assert_eq!(forge.get("AGENTS.md"), b"Be kind.\n");
}

#[test]
fn two_emergencies_live_side_by_side() {
    let mut forge = Forge::planted();
    let one = forge.emergency("one", vec![Edit::file("AGENTS.md", "Stop.\n")]);
    let two = forge.emergency("two", vec![Edit::Remove("prompts/one.md")]);
    forge.holds();
    forge.ratify("else", vec![Edit::file("prompts/two.md", "Two.\n")]);
    let id = forge.settlement("ry", "over-one", one);
    forge.rule(&id, Verdict::Expire);
    forge.holds();
    let id = forge.settlement("ry", "over-two", two);
    forge.rule(&id, Verdict::Expire);
    forge.holds();
    assert_eq!(forge.get("prompts/one.md"), b"One.\n");
}

fn with_recovery(threshold: u32) -> Forge {
    let mut forge = Forge::planted();
    let keys: Vec<_> = ["safe-one", "safe-two", "safe-three"].map(|name| Key::of(name).public()).to_vec();
    let id = forge.propose(
        "claude",
        "recovery-keys",
        vec![Edit::consensus(move |rules| rules.recovery = Some(Recovery { threshold, keys: keys.clone() }))],
    );
    for name in ["safe-one", "safe-two", "safe-three"] {
        forge.enrol(&id, &Key::of(name));
    }
    forge.approve(&id);
    forge.rule(&id, Verdict::Approve);
    forge
}

#[test]
fn recovery_keys_replace_the_chief_s_key() {
    let mut forge = with_recovery(2);
    forge.holds();
    let new = Key::of("ry-new");
    let id =
        forge.propose_with("claude", "recover", vec![Edit::Member(Member { keys: vec![new.public()], ..chief("ry", 1) })], |proposal| {
            (proposal.recovery, proposal.risk) = (Some(true), Risk::Critical);
        });
    forge.enrol(&id, &new);
    forge.recover(&id, &Key::of("safe-one"));
    forge.recover(&id, &Key::of("safe-three"));
    forge.pends();
    forge.keys.insert("ry".into(), new);
    forge.rule(&id, Verdict::Recover);
    forge.holds();
    forge.ratify("after", vec![Edit::file("AGENTS.md", "Recovered.\n")]);
    forge.holds();
}

#[test]
fn a_recovery_may_renew_the_recovery_keys() {
    let mut forge = with_recovery(1);
    let (new, safe) = (Key::of("ry-new"), Key::of("safe-four").public());
    let edits = vec![
        Edit::Member(Member { keys: vec![new.public()], ..chief("ry", 1) }),
        Edit::consensus(move |rules| rules.recovery = Some(Recovery { threshold: 1, keys: vec![safe.clone()] })),
    ];
    let id = forge.propose_with("safa", "recover", edits, |proposal| proposal.recovery = Some(true));
    forge.enrol(&id, &new);
    forge.enrol(&id, &Key::of("safe-four"));
    forge.recover(&id, &Key::of("safe-two"));
    forge.keys.insert("ry".into(), new);
    forge.rule(&id, Verdict::Recover);
    forge.holds();
}

#[test]
fn the_chief_who_finds_the_key_again_rejects_a_recovery() {
    let mut forge = with_recovery(1);
    let new = Key::of("ry-new");
    let id =
        forge.propose_with("claude", "recover", vec![Edit::Member(Member { keys: vec![new.public()], ..chief("ry", 1) })], |proposal| {
            proposal.recovery = Some(true);
        });
    forge.enrol(&id, &new);
    forge.recover(&id, &Key::of("safe-one"));
    forge.rule(&id, Verdict::Reject);
    forge.holds();
}

#[test]
fn purged_bytes_are_gone_and_the_ledger_stands() {
    let mut forge = Forge::planted();
    forge.ratify("secret", vec![Edit::Entry(Domain::Memory, "secret", "a name"), Edit::file("prompts/secret.md", "A name.\n")]);
    let digests: Vec<_> =
        ["canon/phylactery/memory/secret.md", "prompts/secret.md"].map(|path| omega::digest::Digest::of(&forge.get(path))).to_vec();
    let edits = vec![Edit::Entry(Domain::Memory, "secret", "nothing"), Edit::Remove("prompts/secret.md")];
    let id = forge.propose_with("claude", "forget", edits, |proposal| {
        let mut purge = digests.clone();
        purge.sort();
        proposal.purge = Some(purge);
    });
    forge.approve(&id);
    forge.rule(&id, Verdict::Approve);
    for digest in &digests {
        assert!(!forge.has(&format!("canon/bytes/{}", digest.hex())));
    }
    forge.holds();
    forge.ratify("after", vec![Edit::Entry(Domain::Memory, "secret", "still nothing")]);
    forge.holds();
}

#[test]
fn bytes_of_a_rejected_proposal_are_purged() {
    let mut forge = Forge::planted();
    let id = forge.propose("claude", "secret", vec![Edit::Entry(Domain::Memory, "secret", "a name")]);
    let digest = omega::digest::Digest::of(&forge.get("canon/phylactery/memory/secret.md"));
    forge.rule(&id, Verdict::Reject);
    let id = forge.propose_with("claude", "forget", Vec::new(), |proposal| proposal.purge = Some(vec![digest]));
    forge.approve(&id);
    forge.rule(&id, Verdict::Approve);
    forge.holds();
}

#[test]
fn the_fact_of_an_older_document_is_purged() {
    let mut forge = Forge::planted();
    let digest = omega::digest::Digest::of(&forge.get("canon/phylactery/fact/ECONOMY_MODEL.md"));
    forge.ratify("economy", vec![Edit::words("ECONOMY_MODEL", "More.")]);
    let id = forge.propose_with("claude", "forget", Vec::new(), |proposal| proposal.purge = Some(vec![digest]));
    forge.approve(&id);
    forge.rule(&id, Verdict::Approve);
    forge.holds();
}

#[test]
fn bypasses_that_the_document_permits() {
    let mut forge = Forge::planted();
    let id = forge.propose("claude", "few", vec![Edit::file("AGENTS.md", "Few.\n")]);
    forge.vote(&id, "claude", Choice::Approve);
    forge.rule_with(&id, Verdict::Approve, bypassing(Bypass::QuorumUnavailable));
    forge.holds();
    let id = forge.propose("claude", "against", vec![Edit::file("AGENTS.md", "Against.\n")]);
    for by in VOTERS {
        forge.vote(&id, by, Choice::Reject);
    }
    forge.rule_with(&id, Verdict::Approve, bypassing(Bypass::Override));
    forge.holds();
}

#[test]
fn strict_mode_is_met_or_disabled_by_name() {
    let strict = |members: Vec<Member>| {
        Forge::plant(&Seed {
            members,
            consensus: Box::new(|rules| {
                rules.classes.high.faults = 1;
                rules.classes.high.bypass = vec![Bypass::StrictModeDisabled];
            }),
            ..Seed::default()
        })
    };
    let mut forge = strict(Seed::default().members);
    let id = forge.propose("claude", "strict", vec![Edit::file("AGENTS.md", "Strict.\n")]);
    for by in &VOTERS[..3] {
        forge.vote(&id, by, Choice::Approve);
    }
    forge.rule(&id, Verdict::Approve);
    forge.holds();
    // Three members tolerate no fault, so the claim has to be dropped by name.
    let mut forge = strict(vec![chief("ry", 1), member("claude", 2), member("gemini", 3), member("codex", 4)]);
    let id = forge.propose("claude", "lax", vec![Edit::file("AGENTS.md", "Lax.\n")]);
    for by in &VOTERS[..3] {
        forge.vote(&id, by, Choice::Approve);
    }
    forge.rule_with(&id, Verdict::Approve, bypassing(Bypass::StrictModeDisabled));
    forge.holds();
}

#[test]
fn a_hardware_key_rules_where_presence_is_required() {
    let key = Key::token("ry-token", 1);
    let forge = Forge::plant(&Seed {
        members: vec![Member { keys: vec![key.public()], ..chief("ry", 1) }, member("claude", 2)],
        security: Box::new(|text| text.replacen("ruling_presence: optional", "ruling_presence: required", 1)),
        key: Some(key),
        ..Seed::default()
    });
    forge.holds();
}

#[test]
fn the_chief_vetoes() {
    let mut forge = Forge::planted();
    let id = forge.propose("claude", "veto", vec![Edit::file("AGENTS.md", "Veto.\n")]);
    forge.approve(&id);
    forge.rule(&id, Verdict::Reject);
    forge.holds();
}

#[test]
fn proposals_supersede_one_another() {
    let mut forge = Forge::planted();
    let first = forge.propose("claude", "first", vec![Edit::file("AGENTS.md", "First.\n")]);
    forge.vote(&first, "gemini", Choice::Reject);
    let second = forge.propose_with("claude", "second", vec![Edit::file("AGENTS.md", "Second.\n")], |p| p.supersedes = Some(first));
    let third = forge.propose_with("claude", "third", vec![Edit::file("AGENTS.md", "Third.\n")], |p| p.supersedes = Some(second));
    forge.pends();
    forge.approve(&third);
    forge.rule(&third, Verdict::Approve);
    forge.holds();
    // What was ruled other than approve is taken up by anybody.
    let id = forge.propose("claude", "refused", vec![Edit::file("AGENTS.md", "Refused.\n")]);
    forge.rule(&id, Verdict::Amend);
    let id = forge.propose_with("grok", "mended", vec![Edit::file("AGENTS.md", "Mended.\n")], |p| p.supersedes = Some(id));
    forge.approve(&id);
    forge.rule(&id, Verdict::Approve);
    forge.holds();
}

#[test]
fn what_is_stale_is_no_violation_and_is_rejected() {
    let mut forge = Forge::planted();
    let stale = forge.propose("claude", "stale", vec![Edit::file("AGENTS.md", "Stale.\n")]);
    forge.vote(&stale, "gemini", Choice::Approve);
    forge.ratify("newer", vec![Edit::file("AGENTS.md", "Newer.\n")]);
    forge.holds();
    forge.rule(&stale, Verdict::Reject);
    forge.holds();
}

#[test]
fn what_touches_other_paths_does_not_make_stale() {
    let mut forge = Forge::planted();
    let id = forge.propose("claude", "waits", vec![Edit::file("AGENTS.md", "Waits.\n")]);
    forge.vote(&id, "gemini", Choice::Approve);
    forge.ratify("newer", vec![Edit::file("prompts/one.md", "Newer.\n"), Edit::words("OMEGA_IDENTITY", "Newer.")]);
    forge.approve_rest(&id);
    forge.rule(&id, Verdict::Approve);
    forge.holds();
}

#[test]
fn keys_rotate_and_names_are_taken_again() {
    let mut forge = Forge::planted();
    // The Chief's rotation is ruled with the old key and enrols the new one.
    let new = Key::of("ry-two");
    let id = forge.propose("ry", "rotate", vec![Edit::Member(Member { keys: vec![new.public()], ..chief("ry", 1) })]);
    forge.enrol(&id, &new);
    forge.approve(&id);
    let old = forge.keys["ry"].clone();
    forge.rule_then(&id, Verdict::Approve, "ry", new);
    forge.holds();
    assert_ne!(old.public(), forge.keys["ry"].public());
    // A member leaves, and another of the same name comes with another key.
    forge.ratify("leave", vec![Edit::Remove("canon/council/grok.md")]);
    let again = Key::of("another-grok");
    let id = forge.propose("claude", "again", vec![Edit::Member(Member { keys: vec![again.public()], ..member("grok", 6) })]);
    forge.enrol(&id, &again);
    for by in &VOTERS[..3] {
        forge.vote(&id, by, Choice::Approve);
    }
    forge.rule(&id, Verdict::Approve);
    forge.holds();
    forge.keys.insert("grok".into(), again);
    forge.ratify("votes", vec![Edit::file("AGENTS.md", "Again.\n")]);
    forge.holds();
}

#[test]
fn the_chair_changes_hands() {
    let mut forge = Forge::planted();
    let edits = vec![
        Edit::Member(Member { role: Role::Chief, weight: 0, ..member("claude", 3) }),
        Edit::Member(Member { role: Role::Member, weight: 1, ..member("ry", 1) }),
    ];
    let id = forge.propose("ry", "chair", edits);
    forge.approve(&id);
    forge.rule(&id, Verdict::Approve);
    forge.holds();
    let id = forge.propose("ry", "under-claude", vec![Edit::words("ECONOMY_MODEL", "Claude rules.")]);
    for by in ["ry", "gemini", "codex", "grok"] {
        forge.vote(&id, by, Choice::Approve);
    }
    forge.rule(&id, Verdict::Approve);
    forge.holds();
}

#[test]
fn agents_vote_and_their_operators_are_counted() {
    let agent = |text: &str, seat| Member { kind: Kind::Agent, operator: Some(name("ry")), ..member(text, seat) };
    let mut forge = Forge::plant(&Seed {
        members: vec![chief("ry", 1), agent("claude", 2), agent("gemini", 3), member("codex", 4)],
        consensus: Box::new(|rules| rules.classes.high.operators = 2),
        ..Seed::default()
    });
    let id = forge.propose("claude", "agents", vec![Edit::file("AGENTS.md", "Agents.\n")]);
    for by in ["claude", "codex"] {
        forge.vote(&id, by, Choice::Approve);
    }
    forge.rule(&id, Verdict::Approve);
    forge.holds();
}

#[test]
fn who_lets_paths_in_and_out() {
    let mut forge = Forge::planted();
    forge.put("skills/a.md", "A.\n");
    forge.holds();
    let edits = vec![Edit::who(&["AGENTS.md", "skills/**"]), Edit::file("skills/a.md", "A.\n"), Edit::Release("prompts/one.md")];
    forge.ratify("who", edits);
    forge.holds();
    assert_eq!(forge.get("prompts/one.md"), b"One.\n");
    forge.put("prompts/one.md", "Free.\n");
    forge.holds();
}

#[test]
fn links_and_executables_are_ratified_as_such() {
    let mut forge = Forge::planted();
    forge.ratify(
        "modes",
        vec![Edit::link("prompts/link.md", "../AGENTS.md"), Edit::Put("prompts/run", FileMode::Exec, b"#!/bin/sh\n".to_vec())],
    );
    forge.holds();
    forge.ratify("plain", vec![Edit::Put("prompts/run", FileMode::File, b"#!/bin/sh\n".to_vec())]);
    forge.holds();
}

#[test]
fn documents_come_and_go() {
    let mut forge = Forge::planted();
    forge.ratify("new", vec![Edit::words("SERVICE_LEVELS", "Fast.")]);
    forge.holds();
    forge.ratify("gone", vec![Edit::Remove("canon/SERVICE_LEVELS.md"), Edit::Remove("canon/phylactery/fact/SERVICE_LEVELS.md")]);
    forge.holds();
}

#[test]
fn deliberation_that_is_demanded_takes_place() {
    let mut forge = Forge::plant(&Seed { protocol: Box::new(|pipe| pipe.deliberation.high = Deliberation::Required), ..Seed::default() });
    let id = forge.propose("gemini", "demanded", vec![Edit::file("AGENTS.md", "Demanded.\n")]);
    for by in VOTERS {
        forge.turn(&id, by);
    }
    forge.synthesize(&id, "safa");
    forge.approve(&id);
    forge.rule(&id, Verdict::Approve);
    forge.holds();
}

#[test]
fn a_withdrawn_proposal_is_no_violation_and_can_be_superseded() {
    let mut forge = Forge::planted();
    let id = forge.propose("claude", "first", vec![Edit::file("prompts/two.md", "Two.\n")]);
    forge.withdraw(&id, "claude");
    forge.delete("prompts/two.md");
    forge.holds();
    let id = forge.propose_with("claude", "second", vec![Edit::file("prompts/two.md", "Better.\n")], |p| p.supersedes = Some(id));
    forge.approve(&id);
    forge.rule(&id, Verdict::Approve);
    forge.holds();
}
