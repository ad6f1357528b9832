use super::*;

/// Each case: the root's file, the file of `canon`, and the file of `canon/deep`.
const CASES: &[[&str; 3]] = &[
    ["", "", ""],
    ["* text=auto", "", ""],
    ["* text=auto eol=lf\ncanon/** -text", "", ""],
    ["* text eol=crlf", "* -text", "b !text"],
    ["*.md text\n*.md -text", "", ""],
    ["*.md -text\n*.md text", "", ""],
    ["canon/a.md filter=lfs diff=lfs merge=lfs -text", "", ""],
    ["canon/* filter=lfs", "", ""],
    ["canon/** filter=lfs", "* -filter", "* !filter"],
    ["/canon** filter=x\n/canon/d** ident", "", ""],
    ["/canon**/b filter=x\ncanon/d**/b ident\n/ca**/**/b eol=lf", "", ""],
    ["/canon**/ export-ignore", "", ""],
    ["canon export-ignore", "", ""],
    ["/canon/ export-ignore", "", ""],
    ["canon/ export-ignore", "", ""],
    ["canon/ export-ignore\ncanon -export-ignore", "", ""],
    ["canon/ export-ignore=yes", "", ""],
    ["", "deep/ export-ignore", ""],
    ["", "canon export-ignore\n. export-ignore", ". export-ignore"],
    ["deep export-ignore\n/deep/ export-subst", "", ""],
    ["*/ export-ignore", "", ""],
    ["* export-subst", "b -export-subst", "* export-subst\nb !export-subst"],
    ["canon/** binary", "*.md !binary", ""],
    ["canon/** binary\n*.md text", "", "* !text"],
    ["[attr]raw -text -crlf -ident\n* text ident\ncanon/** raw", "", ""],
    ["[attr]one two\n[attr]two filter=x ident\n* one", "", "* -one"],
    ["[attr]one ident\n* one\n[attr]one filter=x", "", "* !one"],
    ["[attr]loop loop ident\n* loop", "", ""],
    ["[attr]binary text filter=x\n* binary", "", ""],
    ["* one", "[attr]one ident", ""],
    ["[attr]one ident\n[attr]one\n* one", "", ""],
    ["[attr] one ident\n* one", "", ""],
    ["\"[attr] one two\" ident\n* one\n\"[attr]\\\"x\" eol=lf", "", ""],
    ["\"[attr]three\"filter=x\n* three", "", ""],
    ["[attr]builtin_x ident\n* builtin_x\n* builtin_y text\n* eol=lf builtin_z", "", ""],
    ["[attr]on ident\n* on=yes\n* -on", "", ""],
    ["\"canon/a b\" ident\n\"canon/\\303\\244\" filter=x", "", ""],
    ["\"canon/a b ident\n\"canon/a\\tb\" text\n\"canon/\\q\" text\n\"a.md\"text", "", ""],
    ["\"canon/a.md\\000zzz\" filter=x\n\"canon/\\000\" export-ignore", "", ""],
    ["\"!canon/a.md\" text\n!canon/a.md text\n\\!x text\n\\#x ident", "", ""],
    ["#* text\n  # * text\n \t * ident \t\r\n\r\n", "\r\r* eol=crlf\r\n", ""],
    ["* text -=x", "* --ident", "* ident !-x"],
    ["* te?xt ident\n*\n* =x ident\n* ident=\n* eol=", "", ""],
    ["* crlf", "* -crlf eol=lf", "* crlf=input"],
    ["* crlf eol=crlf -text", "* !text", "* text=input"],
    ["* ident=x filter working-tree-encoding", "* -ident -filter -working-tree-encoding", ""],
    ["* working-tree-encoding=UTF-16 filter=", "b !working-tree-encoding", ""],
    ["* text=auto text=lf text", "* text -text", "* -text text"],
    ["A.MD text\nCANON/** ident", "", ""],
    ["can[o]n/a.md text\n[a-c]anon/?.md ident\ncanon/[[:alpha:]].md eol=lf", "", ""],
    ["canon/*/b text\n**/b ident\ncanon/**/b eol=lf\n*/a.md filter=x", "", ""],
    ["/a.md text\ncanon//a.md text\n./canon/a.md ident\n../canon/a.md eol=lf", "/b text", ""],
    ["canon\\/a.md text\ncano\\n/a.md ident\ncanon/a.md\\ eol=lf", "", ""],
    ["/ text\n// text\n/** ident\n** filter=x", "", ""],
];

const PATHS: [&str; 8] = ["a.md", "b", "canon/a.md", "canon/b", "canon/a b", "canon/ä", "canon/deep/b", "canon/deep/er/b"];

#[test]
fn handwritten_files_mean_what_git_takes_them_for() {
    let sandbox = Sandbox::new();
    let paths = PATHS.map(str::to_owned);
    for case in CASES {
        let names = ["", "canon/", "canon/deep/"];
        let files: Vec<_> =
            names.iter().zip(case).map(|(folder, text)| (format!("{folder}.gitattributes"), text.as_bytes().to_vec())).collect();
        agree(&sandbox, &files, &paths);
    }
}

#[test]
fn what_some_of_them_mean() {
    let sandbox = Sandbox::new();
    let paths = ["canon/a.md", "canon/deep/b"].map(str::to_owned);
    let says = |text: &str| {
        let files = [(".gitattributes".to_owned(), text.as_bytes().to_vec())];
        agree(&sandbox, &files, &paths)
    };
    assert_eq!(says("* text=auto eol=lf\ncanon/** -text"), [[""; 0], [""; 0]]);
    assert_eq!(says("*.md filter=lfs"), [vec!["filter=lfs"], vec![]]);
    assert_eq!(says("/canon** ident\n/canon/ export-ignore"), [["ident", "export-ignore"], ["ident", "export-ignore"]]);
}

#[test]
fn outer_files_come_before_inner_ones_whatever_the_names() {
    let sandbox = Sandbox::new();
    let file = |path: &str, text: &str| (path.to_owned(), text.as_bytes().to_vec());
    let files = [
        file("a/!/.gitattributes", "x filter=inner"),
        file("a/.gitattributes", "x filter=outer"),
        file("a-/.gitattributes", "x filter=other"),
        file(".gitattributes", "x filter=top"),
    ];
    let paths = ["x", "a/x", "a/!/x", "a-/x", "ab/x"].map(str::to_owned);
    let said = agree(&sandbox, &files, &paths).concat();
    let values = ["top", "outer", "inner", "other", "top"];
    assert_eq!(said, values.map(|value| format!("filter={value}")));
}
