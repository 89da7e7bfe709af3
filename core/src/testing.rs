//! For the tests of plugins: polls a provider and draws a widget by its name, as a config
//! and a layout would, as text.

use crate::{
    clock::Moment,
    model::store::{Described, Store, Update},
    options::Options,
    provider::{self, Build, Failure, Selection},
    reading::{DeviceReading, PollResult, SourceReadings},
    source::Source,
    theme::Theme,
    view::{Settings, View},
    widget,
};
pub use manytop_plugin::testing::{Numbers, lines};
use ratatui_core::{
    buffer::{Buffer, Cell},
    layout::Rect,
};
use std::{sync::Arc, time::Duration};

/// Builds the provider of that name with these options, and polls it once for everything that it provides: a device a
/// line, as [`lines`] writes them.
///
/// # Errors
/// What the provider says that went wrong.
///
/// # Panics
/// There is no such provider in this program, or it refuses its options.
pub fn poll(name: &str, given: &[(&str, &str)]) -> Result<String, Failure> {
    let all = inventory::iter::<provider::Plugin>;
    let found = all.into_iter().find(|plugin| plugin.name() == name);
    let plugin = found.unwrap_or_else(|| panic!("there is no provider {name:?}"));
    let options = Options::parse(plugin.specs(), given);
    let options = options.unwrap_or_else(|error| panic!("{name}: {error}"));
    let mut want = Selection::nothing();
    for yields in plugin.what() {
        want.add(yields.kind(), yields.named_only());
    }
    let answer = match plugin.build() {
        Build::Reads(build) => {
            let mut reader = build(&options).unwrap_or_else(|error| panic!("{name}: {error}"));
            reader.read(&want)?
        }
        Build::Polls(build) => {
            let mut provider = build(&options).unwrap_or_else(|error| panic!("{name}: {error}"));
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            let runtime = runtime.unwrap_or_else(|error| panic!("no runtime: {error}"));
            runtime.block_on(provider.poll(&want))?
        }
    };
    Ok(answer.parts.iter().map(|part| lines(&part.readings)).collect())
}

/// Builds the widget of that name with its defaults and draws it `age` after these sources were read:
/// its title and its rows, without colours, blanks at the ends of lines left out.
///
/// # Panics
/// There is no such widget in this program, or it refuses its own defaults.
pub fn draw(
    name: &str,
    sources: &[(&str, Vec<DeviceReading>)],
    (width, height): (u16, u16),
    age: Duration,
) -> String {
    let all = inventory::iter::<widget::Plugin>;
    let found = all.into_iter().find(|plugin| plugin.name() == name);
    let plugin = found.unwrap_or_else(|| panic!("there is no widget {name:?}"));
    let options = Options::parse(plugin.specs(), &[]);
    let options = options.unwrap_or_else(|error| panic!("{name}: {error}"));
    let mut widget = plugin.build(&options).unwrap_or_else(|error| panic!("{name}: {error}"));
    let read_at = Moment::from_secs(1000);
    let mut store = Store::new();
    for (source, readings) in sources {
        let instance = store.add(Described {
            provider: "testing",
            source: Source::named(source),
            interval: Duration::from_secs(1),
            tags: Arc::default(),
            groups: Default::default(),
            expected_offline: false,
            many: false,
            has_past: false,
            attached: false,
        });
        store.set_wanted(instance, true);
        let parts = vec![SourceReadings::own(read_at, readings.clone())];
        let answer = PollResult::of(parts);
        store.take(Update { instance, at: read_at, result: Ok(answer), retry: None, took: None });
    }
    let (snapshot, theme, settings) = (store.snapshot(), Theme::default(), Settings::default());
    let view = View::new(&snapshot.sources, read_at + age, &theme, &settings);
    let area = Rect::new(0, 0, width, height);
    let mut buffer = Buffer::empty(area);
    widget.draw(&view, area, &mut buffer);
    let mut text = widget.title(&view, area).words() + "\n";
    for row in buffer.content.chunks(usize::from(width.max(1))) {
        let line: String = row.iter().map(Cell::symbol).collect();
        text += line.trim_end();
        text.push('\n');
    }
    text
}
