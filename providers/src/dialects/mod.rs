//! The dialects that come with manytop, one file or folder each.

mod all_smi;
mod cadvisor;
pub mod catalog;
mod common_slots;
mod complete;
mod dcgm;
pub mod dialect;
mod gathered;
mod gotop;
pub mod hints;
mod kubelet;
mod manytop;
mod netdata;
mod node_exporter;
mod nvidia;
pub mod plan;
mod process_exporter;
mod proxmox;
pub mod scrape_parser;
pub mod section;
pub mod slots;
mod smartctl;
mod snmp;
pub mod tables;
mod windows;

#[cfg(test)]
mod testing {
    use crate::remote::{DialectCatalog, ParsedScrape, ScrapeParser, Shows};
    use manytop_plugin::{provider::Selection, reading::Kind, testing};
    use std::sync::Arc;

    fn scrape(shows: Shows, fahrenheit: bool, kind: Kind, body: &str) -> ParsedScrape {
        let catalog = Arc::new(DialectCatalog::showing(shows).unwrap());
        let mut parser = ScrapeParser::new(catalog, fahrenheit);
        parser.read(body.as_bytes(), &Selection::kinds(&[kind]))
    }

    /// What the dialects make of a body, a device a line.
    pub fn decoded(kind: Kind, body: &str) -> String {
        decoded_in(false, kind, body)
    }

    /// What they make of the other hosts of a body.
    pub fn decoded_by_host(kind: Kind, body: &str) -> Vec<(String, String)> {
        let scrape = scrape(Shows::default(), false, kind, body);
        let hosts = scrape.hosts.iter();
        hosts.map(|host| (host.name.to_string(), testing::lines(&host.readings))).collect()
    }

    /// The same, with the scale in which the other side gives temperatures.
    pub fn decoded_in(fahrenheit: bool, kind: Kind, body: &str) -> String {
        let scrape = scrape(Shows::default(), fahrenheit, kind, body);
        testing::lines(&scrape.readings)
    }

    /// The same, where virtual file systems and peripherals are shown too.
    pub fn decoded_with_virtual(kind: Kind, body: &str) -> String {
        let shows = Shows { with_virtual: true, peripherals: true, watches: 0 };
        testing::lines(&scrape(shows, false, kind, body).readings)
    }

    /// What the dialects doubt of a body.
    pub fn notes_of(kind: Kind, body: &str) -> Vec<String> {
        scrape(Shows::default(), false, kind, body).notes
    }
}
