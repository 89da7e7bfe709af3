//! What merging a config of a thousand hosts by the builder of the crate `config` would add to reading it.
//!
//! `cargo run --release -p manytop-core --example layers`

#![allow(clippy::unwrap_used, clippy::print_stdout, dead_code)]

#[path = "../tests/plugins/mod.rs"]
mod plugins;

use config::{ConfigError, Map, Source, Value};
use manytop_core::{
    config::{Config, Request, reserved_words},
    registry::Registry,
};
use std::{
    fmt::Write as _,
    fs,
    time::{Duration, Instant},
};

const HOSTS: usize = 1_000;
const ROUNDS: usize = 20;

/// One layer: its keys below one key at the first level, so that none is read as a path.
#[derive(Clone, Debug)]
struct ExampleLayer(Vec<(String, String)>);

impl Source for ExampleLayer {
    fn clone_into_box(&self) -> Box<dyn Source + Send + Sync> {
        Box::new(self.clone())
    }

    fn collect(&self) -> Result<Map<String, Value>, ConfigError> {
        let origin = "manytop.conf:1".to_owned();
        let value = |value: &String| Value::new(Some(&origin), value.clone());
        let keys: Map<String, Value> =
            self.0.iter().map(|(key, text)| (key.clone(), value(text))).collect();
        Ok(Map::from([("manytop".to_owned(), Value::new(None, keys))]))
    }
}

/// The fastest of some rounds.
fn time(mut work: impl FnMut()) -> Duration {
    let round = |_| {
        let began = Instant::now();
        work();
        began.elapsed()
    };
    (0..ROUNDS).map(round).min().unwrap_or_default()
}

fn main() {
    let mut keys = Vec::new();
    for n in 0..HOSTS {
        keys.push((format!("remote-h{n}-url"), format!("http://10.0.{}.{}/", n / 250, n % 250)));
        keys.push((format!("remote-h{n}-refresh"), "5".to_owned()));
        keys.push((format!("remote-h{n}-tags"), "prod".to_owned()));
    }
    let mut text = String::new();
    keys.iter().for_each(|(key, value)| writeln!(text, "{key}={value}").unwrap());
    let file = std::env::temp_dir().join(format!("manytop-layers-{}.conf", std::process::id()));
    fs::write(&file, text).unwrap();
    let registry = Registry::load(&reserved_words()).unwrap();
    let request = Request { file: Some(file.clone()), ..Request::bare() };
    let load = time(|| drop(Config::load(&request, &registry).unwrap()));
    fs::remove_file(file).unwrap();

    let over = ExampleLayer(vec![("theme".to_owned(), "light".to_owned())]);
    let layers = ExampleLayer(keys);
    let build = time(|| {
        let builder = config::Config::builder();
        let builder =
            builder.add_source(layers.clone()).add_source(over.clone()).add_source(over.clone());
        drop(builder.build().unwrap());
    });
    println!("{HOSTS} hosts, three keys each, and two layers above");
    println!("reading, merging and checking, as manytop does: {load:.1?}");
    println!("the builder of `config`, merging alone:         {build:.1?}");
}
