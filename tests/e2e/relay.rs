//! One manytop fronts a site, another reads it as many sources.

use crate::{
    bodies::{self, Gotop},
    exporter::Exporter,
    farm::{Farm, Manner, Remote},
    home::Home,
    terminal::Terminal,
};

struct Site {
    _farm: Farm,
    remotes: Vec<Remote>,
    relay: Exporter,
}

const NAMES: [&str; 3] = ["web-1", "a \"b\"", "db"];

fn percent(nth: usize) -> u32 {
    20 + 10 * nth as u32
}

/// A manytop that relays three gotops, or only reads them.
fn site(more: &[&str]) -> Site {
    let farm = Farm::new();
    let serve =
        |nth| farm.serve(bodies::gotop(Gotop { cores: vec![percent(nth)], ..Gotop::default() }));
    let remotes: Vec<_> = (0..NAMES.len()).map(serve).collect();
    let mut args: Vec<String> = more.iter().map(|arg| (*arg).to_owned()).collect();
    for (name, remote) in NAMES.iter().zip(&remotes) {
        args.extend(["--remote".to_owned(), format!("{name}={}", remote.url())]);
    }
    let relay = Exporter::start(&args);
    Site { _farm: farm, remotes, relay }
}

impl Site {
    fn config(&self) -> String {
        format!("nolocal=true\nremote-site-url=http://{}/metrics\n", self.relay.address())
    }
}

#[test]
fn what_one_reads_another_reads_as_many_sources() {
    let home = Home::new();
    let site = site(&["--export-remotes"]);
    let once = home.once(&site.config(), &[] as &[&str], 0);
    assert_eq!(once.sources().len(), 4, "the site's own machine and three");
    for (nth, name) in NAMES.iter().enumerate() {
        assert_eq!(once.state(name), "live", "{name}");
        assert_eq!(once.value(name, "cpu", "CPU0", "percent"), f64::from(percent(nth)), "{name}");
        assert_eq!(once.device(name, "cpu", "CPU0")["label"], format!("{name}-CPU0"));
        assert!(once.find(name, "disk", "vda").is_some(), "{name}");
        // gotop counts once a second: two looks a second apart see a rate or none
        assert_eq!(once.devices_of(name, "network").len(), 1, "{name}");
    }
    assert!(once.value("site", "memory", "Main", "total_bytes") > 0.0, "the relay itself");
    let page = site.relay.scrape();
    assert!(page.starts_with("# HELP manytop_source_up "), "{page}");
    assert!(page.contains("manytop_source_up{source=\"a \\\"b\\\"\"} 1\n"), "{page}");
    assert!(!page.contains("\n\n") && page.lines().all(|line| line.len() >= 6), "gotop would end");
}

#[test]
fn without_the_switch_others_are_not_told_of_nor_asked() {
    let site = site(&[]);
    let page = site.relay.scrape();
    assert!(page.contains("node_memory_MemTotal_bytes"));
    assert!(!page.contains("web-1") && !page.contains("manytop_source_"), "{page}");
    assert!(site.remotes.iter().all(|remote| remote.requests() == 0));
}

#[test]
fn who_dies_behind_a_relay_is_down_with_the_relays_reason_and_nothing_old_is_repeated() {
    let home = Home::new();
    let site = site(&["--export-remotes", "--no-local"]);
    let conf = home.write("relay.conf", site.config()).display().to_string();
    let layout = home.write("hosts.layout", "hosts\n").display().to_string();
    let terminal = Terminal::run(&home, (160, 20), &["-C", &conf, "-l", &layout]);
    let row = |screen: &str, name: &str| {
        let found = screen.lines().find(|line| line.contains(name));
        found.map(str::to_owned).unwrap_or_default()
    };
    terminal.wait_for("all three", |screen| NAMES.iter().all(|n| row(screen, n).contains("live")));
    let dead = &site.remotes[0];
    dead.now(Manner::Refuse);
    let screen = terminal.wait_for("its death", |screen| row(screen, "web-1").contains("DOWN"));
    assert!(row(&screen, "web-1").contains("connection refused"), "{screen}");
    assert!(row(&screen, "db").contains("live"), "{screen}");
    let page = site.relay.scrape();
    let about: Vec<_> = page.lines().filter(|line| line.contains("source=\"web-1\"")).collect();
    assert!(about.contains(&"manytop_source_up{source=\"web-1\"} 0"), "{about:#?}");
    assert!(about.iter().all(|line| line.starts_with("manytop_source_")), "{about:#?}");
    dead.now(Manner::Serve(bodies::gotop(Gotop::default())));
    terminal.wait_for("its return", |screen| row(screen, "web-1").contains("live"));
}

#[test]
fn a_layout_that_names_only_whom_a_relay_tells_of_shows_them() {
    let home = Home::new();
    let site = site(&["--export-remotes", "--no-local"]);
    let conf = home.write("relay.conf", site.config()).display().to_string();
    let layout = home.write("one.layout", "cpu@db\n").display().to_string();
    let terminal = Terminal::run(&home, (100, 20), &["-C", &conf, "-l", &layout]);
    let shown = format!("{} %", percent(2));
    terminal.wait_for("the processor of db", |s| s.contains("db") && s.contains(&shown));
}

#[test]
fn a_relay_that_is_gone_takes_all_down_and_one_that_forgets_a_host_lets_it_go() {
    let home = Home::new();
    let farm = Farm::new();
    let lines = |names: &[&str]| {
        let mut page = "# HELP manytop_source_up Whether.\n".to_owned();
        for name in names {
            page += &format!(
                "manytop_source_up{{source=\"{name}\"}} 1\nmanytop_cpu_percent{{source=\"{name}\",device=\"CPU0\"}} 7\n"
            );
        }
        let names: Vec<_> = names.iter().map(|name| (*name).to_owned()).collect();
        let body: bodies::Body = std::sync::Arc::new(move |_, elapsed| {
            let now = 1e9 + elapsed.as_secs_f64();
            let mut page = page.clone();
            for name in &names {
                page += &format!(
                    "manytop_source_taken_seconds{{source=\"{name}\"}} {now}\n\
                     manytop_source_age_seconds{{source=\"{name}\"}} 0\n"
                );
            }
            page
        });
        Manner::Serve(body)
    };
    let relay = farm.remote(lines(&["one", "two"]));
    let config = format!("nolocal=true\nremote-site-url={}\n", relay.url());
    let conf = home.write("gone.conf", config).display().to_string();
    let layout = home.write("hosts.layout", "hosts\n").display().to_string();
    let terminal = Terminal::run(&home, (160, 20), &["-C", &conf, "-l", &layout]);
    terminal.wait_for_text(&[" one ", " two ", "site"]);
    relay.now(lines(&["one"]));
    terminal.wait_for("two to be let go", |s| s.contains(" one ") && !s.contains(" two "));
    relay.now(Manner::Status(502));
    terminal.wait_for("all to be down", |screen| {
        screen.lines().filter(|line| line.contains("DOWN")).count() >= 2 && screen.contains("502")
    });
}
