//! The catalogue of mutants of one scheme: every edit that an operator makes, without those that
//! change nothing, that another made before, or that a permitted reading is.

use super::operators::{LETTERS_AND_DIGITS, Mutation, OPERATORS, Operator, signed_alone, spoken_of};
use super::site::{Site, sites};
use crate::scheme::{Edit, Implementation, Operation, Path, Pipeline, Scheme, Unviable};
use indexmap::IndexMap;
use serde_json::{Value, json};
use std::collections::HashSet;
use std::sync::Arc;

/// A wrong implementation: the scheme with one edit.
#[derive(Debug, Clone)]
pub struct Mutant {
    /// `operator@path`, with what is particular after a `=`.
    pub id: String,
    /// The kind of mistake.
    pub operator: &'static Operator,
    /// Its particular: the name or form that is put in.
    pub detail: String,
    /// Path that names it: of the first edit.
    pub at: Path,
    /// The edits, in the order of the scheme.
    pub edits: Vec<Edit>,
    /// The operation that it is in.
    pub operation: String,
    /// The variant whose own node it edits; none where the node is there without a variant.
    pub variant: Option<String>,
}

impl Mutant {
    /// The kind of mistake, and its particular: the same at every place where it may be made.
    pub fn kind(&self) -> (&'static str, &str) {
        (self.operator.id, &self.detail)
    }

    /// The mutant of an implementation of its operation and variant. The last edit is applied first, so that none
    /// moves the node of another.
    pub fn of(&self, base: &Implementation) -> Result<Implementation, Unviable> {
        base.edited(&self.edits.iter().rev().collect::<Vec<_>>())
    }
}

/// The implementations of a scheme as it is decided on: by variant, then by operation.
pub type Bases = IndexMap<Option<String>, IndexMap<String, Implementation>>;

/// Every operation of a scheme under every variant.
pub fn bases(scheme: &Arc<Scheme>) -> Bases {
    let variants = std::iter::once(None).chain(scheme.variants.keys().cloned().map(Some));
    let operations = |variant: &Option<String>| {
        let of = |name: &String| Implementation::of(scheme, name, variant.as_deref(), None).ok();
        scheme.operations.keys().filter_map(|name| Some((name.clone(), of(name)?))).collect()
    };
    variants.map(|variant| (variant.clone(), operations(&variant))).collect()
}

/// The mutants of a scheme.
#[derive(Debug, Default)]
pub struct Catalogue {
    /// Those that can be evaluated.
    pub mutants: Vec<Mutant>,
    /// Ids of those that cannot, each with the reason.
    pub unviable: Vec<(String, String)>,
}

/// Every mutant of a scheme.
pub fn catalogue(scheme: &Arc<Scheme>) -> Catalogue {
    let mut builder = Builder { catalogue: Catalogue::default(), seen: HashSet::new(), sites: HashSet::new() };
    builder.permit(scheme);
    for (variant, operations) in bases(scheme) {
        for base in operations.values() {
            builder.operation(scheme, base, variant.as_deref());
        }
    }
    builder.catalogue
}

/// Mutants that sign the fields of these names alone, of an operation whose scheme speaks of none.
pub fn with_known_fields(scheme: &Scheme, name: &str, fields: &[String]) -> Vec<Mutant> {
    let (Some(operation), Some(operator)) = (scheme.operations.get(name), Operator::of_known_fields()) else {
        return Vec::new();
    };
    let all = sites(scheme, name, operation);
    let mutant = |mutation: Mutation| Mutant {
        id: format!("{}@{}=seen", operator.id, mutation.at.brief()),
        operator,
        detail: "those of the messages that passed".into(),
        at: mutation.at,
        edits: mutation.edits,
        operation: name.to_owned(),
        variant: None,
    };
    let names = |site: &Site<'_>, pipeline: &Pipeline| [fields, &spoken_of(site, pipeline)[..]].concat();
    all.iter().flat_map(|site| signed_alone(site, |pipeline| names(site, pipeline))).map(mutant).collect()
}

