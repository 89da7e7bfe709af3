//! How each program is told which hosts to ask.

use super::{PROMETHEUS, Program, VMAGENT, Work, host, path};
use std::{
    fmt::Write as _,
    fs,
    io::{BufRead, BufReader, Read, Write},
    net::TcpListener,
    path::Path,
    process::{Child, Command, Stdio},
    thread,
};

pub fn manytop(folder: &Path, hosts: usize, answer: &'static str, faulty: bool) -> Vec<String> {
    let mut config = String::new();
    for n in 0..hosts {
        let path = path(n, faulty, answer);
        writeln!(config, "remote-h{n:04}-url=http://{}{path}", host(n, faulty)).unwrap();
    }
    let file = folder.join("manytop.conf");
    fs::write(&file, config).unwrap();
    vec!["-C".into(), file.display().to_string()]
}

pub fn all_smi(folder: &Path, work: &Work) -> Vec<String> {
    let mut config = String::new();
    for n in 0..work.hosts {
        writeln!(config, "{}", host(n, false)).unwrap();
    }
    let file = folder.join("hosts.csv");
    fs::write(&file, config).unwrap();
    let words = ["view", "--hostfile", &file.display().to_string(), "--interval", "1"];
    words.map(str::to_owned).to_vec()
}

pub fn server(program: Program, path: &Path, folder: &Path, work: &Work) -> Child {
    let targets: Vec<String> = (0..work.hosts).map(|n| format!("\"{}\"", host(n, false))).collect();
    let config = format!(
        "global:\n  scrape_interval: 1s\n  scrape_timeout: 1s\nscrape_configs:\n- job_name: farm\n  \
         metrics_path: {}\n  static_configs:\n  - targets: [{}]\n",
        work.path,
        targets.join(", ")
    );
    let file = folder.join("scrape.yml");
    fs::write(&file, config).unwrap();
    let mut command = Command::new(path);
    if program == Program::Prometheus {
        command
            .arg(format!("--config.file={}", file.display()))
            .arg(format!("--storage.tsdb.path={}", folder.join("data").display()))
            .arg(format!("--web.listen-address={PROMETHEUS}"));
    } else {
        command
            .arg(format!("-promscrape.config={}", file.display()))
            .arg(format!("-remoteWrite.url=http://{}/", swallow()))
            .arg(format!("-remoteWrite.tmpDataPath={}", folder.join("data").display()))
            .arg(format!("-httpListenAddr={VMAGENT}"));
    }
    command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
}

/// A server that takes whatever is posted and keeps nothing.
fn swallow() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            thread::spawn(move || {
                let mut answers = stream.try_clone().unwrap();
                let mut stream = BufReader::new(stream);
                let mut length = 0;
                let mut line = String::new();
                while stream.read_line(&mut line).is_ok_and(|n| n > 0) {
                    let lower = line.to_ascii_lowercase();
                    if let Some(n) = lower.strip_prefix("content-length:") {
                        length = n.trim().parse().unwrap_or(0);
                    }
                    if line.trim().is_empty() {
                        let mut body = (&mut stream).take(length);
                        let _ = std::io::copy(&mut body, &mut std::io::sink());
                        let _ = answers.write_all(b"HTTP/1.1 204 No Content\r\n\r\n");
                        length = 0;
                    }
                    line.clear();
                }
            });
        }
    });
    address
}
