//! What is written to disk: whole or not at all, never over what somebody else wrote, and opened before the work.

use crate::command::{Corpus, Ran, run, run_on};
use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::fs;
use std::path::Path;
use std::process::Command;

const COUNTERSIGN: &str = env!("CARGO_BIN_EXE_countersign");

/// Runs the command where no file can grow beyond so many blocks of 512 bytes, as on a full disk.
fn on_a_full_disk<A: AsRef<OsStr>>(blocks: usize, arguments: impl IntoIterator<Item = A>) -> Ran {
    let script = format!("trap '' XFSZ; ulimit -f {blocks}; exec \"$0\" \"$@\"");
    let output = Command::new("sh").args(["-c", &script, COUNTERSIGN]).args(arguments).output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    Ran { code: output.status.code().unwrap(), stdout: text(output.stdout), stderr: text(output.stderr) }
}

/// Names of all that is in a directory.
fn names(directory: &Path) -> BTreeSet<String> {
    fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
}

fn text(path: &Path) -> String {
    path.to_str().unwrap().to_owned()
}

/// A corpus whose only vector fails, and the arguments that test the reference on it.
fn diverging() -> (Corpus, Vec<String>) {
    let corpus = Corpus::demo();
    corpus.edit("demo/sign.yaml", "9f4ae63bb27b5ed7", "0000000000000000");
    let path = text(corpus.path());
    let arguments = vec!["test".into(), "--corpus".into(), path];
    (corpus, arguments)
}

/// The same arguments with options, and the reference behind the protocol.
fn with(arguments: &[String], options: &[&str]) -> Vec<String> {
    let corpus = arguments[2].clone();
    let subject = ["--", COUNTERSIGN, "adapter", "--corpus", &corpus].map(str::to_owned);
    arguments.iter().cloned().chain(options.iter().map(|&option| option.to_owned())).chain(subject).collect()
}

#[test]
fn a_write_that_fails_leaves_what_was_there() {
    let (corpus, test) = diverging();
    let (known, report) = (text(&corpus.file("known.yaml")), text(&corpus.file("report.json")));
    let write_known = with(&test, &["--known", &known, "--write-known"]);
    run(&write_known).exits(0);
    corpus.edit("known.yaml", "no reason given yet", &"a reason, written by hand. ".repeat(60));
    let json = with(&test, &["--format", "json", "--output", &report]);
    run(&json).exits(1);
    let (before, names_before) = ([corpus.read("known.yaml"), corpus.read("report.json")], names(corpus.path()));
    on_a_full_disk(1, &write_known).exits(2).complains("known.yaml: cannot be written");
    on_a_full_disk(1, &json).exits(2).complains("report.json: cannot be written");
    assert_eq!([corpus.read("known.yaml"), corpus.read("report.json")], before);
    assert_eq!(names(corpus.path()), names_before, "nothing is left beside them");
}

#[test]
fn a_derived_file_is_whole_or_not_there() {
    let corpus = Corpus::demo();
    let path = text(corpus.path());
    on_a_full_disk(8, ["export", "--corpus", &path]).exits(2).complains("cannot be written");
    for name in names(&corpus.file("schema")) {
        let text = corpus.read(&format!("schema/{name}"));
        assert!(serde_json::from_str::<serde_json::Value>(&text).is_ok(), "{name} has {} bytes", text.len());
    }
    corpus.run(&["export"]).exits(0);
}

#[test]
fn a_new_scheme_is_whole_or_not_there() {
    let corpus = Corpus::empty();
    let new = ["new", "demo", "--output", &text(corpus.path())];
    on_a_full_disk(0, new).exits(2).complains("cannot be written");
    assert_eq!(names(corpus.path()), BTreeSet::new());
    run(new).exits(0);
    corpus.run(&["check"]).exits(0);
}

/// The names in a folder of `flipsnack` that has been promoted to, and the text of one of its files.
fn found(corpus: &Corpus) -> Vec<String> {
    names(&corpus.file("flipsnack")).into_iter().filter(|name| name.starts_with("found")).collect()
}

