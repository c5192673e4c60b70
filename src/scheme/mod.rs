//! The scheme language: a signing method as data, and its evaluation.
//!
//! Data flows machine → item → step, source, check → model → edit → compile → run → implementation. May use
//! `primitive`, `request` and `yaml`; knows nothing of vectors, subjects or reports.

mod account;
mod check;
mod code;
mod compared;
mod compile;
mod edit;
mod implementation;
mod item;
mod lint;
mod load;
mod machine;
mod model;
mod path;
mod random;
mod reject;
mod run;
mod secrecy;
mod source;
mod step;

pub use account::{Account, Credential, CredentialKind, Parameters};
pub use edit::{Edit, EditError, EditKind};
pub use implementation::{Implementation, Unviable};
#[cfg(feature = "cli")]
pub(crate) use item::distance;
pub use item::{
    Arg, Check, Family, Item, Language, Node, Opt, OptionKind, Pipeline, Preset, Problem, Source, Step, Written,
};
pub use load::{LoadError, load};
pub use machine::{
    Arrival, Destination, Does, Gives, Hashed, Misreading, PrepareError, PreparedAccount, PreparedParameters, Program,
    Scratch, State, Tests, Type, VerifyError, Whose,
};
pub use model::{
    Binding, Body, Characters, Direction, Domain, Flag, Keep, Operation, Parameter, Place, QueryDomain, QueryForm,
    Reading, Scheme, SchemeKind, Variant, Wire,
};
pub use path::{Lost, Named, Path};
pub use random::Random;
pub use reject::{Class, Refusal, SenderGets};
pub use run::{AddedField, Decision, Denial, Knowledge, KnownStages, Outcome, Refused, SignError, SignInput};
pub use secrecy::Secrecy;
pub(crate) use secrecy::shown;
pub use step::MUTANT_STEPS;

/// Schemes by name.
pub type Schemes<'s> = std::collections::BTreeMap<&'s str, &'s std::sync::Arc<Scheme>>;
