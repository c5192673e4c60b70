//! What a run asks beside the vectors, and what that decides.

use super::subject::replies;
use crate::setting::load;
use countersign::case::{Case, Judgement, Reply, Task};
use countersign::corpus::{Corpus, Entry};
use countersign::diagnosis::{Conclusion, Explanation, Part, RunDiagnosis};
use countersign::mutation::{Mutant, catalogue, with_known_fields};
use countersign::runner::{self, Filter, Run, Under};
use countersign::scheme::Class;
use countersign::subject::{InProcess, Subject};
use std::slice::from_ref;

/// Verifies with a mistake, and signs without one.
struct Verifier<'e> {
    entry: &'e Entry,
    mistake: Explanation,
}

impl Subject for Verifier<'_> {
    fn answer(&mut self, case: &Case) -> Reply {
        let none = Explanation(Vec::new());
        let mistake = if matches!(case.task, Task::Verify(_)) { &self.mistake } else { &none };
        replies(self.entry, mistake, from_ref(case)).remove(0)
    }
}

/// Refuses whatever it is to verify.
struct RefusesAll;

impl Subject for RefusesAll {
    fn answer(&mut self, case: &Case) -> Reply {
        match &case.task {
            Task::Sign(_) => Reply::Skipped("it only verifies".into()),
            Task::Verify(task) => {
                let refused =
                    || Judgement { accept: false, class: Some(Class::SignatureMismatch), ..Judgement::accepted() };
                Reply::Verified(task.messages.iter().map(|_| refused()).collect())
            }
        }
    }
}

fn only(scheme: &str) -> Corpus {
    let mut corpus = load("tests/fixtures/schemes");
    corpus.entries.retain(|entry| entry.name == scheme);
    corpus
}

fn run(corpus: &Corpus, subject: impl Subject, asks: bool) -> Run {
    let diagnosis = RunDiagnosis::new(corpus);
    let mut connection = InProcess::new(subject, [&corpus.entries[0].name]);
    let mut ask = |run: &Run| if asks { diagnosis.questions(run, &|_, _| true) } else { Vec::new() };
    runner::test(corpus, &Filter::default(), Under::Decision, &mut connection, &mut |_, _| {}, &mut ask).unwrap()
}

/// Ids of the mistakes that are one answer: the first cause's classes.
fn named(corpus: &Corpus, run: &Run) -> Vec<Vec<String>> {
    let causes = RunDiagnosis::new(corpus).causes(run, &|_, _| true);
    match &causes[0].cause.diagnosis.verdict {
        Conclusion::Explained(explained) => {
            let ids = |explanation: &Explanation| explanation.0.iter().map(Part::id).collect::<Vec<_>>().join(" + ");
            explained.candidates.iter().map(|one| one.class.iter().map(ids).collect()).collect()
        }
        _ => Vec::new(),
    }
}

fn mutant(entry: &Entry, operator: &str, detail: &str) -> Mutant {
    let mutants = catalogue(&entry.scheme).mutants;
    mutants.into_iter().find(|mutant| mutant.operator.id == operator && mutant.detail == detail).unwrap()
}

#[test]
fn what_makes_a_verifier_refuse_is_told_apart() {
    let corpus = only("github");
    let entry = &corpus.entries[0];
    let mistakes = [
        ("body-trimmed", ""),
        ("body-rewritten", "json.dumps(…)"),
        ("body-rewritten", "json_encode(…)"),
        ("body-with-line-feeds", ""),
        ("latin-1", ""),
    ];
    let mut told_apart = 0;
    for (operator, detail) in mistakes {
        let mutant = mutant(entry, operator, detail);
        let id = mutant.id.clone();
        let verifier = || Verifier { entry, mistake: Explanation(vec![Part::Mutant(mutant.clone())]) };
        let asked = run(&corpus, verifier(), true);
        let accepted = |(_, reply): &&(Case, Reply)| matches!(reply, Reply::Verified(all) if all[0].accept);
        let accepts = asked.further.iter().filter(accepted).count();
        assert!(accepts > 0 && accepts < asked.further.len(), "{id}: {accepts} of {}", asked.further.len());
        let classes = named(&corpus, &asked);
        assert!(classes.len() == 1 && classes[0].contains(&id), "{id}: {classes:?}");
        told_apart += usize::from(named(&corpus, &run(&corpus, verifier(), false)).len() > 1);
    }
    assert!(told_apart > 2, "without questions {told_apart} are not told apart");
}

#[test]
fn nothing_is_named_where_no_question_is_accepted() {
    let corpus = only("github");
    let run = run(&corpus, RefusesAll, true);
    assert!(run.further.len() > 20, "{}", run.further.len());
    let causes = RunDiagnosis::new(&corpus).causes(&run, &|_, _| true);
    let verdicts: Vec<_> = causes.iter().map(|cause| &cause.cause.diagnosis.verdict).collect();
    assert!(matches!(verdicts[..], [Conclusion::Indifferent { accepts: false, .. }]), "{verdicts:?}");
}

#[test]
fn code_that_knows_some_fields_alone_is_named_by_what_it_passed() {
    let corpus = only("shopify");
    let entry = &corpus.entries[0];
    let fields = ["code", "host", "shop", "state", "timestamp"].map(str::to_owned);
    let [mutant] = &with_known_fields(&entry.scheme, "callback", &fields)[..] else { panic!("one place to know them") };
    let run = run(&corpus, Verifier { entry, mistake: Explanation(vec![Part::Mutant(mutant.clone())]) }, true);
    let classes = named(&corpus, &run);
    assert!(classes.len() == 1 && classes[0].iter().any(|id| id.ends_with("=seen")), "{classes:?}");
}
