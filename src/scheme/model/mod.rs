//! The model of a scheme file. What stands here is what `scheme.yaml` may hold; every default is
//! beside its field. Format: `vectors/README.md`.

mod binding;
mod domain;
#[cfg(feature = "cli")]
mod schema;

pub use binding::{Binding, Keep};
pub use domain::{Body, Characters, Domain, QueryDomain};

use super::account::{Credential, CredentialKind};
use super::edit::Edit;
use super::item::{Check, Pipeline};
use super::machine::{Destination, Misreading};
use super::reject::Refusal;
use crate::primitive::key_pair::{PrivateKey, PublicKey};
use indexmap::IndexMap;
use serde::{Deserialize, Serialize};

/// A signing or authentication method of one API.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Scheme {
    /// One line: whose, and what it is.
    pub title: String,
    /// A system that somebody documents, or a primitive of an RFC.
    pub kind: SchemeKind,
    /// Credentials and attributes of an account, each with its kind; of a key pair,
    /// `{pair: ed25519|rsa|ecdsa-p256|ecdsa-p384}`.
    #[serde(default)]
    pub account: IndexMap<String, CredentialKind>,
    /// Values that a signer chooses or a server configures beside the account.
    #[serde(default)]
    pub parameters: IndexMap<String, Parameter>,
    /// Reasons for what nothing uses; stages and bindings by path.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub unused: IndexMap<String, String>,
    /// The inputs to which equivalence, generation and fuzzing are relative.
    #[serde(default)]
    pub domain: Domain,
    /// The kinds of message.
    #[cfg_attr(feature = "cli", schemars(schema_with = "operations"))]
    pub operations: IndexMap<String, Operation>,
    /// Edits that the documents prescribe for a service, mode or environment.
    #[serde(default)]
    pub variants: IndexMap<String, Variant>,
    /// Edits that an ambiguous document permits.
    #[serde(default)]
    pub readings: IndexMap<String, Reading>,
    /// Bug classes and weaknesses that vectors are flagged with.
    #[serde(default)]
    pub flags: IndexMap<String, Flag>,
    /// Declarations about mutants that no vector can kill or tell apart.
    #[serde(default)]
    pub mutants: Declared,
}

/// Declarations about mutants, each with a reason; one that no longer holds is an error.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct Declared {
    /// Mutants that behave like the scheme on every input of its domain.
    #[serde(skip_serializing_if = "IndexMap::is_empty")]
    pub equivalent: IndexMap<String, String>,
    /// Mutants that one trick alone can kill.
    #[serde(skip_serializing_if = "IndexMap::is_empty")]
    pub margin: IndexMap<String, String>,
    /// Mutants that no input tells apart.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub class: Vec<DeclaredClass>,
}

/// Mutants that no input tells apart.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct DeclaredClass {
    /// Their ids.
    pub mutants: Vec<String>,
    /// Why.
    pub reason: String,
}

/// Kind of thing that a scheme describes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum SchemeKind {
    /// A documented API.
    System,
    /// A primitive of an RFC.
    Primitive,
}

/// A parameter of a scheme.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Parameter {
    /// Its meaning, with its unit.
    pub says: String,
    /// Its value unless one is given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default: Option<String>,
    /// Tells whether it may be absent.
    #[serde(default)]
    pub optional: bool,
}

/// Who sends a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Direction {
    /// The client to the server.
    Request,
    /// The server to the client, as a request of its own.
    Callback,
    /// The server to the client, in answer.
    Response,
}

/// One kind of message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Operation {
    /// Who sends it.
    pub direction: Direction,
    /// Rules for reading the wire.
    pub wire: Wire,
    /// Parts of every refusal of this operation unless its check says otherwise.
    #[serde(default)]
    pub refuse: Refusal,
    /// Signing: what is added before deriving.
    #[serde(default)]
    pub prepare: Place,
    /// Verifying: what is bound from the wire before deriving, in order. `time` and `nonce` bind
    /// these; `stage.X` takes the place of the stage X; any other name is for `received.NAME`.
    #[serde(default)]
    pub receive: IndexMap<String, Binding>,
    /// The stages, in order.
    pub derive: IndexMap<String, Pipeline>,
    /// Signing: what is added at the end.
    #[serde(default)]
    pub place: Place,
    /// Verifying: the checks, in order.
    #[serde(default)]
    pub verify: Vec<Check>,
}

/// Schema of operations by name, each written out or like another.
#[cfg(feature = "cli")]
fn operations(g: &mut schemars::SchemaGenerator) -> schemars::Schema {
    let (whole, alike) = (g.subschema_for::<Operation>(), g.subschema_for::<Alike>());
    schemars::json_schema!({ "type": "object", "additionalProperties": { "anyOf": [whole, alike] }, "minProperties": 1 })
}