struct Builder {
    catalogue: Catalogue,
    /// Operations that need no mutant: the scheme's own, those of its readings and variants, and those of earlier
    /// mutants.
    seen: HashSet<String>,
    /// Paths and kinds of the nodes seen: a part and its pipeline have one path.
    sites: HashSet<(Path, String)>,
}

impl Builder {
    fn permit(&mut self, scheme: &Scheme) {
        let variants = || std::iter::once(None).chain(scheme.variants.keys().map(|name| Some(name.as_str())));
        let readings = || std::iter::once(None).chain(scheme.readings.keys().map(|name| Some(name.as_str())));
        for (variant, reading) in variants().flat_map(|variant| readings().map(move |reading| (variant, reading))) {
            for name in scheme.operations.keys() {
                let edits = scheme.edits_of(variant, reading).unwrap_or_default();
                if let Ok(operation) = scheme.edited(name, edits) {
                    self.seen.insert(normal_form(name, &operation));
                }
            }
        }
    }

    fn operation(&mut self, scheme: &Scheme, base: &Implementation, variant: Option<&str>) {
        let operation = base.operation();
        // An operator may look at other operations of the scheme, which are those of the variant too.
        let all = |(name, own): (&String, &Operation)| {
            let edits = scheme.edits_of(variant, None).unwrap_or_default();
            (name.clone(), scheme.edited(name, edits).unwrap_or_else(|_| own.clone()))
        };
        let scheme = Scheme { operations: scheme.operations.iter().map(all).collect(), ..scheme.clone() };
        for site in sites(&scheme, base.name(), &operation) {
            // A node that is there without the variant has its mutants already.
            let kind = std::mem::discriminant(&site.spot);
            if self.sites.insert((site.path.clone(), format!("{kind:?}"))) {
                self.site(&site, base, variant);
            }
        }
    }

    fn site(&mut self, site: &Site<'_>, base: &Implementation, variant: Option<&str>) {
        for operator in OPERATORS.iter().copied().flatten() {
            for mutation in (operator.apply)(site) {
                let detail = if mutation.detail.is_empty() { String::new() } else { format!("={}", mutation.detail) };
                let mutant = Mutant {
                    id: format!("{}@{}{detail}", operator.id, mutation.at.brief()),
                    operator,
                    detail: mutation.detail,
                    at: mutation.at,
                    edits: mutation.edits,
                    operation: base.name().to_owned(),
                    variant: variant.map(str::to_owned),
                };
                match mutant.of(base) {
                    Err(why) => self.catalogue.unviable.push((mutant.id, why.to_string())),
                    Ok(mutated) => {
                        if self.seen.insert(normal_form(base.name(), &mutated.operation())) {
                            self.catalogue.mutants.push(mutant);
                        }
                    }
                }
            }
        }
    }
}

/// An operation as text that is the same for the same program: sets are in order.
fn normal_form(name: &str, operation: &Operation) -> String {
    let mut printed = json!(operation);
    order_sets(&mut printed);
    format!("{name} {printed}")
}

/// Puts the characters that percent-encoding keeps in order, each once.
fn order_sets(node: &mut Value) {
    match node {
        Value::Array(items) => items.iter_mut().for_each(order_sets),
        Value::Object(map) => {
            map.values_mut().for_each(order_sets);
            if let Some(Value::Array(kept)) = map.get_mut("keep") {
                let characters = |word: &Value| match word.as_str() {
                    Some("unreserved") => [LETTERS_AND_DIGITS, "-._~"].concat(),
                    Some("alphanumeric") => LETTERS_AND_DIGITS.to_owned(),
                    character => character.unwrap_or_default().to_owned(),
                };
                let mut all: Vec<char> =
                    kept.iter().flat_map(|word| characters(word).chars().collect::<Vec<_>>()).collect();
                all.sort_unstable();
                all.dedup();
                *kept = vec![all.into_iter().collect::<String>().into()];
            }
        }
        _ => {}
    }
}
