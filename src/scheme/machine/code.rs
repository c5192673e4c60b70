//! Parts of a compiled operation that are left out, and names of its stages.

use super::types::{Args, BytesCode, Checked, Placed, Program, Start, Test};
use super::value::Type;

impl Placed {
    /// The same field, which is not added.
    pub fn left_out(&self) -> Placed {
        let nothing = BytesCode { start: Start::Nothing, ops: Vec::new() };
        Placed { into: self.into, name: self.name.clone(), code: nothing, uses: Vec::new() }
    }
}

impl Checked {
    /// A check in the place of this one that every message passes.
    pub fn left_out(&self) -> Checked {
        let passes: Test = |_, _| Ok(true);
        Checked {
            test: passes,
            args: Args::default(),
            optional: false,
            class: self.class,
            refusal: self.refusal.clone(),
            uses: Vec::new(),
        }
    }
}

impl Program {
    /// Names of the stages, in the order of derivation.
    pub fn stage_names(&self) -> impl Iterator<Item = &str> {
        self.stages.iter().map(|stage| stage.name.as_str())
    }

    /// Names of the stages whose value is bytes, in the order of derivation.
    pub fn byte_stages(&self) -> impl Iterator<Item = &str> {
        self.stages.iter().filter(|stage| stage.ty == Type::Bytes).map(|stage| stage.name.as_str())
    }
}
