//! The right code that is shown for a mutant: of its place, as the scheme has it, and short.

use super::subject::{cases, observations, replies};
use crate::setting::{entries, entry};
use countersign::corpus::Entry;
use countersign::diagnosis::{Diagnoser, Diagnosis, Explanation, Part, RightCode, field, right_code};
use countersign::mutation::{Mutant, catalogue};
use countersign::report::{diagnosis_json, diagnosis_text};

/// Code for each mutant of a scheme whose place starts with this.
fn codes(scheme: &str, place: &str) -> Vec<Option<RightCode>> {
    let entry = entry(scheme);
    let there = |mutant: &Mutant| mutant.edits[0].at.to_string().starts_with(place);
    let mutants: Vec<Mutant> = catalogue(&entry.scheme).mutants.into_iter().filter(there).collect();
    assert!(!mutants.is_empty(), "{scheme} has no mutant at {place}");
    mutants.iter().map(|mutant| right_code(entry, mutant)).collect()
}

/// The first line in each language.
fn first_lines(code: Option<RightCode>) -> [String; 2] {
    code.expect("code").map(|lines| lines[0].clone())
}

#[test]
fn it_is_short_and_there_for_most_mutants_of_signers_and_placed_fields_are_named() {
    let (mut shown, mut signers) = (0, 0);
    for entry in entries() {
        for mutant in catalogue(&entry.scheme).mutants {
            let of_signer = matches!(mutant.at.word(1), Some("prepare" | "derive" | "place"));
            signers += usize::from(of_signer);
            if let (Some("place" | "prepare"), Some(name)) = (mutant.at.word(1), mutant.at.word(3)) {
                let named = field(entry, &mutant).unwrap_or_default();
                assert!(named.ends_with(&format!(" {name}")), "{} {}: {named}", entry.name, mutant.id);
            }
            let Some(code) = right_code(entry, &mutant) else { continue };
            shown += usize::from(of_signer);
            for lines in &code {
                assert!((1..=6).contains(&lines.len()), "{} {}: {code:?}", entry.name, mutant.id);
            }
        }
    }
    eprintln!("code for {shown} of {signers} mutants of signers");
    assert!(shown * 4 > signers * 3, "code for {shown} of {signers} mutants of signers");
}

#[test]
fn it_is_of_the_innermost_pipeline_as_the_scheme_has_it() {
    for code in codes("flipbase", "request.derive.string_to_sign.source.lines.1.percent-encode") {
        let [python, javascript] = first_lines(code);
        assert_eq!(python, r#"urllib.parse.quote(raw_path, safe="-._~")"#);
        assert_eq!(javascript, r"encodeURIComponent(rawPath).replace(/[!'()*]/g, c =>");
    }
    for code in codes("flipsnack", "request.derive.canonical_query.sort") {
        let [python, _] = code.unwrap();
        assert!(python.contains(&"value = sorted(value, key=lambda pair: pair[0])".to_owned()), "{python:?}");
    }
}

#[test]
fn where_a_step_has_no_short_form_it_is_of_the_part_around_the_mistake() {
    for code in codes("aws-sigv4", "request.derive.canonical_path.percent-encode") {
        let [python, javascript] = first_lines(code);
        assert_eq!(python, r#"urllib.parse.quote(value, safe="-._~/")"#);
        assert_eq!(javascript, r"encodeURIComponent(value).replace(/[!'()*]/g, c =>");
    }
    assert!(codes("aws-sigv4", "request.derive.canonical_path.normalize-path").iter().all(Option::is_none));
}

#[test]
fn a_comparison_of_the_signature_is_in_constant_time() {
    for code in
        codes("flipsnack", "request.verify.equal[1]").into_iter().chain(codes("flipbase", "request.verify.equal[0]"))
    {
        let [python, javascript] = code.unwrap();
        assert!(python[0].starts_with("hmac.compare_digest("), "{python:?}");
        assert!(javascript.join("").contains("crypto.timingSafeEqual("), "{javascript:?}");
    }
    let of_method = codes("flipsnack", "request.verify.equal[0]");
    assert!(of_method.iter().all(Option::is_none), "the method is no secret, and compared as any text is");
}

/// What is diagnosed of a program that makes the first mistake of this operator.
fn diagnosed(entry: &'static Entry, operator: &str) -> Diagnosis {
    let mutants = catalogue(&entry.scheme).mutants;
    let mutant = mutants.into_iter().find(|mutant| mutant.operator.id == operator).unwrap();
    let cases = cases(entry, &mutant.operation);
    let diagnoser = Diagnoser::new(entry, &mutant.operation).unwrap();
    let base = replies(entry, &Explanation(Vec::new()), &cases);
    let seen = replies(entry, &Explanation(vec![Part::Mutant(mutant)]), &cases);
    diagnoser.diagnose(&observations(&cases, &base, &seen, usize::MAX, 5))
}

#[test]
fn frameworks_are_told_once_where_a_body_was_read_and_written_again() {
    let entry = entry("github");
    let of_body = diagnosed(entry, "body-rewritten");
    let text = diagnosis_text(entry, &of_body, &[], 80);
    assert_eq!(text.matches("The bytes that arrived, in common frameworks:").count(), 1, "{text}");
    let told = diagnosis_json(entry, &of_body, &[])["frameworks"].as_array().unwrap().clone();
    assert_eq!(told.len(), 9);
    for framework in told {
        let (name, code) = (framework["framework"].as_str().unwrap(), framework["code"].as_str().unwrap());
        assert_eq!(text.matches(&format!("\n{name}:\n")).count(), 1, "{name}\n{text}");
        assert!(!code.trim().is_empty() && code.lines().all(|line| text.contains(line)), "{name}\n{text}");
    }
    let other = diagnosed(entry, "compared-caseless");
    assert!(!diagnosis_text(entry, &other, &[], 80).contains("frameworks"));
    assert_eq!(diagnosis_json(entry, &other, &[])["frameworks"], serde_json::json!([]));
}
