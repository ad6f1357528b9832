//! What the Chief alone, or a few keys, must never bring about.

use omega::canon::policy::Recovery;
use omega::canon::{Document, Domain, Member, Risk, front};
use omega::digest::Digest;
use omega::finding::Code;
use omega::ledger::kinds::Verdict;

use crate::forge::{Choice, Edit, Forge, Key, Seed, chief, member};

#[test]
fn an_emergency_does_not_widen_or_narrow_who() {
    for globs in [&["AGENTS.md", "prompts/**", "skills/**"][..], &["AGENTS.md", "prompts/*"][..]] {
        let globs: &'static [&'static str] = Vec::leak(globs.to_vec());
        let mut forge = Forge::planted();
        forge.emergency("widen", vec![Edit::who(globs)]);
        forge.violates(Code::Emergency, "canon/ledger/000001.md");
    }
}

#[test]
fn an_emergency_does_not_release_a_path() {
    let mut forge = Forge::planted();
    forge.emergency("release", vec![Edit::who(&["AGENTS.md"]), Edit::Release("prompts/one.md")]);
    forge.violates(Code::Emergency, "canon/ledger/000001.md");
}

#[test]
fn an_emergency_does_not_touch_the_constitution() {
    for edit in [
        Edit::Member(Member { weight: 0, ..member("claude", 3) }),
        Edit::words("PEACE_PIPE_PROTOCOL", "More."),
        Edit::words("CONSENSUS_ENGINE", "More."),
        Edit::words("SECURITY_AND_PRIVACY", "More."),
        Edit::EntryAt(Domain::Fact, "CONSENSUS_ENGINE", 2),
        Edit::Remove("canon/council/grok.md"),
    ] {
        let mut forge = Forge::planted();
        forge.emergency("grab", vec![edit]);
        let report = forge.verify();
        // A fact alone is refused even before, as no proposal.
        assert!(report.findings.iter().any(|f| matches!(f.code, Code::Emergency | Code::Proposal)), "{:#?}", report.findings);
        assert!(forge.folded() == 1);
    }
}

#[test]
fn an_emergency_expires_exactly_when_it_must() {
    for hours in [71, 73] {
        let mut forge = Forge::planted();
        let id = forge.propose("ry", "long", vec![Edit::file("AGENTS.md", "Long.\n")]);
        forge.rule_with(&id, Verdict::Emergency, |ruling| ruling.expires = ruling.at.plus_hours(hours));
        forge.violates(Code::Emergency, "canon/ledger/000001.md");
    }
    let mut forge = Forge::planted();
    let id = forge.propose("ry", "forever", vec![Edit::file("AGENTS.md", "Long.\n")]);
    forge.rule_with(&id, Verdict::Emergency, |ruling| ruling.expires = None);
    forge.violates(Code::Ruling, "canon/ledger/000001.md");
    let mut forge = Forge::planted();
    let id = forge.propose("ry", "no-emergency", vec![Edit::file("AGENTS.md", "Long.\n")]);
    forge.approve(&id);
    forge.rule_with(&id, Verdict::Approve, |ruling| ruling.expires = ruling.at.plus_hours(72));
    forge.violates(Code::Ruling, "canon/ledger/000001.md");
}

#[test]
fn an_emergency_is_the_chief_s_own_and_alone() {
    let mut forge = Forge::planted();
    let id = forge.propose("claude", "not-his", vec![Edit::file("AGENTS.md", "Now.\n")]);
    forge.rule(&id, Verdict::Emergency);
    forge.violates(Code::Emergency, "canon/ledger/000001.md");
    let mut forge = Forge::planted();
    let id = forge.propose("ry", "voted", vec![Edit::file("AGENTS.md", "Now.\n")]);
    forge.vote(&id, "claude", Choice::Reject);
    forge.rule(&id, Verdict::Emergency);
    forge.violates(Code::Ruling, "canon/ledger/000001.md");
}

