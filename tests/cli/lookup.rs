//! `list` and `explain`: what there is, and what each thing means.

use crate::command::{Corpus, run, run_on};
use crate::setting::CORPUS;
use countersign::corpus::Entry;
use countersign::scheme::{Does, Family};

#[test]
fn every_kind_is_listed_in_full() {
    let entries = &CORPUS.entries;
    let count = |of: fn(&Entry) -> usize| entries.iter().map(of).sum::<usize>();
    let kinds = [
        ("schemes", entries.len()),
        ("vectors", count(|entry| entry.vectors().count())),
        ("flags", count(|entry| entry.scheme.flags.len())),
        ("discrepancies", count(|entry| entry.statements.discrepancies.len())),
        ("statements", count(|entry| entry.statements.statements.len())),
        ("readings", count(|entry| entry.scheme.readings.len())),
        ("steps", Does::permitted().count()),
    ];
    for (kind, expected) in kinds {
        let ran = run(["list", kind]).exits(0);
        assert!(expected > 0);
        assert_eq!(ran.stdout.lines().count(), expected, "list {kind}");
    }
    assert_eq!(run(["list"]).exits(0).stdout, run(["list", "schemes"]).stdout);
}

#[test]
fn a_list_can_be_of_one_scheme() {
    let ran = run(["list", "readings", "--scheme", "flipbase"]).exits(0).prints("flipbase/rfc4868-truncation");
    assert!(ran.stdout.lines().all(|line| line.starts_with("flipbase/")), "{}", ran.stdout);
    run(["list", "vectors", "--scheme", "nothing"]).exits(4);
}

/// The first id of each kind and scheme stands for the others: a run of the command loads the corpus anew.
#[test]
fn what_is_listed_can_be_explained() {
    let corpus = Corpus::copied(&["flipsnack", "flip-for-business"]);
    let kinds = ["schemes", "flags", "discrepancies", "readings", "steps"];
    for (kind, head) in kinds.into_iter().zip(["scheme", "flag", "discrepancy", "reading", "step"]) {
        let listed = corpus.run(&["list", kind]).exits(0).stdout;
        let mut ids: Vec<&str> = listed.lines().map(|line| line.split(' ').next().unwrap()).collect();
        ids.dedup_by_key(|id| id.split_once('/').map(|(scheme, _)| scheme));
        for id in ids {
            corpus.run(&["explain", id]).exits(0).prints(&format!("{head} {id}"));
        }
    }
}

#[test]
fn each_explanation_says_what_matters() {
    run_on("flipsnack", &["explain", "flipsnack"])
        .exits(0)
        .prints("scheme flipsnack:")
        .prints("document: How to sign a request")
        .prints("string_to_sign:");
    run_on("flipsnack", &["explain", "flipsnack/documented/example"])
        .exits(0)
        .prints("26e781d3d1751d82ec284acf4a019def")
        .prints("kind: documented");
    run_on("flipsnack", &["explain", "flipsnack/delimiter-collision"])
        .exits(0)
        .prints("D01")
        .prints("https://")
        .prints("  vector flipsnack/weaknesses/");
    run_on("flipsnack", &["explain", "sort-collation"])
        .exits(0)
        .prints("(unspecified)")
        .prints("decision: ")
        .prints("  vector flipsnack/");
    run_on("flipsnack", &["explain", "flipsnack/caseless-sort"])
        .exits(0)
        .prints("of discrepancy sort-collation")
        .prints("\"caseless\":true");
    run_on("flipsnack", &["explain", "sort"]).exits(0).prints("step sort (").prints("gives a1b2").prints("source: RFC");
    let steps = run_on("flipsnack", &["explain", "steps"]).exits(0).stdout;
    assert_eq!(steps.lines().filter(|line| line.starts_with("step ")).count(), Does::permitted().count());
    let id = run_on("flipsnack", &["list", "statements"]).stdout.split(' ').next().unwrap().to_owned();
    run_on("flipsnack", &["explain", &id]).exits(0).prints(&format!("statement {id}, "));
}

#[test]
fn an_id_that_schemes_share_is_explained_for_each() {
    let ran = run(["explain", "replay"]).exits(0);
    assert!(
        ran.stdout.contains("flag flipbase/replay") && ran.stdout.contains("flag flipsnack/replay"),
        "{}",
        ran.stdout
    );
    assert!(!run(["explain", "flipbase/replay"]).stdout.contains("flipsnack"));
}

#[test]
fn what_nothing_is_called_is_exit_code_2() {
    for id in ["nothing", "flipsnack/nothing", "flipsnack/documented", ""] {
        run_on("flipsnack", &["explain", id])
            .exits(2)
            .complains(&format!("nothing is called `{id}`; `countersign list` shows what there is"));
    }
}

#[test]
fn other_corpora_can_be_looked_up_too() {
    let corpus = Corpus::demo();
    assert_eq!(corpus.run(&["list", "vectors"]).exits(0).stdout.lines().count(), 1);
    corpus.run(&["explain", "demo"]).exits(0).prints("scheme demo: demo request signature");
    corpus.run(&["explain", "flipsnack"]).exits(2);
}
