//! What attributes do, beyond what git says they are.

use super::*;

#[test]
fn no_conversion_means_the_same_bytes() {
    let sandbox = Sandbox::new();
    let mut lines = String::new();
    let mut names = Vec::new();
    for text in ["!text", "-text", "text", "text=auto", "text=input"] {
        for crlf in ["!crlf", "-crlf", "crlf", "crlf=input", "crlf=auto"] {
            for eol in ["!eol", "-eol", "eol", "eol=lf", "eol=crlf"] {
                let name = format!("f{}", names.len());
                lines.push_str(&format!("{name} {text} {crlf} {eol}\n"));
                names.push(name);
            }
        }
    }
    for other in ["ident", "ident=x", "-ident", "working-tree-encoding=UTF-16"] {
        let name = format!("f{}", names.len());
        lines.push_str(&format!("{name} {other}\n"));
        names.push(name);
    }
    sandbox.write(".gitattributes", &lines);
    let tree = sandbox.open().worktree().unwrap();
    let attributes = Attributes::read(&tree, &folders(&names)).unwrap();
    let blob = sandbox.git_with(&["hash-object", "-w", "--stdin"], b"a $Id$\n");
    let both = sandbox.git_with(&["hash-object", "-w", "--stdin"], b"a\r\n");
    let mut untouched = 0;
    let asked: String = names.iter().map(|name| format!("{blob} {name}\n")).collect();
    let out = sandbox.git_with(&["-c", "core.eol=crlf", "cat-file", "--batch=", "--filters"], asked.as_bytes());
    // One answer for each name, separated by the empty header of the next.
    let answers: Vec<_> = out.split("\n\n").map(|text| text.trim_matches('\n')).collect();
    assert_eq!(answers.len(), names.len(), "{out}");
    for (name, answer) in names.iter().zip(answers) {
        let list = attributes.conversions(name);
        if list.is_empty() {
            untouched += 1;
            assert_eq!(answer, "a $Id$", "{name} is converted on the way out");
        }
    }
    // The other way round, where the line ends of the file count.
    let quiet: Vec<_> = names.iter().filter(|name| attributes.conversions(name).is_empty()).collect();
    for name in quiet {
        let id = sandbox.git_with(&["hash-object", "--stdin", &format!("--path={name}")], b"a\r\n");
        assert_eq!(id, both, "{name} is converted on the way in");
    }
    assert!(untouched > 20 && untouched < names.len() / 2, "{untouched}");
}

#[test]
fn archives_lack_what_is_hidden() {
    let sandbox = Sandbox::new();
    let files = ["canon/a", "canon/deep/b", "canon/deep/er/c", "other/a"];
    let paths = files.map(str::to_owned);
    let cases = [
        "",
        "canon export-ignore",
        "/canon/ export-ignore",
        "canon/ export-ignore",
        "canon/ export-ignore\ncanon/ !export-ignore",
        "canon/** export-ignore\ncanon/deep/** -export-ignore",
        "deep export-ignore",
        "er/ export-ignore\na/ export-ignore",
        "[attr]gone export-ignore\n**/deep gone",
        "canon export-ignore=true",
        "a export-ignore",
    ];
    for case in cases {
        let mut commit: Vec<_> = files.map(|path| (path, "1")).to_vec();
        commit.push((".gitattributes", case));
        let head = sandbox.commit(&commit);
        let tree = sandbox.open();
        let tree = tree.revision(head).unwrap();
        let attributes = Attributes::read(&tree, &folders(&paths)).unwrap();
        sandbox.git(&["archive", "--output=../out.tar", "HEAD"]);
        let mut tar = sandbox.command("tar");
        tar.args(["-tf", "../out.tar"]);
        let (ok, listed) = sandbox.run(tar, b"");
        assert!(ok, "{listed}");
        for path in files {
            let is_there = listed.lines().any(|line| line == path);
            let hidden = attributes.conversions(path) == ["export-ignore"];
            assert_eq!(is_there, !hidden, "{path} by {case:?}");
        }
    }
}