#[test]
fn an_emergency_does_not_settle_purge_or_supersede() {
    let mut forge = Forge::planted();
    let first = forge.emergency("first", vec![Edit::file("AGENTS.md", "Now.\n")]);
    let id = forge.propose_with("ry", "itself", Vec::new(), |p| (p.settles, p.risk) = (Some(first), Risk::High));
    forge.rule(&id, Verdict::Emergency);
    forge.violates(Code::Emergency, "canon/ledger/000002.md");

    let mut forge = Forge::planted();
    let id = forge.propose("ry", "secret", vec![Edit::Entry(Domain::Memory, "secret", "a name")]);
    let digest = Digest::of(&forge.get("canon/phylactery/memory/secret.md"));
    forge.rule(&id, Verdict::Reject);
    let id = forge.propose_with("ry", "burn", vec![Edit::file("AGENTS.md", "Now.\n")], |p| p.purge = Some(vec![digest]));
    forge.rule(&id, Verdict::Emergency);
    forge.violates(Code::Emergency, "canon/ledger/000002.md");

    let mut forge = Forge::planted();
    let id = forge.propose("ry", "slow", vec![Edit::file("AGENTS.md", "Now.\n")]);
    let id = forge.propose_with("ry", "fast", vec![Edit::file("AGENTS.md", "Soon.\n")], |p| p.supersedes = Some(id));
    forge.rule(&id, Verdict::Emergency);
    forge.violates(Code::Emergency, "canon/ledger/000001.md");
}

#[test]
fn paths_under_an_emergency_are_nobody_s_until_it_is_settled() {
    let mut forge = Forge::planted();
    forge.emergency("first", vec![Edit::file("AGENTS.md", "Now.\n")]);
    forge.emergency("second", vec![Edit::file("AGENTS.md", "And now.\n")]);
    forge.violates(Code::Emergency, "canon/ledger/000002.md");
    let mut forge = Forge::planted();
    forge.emergency("first", vec![Edit::file("AGENTS.md", "Now.\n")]);
    forge.ratify("around", vec![Edit::file("AGENTS.md", "Around.\n")]);
    forge.violates(Code::Emergency, "canon/ledger/000002.md");
}

#[test]
fn an_undone_emergency_is_not_repeated() {
    for verdict in [Verdict::Reject, Verdict::Expire] {
        let mut forge = Forge::planted();
        let emergency = forge.emergency("first", vec![Edit::file("AGENTS.md", "Now.\n")]);
        let id = forge.settlement("ry", "over", emergency);
        forge.rule(&id, verdict);
        forge.holds();
        forge.emergency("again", vec![Edit::file("AGENTS.md", "Again.\n")]);
        forge.violates(Code::Emergency, "canon/ledger/000003.md");
    }
}

#[test]
fn the_state_is_valid_with_each_emergency_undone() {
    // The emergency takes a file away that the council then stops governing: undoing would bring it back.
    let mut forge = Forge::planted();
    forge.emergency("away", vec![Edit::Remove("AGENTS.md")]);
    forge.ratify("ungovern", vec![Edit::who(&["prompts/**"])]);
    forge.violates(Code::State, "AGENTS.md");
    // A link to a file that only an emergency brings.
    let mut forge = Forge::planted();
    forge.emergency("file", vec![Edit::file("prompts/new.md", "New.\n")]);
    forge.ratify("link", vec![Edit::link("prompts/link.md", "new.md")]);
    forge.violates(Code::Link, "prompts/link.md");
    // A file of the same name in other letters.
    let mut forge = Forge::planted();
    forge.emergency("away", vec![Edit::Remove("prompts/one.md")]);
    forge.ratify("letters", vec![Edit::file("prompts/ONE.md", "Other.\n")]);
    forge.violates(Code::State, "prompts/one.md");
    // An emergency upon an emergency.
    let mut forge = Forge::planted();
    forge.emergency("file", vec![Edit::file("prompts/new.md", "New.\n")]);
    forge.emergency("link", vec![Edit::link("prompts/link.md", "new.md")]);
    forge.violates(Code::Link, "prompts/link.md");
}

