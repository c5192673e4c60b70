//! What a subject does not do, or cannot be told, is not put to it.

use crate::setting::{CORPUS, entry};
use countersign::case::{Case, Task};
use countersign::conformance::PreparedScheme;
use countersign::corpus::Entry;
use countersign::differential::{Bounds, fuzz};
use countersign::subject::{Conduct, Connection, Delivery, Hello, InProcess, Unusable};
use countersign::trial::Reference;
use std::ops::ControlFlow;

/// The reference, which says of itself that it can be told its credentials alone.
struct Deaf<'e> {
    reference: InProcess<Reference<'e>>,
    ops: &'static [&'static str],
    asked: Vec<Case>,
}

impl<'e> Deaf<'e> {
    fn new(scheme: &str, ops: &'static [&'static str]) -> Deaf<'e> {
        Deaf { reference: InProcess::new(Reference::new(entry(scheme).schemes()), [scheme]), ops, asked: Vec::new() }
    }

    fn said(&mut self) -> Hello {
        let mut hello = self.reference.hello().unwrap();
        hello.capabilities.retain(|capability| capability == "credentials");
        hello.schemes.values_mut().for_each(|ops| *ops = self.ops.iter().map(|op| (*op).to_owned()).collect());
        hello
    }

    fn was_asked_what_it_cannot(&self) -> Option<&Case> {
        self.asked.iter().find(|case| match &case.task {
            Task::Sign(task) => !self.ops.contains(&"sign") || task.time.is_some(),
            Task::Verify(task) => {
                !self.ops.contains(&"verify")
                    || task.messages.len() > 1
                    || task.messages.iter().any(|step| step.now.is_some() || step.client_address.is_some())
            }
        })
    }
}

impl Connection for Deaf<'_> {
    fn hello(&mut self) -> Result<Hello, Unusable> {
        Ok(self.said())
    }

    fn put(&mut self, cases: &[Case], each: &mut dyn FnMut(usize, Delivery) -> ControlFlow<()>) {
        self.asked.extend_from_slice(cases);
        self.reference.put(cases, each);
    }

    fn finish(&mut self) -> Conduct {
        self.reference.finish()
    }
}

/// A scheme of which some vectors need a clock or a memory, and some neither.
fn telling() -> &'static Entry {
    let case = |entry: &'static Entry| entry.vectors().map(|(topic, vector)| entry.case(topic, vector, None).task);
    let remembers = |task: &Task| matches!(task, Task::Verify(task) if task.messages.len() > 1);
    let is_timed = |task: &Task| match task {
        Task::Sign(task) => task.time.is_some(),
        Task::Verify(task) => task.messages.iter().any(|step| step.now.is_some()),
    };
    let tells = |entry: &&'static Entry| {
        case(entry).any(|task| remembers(&task))
            && case(entry).any(|task| is_timed(&task))
            && case(entry).any(|task| !remembers(&task) && !is_timed(&task))
    };
    CORPUS.entries.iter().find(tells).expect("a scheme of the corpus needs a clock and a memory")
}

#[test]
fn a_run_leaves_out_what_the_subject_cannot_be_told() {
    let entry = telling();
    let mut subject = Deaf::new(&entry.name, &["sign", "verify"]);
    let bounds = Bounds { cases: 3_000, time: None, seed: 1 };
    let fuzzed = fuzz(entry, &mut subject, &bounds, &mut |_, _, _| {}).unwrap();
    assert_eq!(subject.was_asked_what_it_cannot(), None);
    assert!(fuzzed.findings.is_empty(), "{:?}", fuzzed.findings);
    assert!(fuzzed.skipped > 0 && !subject.asked.is_empty(), "{} of {} skipped", fuzzed.skipped, fuzzed.cases);
}

#[test]
fn so_does_one_input_of_a_fuzzer() {
    for ops in [&["sign"][..], &["verify"], &["sign", "verify"]] {
        let entry = telling();
        let mut subject = Deaf::new(&entry.name, ops);
        let prepared = PreparedScheme::of(entry).told(&subject.said());
        let mut random = fastrand::Rng::with_seed(1);
        for _ in 0..2_000 {
            let data: Vec<u8> = std::iter::repeat_with(|| random.u8(..)).take(80).collect();
            let found = prepared.difference(&mut subject, &data);
            assert!(found.is_none(), "{found:?}");
        }
        assert_eq!(subject.was_asked_what_it_cannot(), None, "it does {ops:?}");
        assert!(prepared.compared() > 0, "it does {ops:?} and was asked nothing");
    }
}
