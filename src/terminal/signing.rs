//! Finding the key that signs: the one that was named, else the one at hand that is a member's.

use std::path::{Path, PathBuf};

use crate::canon::{Member, MemberName, Role};
use crate::git::Repo;
use crate::keyring::{KeyFile, Signer, agent};
use crate::keys::PublicKey;
use crate::ledger::state::Ledger;
use crate::workspace::Error;
use crate::workspace::assess::Assessment;
use crate::workspace::desk::departed;

use super::context::Context;
use super::failure::Failure;
use super::{ask, environment, settings};

/// A key at hand that has not signed anything yet.
enum Candidate {
    Agent(PathBuf, PublicKey),
    File(PathBuf, PublicKey),
    Program { program: PathBuf, file: Option<PathBuf>, key: PublicKey },
}

impl Candidate {
    fn key(&self) -> &PublicKey {
        match self {
            Self::Agent(_, key) | Self::File(_, key) | Self::Program { key, .. } => key,
        }
    }

    fn signer(&self) -> Result<Signer, Failure> {
        match self {
            Self::Agent(socket, key) => Ok(Signer::from_agent(socket, key.clone())),
            Self::File(path, _) => from_file(path),
            Self::Program { program, file, key } => Ok(Signer::from_program(program, file.as_deref(), key.clone())),
        }
    }
}

/// Opens a key file, asking for its passphrase where it has one.
pub fn from_file(path: &Path) -> Result<Signer, Failure> {
    Ok(Signer::from_file(path, &environment::program("ssh-keygen"), &mut |path| ask::passphrase(path))?)
}

/// The signer that was named with `--key`, wherever its private half is.
pub fn named(context: &Context, path: &Path) -> Result<Signer, Failure> {
    if path.extension().is_some_and(|ext| ext == "pub") {
        let key = KeyFile::read_public(path)?;
        let by_program = || context.repo().ok().as_ref().and_then(program_candidate);
        let elsewhere = agent_candidates().into_iter().find(|candidate| *candidate.key() == key);
        if let Some(candidate) = elsewhere.or_else(|| by_program().filter(|candidate| *candidate.key() == key)) {
            return candidate.signer();
        }
        return from_file(&path.with_extension(""));
    }
    from_file(path)
}

/// The signer of a member whose key is at hand.
pub fn of(repo: &Repo, member: &Member) -> Result<Option<Signer>, Failure> {
    let all = candidates(repo)?;
    all.iter().find(|candidate| member.holds(candidate.key())).map(Candidate::signer).transpose()
}

/// The signers that were named with flags, each opened before anything is written.
pub fn all_named<'p>(context: &Context, paths: impl IntoIterator<Item = &'p PathBuf>) -> Result<Vec<Signer>, Failure> {
    paths.into_iter().map(|path| named(context, &context.dir.join(path))).collect()
}

/// The Chief's name, whoever holds the keys.
pub fn chief(context: &Context, repo: &Repo) -> Result<MemberName, Failure> {
    Ok(in_force(context, repo)?.law()?.roster.chief().name.clone())
}

/// Whether the keys at hand are the Chief's, and no other member's.
pub fn is_chief(context: &Context, repo: &Repo) -> Result<bool, Failure> {
    let state = in_force(context, repo)?;
    let roster = &state.law()?.roster;
    if let Some(name) = &context.member {
        return Ok(*name == roster.chief().name);
    }
    let keys = keys_at_hand(context, repo)?;
    let mut mine = keys.iter().filter_map(|key| roster.holder(key)).peekable();
    Ok(mine.peek().is_some() && mine.all(|member| member.role == Role::Chief))
}

/// Whether any member of the council has a vote.
pub fn has_voters(context: &Context, repo: &Repo) -> Result<bool, Failure> {
    Ok(!in_force(context, repo)?.law()?.roster.voters().is_empty())
}

/// All public keys at hand, in the order in which they are tried.
pub fn keys_at_hand(context: &Context, repo: &Repo) -> Result<Vec<PublicKey>, Failure> {
    if let Some(key) = context.key.as_ref().and_then(|path| KeyFile::read_public(path).ok()) {
        return Ok(vec![key]);
    }
    Ok(candidates(repo)?.iter().map(|candidate| candidate.key().clone()).collect())
}

/// Finds who signs, and the member's name. For a ruling only the Chief's keys are looked at.
pub fn find(context: &Context, repo: &Repo, ruling: bool) -> Result<(Signer, MemberName), Failure> {
    let state = in_force(context, repo)?;
    let found = find_in(&state, context, repo, ruling)?;
    context.know(state);
    Ok(found)
}

