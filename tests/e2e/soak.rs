//! A quarter of an hour with 200 remotes, a third of them going through the faults of the matrix one
//! after the other. `tests/run --long` runs it; `SOAK_MINUTES` makes it another length.

use crate::{
    farm::{Farm, Manner, Remote},
    faults::{
        PASSWORD, USER, answers, floods, healthy,
        ledger::{Holds, Line},
        matrix::says_no_secret,
        values,
    },
    home::{Home, binary},
    terminal::Terminal,
};
use std::{
    ffi::OsStr,
    fmt::Write,
    path::Path,
    time::{Duration, Instant},
};

const REMOTES: usize = 200;
/// One in so many has faults.
const FAULTY: usize = 3;
/// What is held in the first two minutes is not compared.
const SETTLE: Duration = Duration::from_secs(120);
/// How long one fault lasts, and how long the health after it.
const FAULT: Duration = Duration::from_secs(20);
const HEALTH: Duration = Duration::from_secs(10);
const SAMPLES: Duration = Duration::from_secs(5);

fn minutes() -> Duration {
    let given = std::env::var("SOAK_MINUTES").ok().map(|m| m.parse::<f64>().unwrap());
    Duration::from_secs_f64(given.unwrap_or(15.0) * 60.0)
}

/// What the faulty do, one after the other. The floods are those of a few megabytes: dozens of remotes that
/// each send 64 MiB a second measure the network, not the program.
fn manners() -> Vec<Manner> {
    let all = answers::manners().into_iter().chain(values::manners()).chain(floods::manners());
    let left_out = ["sends-1-GB", "endless-chunks", "gzip-bomb", "million-series"];
    all.filter(|(name, ..)| !left_out.contains(name)).map(|(_, manner, _)| manner).collect()
}

#[test]
#[ignore = "takes 15 minutes; tests/run --long"]
fn two_hundred_remotes_and_every_third_with_faults() {
    let (home, farm, length) = (Home::new(), Farm::new(), minutes());
    let remotes: Vec<Remote> = (0..REMOTES).map(|_| farm.serve(healthy())).collect();
    let terminal = start(&home, &remotes);
    terminal.record(&home.path().join("recorded"));
    let program = terminal.program();
    terminal.wait("all to be live", Duration::from_secs(60), |screen| {
        screen.contains(&format!(" {REMOTES} live"))
    });
    let (faulty, sound): (Vec<_>, Vec<_>) =
        remotes.iter().enumerate().partition(|(n, _)| n % FAULTY == 0);
    let manners = manners();
    let began = Instant::now();
    let asked: Vec<usize> = sound.iter().map(|(_, remote)| remote.requests()).collect();
    let mut held: Vec<(Duration, Holds)> = Vec::new();
    let mut round = usize::MAX;
    while began.elapsed() < length {
        let now = began.elapsed();
        let round_now = (now.as_secs() / (FAULT + HEALTH).as_secs()) as usize;
        let in_fault = now.as_secs() % (FAULT + HEALTH).as_secs() < FAULT.as_secs();
        let step = 2 * round_now + usize::from(!in_fault);
        if step != round {
            round = step;
            for (place, (_, remote)) in faulty.iter().enumerate() {
                remote.now(match in_fault {
                    true => manners[(place + round_now) % manners.len()].clone(),
                    false => Manner::Serve(healthy()),
                });
            }
        }
        let screen = terminal.screen();
        for (n, _) in &sound {
            let line = Line::find(&screen, &name(*n));
            assert!(line.is_none_or(|line| !line.is_old()), "{} suffers:\n{screen}", name(*n));
        }
        if held.last().is_none_or(|(at, _)| now >= *at + SAMPLES) {
            held.push((now, Holds::of(program)));
        }
        std::thread::sleep(Duration::from_millis(500));
    }
    let passed = began.elapsed().as_secs_f64();
    let turns = sound.iter().zip(&asked).map(|((_, remote), before)| remote.requests() - before);
    let turns: Vec<usize> = turns.collect();
    let gaps: Vec<Duration> = sound.iter().map(|(_, remote)| longest_gap(remote)).collect();
    terminal.expect_answers_keys();
    faulty.iter().for_each(|(_, remote)| remote.now(Manner::Serve(healthy())));
    terminal.wait("all to be live again", Duration::from_secs(60), |screen| {
        screen.contains(&format!(" {REMOTES} live"))
    });
    let after = Holds::of(program);
    report(&held, passed, &turns, &gaps, after);
    terminal.press(&["q"]);
    assert_eq!(terminal.wait_for_end(), Some(0));
    says_no_secret(home.path());

    let settled: Vec<Holds> = held
        .iter()
        .filter(|(at, _)| *at >= SETTLE.min(length / 4))
        .map(|(_, held)| *held)
        .collect();
    // The highest of the first quarter after that, and of the last.
    let quarter = (settled.len() / 4).max(1);
    let highest = |part: &[Holds]| part.iter().map(|h| h.resident_kib).max().unwrap();
    let (first, last) =
        (highest(&settled[..quarter]), highest(&settled[settled.len() - quarter..]));
    assert!(last <= first + first / 20, "memory grows: {first} KiB, then {last} KiB");
    let most = settled.iter().map(|h| h.descriptors).max().unwrap();
    assert!(most <= REMOTES + REMOTES / FAULTY + 32, "{most} descriptors");
    assert!(after.descriptors <= REMOTES + 32, "{} descriptors with all live", after.descriptors);
    for (turns, (n, _)) in turns.iter().zip(&sound) {
        let missed = passed - *turns as f64;
        assert!(
            (-2.0..=2.0).contains(&missed),
            "{} was asked {turns} times in {passed:.1} s",
            name(*n)
        );
    }
}

