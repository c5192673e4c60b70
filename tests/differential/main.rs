//! Differential fuzzing as a library.

mod agreement;
mod same_seed;
mod wrong_signer;
