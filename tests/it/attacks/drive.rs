//! Puts a forged tree into a real repository, and asks the real binary about it in every place where it could lie.

use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock, Mutex, OnceLock};

use gix::objs::{Kind, Write as _};
use omega::digest::Digest;
use omega::tree::Mode;

use super::{Attack, Case, Run};
use crate::forge::{Forge, MemoryTree};
use crate::kit::files;
use crate::sample;
use crate::world::{Ran, World};

/// A folder while its object is made.
#[derive(Default)]
struct Folder<'a> {
    folders: BTreeMap<&'a [u8], Folder<'a>>,
    files: BTreeMap<&'a [u8], (Mode, &'a [u8])>,
}

/// Writes a tree as raw objects, which git would in part refuse to make; gives the id of the tree.
pub fn write_tree(repo: &gix::Repository, tree: &MemoryTree) -> gix::ObjectId {
    let mut root = Folder::default();
    for (path, (mode, bytes)) in &tree.0 {
        let mut folder = &mut root;
        let mut rest = path.as_slice();
        while let Some(at) = rest.iter().position(|byte| *byte == b'/') {
            folder = folder.folders.entry(&rest[..at]).or_default();
            rest = &rest[at + 1..];
        }
        folder.files.insert(rest, (*mode, bytes));
    }
    write_folder(repo, &root)
}

fn write_folder(repo: &gix::Repository, folder: &Folder<'_>) -> gix::ObjectId {
    let write = |kind, bytes: &[u8]| repo.objects.write_buf(kind, bytes).unwrap();
    let mut entries: Vec<(Vec<u8>, Vec<u8>)> = Vec::new();
    let mut entry = |mode: &str, name: &[u8], id: gix::ObjectId| {
        // Git sorts a folder as if its name ended in a slash.
        let key = [name, if mode == "40000" { b"/" } else { b"" }].concat();
        entries.push((key, [mode.as_bytes(), b" ", name, b"\0", id.as_bytes()].concat()));
    };
    for (name, inner) in &folder.folders {
        let id = write_folder(repo, inner);
        entry("40000", name, id);
    }
    for (name, (mode, bytes)) in &folder.files {
        let mode = match mode {
            Mode::File => "100644",
            Mode::Exec => "100755",
            Mode::Link => "120000",
            Mode::Submodule => "160000",
            Mode::Other => "100664",
        };
        let id = if mode == "160000" { gix::ObjectId::from_hex(&[b'1'; 40]).unwrap() } else { write(Kind::Blob, bytes) };
        entry(mode, name, id);
    }
    entries.sort();
    write(Kind::Tree, &entries.into_iter().flat_map(|(_, raw)| raw).collect::<Vec<_>>())
}

/// Writes a commit of a tree and moves the ref there; gives its id.
pub fn write_commit(repo: &gix::Repository, tree: gix::ObjectId, parents: &[gix::ObjectId], name: &str) -> gix::ObjectId {
    let mut text = format!("tree {tree}\n");
    parents.iter().for_each(|parent| text.push_str(&format!("parent {parent}\n")));
    text.push_str("author Eve <eve@example.invalid> 1772107200 +0000\ncommitter Eve <eve@example.invalid> 1772107200 +0000\n\nAttack\n");
    let id = repo.objects.write_buf(Kind::Commit, text.as_bytes()).unwrap();
    let path = repo.git_dir().join(name);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, format!("{id}\n")).unwrap();
    id
}

/// The repositories that every case begins with: a clone and a server, both with the honest canon on main.
pub static GROUND: LazyLock<World> = LazyLock::new(|| {
    let world = World::empty();
    let honest = Forge::planted();
    let repo = gix::open(world.repo()).unwrap();
    let tree = write_tree(&repo, &honest.tree);
    write_commit(&repo, tree, &[], "refs/heads/main");
    // An attacker's git refuses nothing.
    for setting in ["core.protectNTFS", "core.protectHFS", "push.default"] {
        world.git(&["config", setting, if setting == "push.default" { "nothing" } else { "false" }]).exits(0);
    }
    for bare in ["served.git", "empty.git"] {
        let bare = world.path(bare);
        world.git(&["init", "-q", "--bare", "-b", "main", "--template=", bare.to_str().unwrap()]).exits(0);
        assert_eq!(world.omega_in(&bare, &["hooks", "install"]).exits(0).out, "installed pre-receive\n");
    }
    let hook = world.path("served.git/hooks/pre-receive");
    fs::rename(&hook, world.path("aside")).unwrap();
    world.git(&["push", "-q", world.path("served.git").to_str().unwrap(), "main:refs/heads/main"]).exits(0);
    fs::rename(world.path("aside"), hook).unwrap();
    world
});

