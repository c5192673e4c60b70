//! Differential fuzzing as a library.

mod agreement;
mod reach;
mod same_seed;
mod wrong_signer;
