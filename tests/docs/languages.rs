//! How a block of each language is tried.

use crate::{
    blocks::{Block, LONG, NEEDS_HOST, PART},
    commands::{self, Command},
    home::{Done, wait_for},
    needs,
    session::Session,
    terminal::PATIENCE,
};
use std::{fs, path::Path};

/// A certificate and its key, for files that are on another machine.
const PEM: [&str; 2] = ["client.pem", "client.key"];

/// Tries all blocks of a page, as a reader goes through it.
pub fn try_page(blocks: &[Block]) {
    let mut session = blocks.iter().any(Block::is_tried).then(Session::new);
    for (nth, block) in blocks.iter().enumerate() {
        let before = &blocks[..nth];
        if block.has(LONG) {
            commands::look_up(block);
            continue;
        }
        let Some(session) = &mut session else {
            code(block);
            continue;
        };
        match &*block.language {
            "sh" | "console" => {
                write_files(session, block, &blocks[nth..]);
                for command in commands::split(block) {
                    try_command(session, block, &command);
                }
            }
            "conf" | "toml" => config(session, block, &with_parts(block, before)),
            "layout" => layout(session, block),
            "hosts" => hosts(session, block),
            "Caddyfile" => caddyfile(session, block, &blocks[nth..]),
            "ini" => unit(session, block),
            "yaml" => prometheus(session, block),
            _ => code(block),
        }
    }
}

/// What is not run here.
fn code(block: &Block) {
    match &*block.language {
        "json" => {
            let read = serde_json::from_str::<serde_json::Value>(&block.text);
            read.unwrap_or_else(|e| panic!("{}: {e}", block.at()));
        }
        "rust" => {
            let library = include_str!("../../core/src/lib.rs");
            let tested = library.contains(&format!("include_str!(\"../../{}\")", block.page));
            assert!(tested, "{}: no doc test compiles this; see core/src/lib.rs", block.at());
        }
        _ => {}
    }
}

#[track_caller]
fn expect(done: Done, block: &Block, what: &str) -> Done {
    let said = [&*done.stdout, &*done.stderr].concat();
    assert_eq!(done.code, Some(0), "{}: {what}:\n{said}", block.at());
    done
}

/// Files of the same section, that a command before them names.
fn write_files(session: &Session, block: &Block, from: &[Block]) {
    for later in from.iter().filter(|later| later.section == block.section) {
        let Some(file) = later.file() else { continue };
        if Path::new(file).file_name().is_some_and(|n| block.text.contains(&*n.to_string_lossy())) {
            session.write(file, &later.text);
        }
    }
}

fn try_command(session: &mut Session, block: &Block, command: &Command) {
    let at = format!("{}:{}", block.page, command.line);
    if !block.has(NEEDS_HOST) {
        return session.type_command(&command.text, &at);
    }
    let Some(arguments) = commands::arguments_of_manytop(&command.text) else { return };
    for word in arguments.split_whitespace() {
        made_up(session, word.strip_prefix('@'), "web1\n");
    }
    made_up(session, arguments.split("-C ").nth(1).and_then(|rest| rest.split(' ').next()), "");
    let checked = format!("manytop --check-config {arguments}");
    expect(session.run(&["bash", "-c", &checked]), block, &checked);
}

/// A file that is on another machine.
fn made_up(session: &Session, file: Option<&str>, text: &str) {
    if let Some(file) = file.filter(|file| !session.path(file).exists()) {
        session.write(file, text);
    }
}

/// A block, behind those of its language that it belongs into.
fn with_parts(block: &Block, before: &[Block]) -> String {
    let mut text = block.text.clone();
    let mut last = block;
    for earlier in before.iter().rev().filter(|b| b.language == block.language) {
        if !last.has(PART) {
            break;
        }
        text = earlier.text.clone() + &text;
        last = earlier;
    }
    text
}

