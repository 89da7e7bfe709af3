//! What a store held at any instant is what a recording of it gives back.

use crate::scene::{Fed, Folder, at, compare, event, replay, writer};
use manytop_core::past::PastStore;
use manytop_recording::EventKind;
use std::{fs, os::unix::fs::PermissionsExt};

#[test]
fn every_instant_is_as_it_was_live() {
    let folder = Folder::new("live");
    let (mut fed, mut writer) = (Fed::new(), writer(&folder.0));
    for step in 0..700 {
        fed.step(step, &mut writer);
        writer.flush().unwrap();
    }
    writer.close().unwrap();
    let mut replay = replay(&folder.0);
    assert!(replay.index().len() >= 3, "{} blocks", replay.index().len());
    compare(&mut replay, &fed, (0..700).step_by(7));
    compare(&mut replay, &fed, [699, 3, 350, 349, 351, 0, 215]);
    let first = fs::metadata(folder.0.join("00000001.mtr")).unwrap();
    assert_eq!(first.permissions().mode() & 0o777, 0o600);
}

#[test]
fn what_a_crash_leaves_in_the_tail_is_read_and_kept() {
    let folder = Folder::new("crash");
    let (mut fed, mut first) = (Fed::new(), writer(&folder.0));
    for step in 0..330 {
        fed.step(step, &mut first);
        if step == 310 {
            first.event(at(step), event(EventKind::Down, Some("db-1"), "refused"));
        }
        first.flush().unwrap();
    }
    drop(first); // without its end: as kill -9 leaves it
    compare(&mut replay(&folder.0), &fed, (0..330).step_by(11).chain([329]));
    // half a piece at the end is not read
    let tail = folder.0.join("tail");
    let bytes = fs::read(&tail).unwrap();
    fs::write(&tail, &bytes[..bytes.len() - 3]).unwrap();
    compare(&mut replay(&folder.0), &fed, [0, 328]);
    let mut second = writer(&folder.0);
    assert_eq!(replay(&folder.0).index().len(), 2, "the tail is a block");
    compare(&mut replay(&folder.0), &fed, [0, 299, 301, 328]);
    let mut recovered = replay(&folder.0);
    let (from, to) = recovered.span().unwrap();
    let marks = recovered.marks(from, to);
    assert_eq!(marks.len(), 1, "what happened in the tail is found: {marks:?}");
    second.event(at(400), event(EventKind::Reload, None, "read again"));
    second.close().unwrap();
    assert_eq!(replay(&folder.0).index().len(), 3);
}
