//! The invariants of the architecture, read off the sources.

mod imports;

use imports::Crate;
use proc_macro2::TokenStream;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::fs;
use std::path::{Path, PathBuf};
use std::str::FromStr;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).to_owned()
}

fn sources(directory: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut open = vec![root().join(directory)];
    while let Some(path) = open.pop() {
        if path.is_dir() {
            open.extend(fs::read_dir(&path).unwrap().map(|entry| entry.unwrap().path()));
        } else {
            let name = path.strip_prefix(root()).unwrap().display().to_string();
            found.push((name, fs::read_to_string(&path).unwrap()));
        }
    }
    assert!(!found.is_empty(), "{directory} is empty");
    found
}

/// The sources of the library, by their names below `src/`.
fn library() -> Crate {
    let below = |(file, text): (String, String)| Some((file.strip_prefix("src/")?.to_owned(), text));
    let rust = sources("src").into_iter().filter(|(file, _)| file.ends_with(".rs") && file != "src/main.rs");
    Crate::read(rust.filter_map(below))
}

/// The layers of the library, the lowest first.
const LAYERS: [&str; 20] = [
    "parallel",
    "derived",
    "primitive",
    "printable",
    "bytes",
    "request",
    "yaml",
    "scheme",
    "case",
    "corpus",
    "trial",
    "inputs",
    "subject",
    "runner",
    "mutation",
    "diagnosis",
    "differential",
    "report",
    "conformance",
    "cli",
];

/// The layer of a file or of a path.
fn layer(name: &str) -> usize {
    let found = LAYERS.iter().position(|layer| *layer == name);
    found.unwrap_or_else(|| panic!("`{name}` is none of the layers; give it a place among them"))
}

/// The part of the library that a file belongs to.
fn part(file: &str) -> &str {
    file.split(['/', '.']).next().unwrap()
}

/// Imports of something of a higher layer.
fn upward(library: &Crate) -> Vec<String> {
    let mut found = BTreeSet::new();
    for (file, named) in library.named().filter(|(file, _)| part(file) != "lib") {
        for path in named {
            let above = path.first().unwrap_or_else(|| panic!("{file} imports all that the crate has"));
            if layer(above) > layer(part(file)) {
                found.insert(format!("{file} imports {}", path.join("::")));
            }
        }
    }
    found.into_iter().collect()
}

/// Files that import one another, directly or not: for each a way round from it to itself.
fn circles(library: &Crate) -> Vec<String> {
    let imports = library.imports();
    let mut circles = Vec::new();
    for &start in imports.keys() {
        // For each file that was reached, the one before it.
        let mut before = BTreeMap::new();
        let mut open = VecDeque::from([start]);
        while let Some(file) = open.pop_front() {
            for &next in &imports[file] {
                if !before.contains_key(next) {
                    before.insert(next, file);
                    open.push_back(next);
                }
            }
        }
        let mut way = vec![start];
        while let Some(&file) = before.get(way[way.len() - 1]) {
            way.push(file);
            if file == start {
                way.reverse();
                circles.push(way.join(" imports "));
                break;
            }
        }
    }
    circles
}

#[test]
fn data_flows_one_way() {
    let library = library();
    assert!(library.named().map(|(_, named)| named.len()).sum::<usize>() > 1000, "the imports are not read");
    let upward = upward(&library);
    assert!(upward.is_empty(), "{}", upward.join("\n"));
}

#[test]
fn no_file_imports_one_that_imports_it() {
    let library = library();
    assert!(library.imports().values().map(BTreeSet::len).sum::<usize>() > 400, "the imports are not read");
    let circles = circles(&library);
    assert!(circles.is_empty(), "{}", circles.join("\n"));
}

