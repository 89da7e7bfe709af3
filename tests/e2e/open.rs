//! Plugins of other people: the example crate in its own binary, reading a real NUT server.

use crate::{
    bodies::{self, Gotop},
    farm::Farm,
    home::{Home, example, program, wait_for},
    needs,
    once::Once,
    peers::get,
    ports::Reserved,
    terminal::{PATIENCE, Terminal},
};
use serde_json::json;
use std::{
    ffi::OsStr,
    fs::{self, File},
    io::{BufRead, BufReader, Write},
    net::{SocketAddr, TcpStream},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::Duration,
};
use toml::Table;

/// What the one UPS says.
const RACK: &str = "battery.charge: 87\nbattery.runtime: 1260\nups.load: 23\nups.status: OL CHRG\n\
                    input.voltage: 230.4\nups.model: Model \\e[2J\n";

/// NUT's server and its dummy driver, with a configuration of their own.
struct Nut {
    children: Vec<Child>,
    address: SocketAddr,
    _place: Reserved,
    folder: Home,
}

impl Nut {
    fn start() -> Nut {
        needs::program("/lib/nut/upsd");
        let (place, folder) = (Reserved::new(), Home::new());
        let address = place.address();
        let mut nut = Nut { children: Vec::new(), address, _place: place, folder };
        let (address, folder) = (nut.address, &nut.folder);
        folder.write("ups.conf", "[rack]\ndriver = dummy-ups\nport = rack.dev\n");
        folder.write("rack.dev", RACK);
        folder.write("upsd.conf", format!("LISTEN {} {}\n", address.ip(), address.port()));
        folder.write("upsd.users", "");
        let socket = folder.path().join("dummy-ups-rack");
        nut.spawn("dummy-ups", &["-a", "rack"]);
        wait_for("the dummy driver", PATIENCE, || socket.exists().then_some(()));
        nut.spawn("upsd", &[]);
        wait_for("upsd to know the UPS's state", PATIENCE, || {
            ask(address, "GET VAR rack ups.status").filter(|answer| answer.contains("OL CHRG"))
        });
        nut
    }

    /// Not Debian's /sbin/upsd, which asks the machine's own configuration whether it may start.
    fn spawn(&mut self, name: &str, args: &[&str]) {
        let folder = self.folder.path();
        let user = Command::new("id").arg("-un").output().unwrap().stdout;
        let program = Path::new("/lib/nut").join(name);
        let mut command = Command::new(&program);
        for variable in ["NUT_CONFPATH", "NUT_STATEPATH", "NUT_ALTPIDPATH"] {
            command.env(variable, folder);
        }
        command.args(args).args(["-F", "-u", String::from_utf8(user).unwrap().trim()]);
        let log = File::create(folder.join(format!("{name}.log"))).unwrap();
        command.stdout(log.try_clone().unwrap()).stderr(log).current_dir(folder);
        let child = command.spawn();
        let failed = |e| panic!("cannot start {}: {e}", program.display());
        self.children.push(child.unwrap_or_else(failed));
    }

    fn keys(&self, name: &str) -> String {
        let SocketAddr::V4(address) = self.address else { panic!("{}", self.address) };
        format!("ups-{name}-host={}\nups-{name}-port={}\n", address.ip(), address.port())
    }
}

