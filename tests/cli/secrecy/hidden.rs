//! No command shows a part of a secret.

use super::commands::every_command;
use super::own;
use super::prepared::{Prepared, Source};
use super::published;
use rayon::prelude::*;

/// Asserts that no command shows a secret of these schemes; the message lists every place where one does.
fn stay_hidden(sources: &[Source]) {
    assert!(!sources.is_empty());
    let leaks: Vec<String> = sources.par_iter().map(leaks).flatten().collect();
    assert!(leaks.is_empty(), "{} places show a part of a secret:\n{}", leaks.len(), leaks.concat());
}

fn leaks(source: &Source) -> Vec<String> {
    let prepared = source.prepare();
    assert!(!prepared.needles.is_empty(), "{}: there is no secret to look for", source.name);
    let mut leaks = Vec::new();
    for shown in every_command(&prepared) {
        let found = prepared.needles.found_in(&shown.text);
        let Some((_, line)) = found.first() else { continue };
        let forms: Vec<&str> = found.iter().map(|(form, _)| *form).collect();
        leaks.push(format!("  {}: {}: {}\n      such as {line}\n", source.name, shown.command, forms.join(", ")));
    }
    leaks
}

#[test]
fn of_the_systems_and_primitives() {
    stay_hidden(&published::schemes("vectors/"));
}

#[test]
fn of_the_schemes_of_others() {
    stay_hidden(&published::schemes("tests/fixtures/"));
}

#[test]
fn of_schemes_that_take_a_secret_through_a_step() {
    stay_hidden(&own::schemes());
}

/// Where secrets are asked for, the search finds them: it looks where they would stand.
#[test]
fn what_is_asked_for_shows() {
    let shows = |prepared: &Prepared| {
        let vector = format!("{}/secrecy/sign-0", prepared.name);
        let ran = prepared.corpus.run(&["sign", &vector, "--show-secrets"]).exits(0);
        !prepared.needles.found_in(&ran.stdout).is_empty()
    };
    for source in own::schemes() {
        assert!(shows(&source.prepare()), "{}: no part of the secret is in a stage", source.name);
    }
}
