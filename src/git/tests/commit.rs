use std::process::Command;

use super::*;
use crate::git::GitError;

#[test]
fn a_commit_passes_fsck_and_leaves_a_clean_status() {
    for format in FORMATS {
        let sandbox = Sandbox::with(format);
        let base = sandbox.commit(&[("a", "1"), ("dir/b", "2"), ("dir/c", "3"), ("z/only", "4")]);
        let repo = sandbox.open();
        let edits = edits([
            ("a", Edit::Remove),
            ("a/b/c", put("deep")),
            ("z/only", Edit::Remove),
            ("z", put("a file now")),
            ("canon/tool", Edit::Put { mode: Mode::Exec, bytes: b"#!".to_vec() }),
            ("canon/link", Edit::Put { mode: Mode::Link, bytes: b"tool".to_vec() }),
            ("never/there", Edit::Remove),
        ]);
        let made = commit_on(&repo, Some(base), &edits);
        repo.update_ref("refs/heads/main", made, Some(base), &ada(), "canon: test").unwrap();
        repo.checkout(Some(base), made, &|_| false).unwrap();
        sandbox.fsck();
        assert_eq!(sandbox.status(), "");
        let names = sandbox.git(&["ls-tree", "-r", "--format=%(objectmode) %(path)", "HEAD"]);
        assert_eq!(names, "100644 a/b/c\n120000 canon/link\n100755 canon/tool\n100644 dir/b\n100644 dir/c\n100644 z");
        assert_eq!(sandbox.git(&["log", "-1", "--format=%an %ae %at %ci"]), "Ada ada@example.org 1700000000 2023-11-14 22:13:20 +0000");
        assert!(repo.index_is_clean().unwrap());
        assert_eq!(sandbox.git(&["log", "-1", "-g", "--format=%gs", "main"]), "canon: test");
        assert_eq!(sandbox.git(&["log", "-1", "-g", "--format=%gs", "HEAD"]), "canon: test");
    }
}

#[test]
fn git_accepts_the_signature() {
    for format in FORMATS {
        let sandbox = Sandbox::with(format);
        let repo = sandbox.open();
        let key = sandbox.home().join("key");
        let mut keygen = Command::new("ssh-keygen");
        keygen.args(["-q", "-t", "ed25519", "-N", "", "-f"]).arg(&key);
        assert!(keygen.status().unwrap().success());
        let sign = |bytes: &[u8]| -> Result<String, Box<dyn std::error::Error + Send + Sync>> {
            let mut command = sandbox.command("ssh-keygen");
            command.args(["-Y", "sign", "-q", "-n", "git", "-f"]).arg(&key);
            let (ok, text) = sandbox.run(command, bytes);
            if ok { Ok(text + "\n") } else { Err(text.into()) }
        };
        let edits = edits([("a", put("1"))]);
        let made = repo
            .commit(NewCommit {
                parents: vec![],
                base_tree: None,
                edits: &edits,
                message: "canon(x): signed by ada\n\nCouncil-Event: test\n".into(),
                author: ada(),
                sign: Some(&sign),
            })
            .unwrap();
        let public = std::fs::read_to_string(key.with_extension("pub")).unwrap();
        let signers = sandbox.home().join("signers");
        std::fs::write(&signers, format!("ada@example.org {public}")).unwrap();
        sandbox.git(&["config", "gpg.ssh.allowedSignersFile", signers.to_str().unwrap()]);
        let said = sandbox.git(&["verify-commit", &made.to_string()]);
        assert!(said.contains("Good \"git\" signature for ada@example.org"), "{said}");
        sandbox.fsck();

        let refuse = |_: &[u8]| -> Result<String, Box<dyn std::error::Error + Send + Sync>> { Err("no key".into()) };
        let new =
            NewCommit { parents: vec![made], base_tree: None, edits: &edits, message: String::new(), author: ada(), sign: Some(&refuse) };
        let error = repo.commit(new).unwrap_err();
        assert_eq!(error.to_string(), "the commit cannot be signed: no key");
    }
}

#[test]
fn dangerous_paths_are_refused() {
    let sandbox = Sandbox::new();
    let repo = sandbox.open();
    for path in ["", "/a", "a//b", "a/../b", ".git/x", "A.GIT/../x", "a/.GiT", "git~1/x", ".git\u{200c}/x", ".git. ", "a\\.git"] {
        let edits = edits([(path, put("x"))]);
        let error = repo.write_tree(None, &edits).unwrap_err();
        assert!(matches!(error, GitError::Path { .. }), "{path:?}: {error}");
    }
    let edits = edits([("sub", Edit::Put { mode: Mode::Other, bytes: vec![] })]);
    assert!(matches!(repo.write_tree(None, &edits), Err(GitError::Path { .. })));
}

#[test]
fn kept_content_must_be_there() {
    let sandbox = Sandbox::new();
    let base = sandbox.commit(&[("a", "1")]);
    let repo = sandbox.open();
    let id = sandbox.rev("HEAD:a");
    let keep = edits([("copy", Edit::Keep { mode: Mode::File, id })]);
    let tree = repo.write_tree(Some(base), &keep).unwrap();
    assert_eq!(shape(&repo.revision(tree).unwrap()).0, ["a File", "copy File"]);
    let ghost = edits([("copy", Edit::Keep { mode: Mode::File, id: Oid::from([7; 20]) })]);
    let error = repo.write_tree(Some(base), &ghost).unwrap_err();
    assert!(error.to_string().ends_with("is missing from this repository"), "{error}");
    let wrong = edits([("copy", Edit::Keep { mode: Mode::File, id: base })]);
    assert!(repo.write_tree(Some(base), &wrong).is_err());
}

#[test]
fn a_torn_object_of_a_killed_run_is_replaced() {
    let sandbox = Sandbox::new();
    let repo = sandbox.open();
    let edits = edits([("a", put("1"))]);
    let tree = repo.write_tree(None, &edits).unwrap();
    let hex = sandbox.rev(&format!("{tree}:a")).to_string();
    let file = sandbox.path().join(".git/objects").join(&hex[..2]).join(&hex[2..]);
    std::fs::remove_file(&file).unwrap();
    std::fs::write(&file, b"").unwrap();
    assert_eq!(sandbox.open().write_tree(None, &edits).unwrap(), tree);
    sandbox.fsck();
}

#[test]
fn objects_come_before_the_reference() {
    use std::sync::{Arc, Mutex};
    let sandbox = Sandbox::new();
    let mut repo = sandbox.open();
    let steps = Arc::new(Mutex::new(Vec::new()));
    let seen = Arc::clone(&steps);
    repo.set_step_hook(Box::new(move |step| seen.lock().unwrap().push(step)));
    let made = commit_on(&repo, None, &edits([("a", put("1"))]));
    repo.update_ref("refs/heads/main", made, None, &ada(), "first").unwrap();
    repo.checkout(None, made, &|_| false).unwrap();
    assert_eq!(*steps.lock().unwrap(), ["object", "object", "object", "sync", "ref", "file", "index"]);
    assert_eq!(sandbox.status(), "");
}
