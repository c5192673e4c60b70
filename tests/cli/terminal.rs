//! What reaches a terminal: nothing from a corpus, a file or an argument that commands it, and nothing that gets lost.

use crate::command::{COUNTERSIGN, Corpus, Ran};
use std::fs;
use std::process::{Command, Stdio};

/// The title of the window, a cleared screen, a control of eight bits, a line that goes back, one that turns round.
const COMMANDS: &str = r"\x1b]0;x\x07\x1b[2J\x9b1mA\r\x08\u202eB";

/// The demo with these commands in every text that is for reading.
fn hostile() -> Corpus {
    let corpus = Corpus::demo();
    let flag = format!(
        "flags: {{ idle: {{ bug_class: \"C1{COMMANDS}\", effect: \"{COMMANDS}\", links: [\"{COMMANDS}\"] }} }}\n"
    );
    let reading = format!(
        "readings:\n  upper: {{ says: \"{COMMANDS}\", discrepancy: digits, edits: [{{ edit: \
         request.derive.signature.hex, set: {{ case: upper }} }}] }}\n"
    );
    corpus.edit("demo/scheme.yaml", "demo request signature", COMMANDS);
    corpus.edit("demo/scheme.yaml", "Seconds by which", COMMANDS);
    corpus.edit("demo/scheme.yaml", "operations:\n", &format!("{flag}{reading}operations:\n"));
    let discrepancy = format!(
        "discrepancies: {{ digits: {{ kind: \"unspecified\", place: \"{COMMANDS}\", finds: \"{COMMANDS}\", decision: \
         \"{COMMANDS}\", reason: \"{COMMANDS}\" }} }}"
    );
    corpus.edit("demo/statements.yaml", "discrepancies: {}", &discrepancy);
    for file in ["demo/statements.yaml", "demo/sign.yaml"] {
        let commanding = |line: &str| {
            let keys = ["title:", "publisher:", "note:", "says:", "about:", "comment:"];
            let (key, value) = line.split_once(": \"").unwrap_or((line, ""));
            match !value.is_empty() && keys.contains(&format!("{}:", key.trim_start()).as_str()) {
                true => format!("{key}: \"{COMMANDS}{value}\n"),
                false => format!("{line}\n"),
            }
        };
        corpus.write(file, corpus.read(file).lines().map(commanding).collect::<String>());
    }
    corpus.edit("demo/sign.yaml", "name: \"first\"", &format!("name: \"first{COMMANDS}\""));
    corpus.edit("demo/sign.yaml", "place: \"Signing, example\"", &format!("place: \"{COMMANDS}\""));
    corpus
}

/// Asserts that nothing was said that a terminal obeys.
#[track_caller]
fn is_harmless(command: &str, ran: Ran) -> Ran {
    let commands = |c: char| (c.is_control() && c != '\n') || ('\u{202a}'..='\u{202e}').contains(&c);
    for text in [&ran.stdout, &ran.stderr] {
        assert!(!text.contains(commands), "{command} commands the terminal:\n{}", text.escape_debug());
    }
    ran
}

#[test]
fn no_text_of_a_corpus_commands_the_terminal() {
    let corpus = hostile();
    let first = ["list", "vectors"];
    let listed = is_harmless("list vectors", corpus.run(&first).exits(0));
    assert!(
        listed.stdout.contains(r"demo/sign/first\u{1b}]0;x\u{7}\u{1b}[2J\u{9b}1mA\r\u{8}\u{202e}B"),
        "{}",
        listed.stdout
    );
    assert_eq!(listed.stdout.lines().count(), 1, "{}", listed.stdout);
    let wrong = Corpus::demo();
    wrong.edit("demo/scheme.yaml", "hmac: { with: sha256,", "hmac: { with: sha1,");
    let name = "demo/sign/first\u{1b}]0;x\u{7}\u{1b}[2J\u{9b}1mA\r\u{8}\u{202e}B";
    let mut commands: Vec<Vec<&str>> = ["check", "list", "list flags", "list discrepancies", "list statements"]
        .into_iter()
        .chain(["list readings", "explain demo", "explain idle", "explain digits", "explain upper", "lint", "mutants"])
        .chain(["explain demo/signature", "check --quick", "check --format html", "check --format junit"])
        .map(|command| command.split(' ').collect())
        .collect();
    commands.extend([vec!["explain", name], vec!["sign", name], vec!["verify", name], vec!["check", name]]);
    commands.extend([vec!["sign", "\u{1b}[2J"], vec!["check", "\u{9b}1m"], vec!["\u{1b}[2J", "--\u{1b}[2J"]]);
    for command in commands {
        let shown = command.join(" ");
        let ran = is_harmless(&shown, corpus.run(&command));
        assert!(!(ran.stdout + &ran.stderr).is_empty(), "{shown} says nothing");
    }
    for subject in [corpus.subject(), wrong.subject()] {
        for form in ["text", "html", "junit"] {
            is_harmless(&format!("test --format {form}"), corpus.put(&["test", "--format", form], &subject));
        }
        let fuzz = ["fuzz", "--scheme", "demo", "--cases", "200", "--seed", "1"];
        is_harmless("fuzz", corpus.put(&fuzz, &subject));
    }
}

