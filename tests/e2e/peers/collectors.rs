//! Real exporters of machines, switches and databases, beside node_exporter: the rows of docs/what-you-have.md.

use super::*;
use std::{fs, os::unix::fs::MetadataExt, process::Stdio};

impl Peer {
    /// Debian's Netdata with its own collectors only, and no cloud.
    pub fn netdata() -> Peer {
        Peer::start("/api/v1/info", |address, folder| {
            let path = folder.path().display();
            let folders = ["lib", "cache", "logs"];
            folders.iter().for_each(|name| fs::create_dir_all(folder.path().join(name)).unwrap());
            let off = ["cgroups", "enable running new plugins", "apps", "python.d", "charts.d"];
            let off: String = off.iter().map(|plugin| format!("{plugin} = no\n")).collect();
            let config = folder.write(
                "netdata.conf",
                format!(
                    "[directories]\nconfig = {path}\nstock config = {path}\nlib = {path}/lib\n\
                     cache = {path}/cache\nlog = {path}/logs\n[db]\nmode = ram\n[web]\n\
                     default port = {}\nbind to = {}\n[plugins]\n{off}",
                    address.port(),
                    address.ip()
                ),
            );
            fs::write(folder.path().join(".opt-out-from-anonymous-statistics"), "").unwrap();
            let user = fs::metadata(folder.path()).unwrap().uid().to_string();
            let mut command = Command::new("netdata");
            command.args(["-D", "-u", &user, "-P", &format!("{path}/pid"), "-c"]).arg(config);
            command
        })
    }

    /// Debian's collectd with write_prometheus, once a second.
    pub fn collectd() -> Peer {
        Peer::start("/metrics", |address, folder| {
            let path = folder.path().display();
            let plugins = ["cpu", "memory", "load", "uptime", "df", "disk", "interface"];
            let plugins: String =
                plugins.iter().map(|plugin| format!("LoadPlugin {plugin}\n")).collect();
            let config = folder.write(
                "collectd.conf",
                format!(
                    "BaseDir \"{path}\"\nPIDFile \"{path}/pid\"\nHostname \"box\"\nInterval 1\n{plugins}\
                     LoadPlugin write_prometheus\n<Plugin write_prometheus>\n  Host \"{}\"\n  \
                     Port \"{}\"\n</Plugin>\n",
                    address.ip(),
                    address.port()
                ),
            );
            let mut command = Command::new("collectd");
            command.arg("-f").arg("-C").arg(config);
            command
        })
    }

    /// Debian's Glances, exporting once a second.
    pub fn glances() -> Peer {
        Peer::start("/metrics", |address, folder| {
            let text = format!(
                "[prometheus]\nhost={}\nport={}\nprefix=glances\nlabels=src:glances\n",
                address.ip(),
                address.port()
            );
            let config = folder.write("glances.conf", text);
            let mut command = Command::new("glances");
            command.arg("-C").arg(config);
            command.args(["--export", "prometheus", "-q", "-t", "1", "--disable-check-update"]);
            command
        })
    }

    /// Debian's snmp_exporter with the part of if_mib that is read here.
    pub fn snmp_exporter() -> Peer {
        Peer::start("/", |address, folder| {
            let config = folder.write("snmp.yml", IF_MIB);
            let mut command = Command::new("prometheus-snmp-exporter");
            command.arg(format!("--web.listen-address={address}"));
            command.arg(format!("--config.file={}", config.display()));
            command
        })
    }

    /// Debian's redis_exporter of that server.
    pub fn redis_exporter(server: &Redis) -> Peer {
        Peer::start("/metrics", |address, _| {
            let mut command = Command::new("prometheus-redis-exporter");
            command.arg(format!("-web.listen-address={address}"));
            command.arg(format!("-redis.addr=unix://{}", server.socket()));
            command
        })
    }
}