fn config(session: &Session, block: &Block, text: &str) {
    let name = format!("line-{}.{}", block.line, block.language);
    let file = block.file().unwrap_or(&name);
    let path = session.write(file, text).display().to_string();
    if block.has(NEEDS_HOST) {
        let secrets = text.lines().filter_map(|line| line.split_once("_file"));
        for (_, value) in secrets {
            let value = value.trim_start_matches([' ', '=', '"']).trim_end_matches('"');
            let pem = PEM
                .map(|name| format!("{}/providers/tests/tls/{name}", env!("CARGO_MANIFEST_DIR")));
            let pem = pem.map(|file| fs::read_to_string(file).unwrap()).concat();
            made_up(session, value.starts_with('~').then_some(value), &pem);
        }
    }
    expect(session.run(&["manytop", "--check-config", "-C", &path]), block, "--check-config");
    if !block.has(NEEDS_HOST) {
        wait_for(&format!("{}: all sources of this config", block.at()), PATIENCE, || {
            (session.run(&["manytop", "--once", "-C", &path]).code == Some(0)).then_some(())
        });
    }
}

fn layout(session: &Session, block: &Block) {
    let name = format!("line-{}.layout", block.line);
    let path = session.write(block.file().unwrap_or(&name), &block.text).display().to_string();
    let how = if block.has(NEEDS_HOST) { "--check-config" } else { "--once" };
    expect(session.run(&["manytop", how, "-l", &path]), block, how);
}

fn hosts(session: &Session, block: &Block) {
    let name = format!("line-{}.txt", block.line);
    let path = session.write(block.file().unwrap_or(&name), &block.text).display().to_string();
    let how = if block.has(NEEDS_HOST) { "--check-config" } else { "--once" };
    expect(session.run(&["manytop", how, &format!("@{path}")]), block, how);
}

/// A whole file is run by a command after it; others are adapted to what Caddy works by.
fn caddyfile(session: &Session, block: &Block, from: &[Block]) {
    needs::program("caddy");
    if let (Some(file), false) = (block.file(), block.has(NEEDS_HOST)) {
        let is_run = |later: &Block| later.language == "sh" && later.text.contains(file);
        assert!(from.iter().any(is_run), "{}: no command after it runs {file}", block.at());
        session.write(file, &block.text);
        return;
    }
    let mut text = match block.has(PART) {
        true => format!("https://localhost:8443 {{\n{}}}\n", block.text),
        false => block.text.clone(),
    };
    made_up(session, Some("etc/caddy/clients.pem"), &authority());
    text = text.replace("/etc/caddy", &session.path("etc/caddy").display().to_string());
    let path = session.write(&format!("line-{}.caddy", block.line), &text).display().to_string();
    let words = ["caddy", "adapt", "--adapter", "caddyfile", "--config", &path];
    expect(session.run(&words), block, "caddy adapt");
}

fn authority() -> String {
    fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/providers/tests/tls/ca.pem")).unwrap()
}

/// What it starts is started; systemd takes it beside the unit that comes along.
fn unit(session: &mut Session, block: &Block) {
    needs::program("systemd-analyze");
    let unit = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/manytop.service"));
    session.write("units/manytop.service", &unit.unwrap());
    session.write("units/manytop.service.d/override.conf", &block.text);
    let path = session.path("units/manytop.service").display().to_string();
    let done = session.run_as_root(&["systemd-analyze", "verify", "--man=no", &path]);
    let done = expect(done, block, "systemd-analyze verify");
    assert_eq!(done.stdout + &done.stderr, "", "{}: systemd complains", block.at());
    let starts = block.text.lines().filter_map(|line| line.strip_prefix("ExecStart="));
    let starts = starts.filter(|command| !command.is_empty());
    for command in starts {
        session.type_command(command, &block.at());
    }
}

/// It is taken, and the targets are up.
fn prometheus(session: &mut Session, block: &Block) {
    needs::program("promtool");
    let name = block.file().map_or_else(|| format!("line-{}.yml", block.line), str::to_owned);
    let path = session.write(&name, &block.text).display().to_string();
    expect(session.run(&["promtool", "check", "config", &path]), block, "promtool check config");
    if block.has(NEEDS_HOST) {
        return;
    }
    session.type_command(
        &format!("prometheus --config.file={path} --storage.tsdb.path=data"),
        &block.at(),
    );
    wait_for(&format!("{}: all targets to be up", block.at()), 3 * PATIENCE, || {
        let done = session.run(&["promtool", "query", "instant", "http://127.0.0.1:9090", "up"]);
        let mut up = done.stdout.lines().map(|line| line.contains("=> 1 @")).peekable();
        (up.peek().is_some() && up.all(|up| up)).then_some(())
    });
}
