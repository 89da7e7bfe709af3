//! A server for tests: one thread, one connection after the other, answers as bytes.

use rustix::net::{self, AddressFamily, SocketType};
use std::{
    io::{Read, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    os::fd::OwnedFd,
    path::PathBuf,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
};

pub struct Server {
    address: SocketAddr,
    scheme: &'static str,
    heads: Arc<Mutex<Vec<String>>>,
    connections: Arc<AtomicUsize>,
}

/// A sound answer, after which the connection is closed.
pub fn ok(body: &str) -> String {
    format!(
        "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    )
}

/// An empty folder for a test's files.
pub fn folder(name: &str) -> PathBuf {
    let folder = std::env::temp_dir().join(format!("manytop-{}-{name}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

impl Server {
    /// Serves each connection by `serve`, which reports the heads of requests.
    fn start(
        scheme: &'static str,
        serve: impl Fn(TcpStream, usize, &dyn Fn(String)) + Send + 'static,
    ) -> Server {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let (heads, connections) =
            (Arc::new(Mutex::new(Vec::new())), Arc::new(AtomicUsize::new(0)));
        let server =
            Server { address, scheme, heads: heads.clone(), connections: connections.clone() };
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let nth = connections.fetch_add(1, Ordering::SeqCst);
                stream.set_nodelay(true).unwrap();
                serve(stream, nth, &|head| heads.lock().unwrap().push(head));
            }
        });
        server
    }

    /// An answer for a request's head; then the connection is closed.
    pub fn new(answer: impl Fn(&str) -> Vec<u8> + Send + 'static) -> Server {
        Server::start("http", move |mut stream, _, report| {
            let Some(head) = head(&mut stream) else { return };
            let bytes = answer(&head);
            report(head);
            // The other side may have heard enough.
            let _ = stream.write_all(&bytes);
        })
    }

    pub fn always(answer: impl Into<Vec<u8>>) -> Server {
        let answer = answer.into();
        Server::new(move |_| answer.clone())
    }

    /// Answers request after request on one connection.
    pub fn keeping(answer: String) -> Server {
        Server::start("http", move |mut stream, _, report| {
            while let Some(head) = head(&mut stream) {
                report(head);
                stream.write_all(answer.as_bytes()).unwrap();
            }
        })
    }

    /// Says something to the first connection and never goes on; answers the others.
    pub fn dripping(first: &'static str, then: String) -> Server {
        let kept = Mutex::new(Vec::new());
        Server::start("http", move |mut stream, nth, report| {
            let Some(head) = head(&mut stream) else { return };
            report(head);
            if nth == 0 {
                stream.write_all(first.as_bytes()).unwrap();
                kept.lock().unwrap().push(stream);
            } else {
                stream.write_all(then.as_bytes()).unwrap();
            }
        })
    }

    /// Answers the first bytes, whatever they are.
    pub fn blunt(answer: String) -> Server {
        Server::start("http", move |mut stream, _, _| {
            if stream.read(&mut [0; 1024]).is_ok() {
                let _ = stream.write_all(answer.as_bytes());
            }
        })
    }

    /// Handles each connection by `serve`, which gets its number and what reports heads; `over_tls`: with the
    /// certificate `server`.
    pub fn scripted(
        over_tls: bool,
        serve: impl Fn(&mut dyn Stream, usize, &dyn Fn(String)) + Send + 'static,
    ) -> Server {
        if !over_tls {
            return Server::start("http", move |mut stream, nth, report| {
                serve(&mut stream, nth, report);
            });
        }
        let config = config("server", false);
        Server::start("https", move |stream, nth, report| {
            let connection = rustls::ServerConnection::new(config.clone()).unwrap();
            let mut stream = rustls::StreamOwned::new(connection, stream);
            serve(&mut stream, nth, report);
            stream.conn.send_close_notify();
            let _ = stream.flush();
        })
    }

    /// With the certificate of that name; `clients`: only for clients that have one too.
    pub fn tls(certificate: &str, clients: bool, answer: Vec<u8>) -> Server {
        use rustls::{ServerConnection, StreamOwned};
        let config = config(certificate, clients);
        Server::start("https", move |stream, _, report| {
            let mut stream =
                StreamOwned::new(ServerConnection::new(config.clone()).unwrap(), stream);
            let Some(head) = head(&mut stream) else {
                // An alert is waiting to be sent.
                let _ = stream.flush();
                return;
            };
            report(head);
            let _ = stream.write_all(&answer);
            stream.conn.send_close_notify();
            let _ = stream.flush();
        })
    }

    /// An address that refuses connections as long as the socket lives: it is bound and does not listen.
    pub fn closed() -> (OwnedFd, SocketAddr) {
        let socket = net::socket(AddressFamily::INET, SocketType::STREAM, None).unwrap();
        net::bind(&socket, &SocketAddr::from(([127, 0, 0, 1], 0))).unwrap();
        let address = net::getsockname(&socket).unwrap().try_into().unwrap();
        (socket, address)
    }

    pub fn url(&self, path: &str) -> String {
        format!("{}://{}{path}", self.scheme, self.address)
    }

    /// The heads of the requests so far.
    pub fn heads(&self) -> Vec<String> {
        self.heads.lock().unwrap().clone()
    }

    pub fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }
}

/// A connection, with TLS or without.
pub trait Stream: Read + Write {}

impl<S: Read + Write> Stream for S {}

fn config(certificate: &str, clients: bool) -> Arc<rustls::ServerConfig> {
    use rustls::{
        RootCertStore, ServerConfig,
        pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
        server::WebPkiClientVerifier,
    };
    let file = |name: &str| format!("{}/tests/tls/{name}", env!("CARGO_MANIFEST_DIR"));
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ServerConfig::builder_with_provider(provider.clone())
        .with_safe_default_protocol_versions()
        .unwrap();
    let builder = if clients {
        let mut roots = RootCertStore::empty();
        roots.add(CertificateDer::from_pem_file(file("ca.pem")).unwrap()).unwrap();
        let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider);
        builder.with_client_cert_verifier(verifier.build().unwrap())
    } else {
        builder.with_no_client_auth()
    };
    let chain = vec![CertificateDer::from_pem_file(file(&format!("{certificate}.pem"))).unwrap()];
    let key = PrivateKeyDer::from_pem_file(file(&format!("{certificate}.key"))).unwrap();
    Arc::new(builder.with_single_cert(chain, key).unwrap())
}

/// The head of the next request; `None` where the connection ends.
pub fn head(stream: &mut (impl Read + ?Sized)) -> Option<String> {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") {
        if stream.read(&mut byte).ok()? == 0 {
            return None;
        }
        head.push(byte[0]);
    }
    String::from_utf8(head).ok()
}
