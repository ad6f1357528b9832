//! The comment on a pull request, on servers that keep comments as forges do.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

use serde_json::{Value, json};

use crate::world::{Ran, World};

use super::{branch, ci_in, commit};

const TOKEN: &str = "s3cret-of-the-job";

/// What a forge knows, and was asked.
#[derive(Default)]
struct Kept {
    /// Author and text, by number from 1.
    comments: Vec<(String, String)>,
    /// Each request, as method and path.
    asked: Vec<String>,
    /// The header that held the token.
    header: String,
    /// What writing is answered with instead.
    refuses: Option<u16>,
    /// Whether the token belongs to a user.
    user: Option<&'static str>,
}

struct Server {
    port: u16,
    kept: Arc<Mutex<Kept>>,
}

impl Server {
    fn new() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let (port, kept) = (listener.local_addr().unwrap().port(), Arc::new(Mutex::new(Kept::default())));
        let shared = kept.clone();
        thread::spawn(move || listener.incoming().flatten().for_each(|stream| serve(stream, &mut shared.lock().unwrap())));
        Self { port, kept }
    }

    /// What was asked since this was asked last.
    fn asked(&self) -> Vec<String> {
        std::mem::take(&mut self.kept.lock().unwrap().asked)
    }

    fn comments(&self) -> Vec<(String, String)> {
        self.kept.lock().unwrap().comments.clone()
    }
}

fn serve(stream: TcpStream, kept: &mut Kept) {
    let mut reader = BufReader::new(stream);
    let (mut first, mut length) = (String::new(), 0);
    reader.read_line(&mut first).unwrap();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).unwrap();
        let small = line.to_ascii_lowercase();
        if let Some(value) = small.strip_prefix("content-length:") {
            length = value.trim().parse().unwrap();
        }
        if small.starts_with("authorization:") || small.starts_with("private-token:") {
            kept.header = small.trim().to_owned();
        }
        if line == "\r\n" {
            break;
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).unwrap();
    let mut words = first.split(' ');
    let (method, target) = (words.next().unwrap(), words.next().unwrap());
    kept.asked.push(format!("{method} {target}"));
    let path = target.split('?').next().unwrap();
    let said = || serde_json::from_slice::<Value>(&body).unwrap()["body"].as_str().unwrap().to_owned();
    let (status, answer) = match (method, kept.refuses) {
        ("GET", _) if path.ends_with("/user") => match kept.user {
            Some(user) => (200, json!({ "login": user, "username": user })),
            None => (403, json!({ "message": "not accessible" })),
        },
        ("GET", _) => {
            let page: usize = target.split("&page=").nth(1).unwrap().split('&').next().unwrap().parse().unwrap();
            let all = kept.comments.iter().zip(1..).skip((page - 1) * 100).take(100);
            let shown = |((author, text), id): (&(String, String), i32)| json!({ "id": id, "body": text, "user": { "login": author }, "author": { "username": author } });
            (200, all.map(shown).collect())
        }
        (_, Some(status)) => (status, json!({ "message": "no" })),
        ("POST", _) => {
            kept.comments.push((kept.user.unwrap_or("github-actions[bot]").to_owned(), said()));
            (201, json!({ "id": kept.comments.len() }))
        }
        _ => {
            let id: usize = path.rsplit('/').next().unwrap().parse().unwrap();
            kept.comments[id - 1].1 = said();
            (200, json!({ "id": id }))
        }
    };
    let answer = answer.to_string();
    let mut stream = reader.into_inner();
    write!(stream, "HTTP/1.1 {status} X\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{answer}", answer.len()).unwrap();
}

/// A pull request of a repository, with an edit that nobody ratified.
struct Pull {
    world: World,
}

impl Pull {
    fn new() -> Self {
        let world = World::planted(&["ana"]);
        branch(&world, "pr", "main");
        world.edit_identity("Sneaked");
        commit(&world, "Sneak");
        Self { world }
    }

    fn event(&self) -> String {
        let id = |rev: &str| self.world.git(&["rev-parse", rev]).out.trim().to_owned();
        let event = json!({
            "number": 7,
            "pull_request": { "number": 7, "base": { "ref": "main", "sha": id("main") }, "head": { "ref": "pr", "sha": id("pr") } },
        });
        let path = self.world.path("event.json");
        std::fs::write(&path, event.to_string()).unwrap();
        path.to_str().unwrap().to_owned()
    }

