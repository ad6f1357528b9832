//! Jobs of forges, with the environment and the event files that they get.

use std::path::PathBuf;

use serde_json::{Value, json};

use crate::world::{Ran, World};

use super::{branch, ci_in, commit};

/// A pull request with an unratified edit, whose base went on, in a clone as a job has one.
struct Job {
    world: World,
    clone: PathBuf,
    base: String,
    head: String,
}

fn job() -> Job {
    let world = World::planted(&["ana"]);
    branch(&world, "pr", "main");
    world.edit_identity("Sneaked");
    let head = commit(&world, "Sneak");
    world.git(&["switch", "-q", "main"]).exits(0);
    world.commit_unrelated("main.txt");
    let base = world.git(&["rev-parse", "HEAD"]).out.trim().to_owned();
    let clone = world.path("clone");
    world.git(&["clone", "-q", world.repo().to_str().unwrap(), clone.to_str().unwrap()]).exits(0);
    Job { world, clone, base, head }
}

impl Job {
    fn run(&self, event: Option<&Value>, variables: &[(&str, &str)], args: &[&str]) -> Ran {
        let path = self.world.path("event.json");
        let path = path.to_str().unwrap();
        let root = self.world.root();
        let mut all = vec![("OMEGA_ROOT", root.as_str())];
        all.extend(variables);
        if let Some(event) = event {
            std::fs::write(path, event.to_string()).unwrap();
            all.push(("GITHUB_EVENT_PATH", path));
        }
        ci_in(&self.world, &self.clone, &all, &[&["--format", "json"], args].concat())
    }

    /// The event of a pull request, as GitHub writes it.
    fn pull_request(&self, base_sha: &str) -> Value {
        json!({
            "action": "synchronize", "number": 7,
            "pull_request": {
                "number": 7, "title": "::error::x", "state": "open",
                "base": { "ref": "main", "sha": base_sha },
                "head": { "ref": "pr", "sha": self.head },
                "merge_commit_sha": null,
            },
            "repository": { "default_branch": "main", "full_name": "a/b" },
        })
    }
}

#[track_caller]
fn found(ran: Ran, exit: i32, forge: &str, base: &str, head: &str, how: &str) -> Value {
    let ran = ran.exits(exit);
    let report = ran.json()["report"].clone();
    let said = ["forge", "base", "head", "judged"].map(|key| report[key].as_str().unwrap_or_default().to_owned());
    assert_eq!(said, [forge, base, head, how], "{report:#}");
    report
}

const GITHUB: [(&str, &str); 3] = [("GITHUB_ACTIONS", "true"), ("GITHUB_EVENT_NAME", "pull_request"), ("GITHUB_BASE_REF", "main")];

#[test]
fn a_pull_request_on_github_is_merged_into_what_its_base_is_now() {
    let job = job();
    // The event names a base that is older; the forge's own merge is worked out again.
    let old = job.world.git(&["rev-parse", "main~1"]).out.trim().to_owned();
    let event = job.pull_request(&old);
    let report = found(job.run(Some(&event), &GITHUB, &[]), 11, "github", &job.base, &job.head, "merge");
    assert_eq!((&report["target"], &report["protected"]), (&"refs/heads/main".into(), &true.into()));
    // A prepared merge that says something else than the merge is not believed.
    let tree = job.world.git(&["rev-parse", "main^{tree}"]).out.trim().to_owned();
    let lie = job.world.git(&["commit-tree", "-p", &job.base, "-p", &job.head, "-m", "Merge", &tree]).out.trim().to_owned();
    job.world.git(&["branch", "lie", &lie]).exits(0);
    job.world.git_in(&job.clone, &["fetch", "-q", "origin", "lie"]).exits(0);
    let variables = [&GITHUB[..], &[("GITHUB_SHA", lie.as_str())]].concat();
    found(job.run(Some(&event), &variables, &[]), 11, "github", &job.base, &job.head, "merge");
}

