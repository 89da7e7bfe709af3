//! The config is read again while the program runs: by saving it, by a signal, by a key.

use crate::{
    bodies::{self, Gotop},
    farm::{Farm, Manner, Remote},
    home::{Home, binary, wait_for},
    peers::{free_address, get},
    terminal::{PATIENCE, Terminal, send},
};
use std::{
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
        let stays = farm.serve(bodies::gotop(Gotop::default()));
        let goes = farm.serve(bodies::gotop(Gotop::default()));
        home.write(".config/manytop/layouts/mine", LAYOUT);
        let config = home.write(
            ".config/manytop/manytop.conf",
            format!("{}remote-goes-url={}\n", text(&stays), goes.url()),
        );
        let terminal = Terminal::run::<&str>(&home, (120, 30), &[]);
        terminal.wait_for_text(&["2 sources:  2 live", "stays-CPU0"]);
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
    let from = screen.lines().position(|line| line.contains(&format!("{label} cpu"))).unwrap();
    let inside = screen.lines().skip(from + 1).take_while(|line| !line.contains('└'));
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
    let comes = farm.serve(bodies::gotop(Gotop::default()));
    screen.save(&format!("remote-comes-url={}\nremote-comes-tags=db\n", comes.url()));
    let after = terminal.wait_for("another remote", |s| {
        s.contains("comes-CPU0") && s.contains("stays-CPU0") && s.contains("read again")
    });
    assert!(drawn(&after, "stays") >= 8, "its graph is as long as before:\n{after}");
    assert!(after.contains("config read again: comes added, goes gone"), "{after}");
    terminal.wait_for("the end of the other", |s| !s.contains("goes"));
    // on the same connection, by the same task: no handshake, no gap
    wait_for("more requests", PATIENCE, || (screen.stays.requests() > asked + 3).then_some(()));
    let log = screen.log();
    assert!(log.contains("config read again: comes added, goes gone"), "{log}");

    screen.save(&format!("remote-comes-url={}\nremote-comes-refresh=2s\n", comes.url()));
    terminal.wait_for_text(&["config read again: comes changed"]);
    // a layout is part of it, and the text on the screen follows the file
    screen.home.write(".config/manytop/layouts/mine", "hosts\n");
    terminal.wait_for("the other layout", |s| s.contains("stays") && !s.contains("CPU0"));
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
    terminal.wait_for("its end", |s| s.contains("stays-CPU0") && !s.contains("goes  "));
}

#[test]
fn a_signal_and_a_key_read_it_again_and_what_is_open_stays_open() {
    let screen = Screen::new();
    let Screen { terminal, .. } = &screen;
    terminal.press(&["j", "Enter"]);
    let opened = terminal.wait_for_text(&["Esc back"]);
    let name = if opened.contains("stays  ") { "stays" } else { "goes" };
    send("USR2", screen.pid());
    terminal.wait_for_text(&["config read again: the sources are as before"]);
    terminal.wait_for("the opened host again", |s| s.contains("Esc back") && s.contains(name));
    terminal.press(&["C-r"]);
    terminal.wait_for_text(&["config read again: the sources are as before"]);
    assert_eq!(screen.log().matches("config read again").count(), 2);
    send("HUP", screen.pid());
    assert_eq!(terminal.wait_for_end(), Some(129), "hanging up ends a screen");
}

#[test]
fn a_remote_whose_address_changes_is_asked_there_and_recovers() {
    let screen = Screen::new();
    let Screen { terminal, farm, stays, .. } = &screen;
    stays.now(Manner::Refuse);
    terminal.wait_for_text(&["DOWN"]);
    let moved = farm.serve(bodies::gotop(Gotop::default()));
    let config = text(&moved);
    fs::write(&screen.config, config).unwrap();
    terminal.wait_for_text(&["1 sources:  1 live", "stays-CPU0"]);
    assert!(moved.requests() > 0);
}

struct Headless(Child);

impl Headless {
    fn start(home: &Home, config: &Path, address: &str) -> Headless {
        let log = File::create(home.path().join("said")).unwrap();
        let mut command = Command::new(binary());
        command.args(["--headless", "--export-remotes", "-x", address, "-C"]).arg(config);
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
    let [one, two] = [(); 2].map(|()| farm.serve(bodies::gotop(Gotop::default())));
    let first = format!("nolocal=true\nremote-one-url={}\n", one.url());
    let config = home.write("headless.conf", &first);
    let address = free_address();
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
