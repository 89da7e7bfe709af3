//! Signals to other processes, and their niceness.

pub use rustix::process::Signal;
use rustix::{
    io::Errno,
    process::{Pid, getpriority_process, kill_process, setpriority_process, test_kill_process},
};

fn pid(pid: u32) -> Result<Pid, String> {
    i32::try_from(pid).ok().and_then(Pid::from_raw).ok_or_else(|| "no such process".to_owned())
}

fn why(error: Errno, not_permitted: &str) -> String {
    match error {
        Errno::PERM | Errno::ACCESS => format!("not permitted: {not_permitted}"),
        Errno::SRCH => "it has ended".to_owned(),
        other => other.to_string(),
    }
}

/// Sends a signal.
///
/// # Errors
/// What hinders it, in words.
pub fn send(to: u32, signal: Signal) -> Result<(), String> {
    kill_process(pid(to)?, signal)
        .map_err(|error| why(error, "a signal to other users' processes needs root"))
}

/// Whether the kernel would refuse a signal or another niceness.
pub fn refuses(to: u32) -> bool {
    pid(to).is_ok_and(|pid| test_kill_process(pid) == Err(Errno::PERM))
}

/// The niceness of a process, -20 to 19.
pub fn niceness(of: u32) -> Option<i32> {
    getpriority_process(Some(pid(of).ok()?)).ok()
}

/// Changes the niceness of a process by so much, and returns what it is then.
///
/// # Errors
/// What hinders it, in words.
pub fn renice(of: u32, by: i32) -> Result<i32, String> {
    let pid = pid(of)?;
    let now = getpriority_process(Some(pid)).map_err(|error| why(error, ""))?;
    let to = (now + by).clamp(-20, 19);
    setpriority_process(Some(pid), to)
        .map_err(|error| why(error, "a higher priority needs cap_sys_nice"))?;
    Ok(to)
}
