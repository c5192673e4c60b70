//! Values that grow with every step: a scheme that makes one too long is refused, before memory or time run out.

#![cfg(target_os = "linux")]

#[path = "command/mod.rs"]
mod command;

use command::Corpus;
use std::fs;
use std::io::Read;
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

/// Time after which a run is ended.
const TIME: Duration = Duration::from_secs(5);
/// Memory beyond which it is ended, in KiB.
const MEMORY: u64 = 300 << 10;

/// A scheme whose stages these are; the last of them is signed.
fn corpus(stages: &str, last: &str) -> Corpus {
    let corpus = Corpus::empty();
    fs::create_dir(corpus.file("growing")).unwrap();
    let scheme = format!(
        "title: \"A scheme that grows\"\nkind: system\naccount: {{ secret: secret }}\noperations:\n  purchase:\n    \
         direction: request\n    wire: {{ query: percent }}\n    derive:\n{stages}      signature: [stage.{last}, \
         {{ hmac: {{ with: sha256, key: credential.secret }} }}, hex]\n    place:\n      header: {{ X-Signature: \
         stage.signature }}\n    verify:\n      - {{ equal: [header.X-Signature, stage.signature], reject: \
         signature-mismatch }}\n"
    );
    corpus.write("growing/scheme.yaml", scheme);
    corpus.write(
        "growing/statements.yaml",
        "document: { title: \"T\", publisher: \"P\", note: \"N\" }\nstatements: []\ndiscrepancies: {}\n",
    );
    corpus.write(
        "growing/sign.yaml",
        "about: \"Signing.\"\naccounts: { mine: { secret: \"sixteen-bytes-it\" } }\nvectors:\n  - name: \"one\"\n    \
         comment: \"One.\"\n    source: { kind: \"generated\", place: \"here\" }\n    given: { operation: \"purchase\", \
         sign: { account: \"mine\", request: { method: \"POST\", host: \"h\", path: \"/\", body: \"sixteen bytes it\" } } }\n    \
         expect: { stages: { signature: \"00\" } }\n",
    );
    corpus
}

/// `hex` after `hex`: each doubles.
fn steps(count: usize) -> Corpus {
    corpus(&format!("      doubled: [body{}]\n", ", hex".repeat(count)), "doubled")
}

/// A stage after another, each of which is the one before it twice.
fn stages(count: usize) -> Corpus {
    let stage = |i: usize| format!("      s{i}: [{{ concat: [stage.s{0}, stage.s{0}] }}]\n", i - 1);
    let all: String = (1..count).map(stage).collect();
    corpus(&format!("      s0: [body]\n{all}"), &format!("s{}", count - 1))
}

/// Runs a command on a corpus; the exit code, and all that it says.
fn run(corpus: &Corpus, arguments: &[&str]) -> (i32, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_countersign"));
    command.args(arguments).arg("--corpus").arg(corpus.path());
    let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let (mut stdout, mut stderr) = (child.stdout.take().unwrap(), child.stderr.take().unwrap());
    // Beside the waiting, or a long output would never end.
    let reader = thread::spawn(move || {
        let (mut out, mut error) = (Vec::new(), Vec::new());
        stdout.by_ref().take(1 << 20).read_to_end(&mut out).unwrap();
        stderr.by_ref().take(1 << 20).read_to_end(&mut error).unwrap();
        String::from_utf8_lossy(&[out, error].concat()).into_owned()
    });
    let start = Instant::now();
    let status = Path::new("/proc").join(child.id().to_string()).join("status");
    let code = loop {
        let most = memory(&status);
        if most > MEMORY || start.elapsed() > TIME {
            child.kill().unwrap();
            child.wait().unwrap();
            panic!("`{}` took {most} KiB in {:?}, and had not ended", arguments.join(" "), start.elapsed());
        }
        match child.try_wait().unwrap() {
            Some(status) => break status.code().expect("no signal"),
            None => thread::sleep(Duration::from_millis(2)),
        }
    };
    (code, reader.join().unwrap())
}

/// The most memory that a process has had, in KiB; none where it has ended.
fn memory(status: &Path) -> u64 {
    let text = fs::read_to_string(status).unwrap_or_default();
    let most = text.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    most.and_then(|line| line.split_whitespace().next()).map_or(0, |number| number.parse().unwrap())
}

#[track_caller]
fn is_refused(corpus: &Corpus, stage: &str) {
    let (code, said) = run(corpus, &["sign", "growing/sign/one"]);
    assert_eq!(code, 2, "{said:.2000}");
    for named in ["growing", "purchase", stage] {
        assert!(said.contains(named), "`{named}` is not named: {said:.2000}");
    }
}

#[track_caller]
fn is_found(corpus: &Corpus, stage: &str) {
    let (code, said) = run(corpus, &["lint"]);
    assert_ne!(code, 0, "{said:.2000}");
    assert!(said.contains(stage) && said.contains("long"), "no finding about the length of {stage}: {said:.2000}");
}

#[test]
fn what_grows_within_bounds_is_signed() {
    for corpus in [steps(4), stages(4)] {
        let (code, said) = run(&corpus, &["sign", "growing/sign/one"]);
        assert_eq!(code, 0, "{said:.2000}");
    }
}

#[test]
fn twenty_four_steps_are_refused() {
    is_refused(&steps(24), "doubled");
}

#[test]
fn twenty_six_steps_are_refused() {
    is_refused(&steps(26), "doubled");
}

#[test]
fn forty_steps_are_refused() {
    is_refused(&steps(40), "doubled");
}

/// Which of them is the first to be too long is the bound's to say.
#[test]
fn twenty_seven_stages_are_refused() {
    is_refused(&stages(27), "`s1");
}

#[test]
fn lint_finds_steps_that_can_only_grow() {
    for count in [24, 26, 40] {
        is_found(&steps(count), "doubled");
    }
}

#[test]
fn lint_finds_stages_that_can_only_grow() {
    is_found(&stages(27), "`s1");
}
