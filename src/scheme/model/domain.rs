//! The input domain of a scheme: equivalence, generation and fuzzing are relative to it.

use serde::{Deserialize, Serialize};

/// What the inputs of a scheme may be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct Domain {
    /// Methods that the API knows.
    pub methods: Vec<String>,
    /// What a path may hold.
    pub path: Characters,
    /// What a query may hold.
    pub query: QueryDomain,
    /// Kinds of body.
    pub body: Vec<Body>,
    /// What secrets may hold.
    pub secrets: Characters,
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
        }
    }
}

/// What a text may hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Characters {
    /// ASCII letters, digits, `-`, `_` and `.`; in a path, segments of these.
    Ascii,
    /// Any UTF-8 text.
    Text,
}

/// What a query may hold.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct QueryDomain {
    /// What names and values may hold.
    pub values: Characters,
    /// Whether a name may stand there twice.
    pub repeated: bool,
    /// Whether a name may stand there without `=`.
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
