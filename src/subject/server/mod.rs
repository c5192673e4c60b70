//! A server as subject: the exact bytes of each message over HTTP/1.1, and what the answers mean by a
//! rules file. Time, size and number of answers are bounded.

mod address;
mod answer;
mod link;
mod meaning;
mod reach;
mod rules;
mod wire;

pub use address::{Address, BadAddress};
pub use rules::Rules;

use super::connection::{Conduct, Connection, Delivery, INTERRUPTED, Unusable, is_interrupted};
use super::process::is_ending;
use super::{Hello, PROTOCOL};
use crate::case::{Case, Message, Reply, Task, VerifyTask};
use crate::scheme::Schemes;
use answer::{HttpAnswer, NoAnswer};
use link::Link;
use meaning::{TOO_MANY, described};
use serde_json::{Value, json};
use std::ops::ControlFlow;
use std::time::Duration;

/// Limits on what a server may take.
#[derive(Debug, Clone)]
pub struct Pace {
    /// Time that an answer may take.
    pub answer: Duration,
    /// Time from one message to the next, those to the control endpoint included.
    pub interval: Duration,
    /// Number of messages that may stay without an answer of HTTP.
    pub failures: usize,
}

impl Default for Pace {
    fn default() -> Self {
        Pace { answer: Duration::from_secs(5), interval: Duration::ZERO, failures: 10 }
    }
}

/// A server at an address.
pub struct Server<'c> {
    url: String,
    authority: String,
    rules: Rules,
    schemes: Schemes<'c>,
    pace: Pace,
    link: Link,
    conduct: Conduct,
    failures: usize,
    /// Reason why nothing more is put.
    given_up: Option<String>,
}

