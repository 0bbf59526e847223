//! How long a server asks to be left alone.

use std::time::Duration;

use chrono::{DateTime, NaiveDateTime};

use super::provider::Head;

/// No delay is told longer than this. It is far more than anyone waits, and far from where times overflow.
const LONGEST: Duration = Duration::from_secs(30 * 24 * 3600);

/// The delay that the response's headers ask for; none where they ask for none, or for one that is over. In the order of the official clients:
/// `retry-after-ms`, then `retry-after` in seconds (with a fraction, too) or as a date. The moments when limits are renewed
/// (`x-ratelimit-reset-…`) count only where a response has neither: they tell when a limit is full again, which is later than when it may be tried again.
pub(super) fn asked_for(head: &Head) -> Option<Duration> {
    let number = |name: &str| head.header(name).and_then(|value| value.trim().parse::<f64>().ok());
    if let Some(milliseconds) = number("retry-after-ms") {
        return seconds(milliseconds / 1000.0);
    }
    match number("retry-after") {
        Some(delay) => seconds(delay),
        None => match head.header("retry-after") {
            Some(date) => seconds((date_of(date.trim())? - head.received_at) as f64),
            None if head.status == 429 => renewal(head),
            None => None,
        },
    }
}

/// When the last of the used-up limits is full again. A limit without a count of what remains of it is taken to be used up.
fn renewal(head: &Head) -> Option<Duration> {
    let resets = head.headers.iter().filter_map(|(name, value)| {
        let limit = name.strip_prefix("x-ratelimit-reset-")?;
        let remaining = head.header(&format!("x-ratelimit-remaining-{limit}"));
        let is_used_up = remaining.is_none_or(|count| count.trim() == "0");
        is_used_up.then(|| span(value.trim())).flatten()
    });
    resets.max()
}

/// A span of time: seconds (Azure), or numbers with units (`6m0s`, `12ms`, `7.66s`).
fn span(text: &str) -> Option<Duration> {
    if let Ok(number) = text.parse::<f64>() {
        return seconds(number);
    }
    let (mut total, mut rest) = (0.0, text);
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit() && c != '.')?;
        let number: f64 = rest[..digits].parse().ok()?;
        rest = &rest[digits..];
        let letters = rest.find(|c: char| c.is_ascii_digit()).unwrap_or(rest.len());
        total += number
            * match &rest[..letters] {
                "h" => 3600.0,
                "m" => 60.0,
                "s" => 1.0,
                "ms" => 1e-3,
                "us" | "µs" => 1e-6,
                "ns" => 1e-9,
                _ => return None,
            };
        rest = &rest[letters..];
    }
    seconds(total)
}

/// A duration of Protocol Buffers in JSON: seconds and `s`.
pub(super) fn protobuf(text: &str) -> Option<Duration> {
    seconds(text.strip_suffix('s')?.parse().ok()?)
}

fn seconds(number: f64) -> Option<Duration> {
    if !number.is_finite() || number <= 0.0 {
        return None;
    }
    Some(Duration::try_from_secs_f64(number).map_or(LONGEST, |delay| delay.min(LONGEST)))
}

/// Seconds since 1970 of a date in one of HTTP's three forms (RFC 9110, section 5.6.7).
fn date_of(text: &str) -> Option<i64> {
    if let Ok(date) = DateTime::parse_from_rfc2822(text) {
        return Some(date.timestamp());
    }
    let obsolete = ["%A, %d-%b-%y %H:%M:%S GMT", "%a %b %e %H:%M:%S %Y"];
    obsolete
        .iter()
        .find_map(|form| NaiveDateTime::parse_from_str(text, form).ok())
        .map(|date| date.and_utc().timestamp())
}
