//! Address of a server under test: an `http://` URL without a path, on this machine unless permitted.

use std::net::{IpAddr, SocketAddr, ToSocketAddrs};

/// Address of a server. Its name is looked up once, so that it cannot come to mean another machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Address {
    /// Host and port as a `Host` field has them.
    pub(super) authority: String,
    /// Addresses that the host resolved to, in order.
    pub(super) sockets: Vec<SocketAddr>,
}

/// Reason why a URL is no address of a server under test. What may hold a user's password is not quoted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadAddress {
    /// It is not of the form.
    #[error("this is no address of a server: expected is http://HOST or http://HOST:PORT, {0}")]
    Form(&'static str),
    /// TLS.
    #[error(
        "TLS is not spoken here; give the server a plain listener on this machine, or put a proxy in front of it that \
         ends TLS, and name that as http://HOST:PORT"
    )]
    Tls,
    /// The name is not known.
    #[error("`{0}` cannot be resolved: {1}")]
    Unknown(String, String),
    /// Another machine.
    #[error(
        "`{host}` is {found}, which is not this machine; a run sends hundreds of messages, forged ones among them. If \
         the server is yours to test, add --allow-host {host}"
    )]
    Elsewhere {
        /// The host of the URL.
        host: String,
        /// An address of it.
        found: IpAddr,
    },
}

impl Address {
    /// Reads a URL. A host that resolves to anything but loopback addresses must be among `allowed`,
    /// letter by letter.
    pub fn parse(url: &str, allowed: &[String]) -> Result<Address, BadAddress> {
        let (scheme, rest) = url.split_once("://").ok_or(BadAddress::Form("with `http://` before the host"))?;
        if scheme.eq_ignore_ascii_case("https") {
            return Err(BadAddress::Tls);
        }
        if !scheme.eq_ignore_ascii_case("http") {
            return Err(BadAddress::Form("and no other scheme"));
        }
        let authority = rest.strip_suffix('/').unwrap_or(rest);
        if authority.contains(['/', '?', '#']) {
            return Err(BadAddress::Form("without a path, since every vector brings its own"));
        }
        if authority.contains('@') {
            return Err(BadAddress::Form("without a user, since every vector brings its own credentials"));
        }
        let (host, port) = split(authority).ok_or(BadAddress::Form("with a port from 1 to 65535"))?;
        let unknown = |why: String| BadAddress::Unknown(host.to_owned(), why);
        let sockets: Vec<_> = (host, port).to_socket_addrs().map_err(|e| unknown(e.to_string()))?.collect();
        if sockets.is_empty() {
            return Err(unknown("it has no address".into()));
        }
        let elsewhere = sockets.iter().map(SocketAddr::ip).find(|ip| !ip.to_canonical().is_loopback());
        match elsewhere {
            Some(found) if !allowed.iter().any(|allowed| allowed == host) => {
                Err(BadAddress::Elsewhere { host: host.to_owned(), found })
            }
            _ => Ok(Address { authority: authority.to_owned(), sockets }),
        }
    }

    /// The address as a URL.
    pub(super) fn url(&self) -> String {
        format!("http://{}", self.authority)
    }
}

/// Host, without the brackets of an IPv6 address, and port.
fn split(authority: &str) -> Option<(&str, u16)> {
    let (host, port) = match authority.strip_prefix('[') {
        Some(rest) => {
            let (host, after) = rest.split_once(']')?;
            (host, if after.is_empty() { None } else { Some(after.strip_prefix(':')?) })
        }
        None => match authority.split_once(':') {
            Some((host, port)) => (host, Some(port)),
            None => (authority, None),
        },
    };
    let is_number = |port: &str| !port.is_empty() && port.bytes().all(|b| b.is_ascii_digit());
    let port = match port {
        None => 80,
        Some(port) if is_number(port) => port.parse().ok().filter(|&port| port != 0)?,
        Some(_) => return None,
    };
    (!host.is_empty()).then_some((host, port))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(url: &str) -> String {
        Address::parse(url, &[]).unwrap_err().to_string()
    }

    #[test]
    fn loopback_in_all_its_forms() {
        let urls = ["http://127.0.0.1:3000", "http://127.9.8.7/", "HTTP://[::1]:80", "http://[::ffff:127.0.0.1]:1"];
        for url in urls {
            assert!(Address::parse(url, &[]).is_ok(), "{url}");
        }
        assert_eq!(Address::parse("http://127.0.0.1", &[]).unwrap().sockets[0].port(), 80);
    }

    #[test]
    fn other_machines_only_by_name() {
        assert!(refused("http://192.0.2.1:8080").contains("--allow-host 192.0.2.1"));
        assert!(refused("http://[2001:db8::1]").contains("--allow-host 2001:db8::1"));
        assert!(refused("http://0.0.0.0:1").contains("not this machine"));
        let allow = |host: &str| Address::parse("http://192.0.2.1:8080", &[host.to_owned()]);
        assert!(allow("192.0.2.1").is_ok());
        assert!(allow("192.0.2").is_err() && allow("192.0.2.10").is_err() && allow("192.0.2.1:8080").is_err());
    }

    #[test]
    fn urls_of_another_form() {
        assert!(refused("https://127.0.0.1").contains("a proxy"));
        assert!(refused("127.0.0.1:80").contains("`http://` before the host"));
        assert!(refused("ftp://127.0.0.1").contains("no other scheme"));
        for url in ["http://127.0.0.1/v1", "http://127.0.0.1?a", "http://127.0.0.1#a"] {
            assert!(refused(url).contains("without a path"), "{url}");
        }
        for url in ["http://", "http://127.0.0.1:", "http://127.0.0.1:0", "http://127.0.0.1:+8", "http://[::1]8"] {
            assert!(refused(url).contains("with a port"), "{url}");
        }
        assert!(refused("http://user@127.0.0.1").contains("without a user"));
    }
}
