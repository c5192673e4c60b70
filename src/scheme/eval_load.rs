//! Evaluation of sources: values of the message, of the signer and of the server.

use super::eval::Machine;
use super::program::Load;
use super::source::Repeated;
use super::value::{Fault, absent};
use crate::primitive::time::TimeFormat;

impl<'a> Machine<'a> {
    pub(super) fn load(&mut self, load: &'a Load) -> Result<&'a [u8], Fault<'a>> {
        let given = |value: Option<&'a [u8]>, what, name, bump| value.ok_or_else(|| absent(what, name, bump));
        match load {
            Load::Method => Ok(self.view.method),
            Load::Scheme => Ok(self.view.scheme),
            Load::Host => self.view.header(b"host", Repeated::Refuse),
            Load::Url => self.view.url(),
            Load::Target => Ok(self.view.target()),
            Load::RawPath => Ok(self.view.raw_path()),
            Load::RawQuery => Ok(self.view.raw_query()),
            Load::Path => self.view.path(),
            Load::Body => Ok(self.view.body),
            Load::Nonce => given(self.nonce, "nonce", "", self.bump),
            Load::Time(form) => self.load_time(*form),
            Load::Credential(i) => {
                let value = self.account.and_then(|account| account.values[*i].as_ref());
                given(value.map(|value| value.as_slice()), "credential.", &self.program.credentials[*i].0, self.bump)
            }
            Load::Parameter(i) => {
                given(self.parameters.0[*i].as_deref(), "parameter.", &self.program.parameters[*i].0, self.bump)
            }
            Load::Header { name, repeated } => self.view.header(name, *repeated),
            Load::QueryField { name, repeated } => {
                let fields = self.view.query()?;
                self.view.field(fields, name, *repeated, "query")
            }
            Load::FormField { name, repeated } => {
                let fields = self.view.form()?;
                self.view.field(fields, name, *repeated, "form")
            }
            Load::JsonField { name } => self.view.json(name),
        }
    }

    fn load_time(&mut self, form: Option<TimeFormat>) -> Result<&'a [u8], Fault<'a>> {
        if let (None, Some(text)) = (form, self.time_text) {
            return Ok(text);
        }
        let form = form.or_else(|| self.program.forms.first().copied());
        let (Some(time), Some(form)) = (self.time, form) else { return Err(absent("time", "", self.bump)) };
        if let Some((_, text)) = self.written.filter(|(written, _)| *written == form) {
            return Ok(text);
        }
        let text = self.made(|out| form.write(time, out));
        self.written = Some((form, text));
        Ok(text)
    }
}
