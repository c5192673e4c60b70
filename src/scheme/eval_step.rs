//! Evaluation of single steps.

use super::deviant;
use super::eval::Machine;
use super::program::{BytesOp, ManyOp};
use super::step::Side;
use super::value::{Fault, Pair, malformed};
use crate::primitive::{encoding, percent, text};
use bumpalo::collections::Vec as Gathered;

impl<'a> Machine<'a> {
    pub(super) fn on_many(&mut self, op: &'a ManyOp, pairs: &'a [Pair<'a>]) -> Result<&'a [Pair<'a>], Fault<'a>> {
        match op {
            ManyOp::Each(op, side) => self.each(op, *side, pairs),
            ManyOp::Filter(filter) => self.filter(filter, pairs),
            ManyOp::Sort { by, order } => Ok(self.sort(by, *order, pairs)),
            ManyOp::Group(with) => Ok(self.group(with, pairs)),
            ManyOp::All(name) => {
                let values = pairs.iter().filter(|pair| pair.name() == name).map(|pair| Pair::item(pair.filled()));
                Ok(Gathered::from_iter_in(values, self.bump).into_bump_slice())
            }
            ManyOp::Names => Ok(self.bump.alloc_slice_fill_iter(pairs.iter().map(|pair| Pair::item(pair.name())))),
            ManyOp::Pair(template) => Ok(self.pair(template, pairs)),
            ManyOp::Assign(at) => self.assign(at, pairs),
        }
    }

    pub(super) fn on_bytes(&mut self, op: &'a BytesOp, bytes: &'a [u8]) -> Result<&'a [u8], Fault<'a>> {
        // What only cuts, or finds nothing to change, needs no copy.
        match op {
            BytesOp::Truncate(len) => return Ok(&bytes[..bytes.len().min(*len)]),
            BytesOp::StripPrefix(prefix) => return Ok(bytes.strip_prefix(prefix.as_slice()).unwrap_or(bytes)),
            BytesOp::Trim => return Ok(bytes.trim_ascii()),
            BytesOp::Unquote => {
                let bare = bytes.strip_prefix(b"\"").and_then(|bytes| bytes.strip_suffix(b"\""));
                return Ok(bare.unwrap_or(bytes));
            }
            BytesOp::DropDefaultPort => return Ok(text::without_default_port(bytes, self.view.scheme)),
            BytesOp::Lower if !bytes.iter().any(u8::is_ascii_uppercase) => return Ok(bytes),
            BytesOp::Upper if !bytes.iter().any(u8::is_ascii_lowercase) => return Ok(bytes),
            BytesOp::PercentEncode { keep, .. } if bytes.iter().all(|&b| keep.keeps(b)) => return Ok(bytes),
            BytesOp::PercentEncode { keep, case, plus } => {
                return Ok(self.made(|out| percent::encode_with(bytes, keep, *case, *plus, out)));
            }
            BytesOp::Hex(case) => return Ok(self.made(|out| encoding::hex(bytes, *case, out))),
            BytesOp::Base64(form) => return Ok(self.made(|out| form.encode(bytes, out))),
            _ => {}
        }
        let bump = self.bump;
        let malformed = |e: encoding::Undecodable| malformed!(bump, "{e}");
        self.produce(|out| {
            match op {
                BytesOp::Digest(algorithm) => {
                    out.resize(algorithm.size(), 0);
                    algorithm.digest(bytes, out);
                }
                BytesOp::HexDecode => return encoding::hex_decode(bytes, out).map_err(malformed),
                BytesOp::Base64Decode(form) => return form.decode(bytes, out).map_err(malformed),
                BytesOp::PercentDecode(plus) => {
                    return percent::decode(bytes, *plus, out).map_err(|e| malformed!(bump, "{e}"));
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
    fn each(&mut self, op: &'a BytesOp, side: Side, pairs: &'a [Pair<'a>]) -> Result<&'a [Pair<'a>], Fault<'a>> {
        let mut changed = Gathered::with_capacity_in(pairs.len(), self.bump);
        for pair in pairs {
            let (name, value) = (pair.name(), pair.value());
            let name = if side == Side::Value { name } else { self.on_bytes(op, name)? };
            let value = match value {
                Some(value) if side != Side::Name => Some(self.on_bytes(op, value)?),
                other => other,
            };
            changed.push(Pair::new(name, value));
        }
        Ok(changed.into_bump_slice())
    }
}

impl BytesOp {
    /// Whether the step only cuts: what is not there stays not there.
    pub(super) fn cuts(&self) -> bool {
        matches!(
            self,
            BytesOp::Truncate(_)
                | BytesOp::StripPrefix(_)
                | BytesOp::Trim
                | BytesOp::Unquote
                | BytesOp::DropDefaultPort
        )
    }
}
