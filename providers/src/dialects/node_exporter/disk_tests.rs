//! Tests of the filesystems and block devices of node_exporter.

use super::*;
use crate::dialects::testing::{decoded, decoded_with_virtual, notes_of};

fn mounted(device: &str, fstype: &str, mount: &str, [size, free, avail]: [&str; 3]) -> String {
    [("size", size), ("free", free), ("avail", avail)]
        .map(|(what, value)| {
            format!(
                "node_filesystem_{what}_bytes{{device=\"{device}\",fstype=\"{fstype}\",mountpoint=\"{mount}\"}} {value}\n"
            )
        })
        .concat()
}

#[test]
fn percent_is_as_df_has_it() {
    let body = mounted("/dev/vda1", "ext4", "/", ["1000", "400", "300"])
        + "node_disk_read_bytes_total{device=\"vda1\"} 7\nnode_disk_written_bytes_total{device=\"vda1\"} 8\n";
    assert_eq!(
        decoded(DISK, &body),
        "vda1 percent=66.66666666666667 used_bytes=600 total_bytes=1000 available_bytes=300 \
         free_bytes=400 read_bytes=7 written_bytes=8 mounts=\"/\" type=\"ext4\"\n"
    );
}

#[test]
fn several_mounts_are_one_device_and_the_shortest_gives_the_numbers() {
    let body = mounted("/dev/sda2", "btrfs", "/home", ["1000", "500", "500"])
        + &mounted("/dev/sda2", "btrfs", "/", ["1000", "400", "400"])
        + &mounted("/dev/sda2", "btrfs", "/home", ["1", "1", "1"]);
    assert_eq!(
        decoded(DISK, &body),
        "sda2 percent=60 used_bytes=600 total_bytes=1000 available_bytes=400 free_bytes=400 \
         mounts=\"/ /home\" type=\"btrfs\"\n"
    );
}

#[test]
fn mapped_devices_go_by_their_kernel_name() {
    let body = "node_disk_device_mapper_info{device=\"dm-0\",lv_name=\"root\",name=\"vg-root\",vg_name=\"vg\"} 1\n\
                node_disk_read_bytes_total{device=\"dm-0\"} 9\n"
        .to_owned()
        + &mounted("/dev/mapper/vg-root", "ext4", "/", ["10", "5", "5"])
        + &mounted("/dev/mapper/crypt", "ext4", "/c", ["10", "5", "5"]);
    let decoded = decoded(DISK, &body);
    let lines: Vec<_> = decoded.lines().collect();
    assert_eq!(lines.len(), 2, "{decoded}");
    assert!(
        lines[0].starts_with("dm-0 percent=50 ") && lines[0].contains("read_bytes=9"),
        "{decoded}"
    );
    assert!(lines[1].starts_with("mapper/crypt percent=50 "), "{decoded}");
}

#[test]
fn what_has_no_block_device_goes_by_dataset_or_mount_point() {
    let numbers = ["10", "5", "5"];
    let body = mounted("tank/data", "zfs", "/data", numbers)
        + &mounted("server:/export", "nfs4", "/mnt", numbers)
        + &mounted("tmpfs", "tmpfs", "/run", numbers)
        + &mounted("tmpfs", "tmpfs", "/tmp", numbers)
        + &mounted("overlay", "overlay", "/o", numbers)
        + &mounted("/dev/loop3", "squashfs", "/snap/x", numbers)
        + &mounted("/dev/loop4", "ext4", "/l", numbers)
        + &mounted("/dev/sdb1", "vfat", "/empty", ["0", "0", "0"]);
    let devices: Vec<_> =
        decoded(DISK, &body).lines().map(|l| l.split(' ').next().unwrap().to_owned()).collect();
    assert_eq!(devices, ["/mnt", "tank/data"]);
}

