//! Subjects that cannot be started, or do not shake hands.

use super::runs::{Test, all_at_once, subject};

#[test]
fn what_cannot_be_started_says_why_and_what_to_do() {
    let directory = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &str, is_executable: bool| {
        let path = directory.path().join(name);
        std::fs::write(&path, text).unwrap();
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = if is_executable { 0o755 } else { 0o644 };
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
        }
        path
    };
    for (program, says) in [
        ("no-such-program-anywhere".into(), "no program of this name is on the PATH"),
        ("./no/such/file".into(), "there is no such file"),
        (directory.path().to_owned(), "it is a directory, and must be a program"),
        (file("plain", "print(1)", false), "it is not executable; put its interpreter before it"),
        (file("lost", "#!/no/such/interpreter\n", true), "the interpreter that its first line names is not there"),
    ] {
        let run = Test::of([&program]).run().exits(3).within(10);
        let run = run.complains(&format!("`{}` cannot be started: {says}", program.display()));
        assert!(run.stdout.is_empty(), "{}", run.stdout);
    }
}

#[test]
fn whoever_does_not_shake_hands_is_told_what_was_expected() {
    for (mode, says) in [
        ("exits-at-once", "no reply to `start`: it ended with exit status 0 before it replied"),
        ("noise-before-the-handshake", "standard output is for the protocol alone"),
        ("echoes", "it sent the message `start` back, where its reply must be"),
        ("other-protocol", "it speaks version 2 of the protocol, and must speak version 1"),
        ("refuses-the-protocol", "it refused `start`: this adapter speaks protocol 7"),
        ("hello-without-schemes", "missing field `schemes`"),
        ("hello-for-another-message", "its reply to `start` has `seq` \"zero\", and that of the message was 0"),
        ("endless-line-before-the-handshake", "no reply to `start`: it wrote a line of several megabytes"),
    ] {
        let Some(test) = subject(mode, &[]) else { return };
        test.run().exits(3).within(10).in_megabytes(150).complains(says);
    }
}

#[test]
fn silence_at_the_start_is_bounded_and_told_from_a_closed_stream() {
    all_at_once(&["hangs-on-start", "never-flushes", "closes-standard-input-at-once"], |mode| {
        let Some(test) = subject(mode, &[]) else { return };
        let says = match mode {
            "closes-standard-input-at-once" => "no reply to `start`: it closed its standard input before it replied",
            _ => "no reply to `start` within 2 s; does it flush standard output after every line?",
        };
        test.with(&["--start-timeout", "2"]).run().exits(3).within(10).complains(says);
    });
}

#[test]
fn whoever_does_not_flush_replies_is_told_so() {
    for mode in ["flushes-only-the-handshake", "waits-for-more"] {
        let Some(test) = subject(mode, &[]) else { return };
        let run = test.with(&["--timeout", "0.5"]).run().exits(3).within(10);
        run.complains("it did not answer within 0.5 s; does it flush standard output after every line?");
    }
}
