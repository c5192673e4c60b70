//! Work on many items: on all cores with the feature `runner`, otherwise on one.

/// Returns what `each` makes of the items, in their order.
pub(crate) fn map<T: Send, R: Send>(items: impl IntoIterator<Item = T>, each: impl Fn(T) -> R + Send + Sync) -> Vec<R> {
    map_with(items, || (), |(), item| each(item))
}

/// Maps as `map` does, where `each` gets something from one item to the next, which `kept` makes.
pub(crate) fn map_with<T: Send, K, R: Send>(
    items: impl IntoIterator<Item = T>,
    kept: impl Fn() -> K + Send + Sync,
    each: impl Fn(&mut K, T) -> R + Send + Sync,
) -> Vec<R> {
    #[cfg(feature = "runner")]
    {
        use rayon::prelude::*;
        let items: Vec<T> = items.into_iter().collect();
        items.into_par_iter().map_init(kept, each).collect()
    }
    #[cfg(not(feature = "runner"))]
    {
        let mut kept = kept();
        items.into_iter().map(|item| each(&mut kept, item)).collect()
    }
}
