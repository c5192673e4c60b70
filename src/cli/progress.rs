//! Progress of long work, on a terminal.

use indicatif::{ProgressBar, ProgressStyle};
use std::time::Instant;

/// A bar on standard error; nothing where that is no terminal.
pub(super) struct Progress(ProgressBar);

impl Progress {
    pub(super) fn new(what: &str) -> Progress {
        let bar = ProgressBar::new(0);
        let template = format!("{{bar:30}} {{pos}} of {{len}} {what}, {{per_sec}}, {{elapsed}} {{msg}}");
        bar.set_style(ProgressStyle::with_template(&template).unwrap_or_else(|_| ProgressStyle::default_bar()));
        Progress(bar)
    }

    /// Shows that so many are done, of so many; of nobody knows how many, where there is no number.
    pub(super) fn at(&self, done: usize, of: Option<usize>) {
        self.0.set_length(of.unwrap_or(done) as u64);
        self.0.set_position(done as u64);
    }

    /// Shows how far a diagnosis is, and has it left when so many seconds are over.
    pub(super) fn watch(&self, seconds: f32) -> impl Fn(usize, usize) -> bool + Sync {
        let start = Instant::now();
        move |done, of| {
            self.at(done, Some(of));
            start.elapsed().as_secs_f32() < seconds
        }
    }

    /// Something more to know.
    pub(super) fn says(&self, message: &str) {
        self.0.set_message(message.to_owned());
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}
