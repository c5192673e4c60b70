//! Proof of strength: the vectors of every system kill every mutant that is not declared, and the
//! generated ones are as the search gives them.

use crate::setting::{FIXTURES, systems};
use countersign::corpus::Vector;
use countersign::mutation::{self, Generated, OPERATORS, ROWS};
use countersign::scheme::{Arg, Edit, EditKind, Implementation, Pipeline, Step};
use serde_json::{Value, json};
use std::collections::HashSet;
use std::sync::LazyLock;

static GENERATED: LazyLock<Vec<Generated>> = LazyLock::new(|| systems().map(mutation::generate).collect());

#[test]
fn no_mutant_and_no_pair_of_mutants_survives_undeclared() {
    for entry in systems() {
        let strength = mutation::strength(entry, true, |_| true);
        let ids = |numbers: &[usize]| -> Vec<&str> {
            numbers.iter().map(|&i| strength.matrix.catalogue.mutants[i].id.as_str()).collect()
        };
        let summary = &strength.summary;
        assert_eq!(ids(&summary.survived), Vec::<&str>::new(), "{}: survivors", entry.name);
        assert_eq!(ids(&summary.thin), Vec::<&str>::new(), "{}: margins below 2", entry.name);
        assert_eq!(summary.stale, Vec::<String>::new(), "{}: stale declarations", entry.name);
        let classes: Vec<_> = summary.classes.iter().map(|class| ids(class)).collect();
        assert_eq!(classes, Vec::<Vec<&str>>::new(), "{}: not told apart", entry.name);
        let (pairs, total) = strength.pairs.unwrap();
        assert!(pairs.is_empty(), "{}: {} of {total} pairs survive: {pairs:?}", entry.name, pairs.len());
    }
}

#[test]
fn every_system_has_many_mutants() {
    for entry in systems() {
        let mutants = mutation::catalogue(&entry.scheme).mutants.len();
        assert!(mutants >= 60, "{} has {mutants} mutants", entry.name);
    }
}

#[test]
fn two_edits_at_once_each_keep_their_node() {
    let mut seen = 0;
    for entry in systems() {
        for (name, operation) in entry.scheme.operations.iter().filter(|(_, operation)| operation.verify.len() > 1) {
            let base = Implementation::of(&entry.scheme, name, None, None).unwrap();
            let without = |check: usize| {
                let edit = json!({ "edit": format!("{name}.verify.{check}"), "delete": true });
                base.edited(&[&serde_json::from_value::<Edit>(edit).unwrap()]).unwrap()
            };
            let (first, second) = (without(0), without(1));
            for both in [first.and(&second), second.and(&first)] {
                assert_eq!(both.unwrap().operation().verify, operation.verify[2..], "{}, {name}", entry.name);
            }
            seen += 1;
        }
    }
    assert!(seen > 0, "an operation has several checks");
}

/// The steps that stand in the same place of two printed operations and differ.
fn changed_steps(before: &Value, after: &Value, found: &mut Vec<(Step, Step)>) {
    match (before, after) {
        _ if before == after => {}
        (Value::Object(one), Value::Object(other)) if one.keys().eq(other.keys()) && one.len() > 1 => {
            one.iter().for_each(|(key, value)| changed_steps(value, &other[key], found));
        }
        (Value::Array(one), Value::Array(other)) if one.len() == other.len() => {
            one.iter().zip(other).for_each(|(one, other)| changed_steps(one, other, found));
        }
        _ => {
            let step = |value: &Value| -> Option<Step> {
                serde_json::from_value::<Pipeline>(json!([{ "text": "" }, value])).ok()?.steps.pop()
            };
            match (step(before), step(after)) {
                (Some(before), Some(after)) => found.push((before, after)),
                _ => {
                    if let (Some(one), Some(other)) = (before.as_object(), after.as_object())
                        && one.keys().eq(other.keys())
                    {
                        one.iter().for_each(|(key, value)| changed_steps(value, &other[key], found));
                    }
                }
            }
        }
    }
}

