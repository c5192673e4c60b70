//! A secret too short to be looked for: what is shown of one account is what is shown of another, whose secret has the
//! same length and kinds of characters, but for what a one-way step made of it.

use super::commands::every_command;
use super::own;
use super::prepared::Source;
use super::published;
use crate::command::Corpus;
use crate::setting::place;
use rayon::prelude::*;
use serde_json::json;

/// Two of each length: letters and digits stand in the same places, since which mistakes can be told apart depends on it.
const SECRETS: [(&str, &str); 3] = [("q7K", "w2P"), ("q7Kx", "w2Pz"), ("q7Kx3", "w2Pz8")];

/// Shortest run of letters and digits that stands for what a one-way step gave.
const ONE_WAY: usize = 24;

#[test]
fn short_secrets_show_nothing() {
    let differing: Vec<String> = own::schemes().par_iter().enumerate().flat_map_iter(differing).collect();
    assert!(differing.is_empty(), "{} places tell short secrets apart:\n{}", differing.len(), differing.concat());
}

/// Schemes whose published examples have a short secret.
#[test]
fn short_secrets_of_others_show_nothing() {
    let folders = ["tests/fixtures/schemes/twilio", "tests/fixtures/schemes/shopify", "vectors/rfc7617"];
    let sources = folders.map(|folder| published::source(&place(folder)).unwrap());
    let differing: Vec<String> = sources.par_iter().enumerate().flat_map_iter(differing).collect();
    assert!(differing.is_empty(), "{} places tell short secrets apart:\n{}", differing.len(), differing.concat());
}

/// Commands that do not show the same of two secrets; each scheme has another length of secret and another form of
/// report.
fn differing((turn, source): (usize, &Source)) -> Vec<String> {
    let (one, other) = SECRETS[turn % SECRETS.len()];
    let [one, other] = [one, other].map(|secret| shown(source, secret, turn));
    assert_eq!(one.len(), other.len());
    let mut differing = Vec::new();
    for ((command, one), (_, other)) in one.iter().zip(&other).filter(|(one, other)| one != other) {
        let lines = one.lines().zip(other.lines()).find(|(one, other)| one != other);
        let (one, other) = lines.unwrap_or(("the end", "more lines, or fewer"));
        let cut = |line: &str| line.chars().take(100).collect::<String>();
        differing.push(format!("  {}: {command}\n      {}\n      {}\n", source.name, cut(one), cut(other)));
    }
    differing
}

/// What every command shows of a scheme whose account has this secret, without what differs between any two runs.
fn shown(source: &Source, secret: &str, turn: usize) -> Vec<(String, String)> {
    let mut given = source.given.clone();
    given.truncate(1);
    for name in &source.secrets {
        given[0]["sign"]["account"][name] = json!(secret);
    }
    let source = Source {
        name: source.name.clone(),
        yaml: source.yaml.clone(),
        statements: source.statements.clone(),
        wrong: source.wrong.clone(),
        keys: &[],
        secrets: source.secrets.clone(),
        given,
    };
    let prepared = source.prepare();
    let places = [&prepared.corpus, &prepared.wrong, &prepared.beside].map(Corpus::name);
    let without_places = |text: String| places.iter().fold(text, |text, place| text.replace(place, "CORPUS"));
    let shown = every_command(&prepared, Some(turn)).into_iter();
    shown.map(|shown| (shown.command, without_runs(&without_places(shown.text)))).collect()
}

/// The text with what one-way steps gave, and how long it took, left out.
fn without_runs(text: &str) -> String {
    let is_of_run = |c: char| c.is_ascii_alphanumeric() || "+/=%_-.".contains(c);
    let mut out = String::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let end = rest.find(|c| is_of_run(c) != is_of_run(first)).unwrap_or(rest.len());
        let (run, after) = rest.split_at(end);
        let is_number = run.contains('.') && run.chars().all(|c| c == '.' || c.is_ascii_digit());
        let is_one_way = is_of_run(first) && run.len() >= ONE_WAY;
        out += if is_one_way || is_number || after.starts_with(" a second") { "~" } else { run };
        rest = after;
    }
    out
}

#[test]
fn what_stands_for_a_digest_is_left_out_and_nothing_else() {
    assert_eq!(without_runs("a 26e781d3d1751d82ec284acf4a019def b ***"), "a ~ b ***");
    assert_eq!(without_runs("demo:q7Kx3 713 0.02 s, 5 a second"), "demo:q7Kx3 713 ~ s, ~ a second");
}
