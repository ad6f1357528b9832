//! What lies in the tree: strays, links, letters, modes, and files that nobody ratified.

use omega::canon::Domain;
use omega::finding::{Code, Severity};
use omega::ledger::kinds::FileMode;
use omega::tree::Mode;

use crate::forge::{Edit, Forge, Seed};

fn with(path: &[u8], mode: Mode, bytes: &[u8]) -> Forge {
    let mut forge = Forge::planted();
    forge.tree.0.insert(path.to_vec(), (mode, bytes.to_vec()));
    forge
}

#[test]
fn strays_under_canon() {
    for stray in [
        "canon/Readme.md",
        "canon/.gitkeep",
        "canon/council/ry.txt",
        "canon/council/Ry.md",
        "canon/council/sub/ry.md",
        "canon/ledger/1.md",
        "canon/ledger/0000001.md",
        "canon/bytes/abc",
        "canon/phylactery/hope/x.md",
        "canon/phylactery/fact/.x.md",
        "canon/resolutions/2026-02-26-genesis/notes.md",
        "canon/resolutions/2026-02-30-x/proposal.md",
        "canon/resolutions/2026-02-26-genesis/turns/1.md",
        "canon/resolutions/2026-02-26-genesis/votes/ry.md",
        "canon/resolutions/2026-02-26-genesis/docket.md.sig",
        "canon/omega_identity.md",
        "canon/deep/er/and/deeper.md",
    ] {
        with(stray.as_bytes(), Mode::File, b"stray\n").violates(Code::Stray, stray);
    }
    with(b"canon/council/zed.md", Mode::File, b"zed\n").violates(Code::Ungoverned, "canon/council/zed.md");
    with(b"canon/ROGUE.md", Mode::File, b"rogue\n").violates(Code::Ungoverned, "canon/ROGUE.md");
}

#[test]
fn names_that_are_no_text() {
    with(b"canon/\xff.md", Mode::File, b"hidden\n").violates(Code::Stray, "canon/\u{fffd}.md");
    with(b"canon/\xff/deep/hidden.md", Mode::File, b"hidden\n").violates(Code::Stray, "canon/\u{fffd}/deep/hidden.md");
    with(b"canon/resolutions/\xff/proposal.md", Mode::File, b"hidden\n").violates(Code::Stray, "canon/resolutions/\u{fffd}/proposal.md");
    with(b"prompts/\xff.md", Mode::File, b"hidden\n").violates(Code::Collision, "prompts/\u{fffd}.md");
    with(b"prompts/\xff/hidden.md", Mode::File, b"hidden\n").violates(Code::Collision, "prompts/\u{fffd}/hidden.md");
    with(b"elsewhere/\xff.md", Mode::File, b"free\n").holds();
}

#[test]
fn canon_in_other_letters() {
    for path in ["Canon/x", "CANON/OMEGA_IDENTITY.md", "canoN/ledger/000000.md"] {
        with(path.as_bytes(), Mode::File, b"other\n").violates(Code::Collision, path);
    }
    for mode in [Mode::File, Mode::Link, Mode::Submodule] {
        with(b"Canon", mode, b"canon").violates(Code::Collision, "Canon");
    }
    with(b"docs/canon/x", Mode::File, b"free\n").holds();
    with(b"canonical/x", Mode::File, b"free\n").holds();
}

#[test]
fn a_link_or_submodule_in_the_place_of_canon() {
    for mode in [Mode::Link, Mode::Submodule, Mode::File] {
        let mut forge = with(b"canon", mode, b"elsewhere");
        let pin = forge.pin();
        forge.tree.0.retain(|path, _| !path.starts_with(b"canon/"));
        crate::forge::violated(forge.verify_with(pin, crate::forge::time("2026-02-27T00:00:00Z")), Code::Link, "canon");
    }
    for (path, mode) in [
        ("canon/council/ry.md", Mode::Exec),
        ("canon/council/ry.md", Mode::Link),
        ("canon/ledger/000000.md", Mode::Exec),
        ("canon/ledger/000000.md.sig", Mode::Link),
        ("canon/allowed_signers", Mode::Exec),
        ("canon/council", Mode::Submodule),
        ("canon/vendor", Mode::Submodule),
        ("canon/socket", Mode::Other),
    ] {
        let mut forge = Forge::planted();
        let bytes = forge.tree.0.get(path.as_bytes()).map(|(_, bytes)| bytes.clone()).unwrap_or_default();
        forge.tree.0.insert(path.as_bytes().to_vec(), (mode, bytes));
        forge.violates(Code::CanonMode, path);
    }
}

