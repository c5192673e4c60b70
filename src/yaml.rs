//! Strict YAML: one parse to a tree in which every node knows where it stands.
//!
//! Refused, with file, line and column: anchors, aliases, merge keys, tags, duplicate keys, several
//! documents, deep nesting, large files, carriage returns, invalid UTF-8 and, where a file format
//! asks for it, plain scalars. Without aliases a file cannot expand, so the tree is bounded by the
//! file. May use `printable`.

mod found;
mod segment;

pub use found::decode;
pub use segment::{Segment, path};

use crate::printable;
use saphyr_parser::{Event, Parser, ScalarStyle, Span};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Number, Value};
use std::collections::HashSet;
use std::fmt;
use std::fs::File;
use std::io::Read;
use std::path::Path;

/// Largest file that is read, in bytes.
pub const MAX_BYTES: usize = 16 << 20;
/// Deepest nesting of lists and maps.
pub const MAX_DEPTH: usize = 64;

/// Kinds of scalars that a file may hold.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Scalars {
    /// Plain scalars are fine: schemes.
    Plain,
    /// Every value is quoted or a block literal: statements.
    Quoted,
    /// As `Quoted`, and any of them may be a credential: vectors, accounts, whatever holds one. An error about such a
    /// file says where, and quotes nothing that stands there.
    Withheld,
}

/// An error in a file, with its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Error {
    /// Name of the file as it was given.
    pub file: String,
    /// Line, from 1; 0 where the file as a whole is meant.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
    /// Sentence that says what was found, what was expected and what to do.
    pub message: String,
    /// The line before the place and from there on, printable.
    excerpt: Option<[String; 2]>,
}

impl Error {
    /// An error about a file as a whole.
    pub fn whole(file: &str, message: impl Into<String>) -> Self {
        Error { file: file.into(), line: 0, column: 0, message: message.into(), excerpt: None }
    }
}

impl Error {
    /// The error for a terminal of so many columns: the line that it is about is cut where it is longer, so that the
    /// caret stands under the place.
    pub fn text(&self, columns: usize) -> String {
        let [file, message] = [&self.file, &self.message].map(|text| printable::text(text));
        if self.line == 0 {
            return format!("{file}: {message}");
        }
        let head = format!("{file}:{}:{}: {message}", self.line, self.column);
        let Some([before, after]) = &self.excerpt else { return head };
        let number = self.line.to_string();
        let gutter = " ".repeat(number.len());
        let room = columns.saturating_sub(gutter.len() + " | ".len()).max(20);
        let fits = printable::columns(before) + printable::columns(after) <= room;
        let before = if fits { before.clone() } else { printable::end(before, room / 2) };
        let lead = printable::columns(&before);
        let after = printable::start(after, room - lead);
        let lead = " ".repeat(lead);
        format!("{head}\n{gutter} |\n{number} | {before}{after}\n{gutter} | {lead}^")
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text(printable::COLUMNS))
    }
}

impl std::error::Error for Error {}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct LineColumn {
    line: usize,
    column: usize,
}

#[derive(Debug)]
enum NodeKind {
    Scalar(Value),
    List(Vec<TreeNode>),
    Map(Vec<(String, TreeNode)>),
}

#[derive(Debug)]
struct TreeNode {
    place: LineColumn,
    kind: NodeKind,
}

/// A parsed file.
#[derive(Debug)]
pub struct Document {
    file: String,
    /// Lines for excerpts; none where they are withheld.
    lines: Vec<String>,
    root: TreeNode,
    retyped: Vec<String>,
}

/// Reads a file that somebody names, a pipe as well, to its end; of one over [`MAX_BYTES`] no more than these.
pub fn read(file: &Path) -> Result<Vec<u8>, Error> {
    read_from(file, File::open(file))
}

/// Reads standard input to its end, within the same bound.
#[cfg(feature = "cli")]
pub fn read_input() -> Result<Vec<u8>, Error> {
    read_from(Path::new("standard input"), Ok(std::io::stdin().lock()))
}

