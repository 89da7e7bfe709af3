//! A password is sent, and is nowhere else: everything that the program writes is searched for it, and
//! for any part of it.

use super::Front;
use crate::{
    bodies::{self, Gotop},
    exporter::Exporter,
    farm::{Farm, Manner, Remote, Seen},
    home::{Done, Home, example, wait_for},
    peers::Peer,
    ports::Reserved,
    terminal::{PATIENCE, Terminal},
};
use std::{
    collections::BTreeSet,
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
};

/// With letters that URLs and headers write in other ways.
const PASSWORD: &str = "Gx7/qW@Zr5%Kp=ünv+Ty3";
/// The same as written in a URL.
const IN_URL: &str = "Gx7%2FqW%40Zr5%25Kp%3D%C3%BCnv%2BTy3";
/// `u:` and the password as the header has it: printf '%s' "u:$PASSWORD" | base64
const IN_HEADER: &str = "dTpHeDcvcVdAWnI1JUtwPcO8bnYrVHkz";
/// So many letters of it in a row are a part of it.
const PART: usize = 6;

/// All parts of the password, however it is written.
fn parts() -> BTreeSet<String> {
    let windows = |text: &str| {
        let letters: Vec<char> = text.chars().collect();
        letters.windows(PART).map(|w| w.iter().collect::<String>()).collect::<Vec<_>>()
    };
    // of the header's, the first letters are the user's
    let all = [PASSWORD, IN_URL, &IN_HEADER[4..]];
    all.into_iter().flat_map(windows).collect()
}

/// What a program has written, and where.
#[derive(Default)]
struct Written(Vec<(String, String)>);

impl Written {
    fn done(&mut self, what: &str, done: &Done) {
        self.0.push((format!("{what}, standard output"), done.stdout.clone()));
        self.0.push((format!("{what}, standard error"), done.stderr.clone()));
    }

    fn add(&mut self, what: &str, text: String) {
        self.0.push((what.to_owned(), text));
    }

    /// All files below a folder but those by which we told it the password.
    fn files(&mut self, folder: &Path, ours: &[PathBuf]) {
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
            let path = entry.path();
            if path.is_dir() {
                self.files(&path, ours);
            } else if !ours.contains(&path) {
                let text = fs::read(&path).unwrap_or_default();
                self.add(&path.display().to_string(), String::from_utf8_lossy(&text).into_owned());
            }
        }
    }

    #[track_caller]
    fn expect_none(&self) {
        let parts = parts();
        for (what, text) in &self.0 {
            for part in &parts {
                assert!(!text.contains(part), "{part:?} in {what}:\n{text}");
            }
        }
    }

    #[track_caller]
    fn expect(&self, what: &str, said: &str) {
        let of = self.0.iter().filter(|(at, _)| at.contains(what));
        assert!(of.clone().any(|(_, text)| text.contains(said)), "no {said:?} in {what}");
    }
}

#[test]
#[should_panic(expected = "in a log")]
fn the_search_finds_a_part_in_another_spelling() {
    let mut written = Written::default();
    written.add("a log", "Authorization: Basic dTpHeDcvcVdA…".to_owned());
    written.expect_none();
}

/// The ways to tell a password.
const WAYS: [&str; 6] = ["url", "key", "file", "variable", "token", "query"];

/// A config by which an address is asked with the password in all these ways.
fn config(home: &Home, place: &str) -> String {
    let secret = home.write("password", format!("{PASSWORD}\n")).display().to_string();
    let mut config = "nolocal=true\nremote-*-timeout=1\n".to_owned();
    for way in WAYS {
        let (userinfo, query) = match way {
            "url" => (format!("u:{IN_URL}@"), String::new()),
            "query" => (String::new(), format!("?key={IN_URL}")),
            _ => Default::default(),
        };
        config += &format!("remote-{way}-url=http://{userinfo}{place}/metrics{query}\n");
        let more = match way {
            "key" => format!("username=u\nremote-{way}-password={PASSWORD}"),
            "file" => format!("username=u\nremote-{way}-password_file={secret}"),
            "variable" => format!("username=u\nremote-{way}-password=${{PW}}"),
            "token" => format!("bearer_token_file={secret}"),
            _ => continue,
        };
        config += &format!("remote-{way}-{more}\n");
    }
    config
}

