//! Lists the YAML files under `vectors/`, so that the corpus is part of the binary.

use std::fmt::Write as _;
use std::path::Path;
use std::{env, fs};

fn main() {
    let root = env::var("CARGO_MANIFEST_DIR").expect("cargo sets it");
    let vectors = Path::new(&root).join("vectors");
    println!("cargo::rerun-if-changed=vectors");
    let mut files = Vec::new();
    for folder in fs::read_dir(&vectors).expect("vectors/ is there").flatten().filter(|e| e.path().is_dir()) {
        println!("cargo::rerun-if-changed={}", folder.path().display());
        let entries = fs::read_dir(folder.path()).expect("a folder of vectors/ can be read").flatten();
        files.extend(entries.map(|e| e.path()).filter(|p| p.extension().is_some_and(|e| e == "yaml")));
    }
    files.sort();
    let mut list = String::from("&[\n");
    for file in &files {
        let name = file.strip_prefix(&vectors).expect("it is below vectors/").to_string_lossy().replace('\\', "/");
        writeln!(list, "    ({name:?}, include_bytes!({:?})),", file.to_string_lossy()).expect("memory");
    }
    list.push(']');
    let out = env::var("OUT_DIR").expect("cargo sets it");
    fs::write(Path::new(&out).join("corpus.rs"), list).expect("OUT_DIR can be written");
}
