use super::*;
use crate::git::GitError;

#[test]
fn found_from_subfolders_and_linked_work_trees() {
    for format in FORMATS {
        let sandbox = Sandbox::with(format);
        let head = sandbox.commit(&[("dir/a", "1")]);
        let sub = Repo::discover(&sandbox.path().join("dir"), None).unwrap();
        assert_eq!(sub.workdir().unwrap(), sandbox.path().canonicalize().unwrap());
        sandbox.git(&["worktree", "add", "-q", "-b", "side", "../linked"]);
        let linked = Repo::discover(&sandbox.home().join("linked/dir"), None).unwrap();
        assert_eq!(linked.workdir().unwrap(), sandbox.home().canonicalize().unwrap().join("linked"));
        assert_eq!(linked.common_dir(), sub.common_dir());
        assert!(linked.git_dir().ends_with(".git/worktrees/linked"));
        assert_eq!(linked.head().unwrap().branch.as_deref(), Some("refs/heads/side"));
        // The lock is one for all work trees; index and HEAD are not.
        let held = sub.lock().unwrap();
        assert!(matches!(linked.lock(), Err(GitError::Locked { .. })));
        drop(held);
        let made = commit_on(&linked, Some(head), &edits([("canon/x", put("2"))]));
        linked.update_ref("refs/heads/side", made, Some(head), &ada(), "side").unwrap();
        linked.checkout(Some(head), made, &|_| false).unwrap();
        assert_eq!(sandbox.git(&["-C", "../linked", "status", "--porcelain"]), "");
        assert_eq!(sandbox.git(&["-C", "../linked", "log", "-1", "-g", "--format=%gs", "HEAD"]), "side");
        assert_eq!(sandbox.status(), "");
    }
}

#[test]
fn foreign_formats_are_refused_by_name() {
    let refs = Sandbox::new();
    refs.git(&["config", "core.repositoryFormatVersion", "1"]);
    refs.git(&["config", "extensions.refStorage", "tape"]);
    let error = Repo::discover(&refs.path(), None).err().unwrap();
    assert!(matches!(error, GitError::RefStorage { .. }), "{error}");
    let other = Sandbox::new();
    other.git(&["config", "core.repositoryFormatVersion", "1"]);
    other.git(&["config", "extensions.objectFormat", "sha512"]);
    let error = Repo::discover(&other.path(), None).err().unwrap();
    assert!(matches!(error, GitError::ObjectFormat { .. }), "{error}");
    let sandbox = Sandbox::new();
    sandbox.git(&["config", "core.repositoryFormatVersion", "1"]);
    sandbox.git(&["config", "extensions.noop", "true"]);
    Repo::discover(&sandbox.path(), None).unwrap();
    std::fs::OpenOptions::new()
        .append(true)
        .open(sandbox.path().join(".git/config"))
        .unwrap()
        .write_all(b"[extensions]\n\tfuture = 1\n")
        .unwrap();
    let error = Repo::discover(&sandbox.path(), None).err().unwrap();
    assert_eq!(error.to_string(), "the repository uses the unknown extension `future`");
    let error = Repo::discover(sandbox.home(), None).err().unwrap();
    assert!(matches!(error, GitError::NotARepository { .. }), "{error}");
}

#[test]
fn a_new_repository_is_one_for_git() {
    let sandbox = Sandbox::new();
    let dir = sandbox.home().join("fresh/deep");
    let repo = Repo::init(&dir, "trunk").unwrap();
    let head = repo.head().unwrap();
    assert_eq!((head.branch.as_deref(), head.commit), (Some("refs/heads/trunk"), None));
    assert!(repo.index_is_clean().unwrap());
    let made = commit_on(&repo, None, &edits([("canon/x", put("1"))]));
    repo.update_ref("refs/heads/trunk", made, None, &ada(), "first").unwrap();
    repo.checkout(None, made, &|_| false).unwrap();
    let at = dir.to_str().unwrap();
    assert_eq!(sandbox.git(&["-C", at, "status", "--porcelain"]), "");
    assert_eq!(sandbox.git(&["-C", at, "symbolic-ref", "HEAD"]), "refs/heads/trunk");
    assert!(Repo::init(&dir, "trunk").is_err());
}

