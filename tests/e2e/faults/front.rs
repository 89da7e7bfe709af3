//! A front that speaks TLS for a remote of the farm, with whatever certificate a test gives it.

use crate::home::Home;
use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair, date_time_ymd,
};
use std::{net::SocketAddr, path::PathBuf, sync::Arc, thread};
use tokio::{
    io::copy_bidirectional,
    net::{TcpListener, TcpStream},
    runtime::Builder,
    sync::watch,
};
use tokio_rustls::{
    TlsAcceptor,
    rustls::{
        self, ServerConfig,
        pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer},
    },
};

/// What a certificate is like.
#[derive(Clone, Copy)]
pub enum Paper {
    Good,
    Expired,
    NotYet,
    OtherName,
    SelfSigned,
    /// Signed by an unknown authority.
    Stranger,
}

/// An authority, and what it signs.
pub struct Authority(CertifiedIssuer<'static, KeyPair>);

impl Authority {
    pub fn new(name: &str) -> Authority {
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.distinguished_name.push(DnType::CommonName, name);
        let key = KeyPair::generate().unwrap();
        Authority(CertifiedIssuer::self_signed(params, key).unwrap())
    }

    /// Its certificate as a file.
    pub fn file(&self, home: &Home) -> PathBuf {
        home.write("authority.pem", self.0.pem())
    }

    /// What a server shows for 127.0.0.1.
    pub fn paper(&self, paper: Paper) -> Arc<ServerConfig> {
        let name = if matches!(paper, Paper::OtherName) { "else.test" } else { "127.0.0.1" };
        let mut params = CertificateParams::new([name.to_owned()]).unwrap();
        params.not_before = date_time_ymd(2020, 1, 1);
        params.not_after = date_time_ymd(2090, 1, 1);
        match paper {
            Paper::Expired => params.not_after = date_time_ymd(2021, 1, 1),
            Paper::NotYet => params.not_before = date_time_ymd(2089, 1, 1),
            Paper::SelfSigned => params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained),
            _ => {}
        }
        let key = KeyPair::generate().unwrap();
        let certificate = match paper {
            Paper::SelfSigned => params.self_signed(&key),
            Paper::Stranger => params.signed_by(&key, &Authority::new("stranger").0),
            _ => params.signed_by(&key, &self.0),
        };
        let chain = vec![certificate.unwrap().der().clone()];
        let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key.serialize_der()));
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ServerConfig::builder_with_provider(provider);
        let config = config.with_safe_default_protocol_versions().unwrap().with_no_client_auth();
        Arc::new(config.with_single_cert(chain, key).unwrap())
    }
}

/// What a front shows; `None` takes connections and says nothing.
pub type Shown = Option<Arc<ServerConfig>>;

/// Starts a front before `behind`. When what it shows changes, all its connections are cut.
pub fn start(behind: SocketAddr, first: Shown) -> (SocketAddr, watch::Sender<Shown>) {
    start_at("127.0.0.1:0".parse().unwrap(), behind, first)
}

/// Starts a front at that address; port 0 is a port of its own.
pub fn start_at(
    at: SocketAddr,
    behind: SocketAddr,
    first: Shown,
) -> (SocketAddr, watch::Sender<Shown>) {
    let runtime = Builder::new_current_thread().enable_all().build().unwrap();
    let listener = runtime.block_on(TcpListener::bind(at)).unwrap();
    let address = listener.local_addr().unwrap();
    let (sender, mut shown) = watch::channel(first);
    thread::spawn(move || {
        runtime.block_on(async {
            loop {
                tokio::select! {
                    changed = shown.changed() => if changed.is_err() { return },
                    Ok((stream, _)) = listener.accept() => {
                        drop(tokio::spawn(speak(stream, behind, shown.clone())));
                    }
                }
            }
        });
    });
    (address, sender)
}

async fn speak(stream: TcpStream, behind: SocketAddr, mut shown: watch::Receiver<Shown>) {
    let config = shown.borrow_and_update().clone();
    let talk = async {
        let Some(config) = config else { return std::future::pending().await };
        let Ok(mut near) = TlsAcceptor::from(config).accept(stream).await else { return };
        let Ok(mut far) = TcpStream::connect(behind).await else { return };
        let _ = copy_bidirectional(&mut near, &mut far).await;
    };
    tokio::select! {
        () = talk => {}
        _ = shown.changed() => {}
    }
}
