use std::path::PathBuf;

use crate::canon::planted::{Profile, SystemName};
use crate::canon::{Glob, MemberName, ResolutionId};
use crate::cli::Answer;
use crate::cli::choices::one_of;
use crate::gates::ci::Forge;
use crate::gates::hooks;
use crate::git::Repo;
use crate::keyring::KeyFile;
use crate::ops::init::workflow;
use crate::ops::init::{self, Offer, Unread};
use crate::render::{gate, human, setup};
use crate::terminal::context::Context;
use crate::terminal::failure::{Exit, Failure};
use crate::terminal::{ask, signing};
use crate::workspace::Error;
use crate::workspace::assess::assess;

/// Set up governance: the documents, the council, the first ruling, one commit.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  omega init                                     in the repository at hand
  omega init --new aria --chief ry               in a new repository
  omega init --profile constitution --name Aria  also the identity of Aria
  omega init --member claude=claude.pub --govern AGENTS.md --yes
  omega init --adopt                             canon/ is there already
  omega init --ci github                         also a workflow for CI")]
pub struct Args {
    /// Make a new repository in this folder.
    #[arg(long, value_name = "DIR")]
    new: Option<PathBuf>,
    /// What to set up. Asked for on a terminal; else `files`, or with --new `omega`.
    #[arg(long, value_name = "PROFILE", value_parser = one_of(PROFILES))]
    profile: Option<Profile>,
    /// The name of the system, in the profiles `constitution` and `omega`.
    #[arg(long, value_name = "NAME")]
    name: Option<SystemName>,
    /// The Chief's name; from git's user.name where it is left out.
    #[arg(long, value_name = "NAME")]
    chief: Option<MemberName>,
    /// A further member with its public key; may be repeated, in seat order.
    #[arg(long = "member", value_name = "NAME=FILE.pub")]
    members: Vec<String>,
    /// Paths outside canon/ to govern, as globs; may be repeated.
    #[arg(long = "govern", value_name = "GLOB")]
    govern: Vec<Glob>,
    /// Write the workflow by which this forge judges changes; where there is a canon, nothing else is done.
    #[arg(long = "ci", value_name = "FORGE", value_parser = one_of(FORGES))]
    forge: Option<Forge>,
    /// Take the documents of an ordinary canon/ folder that is here as the first ones of the new canon.
    #[arg(long, conflicts_with = "new")]
    adopt: bool,
    /// Ask nothing: take the agent instruction files that are there under governance.
    #[arg(short, long)]
    yes: bool,
    /// Install the git hooks of this clone, too.
    #[arg(long, conflicts_with = "no_hooks")]
    hooks: bool,
    /// Install no hooks, and do not ask.
    #[arg(long)]
    no_hooks: bool,
}

/// The profiles, with what each of them is.
const PROFILES: &[(Profile, &str)] = &[
    (Profile::Files, "Instruction files of agents, governed by one short document"),
    (Profile::Constitution, "Also the identity, security, consensus and memory of a system"),
    (Profile::Omega, "Also the protocol, watched services and the economy"),
];

/// The forges that omega writes workflows for.
const FORGES: &[(Forge, &str)] = &[
    (Forge::Github, "GitHub Actions"),
    (Forge::Gitlab, "GitLab CI"),
    (Forge::Forgejo, "Forgejo Actions"),
    (Forge::Gitea, "Gitea Actions"),
];

/// Whether HEAD has a canon already.
fn has_canon(repo: &Repo) -> Result<bool, Failure> {
    Ok(match repo.head()?.commit {
        Some(commit) => crate::workspace::find::has_ruling(repo, commit, 0)?,
        None => false,
    })
}

/// The refs that the canon at HEAD protects.
fn protected(context: &Context, repo: &Repo) -> Result<Vec<String>, Failure> {
    let assessment = assess(&repo.revision(repo.resolve("HEAD")?)?, context.threads)?;
    Ok(assessment.law()?.protected_refs.clone())
}

pub fn run(context: &Context, args: Args) -> Result<Answer, Failure> {
    let members = args.members.iter().map(|text| member(context, text)).collect::<Result<Vec<_>, _>>()?;
    let dir = args.new.as_ref().map(|dir| context.dir.join(dir));
    // The key is found before a folder is made: a refusal leaves nothing behind.
    let existing = if dir.is_none() { Some(context.repo()?) } else { None };
    if let (Some(forge), Some(repo)) = (args.forge, &existing) {
        workflow::place(repo, forge)?;
        if has_canon(repo)? {
            let written = workflow::write(repo, forge, &protected(context, repo)?)?;
            return Ok(Answer::new(Exit::Done, human::workflow(&written), &written));
        }
    }
    if let Some(repo) = &existing {
        init::check(repo, args.adopt)?;
    }
    let profile = match args.profile {
        Some(profile) => profile,
        // Documents that are there already are those of the largest profile.
        None if args.adopt => Profile::Omega,
        None if args.name.is_some() => Profile::Constitution,
        // A new repository has no files of agents yet: it is to hold a whole system.
        None => asked_profile(args.yes, if args.new.is_some() { Profile::Omega } else { Profile::Files })?,
    };
    let system = system_name(profile, args.name, args.yes)?;
    let signer = signing::of_chief(context, existing.as_ref())?;
    // Taken back, where the canon does not come to be.
    let fresh = dir.as_ref().map(|dir| init::Fresh::make(dir)).transpose()?;
    let repo = match (existing, &dir) {
        (Some(repo), _) => repo,
        (None, Some(dir)) => context.repo_in(dir)?,
        (None, None) => context.repo()?,
    };
    let chief = chief_name(&repo, args.chief)?;
    if members.iter().any(|(name, key)| *name == chief || key.raw() == signer.public_key().raw()) {
        return Err(Failure::usage(
            "the Chief is named as a further member, or shares a key with one",
            "give every member a name and a key of their own",
        ));
    }
    let (govern, left_out) = governed(&repo, args.govern, args.yes, profile)?;
    let request = init::Request { profile, system, chief: chief.clone(), members, govern, adopt: args.adopt };
    let planted = init::init(&repo, &signer, context.actor(&repo, chief.as_str()), context.threads, &request);
    if let Some(fresh) = fresh.filter(|_| matches!(planted, Ok(_) | Err(Error::Unfinished { .. }))) {
        fresh.keep(planted.is_ok());
    }
    let mut planted = planted?;
    planted.left_out = left_out;
    planted.workflow = args.forge.map(|forge| workflow::write(&repo, forge, &[planted.branch.clone()])).transpose()?;
    let wanted = args.hooks
        || (!args.no_hooks && !args.yes && ask::is_interactive() && ask::confirm("install git hooks that hold commits and pushes to it?")?);
    let mut text = setup::report(&planted);
    if wanted {
        // The canon is planted, whatever becomes of the hooks.
        match hooks::install(&repo) {
            Ok(all) => {
                text.push_str(&format!("\nhooks:\n{}", gate::hooks(&all, None)));
                planted.hooks = all;
            }
            Err(error) => text.push_str(&format!("\nno hooks were installed: {error}\n  {}\n", "omega hooks install says what to do")),
        }
    }
    Ok(Answer::new(Exit::Done, text, &planted))
}