/// Interfaces with what is shown of them, by the object identifiers of IF-MIB.
const IF_MIB: &str = "\
if_mib:
  walk: [1.3.6.1.2.1.2.2.1, 1.3.6.1.2.1.31.1.1.1]
  get: [1.3.6.1.2.1.1.3.0]
  metrics:
  - {name: sysUpTime, oid: 1.3.6.1.2.1.1.3, type: gauge, help: Hundredths of a second}
  - name: ifHCInOctets
    oid: 1.3.6.1.2.1.31.1.1.1.6
    type: counter
    help: Octets received
    indexes: &index [{labelname: ifIndex, type: gauge}]
    lookups: &names
    - {labels: [ifIndex], labelname: ifDescr, oid: 1.3.6.1.2.1.2.2.1.2, type: DisplayString}
    - {labels: [ifIndex], labelname: ifName, oid: 1.3.6.1.2.1.31.1.1.1.1, type: DisplayString}
  - {name: ifHCOutOctets, oid: 1.3.6.1.2.1.31.1.1.1.10, type: counter, help: Octets sent, indexes: *index, lookups: *names}
  - {name: ifOperStatus, oid: 1.3.6.1.2.1.2.2.1.8, type: gauge, help: The state, indexes: *index, lookups: *names}
";

/// Debian's snmpd, on a port of UDP that the kernel chose for it.
pub struct Snmpd {
    child: Child,
    _folder: Home,
    /// Its address, as snmp_exporter takes it.
    pub target: String,
}

impl Snmpd {
    pub fn new() -> Snmpd {
        needs::program("snmpd");
        let folder = Home::new();
        let text = "agentaddress udp:127.0.0.1:0\nrocommunity public 127.0.0.1\nsysName switch\n";
        let config = folder.write("snmpd.conf", text);
        let mut command = Command::new("snmpd");
        command.args(["-f", "-Lf", "log", "-C", "-c"]).arg(config).args(["-p", "pid"]);
        command.env_clear().env("PATH", PATH).env("HOME", folder.path());
        command.env("SNMP_PERSISTENT_DIR", folder.path()).stderr(Stdio::null());
        let child = command.current_dir(folder.path()).spawn().unwrap();
        let mut snmpd = Snmpd { child, _folder: folder, target: String::new() };
        let port = wait_for("snmpd's port", PATIENCE, || udp_port(snmpd.child.id()));
        snmpd.target = format!("127.0.0.1:{port}");
        snmpd
    }
}

/// The port of a process's socket of UDP on 127.0.0.1.
fn udp_port(pid: u32) -> Option<u16> {
    let sockets: Vec<String> = fs::read_dir(format!("/proc/{pid}/fd"))
        .ok()?
        .flatten()
        .filter_map(|fd| {
            let target = fs::read_link(fd.path()).ok()?.to_str()?.to_owned();
            Some(target.strip_prefix("socket:[")?.strip_suffix(']')?.to_owned())
        })
        .collect();
    let table = fs::read_to_string("/proc/net/udp").ok()?;
    table.lines().find_map(|line| {
        let words: Vec<&str> = line.split_whitespace().collect();
        let port = words.get(1)?.strip_prefix("0100007F:")?;
        sockets.iter().any(|inode| words.get(9) == Some(&inode.as_str())).then_some(())?;
        u16::from_str_radix(port, 16).ok().filter(|port| *port != 0)
    })
}

/// Debian's Redis on a socket of its own.
pub struct Redis {
    child: Child,
    folder: Home,
}

impl Redis {
    pub fn new() -> Redis {
        needs::program("redis-server");
        let folder = Home::new();
        let mut command = Command::new("redis-server");
        command.args(["--port", "0", "--unixsocket", "redis.sock", "--save", ""]);
        command.env_clear().env("PATH", PATH).stdout(Stdio::null());
        let child = command.current_dir(folder.path()).spawn().unwrap();
        let redis = Redis { child, folder };
        let socket = redis.socket();
        wait_for("Redis's socket", PATIENCE, || Path::new(&socket).exists().then_some(()));
        redis
    }

    fn socket(&self) -> String {
        self.folder.path().join("redis.sock").display().to_string()
    }
}

macro_rules! ends_with_its_test {
    ($($peer:ty),*) => {$(
        impl Drop for $peer {
            fn drop(&mut self) {
                let _ = self.child.kill();
                let _ = self.child.wait();
            }
        }
    )*};
}
ends_with_its_test!(Snmpd, Redis);
