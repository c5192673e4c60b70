//! Where a scheme sorts the query, the caller's order does not matter.

use crate::base::{BASES, Base};
use crate::noise::text_pairs;
use crate::runner;
use countersign::request::{Pair, Target};
use countersign::scheme::Program;
use proptest::prelude::*;
use proptest::sample::Index;
use std::collections::BTreeMap;
use std::sync::Arc;

/// The base under every permitted reading, and as decided.
fn readings(base: &Base) -> Vec<Base> {
    let scheme = &base.structure.scheme;
    let operation = scheme.operations.iter().find(|(_, operation)| **operation == base.structure.operation).unwrap().0;
    let names = scheme.readings.keys().map(|name| Some(name.as_str())).chain([None]);
    let read = names.filter_map(|reading| {
        let scheme = scheme.resolved(None, reading).ok()?;
        let program = Program::compile(&scheme, &scheme.operations[operation]).ok()?;
        Some(Base { program: Arc::new(program), ..base.clone() })
    });
    read.collect()
}

#[test]
fn the_order_of_query_fields_does_not_matter_where_it_is_sorted() {
    let sorting = BASES.iter().filter(|base| !base.structure.sorting_stages().is_empty());
    let sorting: Vec<Base> =
        sorting.filter(|base| matches!(base.intent.target, Target::Meant { .. })).flat_map(readings).collect();
    assert!(!sorting.is_empty(), "no scheme sorts");
    let fields = text_pairs(2..8).prop_map(|pairs| pairs.into_iter().collect::<BTreeMap<_, _>>());
    let orders = fields.prop_flat_map(|fields| {
        let fields: Vec<(String, String)> = fields.into_iter().collect();
        (Just(fields.clone()), Just(fields).prop_shuffle())
    });
    let result = runner(600).run(&(any::<Index>(), orders), |(base, (one, other))| {
        let base = base.get(&sorting);
        let taken = base.structure.placed_fields("query");
        let stages = |order: Vec<(String, String)>| {
            let fields = order.into_iter().filter(|(name, _)| !taken.contains(name));
            let query = fields.map(|(name, value)| Pair(name.into(), Some(value.into()))).collect();
            let mut base = base.clone();
            base.intent.target = Target::Meant { path: "/".into(), query };
            let (_, mut stages) = base.sign().unwrap();
            stages.retain(|name, _| base.structure.sorting_stages().contains(name));
            stages
        };
        let (first, second) = (stages(one), stages(other));
        prop_assert!(!first.is_empty());
        prop_assert_eq!(first, second, "{:?}", base);
        Ok(())
    });
    result.unwrap_or_else(|e| panic!("{e}"));
}
