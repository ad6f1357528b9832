//! The law in one short document: it replaces three others, and nothing may stand between.

use omega::canon::Domain;
use omega::canon::planted::Profile;
use omega::digest::Digest;
use omega::ledger::kinds::Verdict;

use super::Run::Tree;
use super::{Attack, EVERYWHERE, at, cases};
use crate::forge::{Edit, Forge, Seed};

const CONSTITUTION: &str = "canon/CONSTITUTION.md";

/// A canon with a CONSTITUTION.
fn small() -> Forge {
    Forge::plant(&Seed { profile: Profile::Files, ..Seed::default() })
}

/// What the council of the small canon ratifies.
fn ratified(edits: Vec<Edit>, place: &str) -> Attack {
    let mut forge = small();
    forge.ratify("change", edits);
    at(forge, place)
}

/// A document of the whole canon, as it could be brought in.
fn brought(name: &'static str) -> Edit {
    let text = Forge::planted().get(&format!("canon/{name}.md"));
    Edit::Document(name, Box::new(move |_| String::from_utf8(text.clone()).unwrap()))
}

cases! {
    23 constitution_beside_the_parts "a constitution is ratified beside the documents that it replaces" EVERYWHERE, ["C020"] 11 Tree(|| {
        let mut forge = Forge::planted();
        let text = String::from_utf8(small().get(CONSTITUTION)).unwrap();
        forge.ratify("change", vec![Edit::Document("CONSTITUTION", Box::new(move |_| text.clone()))]);
        at(forge, "canon/OMEGA_IDENTITY.md")
    });
    23 part_beside_a_constitution "other rules of consensus are ratified beside a constitution" EVERYWHERE, ["C020"] 11 Tree(|| ratified(vec![brought("CONSENSUS_ENGINE")], "canon/CONSENSUS_ENGINE.md"));
    23 no_constitution "the constitution is removed, and nothing takes its place" EVERYWHERE, ["C020"] 11 Tree(|| ratified(vec![Edit::Remove(CONSTITUTION)], "canon/OMEGA_IDENTITY.md"));
    23 half_a_law "the constitution is replaced by two of the three documents" EVERYWHERE, ["C020"] 11 Tree(|| {
        ratified(vec![Edit::Remove(CONSTITUTION), brought("OMEGA_IDENTITY"), brought("SECURITY_AND_PRIVACY")], "canon/CONSENSUS_ENGINE.md")
    });
    23 edited_constitution "the constitution is edited without a ruling" EVERYWHERE, ["C040"] 11 Tree(|| {
        let mut forge = small();
        let text = String::from_utf8(forge.get(CONSTITUTION)).unwrap();
        forge.put(CONSTITUTION, text.replacen("quorum: 2/3", "quorum: 1/3", 1));
        at(forge, CONSTITUTION)
    });
    23 constitution_in_an_emergency "an emergency changes the constitution" EVERYWHERE, ["C028"] 11 Tree(|| {
        let mut forge = small();
        forge.emergency("grab", vec![Edit::words("CONSTITUTION", "More.")]);
        at(forge, "canon/ledger/000001.md")
    });
    23 protocol_in_an_emergency "an emergency brings a protocol to a canon that has none of its own" EVERYWHERE, ["C028"] 11 Tree(|| {
        let mut forge = small();
        forge.emergency("grab", vec![brought("PEACE_PIPE_PROTOCOL")]);
        at(forge, "canon/ledger/000001.md")
    });
    23 fact_of_a_constitution "an entry pretends to keep the version of the constitution" EVERYWHERE, ["C021"] 11 Tree(|| {
        let mut forge = small();
        forge.propose("claude", "fact", vec![Edit::Entry(Domain::Fact, "CONSTITUTION", "the newest")]);
        at(forge, "canon/phylactery/fact/CONSTITUTION.md")
    });
    23 constitution_that_went_on "a change is approved that was proposed under an earlier constitution" EVERYWHERE, ["C026"] 11 Tree(|| {
        let mut forge = small();
        let id = forge.propose("claude", "late", vec![Edit::file("AGENTS.md", "Late.\n")]);
        forge.ratify("rules", vec![Edit::words("CONSTITUTION", "More.")]);
        forge.approve(&id);
        forge.rule(&id, Verdict::Approve);
        at(forge, "canon/ledger/000002.md")
    });
    23 risk_below_the_standard "a change of a governed file declares low risk, against the standard protocol" EVERYWHERE, ["C022"] 11 Tree(|| {
        let mut forge = small();
        let id = forge.propose_with("claude", "low", vec![Edit::file("AGENTS.md", "Low.\n")], |p| p.risk = omega::canon::Risk::Low);
        at(forge.clone(), forge.of(&id, "proposal.md"))
    });
    23 genesis_with_a_transcript "the first ruling lists a transcript, although there were no statements" EVERYWHERE, ["C015"] 11 Tree(|| {
        let place = "canon/resolutions/2026-02-26-genesis/transcript.md";
        let listed = Box::new(|ruling: &mut omega::ledger::kinds::Ruling| {
            ruling.records.insert(place.parse().unwrap(), Digest::of(b"# Talk\n"));
        });
        let mut forge = Forge::plant(&Seed { profile: Profile::Files, ruling: listed, ..Seed::default() });
        forge.put(place, "# Talk\n");
        at(forge, place)
    });
    23 transcript_beside_the_genesis "a transcript of the first resolution that its ruling does not list" EVERYWHERE, ["C014"] 11 Tree(|| {
        let mut forge = small();
        let place = "canon/resolutions/2026-02-26-genesis/transcript.md";
        forge.put(place, "# Talk\n");
        at(forge, place)
    });
}
