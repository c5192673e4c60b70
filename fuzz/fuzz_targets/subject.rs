#![no_main]
use countersign_fuzz::subject;
libfuzzer_sys::fuzz_target!(init: subject::prepare(), |data: &[u8]| subject::run(data));
