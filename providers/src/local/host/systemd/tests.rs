//! Failed units, asked of a bus that the test plays: whole conversations, byte by byte.

use super::*;
use std::{os::unix::net::UnixListener, thread};

const AT: fn(u64) -> Moment = Moment::from_secs;

/// A message of the bus: kind, the number of the call that it answers, its body's type and bytes.
fn message(kind: u8, answers: u32, signature: &str, body: &[u8]) -> Vec<u8> {
    let mut all = vec![b'l', kind, 0, 1];
    all.extend((body.len() as u32).to_le_bytes());
    all.extend(7_u32.to_le_bytes());
    let mut fields = vec![5, 1, b'u', 0];
    fields.extend(answers.to_le_bytes());
    // the sender, as a bus adds it
    fields.extend([7, 1, b's', 0, 4, 0, 0, 0]);
    fields.extend(b":1.7\0");
    fields.resize(fields.len().next_multiple_of(8), 0);
    fields.extend([8, 1, b'g', 0, signature.len() as u8]);
    fields.extend(signature.as_bytes());
    fields.push(0);
    all.extend((fields.len() as u32).to_le_bytes());
    all.extend(&fields);
    all.resize(all.len().next_multiple_of(8), 0);
    all.extend(body);
    all
}

fn count(n: u32) -> Vec<u8> {
    let mut body = vec![1, b'u', 0, 0];
    body.extend(n.to_le_bytes());
    body
}

fn units(names: &[&str]) -> Vec<u8> {
    let mut body = vec![0; 8];
    for name in names {
        body.resize(body.len().next_multiple_of(8), 0);
        for text in [name, "a description", "loaded", "failed", "failed", "", "/unit"] {
            body.resize(body.len().next_multiple_of(4), 0);
            body.extend((text.len() as u32).to_le_bytes());
            body.extend(text.as_bytes());
            body.push(0);
        }
        body.resize(body.len().next_multiple_of(4), 0);
        body.extend(0_u32.to_le_bytes());
        for text in ["", "/"] {
            body.resize(body.len().next_multiple_of(4), 0);
            body.extend((text.len() as u32).to_le_bytes());
            body.extend(text.as_bytes());
            body.push(0);
        }
    }
    let length = (body.len() - 8) as u32;
    body[..4].copy_from_slice(&length.to_le_bytes());
    body
}

/// A bus that takes one connection, checks the name of each call, and says these answers.
fn bus(name: &str, talk: Vec<(&'static str, Vec<u8>)>) -> (PathBuf, thread::JoinHandle<()>) {
    let path = std::env::temp_dir().join(format!("manytop-bus-{name}-{}", std::process::id()));
    let _ = std::fs::remove_file(&path);
    let listener = UnixListener::bind(&path).unwrap();
    let playing = thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut line = [0; 64];
        let n = stream.read(&mut line).unwrap();
        assert!(line[..n].starts_with(b"\0AUTH EXTERNAL 3"));
        stream.write_all(b"OK 0123456789abcdef\r\n").unwrap();
        let mut begin = [0; 7];
        stream.read_exact(&mut begin).unwrap();
        assert_eq!(&begin, b"BEGIN\r\n");
        for (called, answer) in talk {
            let call = Message::read(&mut stream).unwrap();
            assert!(call.calls(called), "{called}");
            stream.write_all(&answer).unwrap();
        }
    });
    (path, playing)
}

impl Message {
    fn calls(&self, member: &str) -> bool {
        let named = [&[member.len() as u8, 0, 0, 0], member.as_bytes(), b"\0"].concat();
        memchr::memmem::find(self.fields(), &named).is_some()
    }
}

#[test]
fn the_failed_units_are_counted_and_named() {
    let signal = message(4, 0, "s", b"");
    let (path, playing) = bus(
        "named",
        vec![
            ("Hello", [signal, message(2, 1, "s", b"")].concat()),
            ("Get", message(2, 2, "v", &count(0))),
            ("Get", message(2, 3, "v", &count(2))),
            (
                "ListUnitsFiltered",
                message(2, 4, "a(ssssssouso)", &units(&["nginx.service", "x.timer"])),
            ),
        ],
    );
    let mut systemd = Systemd::at(path.clone());
    assert_eq!(systemd.failed(AT(1)), None, "the first answer waits for nothing");
    let none = Failed { count: 0.0, names: None };
    assert_eq!(systemd.failed(AT(2)), Some(none.clone()));
    assert_eq!(systemd.failed(AT(5)), Some(none), "not asked again so soon");
    let two = Failed { count: 2.0, names: Some("nginx.service x.timer".into()) };
    assert_eq!(systemd.failed(AT(12)), Some(two));
    playing.join().unwrap();
    std::fs::remove_file(path).unwrap();
}

#[test]
fn an_answer_that_is_wrong_or_missing_leaves_the_figure_absent() {
    let (path, playing) = bus(
        "wrong",
        vec![
            ("Hello", message(2, 1, "s", b"")),
            ("Get", message(2, 2, "v", b"\x01s\0\0\x01\0\0\0x\0")),
        ],
    );
    let mut systemd = Systemd::at(path.clone());
    systemd.failed(AT(1));
    assert_eq!(systemd.failed(AT(2)), None);
    playing.join().unwrap();
    std::fs::remove_file(&path).unwrap();
    assert_eq!(systemd.failed(AT(30)), None, "it is left alone for a minute");
    assert_eq!(systemd.failed(AT(70)), None, "there is no bus");
}

#[test]
fn a_list_that_was_cut_gives_what_is_whole() {
    let mut body = units(&["a.service", "b.service"]);
    body.truncate(body.len() - 20);
    let cut = Message::read(&mut &message(2, 1, "a(ssssssouso)", &body)[..]).unwrap();
    assert_eq!(cut.units(8), ["a.service"]);
    assert_eq!(cut.units(0), [""; 0]);
    let huge = [&b"l\x02\0\x01\xff\xff\xff\xff"[..], &[0; 8]].concat();
    assert!(Message::read(&mut &huge[..]).is_err());
}
