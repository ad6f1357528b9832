//! Finding and opening a repository, and what can be asked of it at once.

use std::path::{Path, PathBuf};

use super::database::Database;
use super::format::{self, Refs};
use super::reftable::Reftable;
use super::{GitError, Sharing};

/// A git repository. It can be shared between threads.
pub struct Repo {
    pub(super) inner: gix::ThreadSafeRepository,
    git_dir: PathBuf,
    common_dir: PathBuf,
    workdir: Option<PathBuf>,
    pub(super) sharing: Sharing,
    refs: Refs,
    on_step: Option<StepHook>,
    /// The folder of a view, for as long as it is looked at.
    _view: Option<tempfile::TempDir>,
}

type StepHook = Box<dyn Fn(&'static str) + Send + Sync>;

impl Repo {
    /// Finds the repository that contains `dir`, which may be a subfolder or a linked work tree.
    ///
    /// The environment (`GIT_DIR`, `GIT_OBJECT_DIRECTORY`, `GIT_CONFIG_*` and the like) is not read,
    /// and replace refs, grafts and commit-graph files are ignored. The configuration of the user and
    /// of the system is read only if there is a list, which may be empty, of settings on top of it (`KEY=VALUE`).
    pub fn discover(dir: &Path, user_config: Option<&[String]>) -> Result<Self, GitError> {
        let not_found = || GitError::NotARepository { dir: dir.display().to_string() };
        // Ids, locks and error texts all want one absolute spelling of the repository's paths.
        let start = std::fs::canonicalize(dir).map_err(|e| GitError::io("read", dir, &e))?;
        let (found, trust) = gix::discover::upwards(&start).map_err(|_| not_found())?;
        let (git_dir, _) = found.into_repository_and_work_tree_directories();
        let refs = format::check(&common_dir_of(&git_dir))?;
        let map = gix::sec::trust::Mapping { full: options(user_config), reduced: options(user_config) };
        let assume = gix::discover::upwards::Options { trust: gix::discover::upwards::TrustPolicy::Assume(trust), ..Default::default() };
        let inner = gix::ThreadSafeRepository::discover_opts(&start, assume, map)
            .map_err(|e| GitError::git(format!("open the repository of `{}`", dir.display()), &e))?;
        Ok(Self { refs, ..Self::wrap(inner)? })
    }

    /// Whether this is a bare repository within the work tree of another one. Whoever may commit there could put one
    /// into the tree, with settings and a pin of their own.
    pub fn is_embedded(&self) -> bool {
        let around = || {
            let (found, _) = gix::discover::upwards(self.common_dir.parent()?).ok()?;
            found.into_repository_and_work_tree_directories().1
        };
        self.is_bare() && around().is_some_and(|workdir| self.common_dir.starts_with(workdir))
    }

    /// Makes an empty repository in `dir` whose unborn branch is `branch` (a short name, as in `main`).
    pub fn init(dir: &Path, branch: &str) -> Result<Self, GitError> {
        let failed = |e: &gix::Error| GitError::git(format!("make a repository in `{}`", dir.display()), e);
        std::fs::create_dir_all(dir).map_err(|e| GitError::io("make", dir, &e))?;
        let dir = std::fs::canonicalize(dir).map_err(|e| GitError::io("read", dir, &e))?;
        let mut overrides = overrides();
        overrides.push(format!("init.defaultBranch={branch}"));
        let open = gix::open::Options::isolated().config_overrides(overrides);
        let inner = gix::ThreadSafeRepository::init_opts(&dir, gix::create::Kind::WithWorktree, gix::create::Options::default(), open)
            .map_err(|e| failed(&e))?;
        Self::wrap(inner)
    }

    fn wrap(inner: gix::ThreadSafeRepository) -> Result<Self, GitError> {
        let local = inner.to_thread_local();
        Ok(Self {
            git_dir: local.git_dir().to_owned(),
            common_dir: clean(local.common_dir()),
            workdir: local.workdir().map(ToOwned::to_owned),
            sharing: Sharing::of(&local)?,
            inner,
            refs: Refs::Files,
            on_step: None,
            _view: None,
        })
    }

    /// A view of this repository that also sees the objects in another folder: those of a push that git holds back until
    /// its hooks agree. It has no refs.
    pub fn with_objects(&self, more: &Path) -> Result<Self, GitError> {
        let view = tempfile::tempdir().map_err(|e| GitError::io("make a folder in", &std::env::temp_dir(), &e))?;
        let path = |name: &str| view.path().join(name);
        let write = |name: &str, text: &str| std::fs::write(path(name), text).map_err(|e| GitError::io("write", &path(name), &e));
        for folder in ["refs/heads", "objects/info", "objects/pack"] {
            std::fs::create_dir_all(path(folder)).map_err(|e| GitError::io("make", &path(folder), &e))?;
        }
        write("HEAD", "ref: refs/heads/none\n")?;
        write(
            "config",
            &format!("[core]\n\trepositoryformatversion = 1\n\tbare = true\n[extensions]\n\tobjectFormat = {}\n", self.hash()),
        )?;
        let mut alternates = String::new();
        for folder in [more, &self.common_dir.join("objects")] {
            let folder = std::fs::canonicalize(folder).map_err(|e| GitError::io("read", folder, &e))?;
            let line = folder.to_string_lossy().into_owned();
            if line.contains('\n') || line.starts_with(['"', '#']) {
                return Err(GitError::io("look into", &folder, &std::io::Error::other("its name cannot be an alternate's")));
            }
            alternates.push_str(&line);
            alternates.push('\n');
        }
        write("objects/info/alternates", &alternates)?;
        let mut seen = Self::discover(view.path(), None)?;
        seen._view = Some(view);
        Ok(seen)
    }

    /// The references, where git has to be asked for them.
    pub(super) fn reftable(&self) -> Option<Reftable<'_>> {
        (self.refs == Refs::Reftable).then(|| self.by_git())
    }

    /// References by asking git, wherever they are.
    pub(super) fn by_git(&self) -> Reftable<'_> {
        Reftable::new(&self.git_dir)
    }

    /// The hash that names the objects here.
    pub(super) fn hash(&self) -> gix::hash::Kind {
        self.inner.objects.object_hash()
    }

    /// The folder with the checked-out files, unless the repository is bare.
    pub fn workdir(&self) -> Option<&Path> {
        self.workdir.as_deref()
    }

    /// The folder of HEAD and the index; linked work trees have their own.
    pub fn git_dir(&self) -> &Path {
        &self.git_dir
    }

    /// The folder of objects, branches and configuration, shared by all work trees.
    pub fn common_dir(&self) -> &Path {
        &self.common_dir
    }

    /// Whether there is no work tree.
    pub fn is_bare(&self) -> bool {
        self.workdir.is_none()
    }

    /// Whether it belongs to this user, or to one whom git's `safe.directory` names: another one may have put anything there.
    pub fn is_trusted(&self) -> bool {
        self.local().git_dir_trust() == gix::sec::Trust::Full
    }

    /// Whether history is cut off somewhere, so that "is no ancestor" may only mean "cannot be seen".
    pub fn is_shallow(&self) -> bool {
        self.common_dir.join("shallow").metadata().is_ok_and(|file| file.len() > 0)
    }

    /// A configuration value, for example of `user.signingkey`.
    pub fn config_string(&self, key: &str) -> Option<String> {
        let value = self.local().config_snapshot().string(key)?;
        Some(value.to_string())
    }

    /// A setting that names a program to run. A configuration that belongs to somebody else has no say.
    pub fn config_program(&self, key: &str) -> Option<String> {
        let local = self.local();
        local
            .config_snapshot()
            .trusted_program(key)
            .ok()
            .flatten()
            .and_then(|value| value.into_string().ok())
            .filter(|value| !value.is_empty())
    }

    /// The folder that `core.hooksPath` names, with `~` filled in; a relative one is meant from where hooks run. A
    /// configuration that belongs to somebody else has no say.
    pub fn hooks_path(&self) -> Result<Option<PathBuf>, GitError> {
        // Git takes an empty one for the root of the file system; the library takes it for an error.
        if self.config_string("core.hooksPath").is_some_and(|path| path.is_empty()) {
            return Ok(Some(PathBuf::new()));
        }
        let local = self.local();
        local.config_snapshot().trusted_path("core.hooksPath").map_err(|e| GitError::git("read `core.hooksPath`", &e))
    }

    /// What git config is told to change the file that sets `core.hooksPath`, as in `--global`; nothing, where no file does.
    pub fn hooks_path_scope(&self) -> Option<String> {
        use gix::config::Source;
        let local = self.local();
        let snapshot = local.config_snapshot();
        let file = snapshot.plumbing();
        let section = file.sections_by_name("core")?.filter(|section| section.contains_value_name("hooksPath")).last()?;
        let meta = section.meta();
        // What another file includes is in a file of its own.
        if let Some(path) = meta.path.as_deref().filter(|_| meta.level > 0) {
            return Some(format!("--file {}", crate::shell::quote_path(path)));
        }
        Some(
            match meta.source {
                Source::GitInstallation | Source::System => "--system",
                Source::Git | Source::User => "--global",
                Source::Worktree => "--worktree",
                _ => "--local",
            }
            .to_owned(),
        )
    }

    /// How the files of this repository are shared.
    pub fn sharing(&self) -> Sharing {
        self.sharing
    }

    /// Has `hook` called before each durable step of a write, with the step's name. Tests use it to
    /// kill a run between any two of them.
    pub fn set_step_hook(&mut self, hook: StepHook) {
        self.on_step = Some(hook);
    }

    /// Says that a durable step of a write comes next.
    pub fn step(&self, name: &'static str) {
        if let Some(hook) = &self.on_step {
            hook(name);
        }
    }

    pub(super) fn need_workdir(&self) -> Result<&Path, GitError> {
        self.workdir().ok_or_else(|| GitError::Bare { git_dir: self.git_dir.display().to_string() })
    }

    /// The objects, for one thread.
    pub(super) fn database(&self) -> Database {
        Database::new(self.local())
    }

    /// A handle for one thread; the library's own is not `Sync`.
    pub(super) fn local(&self) -> gix::Repository {
        self.inner.to_thread_local()
    }
}

