//! How a server is named on the command line, and what is refused.

use super::{RULES, test};
use crate::command::run;
use std::net::TcpListener;

#[test]
fn only_this_machine_unless_a_host_is_permitted() {
    let ran = test("http://192.0.2.1:8080", RULES, &[]).exits(2);
    ran.complains("which is not this machine").complains("--allow-host 192.0.2.1");
    test("http://192.0.2.1:8080", RULES, &["--allow-host", "192.0.2.10"]).exits(2);
}

/// The address of every interface is none of loopback, and a connection to it stays on the machine.
#[cfg(unix)]
#[test]
fn a_host_that_is_permitted_is_tested() {
    let server = super::listener::Listener::accepting();
    let url = server.url().replace("127.0.0.1", "0.0.0.0");
    let only = ["--only", "flipbase/documented/example-accepted"];
    test(&url, RULES, &only).exits(2).complains("which is not this machine");
    assert!(server.seen().is_empty());
    test(&url, RULES, &[only[0], only[1], "--allow-host", "0.0.0.0"]).exits(0);
}

#[test]
fn tls_and_paths_are_refused() {
    test("https://127.0.0.1:8443", RULES, &[]).exits(2).complains("a proxy in front of it that ends TLS");
    test("http://127.0.0.1/v1", RULES, &[]).exits(2).complains("without a path");
}

#[test]
fn a_server_that_is_not_there() {
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let ran = test(&format!("http://127.0.0.1:{port}"), RULES, &[]).exits(3);
    ran.complains("cannot be connected to").complains("is the server started");
}

#[test]
fn usage_errors_say_what_goes_together() {
    let misuses = [
        ("test", "<CMD>..."),
        ("test --http http://127.0.0.1:1", "--rules <FILE>"),
        ("test --rules x.yaml", "--http <URL>"),
        ("test --rules x.yaml -- true", "cannot be used with"),
        ("test --rate 5 -- true", "cannot be used with"),
        ("test --allow-host h -- true", "cannot be used with"),
        ("test --http http://127.0.0.1:1 --rules x.yaml -- true", "cannot be used with"),
        ("test --http http://127.0.0.1:1 --rules x.yaml --rate 0", "from 0.001 to 1000000"),
        ("test --http http://127.0.0.1:1 --rules x.yaml --rate fast", "a number of messages a second"),
    ];
    for (arguments, says) in misuses {
        run(arguments.split(' ')).exits(2).complains(says);
    }
}