/// Runs with what makes programs talkative.
fn everywhere(written: &mut Written, home: &Home, config: &str, forms: &[&[&str]]) {
    let file = home.write("jerry.conf", config).display().to_string();
    let env = [("PW", PASSWORD), ("RUST_BACKTRACE", "full"), ("RUST_LOG", "trace")];
    for form in forms {
        let args = [*form, &["-C", &file]].concat();
        written.done(&format!("{form:?}"), &home.run_with(&args, &env));
    }
}

#[test]
fn no_form_of_output_shows_it_where_all_is_well() {
    let (home, farm, mut written) = (Home::new(), Farm::new(), Written::default());
    let jerry = farm.serve(bodies::gotop(Gotop::default()));
    let config = config(&home, &jerry.address().to_string());
    let forms: &[&[&str]] = &[
        &["--check-config"],
        &["--once"],
        &["--once=json"],
        &["--once=prometheus"],
        &["--list", "devices"],
        &["--list", "options"],
        &["--write-config"],
    ];
    everywhere(&mut written, &home, &config, forms);
    written.expect_none();
    for way in WAYS {
        written.expect("[\"--once=json\"], standard output", &format!("{way}-CPU0"));
    }
    let sent = |s: &Seen| [IN_HEADER, PASSWORD, IN_URL].iter().any(|p| s.head.contains(p));
    assert!(jerry.seen().iter().all(sent), "all of them sent it");
}

#[test]
fn no_failure_shows_it() {
    let (farm, mut written) = (Farm::new(), Written::default());
    let faults = [
        Manner::Status(401),
        Manner::Status(403),
        Manner::Status(404),
        Manner::Status(500),
        Manner::Redirect(format!("http://u:{IN_URL}@127.0.0.1:1/?{IN_URL}")),
        Manner::Redirect(format!("/{IN_URL}?{IN_URL}")),
        Manner::Html("<html>Log in</html>"),
        Manner::Hang,
        Manner::HeadersThenSilence,
        Manner::ResetInBody(bodies::gotop(Gotop::default())),
        Manner::Refuse,
    ];
    let faulty = faults.map(|fault| farm.remote(fault));
    let json: &[&[&str]] = &[&["--once=json"]];
    let all = faulty.iter().map(|jerry| (jerry.address().to_string(), json));
    let plain: &[&[&str]] = &[&["--once"], &["--check-config"]];
    let places = ["nobody.invalid", "127.0.0.1:1", "[::1"].map(|place| (place.to_owned(), plain));
    let all: Vec<_> = all.chain(places).collect();
    let one = |(place, forms): &(String, &[&[&str]])| {
        let (home, mut written) = (Home::new(), Written::default());
        everywhere(&mut written, &home, &config(&home, place), forms);
        written
    };
    std::thread::scope(|scope| {
        let runs: Vec<_> = all.iter().map(|run| scope.spawn(move || one(run))).collect();
        runs.into_iter().for_each(|run| written.0.extend(run.join().unwrap().0));
    });
    written.expect_none();
    for said in ["401: wrong user", "302 to 127.0.0.1: not", "does not accept the token"] {
        written.expect("[\"--once=json\"], standard output", said);
    }
}

