//! Why there is no answer.

use std::{fmt, time::Duration};

/// Why there is no answer.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Class {
    /// This machine has no such hardware. Not a failure: nothing is shown, and nothing turns red.
    Absent,
    /// No answer within the time-out.
    Timeout,
    /// Unreachable: no such name, connection refused, reset.
    Unreachable,
    /// The target answered, but not with readings: 401, 404, 500.
    Refused,
    /// The answer could not be understood.
    Payload,
    /// The answer is sound, and holds nothing that is known.
    Unread,
    /// The provider itself broke; core builds it again.
    Panicked,
}

/// Why there is no answer, in words that a person can act on; never with a secret in it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Failure {
    class: Class,
    reason: String,
    advice: Option<String>,
}

impl Failure {
    /// `reason` is short enough for a column of a table: `connection refused`.
    pub fn new(class: Class, reason: impl Into<String>) -> Failure {
        Failure { class, reason: reason.into(), advice: None }
    }

    /// This machine has no such hardware.
    pub fn absent() -> Failure {
        Failure::new(Class::Absent, "no such hardware")
    }

    /// No answer within the time-out.
    pub fn timeout(after: Duration) -> Failure {
        Failure::new(Class::Timeout, format!("no answer within {} s", after.as_secs_f64()))
    }

    /// With what to do about it: `is the exporter running?`
    #[must_use]
    pub fn advise(mut self, advice: impl Into<String>) -> Failure {
        self.advice = Some(advice.into());
        self
    }

    /// With the instance's name where its words say NAME, as in `remote-NAME-url`.
    #[must_use]
    pub fn named(self, name: &str) -> Failure {
        self.rephrased(|text| with_name(text, name))
    }

    /// The same in other words.
    #[must_use]
    pub fn rephrased(mut self, say: impl Fn(&str) -> String) -> Failure {
        self.reason = say(&self.reason);
        self.advice = self.advice.as_deref().map(say);
        self
    }

    /// What sort of failure.
    pub fn class(&self) -> Class {
        self.class
    }

    /// The short form.
    pub fn reason(&self) -> &str {
        &self.reason
    }

    /// What to do about it.
    pub fn advice(&self) -> Option<&str> {
        self.advice.as_deref()
    }
}

/// A text to show; `-NAME-` in it is replaced by the instance's own name.
pub fn with_name(text: &str, name: &str) -> String {
    text.replace("-NAME-", &format!("-{name}-"))
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.reason)?;
        match &self.advice {
            Some(advice) => write!(f, "; {advice}"),
            None => Ok(()),
        }
    }
}
