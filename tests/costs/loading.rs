//! Loading a scheme and looking for mistakes in it costs in proportion to what it holds.
//!
//! Measured is the processor time of one thread, on which all of the work is done.

#![cfg(unix)]

use crate::setting;
use countersign::corpus::{self, Files};
use countersign::trial;
use rayon::prelude::*;
use rustix::time::{ClockId, clock_gettime};
use std::fs;
use std::time::Duration;
use tempfile::TempDir;

/// By how much twice as much may cost.
const AT_MOST: f64 = 2.3;
/// What is measured takes at least so long.
const MEASURABLE: Duration = Duration::from_millis(30);
/// How many there are at first.
const LEAST: usize = 60;
/// Where so many take less than that, they cost nothing.
const MOST: usize = 16_000;
/// What takes longer to load is not made larger.
const LONG: Duration = Duration::from_millis(400);
/// Measurements of which the least counts, and attempts of which one has to be good: others use the machine too.
const TRIES: usize = 3;

/// A scheme with so many of something: its parameters, the parts of its file, and its vectors.
struct Grown {
    stages: String,
    rest: String,
    discrepancies: String,
    vectors: usize,
}

const SIGNATURE: &str = "      signature: [body, lower]\n";

/// What grows, and a scheme with so many of it.
type Grow = (&'static str, fn(usize) -> Grown);

const WAYS: [Grow; 6] = [
    ("readings", |n| {
        let reading = |i: usize| {
            format!(
                "  r{i}: {{ says: \"S.\", discrepancy: d{i}, edits: [{{ edit: request.derive.signature.lower, delete: true }}] }}\n"
            )
        };
        let discrepancy = |i: usize| {
            format!(
                "  d{i}: {{ kind: \"unspecified\", place: \"P\", finds: \"F.\", decision: \"D.\", reason: \"R.\" }}\n"
            )
        };
        Grown {
            rest: format!("readings:\n{}", (0..n).map(reading).collect::<String>()),
            discrepancies: format!("\n{}", (0..n).map(discrepancy).collect::<String>()),
            ..plain()
        }
    }),
    ("variants", |n| {
        let variant = |i: usize| {
            format!("  v{i}: {{ says: \"S.\", edits: [{{ edit: request.derive.signature.lower, delete: true }}] }}\n")
        };
        Grown { rest: format!("variants:\n{}", (0..n).map(variant).collect::<String>()), ..plain() }
    }),
    // Of one variant more than 1,000 edits are refused.
    ("edits, 60 of each variant", |n| {
        let edit = "      - { edit: request.derive.signature.source, insert-after: lower }\n";
        let variant = |i: usize| format!("  v{i}:\n    says: \"S.\"\n    edits:\n{}", edit.repeat(60));
        Grown { rest: format!("variants:\n{}", (0..n.div_ceil(60)).map(variant).collect::<String>()), ..plain() }
    }),
    // Of one operation more than 1,000 sources and steps are refused.
    ("steps, 600 of each pipeline", |n| {
        let pipeline = format!("      signature: [body{}]\n", ", lower".repeat(n.min(600)));
        Grown { rest: operations(n.div_ceil(600), &pipeline), ..plain() }
    }),
    ("stages, 300 of each operation", |n| {
        let stage = |i: usize| format!("      s{i}: [stage.s{}, lower]\n", i - 1);
        let all: String = (1..n.min(300)).map(stage).collect();
        let stages = format!("      s0: [body]\n{all}      signature: [stage.s{}]\n", n.min(300) - 1);
        Grown { rest: operations(n.div_ceil(300), &stages), ..plain() }
    }),
    ("vectors", |n| Grown { vectors: n, ..plain() }),
];

/// So many further operations with these stages.
fn operations(count: usize, stages: &str) -> String {
    let place = "    place:\n      header: { X-Signature: stage.signature }\n";
    let operation = |i: usize| {
        format!("  o{i}:\n    direction: request\n    wire: {{ query: percent }}\n    derive:\n{stages}{place}")
    };
    (0..count).map(operation).collect()
}

fn plain() -> Grown {
    Grown { stages: SIGNATURE.into(), rest: String::new(), discrepancies: "{}".into(), vectors: 1 }
}

impl Grown {
    fn write(&self) -> TempDir {
        let directory = tempfile::tempdir().unwrap();
        let folder = directory.path().join("grown");
        fs::create_dir(&folder).unwrap();
        fs::write(folder.join("scheme.yaml"), setting::scheme("{}", &self.stages) + &self.rest).unwrap();
        fs::write(folder.join("statements.yaml"), setting::statements(&self.discrepancies)).unwrap();
        let vectors = (0..self.vectors).map(|i| (format!("v-{i}"), format!("b{i}"), format!("b{i}")));
        fs::write(folder.join("topic.yaml"), setting::topic("{}", vectors)).unwrap();
        directory
    }
}

fn processor_time() -> Duration {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    Duration::new(time.tv_sec.unsigned_abs(), u32::try_from(time.tv_nsec).unwrap())
}

/// What is measured of a scheme.
#[derive(Debug, Clone, Copy)]
enum Work {
    Loading,
    LookingForMistakes,
}

/// The least processor time that some work takes.
fn cost(grown: &Grown, work: Work, tries: usize) -> Duration {
    let directory = grown.write();
    let files = Files::in_directory(directory.path()).unwrap();
    let load = || corpus::load(&files).unwrap_or_else(|errors| panic!("{}", errors[0]));
    let corpus = load();
    let once = |_| {
        let start = processor_time();
        match work {
            Work::Loading => drop(load()),
            Work::LookingForMistakes => {
                corpus::lint(&files, &corpus);
                corpus.entries.iter().for_each(|entry| drop(trial::lint_entry(entry)));
            }
        }
        processor_time() - start
    };
    (0..tries).map(once).min().unwrap()
}

/// Works of which twice as much costs more than about twice, as soon as it costs enough to be measured.
fn out_of_proportion((what, grow): Grow) -> Vec<String> {
    let mut wrong = Vec::new();
    for work in [Work::Loading, Work::LookingForMistakes] {
        let mut n = LEAST;
        let mut once = cost(&grow(n), work, 1);
        // What takes long to load because loading grows too fast is not looked at for its other mistakes.
        while once < MEASURABLE && n < MOST && cost(&grow(n), Work::Loading, 1) < LONG {
            n *= 2;
            once = cost(&grow(n), work, 1);
        }
        if once < MEASURABLE {
            continue;
        }
        let again = || {
            let [more, less] = [2 * n, n].map(|n| cost(&grow(n), work, TRIES).as_secs_f64());
            more / less
        };
        let mut growth = again();
        for _ in 1..TRIES {
            growth = if growth > AT_MOST { growth.min(again()) } else { break };
        }
        if growth > AT_MOST {
            wrong.push(format!("{work:?}: {} {what} cost {growth:.1} times what {n} do ({once:?})\n", 2 * n));
        }
    }
    wrong
}

#[test]
fn twice_as_much_costs_about_twice() {
    let on_one_thread = |way| {
        let one_thread = rayon::ThreadPoolBuilder::new().num_threads(1).build().unwrap();
        one_thread.install(|| out_of_proportion(way))
    };
    let wrong: Vec<String> = WAYS.into_par_iter().flat_map_iter(on_one_thread).collect();
    assert!(wrong.is_empty(), "{}", wrong.concat());
}