impl Drop for Nut {
    fn drop(&mut self) {
        for child in &mut self.children {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

fn ask(address: SocketAddr, request: &str) -> Option<String> {
    let mut stream = TcpStream::connect_timeout(&address, Duration::from_secs(1)).ok()?;
    stream.set_read_timeout(Some(Duration::from_secs(5))).ok()?;
    writeln!(stream, "{request}").ok()?;
    let mut line = String::new();
    BufReader::new(stream).read_line(&mut line).ok()?;
    Some(line)
}

/// The example's own binary.
fn with_ups() -> PathBuf {
    program("manytop-with-ups")
}

fn once(home: &Home, program: &Path, config: &str, code: i32) -> Once {
    let config = home.write("once.conf", config);
    let args = [OsStr::new("--once=json"), OsStr::new("-C"), config.as_os_str()];
    Once::read(home.run_program(program, &args).expect(code))
}

#[test]
fn the_library_depends_on_the_plugin_api_alone() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/ups/Cargo.toml");
    let manifest: Table = fs::read_to_string(path).unwrap().parse().unwrap();
    let names: Vec<_> = manifest["dependencies"].as_table().unwrap().keys().collect();
    assert_eq!(names, ["manytop-plugin"]);
    let tests: Vec<_> = manifest["dev-dependencies"].as_table().unwrap().keys().collect();
    assert_eq!(tests, ["manytop-core"], "what its tests poll it with");
    assert!(manifest.get("build-dependencies").is_none(), "{path}");
}

#[test]
fn a_device_of_a_new_kind_stands_under_its_own_source_and_under_another_by_source() {
    let (home, farm, nut) = (Home::new(), Farm::new(), Nut::start());
    let jerry = farm.serve(bodies::still(bodies::gotop(Gotop::default())));
    let (own, hung) = (nut.keys("cellar"), nut.keys("rack"));
    let config = format!(
        "nolocal=true\n{own}{hung}ups-rack-source=Jerry\nremote-Jerry-url={}\n",
        jerry.url()
    );
    let once = once(&home, &with_ups(), &config, 0);
    for source in ["cellar", "Jerry"] {
        let device = once.device(source, "ups", "rack");
        assert_eq!(device["label"], format!("{source}-rack"));
        assert_eq!(device["texts"]["state"], "OL CHRG");
        for (quantity, value) in [
            ("charge_percent", 87.0),
            ("load_percent", 23.0),
            ("runtime_seconds", 1260.0),
            ("input_volts", 230.4),
        ] {
            assert_eq!(once.value(source, "ups", "rack", quantity), value);
        }
    }
    assert_eq!(once.source("cellar")["provider"], "ups");
    assert_eq!(once.state("cellar"), "live");
    assert!(once.find("Jerry", "cpu", "CPU0").is_some(), "Jerry is still Jerry: {}", once.whole());
    assert_eq!(once.sources().len(), 2, "a NAME hung on another source is none of its own");

    let layout = home.write("ups.layout", "ups@cellar\nups@Jerry\n");
    let config = home.write("ups.conf", config);
    let [config, layout] = [config, layout].map(|path| path.display().to_string());
    let args = ["-C", &config, "-l", &layout];
    let terminal = Terminal::run_program(&home, (100, 12), &with_ups(), &args);
    let screen = terminal.wait_for_text(&["cellar-rack", "Jerry-rack"]);
    for label in ["cellar-rack", "Jerry-rack"] {
        let line = screen.lines().find(|line| line.contains(label)).unwrap();
        for part in ["87 %", "OL CHRG", "23 %", "21m", "230 V"] {
            assert!(line.contains(part), "no {part:?} in {line:?}");
        }
    }
    terminal.expect_answers_keys();
}

#[test]
fn without_its_widget_a_device_of_a_new_kind_is_in_the_devices_table() {
    let (home, nut) = (Home::new(), Nut::start());
    let bare = example("without_widget");
    let config = format!("nolocal=true\n{}", nut.keys("cellar"));
    assert_eq!(
        once(&home, &bare, &config, 0).value("cellar", "ups", "rack", "charge_percent"),
        87.0
    );
    let layout = home.write("devices.layout", "devices\n");
    let config = home.write("devices.conf", config);
    let [config, layout] = [config, layout].map(|path| path.display().to_string());
    let terminal = Terminal::run_program(&home, (100, 12), &bare, &["-C", &config, "-l", &layout]);
    let screen = terminal.wait_for_text(&["▌cellar ", "rack "]);
    let heading = screen.lines().find(|line| line.contains("charge")).unwrap_or(&screen);
    for word in ["ups", "charge", "load", "runtime", "input", "state"] {
        assert!(heading.contains(word), "no {word:?} in {heading:?}");
    }
    let line = screen.lines().find(|line| line.contains("rack ")).unwrap();
    for part in ["87 %", "23 %", "21m", "230 V", "OL CHRG"] {
        assert!(line.contains(part), "no {part:?} in {line:?}");
    }
    terminal.press(&["q"]);
    assert_eq!(terminal.wait_for_end(), Some(0));
    // the layout's word is the widget's own: it is not known here
    let layout = home.write("ups.layout", "ups\n").display().to_string();
    let refused = home.run_program(&bare, &["--check-config", "-l", &layout]).expect(2);
    assert!(refused.stderr.contains("\"ups\""), "{}", refused.stderr);
}

#[test]
fn a_server_that_is_gone_and_a_key_that_is_misspelt_are_told_of_as_everywhere() {
    let (home, nut) = (Home::new(), Nut::start());
    let keys = nut.keys("cellar");
    drop(nut);
    let once = once(&home, &with_ups(), &format!("nolocal=true\n{keys}"), 3);
    assert_eq!(once.state("cellar"), "down");
    let error = once.source("cellar")["error"].as_str().unwrap();
    assert!(error.contains("connection refused") && error.contains("upsd"), "{error}");

    let config = home.write("wrong.conf", "ups-cellar-hsot=localhost\n");
    let config = config.display().to_string();
    let refused = home.run_program(&with_ups(), &["--check-config", "-C", &config]).expect(2);
    assert!(refused.stderr.contains("did you mean \"ups-cellar-host\"?"), "{}", refused.stderr);
}

#[test]
#[ignore = "a relayed device of another kind is not exported"]
fn a_device_of_a_new_kind_is_exported_and_what_is_the_hosts_own_is_read_back() {
    let (home, nut, place) = (Home::new(), Nut::start(), Reserved::new());
    let address = place.address();
    let (relayed, own) = (nut.keys("cellar"), nut.keys("rack"));
    let config = format!("nolocal=true\nexportremotes=true\n{relayed}{own}ups-rack-source=local\n");
    let config = home.write("export.conf", config);
    let mut headless = Command::new(with_ups());
    headless.args(["--headless", "-x", &address.to_string(), "-C"]).arg(config);
    headless.env_clear().envs(home.env()).current_dir(home.path());
    let mut headless =
        Running(headless.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap());
    let page = wait_for("the exporter to answer", PATIENCE, || {
        assert_eq!(headless.0.try_wait().unwrap(), None, "the exporter has ended");
        get(address, "/metrics").map(|(_, page)| page)
    });
    for line in [
        "manytop_ups_charge_percent{source=\"cellar\",device=\"rack\"} 87",
        "manytop_ups_input_volts{source=\"cellar\",device=\"rack\"} 230.4",
        "manytop_ups_info{source=\"cellar\",device=\"rack\",state=\"OL CHRG\"} 1",
    ] {
        for line in [line.to_owned(), line.replace("cellar", "local")] {
            assert!(page.lines().any(|l| l == line), "no {line:?} in\n{page}");
        }
    }
    let config = format!("nolocal=true\nremote-Jerry-url=http://{address}/metrics\n");
    let once = once(&home, &with_ups(), &config, 0);
    let device = once.device("Jerry", "ups", "rack");
    assert_eq!(
        (&device["label"], &device["texts"]["state"]),
        (&json!("Jerry-rack"), &json!("OL CHRG"))
    );
    assert_eq!(once.value("Jerry", "ups", "rack", "charge_percent"), 87.0);
}

/// A program that ends with its test.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
