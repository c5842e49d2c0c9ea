//! Requests of every form, judged by the contracts of the four specs; what must hold is said in the sandbox's `fuzzing`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| enroll_sandbox::fuzzing::request(data));
