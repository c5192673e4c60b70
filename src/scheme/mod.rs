//! The scheme language: a signing method as data, and its evaluation.
//!
//! Data flows model → edit → compile → sign / verify. May use `primitive`, `request` and `yaml`;
//! knows nothing of vectors, subjects or reports.

mod account;
mod check;
mod check_form;
mod compile;
mod compile_check;
mod compile_source;
mod compile_step;
mod deviant;
mod deviation;
mod domain;
mod edit;
mod eval;
mod eval_hash;
mod eval_load;
mod eval_pairs;
mod eval_step;
mod judge;
mod load;
mod model;
mod mutant_steps;
mod pipeline;
mod prepare;
mod program;
mod receive;
mod reject;
pub(crate) mod shown;
mod sign;
mod source;
mod state;
mod step;
mod step_table;
mod value;
mod verify;
mod view;

pub use account::{Account, Credential, Parameters};
pub use check::{Addresses, Check, Test};
pub use compile::Problem;
pub use deviation::Deviation;
pub use domain::{Body, Domain, PathDomain, QueryDomain};
pub use edit::{Change, Edit, EditError};
pub use eval::Scratch;
pub use eval_hash::Hashed;
pub use load::{LoadError, load};
pub use model::{
    Binding, CredentialKind, Direction, Flag, Keep, Kind, Operation, Parameter, Place, Reading, Refusal, Reply, Scheme,
    Variant, Wire,
};
pub use mutant_steps::MUTANT_STEPS;
pub use pipeline::Pipeline;
pub use prepare::{PrepareError, PreparedAccount, PreparedParameters};
pub use program::Program;
pub use reject::Class;
pub use sign::{Added, Destination, SignError, SignInput};
pub use source::{Field, Part, Repeated, Source};
pub use state::State;
pub use step::{Action, Step};
pub use step_table::{STEPS, StepDoc};
pub use verify::{Decision, Denial, Message, Outcome, Refused, Server, VerifyError};
