//! The command line: one file a subcommand.
//!
//! Exit codes: 0 conforms; 1 differences found; 2 bad usage, scheme or corpus; 3 the subject could
//! not be run or broke the protocol; 4 nothing ran; 128 and the number of the signal for a run that was interrupted.

mod adapter;
mod case;
mod check;
mod diagnose;
mod explain;
mod export;
mod fields;
mod fuzz;
mod generate;
mod interrupt;
mod item;
mod language;
mod lint;
mod list;
mod mutants;
mod named;
mod new;
mod options;
mod outcome;
mod page;
mod progress;
mod promote;
mod report;
mod schema;
mod sign;
mod test;
mod verify;
mod write;

use clap::{Parser, Subcommand};
use options::{CorpusArgs, Format, ReportArgs, load};
use outcome::{End, Failed, Outcome, columns, every, is_stale, json_text, print, say, wrapped};
use std::process::ExitCode;
use write::{Force, Output, OutputFile, Over, write_folder};

/// Conformance test vectors for HTTP API request signing.
#[derive(Debug, Parser)]
#[command(name = "countersign", version, about, args_conflicts_with_subcommands = true, term_width = columns())]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    check: check::CheckCommand,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Check the corpus against the reference (what happens without a command)
    Check(check::CheckCommand),
    /// Run the corpus against an implementation in any language, behind an adapter
    Test(test::Test),
    /// Look for inputs on which an implementation differs from the reference
    Fuzz(fuzz::Fuzz),
    /// List schemes, vectors, steps, or whatever else has a name
    List(list::List),
    /// Explain a scheme, a vector, a step, or whatever else has a name
    Explain(explain::Explain),
    /// Sign a request by hand, showing every stage
    Sign(sign::Sign),
    /// Verify messages by hand, showing every stage
    Verify(verify::Verify),
    /// Say what is wrong with a signature that some code made
    Diagnose(diagnose::Diagnose),
    /// Speak the adapter protocol on standard input and output, as the reference
    Adapter(adapter::Adapter),
    /// Look for mistakes in a corpus or in one scheme folder
    Lint(lint::Lint),
    /// Write the derived files of a corpus: JSON, schemas, readings, the language page
    Export(export::Export),
    /// Find vectors that the hand-written ones lack; write generated.yaml
    Generate(generate::Generate),
    /// Print the JSON Schemas of the files
    Schema(schema::Schema),
    /// Show which plausible wrong implementations the vectors catch
    Mutants(mutants::Mutants),
    /// Start a scheme of your own: a commented folder with a first vector
    New(new::New),
}

/// Parses the arguments, runs the command and gives its exit code.
pub fn main() -> ExitCode {
    let ended = match Cli::try_parse() {
        Ok(cli) => cli.run().map(End::code),
        Err(error) => outcome::usage(error),
    };
    ExitCode::from(ended.unwrap_or_else(|failed| {
        // Where that cannot be said either, the exit code alone says it.
        let _ = say(&failed.0);
        2
    }))
}

impl Cli {
    fn run(self) -> Outcome {
        match self.command {
            None => self.check.run(),
            Some(Command::Check(command)) => command.run(),
            Some(Command::Test(command)) => command.run(),
            Some(Command::Fuzz(command)) => command.run(),
            Some(Command::List(command)) => command.run(),
            Some(Command::Explain(command)) => command.run(),
            Some(Command::Sign(command)) => command.run(),
            Some(Command::Verify(command)) => command.run(),
            Some(Command::Diagnose(command)) => command.run(),
            Some(Command::Adapter(command)) => command.run(),
            Some(Command::Lint(command)) => command.run(),
            Some(Command::Export(command)) => command.run(),
            Some(Command::Generate(command)) => command.run(),
            Some(Command::Schema(command)) => command.run(),
            Some(Command::Mutants(command)) => command.run(),
            Some(Command::New(command)) => command.run(),
        }
    }
}