/// Settings that hold whatever the configuration files say.
fn overrides() -> Vec<String> {
    vec![
        "core.useReplaceRefs=false".to_owned(),
        "core.commitGraph=false".to_owned(),
        // Similar files lie in packs as chains of differences; without it each is unpacked from its root.
        "core.deltaBaseCacheLimit=32m".to_owned(),
        // An object that claims to be larger is an attack on memory.
        "gitoxide.objects.allocLimit=1g".to_owned(),
    ]
}

fn options(user_config: Option<&[String]>) -> gix::open::Options {
    let mut allowed = gix::open::Permissions::isolated();
    let mut settings = overrides();
    if let Some(more) = user_config {
        settings.extend(more.iter().cloned());
        // Only where the user's configuration lies may come from the environment.
        allowed.env.home = gix::sec::Permission::Allow;
        allowed.env.xdg_config_home = gix::sec::Permission::Allow;
        allowed.config.system = true;
        allowed.config.git = true;
        allowed.config.user = true;
        allowed.config.includes = true;
        allowed.attributes.system = true;
        allowed.attributes.git = true;
    }
    gix::open::Options::default().permissions(allowed).config_overrides(settings)
}

/// The common folder of a linked work tree's git folder, which names it in a file.
fn common_dir_of(git_dir: &Path) -> PathBuf {
    match std::fs::read_to_string(git_dir.join("commondir")) {
        Ok(name) => clean(&git_dir.join(name.trim_end_matches(['\n', '\r']))),
        Err(_) => git_dir.to_owned(),
    }
}

/// Without `..`, so that messages and lock paths read well.
fn clean(path: &Path) -> PathBuf {
    std::fs::canonicalize(path).unwrap_or_else(|_| path.to_owned())
}
