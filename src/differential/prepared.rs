//! One input from a fuzzer's bytes: a case of a scheme by the scheme's own structure, put to a
//! subject; of a difference, the simplest input that shows it and what explains it.

use super::{AGREEING, Finding, Fuzzing, Judged, look};
use crate::case::Case;
use crate::corpus::Entry;
use crate::inputs::{Ability, Input, Inputs};
use crate::runner::Verdict;
use crate::subject::{Connection, Hello, Op};
use crate::trial::Reference;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

/// A scheme with all that does not change from one input of a fuzzer to the next: made once, then
/// asked some ten thousand times a second.
#[derive(Debug)]
pub struct PreparedScheme<'e> {
    entry: &'e Entry,
    inputs: Inputs<'e>,
    /// Hello of the subject, where that is known.
    hello: Option<Hello>,
    reference: Mutex<Reference<'e>>,
    compared: AtomicU64,
}

impl<'e> PreparedScheme<'e> {
    /// Prepares a scheme for a subject that signs and verifies.
    pub fn of(entry: &'e Entry) -> PreparedScheme<'e> {
        let reference = Mutex::new(Reference::new(entry.schemes()));
        let inputs = Inputs::new(entry, Ability::Both);
        PreparedScheme { entry, inputs, hello: None, reference, compared: AtomicU64::new(0) }
    }

    /// Narrows it to a subject that does one of the two alone, so that no input is spent on the other.
    pub fn only(mut self, op: Op) -> PreparedScheme<'e> {
        self.inputs.limit(if op == Op::Sign { Ability::Sign } else { Ability::Verify });
        self
    }

    /// Narrows it to a subject that says so much of itself: what it does not do, or cannot be told, is
    /// not put to it.
    pub fn told(mut self, hello: &Hello) -> PreparedScheme<'e> {
        let ops = hello.schemes.get(&self.entry.name).map_or(&[][..], Vec::as_slice);
        self.inputs.limit(Ability::of(ops));
        self.hello = Some(hello.clone());
        self
    }

    /// The scheme with its vectors.
    pub fn entry(&self) -> &'e Entry {
        self.entry
    }

    /// Counts the inputs that a subject has answered so far. A test that ends with none has tested nothing.
    pub fn compared(&self) -> u64 {
        self.compared.load(Ordering::Relaxed)
    }

    /// The case that bytes mean; `None` where the reference cannot sign what was to be sent.
    pub fn case(&self, data: &[u8]) -> Option<Case> {
        let mut reference = self.reference.lock().unwrap_or_else(PoisonError::into_inner);
        self.inputs.of_bytes(data, &mut reference).map(|input| input.case(self.entry))
    }

    /// Puts the case that bytes mean to a subject and compares all that it shows (stages, signed
    /// request, judgement) with the reference. Of a difference, the simplest input that shows it,
    /// explained; also where the subject cannot be asked any more. `None` where all agrees, where the
    /// subject does not do this, and where the reference has no answer.
    pub fn difference(&self, subject: &mut dyn Connection, data: &[u8]) -> Option<Finding> {
        let mut reference = self.reference.lock().unwrap_or_else(PoisonError::into_inner);
        let input = self.inputs.of_bytes(data, &mut reference)?;
        let mut run = Fuzzing::new(self.entry, self.hello.as_ref(), subject, &mut reference);
        let found = run.judge(vec![input]).pop()?;
        match &found.verdict {
            Verdict::NotRun(_) => run.finding(None, vec![found]),
            verdict => {
                self.compared.fetch_add(verdict.ran().into(), Ordering::Relaxed);
                verdict.failure()?;
                run.explained(found, &self.inputs.bases)
            }
        }
    }
}

impl Fuzzing<'_, '_> {
    /// A difference with the simplest input that shows it and what explains it: that, and answers to
    /// plain inputs, on which the subject agrees.
    fn explained(&mut self, found: Judged, bases: &[Input]) -> Option<Finding> {
        let mut finding = self.finding(None, vec![found])?;
        self.shrink(&mut finding);
        if !matches!(finding.verdict, Verdict::Differs(_)) {
            return Some(finding);
        }
        // A subject that answers otherwise when it is asked again has no cause that could be named.
        let Some(found) = self.judge(vec![finding.input.clone()]).pop() else { return Some(finding) };
        if !matches!(found.verdict, Verdict::Differs(_)) {
            return Some(finding);
        }
        self.agree(&finding.input, bases);
        self.looks.insert(look(&found.case, &found.verdict), vec![found]);
        self.findings().pop().or(Some(finding))
    }

    /// Keeps answers to plain inputs of the same kind on which the subject agrees.
    fn agree(&mut self, input: &Input, bases: &[Input]) {
        let given = &input.given;
        let is_alike = |other: &&Input| {
            other.given.operation == given.operation
                && other.given.task.to_sign().is_some() == given.task.to_sign().is_some()
        };
        let alike: Vec<&Input> = bases.iter().filter(is_alike).collect();
        let step = alike.len().div_ceil(AGREEING).max(1);
        for found in self.judge(alike.into_iter().step_by(step).cloned().collect()) {
            if let (Verdict::Passed, Some(reply)) = (found.verdict, found.reply) {
                self.agreeing.push((found.case, reply));
            }
        }
    }
}
