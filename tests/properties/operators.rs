//! A mutant of a valid scheme, or two at once, is unviable or signs and verifies without panic and
//! within the bound of its work; it changes nothing but its own operation; it does what its operation does,
//! compiled from nothing; and the scheme of one mutant, printed, loads as the same scheme, unless it does
//! what no scheme file may say.

use crate::base::{BASES, Base, base};
use crate::bounds::{size, within_steps};
use crate::corpora::ENTRIES;
use crate::text::Splice;
use arbitrary::{Arbitrary, Unstructured};
use countersign::mutation::{Catalogue, Mutant, catalogue};
use countersign::request::{Request, Target};
use countersign::scheme::{
    self, Edit, Implementation, MUTANT_STEPS, Operation, Outcome, Program, Refused, Scheme, Unviable,
};
use indexmap::IndexMap;
use std::collections::{HashMap, HashSet};
use std::sync::{Arc, LazyLock, Mutex, MutexGuard, PoisonError};

/// Steps for each byte and doubling. A mutant may encode, compare and sort more often than a scheme.
const FACTOR: usize = 64;
/// What accounts, parameters and literals come to, in bytes.
const OWN: usize = 1024;

/// Mutants, and what they are given.
#[derive(Debug, Arbitrary)]
struct Input {
    base: u16,
    first: u16,
    /// Mostly one mutant, sometimes two.
    second: Option<u16>,
    meant: Splice,
    part: u8,
    sent: Splice,
}

/// Mutants by scheme and variant, made when they are first asked for.
static CATALOGUES: LazyLock<Mutex<HashMap<String, Arc<Catalogue>>>> = LazyLock::new(Mutex::default);

/// Mutants whose printed form was loaded: it does not depend on what they are given, and takes longest.
static LOADED: LazyLock<Mutex<HashSet<String>>> = LazyLock::new(Mutex::default);

fn lock<T>(shared: &Mutex<T>) -> MutexGuard<'_, T> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Runs the mutants that these bytes choose.
pub fn run(bytes: &[u8]) {
    let Ok(input) = Input::arbitrary_take_rest(Unstructured::new(bytes)) else { return };
    let base = base(input.base);
    let catalogue = mutants_of(base);
    let mutants: Vec<&Mutant> = catalogue.mutants.iter().filter(|mutant| fits(base, mutant)).collect();
    let pick = |number: u16| mutants[usize::from(number) % mutants.len()];
    if mutants.is_empty() {
        return;
    }
    let first = pick(input.first);
    let chosen: Vec<&Mutant> = std::iter::once(first).chain(input.second.map(pick)).collect();
    let what = chosen.iter().map(|mutant| mutant.id.as_str()).collect::<Vec<_>>().join(" and ");
    let what = format!("{}, {}: {what}", base.compiled.name, base.compiled.variant.as_deref().unwrap_or("no variant"));
    let scheme = &base.compiled.structure.scheme;
    let made = made(base, &chosen);
    if let Ok(implementation) = &made {
        let whole = Program::compile(scheme, &implementation.operation());
        let whole = whole.unwrap_or_else(|why| panic!("{what} is compiled, and its operation cannot be: {why}"));
        evaluate(&what, base, &implementation.program, &input);
        same(&what, base, [&implementation.program, &whole], &input);
    }
    let operations = match edited(base, &chosen) {
        Ok(operations) => operations,
        // Two edits may not fit together, and a variant may have taken a mutant's node away.
        Err(_) if chosen.len() > 1 || base.compiled.variant != first.variant => return,
        Err(why) => panic!("{what} is among those that can be evaluated, and cannot be: {why}"),
    };
    for (name, operation) in &operations {
        let is_own = *name == base.compiled.operation;
        assert!(is_own || *operation == scheme.operations[name], "{what} changes the operation {name}");
    }
    let own = &operations[&base.compiled.operation];
    let program = match Program::compile(scheme, own) {
        Ok(program) => program,
        Err(_) if chosen.len() > 1 || base.compiled.variant != first.variant => return,
        Err(why) => panic!("{what} is among those that can be evaluated, and cannot be: {why}"),
    };
    if chosen.len() > 1 {
        evaluate(&what, base, &program, &input);
        return;
    }
    let made = made.unwrap_or_else(|why| panic!("{what} can be compiled, but not from what its edits leave: {why}"));
    assert_eq!(made.operation(), *own, "{what}: the implementation has another operation");
    let is_new = !lock(&LOADED).contains(&what);
    if is_new {
        load_again(&what, &Scheme { operations, ..scheme.clone() });
        lock(&LOADED).insert(what);
    }
}

/// Whether a mutant is one of the operation that a base signs.
fn fits(base: &Base, mutant: &Mutant) -> bool {
    let variant = &base.compiled.variant;
    mutant.operation == base.compiled.operation && (mutant.variant.is_none() || mutant.variant == *variant)
}

/// For each operator, the first base and mutant that it makes: a name, and the two numbers of an input.
pub fn first_of_each() -> Vec<(String, [u16; 2])> {
    let (mut first, mut known) = (Vec::new(), HashSet::new());
    for (number, base) in BASES.iter().enumerate() {
        let catalogue = mutants_of(base);
        for (i, mutant) in catalogue.mutants.iter().filter(|mutant| fits(base, mutant)).enumerate() {
            let operator = mutant.id.split('@').next().unwrap_or_default();
            if known.insert(operator.to_owned()) {
                first.push((operator.to_owned(), [number as u16, i as u16]));
            }
        }
    }
    first
}

