//! Whole screens of the default layout, against the pictures in `tests/screens/`. What moves with time
//! (clock, ages, graphs) is masked. `MANYTOP_BLESS=1` writes the pictures again: look at the diff.

use crate::{
    bodies::{self, Gotop},
    farm::{Farm, Manner},
    home::Home,
    terminal::Terminal,
};
use std::{ffi::OsStr, fs, path::PathBuf, time::Duration, time::Instant};

const LARGE: (u16, u16) = (160, 48);
const SMALL: (u16, u16) = (80, 24);

/// Hides what moves: digits of clock, ports and ages, and all that graphs are drawn with.
fn mask(screen: &str) -> String {
    let mut out = String::new();
    for line in screen.lines() {
        let chars: Vec<char> = line.chars().collect();
        let mut n = 0;
        while n < chars.len() {
            let digits = chars[n..].iter().take_while(|c| c.is_ascii_digit()).count();
            let after = chars.get(n + digits);
            let before = n.checked_sub(1).map(|b| chars[b]);
            let alone = !before.is_some_and(|c| c.is_alphanumeric() || c == '.' || c == '-');
            let clock = digits == 2
                && (after == Some(&':') || before == Some(':'))
                && !before.is_some_and(char::is_alphanumeric);
            let age = (1..=2).contains(&digits)
                && alone
                && after == Some(&'s')
                && !chars.get(n + digits + 1).is_some_and(|c| c.is_alphanumeric());
            let port = digits == 5 && before == Some(':');
            let rest: String = chars[n..].iter().take(6).collect();
            let took = if alone && digits > 0 { duration(&rest) } else { None };
            if let Some(length) = took {
                // all of them end in the same column
                out.push_str(&" ".repeat(length - 1));
                out.push('#');
                n += length;
                continue;
            }
            if port {
                out.push_str("00000");
                n += digits;
            } else if clock {
                out.push_str("00");
                n += digits;
            } else if digits > 0 && out.ends_with("next try in ") {
                out.push('#');
                n += digits;
            } else if age {
                // One or two digits take the same room.
                if digits == 2 && out.ends_with(' ') {
                    out.pop();
                    out.push_str("  ");
                }
                out.push('#');
                n += digits;
            } else {
                out.push(match chars[n] {
                    '\u{2800}'..='\u{28ff}' | '·' | '┈' => ' ',
                    c => c,
                });
                n += 1;
            }
        }
        while out.ends_with(' ') {
            out.pop();
        }
        out.push('\n');
    }
    out
}

/// How many characters of a text are a duration below ten seconds with its unit: `8ms`, `0.2s`.
fn duration(text: &str) -> Option<usize> {
    let word = text.split(|c: char| !c.is_ascii_alphanumeric() && c != '.').next()?;
    let number =
        word.strip_suffix("ms").or_else(|| word.strip_suffix('s').filter(|n| n.contains('.')))?;
    number.parse::<f64>().ok().map(|_| word.len())
}

/// Waits until the masked screen is the picture of that name.
#[track_caller]
fn expect_picture(terminal: &Terminal, name: &str, ready: impl Fn(&str) -> bool) {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(format!("tests/screens/{name}.txt"));
    terminal.wait_for("the screen to be complete", &ready);
    if std::env::var_os("MANYTOP_BLESS").is_some() {
        // Late-comers of the first seconds are in the picture too.
        std::thread::sleep(Duration::from_secs(4));
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, mask(&terminal.screen())).unwrap();
        return;
    }
    let expected = fs::read_to_string(&path)
        .unwrap_or_else(|e| panic!("{}: {e}; MANYTOP_BLESS=1 writes it", path.display()));
    let began = Instant::now();
    loop {
        let got = mask(&terminal.screen());
        if got == expected {
            return;
        }
        if began.elapsed() > crate::terminal::PATIENCE {
            let pairs = expected.lines().zip(got.lines()).enumerate();
            let different: Vec<String> = pairs
                .filter(|(_, (e, g))| e != g)
                .map(|(n, (e, g))| format!("{:3} - {e}\n    + {g}", n + 1))
                .collect();
            panic!("{name} looks different:\n{}\nwhole:\n{got}", different.join("\n"));
        }
        std::thread::sleep(Duration::from_millis(20));
    }
}

fn start(home: &Home, size: (u16, u16), config: &str) -> Terminal {
    let config = home.write("fleet.conf", config);
    let args = [OsStr::new("--no-local"), OsStr::new("-C"), config.as_os_str()];
    Terminal::run(home, size, &args)
}

/// Three that answer and one that does not.
fn four(farm: &Farm) -> String {
    let gotop = |cores: &[u32], main: f64| {
        farm.serve(bodies::still(bodies::gotop(Gotop {
            cores: cores.to_vec(),
            main,
            disk: 0.42,
            ..Gotop::default()
        })))
    };
    let jerry = gotop(&[31, 60, 12, 97], 63.0);
    let web = gotop(&[11, 15], 22.0);
    let nas = farm.serve(bodies::node_exporter());
    let dead = farm.remote(Manner::Refuse);
    [("Jerry", jerry), ("nas", nas), ("pi4", dead), ("web-1", web)]
        .map(|(name, remote)| format!("remote-{name}-url={}\n", remote.url()))
        .concat()
}

