//! Configurations as people write them, right and wrong, and exactly what is said about them.
//!
//! `config/valid/*` and `config/invalid/*` each have an `.expected` beside them; with `BLESS=1` in the
//! environment it is written anew.
#![allow(clippy::unwrap_used)]

mod plugins;

use manytop_core::{
    config::{self, Config, Errors, Request},
    options::Options,
    provider::{Build, BuildError},
    registry::Registry,
};
use std::{
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
    sync::atomic::{AtomicUsize, Ordering},
};

const PASSWORD: &str = "hunter2hunter2";

fn registry() -> Registry {
    Registry::load(&config::reserved_words()).unwrap()
}

fn request() -> Request {
    let mut request = Request::bare();
    for (name, value) in [
        ("HOME", "/nonexistent"),
        ("XDG_CONFIG_DIRS", "/nonexistent"),
        ("USER_NAME", "me"),
        ("PASSWORD", PASSWORD),
    ] {
        request.environment.insert(name.into(), value.into());
    }
    request.system = "/nonexistent".into();
    request
}

fn load(path: &Path) -> Result<Config, Errors> {
    Config::load(&Request { file: Some(path.into()), ..request() }, &registry())
}

/// A folder of this test's own.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Folder {
        static NEXT: AtomicUsize = AtomicUsize::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let path = std::env::temp_dir().join(format!("manytop-{}-{number}", std::process::id()));
        fs::create_dir_all(&path).unwrap();
        Folder(path)
    }

    fn write(&self, name: &str, text: impl AsRef<[u8]>) -> PathBuf {
        let path = self.0.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, text).unwrap();
        path
    }

    /// What is said, without the folder's own name.
    fn said(&self, text: impl ToString) -> String {
        text.to_string()
            .replace(&format!("{}/", self.0.display()), "")
            .replace(&*self.0.to_string_lossy(), "HERE")
    }

    fn load(&self, text: impl AsRef<[u8]>) -> Result<Config, Errors> {
        load(&self.write("test.conf", text))
    }

    fn wrong(&self, text: impl AsRef<[u8]>) -> String {
        self.said(self.load(text).unwrap_err())
    }

    /// As a person with this folder for home.
    fn at_home(&self) -> Request {
        let mut request = request();
        request.environment.insert("HOME".into(), self.0.clone().into());
        request.environment.insert("XDG_CONFIG_DIRS".into(), self.0.join("xdg").into());
        request.system = self.0.join("etc");
        request
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// All that is in a config; the globals only where one is not as by default.
fn dump(config: &Config) -> String {
    let mut out = String::new();
    if config.globals != Config::load(&request(), &registry()).unwrap().globals {
        writeln!(out, "{:#?}", config.globals).unwrap();
    }
    for i in &config.instances {
        let name = i.name.as_deref().unwrap_or("-");
        write!(out, "{} {name:?} of {:?}", i.plugin.name(), i.source.name()).unwrap();
        for (word, span) in [("refresh", i.refresh), ("timeout", i.timeout)] {
            span.iter().for_each(|span| write!(out, " {word}={span:?}").unwrap());
        }
        write!(out, " tags={:?} expected_offline={}", i.tags, i.expected_offline).unwrap();
        i.place.iter().for_each(|place| write!(out, " from {place}").unwrap());
        writeln!(out, "\n  {:?}", i.options).unwrap();
    }
    for (widget, options) in config.widgets.iter().filter(|(_, o)| **o != Options::default()) {
        writeln!(out, "widget {widget} {options:?}").unwrap();
    }
    for note in config.notes.iter().filter(|note| !note.contains("chmod")) {
        writeln!(out, "note: {note}").unwrap();
    }
    out
}

fn corpus(folder: &str, say: impl Fn(&Path) -> String) {
    let folder = Path::new("tests/config").join(folder);
    let mut files: Vec<PathBuf> =
        fs::read_dir(&folder).unwrap().map(|e| e.unwrap().path()).collect();
    files.retain(|path| path.extension().is_some_and(|e| e != "expected"));
    files.sort();
    assert!(files.len() > 5);
    for file in files {
        let said = say(&file).replace(&format!("{}/", folder.display()), "");
        let expected = PathBuf::from(format!("{}.expected", file.display()));
        if std::env::var_os("BLESS").is_some() {
            fs::write(&expected, &said).unwrap();
        }
        let expected = fs::read_to_string(&expected).unwrap_or_default();
        assert_eq!(said, expected, "{}", file.display());
    }
}

#[test]
fn valid_configs_mean_what_they_say() {
    corpus("valid", |file| match load(file) {
        Ok(config) => dump(&config),
        Err(errors) => panic!("{errors}"),
    });
}

#[test]
fn invalid_configs_get_the_exact_messages() {
    corpus("invalid", |file| {
        let said = load(file).unwrap_err().to_string();
        for secret in [PASSWORD, "supersecret", "12345678"] {
            assert!(!said.contains(secret), "{} gives a secret away: {said}", file.display());
        }
        said + "\n"
    });
}

#[test]
fn line_ends_and_byte_order_marks_do_not_matter() {
    let folder = Folder::new();
    let plain = folder.load("mbps=true\n\nremote-Jerry-url=http://h/\n").unwrap();
    let crlf = folder.load("\u{feff}mbps=true\r\n\r\nremote-Jerry-url=http://h/").unwrap();
    assert_eq!(folder.said(dump(&plain)), folder.said(dump(&crlf)));
    let toml =
        folder.write("bom.toml", "\u{feff}mbps = true\r\n[remote.Jerry]\r\nurl = 'http://h/'\r\n");
    assert_eq!(load(&toml).unwrap().instances[2].place.as_ref().unwrap().line, Some(3));
}

#[test]
fn what_cannot_be_read_is_said() {
    let folder = Folder::new();
    assert_eq!(folder.wrong(b"mbps=true\nlayout=a\xffb\n"), "test.conf:2: this line is not UTF-8");
    let said = |path: &Path| folder.said(load(path).unwrap_err());
    assert_eq!(said(&folder.0), "HERE: is a folder; name a file in it");
    assert_eq!(said(&folder.0.join("no.conf")), "-C: no.conf: no such file");
    let large = folder.write("large.conf", vec![b'#'; 5 << 20]);
    assert_eq!(said(&large), "large.conf: is larger than 4 MiB; is it a config?");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let closed = folder.write("closed.conf", "");
        fs::set_permissions(&closed, fs::Permissions::from_mode(0)).unwrap();
        // Root may read it all the same.
        if fs::read(&closed).is_err() {
            assert_eq!(said(&closed), "closed.conf: cannot be read: permission denied");
        }
    }
}