#[test]
fn the_volumes_of_an_apfs_container_are_one_disk() {
    let numbers = ["990", "400", "400"];
    let body = mounted("/dev/disk3s5", "apfs", "/System/Volumes/Data", numbers)
        + &mounted("/dev/disk3s1s1", "apfs", "/", numbers)
        + &mounted("com.apple.TimeMachine.1@/dev/disk3s5", "apfs", "/Volumes/a b", numbers)
        + &mounted("/dev/disk5s1", "apfs", "/Volumes/x", ["10", "5", "5"])
        + &mounted("/dev/disk6s1", "hfs", "/Volumes/y", ["10", "5", "5"])
        + &mounted("map auto_home", "autofs", "/System/Volumes/Data/home", ["0", "0", "0"])
        + "node_disk_read_bytes_total{device=\"disk0\"} 7\n";
    assert_eq!(
        decoded(DISK, &body),
        "disk0 read_bytes=7\n\
         disk3 percent=59.5959595959596 used_bytes=590 total_bytes=990 available_bytes=400 \
         free_bytes=400 mounts=\"/ /Volumes/a\\\\040b /System/Volumes/Data\" type=\"apfs\"\n\
         disk5 percent=50 used_bytes=5 total_bytes=10 available_bytes=5 free_bytes=5 \
         mounts=\"/Volumes/x\" type=\"apfs\"\n\
         disk6s1 percent=50 used_bytes=5 total_bytes=10 available_bytes=5 free_bytes=5 \
         mounts=\"/Volumes/y\" type=\"hfs\"\n"
    );
    assert_eq!(container("/dev/disk3"), Some("disk3".into()));
    for other in ["/dev/disks1", "/dev/disk3x", "disk3s1", "/dev/sda1", ""] {
        assert_eq!(container(other), None, "{other}");
    }
}

#[test]
fn the_older_names_are_read_and_those_of_devstat() {
    let body = mounted("/dev/sda1", "ext4", "/", ["1000", "400", "300"]).replace("_bytes{", "{")
        + "node_disk_bytes_read{device=\"sda1\"} 7\nnode_disk_bytes_written{device=\"sda1\"} 8\n";
    assert_eq!(
        decoded(DISK, &body),
        "sda1 percent=66.66666666666667 used_bytes=600 total_bytes=1000 available_bytes=300 \
         free_bytes=400 read_bytes=7 written_bytes=8 mounts=\"/\" type=\"ext4\"\n"
    );
    let body = "node_devstat_bytes_total{device=\"ada0\",type=\"read\"} 5\n\
                node_devstat_bytes_total{device=\"ada0\",type=\"write\"} 6\n\
                node_devstat_bytes_total{device=\"pass0\",type=\"read\"} 0\n\
                node_devstat_bytes_total{device=\"da0\"} 9\n";
    assert_eq!(decoded(DISK, body), "ada0 read_bytes=5 written_bytes=6\n");
}

#[test]
fn a_disk_that_holds_partitions_is_shown_for_its_traffic() {
    let body = "node_disk_read_bytes_total{device=\"sda\"} 5\nnode_disk_written_bytes_total{device=\"sda\"} 0\n\
                node_disk_read_bytes_total{device=\"sdz\"} 0\nnode_disk_written_bytes_total{device=\"zram0\"} 9\n";
    assert_eq!(decoded(DISK, body), "sda read_bytes=5 written_bytes=0\n");
}

#[test]
fn a_full_disk_is_full_when_its_available_bytes_wrap() {
    let body = mounted("/dev/sda1", "ext4", "/", ["8.79e+11", "1e+09", "1.8446744073e+19"]);
    assert_eq!(
        decoded(DISK, &body),
        "sda1 percent=99.88623435722411 used_bytes=878000000000 total_bytes=879000000000 \
         free_bytes=1000000000 mounts=\"/\" type=\"ext4\"\n"
    );
    assert_eq!(
        notes_of(DISK, &body),
        ["disk \"sda1\": available_bytes 18446744073000000000 is not between 0 and total_bytes \
          879000000000; percent is used of total"]
    );
    // UFS says so where root has taken of the reserve
    let body = mounted("/dev/ada0", "ufs", "/", ["1000", "20", "-60"]);
    assert!(
        decoded(DISK, &body).starts_with("ada0 percent=100 used_bytes=980 "),
        "{}",
        decoded(DISK, &body)
    );
    assert!(notes_of(DISK, &body).is_empty());
}

