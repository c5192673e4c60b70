//! The input domain of a scheme: equivalence, generation and fuzzing are relative to it.

use serde::{Deserialize, Serialize};

/// Inputs that a scheme permits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct Domain {
    /// Methods that the API knows.
    pub methods: Vec<String>,
    /// Characters of a path.
    pub path: Characters,
    /// Names and values of a query.
    pub query: QueryDomain,
    /// Kinds of body.
    pub body: Vec<Body>,
    /// Characters of secrets.
    pub secrets: Characters,
    /// Text with which the service starts its secrets, and which belongs to them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub secret_prefix: Option<String>,
}

impl Default for Domain {
    fn default() -> Self {
        let query = QueryDomain::default();
        Domain {
            methods: vec!["GET".into(), "POST".into()],
            path: Characters::Text,
            query,
            body: vec![Body::None, Body::Bytes],
            secrets: Characters::Text,
            secret_prefix: None,
        }
    }
}

/// Characters of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Characters {
    /// ASCII letters, digits, `-`, `_` and `.`; in a path, segments of these.
    Ascii,
    /// Any UTF-8 text.
    Text,
}

/// Names and values of a query.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct QueryDomain {
    /// Characters of names and values.
    pub values: Characters,
    /// Tells whether a name may stand there twice.
    pub repeated: bool,
    /// Tells whether a name may stand there without `=`.
    pub valueless: bool,
}

impl Default for QueryDomain {
    fn default() -> Self {
        QueryDomain { values: Characters::Text, repeated: true, valueless: true }
    }
}

/// A kind of body.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Body {
    /// Nothing.
    None,
    /// Any bytes.
    Bytes,
    /// `application/x-www-form-urlencoded`.
    Form,
    /// `multipart/form-data`.
    Multipart,
    /// A JSON object.
    Json,
}
