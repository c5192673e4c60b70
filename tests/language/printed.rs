//! A scheme that is printed and loaded again is the same scheme, edited ones included.

use crate::CORPORA;
use countersign::scheme::{self, Edit, Scheme};

/// The scheme as it stands, and after each variant, each reading, and each pair of the two that fits together.
fn editions(scheme: &Scheme) -> Vec<(String, Scheme)> {
    let names = |names: Vec<&String>| -> Vec<Option<String>> {
        std::iter::once(None).chain(names.into_iter().cloned().map(Some)).collect()
    };
    let mut editions = Vec::new();
    for variant in names(scheme.variants.keys().collect()) {
        for reading in names(scheme.readings.keys().collect()) {
            if let Ok(edited) = scheme.resolved(variant.as_deref(), reading.as_deref()) {
                editions.push((format!("{variant:?} {reading:?}"), edited));
            }
        }
    }
    editions
}

#[test]
fn printing_and_loading_gives_the_same_scheme() {
    let mut count = 0;
    for entry in CORPORA.iter().flat_map(|corpus| &corpus.entries) {
        for (edition, scheme) in editions(&entry.scheme) {
            // What an edit did cannot be done again, so an edited scheme is printed without its edits.
            let is_edited = scheme.operations != entry.scheme.operations;
            let scheme = if is_edited {
                Scheme { variants: Default::default(), readings: Default::default(), ..scheme }
            } else {
                scheme
            };
            let what = format!("{} {edition}", entry.name);
            let json = serde_json::to_vec(&scheme.printed()).unwrap();
            let yaml = serde_yaml::to_string(&scheme.printed()).unwrap();
            for (form, bytes) in [("JSON", json.as_slice()), ("YAML", yaml.as_bytes())] {
                let again = scheme::load(form, bytes).unwrap_or_else(|e| panic!("{what}: {e}"));
                assert!(again == scheme, "{what}: printed as {form} it is another scheme");
                assert_eq!(again.printed(), scheme.printed(), "{what}");
            }
            count += 1;
        }
    }
    assert!(count > 40, "only {count} schemes");
}

#[test]
fn every_edit_prints_and_loads_as_itself() {
    let mut count = 0;
    for entry in CORPORA.iter().flat_map(|corpus| &corpus.entries) {
        let variants = entry.scheme.variants.values().flat_map(|variant| &variant.edits);
        for edit in variants.chain(entry.scheme.readings.values().flat_map(|reading| &reading.edits)) {
            let again: Edit = serde_json::from_value(serde_json::to_value(edit).unwrap()).unwrap();
            assert_eq!(again, *edit);
            count += 1;
        }
    }
    assert!(count > 20, "only {count} edits");
}
