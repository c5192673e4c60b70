//! Implementations: a scheme with a variant and edits applied, compiled. The reference, a reading and a mutant are all
//! made here.
//!
//! What an edit does not touch is shared with what was edited: it is neither printed nor compiled again.

use super::compile::{Part, Problem, Unit};
use super::edit::{Change, Edit, EditError};
use super::item::Check;
use super::machine::{Destination, Program};
use super::model::{Operation, Place, Scheme};
use super::path::{Named, Path};
use crate::yaml::Segment;
use indexmap::IndexMap;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;

/// An operation of a scheme, with a variant and edits applied, compiled.
#[derive(Debug, Clone)]
pub struct Implementation {
    base: Arc<Base>,
    /// Edits applied to the base, in the order in which they were applied.
    edits: Vec<Edit>,
    touched: Touched,
    /// The program.
    pub program: Program,
}

/// What edits are applied to.
#[derive(Debug)]
struct Base {
    scheme: Arc<Scheme>,
    name: String,
    operation: Operation,
}

/// Why there is no implementation with some edits: it is unviable.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unviable {
    /// An edit cannot be applied.
    #[error(transparent)]
    Edit(#[from] EditError),
    /// What is there after the edits is no scheme.
    #[error("the scheme is not valid after the edits: {0}")]
    Invalid(String),
    /// What is there after the edits cannot be compiled: the name of the operation, and why.
    #[error("after the edits, {0}.{1}")]
    Problem(String, Problem),
}

/// What differs from the base.
#[derive(Debug, Clone)]
enum Touched {
    /// These units, each as it is now.
    Units(BTreeMap<Unit, Part>),
    /// Anything: the operation as it is now.
    All(Box<Operation>),
}

impl Scheme {
    /// The operation of this name; `Err` says which there are.
    pub fn operation(&self, name: &str) -> Result<&Operation, String> {
        let known = || self.operations.keys().map(String::as_str).collect::<Vec<_>>().join(", ");
        self.operations.get(name).ok_or_else(|| format!("unknown operation `{name}`; the scheme has {}", known()))
    }

    /// Edits of a variant and a reading.
    pub fn edits_of(&self, variant: Option<&str>, reading: Option<&str>) -> Result<Vec<&Edit>, String> {
        let mut edits: Vec<&Edit> = Vec::new();
        if let Some(name) = variant {
            edits.extend(&known("variant", name, &self.variants)?.edits);
        }
        if let Some(name) = reading {
            edits.extend(&known("reading", name, &self.readings)?.edits);
        }
        Ok(edits)
    }

    /// The scheme with a variant and a reading applied to its operations.
    pub fn resolved(&self, variant: Option<&str>, reading: Option<&str>) -> Result<Scheme, String> {
        let edits = self.edits_of(variant, reading)?;
        let mut resolved = self.clone();
        for (name, operation) in &mut resolved.operations {
            *operation = self.edited(name, edits.iter().copied()).map_err(|(_, why)| why.to_string())?;
        }
        Ok(resolved)
    }

    /// The operation of this name with edits applied, those of other operations left out; an error says at which.
    pub fn edited<'e>(
        &self,
        name: &str,
        edits: impl IntoIterator<Item = &'e Edit>,
    ) -> Result<Operation, (Option<usize>, Unviable)> {
        let operation = self.operation(name).map_err(|e| (None, Unviable::Invalid(e)))?;
        let mut tree = None;
        for (i, edit) in edits.into_iter().enumerate().filter(|(_, edit)| edit.at.word(0) == Some(name)) {
            let tree = tree.get_or_insert_with(|| json!({ name: operation }));
            edit.apply(tree).map_err(|e| (Some(i), e.into()))?;
        }
        let Some(mut tree) = tree else { return Ok(operation.clone()) };
        serde_json::from_value(tree[name].take()).map_err(|e| (None, Unviable::Invalid(e.to_string())))
    }
}

fn known<'a, T>(what: &str, name: &str, all: &'a IndexMap<String, T>) -> Result<&'a T, String> {
    let names = || all.keys().map(String::as_str).collect::<Vec<_>>().join(", ");
    all.get(name).ok_or_else(|| {
        format!("unknown {what} `{name}`; the scheme has {}", if all.is_empty() { "none".into() } else { names() })
    })
}