#[test]
fn a_checkout_of_nothing_but_the_prepared_merge_and_the_base_suffices() {
    let job = job();
    job.world.git(&["switch", "-q", "--detach", "main"]).exits(0);
    job.world.git(&["merge", "-q", "--no-ff", "-m", "Merge", "pr"]).exits(0);
    let merge = job.world.git(&["rev-parse", "HEAD"]).out.trim().to_owned();
    job.world.git(&["branch", "prepared"]).exits(0);
    let clone = job.world.path("depth");
    job.world.git_in(&job.world.path("."), &["init", "-q", clone.to_str().unwrap()]).exits(0);
    let url = format!("file://{}", job.world.repo().display());
    job.world.git_in(&clone, &["remote", "add", "origin", &url]).exits(0);
    job.world.git_in(&clone, &["fetch", "-q", "--depth=1", "origin", "prepared"]).exits(0);
    let job = Job { clone, ..job };
    let event = job.pull_request(&job.base);
    let variables = [&GITHUB[..], &[("GITHUB_SHA", merge.as_str())]].concat();
    // The base is not here yet.
    let ran = job.run(Some(&event), &variables, &[]).exits(13);
    assert_eq!(ran.json()["error"]["hint"], "git fetch origin +refs/heads/main:refs/remotes/origin/main", "{}", ran.out);
    job.world.git_in(&job.clone, &["fetch", "-q", "--depth=1", "origin", "main:refs/remotes/origin/main"]).exits(0);
    let report = found(job.run(Some(&event), &variables, &[]), 11, "github", &job.base, &merge, "prepared");
    assert_eq!(report["findings"][0]["code"], "C040");
}

#[test]
fn a_job_that_is_run_again_is_judged_by_where_the_base_is_now() {
    let job = job();
    // When the job ran first, the forge had merged into an older base. The event and the prepared merge stay what they were.
    let old = job.world.git(&["rev-parse", "main~1"]).out.trim().to_owned();
    let tree = job.world.git(&["rev-parse", "pr^{tree}"]).out.trim().to_owned();
    let merge = job.world.git(&["commit-tree", "-p", &old, "-p", &job.head, "-m", "Merge", &tree]).out.trim().to_owned();
    job.world.git(&["branch", "prepared", &merge]).exits(0);
    job.world.git_in(&job.clone, &["fetch", "-q", "origin", "prepared"]).exits(0);
    let event = job.pull_request(&old);
    let variables = [&GITHUB[..], &[("GITHUB_SHA", merge.as_str())]].concat();
    found(job.run(Some(&event), &variables, &[]), 11, "github", &job.base, &job.head, "merge");
    // A branch here that does not go on from there is another one, and says nothing of the base.
    let elsewhere = job.world.git(&["commit-tree", "-m", "Elsewhere", &tree]).out.trim().to_owned();
    job.world.git(&["branch", "elsewhere", &elsewhere]).exits(0);
    job.world.git_in(&job.clone, &["fetch", "-q", "origin", "elsewhere"]).exits(0);
    job.world.git_in(&job.clone, &["update-ref", "refs/remotes/origin/main", &elsewhere]).exits(0);
    found(job.run(Some(&event), &variables, &[]), 11, "github", &old, &job.head, "head");
}

#[test]
fn pushes_and_merge_queues_on_github() {
    let job = job();
    let push = |before: &str, after: &str| json!({ "before": before, "after": after, "ref": "refs/heads/main", "repository": { "default_branch": "main" } });
    let variables = [("GITHUB_ACTIONS", "true"), ("GITHUB_EVENT_NAME", "push"), ("GITHUB_REF", "refs/heads/main")];
    let old = job.world.git(&["rev-parse", "main~1"]).out.trim().to_owned();
    found(job.run(Some(&push(&old, &job.base)), &variables, &[]), 0, "github", &old, &job.base, "head");
    // A forced push takes the place of what was there: what it does not contain is lost.
    let id = job.world.propose("ana", "Say it plainly");
    job.world.approve(&id, &["ana"]);
    job.world.ratify(&id);
    job.world.git_in(&job.clone, &["fetch", "-q", "origin"]).exits(0);
    let ruled = job.world.git(&["rev-parse", "main"]).out.trim().to_owned();
    let report = found(job.run(Some(&push(&ruled, &job.base)), &variables, &[]), 11, "github", &ruled, &job.base, "head");
    assert!(report["findings"].to_string().contains("\"C072\""), "{report:#}");
    // A new branch is judged as if it were to be merged into the main branch.
    let variables = [("GITHUB_ACTIONS", "true"), ("GITHUB_EVENT_NAME", "push"), ("GITHUB_REF", "refs/heads/pr")];
    found(job.run(Some(&push(&"0".repeat(40), &job.head)), &variables, &[]), 11, "github", &ruled, &job.head, "merge");
    let queue = json!({ "merge_group": { "base_sha": job.base, "base_ref": "refs/heads/main", "head_sha": job.head, "head_ref": "refs/heads/gh-readonly-queue/main/pr-7" } });
    let variables = [("GITHUB_ACTIONS", "true"), ("GITHUB_EVENT_NAME", "merge_group")];
    found(job.run(Some(&queue), &variables, &[]), 11, "github", &job.base, &job.head, "merge");
}

