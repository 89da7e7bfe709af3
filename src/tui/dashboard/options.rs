//! Options that are changed from inside.

use super::{
    super::{add_host::AddHostBox, options::OptionsBox},
    Dashboard, Effect, KeyChange, Overlay,
};
use crate::config::{layouts, schemes};
use manytop_core::{config::Config, source::Source};

impl Dashboard {
    /// Opens the options.
    pub(super) fn open_options(&mut self) {
        let Some(config) = &self.config else { return };
        let states = config.key_states(&self.parts.registry);
        let themes = schemes::names().map(|(name, _)| name.to_owned());
        let themes = themes.chain(schemes::btop_names()).collect();
        let layouts = layouts::all_names(&self.parts.folders).into_iter().collect();
        let words = vec![("theme", themes), ("layout", layouts)];
        self.overlay = Some(Overlay::Options(OptionsBox::new(states, words)));
    }

    /// Asks for a host to add.
    pub(super) fn open_add_host(&mut self) {
        let Some(config) = &self.config else { return };
        let states = config.key_states(&self.parts.registry).into_iter();
        let set = states.filter(|state| state.origin.is_some()).filter_map(|state| {
            let name = state.key.strip_prefix("remote-")?.strip_suffix("-url")?;
            Some(name.to_owned())
        });
        self.overlay = Some(Overlay::AddHost(AddHostBox::new(set.collect())));
    }

    /// The host that is being added.
    pub(super) fn added(&self) -> Option<Source> {
        match &self.overlay {
            Some(Overlay::AddHost(host)) => host.source(),
            _ => None,
        }
    }

    /// Takes the config that is in force now.
    pub fn take_config(&mut self, config: Config) {
        if let Some(Overlay::Options(options)) = &mut self.overlay {
            options.refresh(config.key_states(&self.parts.registry));
            options.say(None);
        }
        self.config = Some(config);
    }

    /// Says in the options, where they are open, what came of a change.
    pub fn say_of_option(&mut self, text: String, is_done: bool) {
        match &mut self.overlay {
            Some(Overlay::Options(options)) => options.say(Some(text)),
            Some(Overlay::AddHost(host)) => host.say(text, is_done),
            _ => {}
        }
    }

    /// An option of the box with the keys, changed in the box itself, for this run.
    pub(super) fn set_option(&mut self, option: &str, value: String) -> Effect {
        let screen = self.screen();
        let Some(pane) = screen.tiles.get(screen.keys) else { return Effect::Draw };
        let widget = pane.item.widget;
        let key = format!("widget-{}-{option}", widget.name());
        // the box shows it already: it is not built again for it
        let spec = widget.specs().iter().find(|spec| spec.name() == option);
        if let (Some(spec), Some(options)) =
            (spec, self.parts.widget_options.get_mut(widget.name()))
        {
            let _ = options.put(spec, Some(&value)); // it comes from the box
        }
        Effect::Option(KeyChange { key, value: Some(value), keep: false })
    }
}
