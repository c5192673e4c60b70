//! Options of items as evaluation takes them: checked and prepared once.

use super::types::{Args, BytesCode, Machine, ManyCode, Ready, TimeWindow};
use super::value::{Failure, Field, TemplatePiece};
use crate::primitive::digest::Algorithm;
use crate::primitive::key_pair::{SignatureAlgorithm, SignatureForm};
use crate::primitive::percent::{HexCase, KeepSet, Plus};
use std::cmp::Ordering;

macro_rules! get {
    ($(#[$doc:meta] $name:ident: $kind:ident($($pattern:pat),*) -> $type:ty = $value:expr;)*) => {
        $(#[$doc] #[inline] pub fn $name(&self, i: usize) -> $type {
            match &self.0[i] {
                Ready::$kind($($pattern),*) => $value,
                other => unreachable!("option {i} is {other:?}"),
            }
        })*
    };
}

impl Args {
    get! {
        /// A flag.
        flag: Flag(flag) -> bool = *flag;
        /// A whole number.
        count: Count(count) -> u64 = *count;
        /// Bytes.
        bytes: Bytes(bytes) -> &[u8] = bytes;
        /// Texts.
        texts: Texts(texts) -> &[Vec<u8>] = texts;
        /// Texts, each with what takes its place.
        replacements: Replacements(texts) -> &[(Vec<u8>, Vec<u8>)] = texts;
        /// The number of a word.
        word: Word(word) -> usize = *word;
        /// Numbers of words.
        words: Words(words) -> &[usize] = words;
        /// Bytes that stay.
        keep: Keep(keep) -> &KeepSet = keep;
        /// A hash function.
        digest: Digest(with) -> Algorithm = *with;
        /// A signature algorithm.
        signature: Signature(with) -> SignatureAlgorithm = *with;
        /// The number of a half of a pair.
        key: Key(i, _) -> usize = *i;
        /// A pipeline of bytes.
        code: Code(code) -> &BytesCode = code;
        /// A received time.
        received_time: ReceivedTime(which) -> Option<usize> = *which;
        /// A length of time.
        window: Window(window) -> &TimeWindow = window;
        /// A pipeline of a list.
        many: Many(code) -> &ManyCode = code;
        /// Pipelines of bytes.
        codes: Codes(codes) -> &[BytesCode] = codes;
        /// Pipelines of pairs, or of lists.
        manys: Manys(_, codes) -> &[ManyCode] = codes;
        /// Pipelines of bytes by name.
        fields: Fields(fields) -> &[(Vec<u8>, BytesCode)] = fields;
        /// Pipelines by the number of a credential.
        credentials: Credentials(fields) -> &[(usize, BytesCode)] = fields;
        /// The number of a credential or parameter.
        number: Number(number) -> usize = *number;
        /// Template of a pair.
        template: Template(pieces) -> &[TemplatePiece] = pieces;
    }

    /// Returns whether the option was given.
    #[inline]
    pub fn has(&self, i: usize) -> bool {
        !matches!(self.0[i], Ready::Absent)
    }

    /// All pipelines of bytes among the parts of a source.
    pub fn parts(&self) -> impl Iterator<Item = &BytesCode> {
        self.0.iter().flat_map(|ready| match ready {
            Ready::Codes(codes) => codes.as_slice(),
            _ => &[],
        })
    }

    /// A pipeline of bytes that need not be there.
    pub fn maybe_code(&self, i: usize) -> Option<&BytesCode> {
        self.has(i).then(|| self.code(i))
    }

    /// Case of digits, of an option of the words `lower` and `upper`.
    #[inline]
    pub fn case(&self, i: usize) -> HexCase {
        if self.word(i) == 0 { HexCase::Lower } else { HexCase::Upper }
    }

    /// Form of an ECDSA signature, of an option of the words `raw` and `der`.
    pub fn form(&self, i: usize) -> SignatureForm {
        if self.word(i) == 0 { SignatureForm::Raw } else { SignatureForm::Der }
    }

    /// Returns what `+` means, of a flag that says that it is a space.
    pub fn plus(&self, i: usize) -> Plus {
        if self.flag(i) { Plus::Space } else { Plus::Literal }
    }

    /// Returns whether the wrong way of this name is gone.
    #[inline]
    pub fn deviates(&self, i: usize, way: &str) -> bool {
        matches!(&self.0[i], Ready::Deviation(name) if name == way)
    }
}

/// Names that are listed, and names that a pipeline gave, sorted.
pub struct NameSet<'a> {
    names: &'a [Vec<u8>],
    given: &'a [&'a [u8]],
    caseless: bool,
    by_prefix: bool,
}

impl<'a> NameSet<'a> {
    /// The names of an item whose options are `names`, `from` and `caseless`.
    pub fn of(args: &'a Args, by_prefix: bool, machine: &mut Machine<'a>) -> Result<NameSet<'a>, Failure<'a>> {
        let mut set = NameSet { names: args.texts(0), given: &[], caseless: args.flag(2), by_prefix };
        if args.has(1) {
            let items = machine.many(args.many(1))?;
            let given = machine.bump.alloc_slice_fill_iter(items.iter().map(Field::name));
            given.sort_unstable_by(|a, b| set.compare(a, b));
            set.given = given;
        }
        Ok(set)
    }

    /// Returns whether a name is among them.
    #[inline(always)]
    pub fn lists(&self, name: &[u8]) -> bool {
        match self.caseless || self.by_prefix || !self.given.is_empty() {
            false => self.names.iter().any(|other| other == name),
            true => self.lists_loosely(name),
        }
    }

    fn lists_loosely(&self, name: &[u8]) -> bool {
        let same = |other: &[u8]| match (self.caseless, self.by_prefix) {
            (true, true) => name.get(..other.len()).is_some_and(|head| head.eq_ignore_ascii_case(other)),
            (true, false) => other.eq_ignore_ascii_case(name),
            (false, true) => name.starts_with(other),
            (false, false) => other == name,
        };
        let among_given = || match self.by_prefix {
            true => self.given.iter().any(|other| same(other)),
            false => self.given.binary_search_by(|other| self.compare(other, name)).is_ok(),
        };
        self.names.iter().any(|other| same(other)) || (!self.given.is_empty() && among_given())
    }

    fn compare(&self, a: &[u8], b: &[u8]) -> Ordering {
        if self.caseless { folded(a, b) } else { a.cmp(b) }
    }
}

/// Bytes with ASCII letters in lower case, compared.
pub fn folded(a: &[u8], b: &[u8]) -> Ordering {
    a.iter().map(u8::to_ascii_lowercase).cmp(b.iter().map(u8::to_ascii_lowercase))
}
