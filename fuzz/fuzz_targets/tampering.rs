#![no_main]
use countersign_fuzz::{base::BASES, tampering};
use std::sync::LazyLock;
// Loaded before there is an input, whose limit of time would count it.
libfuzzer_sys::fuzz_target!(init: LazyLock::force(&BASES), |data: &[u8]| tampering::run(data));
