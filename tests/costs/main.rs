//! The costs of signing, verifying and loading, counted: allocations, steps of work, processor time.

mod allocations;
#[path = "../../benches/cases/mod.rs"]
mod cases;
mod growth;
mod loading;
#[path = "../setting/mod.rs"]
mod setting;