#[test]
fn governed_files_that_are_not_as_ratified() {
    let mut forge = Forge::planted();
    forge.put("AGENTS.md", "Be unkind.\n");
    forge.violates(Code::Unratified, "AGENTS.md");
    let mut forge = Forge::planted();
    forge.put("AGENTS.md", "Be kind.\r\n");
    forge.violates(Code::Unratified, "AGENTS.md");
    let mut forge = Forge::planted();
    forge.put_mode("AGENTS.md", FileMode::Exec, b"Be kind.\n");
    forge.violates(Code::Unratified, "AGENTS.md");
    let mut forge = Forge::planted();
    forge.put_mode("AGENTS.md", FileMode::Link, b"Be kind.\n");
    forge.violates(Code::Unratified, "AGENTS.md");
    let mut forge = Forge::planted();
    forge.delete("AGENTS.md");
    forge.violates(Code::Missing, "AGENTS.md");
    forge.put("agents.md", "Be kind.\n");
    forge.violates(Code::Collision, "agents.md");
    let mut forge = Forge::planted();
    forge.delete("canon/OMEGA_IDENTITY.md");
    forge.violates(Code::Missing, "canon/OMEGA_IDENTITY.md");
    let mut forge = Forge::planted();
    forge.put("canon/OMEGA_IDENTITY.md", "Other.\n");
    forge.violates(Code::Unratified, "canon/OMEGA_IDENTITY.md");
    // A submodule where a file was.
    let mut forge = Forge::planted();
    forge.tree.0.insert(b"AGENTS.md".to_vec(), (Mode::Submodule, Vec::new()));
    forge.violates(Code::Missing, "AGENTS.md");
}

#[test]
fn instruction_files_that_nobody_ratified() {
    for (path, mode, code) in [
        ("prompts/new.md", Mode::File, Code::Ungoverned),
        ("prompts/deep/er/new.md", Mode::Exec, Code::Ungoverned),
        ("prompts/new.md", Mode::Link, Code::Ungoverned),
        ("prompts/new.md", Mode::Other, Code::Ungoverned),
        ("Prompts/new.md", Mode::File, Code::Ungoverned),
        ("prompts/ONE.md", Mode::File, Code::Collision),
        ("PROMPTS/one.md", Mode::File, Code::Collision),
        ("prompts/e\u{301}.md", Mode::File, Code::Collision),
        ("prompts/a\\b.md", Mode::File, Code::Collision),
        ("prompts/a:b.md", Mode::File, Code::Collision),
        ("prompts/a.", Mode::File, Code::Collision),
        ("prompts/a /b.md", Mode::File, Code::Collision),
        ("prompts/one\u{200b}.md", Mode::File, Code::Collision),
    ] {
        with(path.as_bytes(), mode, b"one.md").violates(code, path);
    }
    let report = with(b"prompts/vendor", Mode::Submodule, b"").holds();
    assert!(report.findings.iter().any(|f| f.code == Code::Submodule && f.severity == Severity::Note), "{:#?}", report.findings);
}

#[test]
fn links_above_governed_paths() {
    for path in ["prompts", "Prompts"] {
        for mode in [Mode::Link, Mode::Submodule] {
            with(path.as_bytes(), mode, b"elsewhere").violates(Code::Link, path);
        }
    }
    let forge = Forge::plant(&Seed { who: &["a/b/**", "c/*/d.md"], files: vec![Edit::file("c/x/d.md", "D.\n")], ..Seed::default() });
    forge.holds();
    for path in ["a", "a/b", "c", "c/x"] {
        let mut forge = forge.clone();
        forge.tree.0.retain(|other, _| !other.starts_with(format!("{path}/").as_bytes()));
        forge.tree.0.insert(path.as_bytes().to_vec(), (Mode::Link, b"elsewhere".to_vec()));
        forge.violates(Code::Link, path);
    }
    for path in ["ab", "a/c", "d"] {
        let mut forge = forge.clone();
        forge.tree.0.insert(path.as_bytes().to_vec(), (Mode::Link, b"elsewhere".to_vec()));
        forge.holds();
    }
}

