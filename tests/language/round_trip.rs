//! What is signed is accepted.

use crate::base::{BASES, shown};
use crate::noise::noise;
use crate::runner;
use countersign::scheme::Outcome;
use proptest::prelude::*;

#[test]
fn what_is_signed_is_accepted_and_derived_alike() {
    let result = runner(1000).run(&noise(), |noise| {
        let base = noise.vary(&BASES);
        let (request, signed) = base.sign().map_err(|e| TestCaseError::fail(format!("{base:?}: {e}")))?;
        let (outcome, verified) = base.verify(&request).map_err(|e| TestCaseError::fail(format!("{base:?}: {e}")))?;
        prop_assert_eq!(&outcome, &Outcome::Accept, "{:?}\n{}", base, shown(&request));
        let anew = verified.iter().filter(|(name, _)| base.structure.is_derived_anew(name));
        let differing: Vec<_> = anew.filter(|(name, value)| signed.get(*name) != Some(value)).collect();
        prop_assert!(differing.is_empty(), "{:?}\n{:?}\n{}", differing, base, shown(&request));
        Ok(())
    });
    result.unwrap_or_else(|e| panic!("{e}"));
}

/// A server that does not know the account, or knows it with other secrets, does not accept.
#[test]
fn another_account_is_not_accepted() {
    let result = runner(500).run(&noise(), |noise| {
        let base = noise.vary(&BASES);
        let (request, _) = base.sign().map_err(|e| TestCaseError::fail(e.to_string()))?;
        let mut stranger = base.clone();
        stranger.account = Default::default();
        let (outcome, _) = stranger.verify(&request).map_err(|e| TestCaseError::fail(e.to_string()))?;
        let needs_account = !base.structure.credentials().is_empty() && base.structure.needs_credentials();
        prop_assert!(!needs_account || outcome != Outcome::Accept, "{:?}\n{}", base, shown(&request));
        Ok(())
    });
    result.unwrap_or_else(|e| panic!("{e}"));
}
