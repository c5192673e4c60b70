//! What is expected.

use super::answer::{Judgement, Reply};
use crate::bytes::Bytes;
use crate::scheme::{Class, Destination, Random, SenderGets};
use indexmap::IndexMap;
use serde::{Deserialize, Serialize};

/// Expectation: of signing, stages; of verifying, results.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Expect {
    /// Stages, byte for byte, in the order of derivation.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub stages: IndexMap<String, Bytes>,
    /// Parts of the signed request.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signed_request: Option<SignedRequest>,
    /// One result a message.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub results: Vec<ExpectedResult>,
}

/// Parts of a signed request.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct SignedRequest {
    /// Scheme, host and target.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<Bytes>,
    /// Path and query.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target: Option<Bytes>,
    /// Header fields that stand there exactly once with these values.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub headers: Vec<(Bytes, Bytes)>,
    /// The body.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<Bytes>,
}

/// Expected end of one message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ExpectedResult {
    /// Accepted or refused.
    pub outcome: Ending,
    /// Reason why it is refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub class: Option<Class>,
    /// HTTP status, where a document gives it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
    /// Code of the API, where a document gives it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// Message text, where a document gives it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    /// Reply to the sender, if refused.
    #[serde(default, skip_serializing_if = "SenderGets::is_error")]
    pub reply: SenderGets,
    /// Stages of an accepted message.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub stages: IndexMap<String, Bytes>,
}

/// Accepted or refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Ending {
    /// The message is accepted.
    Accept,
    /// The message is refused.
    Reject,
}

impl Expect {
    /// The same without what signers make differently.
    pub(crate) fn without(mut self, random: &Random) -> Expect {
        self.stages.retain(|name, _| !random.stages.contains(name));
        if let Some(request) = &mut self.signed_request {
            for (into, placed) in &random.fields {
                match into {
                    Destination::Header => {
                        request.headers.retain(|(name, _)| !name.eq_ignore_ascii_case(placed.as_bytes()));
                    }
                    Destination::Query | Destination::Path => (request.url, request.target) = (None, None),
                    Destination::Form | Destination::Json => request.body = None,
                }
            }
        }
        self
    }

    /// A reply as an expectation, without the signed request; none where there is no answer.
    pub(crate) fn of(reply: &Reply) -> Option<Expect> {
        match reply {
            Reply::Signed(signed) => Some(Expect { stages: signed.stages.clone(), ..Expect::default() }),
            Reply::Verified(found) => {
                Some(Expect { results: found.iter().map(Into::into).collect(), ..Expect::default() })
            }
            Reply::Skipped(_) | Reply::Error(_) => None,
        }
    }
}

/// The result that a judgement is, without its stages.
impl From<&Judgement> for ExpectedResult {
    fn from(found: &Judgement) -> Self {
        ExpectedResult {
            outcome: if found.accept { Ending::Accept } else { Ending::Reject },
            class: found.class,
            status: found.status.clone(),
            code: found.code.clone(),
            message: found.message.clone(),
            reply: found.reply,
            stages: IndexMap::new(),
        }
    }
}