/// Ordinary files and links of a repository that governs files by names that could be anywhere.
fn ordinary(links: &[(&str, &str)]) -> Forge {
    let files = vec![Edit::file("AGENTS.md", "A.\n"), Edit::file("skills/x/SKILL.md", "X.\n")];
    let mut forge = Forge::plant(&Seed { who: &["**/AGENTS.md", "skills/*/SKILL.md", "**/.rules/*.mdc"], files, ..Seed::default() });
    for path in ["lib/README", "lib/deep/er.md", "v2/bin/run", "docs/index.md", "tools/x.sh"] {
        forge.put(path, "Nothing of note.\n");
    }
    for (path, target) in links {
        forge.tree.0.insert(path.as_bytes().to_vec(), (Mode::Link, target.as_bytes().to_vec()));
    }
    forge
}

#[test]
fn links_that_bring_nothing_to_where_who_looks() {
    for links in [
        &[("tools/latest", "/opt/tool/bin")][..],
        &[("latest", "../../elsewhere"), ("gone", "build/out"), ("docs/gone", "../build/")],
        &[("docs/lib", "../lib"), ("docs/deep", "./../lib/./deep/")],
        &[("docs/readme", "../lib/README"), ("skills/readme", "../lib/README")],
        // A virtual environment: its links lead out, and to files.
        &[("v2/bin/python", "/usr/bin/python3"), ("v2/bin/go", "run"), ("current", "v2")],
        &[("skills/lib", "../lib"), ("skills/x/lib", "../../lib")],
        // What is governed where it is, may also be seen elsewhere.
        &[("web", "skills"), ("docs/more", "../skills/x")],
    ] {
        ordinary(links).holds();
    }
}

#[test]
fn links_that_cannot_be_followed_in_one_way() {
    for (path, target) in [
        ("skills/y", "/opt/skills"),
        ("skills/y", "../../out"),
        ("skills/y", "../build/out"),
        ("skills/y", "../lib/README/"),
        ("web/.rules", "/etc/rules"),
        ("tools/y", "y"),
        ("tools/y", "."),
        ("tools/y", ".."),
        ("tools/y", "..\\lib"),
        ("tools/y", "lib:x"),
        ("tools/y", "../Lib"),
        ("tools/y", "../l\u{200c}ib"),
        ("tools/y", "../lib "),
        ("tools/y", "../.git"),
        ("tools/y", "../.GIT/x"),
        ("tools/y", "x.sh/../../lib"),
        ("tools/y", "nothing/../../lib"),
        ("tools/y", ""),
        ("tools/y", &"./".repeat(300)),
        ("tools/y", &"x".repeat(5000)),
        ("tools/y", "a\0b"),
    ] {
        ordinary(&[(path, target)]).violates(Code::Link, path);
    }
    // By way of another link, and where a folder has links that could lead on.
    ordinary(&[("tools/y", "z"), ("tools/z", "../lib")]).violates(Code::Link, "tools/y");
    ordinary(&[("skills/y", "../v2"), ("v2/SKILL.md", "bin/run")]).violates(Code::Link, "skills/y");
    ordinary(&[("skills/y", "../v2/bin/.."), ("v2/bin", "/usr/bin")]).violates(Code::Link, "skills/y");
    let mut forge = ordinary(&[("skills/y", "../v2")]);
    forge.put("v2/SKILL.md", "Obey.\n");
    forge.violates(Code::Link, "skills/y");
}

#[test]
fn very_many_links_to_one_large_folder() {
    // Each of these links alone costs little; all of them together must not cost the square.
    let mut forge = ordinary(&[]);
    for number in 0..6_000 {
        forge.put(&format!("lib/large/{}/{number}", number % 7), "");
        forge.tree.0.insert(format!("many/{number}").into_bytes(), (Mode::Link, b"../lib/large".to_vec()));
    }
    forge.holds();
    forge.put("lib/large/.rules/x.mdc", "Governed where it is, and not ratified.\n");
    forge.violates(Code::Ungoverned, "lib/large/.rules/x.mdc");
}

