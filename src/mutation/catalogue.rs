//! The catalogue of mutants of one scheme: every edit that an operator makes, without those that
//! change nothing, that another made before, or that a permitted reading is.

use super::operators::{OPERATORS, Operator};
use super::site::{Site, sites};
use crate::scheme::{Edit, Operation, Program, Scheme};
use serde_json::{Value, json};
use std::collections::HashSet;

/// A wrong implementation: the scheme with one edit.
#[derive(Debug, Clone)]
pub struct Mutant {
    /// `operator@path`, with what is particular after a `=`.
    pub id: String,
    /// The kind of mistake.
    pub operator: &'static Operator,
    /// What is particular about it: the name or form that is put in.
    pub detail: String,
    /// Path that names it: of the first edit.
    pub at: String,
    /// The edits.
    pub edits: Vec<Edit>,
    /// The operation that it is in.
    pub operation: String,
    /// The variant whose own node it edits; none where the node is there without a variant.
    pub variant: Option<String>,
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
pub fn catalogue(scheme: &Scheme) -> Catalogue {
    let mut builder = Builder { catalogue: Catalogue::default(), seen: HashSet::new(), sites: HashSet::new() };
    builder.permit(scheme);
    builder.scheme(scheme, None);
    for name in scheme.variants.keys() {
        if let Ok(resolved) = scheme.resolved(Some(name), None) {
            builder.scheme(&resolved, Some(name));
        }
    }
    builder.catalogue
}

struct Builder {
    catalogue: Catalogue,
    /// Printed operations that need no mutant: the scheme's own, those of its readings and variants,
    /// and those of earlier mutants.
    seen: HashSet<String>,
    /// Paths and kinds of the nodes seen: a part and its pipeline have one path.
    sites: HashSet<(String, String)>,
}

impl Builder {
    fn permit(&mut self, scheme: &Scheme) {
        let variants = std::iter::once(None).chain(scheme.variants.keys().map(|name| Some(name.as_str())));
        for variant in variants {
            let readings = std::iter::once(None).chain(scheme.readings.keys().map(|name| Some(name.as_str())));
            for resolved in readings.filter_map(|reading| scheme.resolved(variant, reading).ok()) {
                for (name, operation) in &resolved.operations {
                    self.seen.insert(normal_form(name, operation));
                }
            }
        }
    }

    fn scheme(&mut self, scheme: &Scheme, variant: Option<&str>) {
        for (name, operation) in &scheme.operations {
            let printed = json!({ name: operation });
            for site in sites(scheme, name, operation) {
                // A node that is there without the variant has its mutants already.
                let kind = std::mem::discriminant(&site.node);
                if self.sites.insert((site.path.clone(), format!("{kind:?}"))) {
                    self.site(&site, name, &printed, variant);
                }
            }
        }
    }

    fn site(&mut self, site: &Site<'_>, operation: &str, printed: &Value, variant: Option<&str>) {
        for operator in OPERATORS.iter().copied().flatten() {
            for mutation in (operator.apply)(site) {
                let detail = if mutation.detail.is_empty() { String::new() } else { format!("={}", mutation.detail) };
                let id = format!("{}@{}{detail}", operator.id, mutation.at.replace("[0]", "").replace(".source", ""));
                match mutated(site.scheme, operation, printed, &mutation.edits.iter().collect::<Vec<_>>()) {
                    Err(why) => self.catalogue.unviable.push((id, why)),
                    Ok((mutated, _)) => {
                        if self.seen.insert(normal_form(operation, &mutated)) {
                            self.catalogue.mutants.push(Mutant {
                                id,
                                operator,
                                detail: mutation.detail,
                                at: mutation.at,
                                edits: mutation.edits,
                                operation: operation.to_owned(),
                                variant: variant.map(str::to_owned),
                            });
                        }
                    }
                }
            }
        }
    }
}

fn normal_form(name: &str, operation: &Operation) -> String {
    format!("{name} {}", json!(operation))
}

/// An operation with edits applied, the last first, so that none moves the node of another, and the
/// program that it is; `Err` says why it cannot be evaluated.
pub(crate) fn mutated(
    scheme: &Scheme,
    name: &str,
    printed: &Value,
    edits: &[&Edit],
) -> Result<(Operation, Program), String> {
    let mut tree = printed.clone();
    for edit in edits.iter().rev() {
        edit.apply_to_printed(&mut tree).map_err(|e| e.to_string())?;
    }
    let operation: Operation = serde_json::from_value(tree[name].take()).map_err(|e| e.to_string())?;
    let program = Program::compile(scheme, &operation).map_err(|e| e.to_string())?;
    Ok((operation, program))
}