#[test]
fn a_merge_request_on_gitlab_is_not_judged_by_where_it_began() {
    let mut job = job();
    let head = job.head.clone();
    let began = job.world.git(&["merge-base", "main", "pr"]).out.trim().to_owned();
    let variables = [
        ("GITLAB_CI", "true"),
        ("CI_PIPELINE_SOURCE", "merge_request_event"),
        ("CI_MERGE_REQUEST_TARGET_BRANCH_NAME", "main"),
        ("CI_MERGE_REQUEST_DIFF_BASE_SHA", &began),
        ("CI_COMMIT_SHA", &head),
    ];
    let report = found(job.run(None, &variables, &[]), 11, "gitlab", &job.base, &job.head, "merge");
    assert_eq!(report["event"], "merge_request_event");
    // Without the target branch, where it began would be a base of the author's choice.
    job.world.git_in(&job.clone, &["update-ref", "-d", "refs/remotes/origin/main"]).exits(0);
    let ran = job.run(None, &variables, &[]).exits(13);
    assert_eq!(ran.json()["error"]["hint"], "git fetch origin +refs/heads/main:refs/remotes/origin/main", "{}", ran.out);
    // In a shallow clone it says where both sides meet.
    job.world.git(&["branch", "began", &began]).exits(0);
    let clone = job.world.path("depth");
    job.world.git_in(&job.world.path("."), &["init", "-q", clone.to_str().unwrap()]).exits(0);
    let url = format!("file://{}", job.world.repo().display());
    job.world.git_in(&clone, &["remote", "add", "origin", &url]).exits(0);
    for spec in ["main:refs/remotes/origin/main", "pr", "began"] {
        job.world.git_in(&clone, &["fetch", "-q", "--depth=1", "origin", spec]).exits(0);
    }
    job.clone = clone;
    found(job.run(None, &variables, &[]), 11, "gitlab", &job.base, &job.head, "merge");
}

#[test]
fn pushes_on_gitlab() {
    let job = job();
    let old = job.world.git(&["rev-parse", "main~1"]).out.trim().to_owned();
    let null = "0".repeat(40);
    let variables = |branch, before, after| {
        [
            ("GITLAB_CI", "true"),
            ("CI_PIPELINE_SOURCE", "push"),
            ("CI_COMMIT_BRANCH", branch),
            ("CI_DEFAULT_BRANCH", "main"),
            ("CI_COMMIT_BEFORE_SHA", before),
            ("CI_COMMIT_SHA", after),
        ]
    };
    found(job.run(None, &variables("main", &old, &job.base), &[]), 0, "gitlab", &old, &job.base, "head");
    found(job.run(None, &variables("pr", &null, &job.head), &[]), 11, "gitlab", &job.base, &job.head, "merge");
}

#[test]
fn pull_requests_on_forgejo_and_gitea() {
    let job = job();
    let event = job.pull_request(&job.base);
    for (own, forge) in [("FORGEJO_ACTIONS", "forgejo"), ("GITEA_ACTIONS", "gitea")] {
        let variables = [&GITHUB[..], &[(own, "true"), ("GITHUB_SHA", job.head.as_str())]].concat();
        found(job.run(Some(&event), &variables, &[]), 11, forge, &job.base, &job.head, "merge");
    }
    // Newer runners have their own names for all of them.
    let path = job.world.path("event.json");
    std::fs::write(&path, event.to_string()).unwrap();
    let variables = [
        ("FORGEJO_ACTIONS", "true"),
        ("FORGEJO_EVENT_NAME", "pull_request"),
        ("FORGEJO_BASE_REF", "main"),
        ("FORGEJO_EVENT_PATH", path.to_str().unwrap()),
    ];
    found(job.run(None, &variables, &[]), 11, "forgejo", &job.base, &job.head, "merge");
}

