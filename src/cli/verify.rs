//! `countersign verify`: messages by hand, showing why each is accepted or refused.

use super::case::CaseArgs;
use super::{End, Failed, Outcome, print};
use crate::case::Task;
use crate::scheme::{Outcome as Judged, Scratch, Secrecy};
use crate::subject::MASK;
use crate::trial;
use clap::Args;
use std::fmt::Write;

/// Verify messages by hand, showing every stage.
#[derive(Debug, Args)]
pub(super) struct Verify {
    #[command(flatten)]
    case: CaseArgs,
}

impl Verify {
    pub(super) fn run(self) -> Outcome {
        let loaded = self.case.load()?;
        let Task::Verify(task) = &loaded.case.task else {
            return Err(Failed("this case signs; use `countersign sign`".into()));
        };
        let mut out = String::new();
        let mut refused = false;
        let secrecy = if self.case.show_secrets { Secrecy::default() } else { loaded.secrecy() };
        trial::verify_each(&loaded.implementation.program, task, &mut Scratch::default(), |outcome, stages| {
            match outcome {
                Judged::Accept => out.push_str("accept\n"),
                Judged::Reject(why) => {
                    refused = true;
                    let _ = writeln!(out, "reject: {} ({})", why.class, why.detail);
                    let details =
                        [("status", why.refusal.status), ("code", why.refusal.code), ("message", why.refusal.message)];
                    for (name, value) in details {
                        if let Some(value) = value {
                            let _ = writeln!(out, "  {name}: {value}");
                        }
                    }
                }
            }
            for (name, value) in &stages {
                let shown = if secrecy.stage(name) { MASK.to_owned() } else { value.to_string() };
                let _ = writeln!(out, "  {name}\n    {shown}");
            }
        })
        .map_err(|why| loaded.failed(&why))?;
        print(&out)?;
        Ok(if refused { End::Differences } else { End::Conforms })
    }
}
