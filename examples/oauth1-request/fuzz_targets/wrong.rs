#![no_main]
// A signer with one mistake, to see how fast a fuzzer finds it: this target must fail.
use countersign::conformance::assert_agrees;
use countersign_example_oauth1_request::SCHEME;

#[path = "../../../tests/runner/differential/wrong_signer.rs"]
mod wrong_signer;

libfuzzer_sys::fuzz_target!(|data: &[u8]| assert_agrees(&SCHEME, wrong_signer::WrongSigner, data));