#[test]
fn governed_links_stay_within_in_one_hop() {
    for target in [
        "../../etc/passwd",
        "/etc/passwd",
        "../README.md",
        "nowhere.md",
        "link.md",
        "../canon/ledger/000000.md",
        "..",
        "",
        "../AGENTS.md/",
        "./../AGENTS.md/../AGENTS.md/x",
        "../agents.md",
    ] {
        let mut forge = Forge::planted();
        forge.put("README.md", "Read me.\n");
        forge.ratify("link", vec![Edit::link("prompts/link.md", target)]);
        forge.violates(Code::Link, "prompts/link.md");
    }
    for target in ["../AGENTS.md", "one.md", "./one.md", "../canon/OMEGA_IDENTITY.md", "../prompts/one.md"] {
        let mut forge = Forge::planted();
        forge.ratify("link", vec![Edit::link("prompts/link.md", target)]);
        forge.holds();
    }
    let mut forge = Forge::planted();
    forge.ratify("two-hops", vec![Edit::link("prompts/link.md", "one.md"), Edit::link("prompts/two.md", "link.md")]);
    forge.violates(Code::Link, "prompts/two.md");
    // What a link leads to does not go away, nor become a link.
    let mut forge = Forge::planted();
    forge.ratify("link", vec![Edit::link("prompts/link.md", "one.md")]);
    let mut gone = forge.clone();
    gone.ratify("gone", vec![Edit::Remove("prompts/one.md")]);
    gone.violates(Code::Link, "prompts/link.md");
    forge.ratify("chain", vec![Edit::link("prompts/one.md", "../AGENTS.md")]);
    forge.violates(Code::Link, "prompts/link.md");
}

#[test]
fn paths_that_are_one_file_somewhere() {
    for (slug, edits, place) in [
        ("letters", vec![Edit::file("prompts/ONE.md", "Other.\n")], "prompts/ONE.md"),
        ("both", vec![Edit::file("prompts/a.md", "A.\n"), Edit::file("prompts/A.md", "B.\n")], "prompts/a.md"),
        ("file-and-folder", vec![Edit::file("prompts/one.md/two.md", "Two.\n")], "prompts/one.md/two.md"),
        ("folder-letters", vec![Edit::file("prompts/ONE.MD/two.md", "Two.\n")], "prompts/ONE.MD/two.md"),
        (
            "entries",
            vec![Edit::Entry(Domain::Memory, "Key", "a"), Edit::Entry(Domain::Memory, "key", "b")],
            "canon/phylactery/memory/key.md",
        ),
    ] {
        let mut forge = Forge::planted();
        forge.ratify(slug, edits);
        forge.violates(Code::State, place);
    }
}

#[test]
fn who_is_listed_to_the_last_path() {
    let edits = |who: &'static [&'static str], more: Vec<Edit>| {
        let mut forge = Forge::planted();
        forge.put("skills/a.md", "A.\n");
        let mut edits = vec![Edit::who(who)];
        edits.extend(more);
        forge.ratify("who", edits);
        forge
    };
    // What enters is ratified.
    edits(&["AGENTS.md", "prompts/**", "skills/**"], Vec::new()).violates(Code::Ungoverned, "skills/a.md");
    // What leaves is released, and only that.
    edits(&["AGENTS.md"], Vec::new()).violates(Code::State, "prompts/one.md");
    edits(&["AGENTS.md"], vec![Edit::Remove("prompts/one.md")]).violates(Code::State, "prompts/one.md");
    edits(&["AGENTS.md", "prompts/*.md"], vec![Edit::Release("prompts/one.md")]).violates(Code::State, "prompts/one.md");
    // What nobody governs is not proposed.
    edits(&["AGENTS.md", "prompts/**"], vec![Edit::file("README.md", "Mine.\n")]).violates(Code::State, "README.md");
    let mut forge = Forge::planted();
    forge.put("README.md", "Mine.\n");
    let id = forge.propose("claude", "readme", vec![Edit::Remove("README.md")]);
    forge.violates(Code::Proposal, forge.of(&id, "proposal.md"));
    // Nor can `who` reach into the canon.
    for glob in ["canon/**", "CANON/x", "canon"] {
        edits(Vec::leak(vec!["AGENTS.md", "prompts/**", glob]), Vec::new()).violates(Code::State, "canon/OMEGA_IDENTITY.md");
    }
    for glob in [".git/**", "../x", "/etc/*", "a**", "[ab]"] {
        edits(Vec::leak(vec!["AGENTS.md", "prompts/**", glob]), Vec::new()).violates(Code::State, "canon/OMEGA_IDENTITY.md");
    }
    let mut forge = Forge::planted();
    forge.put(".git/AGENTS.md", "never looked at\n");
    forge.holds();
}

