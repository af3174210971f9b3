//! A client and a server of HTTP/1.1 on std::net alone: what a first program of the network does.
//!
//!     http get http://HOST:PORT/PATH...   fetch each, over one connection where the hosts are the same
//!     http serve PORT                     /chunked/N, /plain/N, /echo (POST), until somebody gets /quit
//!
//! `get` prints, for each: status, headers but the server's own, how the body came, its length and hash.

use std::collections::BTreeMap;
use std::env;
use std::error::Error;
use std::io::{self, BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream, ToSocketAddrs};
use std::process::exit;
use std::thread;
use std::time::Duration;

type Result<T> = std::result::Result<T, Box<dyn Error + Send + Sync>>;

/// The body of N bytes that servers make and tests expect.
fn made(n: usize) -> Vec<u8> {
    (0..n as u64).map(|i| (i.wrapping_mul(2654435761) >> 13) as u8).collect()
}

/// FNV-1a, 64 bits.
fn hash(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf29ce484222325, |h, b| (h ^ u64::from(*b)).wrapping_mul(0x100000001b3))
}

fn line(from: &mut impl BufRead) -> Result<String> {
    let mut text = String::new();
    if from.read_line(&mut text)? == 0 {
        return Err("the connection ended".into());
    }
    match text.strip_suffix("\r\n") {
        Some(text) => Ok(text.to_string()),
        None => Err(format!("a line without its end: {text:?}").into()),
    }
}

/// Headers, their names in small letters (RFC 9110 section 5).
fn headers(from: &mut impl BufRead) -> Result<BTreeMap<String, String>> {
    let mut found = BTreeMap::new();
    loop {
        let text = line(from)?;
        if text.is_empty() {
            return Ok(found);
        }
        let (name, value) = text.split_once(':').ok_or("a header without a colon")?;
        found.insert(name.to_ascii_lowercase(), value.trim().to_string());
    }
}

/// A body in chunks (RFC 9112 section 7.1): the bytes, the number of chunks, the trailers.
fn chunked(from: &mut impl BufRead) -> Result<(Vec<u8>, usize, BTreeMap<String, String>)> {
    let (mut body, mut count) = (Vec::new(), 0);
    loop {
        let text = line(from)?;
        let size = usize::from_str_radix(text.split(';').next().unwrap_or("").trim(), 16)?;
        if size == 0 {
            return Ok((body, count, headers(from)?));
        }
        let at = body.len();
        body.resize(at + size, 0);
        from.read_exact(&mut body[at..])?;
        if !line(from)?.is_empty() {
            return Err("a chunk that does not end where it says".into());
        }
        count += 1;
    }
}

/// What comes after the headers, and in words how it came.
fn body(from: &mut impl BufRead, head: &BTreeMap<String, String>) -> Result<(Vec<u8>, String)> {
    if head.get("transfer-encoding").is_some_and(|v| v.eq_ignore_ascii_case("chunked")) {
        let (bytes, count, trailers) = chunked(from)?;
        return Ok((bytes, format!("{count} chunks, trailers {trailers:?}")));
    }
    if let Some(n) = head.get("content-length") {
        let mut bytes = vec![0; n.parse()?];
        from.read_exact(&mut bytes)?;
        return Ok((bytes, "by length".to_string()));
    }
    let mut bytes = Vec::new();
    from.read_to_end(&mut bytes)?;
    Ok((bytes, "to the end".to_string()))
}

fn connect(host: &str) -> Result<BufReader<TcpStream>> {
    let mut last = None;
    for address in host.to_socket_addrs()? {
        match TcpStream::connect(address) {
            Ok(stream) => {
                stream.set_nodelay(true)?;
                stream.set_read_timeout(Some(Duration::from_secs(60)))?;
                return Ok(BufReader::new(stream));
            }
            Err(e) => last = Some(e),
        }
    }
    Err(last.map_or("no address".into(), |e| e.to_string().into()))
}

fn get(urls: &[String]) -> Result<()> {
    let mut open: Option<(String, BufReader<TcpStream>)> = None;
    for url in urls {
        let rest = url.strip_prefix("http://").ok_or("http:// only")?;
        let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
        let mut stream = match open.take() {
            Some((name, stream)) if name == host => stream,
            _ => connect(host)?,
        };
        write!(stream.get_mut(), "GET /{path} HTTP/1.1\r\nHost: {host}\r\nAccept: */*\r\n\r\n")?;
        let status = line(&mut stream)?;
        let mut words = status.splitn(3, ' ');
        if words.next() != Some("HTTP/1.1") {
            return Err(format!("not HTTP/1.1: {status}").into());
        }
        let code: u16 = words.next().unwrap_or("").parse()?;
        let head = headers(&mut stream)?;
        let (bytes, how) = body(&mut stream, &head)?;
        println!("/{path}: {code} {}", words.next().unwrap_or(""));
        for (name, value) in head.iter().filter(|(n, _)| !["date", "server"].contains(&n.as_str())) {
            println!("  {name}: {value}");
        }
        println!("  {} bytes {:016x}, {how}", bytes.len(), hash(&bytes));
        if head.get("connection").map(String::as_str) != Some("close") {
            open = Some((host.to_string(), stream));
        }
    }
    Ok(())
}

/// One connection: requests until the client has no more.
fn serve_one(stream: TcpStream) -> Result<()> {
    let mut from = BufReader::new(stream.try_clone()?);
    let mut to = stream;
    loop {
        let request = match line(&mut from) {
            Ok(text) => text,
            Err(_) => return Ok(()),
        };
        let path = request.split(' ').nth(1).ok_or("no path")?.to_string();
        let head = headers(&mut from)?;
        let sent = match head.contains_key("content-length") || head.contains_key("transfer-encoding") {
            true => body(&mut from, &head)?.0,
            false => Vec::new(),
        };
        let (kind, n) = path[1..].split_once('/').unwrap_or((&path[1..], "0"));
        let n: usize = n.parse().unwrap_or(0);
        match kind {
            "chunked" => {
                write!(to, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")?;
                for part in made(n).chunks(1000) {
                    write!(to, "{:x}\r\n", part.len())?;
                    to.write_all(part)?;
                    write!(to, "\r\n")?;
                }
                write!(to, "0\r\n\r\n")?;
            }
            "plain" | "echo" | "quit" => {
                let bytes = if kind == "plain" { made(n) } else { sent };
                write!(to, "HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", bytes.len())?;
                to.write_all(&bytes)?;
                if kind == "quit" {
                    to.flush()?;
                    exit(0);
                }
            }
            _ => write!(to, "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")?,
        }
    }
}

fn serve(port: &str) -> Result<()> {
    let listener = TcpListener::bind(("::", port.parse()?))?;
    println!("serving");
    io::stdout().flush()?;
    for stream in listener.incoming() {
        let stream = stream?;
        thread::spawn(move || {
            if let Err(e) = serve_one(stream) {
                eprintln!("connection: {e}");
            }
        });
    }
    Ok(())
}

fn main() {
    let words: Vec<String> = env::args().skip(1).collect();
    let result = match words.first().map(String::as_str) {
        Some("get") => get(&words[1..]),
        Some("serve") if words.len() == 2 => serve(&words[1]),
        _ => Err("usage: http get URL... | http serve PORT".into()),
    };
    if let Err(e) = result {
        eprintln!("http: {e}");
        exit(1);
    }
}