fn read_from(name: &Path, source: std::io::Result<impl Read>) -> Result<Vec<u8>, Error> {
    let mut bytes = Vec::new();
    let read = source.and_then(|open| open.take(MAX_BYTES as u64 + 1).read_to_end(&mut bytes));
    read.map_err(|e| unreadable(name, &e))?;
    check_size(&name.display().to_string(), &bytes)?;
    Ok(bytes)
}

/// Reads a file of a corpus: a regular file, or a link to one. Others have no end, or wait until somebody writes.
pub fn read_regular(file: &Path) -> Result<Vec<u8>, Error> {
    match std::fs::metadata(file).map_err(|e| unreadable(file, &e))?.is_file() {
        true => read(file),
        false => {
            let message = "is no regular file; a corpus has regular files alone";
            Err(Error::whole(&file.display().to_string(), message))
        }
    }
}

fn unreadable(file: &Path, why: &std::io::Error) -> Error {
    Error::whole(&file.display().to_string(), format!("cannot be read: {why}"))
}

fn check_size(name: &str, bytes: &[u8]) -> Result<(), Error> {
    if bytes.len() > MAX_BYTES {
        let message = format!("the file has more than {MAX_BYTES} bytes, which is the most that is read; split it");
        return Err(Error::whole(name, message));
    }
    Ok(())
}

impl Document {
    /// Parses a file; `file` is only a name for messages.
    pub fn parse(file: &str, bytes: &[u8], scalars: Scalars) -> Result<Document, Error> {
        check_size(file, bytes)?;
        let text = match std::str::from_utf8(bytes) {
            Ok(text) => text,
            Err(e) => {
                let before = String::from_utf8_lossy(&bytes[..e.valid_up_to()]).into_owned();
                return Err(after(
                    file,
                    &before,
                    "invalid UTF-8 here; files are UTF-8, other bytes are written {hex: \"…\"}",
                ));
            }
        };
        if let Some(at) = text.find('\r') {
            let message = "a carriage return: the line endings of this file were converted; check it out unconverted \
                           (`.gitattributes` with `vectors/** -text`), and write \"\\r\" where one is meant";
            return Err(after(file, &text[..at], message));
        }
        let mut builder = TreeBuilder { file, text, scalars, open: Vec::new(), root: None, retyped: Vec::new() };
        for event in Parser::new_from_str(text) {
            match event {
                Ok((event, span)) => builder.event(event, span)?,
                Err(e) => {
                    let place = LineColumn { line: e.marker().line(), column: e.marker().col() + 1 };
                    return Err(builder.error(place, format!("not YAML: {}", e.info())));
                }
            }
        }
        let root = builder.root.ok_or_else(|| Error::whole(file, "the file is empty"))?;
        let lines = if scalars == Scalars::Withheld { "" } else { text }.lines().map(str::to_owned).collect();
        Ok(Document { file: file.into(), lines, root, retyped: builder.retyped })
    }

    /// The document as plain data.
    pub fn value(&self) -> Value {
        self.root.value()
    }

    /// Plain scalars that readers of YAML 1.1 take for something else, such as `no` and `0300`.
    pub fn retyped(&self) -> &[String] {
        &self.retyped
    }

    /// Decodes the document; an error of serde gets the place of the node that it speaks of.
    ///
    /// Derived readers take a list of the fields, in order, for a map; here that is an error too.
    pub fn decode<T: DeserializeOwned + Serialize>(&self) -> Result<T, Error> {
        self.decode_as(&self.value())
    }

    /// Decodes what the document stands for, where that is more than is written: errors have the place of what is.
    pub fn decode_as<T: DeserializeOwned + Serialize>(&self, value: &Value) -> Result<T, Error> {
        let decoded: T = decode(value).map_err(|(path, message)| self.error(&path, message))?;
        let printed = serde_json::to_value(&decoded).unwrap_or_default();
        match list_for_map(value, &printed) {
            Some(mut path) => {
                path.reverse();
                Err(self.error(&path, "a list, where a map is due: name the fields"))
            }
            None => Ok(decoded),
        }
    }

    /// An error about the node at `path`, or about the deepest node above it that there is.
    pub fn error(&self, path: &[Segment], message: impl Into<String>) -> Error {
        let place = self.root.find(path);
        let line = self.lines.get(place.line - 1).map(String::as_str);
        excerpt_error(&self.file, place, message.into(), line)
    }
}

