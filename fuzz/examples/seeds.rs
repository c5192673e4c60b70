//! Writes the seeds that are made from the corpus, and removes those that are no longer made.

use countersign_fuzz::seeds::{PREFIX, made};
use std::path::Path;
use std::{fs, io};

fn main() -> io::Result<()> {
    let seeds = Path::new(env!("CARGO_MANIFEST_DIR")).join("seeds");
    let made = made();
    for target in fs::read_dir(&seeds)? {
        for file in fs::read_dir(target?.path())? {
            let path = file?.path();
            let is_made = path.file_name().is_some_and(|name| name.to_string_lossy().starts_with(PREFIX));
            if is_made && !path.strip_prefix(&seeds).is_ok_and(|path| made.contains_key(path)) {
                fs::remove_file(path)?;
            }
        }
    }
    for (path, bytes) in &made {
        let path = seeds.join(path);
        fs::create_dir_all(path.parent().unwrap_or(&seeds))?;
        fs::write(path, bytes)?;
    }
    println!("{} seeds, {} bytes", made.len(), made.values().map(Vec::len).sum::<usize>());
    Ok(())
}
