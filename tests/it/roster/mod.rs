//! The roster and its keys, changed by commands: seats, weights, roles, rotation, revocation, recovery.

mod attacks;
mod council;
mod elsewhere;
mod keys;
mod recovery;

use crate::world::{Ran, World};

/// The id of what a command proposed.
#[track_caller]
fn proposed(ran: Ran) -> String {
    ran.exits(0).json()["report"]["resolution"].as_str().unwrap().to_owned()
}

impl World {
    /// Runs omega with the key of a name, and gives the id of what it proposed.
    #[track_caller]
    fn drafts(&self, by: &str, args: &[&str]) -> String {
        let id = proposed(self.by(by, &[args, &["--format", "json"]].concat()));
        self.look_at(&id);
        id
    }

    /// The same, approved by these members and ratified.
    #[track_caller]
    fn enacts(&self, by: &str, args: &[&str], voters: &[&str]) -> String {
        let id = self.drafts(by, args);
        self.approve(&id, voters);
        self.ratify(&id);
        self.holds();
        id
    }

    /// A public key file.
    fn pub_file(&self, name: &str) -> String {
        format!("{}.pub", self.key(name))
    }

    /// The fingerprint of a name's key.
    fn fingerprint(&self, name: &str) -> String {
        self.omega(&["key", "show", &self.pub_file(name), "--format", "json"]).json()["report"][0]["fingerprint"]
            .as_str()
            .unwrap()
            .to_owned()
    }

    /// What is there holds, in every sense.
    #[track_caller]
    fn holds(&self) {
        for args in [&["canon", "verify"][..], &["canon", "verify", "--worktree"], &["canon", "verify", "--index"]] {
            self.omega(args).exits(0);
        }
        assert_eq!(self.git(&["status", "--porcelain"]).out, "");
    }

    /// Refuses with this code and these words on standard error, and leaves no trace.
    #[track_caller]
    fn denies(&self, by: &str, args: &[&str], code: i32, words: &str) {
        let before = self.traces();
        let ran = self.by(by, args).exits(code);
        assert_eq!(self.plain(&ran.err), words);
        assert_eq!((ran.out.as_str(), self.traces()), ("", before));
    }

    /// The council as `council list` tells it, a line a member.
    fn roster(&self) -> Vec<String> {
        let report = self.omega(&["council", "list", "--format", "json"]).exits(0).json()["report"].clone();
        let line = |member: &serde_json::Value| {
            let text = |field: &str| member[field].as_str().unwrap_or("-").to_owned();
            let keys = member["keys"].as_array().unwrap().len();
            format!(
                "{} {} {} {} {} {} {keys}",
                member["seat"],
                text("name"),
                text("role"),
                text("kind"),
                text("operator"),
                member["weight"]
            )
        };
        report["members"].as_array().unwrap().iter().map(line).collect()
    }
}
