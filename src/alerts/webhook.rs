//! The sink `-webhook`: posts notices as JSON, or alerts to Alertmanager's v2 API, which are sent again while
//! they fire and resolved when they end.

use super::{
    Report,
    delivery::{DeliveryQueue, WAITING, deliver},
};
use manytop_core::{
    alert::Severity,
    alerts::{
        AlertChange, AlertEvent, AlertRule, AlertRules, AlertTracker, Notice, SavedDocument,
        Webhook, WebhookForm, timestamp,
    },
    engine::Engine,
    provider::with_name,
};
use manytop_providers::http::post::Poster;
use serde_json::{Value, json};
use std::{
    collections::HashMap,
    sync::Arc,
    time::{Duration, Instant, SystemTime},
};

/// The path of Alertmanager's API.
const ALERTMANAGER: &str = "/api/v2/alerts";
/// Alertmanager is told again of what fires after this time,
const AGAIN: Duration = Duration::from_secs(60);
/// and takes it for resolved after this one.
const LASTS: Duration = Duration::from_secs(300);

/// One address and what waits for it.
struct Outlet {
    webhook: Webhook,
    queue: Arc<DeliveryQueue>,
}

/// All addresses.
#[derive(Default)]
pub struct Webhooks {
    outlets: HashMap<Arc<str>, Outlet>,
    /// Queues of an earlier config that are not empty yet.
    closed: Vec<Arc<DeliveryQueue>>,
    sent_again: Option<SystemTime>,
    report: Option<Report>,
}

fn poster(webhook: &Webhook) -> Result<Poster, (&'static str, String)> {
    let path = if webhook.form == WebhookForm::Alertmanager { ALERTMANAGER } else { "" };
    Poster::new(
        &webhook.url,
        path,
        webhook.username.as_deref(),
        webhook.password_file.as_deref(),
        webhook.ca_file.as_deref(),
    )
}

/// Checks all webhooks without connecting.
pub fn check(rules: &AlertRules) -> Result<(), Vec<(Arc<str>, String, String)>> {
    let wrong = |rule: &AlertRule| {
        let (option, problem) = poster(rule.webhook.as_ref()?).err()?;
        let option = match option {
            "url" => "webhook".to_owned(),
            other => format!("webhook_{other}"),
        };
        Some((rule.name.clone(), option, with_name(&problem, &rule.name)))
    };
    let all: Vec<_> = rules.all.iter().chain(&rules.watched).filter_map(wrong).collect();
    if all.is_empty() { Ok(()) } else { Err(all) }
}

impl Webhooks {
    /// A task on the engine's thread for each rule with a webhook.
    pub fn start(rules: &AlertRules, engine: &Engine, report: Report) -> Webhooks {
        let mut outlets = HashMap::new();
        for rule in rules.all.iter().chain(&rules.watched) {
            let Some(webhook) = &rule.webhook else { continue };
            // the config was checked before; a file that is gone since is said
            let poster = match poster(webhook) {
                Ok(poster) => poster,
                Err((_, problem)) => {
                    report(format!("alert-{}-webhook: {problem}", rule.name));
                    continue;
                }
            };
            let queue = Arc::new(DeliveryQueue::new(rule.name.clone()));
            engine.spawn(deliver(queue.clone(), poster, report.clone()));
            outlets.insert(rule.name.clone(), Outlet { webhook: webhook.clone(), queue });
        }
        Webhooks { outlets, closed: Vec::new(), sent_again: None, report: Some(report) }
    }

    /// Starts again with the rules of another config. What waits is still delivered where it was to go.
    pub fn restart(&mut self, rules: &AlertRules, engine: &Engine, report: Report) {
        let mut before = std::mem::replace(self, Webhooks::start(rules, engine, report));
        self.closed = std::mem::take(&mut before.closed);
        self.closed.extend(before.outlets.into_values().map(|outlet| outlet.queue));
        self.closed.iter().for_each(|queue| queue.close());
        self.closed.retain(|queue| !queue.is_empty());
    }

    fn put(&self, rule: &str, document: &Value) {
        self.put_text(rule, document.to_string(), SystemTime::now());
    }

    fn put_text(&self, rule: &str, text: String, at: SystemTime) {
        let Some(outlet) = self.outlets.get(rule) else { return };
        if !outlet.queue.add(text, at)
            && let Some(report) = &self.report
        {
            report(format!(
                "alert-{rule}-webhook: {WAITING} documents wait already; one is left out"
            ));
        }
    }