/// `fuzz` against the reference with one edited scheme.
fn fuzz(edit: (&str, &str), options: &[&str]) -> Ran {
    let wrong = Corpus::copied(&["flipsnack"]);
    wrong.edit("flipsnack/scheme.yaml", edit.0, edit.1);
    let path = text(wrong.path());
    let subject = ["--", COUNTERSIGN, "adapter", "--corpus", &path];
    let arguments = ["fuzz", "--scheme", "flipsnack", "--cases", "3000"];
    run(arguments.iter().chain(options).chain(&subject))
}

const SIGNS_THE_FILE: (&str, &str) = ("- except: [signature, file]", "- except: [signature]");
const ANY_METHOD: (&str, &str) =
    ("{ equal: [method, { text: GET }], reject: wrong-method", "{ equal: [method, method], reject: wrong-method");
const ANOTHER_CLASS: (&str, &str) = (
    "{ account: { api_key: query.apiKey }, reject: unknown-key",
    "{ account: { api_key: query.apiKey }, reject: expired",
);

/// Asserts that `lint`, `check` and a `test` of the reference pass on a corpus as it stands.
#[track_caller]
fn stands(corpus: &Corpus) {
    let path = text(corpus.path());
    run(["lint", &path]).exits(0).prints(" 0 findings");
    run(["check", "--corpus", &path]).exits(0).prints(" 0 failed");
    run(["test", "--corpus", &path, "--", COUNTERSIGN, "adapter", "--corpus", &path]).exits(0);
}

#[test]
fn promotion_adds_and_keeps_what_was_edited() {
    let place = Corpus::copied(&["flipsnack"]);
    let directory = text(place.path());
    let first = fuzz(SIGNS_THE_FILE, &["--seed", "3", "--promote", &directory]).exits(1);
    first.complains("vectors were written to").complains("flipsnack/found.yaml");
    stands(&place);
    place.edit("flipsnack/found.yaml", "comment: \"countersign", "comment: \"My own words: countersign");
    let edited = place.read("flipsnack/found.yaml");
    fuzz(SIGNS_THE_FILE, &["--seed", "4", "--promote", &directory]).exits(1);
    assert_eq!(place.read("flipsnack/found.yaml"), edited);
    stands(&place);
    // What is there already is not added once more.
    let again = fuzz(SIGNS_THE_FILE, &["--seed", "3", "--promote", &directory]).exits(1);
    again.complains("finding 1: it is the same as flipsnack/found/");
    stands(&place);
}

#[test]
fn promotion_into_an_empty_directory_makes_a_corpus() {
    let place = Corpus::empty();
    fuzz(SIGNS_THE_FILE, &["--seed", "3", "--promote", &text(&place.file("a/b"))]).exits(1);
    let made = place.file("a/b");
    run(["lint", &text(&made)]).exits(0).prints(" 0 findings");
    run(["check", "--corpus", &text(&made), "flipsnack/found"]).exits(0).prints(" 0 failed");
}

#[test]
fn refusals_that_are_promoted_are_single_fault() {
    let place = Corpus::copied(&["flipsnack"]);
    // What generation has found before would be a duplicate.
    fs::remove_file(place.file("flipsnack/generated.yaml")).unwrap();
    for edit in [ANY_METHOD, ANOTHER_CLASS] {
        fuzz(edit, &["--seed", "3", "--promote", &text(place.path())]).exits(1);
        stands(&place);
    }
    let files = found(&place);
    let refused: usize =
        files.iter().map(|name| place.read(&format!("flipsnack/{name}")).matches("    fault:").count()).sum();
    assert!(refused >= 2, "{refused} refusals in {files:?}");
}

#[test]
fn promotion_beside_another_scheme_of_that_name_is_refused() {
    let place = Corpus::copied(&["flipsnack"]);
    place.edit("flipsnack/scheme.yaml", "Flipsnack request signature", "Another one");
    let before = names(&place.file("flipsnack"));
    let ran = fuzz(SIGNS_THE_FILE, &["--seed", "3", "--promote", &text(place.path())]).exits(2);
    ran.complains("another scheme.yaml than the one that is fuzzed");
    assert_eq!(names(&place.file("flipsnack")), before);
}

