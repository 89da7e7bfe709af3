//! What holds for every input whatever. The fuzz targets look for one for which it does not; `tests/properties` tries
//! those that were kept.
#![allow(clippy::unwrap_used, dead_code)]

use manytop_core::{
    config::{Config, Errors, Request, reserved_words},
    layout::{BoxFill, From, Item, Layout},
    provider::Selection,
    ratatui_core::layout::Rect,
    reading::Kind,
    registry::Registry,
};
use manytop_providers::{
    exposition::{
        adapter::{self, ParsedSeries},
        decoder::Decoder,
    },
    remote::{DialectCatalog, ScrapeParser},
};
use manytop_recording::{NameCatalog, ReplayStore, read_any};
use manytop_widgets as _;
use std::{cell::LazyCell, fs, path::Path, sync::Arc};

thread_local! {
    static REGISTRY: LazyCell<Registry> =
        LazyCell::new(|| Registry::load(&reserved_words()).unwrap());
    static LEXICON: LazyCell<Arc<DialectCatalog>> = LazyCell::new(|| Arc::new(DialectCatalog::new().unwrap()));
}

/// A body is read the same however it is cut, the second time as the first; and a line that is understood means the
/// same when it is written again.
pub fn exposition(body: &[u8]) {
    let catalog = LEXICON.with(|l| Arc::clone(l));
    let heard = |decoder: &Decoder| -> Vec<_> {
        let values = decoder.values().iter().map(|v| v.to_bits());
        decoder.series().iter().map(|k| k.bytes().to_vec()).zip(values).collect()
    };
    let mut whole = Decoder::new(catalog.clone());
    whole.begin();
    whole.feed(body);
    whole.end();
    let first = heard(&whole);
    let mut cut = Decoder::new(catalog.clone());
    let size = body.first().map_or(1, |b| usize::from(*b) % 37 + 1);
    cut.begin();
    body.chunks(size).for_each(|chunk| cut.feed(chunk));
    cut.end();
    assert_eq!(first, heard(&cut), "cut into {size} bytes each");
    assert_eq!(whole.left_out(), cut.left_out(), "cut into {size} bytes each");
    whole.begin();
    whole.feed(body);
    assert!(!whole.end(), "the same body has other series the second time");
    assert_eq!(first, heard(&whole), "the second time");

    let everything: Vec<Kind> =
        REGISTRY.with(|r| r.providers().iter().flat_map(|p| p.kinds()).collect());
    let mut parser = ScrapeParser::new(catalog, body.len() % 2 == 1);
    parser.read(body, &Selection::kinds(&everything));

    for line in body.split(|b| *b == b'\n').filter_map(|l| str::from_utf8(l).ok()) {
        if let Some(series) = adapter::parse(line) {
            let again = adapter::parse(&written(&series));
            let again = again.unwrap_or_else(|| panic!("{series:?} is not read again"));
            assert_eq!((&series.name, &series.labels), (&again.name, &again.labels));
            assert!(series.value.to_bits() == again.value.to_bits() || series.value.is_nan());
        }
    }
}

/// A series as the exposition format writes it.
pub fn written(series: &ParsedSeries) -> String {
    let escaped = |text: &str| text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n");
    let labels =
        series.labels.iter().map(|(k, v)| format!(",\"{}\"=\"{}\"", escaped(k), escaped(v)));
    format!("{{\"{}\"{}}} {}", escaped(&series.name), labels.collect::<String>(), series.value)
}

/// A configuration is refused with its reasons, or written again it means the same. The first byte chooses the format.
pub fn config(text: &[u8]) {
    let Some((format, text)) = text.split_first() else { return };
    let own = format!("manytop-fuzz-{}-{:?}", std::process::id(), std::thread::current().id());
    let folder = std::env::temp_dir().join(own);
    fs::create_dir_all(&folder).unwrap();
    let file = folder.join(if format % 2 == 0 { "x.conf" } else { "x.toml" });
    let load = |file: &Path| {
        let request = Request { file: Some(file.to_owned()), ..Request::bare() };
        REGISTRY.with(|registry| Config::load(&request, registry))
    };
    fs::write(&file, text).unwrap();
    config_holds(&folder, &file, load);
    fs::remove_dir_all(&folder).unwrap();
}

