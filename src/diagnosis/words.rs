//! Words of a shell command as a shell would take them apart, where that needs no shell.

/// Splits a command at white space, with quotes and backslashes taken away.
///
/// `Err` says what only a shell can do: variables, substitutions, pipes, several commands.
pub(super) fn words(command: &str) -> Result<Vec<String>, String> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut rest = command.chars().peekable();
    while let Some(c) = rest.next() {
        match c {
            '\\' if rest.peek() == Some(&'\r') => {
                // A continued line, with the line ends of another system.
                rest.next();
                rest.next_if_eq(&'\n');
            }
            '\\' => match rest.next() {
                Some('\n') => {}
                Some(escaped) => word.get_or_insert_default().push(escaped),
                None => return Err("the curl command ends in a backslash; what it continues is missing".into()),
            },
            '\'' => quoted(&mut rest, word.get_or_insert_default())?,
            '"' => double_quoted(&mut rest, word.get_or_insert_default())?,
            '$' if rest.next_if_eq(&'\'').is_some() => ansi_quoted(&mut rest, word.get_or_insert_default())?,
            '$' | '`' => return Err(needs_shell(c)),
            '|' | ';' | '&' | '<' | '>' | '(' | ')' => {
                return Err(format!(
                    "`{c}` outside quotes is for a shell; give the curl command alone, and quote the URL"
                ));
            }
            c if c.is_whitespace() => words.extend(word.take()),
            c => word.get_or_insert_default().push(c),
        }
    }
    words.extend(word);
    Ok(words)
}

fn needs_shell(c: char) -> String {
    format!("`{c}` stands for something that only a shell knows; write the value out")
}

fn unclosed(quote: &str) -> String {
    format!("the quote {quote} of the curl command is not closed")
}

type Rest<'a> = std::iter::Peekable<std::str::Chars<'a>>;

fn quoted(rest: &mut Rest<'_>, word: &mut String) -> Result<(), String> {
    for c in rest {
        match c {
            '\'' => return Ok(()),
            c => word.push(c),
        }
    }
    Err(unclosed("'"))
}

fn double_quoted(rest: &mut Rest<'_>, word: &mut String) -> Result<(), String> {
    while let Some(c) = rest.next() {
        match c {
            '"' => return Ok(()),
            '\\' => match rest.next() {
                Some('\n') => {}
                Some(c @ ('"' | '\\' | '$' | '`')) => word.push(c),
                Some(c) => word.extend(['\\', c]),
                None => break,
            },
            '$' | '`' => return Err(needs_shell(c)),
            c => word.push(c),
        }
    }
    Err(unclosed("\""))
}

/// `$'…'`, in which browsers write what has a line feed or an exclamation mark.
fn ansi_quoted(rest: &mut Rest<'_>, word: &mut String) -> Result<(), String> {
    while let Some(c) = rest.next() {
        match c {
            '\'' => return Ok(()),
            '\\' => match rest.next() {
                Some('n') => word.push('\n'),
                Some('r') => word.push('\r'),
                Some('t') => word.push('\t'),
                Some('u') => {
                    let digits: String = rest.by_ref().take(4).collect();
                    let character = u32::from_str_radix(&digits, 16).ok().and_then(char::from_u32);
                    word.push(character.ok_or("`\\u` in $'…' is followed by no character's number")?);
                }
                Some(c @ ('\\' | '\'' | '"' | '?')) => word.push(c),
                Some(c) => return Err(format!("`\\{c}` in $'…' is not understood; write the character itself")),
                None => break,
            },
            c => word.push(c),
        }
    }
    Err(unclosed("$'"))
}
