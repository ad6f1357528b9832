//! Risk is not self-declared: what a change touches gives the least it must declare.

use crate::canon::path::fold;
use crate::canon::policy::RiskFloors;
use crate::canon::{Place, RepoPath, Risk};

/// The least risk of changing `path`; `is_new` says that it was not there before.
pub fn of_path(rules: &RiskFloors, path: &RepoPath, is_new: bool) -> Risk {
    if !path.is_canon() {
        return rules.who;
    }
    let folded = fold(path.as_str());
    let named = rules.floors.iter().filter(|floor| floor.paths.matches_folded(&folded)).map(|floor| floor.floor).max();
    let document = (is_new && matches!(Place::of(path), Some(Place::Document(_)))).then_some(rules.new_document);
    named.max(document).unwrap_or(rules.otherwise)
}

/// The least risk of changing all these paths; low, if there are none.
pub fn of_paths<'a>(rules: &RiskFloors, paths: impl IntoIterator<Item = (&'a RepoPath, bool)>) -> Risk {
    paths.into_iter().map(|(path, is_new)| of_path(rules, path, is_new)).max().unwrap_or(Risk::Low)
}