    /// Goes on with what an earlier run has not delivered.
    pub fn restore(&self, documents: Vec<SavedDocument>) {
        for SavedDocument { rule, at, text } in documents {
            self.put_text(&rule, text, at);
        }
    }

    /// Waits until all is delivered, an attempt fails, or a time comes. Returns what is left.
    pub fn wait(&self, until: Instant) -> Vec<SavedDocument> {
        let queues = self.closed.iter().chain(self.outlets.values().map(|outlet| &outlet.queue));
        queues.flat_map(|queue| queue.wait(until)).collect()
    }

    fn form(&self, rule: &str) -> Option<WebhookForm> {
        self.outlets.get(rule).map(|outlet| outlet.webhook.form)
    }

    /// Sends a notice where its rule says.
    pub fn send(&self, rule: &AlertRule, notice: &Notice) {
        match self.form(&rule.name) {
            None => {}
            Some(WebhookForm::Json) => self.put(&rule.name, &notice.to_json()),
            Some(WebhookForm::Alertmanager) => {
                let all = notice.events.iter().map(|event| {
                    let ends = match event.change {
                        AlertChange::Resolved => event.at,
                        AlertChange::Firing | AlertChange::Ended => event.at + LASTS,
                    };
                    let device = event.device.as_deref();
                    let host = event.source.name();
                    let group = event.tags.first().map(String::as_str);
                    let labels =
                        AlertLabels { rule, severity: event.severity, host, device, group };
                    labels.alert(&event.text, event.since, ends)
                });
                self.put(&rule.name, &Value::Array(all.collect()));
            }
        }
    }

    /// Tells Alertmanager again of what fires: it forgets what it has not heard of for some minutes.
    pub fn resend(&mut self, tracker: &AlertTracker, wall: SystemTime) {
        let all = self.outlets.values();
        if !all.into_iter().any(|outlet| outlet.webhook.form == WebhookForm::Alertmanager) {
            return;
        }
        let last = *self.sent_again.get_or_insert(wall);
        if wall >= last && wall.duration_since(last).unwrap_or_default() < AGAIN {
            return;
        }
        self.sent_again = Some(wall);
        let board = tracker.board(wall);
        for (name, _) in
            self.outlets.iter().filter(|(_, o)| o.webhook.form == WebhookForm::Alertmanager)
        {
            let Some(rule) = tracker.rule(name) else { continue };
            let firing = board.firing.iter().filter(|alert| {
                let begun = wall.duration_since(alert.since).unwrap_or_default();
                alert.rule == *name && !alert.acknowledged && begun >= AGAIN / 2
            });
            let all: Vec<Value> = firing
                .map(|alert| {
                    let labels = AlertLabels {
                        rule,
                        severity: alert.severity,
                        host: alert.source.name(),
                        device: alert.device.as_deref(),
                        group: tracker.group_of(alert),
                    };
                    labels.alert(&alert.text, alert.since, wall + LASTS)
                })
                .collect();
            if !all.is_empty() {
                self.put(name, &Value::Array(all));
            }
        }
    }

    /// Alerts that were acknowledged while they fired are resolved at Alertmanager too.
    pub fn keep(&self, events: &[AlertEvent], tracker: &AlertTracker) {
        for event in events {
            let is_told = event.acknowledged && event.change == AlertChange::Resolved;
            if let Some(rule) = tracker.rule(&event.rule).filter(|_| is_told)
                && self.form(&event.rule) == Some(WebhookForm::Alertmanager)
            {
                let (change, name) = (event.change, event.rule.clone());
                let events = vec![event.clone()];
                self.send(rule, &Notice { change, rule: name, events });
            }
        }
    }
}

/// What identifies an alert at Alertmanager.
struct AlertLabels<'a> {
    rule: &'a AlertRule,
    severity: Severity,
    host: &'a str,
    device: Option<&'a str>,
    group: Option<&'a str>,
}

impl AlertLabels<'_> {
    fn alert(&self, text: &str, starts: SystemTime, ends: SystemTime) -> Value {
        let mut labels = json!({
            "alertname": &*self.rule.name,
            "severity": self.severity.word(),
            "instance": self.host,
            "job": "manytop",
        });
        if let Some(labels) = labels.as_object_mut() {
            let more = [("device", self.device), ("group", self.group)];
            for (name, value) in more.into_iter().filter_map(|(n, v)| Some((n, v?))) {
                labels.insert(name.into(), value.into());
            }
        }
        json!({
            "labels": labels,
            "annotations": { "summary": format!("{} {text}", self.host), "description": self.rule.about },
            "startsAt": timestamp(starts),
            "endsAt": timestamp(ends),
        })
    }
}
