//! One comment on a pull request: found again by a mark that is not shown, and edited in place
//! (<https://docs.github.com/en/rest/issues/comments>, <https://docs.gitlab.com/api/notes/>, and Gitea's and Forgejo's `/api/swagger`).

use std::time::Duration;

use reqwest::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderName, HeaderValue};
use reqwest::{Client, Method, Url};
use serde_json::{Value, json};

use super::NetError;
use super::channel::Token;
use super::client::{address, body, cause, client, finish};

/// How many comments are asked for at once.
const PER_PAGE: usize = 100;
/// More pages are not searched.
const MOST_PAGES: usize = 30;
/// The most bytes of a page.
const LIMIT: usize = 16 << 20;

/// How a forge keeps comments.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CommentApi {
    /// GitHub's.
    Github,
    /// Gitea's, and Forgejo's.
    Gitea,
    /// GitLab's.
    Gitlab,
}

/// Where the comment belongs.
#[derive(Clone, Debug)]
pub struct Thread<'a> {
    /// How the forge keeps comments.
    pub api: CommentApi,
    /// The address of its API.
    pub home: &'a str,
    /// The repository: `owner/name`, or for GitLab the number of the project.
    pub project: &'a str,
    /// The number of the pull request.
    pub number: u64,
    /// How long one answer may take.
    pub timeout: Duration,
}

/// What became of the comment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Commented {
    /// It is there for the first time.
    Created,
    /// It says something else now.
    Edited,
    /// It says so already, or there is none and none is wanted.
    Unchanged,
}

/// Writes `text` into the comment with this mark. It edits only a comment of the token's own account: anybody who may comment can
/// write the mark, and could change the text afterwards. If there is no such comment, it makes one, if `creates`.
///
/// # Errors
/// When the forge may not be asked, or does not answer as it should. The token is in none of them.
pub fn comment(thread: &Thread<'_>, token: &str, mark: &str, text: &str, creates: bool) -> Result<Commented, NetError> {
    let home = address(thread.home.trim_end_matches('/'))?;
    let is_plain = |part: &str| {
        !part.is_empty() && part != "." && part != ".." && part.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b))
    };
    let parts = if thread.api == CommentApi::Gitlab { 1 } else { 2 };
    if thread.project.split('/').count() != parts || !thread.project.split('/').all(is_plain) {
        return Err(NetError::Address { url: thread.project.to_owned(), why: "is not the name of a repository" });
    }
    let unreachable = |cause: String| NetError::Unreachable { url: home.to_string(), cause };
    let forge = Forge {
        api: thread.api,
        client: client(&home, thread.timeout).map_err(|error| unreachable(cause(&error)))?,
        home: home.as_str().trim_end_matches('/').to_owned(),
        token: Token::new(token),
    };
    let (project, number) = (thread.project, thread.number);
    let (all, one) = match thread.api {
        CommentApi::Gitlab => {
            let all = format!("/projects/{project}/merge_requests/{number}/notes");
            (all.clone(), all)
        }
        _ => (format!("/repos/{project}/issues/{number}/comments"), format!("/repos/{project}/issues/comments")),
    };
    let whole = format!("{mark}\n{text}");
    let asking = async {
        let said = Some(json!({ "body": whole }));
        match forge.find(&all, mark).await? {
            Some((_, known)) if known.trim_end() == whole.trim_end() => Ok(Commented::Unchanged),
            Some((id, _)) => {
                let edit = if thread.api == CommentApi::Gitlab { Method::PUT } else { Method::PATCH };
                forge.ask(edit, &format!("{one}/{id}"), said).await.map(|_| Commented::Edited)
            }
            None if creates => forge.ask(Method::POST, &all, said).await.map(|_| Commented::Created),
            None => Ok(Commented::Unchanged),
        }
    };
    finish(asking).map_err(|error| unreachable(error.to_string()))?
}

/// A forge with the right to comment.
struct Forge {
    api: CommentApi,
    client: Client,
    home: String,
    token: Token,
}

