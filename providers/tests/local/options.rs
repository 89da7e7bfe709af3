//! What the local providers say of themselves, and what they refuse.

use super::{LOCAL, plugin, poll, reader};
use manytop_core::{
    options::Options,
    provider::{Build, Class},
    registry::Registry,
};

fn refusal(name: &str, given: &[(&str, &str)]) -> String {
    let options = Options::parse(plugin(name).specs(), given).unwrap();
    let Build::Reads(build) = plugin(name).build() else { panic!("{name} does not read") };
    build(&options).err().unwrap().to_string()
}

#[test]
fn they_are_registered_without_a_conflict() {
    let registry = Registry::load(&[]).unwrap();
    for name in LOCAL {
        let plugin = registry.provider(name).unwrap();
        assert!(plugin.at().file().contains(name), "{plugin:?}");
        assert!(!plugin.what().is_empty());
    }
}

/// Every reading keeps to what its plugin says that it yields.
#[test]
fn they_yield_what_they_declare() {
    for name in LOCAL {
        let Ok(readings) = poll(name, &mut *reader(name, &[])) else { continue };
        for reading in readings {
            let what = plugin(name).what().iter();
            let yields = what.clone().find(|yields| yields.kind() == reading.kind);
            let yields = yields.unwrap_or_else(|| panic!("{name}: {}", reading.kind.word()));
            for (quantity, _) in reading.values.iter() {
                assert!(yields.quantities().contains(&quantity), "{name}: {}", quantity.name());
            }
            for (text, _) in reading.texts.iter() {
                assert!(yields.text_names().contains(&text), "{name}: {}", text.name());
            }
        }
    }
}

#[test]
fn a_root_that_is_none_is_refused() {
    for name in LOCAL {
        assert_eq!(
            refusal(name, &[("root", "/no/such/tree")]),
            "root: /no/such/tree is not a folder"
        );
    }
    let refused = refusal("cpu", &[("root", "/tmp"), ("via", "sysinfo")]);
    assert_eq!(refused, "root: sysinfo knows this machine only; set via=kernel");
}

#[test]
fn a_tree_without_proc_fails_and_one_without_hardware_is_absent() {
    let empty = std::env::temp_dir().join(format!("manytop-empty-{}", std::process::id()));
    std::fs::create_dir_all(&empty).unwrap();
    for name in LOCAL {
        let mut reader = reader(name, &[("root", empty.to_str().unwrap())]);
        let failure = poll(name, &mut *reader).unwrap_err();
        let hardware =
            ["temperature", "fan", "power", "container", "storage", "gpu"].contains(&name);
        let class = if hardware { Class::Absent } else { Class::Unreachable };
        assert_eq!(failure.class(), class, "{name}: {failure}");
        assert!(hardware || failure.to_string().contains("/proc"), "{name}: {failure}");
    }
    std::fs::remove_dir(&empty).unwrap();
}
