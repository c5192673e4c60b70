//! The HTML page, read by the HTML parser of another project.

use super::{again, keep, made};
use countersign::case::FailureKind;
use countersign::diagnosis::RunDiagnosis;
use countersign::report::run_html;
use countersign::runner::{Run, Verdict};
use scraper::{ElementRef, Html, Selector};
use std::collections::BTreeSet;

fn all<'p>(page: &'p Html, selector: &str) -> Vec<ElementRef<'p>> {
    page.select(&Selector::parse(selector).unwrap()).collect()
}

fn text(element: ElementRef<'_>) -> String {
    element.text().collect()
}

/// The text of the only element that a selector finds.
fn only(page: &Html, selector: &str) -> String {
    let found = all(page, selector);
    assert_eq!(found.len(), 1, "{selector}");
    text(found[0])
}

/// A page without a parse error, whose ids are unique and whose links lead somewhere.
fn sound(source: &str) -> Html {
    let page = Html::parse_document(source);
    assert_eq!(page.errors, Vec::<String>::new(), "the page is no valid HTML");
    let forbidden =
        |c: &char| c.is_control() && *c != '\n' || ('\u{202a}'..='\u{202e}').contains(c) || *c == '\u{fffe}';
    assert_eq!(source.chars().find(forbidden), None, "a character that says nothing, or is not allowed");
    let mut ids = BTreeSet::new();
    for element in all(&page, "[id]") {
        let id = element.attr("id").unwrap();
        assert!(ids.insert(id), "two elements have the id {id}");
        assert!(!id.contains(char::is_whitespace), "{id:?}");
    }
    for link in all(&page, "[href], [aria-labelledby]") {
        let target = link.attr("href").map_or(link.attr("aria-labelledby"), |href| href.strip_prefix('#'));
        assert!(ids.contains(target.expect("a link leads to a place of the page")), "{target:?}");
    }
    page
}

#[test]
fn every_failure_stands_on_the_page_the_worst_kind_first() {
    let made::Made { run, causes } = made::hostile();
    let source = run_html(run, causes, &again);
    keep("hostile.html", &source);
    let page = sound(&source);
    let names: Vec<&str> = all(&page, ".failure").iter().map(|failure| failure.attr("data-name").unwrap()).collect();
    let failures = run.failures();
    assert_eq!(names, failures.iter().map(|failure| failure.vector.as_str()).collect::<Vec<_>>());
    let kinds: Vec<String> = all(&page, "#filters [aria-pressed]").into_iter().map(text).collect();
    assert_eq!(kinds.len(), 9, "{kinds:?}");
    assert!(kinds[0].starts_with("false accept"), "{kinds:?}");
    for (element, failure) in all(&page, ".failure").into_iter().zip(failures) {
        let says = text(element);
        assert!(says.contains(&failure.comment) && says.contains(&failure.vector), "{says}");
        if let Some(countersign::case::Difference::Value { what, .. }) = failure.verdict.differences().first() {
            assert!(says.contains(&format!("{what} differs")) && says.contains("first difference at byte"), "{says}");
        }
    }
    for (element, cause) in all(&page, ".causes > li").into_iter().zip(causes) {
        let links = element.select(&Selector::parse(".links a").unwrap()).count();
        assert_eq!(links, cause.failures.len());
    }
}

#[test]
fn what_a_subject_says_is_text_on_the_page() {
    let made::Made { run, causes } = made::hostile();
    let page = sound(&run_html(run, causes, &again));
    assert_eq!(all(&page, "script").len(), 1, "the page's own script");
    assert!(all(&page, "b, img, iframe, object, [onclick], [style]").is_empty());
    let shown = |place: &str, lead: &str| {
        let says = all(&page, place).into_iter().map(text).collect::<String>();
        let spaced = |text: &str| text.replace('`', "");
        assert!(spaced(&says).contains(&spaced(&format!("{lead}{}", made::SHOWN))), "{place} lacks {lead}");
    };
    for lead in ["name ", "version ", "(language "] {
        shown("h1", lead);
    }
    for lead in ["reports an error: error ", "crash ", "protocol: broke ", "found code "] {
        shown(".failure", lead);
    }
    shown("#known", "left so: ");
    shown("#not-run", "skipped ");
    shown("#conduct", "The subject wrote ");
    shown("#conduct", "The run was broken off: ");
    let signed =
        run.results().find(|r| text_of(&page, &r.vector).contains(r"<b>\xff\xfe\0]]>")).expect("bytes as escapes");
    assert_eq!(signed.verdict.failure(), Some(FailureKind::WrongValue));
}

