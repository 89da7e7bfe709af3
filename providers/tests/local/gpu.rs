//! Graphics processors: programs that use an Intel card, and NVIDIA's by a library in the place of NVML.

use super::{Says, device, once, poll, reader};
use manytop_core::{provider::Class, vocabulary as v};
use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Folder {
        let folder =
            std::env::temp_dir().join(format!("manytop-gpu-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).unwrap();
        Folder(folder)
    }

    fn write(&self, path: &str, text: &str) {
        let path = self.0.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    fn path(&self) -> &str {
        self.0.to_str().unwrap()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

#[test]
fn an_intel_card_is_as_busy_as_its_programs_make_it() {
    let tree = Folder::new("clients");
    let uevent = "DRIVER=i915\nPCI_ID=8086:9A49\nPCI_SLOT_NAME=0000:00:02.0\n";
    tree.write("sys/class/drm/card0/device/uevent", uevent);
    tree.write("sys/class/drm/card0/gt_act_freq_mhz", "1300\n");
    let info = |seconds: u64| {
        let used = seconds * 1_000_000_000;
        let text = format!(
            "pos:\t0\ndrm-driver:\ti915\ndrm-pdev:\t0000:00:02.0\ndrm-client-id:\t7\n\
             drm-engine-render:\t{used} ns\ndrm-engine-copy:\t0 ns\n"
        );
        tree.write("proc/42/fdinfo/5", &text);
    };
    info(100);
    fs::create_dir_all(tree.0.join("proc/42/fd")).unwrap();
    std::os::unix::fs::symlink("/dev/dri/renderD128", tree.0.join("proc/42/fd/5")).unwrap();
    let mut reader = reader("gpu", &[("root", tree.path())]);
    let first = poll("gpu", &mut *reader).unwrap();
    assert_eq!(device(&first, "gpu0").number(&v::BUSY_SECONDS), 0.0);
    assert_eq!(device(&first, "gpu0").number(&v::FREQUENCY_HERTZ), 1.3e9);
    info(400);
    let second = poll("gpu", &mut *reader).unwrap();
    let gpu = device(&second, "gpu0");
    let (busy, total) = (gpu.number(&v::BUSY_SECONDS), gpu.number(&v::TOTAL_SECONDS));
    assert!(busy > 0.0 && busy <= total, "no more than all of the time: {busy} {total}");
}

/// The functions of NVML that are called, for two cards of which the second has fallen off the bus.
const NVML: &str = r#"
#include <string.h>
typedef struct { int n; } card;
static card cards[2] = {{0}, {1}};
typedef struct { unsigned gpu, memory; } rates;
typedef struct { unsigned version; unsigned long long total, reserved, free, used; } memory_v2;
int nvmlInit_v2(void) { return 0; }
int nvmlInitWithFlags(unsigned flags) { return 0; }
int nvmlShutdown(void) { return 0; }
int nvmlDeviceGetCount_v2(unsigned *n) { *n = 2; return 0; }
int nvmlDeviceGetHandleByIndex_v2(unsigned n, card **c) { *c = &cards[n]; return n == 1 ? 15 : 0; }
int nvmlDeviceGetName(card *c, char *name, unsigned size) { strncpy(name, "NVIDIA RTX 4090", size); return 0; }
int nvmlDeviceGetUtilizationRates(card *c, rates *r) { r->gpu = 63; r->memory = 20; return 0; }
int nvmlDeviceGetMemoryInfo_v2(card *c, memory_v2 *m) {
    m->total = 24ull << 30; m->used = 6ull << 30; m->free = 18ull << 30; m->reserved = 0; return 0;
}
int nvmlDeviceGetTemperature(card *c, int sensor, unsigned *t) { *t = 71; return 0; }
int nvmlDeviceGetPowerUsage(card *c, unsigned *mw) { *mw = 312500; return 0; }
int nvmlDeviceGetEnforcedPowerLimit(card *c, unsigned *mw) { *mw = 450000; return 0; }
int nvmlDeviceGetClockInfo(card *c, int type, unsigned *mhz) { *mhz = 2520; return 0; }
int nvmlDeviceGetFanSpeed_v2(card *c, unsigned fan, unsigned *percent) { return 3; /* it has none */ }
int nvmlDeviceGetEncoderUtilization(card *c, unsigned *percent, unsigned *period) { *percent = 5; *period = 1; return 0; }
"#;

fn library(folder: &Folder) -> PathBuf {
    folder.write("nvml.c", NVML);
    let (source, library) = (folder.0.join("nvml.c"), folder.0.join("libnvidia-ml.so.1"));
    let mut cc = Command::new("cc");
    cc.args(["-shared", "-fPIC", "-w", "-o"]).args([&library, &source]);
    assert!(cc.status().unwrap().success(), "cc builds the library");
    library
}

#[test]
fn nvidias_cards_are_read_by_the_library() {
    let folder = Folder::new("nvml");
    let library = library(&folder);
    let given = [("root", folder.path()), ("nvml", library.to_str().unwrap())];
    let readings = once("gpu", &given);
    let names: Vec<&str> = readings.iter().map(|r| &*r.device).collect();
    assert_eq!(names, ["gpu0"], "one that fell off the bus does not hide the other");
    let gpu = &readings[0];
    assert_eq!(gpu.text_of(&v::MODEL), "NVIDIA RTX 4090");
    let all = [
        (&v::PERCENT, 63.0),
        (&v::USED_BYTES, 6.0 * 1024.0 * 1024.0 * 1024.0),
        (&v::TOTAL_BYTES, 24.0 * 1024.0 * 1024.0 * 1024.0),
        (&v::CELSIUS, 71.0),
        (&v::WATTS, 312.5),
        (&v::MAX_WATTS, 450.0),
        (&v::FREQUENCY_HERTZ, 2.52e9),
        (&v::ENCODER_PERCENT, 5.0),
    ];
    for (quantity, value) in all {
        assert_eq!(gpu.number(quantity), value, "{}", quantity.name());
    }
    assert_eq!(gpu.values.get(&v::FAN_PERCENT), None, "what a card has not is absent");
    assert_eq!(gpu.values.get(&v::DECODER_PERCENT), None, "nor what the library has not");
}

#[test]
fn other_cards_are_numbered_behind_nvidias_and_a_suspended_one_is_not_woken() {
    let folder = Folder::new("both");
    let library = library(&folder);
    let card = |number: u32, driver: &str, id: &str| {
        let slot = format!("0000:0{number}:00.0");
        let uevent = format!("DRIVER={driver}\nPCI_ID={id}\nPCI_SLOT_NAME={slot}\n");
        folder.write(&format!("sys/class/drm/card{number}/device/uevent"), &uevent);
    };
    card(0, "amdgpu", "1002:73BF");
    folder.write("sys/class/drm/card0/device/gpu_busy_percent", "9\n");
    card(1, "nvidia", "10DE:2684");
    let status = "sys/class/drm/card1/device/power/runtime_status";
    folder.write(status, "active\n");
    let given = [("root", folder.path()), ("nvml", library.to_str().unwrap())];
    let mut reader = reader("gpu", &given);
    let mut names = || -> Vec<String> {
        let readings = poll("gpu", &mut *reader).unwrap();
        readings.iter().map(|r| format!("{} {}", r.device, r.number(&v::PERCENT))).collect()
    };
    assert_eq!(names(), ["gpu0 63", "gpu2 9"]);
    folder.write(status, "suspended\n");
    assert_eq!(names(), ["gpu2 9"]);
}

#[test]
fn a_library_that_cannot_be_loaded_is_named() {
    let folder = Folder::new("broken");
    folder.write("libnvidia-ml.so.1", "not a library");
    let library = folder.0.join("libnvidia-ml.so.1");
    let given = [("root", folder.path()), ("nvml", library.to_str().unwrap())];
    let failure = poll("gpu", &mut *reader("gpu", &given)).unwrap_err();
    assert_eq!(failure.class(), Class::Unreachable);
    let said = failure.to_string();
    assert!(said.contains(library.to_str().unwrap()) && said.contains("gpu-nvml"), "{said}");
    assert!(Path::new(&library).exists());
}
