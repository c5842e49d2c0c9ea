//! Specs of every form, given to the generator: it makes something of them or says where they are wrong, and why.
#![no_main]

use std::path::Path;

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let Err(error) = enroll_codegen::generate_from_text(Path::new("specs/x.yaml"), text) else { return };
    assert!(!error.findings().is_empty(), "refused without a reason");
    for finding in error.findings() {
        assert!(finding.position.line > 0, "without a line: {error}");
        // A panic that was caught is told with its schema or operation; progenitor's may be, the generator's own not.
        assert!(!finding.message.contains("the generator panicked"), "{error}");
        assert!(finding.rule != "generation" || !finding.pointer.is_empty(), "nobody to blame: {error}");
    }
});
