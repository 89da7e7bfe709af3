//! Signals to other processes: Windows has none. Those of hosts over ssh are sent by their names.

/// A signal, with its number on Linux.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Signal(i32);

#[allow(missing_docs)]
impl Signal {
    pub const HUP: Signal = Signal(1);
    pub const INT: Signal = Signal(2);
    pub const QUIT: Signal = Signal(3);
    pub const ILL: Signal = Signal(4);
    pub const TRAP: Signal = Signal(5);
    pub const ABORT: Signal = Signal(6);
    pub const BUS: Signal = Signal(7);
    pub const FPE: Signal = Signal(8);
    pub const KILL: Signal = Signal(9);
    pub const USR1: Signal = Signal(10);
    pub const SEGV: Signal = Signal(11);
    pub const USR2: Signal = Signal(12);
    pub const PIPE: Signal = Signal(13);
    pub const ALARM: Signal = Signal(14);
    pub const TERM: Signal = Signal(15);
    pub const CHILD: Signal = Signal(17);
    pub const CONT: Signal = Signal(18);
    pub const STOP: Signal = Signal(19);
    pub const TSTP: Signal = Signal(20);
    pub const TTIN: Signal = Signal(21);
    pub const TTOU: Signal = Signal(22);
    pub const URG: Signal = Signal(23);
    pub const XCPU: Signal = Signal(24);
    pub const XFSZ: Signal = Signal(25);
    pub const VTALARM: Signal = Signal(26);
    pub const PROF: Signal = Signal(27);
    pub const WINCH: Signal = Signal(28);
    pub const IO: Signal = Signal(29);
    pub const SYS: Signal = Signal(31);

    /// Its number.
    pub const fn as_raw(self) -> i32 {
        self.0
    }
}

/// Ends nothing.
///
/// # Errors
/// Always: what to do instead.
pub fn send(to: u32, _: Signal) -> Result<(), String> {
    Err(format!("Windows has no signals; end it with taskkill /PID {to}"))
}

/// Whether the kernel would refuse a signal: there are none.
pub fn refuses(_: u32) -> bool {
    true
}

/// There is no niceness here.
pub fn niceness(_: u32) -> Option<i32> {
    None
}

/// Changes nothing.
///
/// # Errors
/// Always.
pub fn renice(_: u32, _: i32) -> Result<i32, String> {
    Err("Windows has no niceness".to_owned())
}
