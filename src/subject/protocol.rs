//! The adapter protocol, version 1: one JSON object a line, a reply names its `seq`.

use crate::bytes::Bytes;
use crate::case::{Case, Judgement, Reply, SignTask, Signed, Task, VerifyTask};
#[cfg(feature = "cli")]
use crate::derived::schema;
use crate::request::Request;
use crate::yaml;
use indexmap::IndexMap;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// Version of the protocol.
pub const PROTOCOL: u32 = 1;

/// Names of what the reference can be told from outside.
pub const CAPABILITIES: [&str; 5] = ["time", "credentials", "state", "client-address", "readings"];

/// A message to a subject.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Call {
    /// Names the message; the reply carries it.
    pub seq: Value,
    /// Operation that is asked for.
    pub op: Op,
    /// Version of the protocol, with `start`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub protocol: Option<u32>,
    /// The scheme.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scheme: Option<String>,
    /// Its operation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operation: Option<String>,
    /// A variant of the scheme.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub variant: Option<String>,
    /// A reading of its document.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reading: Option<String>,
    /// A [`SignTask`] or a [`VerifyTask`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "cli", schemars(with = "Option<GivenSchema>"))]
    pub given: Option<Value>,
}

/// Forms of `given`, for the schema: of `sign`, and of `verify`.
#[cfg(feature = "cli")]
#[derive(schemars::JsonSchema)]
#[serde(untagged)]
#[allow(dead_code, reason = "it stands for what is read by its operation")]
enum GivenSchema {
    Sign(Box<SignTask>),
    Verify(VerifyTask),
}

/// JSON Schemas of the messages: `(file name, schema)`.
#[cfg(feature = "cli")]
pub fn schemas() -> Vec<(&'static str, Value)> {
    vec![
        ("message.schema.json", schema::<Call>()),
        ("hello.schema.json", schema::<Hello>()),
        ("reply.schema.json", schema::<Response>()),
    ]
}

/// Operation that a message asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Op {
    /// Say who you are and what you do.
    Start,
    /// Sign a request.
    Sign,
    /// Verify messages.
    Verify,
    /// End.
    Stop,
}

/// A subject's reply to `sign` or `verify`.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Response {
    /// The `seq` of the message.
    pub seq: Value,
    /// Of `sign`: the stages that the subject exposes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stages: Option<IndexMap<String, Bytes>>,
    /// Of `sign`: the request as it would be sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signed_request: Option<Request>,
    /// Of `verify`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub results: Option<Vec<Judgement>>,
    /// Reason why the subject does not do this.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub skipped: Option<String>,
    /// Reason why the subject failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}

impl std::fmt::Debug for Call {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // What is given holds credentials.
        write!(f, "Call {{ seq: {}, op: {:?}, scheme: {:?}, given: *** }}", self.seq, self.op, self.scheme)
    }
}

impl Call {
    /// The message that puts a case to a subject.
    pub fn of(seq: u64, case: &Case) -> Call {
        let (op, given) = match &case.task {
            Task::Sign(task) => (Op::Sign, serde_json::to_value(task)),
            Task::Verify(task) => (Op::Verify, serde_json::to_value(task)),
        };
        // Adapters may rely on it that there are parameters, be they none.
        let given = given.map(|mut given: Value| {
            given.as_object_mut().map(|given| given.entry("parameters").or_insert_with(|| json!({})));
            given
        });
        Call {
            seq: seq.into(),
            op,
            protocol: None,
            scheme: Some(case.scheme.clone()),
            operation: Some(case.operation.clone()),
            variant: case.variant.clone(),
            reading: case.reading.clone(),
            given: given.ok(),
        }
    }

