//! What a plugin's own tests are made of: ask a provider and draw a widget by their names, as a config
//! and a layout would, and compare texts.

use crate::{
    clock::Moment,
    options::Options,
    provider::{self, Build, Failure, Want},
    reading::{Answer, Part, Reading},
    source::Source,
    store::{Described, Store, Update},
    theme::Theme,
    view::{Settings, View},
    widget,
};
use ratatui_core::{
    buffer::{Buffer, Cell},
    layout::Rect,
};
use std::{fmt::Write, sync::Arc, time::Duration};

/// Builds the provider of that name with these options, and asks it once for all it has: a device a
/// line, as [`lines`] writes them.
///
/// # Errors
/// What the provider says that went wrong.
///
/// # Panics
/// There is no such provider in this program, or it refuses its options.
pub fn asked(name: &str, given: &[(&str, &str)]) -> Result<String, Failure> {
    let all = inventory::iter::<provider::Plugin>;
    let found = all.into_iter().find(|plugin| plugin.name() == name);
    let plugin = found.unwrap_or_else(|| panic!("there is no provider {name:?}"));
    let options = Options::parse(plugin.specs(), given);
    let options = options.unwrap_or_else(|error| panic!("{name}: {error}"));
    let mut want = Want::nothing();
    for yields in plugin.what() {
        let all: Vec<_> = yields.quantities().iter().map(|q| q.name()).collect();
        want.add(yields.kind(), &all);
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

/// Readings as text, a device a line: its name, then `quantity=value` and `text="value"`.
pub fn lines(readings: &[Reading]) -> String {
    let mut text = String::new();
    for reading in readings {
        text += &reading.device;
        // Writing to a String does not fail.
        for (quantity, value) in reading.values.iter() {
            let _ = write!(text, " {}={value}", quantity.name());
        }
        for (name, value) in reading.texts.iter() {
            let _ = write!(text, " {}={value:?}", name.name());
        }
        text.push('\n');
    }
    text
}

/// Builds the widget of that name with its defaults and draws it `age` after these sources were read:
/// its title and its rows, without colours, blanks at the ends of lines left out.
///
/// # Panics
/// There is no such widget in this program, or it refuses its own defaults.
pub fn drawn(
    name: &str,
    sources: &[(&str, Vec<Reading>)],
    (width, height): (u16, u16),
    age: Duration,
) -> String {
    let all = inventory::iter::<widget::Plugin>;
    let found = all.into_iter().find(|plugin| plugin.name() == name);
    let plugin = found.unwrap_or_else(|| panic!("there is no widget {name:?}"));
    let options = Options::parse(plugin.specs(), &[]);
    let options = options.unwrap_or_else(|error| panic!("{name}: {error}"));
    let mut widget = plugin.build(&options).unwrap_or_else(|error| panic!("{name}: {error}"));
    let taken = Moment::from_secs(1000);
    let mut store = Store::new();
    for (source, readings) in sources {
        let instance = store.add(Described {
            provider: "testing",
            source: Source::named(source),
            interval: Duration::from_secs(1),
            tags: Arc::default(),
            groups: Default::default(),
            expected_offline: false,
        });
        store.set_wanted(instance, true);
        let parts = vec![Part::own(taken, readings.clone())];
        let answer = Answer::of(parts);
        store.take(Update { instance, at: taken, result: Ok(answer), retry: None, took: None });
    }
    let (snapshot, theme, settings) = (store.snapshot(), Theme::default(), Settings::default());
    let view = View::new(&snapshot.sources, taken + age, &theme, &settings);
    let area = Rect::new(0, 0, width, height);
    let mut buffer = Buffer::empty(area);
    widget.draw(&view, area, &mut buffer);
    let mut text = widget.title(&view, area).left + "\n";
    for row in buffer.content.chunks(usize::from(width.max(1))) {
        let line: String = row.iter().map(Cell::symbol).collect();
        text += line.trim_end();
        text.push('\n');
    }
    text
}