/// A mutant that sets options of a step leaves the others of that step as they were.
#[test]
fn a_mutant_sets_the_options_that_it_names_and_no_other() {
    let (mut seen, mut slashes) = (0, 0);
    for entry in systems().chain(&FIXTURES.entries) {
        let scheme = &entry.scheme;
        for mutant in mutation::catalogue(scheme).mutants {
            let [Edit { change: EditKind::Set(set), .. }] = &mutant.edits[..] else { continue };
            let base = Implementation::of(scheme, &mutant.operation, mutant.variant.as_deref(), None).unwrap();
            let tree = |of: &Implementation| serde_json::to_value(of.operation()).unwrap();
            let mut changed = Vec::new();
            changed_steps(&tree(&base), &tree(&mutant.of(&base).unwrap()), &mut changed);
            for (before, after) in changed {
                assert_eq!(before.word(), after.word(), "{} {}", entry.name, mutant.id);
                for option in before.item.options.iter().filter(|option| !set.contains_key(option.name)) {
                    let (old, new) = (before.get(option.name), after.get(option.name));
                    assert_eq!(old, new, "{} {}: {}", entry.name, mutant.id, option.name);
                }
                // Of the characters that are kept, these change none but their own.
                if let (Arg::Texts(old), Arg::Texts(new)) = (before.get("keep"), after.get("keep"))
                    && ["tilde-encoded", "encode-uri-component", "braces-bare", "percent-bare"]
                        .contains(&mutant.operator.id)
                {
                    slashes += 1;
                    let slash = "/".to_owned();
                    assert_eq!(old.contains(&slash), new.contains(&slash), "{} {}", entry.name, mutant.id);
                }
                seen += 1;
            }
        }
    }
    assert!(seen > 100 && slashes > 20, "{seen} steps, {slashes} of them with characters that are kept");
}

/// No two mutants of an operation are the same program.
#[test]
fn no_two_mutants_are_one_program() {
    for entry in systems() {
        let mut programs: HashSet<(String, Option<String>, String)> = HashSet::new();
        for mutant in mutation::catalogue(&entry.scheme).mutants {
            let (operation, variant) = (mutant.operation.clone(), mutant.variant.clone());
            let base = Implementation::of(&entry.scheme, &operation, variant.as_deref(), None).unwrap();
            let program = serde_json::to_string(&mutant.of(&base).unwrap().operation()).unwrap();
            assert!(programs.insert((operation, variant, program)), "{} {}", entry.name, mutant.id);
        }
    }
}

#[test]
fn without_a_check_of_the_corpus_the_proof_fails() {
    // The control of this test: with the vectors of one topic alone, mutants survive.
    let entry = systems().next().unwrap();
    let topic: HashSet<*const Vector> = entry.topics[0].file.vectors.iter().map(std::ptr::from_ref).collect();
    let strength = mutation::strength(entry, false, |vector| topic.contains(&std::ptr::from_ref(vector)));
    assert!(!strength.is_clean() && !strength.summary.survived.is_empty());
}

#[test]
fn generated_vectors_are_fresh() {
    for (entry, generated) in systems().zip(GENERATED.iter()) {
        let on_file = entry.topics.iter().find(|topic| topic.name == "generated");
        let on_file: Vec<&Vector> = on_file.into_iter().flat_map(|topic| &topic.file.vectors).collect();
        let missing = missing(generated, &on_file);
        assert!(missing.is_empty(), "{}/generated.yaml lacks vectors:\n{}", entry.name, missing.join("\n"));
        let print = |vector: &Vector| serde_json::json!(vector).to_string();
        let found: Vec<String> = generated.found.iter().map(|found| print(&found.vector)).collect();
        assert!(
            found == on_file.into_iter().map(print).collect::<Vec<_>>(),
            "{}/generated.yaml is stale; run: cargo run --release -- generate --corpus vectors",
            entry.name
        );
    }
}

