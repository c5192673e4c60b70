//! Twenty wrong implementations, one line of the Python adapter each, chosen from the bug classes
//! before the operators were looked at: every one is found by the corpus and by fuzzing, and all but
//! two are diagnosed with the right mistake first.

use crate::setting::{CORPUS, entry, lacks, place};
use countersign::corpus::Entry;
use countersign::diagnosis::{Conclusion, RunDiagnosis};
use countersign::differential::{self, Bounds, Fuzzed};
use countersign::runner::{self, Filter, Under};
use countersign::subject::{Limits, Process};
use serde::Deserialize;
use std::fs;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// An edit of one line.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Wrong {
    row: String,
    scheme: String,
    #[allow(dead_code, reason = "for the reader")]
    side: String,
    file: String,
    says: String,
    old: String,
    new: String,
    /// Operators any of which is the right diagnosis; none where none is known.
    operators: Vec<String>,
}

fn wrong() -> Vec<Wrong> {
    let text = fs::read_to_string(place("tests/fixtures/wrong_implementations.yaml")).unwrap();
    let all: Vec<Wrong> = serde_yaml::from_str(&text).unwrap();
    assert_eq!(all.len(), 20);
    all
}

fn has_python() -> bool {
    let found = Command::new("python3").arg("--version").stdout(Stdio::null()).status();
    found.map_err(|e| lacks("python3", e, "the wrong implementations are not asked")).is_ok()
}

/// A copy of the adapter with the edit, and the process that runs it.
fn implementation(wrong: &Wrong) -> (TempDir, Process) {
    let copy = tempfile::tempdir().unwrap();
    let python = place("adapters/python");
    fs::create_dir(copy.path().join("systems")).unwrap();
    for folder in ["", "systems"] {
        for file in fs::read_dir(python.join(folder)).unwrap().map(|file| file.unwrap().path()) {
            if file.is_file() {
                fs::copy(&file, copy.path().join(folder).join(file.file_name().unwrap())).unwrap();
            }
        }
    }
    let file = copy.path().join(&wrong.file);
    let text = fs::read_to_string(&file).unwrap();
    assert_eq!(text.matches(&wrong.old).count(), 1, "{}: `{}` must stand there once", wrong.file, wrong.old);
    fs::write(file, text.replacen(&wrong.old, &wrong.new, 1)).unwrap();
    let command = ["python3", "-B", "countersign_adapter.py"];
    let process = Process::new(command, Limits::default()).in_directory(copy.path());
    (copy, process)
}

fn is_right(wrong: &Wrong, verdict: &Conclusion) -> bool {
    let Conclusion::Explained(explained) = verdict else { return false };
    let parts = &explained.candidates[0].class[0].0;
    let names = |id: &str| wrong.operators.iter().any(|operator| id.split('@').next() == Some(operator));
    parts.len() == 1 && names(parts[0].id())
}

#[test]
fn each_is_found_by_the_corpus_and_nearly_each_is_named() {
    if !has_python() {
        return;
    }
    let diagnosis = RunDiagnosis::new(&CORPUS);
    let mut unnamed = Vec::new();
    for wrong in wrong() {
        let (_copy, mut process) = implementation(&wrong);
        let run = runner::test(
            &CORPUS,
            &Filter(vec![wrong.scheme.clone()]),
            Under::Decision,
            &mut process,
            &mut |_, _| {},
            &mut |run| diagnosis.questions(run, &|_, _| true),
        )
        .unwrap();
        assert!(run.failed() > 0, "{} {}: not found", wrong.row, wrong.says);
        let causes = diagnosis.causes(&run, &|_, _| true);
        let named = causes.iter().find(|cause| cause.entry.name == wrong.scheme);
        if !named.is_some_and(|cause| is_right(&wrong, &cause.cause.diagnosis.verdict)) {
            unnamed.push(format!("{} {}", wrong.row, wrong.says));
        }
    }
    println!("{} of 20 named first; the others: {unnamed:?}", 20 - unnamed.len());
    assert!(unnamed.len() <= 2, "{unnamed:#?}");
}

/// Fuzzes an implementation of a scheme.
fn fuzzed<'e>(entry: &'e Entry, mut process: Process, cases: usize) -> Fuzzed<'e> {
    let bounds = Bounds { cases, time: None, seed: 1 };
    differential::fuzz(entry, &mut process, &bounds, &mut |_, _, _| {}).unwrap()
}

fn is_found_by_fuzzing(wrong: &Wrong) {
    let entry = entry(&wrong.scheme);
    let (_copy, process) = implementation(wrong);
    let start = Instant::now();
    let fuzzed = fuzzed(entry, process, 2_000);
    println!("{} {}: {} findings in {:.1?}", wrong.row, wrong.says, fuzzed.findings.len(), start.elapsed());
    assert!(!fuzzed.findings.is_empty(), "{} {}: not found by fuzzing", wrong.row, wrong.says);
    let longest = fuzzed.findings.iter().map(|f| serde_json::json!(f.input.given).to_string().len()).max();
    assert!(longest < Some(1_600), "{}: an input that nobody reads: {longest:?}", wrong.says);
    // The bound is for a machine that does nothing else; a loaded one is slower.
    assert!(start.elapsed() < Duration::from_secs(60), "{}: {:?}", wrong.says, start.elapsed());
}

#[test]
fn each_is_found_by_fuzzing() {
    if !has_python() {
        return;
    }
    let all = wrong();
    std::thread::scope(|scope| {
        // Threads of their own: those that the search for causes is spread over would wait for them.
        all.chunks(10).for_each(|some| drop(scope.spawn(|| some.iter().for_each(is_found_by_fuzzing))));
    });
}

#[test]
fn the_right_implementation_is_not_found_fault_with() {
    if !has_python() {
        return;
    }
    for name in wrong().iter().map(|wrong| wrong.scheme.clone()).collect::<std::collections::BTreeSet<_>>() {
        let entry = entry(&name);
        let command = ["python3", "-B", "countersign_adapter.py"];
        let process = Process::new(command, Limits::default()).in_directory(place("adapters/python"));
        let fuzzed = fuzzed(entry, process, 6_000);
        let lines: Vec<String> = fuzzed.findings.iter().flat_map(|finding| finding.verdict.lines()).collect();
        assert!(fuzzed.findings.is_empty(), "{name}: {lines:#?}\n{:#?}", fuzzed.findings);
    }
}
