//! The reader against texts by hand and by chance.

use proptest::prelude::*;

use super::*;

/// All simple commands of a list in the order in which they are written, words as they are known; `?` is what is not.
fn commands(list: &List) -> Vec<String> {
    fn walk(list: &List, out: &mut Vec<String>) {
        for node in list.items.iter().flat_map(|item| &item.pipeline) {
            match node {
                Node::Simple(simple) => {
                    simple.inner.iter().for_each(|list| walk(list, out));
                    let mut words: Vec<String> = simple.words.iter().map(|word| word.known().unwrap_or_else(|| "?".to_owned())).collect();
                    for redirect in &simple.redirects {
                        if let Redirect::Write(word) = redirect {
                            words.push(format!(">{}", word.known().unwrap_or_else(|| "?".to_owned())));
                        }
                    }
                    if !words.is_empty() {
                        out.push(words.join(" "));
                    }
                }
                Node::Group(group) => {
                    group.inner.iter().for_each(|list| walk(list, out));
                    walk(&group.list, out);
                    for redirect in &group.redirects {
                        if let Redirect::Write(word) = redirect {
                            out.push(format!(">{}", word.known().unwrap_or_else(|| "?".to_owned())));
                        }
                    }
                }
            }
        }
        list.in_documents.iter().for_each(|list| walk(list, out));
    }
    let mut out = Vec::new();
    walk(list, &mut out);
    out
}

#[test]
fn finds_every_command() {
    for (text, expected) in [
        ("git push -f", &["git push -f"][..]),
        ("a;b&&c||d|e&f\ng", &["a", "b", "c", "d", "e", "f", "g"]),
        ("g'i't \"pu\"sh \\-f", &["git push -f"]),
        ("$'\\x67it' $'\\160ush'", &["git push"]),
        ("git \\\n push", &["git push"]),
        ("(a; b) | { c; d; }", &["a", "b", "c", "d"]),
        ("echo $(a `b`) \"$(c \"$(d)\")\"", &["b", "a ?", "d", "c ?", "echo ? ?"]),
        ("echo '$(a)' \\$(b", &[]),
        ("if a; then b; elif c; then d; else e; fi", &["a", "b", "c", "d", "e"]),
        ("for x in $(a) b; do c $x; done > f", &["a", "c ?", ">f"]),
        ("for x do a; done", &["a"]),
        ("for ((i=0; i<$(n); i++)); do a; done", &["n", "a"]),
        ("while read x; do a; done < <(b)", &["read x", "a", "b"]),
        ("case $x in a|b) c;; (d) e & ;; *) f; esac; g", &["c", "e", "f", "g"]),
        ("f() { a; }; function g { b; }; f", &["a", "b", "f"]),
        ("[[ a > b && $(c) =~ ^(d|e)$ ]] && f", &["c", "f"]),
        ("[[ a || b > c ]]", &["a", "b >c"]),
        ("((a > b)); c $((1 > $(d)))", &["a >b", "d", "c 0"]),
        ("x=1 y=$(a) git push", &["a", "git push"]),
        ("x=(a $(b)); c", &["b", "c"]),
        ("a > b 2>&1 >>c &>d 3>|e <f {g}>h", &["a >b >c >d >e >h"]),
        ("a > >(b) | tee", &["b", "a", "tee"]),
        ("cat <<E > f; a\n$(b) `c`\nE\nd", &["cat >f", "a", "d", "b", "c"]),
        ("cat <<'E' && a\n$(b)\nE\nd", &["cat", "a", "d"]),
        ("cat <<-\tE\n\t$(b)\n\tE\nd", &["cat", "d", "b"]),
        ("a # b; c\nd", &["a", "d"]),
        ("a#b", &["a#b"]),
        ("! time -p a", &["a"]),
        ("echo ${x:-$(a)} ${y:-`b`} ${#z}", &["a", "b", "echo ? ? ?"]),
        ("rm {a,b}.md c.{md}", &["rm ? c.{md}"]),
        ("((a) ) && (b)", &["a", "b"]),
        ("((a b))", &["a b"]),
        ("a | & b", &[]),
        ("", &[]),
        ("# nothing", &[]),
    ] {
        let found = read(text).map(|list| commands(&list));
        match found {
            Ok(found) => assert_eq!(found, expected, "{text}"),
            Err(_) => assert_eq!(expected.len(), 0, "{text}"),
        }
    }
}

#[test]
fn what_is_not_understood_is_no_guess() {
    for text in [
        "a '",
        "a \"b",
        "a `b",
        "$(a",
        "a (b)",
        "a )",
        "(a",
        "{ a;",
        "${a",
        "a >",
        "case x",
        "case x in y",
        "coproc x",
        "a\0b",
        "a \\",
        "a &&& b",
    ] {
        assert!(read(text).is_err(), "{text:?}: {:?}", read(text));
    }
    assert!(read(&"(".repeat(10_000)).is_err());
    assert!(read(&"$(".repeat(10_000)).is_err());
    assert!(read(&"\"$(".repeat(10_000)).is_err());
    assert!(read(&"((".repeat(10_000)).is_err());
    assert!(read(&"${x:-".repeat(10_000)).is_err());
    assert!(read(&"if ".repeat(10_000)).is_ok_and(|list| commands(&list).is_empty()) || read(&"if ".repeat(10_000)).is_err());
    assert!(read(&"a;".repeat(60_000)).is_ok());
    assert!(read(&"a".repeat(MAX_TEXT + 1)).is_err());
}

proptest! {
    /// Whatever the text is, reading ends without a panic.
    #[test]
    fn reading_ends(text in "[a-c \\n\\t;&|(){}<>$`'\"\\\\#*?~=!-]{0,60}") {
        let _ = read(&text);
    }

    #[test]
    fn reading_any_text_ends(text in "\\PC{0,60}") {
        let _ = read(&text);
    }

    /// A word that omega quotes for a shell is read as what it was.
    #[test]
    fn quoted_words_come_back(words in proptest::collection::vec("[^\\x00]{0,12}", 1..4)) {
        let line: Vec<String> = words.iter().map(|word| crate::shell::quote(word)).collect();
        let list = read(&line.join(" ")).expect("quoted words can be read");
        let Node::Simple(simple) = &list.items[0].pipeline[0] else { panic!("{line:?}") };
        let assigned: Vec<String> = simple.assigned.iter().map(|(name, value)| format!("{name}={}", value.known().unwrap())).collect();
        let found: Vec<String> = assigned.into_iter().chain(simple.words.iter().map(|word| word.known().unwrap())).collect();
        prop_assert_eq!(found, words);
    }
}
