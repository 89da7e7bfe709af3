//! A manytop with the smallest provider and the smallest widget that the plugin API allows: descriptions without any
//! optional part, traits without any optional method. It must compile unchanged when descriptions get new parts.

use manytop_plugin::{
    inventory,
    options::Options,
    provider::{self, BuildError, Failure, Provides, Reader, Selection},
    ratatui_core::{buffer::Buffer, layout::Rect},
    reading::{DeviceReading, Kind, Metric, PollResult, Unit},
    view::View,
    widget::{self, Title, Wants, Widget},
};
use std::process::ExitCode;

const DICE: Kind = Kind::new("dice");

static EYES: Metric = Metric::gauge("eyes", Unit::Count, "What the die shows");

inventory::submit! {
    provider::Plugin::reads("dice", "A die that always shows six.", dice)
        .yields(&[Provides::new(DICE, &[&EYES])])
}
inventory::submit! {
    widget::Plugin::new("dice", "A die.", |_| Ok(Box::new(Die)))
}

fn dice(_: &Options) -> Result<Box<dyn Reader>, BuildError> {
    Ok(Box::new(Die))
}

struct Die;

impl Reader for Die {
    fn read(&mut self, _: &Selection) -> Result<PollResult, Failure> {
        Ok(PollResult::now(vec![DeviceReading::new(DICE, "die").with(&EYES, 6.0)]))
    }
}

impl Widget for Die {
    fn wants(&self) -> Wants {
        Wants { want: Selection::kinds(&[DICE]), ..Wants::default() }
    }

    fn title(&self, _: &View<'_>, _: Rect) -> Title {
        Title::new("a die")
    }

    fn draw(&mut self, view: &View<'_>, area: Rect, buffer: &mut Buffer) {
        let dice = view.devices(DICE).filter_map(|shown| shown.device.value(&EYES));
        for (y, eyes) in (area.y..area.bottom()).zip(dice) {
            let text = format!("{eyes} eyes");
            buffer.set_stringn(area.x, y, text, usize::from(area.width), view.theme.text);
        }
    }
}

fn main() -> ExitCode {
    manytop::main()
}
