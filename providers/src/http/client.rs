//! HTTP clients: built when first needed, and shared by all remotes that want the same of TLS, so
//! that hundreds of them cost one set of certificates, and one connection where they share a server.

use super::{
    resolver::{NoteConnects, Racing},
    url::Target,
};
use crate::remote::{CA_FILE, CERT_FILE, INSECURE, KEY_FILE};
use manytop_core::file;
use manytop_plugin::{
    options::Options,
    provider::{BuildError, Class, Failure},
};
use reqwest::{Certificate, Client, ClientBuilder, Identity, redirect};
use std::{
    path::Path,
    sync::{Arc, Mutex, PoisonError, Weak},
    time::Duration,
};

/// Core's deadline ends a poll long before; this ends an attempt that outlived it in the background.
const CONNECT: Duration = Duration::from_secs(60);

/// A connection of HTTP/2 outlives a request that is given up, and all remotes of a server share it. When
/// nothing has come on it for so long while a request waits, it is tested.
const TRIED_AFTER: Duration = Duration::from_secs(2);
/// It is given up when that leads to nothing.
const GIVEN_UP: Duration = Duration::from_secs(5);

/// What we call ourselves.
pub const AGENT: &str = concat!("manytop/", env!("CARGO_PKG_VERSION"));

/// What makes one client different from another.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TlsConfig {
    /// PEM texts, read when the config was.
    authorities: Option<Arc<[u8]>>,
    identity: Option<Arc<[u8]>>,
    /// Where the key of that was found.
    key_file: Option<Arc<Path>>,
    insecure: bool,
    /// Certificates are checked against the system's authorities.
    secure: bool,
    /// `HTTPS_PROXY` and its like are honoured; they never are for loopback.
    proxied: bool,
    /// The interface that all connections leave by.
    zone: Option<String>,
}

impl TlsConfig {
    /// From the options. Files are read and checked, and nothing is connected.
    ///
    /// # Errors
    /// A file that cannot be read, or holds no certificate or key.
    pub fn new(options: &Options, target: &Target) -> Result<TlsConfig, BuildError> {
        let authorities = options.get(&CA_FILE).map(|path| {
            let pem = read(&path)?;
            let certificates = Certificate::from_pem_bundle(&pem).unwrap_or_default();
            match certificates.is_empty() {
                true => Err(format!("{}: no certificate in PEM form", path.display())),
                false => Ok(pem),
            }
        });
        let authorities =
            authorities.transpose().map_err(|e| BuildError::new(CA_FILE.spec(), e))?;
        let (cert, key) = (options.get(&CERT_FILE), options.get(&KEY_FILE));
        let identity = match (&cert, &key) {
            (None, None) => None,
            (None, Some(_)) => {
                let problem = "a key without a certificate; see remote-NAME-cert_file";
                return Err(BuildError::new(KEY_FILE.spec(), problem));
            }
            (Some(cert), key) => {
                let mut pem = read(cert).map_err(|e| BuildError::new(CERT_FILE.spec(), e))?;
                if let Some(key) = key {
                    pem.push(b'\n');
                    pem.extend(read(key).map_err(|e| BuildError::new(KEY_FILE.spec(), e))?);
                }
                if Identity::from_pem(&pem).is_err() {
                    let problem = format!(
                        "{}: a certificate and its key are needed in PEM form; \
                         remote-NAME-key_file can hold the key",
                        cert.display()
                    );
                    return Err(BuildError::new(CERT_FILE.spec(), problem));
                }
                Some(pem)
            }
        };
        Ok(TlsConfig {
            authorities: authorities.map(Into::into),
            identity: identity.map(Into::into),
            key_file: key.or(cert).map(Into::into),
            insecure: options.get(&INSECURE),
            secure: target.url.scheme() == "https" || target.proxy.is_some(),
            proxied: target.proxy.is_some(),
            zone: target.zone.clone(),
        })
    }

    /// Whether certificates are not checked at all.
    pub fn is_insecure(&self) -> bool {
        self.insecure
    }

    /// Whether a certificate of our own can be shown.
    pub fn has_identity(&self) -> bool {
        self.identity.is_some()
    }

