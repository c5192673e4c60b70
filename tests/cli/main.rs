//! The command line: exit codes and outputs of every subcommand, as a user meets them.

mod accounts;
mod adapter;
mod authoring;
mod bad_input;
#[cfg(target_os = "linux")]
mod bounded;
mod by_hand;
mod check;
mod command;
mod diagnosis;
mod fuzz;
mod hostile;
mod http;
mod known;
mod levels;
mod lookup;
mod secrecy;
#[path = "../setting/mod.rs"]
mod setting;
mod terminal;
mod writing;

use command::run;

#[test]
fn usage_errors_are_exit_code_2() {
    let misuses = [
        "--nonsense",
        "check --nonsense",
        "check --format xml",
        "check --corpus",
        "list nothings",
        "explain",
        "sign",
        "verify",
        "adapter extra",
        "lint a b",
        "new",
        "schema a b",
    ];
    for misuse in misuses {
        let ran = run(misuse.split(' ')).exits(2).complains("For more information, try '--help'");
        assert!(ran.stdout.is_empty(), "{misuse}: {}", ran.stdout);
    }
}

#[test]
fn help_and_version_are_no_errors() {
    let help = run(["--help"]).exits(0);
    for command in ["check", "list", "explain", "sign", "verify", "adapter", "lint", "export", "schema", "new"] {
        assert!(help.stdout.contains(&format!("\n  {command} ")), "{command} is not in the help:\n{}", help.stdout);
        run([command, "--help"]).exits(0).prints("Usage: countersign");
    }
    run(["--version"]).exits(0).prints(&format!("countersign {}", env!("CARGO_PKG_VERSION")));
}
