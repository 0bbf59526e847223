//! What browsers are told of every response.
//!
//! `Strict-Transport-Security` is not among it: the service speaks plain HTTP, and only the proxy that ends TLS before it knows that nobody needs to come without.

use axum::http::{HeaderName, HeaderValue, header};
use axum::response::Response;

/// What is no page may load nothing and be framed by nobody; pages bring a policy of their own.
const NO_PAGE: HeaderValue = HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'");
const SAME_ORIGIN_RESOURCE: HeaderName = HeaderName::from_static("cross-origin-resource-policy");

const HEADERS: [(HeaderName, HeaderValue); 4] = [
    (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    // The address of a live call may have a token in it.
    (header::REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
    (header::CONTENT_SECURITY_POLICY, NO_PAGE),
    (SAME_ORIGIN_RESOURCE, HeaderValue::from_static("same-origin")),
];

/// Adds what the response does not say itself.
pub async fn protect(mut response: Response) -> Response {
    for (name, value) in HEADERS {
        response.headers_mut().entry(name).or_insert(value);
    }
    response
}