/// The profile that is chosen on the terminal; the usual one, where nothing is asked or answered.
fn asked_profile(yes: bool, usual: Profile) -> Result<Profile, Failure> {
    if yes || !ask::is_interactive() {
        return Ok(usual);
    }
    let list: String = PROFILES.iter().map(|(profile, help)| format!("  {:13} {help}\n", profile.as_str())).collect();
    ask::show(&format!("profiles:\n{list}"))?;
    let answer = ask::line(&format!("profile [{}]: ", usual.as_str()))?;
    if answer.is_empty() {
        return Ok(usual);
    }
    answer.parse().map_err(|why: String| Failure::usage(why, "omega init --profile files"))
}

/// The name of the system, where a document of the profile says it.
fn system_name(profile: Profile, named: Option<SystemName>, yes: bool) -> Result<SystemName, Failure> {
    match (profile, named) {
        (Profile::Files, Some(_)) => {
            Err(Failure::usage("the profile `files` has no document that names a system", "omega init --profile constitution --name NAME"))
        }
        (_, Some(name)) => Ok(name),
        (Profile::Constitution, None) if !yes && ask::is_interactive() => {
            let answer = ask::line("name of the system: ")?;
            answer.parse().map_err(|why: String| Failure::usage(why, "omega init --profile constitution --name NAME"))
        }
        (Profile::Constitution, None) => Err(Failure::usage("the system has no name yet", "omega init --profile constitution --name NAME")),
        (Profile::Files | Profile::Omega, None) => Ok(SystemName::default()),
    }
}

fn member(context: &Context, text: &str) -> Result<(MemberName, crate::keys::PublicKey), Failure> {
    let (name, file) =
        text.split_once('=').ok_or_else(|| Failure::usage(format!("`{text}` is not NAME=FILE.pub"), "--member claude=claude.pub"))?;
    let name: MemberName = name.parse().map_err(|error| Failure::usage(format!("{error}"), "--member claude=claude.pub"))?;
    Ok((name, KeyFile::read_public(&context.dir.join(file))?))
}

fn chief_name(repo: &Repo, named: Option<MemberName>) -> Result<MemberName, Failure> {
    if let Some(name) = named {
        return Ok(name);
    }
    // The rules for ids make a readable name of whatever git knows the user by.
    let known = repo.config_string("user.name").unwrap_or_default();
    let suggestion = ResolutionId::from_title("2000-01-01", &known)
        .map(|id| id.as_str()[11..].chars().take(32).collect::<String>())
        .filter(|_| !known.is_empty());
    let suggestion = suggestion.and_then(|name| name.trim_end_matches('-').parse::<MemberName>().ok());
    let asks = || Failure::usage("the Chief has no name yet", "--chief NAME");
    if !ask::is_interactive() {
        return suggestion.ok_or_else(asks);
    }
    let shown = suggestion.as_ref().map(|name| format!(" [{name}]")).unwrap_or_default();
    let answer = ask::line(&format!("name of the Chief{shown}: "))?;
    match (answer.is_empty(), suggestion) {
        (true, Some(suggestion)) => Ok(suggestion),
        _ => answer.parse().map_err(|error| Failure::usage(format!("{error}"), "--chief NAME")),
    }
}

/// The globs that govern from the start: those that were named, and those that are offered and taken; and what they leave out.
fn governed(repo: &Repo, mut named: Vec<Glob>, yes: bool, profile: Profile) -> Result<(Vec<Glob>, Vec<Unread>), Failure> {
    let Offer { globs, left_out } = init::instruction_files(repo, &named, profile == Profile::Files)?;
    if globs.is_empty() {
        return Ok((named, Vec::new()));
    }
    let take = if yes {
        true
    } else if ask::is_interactive() {
        ask::show(&setup::offer(&globs, &left_out))?;
        ask::confirm("govern these files from the start?")?
    } else {
        // A canon of files that governs none is of no use to anybody.
        profile == Profile::Files && named.is_empty()
    };
    if !take {
        return Ok((named, Vec::new()));
    }
    named.extend(globs.into_iter().map(|(glob, _)| glob));
    Ok((named, left_out))
}