#[test]
fn a_settlement_confirms_with_the_council_only() {
    let mut forge = Forge::planted();
    let emergency = forge.emergency("first", vec![Edit::file("AGENTS.md", "Now.\n")]);
    let id = forge.settlement("ry", "confirm", emergency);
    forge.rule(&id, Verdict::Approve);
    forge.violates(Code::Ruling, "canon/ledger/000002.md");
    // Nor at a lower risk, nor twice, nor with changes on the side.
    let mut forge = Forge::planted();
    let emergency = forge.emergency("first", vec![Edit::file("AGENTS.md", "Now.\n")]);
    let low = forge.propose_with("claude", "low", Vec::new(), |p| (p.settles, p.risk) = (Some(emergency), Risk::Low));
    forge.approve(&low);
    forge.rule(&low, Verdict::Approve);
    forge.violates(Code::RiskFloor, forge.of(&low, "proposal.md"));
    let mut forge = Forge::planted();
    let emergency = forge.emergency("first", vec![Edit::file("AGENTS.md", "Now.\n")]);
    let id = forge.settlement("claude", "one", emergency);
    let other = forge.settlement("gemini", "two", emergency);
    for id in [&id, &other] {
        forge.approve(id);
        forge.rule(id, Verdict::Approve);
    }
    forge.violates(Code::Emergency, "canon/ledger/000003.md");
    let mut forge = Forge::planted();
    let emergency = forge.emergency("first", vec![Edit::file("AGENTS.md", "Now.\n")]);
    let id = forge.propose_with("claude", "more", vec![Edit::file("prompts/two.md", "Two.\n")], |p| {
        (p.settles, p.risk) = (Some(emergency), Risk::High)
    });
    forge.violates(Code::Proposal, forge.of(&id, "proposal.md"));
}

#[test]
fn an_emergency_is_undone_by_a_settlement_only() {
    for verdict in [Verdict::Reject, Verdict::Expire] {
        for (slug, risk) in [("on-the-side", Risk::High), ("low", Risk::Low)] {
            let mut forge = Forge::planted();
            let emergency = forge.emergency("first", vec![Edit::file("AGENTS.md", "Now.\n")]);
            let id = forge.propose_with("ry", slug, Vec::new(), |p| {
                (p.settles, p.risk) = (Some(emergency), risk);
                if risk == Risk::High {
                    p.purge = Some(vec![Digest::of(b"x")]);
                }
            });
            forge.rule(&id, verdict);
            let code = if risk == Risk::Low { Code::RiskFloor } else { Code::Proposal };
            forge.violates(code, forge.of(&id, "proposal.md"));
            assert!(forge.folded() == 2);
        }
    }
}

#[test]
fn expire_undoes_an_open_emergency_and_nothing_else() {
    let mut forge = Forge::planted();
    let id = forge.propose("ry", "no-emergency", vec![Edit::file("AGENTS.md", "Now.\n")]);
    forge.rule(&id, Verdict::Expire);
    forge.violates(Code::Emergency, "canon/ledger/000001.md");
    let mut forge = Forge::planted();
    let genesis = forge.head().1;
    let id = forge.propose_with("ry", "genesis-is-none", Vec::new(), |p| p.settles = Some(genesis));
    forge.rule(&id, Verdict::Expire);
    forge.violates(Code::Emergency, "canon/ledger/000001.md");
}

#[test]
fn bytes_that_lie_otherwise_than_the_emergency_are_found() {
    let mut forge = Forge::planted();
    forge.emergency("first", vec![Edit::file("AGENTS.md", "Now.\n")]);
    forge.put("AGENTS.md", "Be kind.\n");
    forge.violates(Code::Unratified, "AGENTS.md");
}

fn recoverable(threshold: u32) -> Forge {
    let keys: Vec<_> = ["safe-one", "safe-two", "safe-three"].map(|name| Key::of(name).public()).to_vec();
    Forge::plant(&Seed {
        consensus: Box::new(move |rules| rules.recovery = Some(Recovery { threshold, keys: keys.clone() })),
        ..Seed::default()
    })
}

/// A recovery with these edits by these recovery keys.
fn recovered(forge: &mut Forge, edits: Vec<Edit>, safe: &[&str]) -> omega::canon::ResolutionId {
    let new = Key::of("ry-new");
    let mut all = vec![Edit::Member(Member { keys: vec![new.public()], ..chief("ry", 1) })];
    all.extend(edits);
    let id = forge.propose_with("claude", "recover", all, |p| (p.recovery, p.risk) = (Some(true), Risk::Critical));
    forge.enrol(&id, &new);
    for name in safe {
        forge.recover(&id, &Key::of(name));
    }
    forge.keys.insert("ry".into(), new);
    id
}

