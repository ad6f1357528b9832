//! Checkouts as jobs have them: cut off, and without what nobody asked for.

use std::path::PathBuf;

use crate::world::{Ran, World};

use super::{branch, ci_in, commit};

/// A bare remote with `main` and `pr`, which part at `main~1`, and an empty clone.
struct Remote {
    world: World,
    clone: PathBuf,
    base: String,
    head: String,
}

fn remote() -> Remote {
    let world = World::planted(&["ana"]);
    branch(&world, "pr", "main");
    world.commit_unrelated("one.txt");
    world.edit_identity("Sneaked");
    let head = commit(&world, "Sneak");
    world.git(&["switch", "-q", "main"]).exits(0);
    world.commit_unrelated("main.txt");
    let base = world.git(&["rev-parse", "HEAD"]).out.trim().to_owned();
    let bare = world.path("remote.git");
    world.git(&["clone", "-q", "--bare", world.repo().to_str().unwrap(), bare.to_str().unwrap()]).exits(0);
    world.git_in(&bare, &["config", "uploadpack.allowAnySHA1InWant", "true"]).exits(0);
    world.git_in(&bare, &["config", "uploadpack.allowFilter", "true"]).exits(0);
    let clone = world.path("clone");
    std::fs::create_dir(&clone).unwrap();
    world.git_in(&clone, &["init", "-q", "-b", "none", "."]).exits(0);
    world.git_in(&clone, &["remote", "add", "origin", &format!("file://{}", bare.display())]).exits(0);
    Remote { world, clone, base, head }
}

impl Remote {
    fn fetch(&self, args: &[&str]) {
        self.world.git_in(&self.clone, &[&["fetch", "-q"][..], args].concat()).exits(0);
    }

    fn ci(&self, base: &str, head: &str) -> Ran {
        ci_in(&self.world, &self.clone, &[("OMEGA_ROOT", &self.world.root())], &["--base", base, "--head", head])
    }

    /// Types what the hint says, as far as it is a command.
    #[track_caller]
    fn do_as_told(&self, ran: &Ran) {
        let hint = ran.err.lines().find_map(|line| line.strip_prefix("hint: ")).unwrap_or_else(|| panic!("{}", ran.err));
        let command = hint.split(';').next().unwrap();
        assert!(command.starts_with("git fetch "), "{hint}");
        self.world.run("sh", &["-c", command], &self.clone, None).exits(0);
    }
}

#[test]
fn what_is_missing_is_fetched_by_what_the_hint_says() {
    let remote = remote();
    remote.fetch(&["--depth=1", "origin", "pr"]);
    // The base is not here at all: by its name, or by its id.
    let ran = remote.ci("origin/main", &remote.head).exits(13);
    assert!(ran.err.starts_with("error: `origin/main` is not in this clone\n"), "{}", ran.err);
    let ran = remote.ci(&remote.base, &remote.head).exits(13);
    assert!(ran.err.ends_with(&format!("hint: git fetch --depth=1 origin {}\n", remote.base)), "{}", ran.err);
    remote.do_as_told(&ran);
    // Now both are, but not where they part.
    let ran = remote.ci(&remote.base, &remote.head).exits(13);
    assert!(ran.err.starts_with("error: this clone is shallow, and does not reach to where "), "{}", ran.err);
    remote.do_as_told(&ran);
    let ran = remote.ci(&remote.base, &remote.head).exits(11);
    assert!(ran.out.contains("C040 canon/OMEGA_IDENTITY.md"), "{}", ran.out);
    assert!(!remote.clone.join(".git/shallow").exists());
}

#[test]
fn a_branch_that_is_missing_gets_the_name_that_it_is_looked_for_by() {
    let remote = remote();
    remote.fetch(&["origin", "pr"]);
    let ran = remote.ci("origin/main", &remote.head).exits(13);
    remote.do_as_told(&ran);
    remote.ci("origin/main", &remote.head).exits(11);
}

