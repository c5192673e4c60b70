//! The request that a curl command sends, as far as the options that shape it are known.

use super::http::url;
use super::words::words;
use crate::bytes::Bytes;
use crate::primitive::encoding::{Alphabet, Base64};
use crate::request::Request;

/// Options that do not change what is sent, with a value and without.
const VALUED: [&str; 9] =
    ["-o", "--output", "-m", "--max-time", "--connect-timeout", "-w", "--write-out", "--retry", "--cacert"];
const PLAIN: [&str; 20] = [
    "-s",
    "--silent",
    "-S",
    "--show-error",
    "-v",
    "--verbose",
    "-i",
    "--include",
    "-k",
    "--insecure",
    "-f",
    "--fail",
    "-L",
    "--location",
    "-g",
    "--globoff",
    "--compressed",
    "--http1.1",
    "--http2",
    "--path-as-is",
];
/// Short options that take a value.
const SHORT_VALUED: &str = "XHdAebuFTomw";

/// Contents of the options.
#[derive(Default)]
struct Options {
    method: Option<String>,
    url: Option<String>,
    headers: Vec<(String, String)>,
    removed: Vec<String>,
    data: Vec<String>,
    get: bool,
    head: bool,
    path_as_is: bool,
}

/// The request of a curl command; `Err` says which word cannot be followed.
pub(super) fn request(command: &str) -> Result<Request, String> {
    let mut options = Options::default();
    let mut words = split_clusters(words(command)?.into_iter().skip(1)).into_iter();
    while let Some(word) = words.next() {
        options.take(&word, &mut || words.next().ok_or_else(|| format!("{word} lacks its value")))?;
    }
    options.request()
}

/// `-sXPOST` as `-s -X POST`.
fn split_clusters(words: impl Iterator<Item = String>) -> Vec<String> {
    let mut out = Vec::new();
    let mut is_value = false;
    for word in words {
        let cluster =
            word.strip_prefix('-').filter(|rest| !is_value && rest.chars().count() > 1 && !rest.starts_with('-'));
        let Some(cluster) = cluster else {
            let short = word.len() == 2 && word.starts_with('-') && SHORT_VALUED.contains(&word[1..]);
            is_value = !is_value && (short || long_valued(&word));
            out.push(word);
            continue;
        };
        for (at, c) in cluster.char_indices() {
            out.push(format!("-{c}"));
            if SHORT_VALUED.contains(c) {
                let value = &cluster[at + c.len_utf8()..];
                is_value = value.is_empty();
                out.extend((!is_value).then(|| value.to_owned()));
                break;
            }
        }
    }
    out
}

fn long_valued(word: &str) -> bool {
    let known = ["--request", "--url", "--header", "--user-agent", "--referer", "--cookie", "--user"];
    word.starts_with("--data") || known.contains(&word) || VALUED.contains(&word)
}

impl Options {
    fn take(&mut self, word: &str, value: &mut dyn FnMut() -> Result<String, String>) -> Result<(), String> {
        match word {
            "-X" | "--request" => self.method = Some(value()?),
            "--url" => self.url(value()?)?,
            "-H" | "--header" => self.header(&value()?)?,
            "-d" | "--data" | "--data-ascii" | "--data-binary" => {
                let data = value()?;
                if data.starts_with('@') {
                    return Err(format!("{word} with `@` reads a file; write its content out"));
                }
                self.data.push(data);
            }
            "--data-raw" => self.data.push(value()?),
            "-A" | "--user-agent" => self.field("User-Agent", &value()?),
            "-e" | "--referer" => self.field("Referer", &value()?),
            "-b" | "--cookie" => self.field("Cookie", &value()?),
            "-u" | "--user" => {
                let mut encoded = Vec::new();
                Base64 { alphabet: Alphabet::Standard, padding: true }.encode(value()?.as_bytes(), &mut encoded);
                self.field("Authorization", &format!("Basic {}", String::from_utf8_lossy(&encoded)));
            }
            "-G" | "--get" => self.get = true,
            "-I" | "--head" => self.head = true,
            "-F" | "--form" => {
                return Err(format!(
                    "{word} makes a multipart body whose bytes curl chooses; give the request as raw HTTP"
                ));
            }
            _ if VALUED.contains(&word) => drop(value()?),
            _ if PLAIN.contains(&word) => self.path_as_is |= word == "--path-as-is",
            _ if word.starts_with('-') => {
                // What follows the name may be a credential.
                let name = word.split('=').next().unwrap_or(word);
                return Err(format!(
                    "the option {name} is not known here; leave it out, or give the request as raw HTTP"
                ));
            }
            _ => self.url(word.to_owned())?,
        }
        Ok(())
    }

    fn url(&mut self, url: String) -> Result<(), String> {
        match self.url.replace(url) {
            None => Ok(()),
            Some(_) => Err("it has several URLs".into()),
        }
    }

    fn field(&mut self, name: &str, value: &str) {
        self.headers.push((name.to_owned(), value.to_owned()));
    }

    fn header(&mut self, header: &str) -> Result<(), String> {
        match header.split_once(':') {
            Some((name, value)) if value.trim_ascii().is_empty() => self.removed.push(name.to_owned()),
            Some((name, value)) => self.field(name, value.trim_ascii()),
            None => match header.strip_suffix(';') {
                Some(name) => self.field(name, ""),
                None => return Err("a value of -H has no colon".into()),
            },
        }
        Ok(())
    }

    fn request(self) -> Result<Request, String> {
        let given = self.url.clone().ok_or("it has no URL")?;
        let absolute = if given.contains("://") { given } else { format!("http://{given}") };
        let (scheme, host, mut target) = url(absolute.as_bytes()).ok_or("its URL is neither http nor https")?;
        let path = target.split(|&b| b == b'?').next().unwrap_or_default();
        if !self.path_as_is && path.split(|&b| b == b'/').any(|segment| segment == b"." || segment == b"..") {
            return Err("its path has dot segments, which curl removes; write the path as it is sent".into());
        }
        let mut body = self.data.join("&").into_bytes();
        let has_data = !self.data.is_empty() && !self.get;
        if self.get && !body.is_empty() {
            target.push(if target.contains(&b'?') { b'&' } else { b'?' });
            target.append(&mut body);
        }
        // What follows a # is gone from the URL, so one that is here came with the data.
        if host.iter().chain(&target).any(|&b| !b.is_ascii_graphic() || b == b'#') {
            return Err("its URL has characters that must be percent-encoded".into());
        }
        let method = self.method.clone().unwrap_or_else(|| self.default_method(has_data).to_owned());
        let method = Bytes::from(method.as_str());
        let (scheme, target, body) = (scheme.into(), target.into(), body.into());
        let mut request = Request { method, scheme, target, headers: Vec::new(), body };
        request.headers =
            self.headers.iter().map(|(n, v)| (Bytes::from(n.as_str()), Bytes::from(v.as_str()))).collect();
        let is_set =
            |name: &str| self.headers.iter().map(|(n, _)| n).chain(&self.removed).any(|n| n.eq_ignore_ascii_case(name));
        if !is_set("host") {
            request.headers.insert(0, ("Host".into(), host.into()));
        }
        if has_data && !is_set("content-type") {
            request.headers.push(("Content-Type".into(), "application/x-www-form-urlencoded".into()));
        }
        Ok(request)
    }

    fn default_method(&self, has_data: bool) -> &'static str {
        match (self.head, has_data) {
            (true, _) => "HEAD",
            (false, true) => "POST",
            (false, false) => "GET",
        }
    }
}