#[test]
fn four_remotes() {
    for (size, name) in [(LARGE, "four-160x48"), (SMALL, "four-80x24")] {
        let (home, farm) = (Home::new(), Farm::new());
        let terminal = start(&home, size, &four(&farm));
        expect_picture(&terminal, name, |screen| screen.contains("4 hosts  3 fine   x 1 DOWN"));
    }
}

#[test]
fn three_hundred_remotes() {
    for (size, name) in [(LARGE, "fleet-160x48"), (SMALL, "fleet-80x24")] {
        let (home, farm) = (Home::new(), Farm::new());
        let config: String = (1..=300)
            .map(|n| {
                let body = bodies::still(bodies::gotop(Gotop {
                    cores: vec![n % 97, n % 89],
                    main: f64::from(n % 70) + 5.0,
                    disk: 0.42,
                    ..Gotop::default()
                }));
                let remote =
                    if n % 60 == 7 { farm.remote(Manner::Status(500)) } else { farm.serve(body) };
                format!("remote-web-{n}-url={}\n", remote.url())
            })
            .collect();
        let terminal = start(&home, size, &config);
        expect_picture(&terminal, name, |screen| {
            screen.contains("300 hosts")
                && screen.contains("x 5 DOWN")
                && !screen.contains("starting")
        });
        terminal.expect_answers_keys();
    }
}

#[test]
fn this_machine_alone() {
    // Its values are its own; what must be there is not.
    let home = Home::new();
    for (size, boxes) in
        [(LARGE, &["cpu", "mem", "net", "procs"][..]), (SMALL, &["cpu", "mem", "procs"])]
    {
        let terminal = Terminal::run::<&str>(&home, size, &[]);
        let screen = terminal.wait_for_text(&["user ", "used ", "PID"]);
        for title in boxes {
            let titled = screen.lines().any(|line| line.contains('╭') && line.contains(title));
            assert!(titled, "no box {title}:\n{screen}");
        }
        assert_eq!(screen.lines().count(), usize::from(size.1), "{screen}");
        let widest = screen.lines().map(|line| line.chars().count()).max();
        assert_eq!(widest, Some(usize::from(size.0)), "the whole width is used:\n{screen}");
        assert!(!screen.contains("temp") || has_sensor(), "an empty box:\n{screen}");
    }
}

fn has_sensor() -> bool {
    fs::read_dir("/sys/class/hwmon").is_ok_and(|mut chips| chips.next().is_some())
}

#[test]
fn no_color_means_no_colours() {
    let home = Home::new();
    let binary = crate::terminal::quoted(crate::home::binary().as_os_str());
    for (variable, coloured) in [("", true), ("NO_COLOR=1", false)] {
        let terminal = Terminal::script(&home, SMALL, &format!("{variable} exec {binary}"));
        terminal.wait_for_text(&["user ", "used "]);
        let screen = terminal.coloured();
        let colours = screen.split("\u{1b}[").skip(1).filter_map(|rest| rest.split('m').next());
        let any = colours
            .flat_map(|sequence| sequence.split(';'))
            .filter_map(|number| number.parse().ok())
            .any(|n: u16| matches!(n, 30..=38 | 40..=48 | 90..=97 | 100..=107));
        assert_eq!(any, coloured, "{variable}:\n{screen}");
    }
}

#[test]
fn the_theme_follows_the_background_of_the_terminal() {
    let home = Home::new();
    let binary = crate::terminal::quoted(crate::home::binary().as_os_str());
    let (dark, light) = ("38;2;205;213;224", "38;2;43;50;64");
    for (background, args, text) in [
        ("#fdf6e3", "", light),
        ("#1e1e2e", "", dark),
        ("#fdf6e3", "-c dark", dark),
        ("#1e1e2e", "-c light", light),
    ] {
        let terminal = Terminal::shell(&home, SMALL);
        terminal.set_background(background);
        terminal.type_line(&format!("COLORTERM=truecolor exec {binary} {args}"));
        terminal.wait_for_text(&["user ", "used "]);
        terminal.wait_until(text, || terminal.coloured().contains(text));
        // no part of the answer is taken for a key
        terminal.expect_answers_keys();
        assert!(terminal.coloured().contains(text), "{background} {args}");
    }
}

#[test]
fn masks_hide_what_moves_and_nothing_else() {
    let (a, b) = ("x  live  9s  08:56:15 37 %⣀⣠ CPU0", "x  live 12s  23:01:59 37 %⣤  CPU0");
    assert_eq!(mask(a), mask(b));
    assert_ne!(mask("37 %"), mask("38 %"));
    assert_ne!(mask("web-1s"), mask("web-2s"));
}
