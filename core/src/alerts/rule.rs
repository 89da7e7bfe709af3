//! AlertRules: conditions with their times, and where their notices go.

use super::{Probe, built_in};
use crate::{
    alert::Severity,
    config::{Config, NamedOptions, alert as keys, globals},
    filter::Expression,
    options::{Options, Secret, Spec},
    spelling::nearest,
};
use std::{path::PathBuf, sync::Arc, time::Duration};

/// The form of a webhook's body.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum WebhookForm {
    /// One JSON document for each notice.
    Json,
    /// A list of alerts for Alertmanager's v2 API.
    Alertmanager,
}

/// Where notices are posted.
#[derive(Clone, PartialEq, Debug)]
pub struct Webhook {
    /// The URL.
    pub url: Secret,
    /// What is sent.
    pub form: WebhookForm,
    /// User for basic authentication.
    pub username: Option<String>,
    /// The file with the password.
    pub password_file: Option<PathBuf>,
    /// Certificates of authorities to trust.
    pub ca_file: Option<PathBuf>,
}

/// One rule.
#[derive(Clone, PartialEq, Debug)]
pub struct AlertRule {
    /// Its NAME.
    pub name: Arc<str>,
    /// The condition; `None` where a quantity that it needs is not known to this program.
    pub probe: Option<Probe>,
    /// The condition in words, for lists.
    pub about: String,
    /// How long the condition holds before it fires, and how long the end holds before it is resolved.
    pub hold: Duration,
    /// The condition that ends it; otherwise the opposite of the first.
    pub until: Option<Expression>,
    /// How bad it is.
    pub severity: Severity,
    /// The hosts it is for.
    pub hosts: Option<Expression>,
    /// It tells once when a device for which the condition held is gone.
    pub gone: bool,
    /// It comes with manytop and adds no demand.
    pub is_built_in: bool,
    /// The bell rings.
    pub bell: bool,
    /// A program with its arguments.
    pub run: Vec<String>,
    /// Where notices are posted.
    pub webhook: Option<Webhook>,
}

impl AlertRule {
    /// Stands in for a rule that left the config: a name, without condition or sinks.
    pub(super) fn without_condition(name: Arc<str>) -> AlertRule {
        AlertRule {
            name,
            probe: None,
            about: String::new(),
            hold: Duration::ZERO,
            until: None,
            severity: Severity::Warning,
            hosts: None,
            gone: false,
            is_built_in: false,
            bell: false,
            run: Vec::new(),
            webhook: None,
        }
    }

    /// Whether a notice leaves the program.
    pub fn goes_somewhere(&self) -> bool {
        !self.run.is_empty() || self.webhook.is_some()
    }
}

/// All rules of a config.
#[derive(Clone, PartialEq, Default, Debug)]
pub struct AlertRules {
    /// The rules, those of the config first.
    pub all: Vec<AlertRule>,
    /// How an ended process that was watched is told: the sinks of the rule `process`, or of NAME `*`.
    pub watched: Option<AlertRule>,
}

/// The rule that gives watched processes their sinks.
pub(super) const PROCESS: &str = "process";

impl AlertRules {
    /// The rules of a config: its own, and the built-in ones that it does not replace.
    ///
    /// # Errors
    /// All that is wrong, with file, line, key and column.
    pub fn from_config(config: &Config) -> Result<AlertRules, Vec<String>> {
        let (mut rules, mut errors) = (AlertRules::default(), Vec::new());
        let with_built_in = config.globals.get(&globals::ALERTS) == "default";
        for named in config.section("alert") {
            if &*named.name == "*" {
                continue;
            }
            match configured(config, named) {
                Ok(rule) if &*rule.name == PROCESS && rule.probe.is_none() => {
                    rules.watched = Some(rule);
                }
                Ok(rule) => rules.all.push(rule),
                Err(mut problems) => errors.append(&mut problems),
            }
        }
        let all = config.section("alert").find(|named| &*named.name == "*");
        if let Some(all) = all.filter(|_| with_built_in) {
            for built_in in built_in::ALL {
                if rules.all.iter().all(|rule| &*rule.name != built_in.name) {
                    rules.all.push(built_in.rule(&all.options));
                }
            }
        }
        if rules.watched.is_none() {
            let own = rules.all.iter().find(|rule| &*rule.name == PROCESS).cloned();
            let shared = all.map(|all| AlertRule { bell: true, ..sinks(PROCESS, &all.options) });
            rules.watched = own.or(shared);
        }
        match errors.is_empty() {
            true => Ok(rules),
            false => Err(errors),
        }
    }

    /// The rules for one look that compares with limits and looks at states by itself: without their times,
    /// and without the built-in rules for the same.
    pub fn for_one_look(&self) -> AlertRules {
        let is_judged = |rule: &&AlertRule| {
            let limit = |probe: &Probe| probe.is_about_health() || *probe == Probe::DiskLimit;
            rule.is_built_in && rule.probe.as_ref().is_some_and(limit)
        };
        let rules = self.all.iter().filter(|rule| !rule.gone && !is_judged(rule));
        let all = rules.map(|rule| AlertRule { hold: Duration::ZERO, ..rule.clone() });
        AlertRules { all: all.collect(), watched: None }
    }

