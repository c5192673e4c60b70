//! Cases that cannot be put to a server, and why: never because of what is expected.

use super::rules::Rules;
use super::wire;
use crate::case::{Case, Task, VerifyTask};
use crate::scheme::{Direction, Operation, Scheme, Schemes};
use std::ops::Not;

/// Returns why a case cannot be put to a server that these rules describe.
pub(super) fn unreachable(rules: &Rules, schemes: &Schemes<'_>, case: &Case) -> Option<String> {
    let Task::Verify(task) = &case.task else { return Some("a server verifies: nothing to sign is put to it".into()) };
    let scheme = schemes.get(case.scheme.as_str())?;
    let operation = &case.operation;
    let is_taken = rules.file.operations.as_ref().is_none_or(|taken| taken.contains(operation));
    if !is_taken {
        return Some(format!("the rules file does not name the operation {operation}"));
    }
    if scheme.operations.get(operation).is_some_and(|operation| operation.direction == Direction::Response) {
        return Some("the message is an answer, which a client verifies: it is not put to a server".into());
    }
    let unsendable = task.messages.iter().find_map(|message| wire::unsendable(&message.request));
    if let Some(why) = unsendable {
        return Some(why.into());
    }
    if rules.tells("credentials").not()
        && let Some(why) = configured_otherwise(rules, case, task)
    {
        return Some(why);
    }
    let forgets = rules.tells("state") || !remembers(scheme, case);
    forgets.not().then(|| "the operation remembers messages, and the server cannot be told to forget: state".into())
}

/// Returns why a server whose accounts are fixed does not know what a case needs it to know. Further accounts
/// could make the server accept what it must refuse, so there may be none.
fn configured_otherwise(rules: &Rules, case: &Case, task: &VerifyTask) -> Option<String> {
    if rules.file.control.is_none() && case.variant != rules.file.variant {
        return Some("it is of another variant than the rules file says the server is".into());
    }
    let is_same = task.accounts.iter().all(|needed| rules.accounts.contains(needed))
        && rules.accounts.iter().all(|own| task.accounts.contains(own));
    if !is_same {
        return Some("it needs other accounts than the rules file says the server has".into());
    }
    let is_configured = task.parameters == rules.file.parameters;
    is_configured.not().then(|| "it needs other parameters than the rules file says the server has".into())
}

/// Returns whether a check of the operation remembers what came before.
fn remembers(scheme: &Scheme, case: &Case) -> bool {
    let remembers = |operation: Operation| operation.verify.iter().any(|check| check.test.item.does.remembers);
    let edits = scheme.edits_of(case.variant.as_deref(), None).unwrap_or_default();
    scheme.edited(&case.operation, edits).is_ok_and(remembers)
}
