use super::*;
use crate::git::GitError;

#[test]
fn a_lost_race_changes_nothing() {
    for format in FORMATS {
        let sandbox = Sandbox::with(format);
        let first = sandbox.commit(&[("a", "1")]);
        let second = sandbox.commit(&[("a", "2")]);
        let repo = sandbox.open();
        let error = repo.update_ref("refs/heads/main", first, Some(first), &ada(), "x").unwrap_err();
        assert!(matches!(&error, GitError::RefMoved { expected, found, .. } if *expected == Some(first) && *found == Some(second)));
        let error = repo.update_ref("refs/heads/main", first, None, &ada(), "x").unwrap_err();
        assert!(matches!(error, GitError::RefMoved { expected: None, .. }), "{error}");
        let error = repo.update_ref("refs/heads/none", first, Some(second), &ada(), "x").unwrap_err();
        assert!(matches!(error, GitError::RefMoved { found: None, .. }), "{error}");
        let error = repo.delete_ref("refs/heads/main", first, &ada()).unwrap_err();
        assert!(matches!(error, GitError::RefMoved { .. }), "{error}");
        assert_eq!(sandbox.rev("main"), second);
        assert!(repo.update_ref("not a ref", first, None, &ada(), "x").is_err());
        assert!(repo.update_ref("refs/heads/../../x", first, None, &ada(), "x").is_err());
    }
}

#[test]
fn branches_come_and_go_packed_or_not() {
    for format in FORMATS {
        let sandbox = Sandbox::with(format);
        let head = sandbox.commit(&[("a", "1")]);
        let repo = sandbox.open();
        for name in ["refs/heads/canon/b", "refs/heads/canon/a/x", "refs/heads/canonical"] {
            repo.update_ref(name, head, None, &ada(), "made\nwith two lines").unwrap();
        }
        let names = |repo: &Repo| repo.branches("refs/heads/canon/").unwrap().into_iter().map(|(n, _)| n).collect::<Vec<_>>();
        assert_eq!(names(&repo), ["refs/heads/canon/a/x", "refs/heads/canon/b"]);
        sandbox.git(&["pack-refs", "--all"]);
        assert_eq!(names(&sandbox.open()), ["refs/heads/canon/a/x", "refs/heads/canon/b"]);
        repo.delete_ref("refs/heads/canon/a/x", head, &ada()).unwrap();
        assert_eq!(names(&sandbox.open()), ["refs/heads/canon/b"]);
        assert_eq!(sandbox.git(&["for-each-ref", "--format=%(refname)", "refs/heads/canon"]), "refs/heads/canon/b");
        let next = commit_on(&repo, Some(head), &edits([("b", put("2"))]));
        repo.update_ref("refs/heads/canon/b", next, Some(head), &ada(), "moved").unwrap();
        assert_eq!(sandbox.rev("canon/b"), next);
        assert_eq!(sandbox.git(&["log", "-g", "--format=%gs %gn", "canon/b"]), "moved Ada\nmade Ada");
        assert!(repo.branches("refs/heads/nothing/").unwrap().is_empty());
    }
}

#[test]
fn head_moves_like_git_switch() {
    for format in FORMATS {
        let sandbox = Sandbox::with(format);
        let first = sandbox.commit(&[("a", "1")]);
        let repo = sandbox.open();
        let made = commit_on(&repo, Some(first), &edits([("a", put("2"))]));
        repo.update_ref("refs/heads/canon/new", made, None, &ada(), "branch: Created").unwrap();
        repo.checkout(Some(first), made, &|_| false).unwrap();
        repo.set_head("refs/heads/canon/new", &ada()).unwrap();
        assert_eq!(sandbox.git(&["status", "--porcelain", "--branch"]), "## canon/new");
        assert_eq!(sandbox.git(&["log", "-1", "-g", "--format=%gs %H"]), format!("checkout: moving from main to canon/new {made}"));
        assert_eq!(sandbox.git(&["rev-parse", "--abbrev-ref", "@{-1}"]), "main");
        sandbox.git(&["switch", "-q", "--detach", "main"]);
        let head = sandbox.open().head().unwrap();
        assert_eq!((head.branch, head.commit), (None, Some(first)));
        sandbox.fsck();
    }
}
