//! Implementations: a scheme with a variant and edits applied, compiled. The reference, a reading and a mutant are all
//! made here.
//!
//! What an edit does not touch is shared with what was edited: it is neither printed nor compiled again.

use super::compile::Unit;
use super::edit::{Edit, EditError, EditKind};
use super::item::{Check, Problem};
use super::machine::Program;
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

/// Operation that edits are applied to.
#[derive(Debug)]
struct Base {
    scheme: Arc<Scheme>,
    name: String,
    operation: Operation,
    /// The operation below its name, in printed form.
    printed: Value,
}

/// Reason why there is no implementation with some edits: it is unviable.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unviable {
    /// An edit cannot be applied.
    #[error(transparent)]
    Edit(#[from] EditError),
    /// The result of the edits is no scheme.
    #[error("the scheme is not valid after the edits: {0}")]
    Invalid(String),
    /// The result of the edits cannot be compiled: the name of the operation, and why.
    #[error("after the edits, {}.{}", .0, .1.placed())]
    Problem(String, Problem),
}

/// Units that differ from those of the base, each as it is printed now; `None` where it is left out.
type Units = BTreeMap<Unit, Option<Arc<Value>>>;

/// Parts that differ from the base.
#[derive(Debug, Clone)]
enum Touched {
    /// These units.
    Units(Units),
    /// Anything: the operation below its name, in printed form.
    All(Arc<Value>),
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
        read(tree[name].take()).map_err(|e| (None, e))
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
        let printed = json!({ name: operation });
        let base = Base { scheme: Arc::clone(scheme), name: name.to_owned(), operation, printed };
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
            Touched::Units(units) if units.is_empty() => self.base.operation.clone(),
            _ => read(self.printed()[self.name()].take())
                .unwrap_or_else(|e| unreachable!("what was compiled can be read: {e}")),
        }
    }

    /// The operation as it is after the edits, below its name, in printed form.
    fn printed(&self) -> Value {
        let units = match &self.touched {
            Touched::All(printed) => return (**printed).clone(),
            Touched::Units(units) => units,
        };
        let mut printed = self.base.printed.clone();
        // The last first, so that what is left out moves nothing that is still to come.
        for (unit, part) in units.iter().rev() {
            let way = self.way(*unit);
            match (part, way.split_last()) {
                (Some(part), _) => *node(&mut printed, &way) = (**part).clone(),
                (None, Some((last, above))) => match (node(&mut printed, above), last) {
                    (Value::Object(map), Segment::Key(key)) => drop(map.shift_remove(key)),
                    (Value::Array(items), Segment::Index(i)) => drop(items.remove(*i)),
                    (other, last) => unreachable!("{last} is not below {other}"),
                },
                (None, None) => {}
            }
        }
        printed
    }

    /// Returns edits of this implementation with where they are: keys and numbers of the printed operations.
    pub fn places<'e>(&self, edits: &'e [Edit]) -> Vec<(Vec<Segment>, &'e Edit)> {
        let printed = self.printed();
        edits.iter().filter_map(|edit| Some((edit.at.locate(&printed).ok()?, edit))).collect()
    }

    /// Returns whether the edits change anything.
    pub fn differs(&self) -> bool {
        self.printed() != self.base.printed
    }

    /// This implementation with edits applied in order.
    pub fn edited(&self, edits: &[&Edit]) -> Result<Implementation, Unviable> {
        let problem = |problem| Unviable::Problem(self.name().to_owned(), problem);
        let more = edits.iter().map(|edit| Arc::new((*edit).clone()));
        let all: Vec<Arc<Edit>> = self.edits.iter().cloned().chain(more).collect();
        if let Touched::Units(before) = &self.touched
            && let Some(units) = self.edit_units(before, edits)?
        {
            let changed = units.iter().filter(|(unit, part)| before.get(unit) != Some(part));
            let changed = changed.map(|(unit, part)| (*unit, part));
            let compiled = self.program.recompiled(&self.base.scheme, &self.base.operation, changed);
            if let Some(program) = compiled.map_err(problem)? {
                let touched = Touched::Units(units);
                return Ok(Implementation { base: Arc::clone(&self.base), edits: all, touched, program });
            }
        }
        let edits = all;
        let mut printed = self.base.printed.clone();
        edits.iter().try_for_each(|edit| edit.apply(&mut printed))?;
        let operation: Operation = read(printed[self.name()].clone())?;
        let program = Program::compile_edited(&self.base.scheme, &operation).map_err(problem)?;
        let touched = Touched::All(Arc::new(printed));
        Ok(Implementation { base: Arc::clone(&self.base), edits, touched, program })
    }

    /// The same without the checks that are not to be kept; an account is still looked up by one that is.
    pub fn without_checks(&self, keep: impl Fn(&Check) -> bool) -> Result<Implementation, Unviable> {
        let checks = self.operation().verify;
        // The last first, so that none moves another.
        let others = checks.iter().enumerate().filter(|(_, check)| !keep(check)).rev();
        let at = |i| Path::of(&self.base.name).key("verify").then(Named::Index(i));
        let edits: Vec<Edit> = others.map(|(i, _)| Edit { at: at(i), change: EditKind::Delete }).collect();
        self.edited(&edits.iter().collect::<Vec<_>>())
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
        for edit in edits {
            let Some((unit, depth)) = self.unit_of(edit) else { return Ok(None) };
            let now = units.entry(unit).or_insert_with(|| {
                let part = self.way(unit).iter().fold(&self.base.printed, |node, segment| match segment {
                    Segment::Key(key) => &node[key],
                    Segment::Index(i) => &node[*i],
                });
                Some(Arc::new(part.clone()))
            });
            // Where a unit is left out, its place stays, so that the others keep their numbers.
            match now {
                Some(_) if edit.change == EditKind::Delete && depth == edit.at.names().len() => *now = None,
                Some(part) => edit.apply_below(depth, Arc::make_mut(part))?,
                None => return Ok(None),
            }
        }
        Ok(Some(units))
    }

    /// The unit that an edit is in, and how many names lead to it; `None` where the edit changes which units there are.
    fn unit_of(&self, edit: &Edit) -> Option<(Unit, usize)> {
        let (operation, names) = (&self.base.operation, edit.at.names());
        let block = edit.at.word(1)?;
        let (depth, can_go) = match block {
            "receive" => (2, false),
            "derive" => (3, false),
            "verify" => (3, true),
            "prepare" | "place" => (4, true),
            _ => return None,
        };
        let stays = match edit.change {
            EditKind::Set(_) | EditKind::Replace(_) => names.len() >= depth,
            EditKind::Delete => names.len() > depth || (names.len() == depth && can_go),
            EditKind::SwapWithNext | EditKind::InsertBefore(_) | EditKind::InsertAfter(_) => names.len() > depth,
        };
        let way = edit.at.lead(names.get(..depth).filter(|_| stays)?, &self.base.printed).ok()?;
        let field = |place: &Place, part: &str, name: &str| {
            place.fields().position(|(into, field, _)| (into.word(), field) == (part, name))
        };
        let unit = match &way[2..] {
            [] => Unit::Receive,
            [Segment::Index(i)] => Unit::Check(*i),
            [Segment::Key(stage)] => Unit::Stage(operation.derive.get_index_of(stage)?),
            [Segment::Key(part), Segment::Key(name)] if block == "prepare" => {
                Unit::Prepare(field(&operation.prepare, part, name)?)
            }
            [Segment::Key(part), Segment::Key(name)] => Unit::Place(field(&operation.place, part, name)?),
            _ => return None,
        };
        Some((unit, depth))
    }

    /// Returns where a unit stands in the printed operation.
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
}

/// The node of a tree to which a way leads.
fn node<'t>(tree: &'t mut Value, way: &[Segment]) -> &'t mut Value {
    way.iter().fold(tree, |node, segment| match segment {
        Segment::Key(key) => &mut node[key.as_str()],
        Segment::Index(i) => &mut node[*i],
    })
}

/// An operation of its printed form.
fn read(printed: Value) -> Result<Operation, Unviable> {
    serde_json::from_value(printed).map_err(|e| Unviable::Invalid(e.to_string()))
}
