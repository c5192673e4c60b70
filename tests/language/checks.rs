//! Checks: what each lets pass of messages that follow one another, and what its mutants let pass in its stead.

use countersign::mutation::{bases, catalogue};
use countersign::primitive::time::Instant;
use countersign::request::Intent;
use countersign::scheme::{Arrival, Implementation, Knowledge, Outcome, Scheme, Scratch, State};
use serde_json::{Value, json};
use std::sync::Arc;

/// A scheme that receives these values and makes these checks.
struct Checks(Arc<Scheme>);

/// The seconds of the server's clock, and the header fields of a message.
type Sent<'a> = (f64, &'a [(&'a str, &'a str)]);

impl Checks {
    fn of(receive: Value, verify: Value) -> Checks {
        let operation = json!({
            "direction": "request",
            "wire": { "query": "percent" },
            "receive": receive,
            "derive": { "nothing": { "text": "" } },
            "verify": verify,
        });
        let scheme = json!({
            "title": "checks", "kind": "primitive", "parameters": { "skew": { "says": "Seconds.", "default": "300" } },
            "operations": { "request": operation },
        });
        Checks(Arc::new(serde_json::from_value(scheme).unwrap_or_else(|e| panic!("{verify}: {e}"))))
    }

    fn reference(&self) -> Implementation {
        Implementation::of(&self.0, "request", None, None).unwrap_or_else(|e| panic!("{e}"))
    }

