//! Which change a job is about: what the forges say in the environment of a job, and in the event's file.

use serde_json::Value;

use crate::canon::text::visible;
use crate::git::Oid;
use crate::words::words;
use crate::workspace::Error;

words! {
    /// A forge whose jobs are understood.
    pub enum Forge {
        /// GitHub Actions.
        Github = "github",
        /// GitLab CI.
        Gitlab = "gitlab",
        /// Forgejo Actions.
        Forgejo = "forgejo",
        /// Gitea Actions.
        Gitea = "gitea",
    }
}

impl Forge {
    /// As it is called.
    pub fn name(self) -> &'static str {
        match self {
            Self::Github => "GitHub",
            Self::Gitlab => "GitLab",
            Self::Forgejo => "Forgejo",
            Self::Gitea => "Gitea",
        }
    }
}

/// A commit, by one of several names.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wanted {
    /// Revisions or object ids, the most trusted first; the first that is here counts.
    pub names: Vec<String>,
    /// What to fetch from the remote, where none of them is here.
    pub fetch: String,
}

impl Wanted {
    fn new(names: impl IntoIterator<Item = Option<String>>, fetch: String) -> Self {
        Self { names: names.into_iter().flatten().collect(), fetch }
    }
}

/// A change that is to be judged.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Asked {
    /// The forge that the job runs on.
    pub forge: Option<Forge>,
    /// What happened there, in its own word.
    pub event: Option<String>,
    /// The number of the pull request.
    pub number: Option<u64>,
    /// The full name of the ref that would change.
    pub target: Option<String>,
    /// What it would be merged into; nothing, where there is nothing yet.
    pub base: Option<Wanted>,
    /// What would be merged.
    pub head: Wanted,
    /// Whether the head takes the place of the base, as by a push, instead of being merged into it.
    pub replaces: bool,
    /// The merge commit that the forge has prepared, by its id.
    pub prepared: Option<String>,
    /// Where both sides meet, as the forge says, by its id.
    pub meeting: Option<String>,
}

/// How the environment is asked; the rooms below never do it themselves.
pub type Lookup<'a> = &'a dyn Fn(&str) -> Option<String>;

impl Asked {
    /// What the environment of a job asks for; nothing, outside of all known forges. `event` reads the file that a
    /// variable names.
    ///
    /// # Errors
    /// Unknown, if the event is one that says nothing of a change.
    pub fn detect(variable: Lookup<'_>, event: &dyn Fn(&str) -> Result<String, Error>) -> Result<Option<Self>, Error> {
        let says = |name: &str| variable(name).is_some_and(|value| value == "true");
        if says("GITLAB_CI") {
            return Ok(Some(gitlab(variable)));
        }
        let forge = if says("FORGEJO_ACTIONS") || variable("FORGEJO_TOKEN").is_some() {
            Forge::Forgejo
        } else if says("GITEA_ACTIONS") {
            Forge::Gitea
        } else if says("GITHUB_ACTIONS") {
            Forge::Github
        } else {
            return Ok(None);
        };
        // Forgejo and Gitea also give each variable under a name of their own.
        let prefix = match forge {
            Forge::Forgejo => "FORGEJO_",
            Forge::Gitea => "GITEA_",
            _ => "GITHUB_",
        };
        let either = |name: &str| variable(&format!("GITHUB_{name}")).or_else(|| variable(&format!("{prefix}{name}")));
        let payload = match either("EVENT_PATH") {
            Some(path) => serde_json::from_str(&event(&path)?).map_err(|error| {
                Error::unknown(
                    format!("the event in `{}` is not JSON: {error}", visible(&path)),
                    "say it yourself: omega ci --base REV --head REV",
                )
            })?,
            None => Value::Null,
        };
        actions(forge, &either, &payload).map(Some)
    }
}

/// A ref of the remote, as a clone keeps it.
fn remote_branch(name: &str) -> String {
    format!("refs/remotes/origin/{name}")
}

/// A full object id that is not the null id.
fn id(value: Option<String>) -> Option<String> {
    value.filter(|id| id.parse::<Oid>().is_ok_and(|id| !id.is_null()))
}

