//! Evaluation of single steps.

use super::deviant;
use super::eval::{Fault, Machine, Pair, Span, Value};
use super::program::{BytesOp, Filter, NameSet, Op, Order, TemplatePiece};
use super::step::{Side, SortKey};
use crate::primitive::{encoding, percent, text};
use std::cmp::Ordering;
use std::ops::Range;

impl Machine<'_> {
    /// Applies a step.
    pub(super) fn step(&mut self, op: &Op, value: Value) -> Result<Value, Fault> {
        match (op, value) {
            (Op::Bytes(op, _), Value::Bytes(span)) => self.on_bytes(op, span).map(Value::Bytes),
            (Op::Bytes(op, side), Value::Many(range)) => self.each(op, *side, range).map(Value::Many),
            (Op::Hmac { with, other, flow_is_key }, Value::Bytes(flow)) => {
                let other = self.run_bytes(other)?;
                let (key, message) = if *flow_is_key { (flow, other) } else { (other, flow) };
                let mac = self.produce(|m, out| {
                    with.hmac(m.bytes(key), m.bytes(message), out);
                    Ok(())
                })?;
                Ok(Value::Bytes(mac))
            }
            (Op::Filter(filter), Value::Many(range)) => self.filter(filter, range).map(Value::Many),
            (Op::Sort { by, order }, Value::Many(range)) => Ok(Value::Many(self.sort(by, *order, range))),
            (Op::Group(with), Value::Many(range)) => self.group(with, range).map(Value::Many),
            (Op::First(name), Value::Many(range)) => {
                let pair = self.scratch.pairs[range].iter().find(|pair| self.bytes(pair.name) == name);
                match pair {
                    Some(pair) => Ok(Value::Bytes(pair.value.unwrap_or(Span::EMPTY))),
                    None => Err(Fault::Absent(format!("the field {}", name.escape_ascii()))),
                }
            }
            (Op::All(name), Value::Many(range)) => {
                let items =
                    self.copy(range, |m, pair| (m.bytes(pair.name) == name).then(|| pair.value.unwrap_or(Span::EMPTY)));
                Ok(Value::Many(items))
            }
            (Op::Names, Value::Many(range)) => Ok(Value::Many(self.copy(range, |_, pair| Some(pair.name)))),
            (Op::Pair { with_value, valueless }, Value::Many(range)) => {
                self.pair(with_value, valueless, range).map(Value::Many)
            }
            (Op::Join(with), Value::Many(range)) => self.join(with, range).map(Value::Bytes),
            (Op::Split(at), Value::Bytes(span)) => Ok(Value::Many(self.split(at, span))),
            (Op::Assign(at), Value::Many(range)) => self.assign(at, range).map(Value::Many),
            _ => unreachable!("types were checked at compilation"),
        }
    }

    fn on_bytes(&mut self, op: &BytesOp, span: Span) -> Result<Span, Fault> {
        let bytes = self.bytes(span);
        // What only cuts needs no copy.
        let cut =
            |start: usize, len: usize| Ok(Span { start: span.start + start, end: span.start + start + len, ..span });
        match op {
            BytesOp::Truncate(len) => return cut(0, bytes.len().min(*len)),
            BytesOp::StripPrefix(prefix) if bytes.starts_with(prefix) => {
                return cut(prefix.len(), bytes.len() - prefix.len());
            }
            BytesOp::StripPrefix(_) => return Ok(span),
            BytesOp::Trim => {
                let lead = bytes.len() - bytes.trim_ascii_start().len();
                return cut(lead, bytes.trim_ascii().len());
            }
            BytesOp::Unquote if bytes.len() > 1 && bytes.starts_with(b"\"") && bytes.ends_with(b"\"") => {
                return cut(1, bytes.len() - 2);
            }
            BytesOp::Unquote => return Ok(span),
            BytesOp::DropDefaultPort => {
                return cut(0, text::without_default_port(bytes, &self.request.scheme).len());
            }
            _ => {}
        }
        self.produce(|m, out| {
            let bytes = m.bytes(span);
            let malformed = |e: encoding::Undecodable| Fault::Malformed(e.to_string());
            match op {
                BytesOp::Digest(algorithm) => algorithm.digest(bytes, out),
                BytesOp::Hex(case) => encoding::hex(bytes, *case, out),
                BytesOp::HexDecode => return encoding::hex_decode(bytes, out).map_err(malformed),
                BytesOp::Base64(form) => form.encode(bytes, out),
                BytesOp::Base64Decode(form) => return form.decode(bytes, out).map_err(malformed),
                BytesOp::PercentEncode { keep, case, plus } => percent::encode_with(bytes, keep, *case, *plus, out),
                BytesOp::PercentDecode(plus) => {
                    return percent::decode(bytes, *plus, out).map_err(|e| Fault::Malformed(e.to_string()));
                }
                BytesOp::Lower => out.extend(bytes.iter().map(u8::to_ascii_lowercase)),
                BytesOp::Upper => out.extend(bytes.iter().map(u8::to_ascii_uppercase)),
                BytesOp::CollapseSpace => text::collapse_space(bytes, out),
                BytesOp::NormalizePath => text::normalize_path(bytes, out),
                BytesOp::AnyBase64Decode => return deviant::any_base64(bytes, out).map_err(malformed),
                BytesOp::DeviantPercentEncode { keep, how } => deviant::percent_encode(bytes, keep, *how, out),
                BytesOp::Latin1 => deviant::latin1(bytes, out),
                BytesOp::Nfc => deviant::nfc(bytes, out),
                BytesOp::DropLeadingZeros => out.extend(bytes.iter().skip_while(|&&b| b == b'0')),
                BytesOp::DropDigitZeros => deviant::drop_digit_zeros(bytes, out),
                BytesOp::Replace(text, by) => deviant::replace(bytes, text, by, out),
                BytesOp::CutAtEquals => out.extend(bytes.iter().take_while(|&&b| b != b'=')),
                BytesOp::Append(text) => out.extend(bytes.iter().chain(text)),
                BytesOp::PrefixUnlessEmpty(prefix) if !bytes.is_empty() => {
                    out.extend_from_slice(prefix);
                    out.extend_from_slice(bytes);
                }
                _ => out.extend_from_slice(bytes),
            }
            Ok(())
        })
    }

    /// Applies a step on bytes to names, values, or both.
    fn each(&mut self, op: &BytesOp, side: Side, range: Range<usize>) -> Result<Range<usize>, Fault> {
        let start = self.scratch.pairs.len();
        for i in range {
            let Pair { name, value, .. } = self.scratch.pairs[i];
            let name = if side == Side::Value { name } else { self.on_bytes(op, name)? };
            let value = match value {
                Some(value) if side != Side::Name => Some(self.on_bytes(op, value)?),
                other => other,
            };
            self.push(name, value);
        }
        Ok(start..self.scratch.pairs.len())
    }

    fn filter(&mut self, filter: &Filter, range: Range<usize>) -> Result<Range<usize>, Fault> {
        let from = match filter {
            Filter::Except(set) | Filter::Only(set) | Filter::ExceptEmpty(set) => match &set.from {
                Some(code) => self.run_many(code)?,
                None => 0..0,
            },
            _ => 0..0,
        };
        let start = self.scratch.pairs.len();
        for i in range.clone() {
            let Pair { name, value, .. } = self.scratch.pairs[i];
            let again = |others: Range<usize>| {
                self.scratch.pairs[others].iter().any(|p| self.bytes(p.name) == self.bytes(name))
            };
            let listed = |set: &NameSet| self.lists(set, &from, self.bytes(name));
            let stays = match filter {
                Filter::Except(set) => !listed(set),
                Filter::Only(set) => listed(set),
                Filter::OnlyPrefix(prefix) => self.bytes(name).starts_with(prefix),
                Filter::KeepFirst => !again(range.start..i),
                Filter::KeepLast => !again(i + 1..range.end),
                Filter::DropEmpty => value.is_some_and(|v| !self.bytes(v).is_empty()),
                Filter::DropValueless => value.is_some(),
                Filter::ExceptEmpty(set) => !(listed(set) && value.is_none_or(|v| self.bytes(v).is_empty())),
            };
            if stays {
                self.push(name, value);
            }
        }
        Ok(start..self.scratch.pairs.len())
    }

    fn lists(&self, set: &NameSet, from: &Range<usize>, name: &[u8]) -> bool {
        let same = |other: &[u8]| match (set.caseless, set.by_prefix) {
            (true, _) => other.eq_ignore_ascii_case(name),
            (false, true) => name.starts_with(other),
            (false, false) => other == name,
        };
        let given = &self.scratch.pairs[from.clone()];
        set.names.iter().any(|n| same(n)) || given.iter().any(|pair| same(self.bytes(pair.name)))
    }

    fn sort(&mut self, by: &[SortKey], order: Order, range: Range<usize>) -> Range<usize> {
        let start = self.scratch.pairs.len();
        for i in range {
            let Pair { name, value, .. } = self.scratch.pairs[i];
            self.push(name, value);
        }
        // The pairs leave the scratch while they are compared by bytes that are in it.
        let mut pairs = std::mem::take(&mut self.scratch.pairs);
        pairs[start..].sort_unstable_by(|a, b| self.compare(by, order, a, b).then(a.order.cmp(&b.order)));
        self.scratch.pairs = pairs;
        start..self.scratch.pairs.len()
    }

    fn compare(&self, by: &[SortKey], order: Order, a: &Pair, b: &Pair) -> Ordering {
        by.iter().fold(Ordering::Equal, |so_far, key| {
            so_far.then_with(|| match key {
                SortKey::Name => self.compare_bytes(order, a.name, b.name),
                SortKey::Value => match (a.value, b.value) {
                    (Some(a), Some(b)) => self.compare_bytes(order, a, b),
                    (a, b) => a.is_some().cmp(&b.is_some()),
                },
            })
        })
    }

    fn compare_bytes(&self, order: Order, a: Span, b: Span) -> Ordering {
        let (a, b) = (self.bytes(a), self.bytes(b));
        let folded = || {
            let lower = |bytes: &[u8]| bytes.iter().map(u8::to_ascii_lowercase).collect::<Vec<_>>();
            lower(a).cmp(&lower(b))
        };
        match order {
            Order::Bytes => a.cmp(b),
            Order::Caseless => folded().then_with(|| a.cmp(b)),
            Order::Descending => b.cmp(a),
            Order::Utf16 => deviant::compare_utf16(a, b),
            Order::Natural => deviant::compare_natural(a, b),
        }
    }

    fn group(&mut self, with: &[u8], range: Range<usize>) -> Result<Range<usize>, Fault> {
        let mut groups: Vec<(Span, Vec<Span>)> = Vec::new();
        // Names by first occurrence; an index keeps many different names from costing their square.
        let mut index = std::collections::HashMap::<Vec<u8>, usize>::new();
        for pair in &self.scratch.pairs[range] {
            let value = pair.value.unwrap_or(Span::EMPTY);
            match index.entry(self.bytes(pair.name).to_vec()) {
                std::collections::hash_map::Entry::Occupied(entry) => groups[*entry.get()].1.push(value),
                std::collections::hash_map::Entry::Vacant(entry) => {
                    entry.insert(groups.len());
                    groups.push((pair.name, vec![value]));
                }
            }
        }
        let mut joined = Vec::with_capacity(groups.len());
        for (name, values) in groups {
            let value = match values.as_slice() {
                [one] => *one,
                several => self.produce(|m, out| {
                    for (i, &value) in several.iter().enumerate() {
                        out.extend_from_slice(if i > 0 { with } else { b"" });
                        out.extend_from_slice(m.bytes(value));
                    }
                    Ok(())
                })?,
            };
            joined.push((name, value));
        }
        let start = self.scratch.pairs.len();
        joined.into_iter().for_each(|(name, value)| self.push(name, Some(value)));
        Ok(start..self.scratch.pairs.len())
    }

    /// A list of what `pick` takes of each pair.
    fn copy(&mut self, range: Range<usize>, pick: impl Fn(&Self, &Pair) -> Option<Span>) -> Range<usize> {
        let start = self.scratch.pairs.len();
        for i in range {
            if let Some(item) = pick(self, &self.scratch.pairs[i]) {
                self.push(item, None);
            }
        }
        start..self.scratch.pairs.len()
    }

    fn pair(
        &mut self,
        with_value: &[TemplatePiece],
        valueless: &[TemplatePiece],
        range: Range<usize>,
    ) -> Result<Range<usize>, Fault> {
        let start = self.scratch.pairs.len();
        for i in range {
            let Pair { name, value, .. } = self.scratch.pairs[i];
            let template = if value.is_some() { with_value } else { valueless };
            let item = self.produce(|m, out| {
                for piece in template {
                    out.extend_from_slice(match piece {
                        TemplatePiece::Literal(text) => text,
                        TemplatePiece::Name => m.bytes(name),
                        TemplatePiece::Value => value.map_or(&[], |v| m.bytes(v)),
                    });
                }
                Ok(())
            })?;
            self.push(item, None);
        }
        Ok(start..self.scratch.pairs.len())
    }

    fn join(&mut self, with: &[u8], range: Range<usize>) -> Result<Span, Fault> {
        self.produce(|m, out| {
            for (i, item) in m.scratch.pairs[range].iter().enumerate() {
                out.extend_from_slice(if i > 0 { with } else { b"" });
                out.extend_from_slice(m.bytes(item.name));
            }
            Ok(())
        })
    }

    fn split(&mut self, at: &[u8], span: Span) -> Range<usize> {
        let start = self.scratch.pairs.len();
        let mut from = span.start;
        while let Some(i) = find(self.bytes(Span { start: from, ..span }), at) {
            self.push(Span { start: from, end: from + i, ..span }, None);
            from += i + at.len();
        }
        self.push(Span { start: from, ..span }, None);
        start..self.scratch.pairs.len()
    }

    fn assign(&mut self, at: &[u8], range: Range<usize>) -> Result<Range<usize>, Fault> {
        let start = self.scratch.pairs.len();
        for i in range {
            let item = self.scratch.pairs[i].name;
            let Some(cut) = find(self.bytes(item), at) else {
                let found = self.bytes(item).escape_ascii();
                return Err(Fault::Malformed(format!("`{found}` lacks `{}`", at.escape_ascii())));
            };
            let name = Span { end: item.start + cut, ..item };
            let value = Span { start: item.start + cut + at.len(), ..item };
            self.push(name, Some(value));
        }
        Ok(start..self.scratch.pairs.len())
    }
}

/// Offset of the first `needle`, which is not empty.
pub(super) fn find(haystack: &[u8], needle: &[u8]) -> Option<usize> {
    haystack.windows(needle.len()).position(|window| window == needle)
}