/// Runs git as somebody who has omega in the path, as servers and hooks do.
pub fn git_with_omega(world: &World, dir: &Path, args: &[&str]) -> Ran {
    let omega = Path::new(env!("CARGO_BIN_EXE_omega")).parent().unwrap();
    let path = std::env::var_os("PATH").unwrap();
    let path = std::env::join_paths(std::iter::once(omega.to_owned()).chain(std::env::split_paths(&path))).unwrap();
    let mut command = world.command("git", args, dir);
    Ran::of(command.env("PATH", path).output().unwrap())
}

/// What differs between two snapshots.
#[track_caller]
pub fn unchanged(before: &Snapshot, dir: &Path, what: &str) {
    let after = snapshot(dir);
    let paths: std::collections::BTreeSet<&PathBuf> = before.keys().chain(after.keys()).collect();
    let changed: Vec<_> = paths.into_iter().filter(|path| before.get(*path) != after.get(*path)).collect();
    assert!(changed.is_empty(), "{what}: written was {changed:?}");
}

/// Every file below a folder with its size and time: what a command could have written.
pub type Snapshot = BTreeMap<PathBuf, (u64, Option<std::time::SystemTime>)>;

/// The files below a folder as they are now.
pub fn snapshot(dir: &Path) -> Snapshot {
    // What a ref held before is remembered, whatever becomes of the push.
    let is_memory = |path: &PathBuf| path.ancestors().any(|above| above.ends_with("omega/seen"));
    let files = files::below(dir).into_iter().filter(|path| !is_memory(path));
    let at = |path: PathBuf| {
        let meta = fs::symlink_metadata(&path).unwrap();
        // Git freshens the time of an object that somebody sends again.
        let is_object = path.components().any(|part| part.as_os_str() == "objects");
        (path, (meta.len(), meta.modified().ok().filter(|_| !is_object)))
    };
    files.map(at).collect()
}

/// Writes the files of a tree where git would check them out, byte for byte.
pub fn write_files(dir: &Path, tree: &MemoryTree) {
    use std::os::unix::ffi::OsStrExt as _;
    use std::os::unix::fs::{PermissionsExt as _, symlink};
    for (path, (mode, bytes)) in &tree.0 {
        let path = dir.join(std::ffi::OsStr::from_bytes(path));
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        match mode {
            Mode::Link => symlink(std::ffi::OsStr::from_bytes(bytes), path).unwrap(),
            Mode::Submodule => {
                // As little as git takes for a repository.
                ["objects", "refs"].iter().for_each(|name| fs::create_dir_all(path.join(".git").join(name)).unwrap());
                fs::write(path.join(".git/HEAD"), "ref: refs/heads/main\n").unwrap();
            }
            _ => {
                fs::write(&path, bytes).unwrap();
                if *mode == Mode::Exec {
                    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
                }
            }
        }
    }
}

/// The forged tree of a case, made once: two suites look at it.
pub fn made(case: &Case, make: fn() -> Attack) -> Arc<Attack> {
    static MADE: LazyLock<Mutex<HashMap<&'static str, Arc<OnceLock<Arc<Attack>>>>>> = LazyLock::new(Mutex::default);
    let slot = Arc::clone(MADE.lock().unwrap().entry(case.name).or_default());
    Arc::clone(slot.get_or_init(|| Arc::new(make())))
}

/// Runs a case, wherever it says that it is stopped.
#[track_caller]
pub fn drive(case: &Case) {
    match case.run {
        Run::Hand(run) => run(case),
        Run::Tree(make) => forged(case, &made(case, make)),
    }
}