#[test]
fn a_recovery_takes_enough_distinct_recovery_keys() {
    let mut forge = recoverable(2);
    let id = recovered(&mut forge, Vec::new(), &["safe-one"]);
    forge.rule(&id, Verdict::Recover);
    forge.violates(Code::Recovery, "canon/ledger/000001.md");
    let mut forge = recoverable(1);
    let id = recovered(&mut forge, Vec::new(), &["safe-one", "gemini"]);
    let proof = forge.of(&id, &format!("recover/{}.sig", Key::of("gemini").public().id()));
    forge.rule(&id, Verdict::Recover);
    forge.violates(Code::Recovery, proof);
    let mut forge = Forge::planted();
    let id = recovered(&mut forge, Vec::new(), &[]);
    forge.rule(&id, Verdict::Recover);
    forge.violates(Code::Recovery, "canon/ledger/000001.md");
    // One signature under the names of two keys.
    let mut forge = recoverable(2);
    let id = recovered(&mut forge, Vec::new(), &["safe-one"]);
    let one = forge.get(&forge.of(&id, &format!("recover/{}.sig", Key::of("safe-one").public().id())));
    let twin = forge.of(&id, &format!("recover/{}.sig", Key::of("safe-two").public().id()));
    forge.put(&twin, one);
    forge.violates(Code::Misplaced, &twin);
}

#[test]
fn a_recovery_touches_nothing_but_keys() {
    for (edit, place) in [
        (Edit::file("AGENTS.md", "Taken.\n"), None),
        (Edit::Member(Member { weight: 9, ..member("claude", 3) }), None),
        (Edit::consensus(|rules| rules.classes.low.people = 2), None),
        (Edit::words("CONSENSUS_ENGINE", "Other words."), None),
        (Edit::replace("CONSENSUS_ENGINE", "\nenforcement:\n", "\nenforcement:\n  - case: none\n    given: {}\n    expect: true\n"), None),
        (Edit::words("OMEGA_IDENTITY", "Taken."), None::<&str>),
    ] {
        let mut forge = recoverable(1);
        let id = recovered(&mut forge, vec![edit], &["safe-one"]);
        forge.rule(&id, Verdict::Recover);
        forge.violates(Code::Recovery, place.unwrap_or("canon/ledger/000001.md"));
    }
}

#[test]
fn a_recovery_keeps_no_old_key_and_nothing_else_of_the_chief() {
    let old = Key::of("ry").public();
    for member in [
        Member { keys: vec![Key::of("ry-new").public(), old.clone()], ..chief("ry", 1) },
        Member { keys: vec![Key::of("ry-new").public()], ..chief("ry", 9) },
    ] {
        let mut forge = recoverable(1);
        let id = recovered(&mut forge, vec![Edit::Member(member)], &["safe-one"]);
        forge.rule(&id, Verdict::Recover);
        forge.violates(Code::Recovery, "canon/ledger/000001.md");
    }
    // Nor does the Chief's file say other things below its front matter.
    let mut forge = recoverable(1);
    let new = Key::of("ry-new");
    let text = front::render(&Member { keys: vec![new.public()], ..chief("ry", 1) }, "Other words.");
    let id = forge.propose_with("claude", "recover", vec![Edit::file("canon/council/ry.md", &text)], |p| {
        (p.recovery, p.risk) = (Some(true), Risk::Critical)
    });
    forge.enrol(&id, &new);
    forge.recover(&id, &Key::of("safe-one"));
    forge.keys.insert("ry".into(), new);
    forge.rule(&id, Verdict::Recover);
    forge.violates(Code::Recovery, "canon/ledger/000001.md");
}

#[test]
fn a_recovery_purges_nothing() {
    let mut forge = recoverable(1);
    let gone = Digest::of(&forge.get("canon/MEMORY_CONSTITUTION.md"));
    let new = Key::of("ry-new");
    let id = forge.propose_with("claude", "recover", vec![Edit::Member(Member { keys: vec![new.public()], ..chief("ry", 1) })], |p| {
        (p.recovery, p.risk, p.purge) = (Some(true), Risk::Critical, Some(vec![gone]));
    });
    forge.enrol(&id, &new);
    forge.recover(&id, &Key::of("safe-one"));
    forge.keys.insert("ry".into(), new);
    forge.rule(&id, Verdict::Recover);
    forge.violates(Code::Proposal, format!("canon/resolutions/{id}/proposal.md"));
    assert!(forge.judged().1.ledger.purged.is_empty());
}

