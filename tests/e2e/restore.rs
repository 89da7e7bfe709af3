//! The terminal is given back as it was, however the program ends.

use crate::{
    home::{Home, binary, example},
    terminal::{Terminal, quoted, send},
};
use std::{fs, path::Path};

const SIZE: (u16, u16) = (120, 36);

/// Runs the program in a shell script that notes the tty's settings before and after, and the exit
/// code. The pid is noted too, so that signals reach the program and not the shell.
fn watched(home: &Home, program: &Path, args: &str) -> Terminal {
    let program = quoted(program.as_os_str());
    let script = format!(
        "stty -g >before; sh -c 'echo $$ >pid; exec \"$@\"' sh {program} {args} 2>errors; \
         echo $? >code; stty -g >after; sleep 1000"
    );
    Terminal::script(home, SIZE, &script)
}

fn read(home: &Home, name: &str) -> Option<String> {
    let text = fs::read_to_string(home.path().join(name)).ok()?;
    text.ends_with('\n').then(|| text.trim().to_owned())
}

fn on_screen(terminal: &Terminal) {
    terminal.wait_until("the screen to be taken", || terminal.fact("alternate_on") == "1");
    terminal.wait_for("a frame", |screen| screen.to_lowercase().contains("cpu"));
    assert_eq!(terminal.fact("cursor_flag"), "0", "the cursor is hidden while it runs");
}

/// Fails unless the terminal is as a shell wants it.
#[track_caller]
fn given_back(terminal: &Terminal) {
    terminal.wait_until("the screen to be given back", || terminal.fact("alternate_on") == "0");
    for (fact, value) in [
        ("cursor_flag", "1"),
        ("mouse_any_flag", "0"),
        ("mouse_standard_flag", "0"),
        ("mouse_button_flag", "0"),
        ("mouse_sgr_flag", "0"),
        ("keypad_cursor_flag", "0"),
    ] {
        terminal.wait_until(&format!("{fact} to be {value}"), || terminal.fact(fact) == value);
    }
}

/// Waits for the end; gives the exit code.
#[track_caller]
fn ended(home: &Home, terminal: &Terminal) -> i32 {
    terminal.wait_until("the program to end", || read(home, "after").is_some());
    assert_eq!(read(home, "before"), read(home, "after"), "stty -g");
    given_back(terminal);
    read(home, "code").unwrap().parse().unwrap()
}

fn pid(home: &Home) -> u32 {
    read(home, "pid").unwrap().parse().unwrap()
}

#[test]
fn after_q_and_after_control_c() {
    for key in ["q", "C-c"] {
        let home = Home::new();
        let terminal = watched(&home, &binary(), "");
        on_screen(&terminal);
        terminal.press(&[key]);
        assert_eq!(ended(&home, &terminal), 0, "{key}");
    }
}

#[test]
fn after_a_signal() {
    for (signal, codes) in [("TERM", [0, 143]), ("INT", [0, 130]), ("HUP", [0, 129])] {
        let home = Home::new();
        let terminal = watched(&home, &binary(), "");
        on_screen(&terminal);
        send(signal, pid(&home));
        let code = ended(&home, &terminal);
        assert!(codes.contains(&code), "SIG{signal}: exit code {code}");
    }
}

#[test]
fn while_it_is_suspended_and_taken_again_afterwards() {
    let home = Home::new();
    let terminal = Terminal::shell(&home, SIZE);
    terminal.type_line("stty -g >before");
    terminal.type_line(&quoted(binary().as_os_str()));
    on_screen(&terminal);
    terminal.press(&["C-z"]);
    given_back(&terminal);
    terminal.type_line("stty -g >while; echo wri''tten");
    terminal.wait_for("the shell", |screen| screen.contains("written"));
    // The shell's line editor has settings of its own; the ones it gives its commands must agree.
    assert_eq!(read(&home, "while"), read(&home, "before"), "stty -g");
    terminal.type_line("fg");
    on_screen(&terminal);
    terminal.expect_answers_keys();
    terminal.press(&["q"]);
    given_back(&terminal);
    terminal.type_line("stty -g >after; echo en''ded");
    terminal.wait_for("the shell", |screen| screen.contains("ended"));
    assert_eq!(read(&home, "after"), read(&home, "before"), "stty -g");
}

#[test]
fn a_widget_that_panics_is_said_and_logged_and_takes_nobody_down() {
    let home = Home::new();
    let layout = home.write("layout", "cpu\nbroken\n");
    let terminal =
        watched(&home, &example("broken"), &format!("-l {}", quoted(layout.as_os_str())));
    terminal.wait_for("the widget", |screen| screen.contains("broken on purpose"));
    terminal.press(&["B"]);
    terminal.wait_for("a word about it", |screen| screen.contains("broken broke"));
    terminal.expect_answers_keys();
    let logs = fs::read_dir(home.path().join(".state/manytop")).unwrap().flatten();
    let logged: String = logs.filter_map(|log| fs::read_to_string(log.path()).ok()).collect();
    assert!(logged.contains("broken on purpose: the key"), "{logged}");
    terminal.press(&["q"]);
    assert_eq!(ended(&home, &terminal), 0);
}

#[test]
fn after_a_panic_of_the_screens_own_thread() {
    let home = Home::new();
    let layout = home.write("layout", "cpu\nbroken\n");
    let terminal =
        watched(&home, &example("broken"), &format!("-l {}", quoted(layout.as_os_str())));
    terminal.wait_for("the widget", |screen| screen.contains("broken on purpose"));
    terminal.press(&["W"]);
    assert_eq!(ended(&home, &terminal), 1);
    let said = read(&home, "errors").unwrap_or_default();
    assert!(said.contains("broken on purpose: what the widget wants"), "{said}");
}

#[test]
fn a_provider_that_panics_takes_nobody_down() {
    let home = Home::new();
    let layout = home.write("layout", "cpu mem\ndevices\n");
    let terminal =
        watched(&home, &example("broken"), &format!("-l {}", quoted(layout.as_os_str())));
    on_screen(&terminal);
    terminal.wait_for("the others", |screen| screen.contains("used") && screen.contains("core"));
    let screen = terminal.screen();
    assert!(!screen.contains("panicked at"), "a panic's words on the screen:\n{screen}");
    terminal.expect_answers_keys();
    terminal.press(&["q"]);
    assert_eq!(ended(&home, &terminal), 0);
}

#[test]
fn a_tty_that_vanishes_ends_it() {
    let home = Home::new();
    let terminal = watched(&home, &binary(), "");
    on_screen(&terminal);
    let pid = pid(&home);
    drop(terminal);
    crate::home::wait_for("the program to end", crate::terminal::PATIENCE, || {
        (!Path::new(&format!("/proc/{pid}")).exists()).then_some(())
    });
}

#[test]
fn a_terminal_that_takes_nothing_any_more_does_not_keep_it_from_ending() {
    let home = Home::new();
    let terminal = watched(&home, &binary(), "");
    on_screen(&terminal);
    let tty = fs::File::open(terminal.fact("pane_tty")).unwrap();
    rustix::termios::tcflow(&tty, rustix::termios::Action::OOff).unwrap();
    send("TERM", pid(&home));
    terminal.wait_until("the program to end", || read(&home, "after").is_some());
    assert_eq!(read(&home, "before"), read(&home, "after"), "stty -g");
    assert_eq!(read(&home, "code").as_deref(), Some("143"));
}
