use super::*;
use crate::tree::TreeError;

fn read(sandbox: &Sandbox) -> Attributes {
    let tree = sandbox.open().worktree().unwrap();
    Attributes::read(&tree, &BTreeSet::from(["canon/deep".to_owned()])).unwrap()
}

fn told(attributes: &Attributes) -> Vec<String> {
    let text = |path: &[u8]| String::from_utf8(path.to_vec()).unwrap();
    let defects = attributes.defects().iter();
    defects.map(|(path, why)| format!("{}: {why}", text(path))).collect()
}

#[test]
fn only_the_files_of_the_tree_count() {
    let sandbox = Sandbox::new();
    sandbox.write(".git/info/attributes", "* filter=evil\n");
    sandbox.write("attributes", "* filter=evil\n");
    sandbox.git(&["config", "core.attributesFile", "attributes"]);
    sandbox.write("canon/deep/x", "1");
    sandbox.write("elsewhere/.gitattributes", "\0");
    assert_eq!(read(&sandbox).conversions("canon/deep/x"), [""; 0]);
    assert_eq!(told(&read(&sandbox)), [""; 0]);
    // Folders above the named ones are read too.
    sandbox.write("canon/.gitattributes", "x ident\n");
    assert_eq!(read(&sandbox).conversions("canon/deep/x"), ["ident"]);
}

#[test]
fn what_is_no_plain_file_is_told() {
    let sandbox = Sandbox::new();
    let link = |target: &str, path: &str| {
        std::os::unix::fs::symlink(target, sandbox.path().join(path)).unwrap();
    };
    sandbox.write("canon/deep/.gitattributes/x", "* text\n");
    sandbox.write("canon/.GitAttributes", "* text\n");
    link("* filter=x", ".gitattributes");
    sandbox.write("canon/deep/x", "1");
    let attributes = read(&sandbox);
    assert_eq!(
        told(&attributes),
        [
            "canon/deep/.gitattributes: a folder where git looks for `.gitattributes`",
            ".gitattributes: a symbolic link: git does not follow it, but takes its target for attributes",
            "canon/.GitAttributes: taken for `.gitattributes` where file names ignore case",
        ]
    );
    sandbox.git(&["add", "--all"]);
    let paths = ["canon/deep/x".to_owned()];
    assert_eq!(by_git(&sandbox, &paths), [["filter=x"]]);
    assert_eq!(attributes.conversions("canon/deep/x"), ["filter=x"]);
}

#[test]
fn what_is_read_in_two_ways_is_told() {
    let sandbox = Sandbox::new();
    let long = |length: usize| {
        let start = "x filter=";
        format!("{start}{}", "y".repeat(length - start.len()))
    };
    let wrong = |text: &[u8]| {
        let files = [(".gitattributes".to_owned(), text.to_vec())];
        stage(&sandbox, &files);
        let index = sandbox.open().index().unwrap();
        let attributes = Attributes::read(&index, &BTreeSet::new()).unwrap();
        // Told or not, it means to us what it means to git in a tree.
        let path = ["x".to_owned()];
        assert_eq!([attributes.conversions("x")], by_git(&sandbox, &path)[..]);
        attributes.defects().first().map(|(_, why)| why.clone())
    };
    let starts = |why: Option<String>, with: &str| why.is_some_and(|why| why.starts_with(with));
    assert!(starts(wrong(b"\xef\xbb\xbfx text\n"), "begins with a byte order mark"));
    assert!(starts(wrong(b"x ident\0\nx text\n"), "contains a NUL"));
    assert!(starts(wrong(b"* text\n\nx[[:x]* -text\n"), "line 3 has an unknown"));
    let deep = format!("{}x filter=x\n", "*/".repeat(17));
    assert!(starts(wrong(deep.as_bytes()), "line 1 has more than 16"));
    assert_eq!(wrong(long(2047).as_bytes()), None);
    assert!(starts(wrong(long(2048).as_bytes()), "line 1 is too long"));
    assert_eq!(wrong(format!("x ident\n#{}\n", long(4000)).as_bytes()), None);
    assert_eq!(wrong(b"\xff\xfe* t\xffxt\nx ident\n\xff filter=\xff\n"), None);
}

#[test]
fn a_huge_file_is_an_error() {
    let sandbox = Sandbox::new();
    sandbox.write(".gitattributes", &"#\n".repeat(600_000));
    let tree = sandbox.open().worktree().unwrap();
    let error = Attributes::read(&tree, &BTreeSet::new()).err().unwrap();
    assert!(matches!(error, TreeError::TooLarge { .. }), "{error}");
}

#[test]
fn hostile_patterns_take_no_time() {
    let mut text = String::new();
    for pattern in ["**/", "*a*/**/", "*/**/", "*a", "**/*"] {
        let most = 16 / pattern.matches('*').count().min(2);
        for times in 1..=most {
            text.push_str(&format!("/x**/{}b filter=x\n", pattern.repeat(times)));
            text.push_str(&format!("{}b filter=x\n", pattern.repeat(times)));
        }
    }
    let sandbox = Sandbox::new();
    sandbox.write(".gitattributes", &text);
    let tree = sandbox.open().worktree().unwrap();
    let attributes = Attributes::read(&tree, &BTreeSet::new()).unwrap();
    let start = std::time::Instant::now();
    for depth in 1..16 {
        attributes.conversions(&format!("x{}", "aa/".repeat(depth)));
        attributes.conversions(&format!("{}a", "xaaaa/".repeat(depth)));
    }
    assert!(start.elapsed().as_secs() < 10, "{:?}", start.elapsed());
}

#[test]
fn one_set_of_attributes_serves_all_threads() {
    fn shared<T: Send + Sync>() {}
    shared::<Attributes>();
}
