//! What `countersign fuzz` puts for a seed is frozen: a seed that somebody noted must go on giving
//! the inputs that it gave.

use crate::setting::entry;
use countersign::case::{Case, Reply};
use countersign::differential::{Bounds, fuzz};
use countersign::subject::{Call, InProcess, Subject};
use sha2::{Digest, Sha256};

/// Digests the cases that it is put, and does none of them.
#[derive(Default)]
struct Recorder {
    digest: Sha256,
    cases: u64,
}

impl Subject for &mut Recorder {
    fn answer(&mut self, case: &Case) -> Reply {
        self.digest.update(serde_json::to_vec(&Call::of(self.cases, case)).unwrap());
        self.cases += 1;
        Reply::Skipped("it only looks".into())
    }
}

/// The first 4,000 cases of a seed, as a digest.
fn digest(scheme: &str, seed: u64) -> String {
    let mut recorder = Recorder::default();
    let bounds = Bounds { cases: 4000, time: None, seed };
    fuzz(entry(scheme), &mut InProcess::new(&mut recorder, [scheme]), &bounds, &mut |_, _, _| {}).unwrap();
    assert!(recorder.cases >= 4000);
    recorder.digest.finalize().iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}

/// Where the inputs are meant to change, or vectors of these fixtures, new digests stand here.
#[test]
fn the_same_seed_gives_the_same_cases_as_ever() {
    let found = ["aws-sigv4", "oauth1", "standard-webhooks"].map(|scheme| (scheme, digest(scheme, 7)));
    let frozen =
        [("aws-sigv4", "f33213a8c96a6a06"), ("oauth1", "d11a5d4b5bf0895c"), ("standard-webhooks", "e09054031e2e6a9f")];
    assert_eq!(found, frozen.map(|(scheme, digest)| (scheme, digest.to_owned())));
}
