//! `countersign sign`: a request by hand, showing every stage.

use super::case::CaseArgs;
use super::{End, Failed, Outcome, print};
use crate::scheme::Scratch;
use crate::subject::{self, Task};
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
        let signed = subject::sign(&loaded.implementation.program, task, &mut Scratch::default()).map_err(Failed)?;
        let row = |(name, value): (&String, &crate::bytes::Bytes)| {
            format!("{name}\n  {}\n", loaded.shown(value.as_slice(), self.case.show_secrets))
        };
        print(&signed.stages.iter().map(row).collect::<String>())?;
        if let Some(request) = signed.signed_request {
            let shown = |bytes: &crate::bytes::Bytes| loaded.shown(bytes.as_slice(), self.case.show_secrets);
            let header = |(name, value): &(_, _)| format!("  {}: {}\n", shown(name), shown(value));
            let headers: String = request.headers.iter().map(header).collect();
            let body =
                if request.body.0.is_empty() { String::new() } else { format!("\n  {}\n", shown(&request.body)) };
            print(&format!(
                "signed request\n  {} {} HTTP/1.1\n{headers}{body}",
                request.method,
                shown(&request.target)
            ))?;
        }
        Ok(End::Conforms)
    }
}
