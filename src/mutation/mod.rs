//! Mutation: the plausible wrong implementations of a scheme, and the proof that the vectors catch
//! them.
//!
//! Data flows sites → operators → catalogue → kill matrix. May use all down to `inputs`.

mod catalogue;
mod generate;
mod matrix;
mod operators;
mod rows;
mod second;
mod site;
mod strength;

pub use catalogue::{Bases, Catalogue, Mutant, bases, catalogue, with_known_fields};
pub use generate::{Found, Generated, generate};
pub use matrix::{Kill, Matrix, Summary};
pub use operators::{OPERATORS, Operator};
pub use rows::{ROWS, Row};
pub use second::MutantPair;
pub(crate) use site::{Block, Site, Spot, sites};
pub use strength::{Strength, strength};
