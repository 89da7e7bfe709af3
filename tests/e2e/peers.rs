//! Real peers, started by a test on ports reserved for them and gone with it.

mod collectors;

pub use collectors::{Redis, Snmpd};

use crate::{
    home::{Done, Home, PATH, finish, wait_for},
    needs,
    ports::Reserved,
    terminal::PATIENCE,
};
use serde_json::Value;
use std::{
    fs::File,
    io::{Read, Write},
    net::{SocketAddr, TcpStream},
    path::Path,
    process::{Child, Command},
    time::Duration,
};

pub struct Peer {
    child: Child,
    address: SocketAddr,
    folder: Home,
    /// Its port is its own for longer than it listens.
    place: Option<Reserved>,
}

impl Peer {
    /// Debian's node_exporter.
    pub fn node_exporter() -> Peer {
        Peer::node_exporter_with(&[])
    }

    /// The same, with a collector switched off.
    pub fn node_exporter_without(collector: &str) -> Peer {
        Peer::node_exporter_with(&[&format!("--no-collector.{collector}")])
    }

    /// The same, at an address of the test's choice.
    pub fn node_exporter_at(address: SocketAddr) -> Peer {
        Peer::start_at(address, "/metrics", |address, _| {
            let mut command = Command::new("prometheus-node-exporter");
            command.arg(format!("--web.listen-address={address}"));
            command
        })
    }

    fn node_exporter_with(args: &[&str]) -> Peer {
        Peer::start("/metrics", |address, _| {
            let mut command = Command::new("prometheus-node-exporter");
            command.arg(format!("--web.listen-address={address}")).args(args);
            command
        })
    }

    /// Debian's process-exporter, for all processes by their names.
    pub fn process_exporter() -> Peer {
        Peer::start("/metrics", |address, folder| {
            let names = "process_names:\n  - name: \"{{.Comm}}\"\n    cmdline: [\".+\"]\n";
            let file = folder.write("names.yml", names);
            let mut command = Command::new("prometheus-process-exporter");
            command.arg(format!("--web.listen-address={address}")).arg("--config.path").arg(file);
            command
        })
    }

    /// Caddy with this in its site block; `{address}` is replaced by its address.
    pub fn caddy(site: &str) -> Peer {
        Peer::start("/", |address, folder| {
            let global = "{\n\tadmin off\n\tauto_https disable_redirects\n}\n";
            let text = format!("{global}http://{address} {{\n{site}\n}}\n");
            let file = folder.write("Caddyfile", text);
            let mut command = Command::new("caddy");
            command.arg("run").arg("--config").arg(file).args(["--adapter", "caddyfile"]);
            command
        })
    }

    /// Caddy with a certificate of its own authority, at `https://localhost:PORT`; `global` goes into its
    /// options, `site` into the site's block. Requests are logged.
    pub fn caddy_tls(global: &str, site: &str) -> Peer {
        Peer::caddy_at("localhost", global, site)
    }

    /// The same, under another name.
    pub fn caddy_at(name: &str, global: &str, site: &str) -> Peer {
        let peer = Peer::start("/", |address, folder| {
            let port = address.port();
            let global =
                format!("admin off\nskip_install_trust\nauto_https disable_redirects\n{global}");
            let site = format!("bind 127.0.0.1\nlog {{\noutput file access.log\n}}\n{site}");
            let text = format!("{{\n{global}\n}}\nhttps://{name}:{port} {{\n{site}\n}}\n");
            let file = folder.write("Caddyfile", text);
            let mut command = Command::new("caddy");
            command.arg("run").arg("--config").arg(file).args(["--adapter", "caddyfile"]);
            command
        });
        // the certificate comes a moment after the port
        wait_for("Caddy's certificate", PATIENCE, || {
            let url = format!("https://{name}:{}/", peer.address.port());
            let resolve = format!("{name}:{}:127.0.0.1", peer.address.port());
            let done = curl(&["-k", "--resolve", &resolve, &url]);
            let without = ["Failed to connect", "internal error"];
            (!without.iter().any(|w| done.stderr.contains(w))).then_some(())
        });
        peer
    }

    /// The certificate of Caddy's own authority.
    pub fn authority(&self) -> String {
        self.path(".local/share/caddy/pki/authorities/local/root.crt")
    }

