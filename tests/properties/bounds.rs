//! What work and memory may cost: a few measures, each against the size of what is given.

use allocation_counter::measure;
use countersign::primitive::steps;
use countersign::request::Request;

/// Bytes of a request.
pub fn size(request: &Request) -> usize {
    let Request { method, scheme, target, headers, body } = request;
    let fields: usize = headers.iter().map(|(name, value)| name.len() + value.len() + 4).sum();
    method.len() + scheme.len() + target.len() + fields + body.len()
}

/// Does the work, and panics where it takes more than `factor` · n · log n steps of `primitive::steps`,
/// n being the size of what is given and of what the scheme itself holds (`own`).
pub fn within_steps<T>(what: &str, given: usize, own: usize, factor: usize, work: impl FnOnce() -> T) -> T {
    let taken = || steps::taken().expect("steps are counted: fuzz targets are built with debug assertions");
    let before = taken();
    let result = work();
    let steps = taken() - before;
    let n = given + own;
    let most = (factor * n * n.ilog2() as usize) as u64;
    assert!(steps <= most, "{what}: {given} bytes cost {steps} steps, and may cost {most}");
    result
}

/// Does the work, and panics where it holds more memory at once than `factor` bytes for each byte given.
pub fn within_memory<T>(what: &str, given: usize, factor: usize, work: impl FnOnce() -> T) -> T {
    /// What a message costs that says nothing.
    const LEAST: usize = 8 << 10;
    let mut result = None;
    let most = measure(|| result = Some(work())).bytes_max;
    let permitted = (LEAST + factor * given) as u64;
    assert!(most <= permitted, "{what}: {given} bytes take {most} bytes of memory, and may take {permitted}");
    result.expect("the work was done")
}
