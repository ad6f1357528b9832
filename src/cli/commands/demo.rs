use std::path::{Path, PathBuf};

use crate::canon::{MemberName, text::visible};
use crate::cli::Answer;
use crate::council::tally::Choice;
use crate::git::{Actor, Repo};
use crate::keyring::{KeyFile, Signer};
use crate::ledger::kinds::Verdict;
use crate::ops::{init, propose, rule, vote};
use crate::render::{diff, human};
use crate::survey::verify::{self, Conclusion, Report};
use crate::terminal::context::Context;
use crate::terminal::environment;
use crate::terminal::failure::Failure;
use crate::workspace::desk::{Desk, Hand};
use crate::workspace::draft::Changes;
use crate::workspace::{Error, pin};

/// Show the whole way on a throw-away repository, in a few seconds: plant, propose, vote, ratify,
/// verify, tamper, and put it back.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  omega demo               watch, and leave nothing behind
  omega demo /tmp/aria     keep the repository and its keys there, to look around in")]
pub struct Args {
    /// Keep everything in this new folder.
    #[arg(value_name = "DIR")]
    dir: Option<PathBuf>,
}

const MEMBERS: [&str; 3] = ["claude", "gemini", "codex"];

pub fn run(context: &Context, args: Args) -> Result<Answer, Failure> {
    let scratch;
    let dir = match &args.dir {
        Some(dir) => {
            let dir = context.dir.join(dir);
            if dir.exists() {
                return Err(Failure::usage(format!("`{}` is there already", dir.display()), "choose a new folder"));
            }
            dir
        }
        None => {
            scratch = tempfile::tempdir().map_err(|error| Error::io("make", Path::new("a temporary folder"), &error))?;
            scratch.path().join("demo")
        }
    };
    let stage = Stage::set(context, &dir)?;
    let mut story = String::new();
    let report = stage.play(&mut story)?;
    if args.dir.is_some() {
        story.push_str(&format!("\neverything is in {}: the repository aria/, and the keys keys/. look around:\n  cd {}\n  omega canon status\n  omega canon log\n  omega canon show anchor\n", dir.display(), dir.join("aria").display()));
    }
    Ok(Answer::new(report.conclusion.into(), story, &report))
}

struct Stage<'a> {
    context: &'a Context,
    repo: Repo,
    dir: PathBuf,
    keys: PathBuf,
}

impl<'a> Stage<'a> {
    fn set(context: &'a Context, dir: &Path) -> Result<Self, Failure> {
        let (repo, keys) = (dir.join("aria"), dir.join("keys"));
        std::fs::create_dir_all(&keys).map_err(|error| Error::io("make", &keys, &error))?;
        for name in MEMBERS.iter().chain(&["ry"]) {
            KeyFile::generate(&keys.join(name), name, None)?;
        }
        drop(Repo::init(&repo, "refs/heads/main")?);
        Ok(Self { context, repo: Repo::discover(&repo, None)?, dir: repo, keys })
    }

    fn signer(&self, name: &str) -> Result<Signer, Failure> {
        Ok(Signer::from_file(&self.keys.join(name), &environment::program("ssh-keygen"), &mut |_| None)?)
    }

    fn actor(&self, name: &str) -> Actor {
        Actor { name: name.to_owned(), email: format!("{name}@example.invalid"), time: self.context.now }
    }

    fn desk<'s>(&'s self, signer: &'s Signer, name: &str) -> Result<Desk<'s>, Failure> {
        let pin = pin::read(self.repo.common_dir())?.ok_or_else(|| Error::unknown("the demo pinned no root", "report this"))?;
        Ok(Desk::open(&self.repo, Hand::Key(signer), pin, self.actor(name), self.context.threads)?)
    }

    fn verify(&self) -> Result<Report, Failure> {
        let pin = pin::read(self.repo.common_dir())?;
        Ok(verify::verify_worktree(&self.repo, "worktree", pin, self.context.now, self.context.threads)?)
    }

