//! Starts the program of a hook: beside the screen, or on the terminal.

use super::HookOrder;
use manytop_core::text::clean_to;
use std::{
    io::Read,
    process::{Command, ExitStatus, Stdio},
    thread,
};

/// So much of what a program says is shown.
const SHOWN: usize = 200;

fn command(order: &HookOrder) -> Option<Command> {
    let (program, arguments) = order.program.split_first()?;
    let mut command = Command::new(program);
    command.args(arguments);
    Some(command)
}

fn failed(order: &HookOrder, why: &str) -> String {
    let program = order.program.first().map(String::as_str).unwrap_or_default();
    format!("hook {}: {program}: {why}", order.name)
}

/// Starts a program without input and output. `done` gets what came of it, from another thread.
pub fn in_background(order: HookOrder, done: impl FnOnce(Result<String, String>) + Send + 'static) {
    let run = move || {
        let Some(mut command) = command(&order) else { return };
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
        let result = command.spawn().and_then(|mut child| {
            let mut said = Vec::new();
            if let Some(stderr) = child.stderr.take() {
                stderr.take(64 * 1024).read_to_end(&mut said)?;
            }
            Ok((child.wait()?, said))
        });
        done(match result {
            Ok((status, _)) if status.success() => Ok(format!("hook {}: done", order.name)),
            Ok((status, said)) => {
                let said = String::from_utf8_lossy(&said).into_owned();
                let last = said.lines().rfind(|line| !line.trim().is_empty());
                let last = last.map(|line| format!(": {}", clean_to(line, SHOWN)));
                Err(failed(&order, &format!("{status}{}", last.unwrap_or_default())))
            }
            Err(error) => Err(failed(&order, &error.to_string())),
        });
    };
    // without a thread there is no hook, and the next key tries again
    let _ = thread::Builder::new().name("hook".into()).stack_size(128 * 1024).spawn(run);
}

/// Runs a program on the terminal, which was given back before, and waits for its end.
///
/// # Errors
/// It could not be started, or failed; in words.
pub fn on_terminal(order: &HookOrder) -> Result<(), String> {
    let Some(mut command) = command(order) else { return Ok(()) };
    let status: Result<ExitStatus, _> = command.status();
    match status {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(failed(order, &status.to_string())),
        Err(error) => Err(failed(order, &error.to_string())),
    }
}
