//! A signed message that was changed is refused.

use crate::base::{BASES, Base, shown};
use crate::noise::noise;
use crate::runner;
use countersign::bytes::Bytes;
use countersign::request::Request;
use countersign::scheme::{Outcome, Program};
use proptest::prelude::*;
use proptest::sample::Index;
use std::cell::RefCell;
use std::collections::BTreeSet;

/// One byte of one part replaced, put in or taken out.
#[derive(Debug, Clone)]
struct Change {
    part: Index,
    at: Index,
    byte: u8,
    how: u8,
}

fn change() -> impl Strategy<Value = Change> {
    // Letters and digits, too, so that what is changed can mostly still be read.
    let byte = prop_oneof![proptest::char::range('0', 'z').prop_map(|c| c as u8), any::<u8>()];
    (any::<Index>(), any::<Index>(), byte, 0u8..3).prop_map(|(part, at, byte, how)| Change { part, at, byte, how })
}

impl Change {
    /// The request with the change made.
    fn of(&self, request: &Request) -> Request {
        let mut request = request.clone();
        let mut parts: Vec<&mut Bytes> = vec![&mut request.method, &mut request.target, &mut request.body];
        parts.extend(request.headers.iter_mut().map(|(_, value)| value));
        let at = self.part.index(parts.len());
        let part = &mut parts[at];
        match (part.len(), self.how) {
            (0, _) => part.push(self.byte),
            (len, 0) => part.insert(self.at.index(len), self.byte),
            (len, 1) => drop(part.remove(self.at.index(len))),
            (len, _) => part[self.at.index(len)] = self.byte,
        }
        request
    }
}

/// The program without its checks: it tells what a verifier derives of a message, right or wrong.
fn without_checks(base: &Base) -> Program {
    let mut operation = base.structure.operation.clone();
    operation.verify.clear();
    Program::compile(&base.structure.scheme, &operation).unwrap()
}

#[test]
fn a_change_of_anything_that_is_signed_is_refused() {
    let signing: Vec<Base> =
        BASES.iter().filter(|base| !base.structure.compared_stages().is_empty()).cloned().collect();
    let caught = RefCell::new(BTreeSet::new());
    let result = runner(3000).run(&(noise(), change()), |(noise, change)| {
        let mut base = noise.vary(&signing);
        // Alone, since without a lookup the first account is the server's own.
        base.others.clear();
        let (request, _) = base.sign().map_err(|e| TestCaseError::fail(e.to_string()))?;
        let changed = change.of(&request);
        let derive = without_checks(&base);
        let (_, before) = base.judge(&derive, &request).unwrap();
        let (readable, after) = base.judge(&derive, &changed).unwrap();
        let compared = base.structure.compared_stages();
        if readable == Outcome::Accept && compared.iter().all(|stage| before.get(stage) == after.get(stage)) {
            return Ok(());
        }
        let (outcome, _) = base.verify(&changed).unwrap();
        prop_assert!(
            outcome != Outcome::Accept,
            "{:?}\n{}\nwas accepted as\n{}",
            base,
            shown(&request),
            shown(&changed)
        );
        let differing =
            compared.iter().filter(|stage| after.contains_key(*stage) && before.get(*stage) != after.get(*stage));
        caught.borrow_mut().extend(differing.map(|stage| (base.structure.scheme.title.clone(), stage.clone())));
        Ok(())
    });
    result.unwrap_or_else(|e| panic!("{e}"));

    let caught = caught.into_inner();
    for base in &signing {
        for stage in base.structure.compared_stages().into_iter().filter(|stage| base.structure.authenticates(stage)) {
            let claim = (base.structure.scheme.title.clone(), stage);
            assert!(caught.contains(&claim), "no change was tried that {claim:?} depends on; more cases are needed");
        }
    }
}

/// One character of the signature itself.
#[test]
fn a_changed_signature_is_refused() {
    let signing: Vec<Base> =
        BASES.iter().filter(|base| !base.structure.compared_stages().is_empty()).cloned().collect();
    let mut tried = 0;
    for base in &signing {
        let (request, stages) = base.sign().unwrap();
        for stage in base.structure.compared_stages() {
            let Some(value) = stages.get(&stage).filter(|value| value.len() >= 16) else { continue };
            for at in 0..value.len() {
                let mut changed = value.clone();
                changed[at] = if changed[at] == b'7' { b'5' } else { b'7' };
                let Some(forged) = exchanged(base, &request, value, &changed) else { continue };
                let (outcome, _) = base.verify(&forged).unwrap();
                assert_ne!(outcome, Outcome::Accept, "{}: byte {at} of {stage}", base.name);
                tried += 1;
            }
        }
    }
    assert!(tried > 1000, "only {tried} signatures were changed");
}

/// The request with a value exchanged for another where the scheme places it; none where it is not there.
fn exchanged(base: &Base, request: &Request, old: &[u8], new: &[u8]) -> Option<Request> {
    let mut request = request.clone();
    let in_query = !base.structure.placed_fields("query").is_empty();
    let in_headers = base.structure.placed_fields("header");
    let placed = |name: &[u8]| in_headers.iter().any(|placed| placed.as_bytes().eq_ignore_ascii_case(name));
    let target = Some(&mut request.target).filter(|_| in_query).into_iter();
    let parts = target.chain(request.headers.iter_mut().filter(|(name, _)| placed(name)).map(|(_, value)| value));
    let (part, at) =
        parts.filter_map(|part| part.windows(old.len()).position(|w| w == old).map(|at| (part, at))).next()?;
    part[at..at + old.len()].copy_from_slice(new);
    Some(request)
}