#[test]
fn history_is_needed_only_as_far_as_both_sides_part() {
    let remote = remote();
    remote.fetch(&["--depth=2", "origin", "main"]);
    remote.fetch(&["--depth=3", "origin", "pr"]);
    assert!(remote.clone.join(".git/shallow").exists());
    remote.ci(&remote.base, &remote.head).exits(11);
    // What contains the base needs no more than both trees.
    let world = &remote.world;
    world.git(&["switch", "-q", "pr"]).exits(0);
    world.git(&["merge", "-q", "-m", "Merge", "main"]).exits(0);
    let merge = world.git(&["rev-parse", "HEAD"]).out.trim().to_owned();
    world.git(&["push", "-q", world.path("remote.git").to_str().unwrap(), "pr"]).exits(0);
    let fresh = world.path("fresh");
    world.git_in(&world.path("."), &["init", "-q", fresh.to_str().unwrap()]).exits(0);
    let origin = format!("file://{}", world.path("remote.git").display());
    for wanted in [&merge, &remote.base] {
        world.git_in(&fresh, &["fetch", "-q", "--depth=1", &origin, wanted]).exits(0);
    }
    let args = ["--base", &remote.base, "--head", &merge];
    ci_in(world, &fresh, &[("OMEGA_ROOT", &world.root())], &args).exits(11);
}

#[test]
fn a_cut_does_not_make_an_older_meeting_look_like_the_last_one() {
    // main: o - a - b;  pr: o - a - … - merge(x, o'): the cut hides `a` from one side, while `o` shows by another way.
    let world = World::planted(&[]);
    let origin = world.git(&["rev-parse", "HEAD"]).out.trim().to_owned();
    for name in ["a", "b"] {
        world.commit_unrelated(name);
    }
    let b = world.git(&["rev-parse", "HEAD"]).out.trim().to_owned();
    let a = world.git(&["rev-parse", "HEAD~1"]).out.trim().to_owned();
    branch(&world, "pr", &a);
    for name in ["p", "q", "r", "s"] {
        world.commit_unrelated(name);
    }
    world.git(&["merge", "-q", "-s", "ours", "--no-ff", "-m", "Merge", &origin]);
    let tree = world.git(&["rev-parse", "HEAD^{tree}"]).out.trim().to_owned();
    let top = world.git(&["rev-parse", "HEAD"]).out.trim().to_owned();
    let merge = world.git(&["commit-tree", "-p", &top, "-p", &origin, "-m", "Merge", &tree]).out.trim().to_owned();
    world.git(&["branch", "-f", "pr-merged", &merge]).exits(0);
    let clone = world.path("clone");
    world.git_in(&world.path("."), &["init", "-q", clone.to_str().unwrap()]).exits(0);
    let url = format!("file://{}", world.repo().display());
    world.git_in(&clone, &["fetch", "-q", "--depth=3", &url, "pr-merged"]).exits(0);
    world.git_in(&clone, &["fetch", "-q", "--depth=3", &url, "main"]).exits(0);
    let ran = ci_in(&world, &clone, &[("OMEGA_ROOT", &world.root())], &["--base", &b, "--head", &merge]);
    assert_eq!(ran.code, Some(13), "{}{}", ran.out, ran.err);
}

#[test]
fn a_partial_clone_says_what_it_lacks() {
    let remote = remote();
    let partial = remote.world.path("partial");
    let url = format!("file://{}", remote.world.path("remote.git").display());
    let into = partial.to_str().unwrap();
    remote.world.git_in(&remote.world.path("."), &["clone", "-q", "--filter=blob:none", "--no-checkout", &url, into]).exits(0);
    let ran = ci_in(&remote.world, &partial, &[("OMEGA_ROOT", &remote.world.root())], &["--base", "origin/main", "--head", "origin/pr"]);
    let ran = ran.exits(13);
    assert!(ran.err.contains(" is missing from this repository\nhint: git fetch --refetch --no-filter"), "{}", ran.err);
}
