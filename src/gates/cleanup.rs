//! What git leaves of a commit message: enough to know whether it would abort the commit.

/// What follows the comment string in the line above which a message ends.
const CUT: &str = "------------------------ >8 ------------------------";
/// The characters of which git takes one where the comment character is `auto`.
const AUTO: &str = "#;@!$%^&|:";

/// How a repository writes comments into messages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Comments(String);

impl Comments {
    /// The comments of a message that went through an editor, by what `core.commentChar` or `core.commentString` says.
    pub fn of(setting: Option<&str>, message: &str) -> Self {
        match setting {
            Some("auto") => Self::found(message),
            Some(string) if !string.is_empty() => Self(string.to_owned()),
            _ => Self("#".to_owned()),
        }
    }

    /// Comments that no line of a message has: for one that went through no editor, where git keeps such lines.
    pub fn none(message: &str) -> Self {
        let free = AUTO.chars().find(|c| message.lines().all(|line| !line.starts_with(*c)));
        Self(free.unwrap_or('\u{1}').to_string())
    }

    /// The character that git chose: that of the scissors, else of the last comment.
    fn found(message: &str) -> Self {
        let cut = message.lines().find_map(|line| line.strip_suffix(CUT)?.strip_suffix(' ').filter(|c| AUTO.contains(*c)));
        let last = || message.lines().rev().find_map(|line| line.chars().next().filter(|c| AUTO.contains(*c)));
        Self(cut.filter(|c| !c.is_empty()).map(str::to_owned).or_else(|| last().map(String::from)).unwrap_or_else(|| "#".to_owned()))
    }

    /// The comment string.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The message without scissors and all below, without comments, and without white space around it and at ends of lines.
    fn clean(&self, message: &str) -> String {
        let cut = format!("{} {CUT}", self.0);
        let lines = message.lines().take_while(|line| *line != cut).filter(|line| !line.starts_with(&self.0));
        lines.map(str::trim_end).collect::<Vec<_>>().join("\n").trim().to_owned()
    }

    /// Whether git finds something said in a message: more than what it began with, and more than sign-offs.
    pub fn leave(&self, message: &str, template: Option<&str>) -> bool {
        let said = self.clean(message);
        let template = template.map(|template| self.clean(template)).unwrap_or_default();
        let is_more = |rest: &str| rest.lines().any(|line| !line.trim().is_empty() && !line.starts_with("Signed-off-by: "));
        is_more(said.strip_prefix(&template).unwrap_or(&said))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_left_of_what_git_would_abort() {
        let cut = format!("# {CUT}\ndiff --git a b\n+x\n");
        for (message, left) in [
            ("", false),
            ("\n \n\t\n", false),
            ("\n# Please enter the message\n#\tmodified: x\n", false),
            (&*format!("\n# help\n{cut}"), false),
            ("Signed-off-by: A <a@example.invalid>\n# help\n", false),
            ("subject\n# help\n", true),
            (&*format!("subject\n{cut}"), true),
            (" # indented is no comment\n", true),
            ("; subject\n", true),
        ] {
            assert_eq!(Comments::of(None, message).leave(message, None), left, "{message:?}");
        }
        assert!(!Comments::of(Some(";"), "").leave("\n; help\n", None));
        assert!(!Comments::of(Some("//"), "").leave("\n// help\n", None));
    }

    #[test]
    fn a_template_that_was_not_edited_says_nothing() {
        let (comments, template) = (Comments::of(None, ""), "Why:\n\nHow:\n# help\n");
        assert!(!comments.leave("Why:\n\nHow:\n\n# Please\n", Some(template)));
        assert!(!comments.leave("Why:\n\nHow:\n\nSigned-off-by: A <a@example.invalid>\n", Some(template)));
        assert!(comments.leave("Why: because\n\nHow:\n", Some(template)));
        assert!(comments.leave("Why:\n\nHow:\nso\n", Some(template)));
    }

    #[test]
    fn the_automatic_character_is_found() {
        let message = format!("# heading\n\n; help\n; {CUT}\n; more\ndiff\n#x\n");
        assert_eq!(Comments::of(Some("auto"), &message).as_str(), ";");
        assert_eq!(Comments::of(Some("auto"), "# heading\n\n@ help\n").as_str(), "@");
        assert_eq!(Comments::of(Some("auto"), "").as_str(), "#");
        assert_eq!(Comments::none("# a\n; b\n").as_str(), "@");
    }
}
