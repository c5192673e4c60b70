//! `list` and `explain`: what there is, and what each thing means.

use crate::command::{Corpus, run, run_on};
use crate::setting::CORPUS;
use countersign::corpus::Entry;
use countersign::scheme::{Does, Family, Gives, Tests};

#[test]
fn a_step_is_explained_by_the_word_that_another_language_has() {
    let page = run(["explain", "percent-encode"]).exits(0).stdout;
    assert_eq!(run(["explain", "encodeURIComponent"]).exits(0).stdout, page);
    let words = Does::items().map(|item| (item.word, item.also)).chain(Gives::items().map(|i| (i.word, i.also)));
    let words: Vec<_> = words.chain(Tests::items().map(|item| (item.word, item.also))).collect();
    for other in words.iter().flat_map(|(_, also)| *also) {
        assert!(words.iter().all(|(word, _)| word != other), "`{other}` is a word itself");
        assert_eq!(words.iter().filter(|(_, also)| also.contains(other)).count(), 1, "`{other}`");
        assert_eq!(other.to_ascii_lowercase(), *other);
    }
}

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
        ("rows", countersign::mutation::ROWS.len()),
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

/// The words for one of each kind that is listed.
const KINDS: [(&str, &str); 22] = [
    ("schemes", "scheme"),
    ("operations", "operation"),
    ("stages", "stage"),
    ("credentials", "credential"),
    ("parameters", "parameter"),
    ("variants", "variant"),
    ("readings", "reading"),
    ("vectors", "vector"),
    ("flags", "flag"),
    ("discrepancies", "discrepancy"),
    ("statements", "statement"),
    ("mutants", "mutant"),
    ("steps", "step"),
    ("sources", "source"),
    ("checks", "check"),
    ("wrong-steps", "step of mutants alone"),
    ("times", "form of a time"),
    ("digests", "digest"),
    ("classes", "reject class"),
    ("operators", "mutation operator"),
    ("rows", "bug class"),
    ("fields", "field"),
];

/// The first and the last of each kind stand for the others: a run of the command loads the corpus anew.
#[test]
fn what_is_listed_can_be_explained() {
    let corpus = Corpus::copied(&["flipbase", "flip-for-business"]);
    for (kind, head) in KINDS {
        let listed = corpus.run(&["list", kind]).exits(0).stdout;
        let names: Vec<&str> = listed.lines().map(|line| line.split(' ').next().unwrap()).collect();
        for name in [names[0], names[names.len() - 1]] {
            corpus.run(&["explain", name]).exits(0).prints(&format!("{head} {name}"));
        }
    }
    run(["list", "nothing"]).exits(2).complains("wrong-steps");
}

/// But for what is told in one word that is longer: a value is not broken.
#[test]
fn pages_fit_eighty_columns() {
    for kind in ["steps", "sources", "checks", "wrong-steps", "operators", "rows", "fields", "parameters", "flags"] {
        for line in run(["explain", kind]).exits(0).stdout.lines() {
            let is_one_word = line.split_whitespace().count() < 3;
            assert!(line.chars().count() <= 80 || is_one_word, "{kind}: {line}");
        }
    }
    let page = include_str!("../../vectors/LANGUAGE.md");
    page.lines().for_each(|line| assert!(line.chars().count() <= 80, "{line}"));
}

#[test]
fn the_language_page_is_short_and_tells_every_word() {
    let page = include_str!("../../vectors/LANGUAGE.md");
    let words = page.split_whitespace().filter(|word| word.chars().any(char::is_alphanumeric)).count();
    assert!(words <= 3000, "{words} words");
    let items = Does::permitted().map(|item| item.word).chain(Gives::permitted().map(|item| item.word));
    for word in items.chain(Tests::permitted().map(|item| item.word)) {
        let is_told = ["`", ":", "."].iter().any(|end| page.contains(&format!("`{word}{end}")));
        assert!(is_told, "{word} is not told");
    }
    let at = page.find("```yaml\n").unwrap() + 8;
    let example = &page[at..at + page[at..].find("```").unwrap()];
    countersign::scheme::load("the example", example.as_bytes()).unwrap_or_else(|error| panic!("{error}"));
}

#[test]
fn each_explanation_says_what_matters() {
    run_on("flipsnack", &["explain", "flipsnack"])
        .exits(0)
        .prints("scheme flipsnack Flipsnack request signature (")
        .prints("document: How to sign a request")
        .prints("string_to_sign:");
    run_on("flipsnack", &["explain", "flipsnack/documented/example"])
        .exits(0)
        .prints("26e781d3d1751d82ec284acf4a019def")
        .prints("kind: \"documented\"");
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
        .prints("caseless: true");
    run_on("flipsnack", &["explain", "sort"]).exits(0).prints("step sort (").prints("gives a1b2").prints("source: RFC");
    let steps = run_on("flipsnack", &["explain", "steps"]).exits(0).stdout;
    assert_eq!(steps.lines().filter(|line| line.starts_with("step ")).count(), Does::permitted().count());
    run(["explain", "C06"]).exits(0).prints("kndt84/aws-api-gateway-client#129").prints("mutation operator encode-uri");
    run(["explain", "encode-uri"]).exits(0).prints("bug class C06: ").prints("to mend it: ");
    run(["explain", "skew"]).exits(0).prints("parameter flipbase/skew").prints("default: 900");
    run(["explain", "wire"]).exits(0).prints("field Operation.wire, in scheme.yaml");
    run(["explain", "malformed"]).exits(0).prints("reject class malformed");
    let mutant = run_on("flipsnack", &["list", "mutants"]).stdout.split(' ').next().unwrap().to_owned();
    run_on("flipsnack", &["explain", &mutant]).exits(0).prints("edit: request.").prints("killed by vector flipsnack/");
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
    for id in ["qqq", ""] {
        run_on("flipsnack", &["explain", id])
            .exits(2)
            .complains(&format!("nothing is called `{id}`; `countersign list` shows what there is"));
    }
    for (id, near) in [
        ("pecent-encode", "percent-encode"),
        ("encode-url", "encode-uri"),
        ("disgest", "digest"),
        ("C99", "C09"),
        ("flipsnack/qqq", "near it are flipsnack"),
    ] {
        let ran = run_on("flipsnack", &["explain", id]).exits(2).complains("nothing is called `");
        assert!(ran.stderr.contains(near), "{}", ran.stderr);
    }
}

#[test]
fn other_corpora_can_be_looked_up_too() {
    let corpus = Corpus::demo();
    assert_eq!(corpus.run(&["list", "vectors"]).exits(0).stdout.lines().count(), 1);
    corpus.run(&["explain", "demo"]).exits(0).prints("scheme demo demo request signature (1 vector)");
    corpus.run(&["explain", "flipsnack"]).exits(2);
}
