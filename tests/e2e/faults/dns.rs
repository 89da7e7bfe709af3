//! A name server with a table, which a test changes.

use std::{
    collections::HashMap,
    net::{Ipv4Addr, UdpSocket},
    sync::{Arc, Mutex},
    thread,
};

/// What is known of a name.
#[derive(Clone, Copy)]
pub enum Record {
    Is(Ipv4Addr),
    /// There is no such name.
    Unknown,
    /// A query for it gets no answer.
    Silent,
}

/// The table; shared with the server.
#[derive(Clone, Default)]
pub struct Names(Arc<Mutex<HashMap<String, Record>>>);

impl Names {
    pub fn set(&self, name: &str, record: Record) {
        self.0.lock().unwrap().insert(name.to_owned(), record);
    }

    /// Serves at 127.0.0.1:53 of the network that this is called in, until the test's process ends.
    pub fn serve(&self) {
        let socket = UdpSocket::bind("127.0.0.1:53").unwrap();
        let table = self.clone();
        thread::spawn(move || {
            let mut query = [0; 512];
            while let Ok((length, who)) = socket.recv_from(&mut query) {
                if let Some(answer) = table.answer(&query[..length]) {
                    let _ = socket.send_to(&answer, who);
                }
            }
        });
    }

    fn answer(&self, query: &[u8]) -> Option<Vec<u8>> {
        let (mut at, mut labels) = (12, Vec::new());
        loop {
            let length = usize::from(*query.get(at)?);
            if length == 0 {
                break;
            }
            labels.push(String::from_utf8_lossy(query.get(at + 1..=at + length)?).to_lowercase());
            at += length + 1;
        }
        let question = query.get(12..at + 5)?;
        let wants_v4 = query.get(at + 1..at + 3)? == [0, 1];
        let known = self.0.lock().unwrap().get(&labels.join(".")).copied();
        let (code, address) = match known.unwrap_or(Record::Unknown) {
            Record::Is(address) => (0, wants_v4.then_some(address)),
            Record::Unknown => (3, None),
            Record::Silent => return None,
        };
        let mut answer =
            [&query[..2], &[0x81, 0x80 | code, 0, 1, 0, u8::from(address.is_some())]].concat();
        answer.extend([0; 4]);
        answer.extend(question);
        if let Some(address) = address {
            answer.extend([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 0, 0, 4]);
            answer.extend(address.octets());
        }
        Some(answer)
    }
}