#[test]
fn a_password_that_everybody_can_read_is_noted() {
    use std::os::unix::fs::PermissionsExt;
    let folder = Folder::new();
    let noted = |text: &str, mode: u32| {
        let path = folder.write("test.conf", text);
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
        folder.said(load(&path).unwrap().notes.join("\n"))
    };
    let note = "test.conf: holds a password, and everybody on this machine can read it; chmod 600 test.conf";
    assert_eq!(noted("remote-Jerry-url=https://u:p@h/", 0o644), note);
    assert_eq!(noted("remote-Jerry-url=https://h/\nremote-Jerry-password=x", 0o644), note);
    assert_eq!(noted("remote-Jerry-url=https://u:p@h/", 0o640), "");
    assert_eq!(noted("remote-Jerry-url=https://u:${PASSWORD}@h/", 0o644), "");
    assert_eq!(noted("remote-Jerry-url=https://h/", 0o644), "");
}

#[test]
fn three_hundred_hosts_need_three_hundred_lines() {
    let mut text = String::from("remote-*-refresh=15\nremote-*-tags=prod\n");
    for n in 0..300 {
        writeln!(text, "remote-host-{n}-url=http://10.0.{}.{}/metrics", n / 250, n % 250).unwrap();
    }
    let config = Folder::new().load(text).unwrap();
    let names: Vec<_> = config.instances.iter().filter_map(|i| i.name.as_deref()).collect();
    assert_eq!(names, (0..300).map(|n| format!("host-{n}")).collect::<Vec<_>>(), "in file order");
    assert!(config.instances[2..].iter().all(|i| i.refresh.unwrap().as_secs() == 15));
    assert!(config.instances[2..].iter().all(|i| i.tags == ["prod"]));
}

