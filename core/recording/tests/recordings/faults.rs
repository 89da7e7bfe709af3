//! Damaged, foreign and locked folders, and those that are full.

use crate::scene::{Fed, Folder, at, in_recording, options, replay, seen, writer};
use manytop_core::past::PastStore;
use manytop_recording::{NameCatalog, RecordingWriter, ReplayStore};
use std::{fs, time::Duration};

#[test]
fn one_flipped_byte_costs_one_block_which_is_named() {
    let folder = Folder::new("flip");
    let (mut fed, mut writer) = (Fed::new(), writer(&folder.0));
    for step in 0..1000 {
        fed.step(step, &mut writer);
        writer.flush().unwrap();
    }
    writer.close().unwrap();
    let path = folder.0.join("00000001.mtr");
    let whole = fs::read(&path).unwrap();
    // a byte in the middle lies in the second of four blocks; one in a header hides its block
    let second = 16 + (1..).find(|at| whole[16 + at..].starts_with(b"mtBK")).unwrap();
    for flipped in [second + 200, second + 20] {
        let mut bytes = whole.clone();
        bytes[flipped] ^= 0x10;
        fs::write(&path, bytes).unwrap();
        let mut replay = replay(&folder.0);
        for step in [0, 100, 299, 620, 999] {
            let (moment, texts) = &fed.kept[step];
            let moment = in_recording(&mut replay, &fed, *moment);
            let snapshot = replay.at(moment);
            let got: Vec<_> = snapshot.sources.iter().map(|view| seen(view, moment)).collect();
            assert!(&got == texts, "step {step}");
        }
        let moment = in_recording(&mut replay, &fed, at(400));
        replay.at(moment);
        let notices = replay.notices();
        assert_eq!(notices.len(), 1, "{notices:?}");
        assert!(
            notices[0].contains("00000001.mtr") && notices[0].contains("skipped from "),
            "{notices:?}"
        );
    }
}

#[test]
fn other_files_get_a_clear_error() {
    let folder = Folder::new("foreign");
    let open =
        || ReplayStore::open(&folder.0, NameCatalog::default()).map(drop).unwrap_err().to_string();
    assert!(open().starts_with("cannot read "), "{}", open());
    fs::create_dir_all(&folder.0).unwrap();
    assert!(open().ends_with("holds no recording"), "{}", open());
    let path = folder.0.join("00000001.mtr");
    fs::write(&path, b"a text that is longer than a head").unwrap();
    assert!(open().ends_with("00000001.mtr: not a recording of manytop"), "{}", open());
    fs::write(&path, b"MANYTOPR").unwrap();
    assert!(open().ends_with("ends too early: 8 bytes"), "{}", open());
    fs::write(&path, b"MANYTOPR\xff\0\0\0\0\0\0\0").unwrap();
    assert!(open().contains("the recording has format 255"), "{}", open());
    let refused = RecordingWriter::open(options(&folder.0), &mut NameCatalog::default());
    assert!(refused.is_err(), "what is not understood is not written over");
}

#[test]
fn one_process_records_into_a_folder() {
    let folder = Folder::new("lock");
    let _first = writer(&folder.0);
    let second = RecordingWriter::open(options(&folder.0), &mut NameCatalog::default());
    let error = second.map(drop).unwrap_err().to_string();
    let pid = format!("another process (pid {}) records into ", std::process::id());
    assert!(error.starts_with(&pid), "{error}");
}

#[test]
fn the_oldest_segments_make_room() {
    let folder = Folder::new("room");
    let mut small = options(&folder.0);
    small.size = 150 << 10;
    let mut writer = RecordingWriter::open(small, &mut NameCatalog::default()).unwrap();
    let mut fed = Fed::new();
    for step in 0..60_000 {
        if step % 300 == 0 || step % 300 > 290 {
            fed.step(step, &mut writer);
            fed.kept.clear();
        }
        writer.flush().unwrap();
    }
    writer.close().unwrap();
    let bytes: u64 = (fs::read_dir(&folder.0).unwrap().flatten())
        .map(|entry| entry.metadata().unwrap().len())
        .sum();
    assert!(bytes <= 190 << 10, "{bytes}");
    let mut replay = replay(&folder.0);
    let (first, last) = replay.span().unwrap();
    assert!(last.since(first) > Duration::from_secs(3600));
    assert!(!folder.0.join("00000001.mtr").exists(), "{bytes} bytes");
    assert_eq!(replay.at(last).sources.len(), 2);
}
