//! What is written to disk: whole or not at all, never over what somebody else wrote, and opened before the work.

use crate::command::{COUNTERSIGN, Corpus, Ran, run, run_on, watched};
use crate::fuzz::{SIGNS_THE_FILE, fuzz};
use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

/// Runs the command where no file can grow beyond so many blocks of 512 bytes, as on a full disk.
fn on_a_full_disk(blocks: usize, arguments: &[impl AsRef<OsStr>]) -> Ran {
    let script = format!("trap '' XFSZ; ulimit -f {blocks}; exec \"$0\" \"$@\"");
    let mut command = Command::new("sh");
    command.args(["-c", &script, COUNTERSIGN]).args(arguments);
    watched(&mut command, Duration::from_secs(60), 1 << 10, |_| {}).unwrap()
}

/// Names of all that is in a directory.
fn names(directory: &Path) -> BTreeSet<String> {
    fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
}

/// A corpus whose only vector fails.
fn diverging() -> Corpus {
    let corpus = Corpus::demo();
    corpus.edit("demo/sign.yaml", "9f4ae63bb27b5ed7", "0000000000000000");
    corpus
}

/// The arguments that test the reference on a corpus, with options.
fn test<'a>(corpus: &'a Corpus, options: &[&'a str]) -> Vec<&'a str> {
    [&["test", "--corpus", corpus.name()], options, &corpus.subject()].concat()
}

#[test]
fn a_write_that_fails_leaves_what_was_there() {
    let corpus = diverging();
    let (known, report) = (corpus.named("known.yaml"), corpus.named("report.json"));
    let write_known = test(&corpus, &["--known", &known, "--write-known"]);
    run(&write_known).exits(0);
    corpus.edit("known.yaml", "no reason given yet", &"a reason, written by hand. ".repeat(60));
    let json = test(&corpus, &["--format", "json", "--output", &report]);
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
    on_a_full_disk(8, &["export", "--corpus", corpus.name()]).exits(2).complains("cannot be written");
    for name in names(&corpus.file("schema")) {
        let text = corpus.read(&format!("schema/{name}"));
        assert!(serde_json::from_str::<serde_json::Value>(&text).is_ok(), "{name} has {} bytes", text.len());
    }
    corpus.run(&["export"]).exits(0);
}

#[test]
fn a_new_scheme_is_whole_or_not_there() {
    let corpus = Corpus::empty();
    let new = ["new", "demo", "--output", corpus.name()];
    on_a_full_disk(0, &new).exits(2).complains("cannot be written");
    assert_eq!(names(corpus.path()), BTreeSet::new());
    run(new).exits(0);
    corpus.run(&["check"]).exits(0);
}

/// The names in a folder of `flipsnack` that has been promoted to, and the text of one of its files.
fn found(corpus: &Corpus) -> Vec<String> {
    names(&corpus.file("flipsnack")).into_iter().filter(|name| name.starts_with("found")).collect()
}

const ANY_METHOD: (&str, &str) =
    ("{ equal: [method, { text: GET }], reject: wrong-method", "{ equal: [method, method], reject: wrong-method");
const ANOTHER_CLASS: (&str, &str) = (
    "{ account: { api_key: query.apiKey }, reject: unknown-key",
    "{ account: { api_key: query.apiKey }, reject: expired",
);

/// Asserts that `lint`, `check` and a `test` of the reference pass on a corpus as it stands.
#[track_caller]
fn stands(corpus: &Corpus) {
    run(["lint", corpus.name()]).exits(0).prints(" 0 findings");
    corpus.run(&["check"]).exits(0).prints(" 0 failed");
    run(test(corpus, &[])).exits(0);
}

#[test]
fn promotion_adds_and_keeps_what_was_edited() {
    let place = Corpus::copied(&["flipsnack"]);
    let wrong = Corpus::edited(SIGNS_THE_FILE);
    let promoted = |seed: &str| fuzz(&wrong, &["--seed", seed, "--promote", place.name()]).exits(1);
    let first = promoted("3");
    first.complains("vectors were written to").complains("flipsnack/found.yaml");
    stands(&place);
    place.edit("flipsnack/found.yaml", "comment: \"countersign", "comment: \"My own words: countersign");
    let edited = place.read("flipsnack/found.yaml");
    promoted("4");
    assert_eq!(place.read("flipsnack/found.yaml"), edited);
    stands(&place);
    // What is there already is not added once more.
    promoted("3").complains("finding 1: it is the same as flipsnack/found/");
    stands(&place);
}

#[test]
fn promotion_into_an_empty_directory_makes_a_corpus() {
    let place = Corpus::empty();
    let made = place.named("a/b");
    fuzz(&Corpus::edited(SIGNS_THE_FILE), &["--seed", "3", "--promote", &made]).exits(1);
    run(["lint", &made]).exits(0).prints(" 0 findings");
    run(["check", "--corpus", &made, "flipsnack/found"]).exits(0).prints(" 0 failed");
}

#[test]
fn refusals_that_are_promoted_are_single_fault() {
    let place = Corpus::copied(&["flipsnack"]);
    // What generation has found before would be a duplicate.
    fs::remove_file(place.file("flipsnack/generated.yaml")).unwrap();
    for edit in [ANY_METHOD, ANOTHER_CLASS] {
        fuzz(&Corpus::edited(edit), &["--seed", "3", "--promote", place.name()]).exits(1);
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
    let ran = fuzz(&Corpus::edited(SIGNS_THE_FILE), &["--seed", "3", "--promote", place.name()]).exits(2);
    ran.complains("another scheme.yaml than the one that is fuzzed");
    assert_eq!(names(&place.file("flipsnack")), before);
}

#[test]
fn a_report_is_never_written_over_what_is_not_one() {
    let corpus = diverging();
    let file = corpus.named("mine");
    for format in ["text", "json", "junit", "html"] {
        let report = test(&corpus, &["--format", format, "--output", &file]);
        corpus.write("mine", "by hand, on countersign\n");
        run(&report).exits(2).complains("mine: was not written by countersign").complains("--force");
        assert_eq!(corpus.read("mine"), "by hand, on countersign\n");
        run(test(&corpus, &["--format", format, "--output", &file, "--force"])).exits(1);
        let written = corpus.read("mine");
        assert_ne!(written, "by hand, on countersign\n");
        // Its own it writes over, in whatever form.
        run(&report).exits(1);
    }
    run(test(&corpus, &["--format", "json", "--output", &file])).exits(1);
    serde_json::from_str::<serde_json::Value>(&corpus.read("mine")).unwrap();
}

#[cfg(unix)]
#[test]
fn nothing_is_written_through_a_link() {
    let corpus = diverging();
    let elsewhere = Corpus::empty();
    elsewhere.write("mine", "divergences: []\n");
    std::os::unix::fs::symlink(elsewhere.file("mine"), corpus.file("report")).unwrap();
    let report = corpus.named("report");
    let known = ["--known", &report, "--write-known"];
    for options in [&["--output", &report][..], &known] {
        run(test(&corpus, options)).exits(2).complains("report: is a link");
        assert_eq!(elsewhere.read("mine"), "divergences: []\n");
    }
    run(test(&corpus, &["--output", &report, "--force"])).exits(1);
    assert!(elsewhere.read("mine").contains("0 passed, 1 failed"));
    assert!(fs::symlink_metadata(corpus.file("report")).unwrap().is_symlink());

    std::os::unix::fs::symlink(elsewhere.path(), corpus.file("json")).unwrap();
    corpus.run(&["export"]).exits(2).complains("json: is a link");
    assert_eq!(names(elsewhere.path()).len(), 1);
    assert!(!corpus.file("LANGUAGE.md").exists(), "nothing is written where one file cannot be");
    // A stream is no file that could be lost.
    run(test(&corpus, &["--output", "/dev/stdout"])).exits(1).prints("0 passed, 1 failed");
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
        run(["new", name, "--output", corpus.name()]).exits(2).complains("derived files");
        assert!(!corpus.file(name).join("scheme.yaml").exists());
        let _ = fs::remove_dir_all(corpus.file(name));
        fs::rename(corpus.file("demo"), corpus.file(name)).unwrap();
        corpus.run(&["check"]).exits(2).complains("derived files");
        fs::rename(corpus.file(name), corpus.file("demo")).unwrap();
    }
}

#[test]
fn comments_in_a_file_of_known_divergences_are_not_lost() {
    let corpus = diverging();
    let known = corpus.named("known.yaml");
    let write = test(&corpus, &["--known", &known, "--write-known"]);
    run(&write).exits(0);
    run(&write).exits(0);
    let commented = corpus.read("known.yaml") + "# ask the vendor\n";
    corpus.write("known.yaml", &commented);
    run(&write).exits(2).complains("known.yaml: has comments").complains("--force");
    assert_eq!(corpus.read("known.yaml"), commented);
    run(test(&corpus, &["--known", &known, "--write-known", "--force"])).exits(0);
}

/// A script that notes in a file that it was started, does something, and then is the reference.
fn noted(corpus: &Corpus, note: &Path, first: &str) -> String {
    format!("touch {}; {first}; exec {COUNTERSIGN} adapter --corpus {}", note.display(), corpus.name())
}

#[test]
fn outputs_are_opened_before_the_work_starts() {
    let corpus = Corpus::demo();
    let note = corpus.file("note");
    let script = noted(&corpus, &note, "true");
    let subject = ["--", "sh", "-c", &script];
    corpus.write("plain", "");
    let [nowhere, plain, below_a_file] = ["nowhere/x", "plain", "plain/x"].map(|name| corpus.named(name));
    for bad in [&nowhere, &below_a_file, corpus.name()] {
        for options in [
            &["test", "--output", bad][..],
            &["test", "--format", "html", "--output", bad],
            &["test", "--known", bad, "--write-known"],
            &["fuzz", "--scheme", "demo", "--cases", "50", "--output", bad],
        ] {
            let ran = corpus.put(options, &subject).exits(2);
            assert!(!note.exists() && ran.stdout.is_empty(), "{options:?}: {}", ran.stdout);
        }
        for options in [&["check", "--output", bad][..], &["mutants", "--output", bad]] {
            assert_eq!(corpus.run(options).exits(2).stdout, "", "{options:?}");
        }
    }
    corpus.put(&["fuzz", "--scheme", "demo", "--promote", &plain], &subject).exits(2);
    assert!(!note.exists());
    run_on("flipsnack", &["diagnose", "--scheme", "flipsnack", "--request", "/dev/null", "--output", &nowhere])
        .exits(2)
        .complains("nowhere/x: cannot be written");
}

#[test]
fn an_output_that_fails_loses_no_other() {
    let (corpus, place, wrong) = (diverging(), Corpus::empty(), Corpus::edited(SIGNS_THE_FILE));
    let (report, known, promoted) = (place.named("out/report"), corpus.named("known.yaml"), place.named("promoted"));
    let removes = format!("rmdir {}", place.named("out"));
    let [right, wrong] = [&corpus, &wrong].map(|served| noted(served, &corpus.file("note"), &removes));
    fs::create_dir(place.file("out")).unwrap();
    let options = ["test", "--output", &report, "--known", &known, "--write-known"];
    let ran = corpus.put(&options, &["--", "sh", "-c", &right]).exits(2);
    ran.complains("out/report: cannot be written");
    assert!(corpus.read("known.yaml").contains("demo/sign/first"));

    fs::create_dir(place.file("out")).unwrap();
    let fuzz = ["fuzz", "--scheme", "flipsnack", "--seed", "3", "--cases", "3000", "--output", &report, "--promote"];
    let ran = run(fuzz.iter().chain(&[&promoted[..], "--", "sh", "-c", &wrong])).exits(2);
    ran.complains("out/report: cannot be written").complains("vectors were written to");
    assert!(place.file("promoted/flipsnack/found.yaml").exists());
}