impl Forge {
    /// The first comment of this account that begins with a mark: its number, and its text.
    async fn find(&self, all: &str, mark: &str) -> Result<Option<(u64, String)>, NetError> {
        let size = if self.api == CommentApi::Gitea { "limit" } else { "per_page" };
        let order = if self.api == CommentApi::Gitlab { "&sort=asc&order_by=created_at" } else { "" };
        let (mut own, mut first) = (None, None);
        for page in 1..=MOST_PAGES {
            let found = self.ask(Method::GET, &format!("{all}?{size}={PER_PAGE}&page={page}{order}"), None).await?;
            let Value::Array(comments) = found else { return Err(self.answers("no list of comments")) };
            // Some forges give all comments on each page.
            let begins = comments.first().and_then(|comment| comment["id"].as_u64());
            if begins.is_some() && begins == first {
                break;
            }
            first = first.or(begins);
            for comment in &comments {
                let text = comment["body"].as_str().unwrap_or_default().replace("\r\n", "\n");
                let author = comment.pointer("/user/login").or_else(|| comment.pointer("/author/username")).and_then(Value::as_str);
                if let (Some(id), Some(author), true) = (comment["id"].as_u64(), author, text.starts_with(mark)) {
                    if own.is_none() {
                        own = Some(self.account().await?);
                    }
                    if self.is_own(author, own.as_ref().and_then(Option::as_deref)) {
                        return Ok(Some((id, text)));
                    }
                }
            }
            if comments.len() < PER_PAGE {
                break;
            }
        }
        Ok(None)
    }

    /// The account that the token belongs to. The token of a job belongs to no user, and may not ask.
    async fn account(&self) -> Result<Option<String>, NetError> {
        match self.ask(Method::GET, "/user", None).await {
            Ok(user) => Ok(user["login"].as_str().or_else(|| user["username"].as_str()).map(str::to_owned)),
            Err(NetError::Status { status: 401 | 403 | 404, .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Whether an author is the account of the token; where that is not known, whether it is one that jobs have, whose name no user
    /// can take.
    fn is_own(&self, author: &str, account: Option<&str>) -> bool {
        match (account, self.api) {
            (Some(account), _) => account.eq_ignore_ascii_case(author),
            (None, CommentApi::Github) => author.ends_with("[bot]"),
            (None, CommentApi::Gitea) => matches!(author, "gitea-actions" | "forgejo-actions"),
            (None, CommentApi::Gitlab) => false,
        }
    }

    async fn ask(&self, method: Method, path: &str, said: Option<Value>) -> Result<Value, NetError> {
        let url = Url::parse(&format!("{}{path}", self.home)).map_err(|_| self.answers("no address"))?;
        let (name, value) = match self.api {
            CommentApi::Github => (AUTHORIZATION, format!("Bearer {}", self.token.reveal())),
            CommentApi::Gitea => (AUTHORIZATION, format!("token {}", self.token.reveal())),
            CommentApi::Gitlab => (HeaderName::from_static("private-token"), self.token.reveal().to_owned()),
        };
        let why = "cannot be asked with this token: it has characters that no header can hold";
        let mut value = HeaderValue::from_str(&value).map_err(|_| NetError::Address { url: self.home.clone(), why })?;
        value.set_sensitive(true);
        let mut request = self.client.request(method, url).header(name, value).header(ACCEPT, "application/json");
        if let Some(said) = said {
            request = request.header(CONTENT_TYPE, "application/json").body(said.to_string());
        }
        let failed =
            |error: reqwest::Error| NetError::Unreachable { url: self.home.clone(), cause: self.token.scrub(&cause(&error.without_url())) };
        let response = request.send().await.map_err(failed)?;
        if !response.status().is_success() {
            return Err(NetError::Status { url: self.home.clone(), status: response.status().as_u16() });
        }
        let bytes = body(response, LIMIT).await.map_err(failed)?.map_err(|limit| self.answers(&format!("more than {limit} bytes")))?;
        serde_json::from_slice(&bytes).map_err(|_| self.answers("no JSON"))
    }

    fn answers(&self, what: &str) -> NetError {
        NetError::Answer { url: self.home.clone(), what: what.to_owned() }
    }
}
