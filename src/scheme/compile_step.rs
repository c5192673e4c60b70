//! Compilation of steps: which type each takes and gives, and its options prepared.

use super::compile::{Compiler, Problem, Reads, Type, cut};
use super::deviation::Deviation;
use super::program::{BytesCode, BytesOp, Code, Filter, Fold, ManyOp, NameSet, Order, PairTemplate, TemplatePiece};
use super::step::{self, Action, Step};
use crate::primitive::digest::Algorithm;
use crate::primitive::encoding::Base64;
use crate::primitive::percent::{KeepSet, Plus};

/// A compiled step, not yet put after anything.
pub(super) enum Op {
    Bytes(BytesOp, step::Side),
    Hmac { with: Algorithm, other: BytesCode, flow_is_key: bool },
    Many(ManyOp),
    Fold(Fold),
    Split(Vec<u8>),
}

impl Compiler<'_> {
    pub(super) fn step(&mut self, step: &Step, ty: Type, reads: &mut Reads) -> Result<(Op, Type), Problem> {
        let on_bytes = |op: BytesOp, side: step::Side| match (ty, side) {
            (Type::Bytes | Type::List, step::Side::Name | step::Side::Value) => None,
            _ => Some((Op::Bytes(op, side), ty)),
        };
        let both = step::Side::Both;
        let needs = |wanted: Type, op: Op, gives: Type| (ty == wanted).then_some((op, gives));
        let compiled = match &step.0 {
            Action::Digest(step::Digest { with }) => on_bytes(BytesOp::Digest(*with), both),
            Action::Hmac(hmac) => {
                let (other, flow_is_key) = match (&hmac.key, &hmac.message) {
                    (Some(key), None) => (key, false),
                    (None, Some(message)) => (message, true),
                    _ => return self.problem("`hmac` has either `key` or `message`"),
                };
                let wrong = |ty: &str| format!("key and message of `hmac` are bytes, not {ty}");
                let other = self.of_bytes(other, reads, wrong)?;
                needs(Type::Bytes, Op::Hmac { with: hmac.with, other, flow_is_key }, Type::Bytes)
            }
            Action::Hex(hex) => on_bytes(BytesOp::Hex(hex.case), both),
            Action::HexDecode(_) => on_bytes(BytesOp::HexDecode, both),
            Action::Base64(options) => on_bytes(BytesOp::Base64(base64(options)), both),
            Action::Base64Decode(options) => match options.deviation {
                None => on_bytes(BytesOp::Base64Decode(base64(options)), both),
                Some(Deviation::AnyBase64) => on_bytes(BytesOp::AnyBase64Decode, both),
                Some(other) => return self.deviant(other),
            },
            Action::Truncate(truncate) => on_bytes(BytesOp::Truncate(truncate.bytes), both),
            Action::PercentEncode(options) => {
                let keep = Box::new(self.keep_set(&options.keep)?);
                let (case, plus, of) = (options.case, options.plus, options.of);
                match options.deviation {
                    None => on_bytes(BytesOp::PercentEncode { keep, case, plus }, of),
                    Some(how @ (Deviation::KeepsEscapes | Deviation::OnePercent)) => {
                        on_bytes(BytesOp::DeviantPercentEncode { keep, how }, of)
                    }
                    Some(other) => return self.deviant(other),
                }
            }
            Action::PercentDecode(options) => {
                let plus = if options.plus { Plus::Space } else { Plus::Literal };
                on_bytes(BytesOp::PercentDecode(plus), options.of)
            }
            Action::Lower(step::Of { of }) => on_bytes(BytesOp::Lower, *of),
            Action::Upper(step::Of { of }) => on_bytes(BytesOp::Upper, *of),
            Action::Trim(step::Of { of }) => on_bytes(BytesOp::Trim, *of),
            Action::CollapseSpace(step::Of { of }) => on_bytes(BytesOp::CollapseSpace, *of),
            Action::Unquote(step::Of { of }) => on_bytes(BytesOp::Unquote, *of),
            Action::NormalizePath(_) => on_bytes(BytesOp::NormalizePath, both),
            Action::StripPrefix(step::Text { text }) => on_bytes(BytesOp::StripPrefix(text.clone().into_bytes()), both),
            Action::PrefixUnlessEmpty(step::Text { text }) => {
                on_bytes(BytesOp::PrefixUnlessEmpty(text.clone().into_bytes()), both)
            }
            Action::DropDefaultPort(_) => on_bytes(BytesOp::DropDefaultPort, both),
            Action::Except(names) => self.filter(names, ty, Filter::Except, reads)?,
            Action::Only(names) => self.filter(names, ty, Filter::Only, reads)?,
            Action::ExceptEmpty(names) => self.filter(names, ty, Filter::ExceptEmpty, reads)?,
            Action::OnlyPrefix(step::Text { text }) => {
                needs(Type::Pairs, Op::Many(ManyOp::Filter(Filter::OnlyPrefix(text.clone().into_bytes()))), Type::Pairs)
            }
            Action::Sort(step::Sort { by, caseless, deviation }) => {
                let order = match (deviation, caseless) {
                    (None, false) => Order::Bytes,
                    (None, true) => Order::Caseless,
                    (Some(Deviation::Utf16), _) => Order::Utf16,
                    (Some(Deviation::Descending), _) => Order::Descending,
                    (Some(Deviation::Natural), _) => Order::Natural,
                    (Some(other), _) => return self.deviant(*other),
                };
                (ty != Type::Bytes).then(|| (Op::Many(ManyOp::Sort { by: by.clone(), order }), ty))
            }
            Action::Group(step::With { with }) => {
                needs(Type::Pairs, Op::Many(ManyOp::Group(with.0.clone())), Type::Pairs)
            }
            Action::First(step::Name { name }) => {
                needs(Type::Pairs, Op::Fold(Fold::First(name.clone().into_bytes())), Type::Bytes)
            }
            Action::All(step::Name { name }) => {
                needs(Type::Pairs, Op::Many(ManyOp::All(name.clone().into_bytes())), Type::List)
            }
            Action::Names(_) => needs(Type::Pairs, Op::Many(ManyOp::Names), Type::List),
            Action::Pair(pair) => {
                let with_value = self.pair_template(&pair.template)?;
                let valueless = pair.valueless.as_ref().map(|t| self.pair_template(t)).transpose()?;
                let valueless = valueless.unwrap_or_else(|| with_value.clone());
                needs(Type::Pairs, Op::Many(ManyOp::Pair(PairTemplate { with_value, valueless })), Type::List)
            }
            Action::Join(step::With { with }) => needs(Type::List, Op::Fold(Fold::Join(with.0.clone())), Type::Bytes),
            Action::Split(step::At { at }) => needs(Type::Bytes, Op::Split(self.cut_at(at)?), Type::List),
            Action::Assign(step::At { at }) => {
                needs(Type::List, Op::Many(ManyOp::Assign(self.cut_at(at)?)), Type::Pairs)
            }
            Action::Latin1(_) => on_bytes(BytesOp::Latin1, both),
            Action::Nfc(_) => on_bytes(BytesOp::Nfc, both),
            Action::KeepFirst(_) => needs(Type::Pairs, Op::Many(ManyOp::Filter(Filter::KeepFirst)), Type::Pairs),
            Action::KeepLast(_) => needs(Type::Pairs, Op::Many(ManyOp::Filter(Filter::KeepLast)), Type::Pairs),
            Action::DropEmpty(_) => needs(Type::Pairs, Op::Many(ManyOp::Filter(Filter::DropEmpty)), Type::Pairs),
            Action::DropValueless(_) => {
                needs(Type::Pairs, Op::Many(ManyOp::Filter(Filter::DropValueless)), Type::Pairs)
            }
            Action::DropLeadingZeros(_) => on_bytes(BytesOp::DropLeadingZeros, both),
            Action::DropDigitZeros(_) => on_bytes(BytesOp::DropDigitZeros, both),
            Action::Replace(step::Replace { text, by }) => {
                on_bytes(BytesOp::Replace(text.clone().into_bytes(), by.clone().into_bytes()), both)
            }
            Action::CutAtEquals(_) if ty == Type::Pairs => on_bytes(BytesOp::CutAtEquals, step::Side::Value),
            Action::CutAtEquals(_) => on_bytes(BytesOp::CutAtEquals, both),
            Action::Append(step::Text { text }) => on_bytes(BytesOp::Append(text.clone().into_bytes()), both),
        };
        compiled.map_or_else(
            || {
                let step = serde_json::Value::from(step.clone());
                let name =
                    step.as_object().and_then(|map| map.keys().next()).cloned().unwrap_or_else(|| step.to_string());
                self.problem(format!(
                    "the step `{name}` does not fit {} (`explain {name}` says what it takes)",
                    ty.name()
                ))
            },
            Ok,
        )
    }

    pub(super) fn deviant<T>(&self, deviation: Deviation) -> Result<T, Problem> {
        self.problem(format!("this node cannot deviate so: {deviation:?}"))
    }

    fn filter(
        &mut self,
        names: &step::Names,
        ty: Type,
        filter: fn(NameSet) -> Filter,
        reads: &mut Reads,
    ) -> Result<Option<(Op, Type)>, Problem> {
        let from = match &names.from {
            None => None,
            Some(pipeline) => {
                let (code, from_ty, more) = self.pipeline(pipeline)?;
                reads.extend(more);
                match code {
                    Code::Many(code) if from_ty == Type::List => Some(Box::new(code)),
                    _ => return self.problem(format!("names come from a list, not from {}", from_ty.name())),
                }
            }
        };
        let fixed = names.names.iter().map(|name| name.clone().into_bytes()).collect();
        let by_prefix = match names.deviation {
            None => false,
            Some(Deviation::ByPrefix) => true,
            Some(other) => return self.deviant(other),
        };
        let set = NameSet { names: fixed, from, caseless: names.caseless, by_prefix };
        Ok((ty == Type::Pairs).then(|| (Op::Many(ManyOp::Filter(filter(set))), Type::Pairs)))
    }

    fn keep_set(&self, keep: &[String]) -> Result<KeepSet, Problem> {
        keep.iter().try_fold(KeepSet::NONE, |set, word| match word.as_str() {
            "unreserved" => Ok(set.union(&KeepSet::UNRESERVED)),
            one if one.len() == 1 => Ok(set.with(one.as_bytes())),
            other => self.problem(format!("`{other}` cannot be kept: say `unreserved`, or single ASCII characters")),
        })
    }

    fn pair_template(&self, template: &str) -> Result<Vec<TemplatePiece>, Problem> {
        let piece = |(text, is_name): (&str, bool)| match (text, is_name) {
            (literal, false) => Ok(TemplatePiece::Literal(literal.as_bytes().to_vec())),
            ("name", true) => Ok(TemplatePiece::Name),
            ("value", true) => Ok(TemplatePiece::Value),
            (other, true) => self.problem(format!("`{{{other}}}` is unknown; a pair has {{name}} and {{value}}")),
        };
        cut(template).into_iter().map(piece).collect()
    }

    fn cut_at(&self, at: &str) -> Result<Vec<u8>, Problem> {
        if at.is_empty() {
            return self.problem("an empty text cannot be cut at");
        }
        Ok(at.as_bytes().to_vec())
    }
}

fn base64(options: &step::Base64) -> Base64 {
    Base64 { alphabet: options.alphabet, padding: options.padding }
}
