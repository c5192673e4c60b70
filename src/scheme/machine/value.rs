//! Values of evaluation: slices of the message, of a credential, of the program or of the arena,
//! never a copy where none is needed.

use crate::primitive::key_pair::PairKind;
use crate::primitive::steps;
use bumpalo::Bump;
use std::fmt;

/// Type of a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Type {
    /// A byte string.
    Bytes,
    /// Names with optional values.
    Pairs,
    /// Byte strings.
    List,
}

/// A part of a message that holds fields.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Destination {
    /// Header fields.
    Header,
    /// Query fields, decoded.
    Query,
    /// Form fields, decoded.
    Form,
    /// Top-level string members of the JSON body.
    Json,
    /// The path on the wire, under the one name `whole`.
    Path,
}

impl Type {
    /// Its name in a sentence.
    pub fn name(self) -> &'static str {
        match self {
            Type::Bytes => "bytes",
            Type::Pairs => "pairs",
            Type::List => "a list",
        }
    }

    /// Its name alone.
    pub fn word(self) -> &'static str {
        self.name().trim_start_matches("a ")
    }
}

impl Destination {
    /// All of them.
    pub const ALL: [Destination; 5] =
        [Destination::Header, Destination::Query, Destination::Form, Destination::Json, Destination::Path];

    /// The part of this word.
    pub fn of(word: &str) -> Option<Destination> {
        Destination::ALL.into_iter().find(|part| part.word() == word)
    }

    /// The word by which it is written.
    pub fn word(self) -> &'static str {
        match self {
            Destination::Header => "header",
            Destination::Query => "query",
            Destination::Form => "form",
            Destination::Json => "json",
            Destination::Path => "path",
        }
    }
}

/// A piece of a pair's template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TemplatePiece {
    /// Text as it stands there.
    Literal(Vec<u8>),
    /// The name.
    Name,
    /// The value; none counts as empty.
    Value,
}

/// The side of a pair that a step works on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// Names and values.
    Both,
    /// Names.
    Name,
    /// Values.
    Value,
}

/// Every derived value has at most so many times the bytes of message, account, parameters and fixed texts, and
/// [`SLACK`] more.
pub const MULTIPLE: usize = 64;
/// Number of bytes that every derived value may have.
pub const SLACK: usize = 1 << 16;

/// Finding about a message; it becomes text only where somebody reads it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Detail<'a> {
    /// In words.
    Says(&'a str),
    /// Something is not there.
    Absent(Absence<'a>),
    /// A value of so many bytes is another than it must be.
    Unequal(usize),
    /// Age in nanoseconds.
    Old(i128),
}

/// A value of an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Held {
    /// Bytes.
    Bytes,
    /// Bytes that are a secret, and never empty.
    Secret,
    /// Addresses.
    Addresses,
    /// The private half of a pair, which signs and is nothing else.
    Private(PairKind),
    /// The public half of a pair.
    Public(PairKind),
}

/// Reason why a message cannot be judged: something about the server or the scheme, not about the message.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum VerifyError {
    /// A check needs the server's clock.
    #[error("a check needs `now`, the server's clock, which was not given")]
    NoClock,
    /// A parameter is not a whole number of seconds or messages.
    #[error("a check needs a whole number, and the server has `{0}`")]
    NotANumber(String),
    /// A derived value would become longer than any may.
    #[error("the stage `{0}` becomes longer than {limit} times what it is made of; it can only grow so", limit = MULTIPLE)]
    TooLong(String),
}

/// A value of one of the three types.
#[derive(Debug, Clone, Copy)]
pub enum Value<'a> {
    /// An optional value that is not there: empty bytes, and a field that is not added.
    Absent,
    Bytes(&'a [u8]),
    /// Pairs; a list is pairs that have names alone.
    Many(&'a [Field<'a>]),
}

/// A name and an optional value. Whoever looks at them takes steps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Field<'a> {
    name: &'a [u8],
    value: Option<&'a [u8]>,
}

/// Reason why a value cannot be had: one word, so that a result is two, which are passed in registers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Failure<'a>(&'a Why<'a>);

