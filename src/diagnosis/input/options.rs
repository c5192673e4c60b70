//! Words of a curl command as options: which there are, and which of them have a value.

/// Effect of an option.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Effect {
    /// None on what is sent, of an option without and with a value.
    Nothing,
    NothingOfValue,
    Method,
    Url,
    Header,
    Data(DataKind),
    Json,
    Query,
    Part,
    TextPart,
    User,
    Bearer,
    UserAgent,
    Referer,
    Cookie,
    Get,
    Head,
    PathAsIs,
    NoGlobs,
}

/// Forms of a value that becomes a body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum DataKind {
    /// As it is, or a file without its line ends.
    Text,
    /// As it is.
    Raw,
    /// As it is, or a file.
    Binary,
    /// Percent-encoded, after a name or not.
    Encoded,
}

/// The options that are followed: short, long, effect.
const OPTIONS: &[(&str, &[&str], Effect)] = &[
    ("X", &["request"], Effect::Method),
    ("", &["url"], Effect::Url),
    ("H", &["header"], Effect::Header),
    ("d", &["data", "data-ascii"], Effect::Data(DataKind::Text)),
    ("", &["data-raw"], Effect::Data(DataKind::Raw)),
    ("", &["data-binary"], Effect::Data(DataKind::Binary)),
    ("", &["data-urlencode"], Effect::Data(DataKind::Encoded)),
    ("", &["json"], Effect::Json),
    ("", &["url-query"], Effect::Query),
    ("F", &["form"], Effect::Part),
    ("", &["form-string"], Effect::TextPart),
    ("u", &["user"], Effect::User),
    ("", &["oauth2-bearer"], Effect::Bearer),
    ("A", &["user-agent"], Effect::UserAgent),
    ("e", &["referer"], Effect::Referer),
    ("b", &["cookie"], Effect::Cookie),
    ("G", &["get"], Effect::Get),
    ("I", &["head"], Effect::Head),
    ("", &["path-as-is"], Effect::PathAsIs),
    ("g", &["globoff"], Effect::NoGlobs),
    ("s", &["silent"], Effect::Nothing),
    ("S", &["show-error"], Effect::Nothing),
    ("v", &["verbose"], Effect::Nothing),
    ("i", &["include", "show-headers"], Effect::Nothing),
    ("k", &["insecure", "proxy-insecure"], Effect::Nothing),
    ("f", &["fail", "fail-with-body", "fail-early"], Effect::Nothing),
    ("L", &["location", "location-trusted"], Effect::Nothing),
    ("N", &["no-buffer", "buffer"], Effect::Nothing),
    ("O", &["remote-name"], Effect::Nothing),
    ("J", &["remote-header-name", "create-dirs", "remove-on-error"], Effect::Nothing),
    ("#", &["progress-bar", "progress-meter"], Effect::Nothing),
    ("q", &["disable"], Effect::Nothing),
    ("4", &["ipv4"], Effect::Nothing),
    ("6", &["ipv6"], Effect::Nothing),
    ("0", &["http1.0", "http1.1", "http2", "http2-prior-knowledge", "http3", "http3-only"], Effect::Nothing),
    ("1", &["tlsv1", "tlsv1.0", "tlsv1.1", "tlsv1.2", "tlsv1.3"], Effect::Nothing),
    (
        "",
        &["compressed", "keepalive", "tcp-nodelay", "tcp-fastopen", "alpn", "sessionid", "styled-output"],
        Effect::Nothing,
    ),
    ("", &["retry-connrefused", "retry-all-errors", "raw", "trace-time", "trace-ids"], Effect::Nothing),
    ("o", &["output", "output-dir"], Effect::NothingOfValue),
    ("m", &["max-time", "connect-timeout", "expect100-timeout", "keepalive-time"], Effect::NothingOfValue),
    ("w", &["write-out"], Effect::NothingOfValue),
    ("D", &["dump-header"], Effect::NothingOfValue),
    ("c", &["cookie-jar"], Effect::NothingOfValue),
    ("x", &["proxy", "noproxy", "preproxy", "socks5", "socks5-hostname"], Effect::NothingOfValue),
    ("U", &["proxy-user"], Effect::NothingOfValue),
    ("E", &["cert", "cert-type", "key", "key-type", "pass", "cacert", "capath"], Effect::NothingOfValue),
    ("y", &["speed-time"], Effect::NothingOfValue),
    ("Y", &["speed-limit", "limit-rate", "max-filesize", "max-redirs"], Effect::NothingOfValue),
    ("", &["retry", "retry-delay", "retry-max-time"], Effect::NothingOfValue),
    ("", &["resolve", "connect-to", "interface", "unix-socket", "dns-servers", "doh-url"], Effect::NothingOfValue),
    ("", &["ciphers", "tls13-ciphers", "curves", "tls-max", "pinnedpubkey"], Effect::NothingOfValue),
    ("", &["stderr", "trace", "trace-ascii", "trace-config"], Effect::NothingOfValue),
];

impl Effect {
    fn has_value(self) -> bool {
        !matches!(self, Effect::Nothing | Effect::Get | Effect::Head | Effect::PathAsIs | Effect::NoGlobs)
    }
}

/// Takes words apart into names of options as they are written, their effects and values. A URL has no name.
///
/// Short options may stand in one word, the value of the last with them.
pub(super) fn options(words: impl IntoIterator<Item = Vec<u8>>) -> Result<Vec<(String, Effect, Vec<u8>)>, String> {
    let mut words = words.into_iter();
    let mut out = Vec::new();
    while let Some(word) = words.next() {
        let mut next = |name: &str| words.next().ok_or_else(|| format!("{name} lacks its value"));
        if let Some(long) = word.strip_prefix(b"--") {
            let known = |name: &[u8]| OPTIONS.iter().find(|(_, long, _)| long.iter().any(|l| l.as_bytes() == name));
            let negated = || known(long.strip_prefix(b"no-")?).filter(|(.., effect)| *effect == Effect::Nothing);
            // What follows the name may be a credential.
            let name = String::from_utf8_lossy(word.split(|&b| b == b'=').next().unwrap_or(&word)).into_owned();
            let &(.., effect) = known(long).or_else(negated).ok_or_else(|| unknown(&name))?;
            let value = if effect.has_value() { next(&name)? } else { Vec::new() };
            out.push((name, effect, value));
            continue;
        }
        let Some(mut cluster) = word.strip_prefix(b"-").filter(|short| !short.is_empty()) else {
            out.push((String::new(), Effect::Url, word));
            continue;
        };
        while let [short, rest @ ..] = cluster {
            let name = format!("-{}", char::from(*short));
            let known = OPTIONS.iter().find(|(known, ..)| known.as_bytes() == [*short]);
            let &(.., effect) = known.ok_or_else(|| unknown(&name))?;
            cluster = if effect.has_value() { &[] } else { rest };
            let value = match (effect.has_value(), rest) {
                (true, []) => next(&name)?,
                (true, value) => value.to_vec(),
                (false, _) => Vec::new(),
            };
            out.push((name, effect, value));
        }
    }
    Ok(out)
}

fn unknown(name: &str) -> String {
    format!("the option {name} is not known here; leave it out, or give the request as raw HTTP")
}
