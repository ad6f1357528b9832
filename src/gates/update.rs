//! One ref that a push moves, as git tells its hooks.

use crate::git::Oid;

/// One ref of a push.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefUpdate {
    /// Where it was; nothing, if it is new.
    pub old: Option<Oid>,
    /// Where it would be; nothing, if it is deleted.
    pub new: Option<Oid>,
    /// Its full name.
    pub name: String,
}

impl RefUpdate {
    /// Reads a line `<old> <new> <ref>` of githooks(5).
    pub fn parse(old: &str, new: &str, name: &str) -> Option<Self> {
        let id = |text: &str| match text.bytes().all(|byte| byte == b'0') {
            true => Some(None),
            false => text.parse().ok().map(Some),
        };
        Some(Self { old: id(old)?, new: id(new)?, name: name.to_owned() })
    }

    /// Reads what git gives to `pre-receive`.
    pub fn read(text: &str) -> Option<Vec<Self>> {
        let line = |line: &str| {
            let (old, rest) = line.split_once(' ')?;
            let (new, name) = rest.split_once(' ')?;
            Self::parse(old, new, name)
        };
        text.lines().map(line).collect()
    }

    /// Reads what git gives to `pre-push`: lines `<local ref> <local id> <remote ref> <remote id>` of githooks(5). What is old is
    /// what the remote has.
    pub fn read_pushed(text: &str) -> Option<Vec<Self>> {
        let line = |line: &str| {
            // What is pushed may be any revision, with spaces in it.
            let [old, name, new, _] = line.rsplitn(4, ' ').collect::<Vec<_>>()[..] else { return None };
            Self::parse(old, new, name)
        };
        text.lines().map(line).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::RefUpdate;

    #[test]
    fn what_is_pushed_may_be_any_revision() {
        let (some, none) = ("a".repeat(40), "0".repeat(40));
        let text = format!("main@{{1 hour ago}} {some} refs/heads/z {none}\n(delete) {none} refs/heads/y {some}\n");
        let read = RefUpdate::read_pushed(&text).expect("two lines");
        assert_eq!(read.iter().map(|update| update.name.as_str()).collect::<Vec<_>>(), ["refs/heads/z", "refs/heads/y"]);
        assert!(read[0].new.is_some() && read[0].old.is_none() && read[1].new.is_none() && read[1].old.is_some());
        assert!(RefUpdate::read_pushed("refs/heads/main refs/heads/main").is_none());
    }
}
