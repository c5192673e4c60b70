//! Sources of the signer's circumstances, of the account, of the server's settings, and of what came before.

use crate::primitive::time::TimeFormat;
use crate::scheme::item::{Item, Kind, Opt, SourceItem, Written};
use crate::scheme::machine::{Args, Fault, Gives, Machine, Origin, Ready, Supply, absent};

pub static NONCE: SourceItem = Item {
    word: "nonce",
    options: &[],
    written: Written::Options,
    reason: "the message's nonce or id: what the signer chose, or what `receive` binds as `nonce`",
    example: (r#""nonce""#, "n-1"),
    document: "RFC 5849 section 3.3",
    does: Gives {
        origin: Origin::Open,
        reads: &[],
        value: Supply::Bytes(|_, m| m.nonce.ok_or_else(|| absent("nonce", "", m.bump))),
    },
};

pub static TIME: SourceItem = Item {
    word: "time",
    options: &[Opt::optional("form", Kind::TimeForm)],
    written: Written::Bare,
    reason: "the signed time: as received, or in the first form that is received; or in a form of its own",
    example: (r#"{"time":"date"}"#, "20180504"),
    document: "RFC 3339; RFC 9110 section 5.6.7",
    does: Gives { origin: Origin::Open, reads: &[], value: Supply::Bytes(time) },
};

fn time<'a>(o: &'a Args, machine: &mut Machine<'a>) -> Result<&'a [u8], Fault<'a>> {
    let own: Option<TimeFormat> = match o.0[0] {
        Ready::Form(form) => Some(form),
        _ => None,
    };
    if let (None, Some(text)) = (own, machine.time_text) {
        return Ok(text);
    }
    let form = own.or_else(|| machine.program.forms.first().copied());
    let (Some(time), Some(form)) = (machine.time, form) else { return Err(absent("time", "", machine.bump)) };
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

pub static CREDENTIAL: SourceItem = Item {
    word: "credential",
    options: &[Opt::required("name", Kind::Credential)],
    written: Written::Dotted,
    reason: "a credential or attribute of the account",
    example: (r#""credential.key""#, "k-1"),
    document: "the scheme's `account`",
    does: Gives {
        origin: Origin::Account,
        reads: &[],
        value: Supply::Bytes(|o, m| {
            let value = m.account.and_then(|account| account.values[o.number(0)].as_ref());
            let name = &m.program.credentials[o.number(0)].0;
            value.map(|value| value.as_slice()).ok_or_else(|| absent("credential.", name, m.bump))
        }),
    },
};

pub static PARAMETER: SourceItem = Item {
    word: "parameter",
    options: &[Opt::required("name", Kind::Parameter)],
    written: Written::Dotted,
    reason: "what a signer chooses or a server configures beside the account",
    example: (r#""parameter.region""#, "eu-1"),
    document: "the scheme's `parameters`",
    does: Gives {
        origin: Origin::Open,
        reads: &[],
        value: Supply::Bytes(|o, m| {
            let name = &m.program.parameters[o.number(0)].0;
            m.parameters.values[o.number(0)].as_deref().ok_or_else(|| absent("parameter.", name, m.bump))
        }),
    },
};

pub static STAGE: SourceItem = Item {
    word: "stage",
    options: &[Opt::required("name", Kind::Stage)],
    written: Written::Dotted,
    reason: "a stage that stands before this one",
    example: (r#""stage.earlier""#, "first"),
    document: "the operation's `derive`",
    does: Gives { origin: Origin::Others, reads: &[], value: Supply::Stage },
};

pub static RECEIVED: SourceItem = Item {
    word: "received",
    options: &[Opt::required("name", Kind::Received)],
    written: Written::Dotted,
    reason: "a value that `receive` binds; there only when verifying",
    example: (r#""received.id""#, "7"),
    document: "the operation's `receive`",
    does: Gives { origin: Origin::Message, reads: &[], value: Supply::Received },
};