fn forged(case: &Case, attack: &Attack) {
    let mut world = GROUND.copied();
    world.now = attack.now.to_string();
    let honest = Forge::planted();
    let pin = toml::to_string(&attack.pin).unwrap();
    // Where the pinned canon is another than the usual one, the server has none yet.
    let server = world.path(if attack.pin.root() == honest.root() { "served.git" } else { "empty.git" });
    for git_dir in [world.repo().join(".git"), server.clone()] {
        fs::create_dir_all(git_dir.join("omega")).unwrap();
        fs::write(git_dir.join("omega/pin.toml"), &pin).unwrap();
    }
    let repo = gix::open(world.repo()).unwrap();
    let tree = write_tree(&repo, &attack.tree);
    let main = fs::read_to_string(world.repo().join(".git/refs/heads/main")).unwrap();
    write_commit(&repo, tree, &[gix::ObjectId::from_hex(main.trim().as_bytes()).unwrap()], "refs/heads/attack");

    let finds = |place: &str, args: &[&str]| {
        let before = snapshot(&world.repo());
        let ran = world.omega(&[args, &["--format", "json"]].concat());
        assert_eq!(ran.code, Some(case.exit), "{} as {place}: {}{}", case.name, ran.out, ran.err);
        if case.exit == 11 {
            let findings = ran.json()["report"]["findings"].clone();
            let errors: Vec<_> = findings.as_array().unwrap().iter().filter(|finding| finding["severity"] == "error").collect();
            for (number, code) in case.codes.iter().enumerate() {
                let found = errors.iter().any(|finding| finding["code"] == *code && (number > 0 || finding["path"] == attack.place));
                assert!(found, "{} as {place}: {code} at {} is not in {findings:#}", case.name, attack.place);
            }
        } else {
            assert!(format!("{}{}", ran.out, ran.err).contains(&attack.place), "{}: {}{}", case.name, ran.out, ran.err);
        }
        unchanged(&before, &world.repo(), &format!("{} as {place}", case.name));
    };
    // Every tree is judged in this process, too (attacks::beside). The binary looks at the commit, and each day at another place.
    let others = case.stopped.len().saturating_sub(1).max(1) as u64;
    let is_due = |at: usize| at == 0 || sample::is_due(sample::number(case.name) + at as u64, others);
    for (_, place) in case.stopped.iter().enumerate().filter(|(at, _)| is_due(*at)) {
        match *place {
            "commit" => finds(place, &["canon", "verify", "attack"]),
            "index" => {
                world.git(&["read-tree", "attack"]).exits(0);
                finds(place, &["canon", "verify", "--index"]);
            }
            "work tree" => {
                if case.stopped.contains(&"index") {
                    world.git(&["read-tree", "attack"]).exits(0);
                }
                write_files(&world.repo(), &attack.tree);
                finds(place, &["canon", "verify", "--worktree"]);
            }
            "folder" => {
                let folder = world.path("exported");
                write_files(&folder, &attack.tree);
                let root = attack.pin.root().to_string();
                finds(place, &["canon", "verify", "--dir", folder.to_str().unwrap(), "--root", &root]);
            }
            "pre-receive" => pushed(case, attack, &world, &server),
            "pull request" => finds(place, &["ci", "--base", "main", "--head", "attack"]),
            other => panic!("nobody looks at `{other}`"),
        }
    }
}

/// Pushes the forged commit to the main branch of a server, which refuses it and stays as it was.
fn pushed(case: &Case, attack: &Attack, world: &World, server: &Path) {
    let before = snapshot(server);
    let ran = git_with_omega(world, &world.repo(), &["push", "-q", "--force", server.to_str().unwrap(), "attack:refs/heads/main"]);
    assert_eq!(ran.code, Some(1), "{} pushed: {}{}", case.name, ran.out, ran.err);
    let place = omega::canon::text::visible(&attack.place);
    match case.exit {
        11 => {
            let line = format!("remote: {} {}", case.codes[0], omega::shell::quote(&attack.place));
            assert!(ran.err.contains(&line), "{} pushed: `{line}` is not in\n{}", case.name, ran.err);
        }
        _ => assert!(ran.err.contains(&place), "{} pushed: {}", case.name, ran.err),
    }
    unchanged(&before, server, case.name);
}

#[test]
fn the_ground_is_honest() {
    // What the cases change is what is found: without any change everything holds.
    let mut world = GROUND.copied();
    let honest = Forge::planted();
    world.now = "2026-02-27T00:00:00Z".to_owned();
    let root: Digest = honest.root();
    world.omega(&["trust", "pin", &root.to_string()]).exits(0);
    write_files(&world.repo(), &honest.tree);
    world.git(&["read-tree", "main"]).exits(0);
    for args in [&["canon", "verify", "main"][..], &["canon", "verify", "--index"], &["canon", "verify", "--worktree"]] {
        world.omega(args).exits(0);
    }
    for bare in ["served.git", "empty.git"] {
        let bare = world.path(bare);
        world.omega_in(&bare, &["trust", "pin", &root.to_string()]).exits(0);
        git_with_omega(&world, &world.repo(), &["push", "-q", bare.to_str().unwrap(), "main:refs/heads/main"]).exits(0);
    }
    // And real git agrees that these are trees: fsck says nothing of them.
    world.git(&["fsck", "--strict", "--no-dangling", "--no-progress"]).exits(0);
}
