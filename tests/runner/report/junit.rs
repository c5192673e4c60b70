//! JUnit XML, checked against the schema that Jenkins reads it by.
//!
//! `junit-10.xsd` is of the xUnit plugin of Jenkins, unchanged; its head tells its licence. A machine
//! without `xmllint` says so in a line and goes on; `COUNTERSIGN_REQUIRE_ADAPTERS=1` makes that an error.

use super::{keep, made};
use crate::setting::{lacks, place};
use countersign::report::run_junit;
use countersign::runner::Verdict;
use std::path::Path;
use std::process::Command;

/// What `xmllint` prints; none where it is not on this machine.
fn xmllint(arguments: &[&str], file: &Path) -> Option<String> {
    match Command::new("xmllint").args(["--nonet"]).args(arguments).arg(file).output() {
        Ok(output) => {
            let stderr = String::from_utf8_lossy(&output.stderr);
            assert!(output.status.success(), "{}: {stderr}", file.display());
            Some(String::from_utf8(output.stdout).unwrap())
        }
        Err(e) => {
            lacks("xmllint", e, "JUnit XML is not validated");
            None
        }
    }
}

#[test]
fn a_run_with_every_kind_of_failure_is_valid_and_counts_rightly() {
    let made::Made { run, causes } = made::hostile();
    let file = keep("hostile.xml", &run_junit(run, causes));
    let schema = place("tests/runner/report/junit-10.xsd");
    let Some(_) = xmllint(&["--noout", "--schema", schema.to_str().unwrap()], &file) else { return };
    let find = |path: &str| xmllint(&["--xpath", path], &file).unwrap().trim().to_owned();
    let number = |path: &str| find(path).parse::<usize>().unwrap();

    let count = |is: fn(&Verdict) -> bool| run.results().filter(|result| is(&result.verdict)).count();
    let errors =
        count(|v| matches!(v, Verdict::Errored(_) | Verdict::Crashed(_) | Verdict::TimedOut(_) | Verdict::Broke(_)));
    let failures = count(|v| matches!(v, Verdict::Differs(_) | Verdict::Stale(..)));
    let skipped = count(|v| matches!(v, Verdict::Skipped(_) | Verdict::NotRun(_) | Verdict::Known(_)));
    assert_eq!(number("count(//testcase)"), run.vectors() + 1, "and one for the conduct");
    assert_eq!(number("count(//testcase/failure)"), failures);
    assert_eq!(number("count(//testcase/error)"), errors + 1);
    assert_eq!(number("count(//testcase/skipped)"), skipped);
    assert_eq!(number("string(/testsuites/@failures)"), failures);
    assert_eq!(number("string(/testsuites/@errors)"), errors + 1);
    assert_eq!(number("count(/testsuites/testsuite)"), made::SCHEMES.len() + 1);
}

#[test]
fn what_a_subject_says_is_text_in_junit() {
    let made::Made { run, causes } = made::hostile();
    let file = keep("texts.xml", &run_junit(run, causes));
    let Some(names) = xmllint(&["--xpath", "string(//testsuite[@name='conduct']/testcase/@name)"], &file) else {
        return;
    };
    assert!(names.starts_with(&format!("name {}", made::SHOWN)), "{names}");
    for (path, says) in [
        ("//error[@type='error']", "reports an error: error "),
        ("//error[@type='crash']", "crash "),
        ("//error[@type='broken reply']", "protocol: broke "),
        ("//failure[@type='wrong class']", "found code "),
        ("//error[@type='conduct']", "The run was broken off: "),
    ] {
        let texts = xmllint(&["--xpath", &format!("string({path}[1])")], &file).unwrap();
        // A long text is wrapped where it has spaces.
        let flat = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(flat(&texts).contains(&flat(&format!("{says}{}", made::SHOWN))), "{path}: {texts}");
    }
    let bytes = xmllint(&["--xpath", "count(//failure[contains(., '<b>\\xff\\xfe\\0]]>')])"], &file).unwrap();
    assert_ne!(bytes.trim(), "0", "bytes that are no text stand as escapes");
}
