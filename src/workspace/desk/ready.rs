//! What must be so before the first durable step of every command that writes. Each is asked once, here.

use crate::canon::text::visible;
use crate::git::Repo;
use crate::shell::quote;
use crate::workspace::Error;
use crate::workspace::pin::foreign;

/// Whether this repository is in a state in which something can be written at all.
///
/// # Errors
/// Unready, with what is in the way and the command that clears it.
pub(crate) fn repository(repo: &Repo) -> Result<(), Error> {
    if !repo.is_trusted() {
        return Err(foreign(repo, "nothing is written to it"));
    }
    if let Some(operation) = repo.operation() {
        let fact = format!("git is in the middle of a {} in this work tree", operation.name());
        return Err(Error::unready(fact, format!("end it first: {}", operation.ends_by())));
    }
    if let Some((folder, why)) = repo.unwritable() {
        let folder = folder.display().to_string();
        return Err(Error::unready(
            format!("cannot write in `{folder}`: {why}"),
            format!("see who may write there, and how much room there is: ls -ld {0}; df {0}", quote(&folder)),
        ));
    }
    Ok(())
}

/// Whether a commit can be put on a branch, given by its full name: which exists already, or is to be made.
///
/// # Errors
/// Unready as for [`repository`]; held, where another git command has locked what is to be written.
pub(crate) fn branch(repo: &Repo, branch: &str, exists: bool) -> Result<(), Error> {
    let shown = |name: &str| visible(name.strip_prefix("refs/heads/").unwrap_or(name));
    let name = shown(branch);
    let meant = repo.meant_by(branch)?;
    if meant != branch {
        return Err(Error::unready(
            format!("the branch `{name}` is a symbolic reference to `{}`", shown(&meant)),
            format!(
                "make it a branch of its own: git symbolic-ref --delete {0} && git branch {1} {2}",
                quote(branch),
                quote(&name),
                quote(&shown(&meant))
            ),
        ));
    }
    if !exists && let Some(other) = repo.in_the_way(branch)? {
        let (other, free) = (shown(&other), format!("{}-branch", shown(&other)));
        return Err(Error::unready(
            format!("there cannot be a branch `{name}` beside the branch `{other}`"),
            format!("rename that one: git branch -m {} {}", quote(&other), quote(&free)),
        ));
    }
    let checkout = !repo.is_bare() && repo.head()?.branch.as_deref() == Some(branch);
    if let Some(lock) = repo.held_lock(branch, checkout)? {
        let file = lock.path.display().to_string();
        return Err(Error::Held {
            fact: match lock.holder {
                Some(process) => format!("process {process} holds the lock `{file}`"),
                None => format!("the lock `{file}` is there, and no process is seen that has it open"),
            },
            hint: match lock.holder {
                Some(_) => "repeat the command when that process is done".to_owned(),
                None => format!("if no git command runs here, one was killed: rm {}", quote(&file)),
            },
        });
    }
    Ok(())
}
