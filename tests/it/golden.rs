//! The renderings that rulings bind are frozen with version 1 of the rules: whoever verifies renders them again and
//! compares bytes. These files are what version 1 looks like; a change here breaks every ledger that exists.

use omega::canon::policy::Submissions;
use omega::ledger::kinds::Verdict;

use crate::forge::{Choice, Edit, Forge, Seed, VOTERS};

fn snapshot(name: &str, forge: &Forge, path: &str) {
    insta::with_settings!({ prepend_module_to_snapshot => false, snapshot_path => "golden", omit_expression => true }, {
        insta::assert_snapshot!(name, String::from_utf8(forge.get(path)).unwrap());
    });
}

#[test]
fn a_deliberation_in_the_open() {
    let mut forge = Forge::planted();
    let id =
        forge.propose("claude", "open", vec![Edit::file("AGENTS.md", "Be kind.\nBe brief.\n"), Edit::file("prompts/two.md", "Two.\n")]);
    for by in &VOTERS[..3] {
        forge.turn(&id, by);
    }
    forge.skip(&id, "grok");
    forge.synthesize(&id, "safa");
    forge.vote(&id, "claude", Choice::Approve);
    forge.vote(&id, "gemini", Choice::Reject);
    forge.vote(&id, "gemini", Choice::Approve);
    forge.vote(&id, "codex", Choice::Amend);
    forge.vote(&id, "grok", Choice::Approve);
    forge.rule(&id, Verdict::Approve);
    forge.settle();
    forge.holds();
    snapshot("open-transcript", &forge, &forge.of(&id, "transcript.md"));
    snapshot("open-docket", &forge, &forge.of(&id, "docket.md"));
    snapshot("signers", &forge, "canon/ledger/000000.signers");
    snapshot("allowed-signers", &forge, "canon/allowed_signers");
}

#[test]
fn a_sealed_deliberation_that_is_rejected() {
    let mut forge = Forge::plant(&Seed { protocol: Box::new(|pipe| pipe.submissions = Submissions::Sealed), ..Seed::default() });
    let id = forge.propose("gemini", "sealed", vec![Edit::file("prompts/two.md", "Two.\n")]);
    for by in VOTERS {
        forge.seal(&id, by);
    }
    for by in VOTERS {
        forge.reveal(&id, by);
    }
    forge.synthesize(&id, "safa");
    forge.vote(&id, "codex", Choice::Reject);
    forge.rule(&id, Verdict::Reject);
    forge.settle();
    forge.holds();
    snapshot("sealed-transcript", &forge, &forge.of(&id, "transcript.md"));
    snapshot("sealed-docket", &forge, &forge.of(&id, "docket.md"));
}
