//! A hermetic place: a temporary folder, keys, a fixed clock, and no user's configuration.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::{Arc, Mutex, OnceLock};

use tempfile::TempDir;

#[path = "promise.rs"]
pub mod promise;

/// What a command did.
#[derive(Debug)]
pub struct Ran {
    /// The exit code; nothing, if a signal ended it.
    pub code: Option<i32>,
    /// Standard output.
    pub out: String,
    /// Standard error.
    pub err: String,
}

impl Ran {
    /// What a process did that has ended. An answer of omega in JSON is held to its schema, whatever the test is about.
    #[track_caller]
    pub fn of(output: Output) -> Self {
        let ran = Self {
            code: output.status.code(),
            out: String::from_utf8_lossy(&output.stdout).into_owned(),
            err: String::from_utf8_lossy(&output.stderr).into_owned(),
        };
        promise::hold(&ran);
        ran
    }

    /// Holds the exit code, and gives the output.
    #[track_caller]
    pub fn exits(self, code: i32) -> Self {
        assert_eq!(self.code, Some(code), "stdout:\n{}\nstderr:\n{}", self.out, self.err);
        self
    }

    /// The output as JSON.
    #[track_caller]
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error}: {}", self.out))
    }
}

/// A temporary folder with a repository `repo` and key files in `keys/`.
pub struct World {
    root: TempDir,
    /// The time that omega is told.
    pub now: String,
    /// Whether each folder has a user of its own, who has seen no other one.
    pub users_apart: bool,
}

impl World {
    /// An empty repository on branch main with user name and mail, and no canon yet.
    pub fn empty() -> Self {
        Self::empty_with(&[])
    }

    /// The same, where `git init` is told more.
    pub fn empty_with(init: &[&str]) -> Self {
        // Memory, where the system offers it: writes are synced, and tests make many.
        Self::empty_at(TempDir::new_in("/dev/shm").or_else(|_| TempDir::new()).unwrap(), init)
    }

    /// The same with these files in a first commit, and no canon yet.
    pub fn committed(files: &[(&str, &[u8])]) -> Self {
        let world = Self::empty();
        for (path, bytes) in files {
            world.write(path, bytes);
        }
        world.git(&["add", "-A"]).exits(0);
        world.git(&["commit", "-q", "-m", "Files"]).exits(0);
        world
    }

    fn empty_at(root: TempDir, init: &[&str]) -> Self {
        let world = Self { root, now: "2026-02-26T12:00:00Z".to_owned(), users_apart: false };
        for dir in ["home", "keys", "repo"] {
            fs::create_dir(world.path(dir)).unwrap();
        }
        world.git(&[&["init", "-q", "-b", "main"], init, &["."]].concat()).exits(0);
        world.git(&["config", "user.name", "Tester"]).exits(0);
        world.git(&["config", "user.email", "tester@example.invalid"]).exits(0);
        world
    }

    /// A repository with a canon: the Chief `ry` and these members, each with a key.
    ///
    /// It is planted once for each council and copied for every test: that takes a tenth of the time.
    pub fn planted(members: &[&str]) -> Self {
        static TEMPLATES: Mutex<BTreeMap<Vec<String>, Arc<OnceLock<World>>>> = Mutex::new(BTreeMap::new());
        let council: Vec<String> = members.iter().map(|member| (*member).to_owned()).collect();
        let template = TEMPLATES.lock().unwrap().entry(council).or_default().clone();
        let template = template.get_or_init(|| {
            let world = Self::empty_at(kept(), &[]);
            world.plant(members);
            world
        });
        let world = template.copied();
        // The index knows the files of the template by their times and inodes.
        world.git(&["update-index", "-q", "--refresh"]).exits(0);
        world
    }

    /// The same with a root and keys that no other one has.
    pub fn planted_anew(members: &[&str]) -> Self {
        let world = Self::empty();
        world.plant(members);
        world
    }

    /// Plants a canon in the repository: the Chief `ry` and these members, each with a key.
    pub fn plant(&self, members: &[&str]) {
        self.plant_profile("omega", members);
    }