#[test]
fn json_that_reaches_a_terminal_is_still_what_it_says() {
    let corpus = hostile();
    corpus.edit("demo/sign.yaml", "9f4ae63b", "00000000");
    let ran = is_harmless("check --format json", corpus.run(&["check", "--format", "json"]).exits(1));
    let report = ran.json();
    let name = report["failures"][0]["vector"].as_str().unwrap();
    assert_eq!(name, "demo/sign/first\u{1b}]0;x\u{7}\u{1b}[2J\u{9b}1mA\r\u{8}\u{202e}B");
}

#[test]
fn no_error_commands_the_terminal() {
    for (file, old, new, says) in [
        ("demo/scheme.yaml", "kind: system", "kind: \"\\x1b[2J\"", r"unknown variant `\u{1b}[2J`"),
        ("demo/scheme.yaml", "kind: system", "kind: sistem # \u{202e}\t\u{9f}", r"6 | kind: sistem # \u{202e}\t\u{9f}"),
        ("demo/scheme.yaml", "kind: system", "\"\\n\\nok\": x", r"unknown field `\n\nok`"),
        ("demo/sign.yaml", "operation: \"request\"", "operation: \"\\x9b1m\"", r"unknown operation `\u{9b}1m`"),
    ] {
        let corpus = Corpus::demo();
        corpus.edit(file, old, new);
        is_harmless(new, corpus.run(&["check"]).exits(2).complains(says));
    }
    let corpus = Corpus::demo();
    let (name, shown) = ("a\u{1b}[2J\nb", r"a\u{1b}[2J\nb");
    fs::rename(corpus.file("demo"), corpus.file(name)).unwrap();
    is_harmless("a folder", corpus.run(&["check"]).exits(0).prints(&format!("\n{shown}        1 ")));
    corpus.edit(&format!("{name}/sign.yaml"), "9f4ae63b", "00000000");
    is_harmless("a folder", corpus.run(&["check"]).exits(1).prints(&format!("\nFAILED {shown}/sign/first ")));
    fs::remove_file(corpus.file(name).join("sign.yaml")).unwrap();
    is_harmless("a folder", corpus.run(&["check"]).exits(2).complains(&format!("{shown}: the folder has no vectors")));
}

#[test]
fn a_caret_stands_under_what_it_marks_after_an_escape() {
    let corpus = Corpus::demo();
    corpus.edit("demo/scheme.yaml", "kind: system", "\"\\u00e9\u{1b}\u{1}\": x");
    let ran = corpus.run(&["check"]).exits(2);
    let lines: Vec<&str> = ran.stderr.lines().collect();
    let caret = lines.iter().rev().find(|line| line.trim_end().ends_with('^')).unwrap().find('^').unwrap();
    let shown = lines.iter().find(|line| line.starts_with("6 |")).unwrap();
    assert_eq!(shown.chars().nth(caret), Some('x'), "{}", ran.stderr);
}

/// Runs a command whose standard output, or standard error, can take nothing.
#[cfg(target_os = "linux")]
fn full(arguments: &[&str], stdout: &str, stderr: &str) -> Option<i32> {
    let open = |path: &str| fs::OpenOptions::new().write(true).open(path).unwrap();
    let mut command = Command::new(COUNTERSIGN);
    command.args(arguments).stdin(Stdio::null()).stdout(open(stdout)).stderr(open(stderr));
    command.status().unwrap().code()
}

