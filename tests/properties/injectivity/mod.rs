//! Two requests that mean something else in a part that a scheme signs have different strings to sign,
//! unless the scheme declares the weakness by which they have not.
//!
//! A second request is made from a first by moving bytes across the borders of pieces, and by splitting,
//! joining, repeating, exchanging and respelling fields. Where all signed stages are equal, a `delimited` edition of
//! the scheme says why: it puts a separator wherever the scheme joins pieces. If it tells the two apart, the
//! cause is a missing or ambiguous delimiter, which a flag of the scheme has to declare by its class (D01,
//! D03, D05 or D06); if it does not, a step has lost what differs, and that is a mistake.
//!
//! What counts as one meaning: fields in another order where the scheme sorts, those of one name where it
//! sorts by value; a field without a value and one with an empty value; what `except` and `only` leave out;
//! paths that are the same once they are normalised, where the scheme does that. Parts that no signed stage
//! reads are not compared.

mod delimited;
mod meaning;

use crate::base::{BASES, Base, Stages};
use crate::text::Text;
use arbitrary::{Arbitrary, Unstructured};
use countersign::scheme::{Operation, Program};
use meaning::{Meaning, Read};
use percent_encoding::{AsciiSet, CONTROLS, percent_decode, percent_encode};
use std::sync::LazyLock;

/// Two requests: one of a vector with some more in it, and another one made from it.
#[derive(Debug, Arbitrary)]
struct Input {
    base: u16,
    more: Vec<(Text, Option<Text>)>,
    moves: Vec<Move>,
}

/// A change that moves bytes across the borders of pieces, or pieces as a whole.
#[derive(Debug, Arbitrary)]
enum Move {
    /// The last bytes of a piece become the first of the next, or the other way round.
    Shift {
        piece: u8,
        bytes: u8,
        back: bool,
    },
    /// One field becomes two.
    Split {
        field: u8,
        name: u8,
        value: u8,
    },
    /// A field becomes the end of the value before it.
    Join {
        field: u8,
    },
    Exchange(u8, u8),
    Repeat(u8),
    Drop(u8),
    Value {
        field: u8,
        text: Option<Text>,
    },
    Path(Text),
    Body(Text),
    Method(u8),
    /// A piece is written in a way that some step might take for the same.
    Respell {
        piece: u8,
        how: u8,
    },
}

/// What is written as an escape when a piece is respelt, beside what is not ASCII.
const ESCAPED: &AsciiSet = &CONTROLS.add(b' ').add(b'%').add(b'+').add(b'&').add(b'=').add(b'"');

/// A base whose scheme signs something of the message, and what that is.
struct Signing {
    base: &'static Base,
    read: Read,
    delimited: Program,
}

static SIGNING: LazyLock<Vec<Signing>> = LazyLock::new(|| BASES.iter().filter_map(Signing::of).collect());

/// At most so many moves: two of them can make a value twice as long.
const MOVES: usize = 12;

/// Classes of bugs whose cause is that pieces are joined without a delimiter that none of them can hold.
const BORDERS: [&str; 4] = ["D01", "D03", "D05", "D06"];

/// Compares the two requests that these bytes encode.
pub fn run(bytes: &[u8]) {
    let Ok(input) = Input::arbitrary_take_rest(Unstructured::new(bytes)) else { return };
    let signing = &SIGNING[usize::from(input.base) % SIGNING.len()];
    let mut first = Meaning::of(signing.base, &signing.read);
    first.query.extend(input.more.iter().map(|(name, value)| (name.0.clone(), value.as_ref().map(|v| v.0.clone()))));
    let scheme = &signing.base.compiled.structure.scheme;
    first.confine(scheme, signing.operation());
    let mut second = first.clone();
    input.moves.iter().take(MOVES).for_each(|change| change.apply(&mut second, &scheme.domain.methods));
    second.confine(scheme, signing.operation());
    if first.as_read(&signing.read) != second.as_read(&signing.read) {
        signing.compare(&first, &second);
    }
}

impl Signing {
    fn of(base: &'static Base) -> Option<Signing> {
        let structure = &base.compiled.structure;
        let operation = &structure.operation;
        let read = Read::by(operation, &base.compiled.signed);
        let is_comparable = Meaning::can_hold(base) && read != Read::default();
        let delimited = || delimited::program(&structure.scheme, operation);
        is_comparable.then(|| Signing { base, read, delimited: delimited() })
    }

