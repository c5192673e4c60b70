//! Changes of what a message meets: accounts and configuration of the server, its clock, and the sender's address.

use super::Input;
use super::choices::Choices;
use super::snippets::{put_into, word};
use crate::bytes::Bytes;
use crate::case::{Task, Time, VerifyTask};
use crate::corpus::Entry;
use crate::primitive::time::Instant;
use crate::scheme::{Account, Characters, Credential, CredentialKind};
use std::net::IpAddr;

/// Name of the account that is added to those of an input.
const ANOTHER: &str = "another";

const SECOND: i128 = 1_000_000_000;

/// Makes one change of what the messages of an input meet.
pub(super) fn change(entry: &Entry, input: &mut Input, choices: &mut Choices<'_, '_>) {
    let Some(mut verify) = input.given.task.to_verify().cloned() else { return };
    match choices.below(6) {
        0 => add_account(entry, input, &mut verify, choices),
        1 => change_account(entry, input, &verify, choices),
        2 | 3 => move_clock(&mut verify, choices),
        4 => {
            let listed = input.listed();
            if let Some(message) = verify.messages.last_mut() {
                message.client_address = address(message.client_address.or(listed), choices);
            }
        }
        _ => {
            if let Some((name, _)) = entry.scheme.parameters.get_index(choices.below(entry.scheme.parameters.len())) {
                let bound = if choices.flip() { 4 } else { 1 << 16 };
                let number = choices.below(bound);
                verify.parameters.insert(name.clone(), Bytes::from(number.to_string().as_str()));
            }
        }
    }
    input.given.task = Task::Verify(verify);
}

/// Adds an account of which some values are those of the first, before it or after it.
fn add_account(entry: &Entry, input: &mut Input, verify: &mut VerifyTask<String>, choices: &mut Choices<'_, '_>) {
    let Some(mut other) = verify.accounts.first().and_then(|name| input.accounts.get(name)).cloned() else { return };
    for (_, value) in other.0.iter_mut().filter(|(name, _)| entry.scheme.account.contains_key(*name)) {
        if let (true, Credential::Value(bytes)) = (choices.flip(), value) {
            put_into(&mut bytes.0, entry.scheme.domain.secrets, choices);
        }
    }
    input.accounts.insert(ANOTHER.into(), other);
    let at = choices.below(verify.accounts.len() + 1);
    verify.accounts.insert(at, ANOTHER.into());
}

/// Takes a value of an account away, empties it, or makes it that of another account or another list.
fn change_account(entry: &Entry, input: &mut Input, verify: &VerifyTask<String>, choices: &mut Choices<'_, '_>) {
    let known = &entry.scheme.account;
    let Some((name, kind)) = known.get_index(choices.below(known.len())) else { return };
    let Some(account) = verify.accounts.first().and_then(|own| input.accounts.get_mut(own)) else { return };
    let is_pair = matches!(kind, CredentialKind::Pair(_));
    let name = if is_pair { &format!("{name}.public") } else { name };
    let value = if *kind == CredentialKind::Addresses {
        let sent = verify.messages.last().and_then(|message| message.client_address);
        let Some(address) = address(addresses(account).next().or(sent), choices) else { return };
        let prefix = choices.below(if address.is_ipv4() { 33 } else { 129 });
        Credential::Addresses(vec![format!("{address}/{prefix}")])
    } else {
        let others = entry.topics.iter().flat_map(|topic| topic.file.accounts.values());
        let others: Vec<&Credential> = others.filter_map(|other| other.0.get(name)).collect();
        match choices.below(4) {
            0 => {
                account.0.shift_remove(name);
                return;
            }
            1 if !is_pair => Credential::Value(Bytes::default()),
            _ if is_pair && others.is_empty() => return,
            choice if is_pair || choice == 2 && !others.is_empty() => others[choices.below(others.len())].clone(),
            _ => Credential::Value(Bytes::from(word(Characters::Ascii, choices).as_str())),
        }
    };
    account.0.insert(name.clone(), value);
}

fn move_clock(verify: &mut VerifyTask<String>, choices: &mut Choices<'_, '_>) {
    let at = choices.below(verify.messages.len());
    let Some(message) = verify.messages.get_mut(at) else { return };
    let Some(now) = message.now.take() else { return };
    let shift = match choices.below(3) {
        0 => SECOND * choices.below(256) as i128,
        1 => 60 * SECOND + choices.below(4) as i128 - 2,
        _ => SECOND / 1000 * (choices.below(1 << 16) as i128) * (choices.below(256) as i128),
    };
    let moved = Instant(now.instant().0 + if choices.flip() { shift } else { -shift });
    message.now = Time::try_from(moved.to_string()).ok().or(Some(now));
}

/// Addresses that an account lists by themselves.
fn addresses(account: &Account) -> impl Iterator<Item = IpAddr> {
    let lists = account.0.values().filter_map(|value| match value {
        Credential::Addresses(list) => Some(list),
        Credential::Value(_) => None,
    });
    lists.flatten().filter_map(|text| text.split('/').next()?.parse().ok())
}

/// No address, any, one that is near, or the same written in the other version of the protocol.
fn address(near: Option<IpAddr>, choices: &mut Choices<'_, '_>) -> Option<IpAddr> {
    match (choices.below(5), near) {
        (0, _) => None,
        (1 | 2, Some(IpAddr::V4(near))) => Some(IpAddr::V4((u32::from(near) ^ 1 << choices.below(32)).into())),
        (1 | 2, Some(IpAddr::V6(near))) => Some(IpAddr::V6((u128::from(near) ^ 1 << choices.below(128)).into())),
        (3, Some(IpAddr::V4(near))) => Some(near.to_ipv6_mapped().into()),
        (3, Some(near)) => Some(near.to_canonical()),
        (1..=3, None) => Some(IpAddr::from([0, 0, 0, 0].map(|_: u8| choices.below(256) as u8))),
        _ => near.or(Some(IpAddr::from([0; 16].map(|_: u8| choices.below(256) as u8)))),
    }
}