#[test]
fn bare_and_shallow_repositories() {
    let sandbox = Sandbox::new();
    sandbox.commit(&[("a", "1")]);
    let tip = sandbox.commit(&[("a", "2")]);
    let url = format!("file://{}", sandbox.path().display());
    sandbox.git(&["clone", "-q", "--bare", "--depth=1", &url, "../bare"]);
    let bare = Repo::discover(&sandbox.home().join("bare"), None).unwrap();
    assert!(bare.is_bare() && bare.is_shallow() && !sandbox.open().is_shallow());
    assert!(matches!(bare.worktree(), Err(GitError::Bare { .. })));
    assert!(matches!(bare.checkout(None, tip, &|_| false), Err(GitError::Bare { .. })));
    assert_eq!(bare.resolve("HEAD").unwrap(), tip);
    assert_eq!(shape(&bare.revision(tip).unwrap()).0, ["a File"]);
    assert!(bare.is_ancestor(tip, tip).unwrap());
    let root = sandbox.rev("HEAD~1");
    // What is cut off is either an error or "no", never "yes".
    assert!(!bare.is_ancestor(root, tip).unwrap_or(false));
}

#[test]
fn configuration_is_local_unless_asked() {
    let sandbox = Sandbox::new();
    sandbox.git(&["config", "user.signingkey", "/k"]);
    let repo = sandbox.open();
    assert_eq!(repo.config_string("user.signingkey").as_deref(), Some("/k"));
    assert_eq!(repo.config_string("user.name"), None);
    assert_eq!(repo.config_string("no such key"), None);
}

#[test]
fn the_lock_names_its_holder_and_goes_with_it() {
    let sandbox = Sandbox::new();
    let (one, two) = (sandbox.open(), sandbox.open());
    let held = one.lock().unwrap();
    let error = two.lock().unwrap_err();
    assert!(error.to_string().ends_with(&format!("(process {})", std::process::id())), "{error}");
    drop(held);
    two.lock().unwrap();
}

/// Runs in a process of its own, with a hostile environment; alone it does nothing.
#[test]
fn child_with_hostile_environment() {
    let Some(dir) = std::env::var_os("OMEGA_TEST_DIR") else {
        return;
    };
    let repo = Repo::discover(Path::new(&dir), None).unwrap();
    assert_eq!(repo.git_dir(), Path::new(&dir).canonicalize().unwrap().join(".git"));
    assert_eq!(repo.workdir().unwrap(), Path::new(&dir).canonicalize().unwrap());
    let head = repo.head().unwrap().commit.unwrap();
    assert_eq!(shape(&repo.revision(head).unwrap()).0, ["true File"]);
    assert_eq!(shape(&repo.index().unwrap()).0, ["true File"]);
    assert_eq!(repo.config_string("user.name"), None);
    assert!(!repo.is_shallow());
    let made = commit_on(&repo, Some(head), &edits([("canon/x", put("1"))]));
    repo.update_ref("refs/heads/main", made, Some(head), &ada(), "x").unwrap();
    repo.checkout(Some(head), made, &|_| false).unwrap();
}

#[test]
fn the_environment_has_no_say() {
    let (sandbox, evil) = (Sandbox::new(), Sandbox::new());
    sandbox.commit(&[("true", "1")]);
    evil.commit(&[("evil", "1")]);
    let git = evil.path().join(".git");
    let mut child = sandbox.command(std::env::current_exe().unwrap().to_str().unwrap());
    child.args(["--exact", "git::tests::repo::child_with_hostile_environment"]);
    child
        .env("OMEGA_TEST_DIR", sandbox.path())
        .env("GIT_DIR", &git)
        .env("GIT_COMMON_DIR", &git)
        .env("GIT_WORK_TREE", evil.path())
        .env("GIT_INDEX_FILE", git.join("index"))
        .env("GIT_OBJECT_DIRECTORY", git.join("objects"))
        .env("GIT_ALTERNATE_OBJECT_DIRECTORIES", git.join("objects"))
        .env("GIT_SHALLOW_FILE", git.join("HEAD"))
        .env("GIT_NAMESPACE", "evil")
        .env("GIT_CEILING_DIRECTORIES", sandbox.path())
        .env("GIT_CONFIG_GLOBAL", git.join("config"))
        .env("GIT_CONFIG_COUNT", "1")
        .env("GIT_CONFIG_KEY_0", "user.name")
        .env("GIT_CONFIG_VALUE_0", "Evil");
    let (ok, text) = sandbox.run(child, b"");
    assert!(ok && text.contains("1 passed"), "{text}");
    assert_eq!(sandbox.status(), "");
    assert_eq!(evil.status(), "");
}
