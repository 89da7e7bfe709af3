//! A failing remote is polled less and less, but never given up; others are polled as before.

use super::healthy;
use crate::{
    farm::{Farm, Manner, Remote},
    home::{Home, wait_for},
    terminal::{PATIENCE, Terminal},
};
use std::{ffi::OsStr, time::Duration};

/// Seconds between the questions to a remote.
fn gaps(remote: &Remote) -> Vec<f64> {
    let seen = remote.seen();
    seen.windows(2).map(|pair| (pair[1].at - pair[0].at).as_secs_f64()).collect()
}

#[test]
fn failures_are_asked_less_and_less_and_nobody_else_is() {
    let (home, farm) = (Home::new(), Farm::new());
    let fails = || farm.remote(Manner::Status(500));
    let (one, other, sound) = (fails(), fails(), farm.serve(healthy()));
    let line = |name: &str, remote: &Remote| format!("remote-{name}-url={}\n", remote.url());
    let often = "remote-one-refresh=200ms\nremote-other-refresh=200ms\n".to_owned();
    let config = [line("one", &one), line("other", &other), line("sound", &sound), often].concat();
    let (config, layout) = (home.write("three.conf", config), home.write("layout", "hosts\n"));
    let args =
        [OsStr::new("--no-local"), "-C".as_ref(), config.as_ref(), "-l".as_ref(), layout.as_ref()];
    let terminal = Terminal::run(&home, (120, 20), &args);
    let enough = |remote: &Remote| remote.requests() >= 6;
    wait_for("six questions to those that fail", PATIENCE * 4, || {
        (enough(&one) && enough(&other)).then_some(())
    });
    let asked = gaps(&sound);
    // A demand that has grown at the start may have asked once out of turn. That ten seconds are the longest, core
    // tests.
    for all in [gaps(&one), gaps(&other)] {
        let grown = &all[all.len() - 4..];
        assert!(grown.windows(2).all(|pair| pair[1] > pair[0] * 1.2), "each is longer: {all:?}");
    }
    let apart = gaps(&one).iter().zip(gaps(&other)).any(|(a, b)| (a - b).abs() > 0.02);
    assert!(apart, "never all at the same moment: {:?} and {:?}", gaps(&one), gaps(&other));
    let mut middle = asked.clone();
    middle.sort_by(f64::total_cmp);
    let middle = middle[middle.len() / 2];
    assert!((0.9..1.1).contains(&middle), "one question a second: {asked:?}");
    let passed: f64 = asked.iter().sum();
    assert!((asked.len() as f64 - passed).abs() <= 2.0, "{} in {passed} s", asked.len());
    let before = one.requests();
    one.now(Manner::Serve(healthy()));
    wait_for("the question that brings it back", PATIENCE, || {
        (one.requests() >= before + 3).then_some(())
    });
    let back = gaps(&one);
    assert!(back[before..].iter().all(|gap| *gap < 3.0), "at its own pace at once: {back:?}");
    assert!(Duration::from_secs_f64(back[before - 1]) < Duration::from_secs(13), "{back:?}");
    terminal.press(&["q"]);
    terminal.wait_for_end();
}