#[test]
fn events_that_say_nothing_are_told_apart_from_violations() {
    let job = job();
    let ran = ci_in(&job.world, &job.clone, &[], &[]).exits(2);
    assert!(ran.err.ends_with("hint: omega ci --base origin/main --head HEAD\n"), "{}", ran.err);
    let ran = job.run(Some(&json!({ "pull_request": {} })), &GITHUB, &[]).exits(13);
    assert!(ran.out.contains("the event `pull_request` does not say which change it is about"), "{}", ran.out);
    std::fs::write(job.world.path("broken.json"), "{").unwrap();
    let path = job.world.path("broken.json");
    let variables = [&GITHUB[..], &[("GITHUB_EVENT_PATH", path.to_str().unwrap())]].concat();
    job.run(None, &variables, &[]).exits(13);
    // Somebody's shas are no options and no revisions of their own making.
    let mut event = job.pull_request(&job.base);
    event["pull_request"]["head"]["sha"] = "--upload-pack=touch /tmp/x".into();
    job.run(Some(&event), &GITHUB, &[]).exits(13);
    // What flags say counts more.
    found(job.run(None, &GITHUB, &["--base", "origin/main", "--head", "origin/pr"]), 11, "", &job.base, &job.head, "merge");
}

#[test]
fn an_event_about_something_else_is_no_empty_success() {
    let job = job();
    let comment = json!({ "action": "created", "issue": { "number": 7 }, "repository": { "default_branch": "main" } });
    for name in ["issue_comment", "workflow_run", "deployment"] {
        let variables = [("GITHUB_ACTIONS", "true"), ("GITHUB_EVENT_NAME", name), ("GITHUB_SHA", job.base.as_str())];
        job.run(Some(&comment), &variables, &[]).exits(13);
    }
    // A main branch that is new, and a run that nobody pushed anything for, are judged as a whole.
    job.world.edit_identity("Sneaked");
    let broken = commit(&job.world, "Sneak");
    job.world.git_in(&job.clone, &["fetch", "-q", "origin"]).exits(0);
    let push = json!({ "before": "0".repeat(40), "after": broken, "repository": { "default_branch": "main" } });
    for name in ["push", "schedule", "workflow_dispatch"] {
        let variables =
            [("GITHUB_ACTIONS", "true"), ("GITHUB_EVENT_NAME", name), ("GITHUB_REF", "refs/heads/main"), ("GITHUB_SHA", &broken)];
        found(job.run(Some(&push), &variables, &[]), 11, "github", "", &broken, "head");
    }
    let variables = [
        ("GITLAB_CI", "true"),
        ("CI_PIPELINE_SOURCE", "schedule"),
        ("CI_COMMIT_BRANCH", "main"),
        ("CI_DEFAULT_BRANCH", "main"),
        ("CI_COMMIT_SHA", &broken),
    ];
    found(job.run(None, &variables, &[]), 11, "gitlab", "", &broken, "head");
}

#[test]
fn a_commit_of_the_author_is_no_prepared_merge() {
    // On a forge that prepares none, the author merges their own head into an old state, and calls that the base.
    let job = job();
    let old = job.world.git(&["rev-parse", "main~1"]).out.trim().to_owned();
    let tree = job.world.git(&["rev-parse", "pr^{tree}"]).out.trim().to_owned();
    let fake = job.world.git(&["commit-tree", "-p", &old, "-p", &job.head, "-m", "Merge", &tree]).out.trim().to_owned();
    job.world.git(&["branch", "fake", &fake]).exits(0);
    job.world.git_in(&job.clone, &["fetch", "-q", "origin", "fake"]).exits(0);
    let event = job.pull_request(&job.base);
    let variables = [&GITHUB[..], &[("FORGEJO_ACTIONS", "true"), ("GITHUB_SHA", &fake)]].concat();
    found(job.run(Some(&event), &variables, &[]), 11, "forgejo", &job.base, &job.head, "merge");
}
