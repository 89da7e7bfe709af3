//! Tells the linker to pack the addresses that a position-independent program corrects at start: they
//! are 300 kB of a file that would stay in memory.

fn main() {
    let is = |name: &str, value: &str| std::env::var(name).is_ok_and(|v| v == value);
    if is("CARGO_CFG_TARGET_OS", "linux") && is("CARGO_CFG_TARGET_ENV", "gnu") {
        // a linker that does not know the word says so and goes on
        println!("cargo::rustc-link-arg-bins=-Wl,-z,pack-relative-relocs");
    }
    println!("cargo::rerun-if-changed=src/build.rs");
}