#[test]
fn a_recovery_is_ruled_as_one_and_by_the_new_key() {
    // The lost key cannot rule it.
    let mut forge = recoverable(1);
    let id = recovered(&mut forge, Vec::new(), &["safe-one"]);
    forge.keys.insert("ry".into(), Key::of("ry"));
    forge.rule(&id, Verdict::Recover);
    forge.violates(Code::Signer, "canon/ledger/000001.md");
    // An approve is none.
    let mut forge = recoverable(1);
    let id = recovered(&mut forge, Vec::new(), &["safe-one"]);
    forge.keys.insert("ry".into(), Key::of("ry"));
    forge.approve(&id);
    forge.rule(&id, Verdict::Approve);
    forge.violates(Code::Recovery, "canon/ledger/000001.md");
    // And no other proposal is one.
    let mut forge = recoverable(1);
    let id = recovered(&mut forge, Vec::new(), &["safe-one"]);
    let proposal = forge.judged().0.folders[&id].proposal.as_ref().unwrap().record().clone();
    forge.record(&omega::ledger::kinds::Proposal { recovery: None, ..proposal }, "The case.", "claude");
    for (folder, key) in [("keys", "ry-new"), ("recover", "safe-one")] {
        forge.delete(&forge.of(&id, &format!("{folder}/{}.sig", Key::of(key).public().id())));
    }
    forge.enrol(&id, &Key::of("ry-new"));
    forge.recover(&id, &Key::of("safe-one"));
    forge.rule(&id, Verdict::Recover);
    forge.violates(Code::Recovery, "canon/ledger/000001.md");
}

#[test]
fn a_recovery_without_the_new_key_s_consent_is_found() {
    let mut forge = recoverable(1);
    let id = recovered(&mut forge, Vec::new(), &["safe-one"]);
    let proof = forge.of(&id, &format!("keys/{}.sig", Key::of("ry-new").public().id()));
    forge.delete(&proof);
    forge.rule(&id, Verdict::Recover);
    forge.violates(Code::Enrolment, proof);
}

#[test]
fn recovery_keys_are_no_use_for_anything_else() {
    let mut forge = recoverable(1);
    let id = forge.propose("claude", "normal", vec![Edit::file("AGENTS.md", "Normal.\n")]);
    forge.recover(&id, &Key::of("safe-one"));
    let proof = forge.of(&id, &format!("recover/{}.sig", Key::of("safe-one").public().id()));
    forge.violates(Code::Recovery, &proof);
    forge.approve(&id);
    forge.rule(&id, Verdict::Approve);
    forge.violates(Code::Recovery, &proof);
    // They neither rule nor vote, nor come to be members' keys.
    let mut forge = recoverable(1);
    let id = forge.propose("claude", "normal", vec![Edit::file("AGENTS.md", "Normal.\n")]);
    forge.keys.insert("gemini".into(), Key::of("safe-one"));
    forge.vote(&id, "gemini", Choice::Approve);
    forge.violates(Code::Signer, forge.of(&id, "votes/gemini.1.md"));
    let mut forge = recoverable(1);
    let id = forge.propose("claude", "moves", vec![Edit::Member(Member { keys: vec![Key::of("safe-one").public()], ..member("zed", 9) })]);
    forge.approve(&id);
    forge.rule(&id, Verdict::Approve);
    forge.violates(Code::State, "canon/council/zed.md");
}

fn with_secret() -> (Forge, Digest) {
    let mut forge = Forge::planted();
    forge.ratify("secret", vec![Edit::Entry(Domain::Memory, "secret", "a name")]);
    let digest = Digest::of(&forge.get("canon/phylactery/memory/secret.md"));
    (forge, digest)
}

fn purge(forge: &mut Forge, slug: &str, edits: Vec<Edit>, digest: Digest) -> omega::canon::ResolutionId {
    let id = forge.propose_with("claude", slug, edits, |p| p.purge = Some(vec![digest]));
    forge.approve(&id);
    forge.rule(&id, Verdict::Approve);
    id
}

#[test]
fn what_a_state_needs_is_not_purged() {
    let (mut forge, digest) = with_secret();
    purge(&mut forge, "forget", Vec::new(), digest);
    forge.violates(Code::Purge, "canon/ledger/000002.md");
    // Nor what an undo would bring back.
    let (mut forge, digest) = with_secret();
    forge.emergency("away", vec![Edit::Remove("canon/phylactery/memory/secret.md")]);
    purge(&mut forge, "forget", Vec::new(), digest);
    forge.violates(Code::Purge, "canon/ledger/000003.md");
    // Nor what nobody ever proposed.
    let mut forge = Forge::planted();
    purge(&mut forge, "forget", Vec::new(), Digest::of(b"nothing"));
    forge.violates(Code::Purge, "canon/ledger/000001.md");
    // Nor a document or a member, old as it may be.
    let mut forge = Forge::planted();
    let old = Digest::of(&forge.get("canon/ECONOMY_MODEL.md"));
    forge.ratify("economy", vec![Edit::words("ECONOMY_MODEL", "More.")]);
    purge(&mut forge, "forget", Vec::new(), old);
    forge.violates(Code::Purge, "canon/ledger/000002.md");
}

