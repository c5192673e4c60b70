//! Words of a shell command as a shell would take them apart, where that needs no shell.
//!
//! `shlex` does it. It takes for text what only a shell knows, which is refused here, and does not know `$'…'`, which
//! is written out for it.

type Rest<'a> = std::iter::Peekable<std::iter::Copied<std::slice::Iter<'a, u8>>>;

/// Splits a command at white space, with quotes and backslashes taken away.
///
/// `Err` says what only a shell can do: variables, substitutions, pipes, several commands.
pub(super) fn words(command: &[u8]) -> Result<Vec<Vec<u8>>, String> {
    shlex::bytes::split(&plain(command)?).ok_or_else(|| "its quotes are not closed".into())
}

/// The command with `$'…'` in quotes that every shell knows, lines that go on as one, and no comments.
fn plain(command: &[u8]) -> Result<Vec<u8>, String> {
    let mut out = Vec::with_capacity(command.len());
    let mut rest: Rest<'_> = command.iter().copied().peekable();
    let mut quote = None;
    let mut is_between_words = true;
    while let Some(c) = rest.next() {
        let starts_word = std::mem::take(&mut is_between_words);
        match (quote, c) {
            (Some(open), c) if c == open => quote = None,
            (Some(b'\''), _) => {}
            (None, b'\'' | b'"') => quote = Some(c),
            (_, b'\\') => {
                let next = rest.next().ok_or("it ends in a backslash; what that continues is missing")?;
                if next == b'\n' || next == b'\r' {
                    // The line goes on; its end may be that of another system.
                    rest.next_if(|&after| next == b'\r' && after == b'\n');
                    is_between_words = starts_word;
                } else {
                    out.extend([c, next]);
                }
                continue;
            }
            (None, b'$') if rest.next_if_eq(&b'\'').is_some() => {
                let text = ansi_quoted(&mut rest)?;
                let quoted = shlex::bytes::try_quote(&text);
                out.extend_from_slice(&quoted.map_err(|_| "a NUL character in $'…' ends the text; leave it out")?);
                continue;
            }
            (_, b'$' | b'`') => {
                let c = char::from(c);
                return Err(format!("`{c}` stands for something that only a shell knows; write the value out"));
            }
            (None, b'^') if rest.peek().is_some_and(|next| b"\"\r\n".contains(next)) => {
                return Err("`^` outside quotes is for the shell of Windows; let the browser copy for bash".into());
            }
            (None, b'|' | b';' | b'&' | b'<' | b'>' | b'(' | b')') => {
                return Err(format!(
                    "`{}` outside quotes is for a shell; give the curl command alone, and quote the URL",
                    char::from(c)
                ));
            }
            (None, b'#') if starts_word => {
                // It may have quotes that are none.
                while rest.next_if(|&c| c != b'\n').is_some() {}
                is_between_words = true;
                continue;
            }
            (None, b' ' | b'\t' | b'\n' | b'\r') => {
                is_between_words = true;
                out.push(if c == b'\r' { b'\n' } else { c });
                continue;
            }
            _ => {}
        }
        out.push(c);
    }
    quote.map_or(Ok(out), |open| Err(unclosed(&char::from(open).to_string())))
}

fn unclosed(quote: &str) -> String {
    format!("the quote {quote} of the curl command is not closed")
}

/// `$'…'` from after its quote on, in which browsers write what has a line feed or an exclamation mark.
fn ansi_quoted(rest: &mut Rest<'_>) -> Result<Vec<u8>, String> {
    let mut out = Vec::new();
    while let Some(c) = rest.next() {
        match c {
            b'\'' => return Ok(out),
            b'\\' => escape(rest, &mut out)?,
            c => out.push(c),
        }
    }
    Err(unclosed("$'"))
}

fn escape(rest: &mut Rest<'_>, out: &mut Vec<u8>) -> Result<(), String> {
    let Some(c) = rest.next() else { return Err(unclosed("$'")) };
    match c {
        b'n' => out.push(b'\n'),
        b'r' => out.push(b'\r'),
        b't' => out.push(b'\t'),
        b'a' => out.push(0x07),
        b'b' => out.push(0x08),
        b'v' => out.push(0x0b),
        b'f' => out.push(0x0c),
        b'e' | b'E' => out.push(0x1b),
        b'\\' | b'\'' | b'"' | b'?' => out.push(c),
        b'0'..=b'7' => {
            let value = number(rest, u32::from(c - b'0'), 8, 2);
            out.push(u8::try_from(value).map_err(|_| "an octal number in $'…' is more than a byte has")?);
        }
        b'x' if rest.peek().is_some_and(u8::is_ascii_hexdigit) => {
            out.push(number(rest, 0, 16, 2).to_le_bytes()[0]);
        }
        b'u' | b'U' => {
            let c = character(rest, if c == b'u' { 4 } else { 8 });
            let c = c.ok_or("`\\u` in $'…' is followed by no character's number")?;
            out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
        }
        c if c.is_ascii_graphic() => {
            return Err(format!("`\\{}` in $'…' is not understood; write the character itself", char::from(c)));
        }
        _ => return Err("a backslash in $'…' is followed by nothing that is understood; leave it out".into()),
    }
    Ok(())
}

/// A number of at most so many further digits.
fn number(rest: &mut Rest<'_>, first: u32, base: u32, most: usize) -> u32 {
    let mut value = first;
    for _ in 0..most {
        let Some(digit) = rest.peek().and_then(|&c| char::from(c).to_digit(base)) else { break };
        rest.next();
        value = value.wrapping_mul(base) | digit;
    }
    value
}

/// A character by its number, or by the two halves in which browsers write one beyond the first plane.
fn character(rest: &mut Rest<'_>, digits: usize) -> Option<char> {
    if !rest.peek()?.is_ascii_hexdigit() {
        return None;
    }
    let first = number(rest, 0, 16, digits);
    if !(0xd800..0xdc00).contains(&first) {
        return char::from_u32(first);
    }
    (rest.next()? == b'\\' && rest.next()? == b'u').then_some(())?;
    let second = number(rest, 0, 16, 4);
    char::decode_utf16([first as u16, second as u16]).next()?.ok()
}
