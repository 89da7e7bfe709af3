//! The boxes of the default layout at every size.

use super::*;

fn machine() -> Vec<Candidate> {
    let boxes = [
        ("cpu", BoxFill::All),
        ("mem", BoxFill::All),
        ("procs", BoxFill::All),
        ("net", BoxFill::Rows(8)),
        ("disk", BoxFill::Rows(8)),
        ("temp", BoxFill::Rows(6)),
        ("gpu", BoxFill::Empty),
        ("storage", BoxFill::Empty),
        ("container", BoxFill::Empty),
        ("devices", BoxFill::Empty),
    ];
    boxes.map(|(word, slot)| Candidate { word, follows: false, slot, is_wide: false }).to_vec()
}

/// With a GPU, drives and containers.
fn server() -> Vec<Candidate> {
    let mut all = machine();
    for (index, rows) in [(6, 8), (7, 5), (8, 43)] {
        all[index].slot = BoxFill::Rows(rows);
    }
    all
}

fn remotes() -> Vec<Candidate> {
    let own = [("hosts", BoxFill::Rows(8)), ("cpu", BoxFill::All), ("mem", BoxFill::All)];
    let below = machine();
    let own = own.map(|(word, slot)| Candidate { word, follows: false, slot, is_wide: false });
    let below = below.into_iter().map(|c| Candidate { follows: true, ..c });
    own.into_iter().chain(below).collect()
}

fn found(placed: &[Placement], candidates: &[Candidate], word: &str) -> Option<Rect> {
    placed.iter().find(|p| candidates[p.index].word == word).map(|p| p.area)
}

#[test]
fn no_box_overlaps_another_or_leaves_the_screen_at_any_size() {
    type Place = fn(Rect, &[Candidate]) -> Vec<Placement>;
    for (candidates, place) in
        [(machine(), one as Place), (server(), one as Place), (remotes(), several as Place)]
    {
        for width in (1..420).step_by(7) {
            for height in 1..130 {
                let area = Rect::new(0, 1, width, height);
                let placed = place(area, &candidates);
                assert!(!placed.is_empty(), "{width}x{height}");
                for (n, a) in placed.iter().enumerate() {
                    assert_eq!(a.area.intersection(area), a.area, "{width}x{height} {placed:?}");
                    let overlap = placed[n + 1..].iter().find(|b| a.area.intersects(b.area));
                    assert!(overlap.is_none(), "{width}x{height}: {a:?} {overlap:?}");
                }
            }
        }
    }
}

#[test]
fn a_wide_screen_has_the_list_at_the_left() {
    let all = machine();
    let placed = one(Rect::new(0, 1, 160, 46), &all);
    let at = |word| found(&placed, &all, word).unwrap();
    assert_eq!(at("cpu"), Rect::new(0, 1, 160, 15));
    assert_eq!(at("procs"), Rect::new(0, 16, 98, 31));
    assert_eq!((at("mem").x, at("mem").width), (98, 62));
    assert_eq!(at("temp").bottom(), 47);
}

#[test]
fn a_small_screen_has_three_boxes_in_a_row() {
    let all = machine();
    let placed = one(Rect::new(0, 1, 80, 22), &all);
    let at = |word| found(&placed, &all, word).unwrap();
    assert_eq!(at("cpu"), Rect::new(0, 1, 80, 7));
    assert_eq!((at("mem").y, at("net").y, at("disk").y, at("mem").height), (8, 8, 8, 5));
    assert_eq!(at("procs"), Rect::new(0, 13, 80, 10));
    assert_eq!(found(&placed, &all, "temp"), None);
}

#[test]
fn a_tiny_screen_has_a_row_a_box_and_no_borders() {
    let all = machine();
    let placed = one(Rect::new(0, 1, 40, 8), &all);
    assert!(placed.iter().all(|p| !p.border));
    assert_eq!(found(&placed, &all, "cpu"), Some(Rect::new(0, 1, 40, 1)));
    assert_eq!(found(&placed, &all, "procs"), Some(Rect::new(0, 5, 40, 4)));
}

#[test]
fn a_machine_without_sensors_leaves_no_blank_rows() {
    let mut all = machine();
    all[5].slot = BoxFill::Empty;
    all[4].slot = BoxFill::Rows(4);
    all[3].slot = BoxFill::Rows(4);
    let placed = one(Rect::new(0, 1, 160, 46), &all);
    let cells: u32 = placed.iter().map(|p| p.area.area()).sum();
    assert_eq!(cells, 160 * 46);
}

