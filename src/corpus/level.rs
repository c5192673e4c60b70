//! Level of an expectation: how much hangs on it, and what an attacker gains where a refusal is missed. Most of it
//! follows from where an expectation comes from, from the discrepancies that it shows and from its reject class; a
//! vector says what does not.

use super::load::Entry;
use super::model::{Level, ProvenanceKind, Vector};
use super::statements::DiscrepancyKind;
use crate::case::Ending;
use crate::scheme::{Class, SchemeKind};

impl Entry {
    /// Level of a vector: the one that it says; else by where it comes from, by the discrepancies that it shows, and by
    /// the class of the refusal that it ends in.
    pub fn level(&self, vector: &Vector) -> Level {
        let kinds = || vector.discrepancies.iter().filter_map(|id| Some(self.statements.discrepancies.get(id)?.kind));
        match (vector.level, vector.source.kind) {
            (Some(level), _) => level,
            (None, ProvenanceKind::Documented | ProvenanceKind::Published) => Level::Must,
            (None, _) if kinds().any(|kind| kind == DiscrepancyKind::Unspecified) => Level::Decision,
            (None, _) if kinds().next().is_some() => Level::Should,
            (None, ProvenanceKind::VendorPage) => Level::Must,
            (None, ProvenanceKind::Observed) => Level::Should,
            // How strictly a system reads what no right client sends is not in its documents; in an RFC it is.
            (None, ProvenanceKind::Generated) => match refusal(vector) {
                Some(Class::Malformed) if self.scheme.kind == SchemeKind::System => Level::Should,
                _ => Level::Must,
            },
        }
    }
}

impl Vector {
    /// Gain of an attacker where the refusal that the vector ends in is missed; none where it is accepted or signs.
    pub fn gains(&self) -> Option<&str> {
        let class = refusal(self)?;
        Some(self.gains.as_deref().unwrap_or(gains(class)))
    }
}

/// The class of the refusal that a vector ends in.
fn refusal(vector: &Vector) -> Option<Class> {
    vector.expect.results.last().filter(|result| result.outcome == Ending::Reject)?.class
}

/// Gain of an attacker where a message is accepted that is to be refused with this class.
pub fn gains(class: Class) -> &'static str {
    match class {
        Class::MissingCredential => "Anybody's message passes, without any credential.",
        Class::Malformed => {
            "A message passes that two readers take for different things: what is checked need not be what is done."
        }
        Class::UnknownKey => "A message passes in the name of no account, under a key of the attacker's choice.",
        Class::RevokedKey => "A key that leaked and was therefore invalidated goes on working.",
        Class::WrongToken => "Whoever does not know the token passes for its holder.",
        Class::SignatureMismatch => {
            "A message passes that the holder of the account never signed, or that was changed on its way."
        }
        Class::ValueMismatch => "A value that belongs to something else passes for the one that was agreed on.",
        Class::UnsignedPart => "A part that no signature covers is changed on its way.",
        Class::Expired => "A message that was recorded once is sent again at any later time.",
        Class::Replayed => "A message that was seen once is done a second time.",
        Class::WrongMethod => {
            "A call is made by a method that it does not permit, such as a read that changes something."
        }
        Class::WrongEnvironment => "A credential of a test environment works where it must not.",
        Class::AddressNotAllowed => "A credential that was stolen is used from anywhere.",
        Class::RateLimited => "Credentials are guessed without a limit, or a service is worn out.",
    }
}
