#![no_main]
use countersign_fuzz::{base::SCHEMES, verify};
use std::sync::LazyLock;
// Loaded before there is an input, whose limit of time would count it.
libfuzzer_sys::fuzz_target!(init: LazyLock::force(&SCHEMES), |data: &[u8]| verify::run(data));
