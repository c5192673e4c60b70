//! Binding of what a message carries: the time, a nonce, and values by name or taken out of a template.

use crate::primitive::time::{Instant, TimeFormat};
use crate::scheme::machine::{Bind, Bound, Failure, Judge, Machine, Mask, Piece, Value, malformed};
use memchr::memmem;

impl<'a> Judge<'a, '_> {
    pub(super) fn receive(&mut self, bind: &'a Bind) -> Result<(), Failure<'a>> {
        let value = match self.machine.first_of(&bind.alternatives, Machine::value) {
            Err(fault) if bind.optional && fault.is_absence() => return Ok(()),
            found => found?,
        };
        match &bind.bound {
            Bound::Value(i, forms) => {
                if !forms.is_empty() && !bind.takes_any_text {
                    self.read_time(forms, value.bytes())?;
                }
                self.machine.received[*i] = Some(value);
            }
            Bound::Nonce => self.machine.nonce = Some(value.bytes()),
            Bound::Time => {
                let found = self.receive_time(value.bytes());
                if !bind.takes_any_text {
                    found?;
                }
            }
            Bound::Template { pieces, caseless, deviation } => {
                self.take_apart(pieces, *caseless, deviation.as_deref(), value.bytes())?
            }
        }
        Ok(())
    }

    fn receive_time(&mut self, text: &'a [u8]) -> Result<(), Failure<'a>> {
        let program = self.machine.program;
        self.machine.time_text = (!program.written_anew).then_some(text);
        self.machine.time = Some(self.read_time(&program.forms, text)?);
        Ok(())
    }

    fn read_time(&self, forms: &[TimeFormat], text: &[u8]) -> Result<Instant, Failure<'a>> {
        let unlike = || malformed!(self.machine.bump, "`{}` is no time of a form that is accepted", Mask(text.len()));
        forms.iter().find_map(|form| form.read(text)).ok_or_else(unlike)
    }

    fn take_apart(
        &mut self,
        pieces: &[Piece],
        caseless: bool,
        deviation: Option<&str>,
        whole: &'a [u8],
    ) -> Result<(), Failure<'a>> {
        let bump = self.machine.bump;
        let unlike = || malformed!(bump, "`{}` has another form than the template", Mask(whole.len()));
        let mut rest = whole;
        let mut open: Option<usize> = None;
        for (i, piece) in pieces.iter().enumerate() {
            match piece {
                Piece::Placeholder(name) => open = Some(*name),
                Piece::Literal(text) => {
                    let at = match open {
                        Some(_) if deviation == Some("splits-at-last") => memmem::rfind(rest, text),
                        Some(_) => memmem::find(rest, text),
                        None if i == 0 && matches!(deviation, Some("any-prefix" | "any-word")) => {
                            // Everything up to the first such end of the text goes, whatever it is.
                            let end = text.last().copied().unwrap_or(b' ');
                            let skipped = rest.iter().position(|&b| b == end).map_or(0, |end| end + 1);
                            if skipped == 0 && deviation == Some("any-word") {
                                return Err(unlike());
                            }
                            rest = &rest[skipped..];
                            continue;
                        }
                        None if i == 0 && deviation == Some("no-prefix") && !rest.starts_with(text) => continue,
                        None => {
                            let head = rest.get(..text.len()).unwrap_or_default();
                            let same = head == text || (caseless && i == 0 && head.eq_ignore_ascii_case(text));
                            same.then_some(0)
                        }
                    };
                    let at = at.ok_or_else(unlike)?;
                    if let Some(name) = open.take() {
                        self.machine.received[name] = Some(Value::Bytes(&rest[..at]));
                    }
                    rest = &rest[at + text.len()..];
                }
            }
        }
        match open {
            Some(name) => self.machine.received[name] = Some(Value::Bytes(rest)),
            None if !rest.is_empty() => return Err(unlike()),
            None => {}
        }
        Ok(())
    }
}
