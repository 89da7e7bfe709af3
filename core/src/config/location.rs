//! What is wrong, and where.

use std::{error, fmt, sync::Arc};

/// Where a key was given.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Location {
    /// The file as the person named it, or the flag.
    pub file: Arc<str>,
    /// The line, from 1; `None` for a flag, and for what is wrong with a file as a whole.
    pub line: Option<u32>,
}

impl Location {
    /// What a file or a flag is as a whole.
    pub fn whole(file: &str) -> Location {
        Location { file: file.into(), line: None }
    }
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            Some(line) => write!(f, "{}:{line}", self.file),
            None => f.write_str(&self.file),
        }
    }
}

/// Number of the file, line, and byte: sorts what is said as the person reads it.
pub(super) type FileOrder = (usize, u32, usize);

/// One thing that is wrong.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Problem {
    pub(super) order: FileOrder,
    /// Where.
    pub place: Option<Location>,
    /// What, and what to do about it; never the value of a secret.
    pub text: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.place {
            Some(place) => write!(f, "{place}: {}", self.text),
            None => f.write_str(&self.text),
        }
    }
}

/// Everything that is wrong with a configuration, a line each, in the order of files and lines.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Errors(pub(super) Vec<Problem>);

impl Errors {
    /// One by one.
    pub fn iter(&self) -> impl Iterator<Item = &Problem> + '_ {
        self.0.iter()
    }
}

impl fmt::Display for Errors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, problem) in self.0.iter().enumerate() {
            if i > 0 {
                f.write_str("\n")?;
            }
            problem.fmt(f)?;
        }
        Ok(())
    }
}

impl error::Error for Errors {}
