//! Hosts that a file names: they come and go with it, and it decides nothing else.

use crate::{
    bodies::{self, Gotop},
    exporter::Exporter,
    farm::{Farm, Remote},
    home::{Home, wait_for},
    once::Once,
    terminal::{PATIENCE, Terminal},
};
use std::{ffi::OsStr, fs, path::Path};

fn gotops<const N: usize>(farm: &Farm) -> [Remote; N] {
    std::array::from_fn(|_| farm.serve(bodies::gotop(Gotop::default())))
}

/// A group for each host, with its label `name`.
fn file_sd(hosts: &[(&str, &Remote)]) -> String {
    let groups = hosts.iter().map(|(name, remote)| {
        let address = remote.address();
        format!(
            "{{\"targets\": [\"{address}\"], \"labels\": {{\"name\": \"{name}\", \"dc\": \"eu\"}}}}"
        )
    });
    format!("[{}]\n", groups.collect::<Vec<_>>().join(",\n"))
}

/// Saves a file as careful programs do: whole, under another name, then moved.
fn save(path: &Path, text: &str) {
    let new = path.with_extension("new");
    fs::write(&new, text).unwrap();
    fs::rename(new, path).unwrap();
}

#[test]
fn a_file_names_hosts_and_the_config_says_how_they_are_read() {
    let home = Home::new();
    let farm = Farm::new();
    let [a, b, c] = gotops(&farm);
    let json = home.write("hosts.json", file_sd(&[("a", &a), ("b", &b)]));
    let yaml = format!(
        "- targets: ['{}', 'nonsense/x', 'ssh://x']\n  labels: {{role: db}}\n",
        c.address()
    );
    let yaml = home.write("hosts.yml", yaml);
    let config = home.write("discover.conf", format!(
        "nolocal=true\ndiscover-json-file={}\ndiscover-json-name={{dc}}/{{name}}\ndiscover-json-path=stats\n\
         discover-yaml-file={}\ndiscover-yaml-tags=shop,{{role}}\n",
        json.display(), yaml.display()
    ));
    let layout = home.write("db.layout", "hosts@#db\n");
    let args = [OsStr::new("-C"), config.as_os_str()];
    let done = home.run(&[&[OsStr::new("--once=json")], &args[..]].concat()).expect(0);
    let said = "note: discover yaml: expected HOST:PORT, got nonsense/x ssh://x";
    assert!(done.stderr.contains(said), "{}", done.stderr);
    let once = Once::read(done);
    let names: Vec<_> = once.sources().iter().map(|s| s["name"].as_str().unwrap()).collect();
    let c_name = c.address().to_string();
    assert_eq!(names, ["eu/a", "eu/b", &*c_name]);
    assert!(a.seen().iter().all(|seen| seen.target == "/stats"));
    let tagged = [OsStr::new("--once"), OsStr::new("-l"), layout.as_os_str()];
    let shown = home.run(&[&tagged, &args[..]].concat()).expect(0).stdout;
    assert!(shown.contains(&c_name) && !shown.contains("eu/a "), "{shown}");
    let checked = home.run(&[&[OsStr::new("--check-config")], &args[..]].concat()).expect(0);
    assert!(checked.stdout.contains("fine; 3 sources"), "{}", checked.stdout);
}

