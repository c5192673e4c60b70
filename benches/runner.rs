//! Whether the runner is the bottleneck: cases a second through the runner, against what the same
//! adapter reaches when it is fed from a file and its replies go nowhere. Both take turns in one run.
//!
//! `cargo bench --bench runner [-- FOLDER …]`, with folders of `adapters/`; those that need no
//! building unless given. A folder whose language is not on this machine is named, and left out.

use countersign::case::Case;
use countersign::corpus::{self, Files};
use countersign::runner::{Asked, Filter, Under};
use countersign::scheme::SchemeKind;
use countersign::subject::{Call, Connection, Delivery, Limits, PROTOCOL, Process};
use serde_json::Value;
use std::fs::{self, File};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// How often the corpus is put in one go, so that starting the adapter weighs little.
const TIMES: usize = 8;
/// How many rounds take turns.
const ROUNDS: usize = 7;

fn main() {
    let named: Vec<String> = std::env::args().skip(1).filter(|argument| !argument.starts_with('-')).collect();
    let mut corpus = corpus::load(&Files::built_in()).expect("the built-in corpus loads");
    corpus.entries.retain(|entry| entry.scheme.kind == SchemeKind::System);
    let asked = Asked::all(&corpus, &Filter::default(), Under::Decision);
    let cases: Vec<Case> = asked.iter().map(|asked| asked.case(false)).collect();
    println!("{:<14} {:>12} {:>12} {:>7} {:>14}", "adapter", "from a file", "by runner", "ratio", "corpus once");
    for folder in folders(&named) {
        let adapter = fs::read_to_string(folder.join("adapter.json")).expect("an adapter has adapter.json");
        let adapter: Value = serde_json::from_str(&adapter).expect("adapter.json is JSON");
        let words = |value: &Value| -> Vec<String> {
            value.as_array().into_iter().flatten().filter_map(|word| word.as_str().map(str::to_owned)).collect()
        };
        let is_built = adapter["build"].as_array().is_some_and(|steps| !steps.is_empty());
        if named.is_empty() && is_built {
            continue;
        }
        let command = words(&adapter["command"]);
        match Process::new(&command, Limits::default()).in_directory(&folder).hello() {
            Ok(_) => measure(&folder, &command, &cases),
            Err(why) => println!(
                "{:<14} left out, without {}: {why}",
                name(&folder),
                adapter["language"].as_str().unwrap_or("?")
            ),
        }
    }
}

fn folders(named: &[String]) -> Vec<PathBuf> {
    let adapters = Path::new(env!("CARGO_MANIFEST_DIR")).join("adapters");
    let all = fs::read_dir(adapters).expect("adapters/ can be read").flatten().map(|entry| entry.path());
    let wanted = |path: &PathBuf| {
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        path.join("adapter.json").is_file() && (named.is_empty() || named.contains(&name))
    };
    let mut folders: Vec<PathBuf> = all.filter(wanted).collect();
    folders.sort();
    folders
}

fn name(folder: &Path) -> String {
    folder.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
}

fn measure(folder: &Path, command: &[String], cases: &[Case]) {
    let many: Vec<Case> = (0..TIMES).flat_map(|_| cases.iter().cloned()).collect();
    let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join("messages.jsonl");
    fs::write(&file, messages(&many)).expect("the target folder can be written");
    let (mut fed, mut run, mut ratios) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        let (from_file, by_runner) = (feed(folder, command, &file), put(folder, command, &many));
        ratios.push(from_file.as_secs_f64() / by_runner.as_secs_f64());
        fed.push(from_file);
        run.push(by_runner);
    }
    ratios.sort_by(f64::total_cmp);
    let rate = |times: &mut Vec<Duration>| {
        times.sort();
        many.len() as f64 / times[ROUNDS / 2].as_secs_f64()
    };
    let (name, once) = (name(folder), put(folder, command, cases));
    println!(
        "{name:<14} {:>10.0}/s {:>10.0}/s {:>7.2} {:>12.2} s",
        rate(&mut fed),
        rate(&mut run),
        ratios[ROUNDS / 2],
        once.as_secs_f64()
    );
}

fn messages(cases: &[Case]) -> String {
    let mut text = format!("{{\"seq\":\"start\",\"op\":\"start\",\"protocol\":{PROTOCOL}}}\n");
    for (seq, case) in cases.iter().enumerate() {
        text += &serde_json::to_string(&Call::of(seq as u64, case)).expect("a message is JSON");
        text.push('\n');
    }
    text + "{\"seq\":\"stop\",\"op\":\"stop\"}\n"
}

/// The adapter alone: from its start to its end.
fn feed(folder: &Path, command: &[String], file: &Path) -> Duration {
    let start = Instant::now();
    let status = Command::new(&command[0])
        .args(&command[1..])
        .current_dir(folder)
        .stdin(File::open(file).expect("the file was just written"))
        .stdout(Stdio::null())
        .status()
        .expect("the adapter can be started");
    assert!(status.success(), "the adapter ended with {status}");
    start.elapsed()
}

/// The same through the runner.
fn put(folder: &Path, command: &[String], cases: &[Case]) -> Duration {
    let start = Instant::now();
    let mut process = Process::new(command, Limits::default()).in_directory(folder);
    process.hello().expect("the adapter shakes hands");
    let mut replies = 0;
    process.put(cases, &mut |_, outcome| {
        assert!(matches!(outcome, Delivery::Reply(_)), "{outcome:?}");
        replies += 1;
        ControlFlow::Continue(())
    });
    assert_eq!(replies, cases.len());
    assert!(process.finish().breaches.is_empty());
    start.elapsed()
}
