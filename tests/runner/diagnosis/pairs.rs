//! Of pairs of mistakes, at least 95 in 100 are named first, as themselves or as something that
//! behaves alike on every vector.

use super::subject::{cases, in_parallel, observations, replies};
use countersign::diagnosis::{Conclusion, Diagnoser, Explanation, Part};
use countersign::mutation::{Mutant, catalogue};
use countersign::scheme::Path;

/// How many pairs of an operation are tried.
const SAMPLE: usize = 24;

#[test]
fn pairs_are_named_first() {
    let results = in_parallel(|entry, operation| {
        let cases = cases(entry, operation);
        let diagnoser = Diagnoser::new(entry, operation).unwrap();
        let base = replies(entry, &Explanation(Vec::new()), &cases);
        let mutants: Vec<Mutant> =
            catalogue(&entry.scheme).mutants.into_iter().filter(|mutant| mutant.operation == operation).collect();
        let (mut named, mut missed) = (0, Vec::new());
        for (first, second) in sample(&mutants) {
            let pair = Explanation(vec![Part::Mutant(first.clone()), Part::Mutant(second.clone())]);
            let seen = replies(entry, &pair, &cases);
            let observations = observations(&cases, &base, &seen, usize::MAX, usize::MAX);
            if observations.is_empty() {
                continue;
            }
            let alike = |explanation: &Explanation| replies(entry, explanation, &cases) == seen;
            match diagnoser.diagnose(&observations).verdict {
                Conclusion::Explained(explained) if alike(&explained.candidates[0].class[0]) => named += 1,
                Conclusion::Explained(explained) => {
                    let instead: Vec<&str> = explained.candidates[0].class[0].0.iter().map(Part::id).collect();
                    let also = explained.candidates.iter().position(|candidate| alike(&candidate.class[0]));
                    missed.push(format!(
                        "{}: {} and {}: named {instead:?}, and the pair at {also:?}",
                        entry.name, first.id, second.id
                    ));
                }
                _ => missed.push(format!("{}: {} and {}: not explained", entry.name, first.id, second.id)),
            }
        }
        (named, missed)
    });
    let named: usize = results.iter().map(|(named, _)| named).sum();
    let missed: Vec<String> = results.into_iter().flat_map(|(_, missed)| missed).collect();
    println!("second order: {named} of {} named first; the others:\n{}", named + missed.len(), missed.join("\n"));
    assert!(named > 50, "only {named} pairs were diagnosed");
    assert!(missed.len() * 20 <= named + missed.len(), "{}", missed.join("\n"));
}

/// Pairs spread over all that go together.
fn sample(mutants: &[Mutant]) -> Vec<(&Mutant, &Mutant)> {
    let mut pairs = Vec::new();
    for (i, first) in mutants.iter().enumerate() {
        for second in &mutants[i + 1..] {
            let related = |x: &Path, y: &Path| x.names().starts_with(y.names()) || y.names().starts_with(x.names());
            let nested = first.edits.iter().any(|x| second.edits.iter().any(|y| related(&x.at, &y.at)));
            if first.variant == second.variant && !nested {
                pairs.push((first, second));
            }
        }
    }
    let step = (pairs.len() / SAMPLE).max(1);
    pairs.into_iter().step_by(step).collect()
}
