//! Plugins for tests: they have names and options, and do nothing.

use manytop_core::{
    inventory,
    options::{Opt, Options, Secret},
    provider::{self, BuildError, Failure, Reader, Selection},
    ratatui_core::{buffer::Buffer, layout::Rect},
    reading::PollResult,
    view::View,
    widget::{self, Title, Wants, Widget},
};
use std::{path::PathBuf, time::Duration};

struct Nothing;

impl Reader for Nothing {
    fn read(&mut self, _: &Selection) -> Result<PollResult, Failure> {
        Err(Failure::absent())
    }
}

impl Widget for Nothing {
    fn wants(&self) -> Wants {
        Wants::default()
    }
    fn title(&self, _: &View<'_>, _: Rect) -> Title {
        Title::default()
    }
    fn draw(&mut self, _: &View<'_>, _: Rect, _: &mut Buffer) {}
}

fn reader(_: &Options) -> Result<Box<dyn Reader>, BuildError> {
    Ok(Box::new(Nothing))
}

fn widget(_: &Options) -> Result<Box<dyn Widget>, BuildError> {
    Ok(Box::new(Nothing))
}

pub static URL: Opt<String> =
    Opt::<String>::required("url", "Where it is").example("https://HOST/metrics");
pub static USERNAME: Opt<Option<String>> = Opt::<Option<String>>::optional("username", "Who asks");
pub static PASSWORD: Opt<Option<Secret>> =
    Opt::<Option<Secret>>::optional("password", "The password");
pub static CA_FILE: Opt<Option<PathBuf>> =
    Opt::<Option<PathBuf>>::optional("ca_file", "Whom to trust");
pub static INSECURE: Opt<bool> =
    Opt::<bool>::with_default("insecure", "false", "Trust any certificate");
pub static TEMPSCALE: Opt<String> = Opt::one_of("tempscale", &["C", "F"], "C", "What it sends");

fn remote(options: &Options) -> Result<Box<dyn Reader>, BuildError> {
    match options.get(&URL).contains('#') {
        true => Err(BuildError::new(
            URL.spec(),
            "\"#\" ends a URL; in a password write %23 (@ is %40), or use remote-NAME-password_file",
        )),
        false => reader(options),
    }
}

inventory::submit! {
    provider::Plugin::reads("remote", "Another machine.", remote).per_name().options(&[
        URL.spec(), USERNAME.spec(), PASSWORD.spec(), CA_FILE.spec(), INSECURE.spec(),
        TEMPSCALE.spec(),
    ])
}

pub static DEVICE: Opt<String> = Opt::<String>::required("device", "Where it is plugged in");
pub static UPS_REFRESH: Opt<Duration> =
    Opt::<Duration>::with_default("refresh", "15", "How often to ask it");

pub static UPS_LOUD: Opt<Option<bool>> =
    Opt::<Option<bool>>::optional("loud", "Whether it beeps; as cpu-loud says")
        .following("cpu", "loud");

inventory::submit! {
    provider::Plugin::reads("ups", "A battery.", reader)
        .per_name()
        .options(&[DEVICE.spec(), UPS_REFRESH.spec(), UPS_LOUD.spec()])
}

pub static ROOT: Opt<PathBuf> = Opt::<PathBuf>::with_default("root", "/", "Where proc is");
pub static LOUD: Opt<Option<bool>> = Opt::<Option<bool>>::optional("loud", "Whether it beeps");

inventory::submit! {
    provider::Plugin::reads("cpu", "Processors.", reader).options(&[ROOT.spec(), LOUD.spec()])
}
inventory::submit! { provider::Plugin::reads("memory", "Memory.", reader) }

pub static COLUMNS: Opt<Vec<String>> =
    Opt::<Vec<String>>::with_default("columns", "pid,name", "What to show");
pub static ROWS: Opt<Option<u64>> = Opt::<Option<u64>>::optional("rows", "How many");

inventory::submit! {
    widget::Plugin::new("procs", "Processes.", widget).options(&[COLUMNS.spec(), ROWS.spec()])
}
inventory::submit! { widget::Plugin::new("cpu", "Processors.", widget) }
inventory::submit! { widget::Plugin::new("mem", "Memory.", widget) }
inventory::submit! { widget::Plugin::new("net", "Networks.", widget) }
inventory::submit! { widget::Plugin::new("disk", "Disks.", widget) }
inventory::submit! { widget::Plugin::new("temp", "Temperatures.", widget) }
inventory::submit! { widget::Plugin::new("power", "Batteries.", widget) }