#[test]
fn a_flag_overrides_a_key_and_is_named_in_errors() {
    let folder = Folder::new();
    let file =
        folder.write("test.conf", "remote-a-url=http://a/\nremote-b-url=http://b/\nmbps=maybe\n");
    let with = |flags: &[(&str, &str)]| {
        let mut request = Request { file: Some(file.clone()), ..request() };
        request.set("mbps=true").unwrap();
        for (flag, pair) in flags {
            match *flag {
                "--set" => request.set(pair).unwrap(),
                flag => request.named(flag, "remote", "url", pair).unwrap(),
            }
        }
        Config::load(&request, &registry()).map_err(|e| folder.said(e))
    };
    let config =
        with(&[("--remote", "c-d=http://c/?x=y"), ("--set", "remote-a-url=http://z/")]).unwrap();
    let urls: Vec<_> = config.instances[2..]
        .iter()
        .map(|i| format!("{} {}", i.name.as_deref().unwrap(), i.options.get(&plugins::URL)))
        .collect();
    assert_eq!(urls, ["a http://z/", "b http://b/", "c-d http://c/?x=y"], "and keeps its place");
    assert!(config.settings().bits);

    let wrong = |flags: &[(&str, &str)]| with(flags).unwrap_err();
    assert_eq!(
        wrong(&[("--set", "remote-a-refesh=1"), ("--set", "high=x")]),
        "--set: unknown key \"remote-a-refesh\": did you mean \"remote-a-refresh\"? (manytop --list options shows all)\n\
         --set: high: \"x\" is no whole number from 0 to 100"
    );
    let secret = "the process list would show who logs in; write this key into a config";
    assert_eq!(
        wrong(&[("--remote", "c=https://u:p@h/")]),
        format!("--remote: remote-c-url: {secret}")
    );
    assert_eq!(
        wrong(&[("--remote", "c=https://u@h/")]),
        format!("--remote: remote-c-url: {secret}")
    );
    assert_eq!(
        wrong(&[("--set", "remote-a-password=x")]),
        format!("--set: remote-a-password: {secret}")
    );
    assert_eq!(
        wrong(&[("--remote", "c=http://1/"), ("--remote", "c=http://2/")]),
        "--remote: remote-c-url is given twice"
    );
    assert_eq!(Request::bare().set("mbps").unwrap_err(), "--set: write --set KEY=VALUE");
    assert_eq!(
        Request::bare().named("--remote", "remote", "url", "x").unwrap_err(),
        "--remote: write --remote NAME=URL"
    );
}

#[test]
fn this_machine_can_be_left_out() {
    let folder = Folder::new();
    let text = "remote-a-url=http://a/\nups-x-device=y\nups-x-source=local\nmemory-source=a\n";
    let file = folder.write("test.conf", text);
    let request = Request { no_local: true, file: Some(file), ..request() };
    let config = Config::load(&request, &registry()).unwrap();
    let left: Vec<_> = config.instances.iter().map(|i| i.plugin.name()).collect();
    assert_eq!(left, ["memory", "remote", "ups"], "what belongs to another source stays");
    assert_eq!(folder.load("nolocal=true").unwrap().instances.len(), 0);
}

