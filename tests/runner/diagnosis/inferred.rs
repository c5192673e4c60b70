//! Requests of which nothing is said but the account: how they are signed is found, and holds for other requests of the
//! same scheme. Neither requests nor schemes were made for this.

use super::given_back::{Desk, Signed};
use crate::setting::entry;
use countersign::case::{Case, Message, Reply, Task, Time, VerifyTask};
use countersign::diagnosis::{Inference, infer};
use countersign::request::Request;
use countersign::scheme::{Account, Credential, Parameters, Scheme};
use countersign::trial::Reference;
use serde_json::Value;
use std::sync::Arc;

/// Ways that are tried for one request: less than a second's worth.
const WAYS: usize = 400_000;

/// Schemes whose requests are explained, each with the number of vectors, of those looked at, for which that is so, and
/// whose scheme accepts most other requests of the same account.
const FOUND: [(&str, usize, usize); 18] = [
    ("authorize-net", 1, 1),
    ("binance", 1, 1),
    ("bitmex", 3, 3),
    ("bybit-v5", 1, 1),
    ("facebook-appsecret-proof", 1, 1),
    ("flipsnack", 3, 3),
    ("gemini", 1, 1),
    ("github", 3, 3),
    ("kucoin-v2", 1, 1),
    // The target of a request without a query cannot be told from its path.
    ("okx-v5", 2, 1),
    ("paddle", 1, 1),
    ("pusher-channels", 3, 3),
    ("shopify", 5, 5),
    ("slack", 3, 3),
    ("square-webhook", 1, 1),
    ("stripe", 3, 3),
    ("twilio", 3, 2),
    ("zoom-webhook", 2, 2),
];

/// Vectors of each operation that are looked at.
const EACH: usize = 3;

fn inferred(request: &Request, account: &Account) -> Inference {
    infer(request, account, &|tried, _| tried < WAYS)
}

#[test]
fn how_requests_are_signed_is_found_from_one_of_them() {
    let found = |name: &str| {
        let [mut found, mut holding] = [0, 0];
        for mut desk in Desk::of(entry(name)) {
            let all = desk.signed();
            for signed in all.iter().take(EACH) {
                let Some(own) = inferred(&signed.request, signed.account()).found else { continue };
                found += 1;
                shows_no_secret(&own.scheme, signed.account());
                let others = all.iter().filter(|other| other.account() == signed.account());
                let holds = others.clone().filter(|other| accepts(&own.scheme, other)).count();
                holding += usize::from(holds * 2 > others.count());
            }
        }
        (found, holding)
    };
    let all = FOUND.map(|(name, ..)| {
        let (found, holding) = found(name);
        (name, found, holding)
    });
    assert_eq!(all, FOUND);
}

#[test]
fn a_request_that_was_changed_is_not_explained() {
    for name in ["github", "slack", "okx-v5"] {
        for mut desk in Desk::of(entry(name)) {
            let mut signed = desk.signed().into_iter().find(|signed| !signed.request.body.is_empty()).unwrap();
            signed.request.body.0[0] ^= 1;
            let inference = inferred(&signed.request, signed.account());
            assert!(inference.found.is_none(), "{name}");
            assert!(!inference.fields.is_empty() && inference.tried > 10_000, "{name}: {inference:?}");
        }
    }
}

fn shows_no_secret(scheme: &Value, account: &Account) {
    let text = scheme.to_string();
    for value in account.0.values() {
        if let Credential::Value(value) = value {
            assert!(!text.contains(&*String::from_utf8_lossy(value)), "{text}");
        }
    }
}

/// Tells whether a scheme that was found accepts another message.
fn accepts(scheme: &Value, signed: &Signed) -> bool {
    let scheme: Arc<Scheme> = Arc::new(serde_json::from_value(scheme.clone()).unwrap());
    let now = Time::try_from("2026-01-02T03:04:05Z".to_owned()).ok();
    let message = Message { now, client_address: None, request: signed.request.clone() };
    let case = Case {
        scheme: "inferred".into(),
        operation: "request".into(),
        variant: None,
        reading: None,
        task: Task::Verify(VerifyTask {
            accounts: vec![signed.account().clone()],
            parameters: Parameters::new(),
            messages: vec![message],
        }),
    };
    let Reply::Verified(judgements) = Reference::new([("inferred", &scheme)].into()).answer(&case) else {
        return false;
    };
    judgements.iter().all(|judgement| judgement.accept)
}
