//! This machine's clock is set, forth and back, while the program runs. Only the time of day: what
//! has passed goes on as ever.

use super::{healthy, ledger::Line};
use crate::{
    farm::Farm,
    home::{Home, binary, wait_for},
    needs,
    terminal::{PATIENCE, Terminal, quoted},
};
use std::path::Path;

const LIBRARY: &str = "faketime/libfaketime.so.1";

#[test]
fn a_clock_that_is_set_makes_nothing_old_and_nothing_new() {
    let library = ["/usr/lib/x86_64-linux-gnu", "/usr/lib/aarch64-linux-gnu", "/usr/lib"]
        .map(|folder| Path::new(folder).join(LIBRARY));
    let library = library.iter().find(|path| path.exists());
    let library = library.unwrap_or_else(|| {
        needs::missing("faketime", "tests/run prints the line that installs it")
    });
    let (home, farm) = (Home::new(), Farm::new());
    let remotes = [farm.serve(healthy()), farm.serve(healthy())];
    let config = format!("remote-a-url={}\nremote-b-url={}\n", remotes[0].url(), remotes[1].url());
    let (config, layout) = (home.write("two.conf", config), home.write("layout", "hosts\n"));
    let offset = home.write("offset", "+0");
    let word = |path: &Path| quoted(path.as_os_str());
    let script = format!(
        "exec env LD_PRELOAD={} FAKETIME_TIMESTAMP_FILE={} FAKETIME_NO_CACHE=1 \
         FAKETIME_DONT_FAKE_MONOTONIC=1 {} --no-local -C {} -l {}",
        word(library),
        word(&offset),
        word(&binary()),
        word(&config),
        word(&layout)
    );
    let terminal = Terminal::script(&home, (160, 20), &script);
    let live = |screen: &str| {
        ["a", "b"].iter().all(|name| Line::find(screen, name).is_some_and(|l| l.state == "live"))
    };
    terminal.wait_for("both to be live", live);
    let hour = |screen: &str| clock(screen).map(|clock| clock[..2].to_owned());
    for (step, hours) in [("+7h", 7), ("-5h", 12), ("+0", 5)] {
        let before = hour(&terminal.screen()).unwrap();
        home.write("offset", step);
        let asked = remotes[0].requests();
        let is_set = |screen: &str| hour(screen).is_some_and(|hour| hour != before);
        terminal.wait_for(&format!("the clock to move by {hours} hours"), is_set);
        wait_for("five more turns", PATIENCE, || {
            let screen = terminal.screen();
            let old =
                ["a", "b"].iter().filter_map(|name| Line::find(&screen, name)).find(Line::is_old);
            assert!(old.is_none(), "{step}: {old:?}");
            (remotes[0].requests() >= asked + 5).then_some(())
        });
        assert!(live(&terminal.wait_for("both to be live", live)));
        terminal.expect_answers_keys();
        let rates = terminal.screen();
        for name in ["a", "b"] {
            let line = Line::find(&rates, name).unwrap();
            assert_eq!(line.lie(1), None);
            assert!(!line.text.contains('M') && !line.text.contains('G'), "a spike: {}", line.text);
        }
    }
}

/// `08:56:15` on the status bar.
fn clock(screen: &str) -> Option<&str> {
    screen.lines().next()?.split_whitespace().find(|w| w.len() == 8 && w.matches(':').count() == 2)
}