/// Vectors that are not on file, each with what it protects.
fn missing(generated: &Generated, on_file: &[&Vector]) -> Vec<String> {
    let lacks = |found: &&mutation::Found| on_file.iter().all(|vector| vector.name != found.vector.name);
    let says = |found: &mutation::Found| format!("{} protected {}", found.vector.name, found.protects.join(", "));
    generated.found.iter().filter(lacks).map(says).collect()
}

#[test]
fn a_generated_vector_that_is_removed_is_missed_by_name() {
    for generated in GENERATED.iter() {
        let all: Vec<&Vector> = generated.found.iter().map(|found| &found.vector).collect();
        for found in &generated.found {
            let left: Vec<&Vector> = all.iter().copied().filter(|vector| vector.name != found.vector.name).collect();
            let [missed] = missing(generated, &left).try_into().unwrap();
            assert!(missed.starts_with(&found.vector.name) && missed.contains(&found.protects[0]), "{missed}");
        }
    }
}

#[test]
fn every_generated_vector_is_needed() {
    for generated in GENERATED.iter() {
        for found in &generated.found {
            assert!(!found.protects.is_empty(), "{} protects nothing", found.vector.name);
            let named = found.protects.iter().all(|id| found.vector.comment.contains(id.as_str()));
            assert!(named, "the comment of {} does not name what it protects", found.vector.name);
        }
    }
}

#[test]
fn the_minimal_set_kills_as_many() {
    for entry in systems() {
        let whole = mutation::strength(entry, false, |_| true);
        let names: HashSet<&str> =
            whole.matrix.minimal().into_iter().map(|i| whole.matrix.vectors[i].as_str()).collect();
        let chosen: HashSet<*const Vector> = entry
            .vectors()
            .filter(|(topic, vector)| names.contains(entry.full_name(topic, vector).as_str()))
            .map(|(_, vector)| std::ptr::from_ref(vector))
            .collect();
        assert!(chosen.len() * 2 < whole.matrix.vectors.len(), "{}: not small", entry.name);
        let small = mutation::strength(entry, false, |vector| chosen.contains(&std::ptr::from_ref(vector)));
        let killed =
            |strength: &mutation::Strength<'_>| strength.matrix.kills.iter().filter(|kills| !kills.is_empty()).count();
        assert_eq!(killed(&small), killed(&whole), "{}", entry.name);
    }
}

#[test]
fn every_operator_has_a_mutant_in_some_scheme() {
    let catalogues = systems().chain(&FIXTURES.entries).map(|entry| mutation::catalogue(&entry.scheme));
    let used: HashSet<&str> =
        catalogues.flat_map(|catalogue| catalogue.mutants.into_iter().map(|mutant| mutant.operator.id)).collect();
    let ids = OPERATORS.iter().copied().flatten().map(|operator| operator.id);
    let unused: Vec<_> = ids.filter(|id| !used.contains(id)).collect();
    assert!(unused.is_empty(), "no scheme has a place for {unused:?}");
}

#[test]
fn operators_and_rows_name_each_other() {
    let rows: HashSet<&str> = ROWS.iter().map(|row| row.id).collect();
    assert_eq!(rows.len(), ROWS.len(), "a row stands twice");
    let mut ids = HashSet::new();
    for operator in OPERATORS.iter().copied().flatten() {
        assert!(ids.insert(operator.id), "{} stands twice", operator.id);
        assert!(!operator.rows.is_empty() && !operator.says.is_empty() && !operator.mend.is_empty(), "{}", operator.id);
        for row in operator.rows {
            assert!(rows.contains(row), "{} names the row {row}, which there is not", operator.id);
        }
    }
    for row in ROWS {
        let covered = !row.operators().is_empty();
        assert_eq!(covered, row.left_out.is_none(), "{} is either covered or left out for a reason", row.id);
    }
}