fn find_in(state: &Assessment, context: &Context, repo: &Repo, ruling: bool) -> Result<(Signer, MemberName), Failure> {
    let (ledger, members) = (&state.judgement.ledger, &state.law()?.roster);
    let eligible =
        |member: &&Member| context.member.as_ref().is_none_or(|name| *name == member.name) && (!ruling || member.role == Role::Chief);
    let holder = |key: &PublicKey| members.iter().find(|member| member.holds(key));
    if let Some(path) = &context.key {
        let signer = named(context, path)?;
        return match (holder(signer.public_key()), &context.member) {
            (Some(member), Some(wanted)) if member.name != *wanted => Err(Failure::usage(
                format!("the key in `{}` is not one of `{wanted}`, but of `{}`", path.display(), member.name),
                "leave --as out, or choose another --key",
            )),
            (Some(member), _) => Ok((signer, member.name.clone())),
            (None, _) => {
                let key = format!("the key {} in `{}`", signer.public_key().fingerprint(), path.display());
                Err(gone(&key, ledger, signer.public_key()).unwrap_or_else(|| {
                    Error::denied(format!("{key} belongs to no member of the council"), "omega status lists the council").into()
                }))
            }
        };
    }
    let candidates = candidates(repo)?;
    let mut found: Vec<(&Candidate, &Member)> = Vec::new();
    for candidate in &candidates {
        if let Some(member) = holder(candidate.key()).filter(eligible)
            && !found.iter().any(|(_, other)| other.name == member.name)
        {
            found.push((candidate, member));
        }
    }
    match found.as_slice() {
        [(candidate, member)] => Ok((candidate.signer()?, member.name.clone())),
        [] => {
            // One key that has left says more than that there is none.
            let left = candidates.iter().find_map(|candidate| {
                let named = |owner: Option<&MemberName>| context.member.is_none() || owner == context.member.as_ref();
                ledger.departure(candidate.key()).filter(|(_, owner)| named(*owner))?;
                gone(&format!("the key {}", candidate.key().fingerprint()), ledger, candidate.key())
            });
            if let Some(failure) = left {
                return Err(failure);
            }
            if let Some(name) = context.member.as_ref().filter(|name| members.get(name).is_none()) {
                return Err(Error::denied(format!("`{name}` is not on the council"), "omega council list").into());
            }
            let mine = candidates.iter().find_map(|candidate| holder(candidate.key()));
            if let Some(member) = mine.filter(|_| ruling && context.member.is_none()) {
                let chief = &members.chief().name;
                return Err(Error::denied(
                    format!("the keys at hand are of `{}`, and only the Chief `{chief}` rules", member.name),
                    "as the Chief, name the key: --key FILE; a member votes: omega vote ID CHOICE",
                )
                .into());
            }
            let whose = match (&context.member, ruling) {
                (Some(name), _) => format!("`{name}`"),
                (None, true) => "the Chief".to_owned(),
                (None, false) => "a member of the council".to_owned(),
            };
            Err(Error::denied(
                format!("none of the keys at hand belongs to {whose}"),
                "name the key with --key FILE, or add it to the agent: ssh-add FILE",
            )
            .into())
        }
        several => {
            let names: Vec<String> = several.iter().map(|(_, member)| format!("`{}`", member.name)).collect();
            Err(Failure::usage(format!("the keys at hand belong to several members: {}", names.join(", ")), "say who acts with --as NAME"))
        }
    }
}

/// Why a key that once was in force signs nothing any more.
fn gone(key: &str, ledger: &Ledger, public: &PublicKey) -> Option<Failure> {
    let (fact, hint) = departed(key, ledger, public)?;
    Some(Error::denied(fact, hint).into())
}

/// The state in force at HEAD: enough to choose a key. A draft there seats nobody and retires nobody.
/// Whether the key may sign is judged later, on a tree that holds.
pub fn in_force(context: &Context, repo: &Repo) -> Result<Assessment, Failure> {
    let Some(commit) = repo.head()?.commit else {
        return Err(Failure::usage("there is no commit yet", "omega init"));
    };
    let assessment = context.judge(&repo.revision(commit)?)?;
    if assessment.judgement.ledger.law().is_none() {
        return Err(assessment.lawless().into());
    }
    Ok(assessment)
}

fn candidates(repo: &Repo) -> Result<Vec<Candidate>, Failure> {
    let mut all = agent_candidates();
    all.extend(program_candidate(repo));
    // The private half of a literal key is in the agent or with the program, which were asked already.
    if let Some((Some(path), _)) = signing_key(repo) {
        all.extend(file(&path));
    }
    all.extend(configured()?.iter().flat_map(|path| file(path)));
    Ok(all)
}

