//! Changes of a message that a signer prepares before anything is derived from it.

use super::{Aim, View};
use crate::request;
use crate::scheme::machine::value::{Destination, Failure, Field, malformed};
use bumpalo::Bump;
use bumpalo::collections::Vec as Gathered;

impl<'a> View<'a> {
    /// Adds a field that a signer prepared, as it is added to the request on the wire; `Err` says why
    /// the body cannot take it.
    pub fn add(&mut self, into: Destination, name: &'a str, value: &'a [u8]) -> Result<(), Failure<'a>> {
        let bump = self.bump;
        match into {
            Destination::Header => self.add_header(Field::new(name.as_bytes(), Some(value))),
            Destination::Query => self.add_query(Field::new(name.as_bytes(), Some(value))),
            Destination::Form => {
                let mut body = Gathered::with_capacity_in(self.body.len(), bump);
                request::put_form(self.body, name.as_bytes(), value, &mut body);
                self.replace_body(body.into_bump_slice());
            }
            Destination::Json => {
                let text = json_text(name, value, bump)?;
                let mut body = Gathered::with_capacity_in(self.body.len(), bump);
                request::put_json(self.body, name, text, bump, &mut body).map_err(|e| malformed!(bump, "{e}"))?;
                self.replace_body(body.into_bump_slice());
            }
            Destination::Path => unreachable!("a path is never prepared"),
        }
        Ok(())
    }

    fn replace_body(&mut self, body: &'a [u8]) {
        (self.body, self.form, self.object) = (body, None, None);
    }

    fn add_header(&mut self, added: Field<'a>) {
        let same = |header: &Field<'_>| header.name().eq_ignore_ascii_case(added.name());
        let old = self.headers();
        let at = old.iter().position(same).unwrap_or(old.len());
        let mut all = Gathered::with_capacity_in(old.len() + 1, self.bump);
        all.extend_from_slice(&old[..at]);
        all.push(added);
        all.extend(old[at..].iter().filter(|header| !same(header)).copied());
        (self.headers, self.content_type, self.form) = (Some(all.into_bump_slice()), None, None);
    }

    fn add_query(&mut self, added: Field<'a>) {
        self.query = None;
        match &mut self.aim {
            Aim::Wire(target) => {
                let mut all = Gathered::with_capacity_in(target.len() + 64, self.bump);
                request::put_query(target, added.name(), added.filled(), &mut all);
                *target = all.into_bump_slice();
            }
            Aim::Meant { prepared, target, .. } => {
                let mut all = Gathered::with_capacity_in(prepared.len() + 1, self.bump);
                all.extend(prepared.iter().filter(|field| field.name() != added.name()).copied());
                all.push(added);
                (*prepared, *target) = (all.into_bump_slice(), None);
            }
        }
    }
}

/// A value as text, which is all that JSON holds.
pub fn json_text<'a>(name: &str, value: &'a [u8], bump: &'a Bump) -> Result<&'a str, Failure<'a>> {
    std::str::from_utf8(value).map_err(|_| malformed!(bump, "`{name}` is not UTF-8, and JSON holds no other text"))
}