#[test]
fn files_are_found_where_they_belong() {
    let folder = Folder::new();
    let layout = |request: &Request| match Config::load(request, &registry()) {
        Ok(config) => {
            format!("{} {}", config.globals.get(&config::globals::LAYOUT), config.notes.join(" "))
        }
        Err(errors) => folder.said(errors),
    };
    let mut request = folder.at_home();
    assert_eq!(layout(&request), "default ");

    folder.write(".config/gotop/gotop.conf", "layout=gotops\nsomeday=${X}\nnetinterface=[]\n");
    assert_eq!(
        folder.said(layout(&request)),
        "gotops no config of manytop's own; reading gotop's: .config/gotop/gotop.conf \
         .config/gotop/gotop.conf:2: unknown key \"someday\" (manytop --list options shows all)"
    );
    folder.write("etc/manytop.conf", "layout=system\n");
    assert_eq!(layout(&request), "system ");
    folder.write("xdg/manytop/manytop.toml", "layout = 'machine'\n");
    assert_eq!(layout(&request), "machine ");
    folder.write(".config/manytop/manytop.conf", "layout=mine\n");
    assert_eq!(layout(&request), "mine ");

    // What lies in conf.d is read too, in the order of the names.
    folder.write(".config/manytop/conf.d/20-b.toml", "[remote.b]\nurl='http://b/'\n");
    folder.write(".config/manytop/conf.d/10-a.toml", "[remote.a]\nurl='http://a/'\n");
    folder.write(".config/manytop/conf.d/README", "not a config");
    folder.write(".config/manytop/conf.d/.hidden.conf", "not a config");
    let config = Config::load(&request, &registry()).unwrap();
    let names: Vec<_> = config.instances.iter().filter_map(|i| i.name.as_deref()).collect();
    assert_eq!(names, ["a", "b"]);
    assert_eq!(config.files.len(), 3);
    assert_eq!(config.folders[0], folder.0.join(".config/manytop"));
    folder.write(".config/manytop/conf.d/30.toml", "layout='again'\n[remote.a]\nrefresh=2\n");
    assert_eq!(
        layout(&request),
        ".config/manytop/conf.d/30.toml:1: layout is given twice; first at .config/manytop/manytop.conf:1"
    );
    fs::remove_file(folder.0.join(".config/manytop/conf.d/30.toml")).unwrap();

    folder.write(".config/manytop/conf.d/40.conf", "");
    assert_eq!(
        layout(&request),
        ".config/manytop: two formats in one folder, 10-a.toml and 40.conf; keep one of them"
    );
    folder.write(".config/manytop/manytop.toml", "");
    assert_eq!(
        layout(&request),
        ".config/manytop: two formats in one folder, manytop.conf and manytop.toml; keep one of them"
    );

    // A file that was asked for is read alone.
    let named = folder.write("named.conf", "layout=named\n");
    request.environment.insert("MANYTOP_CONFIG".into(), named.into());
    assert_eq!(layout(&request), "named ");
    folder.write("etc/bare.conf", "layout=bare\n");
    for name in ["bare", "bare.conf"] {
        request.file = Some(name.into());
        assert_eq!(layout(&request), "bare ");
    }
    request.file = Some("nosuch.conf".into());
    assert_eq!(
        layout(&request),
        "-C: nosuch.conf: no such file here or in .config/manytop, xdg/manytop, etc"
    );
}

#[test]
fn only_a_persons_own_config_reads_the_environment() {
    let folder = Folder::new();
    let mut request = folder.at_home();
    let system = "remote-a-url=http://evil/${PASSWORD}\n";
    folder.write("etc/manytop.conf", system);
    assert_eq!(
        folder.said(Config::load(&request, &registry()).unwrap_err()),
        "etc/manytop.conf:1: remote-a-url: ${PASSWORD} is only read in your own config; \
         for a literal ${ write $${"
    );
    folder.write(".config/gotop/gotop.conf", "layout=${PASSWORD}\n");
    request.system = "/nonexistent".into();
    let config = Config::load(&request, &registry()).unwrap();
    assert_eq!(config.globals.get(&config::globals::LAYOUT), "${PASSWORD}");
    request.set("layout=${PASSWORD}").unwrap();
    let config = Config::load(&request, &registry()).unwrap();
    assert_eq!(config.globals.get(&config::globals::LAYOUT), "${PASSWORD}");
}