/// The key that git signs with, and its file where it is not written out in the setting.
fn signing_key(repo: &Repo) -> Option<(Option<PathBuf>, PublicKey)> {
    let setting = repo.config_string("user.signingkey")?;
    if let Ok(key) = PublicKey::parse(setting.strip_prefix("key::").unwrap_or(&setting)) {
        return Some((None, key));
    }
    let path = expand(&setting);
    let key = KeyFile::read_public(&path).ok()?;
    Some((Some(path), key))
}

/// The key that git signs with, by the program that git signs with.
fn program_candidate(repo: &Repo) -> Option<Candidate> {
    let program = expand(&repo.config_program("gpg.ssh.program")?);
    let (file, key) = signing_key(repo)?;
    Some(Candidate::Program { program, file, key })
}

fn agent_candidates() -> Vec<Candidate> {
    let Some(socket) = environment::variable("SSH_AUTH_SOCK").map(PathBuf::from) else { return Vec::new() };
    let keys = agent::identities(&socket).unwrap_or_default();
    keys.into_iter().map(|(key, _)| Candidate::Agent(socket.clone(), key)).collect()
}

fn file(path: &Path) -> Option<Candidate> {
    let key = KeyFile::read_public(path).ok()?;
    let private = if path.extension().is_some_and(|ext| ext == "pub") { path.with_extension("") } else { path.to_owned() };
    private.is_file().then_some(Candidate::File(private, key))
}

fn expand(path: &str) -> PathBuf {
    match (path.strip_prefix("~/"), environment::home()) {
        (Some(rest), Some(home)) => home.join(rest),
        _ => PathBuf::from(path),
    }
}

/// Key files that the user's omega.toml names, the one that omega makes, and those that `ssh` looks for.
fn configured() -> Result<Vec<PathBuf>, Failure> {
    let Some(dir) = environment::config_dir() else { return Ok(Vec::new()) };
    let settings = settings::read()?;
    let ssh = ["~/.ssh/id_ed25519", "~/.ssh/id_ed25519_sk"].map(expand);
    Ok(settings.keys.iter().map(|path| expand(path)).chain([default_key(&dir)]).chain(ssh).collect())
}

/// Where `omega key new` puts a key that is given no other place.
pub fn default_key(config_dir: &Path) -> PathBuf {
    config_dir.join("id_ed25519")
}

/// The first key at hand, whoever's it is: before there is a council, it is the user's own.
pub fn first_at_hand(repo: &Repo) -> Option<Result<Signer, Failure>> {
    let all = match candidates(repo) {
        Ok(all) => all,
        Err(failure) => return Some(Err(failure)),
    };
    let setting = signing_key(repo).map(|(_, key)| key);
    let chosen = all.iter().find(|candidate| Some(candidate.key()) == setting.as_ref()).or_else(|| all.first());
    chosen.map(Candidate::signer)
}

/// All keys at hand with the files they are in, or the program that has them.
pub fn all_at_hand(repo: Option<&Repo>) -> Result<Vec<(Option<String>, PublicKey)>, Failure> {
    let all = match repo {
        Some(repo) => candidates(repo)?,
        None => agent_candidates().into_iter().chain(configured()?.iter().filter_map(|path| file(path))).collect(),
    };
    let shown = all.iter().map(|candidate| match candidate {
        Candidate::Agent(_, key) => (None, key.clone()),
        Candidate::File(path, key) | Candidate::Program { program: path, key, .. } => (Some(path.display().to_string()), key.clone()),
    });
    Ok(shown.collect())
}

/// The key of a new Chief: the one that is named, git's, the agent's only one, the default file, or a new one.
pub fn of_chief(context: &Context, repo: Option<&Repo>) -> Result<Signer, Failure> {
    if let Some(path) = &context.key {
        return named(context, path);
    }
    if let Some(signer) = repo.and_then(first_at_hand) {
        return signer;
    }
    let dir = environment::config_dir()
        .ok_or_else(|| Failure::usage("there is no key, and no home folder to put one", "name one with --key FILE"))?;
    let path = default_key(&dir);
    if path.exists() {
        return from_file(&path);
    }
    if !ask::is_interactive() {
        return Err(Error::usage("there is no key to sign with", "make one: omega key new; or name one with --key FILE").into());
    }
    ask::show(&format!("no key was found; a new one goes to {}\n", path.display()))?;
    let passphrase = ask::new_passphrase()?;
    std::fs::create_dir_all(&dir).map_err(|error| Error::io("make", &dir, &error))?;
    KeyFile::generate(&path, "omega", (!passphrase.is_empty()).then_some(passphrase.as_str()))?;
    from_file(&path)
}
