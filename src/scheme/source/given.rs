//! Sources of the signer's circumstances, of the account, of the server's settings, and of what came before.

use crate::primitive::time::{Instant, TimeFormat};
use crate::scheme::item::{Item, Opt, OptionKind, items};
use crate::scheme::machine::{Absence, Args, Failure, Gives, Held, Machine, Ready, Supply, Whose, Why, absent};

pub const ITEMS: &[Item<Gives>] = items! {
    "nonce" Options []
        "the nonce or id that the signer chose, or that `receive` binds" ("RFC 5849 section 3.3")
        r#""nonce""# => "n-1"
        open(Supply::Bytes(|_, m| m.nonce.ok_or_else(|| absent("nonce", "", m.bump))));

    "time" | "timestamp" | "now" Short [Opt::optional("form", OptionKind::TimeForm), Opt::optional("plus", OptionKind::Window)]
        "the signed time: as received, or in the first form that is received; or in a form of its own, `plus` a length \
         of time"
        ("RFC 3339; RFC 9110 section 5.6.7")
        r#"{"time":"date"}"# => "20180504"
        open(Supply::Bytes(time));

    "credential" Dotted [Opt::required("name", OptionKind::Credential)]
        "a credential or attribute of the account" ("the scheme's `account`")
        r#""credential.key""# => "k-1"
        Gives { origin: Whose::Account, reads: &[], value: Supply::Bytes(|o, m| {
            let value = m.account.and_then(|account| account.values[o.number(0)].as_ref());
            value.map(|value| value.as_slice()).ok_or_else(|| match &m.program.credentials[o.number(0)] {
                (name, Held::Secret) => Failure::new(Why::Absent(Absence::Secret(name)), m.bump),
                (name, _) => absent("credential.", name, m.bump),
            })
        }) };

    "parameter" Dotted [Opt::required("name", OptionKind::Parameter)]
        "what a signer chooses or a server configures beside the account" ("the scheme's `parameters`")
        r#""parameter.region""# => "eu-1"
        open(Supply::Bytes(|o, m| {
            let name = &m.program.parameters[o.number(0)].0;
            m.parameters.values[o.number(0)].as_deref().ok_or_else(|| absent("parameter.", name, m.bump))
        }));

    "stage" Dotted [Opt::required("name", OptionKind::Stage)]
        "a stage that stands before this one" ("the operation's `derive`")
        r#""stage.earlier""# => "first"
        Gives { origin: Whose::Others, reads: &[], value: Supply::Stage };

    "received" Dotted [Opt::required("name", OptionKind::Received)]
        "a value that `receive` binds; there only when verifying" ("the operation's `receive`")
        r#""received.id""# => "7"
        Gives { origin: Whose::Arrival, reads: &[], value: Supply::Received };
};

/// Returns what is given openly: no secret, and no part of the message.
const fn open(value: Supply) -> Gives {
    Gives { origin: Whose::Open, reads: &[], value }
}

fn time<'a>(o: &'a Args, machine: &mut Machine<'a>) -> Result<&'a [u8], Failure<'a>> {
    let own: Option<&TimeFormat> = match &o.0[0] {
        Ready::Form(form) => Some(form),
        _ => None,
    };
    let is_later = o.has(1);
    if let (None, Some(text), false) = (own, machine.time_text, is_later) {
        return Ok(text);
    }
    let form = own.or_else(|| machine.program.forms.first());
    let (Some(time), Some(form)) = (machine.time, form) else { return Err(absent("time", "", machine.bump)) };
    if is_later {
        let later = Instant(time.0 + machine.length(o.window(1))?);
        return machine.made(|out| {
            form.write(later, out);
            Ok(())
        });
    }
    if let Some((_, text)) = machine.written.filter(|(written, _)| *written == form) {
        return Ok(text);
    }
    let text = machine.made(|out| {
        form.write(time, out);
        Ok(())
    })?;
    machine.written = Some((form, text));
    Ok(text)
}
