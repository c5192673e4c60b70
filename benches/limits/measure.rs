//! Time and allocations of a case, and the time of its limit in turn with it. Where the system tells
//! how long a thread ran, that is the time: what other programs take does not count.

use super::suite::Case;
use allocation_counter::measure as count;

/// Batches of case and limit, one after the other.
const BATCHES: usize = 151;
/// How long a batch takes at least, in nanoseconds.
const BATCH: f64 = 300_000.0;

pub struct Measured {
    /// Nanoseconds a call; the median of the batches.
    pub ns: f64,
    pub limit_ns: Option<f64>,
    /// The median of the ratios of neighbouring batches, which a slow moment hits alike.
    pub ratio: Option<f64>,
    pub allocations: u64,
}

pub fn measure(case: &mut Case) -> Measured {
    let mut nothing = || {};
    let has_limit = case.limit.is_some();
    let limit: &mut dyn FnMut() = match &mut case.limit {
        Some(limit) => limit,
        None => &mut nothing,
    };
    let calls = calls(&mut case.run).min(calls(limit));
    let mut pairs = Vec::with_capacity(BATCHES);
    for _ in 0..BATCHES {
        pairs.push((batch(&mut case.run, calls), batch(limit, calls)));
    }
    let median = |of: fn(&(f64, f64)) -> f64| {
        let mut values: Vec<f64> = pairs.iter().map(of).collect();
        values.sort_unstable_by(f64::total_cmp);
        values[values.len() / 2]
    };
    Measured {
        ns: median(|pair| pair.0),
        limit_ns: has_limit.then(|| median(|pair| pair.1)),
        ratio: has_limit.then(|| median(|pair| pair.0 / pair.1)),
        allocations: count(&mut case.run).count_total,
    }
}

/// Nanoseconds of one call of many.
fn batch(call: &mut dyn FnMut(), calls: u32) -> f64 {
    let start = now();
    (0..calls).for_each(|_| call());
    (now() - start) / f64::from(calls)
}

/// How many calls make a batch; the buffers have grown after that.
fn calls(call: &mut dyn FnMut()) -> u32 {
    (0..8).for_each(|_| call());
    let mut calls = 1;
    while calls < 1 << 20 {
        if batch(call, calls) * f64::from(calls) >= BATCH {
            break;
        }
        calls *= 2;
    }
    calls
}

/// Nanoseconds that this thread has run.
#[cfg(unix)]
fn now() -> f64 {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    time.tv_sec as f64 * 1e9 + time.tv_nsec as f64
}

/// Nanoseconds since the first call.
#[cfg(not(unix))]
fn now() -> f64 {
    static START: std::sync::LazyLock<std::time::Instant> = std::sync::LazyLock::new(std::time::Instant::now);
    START.elapsed().as_nanos() as f64
}
