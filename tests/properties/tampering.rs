//! What a scheme signs, it accepts, derives alike, and refuses under other accounts; where it sorts the query, the
//! caller's order does not matter; and a message in which a signed part was changed, it refuses.
//!
//! What is signed is told by the scheme itself: a stage that a check compares comes out otherwise, or
//! cannot be derived; or the value of such a stage is no longer in the message.

use crate::base::{BASES, Base, Stages, shown};
use crate::text::Splice;
use crate::vary::Noise;
use arbitrary::{Arbitrary, Unstructured};
use countersign::primitive::percent::{self, Plus};
use countersign::request::{Pair, Request, Target};
use countersign::scheme::{Outcome, Program};
#[cfg(test)]
use rayon::prelude::*;
use std::collections::BTreeSet;
use std::sync::LazyLock;

/// A message and its fate.
#[derive(Debug, Arbitrary)]
struct Input {
    base: u16,
    part: u8,
    change: Splice,
    /// By how many places the query is turned.
    turn: u8,
    noise: Noise,
}

/// A base that can be signed and verified; where it sorts the query, with the programs of the permitted readings.
struct Both {
    base: &'static Base,
    sorting: Vec<Program>,
}

static BOTH: LazyLock<Vec<Both>> = LazyLock::new(|| {
    let both = BASES.iter().filter(|base| base.compiled.structure.one_sided().is_none());
    both.map(|base| Both { base, sorting: sorting(base) }).collect()
});

/// How short a value may be that also stands in a message by chance.
const TELLING: usize = 16;

/// Signs, changes and judges the message that these bytes encode.
pub fn run(bytes: &[u8]) {
    let Ok(input) = Input::arbitrary_take_rest(Unstructured::new(bytes)) else { return };
    let Both { base, sorting } = &BOTH[usize::from(input.base) % BOTH.len()];
    let base = input.noise.vary(base);
    let request = accepted(&base);
    another_account_is_not_accepted(&base, &request);
    sorting.iter().for_each(|program| order_does_not_matter(&base, program, usize::from(input.turn)));

    let mut changed = request.clone();
    input.change.apply(part(&mut changed, usize::from(input.part)));
    differing(&alone(base), &request, &changed);
}

/// The part with this number, counted round: target, method, body, and the values of header fields.
fn part(request: &mut Request, number: usize) -> &mut Vec<u8> {
    let mut parts: Vec<&mut Vec<u8>> = vec![&mut request.target, &mut request.method, &mut request.body];
    parts.extend(request.headers.iter_mut().map(|(_, value)| &mut value.0));
    let at = number % parts.len();
    parts.swap_remove(at)
}

/// The request as it is signed, which the scheme accepts and of which it derives what it signed.
fn accepted(base: &Base) -> Request {
    let program = base.compiled.program();
    let (request, signed) = base.sign(program).unwrap_or_else(|e| panic!("{base:?}, cannot be signed: {e}"));
    let (outcome, verified) = base.judge(program, &request);
    assert_eq!(outcome, Ok(Outcome::Accept), "{base:?}, signed: {}", shown(&request));
    let anew = verified.iter().filter(|(name, _)| base.compiled.structure.is_derived_anew(name));
    let differing: Vec<_> = anew.filter(|(name, value)| signed.get(*name) != Some(value)).collect();
    assert!(differing.is_empty(), "{base:?}: {differing:?} of {}", shown(&request));
    request
}

/// A server that does not know the account does not accept.
fn another_account_is_not_accepted(base: &Base, request: &Request) {
    if base.compiled.structure.needs_credentials() {
        let stranger = Base { account: Default::default(), ..base.clone() };
        let (outcome, _) = stranger.judge(base.compiled.program(), request);
        assert_ne!(outcome, Ok(Outcome::Accept), "{base:?} is accepted by a stranger: {}", shown(request));
    }
}

fn sorting(base: &Base) -> Vec<Program> {
    let structure = &base.compiled.structure;
    if structure.sorting().is_empty() || !matches!(base.intent.target, Target::Meant { .. }) {
        return Vec::new();
    }
    let scheme = &structure.scheme;
    let of = |reading: Option<&str>| {
        let scheme = scheme.resolved(None, reading).ok()?;
        Program::compile(&scheme, &scheme.operations[&base.compiled.operation]).ok()
    };
    crate::base::or_none(scheme.readings.keys()).into_iter().filter_map(of).collect()
}

