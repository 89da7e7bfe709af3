//! The config is read again while the program runs: by saving it, by a signal, by a key.

use crate::{
    bodies,
    farm::{Farm, Manner, Remote},
    home::{Home, binary, wait_for},
    peers::get,
    ports::Reserved,
    terminal::{PATIENCE, Terminal, send},
};
use std::{
    ffi::OsStr,
    fs::{self, File},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

const LAYOUT: &str = "hosts\ncpu@stays\ncpu@comes\n";

struct Screen {
    home: Home,
    farm: Farm,
    stays: Remote,
    config: PathBuf,
    terminal: Terminal,
}

impl Screen {
    /// A screen with a remote that stays, and another one.
    fn new() -> Screen {
        let (home, farm) = (Home::new(), Farm::new());
        let stays = farm.serve(bodies::within_limits());
        let goes = farm.serve(bodies::within_limits());
        home.write(".config/manytop/layouts/mine", LAYOUT);
        let config = home.write(
            ".config/manytop/manytop.conf",
            format!("{}remote-goes-url={}\n", text(&stays), goes.url()),
        );
        let terminal = Terminal::run::<&str>(&home, (120, 30), &[]);
        terminal.wait_for_text(&["2 hosts  2 fine", "stays ─ 2 cpu"]);
        Screen { home, farm, stays, config, terminal }
    }

    fn save(&self, more: &str) {
        fs::write(&self.config, format!("{}{more}", text(&self.stays))).unwrap();
    }

    fn pid(&self) -> u32 {
        children(self.terminal.fact("pane_pid").parse().unwrap())
    }

    fn log(&self) -> String {
        fs::read_to_string(self.home.path().join(".state/manytop/manytop.log")).unwrap_or_default()
    }
}

fn text(stays: &Remote) -> String {
    format!("nolocal=true\nlayout=mine\nremote-stays-url={}\n", stays.url())
}

/// The program under a shell that waits for it.
fn children(mut pid: u32) -> u32 {
    while fs::read_link(format!("/proc/{pid}/exe")).ok() != fs::canonicalize(binary()).ok() {
        let below = fs::read_to_string(format!("/proc/{pid}/task/{pid}/children")).unwrap();
        pid = below.split_whitespace().next().unwrap().parse().unwrap();
    }
    pid
}

/// How many columns of a box's graph hold something.
fn drawn(screen: &str, label: &str) -> usize {
    let from = screen.lines().position(|line| line.contains(&format!("{label} ─ 2 cpu"))).unwrap();
    let inside = screen.lines().skip(from + 1).take_while(|line| !line.contains('╰'));
    let rows: Vec<Vec<char>> = inside.map(|line| line.chars().collect()).collect();
    let width = rows.iter().map(Vec::len).max().unwrap_or(0);
    let is_dot = |c: &char| ('\u{2801}'..='\u{28ff}').contains(c);
    (0..width).filter(|x| rows.iter().any(|row| row.get(*x).is_some_and(is_dot))).count()
}

#[test]
fn saving_adds_and_removes_remotes_and_the_others_keep_their_graphs() {
    let screen = Screen::new();
    let Screen { terminal, farm, .. } = &screen;
    // one column a quarter of a second
    terminal.press(&["h", "h", "h"]);
    terminal.wait_for("a graph", |screen| drawn(screen, "stays") >= 8);
    let asked = screen.stays.requests();
    let comes = farm.serve(bodies::within_limits());
    screen.save(&format!("remote-comes-url={}\nremote-comes-tags=db\n", comes.url()));
    let after = terminal.wait_for("another remote", |s| {
        s.contains("comes ─ 3 cpu") && s.contains("stays ─ 2 cpu") && s.contains("read again")
    });
    assert!(drawn(&after, "stays") >= 8, "its graph is as long as before:\n{after}");
    assert!(after.contains("config read again: comes added, goes gone"), "{after}");
    // the bar goes on saying so for a while
    terminal.wait_for("the end of the other", |s| !s.lines().skip(1).any(|l| l.contains("goes")));
    // on the same connection, by the same task: no handshake, no gap
    wait_for("more requests", PATIENCE, || (screen.stays.requests() > asked + 3).then_some(()));
    let log = screen.log();
    assert!(log.contains("config read again: comes added, goes gone"), "{log}");

    screen.save(&format!("remote-comes-url={}\nremote-comes-refresh=2s\n", comes.url()));
    terminal.wait_for_text(&["config read again: comes changed"]);
    // a layout is part of it, and the text on the screen follows the file
    screen.home.write(".config/manytop/layouts/mine", "hosts\n");
    terminal.wait_for("the other layout", |s| s.contains("stays") && !s.contains(" cpu "));
    terminal.expect_answers_keys();
}

#[test]
fn a_broken_config_is_refused_whole_and_the_old_one_goes_on_until_it_is_repaired() {
    let screen = Screen::new();
    let Screen { terminal, .. } = &screen;
    let broken = "remote-stay-ulr=http://who:hunter2secret@127.0.0.1/metrics\nnolocal=perhaps\n\
                  remote-other-password=hunter2secret\n";
    screen.save(&format!("{broken}remote-goes-url={}\n", screen.stays.url()));
    let refused = terminal.wait_for_text(&["config refused, 3 problems: manytop.conf:4: "]);
    assert!(refused.contains("stays") && refused.contains("goes"), "{refused}");
    let asked = screen.stays.requests();
    wait_for("more requests", PATIENCE, || (screen.stays.requests() > asked + 2).then_some(()));
    let log = wait_for("the log", PATIENCE, || {
        Some(screen.log()).filter(|log| log.matches("config not read again").count() >= 3)
    });
    for told in [&log, &terminal.screen()] {
        assert!(!told.contains("hunter2"), "{told}");
    }
    screen.save("");
    terminal.wait_for_text(&["config read again: goes gone"]);
    terminal.wait_for("its end", |s| s.contains("stays ─ 2 cpu") && !s.contains("goes  "));
}

#[test]
fn a_signal_and_a_key_read_it_again_and_what_is_open_stays_open() {
    let screen = Screen::new();
    let Screen { terminal, .. } = &screen;
    terminal.press(&["j", "Enter"]);
    let opened = terminal.wait_for_text(&["host 2 of 2"]);
    let name = if opened.starts_with(" stays ") { "stays" } else { "goes" };
    send("USR2", screen.pid());
    terminal.wait_for_text(&["config read again: the sources are as before"]);
    let is_open = |s: &str| s.starts_with(&format!(" {name} ")) && s.contains("─ 1 cpu");
    terminal.wait_for("the opened host again", is_open);
    terminal.press(&["C-r"]);
    let twice = || (screen.log().matches("config read again").count() == 2).then_some(());
    wait_for("the second time", PATIENCE, twice);
    terminal.wait_for("the opened host again", is_open);
    send("HUP", screen.pid());
    assert_eq!(terminal.wait_for_end(), Some(129), "hanging up ends a screen");
}

#[test]
fn a_remote_whose_address_changes_is_asked_there_and_recovers() {
    let screen = Screen::new();
    let Screen { terminal, farm, stays, .. } = &screen;
    stays.now(Manner::Refuse);
    terminal.wait_for_text(&["DOWN"]);
    let moved = farm.serve(bodies::within_limits());
    let config = text(&moved);
    fs::write(&screen.config, config).unwrap();
    terminal.wait_for("it to be live again", |s| {
        s.lines().any(|line| line.contains("stays") && line.contains("live"))
            && s.contains("stays ─ 2 cpu")
    });
    assert!(moved.requests() > 0);
}

struct Headless(Child);

impl Headless {
    fn start(home: &Home, config: &Path, address: &str) -> Headless {
        let log = File::create(home.path().join("said")).unwrap();
        // without a terminal, whatever the tests were started from
        let mut command = Command::new("setsid");
        command
            .arg(binary())
            .args(["--headless", "--export-remotes", "-x", address, "-C"])
            .arg(config);
        command.env_clear().envs(home.env()).stdin(Stdio::null());
        let child = command.stdout(log.try_clone().unwrap()).stderr(log).spawn().unwrap();
        Headless(child)
    }
}

impl Drop for Headless {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn hup_reads_the_config_of_a_headless_one_again() {
    let (home, farm) = (Home::new(), Farm::new());
    let [one, two] = [(); 2].map(|()| farm.serve(bodies::within_limits()));
    let first = format!("nolocal=true\nremote-one-url={}\n", one.url());
    let config = home.write("headless.conf", &first);
    let place = Reserved::new();
    let address = place.address();
    let headless = Headless::start(&home, &config, &address.to_string());
    let said = || fs::read_to_string(home.path().join("said")).unwrap();
    let page = || get(address, "/metrics").map(|(_, body)| body).unwrap_or_default();
    let exports = |name: &str| page().contains(&format!("source=\"{name}\""));
    wait_for("the first", PATIENCE, || exports("one").then_some(()));

    home.write("headless.conf", format!("{first}remote-two-ulr=http://a:hunter2@b/\n"));
    send("HUP", headless.0.id());
    wait_for("a refusal", PATIENCE, || said().contains("config not read again").then_some(()));
    assert!(!said().contains("hunter2"), "{}", said());
    assert!(exports("one"));

    home.write(
        "headless.conf",
        format!("{first}remote-two-url={}\nexportnames=manytop\n", two.url()),
    );
    send("HUP", headless.0.id());
    wait_for("the second", PATIENCE, || exports("two").then_some(()));
    assert!(exports("one") && !page().contains("gotop_"), "{}", page());
    assert!(said().contains("config read again: two added"), "{}", said());
}

#[test]
fn choosing_columns_leaves_the_list_enlarged() {
    let home = Home::new();
    let layout = home.write("layout", "cpu\nprocs\n");
    let terminal = Terminal::run(&home, (100, 30), &[OsStr::new("-l"), layout.as_os_str()]);
    terminal.wait_for_text(&["─ 1 cpu ─", "─ 2 procs ─"]);
    terminal.press(&["z"]);
    terminal.wait_for("the list alone", |screen| !screen.contains("1 cpu"));
    terminal.press(&["C"]);
    terminal.wait_for_text(&["[x] pid"]);
    terminal.press(&["Space"]);
    terminal.wait_for_text(&["[ ] pid"]);
    terminal.press(&["Escape"]);
    terminal.wait_for("the menu to close", |screen| !screen.contains("[ ] pid"));
    // the options show it when the config has it
    terminal.press(&["o"]);
    terminal.wait_for_text(&["─ options ─"]);
    terminal.type_text("/procs-columns");
    terminal.wait_for_text(&["host,user,cpu", "this run"]);
    // a key after Escape at once would be Alt with that key
    terminal.press(&["Escape"]);
    terminal.wait_for_text(&["find a key by its words"]);
    terminal.press(&["Escape"]);
    let screen =
        terminal.wait_for("the options to close", |screen| !screen.contains("─ options ─"));
    assert!(!screen.contains("1 cpu") && screen.contains("2 procs"), "{screen}");
}
