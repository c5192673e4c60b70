//! Independent truth: the corpus is replayed against every adapter that is found, none of which
//! shares code with the reference: every expectation, those of permitted readings too, and once more
//! under fresh credentials. A machine without the language says so in a line and goes on;
//! `COUNTERSIGN_REQUIRE_ADAPTERS=1` makes that an error.

#[path = "setting/mod.rs"]
mod setting;

use countersign::case::{Case, compare};
use countersign::corpus::Corpus;
use countersign::runner::{self, Asked, Filter, Under};
use countersign::scheme::SchemeKind;
use countersign::subject::{Connection, Delivery, Limits, Process};
use libtest_mimic::{Arguments, Failed, Trial};
use serde::Deserialize;
use setting::{load, place};
use std::fs;
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::process::{Command, Stdio};

/// What `adapter.json` says of an adapter.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Adapter {
    language: String,
    /// Programs without which it cannot run.
    needs: Vec<String>,
    /// Commands that build it.
    build: Vec<Vec<String>>,
    /// The command that runs it.
    command: Vec<String>,
    /// Commands that test it without the runner.
    #[allow(dead_code, reason = "they are the gate's to run")]
    test: Vec<Vec<String>>,
    #[serde(skip)]
    folder: PathBuf,
}

fn adapters() -> Vec<Adapter> {
    let folders = fs::read_dir(place("adapters")).unwrap().map(|entry| entry.unwrap().path());
    let mut folders: Vec<PathBuf> = folders.filter(|path| path.is_dir()).collect();
    folders.sort();
    let adapter = |folder: PathBuf| {
        let text = fs::read_to_string(folder.join("adapter.json")).unwrap_or_else(|e| panic!("{folder:?}: {e}"));
        let adapter: Adapter = serde_json::from_str(&text).unwrap_or_else(|e| panic!("{folder:?}: {e}"));
        Adapter { folder, ..adapter }
    };
    folders.into_iter().map(adapter).collect()
}

fn systems() -> Corpus {
    let mut corpus = load("vectors");
    corpus.entries.retain(|entry| entry.scheme.kind == SchemeKind::System);
    corpus
}

impl Adapter {
    /// Whether the language is on this machine.
    fn can_run(&self) -> Result<bool, Failed> {
        let runs = |program: &String| {
            let path = std::env::var_os("PATH").unwrap_or_default();
            std::env::split_paths(&path).any(|folder| folder.join(program).is_file())
        };
        match self.needs.iter().find(|program| !runs(program)) {
            None => Ok(true),
            Some(missing) if std::env::var_os("COUNTERSIGN_REQUIRE_ADAPTERS").is_some() => {
                Err(format!("{missing} is not on this machine").into())
            }
            Some(missing) => {
                eprintln!("{missing} is not on this machine: the adapter in {} is not asked", self.language);
                Ok(false)
            }
        }
    }

    fn built(&self) -> Result<(), Failed> {
        for step in &self.build {
            let (program, arguments) = step.split_first().ok_or("an empty command")?;
            let output =
                Command::new(program).args(arguments).current_dir(&self.folder).stdin(Stdio::null()).output()?;
            if !output.status.success() {
                return Err(format!("{step:?}: {}", String::from_utf8_lossy(&output.stderr)).into());
            }
        }
        Ok(())
    }

    fn process(&self) -> Process {
        Process::new(&self.command, Limits::default()).in_directory(&self.folder)
    }
}

/// Every expectation of a corpus, all that it lists, must be confirmed.
fn confirm(mut subject: Process, corpus: &Corpus) -> Result<(), Failed> {
    let asked = Asked::all(corpus, &Filter::default(), Under::All);
    let cases: Vec<Case> = asked.iter().map(|asked| asked.case(true)).collect();
    let hello = subject.hello().map_err(|e| e.to_string())?;
    for entry in &corpus.entries {
        let ops = hello.schemes.get(&entry.name).map(Vec::len);
        assert_eq!(ops, Some(2), "it does not sign and verify {}", entry.name);
    }
    let mut unconfirmed = Vec::new();
    subject.put(&cases, &mut |i, outcome| {
        let differences = match &outcome {
            Delivery::Reply(reply) => {
                let differences = compare(&asked[i].expect, reply);
                differences.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
            }
            other => format!("{other:?}"),
        };
        if !differences.is_empty() {
            unconfirmed.push(format!("{} {:?}: {differences}", asked[i].name(), asked[i].reading));
        }
        ControlFlow::Continue(())
    });
    let conduct = subject.finish();
    assert!(cases.len() > 3000, "only {} expectations", cases.len());
    match (unconfirmed.is_empty(), conduct.breaches.as_slice()) {
        (true, []) => Ok(()),
        (true, breaches) => Err(format!("{breaches:?}").into()),
        (false, _) => {
            let (some, of) = (unconfirmed.len(), cases.len());
            Err(format!("{some} of {of} expectations not confirmed:\n{}", unconfirmed.join("\n")).into())
        }
    }
}

fn trial(adapter: Adapter) -> Trial {
    let name = adapter.folder.file_name().unwrap().to_string_lossy().into_owned();
    Trial::test(format!("{name} confirms every expectation, and with fresh credentials"), move || {
        if !adapter.can_run()? {
            return Ok(());
        }
        adapter.built()?;
        confirm(adapter.process(), &systems())?;
        let rekeyed = runner::rekey(systems(), 20_180_504);
        confirm(adapter.process(), &rekeyed.corpus)
    })
}

fn main() {
    let arguments = Arguments::from_args();
    let adapters = adapters();
    assert!(adapters.len() >= 2, "two adapters at least must confirm what is generated");
    let mut trials: Vec<Trial> = adapters.into_iter().map(trial).collect();
    trials.push(Trial::test("the reference answers through the protocol as it does directly", || {
        confirm(Process::new([env!("CARGO_BIN_EXE_countersign"), "adapter"], Limits::default()), &systems())
    }));
    libtest_mimic::run(&arguments, trials).exit();
}
