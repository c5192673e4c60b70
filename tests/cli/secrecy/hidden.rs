//! No command shows a part of a secret.

use super::commands::every_command;
use super::own;
use super::prepared::{Prepared, Source};
use super::published;
use crate::setting::FOLDERS;
use rayon::prelude::*;

/// Asserts that no command shows a secret of these schemes, each in all forms of its reports or by turns in one; the
/// message lists every place where one does.
fn stay_hidden(sources: &[Source], by_turns: bool) {
    assert!(!sources.is_empty());
    let leaks = |(turn, source)| leaks(source, by_turns.then_some(turn));
    let leaks: Vec<String> = sources.par_iter().enumerate().map(leaks).flatten().collect();
    assert!(leaks.is_empty(), "{} places show a part of a secret:\n{}", leaks.len(), leaks.concat());
}

fn leaks(source: &Source, turn: Option<usize>) -> Vec<String> {
    let prepared = source.prepare();
    assert!(!prepared.needles.is_empty(), "{}: there is no secret to look for", source.name);
    let mut leaks = Vec::new();
    for shown in every_command(&prepared, turn) {
        let found = prepared.needles.found_in(&shown.text);
        let Some((_, line)) = found.first() else { continue };
        let forms: Vec<&str> = found.iter().map(|(form, _)| *form).collect();
        leaks.push(format!("  {}: {}: {}\n      such as {line}\n", source.name, shown.command, forms.join(", ")));
    }
    leaks
}

#[test]
fn of_published_schemes() {
    stay_hidden(&published::schemes(&FOLDERS), true);
}

#[test]
fn of_schemes_that_take_a_secret_through_a_step() {
    stay_hidden(&own::schemes(), false);
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
