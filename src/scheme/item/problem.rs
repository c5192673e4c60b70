//! What is wrong with a scheme, and where.

use crate::yaml::Segment;
use serde_json::Value;
use std::fmt::Display;

/// A mistake in a scheme. Whoever finds it says what is wrong; whoever looked there, where that is.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Problem {
    /// The way down to it.
    pub way: Vec<Segment>,
    /// The mistake, and what to do.
    pub message: String,
}

/// A mistake just here, said as `format!` says it.
macro_rules! problem {
    ($($message:tt)*) => { $crate::scheme::item::Problem { way: Vec::new(), message: format!($($message)*) } };
}
pub(in crate::scheme) use problem;

impl Problem {
    /// The same mistake, seen from one step further up.
    pub fn below(self, segment: impl Into<Segment>) -> Problem {
        self.within([segment.into()])
    }

    /// The same mistake, seen from several steps further up.
    pub(in crate::scheme) fn within(mut self, way: impl IntoIterator<Item = Segment>) -> Problem {
        self.way.splice(..0, way);
        self
    }

    /// A value in the place of something else.
    pub(super) fn due(value: &Value, what: impl Display) -> Problem {
        let found = match value {
            Value::Null => "nothing".to_owned(),
            Value::String(text) => format!("`{text}`"),
            Value::Bool(_) | Value::Number(_) => format!("`{value}`"),
            Value::Array(_) => "a list".to_owned(),
            Value::Object(_) => "a map".to_owned(),
        };
        problem!("{found}, where {what} is due")
    }

    /// The message and the keys that lead there; the place in the file says the rest.
    pub(in crate::scheme) fn placed(&self) -> String {
        let is_key = |segment: &&Segment| matches!(segment, Segment::Key(_));
        let keys: Vec<String> = self.way.iter().take_while(is_key).map(Segment::to_string).collect();
        format!("{}: {}", keys.join("."), self.message)
    }
}
