//! Where requests may go.

use std::io::Write as _;

use super::*;

#[test]
fn redirects_are_not_followed() {
    let elsewhere = always(|| vec![good()]);
    let to = elsewhere.url("/v1/chat/completions");
    for status in [301, 302, 303, 307, 308] {
        let to = to.clone();
        let server = always(move || vec![response(status, &[("location", to.as_str())], "")]);
        let error = told(Call::default().ask(&client(models(&server))));
        assert!(error.to_string().contains("redirects"), "{error}");
        assert_eq!((error.kind(), server.requests().len()), (ErrorKind::Provider, 1));
    }
    assert!(elsewhere.requests().is_empty());
}

#[test]
fn a_url_that_came_with_a_request_leads_to_no_private_place_by_whatever_name() {
    let server = always(|| vec![good()]);
    let port = server.port();
    let elsewhere = Models::new().backoff(Duration::from_millis(1));
    for host in [
        "127.0.0.1",
        "localhost",
        "0.0.0.0",
        "[::1]",
        "[::ffff:127.0.0.1]",
        "127.1",
        "2130706433",
        "169.254.169.254",
        "10.0.0.1",
    ] {
        for scheme in ["http", "https"] {
            let url = format!("{scheme}://{host}:{port}/v1");
            // Being allowed to be plain is for the application's configuration to say.
            let own = Provider::compatible(&url).unwrap().key("k").allow_plain_http();
            let error = told(Call { own: Some(own), ..Call::default() }.ask(&client(elsewhere.clone())));
            assert_eq!(error.kind(), ErrorKind::InvalidInput, "{url}: {error}");
        }
    }
    assert!(server.requests().is_empty());
}

#[test]
fn a_configured_url_is_https_or_loopback_or_explicitly_allowed() {
    let server = always(|| vec![good()]);
    // Leads to this machine, and is no loopback address.
    let url = format!("http://0.0.0.0:{}/v1", server.port());
    let plain = Provider::compatible(&url).unwrap();
    let configured = |provider: Provider| Models::new().provider(provider).backoff(Duration::from_millis(1));
    assert_eq!(kind(Call::default().ask(&client(configured(plain.clone())))), ErrorKind::InvalidInput);
    assert!(server.requests().is_empty());
    Call::default().ask(&client(configured(plain.allow_plain_http()))).unwrap();
    let local = Provider::compatible(&format!("http://localhost:{}/v1", server.port())).unwrap();
    Call::default().ask(&client(configured(local))).unwrap();
}

#[test]
fn a_call_with_its_own_key_at_the_configured_place_goes_there() {
    let server = always(|| vec![good()]);
    let own = Provider::compatible(&server.url("/v1")).unwrap().key("own");
    Call { own: Some(own), ..Call::default() }.ask(&client(models(&server))).unwrap();
    assert_eq!(server.requests()[0].header("authorization"), Some("Bearer own"));
}

#[test]
fn with_a_key_of_the_callers_nothing_of_the_applications_is_used() {
    let server = always(|| vec![response(401, &[], "")]);
    let configured =
        models(&server).provider(Provider::openai("the application's").base_url(&server.url("/v1")).unwrap());
    let client = client(configured);
    let own = Provider::compatible(&server.url("/v1")).unwrap().key("own");
    let call = Call { own: Some(own.clone()), models: vec![name("compatible/m"), name("openai/m")], ..Call::default() };
    assert_eq!(kind(call.ask(&client)), ErrorKind::Provider);
    let keys: Vec<_> = server.requests().iter().map(|it| it.header("authorization").map(str::to_owned)).collect();
    assert_eq!(keys, [Some("Bearer own".to_owned())]);
    let call = Call { own: Some(own), models: vec![name("openai/m")], ..Call::default() };
    assert_eq!(kind(call.ask(&client)), ErrorKind::InvalidInput);
}

#[test]
fn nobody_there_is_tried_again_and_a_wrong_certificate_is_not() {
    let port = {
        let server = always(|| vec![good()]);
        server.port()
    };
    let gone = Provider::compatible(&format!("http://127.0.0.1:{port}/v1")).unwrap();
    let error = told(Call::default().ask(&client(Models::new().provider(gone).backoff(Duration::from_millis(1)))));
    assert_eq!((error.kind(), error.is_retryable()), (ErrorKind::Provider, true), "{error}");
    // It speaks no TLS.
    let listener = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let url = format!("https://{}/v1", listener.local_addr().unwrap());
    let speaking = std::thread::spawn(move || listener.accept().unwrap().0.write_all(b"HTTP/1.1 400 What?\r\n\r\n"));
    let error = told(Call::default().ask(&client(Models::new().provider(Provider::compatible(&url).unwrap()))));
    assert_eq!((error.kind(), error.is_retryable()), (ErrorKind::Provider, false), "{error}");
    speaking.join().unwrap().unwrap();
}

#[test]
fn a_provider_that_is_not_configured_is_said_to_be_missing() {
    let server = always(|| vec![good()]);
    let call = Call { models: vec![name("anthropic/m")], ..Call::default() };
    let error = told(call.ask(&client(models(&server))));
    assert_eq!(
        (error.kind(), error.to_string()),
        (ErrorKind::InvalidInput, "the engine has no provider `anthropic`".into())
    );
}
