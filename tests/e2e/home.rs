//! A home folder of one test's own, and the binary under test run in it without a terminal.

use std::{
    ffi::OsStr,
    fs,
    io::Read,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::atomic::{AtomicU32, Ordering},
    thread,
    time::{Duration, Instant},
};

/// The binary under test: `$MANYTOP_BIN`, else the one cargo built beside this test.
pub fn binary() -> PathBuf {
    std::env::var_os("MANYTOP_BIN")
        .map_or_else(|| PathBuf::from(env!("CARGO_BIN_EXE_manytop")), PathBuf::from)
}

/// An example of this package: a manytop with more plugins in it. `cargo test` has built it already,
/// unless it was told to build one test only.
pub fn example(name: &str) -> PathBuf {
    build(&["--example", name]);
    beside().join("examples").join(name)
}

/// The binary of another package of this workspace. An example is built beside it: with one, cargo chooses the
/// features that it has chosen for the tests, and need not build every dependency once more.
pub fn program(package: &str) -> PathBuf {
    build(&["--package", "manytop", "--example", "broken", "--package", package, "--bin", package]);
    beside().join(package)
}

fn build(what: &[&str]) {
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.args(["build", "--locked", "--quiet"]).args(what);
    if beside().ends_with("release") {
        cargo.arg("--release");
    }
    let built = cargo.current_dir(env!("CARGO_MANIFEST_DIR")).status();
    assert!(built.is_ok_and(|status| status.success()), "{cargo:?} failed");
}

/// Where cargo put the binary that comes with this test.
fn beside() -> &'static Path {
    Path::new(env!("CARGO_BIN_EXE_manytop")).parent().unwrap()
}

/// The variables that every program of a test gets, and no others: nothing of the user that runs the
/// tests reaches it.
pub const PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/// A folder that is gone when the test is over.
pub struct Home(PathBuf);

impl Home {
    pub fn new() -> Home {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let n = COUNT.fetch_add(1, Ordering::Relaxed);
        let path = std::env::temp_dir().join(format!("manytop-e2e-{}-{n}", std::process::id()));
        fs::create_dir_all(&path).unwrap();
        Home(path)
    }

    pub fn path(&self) -> &Path {
        &self.0
    }

    /// Writes a file, and its folders, and says where it is.
    pub fn write(&self, name: &str, text: impl AsRef<[u8]>) -> PathBuf {
        let path = self.0.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, text).unwrap();
        path
    }

    /// Variables by which a program finds this folder instead of a person's own.
    pub fn env(&self) -> Vec<(&'static str, String)> {
        let at = |name: &str| self.0.join(name).display().to_string();
        vec![
            ("PATH", PATH.to_owned()),
            ("HOME", self.0.display().to_string()),
            ("LANG", "C.UTF-8".to_owned()),
            ("XDG_CONFIG_HOME", at(".config")),
            ("XDG_CONFIG_DIRS", at("etc")),
            ("XDG_STATE_HOME", at(".state")),
        ]
    }

    /// Runs the binary to its end, without a terminal.
    pub fn run<A: AsRef<OsStr>>(&self, args: &[A]) -> Done {
        self.run_with(args, &[])
    }

    /// Runs the binary with more variables.
    pub fn run_with<A: AsRef<OsStr>>(&self, args: &[A], env: &[(&str, &str)]) -> Done {
        self.finish(&binary(), args, env)
    }

    /// Runs another program to its end, without a terminal.
    pub fn run_program<A: AsRef<OsStr>>(&self, program: &Path, args: &[A]) -> Done {
        self.finish(program, args, &[])
    }

    fn finish<A: AsRef<OsStr>>(&self, program: &Path, args: &[A], env: &[(&str, &str)]) -> Done {
        let mut command = Command::new(program);
        command.args(args).env_clear().envs(self.env()).envs(env.iter().copied());
        finish(command.current_dir(&self.0), Duration::from_secs(60))
    }
}

impl Drop for Home {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// A program that has ended.
pub struct Done {
    pub code: Option<i32>,
    pub stdout: String,
    pub stderr: String,
    pub took: Duration,
}

impl Done {
    /// Fails with everything the program said unless it ended with that code.
    #[track_caller]
    pub fn expect(self, code: i32) -> Done {
        assert_eq!(
            self.code,
            Some(code),
            "after {:?}\n--- stdout\n{}\n--- stderr\n{}",
            self.took,
            self.stdout,
            self.stderr
        );
        self
    }
}

/// Runs a command to its end; kills it, and fails, after `within`.
pub fn finish(command: &mut Command, within: Duration) -> Done {
    let began = Instant::now();
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap_or_else(|e| panic!("cannot start {:?}: {e}", command.get_program()));
    let collect = |mut pipe: Box<dyn Read + Send>| {
        thread::spawn(move || {
            let mut bytes = Vec::new();
            let _ = pipe.read_to_end(&mut bytes);
            String::from_utf8_lossy(&bytes).into_owned()
        })
    };
    let stdout = collect(Box::new(child.stdout.take().unwrap()));
    let stderr = collect(Box::new(child.stderr.take().unwrap()));
    let status = loop {
        if let Some(status) = child.try_wait().unwrap() {
            break status;
        }
        if began.elapsed() > within {
            let _ = child.kill();
            let _ = child.wait();
            panic!(
                "{command:?} had not ended after {within:?}\n--- stdout\n{}\n--- stderr\n{}",
                stdout.join().unwrap(),
                stderr.join().unwrap()
            );
        }
        thread::sleep(Duration::from_millis(5));
    };
    Done {
        code: status.code(),
        stdout: stdout.join().unwrap(),
        stderr: stderr.join().unwrap(),
        took: began.elapsed(),
    }
}

/// Waits until `fact` yields something; fails, naming what was waited for, after `within`.
#[track_caller]
pub fn wait_for<T>(what: &str, within: Duration, mut fact: impl FnMut() -> Option<T>) -> T {
    let began = Instant::now();
    loop {
        if let Some(found) = fact() {
            return found;
        }
        assert!(began.elapsed() < within, "waited {within:?} in vain for {what}");
        thread::sleep(Duration::from_millis(10));
    }
}

/// The most memory that a process has held so far, in bytes.
pub fn peak_memory(pid: u32) -> usize {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    peak.trim().trim_end_matches(" kB").parse::<usize>().unwrap() * 1024
}
