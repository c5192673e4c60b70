//! Ways of signing: which digest, over which parts, in which order, with what between them.

use super::parts::SignedPart;
use crate::diagnosis::model::Watch;
use crate::primitive::digest::{Algorithm, Key, Running};
use serde_json::Value;

/// The cost beyond which no way is tried.
pub(super) const MOST: usize = 12;

/// Texts between parts, whether one stands at the end, and how seldom they are used.
const SEPARATORS: &[(&str, bool, usize)] = &[
    ("", false, 0),
    ("\n", false, 0),
    (".", false, 0),
    (":", false, 0),
    ("&", false, 1),
    ("|", false, 1),
    ("\n", true, 1),
    (",", false, 2),
    ("-", false, 2),
    ("_", false, 2),
    (";", false, 2),
    (" ", false, 2),
    ("\r\n", false, 2),
];

/// Ways between two questions whether there is time left.
const STRIDE: usize = 1 << 12;

/// The time was over.
#[derive(Debug)]
pub(super) struct OutOfTime;

/// A way of signing.
#[derive(Debug, Clone)]
pub(super) struct Way {
    pub(super) with: Algorithm,
    /// The key of an HMAC; none of a plain digest, which has a secret among its parts.
    pub(super) key: Option<usize>,
    pub(super) separator: &'static str,
    pub(super) ends: bool,
    pub(super) parts: Vec<usize>,
}

/// A key that may have been used.
#[derive(Debug, Clone)]
pub(super) struct KeyForm {
    pub(super) written: Value,
    pub(super) value: Vec<u8>,
    /// How seldom a key has this form, from 0.
    pub(super) cost: usize,
}

/// What a signature may be made of.
pub(super) struct Space {
    digest: Vec<u8>,
    pub(super) keys: Vec<KeyForm>,
    pub(super) parts: Vec<SignedPart>,
    /// Parts that hold a credential.
    secrets: Vec<bool>,
    algorithms: Vec<Algorithm>,
}

impl Space {
    pub(super) fn new(digest: Vec<u8>, mut keys: Vec<KeyForm>, mut parts: Vec<SignedPart>) -> Space {
        let algorithms = Algorithm::ALL.into_iter().filter(|with| with.size() == digest.len()).collect();
        let mut seen: Vec<Vec<u8>> = Vec::new();
        keys.retain(|key| {
            let is_new = !key.value.is_empty() && !seen.contains(&key.value);
            seen.push(key.value.clone());
            is_new
        });
        parts.retain(|part| part.value != digest);
        let is_secret =
            |part: &SignedPart| part.written.iter().any(|written| written.to_string().contains("\"credential."));
        let secrets = parts.iter().map(is_secret).collect();
        Space { digest, keys, parts, secrets, algorithms }
    }

    /// Tries all ways of this cost; the first that `bears_out` gives something for.
    pub(super) fn search<T>(
        &self,
        cost: usize,
        tried: &mut usize,
        bears_out: &mut dyn FnMut(&Way) -> Option<T>,
        watch: Watch<'_>,
    ) -> Result<Option<(Way, T)>, OutOfTime> {
        for &with in &self.algorithms {
            // Under MD5 plain digests are the rule.
            let is_md5 = with == Algorithm::Md5;
            for key in (0..self.keys.len()).map(Some).chain([None]) {
                let (start, of_key) = match key.map(|key| &self.keys[key]) {
                    Some(key) => (Running::keyed(&Key::new(with, &key.value)), key.cost + usize::from(is_md5)),
                    None => (Running::of(with), usize::from(!is_md5)),
                };
                for &(separator, ends, of_separator) in SEPARATORS {
                    let Some(left) = cost.checked_sub(of_key + of_separator) else { continue };
                    let way = Way { with, key, separator, ends, parts: Vec::new() };
                    let mut walk = OrderWalk { space: self, way, tried, bears_out, watch };
                    if let Some(found) = walk.from(&start, left, 0, key.is_some())? {
                        return Ok(Some((walk.way, found)));
                    }
                }
            }
        }
        Ok(None)
    }

    /// Pipelines that have the value of a part of a way, where there are several.
    pub(super) fn alike(&self, way: &Way) -> Vec<Vec<String>> {
        let several = |part: &usize| {
            let written: Vec<String> = self.parts[*part].written.iter().map(short).collect();
            (written.len() > 1 && !self.parts[*part].value.is_empty()).then_some(written)
        };
        way.parts.iter().filter_map(several).collect()
    }

    /// Parts that are empty, and of which a way has none.
    pub(super) fn left_empty(&self, way: &Way) -> Vec<String> {
        let is_whole = |written: &&Value| ["\"body\"", "\"raw_query\""].contains(&written.to_string().as_str());
        let empty = self.parts.iter().enumerate().filter(|(i, part)| part.value.is_empty() && !way.parts.contains(i));
        empty.flat_map(|(_, part)| part.written.iter().filter(is_whole).map(short)).collect()
    }
}

/// A pipeline as a file has it in one line.
fn short(written: &Value) -> String {
    match written {
        Value::String(word) => word.clone(),
        other => other.to_string(),
    }
}

/// A walk through the orders of parts.
struct OrderWalk<'s, 't, T> {
    space: &'s Space,
    way: Way,
    tried: &'t mut usize,
    bears_out: &'t mut dyn FnMut(&Way) -> Option<T>,
    watch: Watch<'t>,
}

impl<T> OrderWalk<'_, '_, T> {
    /// Adds a part to what was taken so far, in every way that is open and costs what is left.
    fn from(&mut self, taken: &Running, left: usize, covered: u128, has_secret: bool) -> Result<Option<T>, OutOfTime> {
        let space = self.space;
        for (i, part) in space.parts.iter().enumerate() {
            let Some(left) = left.checked_sub(part.cost) else { break };
            let has_secret = has_secret || space.secrets[i];
            let is_alone = left == 0 && self.way.parts.is_empty();
            // One part alone has no separator, and an empty part counts only where lines are told apart.
            let is_idle = if is_alone {
                !self.way.separator.is_empty() && !self.way.ends
            } else {
                part.value.is_empty() && self.way.separator != "\n"
            };
            if part.covers & covered != 0 || is_idle || left == 0 && !has_secret {
                continue;
            }
            let mut now = taken.clone();
            if !self.way.parts.is_empty() {
                now.update(self.way.separator.as_bytes());
            }
            now.update(&part.value);
            self.way.parts.push(i);
            let found =
                if left > 0 { self.from(&now, left, covered | part.covers, has_secret)? } else { self.ended(now)? };
            if found.is_some() {
                return Ok(found);
            }
            self.way.parts.pop();
        }
        Ok(None)
    }

    fn ended(&mut self, mut taken: Running) -> Result<Option<T>, OutOfTime> {
        *self.tried += 1;
        if self.tried.is_multiple_of(STRIDE) && !(self.watch)(*self.tried, 0) {
            return Err(OutOfTime);
        }
        if self.way.ends {
            taken.update(self.way.separator.as_bytes());
        }
        let mut room = [0; 64];
        let digest = &mut room[..self.space.digest.len()];
        taken.finish(digest);
        Ok(if *digest == *self.space.digest { (self.bears_out)(&self.way) } else { None })
    }
}
