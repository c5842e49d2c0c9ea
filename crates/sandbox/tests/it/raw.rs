//! A connection whose every byte the test sees: what an HTTP library would repair or hide shows here.

use std::io;

use enroll_sandbox::Sandbox;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::address;

pub(crate) struct Raw {
    stream: TcpStream,
    /// Read, and not looked at yet.
    unread: Vec<u8>,
}

impl Raw {
    pub(crate) async fn connect(sandbox: &Sandbox) -> Self {
        Self { stream: TcpStream::connect(address(sandbox)).await.unwrap(), unread: Vec::new() }
    }

    /// A connection on which this has been sent.
    pub(crate) async fn send(sandbox: &Sandbox, bytes: impl AsRef<[u8]>) -> Self {
        let mut raw = Self::connect(sandbox).await;
        raw.write(bytes).await;
        raw
    }

    pub(crate) async fn write(&mut self, bytes: impl AsRef<[u8]>) {
        self.stream.write_all(bytes.as_ref()).await.unwrap();
    }

    /// Sends this and nothing more, to a server that may have hung up by then.
    pub(crate) async fn write_last(&mut self, bytes: &[u8]) {
        let _ = self.stream.write_all(bytes).await;
        let _ = self.stream.shutdown().await;
    }

    /// Sends nothing more.
    pub(crate) async fn shut_down(&mut self) {
        self.stream.shutdown().await.unwrap();
    }

    /// Everything until the server hangs up, and how it does.
    pub(crate) async fn rest(mut self) -> (String, io::Result<()>) {
        let end = self.stream.read_to_end(&mut self.unread).await;
        (String::from_utf8(self.unread).unwrap(), end.map(|_| ()))
    }

    /// Everything until the server hangs up, which it does properly.
    pub(crate) async fn all(self) -> String {
        let (text, end) = self.rest().await;
        end.unwrap();
        text
    }

    /// A head, and the length of the body that it promises.
    pub(crate) async fn head(&mut self) -> (String, usize) {
        let length = loop {
            let end = self.unread.windows(4).position(|window| window == b"\r\n\r\n");
            match end {
                Some(end) => break end + 4,
                None => self.read_more().await,
            }
        };
        let head = self.take(length).await;
        let promised = head.lines().find_map(|line| line.strip_prefix("content-length: "));
        let promised = promised.map_or(0, |length| length.parse().unwrap());
        (head, promised)
    }

    /// The head and the body of an answer.
    pub(crate) async fn answer(&mut self) -> (String, String) {
        let (head, length) = self.head().await;
        (head, self.take(length).await)
    }

    /// So many bytes.
    pub(crate) async fn take(&mut self, length: usize) -> String {
        while self.unread.len() < length {
            self.read_more().await;
        }
        let rest = self.unread.split_off(length);
        String::from_utf8(std::mem::replace(&mut self.unread, rest)).unwrap()
    }

    /// Whether there is neither another byte nor an end.
    pub(crate) fn is_silent(&self) -> bool {
        let error = self.stream.try_read(&mut [0]).map_err(|error| error.kind());
        self.unread.is_empty() && error == Err(io::ErrorKind::WouldBlock)
    }

    async fn read_more(&mut self) {
        let read = self.stream.read_buf(&mut self.unread).await.unwrap();
        assert_ne!(read, 0, "the stream ended after {:?}", String::from_utf8_lossy(&self.unread));
    }
}