/// The path, its last segment first, to a list that was taken for a map.
fn list_for_map(found: &Value, printed: &Value) -> Option<Vec<Segment>> {
    let (mut path, segment) = match (found, printed) {
        (Value::Array(_), Value::Object(_)) => return Some(Vec::new()),
        (Value::Array(a), Value::Array(b)) => {
            a.iter().zip(b).enumerate().find_map(|(i, (a, b))| Some((list_for_map(a, b)?, Segment::Index(i))))?
        }
        (Value::Object(a), Value::Object(b)) => {
            a.iter().find_map(|(key, a)| Some((list_for_map(a, b.get(key)?)?, Segment::Key(key.clone()))))?
        }
        _ => return None,
    };
    path.push(segment);
    Some(path)
}

/// An error at the end of the text that was read so far.
fn after(file: &str, before: &str, message: &str) -> Error {
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or("").chars().count() + 1;
    Error { file: file.into(), line, column, message: message.into(), excerpt: None }
}

/// Number of characters of a line that are kept before and after a place: more than a terminal has columns.
const KEPT: usize = 500;

fn excerpt_error(file: &str, place: LineColumn, message: String, line: Option<&str>) -> Error {
    let excerpt = line.map(|line| {
        let at = line.char_indices().nth(place.column.saturating_sub(1)).map_or(line.len(), |(at, _)| at);
        let before: Vec<char> = line[..at].chars().rev().take(KEPT).collect();
        let after: String = line[at..].chars().take(KEPT).collect();
        [before.iter().rev().collect(), after].map(|part: String| printable::text(&part).into_owned())
    });
    Error { file: file.into(), line: place.line, column: place.column, message, excerpt }
}

impl TreeNode {
    fn value(&self) -> Value {
        match &self.kind {
            NodeKind::Scalar(value) => value.clone(),
            NodeKind::List(items) => Value::Array(items.iter().map(TreeNode::value).collect()),
            NodeKind::Map(entries) => {
                let pairs = entries.iter().map(|(k, v)| (k.clone(), v.value()));
                Value::Object(pairs.collect::<Map<_, _>>())
            }
        }
    }

    fn find(&self, path: &[Segment]) -> LineColumn {
        let next = match (path.first(), &self.kind) {
            (Some(Segment::Index(i)), NodeKind::List(items)) => items.get(*i),
            (Some(Segment::Key(key)), NodeKind::Map(entries)) => entries.iter().find(|(k, _)| k == key).map(|(_, v)| v),
            _ => None,
        };
        next.map_or(self.place, |node| node.find(&path[1..]))
    }
}

struct TreeBuilder<'a> {
    file: &'a str,
    text: &'a str,
    scalars: Scalars,
    open: Vec<Open>,
    root: Option<TreeNode>,
    retyped: Vec<String>,
}

struct Open {
    node: TreeNode,
    key: Option<String>,
    /// Keys of a map so far.
    keys: HashSet<String>,
}

