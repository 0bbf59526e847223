//! How often a token, and an address, may ask. How the time passes is tested beside the limits, on a clock of their own.

use super::*;

fn retry_after(reply: &Reply) -> u64 {
    reply.fails(429, "Too many requests");
    reply.header("retry-after").unwrap().parse().unwrap()
}

fn ask(service: &Service, token: &str, client: &str) -> Reply {
    let authorization = format!("Bearer {token}");
    service.send("GET", "/api/access", &[("authorization", &authorization), ("x-forwarded-for", client)], "")
}

#[test]
fn too_many_requests_are_told_when_to_come_back() {
    let tokens = Tokens::new();
    let service = tokens.service(&Store::memory(), &["--rate-limit", "5"]);
    for _ in 0..5 {
        ask(&service, &tokens.interviewer, "").ok(200);
    }
    // Five a minute are one in twelve seconds.
    assert!((1..=12).contains(&retry_after(&ask(&service, &tokens.interviewer, ""))));
    retry_after(&ask(&service, "nonsense", ""));
    retry_after(&ask(&service, &tokens.interviewer, "203.0.113.9"));
    for path in ["/health", "/ready", "/metrics"] {
        assert_eq!(service.get(path).status, 200, "{path} is asked for by machines");
    }
}

#[test]
fn behind_a_trusted_proxy_addresses_are_told_apart_and_a_token_counts_from_all_of_them() {
    let tokens = Tokens::new();
    let service = tokens.service(&Store::memory(), &["--rate-limit", "3", "--trusted-proxy", "127.0.0.1"]);
    for client in ["203.0.113.1", "203.0.113.2"] {
        for _ in 0..3 {
            assert_eq!(ask(&service, "guess", client).status, 401);
        }
        retry_after(&ask(&service, "guess", client));
    }
    for client in ["203.0.113.3", "203.0.113.4", "1.1.1.1, 203.0.113.5"] {
        ask(&service, &tokens.interviewer, client).ok(200);
    }
    retry_after(&ask(&service, &tokens.interviewer, "203.0.113.6"));
    ask(&service, &tokens.administrator, "203.0.113.7").ok(200);
    // What a client puts before it is not believed.
    for made_up in ["9.9.9.1", "9.9.9.2", "9.9.9.3"] {
        ask(&service, "guess", &format!("{made_up}, 203.0.113.8"));
    }
    retry_after(&ask(&service, "guess", "9.9.9.4, 203.0.113.8"));
}

#[test]
fn candidates_of_two_sessions_have_limits_of_their_own() {
    let tokens = Tokens::new();
    let service = tokens.service(&Store::memory(), &["--rate-limit", "20", "--trusted-proxy", "127.0.0.1"]);
    let (one, other) = (held(&service, &tokens.interviewer), held(&service, &tokens.administrator));
    for client in 0..20 {
        ask(&service, &one.candidate, &format!("203.0.113.{client}")).ok(200);
    }
    retry_after(&ask(&service, &one.candidate, "203.0.113.30"));
    ask(&service, &other.candidate, "203.0.113.31").ok(200);
}
