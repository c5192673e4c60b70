//! Compilation: static checks of names and types, then names become numbers. It knows no step, source or check by
//! name.
//!
//! An operation is compiled unit by unit: the bindings, a stage, a field that is added, a check. A problem carries the
//! path of its node, from which the loader finds the line.

mod args;
mod compiler;
mod pipeline;
mod units;

pub(super) use compiler::Unit;
