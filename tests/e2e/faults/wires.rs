//! Faults between us and a server: the network, names, certificates.

use super::{
    Row,
    Shows::{self, Down, Slow, Unsteady},
    dns::{Names, Record},
    front::{self, Authority, Paper},
    healthy,
    matrix::{Stage, play},
    network::{Cable, Network, Wire},
};
use crate::{
    farm::{Farm, Manner},
    home::Home,
};
use std::{net::Ipv4Addr, time::Duration};

/// What happens to packets on their way from one network to another.
fn packets(home: &Home, near: &Network, far: &Network) -> (Cable, Farm, Vec<Row>) {
    let table: [(&str, u8, Wire, Shows); 3] = [
        ("blackhole", 11, Wire::Drops, Down("no answer within 2 s")),
        ("loses-30-percent", 12, Wire::Loses(30), Unsteady),
        ("half-a-second-away", 13, Wire::Delays(Duration::from_millis(500)), Slow),
    ];
    let addresses: Vec<String> = table.iter().map(|row| format!("10.77.0.{}/24", row.1)).collect();
    let addresses: Vec<&str> = addresses.iter().map(String::as_str).collect();
    let cable = Cable::new(home, near, far, &addresses);
    let far_farm = far.inside(Farm::new);
    let rows = table
        .into_iter()
        .map(|(name, last, wire, shows)| {
            let at = Ipv4Addr::new(10, 77, 0, last);
            let asked = far_farm.remote_at((at, 0).into(), Manner::Serve(healthy()));
            let (begins, ends, url) = (cable.now(), cable.now(), asked.url());
            Row {
                url,
                begin: Box::new(move || begins(at.octets(), wire)),
                end: Box::new(move || ends(at.octets(), Wire::Passes)),
                ..Row::of(asked, name, shows)
            }
        })
        .collect();
    (cable, far_farm, rows)
}

/// What becomes of names. Farm and program are in that network; its name server is the test's.
fn names(home: &Home, network: &Network, farm: &Farm) -> Vec<Row> {
    let resolver = "nameserver 127.0.0.1\noptions timeout:1 attempts:1\n";
    network.replace("/etc/resolv.conf", &home.write("resolv.conf", resolver));
    network.replace("/etc/nsswitch.conf", &home.write("nsswitch.conf", "hosts: files dns\n"));
    let names = Names::default();
    network.inside(|| names.serve());
    let here = Record::Is(Ipv4Addr::LOCALHOST);
    // A name is looked up when a connection is made, so the connection is cut first.
    let row = |name: &'static str, host: &'static str, record: Record, shows| {
        let row = Row::new(farm, name, Manner::Refuse, shows);
        names.set(host, here);
        let (begins, ends, begin, end) = (names.clone(), names.clone(), row.begin, row.end);
        Row {
            url: row.asked.url().replace("127.0.0.1", host),
            begin: Box::new(move || {
                begins.set(host, record);
                begin();
            }),
            end: Box::new(move || {
                ends.set(host, here);
                end();
            }),
            ..Row::of(row.asked, name, shows)
        }
    };
    let mut rows = vec![
        row("unknown-name", "gone.test", Record::Unknown, Down("no such host: gone.test")),
        row(
            "silent-name-server",
            "mute.test",
            Record::Silent,
            Down("no name server answers for mute.test"),
        ),
    ];
    // It moves: the old address goes dead, and the name leads to another one.
    let old = Row::new(farm, "moves", Manner::Refuse, Down("connection refused by moves.test"));
    let second = Ipv4Addr::new(127, 0, 0, 2);
    let there = (second, old.asked.address().port()).into();
    let new = farm.remote_at(there, Manner::Serve(healthy()));
    names.set("moves.test", here);
    let moves = names.clone();
    rows.push(Row {
        url: old.asked.url().replace("127.0.0.1", "moves.test"),
        begin: old.begin,
        end: Box::new(move || moves.set("moves.test", Record::Is(second))),
        ..Row::of(new, "moves", old.shows)
    });
    rows
}

#[test]
fn the_network_between() {
    as_root!();
    let home = Home::new();
    let (near, far) = (Network::new(), Network::new());
    let farm = near.inside(Farm::new);
    let (_cable, _far_farm, mut rows) = packets(&home, &near, &far);
    rows.extend(names(&home, &near, &farm));
    play(&Stage { prefix: near.prefix(), ..Stage::default() }, &farm, &rows);
}

/// Certificates that are not to be trusted.
pub fn certificates(home: &Home, farm: &Farm) -> Vec<Row> {
    let authority = Authority::new("authority of this test");
    let trusted: &'static str =
        Box::leak(format!("ca_file={}", authority.file(home).display()).into_boxed_str());
    let options: &'static [&'static str] = Box::leak(Box::new([trusted]));
    let table = [
        ("expired", Some(Paper::Expired), "the certificate has expired"),
        ("not-valid-yet", Some(Paper::NotYet), "the certificate is not valid yet"),
        (
            "other-name",
            Some(Paper::OtherName),
            "the certificate is for another name than 127.0.0.1",
        ),
        ("self-signed", Some(Paper::SelfSigned), "the certificate is self-signed"),
        ("stranger", Some(Paper::Stranger), "does not trust the certificate's issuer"),
        ("stalls-in-handshake", None, "no answer within 2 s"),
    ];
    table
        .into_iter()
        .map(|(name, paper, reason)| {
            let asked = farm.serve(healthy());
            let good = Some(authority.paper(Paper::Good));
            let bad = paper.map(|paper| authority.paper(paper));
            let (address, shown) = front::start(asked.address(), good.clone());
            let ends = shown.clone();
            Row {
                url: format!("https://{address}/metrics"),
                options,
                begin: Box::new(move || drop(shown.send_replace(bad.clone()))),
                end: Box::new(move || drop(ends.send_replace(good.clone()))),
                ..Row::of(asked, name, Down(reason))
            }
        })
        .collect()
}
