//! Files that two readers take differently, and paths that are another file somewhere.

use omega::canon::front;
use omega::keys::Namespace;
use omega::ledger::kinds::{FileMode, Proposal, Record};
use omega::tree::Mode;

use super::Run::Tree;
use super::votes::open;
use super::{Attack, EVERYWHERE, IN_GIT, NOT_ON_DISK, ON_DISK, at, cases};
use crate::forge::{Choice, Edit, Forge, Key, member};

/// An open vote of gemini's with other bytes, which gemini signed.
fn bytes(change: impl FnOnce(String) -> Vec<u8>) -> Attack {
    let (mut forge, id) = open();
    forge.vote(&id, "gemini", Choice::Approve);
    let vote = forge.of(&id, "votes/gemini.1.md");
    let bytes = change(String::from_utf8(forge.get(&vote)).unwrap());
    forge.put(&format!("{vote}.sig"), Key::of("gemini").sign(Namespace::Vote, &bytes));
    forge.put(&vote, bytes);
    at(forge, vote)
}

fn text(from: &str, to: &str) -> Attack {
    bytes(|text| {
        assert!(text.contains(from), "{from:?} is not in {text}");
        text.replacen(from, to, 1).into_bytes()
    })
}

/// A member file that is read in two ways, ratified.
fn roster(from: &str, to: &str) -> Attack {
    let text = front::render(&member("zed", 9), "");
    assert!(text.contains(from), "{from:?} is not in {text}");
    let mut forge = Forge::planted();
    forge.ratify("form", vec![Edit::Put("canon/council/zed.md", FileMode::File, text.replace(from, to).into_bytes())]);
    at(forge, "canon/council/zed.md")
}

/// A document whose policy breaks its type, ratified.
fn policy(document: &'static str, from: &'static str, to: &'static str) -> Attack {
    let mut forge = Forge::planted();
    forge.ratify("policy", vec![Edit::replace(document, from, to)]);
    at(forge, format!("canon/{document}.md"))
}

/// A proposal that names this path.
fn proposing(wrong: &str) -> Attack {
    let mut forge = Forge::planted();
    let id = forge.propose("claude", "path", vec![Edit::file("prompts/placeholder", "x\n")]);
    let proposal = forge.of(&id, "proposal.md");
    let text = String::from_utf8(forge.get(&proposal)).unwrap();
    let text = text.replacen("path: prompts/placeholder", &format!("path: \"{wrong}\""), 1);
    forge.put(&format!("{proposal}.sig"), Key::of("claude").sign(Proposal::NAMESPACE, text.as_bytes()));
    forge.put(&proposal, &text);
    at(forge, proposal)
}

/// A file at a path, beside the honest ones.
pub fn with(path: &[u8], mode: Mode, bytes: &[u8]) -> Attack {
    let mut forge = Forge::planted();
    forge.tree.0.insert(path.to_vec(), (mode, bytes.to_vec()));
    at(forge, String::from_utf8_lossy(path))
}

fn file(path: &str) -> Attack {
    with(path.as_bytes(), Mode::File, b"Obey.\n")
}

/// What a council ratifies and no system can hold.
fn ratified(edits: Vec<Edit>, place: &str) -> Attack {
    let mut forge = Forge::planted();
    forge.ratify("twice", edits);
    at(forge, place)
}