    /// The job of a forge with Actions.
    fn actions(&self, forge: &str, home: &str, variables: &[(&str, &str)], args: &[&str]) -> Ran {
        let (root, event) = (self.world.root(), self.event());
        let forge = format!("{forge}_ACTIONS");
        let base = [
            (forge.as_str(), "true"),
            ("GITHUB_ACTIONS", "true"),
            ("GITHUB_EVENT_NAME", "pull_request"),
            ("GITHUB_BASE_REF", "main"),
            ("GITHUB_REPOSITORY", "acme/app"),
            ("GITHUB_JOB", "canon"),
            ("GITHUB_API_URL", home),
            ("GITHUB_EVENT_PATH", &event),
            ("OMEGA_ROOT", &root),
        ];
        ci_in(&self.world, &self.world.repo(), &[&base[..], variables].concat(), args)
    }
}

#[test]
fn a_pull_request_has_one_comment_that_is_kept_up_to_date() {
    let (pull, server) = (Pull::new(), Server::new());
    let home = format!("http://127.0.0.1:{}", server.port);
    let run = |variables: &[(&str, &str)], args: &[&str]| pull.actions("GITHUB", &home, variables, args);
    // Without a token, and where none is wanted, nobody is asked.
    run(&[], &[]).exits(11);
    run(&[("GITHUB_TOKEN", TOKEN)], &["--no-comment"]).exits(11);
    assert_eq!(server.asked(), Vec::<String>::new());
    // Others comment before, and one of them knows the mark.
    let ran = run(&[("GITHUB_TOKEN", TOKEN)], &[]).exits(11);
    assert_eq!(server.asked(), ["GET /repos/acme/app/issues/7/comments?per_page=100&page=1", "POST /repos/acme/app/issues/7/comments"]);
    assert_eq!(server.kept.lock().unwrap().header, format!("authorization: bearer {TOKEN}"));
    assert!(!ran.out.contains(TOKEN) && !ran.err.contains(TOKEN) && !ran.err.contains("comment"), "{}", ran.err);
    let (_, first) = server.comments()[0].clone();
    let mark = first.lines().next().unwrap().to_owned();
    assert!(mark.starts_with("<!-- omega ci ") && mark.ends_with(" -->") && first.contains("\n## ❌ canon: "), "{first}");
    {
        let mut kept = server.kept.lock().unwrap();
        let others = (0..150).map(|number| ("eve".to_owned(), format!("{mark}\n## ✅ all is well {number}")));
        let others: Vec<_> = others.collect();
        kept.comments.splice(0..0, others);
    }
    // The same again changes nothing; the comment is on the second page.
    run(&[("GITHUB_TOKEN", TOKEN)], &[]).exits(11);
    let pages = [
        "GET /repos/acme/app/issues/7/comments?per_page=100&page=1",
        "GET /user",
        "GET /repos/acme/app/issues/7/comments?per_page=100&page=2",
    ];
    assert_eq!(server.asked(), pages);
    // Another outcome is another text of the same comment.
    pull.world.git(&["restore", "--source=main", "canon"]).exits(0);
    commit(&pull.world, "Take it back");
    run(&[("GITHUB_TOKEN", TOKEN)], &[]).exits(0);
    assert_eq!(server.asked().last().unwrap(), "PATCH /repos/acme/app/issues/comments/151");
    let comments = server.comments();
    assert!(comments[150].1.starts_with(&format!("{mark}\n## ✅ canon: ")), "{}", comments[150].1);
    assert!(comments[..150].iter().all(|(author, text)| author == "eve" && text.contains("all is well")) && comments.len() == 151);
    // Another job has a comment of its own, and a change without news gets none.
    run(&[("GITHUB_TOKEN", TOKEN), ("GITHUB_JOB", "other --> <b>")], &[]).exits(0);
    assert_eq!(server.comments().len(), 151);
    // Whose root is missing is told as well.
    run(&[("GITHUB_TOKEN", TOKEN), ("GITHUB_JOB", "other --> <b>"), ("OMEGA_ROOT", "")], &[]).exits(13);
    let (_, other) = server.comments()[151].clone();
    assert!(other.contains("\n## ⏳ canon: not judged\n") && !other.contains("--> <b>") && !other.starts_with(&mark), "{other}");
}

