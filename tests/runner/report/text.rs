//! The report for a terminal.

use super::{again, made};
use countersign::case::{Case, Reply};
use countersign::report::test_text;
use countersign::runner::{self, Filter, Under};
use countersign::subject::{InProcess, Subject};

/// Answers the first case, by which it is seen to work at all, and panics after it.
struct Panics(bool);

impl Subject for Panics {
    fn answer(&mut self, _: &Case) -> Reply {
        if std::mem::replace(&mut self.0, true) {
            // A panic about which nothing is printed.
            std::panic::resume_unwind(Box::new("a\n    | b"));
        }
        Reply::Error("not yet".into())
    }
}

#[test]
fn a_text_in_the_form_of_quoted_standard_error_does_not_pass_for_it() {
    let corpus = made::corpus();
    let mut subject = InProcess::new(Panics(false), made::SCHEMES);
    let run =
        runner::test(&corpus, &Filter::default(), Under::Decision, &mut subject, &mut |_, _| {}, &mut |_| Vec::new())
            .unwrap();
    let text = test_text(&run, &[], &again, 80);
    assert!(text.contains(r"it panicked: a\n    | b"), "{text}");
    assert!(!text.contains("\n  | b") && !text.contains("\n    | b"), "{text}");
}
