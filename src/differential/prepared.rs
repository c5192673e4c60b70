//! One input from a fuzzer's bytes: a case of a scheme by the scheme's own structure, put to a
//! subject; of a difference, the simplest input that shows it and what explains it.

use super::choices::Read;
use super::input::{bases, sent};
use super::{AGREEING, Finding, Found, Run, change, look, wire};
use crate::corpus::Entry;
use crate::mutation::Candidate;
use crate::runner::Verdict;
use crate::subject::{Case, Connection, Hello, Op, Reference};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

/// A scheme with all that does not change from one input of a fuzzer to the next: made once, then
/// asked some ten thousand times a second.
///
/// Bytes mean: two for the input of the corpus that is changed, one for how it is changed, sixteen
/// for each change, and the rest is content that the changes put in. Fewer bytes mean zeros, so all
/// bytes mean something.
#[derive(Debug)]
pub struct PreparedScheme<'e> {
    entry: &'e Entry,
    does: Does,
    /// What the subject says of itself, where that is known.
    hello: Option<Hello>,
    bases: Vec<Candidate>,
    reference: Mutex<Reference<'e>>,
    compared: AtomicU64,
}

/// What the subject does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Does {
    Both,
    Only(Op),
}

/// How an input is changed, from one byte.
struct Shape {
    /// How often what is to be signed.
    signing: usize,
    /// How often the message on the wire.
    wire: usize,
    /// Whether a secret is.
    secret: bool,
    /// Whether what is to be signed is signed by the reference, and verified by the subject.
    sent: bool,
    /// Whether the message arrives once more.
    again: bool,
}

impl Shape {
    fn of(byte: u8) -> Shape {
        let bit = |n: u8| byte >> n & 1 == 1;
        let count = |n: u8| usize::from(byte >> n & 3);
        Shape { signing: count(0), wire: count(2), secret: bit(5), sent: bit(4), again: bit(6) }
    }

    fn changes(&self) -> usize {
        self.signing + self.wire + usize::from(self.secret)
    }
}

impl<'e> PreparedScheme<'e> {
    /// Prepares a scheme for a subject that signs and verifies.
    pub fn of(entry: &'e Entry) -> PreparedScheme<'e> {
        let reference = Mutex::new(Reference::of(entry));
        PreparedScheme {
            entry,
            does: Does::Both,
            hello: None,
            bases: bases(entry, |_| true),
            reference,
            compared: AtomicU64::new(0),
        }
    }

    /// The same for a subject that does one of the two alone, so that no input is spent on the other.
    pub fn only(mut self, op: Op) -> PreparedScheme<'e> {
        self.does = Does::Only(op);
        // What is signed by the reference becomes something to verify.
        if op == Op::Sign {
            self.bases.retain(|input| input.given.sign.is_some());
        }
        self
    }

    /// The same for a subject that says so much of itself: what it does not do, or cannot be told, is
    /// not put to it.
    pub fn told(self, hello: &Hello) -> PreparedScheme<'e> {
        let ops = hello.schemes.get(&self.entry.name).map_or(&[][..], Vec::as_slice);
        let does = |op: &str| ops.iter().any(|offered| offered == op);
        let prepared = match (does("sign"), does("verify")) {
            (true, false) => self.only(Op::Sign),
            (false, true) => self.only(Op::Verify),
            _ => self,
        };
        PreparedScheme { hello: Some(hello.clone()), ..prepared }
    }

    /// The scheme with its vectors.
    pub fn entry(&self) -> &'e Entry {
        self.entry
    }

    /// How many inputs a subject has answered so far. A test that ends with none has tested nothing.
    pub fn compared(&self) -> u64 {
        self.compared.load(Ordering::Relaxed)
    }

    /// The case that bytes mean; `None` where the reference cannot sign what was to be sent.
    pub fn case(&self, data: &[u8]) -> Option<Case> {
        let mut reference = self.reference.lock().unwrap_or_else(PoisonError::into_inner);
        self.input(data, &mut reference).map(|input| input.case(self.entry))
    }

    /// Puts the case that bytes mean to a subject and compares all that it shows (stages, signed
    /// request, judgement) with the reference. Of a difference, the simplest input that shows it,
    /// explained; also where the subject cannot be asked any more. `None` where all agrees, where the
    /// subject does not do this, and where the reference has no answer.
    pub fn difference(&self, subject: &mut dyn Connection, data: &[u8]) -> Option<Finding> {
        let mut reference = self.reference.lock().unwrap_or_else(PoisonError::into_inner);
        let input = self.input(data, &mut reference)?;
        let mut run = Run::new(self.entry, self.hello.as_ref(), subject, &mut reference);
        let found = run.judge(vec![input]).pop()?;
        match &found.verdict {
            Verdict::NotRun(_) => run.finding(None, vec![found]),
            verdict => {
                self.compared.fetch_add(verdict.ran().into(), Ordering::Relaxed);
                verdict.failure()?;
                run.explained(found, &self.bases)
            }
        }
    }

    /// The input that bytes mean.
    fn input(&self, data: &[u8], reference: &mut Reference<'_>) -> Option<Candidate> {
        let mut read = Read::new(data, 3);
        let at = usize::from(u16::from_le_bytes([read.byte(), read.byte()]));
        let mut input = self.bases.get(at % self.bases.len().max(1))?.clone();
        let shape = Shape::of(read.byte());
        read.expect(shape.changes());
        let scheme = &self.entry.scheme;
        if let Some(sign) = &mut input.given.sign {
            (0..shape.signing).for_each(|_| change::signing(scheme, sign, &mut read.change()));
        }
        if shape.secret {
            change::secret(scheme, &mut input, &mut read.change());
        }
        let is_sent = match self.does {
            Does::Both => shape.sent,
            Does::Only(op) => op == Op::Verify,
        };
        if input.given.sign.is_some() && is_sent {
            input = sent(self.entry, &input, "signed-and-sent", reference)?;
        }
        if let Some(verify) = &mut input.given.verify {
            let last = verify.steps.len().saturating_sub(1);
            if let Some(step) = verify.steps.get_mut(last) {
                (0..shape.wire).for_each(|_| wire::change(step, &mut read.change()));
            }
            verify.steps.extend(shape.again.then(|| verify.steps.last().cloned()).flatten());
        }
        // No recipe tells it any more.
        input.fault = None;
        Some(input)
    }
}

impl Run<'_, '_> {
    /// A difference with the simplest input that shows it and what explains it: that, and answers to
    /// plain inputs, on which the subject agrees.
    fn explained(&mut self, found: Found, bases: &[Candidate]) -> Option<Finding> {
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
    fn agree(&mut self, input: &Candidate, bases: &[Candidate]) {
        let given = &input.given;
        let is_alike = |other: &&Candidate| {
            other.given.operation == given.operation && other.given.sign.is_some() == given.sign.is_some()
        };
        let alike: Vec<&Candidate> = bases.iter().filter(is_alike).collect();
        let step = alike.len().div_ceil(AGREEING).max(1);
        for found in self.judge(alike.into_iter().step_by(step).cloned().collect()) {
            if let (Verdict::Passed, Some(reply)) = (found.verdict, found.reply) {
                self.agreeing.push((found.case, reply));
            }
        }
    }
}
