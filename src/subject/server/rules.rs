//! The rules file: what a server under test implements, what it can be told or has configured, and
//! what its answers mean.

use crate::case::Ending;
use crate::scheme::{Account, Class, Credential, Parameters, Schemes, SenderGets};
use crate::subject::CAPABILITIES;
use crate::yaml::{self, Document, Error, Scalars, Segment};
use indexmap::IndexMap;
use serde::{Deserialize, Serialize};
use std::path::Path;

/// A rules file that was read.
#[derive(Debug, Clone)]
pub struct Rules {
    /// Its name, for messages.
    pub(super) name: String,
    /// Contents of the file.
    pub(super) file: RulesFile,
    /// The accounts that the server has configured, secrets from the environment put in.
    pub(super) accounts: Vec<Account>,
}

/// Contents of a rules file.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RulesFile {
    /// Names of what the control endpoint can set.
    #[serde(default)]
    pub capabilities: Vec<String>,
    /// Path of the control endpoint.
    pub control: Option<String>,
    /// Schemes that the server implements.
    pub schemes: Vec<String>,
    /// Operations that it takes; all unless given.
    pub operations: Option<Vec<String>>,
    /// The variant that it is, where it cannot be told.
    pub variant: Option<String>,
    /// Accounts that it has configured.
    #[serde(default)]
    accounts: Vec<IndexMap<String, Configured>>,
    /// Parameters that it has configured, beside defaults.
    #[serde(default)]
    pub parameters: Parameters,
    /// Meanings of its answers; the first that fits counts.
    pub rules: Vec<Rule>,
}

/// A value of an account.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(untagged, expecting = "expected a string, {hex: \"…\"}, {env: \"…\"}, or a list of addresses")]
enum Configured {
    Variable(Variable),
    Written(Credential),
}

/// A value that stands in an environment variable.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Variable {
    env: String,
}

/// Meaning of answers.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct Rule {
    /// The status: `401`, or `4xx` for all that begin so.
    pub status: Status,
    /// Text that the body has.
    pub body_has: Option<String>,
    /// Outcome: accepted or refused.
    pub outcome: Ending,
    /// Class of the refusal.
    pub class: Option<Class>,
    /// JSON Pointer (RFC 6901) to the reject class in the body.
    pub class_at: Option<String>,
    /// JSON Pointer to the code of the API.
    pub code_at: Option<String>,
    /// JSON Pointer to the message text.
    pub message_at: Option<String>,
    /// Reply that the sender would get.
    pub reply: Option<SenderGets>,
    /// JSON Pointer to the word that says so.
    pub reply_at: Option<String>,
}

/// A status with a digit or `x` in each of its three places.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub(super) struct Status(String);

impl TryFrom<String> for Status {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let is_status = match text.as_bytes() {
            [b'2'..=b'5', b'x', b'x'] => true,
            [b'2'..=b'5', tens, ones] => tens.is_ascii_digit() && (ones.is_ascii_digit() || *ones == b'x'),
            _ => false,
        };
        if is_status {
            Ok(Status(text))
        } else {
            Err(format!("`{text}` is no status: write \"401\", \"40x\" or \"4xx\""))
        }
    }
}

impl From<Status> for String {
    fn from(status: Status) -> String {
        status.0
    }
}

impl Status {
    /// Returns whether a status is one of these.
    pub(super) fn fits(&self, status: u16) -> bool {
        let text = status.to_string();
        self.0.len() == text.len() && self.0.bytes().zip(text.bytes()).all(|(own, found)| own == b'x' || own == found)
    }
}

impl Rules {
    /// Reads a rules file. `environment` gives the value of an environment variable.
    pub fn load(
        file: &Path,
        schemes: &Schemes<'_>,
        environment: &dyn Fn(&str) -> Option<String>,
    ) -> Result<Rules, Error> {
        Rules::parse(&file.display().to_string(), &yaml::read(file)?, schemes, environment)
    }

    /// Reads the rules from the bytes of a file; `name` is for messages.
    pub fn parse(
        name: &str,
        bytes: &[u8],
        schemes: &Schemes<'_>,
        environment: &dyn Fn(&str) -> Option<String>,
    ) -> Result<Rules, Error> {
        let document = Document::parse(name, bytes, Scalars::Withheld)?;
        let file: RulesFile = document.decode()?;
        let wrong = |(path, message): (Vec<Segment>, String)| document.error(&path, message);
        check_server(&file, schemes).map_err(wrong)?;
        file.rules.iter().enumerate().try_for_each(|(i, rule)| check_rule(i, rule)).map_err(wrong)?;
        let accounts = file.accounts.iter().enumerate();
        let accounts = accounts.map(|(i, account)| configured(i, account, environment)).collect::<Result<_, _>>();
        Ok(Rules { name: name.to_owned(), accounts: accounts.map_err(wrong)?, file })
    }

    /// Returns whether the control endpoint can set this.
    pub(super) fn tells(&self, capability: &str) -> bool {
        self.file.capabilities.iter().any(|own| own == capability)
    }
}