#[test]
fn images_and_views_are_shown_on_request() {
    let full = ["10", "0", "0"];
    let half = ["10", "5", "5"];
    let body = mounted("/dev/sr0", "iso9660", "/media/cd", full)
        + &mounted("/dev/vdb", "iso9660", "/mnt/config", full)
        + &mounted("/dev/loop0", "udf", "/srv/iso", full)
        + &mounted("x.AppImage", "fuse.x.AppImage", "/tmp/.mount_x", full)
        + &mounted("ratar", "fuse.ratarmount", "/tmp/tar", full)
        + &mounted("jerry:/", "fuse.sshfs", "/tmp/ssh", full)
        + "node_filesystem_readonly{device=\"ratar\",fstype=\"fuse.ratarmount\",mountpoint=\"/tmp/tar\"} 1\n"
        + "node_filesystem_readonly{device=\"jerry:/\",fstype=\"fuse.sshfs\",mountpoint=\"/tmp/ssh\"} 0\n"
        + &mounted("/dev/root", "erofs", "/", full)
        + &mounted("linprocfs", "linprocfs", "/compat/linux/proc", full)
        + &mounted("/usr/ports", "nullfs", "/jails/a/usr/ports", half)
        + &mounted("map auto_home", "autofs", "/home", half)
        + &mounted("/dev/vda1", "ext4", "/data", half);
    let names = |decoded: String| -> Vec<String> {
        decoded.lines().map(|l| l.split(' ').next().unwrap().to_owned()).collect()
    };
    assert_eq!(names(decoded(DISK, &body)), ["/tmp/ssh", "vda1"]);
    let all = decoded_with_virtual(DISK, &body);
    assert_eq!(
        names(all.clone()),
        [
            "/compat/linux/proc",
            "/jails/a/usr/ports",
            "/tmp/.mount_x",
            "/tmp/ssh",
            "/tmp/tar",
            "loop0",
            "root",
            "sr0",
            "vda1",
            "vdb",
        ]
    );
    assert!(all.contains("\nsr0 percent=100 used_bytes=10 total_bytes=10 "), "{all}");
    assert!(all.contains("\n/tmp/tar used_bytes=10 total_bytes=10 "), "{all}");
}

#[test]
fn requests_busy_time_and_files_are_read_by_both_generations_of_names() {
    let body = mounted("/dev/sda1", "ext4", "/", ["1000", "400", "400"])
        + "node_filesystem_files{device=\"/dev/sda1\",fstype=\"ext4\",mountpoint=\"/\"} 100\n\
           node_filesystem_files_free{device=\"/dev/sda1\",fstype=\"ext4\",mountpoint=\"/\"} 75\n\
           node_disk_io_time_seconds_total{device=\"sda1\"} 1.5\n\
           node_disk_read_time_seconds_total{device=\"sda1\"} 2\n\
           node_disk_reads_completed_total{device=\"sda1\"} 3\n\
           node_disk_write_time_seconds_total{device=\"sda1\"} 4\n\
           node_disk_writes_completed_total{device=\"sda1\"} 5\n";
    let expected = " inodes=100 free_inodes=75 inodes_percent=25 reads=3 writes=5 requests=8 \
                    request_seconds=6 io_seconds=1.5 ";
    assert!(decoded(DISK, &body).contains(expected), "{}", decoded(DISK, &body));
    let older = "node_disk_bytes_read{device=\"sda\"} 9\nnode_disk_io_time_ms{device=\"sda\"} 1500\n\
                 node_disk_read_time_ms{device=\"sda\"} 2000\nnode_disk_reads_completed{device=\"sda\"} 3\n\
                 node_disk_write_time_ms{device=\"sda\"} 4000\nnode_disk_writes_completed{device=\"sda\"} 5\n";
    assert_eq!(
        decoded(DISK, older),
        "sda read_bytes=9 reads=3 writes=5 requests=8 request_seconds=6 io_seconds=1.5\n"
    );
}