    fn play(&self, story: &mut String) -> Result<Report, Failure> {
        let mut tell = |command: &str, what: &str, shown: &str| {
            story.push_str(&format!("\n# {what}\n$ {command}\n{shown}"));
        };
        let chief: MemberName = "ry".parse().map_err(|error| Failure::usage(format!("{error}"), "report this"))?;
        let mut members = Vec::new();
        for name in MEMBERS {
            let name: MemberName = name.parse().map_err(|error| Failure::usage(format!("{error}"), "report this"))?;
            members.push((name.clone(), KeyFile::read_public(&self.keys.join(format!("{name}.pub")))?));
        }
        let ry = self.signer("ry")?;
        let planted = init::init(
            &self.repo,
            &ry,
            self.actor("ry"),
            self.context.threads,
            &init::Request { chief, members, govern: Vec::new(), adopt: false },
        )?;
        tell(
            "omega init --new aria --chief ry --member claude=… --member gemini=… --member codex=…",
            "a Chief plants a canon with three members",
            &human::init(&planted),
        );

        let path = self.dir.join("canon/OMEGA_IDENTITY.md");
        let read = |path: &Path| std::fs::read_to_string(path).map_err(|error| Failure::from(Error::io("read", path, &error)));
        let write = |path: &Path, text: &str| std::fs::write(path, text).map_err(|error| Failure::from(Error::io("write", path, &error)));
        let edited = read(&path)?.replacen("  anchors:\n", "  anchors:\n    - \"Say what is so, and how you know it.\"\n", 1);
        write(&path, &edited)?;
        let claude = self.signer("claude")?;
        let id = {
            let desk = self.desk(&claude, "claude")?;
            let request = propose::Request::new(
                "Add an anchor on evidence",
                "The voice should name its evidence. One anchor says so.",
                propose::Source::WorkTree,
            );
            let plan = propose::plan(&desk, &request)?;
            let shown: String = plan
                .changes
                .iter()
                .filter(|p| p.change.path.as_str() == "canon/OMEGA_IDENTITY.md")
                .map(|p| diff::render(p.change.path.as_str(), Changes::of(&p.change, None), p.before.as_deref(), p.after.as_deref()))
                .collect();
            let proposed = propose::propose(&desk, &request, &plan)?;
            tell(
                "omega canon propose --as claude --title \"Add an anchor on evidence\" --reason …",
                "claude edits the identity and proposes it: a branch, a signed record, the final bytes",
                &format!("{shown}\n{}", human::propose(&proposed)),
            );
            proposed.made.resolution
        };
        for (name, choice, reason) in [
            ("claude", Choice::Approve, "It is what I do on good days."),
            ("gemini", Choice::Approve, "Short, and testable."),
            ("codex", Choice::Abstain, "No opinion on style."),
        ] {
            let signer = self.signer(name)?;
            let voted = vote::vote(&self.desk(&signer, name)?, &id, choice, 90, reason)?;
            tell(
                &format!("omega canon vote anchor {} --as {name} --reason \"{reason}\"", choice.as_str()),
                &format!("{name} votes"),
                &human::vote(&voted),
            );
        }
        {
            let desk = self.desk(&ry, "ry")?;
            let ruled = rule::rule(
                &desk,
                &rule::Request { id: &id, verdict: Verdict::Approve, bypass: None, reason: "Two of three, none against.", merge: true },
            )?;
            tell("omega canon ratify anchor --as ry", "the Chief rules, and it is on main", &human::rule(&ruled));
        }
        let report = self.verify()?;
        tell("omega canon verify --worktree", "anyone proves it from the tree alone", &human::verify(&report));

        let honest = read(&path)?;
        write(&path, &honest.replacen("never denies being an AI", "often denies being an AI", 1))?;
        let tampered = self.verify()?;
        tell("omega canon verify --worktree", "somebody makes one word of it another", &human::verify(&tampered));
        if tampered.conclusion != Conclusion::Violated {
            return Err(Error::Violated(tampered.findings).into());
        }
        write(&path, &honest)?;
        let report = self.verify()?;
        tell("omega canon verify --worktree", "it is put back", &human::verify(&report));
        story.remove(0);
        *story = story
            .lines()
            .map(|line| if line.starts_with('#') { format!("{}\n", human::narration(&visible(line))) } else { format!("{line}\n") })
            .collect();
        Ok(report)
    }
}
