//! The scheme language: a signing method as data, and its evaluation.
//!
//! Data flows model → edit → compile → sign / verify. May use `primitive`, `request` and `yaml`;
//! knows nothing of vectors, subjects or reports.

mod account;
mod check;
mod compile;
mod compile_source;
mod compile_step;
mod deviant;
mod deviation;
mod edit;
mod eval;
mod eval_field;
mod eval_step;
mod judge;
mod load;
mod model;
mod pipeline;
mod program;
mod reject;
mod sign;
mod source;
mod state;
mod step;
mod step_table;
mod verify;

pub use account::{Account, Credential, Parameters};
pub use check::{Addresses, Check, Test};
pub use compile::Problem;
pub use deviation::Deviation;
pub use edit::{Change, Edit, EditError};
pub use eval::Scratch;
pub use load::{LoadError, load};
pub use model::{
    Binding, Body, CredentialKind, Domain, Flag, Keep, Kind, Operation, Parameter, PathDomain, Place, QueryDomain,
    Reading, Refusal, Reply, Scheme, Variant, Wire,
};
pub use pipeline::Pipeline;
pub use program::Program;
pub use reject::Class;
pub use sign::{SignError, SignInput};
pub use source::{Field, Part, Repeated, Source};
pub use state::State;
pub use step::{Action, Step};
pub use step_table::{MUTANT_STEPS, STEPS, StepDoc};
pub use verify::{Message, Outcome, Refused, Server, VerifyError};