#[test]
fn canon_paths_of_a_proposal_are_state_files() {
    for place in [
        "canon/ledger/000007.md",
        "canon/allowed_signers",
        "canon/Readme.md",
        "canon/council/ry.md.sig",
        "canon/resolutions/2026-02-26-x/proposal.md",
    ] {
        let mut forge = Forge::planted();
        let id = forge.propose("claude", "place", vec![Edit::file(place, "text\n")]);
        forge.violates(Code::Proposal, forge.of(&id, "proposal.md"));
    }
    for mode in [FileMode::Exec, FileMode::Link] {
        let mut forge = Forge::planted();
        let bytes = forge.get("canon/OMEGA_IDENTITY.md");
        let id = forge.propose("claude", "mode", vec![Edit::Put("canon/OMEGA_IDENTITY.md", mode, bytes)]);
        forge.violates(Code::Proposal, forge.of(&id, "proposal.md"));
    }
    let mut forge = Forge::planted();
    let id = forge.propose("claude", "no-op", vec![Edit::file("AGENTS.md", "Be kind.\n")]);
    forge.violates(Code::Proposal, forge.of(&id, "proposal.md"));
}

#[test]
fn attributes_that_convert_or_hide() {
    for (file, line, place) in [
        (".gitattributes", "* text=auto\n", "AGENTS.md"),
        (".gitattributes", "*.md eol=crlf\n", "canon/OMEGA_IDENTITY.md"),
        (".gitattributes", "AGENTS.md filter=lfs\n", "AGENTS.md"),
        (".gitattributes", "prompts export-ignore\n", "prompts/one.md"),
        ("prompts/.gitattributes", "*.md ident\n", "prompts/.gitattributes"),
        (".gitattributes", "[attr]x working-tree-encoding=UTF-16\n*.md x\n", "prompts/one.md"),
        (".gitattributes", "canon/** export-subst\n", "canon/council/ry.md"),
    ] {
        let mut forge = Forge::planted();
        forge.put(file, line);
        // A file of attributes in a governed folder is itself one that nobody ratified.
        forge.violates(if file == place { Code::Ungoverned } else { Code::Attributes }, place);
    }
    let mut forge = Forge::planted();
    forge.put(".gitattributes", "/canon/** -text\n/AGENTS.md -text\n*.rs text\n");
    forge.holds();
    let mut forge = Forge::planted();
    forge.put(".gitattributes", vec![b'#'; 2 << 20]);
    forge.violates(Code::Attributes, ".gitattributes");
}

#[test]
fn bytes_that_are_not_what_they_are_called() {
    let forge = Forge::planted();
    let place =
        forge.tree.0.keys().find(|path| path.starts_with(b"canon/bytes/")).map(|path| String::from_utf8(path.clone()).unwrap()).unwrap();
    let mut changed = forge.clone();
    changed.put(&place, "other\n");
    changed.violates(Code::BytesWrong, &place);
    let mut gone = forge.clone();
    gone.delete(&place);
    gone.violates(Code::BytesMissing, &place);
    let stranger = format!("canon/bytes/{}", omega::digest::Digest::of(b"payload").hex());
    with(stranger.as_bytes(), Mode::File, b"payload").violates(Code::BytesWrong, &stranger);
}

#[test]
fn a_document_whose_bytes_are_gone_is_named() {
    let mut forge = Forge::planted();
    let digest = omega::digest::Digest::of(&forge.get("canon/ECONOMY_MODEL.md"));
    forge.ratify("economy", vec![Edit::words("ECONOMY_MODEL", "More.")]);
    let place = format!("canon/bytes/{}", digest.hex());
    forge.delete(&place);
    forge.violates(Code::BytesMissing, &place);
}