/// Fault of a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Why<'a> {
    /// It is not there.
    Absent(Absence<'a>),
    /// It is there and cannot be read.
    Malformed(&'a str),
    /// It is optional and not there: empty to whoever needs it, and a field that is not added.
    LeftOut,
    /// A value becomes longer than any may.
    TooLong,
    /// Any of the others, in a stage.
    In(&'a str, &'a Why<'a>),
}

impl<'a> Failure<'a> {
    pub fn new(why: Why<'a>, bump: &'a Bump) -> Failure<'a> {
        Failure(bump.alloc(why))
    }

    /// Failure of an optional value that is not there.
    pub const LEFT_OUT: Failure<'a> = Failure(&Why::LeftOut);

    /// A value that becomes too long.
    pub const TOO_LONG: Failure<'a> = Failure(&Why::TooLong);

    /// The fault with the stage that it is in; of several, the innermost.
    pub fn in_stage(self, stage: &'a str, bump: &'a Bump) -> Failure<'a> {
        match self.0 {
            Why::LeftOut | Why::In(..) => self,
            Why::Absent(_) | Why::Malformed(_) | Why::TooLong => Failure::new(Why::In(stage, self.0), bump),
        }
    }

    /// A fault whose text is known beforehand.
    pub const fn of(why: &'a Why<'a>) -> Failure<'a> {
        Failure(why)
    }

    /// The fault itself, and the stage that it is in, where it is in one.
    pub fn why(self) -> (Why<'a>, Option<&'a str>) {
        match *self.0 {
            Why::In(stage, why) => (*why, Some(stage)),
            why => (why, None),
        }
    }

    pub fn is_absence(self) -> bool {
        matches!(self.0, Why::Absent(_) | Why::In(_, Why::Absent(_)))
    }

    pub fn is_left_out(self) -> bool {
        matches!(self.0, Why::LeftOut)
    }
}

/// Thing that is not there; it becomes text only where somebody reads it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Absence<'a> {
    /// Said by the program.
    Of(&'static str, &'a str),
    /// A field of the message.
    Field(&'static str, &'a [u8]),
    /// A secret of the account, which is not there either where it is empty.
    Secret(&'a str),
}

impl<'a> Value<'a> {
    pub fn bytes(self) -> &'a [u8] {
        match self {
            Value::Absent => &[],
            Value::Bytes(bytes) => bytes,
            Value::Many(_) => unreachable!("types were checked at compilation"),
        }
    }

    /// The bytes, if they are there.
    pub fn present(self) -> Result<&'a [u8], Failure<'a>> {
        match self {
            Value::Absent => Err(Failure::LEFT_OUT),
            value => Ok(value.bytes()),
        }
    }

    pub fn many(self) -> &'a [Field<'a>] {
        match self {
            Value::Many(pairs) => pairs,
            Value::Absent | Value::Bytes(_) => unreachable!("types were checked at compilation"),
        }
    }
}

impl<'a> Field<'a> {
    pub fn new(name: &'a [u8], value: Option<&'a [u8]>) -> Field<'a> {
        Field { name, value }
    }

    /// An item of a list.
    pub fn item(name: &'a [u8]) -> Field<'a> {
        Field { name, value: None }
    }

    #[inline]
    pub fn name(&self) -> &'a [u8] {
        steps::count(1 + self.name.len());
        self.name
    }

    #[inline]
    pub fn value(&self) -> Option<&'a [u8]> {
        steps::count(1);
        self.value
    }

    /// The value; none counts as empty.
    #[inline]
    pub fn filled(&self) -> &'a [u8] {
        let value = self.value.unwrap_or_default();
        steps::count(1 + value.len());
        value
    }
}

impl fmt::Display for Absence<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Absence::Of(what, name) => write!(f, "{what}{name}"),
            Absence::Field(part, name) => write!(f, "{part}{}", name.escape_ascii()),
            Absence::Secret(name) => write!(f, "credential.{name}, which must not be empty,"),
        }
    }
}

pub fn absent<'a>(what: &'static str, name: &'a str, bump: &'a Bump) -> Failure<'a> {
    Failure::new(Why::Absent(Absence::Of(what, name)), bump)
}

/// A fault whose text is written into the arena: what is refused costs no allocation either.
macro_rules! malformed {
    ($bump:expr, $($text:tt)*) => {
        $crate::scheme::machine::Failure::new(
            $crate::scheme::machine::Why::Malformed(bumpalo::format!(in $bump, "{}", format_args!($($text)*)).into_bump_str()),
            $bump,
        )
    };
}
pub(in crate::scheme) use malformed;
