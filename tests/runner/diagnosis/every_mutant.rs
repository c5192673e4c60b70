//! Every first-order mutant that the vectors kill, run as a subject, is named first.

use super::subject::{cases, in_parallel, observations, replies};
use countersign::diagnosis::{Conclusion, Diagnoser, Explanation, Part};
use countersign::mutation::catalogue;

#[test]
fn every_mutant_is_named_first() {
    let results = in_parallel(|entry, operation| {
        let cases = cases(entry, operation);
        let diagnoser = Diagnoser::new(entry, operation).unwrap();
        let base = replies(entry, &Explanation(Vec::new()), &cases);
        let (mut named, mut missed) = (0, Vec::new());
        for mutant in catalogue(&entry.scheme).mutants.into_iter().filter(|mutant| mutant.operation == operation) {
            let id = mutant.id.clone();
            let seen = replies(entry, &Explanation(vec![Part::Mutant(mutant)]), &cases);
            let observations = observations(&cases, &base, &seen, usize::MAX, 5);
            if observations.is_empty() {
                continue;
            }
            match diagnoser.diagnose(&observations).verdict {
                Conclusion::Explained(explained) if explained.candidates[0].class.iter().any(|e| is(e, &id)) => {
                    named += 1
                }
                other => missed.push(format!("{}: {id}: {other:?}", entry.name)),
            }
        }
        (named, missed)
    });
    let named: usize = results.iter().map(|(named, _)| named).sum();
    let missed: Vec<String> = results.into_iter().flat_map(|(_, missed)| missed).collect();
    println!("first order: {named} of {} named first", named + missed.len());
    assert!(named > 100, "only {named} mutants were diagnosed");
    assert!(missed.is_empty(), "{}", missed.join("\n"));
}

fn is(explanation: &Explanation, id: &str) -> bool {
    matches!(explanation.0.as_slice(), [part] if part.id() == id)
}
