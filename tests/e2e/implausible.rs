//! Figures that cannot be true, and file systems that are never written: what the whole program makes of
//! them, and that no alarm is raised or missed because of them.

use crate::{
    bodies,
    farm::Farm,
    home::{Done, Home},
    once::Once,
};

/// A filesystem in the words of node_exporter.
fn filesystem(device: &str, kind: &str, mount: &str, [size, free, available]: [f64; 3]) -> String {
    [("size", size), ("free", free), ("avail", available)]
        .map(|(what, value)| {
            format!(
                "node_filesystem_{what}_bytes{{device=\"{device}\",fstype=\"{kind}\",mountpoint=\"{mount}\"}} {value}\n"
            )
        })
        .concat()
}

/// Disks alone are checked: this machine may be busy.
fn check(home: &Home, args: &[&str], code: i32) -> Done {
    let others = ["cpu=", "mem=", "temp="].map(|limit| ["--limit", limit]).concat();
    home.run(&[&["--check", "-C", "/dev/null"], &others[..], args].concat()).expect(code)
}

/// A recorded machine: mounts, and what statvfs says of them.
fn machine(home: &Home, mounts: &str, statvfs: &str) -> String {
    let folder = home.write("machine/statvfs", statvfs).parent().unwrap().to_owned();
    home.write("machine/proc/self/mountinfo", mounts);
    home.write("machine/proc/diskstats", "");
    format!("disk-root={}", folder.display())
}

#[test]
fn a_full_disk_alarms_although_its_available_bytes_wrapped() {
    let (home, farm) = (Home::new(), Farm::new());
    let body = filesystem("/dev/sda1", "ext4", "/", [8.79e11, 1e9, 1.8446744073e19]);
    let url = format!("x={}", farm.serve(bodies::text(body)).url());
    let done = check(&home, &["--no-local", "--remote", &url], 2);
    assert!(done.stdout.contains("CRITICAL: x disk 100 > 95"), "{}", done.stdout);
    let once =
        home.run(&["--once=json", "-C", "/dev/null", "--no-local", "--remote", &url]).expect(0);
    let note = "note: x: disk \"sda1\": available_bytes 18446744073000000000 is not between 0 and \
                total_bytes 879000000000; percent is used of total\n";
    assert_eq!(once.stderr, note);
    assert_eq!(Once::read(once).value("x", "disk", "sda1", "free_bytes"), 1e9);

    let mounts = "28 1 8:1 / / rw - ext4 /dev/sda1 rw\n";
    let root = machine(&home, mounts, "/ 4096 1000000 10 18446744073709551000\n");
    let done = check(&home, &["--set", &root], 2);
    assert!(done.stdout.contains("CRITICAL: local disk 100 > 95"), "{}", done.stdout);
}

#[test]
fn what_can_never_be_written_is_shown_on_request_and_never_alarms() {
    let (home, farm) = (Home::new(), Farm::new());
    let full = [4e9, 0.0, 0.0];
    let body = filesystem("/dev/vda1", "ext4", "/", [1e10, 5e9, 5e9])
        + &filesystem("/dev/sr0", "iso9660", "/media/cd", full)
        + &filesystem("/dev/vdb", "iso9660", "/mnt/config", full)
        + &filesystem("x.AppImage", "fuse.x.AppImage", "/tmp/.mount_x", full)
        + &filesystem("tar", "fuse.ratarmount", "/tmp/tar", full)
        + "node_filesystem_readonly{device=\"tar\",fstype=\"fuse.ratarmount\",mountpoint=\"/tmp/tar\"} 1\n"
        + &filesystem("/dev/root", "erofs", "/usr", full)
        + &filesystem("linprocfs", "linprocfs", "/compat/linux/proc", full)
        + &filesystem("tmpfs", "tmpfs", "/run", full);
    let url = format!("x={}", farm.serve(bodies::text(body)).url());
    let remote = ["--no-local", "--remote", url.as_str()];
    let mounts = "28 1 8:1 / / rw - ext4 /dev/vda1 rw\n\
                  40 28 11:0 / /media/cd ro - iso9660 /dev/sr0 ro\n\
                  43 28 8:32 / /mnt/config ro - iso9660 /dev/vdb ro\n\
                  44 28 0:70 / /tmp/.mount_x ro - fuse.x.AppImage x.AppImage ro\n\
                  45 28 0:71 / /tmp/tar ro - fuse.ratarmount tar ro\n\
                  46 28 0:72 / /usr ro - erofs /dev/root ro\n\
                  47 28 0:73 / /run rw - tmpfs tmpfs rw\n";
    let paths = ["/media/cd", "/mnt/config", "/tmp/.mount_x", "/tmp/tar", "/usr", "/run"];
    let statvfs: String = paths.iter().map(|path| format!("{path} 4096 1000 0 0\n")).collect();
    let root = machine(&home, mounts, &format!("/ 4096 1000 500 500\n{statvfs}"));
    let local = ["--set", root.as_str()];
    for (source, args) in [("x", &remote[..]), ("local", &local[..])] {
        let once = |more: &[&str]| {
            let args = [&["--once=json", "-C", "/dev/null"], args, more].concat();
            Once::read(home.run(&args).expect(0))
        };
        let disks = |once: &Once| once.devices_of(source, "disk").len();
        let usual = once(&[]);
        assert_eq!(disks(&usual), 1, "{source}: {:?}", usual.labels(source));
        check(&home, args, 0);
        let shown = ["--set", "disk-virtual=true"];
        let all = once(&shown);
        let expected = if source == "x" { 8 } else { 7 };
        assert_eq!(disks(&all), expected, "{source}: {:?}", all.labels(source));
        assert_eq!(all.value(source, "disk", "sr0", "percent"), 100.0);
        let done = check(&home, &[args, &shown].concat(), 0);
        assert!(done.stdout.contains("disk_max=50%"), "{source}: {}", done.stdout);
    }
}
