//! A pipeline: a source, then steps in order. Written as a list, or as the source alone.

use super::source::Source;
use super::step::Step;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A source and the steps that its value goes through.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Value", into = "Value")]
pub struct Pipeline {
    /// Where the value comes from.
    pub source: Source,
    /// What is done with it, in order.
    pub steps: Vec<Step>,
}

impl TryFrom<Value> for Pipeline {
    type Error = String;

    fn try_from(value: Value) -> Result<Pipeline, String> {
        let Value::Array(items) = value else {
            return Ok(Pipeline { source: Source::try_from(value)?, steps: Vec::new() });
        };
        let mut items = items.into_iter();
        let first = items.next().ok_or("an empty pipeline; it starts with a source")?;
        let steps = items.map(Step::try_from).collect::<Result<_, _>>()?;
        Ok(Pipeline { source: Source::try_from(first)?, steps })
    }
}

impl From<Pipeline> for Value {
    fn from(pipeline: Pipeline) -> Value {
        let source = std::iter::once(Value::from(pipeline.source));
        Value::Array(source.chain(pipeline.steps.into_iter().map(Value::from)).collect())
    }
}
