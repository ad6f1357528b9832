use super::*;
use crate::git::GitError;

#[test]
fn revisions_resolve_to_commits() {
    let sandbox = Sandbox::new();
    let first = sandbox.commit(&[("a", "1")]);
    let second = sandbox.commit(&[("a", "2")]);
    sandbox.git(&["tag", "--annotate", "--message=x", "v1", "HEAD~1"]);
    let repo = sandbox.open();
    assert_eq!(repo.resolve("v1").unwrap(), first);
    assert_eq!(repo.resolve("HEAD").unwrap(), second);
    assert_eq!(repo.resolve("main^").unwrap(), first);
    assert_eq!(repo.resolve(&second.to_string()).unwrap(), second);
    assert_eq!(repo.parents(second).unwrap(), [first]);
    for rev in ["HEAD:a", "HEAD^{tree}"] {
        let error = repo.resolve(rev).unwrap_err();
        assert!(matches!(error, GitError::Revision { .. }), "{rev}: {error}");
    }
    for rev in ["nowhere", "", "--all", "main..HEAD", "main~9", "refs/heads/nowhere", "heads/nowhere", &"0".repeat(40), "deadbeef"] {
        let error = repo.resolve(rev).unwrap_err();
        assert!(matches!(error, GitError::NoRevision { .. }), "{rev}: {error}");
    }
}

#[test]
fn a_name_of_two_commits_is_refused_and_its_full_spellings_are_not() {
    let sandbox = Sandbox::new();
    let first = sandbox.commit(&[("a", "1")]);
    let second = sandbox.commit(&[("a", "2")]);
    let (short, long) = (first.to_string()[..9].to_owned(), first.to_string());
    for name in [
        "refs/tags/both".to_owned(),
        "refs/remotes/origin/both".to_owned(),
        format!("refs/heads/{short}"),
        format!("refs/heads/{long}"),
        format!("refs/tags/v1-2-g{short}"),
        // Names that somebody may push, and that git itself looks up after its own.
        "refs/heads/HEAD".to_owned(),
        "refs/heads/refs/heads/both".to_owned(),
        "refs/tags/heads/both".to_owned(),
    ] {
        sandbox.git(&["update-ref", &name, &second.to_string()]);
    }
    sandbox.git(&["update-ref", "refs/heads/both", &first.to_string()]);
    sandbox.git(&["update-ref", "refs/heads/same", &first.to_string()]);
    sandbox.git(&["update-ref", "refs/tags/same", &first.to_string()]);
    sandbox.git(&["update-ref", "refs/heads/origin", &first.to_string()]);
    sandbox.git(&["update-ref", "refs/remotes/origin/HEAD", &second.to_string()]);
    let repo = sandbox.open();
    for rev in
        ["both", "both~0", "both^{commit}", "both@{0}", "heads/both", &short, &format!("{short}~0"), &format!("v1-2-g{short}"), "origin"]
    {
        let error = repo.resolve(rev).unwrap_err();
        assert!(matches!(error, GitError::Ambiguous { .. }), "{rev}: {error}");
    }
    for (rev, commit) in [
        ("refs/heads/both", first),
        ("refs/tags/both", second),
        ("refs/heads/both^0", first),
        ("refs/remotes/origin/both", second),
        ("origin/both", second),
        ("tags/both", second),
        ("same", first),
        ("HEAD", second),
        ("@", second),
        ("HEAD~1", first),
        (&long, first),
        (&format!("{long}~0"), first),
        (&format!("refs/heads/{short}"), second),
        (&first.to_string()[..12], first),
        (&format!("v2-9-g{}", &first.to_string()[..12]), first),
    ] {
        assert_eq!(repo.resolve(rev).unwrap(), commit, "{rev}");
        if rev != "same" {
            assert_eq!(sandbox.rev(&format!("{rev}^{{commit}}")), commit, "{rev}, as git has it");
        }
    }
}

#[test]
fn ancestry_ignores_replaced_and_grafted_parents() {
    let sandbox = Sandbox::new();
    let root = sandbox.commit(&[("a", "1")]);
    sandbox.git(&["switch", "-qc", "side"]);
    let side = sandbox.commit(&[("b", "2")]);
    sandbox.git(&["switch", "-q", "main"]);
    let main = sandbox.commit(&[("c", "3")]);
    sandbox.git(&["replace", "--graft", &main.to_string(), &side.to_string()]);
    std::fs::create_dir_all(sandbox.path().join(".git/info")).unwrap();
    std::fs::write(sandbox.path().join(".git/info/grafts"), format!("{main} {side}\n")).unwrap();
    let repo = sandbox.open();
    assert!(repo.is_ancestor(root, main).unwrap());
    assert!(repo.is_ancestor(main, main).unwrap());
    assert!(!repo.is_ancestor(side, main).unwrap());
    assert!(!repo.is_ancestor(main, root).unwrap());
    assert_eq!(repo.merge_base(main, side).unwrap(), Some(root));
    let alone = commit_on(&repo, None, &edits([("x", put("y"))]));
    assert_eq!(repo.merge_base(main, alone).unwrap(), None);
}
