//! `countersign sign`: a request by hand, showing every stage.

use super::case::{CaseArgs, Loaded};
use super::{End, Failed, Outcome, print};
use crate::bytes::Bytes;
use crate::case::Task;
use crate::scheme::{Destination, Scratch, Secrecy};
use crate::subject::{MASK, masked};
use crate::trial;
use clap::Args;

/// Sign a request by hand, showing every stage.
#[derive(Debug, Args)]
pub(super) struct Sign {
    #[command(flatten)]
    case: CaseArgs,
}

impl Sign {
    pub(super) fn run(self) -> Outcome {
        let loaded = self.case.load()?;
        let Task::Sign(task) = &loaded.case.task else {
            return Err(Failed("this case verifies; use `countersign verify`".into()));
        };
        let Loaded { implementation, case } = &loaded;
        let program = &implementation.program;
        let signed = trial::sign(program, task, &mut Scratch::default()).map_err(|why| loaded.failed(&why))?;
        // What holds a secret is shown as it is derived with `***` in place of every secret.
        let hidden = masked(implementation.scheme(), case);
        let Task::Sign(without) = &hidden.task else { unreachable!("the case signs") };
        let without = trial::sign(program, without, &mut Scratch::default()).ok();
        let secrecy = if self.case.show_secrets { Secrecy::default() } else { loaded.secrecy() };
        for (name, value) in &signed.stages {
            let masked = without.as_ref().and_then(|signed| signed.stages.get(name));
            print(&format!("{name}\n  {}\n", shown(secrecy.stage(name), value, masked)))?;
        }
        let Some(request) = signed.signed_request else { return Ok(End::Conforms) };
        let masked = without.and_then(|signed| signed.signed_request);
        let in_target = secrecy.part(Destination::Query) || secrecy.part(Destination::Path);
        let target = sent(in_target, &request.target, masked.as_ref().map(|masked| &masked.target));
        print(&format!("signed request\n  {} {target} HTTP/1.1\n", request.method))?;
        for (i, (name, value)) in request.headers.iter().enumerate() {
            let masked = masked.as_ref().and_then(|masked| masked.headers.get(i)).filter(|(other, _)| other == name);
            let value = sent(secrecy.field(Destination::Header, &name.0), value, masked.map(|(_, value)| value));
            print(&format!("  {name}: {value}\n"))?;
        }
        if !request.body.0.is_empty() {
            let in_body = secrecy.part(Destination::Form) || secrecy.part(Destination::Json);
            let body = sent(in_body, &request.body, masked.as_ref().map(|masked| &masked.body));
            print(&format!("\n  {body}\n"))?;
        }
        Ok(End::Conforms)
    }
}

/// A value for a person; where it is secret, what it is with every secret masked.
fn shown(is_secret: bool, value: &Bytes, masked: Option<&Bytes>) -> String {
    match (is_secret, masked) {
        (false, _) => value.to_string(),
        (true, Some(masked)) => masked.to_string(),
        (true, None) => MASK.to_owned(),
    }
}

/// The same of a part of a request, as it is sent where that can be printed, each line indented.
fn sent(is_secret: bool, value: &Bytes, masked: Option<&Bytes>) -> String {
    let value = match (is_secret, masked) {
        (false, _) => value,
        (true, Some(masked)) => masked,
        (true, None) => return MASK.to_owned(),
    };
    match str::from_utf8(value) {
        Ok(text) if !text.contains(|c: char| c.is_control() && c != '\n') => text.replace('\n', "\n  "),
        _ => value.to_string(),
    }
}
