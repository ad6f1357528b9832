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
    for rev in ["nowhere", "HEAD:a", "", "--all", "HEAD^{tree}"] {
        let error = repo.resolve(rev).unwrap_err();
        assert!(matches!(error, GitError::Revision { .. }), "{rev}: {error}");
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