#[test]
fn a_report_is_never_written_over_what_is_not_one() {
    let (corpus, test) = diverging();
    let file = text(&corpus.file("mine"));
    for format in ["text", "json", "junit", "html"] {
        let report = with(&test, &["--format", format, "--output", &file]);
        corpus.write("mine", "by hand, on countersign\n");
        run(&report).exits(2).complains("mine: was not written by countersign").complains("--force");
        assert_eq!(corpus.read("mine"), "by hand, on countersign\n");
        run(with(&test, &["--format", format, "--output", &file, "--force"])).exits(1);
        let written = corpus.read("mine");
        assert_ne!(written, "by hand, on countersign\n");
        // Its own it writes over, in whatever form.
        run(&report).exits(1);
    }
    let json = with(&test, &["--format", "json", "--output", &file]);
    run(&json).exits(1);
    serde_json::from_str::<serde_json::Value>(&corpus.read("mine")).unwrap();
}

#[cfg(unix)]
#[test]
fn nothing_is_written_through_a_link() {
    let (corpus, test) = diverging();
    let elsewhere = Corpus::empty();
    elsewhere.write("mine", "divergences: []\n");
    std::os::unix::fs::symlink(elsewhere.file("mine"), corpus.file("report")).unwrap();
    let report = text(&corpus.file("report"));
    let known = ["--known", &report, "--write-known"];
    for options in [&["--output", &report][..], &known] {
        run(with(&test, options)).exits(2).complains("report: is a link");
        assert_eq!(elsewhere.read("mine"), "divergences: []\n");
    }
    run(with(&test, &["--output", &report, "--force"])).exits(1);
    assert!(elsewhere.read("mine").contains("0 passed, 1 failed"));
    assert!(fs::symlink_metadata(corpus.file("report")).unwrap().is_symlink());

    std::os::unix::fs::symlink(elsewhere.path(), corpus.file("json")).unwrap();
    corpus.run(&["export"]).exits(2).complains("json: is a link");
    assert_eq!(names(elsewhere.path()).len(), 1);
    assert!(!corpus.file("schema").exists(), "nothing is written where one file cannot be");
    // A stream is no file that could be lost.
    run(with(&test, &["--output", "/dev/stdout"])).exits(1).prints("0 passed, 1 failed");
}

#[test]
fn export_leaves_what_it_did_not_write() {
    let corpus = Corpus::demo();
    corpus.write("demo/readings.yaml", "# my own\n{}\n");
    corpus.run(&["export"]).exits(2).complains("readings.yaml: was not written by countersign");
    assert_eq!(corpus.read("demo/readings.yaml"), "# my own\n{}\n");
    assert!(!corpus.file("json").exists());
    corpus.run(&["export", "--force"]).exits(0);
    assert!(!corpus.file("demo/readings.yaml").exists());
    corpus.write("json/demo.json", "{}");
    corpus.run(&["export"]).exits(2).complains("demo.json: was not written by countersign");
    corpus.run(&["export", "--force"]).exits(0);
    corpus.write("demo/sign.yaml", corpus.read("demo/sign.yaml") + "# changed\n");
    corpus.edit("demo/scheme.yaml", "demo request signature", "another title");
    corpus.run(&["export"]).exits(0).prints("1 written");
}

#[test]
fn no_scheme_has_the_name_of_a_folder_of_derived_files() {
    let corpus = Corpus::demo();
    for name in ["json", "schema"] {
        run(["new", name, "--output", &text(corpus.path())]).exits(2).complains("derived files");
        assert!(!corpus.file(name).exists());
        fs::rename(corpus.file("demo"), corpus.file(name)).unwrap();
        corpus.run(&["check"]).exits(2).complains("derived files");
        fs::rename(corpus.file(name), corpus.file("demo")).unwrap();
    }
}

