//! How near signing and verifying are to what the hash itself costs: each case in turn with its limit,
//! in one run. `cargo bench --bench limits` prints a table, with `-- --json` one object a line, with
//! `-- WORD` only cases whose name has this word.
//!
//! The limit of a case is the bare primitive on exactly the bytes that the scheme hashes, found by
//! asking the compiled scheme, and the encoding of its result; keys of HMAC are prepared. Where bytes
//! are percent-encoded or sorted first, that is done alone, and added.

#[path = "../cases/mod.rs"]
mod cases;
#[path = "../../tests/floor/mod.rs"]
mod floor;
#[path = "../../tests/straightforward/mod.rs"]
mod straightforward;

mod bare;
mod instructions;
mod measure;
mod suite;
mod table;

fn main() {
    let has = |flag: &str| std::env::args().any(|argument| argument == flag);
    let words: Vec<String> = std::env::args().skip(1).filter(|argument| !argument.starts_with('-')).collect();
    let mut suite = suite::suite();
    suite.retain(|case| words.is_empty() || words.iter().any(|word| case.name.contains(word.as_str())));
    if has(instructions::FLAG) {
        return instructions::count_each(&mut suite);
    }
    let total = suite.len();
    eprintln!("{total} cases; instructions are counted first");
    let counts = instructions::of(&suite, &words);
    let rows: Vec<_> = suite
        .iter_mut()
        .enumerate()
        .map(|(i, case)| {
            let row = table::Row { measured: measure::measure(case), instructions: counts.get(i).copied() };
            match has("--json") {
                true => println!("{}", row.json(&case.name)),
                false => eprintln!("{} of {total}: {}", i + 1, case.name),
            }
            (case.name.clone(), row)
        })
        .collect();
    if !has("--json") {
        print!("{}", table::table(&rows));
    }
}
