//! Mistakes that any step may suffer, where no other operator makes them.

use super::operator::{Mutation, Operator, delete, operator, with};
use crate::mutation::site::{Block, Site, Spot};

/// A step that is not made. What another operator says of it more plainly stands before this one.
fn left_out(site: &Site<'_>) -> Vec<Mutation> {
    match site.spot {
        Spot::Step(step) if matches!(site.block, Block::Derive | Block::Receive) => {
            vec![with(site, delete(), step.word())]
        }
        _ => Vec::new(),
    }
}

pub(super) const OPERATORS: &[Operator] =
    &[operator("step-left-out", &["C63", "C75"], "leaves out a step", "make every step of the document", left_out)];
