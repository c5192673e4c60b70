//! Files that are no corpus at all, or are made to exhaust the reader.

use super::{SCHEME, SOON, STATEMENTS, VECTORS};
use crate::command::{Corpus, run};
use std::fs;

/// Bytes in place of a file: what they are, the bytes, what the message must say, and the line that it must name.
fn hostile() -> Vec<(&'static str, Vec<u8>, &'static str, Option<usize>)> {
    let nested_maps = (0..2000).map(|depth| format!("{}a:\n", " ".repeat(depth))).collect::<String>();
    vec![
        ("an empty file", vec![], "the file is empty", None),
        ("a comment and nothing else", b"# later\n".to_vec(), "the file is empty", None),
        ("a million spaces", vec![b' '; 1_000_000], "the file is empty", None),
        ("100 000 brackets", vec![b'['; 100_000], "recursion limit exceeded", Some(1)),
        ("100 000 braces", vec![b'{'; 100_000], "recursion limit exceeded", Some(1)),
        ("100 000 maps in flow style", b"{a: ".repeat(100_000), "recursion limit exceeded", Some(1)),
        ("100 000 lists in block style", b"- ".repeat(100_000), "nested deeper than 64 levels", Some(1)),
        ("100 000 question marks", b"? ".repeat(100_000), "keys are text", Some(1)),
        ("2000 maps in block style", nested_maps.into_bytes(), "nested deeper than 64 levels", Some(65)),
        ("a list of 100 000 letters", b"- a\n".repeat(100_000), "countersign:", None),
        ("a quote that stays open", b"title: \"".to_vec(), "not YAML", Some(1)),
        ("invalid UTF-8", b"title: \"a\"\nkind: \xff\n".to_vec(), "invalid UTF-8 here; files are UTF-8", Some(2)),
        ("UTF-16", b"\xff\xfet\0i\0t\0l\0e\0".to_vec(), "invalid UTF-8 here", Some(1)),
        ("a NUL byte", b"title: a\0b\n".to_vec(), "countersign:", None),
        ("binary", (0..=255).cycle().take(100_000).collect(), "invalid UTF-8 here", Some(2)),
        ("an anchor bomb", b"a: &a [1]\nb: &b [*a, *a]\n".to_vec(), "an anchor; write the value out", Some(1)),
    ]
}

#[test]
fn more_edits_than_anybody_writes_are_refused_soon() {
    let corpus = Corpus::demo();
    let edits = "      - { edit: request.derive.signature.source, insert-after: lower }\n".repeat(100_000);
    let scheme = corpus
        .read(SCHEME)
        .replace("operations:\n", &format!("variants:\n  v:\n    says: \"S.\"\n    edits:\n{edits}operations:\n"));
    corpus.write(SCHEME, scheme.as_bytes());
    let ran = corpus.run(&["check"]).within(SOON);
    ran.exits(2).complains("100000 edits, and at most 1000 are applied; write the operation out");
}

/// What is evaluated within one another has one stack.
#[test]
fn more_steps_or_stages_than_anybody_writes_are_refused_soon() {
    let steps = |corpus: &Corpus| {
        let scheme = corpus.read(SCHEME);
        scheme.replace(
            "key: credential.secret } }, hex]",
            &format!("key: credential.secret }} }}{}, hex]", ", sha256".repeat(20_000)),
        )
    };
    let stages = |corpus: &Corpus| {
        let stage = |i: usize| format!("      s{i}: [stage.s{}, hex, {{ truncate: 4 }}]\n", i - 1);
        let all: String = (1..20_000).map(stage).collect();
        corpus.read(SCHEME).replace("    derive:\n", &format!("    derive:\n      s0: [body]\n{all}"))
    };
    for made in [steps, stages] as [fn(&Corpus) -> String; 2] {
        let corpus = Corpus::demo();
        corpus.write(SCHEME, made(&corpus).as_bytes());
        for command in ["check", "lint", "mutants"] {
            corpus.run(&[command]).within(SOON).exits(2).complains("an operation has at most 1000 sources and steps");
        }
    }
}

