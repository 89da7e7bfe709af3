//! IPv6's loopback is taken where it exists, and is not needed where it does not.

use crate::{
    home::{Home, PATH, binary},
    needs,
    peers::get,
    terminal::PATIENCE,
};
use std::{
    io::{BufRead, BufReader},
    net::TcpListener,
    process::{Child, Command, Stdio},
    sync::mpsc,
    thread,
};

/// A program, gone with the test, and the first line that it says.
struct Started(Child, String);

impl Started {
    fn start(command: &mut Command, home: &Home) -> Started {
        command.env_clear().envs(home.env()).env("PATH", PATH).current_dir(home.path());
        let mut child = command.stdin(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        let (told, hears) = mpsc::channel();
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
        thread::spawn(move || {
            let _ = told.send(lines.next());
            lines.for_each(drop);
        });
        let said = hears.recv_timeout(PATIENCE).expect("something said");
        Started(child, said.expect("something said").unwrap())
    }
}

impl Drop for Started {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Runs it in a network of its own without IPv6, and where `both` is a name of both loopbacks.
fn without_ipv6(home: &Home, address: &str) -> Started {
    needs::program("ip");
    let hosts = home.write("hosts", "127.0.0.1 localhost\n127.0.0.1 both\n::1 both\n");
    let script = format!(
        "ip link set lo up && echo 1 >/proc/sys/net/ipv6/conf/all/disable_ipv6 && \
         mount --bind {} /etc/hosts && exec \"$@\"",
        hosts.display()
    );
    let mut command = Command::new("unshare");
    command.args(["-n", "-m", "sh", "-c", &script, "sh"]).arg(binary());
    Started::start(command.args(["--headless", "-x", address]), home)
}

#[test]
fn a_machine_without_ipv6_is_served_on_the_other_loopback() {
    as_root!();
    let home = Home::new();
    for address in [":8089", "localhost:8089"] {
        let Started(_, said) = &without_ipv6(&home, address);
        assert!(said.starts_with("listening on 127.0.0.1:8089 (this machine only"), "{said}");
    }
    let Started(_, said) = &without_ipv6(&home, "both:8089");
    assert_eq!(said, "listening on 127.0.0.1:8089");
    let Started(_, said) = &without_ipv6(&home, "[::1]:8089");
    assert!(said.starts_with("-x [::1]:8089: "), "who asks for it alone is told: {said}");
}

#[test]
fn a_port_that_somebody_has_on_ipv6s_loopback_is_taken_on_the_other() {
    let home = Home::new();
    let Ok(taken) = TcpListener::bind("[::1]:0") else {
        panic!("this machine has no IPv6: the test cannot tell anything");
    };
    let port = taken.local_addr().unwrap().port();
    let mut command = Command::new(binary());
    let started = Started::start(command.args(["--headless", "-x", &format!(":{port}")]), &home);
    assert!(started.1.starts_with(&format!("listening on 127.0.0.1:{port} ")), "{}", started.1);
    assert!(get(([127, 0, 0, 1], port).into(), "/-/healthy").is_some());
}