impl Implementation {
    /// An operation of a scheme under a variant and a reading.
    pub fn of(
        scheme: &Arc<Scheme>,
        name: &str,
        variant: Option<&str>,
        reading: Option<&str>,
    ) -> Result<Implementation, String> {
        scheme.operation(name)?;
        let edits = scheme.edits_of(variant, reading)?;
        let operation = scheme.edited(name, edits).map_err(|(_, why)| why.to_string())?;
        let program = Program::compile(scheme, &operation).map_err(|e| e.to_string())?;
        let base = Base { scheme: Arc::clone(scheme), name: name.to_owned(), operation };
        Ok(Implementation {
            base: Arc::new(base),
            edits: Vec::new(),
            touched: Touched::Units(BTreeMap::new()),
            program,
        })
    }

    /// The scheme.
    pub fn scheme(&self) -> &Scheme {
        &self.base.scheme
    }

    /// The name of the operation.
    pub fn name(&self) -> &str {
        &self.base.name
    }

    /// The operation as it is after the edits.
    pub fn operation(&self) -> Operation {
        match &self.touched {
            Touched::Units(units) => self.base.operation.with(units),
            Touched::All(operation) => (**operation).clone(),
        }
    }

    /// Where edits of this implementation are: keys and numbers of the printed operations.
    pub fn places(&self, edits: &[Edit]) -> Vec<Vec<Segment>> {
        let tree = json!({ self.name(): self.operation() });
        edits.iter().filter_map(|edit| edit.at.locate(&tree).ok()).collect()
    }

    /// Whether the edits change anything.
    pub fn differs(&self) -> bool {
        self.operation() != self.base.operation
    }

    /// This implementation with edits applied in order.
    pub fn edited(&self, edits: &[&Edit]) -> Result<Implementation, Unviable> {
        let problem = |problem| Unviable::Problem(self.name().to_owned(), problem);
        let invalid = |e: serde_json::Error| Unviable::Invalid(e.to_string());
        let all = || self.edits.iter().chain(edits.iter().copied()).cloned().collect::<Vec<_>>();
        if let Touched::Units(before) = &self.touched {
            let mut units = before.clone();
            let mut fits = true;
            for edit in edits {
                fits = fits && self.edit_unit(edit, &mut units)?;
            }
            if fits {
                let changed = units.iter().filter(|(unit, part)| before.get(unit) != Some(part));
                let compiled = self.program.recompiled(&self.base.scheme, &self.base.operation, changed);
                if let Some(program) = compiled.map_err(problem)? {
                    return Ok(Implementation {
                        base: Arc::clone(&self.base),
                        edits: all(),
                        touched: Touched::Units(units),
                        program,
                    });
                }
            }
        }
        let edits = all();
        let mut tree = json!({ self.name(): self.base.operation });
        edits.iter().try_for_each(|edit| edit.apply(&mut tree))?;
        let operation: Operation = serde_json::from_value(tree[self.name()].take()).map_err(invalid)?;
        let program = Program::compile(&self.base.scheme, &operation).map_err(problem)?;
        Ok(Implementation { base: Arc::clone(&self.base), edits, touched: Touched::All(Box::new(operation)), program })
    }

    /// This implementation and another one of the same base in one: the edits of both. Where they touch different
    /// units nothing is compiled.
    pub fn and(&self, other: &Implementation) -> Result<Implementation, Unviable> {
        if let (Touched::Units(mine), Touched::Units(others)) = (&self.touched, &other.touched)
            && mine.keys().all(|unit| !others.contains_key(unit))
        {
            let program = self.program.with_units(&other.program, others.keys());
            let touched = mine.iter().chain(others).map(|(unit, part)| (*unit, part.clone())).collect();
            let edits = self.edits.iter().chain(&other.edits).cloned().collect();
            return Ok(Implementation {
                base: Arc::clone(&self.base),
                edits,
                touched: Touched::Units(touched),
                program,
            });
        }
        self.edited(&other.edits.iter().collect::<Vec<_>>())
    }

