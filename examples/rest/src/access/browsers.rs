//! Pages of others, in a browser on this machine.
//!
//! Where nobody is asked for a token, whoever reaches the service is let in, and a browser reaches it for any page that it shows. So what a foreign page may not do is refused:
//! to change something, to open a WebSocket (which no same-origin policy guards), and to come under a name of its own that it lets point to this machine (DNS rebinding). With tokens
//! none of this is needed, since a browser adds no token by itself.

use std::net::IpAddr;

use axum::extract::Request;
use axum::http::{Method, StatusCode, header};

use crate::config::Origin;
use crate::error::Failure;

/// Refuses what a page of neither this service nor the allowed origins makes a browser do.
///
/// # Errors
/// 403
pub(super) fn check(request: &Request, allowed: &[Origin]) -> Result<(), Failure> {
    let refused = |error: &'static str| Err(Failure::new(StatusCode::FORBIDDEN, error));
    let headers = request.headers();
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok());
    // A browser always says the host, and in the header.
    let host = host.map(|host| Origin::of(&format!("http://{host}")));
    if let Some(host) = &host
        && !host
            .as_ref()
            .is_some_and(|host| is_here(host.host()) || allowed.iter().any(|one| one.host() == host.host()))
    {
        return refused("Host not allowed");
    }
    let is_safe = [Method::GET, Method::HEAD, Method::OPTIONS].contains(request.method());
    if is_safe && !headers.contains_key(header::UPGRADE) {
        return Ok(());
    }
    let Some(origin) = headers.get(header::ORIGIN) else { return Ok(()) };
    let own = host.flatten();
    match own.is_some_and(|own| own.is(origin)) || allowed.iter().any(|one| one.is(origin)) {
        true => Ok(()),
        false => refused("Origin not allowed"),
    }
}

/// Whether a name in an address always means this machine.
fn is_here(host: &str) -> bool {
    let address = host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
    let is_name = || host == "localhost" || host.ends_with(".localhost");
    address.map_or_else(|_| is_name(), |address| address.to_canonical().is_loopback())
}

#[cfg(test)]
mod tests {
    use axum::body::Body;

    use super::*;

    #[test]
    fn a_foreign_page_may_read_nothing_and_change_nothing() {
        let allowed = ["https://a.example".parse().unwrap()];
        let ask = |method: &str, headers: &[(&str, &str)]| {
            let mut request = Request::builder().method(method).uri("/");
            for (name, value) in headers {
                request = request.header(*name, *value);
            }
            check(&request.body(Body::empty()).unwrap(), &allowed).err().map(|failure| failure.text().to_owned())
        };
        for host in
            ["127.0.0.1:8080", "localhost", "LOCALHOST:80", "[::1]:8080", "127.9.9.9", "x.localhost", "a.example"]
        {
            assert_eq!(ask("GET", &[("host", host)]), None, "{host}");
            assert_eq!(ask("POST", &[("host", host)]), None, "{host}");
            assert_eq!(ask("POST", &[("host", host), ("origin", "https://a.example")]), None);
            assert_eq!(ask("GET", &[("host", host), ("origin", "https://evil.example")]), None);
            for origin in ["https://evil.example", "null", "http://localhost:1", "http://127.0.0.1.evil.example:8080"] {
                let refused = Some("Origin not allowed".to_owned());
                assert_eq!(ask("POST", &[("host", host), ("origin", origin)]), refused, "{host} {origin}");
                assert_eq!(ask("DELETE", &[("host", host), ("origin", origin)]), refused);
                assert_eq!(ask("GET", &[("host", host), ("origin", origin), ("upgrade", "websocket")]), refused);
            }
        }
        assert_eq!(ask("POST", &[("host", "localhost:8080"), ("origin", "http://localhost:8080")]), None);
        for host in
            ["evil.example", "evil.example:8080", "0.0.0.0", "localhost.evil.example", "192.0.2.1", "", "a@localhost"]
        {
            assert_eq!(ask("GET", &[("host", host)]), Some("Host not allowed".into()), "{host}");
        }
        assert_eq!(ask("POST", &[]), None);
    }
}