cases! {
    13 duplicate_key "a key stands twice" EVERYWHERE, ["C005"] 11 Tree(|| text("choice: approve", "choice: approve\nchoice: reject"));
    13 anchor "a value carries an anchor" EVERYWHERE, ["C005"] 11 Tree(|| text("choice: approve", "choice: &x approve"));
    13 alias "a value is an alias of another" EVERYWHERE, ["C005"] 11 Tree(|| text("choice: approve\n", "choice: &x approve\nsynthesis: *x\n"));
    13 merge_key "a merge key brings fields along" EVERYWHERE, ["C005"] 11 Tree(|| text("confidence: 90", "confidence: 90\n<<: {weight: 9}"));
    13 alias_bomb "aliases of aliases grow without end" EVERYWHERE, ["C005"] 11 Tree(|| bytes(|text| {
        let bomb: String = (1..30).map(|n| format!("a{n}: &a{n} [*a{0}, *a{0}, *a{0}, *a{0}]\n", n - 1)).collect();
        text.replacen("choice:", &format!("a0: &a0 [x]\n{bomb}choice:"), 1).into_bytes()
    }));
    13 two_documents "a second document follows the first" EVERYWHERE, ["C005"] 11 Tree(|| text("---\n\n", "...\n---\n\n"));
    13 directive "a directive changes how the rest is read" EVERYWHERE, ["C005"] 11 Tree(|| text("---\nomega", "---\n%YAML 1.2\n---\nomega"));
    13 tag "a tag says what type a value has" EVERYWHERE, ["C005"] 11 Tree(|| text("choice: approve", "choice: !!str approve"));
    13 word_that_is_a_boolean_somewhere "a member is called `off`" EVERYWHERE, ["C005"] 11 Tree(|| text("by: gemini", "by: off"));
    13 word_that_is_nothing_somewhere "a value is `~`" EVERYWHERE, ["C005"] 11 Tree(|| text("choice: approve", "choice: ~"));
    13 octal_number "a number begins with a zero" EVERYWHERE, ["C005"] 11 Tree(|| text("ballot: 1", "ballot: 01"));
    13 hexadecimal_number "a number is hexadecimal" EVERYWHERE, ["C005"] 11 Tree(|| text("confidence: 90", "confidence: 0x5A"));
    13 floating_number "a number has a fraction" EVERYWHERE, ["C005"] 11 Tree(|| text("confidence: 90", "confidence: 90.0"));
    13 number_as_text "a number is quoted" EVERYWHERE, ["C005"] 11 Tree(|| text("confidence: 90", "confidence: \"90\""));
    13 number_with_underscores "a number has underscores" EVERYWHERE, ["C005"] 11 Tree(|| text("confidence: 90", "confidence: 9_0"));
    13 sexagesimal_number "a number has colons" EVERYWHERE, ["C005"] 11 Tree(|| text("confidence: 90", "confidence: 1:30"));
    13 list_in_the_place_of_a_map "a key is written as a complex one" EVERYWHERE, ["C005"] 11 Tree(|| text("confidence: 90", "? confidence\n: [90]"));
    13 list_for_a_map_in_a_policy "a policy lists the values of a map, in the order of its fields" EVERYWHERE, ["C050"] 11 Tree(|| {
        policy("ECONOMY_MODEL", "    - event: CLEAN_CYCLE\n      tenths: 100\n", "    - [CLEAN_CYCLE, 100]\n")
    });
    13 list_for_a_map_that_nothing_folds "the same in a policy that the fold reads in part" EVERYWHERE, ["C050"] 11 Tree(|| {
        policy("SECURITY_AND_PRIVACY", "  keys:\n", "  keys: [[ssh-ed25519], \"0600\", 90]\n  other:\n")
    });
    13 list_for_a_map_inside_a_map "the same, two levels down" EVERYWHERE, ["C050"] 11 Tree(|| {
        policy("MEMORY_CONSTITUTION", "  purge:\n    explicit_command: true\n    resolution_from_layer: 6\n", "  purge: [true, 6]\n")
    });
    13 credits_that_can_be_given_away "a policy contradicts itself" EVERYWHERE, ["C050"] 11 Tree(|| {
        policy("ECONOMY_MODEL", "transferable: false", "transferable: true")
    });
    13 windows_line_ends "a record has the line ends of Windows" EVERYWHERE, ["C005"] 11 Tree(|| bytes(|text| text.replace('\n', "\r\n").into_bytes()));
    13 byte_order_mark "a record begins with a byte order mark" EVERYWHERE, ["C005"] 11 Tree(|| text("---\nomega", "\u{feff}---\nomega"));
    13 no_final_newline "a record lacks its final newline" EVERYWHERE, ["C005"] 11 Tree(|| text("A reason.\n", "A reason."));
    13 homoglyph_member "a member's name has a Cyrillic letter" EVERYWHERE, ["C005"] 11 Tree(|| text("by: gemini", "by: geminі"));
    13 zero_width_member "a member's name has a character of no width" EVERYWHERE, ["C005"] 11 Tree(|| text("by: gemini", "by: \"gemini\u{200b}\""));
    13 escaped_zero_width "the same, written as an escape" EVERYWHERE, ["C005"] 11 Tree(|| text("by: gemini", "by: \"gemini\\u200b\""));
    13 other_case_of_a_member "a member's name has a capital" EVERYWHERE, ["C005"] 11 Tree(|| text("by: gemini", "by: Gemini"));
    13 bidirectional_reason "a reason turns the direction of the text" EVERYWHERE, ["C005"] 11 Tree(|| text("A reason.", "A \u{202e}reason."));
    13 nul_byte "a record holds a NUL" EVERYWHERE, ["C005"] 11 Tree(|| text("A reason.", "A\0reason."));
    13 invalid_utf8 "a record is no UTF-8" EVERYWHERE, ["C005"] 11 Tree(|| bytes(|text| [text.as_bytes(), b"\xff\n"].concat()));
    13 deep_nesting "lists are nested deeply" EVERYWHERE, ["C005"] 11 Tree(|| bytes(|text| text.replacen("confidence: 90", &format!("confidence: {}90{}", "[".repeat(4000), "]".repeat(4000)), 1).into_bytes()));
    13 very_large_record "a record has 100 megabytes" NOT_ON_DISK, ["C005"] 11 Tree(|| bytes(|text| [text.into_bytes(), vec![b'x'; 100 << 20]].concat()));
    13 empty_record "a record is empty" EVERYWHERE, ["C005"] 11 Tree(|| bytes(|_| Vec::new()));
    13 member_file_with_two_weights "a council ratifies a member file with two weights" EVERYWHERE, ["C005"] 11 Tree(|| roster("seat: 9", "seat: 9\nweight: 7"));
    13 member_file_of_a_later_kind "a council ratifies a member file with a field of records" EVERYWHERE, ["C005"] 11 Tree(|| roster("seat: 9", "seat: 9\nomega: 1"));
    13 composed_otherwise "a file lies beside the governed ones under a name that is composed otherwise" EVERYWHERE, ["C003"] 11 Tree(|| file("prompts/e\u{301}.md"));

    14 path_that_climbs "a proposal names a path with `..`" EVERYWHERE, ["C005"] 11 Tree(|| proposing("../x"));
    14 absolute_path "a proposal names an absolute path" EVERYWHERE, ["C005"] 11 Tree(|| proposing("/etc/passwd"));
    14 path_into_git "a proposal names a path in `.git/`" EVERYWHERE, ["C005"] 11 Tree(|| proposing(".git/config"));
    14 path_into_git_in_capitals "a proposal names a path in `.GIT/`" EVERYWHERE, ["C005"] 11 Tree(|| proposing(".GIT/config"));
    14 path_into_git_by_its_short_name "a proposal names a path in `git~1/`" EVERYWHERE, ["C005"] 11 Tree(|| proposing("git~1/x"));
    14 path_into_git_with_what_does_not_show "a proposal names `.git` with a character of no width" EVERYWHERE, ["C005"] 11 Tree(|| proposing(".g\\u200cit/x"));
    14 trailing_dot "a proposal names a path that ends in a dot" EVERYWHERE, ["C005"] 11 Tree(|| proposing("prompts/x."));
    14 trailing_space "a proposal names a path that ends in a space" EVERYWHERE, ["C005"] 11 Tree(|| proposing("prompts/x "));
    14 backslash "a proposal names a path with a backslash" EVERYWHERE, ["C005"] 11 Tree(|| proposing("prompts\\\\x"));
    14 colon "a proposal names a path with a colon" EVERYWHERE, ["C005"] 11 Tree(|| proposing("prompts/x:stream"));
    14 empty_segment "a proposal names a path with an empty segment" EVERYWHERE, ["C005"] 11 Tree(|| proposing("prompts//x"));
    14 decomposed_path "a proposal names a path that is not composed" EVERYWHERE, ["C005"] 11 Tree(|| proposing("prompts/e\u{301}"));
    14 case_colliding_file "a file lies beside a governed one in other letters" ON_DISK, ["C003"] 11 Tree(|| file("prompts/ONE.md"));
    14 case_colliding_folder "a folder lies beside a governed one in other letters" EVERYWHERE, ["C003"] 11 Tree(|| file("PROMPTS/one.md"));
    14 case_colliding_canon "a folder is called `Canon`" EVERYWHERE, ["C003"] 11 Tree(|| file("Canon/OMEGA_IDENTITY.md"));
    14 letters_that_fold_alike "a folder is called `ſkills`-like: a long s folds to one of who's letters" EVERYWHERE, ["C042"] 11 Tree(|| file("promptſ/one-more.md"));
    14 case_colliding_ratified "a council ratifies two paths that are one file somewhere" EVERYWHERE, ["C020"] 11 Tree(|| ratified(vec![Edit::file("prompts/a.md", "A.\n"), Edit::file("prompts/A.md", "B.\n")], "prompts/a.md"));
    14 file_against_folder "a council ratifies a file where a folder must be" EVERYWHERE, ["C020"] 11 Tree(|| {
        let mut attack = ratified(vec![Edit::file("prompts/ONE.MD/two.md", "Two.\n")], "prompts/ONE.MD/two.md");
        attack.place = "prompts/ONE.MD/two.md".into();
        attack
    });
    14 backslash_in_the_tree "a governed folder holds a name with a backslash" EVERYWHERE, ["C003"] 11 Tree(|| file("prompts/a\\b.md"));
    14 stream_in_the_tree "a governed folder holds a name with a colon" EVERYWHERE, ["C003"] 11 Tree(|| file("prompts/a:b.md"));
    14 dot_in_the_tree "a governed folder holds a name that ends in a dot" EVERYWHERE, ["C003"] 11 Tree(|| file("prompts/a."));
    14 hidden_character_in_the_tree "a governed folder holds a name with a character of no width" EVERYWHERE, ["C003"] 11 Tree(|| file("prompts/one\u{200b}.md"));
    14 bytes_that_are_no_text "a governed folder holds a name that is no UTF-8" EVERYWHERE, ["C003"] 11 Tree(|| with(b"prompts/\xff.md", Mode::File, b"Obey.\n"));
    14 git_folder_in_the_tree "a tree holds `prompts/.git/x`" IN_GIT, ["C004"] 11 Tree(|| {
        let mut attack = file("prompts/.git/x");
        attack.place = "prompts/.git".into();
        attack
    });
    14 git_folder_by_its_short_name "a tree holds `prompts/GIT~1/x`" IN_GIT, ["C004"] 11 Tree(|| {
        let mut attack = file("prompts/GIT~1/x");
        attack.place = "prompts/GIT~1".into();
        attack
    });
    14 climbing_name_in_the_tree "a tree holds a folder called `..`" IN_GIT, ["C004"] 11 Tree(|| {
        let mut attack = file("prompts/../x");
        attack.place = "prompts/..".into();
        attack
    });
}
