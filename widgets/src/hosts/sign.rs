//! The sign of a host: what is wrong with it, in one cell, the same in the table and on the map.

use manytop_plugin::{
    clock::Moment,
    health::State,
    host_metric::{Grade, Limits},
    ratatui_core::style::{Modifier, Style},
    theme::Theme,
    view::SourceView,
};

/// What is wrong with a host, the worst first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Sign {
    /// It does not answer, and the last attempt failed.
    Down,
    /// Its values are old.
    Stale,
    /// A figure is over a limit, or there is other trouble.
    Over,
    /// It answers, and nothing in the answer is known.
    Unread,
    /// Its next answer is overdue.
    Late,
    /// Nothing.
    Fine,
}

impl Sign {
    /// Those of trouble, in their order.
    pub const TROUBLE: [Sign; 5] = [Sign::Down, Sign::Stale, Sign::Over, Sign::Unread, Sign::Late];

    /// The sign of a source.
    pub fn of(source: &SourceView, now: Moment, limits: &Limits) -> Sign {
        match source.state(now) {
            State::Down => Sign::Down,
            State::Stale => Sign::Stale,
            State::Unread => Sign::Unread,
            State::Starting | State::Idle => Sign::Fine,
            _ if limits.is_over(source, now) => Sign::Over,
            _ if is_unread(source) => Sign::Unread,
            State::Late => Sign::Late,
            State::Live => Sign::Fine,
        }
    }

    /// Its character.
    pub const fn char(self) -> char {
        match self {
            Sign::Down => 'x',
            Sign::Stale => '?',
            Sign::Over => '!',
            Sign::Unread => 'u',
            Sign::Late => '~',
            Sign::Fine => ' ',
        }
    }

    /// Its colour.
    pub fn style(self, theme: &Theme) -> Style {
        match self {
            // without colours only the word DOWN is reversed
            Sign::Down if theme.is_mono() => theme.warn,
            Sign::Down => theme.crit,
            Sign::Over => theme.warn,
            Sign::Stale | Sign::Unread | Sign::Late => theme.stale,
            Sign::Fine => theme.dim,
        }
    }

    /// Its style in a cell of the map, which has a ground.
    pub const fn on_map(self, theme: &Theme) -> Style {
        match self {
            Sign::Down => theme.on_crit,
            Sign::Over => theme.on_warn,
            _ => theme.on_stale,
        }
    }
}

/// Whether a person is to look at a host: something is wrong with it, and nothing says that this is known.
pub fn needs_a_look(source: &SourceView, now: Moment, limits: &Limits) -> bool {
    match Sign::of(source, now, limits) {
        Sign::Fine => false,
        Sign::Down | Sign::Stale => !source.is_quiet(),
        _ => true,
    }
}

/// Whether it answers with nothing that is known. One that serves other hosts needs nothing of its own.
fn is_unread(source: &SourceView) -> bool {
    let instances = &source.instances;
    !source.is_front()
        && instances.iter().any(|i| i.health.last_good.is_some())
        // an answer that a dialect reads may hold nothing of the kinds that are on the screen
        && instances.iter().all(|i| i.devices.list.is_empty() && i.dialects.is_empty())
}

/// The style of a number of that grade.
pub fn graded(theme: &Theme, grade: Grade) -> Style {
    match grade {
        Grade::Fine => theme.text,
        Grade::Warning => theme.warn,
        Grade::Critical if theme.is_mono() => theme.warn,
        Grade::Critical => theme.crit.add_modifier(Modifier::BOLD),
    }
}
