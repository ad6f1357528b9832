//! The summary of a job as a comment on its pull request, where the job has a token that may write one.

use std::path::Path;
use std::time::Duration;

use super::{environment, job};
use crate::digest::Digest;
use crate::gates::ci::Forge;
use crate::net::{CommentApi, NetError, Thread, comment};

/// The most bytes of a comment: GitHub takes 65,536 characters.
pub const LARGEST: usize = 60_000;
/// How long one answer of a forge may take.
const TIMEOUT: Duration = Duration::from_secs(20);

/// A pull request that can be commented on.
pub struct Place {
    forge: Forge,
    home: String,
    project: String,
    number: u64,
    token: String,
    mark: String,
}

impl Place {
    /// The pull request of this job; nothing where it has none, or no token.
    pub fn of(dir: &Path) -> Option<Self> {
        let asked = job::asked(dir).ok().flatten()?;
        let (forge, number) = (asked.forge?, asked.number?);
        let variable = environment::variable;
        let either = |name: &str| variable(&format!("GITHUB_{name}"));
        let own = match forge {
            Forge::Github => None,
            Forge::Gitlab => variable("GITLAB_TOKEN"),
            Forge::Forgejo => variable("FORGEJO_TOKEN"),
            Forge::Gitea => variable("GITEA_TOKEN"),
        };
        let jobs = || either("TOKEN").filter(|_| forge != Forge::Gitlab);
        let token = variable("OMEGA_COMMENT_TOKEN").or(own).or_else(jobs)?;
        let (home, project, job) = match forge {
            Forge::Gitlab => {
                let project = variable("CI_MERGE_REQUEST_PROJECT_ID").or_else(|| variable("CI_PROJECT_ID"))?;
                (variable("CI_API_V4_URL")?, project, variable("CI_JOB_NAME"))
            }
            _ => {
                let server = || either("SERVER_URL").map(|server| format!("{}/api/v1", server.trim_end_matches('/')));
                let home = either("API_URL").or_else(|| server().filter(|_| forge != Forge::Github))?;
                let job = [either("WORKFLOW"), either("JOB")].into_iter().flatten().collect::<Vec<_>>().join("/");
                (home, either("REPOSITORY")?, Some(job))
            }
        };
        // Each job has its own comment. Its name may hold anything, and the mark is within a comment of HTML.
        let mark = format!("<!-- omega ci {} -->", Digest::of(job.unwrap_or_default().as_bytes()).short());
        Some(Self { forge, home, project, number, token, mark })
    }

    /// Writes the comment, or edits the one that is there. Gives what is worth a note.
    pub fn say(&self, text: &str, creates: bool) -> Option<String> {
        let api = match self.forge {
            Forge::Github => CommentApi::Github,
            Forge::Gitlab => CommentApi::Gitlab,
            Forge::Forgejo | Forge::Gitea => CommentApi::Gitea,
        };
        let thread = Thread { api, home: &self.home, project: &self.project, number: self.number, timeout: TIMEOUT };
        let error = comment(&thread, &self.token, &self.mark, text, creates).err()?;
        let why = match error {
            NetError::Status { status: 401 | 403 | 404, .. } => "; its token may not comment, as in a pull request from a fork",
            _ => "",
        };
        Some(format!("no comment was written on {} {}: {error}{why}", self.forge.name(), self.number))
    }
}
