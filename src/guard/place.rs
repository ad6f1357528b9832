//! A repository with its rules: what may be written there.

use std::fs;
use std::path::{Path, PathBuf};

use crate::canon::DocumentName;
use crate::canon::{Place as Kind, RepoPath, alias, path::fold};
use crate::clock::Timestamp;
use crate::security;
use crate::workspace::Error;

use super::disk::real;
use super::rules::{Rules, Standing, standing};
use super::{Act, Decision, How, Opened, named, quoted, settings};

/// A repository with its rules.
pub(super) struct Place {
    workdir: Option<PathBuf>,
    git_dir: PathBuf,
    common_dir: PathBuf,
    /// Its rules.
    pub(super) standing: Standing,
    /// Where links that are, or were, governed lead to: what is there is read by governed names.
    led_to: Vec<PathBuf>,
}

impl Place {
    pub(super) fn read(opened: &Opened, now: Timestamp, threads: usize) -> Result<Self, Error> {
        let spelled = |path: &Path| fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
        let standing = standing(opened, now, threads)?;
        let workdir = opened.repo.workdir().map(spelled);
        let led_to = match (&standing, &workdir) {
            (Standing::Ruled(rules), Some(dir)) => {
                let links = rules.ledger.links.iter().map(|link| dir.join(link.as_str()));
                links.filter(|link| link.is_symlink()).map(|link| real(&link, true)).collect()
            }
            _ => Vec::new(),
        };
        Ok(Self { workdir, git_dir: spelled(opened.repo.git_dir()), common_dir: spelled(opened.repo.common_dir()), standing, led_to })
    }

    /// The rules, where they are known.
    pub(super) fn rules(&self) -> Option<&Rules> {
        match &self.standing {
            Standing::Ruled(rules) => Some(rules),
            _ => None,
        }
    }

    /// Whether a folder belongs to this repository, and not to one within it.
    pub(super) fn holds(&self, dir: &Path) -> bool {
        if dir.starts_with(&self.git_dir) || dir.starts_with(&self.common_dir) {
            return true;
        }
        let Some(workdir) = self.workdir.as_deref().filter(|workdir| dir.starts_with(workdir)) else { return false };
        dir.ancestors().take_while(|above| *above != workdir).all(|above| fs::symlink_metadata(above.join(".git")).is_err())
    }

    /// A path as one word, from the top of the work tree.
    fn shown(&self, path: &Path) -> String {
        let inner = self.workdir.as_deref().and_then(|workdir| path.strip_prefix(workdir).ok());
        quoted(inner.filter(|inner| !inner.as_os_str().is_empty()).unwrap_or(path))
    }

    /// Refuses what cannot be judged, because the canon does not verify; says whether it did.
    pub(super) fn is_closed(&self, decision: &mut Decision) -> bool {
        let Standing::Closed { fact, hint } = &self.standing else { return false };
        decision.add(Act::Deny, format!("{fact}; hint: {hint}"));
        true
    }

    /// Judges that a path of this repository is written; says whether no other rule has to be looked at.
    pub(super) fn judge(&self, path: &Path, how: How, decision: &mut Decision) -> bool {
        if matches!(self.standing, Standing::Free) {
            return false;
        }
        let contains = |inner: &Path| path.starts_with(inner) || (how == How::Tree && inner.starts_with(path));
        let reaches = how != How::File;
        if contains(&self.common_dir.join("omega")) || contains(&self.git_dir.join("omega")) {
            let what = "is where omega keeps the pin and what it remembers of this canon; only omega writes it";
            decision.add(Act::Deny, format!("{} {what}", self.shown(path)));
            return true;
        }
        if contains(&self.common_dir.join("hooks")) {
            decision.add(Act::Ask, format!("{} is among the hooks of this clone, which are gates of its canon", self.shown(path)));
            return false;
        }
        if self.is_closed(decision) {
            return true;
        }
        let (Some(rules), Some(workdir)) = (self.rules(), &self.workdir) else { return false };
        if self.led_to.iter().any(|led_to| contains(led_to)) {
            self.govern(rules, path, &rules.documents().who, decision);
        }
        let Ok(inner) = path.strip_prefix(workdir) else {
            // All of the work tree, from above.
            if reaches && workdir.starts_with(path) {
                self.records(rules, path, "holds the whole canon", how, decision);
            }
            return false;
        };
        let inner = inner.to_string_lossy();
        if alias::is_canon(&inner) {
            return self.canon(rules, path, &inner, how, decision);
        }
        let below = fold(&inner);
        let is_within = |governed: &str| governed.strip_prefix(&below).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
        let law = rules.ledger.law();
        if reaches && inner.is_empty() {
            self.records(rules, path, "holds the whole canon", how, decision);
        } else if law.is_some_and(|law| law.who.names(&inner))
            || (reaches && rules.ledger.paths().any(|(governed, _)| is_within(&governed.folded())))
            // A folder that comes to be where a pattern begins.
            || (how == How::Tree && law.is_some_and(|law| law.who.0.iter().any(|glob| is_within(&glob.literal_prefix()))))
        {
            self.govern(rules, path, &rules.documents().who, decision);
        } else if settings::starts_guard(workdir, &inner) {
            decision.add(Act::Ask, format!("{} starts omega guard", self.shown(path)));
        }
        false
    }