    /// The file that holds the key of that.
    pub fn key_file(&self) -> Option<&Path> {
        self.key_file.as_deref()
    }

    fn builder(&self) -> Result<ClientBuilder, reqwest::Error> {
        let mut builder = Client::builder()
            .user_agent(AGENT)
            .redirect(redirect::Policy::none())
            .connect_timeout(CONNECT)
            .tcp_nodelay(true)
            .http2_keep_alive_interval(TRIED_AFTER)
            .http2_keep_alive_timeout(GIVEN_UP)
            .http1_allow_obsolete_multiline_headers_in_responses(true)
            .http1_allow_spaces_after_header_name_in_responses(true)
            // What is packed is unpacked where it is read.
            .no_gzip()
            .dns_resolver(Arc::new(Racing))
            .connector_layer(NoteConnects)
            .tls_danger_accept_invalid_certs(self.insecure);
        if !self.proxied {
            builder = builder.no_proxy();
        }
        #[cfg(any(target_os = "linux", target_os = "macos"))]
        if let Some(zone) = &self.zone {
            builder = builder.interface(zone);
        }
        if let Some(pem) = &self.identity {
            builder = builder.identity(Identity::from_pem(pem)?);
        }
        Ok(builder)
    }

    fn authorities(&self) -> Result<Vec<Certificate>, reqwest::Error> {
        self.authorities.as_ref().map_or(Ok(Vec::new()), |pem| Certificate::from_pem_bundle(pem))
    }

    fn build(&self) -> Result<Client, reqwest::Error> {
        // It fails when there is a default already, which is as good.
        let _ = rustls::crypto::ring::default_provider().install_default();
        if self.secure {
            let client = self.builder()?.tls_certs_merge(self.authorities()?).build();
            if let Ok(client) = client {
                return Ok(client);
            }
        }
        // Without the system's bundle of authorities, or without a need for it: plain HTTP works, and
        // so does TLS with authorities of one's own.
        self.builder()?.tls_certs_only(self.authorities()?).build()
    }
}

fn read(path: &Path) -> Result<Vec<u8>, String> {
    file::read(path, file::TEXT).map_err(|e| format!("{}: {e}", path.display()))
}

/// The file of authorities that the environment names is opened by a library, which would wait for a FIFO. One that is
/// not there it leaves out.
fn system_authorities() -> Result<(), Failure> {
    let Some(path) = std::env::var_os("SSL_CERT_FILE").filter(|path| !path.is_empty()) else {
        return Ok(());
    };
    match file::check(Path::new(&path), file::LIST) {
        Err(error) if !error.is_missing() => {
            let text = format!("SSL_CERT_FILE {} {error}", Path::new(&path).display());
            Err(Failure::new(Class::Unreachable, text))
        }
        _ => Ok(()),
    }
}

/// The clients that some remote holds. Plugins are built by plain functions, so that remotes have to
/// find what they share; no other caller may.
static CLIENTS: Mutex<Vec<Weak<SharedClient>>> = Mutex::new(Vec::new());

/// A client, and its terms.
#[derive(Debug)]
pub struct SharedClient {
    terms: TlsConfig,
    /// The client.
    pub client: Client,
}

/// The client for those terms: another remote's, or a new one. That takes milliseconds.
///
/// # Errors
/// TLS cannot be set up.
pub fn shared(terms: &TlsConfig) -> Result<Arc<SharedClient>, Failure> {
    let mut clients = CLIENTS.lock().unwrap_or_else(PoisonError::into_inner);
    clients.retain(|client| client.strong_count() > 0);
    if let Some(same) = clients.iter().filter_map(Weak::upgrade).find(|c| c.terms == *terms) {
        return Ok(same);
    }
    if terms.secure {
        system_authorities()?;
    }
    let client = terms.build().map_err(|error| {
        Failure::new(Class::Unreachable, format!("TLS cannot be set up: {}", error.without_url()))
    })?;
    let shared = Arc::new(SharedClient { terms: terms.clone(), client });
    clients.push(Arc::downgrade(&shared));
    Ok(shared)
}
