//! Cutting a streamed body into events, as its bytes come.
//!
//! Server-sent events are read as WHATWG HTML, section 9.2.6, says, but for two things: text that is not UTF-8 is a failure, because a replaced character
//! would change what was said; and an event has a most length.

use super::failure::{Cause, Failure};
use super::provider::{Framing, StreamEvent};

/// Cuts one body. What it holds back is never longer than the longest event.
pub(super) struct Cutter {
    framing: Framing,
    longest_event: usize,
    /// The line that has not ended.
    line: Vec<u8>,
    is_first_line: bool,
    /// The last byte was a carriage return, which a line feed may still belong to.
    after_return: bool,
    name: String,
    /// The lines of data of the event that has not ended; none before the first.
    data: Option<String>,
}

impl Cutter {
    pub(super) fn new(framing: Framing, longest_event: usize) -> Self {
        Self {
            framing,
            longest_event,
            line: Vec::new(),
            is_first_line: true,
            after_return: false,
            name: String::new(),
            data: None,
        }
    }

    /// Takes in the next bytes and hands on each event that they end.
    pub(super) fn push(
        &mut self,
        mut bytes: &[u8],
        mut take: impl FnMut(StreamEvent<'_>) -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        while !bytes.is_empty() {
            if std::mem::take(&mut self.after_return) && bytes[0] == b'\n' {
                bytes = &bytes[1..];
                continue;
            }
            let ends = |byte: &u8| *byte == b'\n' || (*byte == b'\r' && self.framing == Framing::ServerSentEvents);
            let end = bytes.iter().position(ends);
            self.hold(&bytes[..end.unwrap_or(bytes.len())])?;
            let Some(end) = end else { break };
            self.after_return = bytes[end] == b'\r';
            bytes = &bytes[end + 1..];
            self.end_line(&mut take)?;
        }
        Ok(())
    }

    /// The body is over. A server-sent event that no blank line ended is dropped, as the standard says; a last line of JSON needs no line feed.
    pub(super) fn end(mut self, mut take: impl FnMut(StreamEvent<'_>) -> Result<(), Failure>) -> Result<(), Failure> {
        match self.framing {
            Framing::ServerSentEvents => Ok(()),
            Framing::Lines => self.end_line(&mut take),
        }
    }

    fn hold(&mut self, bytes: &[u8]) -> Result<(), Failure> {
        let held = self.line.len() + self.name.len() + self.data.as_ref().map_or(0, String::len);
        if held + bytes.len() > self.longest_event {
            return Err(Failure::of(Cause::TooLarge));
        }
        self.line.extend_from_slice(bytes);
        Ok(())
    }

    fn end_line(&mut self, take: &mut impl FnMut(StreamEvent<'_>) -> Result<(), Failure>) -> Result<(), Failure> {
        let line = std::mem::take(&mut self.line);
        let line = str::from_utf8(&line).map_err(|_| Failure::of(Cause::Unreadable))?;
        // A byte order mark is allowed before the first line.
        let is_first = std::mem::take(&mut self.is_first_line);
        let line = line.strip_prefix('\u{feff}').filter(|_| is_first).unwrap_or(line);
        match self.framing {
            Framing::Lines if line.trim().is_empty() => Ok(()),
            Framing::Lines => take(StreamEvent { name: "", data: line }),
            Framing::ServerSentEvents if line.is_empty() => {
                let name = std::mem::take(&mut self.name);
                match self.data.take() {
                    Some(data) => take(StreamEvent { name: &name, data: &data }),
                    None => Ok(()),
                }
            }
            Framing::ServerSentEvents => {
                self.take_field(line);
                Ok(())
            }
        }
    }

    fn take_field(&mut self, line: &str) {
        let (field, value) = line.split_once(':').unwrap_or((line, ""));
        let value = value.strip_prefix(' ').unwrap_or(value);
        match field {
            "event" => value.clone_into(&mut self.name),
            "data" => match &mut self.data {
                Some(data) => {
                    data.push('\n');
                    data.push_str(value);
                }
                None => self.data = Some(value.to_owned()),
            },
            // Ids, times to reconnect, comments (whose field is empty) and what is to come.
            _ => {}
        }
    }
}