/// An operation that is another one, edited. It is written out before anything else is read.
#[derive(Debug, Deserialize)]
#[cfg_attr(feature = "cli", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(super) struct Alike {
    /// An operation of this scheme that is written out.
    pub like: String,
    /// The edits, applied in order; their paths start inside the operation.
    #[serde(default)]
    pub edits: Vec<Edit>,
}

/// Rules for reading the wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Wire {
    /// Meaning of `+` in a query.
    pub query: QueryForm,
    /// A wrong way to read it, for mutants alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "cli", schemars(skip))]
    pub deviation: Option<Misreading>,
}

/// Meaning of `+` in a query.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum QueryForm {
    /// A space, as in a form.
    Form,
    /// Itself.
    Percent,
}

/// Fields that a signer adds. A field whose value is absent is not added.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct Place {
    /// Header fields.
    #[serde(skip_serializing_if = "IndexMap::is_empty")]
    pub header: IndexMap<String, Pipeline>,
    /// Query fields, decoded.
    #[serde(skip_serializing_if = "IndexMap::is_empty")]
    pub query: IndexMap<String, Pipeline>,
    /// Form fields, decoded.
    #[serde(skip_serializing_if = "IndexMap::is_empty")]
    pub form: IndexMap<String, Pipeline>,
    /// Top-level string members of the JSON body.
    #[serde(skip_serializing_if = "IndexMap::is_empty")]
    pub json: IndexMap<String, Pipeline>,
    /// `whole`: the path on the wire, in `place` alone.
    #[serde(skip_serializing_if = "IndexMap::is_empty")]
    pub path: IndexMap<String, Pipeline>,
}

/// Edits that a service, mode or environment asks for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Variant {
    /// Difference, in a sentence.
    pub says: String,
    /// The edits, applied in order.
    pub edits: Vec<Edit>,
}

/// Edits that an ambiguous document permits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Reading {
    /// Meaning of the document in this reading, in a sentence.
    pub says: String,
    /// The discrepancy that it answers.
    pub discrepancy: String,
    /// The edits, applied in order.
    pub edits: Vec<Edit>,
}

/// A bug class or weakness that vectors show.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Flag {
    /// Its class.
    pub bug_class: String,
    /// Its consequence.
    pub effect: String,
    /// Pages that say more.
    pub links: Vec<String>,
}

impl Scheme {
    /// The kind of a value of an account: of a pair, the private half is a secret, and the public one is not.
    pub fn kind(&self, credential: &str) -> Option<CredentialKind> {
        kind(&self.account, credential)
    }

    /// Reads a value that is by its name the half of a pair; `Err` says what is wrong with it, and quotes nothing.
    pub(crate) fn check_half(&self, credential: &str, value: &Credential) -> Result<(), &'static str> {
        let Some((name, half)) = credential.rsplit_once('.') else { return Ok(()) };
        let Some(CredentialKind::Pair(kind)) = self.account.get(name) else { return Ok(()) };
        match (half, value) {
            ("private", Credential::Value(pem)) => PrivateKey::read(*kind, &pem.0).map(drop),
            ("public", Credential::Value(pem)) => PublicKey::read(*kind, &pem.0).map(drop),
            _ => Ok(()),
        }
    }
}

/// The same, of the kinds of an account.
pub fn kind(account: &IndexMap<String, CredentialKind>, credential: &str) -> Option<CredentialKind> {
    let half = |(name, half): (&str, &str)| match (account.get(name)?, half) {
        (CredentialKind::Pair(_), "private") => Some(CredentialKind::Secret),
        (CredentialKind::Pair(_), "public") => Some(CredentialKind::Public),
        _ => None,
    };
    account.get(credential).copied().or_else(|| credential.rsplit_once('.').and_then(half))
}

impl Place {
    /// The fields of each part, in the order of the parts.
    pub fn parts(&self) -> [(Destination, &IndexMap<String, Pipeline>); 5] {
        use Destination::{Form, Header, Json, Path, Query};
        [(Header, &self.header), (Query, &self.query), (Form, &self.form), (Json, &self.json), (Path, &self.path)]
    }

    /// Every field: its part, its name, and its value.
    pub fn fields(&self) -> impl Iterator<Item = (Destination, &str, &Pipeline)> {
        self.parts()
            .into_iter()
            .flat_map(|(part, fields)| fields.iter().map(move |(name, value)| (part, name.as_str(), value)))
    }
}

impl Operation {
    /// Every field that the signer adds: its part, its name, and its value.
    pub fn placed(&self) -> impl Iterator<Item = (Destination, &str, &Pipeline)> {
        self.prepare.fields().chain(self.place.fields())
    }
}
