//! The build script of every provider's crate (`build = "../../build.rs"`): its client is generated from its spec.

fn main() -> std::process::ExitCode {
    enroll_codegen::build()
}
