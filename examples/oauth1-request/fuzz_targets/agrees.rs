#![no_main]
use countersign::conformance::assert_agrees;
use countersign_example_oauth1_request::{Published, SCHEME};

libfuzzer_sys::fuzz_target!(|data: &[u8]| assert_agrees(&SCHEME, Published, data));
