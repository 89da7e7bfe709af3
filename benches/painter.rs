//! What a frame costs on its way to the terminal: manytop's painter, and ratatui's `Terminal` with its backend of
//! crossterm. Both are given the same frames, of the recording that `manytop --demo` shows.
//!
//! `cargo bench --bench painter`

#![allow(clippy::unwrap_used, clippy::print_stdout)]

use manytop::frames::{self, Painter};
use ratatui::{Terminal, TerminalOptions, Viewport, backend::CrosstermBackend, buffer::Buffer};
use std::{
    cell::Cell,
    io::{self, Write},
    rc::Rc,
    time::{Duration, Instant},
};

/// So many frames, a second of the recording apart.
const FRAMES: usize = 300;
/// So often are they written; the fastest time counts.
const ROUNDS: usize = 5;

/// Counts bytes and writes.
#[derive(Clone, Default)]
struct Sink(Rc<Cell<(u64, u64)>>);

impl Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let (total, writes) = self.0.get();
        self.0.set((total + bytes.len() as u64, writes + 1));
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Bytes, writes and time of the frames after the first.
type Cost = (u64, u64, Duration);
/// Writes frames, and counts.
type Way = fn(&[Buffer]) -> Cost;

fn by_painter(frames: &[Buffer]) -> Cost {
    let mut painter = Painter::new(frames[0].area, frames::modern().unwrap());
    let (mut out, mut sink, mut began) = (Vec::new(), Sink::default(), Instant::now());
    for (nth, frame) in frames.iter().enumerate() {
        out.clear();
        painter.paint(frame, &mut out);
        if !out.is_empty() {
            sink.write_all(&out).unwrap();
        }
        if nth == 0 {
            (sink, began) = (Sink::default(), Instant::now());
        }
    }
    let (bytes, writes) = sink.0.get();
    (bytes, writes, began.elapsed())
}

fn by_ratatui(frames: &[Buffer]) -> Cost {
    let sink = Sink::default();
    // with a buffer, without which each cell is a write of its own
    let backend = CrosstermBackend::new(io::BufWriter::with_capacity(128 << 10, sink.clone()));
    let viewport = Viewport::Fixed(frames[0].area);
    let mut terminal = Terminal::with_options(backend, TerminalOptions { viewport }).unwrap();
    let mut began = Instant::now();
    let mut copied = Duration::ZERO;
    for (nth, frame) in frames.iter().enumerate() {
        let draw = |shown: &mut ratatui::Frame<'_>| {
            // manytop draws into a buffer of its own in both cases: the copy is not counted
            let at = Instant::now();
            shown.buffer_mut().clone_from(frame);
            copied += at.elapsed();
        };
        terminal.draw(draw).unwrap();
        if nth == 0 {
            sink.0.set((0, 0));
            (began, copied) = (Instant::now(), Duration::ZERO);
        }
    }
    let (bytes, writes) = sink.0.get();
    (bytes, writes, began.elapsed().saturating_sub(copied))
}

fn main() {
    println!("| size | written by | bytes a frame | time a frame |");
    println!("|---|---|---|---|");
    for size in [(80, 24), (160, 48), (240, 80)] {
        let frames = frames::of_demo(size, FRAMES).unwrap();
        let ways: [(&str, Way); 2] =
            [("manytop's painter", by_painter), ("ratatui and crossterm", by_ratatui)];
        for (name, way) in ways {
            let costs = (0..ROUNDS).map(|_| way(&frames));
            let (bytes, _, time) = costs.min_by_key(|(.., time)| *time).unwrap();
            let each = (frames.len() - 1) as u64;
            println!(
                "| {}x{} | {name} | {} | {:.0} µs |",
                size.0,
                size.1,
                bytes / each,
                time.as_secs_f64() * 1e6 / each as f64
            );
        }
    }
}
