//! As much HTTP/1.1 as measuring takes: one request to look at every byte of its answer, and a server of one page and the
//! script that plain pages share.

use std::net::{Ipv4Addr, SocketAddr};

use anyhow::{Context, Result, ensure};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;
use vong_tests::DEADLINE;

/// The most that is read of an answer, in bytes.
const ANSWER: u64 = 16 << 20;
/// The most that is read of a request, in bytes.
const REQUEST: usize = 16 << 10;

/// An answer as it came over the wire.
pub(crate) struct Answer {
    pub(crate) head: String,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    /// Bytes transferred.
    pub(crate) fn size(&self) -> usize {
        self.head.len() + self.body.len()
    }
}

/// Gets a path in the `Content-Encoding` named: `br` or `identity`.
pub(crate) async fn get(server: SocketAddr, path: &str, encoding: &str) -> Result<Answer> {
    let request = format!(
        "GET {path} HTTP/1.1\r\nHost: localhost:{}\r\nAccept: text/html,*/*\r\nAccept-Encoding: {encoding}\r\n\
         Connection: close\r\n\r\n",
        server.port()
    );
    let mut stream = TcpStream::connect(server).await?;
    stream.write_all(request.as_bytes()).await?;
    let mut answer = Vec::new();
    timeout(DEADLINE, stream.take(ANSWER).read_to_end(&mut answer)).await??;
    let end = answer.windows(4).position(|bytes| bytes == b"\r\n\r\n").context("no end of the head")? + 4;
    let body = answer.split_off(end);
    let head = String::from_utf8(answer)?;
    ensure!(head.starts_with("HTTP/1.1 200 "), "GET {path}: {}", head.lines().next().unwrap_or_default());
    ensure!(!head.to_ascii_lowercase().contains("transfer-encoding"), "GET {path}: a body in chunks");
    Ok(Answer { head, body })
}

/// Where [`SIGNALING`] is served.
const SIGNALING_PATH: &[u8] = b"GET /signaling.js ";
/// How plain pages find each other.
const SIGNALING: &str = include_str!("signaling.js");

/// Serves `page` under every path but that of the script, for browsers to keep, while the current `LocalSet` runs. Returns its origin.
pub(crate) async fn serve(page: &'static str) -> Result<String> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    let origin = format!("http://localhost:{}", listener.local_addr()?.port());
    tokio::task::spawn_local(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::task::spawn_local(answer(stream, page));
        }
    });
    Ok(origin)
}

async fn answer(mut stream: TcpStream, page: &str) -> Result<()> {
    let mut request = Vec::new();
    while !request.ends_with(b"\r\n\r\n") && request.len() < REQUEST {
        if stream.read_buf(&mut request).await? == 0 {
            return Ok(());
        }
    }
    let (kind, body) =
        if request.starts_with(SIGNALING_PATH) { ("javascript", SIGNALING) } else { ("html", page) };
    let head = format!(
        "HTTP/1.1 200 OK\r\nContent-Type: text/{kind}; charset=utf-8\r\nConnection: close\r\n\
         Cache-Control: max-age=31536000, immutable\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes()).await?;
    stream.write_all(body.as_bytes()).await?;
    Ok(stream.shutdown().await?)
}