#[test]
fn every_form_of_an_import_is_read() {
    let forms = [
        ("use crate::corpus;\nfn f() -> corpus::Entry { loop {} }", &["corpus/model.rs"][..]),
        ("use crate::{corpus::Entry};", &["corpus/model.rs"]),
        (
            "use crate::{bytes::{self, Bytes}, corpus::{Entry, load::{load as read}}};",
            &["bytes.rs", "corpus/load.rs", "corpus/model.rs"],
        ),
        ("use super::super::corpus::Entry;", &["corpus/model.rs"]),
        ("use super::twin::*;", &["runner/twin.rs"]),
        ("use super::{twin, Own};", &["runner/mod.rs"]),
        ("use super::{twin};\nfn f() { twin::go() }", &["runner/twin.rs"]),
        ("fn f(entry: &crate::corpus::Entry) {}", &["corpus/model.rs"]),
        ("fn f() { assert!(matches!(1, crate::corpus::HIGHEST)) }", &["corpus/mod.rs"]),
        ("fn f() -> A { A { ..crate::corpus::load::load() } }", &["corpus/load.rs"]),
        ("fn f() { use crate::corpus as c; c::load::load() }", &["corpus/load.rs"]),
        ("fn f() -> <A as super::Trait>::B {}", &["runner/twin.rs"]),
        ("mod tests { use super::super::twin::go; }", &["runner/twin.rs"]),
        ("#[serde(with = \"crate::bytes::text\")]\nstruct A;", &["bytes.rs"]),
        ("pub(in crate::corpus) fn f() {}", &[]),
        (
            "/// See [`crate::corpus::Entry`].\n// use crate::corpus::Entry;\nconst A: &str = \"crate::corpus::Entry\";",
            &[],
        ),
    ];
    for (text, expected) in forms {
        let files = [
            ("lib.rs", "pub mod bytes; pub mod corpus; pub mod runner;"),
            ("bytes.rs", "pub struct Bytes; pub mod text {}"),
            ("corpus/mod.rs", "mod load; mod model; pub use model::*; pub use load::load; pub const HIGHEST: u8 = 1;"),
            ("corpus/load.rs", "pub fn load() {}"),
            ("corpus/model.rs", "pub struct Entry;"),
            ("runner/mod.rs", "mod one; mod twin; pub use twin::Trait; pub struct Own;"),
            ("runner/twin.rs", "pub fn go() {} pub trait Trait {}"),
            ("runner/one.rs", text),
        ];
        let library = Crate::read(files.map(|(name, text)| (name.to_owned(), text.to_owned())));
        assert_eq!(library.imports()["runner/one.rs"].iter().copied().collect::<Vec<_>>(), expected, "{text}");
    }
}

#[test]
fn an_import_upward_and_a_circle_are_found() {
    let files = [
        ("lib.rs", "mod bytes; mod runner;"),
        ("bytes.rs", "use crate::{runner::f};"),
        (
            "runner/mod.rs",
            "mod one; mod two; mod three; mod four; pub use four::*; pub use one::One; use two::go; pub fn f(_: Own, _: Four) {}",
        ),
        ("runner/one.rs", "use super::three; fn f() { three::go() } pub struct One;"),
        ("runner/two.rs", "use super::f;"),
        ("runner/three.rs", "use super::One;"),
        ("runner/four.rs", "pub struct Four; use super::f;"),
    ];
    let library = Crate::read(files.map(|(name, text)| (name.to_owned(), text.to_owned())));
    assert_eq!(upward(&library), ["bytes.rs imports runner::f"]);
    assert_eq!(
        circles(&library),
        [
            "runner/four.rs imports runner/mod.rs imports runner/four.rs",
            "runner/mod.rs imports runner/four.rs imports runner/mod.rs",
            "runner/one.rs imports runner/three.rs imports runner/one.rs",
            "runner/three.rs imports runner/one.rs imports runner/three.rs",
            "runner/two.rs imports runner/mod.rs imports runner/two.rs",
        ]
    );
}

#[test]
fn the_corpus_never_evaluates() {
    for (file, text) in sources("src/corpus") {
        for word in ["Program", "Scratch", ".sign(", ".verify("] {
            assert!(!text.contains(word), "{file} uses {word}: an expectation must not be computed by the loader");
        }
    }
}

#[test]
fn no_type_of_a_subject_holds_an_expectation() {
    let library = library();
    for (file, named) in library.named().filter(|(file, _)| part(file) == "subject") {
        for path in named {
            let is_expectation = path[0] == "corpus" || path.iter().any(|name| name.starts_with("Expect"));
            assert!(!is_expectation, "{file} imports {}", path.join("::"));
        }
    }
}

/// Types of one name in two files, each with the reason why it stays.
const NAMESAKES: [(&str, &str); 0] = [];

#[test]
fn one_name_is_one_thing() {
    let mut places: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (file, text) in sources("src").into_iter().filter(|(file, _)| file.ends_with(".rs")) {
        for line in text.lines() {
            let words: Vec<&str> = line.split([' ', '<', '(', '{', ';', ':']).collect();
            let declared = words.iter().position(|word| ["struct", "enum", "trait"].contains(word));
            let is_item = declared
                .is_some_and(|at| words[..at].iter().all(|w| w.is_empty() || w.starts_with("pub") || w.ends_with(')')));
            if let Some(name) = declared.filter(|_| is_item).and_then(|at| words.get(at + 1)) {
                places.entry((*name).to_owned()).or_default().insert(file.clone());
            }
        }
    }
    assert!(places.len() > 300, "the types are not read");
    let several =
        places.iter().filter(|(name, files)| files.len() > 1 && !NAMESAKES.iter().any(|(own, _)| own == name));
    let several: Vec<String> = several.map(|(name, files)| format!("{name}: {files:?}")).collect();
    assert!(several.is_empty(), "types of one name:\n{}", several.join("\n"));
}