impl TreeBuilder<'_> {
    fn error(&self, place: LineColumn, message: impl Into<String>) -> Error {
        let line = self.text.lines().nth(place.line.saturating_sub(1));
        excerpt_error(self.file, place, message.into(), line.filter(|_| self.scalars != Scalars::Withheld))
    }

    fn event(&mut self, event: Event<'_>, span: Span) -> Result<(), Error> {
        let place = LineColumn { line: span.start.line(), column: span.start.col() + 1 };
        match event {
            Event::Alias(_) => Err(self.error(place, "an alias; write the value out")),
            Event::Scalar(text, style, anchor, tag) => {
                self.plain_node(place, anchor, tag.is_some())?;
                self.scalar(place, &text, style)
            }
            Event::SequenceStart(anchor, tag) => {
                self.plain_node(place, anchor, tag.is_some())?;
                self.open(place, NodeKind::List(Vec::new()))
            }
            Event::MappingStart(anchor, tag) => {
                self.plain_node(place, anchor, tag.is_some())?;
                self.open(place, NodeKind::Map(Vec::new()))
            }
            Event::SequenceEnd | Event::MappingEnd => {
                let done = self.open.pop().map(|o| o.node);
                done.map_or(Ok(()), |node| self.add(node))
            }
            Event::DocumentStart(_) if self.root.is_some() => {
                Err(self.error(place, "a second document; one file holds one document"))
            }
            _ => Ok(()),
        }
    }

    fn plain_node(&self, place: LineColumn, anchor: usize, tag: bool) -> Result<(), Error> {
        if anchor != 0 {
            return Err(self.error(place, "an anchor; write the value out where it is needed"));
        }
        if tag {
            return Err(self.error(place, "a tag; the type of a value follows from its field"));
        }
        Ok(())
    }

    fn open(&mut self, place: LineColumn, kind: NodeKind) -> Result<(), Error> {
        self.refuse_as_key(place)?;
        if self.open.len() == MAX_DEPTH {
            return Err(self.error(place, format!("nested deeper than {MAX_DEPTH} levels")));
        }
        self.open.push(Open { node: TreeNode { place, kind }, key: None, keys: HashSet::new() });
        Ok(())
    }

    fn refuse_as_key(&self, place: LineColumn) -> Result<(), Error> {
        match self.open.last() {
            Some(Open { node: TreeNode { kind: NodeKind::Map(_), .. }, key: None, .. }) => {
                Err(self.error(place, "a list or map as a key; keys are text"))
            }
            _ => Ok(()),
        }
    }

    fn scalar(&mut self, place: LineColumn, text: &str, style: ScalarStyle) -> Result<(), Error> {
        if let Some(Open { node: TreeNode { kind: NodeKind::Map(_), .. }, key: key @ None, keys }) =
            self.open.last_mut()
        {
            let message = if text == "<<" {
                "a merge key; write the fields out"
            } else if !keys.insert(text.to_owned()) {
                "a key that stands twice in one map"
            } else {
                *key = Some(text.to_owned());
                return Ok(());
            };
            return Err(self.error(place, message));
        }
        let plain = style == ScalarStyle::Plain;
        if plain && self.scalars != Scalars::Plain {
            let message = match text {
                "" => "a value is missing here",
                _ => "a value without quotes: in this file every value is a string, written \"…\"",
            };
            return Err(self.error(place, message));
        }
        if plain && is_retyped_by_yaml_1_1(text) {
            self.retyped.push(text.to_owned());
        }
        let value = if plain { plain_value(text) } else { Value::String(text.to_owned()) };
        self.add(TreeNode { place, kind: NodeKind::Scalar(value) })
    }

    fn add(&mut self, node: TreeNode) -> Result<(), Error> {
        match self.open.last_mut() {
            None => self.root = Some(node),
            Some(Open { node: TreeNode { kind: NodeKind::List(items), .. }, .. }) => items.push(node),
            Some(Open { node: TreeNode { kind: NodeKind::Map(entries), .. }, key, .. }) => {
                entries.push((key.take().unwrap_or_default(), node));
            }
            Some(_) => {}
        }
        Ok(())
    }
}

/// Returns whether readers of YAML 1.1 take a plain scalar for a truth value, an octal number or a time.
fn is_retyped_by_yaml_1_1(text: &str) -> bool {
    let words = ["y", "n", "yes", "no", "on", "off"];
    let digits = |s: &str| !s.is_empty() && s.bytes().all(|b| b.is_ascii_digit() || b == b'_');
    let octal = text.len() > 1 && text.starts_with('0') && digits(text);
    let sexagesimal = text.contains(':') && text.split(':').all(digits);
    words.contains(&text.to_ascii_lowercase().as_str()) || octal || sexagesimal
}

/// A plain scalar by the YAML 1.2 core schema, as far as schemes use it.
fn plain_value(text: &str) -> Value {
    match text {
        "true" => Value::Bool(true),
        "false" => Value::Bool(false),
        "" | "null" | "~" => Value::Null,
        _ => match text.parse::<i64>() {
            Ok(n) if n.to_string() == text => Value::Number(Number::from(n)),
            _ => Value::String(text.to_owned()),
        },
    }
}