/// Fields of distinct names, in another order, are sorted to the same.
fn order_does_not_matter(base: &Base, program: &Program, turn: usize) {
    let Target::Meant { path, query } = &base.intent.target else { return };
    let mut names = BTreeSet::new();
    let mut query = query.clone();
    query.retain(|Pair(name, value)| value.is_some() && names.insert(name.clone()));
    let sorting = base.compiled.structure.sorting();
    let stages = |query| {
        let mut base = base.clone();
        base.intent.target = Target::Meant { path: path.clone(), query };
        let signed = base.sign(program).ok();
        signed.map(|(_, mut stages)| {
            stages.retain(|name, _| sorting.contains(name));
            stages
        })
    };
    let mut turned = query.clone();
    turned.rotate_left(turn / 2 % query.len().max(1));
    if turn % 2 == 1 {
        turned.reverse();
    }
    assert_eq!(stages(query), stages(turned), "{base:?}: the order of the query matters");
}

/// The base of a server that knows nobody else: without a lookup the first account is the server's own.
fn alone(base: Base) -> Base {
    Base { others: Vec::new(), ..base }
}

/// Compared stages that a change makes others. Where it does, or where it takes one out of the message, the changed
/// message is refused.
fn differing(base: &Base, request: &Request, changed: &Request) -> BTreeSet<String> {
    let compared = &base.compiled.compared;
    let derived = |request| base.judge(&base.compiled.unchecked, request);
    let ((_, before), (readable, after)) = (derived(request), derived(changed));
    let differs = |stage: &&String| after.contains_key(*stage) && before.get(*stage) != after.get(*stage);
    let differing: BTreeSet<String> = compared.iter().filter(differs).cloned().collect();
    let is_other = || compared.iter().any(|stage| before.get(stage) != after.get(stage));
    let matters = readable != Ok(Outcome::Accept) || is_other() || is_gone(&before, compared, request, changed);
    if changed != request && !compared.is_empty() && matters {
        let (outcome, _) = base.judge(base.compiled.program(), changed);
        assert_ne!(outcome, Ok(Outcome::Accept), "{base:?}\n{}\nis accepted as\n{}", shown(request), shown(changed));
    }
    differing
}

/// Whether a compared value stood in the message, and does not any more.
fn is_gone(stages: &Stages, compared: &BTreeSet<String>, before: &Request, after: &Request) -> bool {
    let values = compared.iter().filter_map(|name| stages.get(name)).filter(|value| value.len() >= TELLING);
    let holds = |request: &Request, value: &[u8]| {
        let decoded = [decoded(&request.target), decoded(&request.body)];
        let fields = request.headers.iter().map(|(_, field)| &field.0);
        decoded.iter().chain(fields).any(|part| part.windows(value.len()).any(|found| found == value))
    };
    values.into_iter().any(|value| holds(before, value) && !holds(after, value))
}

/// Every escape that can be read, read.
fn decoded(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    for piece in bytes.split_inclusive(|&b| b == b'&' || b == b'=' || b == b'?') {
        let start = out.len();
        if percent::decode(piece, Plus::Space, &mut out).is_err() {
            out.truncate(start);
            out.extend_from_slice(piece);
        }
    }
    out
}

/// Every byte of a message, the signature's included, changed alone; each stage that authenticates the message depends
/// on one of them.
#[cfg(test)]
#[test]
fn a_change_of_any_byte_that_is_signed_is_refused() {
    let of_one = |Both { base, .. }: &Both| {
        let mut tried = 0;
        let base = alone((*base).clone());
        let request = accepted(&base);
        let mut caught = BTreeSet::new();
        for number in 0..3 + request.headers.len() {
            for at in 0..part(&mut request.clone(), number).len().max(1) {
                let mut changed = request.clone();
                let bytes = part(&mut changed, number);
                match bytes.get_mut(at) {
                    Some(byte) => *byte = if *byte == b'7' { b'5' } else { b'7' },
                    None => bytes.push(b'7'),
                }
                caught.extend(differing(&base, &request, &changed));
                tried += 1;
            }
        }
        let authenticating = base.compiled.compared.iter().filter(|stage| base.compiled.structure.authenticates(stage));
        let missed: Vec<_> = authenticating.filter(|stage| !caught.contains(*stage)).collect();
        assert!(missed.is_empty(), "{}: no byte was found that {missed:?} depends on", base.name);
        tried
    };
    let tried: usize = BOTH.par_iter().map(of_one).sum();
    assert!(tried > 10_000, "only {tried} bytes were changed");
}

#[cfg(test)]
#[test]
fn a_scheme_sorts() {
    assert!(BOTH.iter().any(|both| !both.sorting.is_empty()), "no scheme sorts the query");
}
