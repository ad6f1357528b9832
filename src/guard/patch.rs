//! Which files a patch writes.

/// The marks of the form that Codex gives its model.
const MARKS: [&str; 4] = ["*** Add File: ", "*** Update File: ", "*** Delete File: ", "*** Move to: "];

/// The paths that a patch names, in the form of Codex's `apply_patch` or as a unified diff, which names each of them twice.
pub(super) fn paths(text: &str) -> Vec<String> {
    let mut paths = Vec::new();
    for line in text.lines() {
        let line = line.trim_end_matches('\r');
        if let Some(path) = MARKS.iter().find_map(|mark| line.trim_start().strip_prefix(mark)) {
            paths.push(path.trim().to_owned());
        } else if let Some(path) = ["--- ", "+++ ", "rename to ", "copy to "].iter().find_map(|mark| line.strip_prefix(mark)) {
            // A date can follow behind a tab.
            let path = path.split('\t').next().unwrap_or(path).trim();
            if path != "/dev/null" {
                paths.push(path.to_owned());
                paths.extend(
                    path.split_once('/')
                        .filter(|(first, _)| matches!(*first, "a" | "b" | "i" | "w" | "c" | "o"))
                        .map(|(_, rest)| rest.to_owned()),
                );
            }
        }
    }
    paths.sort_unstable();
    paths.dedup();
    paths
}

#[cfg(test)]
mod tests {
    use super::paths;

    #[test]
    fn names_what_a_patch_writes() {
        let patch = "*** Begin Patch\n*** Update File: AGENTS.md\n*** Move to: B.md\n@@\n-a\n+b\n*** Delete File: c d.md\n*** Add File: e\n+x\n*** End Patch\n";
        assert_eq!(paths(patch), ["AGENTS.md", "B.md", "c d.md", "e"]);
        let diff = "--- a/AGENTS.md\t2026-01-01\n+++ b/AGENTS.md\n@@ -1 +1 @@\n-a\n+b\n--- /dev/null\n+++ b/x\n";
        assert_eq!(paths(diff), ["AGENTS.md", "a/AGENTS.md", "b/AGENTS.md", "b/x", "x"]);
        assert!(paths("nothing").is_empty());
    }
}
