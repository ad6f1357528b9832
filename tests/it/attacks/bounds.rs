//! Emergencies, recoveries and purges: what the Chief alone, or a few keys, must never bring about.

use omega::canon::policy::Recovery;
use omega::canon::{Domain, Member, Risk};
use omega::digest::Digest;
use omega::ledger::kinds::Verdict;

use super::Run::Tree;
use super::{Attack, EVERYWHERE, at, cases};
use crate::forge::{Choice, Edit, Forge, Key, Seed, bypassing, chief, member, time};

fn emergency(edits: Vec<Edit>) -> Attack {
    let mut forge = Forge::planted();
    forge.emergency("grab", edits);
    at(forge, "canon/ledger/000001.md")
}

/// An emergency that is followed by this, and found at ruling 2.
fn then(act: impl FnOnce(&mut Forge, Digest)) -> Attack {
    let mut forge = Forge::planted();
    let first = forge.emergency("first", vec![Edit::file("AGENTS.md", "Now.\n")]);
    act(&mut forge, first);
    at(forge, "canon/ledger/000002.md")
}

/// A recovery with these edits by these recovery keys, of which so many must sign.
fn recovery(threshold: u32, edits: Vec<Edit>, safe: &[&str]) -> Attack {
    let keys: Vec<_> = ["safe-one", "safe-two", "safe-three"].map(|name| Key::of(name).public()).to_vec();
    let mut forge = Forge::plant(&Seed {
        consensus: Box::new(move |rules| rules.recovery = Some(Recovery { threshold, keys: keys.clone() })),
        ..Seed::default()
    });
    let new = Key::of("ry-new");
    let mut all = vec![Edit::Member(Member { keys: vec![new.public()], ..chief("ry", 1) })];
    all.extend(edits);
    let id = forge.propose_with("claude", "recover", all, |p| (p.recovery, p.risk) = (Some(true), Risk::Critical));
    forge.enrol(&id, &new);
    safe.iter().for_each(|name| forge.recover(&id, &Key::of(name)));
    forge.keys.insert("ry".into(), new);
    forge.rule(&id, Verdict::Recover);
    at(forge, "canon/ledger/000001.md")
}

/// A purge of these bytes.
fn purged(digest: impl FnOnce(&mut Forge) -> Digest, place: &str) -> Attack {
    let mut forge = Forge::planted();
    let digest = digest(&mut forge);
    let id = forge.propose_with("claude", "forget", Vec::new(), |p| (p.purge, p.risk) = (Some(vec![digest]), Risk::Critical));
    forge.approve(&id);
    forge.rule(&id, Verdict::Approve);
    at(forge, place)
}

