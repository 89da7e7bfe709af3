//! Bodies of windows_exporter and wmi_exporter, and what is made of them.

use super::*;
use crate::dialects::testing::{decoded, decoded_with_virtual, notes_of};

const BODY: &str = include_str!("bodies/windows.txt");

#[test]
fn time_in_interrupts_is_part_of_privileged_time() {
    let first = decoded(v::CPU, BODY);
    assert!(first.contains(" busy_seconds=300 total_seconds=1300 "), "{first}");
}

#[test]
fn names_of_the_predecessor_are_read_and_totals_are_not_devices() {
    let body = "wmi_cpu_time_total{core=\"0,0\",mode=\"idle\"} 10\n\
                wmi_cpu_time_total{core=\"0,0\",mode=\"privileged\"} 5\n\
                wmi_cpu_time_total{core=\"0,0\",mode=\"user\"} 5\n\
                wmi_cpu_time_total{core=\"_Total\",mode=\"idle\"} 10\n\
                wmi_cs_physical_memory_bytes 8e+09\nwmi_os_physical_memory_free_bytes 2e+09\n\
                wmi_logical_disk_free_bytes{volume=\"C:\"} 4e+10\n\
                wmi_logical_disk_free_bytes{volume=\"_Total\"} 4e+10\n\
                wmi_logical_disk_size_bytes{volume=\"C:\"} 1e+11\n\
                wmi_os_time 1.70001e+09\nwmi_system_system_up_time 1.7e+09\n";
    let processors = decoded(v::CPU, body);
    assert!(processors.contains(" busy_seconds=10 total_seconds=20 "), "{processors}");
    assert_eq!(processors.lines().count(), 1);
    assert!(decoded(v::MEMORY, body).starts_with("Main percent=75 used_bytes=6000000000 "));
    assert!(decoded(v::DISK, body).starts_with("C: percent=60 used_bytes=60000000000 "));
    assert_eq!(decoded(v::DISK, body).lines().count(), 1);
    assert_eq!(decoded(v::HOST, body), " uptime_seconds=10000\n");
}

#[test]
fn a_disc_in_a_drive_is_not_a_full_disk() {
    let volume = |letter: char, drive: &str, file_system: &str, free: u64| {
        format!(
            "windows_logical_disk_free_bytes{{volume=\"{letter}:\"}} {free}\n\
             windows_logical_disk_info{{disk=\"0\",filesystem=\"{file_system}\",type=\"{drive}\",volume=\"{letter}:\"}} 1\n\
             windows_logical_disk_size_bytes{{volume=\"{letter}:\"}} 4000\n"
        )
    };
    let body = volume('C', "fixed", "NTFS", 1000)
        + &volume('D', "cdrom", "UDF", 0)
        + &volume('E', "cdrom", "", 0)
        + &volume('F', "fixed", "", 3000);
    let disks = decoded(v::DISK, &body);
    assert_eq!(
        disks,
        "C: percent=75 used_bytes=3000 total_bytes=4000 available_bytes=1000 free_bytes=1000 mounts=\"C:\" type=\"ntfs\"\n\
         F: percent=25 used_bytes=1000 total_bytes=4000 available_bytes=3000 free_bytes=3000 mounts=\"F:\"\n"
    );
    assert_eq!(decoded_with_virtual(v::DISK, &body).lines().count(), 4);
}

#[test]
fn figures_that_contradict_each_other_are_noted() {
    let body = "windows_memory_available_bytes 9e+09\nwindows_memory_physical_total_bytes 8e+09\n\
                windows_logical_disk_free_bytes{volume=\"C:\"} 2e+11\n\
                windows_logical_disk_size_bytes{volume=\"C:\"} 1e+11\n";
    assert_eq!(decoded(v::MEMORY, body), "Main total_bytes=8000000000\n");
    assert_eq!(decoded(v::DISK, body), "C: total_bytes=100000000000 mounts=\"C:\"\n");
    assert_eq!(notes_of(v::MEMORY, body).len(), 1);
    let free = format!("{body}windows_memory_physical_free_bytes 2e+09\n");
    let memory = decoded(v::MEMORY, &free);
    assert!(memory.starts_with("Main percent=75 used_bytes=6000000000 "), "{memory}");
    assert!(notes_of(v::MEMORY, &free)[0].ends_with("; what is free is taken"));
}