#[cfg(target_os = "linux")]
#[test]
fn output_that_cannot_be_written_is_an_error() {
    let corpus = Corpus::demo();
    let own = corpus.name();
    let commands = ["--help", "--version", "help check", "check", "check --format json", "check --format html", "list"]
        .into_iter()
        .chain(["explain demo", "lint", "schema", "schema vectors", "mutants --rows", "sign demo/sign/first"]);
    for command in commands {
        let words: Vec<&str> = command.split(' ').collect();
        let takes_corpus = !command.contains("help") && command != "--version" && !command.starts_with("schema");
        let corpus = if takes_corpus { &["--corpus", own][..] } else { &[] };
        let words = [words.as_slice(), corpus].concat();
        assert_eq!(full(&words, "/dev/full", "/dev/null"), Some(2), "{command} >/dev/full");
        assert_eq!(full(&words, "/dev/null", "/dev/full"), Some(0), "{command} 2>/dev/full, which is not written to");
        assert_eq!(full(&words, "/dev/full", "/dev/full"), Some(2), "{command}, both full");
    }
    // What is said beside the output is output too.
    let noted = ["test", "--corpus", own, "--rekey", "1"];
    assert_eq!(full(&[&noted[..], &corpus.subject()].concat(), "/dev/null", "/dev/full"), Some(2));
    for (command, code) in [("check --corpus nope", 2), ("--nonsense", 2), ("sign", 2), ("check nothing", 2)] {
        let words: Vec<&str> = command.split(' ').collect();
        assert_eq!(full(&words, "/dev/null", "/dev/full"), Some(code), "{command} 2>/dev/full");
    }
    assert_eq!(full(&["check", "nothing"], "/dev/null", "/dev/null"), Some(4));
}

/// Columns that a text takes here: letters of East Asia take two.
fn columns(text: &str) -> usize {
    text.chars().map(|c| if ('\u{3000}'..='\u{9fff}').contains(&c) { 2 } else { 1 }).sum()
}

/// What stands over the carets of a text, for each line of carets.
fn marked(text: &str) -> Vec<String> {
    let lines: Vec<&str> = text.lines().collect();
    let mut marked = Vec::new();
    for pair in lines.windows(2) {
        let Some(first) = pair[1].find('^') else { continue };
        let lead = if pair[1].trim_start().starts_with("| ") { pair[1].find('|').unwrap() + 1 } else { 0 };
        assert!(pair[1][lead..].chars().all(|c| c == ' ' || c == '^'), "{pair:?}");
        let (mut at, mut over) = (0, String::new());
        for c in pair[0].chars() {
            if (first..=pair[1].rfind('^').unwrap()).contains(&at) {
                over.push(c);
            }
            at += columns(&c.to_string());
        }
        marked.push(over);
    }
    marked
}

/// A demo whose vector expects another value in the middle of a long stage.
fn differing() -> Corpus {
    let corpus = Corpus::demo();
    let long = |word: &str| format!("{}{word}{}", "日本".repeat(20), "z".repeat(100));
    corpus.edit("demo/sign.yaml", "[\"limit\", \"10\"]", &format!("[\"limit\", \"{}\"]", long("FOUND")));
    corpus.edit("demo/scheme.yaml", "        - percent-encode: unreserved\n", "");
    corpus.edit("demo/sign.yaml", "limit=10&state=open\"", &format!("limit={}&state=open\"", long("EXPECT")));
    corpus.edit("demo/sign.yaml", "A plain request.", &"Words of a comment that is longer than a line. ".repeat(4));
    corpus
}

#[test]
fn carets_stand_under_what_they_mark_in_eighty_columns_where_there_is_no_terminal() {
    let ran = differing().run(&["check"]).exits(1);
    let (ours, theirs) = ("EXPECT", "FOUND");
    assert_eq!(marked(&ran.stdout)[..2], [ours, theirs], "{}", ran.stdout);
    let is_command = |line: &str| line.starts_with("  again: ");
    for line in ran.stdout.lines().filter(|line| !is_command(line)) {
        assert!(columns(line) <= 80, "{} columns: {line}", columns(line));
    }
    ran.prints("Words of a comment that is longer than a line. Words of a comment");
}

/// Makes a mistake in a line of a scheme: what stands before it, the mistake, what follows.
fn mistaken(before: &str, after: &str) -> Corpus {
    let corpus = Corpus::demo();
    corpus.edit(
        "demo/scheme.yaml",
        "kind: system",
        &format!("unused: {{ \"{before}\": x, skew: []{after} }}\nkind: system"),
    );
    corpus
}