#[test]
fn no_source_names_a_scheme() {
    let names: Vec<String> = ["vectors", "tests/fixtures/schemes"]
        .iter()
        .flat_map(|directory| fs::read_dir(root().join(directory)).unwrap())
        .map(|entry| entry.unwrap())
        .filter(|entry| entry.path().join("scheme.yaml").is_file())
        .map(|entry| entry.file_name().into_string().unwrap())
        .collect();
    assert!(names.len() > 10);
    for (file, text) in sources("src").into_iter().chain(sources("benches")) {
        for name in names.iter().filter(|name| !is_word(name)) {
            assert!(!text.to_lowercase().contains(name.as_str()), "{file} names the scheme {name}");
        }
    }
}

/// Names of fixtures that are names of well-known products too; the table of steps cites their documents.
fn is_word(name: &str) -> bool {
    ["stripe", "standard-webhooks", "slack", "github", "twilio", "shopify", "oauth1", "midtrans"].contains(&name)
        || name.starts_with("rfc")
}

/// Number of items that the documentation of a file's module lists: what it declares and re-exports, and the modules of
/// its own that are not hidden, each with what it lists.
fn listed(file: &Path) -> usize {
    let tokens = TokenStream::from_str(&fs::read_to_string(file).unwrap()).unwrap();
    let tokens: Vec<String> = tokens.into_iter().map(|token| token.to_string().replace(' ', "")).collect();
    let (mut count, mut is_hidden) = (0, false);
    for (i, token) in tokens.iter().enumerate() {
        match (token.as_str(), tokens.get(i + 1).map_or("", String::as_str)) {
            ("#", "[doc(hidden)]" | "[cfg_attr(not(clippy),doc(hidden))]") => is_hidden = true,
            ("pub", _) if is_hidden => is_hidden = false,
            ("pub", "use") => {
                let names: String = tokens[i + 2..].iter().take_while(|token| *token != ";").cloned().collect();
                assert!(!names.contains('*'), "{}: what `{names}` lists cannot be counted", file.display());
                count += 1 + names.trim_end_matches([',', '}']).matches(',').count();
            }
            ("pub", "mod") => {
                let name = &tokens[i + 2];
                let places = [format!("{name}.rs"), format!("{name}/mod.rs")].map(|name| below(file).join(name));
                count += 1 + listed(places.iter().find(|place| place.is_file()).unwrap());
            }
            ("pub", next) => count += usize::from(!next.starts_with('(')),
            _ => {}
        }
    }
    count
}

/// The folder of a file's modules.
fn below(file: &Path) -> PathBuf {
    match file.file_stem().unwrap().to_str().unwrap() {
        "lib" | "mod" => file.parent().unwrap().to_owned(),
        _ => file.with_extension(""),
    }
}

#[test]
fn the_front_page_is_read_at_a_glance() {
    let listed = listed(&root().join("src/lib.rs"));
    assert!((10..=60).contains(&listed), "the documentation of the library lists {listed} items");
}

#[test]
fn files_stay_small() {
    for directory in ["src", "tests", "benches", "fuzz/fuzz_targets"] {
        for (file, text) in sources(directory).into_iter().filter(|(file, _)| file.ends_with(".rs")) {
            let lines = text.lines().count();
            assert!(lines <= 500, "{file} has {lines} lines; split it along a concept");
            assert!(
                text.starts_with("//!") || text.starts_with("#!["),
                "{file} does not say in its first line what it holds"
            );
        }
    }
}

#[test]
fn unsafe_code_is_forbidden() {
    for file in ["src/lib.rs", "src/main.rs"] {
        assert!(fs::read_to_string(root().join(file)).unwrap().contains("#![forbid(unsafe_code)]"), "{file}");
    }
}

#[test]
fn files_are_written_in_one_place() {
    let words = ["fs::write", "File::create", "OpenOptions", "fs::rename", "fs::remove", "fs::copy"];
    for (file, text) in sources("src").into_iter().filter(|(file, _)| file != "src/cli/write.rs") {
        for word in words {
            assert!(!text.contains(word), "{file} uses {word}: what is written goes through src/cli/write.rs");
        }
    }
}

/// `cargo fuzz run TARGET` names no feature.
#[test]
fn what_cargo_fuzz_builds_needs_no_option() {
    for manifest in ["fuzz/Cargo.toml", "examples/oauth1-request/Cargo.toml"] {
        let text = fs::read_to_string(root().join(manifest)).unwrap();
        let listed = |key: &str| -> Vec<String> {
            let lines = text.lines().filter_map(|line| line.strip_prefix(key)?.strip_prefix(" = "));
            lines.flat_map(|list| serde_json::from_str::<Vec<String>>(list).unwrap()).collect()
        };
        let (default, required) = (listed("default"), listed("required-features"));
        assert_eq!(required.len(), text.matches("[[bin]]").count(), "{manifest}");
        required.iter().for_each(|feature| assert!(default.contains(feature), "{manifest}: {feature} is not default"));
    }
}