fn text_of(page: &Html, vector: &str) -> String {
    all(page, &format!("[id='{vector}']")).into_iter().map(text).collect()
}

#[test]
fn every_vector_stands_on_the_page_once_and_the_numbers_agree() {
    let made::Made { run, causes } = made::hostile();
    let page = sound(&run_html(run, causes, &again));
    for result in run.results() {
        let section = match result.verdict {
            Verdict::Passed => "#passed",
            Verdict::Known(_) => "#known",
            Verdict::Skipped(_) | Verdict::NotRun(_) => "#not-run",
            _ => "#failures",
        };
        assert_eq!(
            all(&page, &format!("{section} [id='{}']", result.vector)).len(),
            1,
            "{} in {section}",
            result.vector
        );
    }
    let last: Vec<String> = all(&page, "#schemes tfoot td").into_iter().map(text).collect();
    let numbers: Vec<usize> = last.iter().map(|cell| cell.parse().unwrap()).collect();
    assert_eq!(numbers[0], numbers[1..5].iter().sum::<usize>(), "vectors: passed, failed, known, not run");
    assert_eq!(numbers[2], all(&page, ".failure").len());
    assert_eq!(numbers[1], all(&page, "#passed dt").len());
}

#[test]
fn the_page_stands_alone_and_admits_only_what_is_its_own() {
    let made::Made { run, causes } = made::hostile();
    let source = run_html(run, causes, &again);
    let page = sound(&source);
    assert!(all(&page, "link, img, [src], [srcset], iframe, object, embed").is_empty());
    assert!(!source.contains("@import") && !source.contains("url("));
    let policy = all(&page, "meta[http-equiv='Content-Security-Policy']")[0].attr("content").unwrap();
    assert!(policy.starts_with("default-src 'none';") && !policy.contains("unsafe"), "{policy}");
    assert!(all(&page, "form[hidden]").len() == 1, "without the script there is nothing to filter with");
    assert_eq!(source, run_html(run, causes, &again), "the same run gives the same bytes");
}

#[test]
fn a_check_says_what_it_found_under_which_reading() {
    let mut corpus = made::corpus();
    let run = made::checked(&mut corpus);
    let causes = RunDiagnosis::new(&corpus).causes(&run, &|_, _| true);
    let passes_are_no_failures = causes.iter().flat_map(|cause| &cause.failures).all(|f| f.verdict.failure().is_some());
    assert!(passes_are_no_failures);
    let page = sound(&run_html(&run, &causes, &again));
    assert_eq!(only(&page, "h1"), "The reference");
    assert!(all(&page, "#conduct").is_empty() && run.failed() == 1);
    let under: Vec<String> = run.failures().iter().filter_map(|failure| failure.reading.clone()).collect();
    assert!(!under.is_empty(), "the vector fails under readings too");
    assert!(under.iter().all(|reading| only(&page, "#failures").contains(&format!("under the reading {reading}"))));
    assert_eq!(all(&page, "#passed dt").len(), run.passed());
}

#[test]
fn a_run_without_failures_says_so_in_a_sentence() {
    let corpus = made::corpus();
    let run = countersign::runner::check(&corpus, &Default::default());
    let source = run_html(&run, &[], &again);
    keep("conforms.html", &source);
    let page = sound(&source);
    assert_eq!(only(&page, ".verdict"), format!("It conforms: {} vectors ran, and all passed.", run.vectors()));
    assert!(all(&page, ".bad, .failure, #filters, #causes").is_empty());
    let page = sound(&run_html(&Run::default(), &[], &again));
    assert_eq!(only(&page, ".verdict.bad"), "No vector ran.");
}
