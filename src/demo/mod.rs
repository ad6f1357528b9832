//! The story of `omega demo`: an edit of AGENTS.md that was not approved, on a throw-away repository.

use std::path::{Path, PathBuf};

use crate::canon::planted::{Profile, SystemName};
use crate::canon::{MemberName, text::visible};
use crate::council::tally::Choice;
use crate::git::{Actor, Repo};
use crate::keyring::{KeyFile, Signer};
use crate::ledger::kinds::Verdict;
use crate::ops::{init, propose, rule, vote};
use crate::render::{diff, human, setup};
use crate::survey::verify::{self, Conclusion, Report};
use crate::terminal::context::Context;
use crate::terminal::environment;
use crate::terminal::failure::Failure;
use crate::workspace::desk::{Desk, Hand};
use crate::workspace::{Error, pin};

const CHIEF: &str = "nora";
const MEMBERS: [&str; 2] = ["ann", "claude"];

/// What an agent is told to do, before and after the edit that the story is about.
const AGENTS: &str = "# For agents\n\n- Run the tests before you commit.\n- Never push to main.\n";
const SNEAKED: (&str, &str) = ("- Never push to main.\n", "- Push to main when the tests pass.\n");

/// Plays the story in `dir`, a new folder that is kept, or in a temporary one. Gives what is told, and the last report.
///
/// # Errors
/// Usage, if the folder is there already; and what an act of the story may fail with.
pub fn run(context: &Context, dir: Option<&Path>) -> Result<(String, Report), Failure> {
    let scratch;
    let kept = dir;
    let dir = match dir {
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
    if kept.is_some() {
        story.push_str(&format!("\neverything is in {}: the repository shop/, and the keys keys/. look around:\n  cd {}\n  omega status\n  omega log\n  omega show push\n", dir.display(), dir.join("shop").display()));
    }
    Ok((story, report))
}

struct Stage<'a> {
    context: &'a Context,
    repo: Repo,
    dir: PathBuf,
    keys: PathBuf,
}

impl<'a> Stage<'a> {
    fn set(context: &'a Context, dir: &Path) -> Result<Self, Failure> {
        let (repo, keys) = (dir.join("shop"), dir.join("keys"));
        std::fs::create_dir_all(&keys).map_err(|error| Error::io("make", &keys, &error))?;
        for name in MEMBERS.iter().chain([&CHIEF]) {
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
        let name = |text: &str| text.parse::<MemberName>().map_err(|error| Failure::usage(format!("{error}"), "report this"));
        let path = self.dir.join("AGENTS.md");
        let write = |text: &str| std::fs::write(&path, text).map_err(|error| Failure::from(Error::io("write", &path, &error)));
        write(AGENTS)?;
        let mut members = Vec::new();
        for member in MEMBERS {
            members.push((name(member)?, KeyFile::read_public(&self.keys.join(format!("{member}.pub")))?));
        }
        let nora = self.signer(CHIEF)?;
        let govern = vec!["**/AGENTS.md".parse().expect("a glob")];
        let request =
            init::Request { profile: Profile::Files, system: SystemName::default(), chief: name(CHIEF)?, members, govern, adopt: false };
        let planted = init::init(&self.repo, &nora, self.actor(CHIEF), self.context.threads, &request)?;
        tell(
            "omega init --chief nora --member ann=ann.pub --member claude=claude.pub --govern '**/AGENTS.md'",
            "nora puts the instructions of her agents under governance; ann and the agent claude have a vote",
            &setup::report(&planted),
        );

        write(&AGENTS.replace(SNEAKED.0, SNEAKED.1))?;
        let sneaked = self.verify()?;
        tell(
            "omega verify --worktree",
            "an agent edits one line of AGENTS.md; hooks, servers and CI refuse it with the same finding",
            &human::verify(&sneaked),
        );
        if sneaked.conclusion != Conclusion::Violated {
            return Err(Error::Violated(sneaked.findings).into());
        }

        let claude = self.signer("claude")?;
        let id = {
            let desk = self.desk(&claude, "claude")?;
            let reason = "The tests run before each push, and waiting for a person stops urgent fixes.";
            let request = propose::Request::new("Let agents push to main", reason, propose::Source::WorkTree);
            let plan = propose::plan(&desk, &request)?;
            let shown = diff::plan(&plan);
            let proposed = propose::propose(&desk, &request, &plan)?;
            tell(
                "omega propose --title \"Let agents push to main\" --reason …",
                "what claude may do is propose the edit: a branch, a signed record, the exact bytes",
                &format!("{shown}\n{}", human::propose(&proposed)),
            );
            proposed.made.resolution
        };
        for (member, choice, reason) in
            [("claude", Choice::Approve, "It saves an hour a day."), ("ann", Choice::Reject, "Changes would reach users without a review.")]
        {
            let signer = self.signer(member)?;
            let voted = vote::vote(&self.desk(&signer, member)?, &id, choice, 90, reason)?;
            tell(&format!("omega vote push {} --reason \"{reason}\"", choice.as_str()), &format!("{member} votes"), &human::vote(&voted));
        }
        {
            let desk = self.desk(&nora, CHIEF)?;
            let request = rule::Request { id: &id, verdict: Verdict::Reject, bypass: None, reason: "Ann is right.", merge: true };
            let ruled = rule::rule(&desk, &request)?;
            tell("omega rule push reject --reason \"Ann is right.\"", "the Chief rules, and the reason is kept", &human::rule(&ruled));
        }
        write(AGENTS)?;
        let report = self.verify()?;
        tell("omega verify --worktree", "anybody can verify the file from the tree alone", &human::verify(&report));
        story.remove(0);
        *story = story
            .lines()
            .map(|line| if line.starts_with('#') { format!("{}\n", human::narration(&visible(line))) } else { format!("{line}\n") })
            .collect();
        Ok(report)
    }
}
