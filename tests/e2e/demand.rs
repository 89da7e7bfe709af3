//! Data that is not requested is not collected.

use crate::{
    bodies::{self, Gotop},
    farm::Farm,
    home::{Home, wait_for},
    terminal::{PATIENCE, Terminal},
};
use std::ffi::OsStr;

#[test]
fn a_source_that_no_widget_shows_is_never_asked() {
    let (home, farm) = (Home::new(), Farm::new());
    let body = bodies::gotop(Gotop::default());
    let (shown, hidden) = (farm.serve(body.clone()), farm.serve(body));
    let config = home.write(
        "two.conf",
        format!("remote-shown-url={}\nremote-hidden-url={}\n", shown.url(), hidden.url()),
    );
    let layout = home.write("layout", "cpu@shown\nmem@local\n");
    let args = [OsStr::new("-C"), config.as_os_str(), OsStr::new("-l"), layout.as_os_str()];
    let terminal = Terminal::run(&home, (100, 30), &args);
    wait_for("four requests", PATIENCE, || (shown.requests() >= 4).then_some(()));
    assert_eq!(hidden.requests(), 0);
    terminal.press(&["q"]);
    terminal.wait_for_end();
}

#[test]
fn suspended_it_asks_nobody_and_goes_on_afterwards() {
    let (home, farm) = (Home::new(), Farm::new());
    let remote = farm.serve(bodies::gotop(Gotop::default()));
    // The witness shows that time has passed: it is asked by a program that is not suspended.
    let witness = farm.serve(bodies::gotop(Gotop::default()));
    let config = |name: &str, url: &str| {
        home.write(name, format!("remote-Jerry-url={url}\nremote-Jerry-refresh=500ms\n"))
    };
    let (mine, other) = (config("a.conf", &remote.url()), config("b.conf", &witness.url()));
    let terminal = Terminal::shell(&home, (100, 30));
    let word = |path: &std::path::Path| crate::terminal::quoted(path.as_os_str());
    terminal.type_line(&format!("{} -C {}", word(&crate::home::binary()), word(&mine)));
    wait_for("four requests", PATIENCE, || (remote.requests() >= 4).then_some(()));
    terminal.press(&["C-z"]);
    terminal.wait_until("the screen to be given back", || terminal.fact("alternate_on") == "0");
    let before = remote.requests();
    let _beside = Terminal::run(&home, (100, 30), &[OsStr::new("-C"), other.as_os_str()]);
    wait_for("eight requests", PATIENCE, || (witness.requests() >= 8).then_some(()));
    assert!(remote.requests() <= before + 1, "asked {} times", remote.requests() - before);
    terminal.type_line("fg");
    wait_for("it to go on", PATIENCE, || (remote.requests() > before + 2).then_some(()));
    terminal.press(&["q"]);
}

/// The files of processes that a program keeps open.
fn files_of_processes(program: u32) -> Vec<String> {
    let folder = std::fs::read_dir(format!("/proc/{program}/fd")).unwrap().flatten();
    let targets = folder.filter_map(|entry| std::fs::read_link(entry.path()).ok());
    let is_of_process = |path: &String| {
        let rest = path.strip_prefix("/proc/");
        let pid = rest.and_then(|rest| rest.split('/').next()).unwrap_or_default();
        path.ends_with("/stat") && pid.parse().is_ok_and(|pid: u32| pid != program)
    };
    targets.map(|path| path.to_string_lossy().into_owned()).filter(is_of_process).collect()
}

#[test]
fn processes_are_read_only_while_a_box_lists_them() {
    let home = Home::new();
    let layout = home.write("layout", "cpu\nmem\n");
    let without = Terminal::run(&home, (100, 30), &[OsStr::new("-l"), layout.as_os_str()]);
    without.wait_for_text(&["─ 1 cpu", "─ 2 mem"]);
    // the witness shows that processes would have been read by now
    let layout = home.write("with", "cpu\nprocs\n");
    let with = Terminal::run(&home, (100, 30), &[OsStr::new("-l"), layout.as_os_str()]);
    let program = with.program();
    with.wait_until("files of processes to be open", || !files_of_processes(program).is_empty());
    assert_eq!(files_of_processes(without.program()), [""; 0]);
    without.expect_answers_keys();
}