#[test]
fn the_largest_screens_have_a_third_column() {
    let area = Rect::new(0, 1, 240, 78);
    let all = server();
    let placed = one(area, &all);
    let at = |word| found(&placed, &all, word).unwrap();
    let (gpu, storage, container) = (at("gpu"), at("storage"), at("container"));
    assert_eq!((gpu.x, gpu.width, gpu.height), (176, 64, 8));
    assert_eq!((storage.x, storage.y, storage.height), (176, gpu.bottom(), 5));
    assert_eq!((container.y, container.bottom()), (storage.bottom(), 79));
    assert_eq!((at("mem").x, at("procs").width), (100, 100));
    let cells: u32 = placed.iter().map(|p| p.area.area()).sum();
    assert_eq!(cells, 240 * 78);
    // without its boxes there is no column
    let all = machine();
    let placed = one(area, &all);
    assert_eq!(found(&placed, &all, "procs").map(|a| a.width), Some(164));
    let cells: u32 = placed.iter().map(|p| p.area.area()).sum();
    assert_eq!(cells, 240 * 78);
}

#[test]
fn smaller_screens_have_room_for_gpus_and_not_for_containers() {
    let all = server();
    let placed = one(Rect::new(0, 1, 200, 58), &all);
    assert!(found(&placed, &all, "gpu").is_some());
    assert!(found(&placed, &all, "container").is_none());
    let placed = one(Rect::new(0, 1, 120, 36), &all);
    assert!(found(&placed, &all, "storage").is_none());
}

#[test]
fn a_host_of_gpus_or_containers_alone_has_the_whole_screen() {
    for boxes in [&["gpu"][..], &["mem", "container"], &["cpu", "storage", "container"]] {
        let mut all = machine();
        for candidate in &mut all {
            let is_there = boxes.contains(&candidate.word);
            candidate.slot = if is_there { BoxFill::Rows(12) } else { BoxFill::Empty };
        }
        for (width, height) in [(100, 30), (130, 40), (160, 46)] {
            let placed = one(Rect::new(0, 1, width, height), &all);
            let shown = boxes.iter().filter(|word| found(&placed, &all, word).is_some());
            assert_eq!(shown.count(), boxes.len(), "{boxes:?} at {width}x{height}: {placed:?}");
            let cells: u32 = placed.iter().map(|p| p.area.area()).sum();
            assert_eq!(cells, u32::from(width) * u32::from(height), "{boxes:?}: {placed:?}");
        }
    }
}

#[test]
fn a_host_without_processes_leaves_no_blank_rows() {
    let mut all = machine();
    all[2].slot = BoxFill::Empty;
    for (width, height) in [(110, 30), (80, 22), (160, 46), (200, 58)] {
        let area = Rect::new(0, 1, width, height);
        let placed = one(area, &all);
        let covered: u32 = placed.iter().map(|p| p.area.area()).sum();
        assert_eq!(covered, area.area(), "{width}x{height}: {placed:?}");
    }
    let placed = one(Rect::new(0, 1, 160, 46), &all);
    let at = |word| found(&placed, &all, word).unwrap();
    assert_eq!((at("net").x, at("disk").x, at("mem").x), (0, 0, 98), "graphs at the left");
}

#[test]
fn a_fleet_gives_the_table_its_rows_before_the_preview() {
    let boxes =
        [("hosts", BoxFill::All), ("preview", BoxFill::Rows(9)), ("alerts", BoxFill::Rows(4))];
    let all = boxes.map(|(word, slot)| Candidate {
        word,
        follows: word == "preview",
        slot,
        is_wide: false,
    });
    let at =
        |width, height, word| found(&several(Rect::new(0, 1, width, height), &all), &all, word);
    assert_eq!(at(160, 46, "hosts"), Some(Rect::new(0, 1, 160, 33)));
    assert_eq!(at(160, 46, "preview").map(|area| area.height), Some(9));
    assert_eq!(at(100, 28, "alerts"), None);
    assert_eq!(at(100, 28, "preview").map(|area| area.height), Some(9));
    assert_eq!(at(80, 22, "hosts"), Some(Rect::new(0, 1, 80, 22)), "and nothing else");
}
