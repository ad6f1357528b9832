#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| omega_fuzz::bodies::hook_lines(data));
