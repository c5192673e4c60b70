//! What of an operation every signer makes otherwise, though all of them are right.

use super::item::{Pipeline, Step};
use super::machine::{Destination, Does};
use super::model::Operation;
use crate::primitive::key_pair::SignatureAlgorithm;
use std::collections::HashSet;

/// Signatures in which something is random, and what is made of them. No expectation holds them: whether such a
/// signature is right, the verifier of the scheme says.
#[derive(Debug, Default)]
pub struct Random {
    /// Names of stages.
    pub stages: HashSet<String>,
    /// Fields that the signer adds.
    pub fields: Vec<(Destination, String)>,
}

impl Random {
    /// Of an operation.
    pub fn of(operation: &Operation) -> Random {
        let mut random = Random::default();
        for (name, pipeline) in &operation.derive {
            if random.is_in(pipeline) {
                random.stages.insert(name.clone());
            }
        }
        let fields = operation.placed().filter(|(.., pipeline)| random.is_in(pipeline));
        random.fields = fields.map(|(into, name, _)| (into, name.to_owned())).collect();
        random
    }

    fn is_in(&self, pipeline: &Pipeline) -> bool {
        let is_random = |step: &Step| {
            let with = SignatureAlgorithm::named(step.get("with").text());
            matches!(step.item.does, Does::Sign) && with.is_some_and(SignatureAlgorithm::is_random)
        };
        let within = |part: &Pipeline| {
            part.source.name_in("stage").is_some_and(|stage| self.stages.contains(stage))
                || part.steps.iter().any(is_random)
        };
        pipeline.all().into_iter().any(within)
    }
}