fn mutants_of(base: &Base) -> Arc<Catalogue> {
    let mut all = lock(&CATALOGUES);
    // Of the scheme without a variant, which has the variants' own mutants, too.
    let make = || {
        let entry = ENTRIES.iter().find(|entry| entry.name == base.compiled.name);
        Arc::new(catalogue(&entry.expect("a base is of a scheme of the corpora").scheme))
    };
    Arc::clone(all.entry(base.compiled.name.clone()).or_insert_with(make))
}

/// Every edit, the last first so that none moves the node of another.
fn edits<'m>(mutants: &[&'m Mutant]) -> Vec<&'m Edit> {
    mutants.iter().flat_map(|mutant| &mutant.edits).rev().collect()
}

/// The operations with the edits made.
fn edited(base: &Base, mutants: &[&Mutant]) -> Result<IndexMap<String, Operation>, Unviable> {
    let scheme = &base.compiled.structure.scheme;
    let edited = |name: &String| scheme.edited(name, edits(mutants)).map_err(|(_, why)| why);
    scheme.operations.keys().map(|name| Ok((name.clone(), edited(name)?))).collect()
}

/// The implementation with the edits made: one mutant, or one and another.
fn made(base: &Base, mutants: &[&Mutant]) -> Result<Implementation, Unviable> {
    let mut all = mutants.iter().map(|mutant| mutant.of(&base.compiled.implementation));
    let first = all.next().expect("a mutant was chosen")?;
    all.try_fold(first, |made, other| made.and(&other?))
}

/// What is meant, varied.
fn varied(base: &Base, input: &Input) -> Base {
    // A server that knows nobody else: what its accounts come to is not counted.
    let mut varied = Base { others: Vec::new(), ..base.clone() };
    match &mut varied.intent.target {
        Target::Exact(target) => input.meant.apply(target),
        Target::Meant { path, query } => {
            let part = query.last_mut().and_then(|pair| pair.1.as_mut()).unwrap_or(path);
            input.meant.apply(part);
        }
    }
    varied
}

fn evaluate(what: &str, base: &Base, program: &Program, input: &Input) {
    let varied = varied(base, input);
    let given = size(&varied.intent.to_wire());
    let signed = within_steps(&format!("{what}, signing"), given, OWN, FACTOR, || varied.sign(program));
    let right = varied.sign(base.compiled.program());
    for request in [signed, right].into_iter().flatten().flat_map(|(request, _)| sent(request, input)) {
        // What it says is the mutant's business; a clock or number that is missing is an error.
        let judge = || drop(varied.judge(program, &request));
        within_steps(&format!("{what}, verifying"), size(&request), OWN, FACTOR, judge);
    }
}

/// Whether two programs sign alike, and judge alike what the scheme and they sign.
fn same(what: &str, base: &Base, programs: [&Program; 2], input: &Input) {
    let varied = varied(base, input);
    let [signed, other] = programs.map(|program| varied.sign(program));
    assert_eq!(signed, other, "{what}, compiled from nothing, signs otherwise");
    let right = varied.sign(base.compiled.program());
    for request in [signed, right].into_iter().flatten().flat_map(|(request, _)| sent(request, input)) {
        // Where a check is left out, those after it keep their numbers in one program and move up in the other.
        let unnumbered = |outcome| match outcome {
            Outcome::Reject(refused) => Outcome::Reject(Refused { check: None, ..refused }),
            Outcome::Accept => Outcome::Accept,
        };
        let judge = |program| {
            let (outcome, stages) = varied.judge(program, &request);
            (outcome.map(unnumbered), stages)
        };
        let [judged, other] = programs.map(judge);
        assert_eq!(judged, other, "{what}, compiled from nothing, judges otherwise");
    }
}

/// A request as it was signed, and changed on its way.
fn sent(request: Request, input: &Input) -> [Request; 2] {
    let mut changed = request.clone();
    splice(&mut changed, input);
    [request, changed]
}

fn splice(request: &mut Request, input: &Input) {
    let mut parts: Vec<&mut Vec<u8>> = vec![&mut request.target, &mut request.body];
    parts.extend(request.headers.iter_mut().map(|(_, value)| &mut value.0));
    let at = usize::from(input.part) % parts.len();
    input.sent.apply(parts[at]);
}

/// Variants and readings edit the scheme as it was, so it is printed without them.
fn load_again(what: &str, mutated: &Scheme) {
    let alone = Scheme { variants: IndexMap::new(), readings: IndexMap::new(), ..mutated.clone() };
    let printed = alone.printed().to_string();
    match scheme::load("printed", printed.as_bytes()) {
        Ok(again) => assert_eq!(again, alone, "{what}: printed and loaded it is another scheme"),
        Err(error) => {
            let uses = |word: &str| printed.contains(&format!("\"{word}\""));
            let is_unsayable = uses("deviation") || MUTANT_STEPS.iter().any(|step| uses(step.word));
            assert!(is_unsayable, "{what}: what is printed does not load: {error}\n{printed}");
        }
    }
}
