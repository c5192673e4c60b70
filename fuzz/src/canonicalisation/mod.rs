//! The reference and the [oracle](crate::oracle) give the same bytes in every stage, and the same
//! judgement of every message.

mod flipbase;
mod flipsnack;

use crate::oracle::{Refusal, wire};
use crate::text::{Splice, Text};
use arbitrary::{Arbitrary, Unstructured};
use countersign::corpus::{self, Files};
use countersign::request::{Intent, Request};
use countersign::scheme::{
    Account, Credential, Message, Outcome, Parameters, Program, Scratch, Server, SignInput, State,
};

/// What one run compares.
#[derive(Debug, Arbitrary)]
enum Input {
    Flipsnack(flipsnack::Input),
    Flipbase(flipbase::Input),
}

/// Compares reference and oracle on the input that these bytes encode.
pub fn run(bytes: &[u8]) {
    match Input::arbitrary_take_rest(Unstructured::new(bytes)) {
        Ok(Input::Flipsnack(input)) => flipsnack::compare(&input),
        Ok(Input::Flipbase(input)) => flipbase::compare(&input),
        Err(_) => {}
    }
}

/// A query field before any encoding.
#[derive(Debug, Clone, Arbitrary)]
struct Pair(Text, Option<Text>);

impl Pair {
    fn field(&self) -> wire::Field {
        (self.0.0.clone(), self.1.as_ref().map(|value| value.0.clone()))
    }
}

/// Where a request goes.
#[derive(Debug, Clone, Arbitrary)]
enum Target {
    Meant { path: Text, query: Vec<Pair> },
    Exact(Text, Vec<Pair>),
}

impl Target {
    /// An exact target is a path, then a query whose pieces are not encoded.
    fn exact(path: &Text, query: &[Pair]) -> Vec<u8> {
        let piece = |Pair(name, value): &Pair| match value {
            Some(value) => [name.0.as_slice(), b"=", &value.0].concat(),
            None => name.0.clone(),
        };
        let pieces: Vec<_> = query.iter().map(piece).collect();
        if pieces.is_empty() { path.0.clone() } else { [path.0.clone(), pieces.join(&b'&')].join(&b'?') }
    }

    fn of_reference(&self) -> countersign::request::Target {
        match self {
            Target::Meant { path, query } => countersign::request::Target::Meant {
                path: path.0.clone(),
                query: query.iter().map(Pair::field).collect(),
            },
            Target::Exact(path, query) => countersign::request::Target::Exact(Target::exact(path, query)),
        }
    }
}

/// What happens to a signed message on its way.
#[derive(Debug, Arbitrary)]
enum Tampering {
    None,
    Method(Text),
    Target(Splice),
}

impl Tampering {
    fn apply(&self, request: &mut Request) {
        match self {
            Tampering::None => {}
            Tampering::Method(method) => request.method = method.0.clone(),
            Tampering::Target(splice) => splice.apply(&mut request.target),
        }
    }
}

/// One operation of one scheme of the corpus, compiled.
struct Reference(Program);

impl Reference {
    fn new(scheme: &str, variant: Option<&str>) -> Reference {
        let entry = corpus::load_entry(&Files::built_in(), scheme).expect("the corpus has the scheme and it loads");
        let resolved = entry.scheme.resolved(variant, None).expect("the scheme has the variant");
        let compiled = Program::compile(&resolved, &resolved.operations["request"]);
        Reference(compiled.expect("a scheme that loads compiles"))
    }

    /// Byte-valued stages in order, and the signed request; an error where it cannot be signed.
    fn sign(&self, account: &Account, time: Option<&str>, intent: &Intent) -> Result<(Stages, Request), String> {
        let account = self.0.account(account).expect("the account fits the scheme");
        let parameters = self.0.parameters(&Parameters::default()).expect("every parameter has a default");
        let time = time.map(|text| countersign::primitive::time::Instant::parse(text).expect("a moment of the oracle"));
        let input = SignInput { account: &account, parameters: &parameters, time, nonce: None };
        let mut stages = Stages::new();
        let mut keep = |name: &str, value: &[u8]| stages.push((name.to_owned(), value.to_vec()));
        let signed = self.0.sign(input, intent, &mut Scratch::default(), &mut keep);
        signed.map(|request| (stages, request)).map_err(|e| e.to_string())
    }

    /// The class with which a message is refused.
    fn judge(
        &self,
        accounts: &[Account],
        skew: Option<u64>,
        now: Option<i128>,
        request: &Request,
    ) -> Result<(), String> {
        let prepared: Vec<_> = accounts.iter().map(|a| self.0.account(a).expect("it fits the scheme")).collect();
        let parameters = skew.map(|seconds| ("skew".to_owned(), seconds.to_string().into_bytes().into()));
        let parameters = self.0.parameters(&parameters.into_iter().collect()).expect("the scheme has this parameter");
        let server = Server { accounts: &prepared, parameters: &parameters };
        let now = now.map(countersign::primitive::time::Instant);
        let message = Message { request, now, client_address: None };
        let outcome = self.0.verify(server, &mut State::default(), message, &mut Scratch::default(), &mut |_, _| {});
        match outcome.expect("the server has all it needs") {
            Outcome::Accept => Ok(()),
            Outcome::Reject(refused) => Err(refused.class.to_string()),
        }
    }
}

/// Names and values in the order of derivation.
type Stages = Vec<(String, Vec<u8>)>;

fn account<const N: usize>(credentials: [(&str, &[u8]); N]) -> Account {
    let value = |(name, bytes): (&str, &[u8])| (name.to_owned(), Credential::Value(bytes.to_vec().into()));
    Account(credentials.into_iter().map(value).collect())
}

fn assert_stages(reference: &Stages, oracle: &[(&str, &[u8])]) {
    let names: Vec<_> = reference.iter().map(|(name, _)| name.as_str()).collect();
    let expected: Vec<_> = oracle.iter().map(|(name, _)| *name).collect();
    assert_eq!(names, expected, "the byte-valued stages");
    for ((name, found), (_, expected)) in reference.iter().zip(oracle) {
        assert_same(&format_args!("the stage {name}"), found, expected);
    }
}

fn assert_same(what: &dyn std::fmt::Display, reference: &[u8], oracle: &[u8]) {
    let (found, expected) = (reference.escape_ascii(), oracle.escape_ascii());
    assert!(reference == oracle, "{what}: the reference has `{found}`, the oracle `{expected}`");
}

fn assert_judgement(reference: Result<(), String>, oracle: Result<(), Refusal>) {
    assert_eq!(reference, oracle.map_err(str::to_owned), "the reference's judgement, then the oracle's");
}
