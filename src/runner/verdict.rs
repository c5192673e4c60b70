//! Verdicts: the comparison of one outcome with one expectation.

use crate::case::compare;
use crate::case::{Case, Expect, Reply};
use crate::trial::Reference;

use super::exposed::compare_exposed;
use crate::case::{Difference, FailureKind};
use crate::corpus::Entry;
use crate::scheme::Secrecy;
use crate::subject::{Delivery, Symptom, masked};
use indexmap::IndexMap;

/// The comparison of one outcome with one expectation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// As expected.
    Passed,
    /// Not as expected: what differs, the first stage first; never empty.
    Differs(Vec<Difference>),
    /// The subject failed on it, and says why. An error is neither an acceptance nor a refusal.
    Errored(String),
    /// It ended before it replied.
    Crashed(Symptom),
    /// It did not reply in time.
    TimedOut(String),
    /// Its reply is not of the protocol.
    Broke(String),
    /// Not as expected, where the expectation does not decide: what differs.
    Beside(Vec<Difference>),
    /// It differs as it is known to.
    Known(String),
    /// It was known to differ and does not any more, or differs otherwise: what is on record.
    Stale(String, Vec<Difference>),
    /// The subject says that it does not do this.
    Skipped(String),
    /// It was not asked.
    NotRun(String),
}

impl Verdict {
    /// Judges what came of a case of which every listed part must be there.
    pub(super) fn of(entry: &Entry, expect: &Expect, case: &Case, outcome: &Delivery) -> Verdict {
        Verdict::by(entry, case, outcome, |reply| compare(expect, reply))
    }

    /// Judges what came of a case of a subject that need not show every stage.
    pub(crate) fn of_exposed(
        entry: &Entry,
        expect: &Expect,
        case: &Case,
        outcome: &Delivery,
        reference: &mut Reference<'_>,
    ) -> Verdict {
        Verdict::by(entry, case, outcome, |reply| compare_exposed(entry, expect, case, reply, reference))
    }

    fn by(entry: &Entry, case: &Case, outcome: &Delivery, compare: impl FnOnce(&Reply) -> Vec<Difference>) -> Verdict {
        let reply = match outcome {
            Delivery::Reply(reply) => reply,
            Delivery::TimedOut(limit) => {
                return Verdict::TimedOut(format!("no reply within {} s", limit.as_secs_f32()));
            }
            Delivery::Crashed(how) => return Verdict::Crashed(how.clone()),
            Delivery::Broke(why) => return Verdict::Broke(why.clone()),
            Delivery::NotAsked(why) => return Verdict::NotRun(why.clone()),
        };
        match reply {
            Reply::Skipped(why) => return Verdict::Skipped(why.clone()),
            Reply::Error(why) => return Verdict::Errored(why.clone()),
            Reply::Signed(_) | Reply::Verified(_) => {}
        }
        let differences = compare(reply);
        if differences.is_empty() {
            return Verdict::Passed;
        }
        let secrecy = Secrecy::named(&entry.scheme, &case.operation, case.variant.as_deref());
        let stages = match Reference::new(entry.schemes()).answer(&masked(&entry.scheme, case)) {
            Reply::Signed(signed) => signed.stages,
            _ => IndexMap::new(),
        };
        Verdict::Differs(differences.into_iter().map(|difference| difference.withheld(&secrecy, &stages)).collect())
    }

    /// Returns the kind of failure; `None` where it is none.
    pub fn failure(&self) -> Option<FailureKind> {
        match self {
            Verdict::Passed | Verdict::Beside(_) | Verdict::Known(_) | Verdict::Skipped(_) | Verdict::NotRun(_) => None,
            Verdict::Differs(differences) => differences.iter().map(Difference::kind).min(),
            Verdict::Errored(_) => Some(FailureKind::Error),
            Verdict::Crashed(_) => Some(FailureKind::Crash),
            Verdict::TimedOut(_) => Some(FailureKind::TimeOut),
            Verdict::Broke(_) => Some(FailureKind::Protocol),
            Verdict::Stale(..) => Some(FailureKind::Stale),
        }
    }

    /// Returns whether the subject gave an answer that was compared.
    pub fn ran(&self) -> bool {
        !matches!(self, Verdict::Skipped(_) | Verdict::NotRun(_))
    }

    /// Returns the differences.
    pub fn differences(&self) -> &[Difference] {
        match self {
            Verdict::Differs(differences) | Verdict::Beside(differences) | Verdict::Stale(_, differences) => {
                differences
            }
            _ => &[],
        }
    }

    /// Returns what it was that failed, in a line each: what a file of known divergences records.
    pub fn lines(&self) -> Vec<String> {
        match self {
            Verdict::Differs(differences) | Verdict::Stale(_, differences) => {
                differences.iter().map(ToString::to_string).collect()
            }
            // What a failing subject says may change with every run; that it fails does not.
            other => other.failure().map(|kind| kind.to_string()).into_iter().collect(),
        }
    }
}
