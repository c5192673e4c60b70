//! Small servers for the tests: they read requests rightly and answer as a test wants.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;

/// The answer of one that accepts.
pub const ACCEPT: &str = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";

/// What a server does after an answer.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Then {
    Keep,
    Close,
}

/// What a message that is not for the control endpoint is answered with; the number counts messages
/// from 0.
type Respond = dyn Fn(usize, &mut TcpStream) -> Then + Send + Sync;

/// A server on the loopback address, which ends with this value.
pub struct Listener {
    port: u16,
    ends: Arc<AtomicBool>,
    seen: Arc<Mutex<Vec<Vec<u8>>>>,
    accepting: Option<thread::JoinHandle<()>>,
}

impl Listener {
    /// A server whose control endpoint takes everything.
    pub fn new(respond: impl Fn(usize, &mut TcpStream) -> Then + Send + Sync + 'static) -> Listener {
        Listener::with_control("204 No Content", respond)
    }

    /// A server that accepts everything.
    pub fn accepting() -> Listener {
        Listener::new(|_, stream| answer(stream, ACCEPT))
    }

    /// A server whose control endpoint answers this.
    pub fn with_control(
        control: &'static str,
        respond: impl Fn(usize, &mut TcpStream) -> Then + Send + Sync + 'static,
    ) -> Listener {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let (ends, seen, count) = (Arc::new(AtomicBool::new(false)), Arc::default(), Arc::new(AtomicUsize::new(0)));
        let respond: Arc<Respond> = Arc::new(respond);
        let (has_ended, kept) = (Arc::clone(&ends), Arc::clone(&seen));
        let accepting = thread::spawn(move || {
            for stream in listener.incoming() {
                if has_ended.load(Ordering::SeqCst) {
                    return;
                }
                let (respond, seen, count) = (Arc::clone(&respond), Arc::clone(&kept), Arc::clone(&count));
                thread::spawn(move || connection(stream.unwrap(), control, &*respond, &seen, &count));
            }
        });
        Listener { port, ends, seen, accepting: Some(accepting) }
    }

    /// Its address.
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// The bytes of every message, those to the control endpoint included.
    pub fn seen(&self) -> Vec<Vec<u8>> {
        self.seen.lock().unwrap().clone()
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        self.ends.store(true, Ordering::SeqCst);
        // The thread waits for a connection; this one wakes it up.
        let _ = TcpStream::connect(("127.0.0.1", self.port));
        self.accepting.take().unwrap().join().unwrap();
    }
}

fn connection(
    mut stream: TcpStream,
    control: &str,
    respond: &Respond,
    seen: &Mutex<Vec<Vec<u8>>>,
    count: &AtomicUsize,
) {
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    while let Some(message) = message(&mut reader) {
        let is_control = message.starts_with(b"POST /-/countersign ");
        seen.lock().unwrap().push(message);
        let then = match is_control {
            true => answer(&mut stream, &format!("HTTP/1.1 {control}\r\nContent-Length: 0\r\n\r\n")),
            false => respond(count.fetch_add(1, Ordering::SeqCst), &mut stream),
        };
        if then == Then::Close {
            return;
        }
    }
}

/// The bytes of a message; its body is as long as Content-Length says.
fn message(reader: &mut BufReader<TcpStream>) -> Option<Vec<u8>> {
    let (mut message, mut length) = (Vec::new(), 0);
    loop {
        let start = message.len();
        if reader.read_until(b'\n', &mut message).ok()? == 0 {
            return None;
        }
        let line = String::from_utf8_lossy(&message[start..]).to_lowercase();
        if let Some(value) = line.strip_prefix("content-length:") {
            length = value.trim().parse().unwrap();
        }
        if line == "\r\n" {
            break;
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    message.extend(body);
    Some(message)
}

/// Writes an answer and keeps the connection.
pub fn answer(stream: &mut TcpStream, text: &str) -> Then {
    match stream.write_all(text.as_bytes()) {
        Ok(()) => Then::Keep,
        Err(_) => Then::Close,
    }
}

/// Waits until the other side has gone.
pub fn hang(stream: &mut TcpStream) -> Then {
    let _ = stream.read(&mut [0]);
    Then::Close
}
