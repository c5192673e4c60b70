//! Runs with verdicts of every kind, and with a subject that says what forms of report must escape.

use crate::setting::load;
use countersign::case::{Case, Reply};
use countersign::corpus::Corpus;
use countersign::diagnosis::{RunCause, RunDiagnosis};
use countersign::runner::{self, Filter, Known, Run, Under};
use countersign::subject::{Breach, CAPABILITIES, Conduct, Connection, Delivery, Hello, PROTOCOL, Unusable};
use countersign::trial::Reference;
use std::collections::BTreeSet;
use std::ops::ControlFlow;
use std::sync::OnceLock;
use std::time::Duration;

/// What no report may take for markup, a command to a terminal, or a character of its own.
pub const HOSTILE: &str = "<script>alert(1)</script>]]>--> & \"'\u{0}\u{1b}[31m\u{7f}\u{202e}\u{fffe}\r\n</pre>`";
/// The same as a report shows it.
pub const SHOWN: &str = r#"<script>alert(1)</script>]]>--> & "'\0\u{1b}[31m\u{7f}\u{202e}\u{fffe}\r\n</pre>`"#;
/// The two schemes of the runs.
pub const SCHEMES: [&str; 2] = ["flipbase", "flipsnack"];

/// The built-in corpus, but for what the runs do not use.
pub fn corpus() -> Corpus {
    let mut corpus = load("vectors");
    corpus.entries.retain(|entry| SCHEMES.contains(&entry.name.as_str()));
    corpus
}

/// A run, and what explains its failures.
pub struct Made {
    pub run: &'static Run,
    pub causes: Vec<RunCause<'static>>,
}

/// A run with failures of every kind, known divergences and vectors that did not run; made once, since
/// to explain it takes long.
pub fn hostile() -> &'static Made {
    static MADE: OnceLock<Made> = OnceLock::new();
    MADE.get_or_init(|| {
        let corpus: &'static Corpus = Box::leak(Box::new(corpus()));
        let run: &'static Run = Box::leak(Box::new(hostile_run(corpus)));
        Made { run, causes: RunDiagnosis::new(corpus).causes(run, &|_, _| true) }
    })
}

fn hostile_run(corpus: &Corpus) -> Run {
    let mut subject = Hostile { corpus };
    let mut run = runner::test(corpus, &Filter::default(), Under::Decision, &mut subject, &mut |_, _| {}, &mut |run| {
        RunDiagnosis::new(corpus).questions(run, &|_, _| true)
    })
    .unwrap();
    let mut known = Known::default().after(&run);
    known.divergences.retain(|divergence| divergence.vector.len().is_multiple_of(5));
    for (i, divergence) in known.divergences.iter_mut().enumerate() {
        divergence.reason = format!("left so: {HOSTILE}");
        if i % 3 == 0 {
            divergence.differs = vec![HOSTILE.into()];
        }
    }
    known.apply(&mut run, false);
    run.broken_off = Some(HOSTILE.into());
    let kinds: BTreeSet<_> = run.failures().iter().filter_map(|failure| failure.verdict.failure()).collect();
    assert_eq!(kinds.len(), 9, "the run has not every kind of failure: {kinds:?}");
    assert!(run.known() > 0 && run.not_run() > 0 && run.passed() > 0);
    run
}

/// A run of the reference, with one expectation changed so that it fails.
pub fn checked(corpus: &mut Corpus) -> Run {
    let topics = corpus.entries.iter_mut().flat_map(|entry| &mut entry.topics);
    let mut stages = topics.flat_map(|topic| &mut topic.file.vectors).filter_map(|v| v.expect.stages.first_mut());
    stages.next().unwrap().1.0.push(b'x');
    runner::check(corpus, &Filter::default())
}

/// Answers one case after the other in another wrong way; the first, and some more, rightly.
struct Hostile<'c> {
    corpus: &'c Corpus,
}

impl Connection for Hostile<'_> {
    fn hello(&mut self) -> Result<Hello, Unusable> {
        let both = || vec!["sign".to_owned(), "verify".to_owned()];
        Ok(Hello {
            seq: PROTOCOL.into(),
            name: format!("name {HOSTILE}"),
            version: format!("version {HOSTILE}"),
            language: format!("language {HOSTILE}"),
            schemes: SCHEMES.iter().map(|name| ((*name).to_owned(), both())).collect(),
            capabilities: CAPABILITIES.map(str::to_owned).to_vec(),
        })
    }

    fn put(&mut self, cases: &[Case], each: &mut dyn FnMut(usize, Delivery) -> ControlFlow<()>) {
        for (i, case) in cases.iter().enumerate() {
            let entry = self.corpus.entries.iter().find(|entry| entry.name == case.scheme).unwrap();
            let right = Reference::new(entry.schemes()).answer(case);
            if each(i, wrong(i % 9, right)).is_break() {
                return;
            }
        }
    }

    fn finish(&mut self) -> Conduct {
        Conduct {
            breaches: vec![Breach { what: format!("wrote {HOSTILE}"), example: HOSTILE.into(), times: 3 }],
            stderr: format!("Traceback\n\tin a line\n{HOSTILE}\n"),
            restarts: 2,
        }
    }
}

fn wrong(way: usize, right: Reply) -> Delivery {
    match way {
        1 | 2 => Delivery::Reply(altered(right)),
        3 => Delivery::Reply(Reply::Error(format!("error {HOSTILE}"))),
        4 => Delivery::Crashed(format!("crash {HOSTILE}").into()),
        5 => Delivery::TimedOut(Duration::from_millis(1500)),
        6 => Delivery::Broke(format!("broke {HOSTILE}")),
        7 => Delivery::Reply(Reply::Skipped(format!("skipped {HOSTILE}"))),
        _ => Delivery::Reply(right),
    }
}

/// Stages of bytes that are no text, a stage that there is none of, judgements turned round.
fn altered(mut reply: Reply) -> Reply {
    match &mut reply {
        Reply::Signed(signed) => {
            for value in signed.stages.values_mut() {
                value.0.extend([b"<b>\xff\xfe\x00]]>".as_slice(), HOSTILE.as_bytes()].concat());
            }
            signed.stages.insert(format!("stage{HOSTILE}"), HOSTILE.into());
        }
        Reply::Verified(results) => {
            for result in results.iter_mut() {
                match result.code.is_some() {
                    true => result.code = Some(format!("code {HOSTILE}")),
                    false => (result.accept, result.class) = (!result.accept, None),
                }
            }
        }
        Reply::Skipped(_) | Reply::Error(_) => {}
    }
    reply
}