    /// Applies an edit to the unit that it is in; `false` where it changes which units there are.
    fn edit_unit(&self, edit: &Edit, units: &mut BTreeMap<Unit, Part>) -> Result<bool, Unviable> {
        let operation = &self.base.operation;
        let names = edit.at.names();
        let is = |depth: usize| names.len() == depth;
        let deletes = edit.change == Change::Delete;
        let stays = matches!(edit.change, Change::Set(_) | Change::Replace(_));
        let invalid = |e: serde_json::Error| Unviable::Invalid(e.to_string());
        match (edit.at.word(1), edit.at.word(2)) {
            (Some("derive"), Some(stage)) if !is(3) || stays => {
                let Some((i, _, base)) = operation.derive.get_full(stage) else { return Ok(false) };
                let Part::Pipeline(now) = units.entry(Unit::Stage(i)).or_insert_with(|| Part::Pipeline(base.clone()))
                else {
                    return Ok(false);
                };
                let mut tree = json!({ self.name(): { "derive": { stage: now.printed() } } });
                edit.apply(&mut tree)?;
                *now = serde_json::from_value(tree[self.name()]["derive"][stage].take()).map_err(invalid)?;
                Ok(true)
            }
            (Some(block @ ("place" | "prepare")), Some(part)) if !is(3) && (!is(4) || stays || deletes) => {
                let place = if block == "place" { &operation.place } else { &operation.prepare };
                let unit = if block == "place" { Unit::Place } else { Unit::Prepare };
                let (Some(into), Some(name)) = (Destination::of(part), field_name(&edit.at)) else { return Ok(false) };
                let found = place.fields().enumerate().find(|(_, (other, field, _))| *other == into && *field == name);
                let Some((i, (_, _, base))) = found else { return Ok(false) };
                let now = units.entry(unit(i)).or_insert_with(|| Part::Pipeline(base.clone()));
                if deletes && is(4) {
                    *now = Part::Nothing;
                    return Ok(true);
                }
                let Part::Pipeline(now) = now else { return Ok(false) };
                let mut tree = json!({ self.name(): { block: { part: { &name: now.printed() } } } });
                edit.apply(&mut tree)?;
                *now = serde_json::from_value(tree[self.name()][block][part][&name].take()).map_err(invalid)?;
                Ok(true)
            }
            (Some("receive"), _) if !is(2) => {
                let now = units.entry(Unit::Receive).or_insert_with(|| Part::Receive(operation.receive.clone()));
                let Part::Receive(now) = now else { return Ok(false) };
                let mut tree = json!({ self.name(): { "receive": now } });
                edit.apply(&mut tree)?;
                *now = serde_json::from_value(tree[self.name()]["receive"].take()).map_err(invalid)?;
                Ok(true)
            }
            (Some("verify"), _) if !is(2) && (!is(3) || stays || deletes) => {
                // Where a check is left out, its place stays, so that the others keep their numbers.
                let checks = operation.verify.iter().map(Check::printed).collect();
                let mut tree = json!({ self.name(): { "verify": Value::Array(checks) } });
                let place = edit.at.locate(&tree).map_err(EditError::from)?;
                let Some(Segment::Index(i)) = place.get(2) else { return Ok(false) };
                let now = units.entry(Unit::Check(*i)).or_insert_with(|| Part::Check(operation.verify[*i].clone()));
                if deletes && is(3) {
                    *now = Part::Nothing;
                    return Ok(true);
                }
                let Part::Check(now) = now else { return Ok(false) };
                tree[self.name()]["verify"][*i] = now.printed();
                edit.apply(&mut tree)?;
                *now = serde_json::from_value(tree[self.name()]["verify"][*i].take()).map_err(invalid)?;
                Ok(true)
            }
            _ => Ok(false),
        }
    }
}

impl Operation {
    /// The operation with some units as they are now.
    fn with(&self, units: &BTreeMap<Unit, Part>) -> Operation {
        let mut operation = self.clone();
        // The last first, so that what is left out moves nothing that is still to come.
        for (unit, part) in units.iter().rev() {
            match (*unit, part) {
                (Unit::Receive, Part::Receive(receive)) => operation.receive.clone_from(receive),
                (Unit::Stage(i), Part::Pipeline(pipeline)) => operation.derive[i].clone_from(pipeline),
                (Unit::Prepare(i), part) => operation.prepare.put(i, part),
                (Unit::Place(i), part) => operation.place.put(i, part),
                (Unit::Check(i), Part::Check(check)) => operation.verify[i].clone_from(check),
                (Unit::Check(i), Part::Nothing) => drop(operation.verify.remove(i)),
                (unit, part) => unreachable!("{unit:?} is no {part:?}"),
            }
        }
        operation
    }
}

impl Place {
    /// Makes the field of this number what it is now.
    fn put(&mut self, mut i: usize, part: &Part) {
        for fields in [&mut self.header, &mut self.query, &mut self.form, &mut self.json] {
            if i >= fields.len() {
                i -= fields.len();
                continue;
            }
            match part {
                Part::Pipeline(pipeline) => fields[i].clone_from(pipeline),
                _ => drop(fields.shift_remove_index(i)),
            }
            return;
        }
    }
}

/// The name of the field in the path of a node of `place` or `prepare`.
fn field_name(path: &Path) -> Option<String> {
    match path.names().get(3)? {
        Named::Key(name) => Some(name.clone()),
        Named::Index(i) => Some(i.to_string()),
        Named::Nth(..) => None,
    }
}