    /// The same, of a profile.
    pub fn plant_profile(&self, profile: &str, members: &[&str]) {
        let world = self;
        let mut args = vec![
            "init".to_owned(),
            "--profile".into(),
            profile.into(),
            "--chief".into(),
            "ry".into(),
            "--key".into(),
            world.key("ry"),
            "--yes".into(),
        ];
        for member in members {
            args.push("--member".into());
            args.push(format!("{member}={}.pub", world.key(member)));
        }
        world.omega(&args.iter().map(String::as_str).collect::<Vec<_>>()).exits(0);
    }

    /// Another temporary folder with the same files: keys, repositories, and what else lies there. Addresses of remotes still
    /// lead to the old place.
    pub fn copied(&self) -> Self {
        let root = TempDir::new_in("/dev/shm").or_else(|_| TempDir::new()).unwrap();
        copy(self.root.path(), root.path());
        Self { root, now: self.now.clone(), users_apart: self.users_apart }
    }

    /// A path in the temporary folder.
    pub fn path(&self, name: impl AsRef<Path>) -> PathBuf {
        self.root.path().join(name)
    }

    /// The repository.
    pub fn repo(&self) -> PathBuf {
        self.path("repo")
    }

    /// The private key file of a name, made when it is first asked for.
    pub fn key(&self, name: &str) -> String {
        let path = self.path("keys").join(name);
        if !path.exists() {
            self.run("ssh-keygen", &["-q", "-t", "ed25519", "-N", "", "-C", name, "-f", path.to_str().unwrap()], &self.path("."), None)
                .exits(0);
        }
        path.to_str().unwrap().to_owned()
    }

    /// Runs omega in the repository.
    pub fn omega(&self, args: &[&str]) -> Ran {
        self.omega_in(&self.repo(), args)
    }

    /// Runs omega in the repository with the key of a member.
    pub fn by(&self, member: &str, args: &[&str]) -> Ran {
        let key = self.key(member);
        let mut all = args.to_vec();
        all.extend(["--key", &key]);
        self.omega(&all)
    }

    /// Runs omega in a folder.
    pub fn omega_in(&self, dir: &Path, args: &[&str]) -> Ran {
        self.run(env!("CARGO_BIN_EXE_omega"), args, dir, None)
    }

    /// Runs omega in a folder so that it is killed before its n-th durable step.
    pub fn omega_killed_at(&self, dir: &Path, step: usize, args: &[&str]) -> Ran {
        let mut command = self.command(env!("CARGO_BIN_EXE_omega"), args, dir);
        command.env("OMEGA_TEST_CRASH_AT", step.to_string());
        Ran::of(command.output().unwrap())
    }

    /// Starts omega in a folder and does not wait for it.
    pub fn omega_started(&self, dir: &Path, args: &[&str]) -> Child {
        self.command(env!("CARGO_BIN_EXE_omega"), args, dir).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
    }

    /// Runs git in the repository.
    pub fn git(&self, args: &[&str]) -> Ran {
        self.git_in(&self.repo(), args)
    }

    /// Runs git in a folder.
    pub fn git_in(&self, dir: &Path, args: &[&str]) -> Ran {
        self.run("git", args, dir, None)
    }

    /// Runs a program with an environment that holds nothing of the user's.
    pub fn run(&self, program: &str, args: &[&str], dir: &Path, input: Option<&[u8]>) -> Ran {
        let mut command = self.command(program, args, dir);
        let Some(input) = input else { return Ran::of(command.output().unwrap()) };
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        std::io::Write::write_all(&mut child.stdin.take().unwrap(), input).unwrap();
        Ran::of(child.wait_with_output().unwrap())
    }

    /// A program that is not started yet, with the same environment.
    pub fn command(&self, program: &str, args: &[&str], dir: &Path) -> Command {
        let mut command = Command::new(program);
        command.args(args).current_dir(dir).stdin(Stdio::null());
        command.env_clear().env("PATH", std::env::var("PATH").unwrap_or_default()).env("HOME", self.path("home"));
        command.env("GIT_CONFIG_NOSYSTEM", "1").env("GIT_CONFIG_GLOBAL", "/dev/null").env("LC_ALL", "C").env("TZ", "UTC");
        command.env("OMEGA_TEST_NOW", &self.now).env("COLUMNS", "100");
        // Tests of what happens without a network push and fetch by hand.
        command.env("OMEGA_OFFLINE", "1");
        if self.users_apart {
            let home = self.path(format!("home-of-{}", dir.file_name().unwrap_or_default().to_string_lossy()));
            command.env("HOME", home);
        }
        command
    }

