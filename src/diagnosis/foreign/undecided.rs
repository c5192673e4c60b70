//! What a request says to somebody who lacks the secrets of its account.

use super::{Foreign, VerifierSays};
use crate::diagnosis::form::{Form, form};
use crate::scheme::{
    Arg, Check, Credential, CredentialKind, Edit, EditKind, Implementation, Named, Operation, Path, Pipeline, Refused,
    Scheme, Scratch, Source, shown,
};
use crate::trial;

/// What can be decided of a request without secrets.
#[derive(Debug, Clone)]
pub struct Undecided {
    /// Names of the secrets that are lacking.
    pub lacks: Vec<String>,
    /// The refusal by a check that needs none of them.
    pub refused: Option<Refused>,
    /// The stage that the request shows first, its form there, and the one that the scheme writes, where they differ.
    pub forms: Option<(String, Form, Form)>,
}

impl Foreign {
    /// Returns what can be decided of the request without the secrets that it needs and that are not known; `None` where
    /// all of them are.
    pub fn undecided(&self, verifier: &Implementation) -> Option<Undecided> {
        let (scheme, operation) = (verifier.scheme(), verifier.operation());
        let mut lacks = lacking(scheme, &self.task.account.0.keys().map(String::as_str).collect::<Vec<_>>());
        // What another operation needs is not missed here.
        lacks.retain(|name| operation.verify.iter().any(|check| needs(&operation, std::slice::from_ref(name), check)));
        if lacks.is_empty() {
            return None;
        }
        let of_secret = |(i, check): (usize, &Check)| needs(&operation, &lacks, check).then_some(i);
        // The last first, so that none moves another.
        let dropped: Vec<Edit> = operation
            .verify
            .iter()
            .enumerate()
            .filter_map(of_secret)
            .rev()
            .map(|check| {
                let at = Path::of(verifier.name()).key("verify").then(Named::Index(check));
                Edit { at, change: EditKind::Delete }
            })
            .collect();
        let without = verifier.edited(&dropped.iter().collect::<Vec<_>>()).ok()?;
        let refused = match self.clone().judged(&without) {
            VerifierSays::Refused(refused) => Some(refused),
            VerifierSays::Accepted | VerifierSays::Unanswered(_) => None,
        };
        Some(Undecided { refused, forms: self.forms(verifier, &lacks), lacks })
    }

    /// A stage that the request shows, its form there, and that of one that is made with other secrets, where they differ.
    fn forms(&self, signer: &Implementation, lacks: &[String]) -> Option<(String, Form, Form)> {
        let mut task = self.task.clone();
        for name in lacks {
            task.account.0.insert(name.clone(), Credential::Value("x".into()));
        }
        let signed = trial::sign(&signer.program, &task, &mut Scratch::default()).ok()?;
        let shown = shown(&signer.operation());
        let own = self.stages.iter().find(|(name, _)| shown.contains(name));
        let (name, value) = own?;
        let (own, expected) = (form(value), form(signed.stages.get(name)?));
        (own != expected).then(|| (name.clone(), own, expected))
    }
}

/// The secrets of a scheme that are not among these credentials.
fn lacking(scheme: &Scheme, given: &[&str]) -> Vec<String> {
    let is_secret = |(name, kind): (&String, &CredentialKind)| match kind {
        CredentialKind::Secret => (!given.contains(&name.as_str())).then(|| name.clone()),
        CredentialKind::Pair(_) => {
            let half = |half: &str| given.contains(&format!("{name}.{half}").as_str());
            (!half("public") && !half("private")).then(|| name.clone())
        }
        CredentialKind::Public | CredentialKind::Attribute | CredentialKind::Addresses => None,
    };
    scheme.account.iter().filter_map(is_secret).collect()
}

/// Returns whether a check needs one of these secrets.
fn needs(operation: &Operation, lacks: &[String], check: &Check) -> bool {
    let named = |arg: &Arg| match arg {
        Arg::Fields(fields) if check.test.is("account") => fields.keys().any(|name| lacks.contains(name)),
        Arg::Text(name) if check.test.is("signed") => lacks.iter().any(|pair| name.split('.').next() == Some(pair)),
        _ => false,
    };
    check.test.args.iter().any(named)
        || check.test.pipelines().iter().any(|(_, pipeline)| is_made_of(operation, lacks, pipeline))
}

fn is_made_of(operation: &Operation, lacks: &[String], pipeline: &Pipeline) -> bool {
    let is_secret = |source: &Source| {
        source.name_in("credential").is_some_and(|name| lacks.iter().any(|secret| secret == name))
            || source
                .name_in("stage")
                .and_then(|stage| operation.derive.get(stage))
                .is_some_and(|stage| is_made_of(operation, lacks, stage))
    };
    let signs = |pipeline: &Pipeline| pipeline.steps.iter().any(|step| step.word() == "sign");
    pipeline.all().into_iter().any(|within| is_secret(&within.source) || signs(within))
}
