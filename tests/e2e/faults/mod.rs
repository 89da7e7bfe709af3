//! The fault matrix: a table of what goes wrong with remotes, each row acted out against the running
//! program, with healthy remotes beside it.
//!
//! The rows stand by what has the fault: `answers`, `floods`, `values`, `wires`. [`matrix`] plays a
//! table: all rows at once against one program, from health into the fault and back.

mod addresses;
pub mod answers;
mod back_off;
mod clocks;
mod dns;
pub mod floods;
mod front;
pub mod ledger;
pub mod matrix;
pub mod network;
pub mod values;
mod wires;

use crate::{
    bodies,
    farm::{Farm, Manner, Remote},
    home::Home,
    once::Once,
};
use matrix::{Stage, play};

/// What every remote here is asked with. No part of it may ever be seen.
pub const USER: &str = "farmer";
pub const PASSWORD: &str = "Kq7vZr2pW9xLm4Ts";

/// What is to be seen of a remote as long as its fault lasts.
#[derive(Clone, Copy)]
pub enum Shows {
    /// This reason at once, and it is down as soon as the age of its last answer allows.
    Down(&'static str),
    /// This reason at once, and it is unread as soon as the age of its last answer allows.
    Unread(&'static str),
    /// It is live.
    Live,
    /// It is live, with this beside it.
    Note(&'static str),
    /// It goes on answering, later than usual.
    Slow,
    /// It answers now and then, and what is shown follows from the age of its last answer.
    Unsteady,
}

/// What must be true of the readings while the fault lasts.
pub type Check = fn(&Once, &str);

/// A fault.
pub struct Row {
    pub name: &'static str,
    pub url: String,
    /// More lines for the config, without `remote-NAME-`.
    pub options: &'static [&'static str],
    /// The server that is polled in the end and counts requests.
    pub asked: Remote,
    pub shows: Shows,
    pub begin: Box<dyn Fn()>,
    /// Again and again while the fault lasts.
    pub go_on: Option<Box<dyn Fn(usize)>>,
    pub end: Box<dyn Fn()>,
    pub check: Option<Check>,
}

impl Row {
    /// A remote that serves, then has these manners, then serves again.
    pub fn new(farm: &Farm, name: &'static str, manner: Manner, shows: Shows) -> Row {
        let asked = farm.serve(healthy());
        let (begins, ends) = (asked.clone(), asked.clone());
        Row {
            begin: Box::new(move || begins.now(manner.clone())),
            end: Box::new(move || ends.now(Manner::Serve(healthy()))),
            ..Row::of(asked, name, shows)
        }
    }

    /// A remote to which nothing happens.
    pub fn of(asked: Remote, name: &'static str, shows: Shows) -> Row {
        Row {
            name,
            url: asked.url(),
            options: &[],
            asked,
            shows,
            begin: Box::new(|| {}),
            go_on: None,
            end: Box::new(|| {}),
            check: None,
        }
    }

    pub fn with(self, options: &'static [&'static str]) -> Row {
        Row { options, ..self }
    }

    pub fn check(self, check: Check) -> Row {
        Row { check: Some(check), ..self }
    }
}

/// What all remotes here serve while nothing is wrong.
pub fn healthy() -> bodies::Body {
    bodies::within_limits()
}

#[test]
fn servers_answers_values_and_certificates() {
    let (home, farm) = (Home::new(), Farm::new());
    let elsewhere = farm.serve(healthy());
    let mut rows = answers::rows(&farm, &elsewhere);
    rows.extend(values::rows(&farm));
    rows.extend(wires::certificates(&home, &farm));
    play(&Stage::default(), &farm, &rows);
    assert_eq!(elsewhere.requests(), 0, "a redirect was followed");
}
