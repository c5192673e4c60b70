//! What differs between an answer and its expectation, and what kind of failure that is.

use super::expect::Ending;
use crate::bytes::Bytes;
use crate::scheme::{Destination, Secrecy};
use indexmap::IndexMap;
use std::fmt;

/// One thing that differs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Difference {
    /// Bytes differ.
    Value {
        /// The part of the answer.
        what: Compared,
        /// Expected bytes.
        expected: Bytes,
        /// Bytes found.
        found: Bytes,
    },
    /// Something else differs.
    Other {
        /// The part of the answer.
        what: Compared,
        /// Expected value.
        expected: String,
        /// Value found.
        found: String,
    },
}

/// A part of an answer that is compared. It prints as `stage string_to_sign` or `message 2, outcome`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Compared {
    /// Number of the message, from 1; none where the answer is to one alone.
    pub message: Option<usize>,
    /// The part of the answer to it.
    pub part: AnswerPart,
}

/// A part of the answer to one message.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum AnswerPart {
    /// The answer itself: that there is one, and that it is of the kind that was asked for.
    Answer,
    /// Number of results.
    Results,
    /// Acceptance or refusal.
    Outcome {
        /// The one that was expected.
        expected: Ending,
    },
    /// Class of a refusal.
    Class,
    /// HTTP status.
    Status,
    /// Code of the API.
    Code,
    /// Message text.
    Message,
    /// Reply to the sender.
    Reply,
    /// The stage of this name.
    Stage(String),
    /// The signed request, or a part of it.
    SignedRequest(RequestPart),
}

/// A signed request, or a part of it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum RequestPart {
    /// The request as a whole.
    Whole,
    /// Method.
    Method,
    /// Scheme, host and target.
    Url,
    /// Path and query, as sent.
    Target,
    /// Path, decoded.
    Path,
    /// Query, decoded.
    Query,
    /// Header fields of this name.
    Header(Bytes),
    /// Body.
    Body,
}

/// FailureKind of a failure, the worst first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FailureKind {
    /// A message that must be refused is accepted.
    FalseAccept,
    /// A message that must be accepted is refused.
    FalseReject,
    /// A stage or a signed request differs.
    WrongValue,
    /// It is refused for another reason.
    WrongClass,
    /// An error where there must be an answer.
    Error,
    /// It ended before it replied.
    Crash,
    /// It did not reply in time.
    TimeOut,
    /// Its reply is not of the protocol.
    Protocol,
    /// A known divergence that is none any more.
    Stale,
}

impl Difference {
    /// The difference without values that are secrets: their lengths, and where they begin to differ.
    /// Of an expected stage, what is derived with every secret masked.
    pub(crate) fn withheld(self, secrecy: &Secrecy, masked: &IndexMap<String, Bytes>) -> Difference {
        if !self.what().is_secret(secrecy) {
            return self;
        }
        match self {
            Difference::Value { what, expected, found } => {
                let at = expected.0.iter().zip(&found.0).take_while(|(a, b)| a == b).count();
                let shown = match &what.part {
                    AnswerPart::Stage(name) => masked.get(name).map(Bytes::to_string),
                    _ => None,
                };
                let expected = format!("{} ({} bytes)", shown.as_deref().unwrap_or("***"), expected.0.len());
                let found = format!("*** ({} bytes); first difference at byte {at}", found.0.len());
                Difference::Other { what, expected, found }
            }
            Difference::Other { what, .. } => {
                Difference::Other { what, expected: "***".to_owned(), found: "something else".to_owned() }
            }
        }
    }

    /// Compares bytes; none where they are alike.
    pub(crate) fn of_bytes(what: impl Into<Compared>, expected: &Bytes, found: &Bytes) -> Option<Difference> {
        let value = || Difference::Value { what: what.into(), expected: expected.clone(), found: found.clone() };
        (expected != found).then(value)
    }

    /// Something that is not as expected, in words.
    pub(crate) fn other(
        what: impl Into<Compared>,
        expected: impl Into<String>,
        found: impl Into<String>,
    ) -> Difference {
        Difference::Other { what: what.into(), expected: expected.into(), found: found.into() }
    }

