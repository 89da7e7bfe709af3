//! `--list`: what there is to choose from, made of the same tables as everything else.

use crate::{
    cli::once,
    config::{layouts, schemes},
    log::Log,
    messages,
    tui::{
        bindings::Bindings,
        dashboard::demands::{OPENED, lasting_kinds},
        frame::age_of,
    },
};
use manytop_core::{
    config::{Config, GLOBALS, INSTANCE, Request, SECTIONS, globals},
    draw::number,
    engine::EngineInstance,
    options::{Need, Shape, Spec},
    provider::Instances,
    registry::Registry,
    source::Source,
};
use manytop_providers::ssh_config;
use std::{fmt::Write as _, io, process::ExitCode};

/// What `--list` can list.
pub const LISTS: &[&str] = &[
    "metrics",
    "providers",
    "widgets",
    "layouts",
    "colorschemes",
    "options",
    "keys",
    "alerts",
    "paths",
    "ssh",
    "devices",
    "history",
];

/// A list that needs no config; `None` for one that does.
pub fn without_config(what: &str, registry: &Registry, request: &Request) -> Option<String> {
    let mut out = String::new();
    match what {
        "providers" => providers(registry, &mut out),
        "widgets" => {
            for widget in registry.widgets() {
                row(&mut out, widget.name(), widget.about());
            }
        }
        "layouts" => {
            layouts::names().for_each(|name| row(&mut out, name, ""));
            own(&mut out, request, "layouts", "");
        }
        "colorschemes" => {
            schemes::names().for_each(|(name, about)| row(&mut out, name, about));
            own(&mut out, request, "colors", ".json");
            schemes::btop_names().iter().for_each(|name| row(&mut out, name, "btop's"));
        }
        "options" => options(registry, &mut out),
        "keys" => {
            let words: Vec<&str> = registry.widgets().iter().map(|w| w.name()).collect();
            let Ok(bindings) = Bindings::new(registry, &[]) else { return None };
            let mut last = "";
            for binding in bindings.of(&words) {
                let heading = binding.scope.heading();
                if heading != last {
                    let _ = writeln!(out, "{heading}:");
                    last = heading;
                }
                let left = format!("{:<22} {:<13} ", binding.action(), binding.shown());
                row(&mut out, &left, binding.command.help());
            }
        }
        "ssh" => {
            for host in ssh_config::hosts() {
                row(&mut out, &host.url, host.address.as_deref().unwrap_or_default());
            }
        }
        "paths" => {
            for folder in request.folders() {
                let _ = writeln!(out, "{}", folder.display());
            }
            if let Some(log) = Log::new(0).path() {
                row(&mut out, "log", &log.display().to_string());
            }
        }
        _ => return None,
    }
    Some(out)
}

/// A person's own files in the config folders.
fn own(out: &mut String, request: &Request, folder: &str, ending: &str) {
    for path in request.folders().iter().map(|f| f.join(folder)) {
        let files = std::fs::read_dir(&path).into_iter().flatten().flatten();
        let mut names: Vec<String> = files
            .filter_map(|f| f.file_name().to_str()?.strip_suffix(ending).map(str::to_owned))
            .collect();
        names.sort();
        names.iter().for_each(|name| row(out, name, &path.display().to_string()));
    }
}

/// The devices that can be seen now, by kind.
pub fn devices(instances: Vec<EngineInstance>, registry: &Registry) -> io::Result<ExitCode> {
    let mut out = String::new();
    for (kind, labels) in once::labels(instances, registry)? {
        let _ = writeln!(out, "{kind}:");
        for label in labels {
            let _ = writeln!(out, "  {label}");
        }
    }
    messages::print(&out)?;
    Ok(ExitCode::SUCCESS)
}