#[test]
fn hosts_come_and_go_and_a_broken_file_changes_nothing() {
    let home = Home::new();
    let farm = Farm::new();
    let [a, b, c] = gotops(&farm);
    let file = home.write("hosts.json", file_sd(&[("stays", &a), ("goes", &b)]));
    let config = format!(
        "nolocal=true\ndiscover-x-file={}\ndiscover-x-name={{name}}\ndiscover-x-refresh=500ms\n",
        file.display()
    );
    let config = home.write("discover.conf", config).display().to_string();
    let layout = home.write("hosts.layout", "hosts\ncpu\n").display().to_string();
    let terminal = Terminal::run(&home, (160, 30), &["-C", &config, "-l", &layout]);
    let live = |screen: &str, name: &str| {
        screen.lines().any(|line| line.contains(&format!(" {name} ")) && line.contains("live"))
    };
    terminal.wait_for("both", |screen| live(screen, "stays") && live(screen, "goes"));
    save(&file, &file_sd(&[("stays", &a), ("comes", &c)]));
    terminal.wait_for_text(&["comes added, goes gone"]);
    terminal.wait_for("one to come and one to go", |screen| {
        live(screen, "stays") && live(screen, "comes") && !live(screen, "goes")
    });
    // a host that was removed is not polled any more
    let asked = b.requests();
    let before = a.requests();
    wait_for("the others to be asked on", PATIENCE, || (a.requests() > before + 3).then_some(()));
    assert!(b.requests() <= asked + 1, "one may have been on its way");

    fs::write(&file, &file_sd(&[("stays", &a)])[..30]).unwrap();
    // what is to be known is counted in the status bar, and written to the log
    terminal.wait_for_text(&["!1 L log"]);
    terminal.press(&["L"]);
    terminal.wait_for_text(&["its hosts stay as they were"]);
    terminal.press(&["Escape"]);
    terminal
        .wait_for("all that were there", |screen| live(screen, "stays") && live(screen, "comes"));
    save(&file, "[]");
    terminal.wait_for("nobody", |screen| !live(screen, "comes") && !live(screen, "stays"));
    save(&file, &file_sd(&[("goes", &b)]));
    terminal.wait_for("its return", |screen| live(screen, "goes"));
}

#[test]
fn credentials_go_to_those_hosts_only_that_the_config_names() {
    let home = Home::new();
    let farm = Farm::new();
    let [inside, outside] = gotops(&farm);
    let outside_address = outside.address().to_string().replace("127.0.0.1", "localhost");
    let file = format!("- targets: ['{}', '{outside_address}']\n", inside.address());
    let file = home.write("hosts.yaml", file);
    let keys = format!(
        "nolocal=true\ndiscover-x-file={}\ndiscover-x-username=anna\ndiscover-x-password=hunter2\n",
        file.display()
    );
    let config = home.write("none.conf", &keys);
    let run = |config: &Path| {
        home.run(&[OsStr::new("--once=json"), OsStr::new("-C"), config.as_os_str()])
    };
    let refused = run(&config).expect(2);
    assert!(refused.stderr.contains("discover-x-hosts: is missing"), "{}", refused.stderr);
    assert_eq!((inside.requests(), outside.requests()), (0, 0));

    let config =
        home.write("some.conf", format!("{keys}discover-x-hosts=.example.com 127.0.0.0/8\n"));
    let done = run(&config).expect(0);
    let told = |remote: &Remote| {
        let seen = remote.seen();
        assert!(!seen.is_empty());
        seen.iter().all(|seen| seen.head.to_lowercase().contains("authorization: basic"))
    };
    assert!(told(&inside));
    assert!(outside.seen().iter().all(|seen| !seen.head.to_lowercase().contains("authorization")));
    let note =
        format!("discover x: asked without credentials, outside of its hosts: {outside_address}");
    assert!(done.stderr.contains(&note), "{}", done.stderr);
    assert!(!done.stderr.contains("hunter2") && !done.stdout.contains("hunter2"));
}