#[test]
fn no_mistake_in_a_config_shows_it() {
    let (home, mut written) = (Home::new(), Written::default());
    let jerry = "remote-Jerry-url=http://127.0.0.1:1/metrics\nremote-Jerry-username=u\n";
    let urls = ["ftp://", "http//", "http:/", "://", "http://:", "http://u:p#"];
    let urls = urls.map(|scheme| format!("remote-Jerry-url={scheme}u:{PASSWORD}@h/metrics\n"));
    let mistakes = [
        format!("{jerry}remote-Jerry-pasword={PASSWORD}\n"),
        format!("{jerry}remote-Jerry-password={PASSWORD}\nremote-Jerry-password={PASSWORD}x\n"),
        format!(
            "{jerry}remote-Jerry-password={PASSWORD}\nremote-Jerry-password_file=/nonexistent\n"
        ),
        format!("{jerry}remote-Jerry-password {PASSWORD}\n"),
        format!("{jerry}remote-Jerry-password:{PASSWORD}\n"),
        format!("{jerry}remote-Jerry-password={PASSWORD}${{\n"),
        format!("{jerry}remote-Jerry-password=${{NOBODY}}{PASSWORD}\n"),
        format!("{jerry}password={PASSWORD}\n"),
        format!("remote-Jerry-password={PASSWORD}\n"),
        format!("remote-Jerry-url=http://u:{IN_URL}@h/\nremote-Jerry-username=other\n"),
    ];
    for config in mistakes.iter().chain(&urls) {
        let file = home.write("jerry.conf", config).display().to_string();
        for form in ["--check-config", "--once"] {
            let done = home.run(&[form, "-C", &file]);
            assert_ne!(done.code, Some(0), "{config:?} is a mistake");
            written.done(&format!("{form} of {config:?}"), &done);
        }
    }
    let tables = [
        format!("[remote.Jerry]\nurl = \"http://h/\"\nusername = \"u\"\npassword = {PASSWORD}\n"),
        format!("[remote.Jerry]\nurl = \"http://h/\"\npasword = \"{PASSWORD}\"\n"),
        format!("[remote.Jerry]\nurl = \"http://h/\"\npassword = [\"{PASSWORD}\"]\n"),
        format!("[remote.Jerry]\nurl = \"http://h/\"\npassword = \"{PASSWORD}\npassword = 1\n"),
    ];
    for config in &tables {
        let file = home.write("jerry.toml", config).display().to_string();
        written.done(&format!("{config:?}"), &home.run(&["--check-config", "-C", &file]).expect(2));
    }
    // a flag that would show it to everybody is refused without repeating it
    let url = format!("Jerry=http://u:{IN_URL}@h/metrics");
    written.done("--remote", &home.run(&["--once", "--remote", &url]).expect(2));
    written.expect_none();
}

fn only_in_url(jerry: &Remote) -> String {
    format!("remote-Jerry-url=http://u:{IN_URL}@{}/metrics\n", jerry.address())
}

#[test]
fn no_screen_log_or_exported_page_shows_it() {
    let (home, farm, mut written) = (Home::new(), Farm::new(), Written::default());
    let jerry = farm.serve(bodies::gotop(Gotop::default()));
    let config =
        format!("{}remote-Bob-url=http://u:{IN_URL}@127.0.0.1:1/metrics\n", only_in_url(&jerry));
    let file = home.write("jerry.conf", &config);
    let args = ["-C", &file.display().to_string(), "--no-local"];
    let terminal = Terminal::run(&home, (120, 40), &args);
    terminal.wait_for_text(&[" Jerry ", " live ", " Bob "]);
    for keys in ["?", "Escape", "Tab", "Enter", "Escape", "/", "Escape"] {
        terminal.press(&[keys]);
        written.add(&format!("the screen at {keys}"), terminal.coloured());
    }
    jerry.now(Manner::Status(401));
    let screen = terminal.wait_for_text(&["401"]);
    written.add("the screen with a failure", screen);
    terminal.press(&["C-c"]);
    written.add("the screen afterwards", terminal.screen());
    terminal.wait_until("the program to end", || !terminal.is_alive());

    jerry.now(Manner::Serve(bodies::gotop(Gotop::default())));
    let exporter = Exporter::start(&[&args[..], &["--export-remotes"]].concat());
    let page = wait_for("Jerry on the page", PATIENCE, || {
        Some(exporter.scrape()).filter(|page| page.contains("source=\"Jerry\""))
    });
    written.add("the exported page", page);
    written.files(home.path(), &[file]);
    written.expect_none();
    written.expect("manytop.log", "holds a password");
}

#[test]
fn no_panic_shows_it() {
    let (home, farm, mut written) = (Home::new(), Farm::new(), Written::default());
    let jerry = farm.serve(bodies::gotop(Gotop::default()));
    let file = home.write("jerry.conf", only_in_url(&jerry));
    let layout = home.write("broken.layout", "broken\ncpu\n").display().to_string();
    let script = format!(
        "RUST_BACKTRACE=full {} -C {} -l {layout} 2>{}",
        example("broken").display(),
        file.display(),
        home.path().join("stderr").display(),
    );
    let terminal = Terminal::script(&home, (120, 40), &script);
    terminal.wait_for_text(&["━ Jerry 48"]);
    terminal.press(&["B"]);
    let log = home.path().join(".state/manytop/manytop.log");
    let log = || fs::read_to_string(&log).unwrap_or_default();
    terminal.wait_until("the panic in the log", || log().contains("on purpose: the key"));
    written.add("the screen", terminal.coloured());
    terminal.press(&["C-c"]);
    terminal.wait_until("the program to end", || !terminal.is_alive());
    written.add("the screen afterwards", terminal.coloured());
    written.files(home.path(), &[file]);
    written.expect_none();
    written.expect("manytop.log", "broken on purpose: the poll");
}

