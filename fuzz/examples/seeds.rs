//! Writes the seeds that are made from the corpus, in the place of those that are there.

use countersign_fuzz::seeds::{PREFIX, made};
use std::path::Path;
use std::{fs, io};

fn main() -> io::Result<()> {
    let seeds = Path::new(env!("CARGO_MANIFEST_DIR")).join("seeds");
    for target in fs::read_dir(&seeds)? {
        for file in fs::read_dir(target?.path())? {
            let file = file?;
            if file.file_name().to_string_lossy().starts_with(PREFIX) {
                fs::remove_file(file.path())?;
            }
        }
    }
    let made = made();
    for (path, bytes) in &made {
        let path = seeds.join(path);
        fs::create_dir_all(path.parent().unwrap_or(&seeds))?;
        fs::write(path, bytes)?;
    }
    println!("{} seeds, {} bytes", made.len(), made.values().map(Vec::len).sum::<usize>());
    Ok(())
}