    fn operation(&self) -> &'static Operation {
        &self.base.compiled.structure.operation
    }

    /// The signed stages of a request as a program derives them; none where it cannot be signed.
    fn stages(&self, program: &Program, meaning: &Meaning) -> Option<(String, Stages)> {
        let (request, stages) = meaning.put_into(self.base).sign(program).ok()?;
        let stages = self.base.compiled.signed_of(stages);
        Some((format!("{request:?} with {:?}", meaning.parameters), stages))
    }

    fn compare(&self, first: &Meaning, second: &Meaning) {
        let stages = |program, meaning| self.stages(program, meaning);
        let program = self.base.compiled.program();
        let (Some((one, left)), Some((other, right))) = (stages(program, first), stages(program, second)) else {
            return;
        };
        if left != right {
            return;
        }
        let apart = |meaning| stages(&self.delimited, meaning).map(|(_, stages)| stages);
        let name = &self.base.compiled.name;
        assert!(
            apart(first) != apart(second),
            "{name}: a step loses what differs between {one} and {other}: both are signed as {left:?}"
        );
        let flags = self.base.compiled.structure.scheme.flags.values();
        let mut classes = flags.map(|flag| flag.bug_class.as_str());
        assert!(
            classes.any(|class| BORDERS.iter().any(|border| class.contains(border))),
            "{name}: pieces that are joined collide, and no flag of the scheme declares it: {one} and {other} are \
             both signed as {left:?}"
        );
    }
}

impl Move {
    fn apply(&self, meaning: &mut Meaning, methods: &[String]) {
        let count = meaning.query.len();
        let field = |i: u8| usize::from(i) % count.max(1);
        match self {
            Move::Method(i) => meaning.method = methods[usize::from(*i) % methods.len()].clone().into_bytes(),
            Move::Path(path) => meaning.path = [b"/", path.0.as_slice()].concat(),
            Move::Body(body) => meaning.body = meaning.body.as_ref().map(|_| body.0.clone()),
            Move::Shift { piece, bytes, back } => shift(&mut meaning.pieces(), *piece, *bytes, *back),
            Move::Respell { piece, how } => {
                let mut pieces = meaning.pieces();
                let at = usize::from(*piece) % pieces.len();
                *pieces[at] = respelt(pieces[at], *how);
            }
            _ if count == 0 => {}
            Move::Exchange(a, b) => meaning.query.swap(field(*a), field(*b)),
            Move::Repeat(i) => meaning.query.insert(field(*i), meaning.query[field(*i)].clone()),
            Move::Drop(i) => drop(meaning.query.remove(field(*i))),
            Move::Value { field: i, text } => meaning.query[field(*i)].1 = text.as_ref().map(|text| text.0.clone()),
            Move::Split { field: i, name, value } => {
                let (_, Some(text)) = &mut meaning.query[field(*i)] else { return };
                let mut rest = text.split_off(usize::from(*name) % (text.len() + 1));
                let value = rest.split_off(usize::from(*value) % (rest.len() + 1));
                meaning.query.insert(field(*i) + 1, (rest, Some(value)));
            }
            Move::Join { field: i } if field(*i) > 0 => {
                let (name, value) = meaning.query.remove(field(*i));
                let (_, before) = &mut meaning.query[field(*i) - 1];
                let joined = [before.take().unwrap_or_default(), name, value.unwrap_or_default()].concat();
                *before = Some(joined);
            }
            Move::Join { .. } => {}
        }
    }
}

fn respelt(piece: &[u8], how: u8) -> Vec<u8> {
    match how % 6 {
        0 => percent_encode(piece, ESCAPED).to_string().into_bytes(),
        1 => percent_decode(piece).collect(),
        2 => piece.to_ascii_lowercase(),
        3 => piece.to_ascii_uppercase(),
        4 => piece.iter().map(|&b| if b == b' ' { b'+' } else { b }).collect(),
        _ => [b" ", piece, b" "].concat(),
    }
}

fn shift(pieces: &mut [&mut Vec<u8>], piece: u8, bytes: u8, back: bool) {
    if pieces.len() < 2 {
        return;
    }
    let (left, right) = pieces.split_at_mut(1 + usize::from(piece) % (pieces.len() - 1));
    let (Some(left), Some(right)) = (left.last_mut(), right.first_mut()) else { return };
    if back {
        let moved = usize::from(bytes) % (right.len() + 1);
        left.extend(right.drain(..moved));
    } else {
        let moved = usize::from(bytes) % (left.len() + 1);
        let tail = left.split_off(left.len() - moved);
        right.splice(0..0, tail);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_corpus_has_schemes_that_sign_something_of_the_message() {
        let names: std::collections::BTreeSet<_> =
            SIGNING.iter().map(|signing| signing.base.compiled.name.as_str()).collect();
        assert!(names.len() >= 3, "only {names:?}");
    }
}