#[test]
fn what_is_wrong_is_told_with_its_place() {
    let home = Home::new();
    for (text, said) in [
        ("discover-x-refresh=5\n", "w.conf:1: discover x has no file; add discover-x-file=PATH"),
        ("discover-x-fiel=a\n", "did you mean \"discover-x-file\"?"),
        ("discover-x-file=a\ndiscover-x-url=http://a\n", "unknown key \"discover-x-url\""),
        (
            "discover-x-file=a\ndiscover-x-hosts=10.0.0.0/40\n",
            "w.conf:2: discover-x-hosts: \"10.0.0.0/40\"",
        ),
        ("discover-x-file=a\ndiscover-x-scheme=ssh\n", "none of http, https"),
        ("discover-file=a\n", "a NAME is missing"),
    ] {
        let config = home.write("w.conf", text);
        let args = [OsStr::new("--check-config"), OsStr::new("-C"), config.as_os_str()];
        let refused = home.run(&args).expect(2);
        assert!(refused.stderr.contains(said), "{text}: {}", refused.stderr);
    }
    let config = home.write("w.conf", "discover-x-file=nowhere.json\n");
    let args = [OsStr::new("--check-config"), OsStr::new("-C"), config.as_os_str()];
    let noted = home.run(&args).expect(0);
    assert!(noted.stdout.contains("note: nowhere.json: no such file"), "{}", noted.stdout);
}

#[test]
fn discovered_hosts_are_asked_seldom_and_the_opened_one_often() {
    let home = Home::new();
    let farm = Farm::new();
    let remotes: [Remote; 3] = gotops(&farm);
    let named: Vec<_> = ["a", "b", "c"].into_iter().zip(&remotes).collect();
    let file = home.write("hosts.json", file_sd(&named));
    let config =
        format!("nolocal=true\ndiscover-x-file={}\ndiscover-x-name={{name}}\n", file.display());
    let config = home.write("discover.conf", config).display().to_string();
    let layout = home.write("hosts.layout", "hosts\n").display().to_string();
    let terminal = Terminal::run(&home, (160, 30), &["-C", &config, "-l", &layout]);
    terminal.wait_for("all three", |s| s.lines().filter(|line| line.contains("live")).count() >= 3);
    terminal.press(&["Enter"]);
    let requests = || remotes.iter().map(Remote::requests).collect::<Vec<_>>();
    let opened = wait_for("one to be asked often", PATIENCE, || {
        let now = requests();
        let least = *now.iter().min().unwrap();
        now.iter().position(|asked| *asked >= least + 6)
    });
    let others =
        requests().iter().enumerate().filter(|(nth, _)| *nth != opened).map(|(_, n)| *n).max();
    assert!(others.unwrap() + 4 < remotes[opened].requests(), "{:?}", requests());
    terminal.press(&["Escape"]);
    let closed = remotes[opened].requests();
    // the others have their turn, and it has no more of them than they have
    let before = others.unwrap();
    wait_for("a turn of the others", PATIENCE, || {
        let now = requests();
        now.iter().enumerate().all(|(nth, n)| nth == opened || *n > before).then_some(())
    });
    assert!(remotes[opened].requests() <= closed + 3, "{closed} {:?}", requests());
}

#[test]
fn without_a_screen_too_hosts_come_and_go_with_their_file() {
    let home = Home::new();
    let farm = Farm::new();
    let [a, b] = gotops(&farm);
    let file = home.write("hosts.json", file_sd(&[("stays", &a)]));
    let sets = [format!("discover-x-file={}", file.display()), "discover-x-name={name}".into()];
    let args = ["--no-local", "--export-remotes", "--set", &sets[0], "--set", &sets[1]];
    let relay = Exporter::start(&args);
    let is_told_of = |name: &str| {
        let page = relay.scrape();
        page.contains(&format!("manytop_source_up{{source=\"{name}\"}} 1")).then_some(())
    };
    wait_for("the host of the file", PATIENCE, || is_told_of("stays"));
    save(&file, &file_sd(&[("stays", &a), ("comes", &b)]));
    wait_for("the host that came", PATIENCE, || is_told_of("comes").and(is_told_of("stays")));
    save(&file, &file_sd(&[("comes", &b)]));
    wait_for("the host that went", PATIENCE, || match is_told_of("stays") {
        None => is_told_of("comes"),
        Some(()) => None,
    });
}