/// What a dashboard of this config keeps in memory, for the past of the whole screen.
pub fn history(config: &Config, instances: &[EngineInstance], registry: &Registry) -> String {
    let Some((span, memory)) = globals::history(&config.globals) else {
        return "history: off; only what graphs on the screen need is kept\n".into();
    };
    let span = age_of(span);
    let mut out = format!(
        "history: {span} within {}; what is oldest goes first (history, historymemory)\n",
        number::bytes(memory as f64)
    );
    let is_local = |instance: &&EngineInstance| instance.source == Source::Local;
    if let Some(refresh) = instances.iter().filter(is_local).map(|i| i.refresh).min() {
        let kinds = lasting_kinds(registry);
        let words: Vec<&str> = kinds.iter().map(|kind| kind.word()).collect();
        row(&mut out, "this machine", &format!("{}, every {}", words.join(" "), age_of(refresh)));
        row(&mut out, "", "of these a mean and a peak a minute for 24h");
        row(&mut out, "processes", "while they are listed");
    }
    let hosts = instances.iter().filter(|i| !is_local(i)).count();
    if hosts > 0 {
        row(&mut out, "hosts", "the figures of each that the layout shows, and its states");
        let opened = format!("all graphs of the {OPENED} that were opened last");
        row(&mut out, "", &opened);
    }
    out
}

fn row(out: &mut String, left: &str, right: &str) {
    let _ = writeln!(out, "{}", format!("  {left:<28} {right}").trim_end());
}

fn providers(registry: &Registry, out: &mut String) {
    for provider in registry.providers() {
        row(out, provider.name(), provider.about());
        for yields in provider.what() {
            let names: Vec<&str> = yields.quantities().iter().map(|q| q.name()).collect();
            row(out, &format!("  {}", yields.kind().word()), &names.join(" "));
        }
    }
}

fn options(registry: &Registry, out: &mut String) {
    out.push_str("global keys:\n");
    for global in GLOBALS {
        option(out, "", global.spec());
    }
    out.push_str("of every provider's instance:\n");
    for spec in INSTANCE {
        option(out, "PROVIDER-NAME-", spec);
    }
    for provider in registry.providers() {
        let prefix = match provider.instances() {
            Instances::One => format!("{}-", provider.name()),
            Instances::PerName => format!("{}-NAME-", provider.name()),
        };
        if !provider.specs().is_empty() {
            let _ = writeln!(out, "{}: {}", provider.name(), provider.about());
        }
        for spec in provider.specs() {
            option(out, &prefix, spec);
        }
    }
    out.push_str("discover: Files that name hosts\n");
    for spec in Config::discover_options(registry) {
        option(out, "discover-NAME-", spec);
    }
    for section in &SECTIONS {
        let _ = writeln!(out, "{}: {}", section.word, section.about);
        for spec in section.specs {
            option(out, &format!("{}-NAME-", section.word), spec);
        }
    }
    for widget in registry.widgets().iter().filter(|w| !w.specs().is_empty()) {
        let _ = writeln!(out, "widget {}: {}", widget.name(), widget.about());
        for spec in widget.specs() {
            option(out, &format!("widget-{}-", widget.name()), spec);
        }
    }
}

fn option(out: &mut String, prefix: &str, spec: &Spec) {
    let shape = match spec.shape() {
        Shape::Text => "text".to_owned(),
        Shape::Secret => "secret".to_owned(),
        Shape::Flag => "true or false".to_owned(),
        Shape::Duration => "duration".to_owned(),
        Shape::Path => "path".to_owned(),
        Shape::Count => "number".to_owned(),
        Shape::List => "list".to_owned(),
        Shape::Arguments => "program and arguments".to_owned(),
        Shape::OneOf(words) => words.join("|"),
    };
    let need = match spec.need() {
        Need::Required => ", required".to_owned(),
        Need::Optional | Need::Default("") => String::new(),
        Need::Default(default) => format!(", default {default}"),
    };
    row(out, &format!("{prefix}{}", spec.name()), &format!("{} ({shape}{need})", spec.help()));
}
