//! Deviations: wrong ways to do a step or check that no scheme may prescribe, for mutants alone.

use serde::{Deserialize, Serialize};

/// A wrong way to do what a node says. Which node can deviate how is checked at compilation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Deviation {
    /// `equal`: only as many bytes are compared as arrived.
    Prefix,
    /// `present`: an empty value passes.
    EmptyPasses,
    /// `equal`: an absent value on either side counts as empty.
    AbsentIsEmpty,
    /// `fresh`: an old message passes.
    OldPasses,
    /// `fresh`: a message from the future passes.
    FuturePasses,
    /// `fresh`: the tolerance counts in milliseconds.
    Milliseconds,
    /// `fresh`: the tolerance itself is refused.
    Exclusive,
    /// `fresh`: whole seconds are compared.
    WholeSeconds,
    /// `address`: a message whose address is not known passes. `equal`: a message without the value
    /// passes.
    AbsentPasses,
    /// `address`: an address of the same /24 passes.
    SameNetwork,
    /// `under`: a prefix of a segment passes.
    NoBoundary,
    /// `rate`: one message more passes.
    OneMore,
    /// `rate`: one message less passes.
    OneLess,
    /// `rate`: the window includes its start.
    InclusiveStart,
    /// `rate`: accepted messages are counted for ever.
    Forever,
    /// `unique`, `same`, `rate`: refused messages leave a trace.
    RefusedCount,
    /// `unique`: only the last value is remembered.
    LastOnly,
    /// A template: any text of any length passes for the first literal.
    AnyPrefix,
    /// A template: the first placeholder ends at the last occurrence of the text after it.
    SplitsAtLast,
    /// `percent-encode`: what looks like an escape stays.
    KeepsEscapes,
    /// `percent-encode`: one `%` for all bytes of a character.
    OnePercent,
    /// `base64-decode`: white space, missing padding and the other alphabet pass.
    AnyBase64,
    /// `sort`: by UTF-16 code units.
    Utf16,
    /// `sort`: from the last to the first.
    Descending,
    /// `sort`: runs of digits by their number.
    Natural,
    /// `except`: names that start with a listed one go as well.
    ByPrefix,
}