fn config_holds(folder: &Path, file: &Path, load: impl Fn(&Path) -> Result<Config, Errors>) {
    match load(file) {
        Err(errors) => {
            let said = errors.to_string();
            assert!(!said.trim().is_empty(), "refused without a reason");
            let seen = |c: char| c == '\n' || !c.is_control();
            assert!(said.chars().all(seen), "an error that a terminal would obey: {said:?}");
        }
        Ok(config) => {
            let written = config.to_conf();
            if written.contains("cannot be written in this format") {
                return;
            }
            let again = folder.join("again.conf");
            fs::write(&again, &written).unwrap();
            let again = load(&again).unwrap_or_else(|e| panic!("{e}\n{written}"));
            let means = |c: &Config| {
                let instances = c
                    .instances
                    .iter()
                    .map(|i| (i.plugin.name(), i.name.clone(), i.options.clone()));
                format!("{:?} {:?} {:?}", c.globals, instances.collect::<Vec<_>>(), c.widgets)
            };
            assert_eq!(means(&config), means(&again), "{written}");
        }
    }
}

/// A block of a recording is read or refused; so is a segment with these bytes behind its beginning. The first byte
/// chooses.
pub fn recording(bytes: &[u8]) {
    let Some((choice, bytes)) = bytes.split_first() else { return };
    if choice % 4 != 0 {
        read_any(bytes, &mut NameCatalog::default());
        return;
    }
    let own = format!("manytop-fuzz-{}-{:?}", std::process::id(), std::thread::current().id());
    let folder = std::env::temp_dir().join(own);
    fs::create_dir_all(&folder).unwrap();
    let mut segment = b"MANYTOPR\x01\0\0\0\0\0\0\0".to_vec();
    segment.extend_from_slice(bytes);
    fs::write(folder.join("00000001.mtr"), segment).unwrap();
    if let Err(error) = ReplayStore::open(&folder, NameCatalog::default()) {
        assert!(!error.to_string().is_empty(), "refused without a reason");
    }
    fs::remove_dir_all(&folder).unwrap();
}

/// A layout is refused with its reasons, or its items written again are the same, and they are side by side on
/// every screen.
pub fn layout(text: &[u8]) {
    let text = String::from_utf8_lossy(text);
    let parse = |text: &str| REGISTRY.with(|registry| Layout::parse("x", text, registry));
    let parsed = match parse(&text) {
        Ok(parsed) => parsed,
        Err(errors) => return assert!(!errors.is_empty(), "refused without a reason"),
    };
    let lines: Vec<_> = parsed.layout.items().iter().map(item).collect();
    let again = parse(&lines.join("\n")).unwrap_or_else(|e| panic!("{lines:#?}\n{e:#?}"));
    assert_eq!(again.warnings, Vec::<String>::new(), "{lines:#?}");
    let of = |layout: &Layout| layout.items().iter().map(item).collect::<Vec<_>>();
    assert_eq!(of(&again.layout), of(&parsed.layout));

    for (width, height) in [(0, 0), (1, 1), (9, 3), (80, 24), (211, 60), (u16::MAX, 7)] {
        let area = Rect { x: 3, y: 2, width, height };
        let wants = |item: usize, width: u16| match (item + usize::from(width) / 64) % 4 {
            _ if item % 5 == 3 => BoxFill::Empty,
            0 => BoxFill::Rows(item as u16),
            _ => BoxFill::All,
        };
        let placed = parsed.layout.place(area, &wants);
        for (nth, (number, rect)) in placed.iter().enumerate() {
            assert!(*number < parsed.layout.items().len() && !rect.is_empty());
            assert_eq!(rect.intersection(area), *rect, "{rect:?} is not inside {area:?}");
            let over = placed[nth + 1..].iter().find(|(_, other)| other.intersects(*rect));
            assert_eq!(over, None, "over {rect:?} of {area:?}");
        }
    }
}

/// An item as the layout language writes it.
pub fn item(item: &Item) -> String {
    let from = |from: &From| match from {
        From::Tag(tag) => format!("#{tag}"),
        From::Glob(glob) => glob.clone(),
        From::Name(name) => quoted(name),
        From::Cursor => ">".to_owned(),
    };
    let from: Vec<_> = item.from.iter().map(from).collect();
    let at = if from.is_empty() { "" } else { "@" };
    format!("{}:{}{at}{}/{}", item.span, item.widget.name(), from.join(","), item.weight)
}

/// A name that is meant exactly as it is.
pub fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('\\', "\\\\").replace('"', "\\\""))
}
