//! Alerts on the screen: what is logged, acknowledged and watched.

use super::dashboard::Dashboard;
use crate::{
    alerts::{AlertService, News},
    recording::plan::ActiveRecording,
};
use manytop_core::{
    alerts::{AckTarget, ProcessWatch},
    clock::Moment,
    draw,
    engine::Engine,
    view::Snapshot,
    widget::WatchedProcess,
};
use std::{
    sync::Arc,
    time::{Duration, SystemTime},
};

/// Logs, records and shows what an observation of alerts has brought.
pub fn tell(
    news: News,
    alerts: &AlertService,
    recording: Option<&ActiveRecording>,
    board: &mut Dashboard,
) {
    if let Some(recording) = recording {
        recording.alerts(&news.events);
    }
    for (line, warns) in news.lines {
        match warns {
            true => board.warn(line, Moment::now()),
            false => board.journal.tell(&line),
        }
    }
    show(alerts, board);
}

pub fn show(alerts: &AlertService, board: &mut Dashboard) {
    board.live_alerts = alerts.board();
    let past = alerts.past();
    if !Arc::ptr_eq(&board.past.fired, &past) {
        board.past.fired = past;
        board.past.alerts = alerts.marks();
    }
    if board.acknowledged != alerts.acknowledged() {
        board.acknowledged = alerts.acknowledged().to_vec();
    }
}

/// A host or an alert is known. A host that is well has nothing to acknowledge.
pub fn acknowledge(
    target: AckTarget,
    span: Option<Duration>,
    (snapshot, engine): (&Snapshot, &Engine),
    alerts: &mut AlertService,
    recording: Option<&ActiveRecording>,
    board: &mut Dashboard,
) {
    let now = Moment::now();
    let limits = &board.parts.settings.limits;
    if let (AckTarget::Host(source), None) = (&target, span) {
        let Some(known) = snapshot.find(source) else { return };
        let state = known.state(now);
        let fires = alerts.board().firing.iter().any(|alert| alert.source == *source);
        if !state.is_old() && !fires && limits.all_over(known, now).next().is_none() {
            return board.say(format!("{source} is {state}: nothing to acknowledge"), now);
        }
    }
    let until = match span {
        None => "until it recovers".to_owned(),
        Some(span) => format!("for {}", draw::number::span(span.as_secs_f64())),
    };
    let text = format!("acknowledged {until}: {}", target.words());
    if let Some(recording) = recording {
        recording.acknowledged(&target, &text);
    }
    alerts.acknowledge(target, span, engine);
    board.journal.tell(&text);
    board.say(text, now);
    show(alerts, board);
}

/// An acknowledgement is lifted.
pub fn lift(
    target: &AckTarget,
    engine: &Engine,
    alerts: &mut AlertService,
    recording: Option<&ActiveRecording>,
    board: &mut Dashboard,
) {
    alerts.lift(target, engine);
    let text = format!("no longer acknowledged: {}", target.words());
    if let Some(recording) = recording {
        recording.acknowledged(target, &text);
    }
    board.journal.tell(&text);
    board.say(text, Moment::now());
    show(alerts, board);
}

/// A process is watched until it ends, or no longer.
pub fn watch(process: WatchedProcess, alerts: &mut AlertService, board: &mut Dashboard) {
    let now = Moment::now();
    let since_1970 = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    let ran = process.started.map(|started| since_1970.as_secs_f64() - started as f64);
    let ran = ran.filter(|ran| *ran >= 0.0).map(Duration::from_secs_f64);
    let words = format!("{} ({}) of {}", process.name, process.pid, process.source);
    let WatchedProcess { source, pid, generation, name, .. } = process;
    let watched = alerts.watch(ProcessWatch { source, pid, generation, name, since: now, ran });
    let text = match watched {
        true => format!("watched until it ends: {words}"),
        false => format!("no longer watched: {words}"),
    };
    board.journal.tell(&text);
    board.say(text, now);
}
