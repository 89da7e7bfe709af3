//! Recorded trees, and what is read of them.
//!
//! A folder of `tests/trees` holds steps `0`, `1`, … and for each provider NAME that is tried on it
//! a file NAME.golden with the readings and notes of each step, all by one reader. A step that is not the
//! first holds only what has changed; a file `gone` lists what is there no more. `MANYTOP_BLESS=1`
//! writes the golden files again, to be read before they are committed.

use super::{part, reader};
use manytop_core::reading::DeviceReading;
use std::{
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
};

macro_rules! trees { ($($tree:ident: $($name:literal)*;)*) => { $(
    #[test]
    fn $tree() {
        $( compare(stringify!($tree), $name, &[], $name); )*
    }
)* } }
trees! {
    laptop: "cpu" "memory" "temperature" "network" "disk" "process" "power" "host";
    server: "cpu" "memory" "temperature" "network" "disk" "process" "power" "host";
    small_board: "cpu" "memory" "temperature" "host";
    workstation: "cpu" "memory" "temperature" "fan" "network" "disk" "process" "power" "host";
    container: "cpu" "memory" "process" "host";
    desktop: "gpu";
    nas: "storage" "container";
    implausible: "memory" "temperature" "disk" "power";
}

#[test]
fn virtual_file_systems_and_peripherals_on_request() {
    compare("implausible", "disk", &[("virtual", "true")], "disk_virtual");
    compare("implausible", "power", &[("peripherals", "true")], "power_peripherals");
}

fn compare(tree: &str, name: &str, given: &[(&str, &str)], golden: &str) {
    // A tree does not tell its machine's pages; those recorded here are of 4 KiB.
    if name == "process" && rustix::param::page_size() != 4096 {
        return;
    }
    let recorded = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/trees").join(tree);
    let root = format!("manytop-{tree}-{golden}-{}", std::process::id());
    let root = std::env::temp_dir().join(root);
    let mut text = String::new();
    let mut reading = None;
    for step in (0..).map(|n| recorded.join(n.to_string())).take_while(|step| step.exists()) {
        apply(&step, &root);
        let reader = reading.get_or_insert_with(|| {
            let root = [("root", root.to_str().unwrap())];
            reader(name, &[&root, given].concat())
        });
        let _ = writeln!(text, "# step {}", step.file_name().unwrap().to_str().unwrap());
        match part(name, &mut **reader) {
            Ok(part) => {
                part.readings.iter().for_each(|r| text += &line(r));
                part.left_out.iter().for_each(|note| text += &format!("note {note}\n"));
            }
            Err(failure) => text += &format!("{:?}: {failure}\n", failure.class()),
        }
    }
    fs::remove_dir_all(&root).unwrap();
    let golden = recorded.join(format!("{golden}.golden"));
    if std::env::var_os("MANYTOP_BLESS").is_some() {
        fs::write(&golden, &text).unwrap();
    }
    let want = fs::read_to_string(&golden).unwrap_or_default();
    assert!(text == want, "{}\n--- read\n{text}--- golden\n{want}", golden.display());
}

fn line(reading: &DeviceReading) -> String {
    let mut line = format!("{} {:?}", reading.kind.word(), reading.device);
    if reading.generation != 0 {
        let _ = write!(line, " epoch {}", reading.generation);
    }
    for (quantity, value) in reading.values.iter() {
        let _ = write!(line, " {}={}", quantity.name(), (value * 1e4).round() / 1e4);
    }
    for (text, value) in reading.texts.iter() {
        let _ = write!(line, " {}={value:?}", text.name());
    }
    line + "\n"
}

/// Lays a step over the root. Files are written in place: new contents are read through
/// the descriptors that are open.
fn apply(step: &Path, root: &Path) {
    for path in fs::read_to_string(step.join("gone")).unwrap_or_default().lines() {
        let path = root.join(path);
        // A descriptor on something that is gone gives nothing, as the kernel's would.
        for file in files(&path) {
            fs::write(file, "").unwrap();
        }
        if path.is_dir() { fs::remove_dir_all(path) } else { fs::remove_file(path) }.unwrap();
    }
    for file in files(step) {
        let below = file.strip_prefix(step).unwrap();
        if below == Path::new("gone") {
            continue;
        }
        let target = root.join(below);
        fs::create_dir_all(target.parent().unwrap()).unwrap();
        match file.extension().is_some_and(|e| e == "link") {
            true => link(&file, &target.with_extension("")),
            false => fs::write(target, fs::read(&file).unwrap()).unwrap(),
        }
    }
}

/// A file `device.link` replaces a symbolic link to the path in it: those of sysfs lead nowhere here.
fn link(file: &Path, target: &Path) {
    let to = fs::read_to_string(file).unwrap();
    let _ = fs::remove_file(target);
    std::os::unix::fs::symlink(to.trim(), target).unwrap();
}

fn files(path: &Path) -> Vec<PathBuf> {
    if !path.is_dir() {
        return vec![path.to_owned()];
    }
    let entries = fs::read_dir(path).unwrap().map(|e| e.unwrap().path());
    entries.flat_map(|p| if p.is_symlink() { vec![] } else { files(&p) }).collect()
}
