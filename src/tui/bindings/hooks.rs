//! Hooks of a config in the table of keys.

use super::{Binding, Scope, parse};
use crate::hooks::Hook;
use manytop_core::widget::Command;
use std::sync::{Mutex, PoisonError};

/// What the action of a hook begins with.
pub const HOOK: &str = "hook_";

/// The bindings of hooks; keys that cannot be read are added to `errors`.
pub(super) fn bindings(hooks: &[Hook], errors: &mut Vec<(String, String)>) -> Vec<Binding> {
    let binding = |hook: &Hook| {
        let scope = hook.widget.map_or(Scope::Everywhere, Scope::Widget);
        let name = format!("{HOOK}{}", hook.name);
        let mut wrong = Vec::new();
        let keys = parse(&hook.key, &name, &mut wrong);
        let of_hook = |(_, why)| (name.clone(), format!("hook-{}-key: {why}", hook.name));
        errors.extend(wrong.into_iter().map(of_hook));
        Binding { scope, command: Command::new(kept(&name), "", kept(&hook.about)), keys }
    };
    hooks.iter().map(binding).collect()
}

/// Words of a config for the table of keys, which lives as long as the program. Each is kept once.
fn kept(words: &str) -> &'static str {
    static ALL: Mutex<Vec<&'static str>> = Mutex::new(Vec::new());
    let mut all = ALL.lock().unwrap_or_else(PoisonError::into_inner);
    match all.iter().find(|known| **known == words) {
        Some(known) => known,
        None => {
            let new: &'static str = Box::leak(words.to_owned().into_boxed_str());
            all.push(new);
            new
        }
    }
}