#[test]
fn hostile_files_are_refused_soon() {
    for file in [SCHEME, STATEMENTS, VECTORS] {
        let corpus = Corpus::demo();
        for (what, bytes, says, line) in hostile() {
            corpus.write(file, &bytes);
            let ran = corpus.run(&["check"]).within(SOON);
            assert_eq!(ran.code, 2, "{what} in {file}:\n{}", ran.stderr);
            assert!(ran.stderr.contains(says), "`{says}` is not said of {what} in {file}:\n{}", ran.stderr);
            let place = line.map_or(format!("{file}:"), |line| format!("{file}:{line}:"));
            assert!(ran.stderr.contains(&place), "{place} is not named for {what}:\n{}", ran.stderr);
            assert!(ran.stderr.len() < 2000, "{what} fills the terminal: {} bytes", ran.stderr.len());
        }
    }
}

#[test]
fn a_file_of_100_megabytes_is_not_read() {
    let corpus = Corpus::demo();
    for file in [SCHEME, STATEMENTS, VECTORS] {
        let whole = corpus.read(file);
        fs::File::options().write(true).open(corpus.file(file)).unwrap().set_len(100 << 20).unwrap();
        let says = "the file has more than 16777216 bytes, which is the most that is read; split it";
        corpus.run(&["check"]).within(SOON).exits(2).complains(&format!("{file}: {says}"));
        corpus.write(file, whole);
    }
    corpus.run(&["check"]).exits(0);
}

/// Puts something at a place.
#[cfg(unix)]
type Put = fn(&std::path::Path);

/// What is no regular file.
#[cfg(unix)]
const IRREGULAR: [(&str, Put); 4] = [
    ("a link to a file without an end", |at| std::os::unix::fs::symlink("/dev/zero", at).unwrap()),
    ("a pipe that nobody writes", |at| {
        assert!(std::process::Command::new("mkfifo").arg(at).status().unwrap().success())
    }),
    ("a socket", |at| drop(std::os::unix::net::UnixListener::bind(at).unwrap())),
    ("a folder", |at| fs::create_dir(at).unwrap()),
];

#[cfg(unix)]
#[test]
fn a_corpus_has_regular_files_alone() {
    for (what, make) in IRREGULAR {
        for file in ["demo/more.yaml", SCHEME] {
            let corpus = Corpus::demo();
            let _ = fs::remove_file(corpus.file(file));
            make(&corpus.file(file));
            for command in ["check", "lint"] {
                let ran = corpus.run(&[command]).within(SOON);
                let says = format!("{file}: is no regular file; a corpus has regular files alone");
                assert!(ran.code == 2 && ran.stderr.contains(&says), "{what} as {file}: {}", ran.stderr);
            }
        }
    }
    let corpus = Corpus::demo();
    corpus.write("elsewhere", corpus.read(VECTORS));
    std::os::unix::fs::symlink(corpus.file("elsewhere"), corpus.file("demo/more.yaml")).unwrap();
    corpus.run(&["check"]).exits(0).prints("2 passed, 0 failed");
}

#[cfg(unix)]
#[test]
fn a_derived_file_that_is_no_regular_file_is_stale() {
    for (what, make) in IRREGULAR {
        let corpus = Corpus::demo();
        fs::create_dir(corpus.file("json")).unwrap();
        make(&corpus.file("json/demo.json"));
        let ran = corpus.run(&["export", "--check"]).within(SOON);
        assert!(ran.code == 1 && ran.stdout.contains("stale: json/demo.json"), "{what}: {}{}", ran.stdout, ran.stderr);
    }
}

