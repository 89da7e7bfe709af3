//! HTTP clients that the remote and the prometheus provider share: requests, credentials, TLS, errors.

pub mod addresses;
pub mod bad_body;
pub mod bad_status;
pub mod client;
pub mod credentials;
pub mod errors;
pub mod headers;
pub mod http1;
pub mod post;
pub mod proxy;
pub mod requester;
pub mod resolver;
pub mod response;
pub mod unpack;
pub mod url;
