//! Subjects that misuse their streams: floods, lines without end, streams that are closed.

use super::runs::{FEW, all_at_once, signing, subject};

/// Peak of memory that is borne, in megabytes; a run without floods takes less than 50.
const MEGABYTES: u64 = 150;

#[test]
fn a_line_without_end_is_cut() {
    let Some(test) = subject("endless-line", &[]) else { return };
    let run = test.only(&FEW).run().exits(3).within(25).in_megabytes(MEGABYTES);
    run.prints("it wrote a line of several megabytes, and no line feed");
}

#[test]
fn half_a_line_is_shown() {
    let Some(test) = subject("half-a-line", &[]) else { return };
    let run = test.only(&FEW).run().exits(3).within(25).prints("it ended within a line: `{\"seq\": ");
    run.prints("The subject wrote a line without an end");
}

#[test]
fn standard_error_is_kept_at_its_beginning_and_its_end() {
    let Some(test) = subject("floods-standard-error", &[]) else { return };
    let run = test.run().exits(0).within(20).in_megabytes(MEGABYTES);
    let run = run.prints("    | the very beginning\n").prints(" bytes left out]\n").prints("    | the very end\n");
    assert!(run.stdout.len() < 30_000, "a report of {} bytes", run.stdout.len());
}

#[test]
fn floods_of_standard_output_end_the_subject() {
    for (mode, line) in [("floods-empty-lines", "``"), ("floods-garbage", "`garbage`")] {
        let Some(test) = subject(mode, &[]) else { return };
        let run = test.run().exits(3).within(15).in_megabytes(MEGABYTES);
        let run = run.prints(&format!("The subject wrote a line that is no JSON object, 101 times: {line}"));
        run.prints(&format!("{} not run: it broke the protocol more than 100 times", signing()));
    }
    all_at_once(&["floods-at-the-end", "floods-big-lines-at-the-end"], |mode| {
        let Some(test) = subject(mode, &[]) else { return };
        let run = test.run().exits(3).within(15).in_megabytes(MEGABYTES);
        run.prints("The subject went on writing when everything was answered").prints("and was ended");
    });
}

#[test]
fn closed_streams_are_told_from_silence() {
    for (mode, says) in [
        ("closes-standard-input", "it closed its standard input before it replied"),
        ("closes-standard-output", "it closed its standard output before it replied"),
    ] {
        let Some(test) = subject(mode, &[]) else { return };
        let run = test.with(&["--timeout", "0.3"]).only(&FEW).run().exits(1).within(20);
        run.prints("(crash)").prints(says);
    }
}