    /// The kind of failure that it is.
    pub fn kind(&self) -> FailureKind {
        match self.what().part {
            AnswerPart::Outcome { expected: Ending::Reject } => FailureKind::FalseAccept,
            AnswerPart::Outcome { expected: Ending::Accept } => FailureKind::FalseReject,
            AnswerPart::Class | AnswerPart::Status | AnswerPart::Code | AnswerPart::Message | AnswerPart::Reply => {
                FailureKind::WrongClass
            }
            AnswerPart::Answer | AnswerPart::Results | AnswerPart::Stage(_) | AnswerPart::SignedRequest(_) => {
                FailureKind::WrongValue
            }
        }
    }

    /// Tells whether a line on record is of this difference, with whatever values: fresh credentials give others.
    pub(crate) fn is_told_by(&self, line: &str) -> bool {
        match self.what().part {
            AnswerPart::Stage(_) | AnswerPart::SignedRequest(_) => {
                line.strip_prefix(&self.what().to_string()).is_some_and(|rest| rest.starts_with(": "))
            }
            _ => line == self.to_string(),
        }
    }

    /// The part of the answer that differs.
    pub fn what(&self) -> &Compared {
        match self {
            Difference::Value { what, .. } | Difference::Other { what, .. } => what,
        }
    }
}

impl From<AnswerPart> for Compared {
    fn from(part: AnswerPart) -> Compared {
        Compared { message: None, part }
    }
}

impl From<RequestPart> for Compared {
    fn from(part: RequestPart) -> Compared {
        AnswerPart::SignedRequest(part).into()
    }
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Difference::Value { what, expected, found } => write!(f, "{what}: expected {expected}, found {found}"),
            Difference::Other { what, expected, found } => write!(f, "{what}: expected {expected}, found {found}"),
        }
    }
}

impl Compared {
    /// Tells whether its value holds a secret.
    fn is_secret(&self, secrecy: &Secrecy) -> bool {
        let path = || secrecy.part(Destination::Path);
        match &self.part {
            AnswerPart::Stage(name) => secrecy.stage(name),
            AnswerPart::SignedRequest(part) => match part {
                RequestPart::Header(name) => secrecy.field(Destination::Header, &name.0),
                RequestPart::Url | RequestPart::Target => path() || secrecy.part(Destination::Query),
                RequestPart::Query => secrecy.part(Destination::Query),
                RequestPart::Path => path(),
                RequestPart::Body => secrecy.part(Destination::Form) || secrecy.part(Destination::Json),
                RequestPart::Whole | RequestPart::Method => false,
            },
            AnswerPart::Answer
            | AnswerPart::Results
            | AnswerPart::Outcome { .. }
            | AnswerPart::Class
            | AnswerPart::Status
            | AnswerPart::Code
            | AnswerPart::Message
            | AnswerPart::Reply => false,
        }
    }
}

impl fmt::Display for Compared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.message {
            Some(number) => write!(f, "message {number}, {}", self.part),
            None => self.part.fmt(f),
        }
    }
}

impl fmt::Display for AnswerPart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            AnswerPart::Answer => "answer",
            AnswerPart::Results => "results",
            AnswerPart::Outcome { .. } => "outcome",
            AnswerPart::Class => "class",
            AnswerPart::Status => "status",
            AnswerPart::Code => "code",
            AnswerPart::Message => "message",
            AnswerPart::Reply => "reply",
            AnswerPart::Stage(name) => return write!(f, "stage {name}"),
            AnswerPart::SignedRequest(RequestPart::Whole) => "signed request",
            AnswerPart::SignedRequest(part) => return write!(f, "signed request, {part}"),
        })
    }
}

impl fmt::Display for RequestPart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            RequestPart::Whole => "whole",
            RequestPart::Method => "method",
            RequestPart::Url => "url",
            RequestPart::Target => "target",
            RequestPart::Path => "path",
            RequestPart::Query => "query",
            RequestPart::Header(name) => return write!(f, "header {name}"),
            RequestPart::Body => "body",
        })
    }
}

impl fmt::Display for FailureKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            FailureKind::FalseAccept => "false accept",
            FailureKind::FalseReject => "false reject",
            FailureKind::WrongValue => "wrong value",
            FailureKind::WrongClass => "wrong class",
            FailureKind::Error => "error",
            FailureKind::Crash => "crash",
            FailureKind::TimeOut => "time-out",
            FailureKind::Protocol => "broken reply",
            FailureKind::Stale => "stale divergence",
        })
    }
}
