use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use super::*;

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o7777
}

/// The modes of all files and folders below the git folder, as git leaves them and as we do.
fn modes(sandbox: &Sandbox) -> BTreeMap<String, u32> {
    let top = sandbox.path().join(".git");
    let (mut found, mut open) = (BTreeMap::new(), vec![top.clone()]);
    while let Some(folder) = open.pop() {
        for item in fs::read_dir(folder).unwrap() {
            let path = item.unwrap().path();
            found.insert(path.strip_prefix(&top).unwrap().to_str().unwrap().to_owned(), mode(&path));
            if path.is_dir() {
                open.push(path);
            }
        }
    }
    found
}

#[test]
fn what_is_made_has_the_permissions_that_git_gives() {
    for shared in ["group", "all", "0640", "0660", "umask", "true", "false", "1", "2"] {
        let [ours, gits] = [(); 2].map(|()| {
            let sandbox = Sandbox::with(&["--ref-format=files", &format!("--shared={shared}")]);
            sandbox.commit(&[("a", "1")]);
            sandbox
        });
        let repo = ours.open();
        let head = ours.rev("HEAD");
        let next = commit_on(&repo, Some(head), &edits([("b/c", put("2"))]));
        repo.update_ref("refs/heads/canon/deep/x", next, None, &ada(), "made").unwrap();
        repo.checkout(Some(head), next, &|_| false).unwrap();
        repo.update_ref("refs/heads/main", next, Some(head), &ada(), "moved").unwrap();
        gits.commit(&[("b/c", "2")]);
        gits.git(&["branch", "canon/deep/x"]);
        for sandbox in [&ours, &gits] {
            sandbox.git(&["pack-refs", "--all"]);
            sandbox.git(&["branch", "-D", "-q", "canon/deep/x"]);
        }
        ours.open().update_ref("refs/heads/canon/deep/x", next, None, &ada(), "made").unwrap();
        gits.git(&["branch", "canon/deep/x"]);
        let (ours, gits) = (modes(&ours), modes(&gits));
        for at in ["index", "refs/heads/canon", "refs/heads/canon/deep", "refs/heads/canon/deep/x", "logs/refs/heads/canon/deep/x"] {
            assert_eq!(format!("{:o}", ours[at]), format!("{:o}", gits[at]), "{shared}: {at}");
        }
        // The objects have other names, and all have the same permissions.
        let kinds = |modes: &BTreeMap<String, u32>| {
            let objects = modes.iter().filter(|(path, _)| path.starts_with("objects/"));
            objects.map(|(path, mode)| format!("{} {mode:o}", path.matches('/').count())).collect::<std::collections::BTreeSet<_>>()
        };
        assert_eq!(kinds(&ours), kinds(&gits), "{shared}");
    }
}

#[test]
fn a_private_file_stays_private() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("secret");
    crate::git::Sharing::write_private(&path, b"x").unwrap();
    assert_eq!(mode(&path), 0o600);
}

#[test]
fn a_rule_that_git_refuses_is_refused() {
    let sandbox = Sandbox::new();
    sandbox.git(&["config", "core.sharedRepository", "0077"]);
    let error = Repo::discover(&sandbox.path(), None).map(drop).unwrap_err();
    assert!(error.to_string().contains("core.sharedRepository"), "{error}");
}
