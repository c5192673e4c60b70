//! Compilation of checks.

use super::check::{Addresses, Check, Test};
use super::compile::{Compiler, Problem, Reads, Type};
use super::deviation::Deviation;
use super::model::CredentialKind;
use super::pipeline::Pipeline;
use super::prepare::network;
use super::program::{AddressList, BytesCode, Checked, Code, ManyCode, TestCode};

impl Compiler<'_> {
    pub(super) fn check(&mut self, i: usize, check: &Check) -> Result<Checked, Problem> {
        self.path = format!("verify.{i}");
        let test = match &check.test {
            Test::Present(value) => TestCode::Present(self.bytes(value)?),
            Test::Account(fields) => {
                let mut codes = Vec::new();
                for (name, value) in fields {
                    codes.push((self.credential(name)?, self.bytes(value)?));
                }
                TestCode::Account(codes)
            }
            Test::Equal { left, right, caseless } => {
                TestCode::Equal { left: self.bytes(left)?, right: self.bytes(right)?, caseless: *caseless }
            }
            Test::AnyEqual { list, value } => TestCode::AnyEqual { list: self.list(list)?, value: self.bytes(value)? },
            Test::OneOf { value, allowed } => {
                let allowed = allowed.iter().map(|text| text.clone().into_bytes()).collect();
                TestCode::OneOf { value: self.bytes(value)?, allowed }
            }
            Test::Matches { value, syntax } => TestCode::Matches { value: self.bytes(value)?, syntax: *syntax },
            Test::Includes { list, item } => {
                TestCode::Includes { list: self.list(list)?, item: item.clone().into_bytes() }
            }
            Test::Fresh { within, lasting } => {
                self.needs_time()?;
                TestCode::Fresh { within: self.maybe(within.as_ref())?, lasting: self.maybe(lasting.as_ref())? }
            }
            Test::Until => {
                self.needs_time()?;
                TestCode::Until
            }
            Test::AtMost { value, limit } => TestCode::AtMost { value: self.bytes(value)?, limit: *limit },
            Test::Unique(value) => TestCode::Unique(self.bytes(value)?),
            Test::Same { key, value } => TestCode::Same { key: self.bytes(key)?, value: self.bytes(value)? },
            Test::Rate { limit, per, by } => {
                TestCode::Rate { limit: self.bytes(limit)?, per: *per, by: self.bytes(by)? }
            }
            Test::Address(Addresses::Credential(name)) => {
                let i = self.credential(name)?;
                if self.scheme.account[name] != CredentialKind::Addresses {
                    return self.problem(format!("`{name}` is no list of addresses"));
                }
                TestCode::Address(AddressList::Credential(i))
            }
            Test::Address(Addresses::Listed(list)) => {
                let networks: Option<_> = list.iter().map(|text| network(text)).collect();
                match networks {
                    Some(networks) => TestCode::Address(AddressList::Listed(networks)),
                    None => return self.problem("a listed address is neither an address nor a CIDR prefix"),
                }
            }
            Test::Under { url, base } => TestCode::Under { url: self.bytes(url)?, base: self.bytes(base)? },
        };
        if let Some(deviation) = check.deviation.filter(|deviation| !can_deviate(&check.test, *deviation)) {
            return self.deviant(deviation);
        }
        Ok(Checked { test, deviation: check.deviation, class: check.reject, refusal: check.refusal.clone() })
    }

    fn maybe(&mut self, pipeline: Option<&Pipeline>) -> Result<Option<BytesCode>, Problem> {
        pipeline.map(|pipeline| self.bytes(pipeline)).transpose()
    }

    fn bytes(&mut self, pipeline: &Pipeline) -> Result<BytesCode, Problem> {
        self.of_bytes(pipeline, &mut Reads::new(), |ty| format!("bytes is needed here, and this gives {ty}"))
    }

    fn list(&mut self, pipeline: &Pipeline) -> Result<ManyCode, Problem> {
        match self.pipeline(pipeline)? {
            (Code::Many(code), Type::List, _) => Ok(code),
            (_, ty, _) => self.problem(format!("a list is needed here, and this gives {}", ty.name())),
        }
    }
}

fn can_deviate(test: &Test, deviation: Deviation) -> bool {
    match deviation {
        Deviation::Prefix | Deviation::AbsentIsEmpty => matches!(test, Test::Equal { .. }),
        Deviation::EmptyPasses => matches!(test, Test::Present(_)),
        Deviation::OldPasses
        | Deviation::FuturePasses
        | Deviation::Milliseconds
        | Deviation::Exclusive
        | Deviation::WholeSeconds => {
            matches!(test, Test::Fresh { .. })
        }
        Deviation::AbsentPasses => matches!(test, Test::Address(_) | Test::Equal { .. }),
        Deviation::SameNetwork => matches!(test, Test::Address(_)),
        Deviation::NoBoundary => matches!(test, Test::Under { .. }),
        Deviation::OneMore | Deviation::OneLess | Deviation::InclusiveStart | Deviation::Forever => {
            matches!(test, Test::Rate { .. })
        }
        Deviation::RefusedCount => matches!(test, Test::Unique(_) | Test::Same { .. } | Test::Rate { .. }),
        Deviation::LastOnly => matches!(test, Test::Unique(_)),
        _ => false,
    }
}