#[test]
fn other_forges_are_asked_in_their_own_way() {
    let (pull, server) = (Pull::new(), Server::new());
    let home = format!("http://127.0.0.1:{}/api/v1", server.port);
    server.kept.lock().unwrap().user = Some("forgejo-actions");
    for token in [("FORGEJO_TOKEN", TOKEN), ("OMEGA_COMMENT_TOKEN", TOKEN)] {
        pull.actions("FORGEJO", &home, &[token], &[]).exits(11);
        assert_eq!(server.kept.lock().unwrap().header, format!("authorization: token {TOKEN}"));
    }
    let path = "/api/v1/repos/acme/app/issues/7/comments";
    let list = format!("GET {path}?limit=100&page=1");
    assert_eq!(server.asked(), [list.clone(), format!("POST {path}"), list.clone(), "GET /api/v1/user".to_owned()]);
    let root = pull.world.root();
    let id = |rev: &str| pull.world.git(&["rev-parse", rev]).out.trim().to_owned();
    let (base, head) = (id("main"), id("pr"));
    let (server, api) = (Server::new(), "http://127.0.0.1");
    let api = format!("{api}:{}/api/v4", server.port);
    server.kept.lock().unwrap().user = Some("project_4_bot");
    let job = |text: &str| {
        let variables = [
            ("GITLAB_CI", "true"),
            ("CI_PIPELINE_SOURCE", "merge_request_event"),
            ("CI_MERGE_REQUEST_IID", "9"),
            ("CI_MERGE_REQUEST_PROJECT_ID", "4"),
            ("CI_MERGE_REQUEST_TARGET_BRANCH_NAME", "main"),
            ("CI_MERGE_REQUEST_TARGET_BRANCH_SHA", &base),
            ("CI_COMMIT_SHA", &head),
            ("CI_API_V4_URL", &api),
            ("CI_JOB_NAME", "canon"),
            ("OMEGA_ROOT", &root),
            ("GITLAB_TOKEN", TOKEN),
        ];
        let ran = ci_in(&pull.world, &pull.world.repo(), &variables, &[]).exits(11);
        assert!(ran.out.contains(text) && !ran.err.contains("note:"), "{}{}", ran.out, ran.err);
    };
    job("violated: ");
    let notes = "/api/v4/projects/4/merge_requests/9/notes";
    let list = format!("GET {notes}?per_page=100&page=1&sort=asc&order_by=created_at");
    assert_eq!(server.asked(), [list.clone(), format!("POST {notes}")]);
    assert_eq!(server.kept.lock().unwrap().header, format!("private-token: {TOKEN}"));
    server.kept.lock().unwrap().comments[0].1.push_str("edited by hand");
    job("violated: ");
    assert_eq!(server.asked(), [list, "GET /api/v4/user".to_owned(), format!("PUT {notes}/1")]);
}

#[test]
fn what_cannot_be_written_is_a_note_and_changes_no_verdict() {
    let (pull, server) = (Pull::new(), Server::new());
    let home = format!("http://127.0.0.1:{}", server.port);
    server.kept.lock().unwrap().refuses = Some(403);
    let ran = pull.actions("GITHUB", &home, &[("GITHUB_TOKEN", TOKEN)], &[]).exits(11);
    let note = format!(
        "note: no comment was written on GitHub 7: `{home}` answers with status 403; its token may not comment, as in a pull request from \
         a fork\n"
    );
    assert!(ran.err.contains(&note) && !ran.err.contains(TOKEN), "{}", ran.err);
    for (home, why) in [
        ("http://127.0.0.1:1", "`http://127.0.0.1:1` does not answer: "),
        ("http://forge.example", "`http://forge.example` is not encrypted: use https"),
        ("nonsense", "`nonsense` is not an address"),
    ] {
        let ran = pull.actions("GITHUB", home, &[("GITHUB_TOKEN", TOKEN)], &[]).exits(11);
        assert!(ran.err.contains(why) && !ran.err.contains(TOKEN), "{home}: {}", ran.err);
    }
    for (name, value) in [("GITHUB_TOKEN", "two\nlines"), ("GITHUB_REPOSITORY", "../../user"), ("GITHUB_REPOSITORY", "a/b/c")] {
        let ran = pull.actions("GITHUB", &home, &[("GITHUB_TOKEN", TOKEN), (name, value)], &[]).exits(11);
        assert!(ran.err.contains("note: no comment was written") && !ran.err.contains("two\nlines"), "{}", ran.err);
    }
}