impl<'c> Server<'c> {
    /// A server; it is connected to by [`Connection::hello`].
    pub fn new(address: Address, rules: Rules, schemes: Schemes<'c>, pace: Pace) -> Server<'c> {
        Server {
            url: address.url(),
            authority: address.authority.clone(),
            rules,
            schemes,
            link: Link::new(address, pace.answer, pace.interval),
            pace,
            conduct: Conduct::default(),
            failures: 0,
            given_up: None,
        }
    }

    fn ask(&mut self, case: &Case) -> Delivery {
        let Task::Verify(task) = &case.task else { return Delivery::NotAsked("a server verifies".into()) };
        let answered = match self.exchanged(case, task) {
            Err(NoAnswer::Stale) => {
                // The case starts anew, so nothing of the first attempt counts.
                self.link.keep_no_longer();
                self.exchanged(case, task)
            }
            other => other,
        };
        answered.unwrap_or_else(|fault| self.failed(fault))
    }

    fn exchanged(&mut self, case: &Case, task: &VerifyTask) -> Result<Delivery, NoAnswer> {
        let mut judgements = Vec::with_capacity(task.messages.len());
        for (i, message) in task.messages.iter().enumerate() {
            if let Some(path) = self.rules.file.control.clone() {
                let json = self.order(case, task, i == 0, message);
                let order = wire::order(&self.authority, &path, json.to_string().as_bytes());
                let answer = self.link.exchange(&order, false, &mut self.conduct)?;
                if let Some(outcome) = self.refuses_to_be_told(&path, &answer) {
                    return Ok(outcome);
                }
            }
            let to_head = message.request.method.0 == b"HEAD";
            let answer = self.link.exchange(&wire::bytes(&message.request), to_head, &mut self.conduct)?;
            match meaning::judgement(&self.rules, &answer) {
                Ok(judgement) => judgements.push(judgement),
                Err(why) => return Ok(Delivery::Reply(Reply::Error(why))),
            }
        }
        Ok(Delivery::Reply(Reply::Verified(judgements)))
    }

    /// Returns what the control endpoint is told before a message.
    fn order(&self, case: &Case, task: &VerifyTask, reset: bool, message: &Message) -> Value {
        let mut order = json!({ "reset": reset });
        if reset {
            (order["scheme"], order["operation"]) = (json!(case.scheme), json!(case.operation));
            for (name, value) in [("variant", &case.variant), ("reading", &case.reading)] {
                value.iter().for_each(|value| order[name] = json!(value));
            }
            if self.rules.tells("credentials") {
                (order["accounts"], order["parameters"]) = (json!(task.accounts), json!(task.parameters));
            }
        }
        message.now.iter().for_each(|now| order["now"] = json!(now));
        message.client_address.iter().for_each(|address| order["client_address"] = json!(address));
        order
    }

    /// Returns what comes of a case where telling the control endpoint did not go well; `None` where it did.
    fn refuses_to_be_told(&mut self, path: &str, answer: &HttpAnswer) -> Option<Delivery> {
        match answer.status {
            200..=299 => None,
            501 => Some(Delivery::Reply(Reply::Skipped(String::from_utf8_lossy(&answer.body).trim().to_owned()))),
            404 | 405 => Some(Delivery::Broke(format!(
                "POST {path} was answered {}; is the control endpoint in this build of the server, and is that the \
                 `control` of {}?",
                described(answer),
                self.rules.name
            ))),
            TOO_MANY => {
                let why = format!("POST {path} was answered with 429, too many requests; --rate makes the run slower");
                self.conduct.breach("does not want to be told so often", why.as_str());
                self.given_up = Some(why.clone());
                Some(Delivery::Broke(why))
            }
            _ => Some(Delivery::Reply(Reply::Error(format!("POST {path} was answered {}", described(answer))))),
        }
    }

    /// Returns what a fault is of a case; after too many, nothing more is put.
    fn failed(&mut self, fault: NoAnswer) -> Delivery {
        self.failures += 1;
        if self.failures >= self.pace.failures {
            self.given_up = Some(format!("the server gave no answer {} times, and that is the limit", self.failures));
        }
        match fault {
            NoAnswer::TimedOut => Delivery::TimedOut(self.pace.answer),
            NoAnswer::Refused(why) | NoAnswer::Closed { how: why, .. } => Delivery::Crashed(why.into()),
            NoAnswer::Stale => Delivery::Crashed("it closed the connection without an answer".into()),
            NoAnswer::Breach(what, example) => {
                self.conduct.breach(what, example.as_str());
                Delivery::Broke(format!("it {what}: {example}"))
            }
        }
    }
}

impl Connection for Server<'_> {
    fn hello(&mut self) -> Result<Hello, Unusable> {
        if let Err(NoAnswer::Refused(why)) = self.link.open() {
            return Err(Unusable(format!("{why}; is the server started, and is this its port?")));
        }
        // Accounts that cannot be told may be those that a case needs: `cannot_put` knows.
        let told = self.rules.file.capabilities.iter().filter(|name| *name != "credentials").cloned();
        Ok(Hello {
            seq: PROTOCOL.into(),
            name: self.url.clone(),
            version: "HTTP/1.1".into(),
            language: "server".into(),
            schemes: self.rules.file.schemes.iter().map(|name| (name.clone(), vec!["verify".to_owned()])).collect(),
            capabilities: std::iter::once("credentials".to_owned()).chain(told).collect(),
        })
    }

    fn put(&mut self, cases: &[Case], each: &mut dyn FnMut(usize, Delivery) -> ControlFlow<()>) {
        for (i, case) in cases.iter().enumerate() {
            let outcome = match &self.given_up {
                Some(why) => Delivery::NotAsked(why.clone()),
                None if is_interrupted() => Delivery::NotAsked(INTERRUPTED.to_owned()),
                None => self.ask(case),
            };
            // A server that was not waited for to the end has not failed.
            let is_its_own = !is_ending() || matches!(outcome, Delivery::Reply(_));
            let outcome = if is_its_own { outcome } else { Delivery::NotAsked(INTERRUPTED.to_owned()) };
            if each(i, outcome).is_break() {
                return;
            }
        }
    }

    fn finish(&mut self) -> Conduct {
        self.link.keep_no_longer();
        std::mem::take(&mut self.conduct)
    }

    fn cannot_put(&self, case: &Case) -> Option<String> {
        reach::unreachable(&self.rules, &self.schemes, case)
    }

    fn is_server(&self) -> bool {
        true
    }
}