type Wrong = (Vec<Segment>, String);

fn at<const N: usize>(path: [Segment; N], message: impl Into<String>) -> Result<(), Wrong> {
    Err((path.into(), message.into()))
}

fn check_server(file: &RulesFile, schemes: &Schemes<'_>) -> Result<(), Wrong> {
    for (i, name) in file.capabilities.iter().enumerate() {
        if !CAPABILITIES.contains(&name.as_str()) {
            let known = CAPABILITIES.join(", ");
            return at(
                ["capabilities".into(), i.into()],
                format!("`{name}` is nothing that can be set; there are {known}"),
            );
        }
    }
    for (i, name) in file.schemes.iter().enumerate() {
        if !schemes.contains_key(name.as_str()) {
            let message = format!("there is no scheme `{name}`; `countersign list` lists them");
            return at(["schemes".into(), i.into()], message);
        }
    }
    let own = file.schemes.iter().filter_map(|name| schemes.get(name.as_str()));
    let operations: Vec<&str> = own.flat_map(|scheme| scheme.operations.keys()).map(String::as_str).collect();
    for (i, name) in file.operations.iter().flatten().enumerate() {
        if !operations.contains(&name.as_str()) {
            let message = format!("no operation of these schemes is `{name}`; there are {}", operations.join(", "));
            return at(["operations".into(), i.into()], message);
        }
    }
    if file.schemes.is_empty() {
        return at(["schemes".into()], "no scheme; name those that the server implements");
    }
    if file.rules.is_empty() {
        return at(["rules".into()], "no rule; say what an answer means: { status: \"200\", outcome: \"accept\" }");
    }
    check_control(file)
}

fn check_control(file: &RulesFile) -> Result<(), Wrong> {
    let Some(control) = &file.control else {
        return match file.capabilities.is_empty() {
            true => Ok(()),
            false => {
                at(["capabilities".into()], "nothing can be set without `control`, the path of the control endpoint")
            }
        };
    };
    let is_path = control.starts_with('/') && control.bytes().all(|b| b.is_ascii_graphic());
    if !is_path {
        return at(["control".into()], format!("`{control}` is no path such as \"/-/countersign\""));
    }
    if file.capabilities.is_empty() {
        return at(["control".into()], "a control endpoint, and no `capabilities` that say what it can set");
    }
    if file.variant.is_some() {
        return at(["variant".into()], "the control endpoint is told the variant of each vector; leave it out here");
    }
    let is_told = file.capabilities.iter().any(|name| name == "credentials");
    if is_told && !(file.accounts.is_empty() && file.parameters.is_empty()) {
        let path = if file.accounts.is_empty() { "parameters" } else { "accounts" };
        let message = "the control endpoint sets accounts and parameters, as `capabilities` has \"credentials\"; leave \
                       out one of the two";
        return at([path.into()], message);
    }
    Ok(())
}

fn check_rule(i: usize, rule: &Rule) -> Result<(), Wrong> {
    let pointers = [
        ("class-at", &rule.class_at),
        ("code-at", &rule.code_at),
        ("message-at", &rule.message_at),
        ("reply-at", &rule.reply_at),
    ];
    for (name, pointer) in pointers {
        if let Some(pointer) = pointer.as_ref().filter(|pointer| !pointer.starts_with('/')) {
            let message = format!("`{pointer}` is no JSON Pointer: write \"/class\" or \"/error/code\"");
            return at(["rules".into(), i.into(), name.into()], message);
        }
    }
    let details = pointers.iter().filter(|(_, pointer)| pointer.is_some()).map(|(name, _)| *name);
    let details = details.chain(rule.class.map(|_| "class")).chain(rule.reply.map(|_| "reply"));
    if let (Ending::Accept, Some(name)) = (rule.outcome, details.last()) {
        return at(
            ["rules".into(), i.into(), name.into()],
            format!("an accepted message has no `{name}`; leave it out"),
        );
    }
    for (name, both) in [
        ("class", rule.class.is_some() && rule.class_at.is_some()),
        ("reply", rule.reply.is_some() && rule.reply_at.is_some()),
    ] {
        if both {
            return at(
                ["rules".into(), i.into(), name.into()],
                format!("`{name}` and `{name}-at`; leave out one of the two"),
            );
        }
    }
    Ok(())
}

fn configured(
    i: usize,
    account: &IndexMap<String, Configured>,
    environment: &dyn Fn(&str) -> Option<String>,
) -> Result<Account, Wrong> {
    let value = |(name, value): (&String, &Configured)| {
        let value = match value {
            Configured::Written(value) => value.clone(),
            Configured::Variable(Variable { env }) => {
                let path = vec!["accounts".into(), i.into(), name.as_str().into()];
                let found = environment(env)
                    .ok_or_else(|| (path, "the environment variable that this names is not set".to_owned()))?;
                Credential::Value(found.as_str().into())
            }
        };
        Ok((name.clone(), value))
    };
    Ok(Account(account.iter().map(value).collect::<Result<_, _>>()?))
}