fn actions(forge: Forge, variable: Lookup<'_>, payload: &Value) -> Result<Asked, Error> {
    let text = |pointer: &str| payload.pointer(pointer).and_then(Value::as_str).map(str::to_owned).filter(|text| !text.is_empty());
    let event = variable("EVENT_NAME").unwrap_or_else(|| "push".to_owned());
    let sha = id(variable("SHA"));
    let asked = Asked { forge: Some(forge), event: Some(event.clone()), ..Asked::default() };
    match event.as_str() {
        "pull_request" | "pull_request_target" | "pull_request_review" | "pull_request_sync" => {
            let into = variable("BASE_REF").or_else(|| text("/pull_request/base/ref"));
            let head = id(text("/pull_request/head/sha"));
            let number = payload.pointer("/pull_request/number").or_else(|| payload.pointer("/number")).and_then(Value::as_u64);
            // The base that the event names may be older than the branch is now, and somebody may have waited for that.
            let base = [into.as_deref().map(remote_branch), id(text("/pull_request/base/sha"))];
            let fetch = into.clone().or_else(|| id(text("/pull_request/base/sha"))).unwrap_or_default();
            let pull = number.map_or_else(|| head.clone().unwrap_or_default(), |number| format!("refs/pull/{number}/head"));
            // Only GitHub prepares a merge, and not for `pull_request_target`. Elsewhere this is a commit of the author, who
            // could choose its parents.
            let prepares = forge == Forge::Github && event != "pull_request_target";
            let merge = sha.filter(|sha| prepares && Some(sha) != head.as_ref());
            if head.is_none() {
                return Err(silent(&event));
            }
            Ok(Asked {
                target: into.as_deref().map(|into| format!("refs/heads/{into}")),
                base: Some(Wanted::new(base, fetch)),
                head: Wanted::new([head], pull),
                number,
                prepared: merge,
                ..asked
            })
        }
        "merge_group" => {
            let (base, head) = (id(text("/merge_group/base_sha")), id(text("/merge_group/head_sha")).or(sha));
            let (Some(base), Some(head)) = (base, head) else { return Err(silent(&event)) };
            Ok(Asked {
                target: text("/merge_group/base_ref"),
                base: Some(Wanted::new([Some(base.clone())], base)),
                head: Wanted::new([Some(head.clone())], head),
                ..asked
            })
        }
        "push" => {
            let head = id(text("/after")).or(sha).ok_or_else(|| silent(&event))?;
            let branch = variable("REF").and_then(|name| name.strip_prefix("refs/heads/").map(str::to_owned));
            let (base, replaces) = pushed(id(text("/before")), branch.as_deref(), text("/repository/default_branch"));
            Ok(Asked { target: variable("REF"), base, head: Wanted::new([Some(head.clone())], head), replaces, ..asked })
        }
        // Nothing changes here, so all is judged.
        "schedule" | "workflow_dispatch" => {
            let head = sha.ok_or_else(|| silent(&event))?;
            Ok(Asked { target: variable("REF"), head: Wanted::new([Some(head.clone())], head), ..asked })
        }
        // Other events run on the main branch, whatever they are about: a judgement of that would be an empty one.
        _ => Err(silent(&event)),
    }
}

/// What a push changes, and whether it takes the place of that.
fn pushed(before: Option<String>, branch: Option<&str>, default: Option<String>) -> (Option<Wanted>, bool) {
    match (before, default) {
        (Some(before), _) => (Some(Wanted::new([Some(before.clone())], before)), true),
        // A new branch has nothing before it: it is what would be merged into the main branch. A main branch that is
        // new itself is judged as a whole.
        (None, Some(default)) if branch != Some(default.as_str()) => (Some(Wanted::new([Some(remote_branch(&default))], default)), false),
        (None, _) => (None, false),
    }
}

fn gitlab(variable: Lookup<'_>) -> Asked {
    let head = id(variable("CI_MERGE_REQUEST_SOURCE_BRANCH_SHA")).or_else(|| id(variable("CI_COMMIT_SHA"))).unwrap_or_default();
    let asked = Asked {
        forge: Some(Forge::Gitlab),
        event: variable("CI_PIPELINE_SOURCE"),
        head: Wanted::new([Some(head.clone())], head.clone()),
        ..Asked::default()
    };
    if let Some(into) = variable("CI_MERGE_REQUEST_TARGET_BRANCH_NAME") {
        let merged = id(variable("CI_MERGE_REQUEST_TARGET_BRANCH_SHA"));
        let prepared = id(variable("CI_COMMIT_SHA")).filter(|sha| *sha != head);
        return Asked {
            target: Some(format!("refs/heads/{into}")),
            base: Some(Wanted::new([merged, Some(remote_branch(&into))], into)),
            prepared,
            number: variable("CI_MERGE_REQUEST_IID").and_then(|number| number.parse().ok()),
            // Where the branches meet, which is not what is merged into: whoever begins a branch at an old state
            // would be judged by that.
            meeting: id(variable("CI_MERGE_REQUEST_DIFF_BASE_SHA")),
            ..asked
        };
    }
    let branch = variable("CI_COMMIT_BRANCH");
    let (base, replaces) = pushed(id(variable("CI_COMMIT_BEFORE_SHA")), branch.as_deref(), variable("CI_DEFAULT_BRANCH"));
    Asked { target: branch.map(|branch| format!("refs/heads/{branch}")), base, replaces, ..asked }
}

fn silent(event: &str) -> Error {
    Error::unknown(
        format!("the event `{}` does not say which change it is about", visible(event)),
        "say it yourself: omega ci --base REV --head REV",
    )
}
