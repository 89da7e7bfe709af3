//! The pages on adding plugins, followed step by step in a copy of this tree: the file, the line, the commands.

use crate::{
    blocks::{Block, in_page, root},
    commands::{Command, split},
    home::{Home, PATH, finish},
};
use std::{
    fs,
    io::{Read, Write},
    net::{SocketAddr, TcpListener},
    path::{Path, PathBuf},
    process,
    time::Duration,
};

/// How long a command may take: it builds everything once more.
const BUILD: Duration = Duration::from_secs(1800);

/// The file that a page writes: its path and its text.
fn file(page: &str, blocks: &[Block]) -> (String, String) {
    let text = fs::read_to_string(root().join(page)).unwrap();
    let line = text.lines().find_map(|line| line.strip_suffix("`, whole:")).unwrap();
    let block = blocks.iter().find(|block| block.language.starts_with("rust")).unwrap();
    (line.trim_start_matches('`').to_owned(), block.text.clone())
}

/// The line that it adds, and where: `` `mod load;` in `widgets/src/lib.rs`. ``
fn line(page: &str) -> (String, String) {
    let text = fs::read_to_string(root().join(page)).unwrap();
    let words = text.lines().find_map(|line| {
        let (line, file) = line.strip_prefix('`')?.split_once("` in `")?;
        Some((line.to_owned(), file.strip_suffix("`.")?.to_owned()))
    });
    words.unwrap()
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap();
        if path.is_dir() && name != "target" && name != ".git" {
            copy(&path, &to.join(name));
        } else if path.is_file() {
            fs::copy(&path, to.join(name)).unwrap();
        }
    }
}

/// A server that the page's dialect reads.
fn cellar() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for mut stream in listener.incoming().map_while(Result::ok) {
            let body = "cellar_temperature_celsius{room=\"wine\"} 12.5\n";
            let length = body.len();
            let head = format!("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: {length}");
            let _ = stream.read(&mut [0; 4096]);
            let _ = write!(stream, "{head}\r\n\r\n{body}");
        }
    });
    address
}

/// The environment in which cargo builds, in a target folder of the copies' own.
fn environment(home: &Home) -> Vec<(String, String)> {
    let kept = ["CARGO_HOME", "HOME", "RUSTUP_HOME", "RUSTUP_TOOLCHAIN"];
    let kept = kept.iter().filter_map(|name| Some(((*name).to_owned(), std::env::var(name).ok()?)));
    let target = crate::home::binary().parent().unwrap().parent().unwrap().join("docs-tree");
    let path = std::env::var("PATH").unwrap_or_else(|_| PATH.to_owned());
    let own = [("PATH", path), ("CARGO_TARGET_DIR", target.display().to_string())];
    let own = own.map(|(name, value)| (name.to_owned(), value));
    let xdg = home.env().into_iter().filter(|(name, _)| name.starts_with("XDG") || *name == "LANG");
    kept.chain(xdg.map(|(name, value)| (name.to_owned(), value))).chain(own).collect()
}

fn run(command: &Command, tree: &Path, home: &Home, page: &str) -> String {
    let text = command.text.replace("HOST", &cellar().to_string());
    let at = format!("{page}:{}: {text}", command.line);
    let mut bash = process::Command::new("bash");
    bash.args(["-c", &text]).current_dir(tree).env_clear().envs(environment(home));
    let done = finish(&mut bash, BUILD);
    assert_eq!(done.code, Some(0), "{at}\n{}{}", done.stdout, done.stderr);
    done.stdout
}

/// Follows a page; gives what its commands print.
fn follow(page: &str) -> Vec<String> {
    let (home, blocks) = (Home::new(), in_page(page));
    let tree: PathBuf = home.path().join("tree");
    copy(root(), &tree);
    let (path, text) = file(page, &blocks);
    fs::write(tree.join(path), text).unwrap();
    let (line, into) = line(page);
    let text = fs::read_to_string(tree.join(&into)).unwrap();
    // beside the other modules, before what may not follow them
    let (before, after) = text.split_once("\nmod ").unwrap();
    fs::write(tree.join(&into), format!("{before}\n{line}\nmod {after}")).unwrap();
    let commands = blocks.iter().filter(|block| block.language == "sh").flat_map(split);
    commands.map(|command| run(&command, &tree, &home, page)).collect()
}

#[test]
#[ignore = "builds everything once more; tests/run --long"]
fn the_steps_for_a_plugin_of_your_own_lead_where_the_page_says() {
    let tested =
        |said: &str| said.contains("test result: ok. 1 passed") || said.contains("ok. 2 passed");
    let said = follow("docs/adding-a-dialect.md");
    assert!(tested(&said[0]), "{}", said[0]);
    let json = said[1].replace([' ', '\n'], "");
    assert!(json.contains("\"dialects\":[\"cellar\"]") && json.contains("12.5"), "{json}");
    let said = follow("docs/adding-a-provider.md");
    assert!(tested(&said[0]), "{}", said[0]);
    assert!(said[2].lines().any(|line| line.trim_start().starts_with("load ")), "{}", said[2]);
    assert!(said[3].contains("\"load1\""), "{}", said[3]);
    let said = follow("docs/adding-a-widget.md");
    assert!(tested(&said[0]), "{}", said[0]);
    assert!(said[2].contains("local"), "{}", said[2]);
}