    /// What lies under `canon/`: documents, members and entries are edited by people, and everything else is written by omega.
    fn canon(&self, rules: &Rules, path: &Path, inner: &str, how: How, decision: &mut Decision) -> bool {
        let (_, rest) = inner.split_once('/').unwrap_or((inner, ""));
        let written: Option<RepoPath> = format!("canon/{rest}").parse().ok();
        let kind = written.as_ref().and_then(Kind::of);
        if let (Some(written), Some(kind)) = (&written, &kind) {
            if kind.is_state() {
                self.govern_by(rules, path, &rules.ruling(written), decision);
                return false;
            }
            let what = kind.written_by_omega().unwrap_or("written by omega");
            self.records(rules, path, &format!("is {what}"), How::File, decision);
            return true;
        }
        let below = fold(&format!("canon/{rest}"));
        let holds_state = rules.ledger.paths().any(|(governed, _)| governed.folded().starts_with(&format!("{below}/")));
        // A folder of documents, members or entries has their signatures, too.
        let is_folder = how != How::File && (holds_state || path.is_dir());
        let what = if is_folder { "holds signed files of the canon" } else { "is no file that a canon has" };
        self.records(rules, path, what, how, decision);
        true
    }

    fn records(&self, rules: &Rules, path: &Path, what: &str, how: How, decision: &mut Decision) {
        if how == How::Restored {
            // Git brings back what was committed: records as they are, and documents without their drafts.
            return self.govern_by(rules, path, "with the governed files in it", decision);
        }
        let last = rules.ledger.head().map(|ruled| ruled.digest.short()).unwrap_or_default();
        let number = rules.ledger.last().unwrap_or_default();
        decision.add(
            Act::Deny,
            format!("{} {what}, and only omega writes it: an edit would break what ruling {number} ({last}) closed", self.shown(path)),
        );
    }

    fn govern(&self, rules: &Rules, path: &Path, document: &DocumentName, decision: &mut Decision) {
        self.govern_by(rules, path, &format!("{document}, {}", rules.ruling_of(document)), decision);
    }

    fn govern_by(&self, rules: &Rules, path: &Path, ruling: &str, decision: &mut Decision) {
        let path = self.shown(path);
        if rules.is_pinned {
            let fact = format!("{path} is governed ({ruling}); an edit counts only after `omega propose` and a ruling");
            decision.add(Act::Ask, fact);
        } else {
            let hint = "omega verify shows the root; if its people confirm it: omega trust pin ROOT";
            decision.add(
                Act::Deny,
                format!("{path} is governed ({ruling}), and no root is pinned in this clone to verify an edit by; hint: {hint}"),
            );
        }
    }

    /// Judges a path by the paths that the security policy forbids: as it lies in the work tree, in the home, and from the root.
    pub(super) fn forbid(&self, path: &Path, home: Option<&Path>, how: How, decision: &mut Decision) {
        let Some(rules) = self.rules() else { return };
        let from = [self.workdir.as_deref(), home, Some(Path::new("/"))];
        let spellings = from.into_iter().flatten().filter_map(|from| path.strip_prefix(from).ok());
        for spelling in spellings {
            let text = spelling.to_string_lossy();
            let below = fold(&text);
            let holds = |glob: &&crate::canon::Glob| {
                let prefix = glob.literal_prefix();
                how == How::Tree && !prefix.is_empty() && (below.is_empty() || prefix == below || prefix.starts_with(&format!("{below}/")))
            };
            let rule = security::forbidden_path(&rules.forbidden.forbidden_paths, &text)
                .or_else(|| rules.forbidden.forbidden_paths.iter().find(holds).map(crate::canon::Glob::as_str));
            if let Some(rule) = rule {
                let document = &rules.documents().security;
                let ruling = rules.ruling_of(document);
                decision.add(
                    Act::Deny,
                    format!("{} must not be written by an agent: {document} forbids `{}`, {ruling}", self.shown(path), named(rule)),
                );
                return;
            }
        }
    }
}
