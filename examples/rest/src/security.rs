//! Headers that keep browsers from doing what nobody asked for (OWASP, "HTTP Headers Cheat Sheet").
//!
//! `Strict-Transport-Security` is not among them: the service speaks plain HTTP, and only the proxy that ends TLS before it knows that nobody needs to come without.

use axum::http::{HeaderName, HeaderValue, header};
use axum::response::Response;

/// What holds for every response, and a response of its own kind may say otherwise.
const HEADERS: [(HeaderName, &str); 7] = [
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::REFERRER_POLICY, "no-referrer"),
    (header::CONTENT_SECURITY_POLICY, "default-src 'none'; frame-ancestors 'none'"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    // The page may listen to a candidate who dictates.
    (HeaderName::from_static("permissions-policy"), "microphone=(self), camera=(), geolocation=(), payment=(), usb=()"),
    // Answers are about people.
    (header::CACHE_CONTROL, "no-store"),
];

/// Adds the headers that a response does not have.
pub(crate) fn protect(response: &mut Response) {
    let headers = response.headers_mut();
    headers.reserve(HEADERS.len());
    for (name, value) in HEADERS {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    }
}
