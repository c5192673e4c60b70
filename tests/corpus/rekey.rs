//! Re-keying: fresh credentials change every answer, and the vectors stay as strong as they are.

use crate::setting::{load, systems};
use countersign::case::{Case, Reply, Task};
use countersign::corpus::Corpus;
use countersign::mutation;
use countersign::runner::{self, Asked, Filter, Under};
use countersign::scheme::SchemeKind;
use countersign::subject::{InProcess, Subject};
use countersign::trial::Reference;
use std::collections::HashMap;

fn corpus() -> Corpus {
    let mut corpus = load("vectors");
    corpus.entries.retain(|entry| entry.scheme.kind == SchemeKind::System);
    corpus
}

#[test]
fn every_vector_is_rekeyed_and_conforms() {
    let whole: usize = systems().map(|entry| entry.vectors().count()).sum();
    let rekeyed = runner::rekey(corpus(), 7);
    assert_eq!(rekeyed.left_out, []);
    let run = runner::check(&rekeyed.corpus, &Filter::default());
    assert_eq!((run.vectors(), run.failed()), (whole, 0));
}

#[test]
fn a_seed_repeats_itself_and_another_does_not() {
    let print = |seed| {
        let rekeyed = runner::rekey(corpus(), seed);
        let vectors = rekeyed.corpus.entries.iter().flat_map(|entry| entry.vectors());
        vectors.map(|(_, vector)| serde_json::json!(vector).to_string()).collect::<Vec<_>>().join("\n")
    };
    let first = print(1);
    assert!(first == print(1), "the same seed gives something else");
    assert!(first != print(2), "another seed gives the same");
}

/// An implementation that looks its answers up in the published corpus: by all that it is told, or
/// else by the request or messages alone.
struct Table(HashMap<String, Reply>);

impl Table {
    fn published() -> Table {
        let corpus = corpus();
        let mut answers = HashMap::new();
        for asked in &Asked::all(&corpus, &Filter::default(), Under::Decision) {
            let case = asked.case(false);
            let reply = Reference::new(asked.entry.schemes()).answer(&case);
            keys(&case).into_iter().for_each(|key| {
                answers.insert(key, reply.clone());
            });
        }
        Table(answers)
    }
}

fn keys(case: &Case) -> [String; 2] {
    let (all, message) = match &case.task {
        Task::Sign(task) => (serde_json::json!(task), serde_json::json!([task.request, task.parameters, task.time])),
        Task::Verify(task) => (serde_json::json!(task), serde_json::json!(task.messages)),
    };
    let of = |what| format!("{} {} {:?} {what}", case.scheme, case.operation, case.variant);
    [of(all), of(message)]
}

impl Subject for Table {
    fn answer(&mut self, case: &Case) -> Reply {
        let found = keys(case).iter().find_map(|key| self.0.get(key).cloned());
        found.unwrap_or(Reply::Error("not in the table".into()))
    }
}

#[test]
fn a_table_of_answers_does_not_pass() {
    let failed = |corpus: &Corpus| {
        let names: Vec<&str> = corpus.entries.iter().map(|entry| entry.name.as_str()).collect();
        let mut subject = InProcess::new(Table::published(), names);
        let run = runner::test(corpus, &Filter::default(), Under::Decision, &mut subject, &mut |_, _| {}, &mut |_| {
            Vec::new()
        })
        .unwrap();
        run.schemes.iter().map(|scheme| (scheme.scheme.clone(), scheme.failed(), scheme.vectors())).collect::<Vec<_>>()
    };
    for (scheme, failed, _) in failed(&corpus()) {
        assert_eq!(failed, 0, "{scheme}: the table is to know the published corpus");
    }
    for (scheme, failed, of) in failed(&runner::rekey(corpus(), 7).corpus) {
        assert!(failed * 4 > of, "{scheme}: only {failed} of {of} failed under fresh credentials");
    }
}

#[test]
fn rekeyed_vectors_are_as_strong() {
    let rekeyed = runner::rekey(corpus(), 7);
    for entry in &rekeyed.corpus.entries {
        let strength = mutation::strength(entry, false, |_| true);
        let survived: Vec<&str> =
            strength.summary.survived.iter().map(|&i| strength.matrix.catalogue.mutants[i].id.as_str()).collect();
        println!(
            "{}: {} of {} survive: {survived:?}",
            entry.name,
            survived.len(),
            strength.matrix.catalogue.mutants.len()
        );
        assert!(survived.len() * 50 <= strength.matrix.catalogue.mutants.len(), "{}: {survived:?}", entry.name);
    }
}