#[cfg(unix)]
#[test]
fn a_file_that_is_named_is_read_to_a_limit() {
    let corpus = Corpus::demo();
    corpus.write("request.http", "GET / HTTP/1.1\nHost: h\n\n");
    let request = corpus.file("request.http");
    let request = request.to_str().unwrap();
    let endless = "/dev/zero";
    for command in [
        vec!["sign", endless, "--scheme", "demo"],
        vec!["verify", endless, "--scheme", "demo"],
        vec!["diagnose", "--scheme", "demo", "--request", endless],
        vec!["diagnose", "--scheme", "demo", "--request", request, "--signature", "0", "--account", endless],
        vec!["test", "--known", endless, "--", "true"],
        vec!["test", "--http", "http://127.0.0.1:9", "--rules", endless],
    ] {
        let ran = corpus.run(&command).within(SOON);
        let ran = ran.exits(2);
        assert!(ran.stderr.contains("/dev/zero: the file has more than 16777216 bytes"), "{command:?}: {}", ran.stderr);
    }
}

#[test]
fn line_endings_that_were_converted_are_recognised() {
    for file in [SCHEME, STATEMENTS, VECTORS] {
        let corpus = Corpus::demo();
        corpus.write(file, corpus.read(file).replace('\n', "\r\n"));
        corpus.run(&["check"]).exits(2).complains(&format!("{file}:1:")).complains("a carriage return");
    }
}

/// YAML permits a byte order mark at the start of a file; it is read past, by both readers.
#[test]
fn a_byte_order_mark_changes_nothing() {
    for file in [SCHEME, STATEMENTS, VECTORS] {
        let corpus = Corpus::demo();
        corpus.write(file, format!("\u{feff}{}", corpus.read(file)));
        corpus.run(&["check"]).exits(0).prints("1 passed, 0 failed");
        corpus.run(&["lint"]).exits(0);
    }
}

#[test]
fn many_different_keys_are_read_soon() {
    let keys: String = (0..100_000).map(|i| format!("k{i}: x\n")).collect();
    let corpus = Corpus::demo();
    corpus.write(SCHEME, keys);
    corpus.run(&["check"]).within(SOON).exits(2).complains("unknown field `k0`");
}

#[test]
fn a_directory_that_is_no_corpus_is_named() {
    let corpus = Corpus::empty();
    corpus.run(&["check"]).exits(2).complains(&format!("{}: holds no scheme", corpus.path().display()));
    fs::create_dir(corpus.file("empty")).unwrap();
    corpus.run(&["check"]).exits(2).complains("empty: the folder has no scheme.yaml; every scheme has one");
    let missing = corpus.file("not-there");
    run(["check", "--corpus", missing.to_str().unwrap()]).exits(2).complains("not-there: cannot be read");
    corpus.write("file", "");
    run(["check", "--corpus", corpus.file("file").to_str().unwrap()]).exits(2).complains("file: cannot be read");
}

#[test]
fn a_folder_without_one_of_its_files_is_named() {
    for (file, says) in [
        ("scheme.yaml", "demo: the folder has no scheme.yaml; every scheme has one"),
        ("statements.yaml", "demo: the folder has no statements.yaml; every scheme has one"),
        ("sign.yaml", "demo: the folder has no vectors; every scheme has at least one"),
    ] {
        let corpus = Corpus::demo();
        fs::remove_file(corpus.file("demo").join(file)).unwrap();
        corpus.run(&["check"]).exits(2).complains(says);
    }
}

#[test]
fn the_errors_of_all_schemes_are_reported_together() {
    let corpus = Corpus::demo();
    for name in ["second", "third"] {
        run(["new", name, "--output", corpus.name()]).exits(0);
        corpus.edit(&format!("{name}/scheme.yaml"), "kind: system", "kind: sistem");
    }
    let ran = corpus.run(&["check"]).exits(2).complains("second/scheme.yaml:").complains("third/scheme.yaml:");
    assert_eq!(ran.stderr.matches("unknown variant `sistem`").count(), 2, "{}", ran.stderr);
}