#[test]
fn a_purge_declares_the_risk_of_its_paths() {
    let mut forge = Forge::planted();
    forge.ratify("value", vec![Edit::Entry(Domain::Value, "care", "much")]);
    let digest = Digest::of(&forge.get("canon/phylactery/value/care.md"));
    forge.ratify("more", vec![Edit::Entry(Domain::Value, "care", "more")]);
    let id = forge.propose_with("claude", "forget", Vec::new(), |p| (p.purge, p.risk) = (Some(vec![digest]), Risk::High));
    forge.violates(Code::RiskFloor, forge.of(&id, "proposal.md"));
    // By the floors of its base, not of the time when the bytes came.
    let (mut forge, digest) = with_secret();
    forge.ratify("gone", vec![Edit::Remove("canon/phylactery/memory/secret.md")]);
    forge.ratify(
        "floors",
        vec![Edit::protocol(|pipe| {
            for floor in &mut pipe.risk.floors {
                floor.floor = Risk::Critical;
            }
        })],
    );
    let id = forge.propose_with("claude", "forget", Vec::new(), |p| (p.purge, p.risk) = (Some(vec![digest]), Risk::Low));
    forge.violates(Code::RiskFloor, forge.of(&id, "proposal.md"));
}

#[test]
fn purged_bytes_do_not_stay_or_come_back() {
    let (mut forge, digest) = with_secret();
    let bytes = forge.get("canon/phylactery/memory/secret.md");
    let place = format!("canon/bytes/{}", digest.hex());
    purge(&mut forge, "forget", vec![Edit::Remove("canon/phylactery/memory/secret.md")], digest);
    forge.holds();
    let clean = forge.clone();
    forge.put(&place, &bytes);
    forge.violates(Code::BytesWrong, &place);
    // As a draft, or as a proposal.
    let mut forge = clean.clone();
    let id = forge.propose("claude", "back", vec![Edit::file("prompts/back.md", std::str::from_utf8(&bytes).unwrap())]);
    forge.violates(Code::Proposal, forge.of(&id, "proposal.md"));
    forge.delete(&place);
    forge.violates(Code::Proposal, forge.of(&id, "proposal.md"));
    forge.approve(&id);
    forge.rule(&id, Verdict::Approve);
    forge.violates(Code::Proposal, forge.of(&id, "proposal.md"));
}

#[test]
fn bytes_that_lie_missing_without_a_purge_are_found() {
    let (mut forge, digest) = with_secret();
    forge.ratify("more", vec![Edit::Entry(Domain::Memory, "secret", "more")]);
    let place = format!("canon/bytes/{}", digest.hex());
    forge.delete(&place);
    forge.violates(Code::BytesMissing, &place);
}

#[test]
fn an_open_draft_of_purged_bytes_does_not_stand() {
    let mut forge = Forge::planted();
    let id = forge.propose("gemini", "secret", vec![Edit::file("prompts/secret.md", "A name.\n")]);
    forge.rule(&id, Verdict::Reject);
    let again = forge.propose("gemini", "secret-again", vec![Edit::file("prompts/secret.md", "A name.\n")]);
    let digest = Digest::of(b"A name.\n");
    let id = forge.propose_with("claude", "forget", Vec::new(), |p| (p.purge, p.risk) = (Some(vec![digest]), Risk::High));
    forge.approve(&id);
    forge.rule(&id, Verdict::Approve);
    // The other proposal can only be rejected now; it is no violation that it lies there.
    forge.delete("prompts/secret.md");
    forge.holds();
    forge.put("prompts/secret.md", "A name.\n");
    forge.violates(Code::Ungoverned, "prompts/secret.md");
    forge.delete("prompts/secret.md");
    forge.rule(&again, Verdict::Reject);
    forge.holds();
}

#[test]
fn no_document_is_a_purge_away() {
    let forge = Forge::planted();
    assert!(Document::parse(&forge.get("canon/OMEGA_IDENTITY.md")).is_ok());
}