#[test]
fn comments_in_a_file_of_known_divergences_are_not_lost() {
    let (corpus, test) = diverging();
    let known = text(&corpus.file("known.yaml"));
    let write = with(&test, &["--known", &known, "--write-known"]);
    run(&write).exits(0);
    run(&write).exits(0);
    let commented = corpus.read("known.yaml") + "# ask the vendor\n";
    corpus.write("known.yaml", &commented);
    run(&write).exits(2).complains("known.yaml: has comments").complains("--force");
    assert_eq!(corpus.read("known.yaml"), commented);
    run(with(&test, &["--known", &known, "--write-known", "--force"])).exits(0);
}

/// A subject that notes that it was started, and then is the reference.
fn noted(corpus: &str, note: &Path, first: &str) -> Vec<String> {
    let script = format!("touch {}; {first}; exec {COUNTERSIGN} adapter --corpus {corpus}", note.display());
    ["--", "sh", "-c", &script].map(str::to_owned).to_vec()
}

#[test]
fn outputs_are_opened_before_the_work_starts() {
    let corpus = Corpus::demo();
    let (path, note) = (text(corpus.path()), corpus.file("note"));
    corpus.write("plain", "");
    let nowhere = text(&corpus.file("nowhere/x"));
    let below_a_file = text(&corpus.file("plain/x"));
    for bad in [&nowhere, &below_a_file, &path] {
        for options in [
            &["test", "--output", bad][..],
            &["test", "--format", "html", "--output", bad],
            &["test", "--known", bad, "--write-known"],
            &["fuzz", "--scheme", "demo", "--cases", "50", "--output", bad],
        ] {
            let arguments = options.iter().map(|&option| option.to_owned()).chain(["--corpus".into(), path.clone()]);
            let ran = run(arguments.chain(noted(&path, &note, "true"))).exits(2);
            assert!(!note.exists() && ran.stdout.is_empty(), "{options:?}: {}", ran.stdout);
        }
        for options in [&["check", "--output", bad][..], &["mutants", "--output", bad]] {
            assert_eq!(corpus.run(options).exits(2).stdout, "", "{options:?}");
        }
    }
    let below_a_file = text(&corpus.file("plain"));
    let promote = ["fuzz", "--scheme", "demo", "--promote", &below_a_file, "--corpus", &path].map(str::to_owned);
    run(promote.into_iter().chain(noted(&path, &note, "true"))).exits(2);
    assert!(!note.exists());
    run_on("flipsnack", &["diagnose", "--scheme", "flipsnack", "--request", "/dev/null", "--output", &nowhere])
        .exits(2)
        .complains("nowhere/x: cannot be written");
}

#[test]
fn an_output_that_fails_loses_no_other() {
    let (corpus, test) = diverging();
    let (place, path) = (Corpus::empty(), text(corpus.path()));
    fs::create_dir(place.file("out")).unwrap();
    let (report, known) = (text(&place.file("out/report")), text(&corpus.file("known.yaml")));
    let removes = format!("rmdir {}", place.file("out").display());
    let options = ["--output", &report, "--known", &known, "--write-known"].map(str::to_owned);
    let subject = noted(&path, &corpus.file("note"), &removes);
    run(test.iter().cloned().chain(options).chain(subject.clone())).exits(2).complains("out/report: cannot be written");
    assert!(corpus.read("known.yaml").contains("demo/sign/first"));

    let wrong = Corpus::copied(&["flipsnack"]);
    wrong.edit("flipsnack/scheme.yaml", SIGNS_THE_FILE.0, SIGNS_THE_FILE.1);
    fs::create_dir(place.file("out")).unwrap();
    let fuzz = ["fuzz", "--scheme", "flipsnack", "--seed", "3", "--cases", "3000", "--output", &report, "--promote"];
    let subject = noted(&text(wrong.path()), &corpus.file("note"), &removes);
    let arguments = fuzz.map(str::to_owned).into_iter().chain([text(&place.file("promoted"))]).chain(subject);
    run(arguments).exits(2).complains("out/report: cannot be written").complains("vectors were written to");
    assert!(place.file("promoted/flipsnack/found.yaml").exists());
}