    /// Of each message that follows the others, `a` where the reference accepts it, or the first letter of why not.
    #[track_caller]
    fn verdicts(&self, messages: &[Sent<'_>]) -> String {
        verdicts(&self.reference(), messages)
    }

    /// The same of the first mutant that an operator makes.
    #[track_caller]
    fn of_mutant(&self, operator: &str, messages: &[Sent<'_>]) -> String {
        let catalogue = catalogue(&self.0);
        let mutant = catalogue.mutants.iter().find(|mutant| mutant.operator.id == operator);
        let mutant = mutant.unwrap_or_else(|| panic!("{operator} makes no mutant: {:?}", catalogue.unviable));
        verdicts(&mutant.of(&bases(&self.0)[&None]["request"]).unwrap(), messages)
    }
}

#[track_caller]
fn verdicts(implementation: &Implementation, messages: &[Sent<'_>]) -> String {
    let program = &implementation.program;
    let (accounts, mut state) = ([program.account(&Default::default()).unwrap()], State::default());
    let parameters = program.parameters(&Default::default()).unwrap();
    let verdict = |(now, headers): &Sent<'_>| {
        let request = json!({ "method": "GET", "host": "example.com", "path": "/", "headers": headers });
        let request = serde_json::from_value::<Intent>(request).unwrap().to_wire();
        let now = Some(Instant((now * 1000.0).round() as i128 * 1_000_000));
        let message = Arrival { request: &request, now, client_address: None };
        let server = Knowledge { accounts: &accounts, parameters: &parameters };
        match program.verify(server, &mut state, message, &mut Scratch::default(), &mut |_, _| {}).unwrap() {
            Outcome::Accept => 'a',
            Outcome::Reject(refused) => refused.class.to_string().chars().next().unwrap(),
        }
    };
    messages.iter().map(verdict).collect()
}

fn received_time() -> Value {
    json!({ "time": { "from": "header.T", "as": ["unix-seconds"] } })
}

#[test]
fn a_window_counts_in_its_unit() {
    let windows = [
        (json!("5 s"), 5.0),
        (json!("5 ms"), 0.005),
        (json!({ "text": "5" }), 5.0),
        (json!("parameter.skew"), 300.0),
        (json!({ "of": "parameter.skew", "unit": "milliseconds" }), 0.3),
        (json!({ "of": "header.Window", "unit": "seconds" }), 7.0),
        (json!({ "of": "header.Window", "unit": "milliseconds" }), 0.007),
    ];
    let headers: &[_] = &[("T", "1000"), ("Window", "7")];
    for (window, seconds) in windows {
        let edges = [-seconds - 0.001, -seconds, seconds, seconds + 0.001];
        let messages = edges.map(|off| (1000.0 + off, headers));
        let within = Checks::of(received_time(), json!([{ "fresh": "time", "within": window, "reject": "expired" }]));
        assert_eq!(within.verdicts(&messages), "eaae", "{window}");
        let after = Checks::of(received_time(), json!([{ "fresh": "time", "for": window, "reject": "expired" }]));
        assert_eq!(after.verdicts(&messages), "eeae", "{window}");
    }
    let check =
        json!([{ "fresh": "time", "within": { "of": "header.Window", "unit": "seconds" }, "reject": "expired" }]);
    let said = Checks::of(received_time(), check);
    assert_eq!(said.verdicts(&[(1000.0, &[("T", "1000"), ("Window", "-1")])]), "m");
    assert_eq!(said.verdicts(&[(1000.0, &[("T", "1000")])]), "e");
}

#[test]
fn a_mutant_reads_a_window_in_the_wrong_unit() {
    let checks = Checks::of(
        received_time(),
        json!([{ "fresh": "time", "within": "1 s", "for": { "of": "header.Window", "unit": "milliseconds" }, "reject": "expired" }]),
    );
    let headers: &[_] = &[("T", "1000"), ("Window", "5000")];
    let messages = [(999.5, headers), (1004.0, headers), (1006.0, headers)];
    assert_eq!(checks.verdicts(&messages), "aae");
    assert_eq!(checks.of_mutant("tolerance-in-milliseconds", &messages), "eae");
    assert_eq!(checks.of_mutant("tolerance-in-seconds", &messages), "aaa");
}

#[test]
fn a_window_without_a_unit_is_none() {
    for window in [json!("300"), json!("300s"), json!("300 min"), json!({ "of": "parameter.skew" }), json!("5 s ")] {
        let check = json!({ "fresh": "time", "within": window, "reject": "expired" });
        let error = serde_json::from_value::<countersign::scheme::Check>(check).unwrap_err().to_string();
        assert!(error.contains("length of time"), "{window}: {error}");
    }
}

fn two_times() -> Value {
    json!({
        "time": { "from": "header.T", "as": ["unix-seconds"] },
        "start": { "from": "header.Start", "as": ["unix-seconds", "rfc3339-seconds"] },
    })
}

#[test]
fn any_received_time_can_be_checked() {
    let headers: &[_] = &[("T", "1000"), ("Start", "990")];
    let messages = [(989.999, headers), (990.0, headers), (1000.0, headers), (1000.001, headers)];
    let interval = json!([
        { "from": "received.start", "reject": "wrong-method" },
        { "until": "time", "reject": "expired" },
    ]);
    let checks = Checks::of(two_times(), interval);
    assert_eq!(checks.verdicts(&messages), "waae");
    assert_eq!(checks.of_mutant("another-time-compared", &messages), "wwae");
    assert_eq!(checks.verdicts(&[(1000.0, &[("T", "1000"), ("Start", "1970-01-01T00:16:40Z")])]), "a");
    assert_eq!(checks.verdicts(&[(1000.0, &[("T", "1000"), ("Start", "soon")])]), "m");
    assert_eq!(checks.verdicts(&[(1000.0, &[("T", "1000")])]), "m");
    let fresh = json!([{ "fresh": "received.start", "within": "5 s", "reject": "expired" }]);
    assert_eq!(Checks::of(two_times(), fresh).verdicts(&[(995.0, headers), (995.001, headers)]), "ae");
}

#[test]
fn a_value_without_a_form_is_no_time() {
    for (receive, why) in [
        (json!({ "start": "header.Start" }), "`start` is no time"),
        (json!({}), "unknown received value `start`"),
        (json!({ "start": { "from": "header.Start", "as": ["unix-seconds"], "keep": "instant" } }), "`keep` is for"),
        (json!({ "start": { "from": "header.Start", "as": ["unix-seconds"], "template": "{start}" } }), "`as` is for"),
    ] {
        let checks = Checks::of(receive, json!([{ "from": "received.start", "reject": "expired" }]));
        let error = Implementation::of(&checks.0, "request", None, None).map(drop).unwrap_err().to_string();
        assert!(error.contains(why), "{error}");
    }
}

#[test]
fn a_number_must_grow_by_its_key() {
    let sent = |key, number| (0.0, vec![("Key", key), ("N", number)]);
    let check = json!([
        { "increasing": { "by": "header.Key", "value": "header.N" }, "reject": "replayed" },
        { "equal": ["header.Refuse", { "text": "" }], "reject": "wrong-method" },
    ]);
    let checks = Checks::of(json!({}), check);
    let sequence = [
        sent("one", "9"),
        sent("one", "10"),
        sent("one", "10"),
        sent("one", "5"),
        sent("two", "5"),
        sent("one", "0011"),
        sent("one", "12x"),
        sent("one", "184467440737095516160"),
        sent("one", "184467440737095516159"),
    ];
    let with = |refused: &[usize]| {
        let refuse = |i: usize| ("Refuse", if refused.contains(&i) { "yes" } else { "" });
        let all = sequence.iter().enumerate();
        all.map(|(i, (now, headers))| (*now, [headers.as_slice(), &[refuse(i)]].concat())).collect::<Vec<_>>()
    };
    let verdicts = |operator: Option<&str>, refused: &[usize]| {
        let sequence = with(refused);
        let messages: Vec<Sent<'_>> = sequence.iter().map(|(now, headers)| (*now, headers.as_slice())).collect();
        operator.map_or_else(|| checks.verdicts(&messages), |operator| checks.of_mutant(operator, &messages))
    };
    assert_eq!(verdicts(None, &[]), "aarraamar");
    assert_eq!(verdicts(None, &[0, 1]), "wwaraamar");
    assert_eq!(verdicts(Some("only-differs"), &[]), "aaraaaaaa");
    assert_eq!(verdicts(Some("same-number-passes"), &[]), "aaaraamar");
    assert_eq!(verdicts(Some("numbers-compared-as-text"), &[]), "arrrarmrr");
    assert_eq!(verdicts(Some("bound-to-nothing"), &[]), "aarrramar");
    assert_eq!(verdicts(Some("refused-leave-a-trace"), &[1]), "awrraamar");
}

/// A nonce need not be there, and is refused the second time; so is a second time of the message.
#[test]
fn what_is_optional_is_checked_where_it_is_there() {
    let checks = Checks::of(
        json!({ "until": { "from": "header.Until", "as": ["unix-seconds"], "optional": true } }),
        json!([
            { "unique": "header.Nonce", "optional": true, "reject": "replayed" },
            { "until": "received.until", "optional": true, "reject": "expired" },
        ]),
    );
    let messages: [Sent<'_>; 5] = [
        (1.0, &[]),
        (1.0, &[]),
        (1.0, &[("Nonce", "a"), ("Until", "1")]),
        (1.0, &[("Nonce", "a")]),
        (2.0, &[("Nonce", "b"), ("Until", "1")]),
    ];
    assert_eq!(checks.verdicts(&messages), "aaare");
    assert_eq!(checks.of_mutant("optional-demanded", &messages), "rrare");
    assert_eq!(checks.verdicts(&[(1.0, &[("Until", "soon")])]), "m");

    let demanded = Checks::of(json!({}), json!([{ "unique": "header.Nonce", "reject": "replayed" }]));
    assert_eq!(demanded.verdicts(&messages[..1]), "r");
    let error = serde_json::from_value::<countersign::scheme::Check>(
        json!({ "rate": { "limit": { "text": "1" }, "per": "minute", "by": "method" }, "optional": true, "reject": "rate-limited" }),
    );
    assert!(error.is_err_and(|e| e.to_string().contains("about no value that could be absent")));
}

#[test]
fn a_mutant_reads_a_time_laxly() {
    let time = |form: &str| {
        Checks::of(
            json!({ "time": { "from": "header.Time", "as": [form] } }),
            json!([{ "fresh": "time", "within": "1 s", "reject": "expired" }]),
        )
    };
    let checks = time("%Y-%m-%dT%H:%M:%S%.f%:z");
    let messages: [Sent<'_>; 4] = [
        (3_600.0, &[("Time", "1970-01-01T01:00:00+00:00")]),
        (3_600.0, &[("Time", "1970-01-01T08:00:00.5+07:00")]),
        (3_600.0, &[("Time", "1970-01-01T01:00:00+07:00")]),
        (3_600.0, &[("Time", " 1970-01-01T01:00:00+00:00 UTC")]),
    ];
    assert_eq!(checks.verdicts(&messages), "aaem");
    assert_eq!(checks.of_mutant("offset-ignored", &messages), "aeam");
    assert_eq!(checks.of_mutant("time-read-laxly", &messages), "aaea");
    assert!(!catalogue(&time("unix-seconds").0).mutants.iter().any(|mutant| mutant.operator.id == "offset-ignored"));
}
