//! A recording on the screen: what it shows is what was live then, cell by cell.

use super::{
    board, board_of,
    past::{MORE, boxes, drawn, played, press},
};
use crate::tui::{dashboard::Dashboard, past::PastScreen};
use manytop_core::{clock::Moment, past::PastStore, view::Snapshot};
use manytop_recording::{NameCatalog, RecordingOptions, RecordingWriter, ReplayStore};
use std::{fs, path::PathBuf, sync::Arc, time::Duration};

/// Wall minus monotonic time while it was recorded.
const CLOCK: i64 = 1_795_000_000_123_456_789;

fn options(folder: PathBuf) -> RecordingOptions {
    RecordingOptions {
        folder,
        keep: Duration::from_secs(86_400 * 36_500),
        size: 1 << 30,
        mode: 0o600,
        kinds: Arc::new(|_| true),
        sources: Arc::new(|_| true),
        every: Duration::ZERO,
        processes: Duration::ZERO,
    }
}

/// Every second of a recording, stepped to from its end, beside what a new board showed live then.
fn compare(names: &[&str], board: impl Fn(&Snapshot) -> Dashboard) {
    let folder = format!("manytop-replay-{}-{}", names.join("-"), std::process::id());
    let folder = std::env::temp_dir().join(folder);
    let _ = fs::remove_dir_all(&folder);
    let seconds = played(names);
    let registry = board(&seconds[0].1).parts.registry.clone();
    let catalog = || NameCatalog::new(&registry);
    let mut writer = RecordingWriter::open(options(folder.clone()), &mut catalog()).unwrap();
    for (now, snapshot) in &seconds {
        let mut snapshot = snapshot.clone();
        snapshot.made = *now;
        writer.copy(&snapshot, CLOCK);
        writer.flush().unwrap();
    }
    writer.close().unwrap();
    let mut store = ReplayStore::open(&folder, catalog()).unwrap();
    let (first, last) = store.span().unwrap();
    let end = store.at(last);
    let mut replayed = board(&end);
    replayed.past = PastScreen::replay(Box::new(store), last, Moment::now(), false);
    let cells = |row: &&String| row.replace('▌', " ");
    for then in seconds.iter().rev() {
        let mut live = board(&then.1);
        let expected = drawn(&mut live, then, 48 - MORE);
        let now = (Moment::now(), (*end).clone());
        let shown = drawn(&mut replayed, &now, 48);
        assert!(shown[0].contains("PAST"), "{}", shown[0]);
        let (expected, shown) = (boxes(&expected, 1), boxes(&shown, 1 + MORE as usize));
        assert_eq!(expected.len(), shown.len());
        let at = then.0.since(seconds[0].0);
        for (expected, shown) in expected.iter().zip(&shown) {
            assert_eq!(cells(shown), cells(expected), "{names:?} {at:?} after {first:?}");
        }
        press(&mut replayed, &now, ",");
    }
    fs::remove_dir_all(folder).unwrap();
}

#[test]
fn every_second_of_a_recorded_machine_is_as_it_was_live() {
    compare(&["local"], board);
}

#[test]
fn every_second_of_recorded_hosts_is_as_it_was_live() {
    let folder = std::env::temp_dir().join(format!("manytop-replayed-{}", std::process::id()));
    fs::create_dir_all(folder.join("layouts")).unwrap();
    fs::write(folder.join("layouts/plain"), "hosts\ncpu@local mem@web\n").unwrap();
    let folders = [folder.clone()];
    compare(&["local", "web", "db"], |all| board_of(all, "plain", &folders));
    fs::remove_dir_all(folder).unwrap();
}
