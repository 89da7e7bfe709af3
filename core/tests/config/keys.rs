//! What keys and flags mean.

use crate::{
    folder::{Folder, load, registry, request},
    plugins,
};
use manytop_core::{
    config::{self, Config, Request},
    options::Options,
    provider::{Build, BuildError},
};
use std::{fmt::Write as _, fs};

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
         --set: high: \"x\" is not a whole number from 0 to 100"
    );
    let secret = "credentials are not accepted on the command line (visible in `ps`); put this key in a config file";
    assert_eq!(
        wrong(&[("--remote", "c=https://u:p@h/")]),
        format!("--remote: remote-c-url: {secret}")
    );
    assert_eq!(
        wrong(&[("--remote", "c=https://u@h/")]),
        format!("--remote: remote-c-url: {secret}")
    );
    assert!(with(&[("--remote", "c=ssh://u@h:2222")]).is_ok(), "over ssh a user is no secret");
    assert_eq!(
        wrong(&[("--remote", "c=ssh://u:p@h")]),
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
fn the_environment_is_a_layer_between_files_and_flags() {
    let folder = Folder::new();
    let file = folder.write("test.conf", "mbps=true\nlayout=four\nhigh=70\n");
    let mut request = Request { file: Some(file), ..request() };
    for (name, value) in
        [("MANYTOP_LAYOUT", "a${b"), ("MANYTOP_HIGH", "75"), ("MANYTOP_HEADLESS", "true")]
    {
        request.environment.insert(name.into(), value.into());
    }
    request.set("high=60").unwrap();
    let config = Config::load(&request, &registry()).unwrap();
    let states = config.key_states(&registry());
    let origin = |key: &str| {
        let state = states.iter().find(|state| state.key == key).unwrap();
        let origin = state.origin.clone().unwrap_or_default();
        format!("{} {}", state.value, folder.said(origin))
    };
    assert_eq!(origin("mbps"), "true test.conf:1");
    assert_eq!(origin("layout"), "a${b $MANYTOP_LAYOUT, overriding test.conf:2", "as it is");
    assert_eq!(origin("high"), "60 --set, overriding test.conf:3, overriding $MANYTOP_HIGH");
    assert_eq!(origin("headless"), "true $MANYTOP_HEADLESS");
    assert_eq!(origin("critical"), "95 ");

    request.environment.insert("MANYTOP_CRITICAL".into(), "much".into());
    let errors = Config::load(&request, &registry()).unwrap_err();
    assert_eq!(
        errors.to_string(),
        "$MANYTOP_CRITICAL: critical: \"much\" is not a whole number from 0 to 100"
    );
}

#[test]
fn a_key_is_written_to_its_file_although_a_variable_overrides_it() {
    let folder = Folder::new();
    let file = folder.write("test.conf", "mbps=true\nlayout=four\n");
    let mut request = Request { file: Some(file.clone()), ..request() };
    request.environment.insert("MANYTOP_LAYOUT".into(), "htop".into());
    let config = Config::load(&request, &registry()).unwrap();
    let spec = config::globals::LAYOUT.spec();
    config.keep(&request, &registry(), "layout", spec, "disk").unwrap();
    assert_eq!(fs::read_to_string(file).unwrap(), "mbps=true\nlayout=disk\n");
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
fn an_option_that_follows_another_providers_has_its_value_unless_it_is_given() {
    let ups = "ups-a-device=x\nups-b-device=y\nups-b-loud=false\n";
    let loud = |text: &str| -> Vec<Option<bool>> {
        let config = Folder::new().load(text).unwrap();
        let named = config.instances.iter().filter(|i| i.name.is_some());
        named.map(|i| i.options.get(&plugins::UPS_LOUD)).collect()
    };
    assert_eq!(loud(ups), [None, Some(false)]);
    assert_eq!(loud(&format!("{ups}cpu-loud=true\n")), [Some(true), Some(false)]);
    let own = format!("{ups}cpu-loud=true\nups-*-loud=false\n");
    assert_eq!(loud(&own), [Some(false), Some(false)]);
    let folder = Folder::new();
    let wrong = folder.wrong(format!("{ups}cpu-loud=maybe\n"));
    assert_eq!(wrong.lines().count(), 1, "it is wrong once: {wrong}");
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