fn name(n: usize) -> String {
    format!("host-{n}")
}

fn start(home: &Home, remotes: &[Remote]) -> Terminal {
    let mut config = format!("remote-*-username={USER}\nremote-*-password={PASSWORD}\n");
    for (n, remote) in remotes.iter().enumerate() {
        let _ = writeln!(config, "remote-{}-url={}", name(n), remote.url());
    }
    config.push_str("remote-*-timeout=2\n");
    let config = home.write("soak.conf", config);
    // What hosts are to show, and graphs, which remember.
    let layout = home.write("layout", "4:hosts\n1:cpu mem\n");
    let words: [&OsStr; 5] =
        ["--no-local".as_ref(), "-C".as_ref(), config.as_ref(), "-l".as_ref(), layout.as_ref()];
    Terminal::run_program(home, (200, 60), &binary(), &words.map(Path::new).map(Path::as_os_str))
}

/// Between two questions to the same remote.
fn longest_gap(remote: &Remote) -> Duration {
    let seen = remote.seen();
    // The first ones come when demand does.
    seen.windows(2).skip(3).map(|pair| pair[1].at - pair[0].at).max().unwrap_or_default()
}

fn report(
    held: &[(Duration, Holds)],
    passed: f64,
    turns: &[usize],
    gaps: &[Duration],
    after: Holds,
) {
    eprintln!("{}: {passed:.0} s, {REMOTES} remotes", binary().display());
    for (at, holds) in held.iter().step_by((held.len() / 15).max(1)) {
        eprintln!(
            "{:>5} s  {:>6} KiB  {:>4} descriptors  {:>3} threads",
            at.as_secs(),
            holds.resident_kib,
            holds.descriptors,
            holds.threads
        );
    }
    eprintln!("all live again: {after:?}");
    let (least, most) = (turns.iter().min(), turns.iter().max());
    eprintln!(
        "turns of each healthy remote: {least:?} to {most:?}; longest gap {:?}",
        gaps.iter().max()
    );
}