#[test]
fn what_is_open_to_others_is_warned_of_before_it_is_sent() {
    let (home, farm) = (Home::new(), Farm::new());
    let check = |config: &str| {
        let file = home.write("jerry.conf", config);
        fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).unwrap();
        home.run(&["--check-config", "-C", &file.display().to_string()]).expect(0).stdout
    };
    let jerry = "remote-Jerry-username=u\nremote-Jerry-password=geheim\nremote-Jerry-url=";
    let plain = check(&format!("{jerry}http://192.168.1.5/metrics\n"));
    assert!(plain.contains("note: Jerry: password sent over plain HTTP\n"), "{plain}");
    for fine in ["http://127.0.0.1/metrics", "http://localhost/metrics", "https://h/metrics"] {
        let said = check(&format!("{jerry}{fine}\n"));
        assert!(!said.contains("note: "), "{fine}: {said}");
    }
    let open = check(&format!("{jerry}https://h/metrics\nremote-Jerry-insecure=true\n"));
    assert!(open.contains("note: Jerry: insecure: the certificate is not checked\n"), "{open}");

    let secret = home.write("token", "geheim\n");
    let token = format!(
        "remote-Jerry-url=https://h/metrics\nremote-Jerry-bearer_token_file={}\n",
        secret.display()
    );
    let said = check(&token);
    let readable =
        format!("note: Jerry: {}: everybody on this machine can read it", secret.display());
    assert!(said.contains(&readable), "{said}");
    fs::set_permissions(&secret, fs::Permissions::from_mode(0o600)).unwrap();
    assert!(!check(&token).contains("note: "));

    // and where it is read: in the row, and in the log
    let bob = farm.serve(bodies::gotop(Gotop::default()));
    let url = bob.url().replace("127.0.0.1", "0.0.0.0");
    let file = home.write("bob.conf", format!("{}{url}\n", jerry.replace("Jerry", "Bob")));
    let args = ["-C", &file.display().to_string(), "--no-local"];
    let terminal = Terminal::run(&home, (120, 40), &args);
    terminal.wait_for_text(&["▌Bob ─ 1 cpu", "Bob: password sent over plain HTTP"]);
    let log = home.path().join(".state/manytop/manytop.log");
    let log = wait_for("the log", PATIENCE, || fs::read_to_string(&log).ok());
    assert!(log.contains("Bob: password sent over plain HTTP"), "{log}");
    assert!(!log.contains("geheim") && !terminal.screen().contains("geheim"));
}

/// The proxy's password, and that of a Caddy over TLS that is not trusted, refused, or gone.
#[test]
fn neither_proxies_nor_certificates_bring_it_out() {
    let (home, mut written) = (Home::new(), Written::default());
    let front = Front::locked();
    let url = |port: u16| format!("https://u:{IN_URL}@localhost:{port}/metrics");
    let port = front.caddy.address().port();
    let ca = format!("remote-Jerry-ca_file={}\n", front.caddy.authority());
    let (closed, refusing) = (Reserved::new(), Reserved::new());
    let gone = closed.port();
    let mut config = String::from("nolocal=true\nremote-*-timeout=1\n");
    for (name, port, more) in [("untrusted", port, ""), ("refused", port, &ca), ("gone", gone, &ca)]
    {
        let more = more.replace("Jerry", name);
        config += &format!("remote-{name}-url={}\n{more}", url(port));
    }
    everywhere(&mut written, &home, &config, &[&["--once"], &["--once=json"]]);
    let proxy = Peer::tinyproxy("BasicAuth u geheim\n");
    for via in [proxy.address(), refusing.address()] {
        let via = format!("http://u:{IN_URL}@{via}");
        let config = "nolocal=true\nremote-Jerry-url=https://0.0.0.0:1/metrics\n";
        let file = home.write("jerry.conf", config).display().to_string();
        for form in ["--once", "--once=json", "--check-config"] {
            let env = [("HTTPS_PROXY", &*via), ("RUST_LOG", "trace")];
            written.done(form, &home.run_with(&[form, "-C", &file], &env));
        }
    }
    written.expect_none();
}
