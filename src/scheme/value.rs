//! Values of evaluation: slices of the message, of a credential, of the program or of the arena,
//! never a copy where none is needed.

use crate::primitive::steps;
use bumpalo::Bump;
use std::fmt;

/// A value of one of the three types.
#[derive(Debug, Clone, Copy)]
pub(super) enum Value<'a> {
    /// An optional value that is not there: empty bytes, and a field that is not added.
    Absent,
    Bytes(&'a [u8]),
    /// Pairs; a list is pairs that have names alone.
    Many(&'a [Pair<'a>]),
}

/// A name and an optional value. Whoever looks at them takes steps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Pair<'a> {
    name: &'a [u8],
    value: Option<&'a [u8]>,
}

/// Why a value cannot be had: one word, so that a result is two, which are passed in registers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Fault<'a>(&'a Why<'a>);

/// What is wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Why<'a> {
    /// It is not there.
    Absent(Absence<'a>),
    /// It is there and cannot be read.
    Malformed(&'a str),
    /// It is optional and not there: empty to whoever needs it, and a field that is not added.
    LeftOut,
}

impl<'a> Fault<'a> {
    pub(super) fn new(why: Why<'a>, bump: &'a Bump) -> Fault<'a> {
        Fault(bump.alloc(why))
    }

    /// What an optional value is that is not there.
    pub(super) const LEFT_OUT: Fault<'a> = Fault(&Why::LeftOut);

    /// A fault whose text is known beforehand.
    pub(super) const fn of(why: &'a Why<'a>) -> Fault<'a> {
        Fault(why)
    }

    pub(super) fn why(self) -> Why<'a> {
        *self.0
    }

    pub(super) fn is_absence(self) -> bool {
        matches!(self.0, Why::Absent(_))
    }

    pub(super) fn is_left_out(self) -> bool {
        matches!(self.0, Why::LeftOut)
    }
}

/// What is not there; it becomes text only where somebody reads it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Absence<'a> {
    /// Said by the program.
    Of(&'static str, &'a str),
    /// A field of the message.
    Field(&'static str, &'a [u8]),
}

impl<'a> Value<'a> {
    pub(super) fn bytes(self) -> &'a [u8] {
        match self {
            Value::Absent => &[],
            Value::Bytes(bytes) => bytes,
            Value::Many(_) => unreachable!("types were checked at compilation"),
        }
    }

    /// The bytes, if they are there.
    pub(super) fn present(self) -> Result<&'a [u8], Fault<'a>> {
        match self {
            Value::Absent => Err(Fault::LEFT_OUT),
            value => Ok(value.bytes()),
        }
    }

    pub(super) fn many(self) -> &'a [Pair<'a>] {
        match self {
            Value::Many(pairs) => pairs,
            Value::Absent | Value::Bytes(_) => unreachable!("types were checked at compilation"),
        }
    }
}

impl<'a> Pair<'a> {
    pub(super) fn new(name: &'a [u8], value: Option<&'a [u8]>) -> Pair<'a> {
        Pair { name, value }
    }

    /// An item of a list.
    pub(super) fn item(name: &'a [u8]) -> Pair<'a> {
        Pair { name, value: None }
    }

    #[inline]
    pub(super) fn name(&self) -> &'a [u8] {
        steps::count(1 + self.name.len());
        self.name
    }

    #[inline]
    pub(super) fn value(&self) -> Option<&'a [u8]> {
        steps::count(1);
        self.value
    }

    /// The value; none counts as empty.
    #[inline]
    pub(super) fn filled(&self) -> &'a [u8] {
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
        }
    }
}

pub(super) fn absent<'a>(what: &'static str, name: &'a str, bump: &'a Bump) -> Fault<'a> {
    Fault::new(Why::Absent(Absence::Of(what, name)), bump)
}

/// A fault whose text is written into the arena: what is refused costs no allocation either.
macro_rules! malformed {
    ($bump:expr, $($text:tt)*) => {
        $crate::scheme::value::Fault::new(
            $crate::scheme::value::Why::Malformed(bumpalo::format!(in $bump, "{}", format_args!($($text)*)).into_bump_str()),
            $bump,
        )
    };
}
pub(super) use malformed;
