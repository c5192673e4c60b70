#![no_main]
use countersign_fuzz::canonicalisation::{SCHEMES, run};
use std::sync::LazyLock;
// Loaded before there is an input, whose limit of time would count it.
libfuzzer_sys::fuzz_target!(init: LazyLock::force(&SCHEMES), |data: &[u8]| run(data));