    /// Whether any rule of them sends notices out of the program.
    pub fn go_somewhere(&self) -> bool {
        self.all.iter().any(AlertRule::goes_somewhere)
    }
}

/// A rule without a condition, with the sinks of some options.
pub(super) fn sinks(name: &str, options: &Options) -> AlertRule {
    let webhook = options.get(&keys::WEBHOOK).map(|url| Webhook {
        url,
        form: match options.get(&keys::FORM).as_str() {
            "alertmanager" => WebhookForm::Alertmanager,
            _ => WebhookForm::Json,
        },
        username: options.get(&keys::USERNAME),
        password_file: options.get(&keys::PASSWORD_FILE),
        ca_file: options.get(&keys::CA_FILE),
    });
    AlertRule {
        name: name.into(),
        probe: None,
        about: String::new(),
        hold: options.get(&keys::FOR).unwrap_or_default(),
        until: None,
        severity: Severity::parse(&options.get(&keys::SEVERITY)).unwrap_or(Severity::Warning),
        hosts: None,
        gone: options.get(&keys::GONE),
        is_built_in: false,
        bell: options.get(&keys::BELL),
        run: options.get(&keys::RUN).unwrap_or_default().0,
        webhook,
    }
}

/// A rule of the config.
fn configured(config: &Config, named: &NamedOptions) -> Result<AlertRule, Vec<String>> {
    let options = &named.options;
    let mut problems = Vec::new();
    let mut filter = |option: &'static Spec, text: Option<String>| {
        let text = text?;
        match Expression::parse(&text) {
            Ok(Some(expression)) => return Some(expression),
            Ok(None) => problems.push(config.section_error(named, option, "the filter is empty")),
            Err(error) => {
                problems.push(config.section_error(named, option, &error.to_string()));
            }
        }
        None
    };
    let when = filter(keys::WHEN.spec(), options.get(&keys::WHEN));
    let until = filter(keys::UNTIL.spec(), options.get(&keys::UNTIL));
    let hosts = filter(keys::HOSTS.spec(), options.get(&keys::HOSTS));
    let built_in = built_in::ALL.iter().find(|rule| rule.name == &*named.name);
    if let Some(kind) = hosts.as_ref().and_then(Expression::kind) {
        let problem = format!("hosts are filtered by their own words, not by {}", kind.word());
        problems.push(config.section_error(named, keys::HOSTS.spec(), &problem));
    }
    if let (Some(when), Some(until)) = (&when, &until)
        && until.kind().is_some()
        && until.kind() != when.kind()
    {
        let problem = "until names another kind of device than when";
        problems.push(config.section_error(named, keys::UNTIL.spec(), problem));
    }
    if options.get(&keys::GONE) && when.as_ref().is_some_and(|when| when.kind().is_none()) {
        let problem = "gone is about devices; name one in when, as in process.cmd~NAME";
        problems.push(config.section_error(named, keys::GONE.spec(), problem));
    }
    let needs_url = [keys::USERNAME.spec(), keys::PASSWORD_FILE.spec(), keys::CA_FILE.spec()];
    if options.get(&keys::WEBHOOK).is_none()
        && let Some(lost) = needs_url.iter().find(|option| named.is_given(option))
    {
        let problem = format!("is for a webhook; add alert-{}-webhook=URL", named.name);
        problems.push(config.section_error(named, lost, &problem));
    }
    if named.is_given(keys::RUN.spec()) && options.get(&keys::RUN).unwrap_or_default().0.is_empty()
    {
        problems.push(config.section_error(named, keys::RUN.spec(), "names no program"));
    }
    let has_condition = when.is_some() || named.is_given(keys::WHEN.spec());
    if !has_condition && built_in.is_none() && &*named.name != PROCESS {
        let names: Vec<&str> = built_in::ALL.iter().map(|rule| rule.name).collect();
        let near = nearest(&named.name, names.iter().copied());
        let near = near.map(|near| format!("; did you mean the built-in rule {near:?}?"));
        let problem = format!(
            "alert {0} has no condition; add alert-{0}-when=FILTER{1}",
            named.name,
            near.unwrap_or_default()
        );
        let place = named.place.as_ref().map(|place| format!("{place}: ")).unwrap_or_default();
        problems.push(format!("{place}{problem}"));
    }
    if !problems.is_empty() {
        return Err(problems);
    }
    let own = sinks(&named.name, options);
    Ok(match (when, built_in) {
        // the condition and the times of the built-in rule, as far as they are not given
        (None, Some(built_in)) => {
            let base = built_in.rule(options);
            let severity = match named.is_given(keys::SEVERITY.spec()) {
                true => own.severity,
                false => base.severity,
            };
            let hold = options.get(&keys::FOR).unwrap_or(base.hold);
            AlertRule { severity, hold, until, hosts, bell: own.bell, ..base }
        }
        (when, _) => AlertRule {
            about: options.get(&keys::WHEN).unwrap_or_default(),
            probe: when.map(Probe::Filter),
            until,
            hosts,
            ..own
        },
    })
}