    /// The case that a `sign` or `verify` message puts; `Err` says what is missing or wrong.
    pub fn case(self) -> Result<Case, String> {
        let field = |value: Option<String>, name: &str| value.ok_or_else(|| format!("the message lacks `{name}`"));
        let given = self.given.ok_or("the message lacks `given`")?;
        let wrong = |(_, message)| format!("`given`: {message}");
        let task = match self.op {
            Op::Sign => Task::Sign(yaml::decode(&given).map(Box::<SignTask>::new).map_err(wrong)?),
            Op::Verify => Task::Verify(yaml::decode::<VerifyTask>(&given).map_err(wrong)?),
            Op::Start | Op::Stop => return Err("start and stop put no case".into()),
        };
        Ok(Case {
            scheme: field(self.scheme, "scheme")?,
            operation: field(self.operation, "operation")?,
            variant: self.variant,
            reading: self.reading,
            task,
        })
    }
}

impl Response {
    /// The line that carries a reply.
    pub fn of(seq: Value, reply: Reply) -> Response {
        let mut response = Response { seq, ..Response::default() };
        match reply {
            Reply::Signed(Signed { stages, signed_request }) => {
                (response.stages, response.signed_request) = (Some(stages), signed_request);
            }
            Reply::Verified(results) => response.results = Some(results),
            Reply::Skipped(why) => response.skipped = Some(why),
            Reply::Error(why) => response.error = Some(why),
        }
        response
    }

    /// The reply that a line carries; `None` where it carries none or several.
    pub fn reply(self) -> Option<Reply> {
        let signed = match (self.stages, self.signed_request) {
            (None, None) => None,
            // One that shows no stage may still show what it would send.
            (stages, signed_request) => Some(Signed { stages: stages.unwrap_or_default(), signed_request }),
        };
        match (signed, self.results, self.skipped, self.error) {
            (Some(signed), None, None, None) => Some(Reply::Signed(signed)),
            (None, Some(results), None, None) => Some(Reply::Verified(results)),
            (None, None, Some(why), None) => Some(Reply::Skipped(why)),
            (None, None, None, Some(why)) => Some(Reply::Error(why)),
            _ => None,
        }
    }
}

/// Answer to `start`: what a subject says of itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(schemars::JsonSchema))]
pub struct Hello {
    /// The `seq` of `start`.
    pub seq: Value,
    /// Name of the implementation.
    pub name: String,
    /// Its version.
    pub version: String,
    /// Its language.
    pub language: String,
    /// Scheme → `sign`, `verify`.
    pub schemes: IndexMap<String, Vec<String>>,
    /// Names of what can be injected.
    pub capabilities: Vec<String>,
}

impl Hello {
    /// Returns whether the subject can be told under which reading it is to answer.
    pub fn tells_readings(&self) -> bool {
        self.capabilities.iter().any(|capability| capability == "readings")
    }
}

impl Case {
    /// Returns why a subject cannot be asked this, by what it says of itself; `None` where it can.
    pub fn out_of_reach(&self, hello: &Hello) -> Option<String> {
        let op = match self.task {
            Task::Sign(_) => "sign",
            Task::Verify(_) => "verify",
        };
        let offers = hello.schemes.get(&self.scheme).is_some_and(|ops| ops.iter().any(|offered| offered == op));
        if !offers {
            return Some(format!("the subject does not {op} {}", self.scheme));
        }
        let can = |needed: &&&str| hello.capabilities.iter().any(|capability| capability == **needed);
        let lacks = self.needs().iter().find(|needed| !can(needed)).map(|needed| (*needed).to_owned());
        lacks.map(|lacks| format!("the subject cannot be told from outside: {lacks}"))
    }

    /// Returns what must be told from outside.
    fn needs(&self) -> Vec<&'static str> {
        let mut needs = vec!["credentials"];
        match &self.task {
            Task::Sign(task) => needs.extend(task.time.is_some().then_some("time")),
            Task::Verify(task) => {
                needs.extend(task.messages.iter().any(|message| message.now.is_some()).then_some("time"));
                needs.extend(
                    task.messages.iter().any(|message| message.client_address.is_some()).then_some("client-address"),
                );
                needs.extend((task.messages.len() > 1).then_some("state"));
            }
        }
        needs
    }
}