#[test]
fn a_caret_stands_under_what_it_marks_in_a_line_of_any_length() {
    for (before, after) in [("", ""), ("日本", ""), ("日本".repeat(50).as_str(), ""), ("", ", y: x")] {
        let ran = mistaken(before, after).run(&["check"]).exits(2);
        assert_eq!(marked(&ran.stderr), ["["], "{}", ran.stderr);
        let excerpt = ran.stderr.lines().skip(1);
        excerpt.for_each(|line| assert!(columns(line) <= 80, "{line}"));
    }
    let long = mistaken("", &format!(", y: \"{}\"", "日".repeat(1000))).run(&["check"]).exits(2);
    assert_eq!(marked(&long.stderr), ["["], "{}", long.stderr);
    assert!(long.stderr.lines().skip(1).all(|line| columns(line) <= 80), "{}", long.stderr);
}

/// Runs the command on a terminal of so many columns; what it shows.
#[cfg(target_os = "linux")]
fn on_a_terminal(of: u16, arguments: &[&str]) -> String {
    use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
    use rustix::termios::{Winsize, tcsetwinsize};
    use std::io::Read;
    let main = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
    grantpt(&main).unwrap();
    unlockpt(&main).unwrap();
    tcsetwinsize(&main, Winsize { ws_row: 24, ws_col: of, ws_xpixel: 0, ws_ypixel: 0 }).unwrap();
    let name = ptsname(&main, Vec::new()).unwrap().into_string().unwrap();
    let open = || fs::OpenOptions::new().read(true).write(true).open(&name).unwrap();
    let mut command = Command::new(COUNTERSIGN);
    let mut child = command.args(arguments).stdin(open()).stdout(open()).stderr(open()).spawn().unwrap();
    drop(command);
    let mut shown = Vec::new();
    // It ends in an error when the last of those who could write has gone.
    let _ = fs::File::from(main).read_to_end(&mut shown);
    child.wait().unwrap();
    String::from_utf8(shown).unwrap().replace("\r\n", "\n")
}

#[cfg(target_os = "linux")]
#[test]
fn text_is_as_wide_as_the_terminal() {
    let corpus = differing();
    let own = corpus.name();
    let wrong = mistaken(&"日本".repeat(50), "");
    let wrong = wrong.name();
    for of in [50, 70, 120] {
        let text = on_a_terminal(of, &["check", "--corpus", own]);
        let of = usize::from(of);
        assert_eq!(marked(&text)[..2], ["EXPECT", "FOUND"], "{text}");
        let lines = text.lines().filter(|line| !line.starts_with("  again: ") && !line.contains("  discrepancies"));
        let lines: Vec<&str> = lines.filter(|line| !line.starts_with("demo ")).collect();
        assert!(lines.iter().all(|line| columns(line) <= of), "{of} columns:\n{text}");
        assert!(lines.iter().any(|line| columns(line) > of - 15), "{of} columns are not used:\n{text}");
        let text = on_a_terminal(of as u16, &["check", "--corpus", wrong]);
        assert_eq!(marked(&text), ["["], "{text}");
        let excerpt: Vec<&str> = text.lines().skip_while(|line| line.trim() != "|").collect();
        assert!(excerpt.len() == 3 && excerpt.iter().all(|line| columns(line) <= of), "{of} columns:\n{text}");
        let text = on_a_terminal(of as u16, &["list", "vectors", "--corpus", own]);
        assert!(text.lines().count() > 2 && text.lines().all(|line| columns(line) <= of), "{of} columns:\n{text}");
        let text = on_a_terminal(of as u16, &["explain", "steps"]);
        let lines = text.lines().filter(|line| !line.starts_with("  example: "));
        lines.for_each(|line| assert!(columns(line) <= of, "{of} columns: {line}"));
    }
}

/// Without this, a command that prints past these would panic where its output is full.
#[test]
fn all_that_is_said_goes_one_way() {
    let mut open = vec![std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src")];
    while let Some(path) = open.pop() {
        if path.is_dir() {
            open.extend(fs::read_dir(path).unwrap().map(|entry| entry.unwrap().path()));
            continue;
        }
        let text = fs::read_to_string(&path).unwrap();
        for word in ["eprintln!", "println!", "eprint!", "print!", "dbg!"] {
            assert!(!text.contains(&format!(" {word}(")), "{} prints by {word}", path.display());
        }
    }
}
