//! The machine on which compiled schemes run: a message as it is seen, values, compiled pipelines and checks,
//! and their evaluation. It knows no step, source or check by name: each brings a function of its own.

mod args;
mod code;
mod does;
mod eval;
mod hash;
mod judge;
mod out;
mod prepare;
mod state;
mod value;
mod view;

pub use args::{Args, NameSet, Ready, TemplatePiece, folded};
pub use code::{
    Bind, Bound, BytesCode, BytesOp, Checked, Code, Destination, Hmac, ManyCode, ManyOp, ManyStart, OnBytes, OnMany,
    Piece, Placed, Program, Side, Stage, Start, Type,
};
pub use does::{Does, Gives, Load, LoadMany, Many, Origin, Supply, Test, Tests, Write, WriteItem};
pub use eval::{Machine, Scratch, Showing};
pub use hash::Hashed;
pub use judge::{Detail, Judge, Judgement, Mask, Message, Stop, VerifyError, equal, whole_number};
pub use out::Out;
pub use prepare::{PrepareError, PreparedAccount, PreparedParameters, network};
pub use state::{State, Trace};
pub(in crate::scheme) use value::malformed;
pub use value::{Absence, Fault, Pair, Value, Why, absent};
pub use view::{Repeated, View, json_text};
