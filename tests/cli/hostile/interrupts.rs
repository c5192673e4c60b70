//! Runs that are interrupted: each says what it has, in the form that was asked for, and ends its subject.

use super::endings::is_gone;
use super::runs::{Test, subject};
use crate::command::{COUNTERSIGN, Corpus};
use crate::fuzz::ENCODES_THE_SECRET;
use std::fs;
use std::path::Path;
use std::process::Command;

/// A subject that answers thirty cases, then fills a file and is silent.
fn falls_silent(file: &Path) -> Test {
    let corpus = concat!(env!("CARGO_MANIFEST_DIR"), "/vectors/flipsnack");
    let lines = r#"i=0; while [ $i -le 30 ] && IFS= read -r line; do printf '%s\n' "$line"; i=$((i+1)); done"#;
    let silent = format!("{{ {lines}; echo >{}; cat >/dev/null; }}", file.display());
    Test::of(["sh", "-c", &format!("{COUNTERSIGN} adapter --corpus {corpus} | {silent}")])
}

#[test]
fn an_interrupted_test_reports_what_it_has() {
    let place = Corpus::empty();
    for (format, signal, code) in
        [("text", "INT", 130), ("json", "TERM", 143), ("junit", "INT", 130), ("html", "TERM", 143)]
    {
        let (file, report) = (place.file(format), place.file(&format!("{format}.report")));
        let options = ["--timeout", "60", "--format", format, "--output", report.to_str().unwrap()];
        let run = falls_silent(&file).with(&options).interrupted(&file, signal, 1).run().exits(code).within(15);
        let again = "countersign: interrupted; the whole of it: countersign test --only flipsnack/sign";
        let run = run.complains(again).complains(&format!("--output {}", report.display()));
        assert_eq!(run.stdout, "");
        let text = fs::read_to_string(&report).unwrap();
        assert!(text.contains("the run was interrupted") && text.contains("it was interrupted"), "{text}");
        match format {
            "text" => assert!(text.contains("\n29 passed, 0 failed, "), "{text}"),
            "json" => {
                let report: serde_json::Value = serde_json::from_str(&text).unwrap();
                assert_eq!((&report["schemes"][0]["passed"], &report["schemes"][0]["failed"]), (&29.into(), &0.into()));
                assert_eq!(report["conduct"]["broken_off"], "it was interrupted");
                assert_eq!(report["conduct"]["breaches"].as_array().unwrap().len(), 0, "{}", report["conduct"]);
            }
            _ => {}
        }
    }
}

#[test]
fn an_interrupted_fuzz_reports_and_promotes_what_it_found() {
    for (format, signal, code) in [("text", "INT", 130), ("json", "TERM", 143)] {
        let (wrong, place, added) =
            (Corpus::edited(ENCODES_THE_SECRET), Corpus::empty(), Corpus::copied(&["flipsnack"]));
        // What generation has found before would be a duplicate.
        fs::remove_file(added.file("flipsnack/generated.yaml")).unwrap();
        let (file, report) = (place.file("file"), place.named("report"));
        let adapter = format!("{COUNTERSIGN} adapter --corpus {}", wrong.name());
        let script = format!("(sleep 2; echo >{}) & exec {adapter}", file.display());
        let options = ["--time", "600", "--format", format, "--output", &report, "--promote", added.name()];
        let fuzz = Test::of(["sh", "-c", &script]).fuzzing("flipsnack").with(&options);
        let run = fuzz.interrupted(&file, signal, 1).run().exits(code).within(25);
        let first = run.stderr.lines().next().unwrap().to_owned();
        let seed = first.strip_prefix("countersign: seed ").and_then(|rest| rest.split(';').next()).unwrap();
        let again = format!("the whole of it: countersign fuzz --scheme flipsnack --seed {seed} --time 600 ");
        run.complains(&again).complains(&format!("--promote {} --", added.name()));
        let text = place.read("report");
        match format {
            "json" => {
                let report: serde_json::Value = serde_json::from_str(&text).unwrap();
                assert_eq!((&report["interrupted"], report["seed"].to_string()), (&true.into(), seed.to_owned()));
                assert!(!report["findings"].as_array().unwrap().is_empty());
                assert!(report["findings"][0]["kind"] != "crash", "{}", report["findings"][0]);
            }
            _ => assert!(text.contains("The run was interrupted") && text.contains("\n1. flipsnack"), "{text}"),
        }
        assert!(added.file("flipsnack/found.yaml").exists());
        crate::command::run(["lint", added.name()]).exits(0);
    }
}

#[cfg(unix)]
#[test]
fn a_second_interrupt_ends_the_run_at_once() {
    let place = Corpus::empty();
    // The first one leaves a report to be written, which nobody reads.
    let (file, pipe) = (place.file("file"), place.file("pipe"));
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let options = ["--timeout", "60", "--output", &place.named("pipe")];
    falls_silent(&file).with(&options).interrupted(&file, "INT", 2).run().exits(130).within(15);
}

#[cfg(target_os = "linux")]
#[test]
fn an_interrupted_run_ends_its_subject() {
    for times in [1, 2] {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("children");
        let Some(test) = subject("leaves-children-and-hangs", &[file.to_str().unwrap()]) else { return };
        test.interrupted(&file, "INT", times).run().exits(130).within(10);
        is_gone(&file);
    }
}