cases! {
    4 emergency_that_touches_the_council "an emergency changes a member" EVERYWHERE, ["C028"] 11 Tree(|| emergency(vec![Edit::Member(Member { weight: 0, ..member("claude", 3) })]));
    4 emergency_that_removes_a_member "an emergency removes a member" EVERYWHERE, ["C028"] 11 Tree(|| emergency(vec![Edit::Remove("canon/council/grok.md")]));
    4 emergency_that_touches_the_rules "an emergency changes the rules of consensus" EVERYWHERE, ["C028"] 11 Tree(|| emergency(vec![Edit::words("CONSENSUS_ENGINE", "More.")]));
    4 emergency_that_touches_the_protocol "an emergency changes the protocol" EVERYWHERE, ["C028"] 11 Tree(|| emergency(vec![Edit::words("PEACE_PIPE_PROTOCOL", "More.")]));
    4 emergency_that_touches_security "an emergency changes what is protected" EVERYWHERE, ["C028"] 11 Tree(|| emergency(vec![Edit::words("SECURITY_AND_PRIVACY", "More.")]));
    4 emergency_that_widens_who "an emergency changes which files are governed" EVERYWHERE, ["C028"] 11 Tree(|| emergency(vec![Edit::who(&["AGENTS.md", "prompts/**", "skills/**"])]));
    4 emergency_that_releases_a_file "an emergency lets go of a governed file" EVERYWHERE, ["C028"] 11 Tree(|| emergency(vec![Edit::who(&["AGENTS.md"]), Edit::Release("prompts/one.md")]));
    4 emergency_of_a_member "a member's proposal is ruled as an emergency" EVERYWHERE, ["C028"] 11 Tree(|| {
        let mut forge = Forge::planted();
        let id = forge.propose("claude", "not-his", vec![Edit::file("AGENTS.md", "Now.\n")]);
        forge.rule(&id, Verdict::Emergency);
        at(forge, "canon/ledger/000001.md")
    });
    4 emergency_against_a_vote "what the council is voting on is ruled as an emergency" EVERYWHERE, ["C025"] 11 Tree(|| {
        let mut forge = Forge::planted();
        let id = forge.propose("ry", "voted", vec![Edit::file("AGENTS.md", "Now.\n")]);
        forge.vote(&id, "claude", Choice::Reject);
        forge.rule(&id, Verdict::Emergency);
        at(forge, "canon/ledger/000001.md")
    });
    4 emergency_that_lasts_longer "an emergency expires an hour later than it must" EVERYWHERE, ["C028"] 11 Tree(|| {
        let mut forge = Forge::planted();
        let id = forge.propose("ry", "long", vec![Edit::file("AGENTS.md", "Long.\n")]);
        forge.rule_with(&id, Verdict::Emergency, |ruling| ruling.expires = ruling.at.plus_hours(73));
        at(forge, "canon/ledger/000001.md")
    });
    4 emergency_that_ran_out "an emergency ran out, and lies there as if it held" EVERYWHERE, ["C029"] 11 Tree(|| Attack { now: time("2026-03-02T00:00:00Z"), ..emergency(vec![Edit::file("AGENTS.md", "Now.\n")]) });
    4 emergency_from_the_future "an emergency is dated ahead, so that it lasts longer" EVERYWHERE, ["C029"] 11 Tree(|| Attack { now: time("2026-02-26T11:00:00Z"), ..emergency(vec![Edit::file("AGENTS.md", "Now.\n")]) });
    4 emergency_settled_by_an_emergency "an emergency settles itself by another" EVERYWHERE, ["C028"] 11 Tree(|| then(|forge, first| {
        let id = forge.propose_with("ry", "itself", Vec::new(), |p| (p.settles, p.risk) = (Some(first), Risk::High));
        forge.rule(&id, Verdict::Emergency);
    }));
    4 emergency_confirmed_without_the_council "the Chief confirms an emergency alone" EVERYWHERE, ["C025"] 11 Tree(|| then(|forge, first| {
        let id = forge.settlement("ry", "confirm", first);
        forge.rule(&id, Verdict::Approve);
    }));
    4 emergency_upon_an_emergency "a second emergency changes what the first one did" EVERYWHERE, ["C028"] 11 Tree(|| then(|forge, _| {
        forge.emergency("second", vec![Edit::file("AGENTS.md", "And now.\n")]);
    }));
    4 emergency_undone_and_repeated "an emergency that was undone is repeated" EVERYWHERE, ["C028"] 11 Tree(|| {
        let mut forge = Forge::planted();
        let first = forge.emergency("first", vec![Edit::file("AGENTS.md", "Now.\n")]);
        let id = forge.settlement("ry", "over", first);
        forge.rule(&id, Verdict::Expire);
        forge.emergency("again", vec![Edit::file("AGENTS.md", "Again.\n")]);
        at(forge, "canon/ledger/000003.md")
    });
    4 approval_called_an_emergency "what the council approves is called an emergency with its term" EVERYWHERE, ["C025"] 11 Tree(|| {
        let mut forge = Forge::planted();
        let id = forge.propose("claude", "no-emergency", vec![Edit::file("AGENTS.md", "Long.\n")]);
        forge.approve(&id);
        forge.rule_with(&id, Verdict::Approve, |ruling| ruling.expires = ruling.at.plus_hours(72));
        at(forge, "canon/ledger/000001.md")
    });
    4 reject_with_a_bypass "a rejection claims a bypass" EVERYWHERE, ["C025"] 11 Tree(|| {
        let mut forge = Forge::planted();
        let id = forge.propose("claude", "no", vec![Edit::file("AGENTS.md", "No.\n")]);
        forge.rule_with(&id, Verdict::Reject, bypassing(omega::canon::policy::Bypass::QuorumUnavailable));
        at(forge, "canon/ledger/000001.md")
    });
    4 document_without_its_fact "a document changes and the phylactery does not" EVERYWHERE, ["C021"] 11 Tree(|| {
        let mut forge = Forge::planted();
        forge.propose("claude", "lonely", vec![Edit::Lonely("ECONOMY_MODEL")]);
        at(forge, "canon/phylactery/fact/ECONOMY_MODEL.md")
    });
    4 version_that_does_not_rise "a document comes with a version that it had" EVERYWHERE, ["C021"] 11 Tree(|| {
        let mut forge = Forge::planted();
        forge.propose("claude", "same", vec![Edit::DocumentAt("ECONOMY_MODEL", "1.0.0", Box::new(|text| format!("{text}\nMore.\n")))]);
        at(forge, "canon/ECONOMY_MODEL.md")
    });
    5 supersedes_what_was_ratified "a proposal supersedes what the council approved" EVERYWHERE, ["C015"] 11 Tree(|| {
        let mut forge = Forge::planted();
        let first = forge.ratify("first", vec![Edit::file("AGENTS.md", "First.\n")]);
        let id = forge.propose_with("claude", "second", vec![Edit::file("AGENTS.md", "Second.\n")], |p| p.supersedes = Some(first));
        forge.approve(&id);
        forge.rule(&id, Verdict::Approve);
        at(forge, "canon/ledger/000002.md")
    });
    9 recovery_by_too_few "the Chief's key is replaced by one of two recovery keys" EVERYWHERE, ["C030"] 11 Tree(|| recovery(2, Vec::new(), &["safe-one"]));
    9 recovery_that_changes_a_file "a recovery changes an instruction file on the way" EVERYWHERE, ["C030"] 11 Tree(|| recovery(1, vec![Edit::file("AGENTS.md", "Taken.\n")], &["safe-one"]));
    9 recovery_that_changes_a_member "a recovery changes a member on the way" EVERYWHERE, ["C030"] 11 Tree(|| recovery(1, vec![Edit::Member(Member { weight: 9, ..member("claude", 3) })], &["safe-one"]));
    9 recovery_that_changes_a_rule "a recovery changes a rule of consensus on the way" EVERYWHERE, ["C030"] 11 Tree(|| recovery(1, vec![Edit::consensus(|rules| rules.classes.low.people = 2)], &["safe-one"]));
    9 recovery_by_a_stranger "a key that is no recovery key signs a recovery" EVERYWHERE, ["C030"] 11 Tree(|| {
        let attack = recovery(1, Vec::new(), &["safe-one", "gemini"]);
        Attack { place: format!("canon/resolutions/2026-02-26-recover/recover/{}.sig", Key::of("gemini").public().id()), ..attack }
    });
    9 recovery_without_any_rule "a recovery where no recovery keys are named" EVERYWHERE, ["C030"] 11 Tree(|| {
        let mut forge = Forge::planted();
        let new = Key::of("ry-new");
        let edits = vec![Edit::Member(Member { keys: vec![new.public()], ..chief("ry", 1) })];
        let id = forge.propose_with("claude", "recover", edits, |p| (p.recovery, p.risk) = (Some(true), Risk::Critical));
        forge.enrol(&id, &new);
        forge.keys.insert("ry".into(), new);
        forge.rule(&id, Verdict::Recover);
        at(forge, "canon/ledger/000001.md")
    });
    16 purge_of_a_living_text "bytes are purged that the state needs" EVERYWHERE, ["C031"] 11 Tree(|| purged(|forge| Digest::of(&forge.get("AGENTS.md")), "canon/ledger/000001.md"));
    16 purge_of_an_old_document "the bytes of an older document are purged" EVERYWHERE, ["C031"] 11 Tree(|| purged(|forge| {
        let old = Digest::of(&forge.get("canon/ECONOMY_MODEL.md"));
        forge.ratify("economy", vec![Edit::words("ECONOMY_MODEL", "More.")]);
        old
    }, "canon/ledger/000002.md"));
    16 purged_bytes_that_stay "bytes that were purged lie there again" EVERYWHERE, ["C033"] 11 Tree(|| {
        let mut forge = Forge::planted();
        forge.ratify("secret", vec![Edit::Entry(Domain::Memory, "secret", "a name")]);
        let bytes = forge.get("canon/phylactery/memory/secret.md");
        let digest = Digest::of(&bytes);
        let id = forge.propose_with("claude", "forget", vec![Edit::Remove("canon/phylactery/memory/secret.md")], |p| p.purge = Some(vec![digest]));
        forge.approve(&id);
        forge.rule(&id, Verdict::Approve);
        forge.holds();
        let place = format!("canon/bytes/{}", digest.hex());
        forge.put(&place, bytes);
        at(forge, place)
    });
    16 bytes_deleted_without_a_purge "old bytes are deleted without a purge" EVERYWHERE, ["C032"] 11 Tree(|| {
        let mut forge = Forge::planted();
        let place = format!("canon/bytes/{}", Digest::of(&forge.get("prompts/one.md")).hex());
        forge.ratify("two", vec![Edit::file("prompts/one.md", "Other.\n")]);
        forge.delete(&place);
        at(forge, place)
    });
}