    /// The requests that Caddy logged, one a line.
    pub fn access_log(&self) -> Vec<Value> {
        let log = std::fs::read_to_string(self.path("access.log")).unwrap_or_default();
        let whole = log.rsplit_once('\n').map_or("", |(whole, _)| whole);
        whole.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    /// Tinyproxy, which hands on what HTTP_PROXY and HTTPS_PROXY send it; `more` goes into its configuration.
    pub fn tinyproxy(more: &str) -> Peer {
        Peer::start("/", |address, folder| {
            let (ip, port) = (address.ip(), address.port());
            let log = folder.path().join("tinyproxy.log").display().to_string();
            let text = format!(
                "Port {port}\nListen {ip}\nTimeout 60\nLogFile \"{log}\"\nLogLevel Connect\n{more}"
            );
            let file = folder.write("tinyproxy.conf", text);
            let mut command = Command::new("tinyproxy");
            command.arg("-d").arg("-c").arg(file);
            command
        })
    }

    /// The request lines that Tinyproxy logged.
    pub fn proxied(&self) -> Vec<String> {
        let log = std::fs::read_to_string(self.path("tinyproxy.log")).unwrap_or_default();
        let lines = log.lines().filter_map(|line| line.split_once("): "));
        let requests = lines.filter(|(head, _)| head.contains("Request (file descriptor"));
        // the test's own, by which it saw that the proxy was there
        let others = requests.filter(|(_, request)| *request != "GET / HTTP/1.0");
        others.map(|(_, request)| request.to_owned()).collect()
    }

    fn path(&self, name: &str) -> String {
        self.folder.path().join(name).display().to_string()
    }

    /// Prometheus, reading these targets every second.
    pub fn prometheus(targets: &[SocketAddr]) -> Peer {
        Peer::prometheus_with(targets, &[])
    }

    /// The same, with more arguments.
    pub fn prometheus_with(targets: &[SocketAddr], args: &[&str]) -> Peer {
        Peer::start("/-/ready", |address, folder| {
            let file = folder.write("prometheus.yml", scraping(targets));
            let mut command = Command::new("prometheus");
            command.args(args).arg(format!("--config.file={}", file.display()));
            command.arg(format!("--storage.tsdb.path={}", folder.path().join("data").display()));
            command.arg(format!("--web.listen-address={address}"));
            command
        })
    }

    /// The same, with samples from before its start, as OpenMetrics has them.
    pub fn prometheus_with_past(targets: &[SocketAddr], past: &str) -> Peer {
        needs::program("promtool");
        Peer::start("/-/ready", |address, folder| {
            let (input, data) = (folder.write("past.txt", past), folder.path().join("data"));
            let mut promtool = Command::new("promtool");
            promtool.args(["tsdb", "create-blocks-from", "openmetrics"]).arg(input).arg(&data);
            promtool.env_clear().env("PATH", PATH);
            finish(&mut promtool, PATIENCE).expect(0);
            let file = folder.write("prometheus.yml", scraping(targets));
            let mut command = Command::new("prometheus");
            command.arg(format!("--config.file={}", file.display()));
            command.arg(format!("--storage.tsdb.path={}", data.display()));
            command.arg(format!("--web.listen-address={address}"));
            command
        })
    }

    /// Alertmanager without receivers, at an address of the test's choice.
    pub fn alertmanager_at(address: SocketAddr) -> Peer {
        Peer::start_at(address, "/-/ready", |address, folder| {
            let text = "route:\n  receiver: none\n  group_wait: 1s\nreceivers:\n  - name: none\n";
            let file = folder.write("alertmanager.yml", text);
            let mut command = Command::new("prometheus-alertmanager");
            command.arg(format!("--config.file={}", file.display()));
            command.arg(format!("--storage.path={}", folder.path().join("data").display()));
            command.arg(format!("--web.listen-address={address}"));
            command.arg("--cluster.listen-address=");
            command
        })
    }

    /// Prometheus over blocks that are there already; it reads no targets.
    pub fn prometheus_over(blocks: &Path) -> Peer {
        Peer::start("/-/ready", |address, folder| {
            let file = folder.write("prometheus.yml", "global:\n  scrape_interval: 1h\n");
            let mut command = Command::new("prometheus");
            command.arg(format!("--config.file={}", file.display()));
            command.arg(format!("--storage.tsdb.path={}", blocks.display()));
            command.arg(format!("--web.listen-address={address}"));
            command
        })
    }

    /// VictoriaMetrics, doing the same.
    pub fn victoria_metrics(targets: &[SocketAddr]) -> Peer {
        Peer::start("/health", |address, folder| {
            let file = folder.write("prometheus.yml", scraping(targets));
            let mut command = Command::new("victoria-metrics");
            command.arg(format!("-promscrape.config={}", file.display()));
            command.arg(format!("-storageDataPath={}", folder.path().join("data").display()));
            command.arg(format!("-httpListenAddr={address}"));
            command
        })
    }

    /// Prometheus or VictoriaMetrics with this configuration of what is scraped.
    pub fn scraping(make: &str, config: &str) -> Peer {
        let ready = if make == "Prometheus" { "/-/ready" } else { "/health" };
        Peer::start(ready, |address, folder| {
            let file = folder.write("prometheus.yml", config).display().to_string();
            let data = folder.path().join("data").display().to_string();
            let (program, flags) = match make {
                "Prometheus" => {
                    ("prometheus", ["--config.file", "--storage.tsdb.path", "--web.listen-address"])
                }
                _ => (
                    "victoria-metrics",
                    ["-promscrape.config", "-storageDataPath", "-httpListenAddr"],
                ),
            };
            let mut command = Command::new(program);
            for (flag, value) in flags.into_iter().zip([file, data, address.to_string()]) {
                command.arg(format!("{flag}={value}"));
            }
            command
        })
    }

    /// Debian's pushgateway. It keeps nothing: by default Debian's reads what the last gateway of this machine wrote
    /// to `/var/lib/prometheus`.
    pub fn pushgateway() -> Peer {
        Peer::start("/-/ready", |address, _| {
            let mut command = Command::new("prometheus-pushgateway");
            command.arg(format!("--web.listen-address={address}")).arg("--persistence.file=");
            command
        })
    }

    fn start(ready: &str, command: impl Fn(SocketAddr, &Home) -> Command) -> Peer {
        let place = Reserved::new();
        let mut peer = Peer::start_at(place.address(), ready, command);
        peer.place = Some(place);
        peer
    }

    fn start_at(
        address: SocketAddr,
        ready: &str,
        command: impl Fn(SocketAddr, &Home) -> Command,
    ) -> Peer {
        let folder = Home::new();
        let mut command = command(address, &folder);
        needs::program(&command.get_program().to_string_lossy());
        let log = File::create(folder.path().join("log")).unwrap();
        command.env_clear().env("PATH", PATH).env("HOME", folder.path());
        command.stdout(log.try_clone().unwrap()).stderr(log).current_dir(folder.path());
        let child = command
            .spawn()
            .unwrap_or_else(|e| panic!("cannot start {:?}: {e}", command.get_program()));
        let mut peer = Peer { child, address, folder, place: None };
        wait_for(&format!("{command:?} to answer"), PATIENCE, || {
            if let Some(status) = peer.child.try_wait().unwrap() {
                let log = std::fs::read_to_string(peer.folder.path().join("log"));
                panic!("{command:?} has ended: {status}\n{}", log.unwrap_or_default());
            }
            get(address, ready).filter(|(status, _)| *status < 500).map(|_| ())
        });
        peer
    }

    pub fn address(&self) -> SocketAddr {
        self.address
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn scraping(targets: &[SocketAddr]) -> String {
    let targets: Vec<_> = targets.iter().map(|t| format!("\"{t}\"")).collect();
    format!(
        "global:\n  scrape_interval: 1s\nscrape_configs:\n  - job_name: node\n    \
         static_configs:\n      - targets: [{}]\n",
        targets.join(", ")
    )
}

/// Runs curl, quietly, which prints the answer's body.
pub fn curl(args: &[&str]) -> Done {
    needs::program("curl");
    let mut command = Command::new("curl");
    command.args(["-sS", "--max-time", "20"]).args(args).env_clear().env("PATH", PATH);
    finish(&mut command, Duration::from_secs(60))
}

/// Status and body of a GET, if anybody answers.
pub fn get(address: SocketAddr, target: &str) -> Option<(u16, String)> {
    let mut stream = TcpStream::connect_timeout(&address, Duration::from_secs(1)).ok()?;
    stream.set_read_timeout(Some(Duration::from_secs(5))).ok()?;
    write!(stream, "GET {target} HTTP/1.0\r\nHost: {address}\r\n\r\n").ok()?;
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes).ok()?;
    let text = String::from_utf8(bytes).ok()?;
    let (head, body) = text.split_once("\r\n\r\n")?;
    Some((head.split(' ').nth(1)?.parse().ok()?, body.to_owned()))
}

#[test]
fn peers_answer_and_are_gone_afterwards() {
    let exporter = Peer::node_exporter();
    let (status, body) = get(exporter.address(), "/metrics").unwrap();
    assert_eq!(status, 200);
    assert!(body.contains("node_cpu_seconds_total"));
    let front = Peer::caddy(&format!("reverse_proxy {}", exporter.address()));
    let (status, through) = get(front.address(), "/metrics").unwrap();
    assert_eq!(status, 200);
    assert!(through.contains("node_cpu_seconds_total"));
    let prometheus = Peer::prometheus(&[exporter.address()]);
    assert!(get(prometheus.address(), "/-/healthy").is_some_and(|(status, _)| status == 200));
    let gone = exporter.address();
    drop(exporter);
    assert!(TcpStream::connect(gone).is_err(), "the exporter outlives its test");
}
