//! Cases without their secrets: what is derived from them can be shown, whatever is done to a secret.

use crate::bytes::Bytes;
use crate::case::{Case, Task};
use crate::scheme::{Credential, CredentialKind, Scheme};
use indexmap::IndexMap;

/// Text that stands for a secret.
pub(crate) const MASK: &str = "***";

/// The case with `***` in place of every secret that is not empty.
///
/// Replacing a secret in what was derived would not do: a mistake may have made it lower case,
/// decoded or cut it, and what is then left of it would show.
pub(crate) fn masked(scheme: &Scheme, case: &Case) -> Case {
    masked_by(scheme, case, MASK)
}

/// The same with another text in place of every secret: some secrets must be Base64 or hexadecimal digits.
pub(crate) fn masked_by(scheme: &Scheme, case: &Case, mask: &str) -> Case {
    let mut case = case.clone();
    let mask = |account: &mut IndexMap<String, Credential>| {
        for (name, value) in account {
            // What a private half makes is a signature, and tells nothing of it.
            let is_half = !scheme.account.contains_key(name) && scheme.kind(name).is_some();
            if matches!(value, Credential::Value(own) if !own.0.is_empty())
                && !is_half
                && scheme.kind(name) != Some(CredentialKind::Public)
            {
                *value = Credential::Value(Bytes::from(mask));
            }
        }
    };
    match &mut case.task {
        Task::Sign(task) => mask(&mut task.account.0),
        Task::Verify(task) => task.accounts.iter_mut().for_each(|account| mask(&mut account.0)),
    }
    case
}
