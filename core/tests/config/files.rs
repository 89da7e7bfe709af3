//! Where files are looked for, and what is said of those that cannot be read.

use crate::folder::{Folder, dump, load, registry};
use manytop_core::config::{self, Config, Request};
use std::{fs, path::Path};

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
    assert_eq!(said(&folder.0), "HERE: is a folder; expected a regular file");
    assert_eq!(said(&folder.0.join("no.conf")), "-C no.conf: no such file");
    let large = folder.write("large.conf", vec![b'#'; 5 << 20]);
    assert_eq!(said(&large), "large.conf: is larger than 4 MiB");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let closed = folder.write("closed.conf", "");
        fs::set_permissions(&closed, fs::Permissions::from_mode(0o000)).unwrap();
        // Root may read it all the same.
        if fs::read(&closed).is_err() {
            assert_eq!(said(&closed), "closed.conf: permission denied");
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
        "-C nosuch.conf: no such file here or in .config/manytop, xdg/manytop, etc"
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
