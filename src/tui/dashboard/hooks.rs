//! What is asked before something is acknowledged, and programs that a key starts.

use super::{super::acknowledge::UntilBox, *};
use crate::hooks::HookContext;
use manytop_core::alerts::timestamp;
use std::time::SystemTime;

impl Dashboard {
    /// Asks until when something is acknowledged; lifts it where it is already.
    pub(super) fn ask_until(&mut self, target: AckTarget) -> Effect {
        if self.acknowledged.iter().any(|entry| entry.target == target) {
            return Effect::Lift(target);
        }
        self.overlay = Some(Overlay::Until(UntilBox::new(target)));
        Effect::Draw
    }

    /// Starts the hook of that name for what is under the cursor, or asks first.
    pub(super) fn start_hook(&mut self, name: &str, snapshot: &Snapshot, now: Moment) -> Effect {
        let Some(hook) = self.parts.hooks.iter().find(|hook| &*hook.name == name).cloned() else {
            return Effect::None;
        };
        let context = self.hook_context(snapshot, now);
        match hook.order(&context, &self.parts.addresses) {
            Ok(order) if hook.confirm => {
                self.overlay = Some(Overlay::Confirm(order));
                Effect::Draw
            }
            Ok(order) => Effect::Hook(order),
            Err(problem) => {
                self.say(format!("hook {name}: {problem}"), now);
                Effect::Draw
            }
        }
    }

    /// What is under the cursor: of the box that has the keys, else of the list of hosts.
    fn hook_context(&mut self, snapshot: &Snapshot, now: Moment) -> HookContext {
        let listed = self.main.selected.clone();
        let (screen, only) = match &mut self.opened {
            Some((source, screen)) => (screen, Some(&*source)),
            None => (&mut self.main, None),
        };
        let seen = FrameContext { snapshot, only, now };
        let asked = screen.ask(screen.keys, &self.parts, seen, |widget, view| {
            (
                widget.selected_device(view),
                widget.selected(view),
                view.alone().map(|s| s.source.clone()),
            )
        });
        let (device, host, alone) = asked.unwrap_or_default();
        let of_device = device.as_ref().map(|(source, ..)| source.clone());
        let source = of_device.or(host).or_else(|| only.cloned()).or(listed).or(alone);
        let instant = SystemTime::now().checked_sub(Moment::now().since(now));
        HookContext {
            source,
            device: device.map(|(_, kind, name)| (name, kind.word())),
            time: timestamp(instant.unwrap_or_else(SystemTime::now)),
        }
    }
}