    /// Reads a file of the repository.
    #[track_caller]
    pub fn read(&self, path: &str) -> String {
        fs::read_to_string(self.repo().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
    }

    /// Writes a file of the repository.
    pub fn write(&self, path: &str, text: impl AsRef<[u8]>) {
        let path = self.repo().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    /// Adds an anchor to the identity document, a governed edit of critical risk.
    pub fn edit_identity(&self, anchor: &str) {
        let text = self.read("canon/OMEGA_IDENTITY.md");
        assert!(text.contains("  anchors:\n"));
        self.write("canon/OMEGA_IDENTITY.md", text.replacen("  anchors:\n", &format!("  anchors:\n    - \"{anchor}\"\n"), 1));
    }

    /// Edits the identity and proposes it; gives the id.
    #[track_caller]
    pub fn propose(&self, member: &str, title: &str) -> String {
        self.edit_identity(title);
        let ran = self.by(member, &["canon", "propose", "--title", title, "--reason", "Because.", "--format", "json"]).exits(0);
        let id = ran.json()["report"]["resolution"].as_str().unwrap().to_owned();
        self.look_at(&id);
        id
    }

    /// Checks out the branch of a proposal; the edits that were proposed are on it.
    #[track_caller]
    pub fn look_at(&self, id: &str) {
        self.git(&["switch", "-q", "-f", &format!("canon/{id}")]).exits(0);
    }

    /// Votes of these members to approve.
    #[track_caller]
    pub fn approve(&self, id: &str, members: &[&str]) {
        for member in members {
            self.by(member, &["canon", "vote", id, "approve", "--reason", "Good."]).exits(0);
        }
    }

    /// The Chief ratifies.
    #[track_caller]
    pub fn ratify(&self, id: &str) -> Ran {
        self.by("ry", &["canon", "ratify", id, "--reason", "So be it.", "--yes"]).exits(0)
    }

    /// The root that the clone pins.
    #[track_caller]
    pub fn root(&self) -> String {
        self.omega(&["trust", "show", "--format", "json"]).exits(0).json()["report"]["pin"]["root"].as_str().unwrap().to_owned()
    }

    /// Runs omega in the repository as the Chief.
    pub fn chief(&self, args: &[&str]) -> Ran {
        self.by("ry", args)
    }

    /// Replaces a text that stands once in a file of the repository. The cases of a document are mended with it, so that it
    /// can be proposed.
    #[track_caller]
    pub fn edit(&self, path: &str, from: &str, to: &str) {
        self.edit_alone(path, from, to);
        self.mend_cases(path);
    }

    /// Replaces a text that stands once in a file of the repository, and nothing else.
    #[track_caller]
    pub fn edit_alone(&self, path: &str, from: &str, to: &str) {
        let text = self.read(path);
        assert_eq!(text.matches(from).count(), 1, "`{from}` in {path}");
        self.write(path, text.replacen(from, to, 1));
    }

    /// Lets the cases of a document expect what its policy yields.
    pub fn mend_cases(&self, path: &str) {
        let text = self.read(path);
        let name = path.strip_prefix("canon/").and_then(|name| name.strip_suffix(".md")).and_then(|name| name.parse().ok());
        let outcomes = name.and_then(|name| omega::enforcement::run(&name, text.as_bytes()).ok().flatten()).unwrap_or_default();
        let mut lines: Vec<String> = text.split_inclusive('\n').map(str::to_owned).collect();
        for outcome in outcomes.iter().filter(|outcome| !outcome.holds) {
            let expect = lines[outcome.line..].iter_mut().find(|line| line.starts_with("    expect: ")).unwrap();
            *expect = format!("    expect: {}\n", outcome.got.as_ref().unwrap());
        }
        if lines.concat() != text {
            self.write(path, lines.concat());
        }
    }

    /// Proposes what is edited, with cases that fit; gives the id.
    #[track_caller]
    pub fn propose_edits(&self, member: &str, title: &str) -> String {
        for (document, _) in omega::enforcement::schemas() {
            let path = format!("canon/{document}.md");
            if self.repo().join(&path).exists() {
                self.mend_cases(&path);
            }
        }
        let ran = self.by(member, &["canon", "propose", "--title", title, "--reason", "Because.", "--format", "json"]).exits(0);
        let id = ran.json()["report"]["resolution"].as_str().unwrap().to_owned();
        self.look_at(&id);
        id
    }

    /// The public key of a name, as one line without its comment.
    pub fn public(&self, name: &str) -> String {
        let line = fs::read_to_string(format!("{}.pub", self.key(name))).unwrap();
        line.split(' ').take(2).collect::<Vec<_>>().join(" ")
    }

    /// Writes the file of a voting member with the key of its name.
    pub fn seat(&self, name: &str, seat: u32) {
        let key = self.public(name);
        let text = format!("---\nname: {name}\nseat: {seat}\nrole: member\nkind: human\nweight: 1\nkeys:\n  - {key}\n---\n");
        self.write(&format!("canon/council/{name}.md"), text);
    }

    /// Commits a file that has nothing to do with the canon.
    pub fn commit_unrelated(&self, path: &str) {
        self.write(path, "unrelated\n");
        self.git(&["add", path]).exits(0);
        self.git(&["commit", "-q", "-m", path]).exits(0);
    }

    /// All that a command could have changed: branches and tags, HEAD, index and work tree.
    pub fn traces(&self) -> String {
        let asked = [&["for-each-ref"][..], &["symbolic-ref", "-q", "HEAD"], &["status", "--porcelain", "-uall"], &["ls-files", "--stage"]];
        asked.iter().map(|args| self.git(args).out).collect::<Vec<_>>().join("--\n")
    }

    /// A text without what differs from run to run: the temporary folder, digests and fingerprints.
    pub fn plain(&self, text: &str) -> String {
        let mut text = text
            .replace(self.root.path().canonicalize().unwrap().to_str().unwrap(), "[tmp]")
            .replace(self.root.path().to_str().unwrap(), "[tmp]");
        for (word, count) in [("sha256:", 64), ("SHA256:", 43)] {
            let mut out = String::new();
            for (number, part) in text.split(word).enumerate() {
                let digest = part
                    .get(..count)
                    .filter(|digest| number > 0 && digest.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'+' || b == b'/'));
                if number > 0 {
                    out.push_str(word);
                }
                out.push_str(digest.map_or(part, |_| "[…]"));
                out.push_str(digest.map_or("", |_| &part[count..]));
            }
            text = out;
        }
        text
    }
}

/// A folder for as long as the tests run: nobody removes what is never dropped, so what earlier runs left goes first.
fn kept() -> TempDir {
    static TIDIED: OnceLock<()> = OnceLock::new();
    let place = Path::new(env!("CARGO_TARGET_TMPDIR"));
    TIDIED.get_or_init(|| {
        let old = |path: &Path| {
            path.metadata().and_then(|meta| meta.modified()).is_ok_and(|at| at.elapsed().is_ok_and(|age| age.as_secs() > 3600))
        };
        for item in fs::read_dir(place).into_iter().flatten().flatten() {
            if item.file_name().to_string_lossy().starts_with("planted-") && old(&item.path()) {
                let _ = fs::remove_dir_all(item.path());
            }
        }
    });
    tempfile::Builder::new().prefix("planted-").tempdir_in(place).unwrap()
}

fn copy(from: &Path, to: &Path) {
    for item in fs::read_dir(from).unwrap() {
        let item = item.unwrap();
        let (source, target) = (item.path(), to.join(item.file_name()));
        let kind = item.file_type().unwrap();
        if kind.is_dir() {
            fs::create_dir(&target).unwrap();
            copy(&source, &target);
        } else if kind.is_symlink() {
            std::os::unix::fs::symlink(fs::read_link(&source).unwrap(), target).unwrap();
        } else {
            fs::copy(&source, target).unwrap();
        }
    }
}
