//! Programs, whole and with some units compiled again.

use super::compiler::{Compiler, Unit, wrong_way};
use crate::primitive::percent::Plus;
use crate::scheme::item::{Check, Pipeline, Problem, by_name};
use crate::scheme::machine::Program;
use crate::scheme::model::{Binding, Keep, Operation, Parameter, QueryForm, Scheme};
use indexmap::IndexMap;
use serde_json::Value;
use std::sync::Arc;

impl Program {
    /// Compiles an operation; `scheme` gives the account and the parameters.
    pub fn compile(scheme: &Scheme, operation: &Operation) -> Result<Program, Problem> {
        Program::compiled(Compiler::new(scheme, operation))
    }

    /// Compiles an operation as a file says it, which may prescribe nothing that only mutants do.
    pub(in crate::scheme) fn compile_as_written(scheme: &Scheme, operation: &Operation) -> Result<Program, Problem> {
        Program::compiled(Compiler { as_written: true, ..Compiler::new(scheme, operation) })
    }

    /// Compiles an operation after edits. It keeps no keys: those of an account are kept for what was edited.
    pub(in crate::scheme) fn compile_edited(scheme: &Scheme, operation: &Operation) -> Result<Program, Problem> {
        Program::compiled(Compiler { keys: None, ..Compiler::new(scheme, operation) })
    }

    fn compiled(mut c: Compiler<'_>) -> Result<Program, Problem> {
        let operation = c.operation;
        if let Some(way) = operation.wire.deviation.filter(|_| c.as_written) {
            return Err(wrong_way(way.word()).within(["wire".into()]));
        }
        let bindings = c.bindings(&operation.receive)?;
        for (name, pipeline) in &operation.derive {
            let stage = c.stage_unit(name, pipeline)?;
            c.stages.push(stage);
        }
        let prepare = c.placed_units(&operation.prepare, true)?;
        let place = c.placed_units(&operation.place, false)?;
        c.verifying = true;
        let checks =
            operation.verify.iter().enumerate().map(|(i, check)| c.check_unit(i, check)).collect::<Result<_, _>>()?;
        let default = |parameter: &Parameter| parameter.default.clone().map(String::into_bytes);
        let mut program = Program {
            credentials: c.account.into(),
            careless: false,
            parameters: c.parameters.iter().map(|(n, p)| (n.clone(), default(p))).collect(),
            fixed: c.fixed,
            keys: c.keys.unwrap_or_default(),
            plus: match operation.wire.query {
                QueryForm::Form => Plus::Space,
                QueryForm::Percent => Plus::Literal,
            },
            misreading: operation.wire.deviation,
            forms: Vec::new(),
            written_anew: false,
            refuse: Arc::new(operation.refuse.clone()),
            prepare,
            bindings,
            received: c.received,
            passing: Vec::new(),
            stages: c.stages,
            place,
            checks,
        };
        program.take_time(&operation.receive);
        program.pass_on();
        Ok(program)
    }

    fn take_time(&mut self, receive: &IndexMap<String, Binding>) {
        let time = receive.get("time");
        self.forms = time.map(Binding::read_as).unwrap_or_default();
        self.written_anew = time.is_some_and(|binding| binding.keep == Keep::Instant);
    }

    /// The program of an operation that differs from this program's in some units alone, each as it is printed now, or
    /// left out; `None` where what they give is of another kind than before, so that the others are concerned too.
    pub(in crate::scheme) fn recompiled<'p>(
        &self,
        scheme: &Scheme,
        operation: &Operation,
        changed: impl Iterator<Item = (Unit, &'p Option<Arc<Value>>)>,
    ) -> Result<Option<Program>, Problem> {
        let mut program = self.clone();
        let mut c = Compiler::new(scheme, operation);
        c.keys = None;
        for (unit, part) in changed {
            c.received.clone_from(&program.received);
            c.stages.clone_from(&program.stages);
            let part = part.as_deref().cloned();
            match (unit, part) {
                (Unit::Receive, Some(part)) => {
                    let receive = by_name(part, "a map of bindings", Binding::try_from)?;
                    c.received.clear();
                    program.bindings = c.bindings(&receive)?;
                    // What is received has numbers that all units share.
                    if c.received != program.received
                        || receive.contains_key("time") != operation.receive.contains_key("time")
                    {
                        return Ok(None);
                    }
                    program.take_time(&receive);
                }
                (Unit::Stage(i), Some(part)) => {
                    c.stages.truncate(i);
                    let old = &self.stages[i];
                    let stage = c.stage_unit(&old.name, &Pipeline::try_from(part)?)?;
                    if (stage.ty, &stage.reads, stage.received) != (old.ty, &old.reads, old.received) {
                        return Ok(None);
                    }
                    program.stages[i] = stage;
                }
                (Unit::Prepare(i), Some(part)) => {
                    let old = &self.prepare[i];
                    program.prepare[i] = c.placed_unit((old.into, &old.name, &Pipeline::try_from(part)?), true)?;
                }
                (Unit::Place(i), Some(part)) => {
                    let old = &self.place[i];
                    program.place[i] = c.placed_unit((old.into, &old.name, &Pipeline::try_from(part)?), false)?;
                }
                (Unit::Check(i), Some(part)) => {
                    c.verifying = true;
                    program.checks[i] = c.check_unit(i, &Check::try_from(part)?)?;
                    c.verifying = false;
                }
                (Unit::Prepare(i), None) => program.prepare[i] = Arc::new(self.prepare[i].left_out()),
                (Unit::Place(i), None) => program.place[i] = Arc::new(self.place[i].left_out()),
                (Unit::Check(i), None) => program.checks[i] = Arc::new(self.checks[i].left_out()),
                (Unit::Receive | Unit::Stage(_), None) => return Ok(None),
            }
        }
        program.fixed += c.fixed;
        program.pass_on();
        Ok(Some(program))
    }

    /// This program with units of another one of the same operation in place of its own.
    pub(in crate::scheme) fn with_units<'u>(&self, other: &Program, units: impl Iterator<Item = &'u Unit>) -> Program {
        let mut program = self.clone();
        for unit in units {
            match *unit {
                Unit::Receive => {
                    program.bindings.clone_from(&other.bindings);
                    program.forms.clone_from(&other.forms);
                    program.written_anew = other.written_anew;
                }
                Unit::Stage(i) => program.stages[i] = Arc::clone(&other.stages[i]),
                Unit::Prepare(i) => program.prepare[i] = Arc::clone(&other.prepare[i]),
                Unit::Place(i) => program.place[i] = Arc::clone(&other.place[i]),
                Unit::Check(i) => program.checks[i] = Arc::clone(&other.checks[i]),
            }
        }
        program.fixed = self.fixed.max(other.fixed);
        program.pass_on();
        program
    }

    /// Finds the stages that one later stage takes as they are, whatever the message, and nothing else does.
    fn pass_on(&mut self) {
        let mut uses = vec![0; self.stages.len()];
        let placed = self.prepare.iter().chain(&self.place).map(|placed| &placed.uses);
        let checks = self.checks.iter().map(|check| &check.uses);
        let stages = self.stages.iter().map(|stage| &stage.uses);
        placed.chain(checks).chain(stages).flatten().for_each(|&stage| uses[stage] += 1);
        self.passing.clear();
        self.passing.resize(self.stages.len(), false);
        for taken in self.stages.iter().flat_map(|stage| &stage.takes) {
            self.passing[*taken] = uses[*taken] == 1;
        }
    }
}
