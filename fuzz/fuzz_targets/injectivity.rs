#![no_main]
use countersign_fuzz::{base::BASES, injectivity};
use std::sync::LazyLock;
// Loaded before there is an input, whose limit of time would count it.
libfuzzer_sys::fuzz_target!(init: LazyLock::force(&BASES), |data: &[u8]| injectivity::run(data));