#[test]
fn what_a_plugin_finds_wrong_has_place_and_key() {
    let folder = Folder::new();
    let config = folder
        .load("remote-Jerry-url=https://u:p#a@h/\nremote-*-refresh=2\nwidget-*-rows=3\n")
        .unwrap();
    let jerry = config.instances.iter().find(|i| i.name.is_some()).unwrap();
    let Build::Reads(build) = jerry.plugin.build() else { panic!("it reads") };
    let error = build(&jerry.options).err().unwrap();
    assert_eq!(
        folder.said(config.build_error(jerry, &error)),
        "test.conf:1: remote-Jerry-url: \"#\" ends a URL; in a password write %23 (@ is %40), \
         or use remote-Jerry-password_file"
    );
    let error = |spec| BuildError::new(spec, "is odd");
    let said = |spec| folder.said(config.build_error(jerry, &error(spec)));
    assert_eq!(said(config::REFRESH.spec()), "test.conf:2: remote-*-refresh: is odd");
    assert_eq!(said(plugins::TEMPSCALE.spec()), "remote-Jerry-tempscale: is odd");
    let widget = folder.said(config.widget_error("procs", &error(plugins::ROWS.spec())));
    assert_eq!(widget, "test.conf:3: widget-*-rows: is odd");
}

#[test]
fn a_written_config_says_the_same_and_no_secret_more() {
    let files = [
        "seed.conf",
        "names.conf",
        "names.toml",
        "urls.conf",
        "globals.conf",
        "options.conf",
        "options.toml",
        "all.conf",
        "variables.conf",
        "variables.toml",
        "empty.conf",
    ];
    let folder = Folder::new();
    for file in files {
        let first = load(&Path::new("tests/config/valid").join(file)).unwrap();
        let written = first.to_conf();
        assert!(!written.contains(PASSWORD), "{written}");
        let again = folder.load(&written).unwrap_or_else(|e| panic!("{file}: {e}\n{written}"));
        let plain = |config: &Config| {
            let mut config = config.clone();
            config.instances.iter_mut().for_each(|i| i.place = None);
            config.notes.clear();
            dump(&config)
        };
        assert_eq!(plain(&first), plain(&again), "{file}");
        assert_eq!(written, again.to_conf(), "{file}: written twice, it is the same");
    }
    let variables = load(Path::new("tests/config/valid/variables.conf")).unwrap().to_conf();
    assert!(variables.contains("\nremote-Jerry-password=${PASSWORD}\n"), "{variables}");
    let toml = folder
        .write("odd.toml", "[remote.\"a=b\"]\nurl = 'http://h/'\n[ups.x]\ndevice = \"a\\nb\"\n");
    let odd = folder.said(load(&toml).unwrap().to_conf());
    assert!(
        odd.contains("# \"remote-a=b-url\" cannot be written in this format; see odd.toml:2\n")
    );
    assert!(odd.contains("# \"ups-x-device\" cannot be written in this format; see odd.toml:4\n"));
}

#[test]
fn every_word_of_cores_own_is_reserved() {
    let words = config::reserved_words();
    for word in
        ["layout", "mbps", "logdir", "widget", "alert", "discover", "local", "updateinterval"]
    {
        assert!(words.contains(&word), "{word}");
    }
    let hyphen =
        words.iter().find(|word| word.contains('-') || word.chars().any(char::is_uppercase));
    assert_eq!(hyphen, None);
    assert!(config::GLOBALS.len() >= 17);
}

#[test]
fn odd_tables_neither_hang_nor_allocate() {
    let folder = Folder::new();
    // The crate behind this reads first-level keys as paths; no key of ours is one.
    let said = folder.wrong("x[50000000]=1\na.b.c=1\nremote-x[50000000].y-urk=1\n");
    assert_eq!(said.lines().count(), 3, "{said}");
    let deep = folder.write("deep.toml", format!("{}1", "a.".repeat(500) + "b = "));
    assert!(load(&deep).is_err());
}

#[test]
fn shown_defaults_can_be_read() {
    for global in config::GLOBALS {
        let spec = global.spec();
        assert!(!spec.name().contains('-') && !spec.help().is_empty());
        Options::default().put(spec, None).unwrap();
    }
    let settings =
        Folder::new().load("netinterface=all\ngraphhorizontalscale=2\n").unwrap().settings();
    assert_eq!(settings.interfaces, Vec::<String>::new());
    assert_eq!(settings.column.as_millis(), 1000);
}
