//! `countersign adapter`: the reference behind the adapter protocol.

use super::{CorpusArgs, End, Failed, Outcome};
use crate::case::Reply;
use crate::corpus::Corpus;
use crate::subject::{CAPABILITIES, Call, Hello, Op, PROTOCOL, Response};
use crate::trial::Reference;
use crate::yaml;
use clap::Args;
use serde::Serialize;
use serde_json::Value;
use std::io::{BufRead, BufReader, BufWriter, Read, Write};

/// Longest line that is read, in bytes.
const MAX_LINE: u64 = 64 << 20;

/// Speak the adapter protocol on standard input and output, as the reference.
#[derive(Debug, Args)]
pub(super) struct Adapter {
    #[command(flatten)]
    corpus: CorpusArgs,
}

impl Adapter {
    pub(super) fn run(self) -> Outcome {
        let corpus = self.corpus.load()?;
        let mut reference = Reference::new(corpus.schemes());
        let mut input = BufReader::with_capacity(1 << 16, std::io::stdin().lock());
        let mut output = BufWriter::with_capacity(1 << 16, std::io::stdout().lock());
        let mut line = Vec::new();
        loop {
            line.clear();
            if input.by_ref().take(MAX_LINE).read_until(b'\n', &mut line)? == 0 {
                break;
            }
            if line.len() as u64 == MAX_LINE && line.last() != Some(&b'\n') {
                return Err(Failed(format!("a line of the protocol has more than {MAX_LINE} bytes")));
            }
            if line.trim_ascii().is_empty() {
                continue;
            }
            match answer(&line, &corpus, &mut reference) {
                Line::Line(reply) => send(&mut output, &reply)?,
                Line::Stop => break,
            }
            // Replies wait together for as long as there is more to read at once.
            if input.buffer().is_empty() {
                output.flush()?;
            }
        }
        output.flush()?;
        Ok(End::Conforms)
    }
}

enum Line {
    Line(Value),
    Stop,
}

fn answer(line: &[u8], corpus: &Corpus, reference: &mut Reference<'_>) -> Line {
    let message: Call = match serde_json::from_slice(line) {
        Ok(message) => message,
        Err(e) => {
            // The message may still say who asks; what is wrong with it is told without quoting it.
            let found = serde_json::from_slice::<Value>(line);
            let why = match &found {
                Ok(value) => yaml::decode::<Call>(value).err().map_or_else(|| e.to_string(), |(_, why)| why),
                Err(e) => e.to_string(),
            };
            let seq = found.ok().and_then(|value| value.get("seq").cloned()).unwrap_or_default();
            let reply = Reply::Error(format!("not a message of the protocol: {why}"));
            return Line::Line(to_line(&Response::of(seq, reply)));
        }
    };
    let seq = message.seq.clone();
    match message.op {
        Op::Stop => Line::Stop,
        Op::Start if message.protocol.is_some_and(|version| version != PROTOCOL) => {
            let why = format!("this is version {PROTOCOL} of the protocol");
            Line::Line(to_line(&Response::of(seq, Reply::Error(why))))
        }
        Op::Start => Line::Line(to_line(&hello(seq, corpus))),
        Op::Sign | Op::Verify => {
            let reply = message.case().map_or_else(Reply::Error, |case| reference.answer(&case));
            Line::Line(to_line(&Response::of(seq, reply)))
        }
    }
}

fn hello(seq: Value, corpus: &Corpus) -> Hello {
    let both = || vec!["sign".to_owned(), "verify".to_owned()];
    Hello {
        seq,
        name: "countersign".into(),
        version: env!("CARGO_PKG_VERSION").into(),
        language: "rust".into(),
        schemes: corpus.entries.iter().map(|entry| (entry.name.clone(), both())).collect(),
        capabilities: CAPABILITIES.map(str::to_owned).to_vec(),
    }
}

fn to_line(reply: &impl Serialize) -> Value {
    serde_json::to_value(reply).unwrap_or_default()
}

fn send(output: &mut impl Write, reply: &Value) -> Result<(), Failed> {
    serde_json::to_writer(&mut *output, reply).map_err(|e| Failed(e.to_string()))?;
    output.write_all(b"\n").map_err(Failed::from)
}
