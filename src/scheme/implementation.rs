//! Implementations: a scheme with a variant and edits applied, compiled. The reference, a reading and a mutant are all
//! made here.
//!
//! What an edit does not touch is shared with what was edited: it is neither printed nor compiled again.

use super::compile::{Part, Unit};
use super::edit::{Change, Edit, EditError};
use super::item::{Check, Pipeline, Problem};
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
    edits: Vec<Arc<Edit>>,
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
    #[error("after the edits, {}.{}", .0, .1.placed())]
    Problem(String, Problem),
}

/// Units that differ from those of the base, each as it is now.
type Units = BTreeMap<Unit, Arc<Part>>;

/// What differs from the base.
#[derive(Debug, Clone)]
enum Touched {
    /// These units, each as it is now.
    Units(Units),
    /// Anything: the operation as it is now.
    All(Arc<Operation>),
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
        let program = Program::compile(scheme, &operation).map_err(|e| e.placed())?;
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
        let more = edits.iter().map(|edit| Arc::new((*edit).clone()));
        let all: Vec<Arc<Edit>> = self.edits.iter().cloned().chain(more).collect();
        if let Touched::Units(before) = &self.touched
            && let Some(units) = self.edit_units(before, edits)?
        {
            let changed = units.iter().filter(|(unit, part)| before.get(unit) != Some(part));
            let compiled = self.program.recompiled(&self.base.scheme, &self.base.operation, changed);
            if let Some(program) = compiled.map_err(problem)? {
                let touched = Touched::Units(units);
                return Ok(Implementation { base: Arc::clone(&self.base), edits: all, touched, program });
            }
        }
        let edits = all;
        let mut tree = json!({ self.name(): self.base.operation });
        edits.iter().try_for_each(|edit| edit.apply(&mut tree))?;
        let operation: Operation = serde_json::from_value(tree[self.name()].take()).map_err(invalid)?;
        let program = Program::compile_edited(&self.base.scheme, &operation).map_err(problem)?;
        let touched = Touched::All(Arc::new(operation));
        Ok(Implementation { base: Arc::clone(&self.base), edits, touched, program })
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
        self.edited(&other.edits.iter().map(|edit| &**edit).collect::<Vec<_>>())
    }

    /// Applies edits to the units that they are in; `None` where they change which units there are.
    fn edit_units(&self, before: &Units, edits: &[&Edit]) -> Result<Option<Units>, Unviable> {
        let mut units = before.clone();
        // The unit that is being edited, printed.
        let mut open: Option<(Unit, Value)> = None;
        for edit in edits {
            let Some((unit, leaves_out)) = self.unit_of(edit)? else { return Ok(None) };
            if open.as_ref().is_none_or(|(other, _)| *other != unit) {
                self.close(open.take(), &mut units)?;
                let Some(tree) = self.print(unit, units.get(&unit).map(|part| &**part)) else { return Ok(None) };
                open = Some((unit, tree));
            }
            match &mut open {
                Some(_) if leaves_out => {
                    units.insert(unit, Arc::new(Part::Nothing));
                    open = None;
                }
                Some((_, tree)) => edit.apply(tree)?,
                None => return Ok(None),
            }
        }
        self.close(open, &mut units)?;
        Ok(Some(units))
    }

    /// The unit that an edit is in, and whether it is left out; `None` where the edit changes which units there are.
    fn unit_of(&self, edit: &Edit) -> Result<Option<(Unit, bool)>, Unviable> {
        let operation = &self.base.operation;
        let depth = edit.at.names().len();
        let deletes = edit.change == Change::Delete;
        let stays = matches!(edit.change, Change::Set(_) | Change::Replace(_));
        Ok(match (edit.at.word(1), edit.at.word(2)) {
            (Some("derive"), Some(stage)) if depth > 3 || (depth == 3 && stays) => {
                operation.derive.get_index_of(stage).map(|i| (Unit::Stage(i), false))
            }
            (Some(block @ ("place" | "prepare")), Some(part)) if depth > 4 || (depth == 4 && (stays || deletes)) => {
                let (place, unit): (_, fn(usize) -> Unit) = match block {
                    "place" => (&operation.place, Unit::Place),
                    _ => (&operation.prepare, Unit::Prepare),
                };
                let (into, name) = (Destination::of(part), field_name(&edit.at));
                let is = |(other, field, _): (Destination, &str, &Pipeline)| {
                    Some(other) == into && Some(field) == name.as_deref()
                };
                place.fields().position(is).map(|i| (unit(i), depth == 4 && deletes))
            }
            (Some("receive"), _) if depth > 2 => Some((Unit::Receive, false)),
            (Some("verify"), _) if depth > 3 || (depth == 3 && (stays || deletes)) => {
                // Where a check is left out, its place stays, so that the others keep their numbers.
                let checks: Value = operation.verify.iter().map(Check::printed).collect();
                let place = edit.at.locate(&json!({ self.name(): { "verify": checks } })).map_err(EditError::from)?;
                match place.get(2) {
                    Some(Segment::Index(i)) => Some((Unit::Check(*i), depth == 3 && deletes)),
                    _ => None,
                }
            }
            _ => None,
        })
    }

    /// Where a unit stands in the printed operations.
    fn way(&self, unit: Unit) -> Vec<Segment> {
        let operation = &self.base.operation;
        let field = |block: &str, place: &Place, i: usize| -> Vec<Segment> {
            let names = place.fields().nth(i).map(|(part, name, _)| [part.word().into(), name.into()]);
            [block.into()].into_iter().chain(names.into_iter().flatten()).collect()
        };
        let below: Vec<Segment> = match unit {
            Unit::Receive => vec!["receive".into()],
            Unit::Stage(i) => {
                vec!["derive".into(), operation.derive.get_index(i).map_or("", |(name, _)| name.as_str()).into()]
            }
            Unit::Prepare(i) => field("prepare", &operation.prepare, i),
            Unit::Place(i) => field("place", &operation.place, i),
            Unit::Check(i) => vec!["verify".into(), i.into()],
        };
        std::iter::once(self.name().into()).chain(below).collect()
    }

    /// A unit as it is now, printed where it stands; `None` where it is left out.
    fn print(&self, unit: Unit, now: Option<&Part>) -> Option<Value> {
        let operation = &self.base.operation;
        let nth = |place: &Place, i: usize| place.fields().nth(i).map(|(_, _, pipeline)| pipeline.printed());
        let printed = match (now, unit) {
            (Some(Part::Pipeline(pipeline)), _) => pipeline.printed(),
            (Some(Part::Check(check)), _) => check.printed(),
            (Some(Part::Receive(receive)), _) => json!(receive),
            (Some(Part::Nothing), _) => return None,
            (None, Unit::Receive) => json!(operation.receive),
            (None, Unit::Stage(i)) => operation.derive[i].printed(),
            (None, Unit::Prepare(i)) => nth(&operation.prepare, i)?,
            (None, Unit::Place(i)) => nth(&operation.place, i)?,
            (None, Unit::Check(i)) => operation.verify[i].printed(),
        };
        Some(self.way(unit).iter().rev().fold(printed, |below, segment| match segment {
            Segment::Key(key) => json!({ key: below }),
            Segment::Index(i) => {
                let mut checks: Vec<Value> = operation.verify.iter().map(Check::printed).collect();
                checks[*i] = below;
                Value::Array(checks)
            }
        }))
    }

    /// Reads a unit after its edits.
    fn close(&self, open: Option<(Unit, Value)>, units: &mut Units) -> Result<(), Unviable> {
        let Some((unit, mut tree)) = open else { return Ok(()) };
        let node = self.way(unit).iter().fold(&mut tree, |node, segment| match segment {
            Segment::Key(key) => &mut node[key.as_str()],
            Segment::Index(i) => &mut node[*i],
        });
        let read = match unit {
            Unit::Receive => serde_json::from_value(node.take()).map(Part::Receive),
            Unit::Check(_) => serde_json::from_value(node.take()).map(Part::Check),
            Unit::Stage(_) | Unit::Prepare(_) | Unit::Place(_) => {
                serde_json::from_value(node.take()).map(Part::Pipeline)
            }
        };
        units.insert(unit, Arc::new(read.map_err(|e| Unviable::Invalid(e.to_string()))?));
        Ok(())
    }
}

impl Operation {
    /// The operation with some units as they are now.
    fn with(&self, units: &BTreeMap<Unit, Arc<Part>>) -> Operation {
        let mut operation = self.clone();
        // The last first, so that what is left out moves nothing that is still to come.
        for (unit, part) in units.iter().rev() {
            match (*unit, &**part) {
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
