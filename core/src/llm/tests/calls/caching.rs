//! The cache and shared calls: what is the same, and what is not.

use super::*;
use crate::domain::Parameters;
use crate::llm::prompt::{PromptTurn, Speaker};
use crate::llm::tests::schema;

fn cached() -> Call {
    let facets = [("prompt", "judge-1"), ("schema", "s1"), ("rubric", "r1"), ("language", "en"), ("sample", "0")];
    Call { facets: Some(facets.map(|(name, value)| (name, value.to_owned())).into()), ..Call::default() }
}

fn with_facet(name: &str, value: &str) -> Call {
    let mut call = cached();
    for (known, kept) in call.facets.iter_mut().flatten() {
        if *known == name {
            value.clone_into(kept);
        }
    }
    call
}

/// A call that differs from the first in one thing.
type Variant = (&'static str, fn(&HttpServer) -> Call);

const VARIANTS: [Variant; 17] = [
    ("the model", |_| Call { models: vec![name("compatible/other")], ..cached() }),
    ("the provider", |_| Call { models: vec![name("openai/m")], ..cached() }),
    ("the base URL", |server| Call {
        own: Some(Provider::compatible(&server.url("/v2")).unwrap().key("k")),
        ..cached()
    }),
    ("the credential", |server| Call {
        own: Some(Provider::compatible(&server.url("/v1")).unwrap().key("another")),
        ..cached()
    }),
    ("the tenant", |_| Call { tenant: "another".into(), ..cached() }),
    ("the temperature", |_| {
        let mut call = cached();
        call.prompt.parameters = Parameters { temperature: Some(0.6), seed: Some(7) };
        call
    }),
    ("the seed", |_| {
        let mut call = cached();
        call.prompt.parameters = Parameters { temperature: Some(0.5), seed: None };
        call
    }),
    ("the most tokens", |_| {
        let mut call = cached();
        call.prompt.max_tokens = 98;
        call
    }),
    ("the system's words", |_| {
        let mut call = cached();
        call.prompt.system.push('!');
        call
    }),
    ("the content", |_| {
        let mut call = cached();
        call.prompt.turns[2].text.push('!');
        call
    }),
    ("where a turn ends", |_| {
        let mut call = cached();
        call.prompt.turns = vec![PromptTurn { speaker: Speaker::User, text: "umv".into() }];
        call
    }),
    ("the schema", |_| {
        let mut call = cached();
        call.prompt.schema = Some(schema(r#"{"type": "object"}"#));
        call
    }),
    ("the prompt's version", |_| with_facet("prompt", "judge-2")),
    ("the schema's version", |_| with_facet("schema", "s2")),
    ("the rubric", |_| with_facet("rubric", "r2")),
    ("the language", |_| with_facet("language", "zh-TW")),
    ("the sample", |_| with_facet("sample", "1")),
];

#[test]
fn everything_that_can_change_a_reply_is_part_of_the_key() {
    for (what, variant) in VARIANTS {
        let server = always(|| vec![good()]);
        let openai = Provider::openai("k").base_url(&server.url("/v1")).unwrap();
        let own = Provider::compatible(&server.url("/v1")).unwrap().key("k");
        let client = client(models(&server).provider(openai).provider(own));
        assert!(!cached().ask(&client).unwrap().cached);
        assert!(cached().ask(&client).unwrap().cached, "the same is kept");
        let other = variant(&server);
        match other.own.as_ref().map(|own| own.base_url.ends_with("/v2")) {
            // Such a URL is refused here, which shows that nothing was looked up for it.
            Some(true) => assert_eq!(kind(other.ask(&client)), ErrorKind::InvalidInput),
            _ => {
                assert!(!other.ask(&client).unwrap().cached, "{what}");
                assert!(other.ask(&client).unwrap().cached, "{what}");
                assert_eq!(server.requests().len(), 2, "{what}");
            }
        }
    }
}

#[test]
fn the_interface_is_part_of_the_key() {
    let reply = serde_json::json!({
        "id": "r", "status": "completed", "model": "m-1",
        "output": [{"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": "fine"}]}],
        "usage": {"input_tokens": 1, "output_tokens": 1},
    });
    let server = HttpServer::start(move |request, _| {
        vec![if request.path == "/v1/responses" { response(200, &[], reply.to_string()) } else { good() }]
    });
    let shelf = Arc::new(Shelf::default());
    let openai = || Provider::openai("k").base_url(&server.url("/v1")).unwrap();
    let call = || Call {
        models: vec![name("openai/m")],
        owner: Some(Owner { tenant: "t".into(), id: uuid::Uuid::nil() }),
        ..cached()
    };
    assert!(!call().ask(&client_with(models(&server).provider(openai()), &shelf)).unwrap().cached);
    assert!(call().ask(&client_with(models(&server).provider(openai()), &shelf)).unwrap().cached, "from the store");
    let responses = models(&server).provider(openai().responses());
    assert!(!call().ask(&client_with(responses, &shelf)).unwrap().cached);
}

#[test]
fn what_is_not_to_be_kept_is_asked_each_time() {
    let server = always(|| vec![good()]);
    let client = client(models(&server));
    for _ in 0..2 {
        assert!(!Call::default().ask(&client).unwrap().cached);
    }
    assert_eq!(server.requests().len(), 2);
}

#[test]
fn a_kept_reply_says_what_the_first_one_used_and_that_it_is_kept() {
    let server = always(|| vec![good()]);
    let client = client(models(&server));
    let first = cached().ask(&client).unwrap();
    let second = cached().ask(&client).unwrap();
    assert!(second == Answer { cached: true, ..first });
    assert_eq!(second.tokens, crate::Tokens { input: 11, output: 7 });
}

#[test]
fn failures_are_not_kept() {
    let server = first(1, || vec![response(401, &[], "")]);
    let client = client(models(&server));
    assert!(cached().ask(&client).is_err());
    assert!(!cached().ask(&client).unwrap().cached);
}

#[test]
fn a_reply_that_cannot_be_used_is_wanted_anew() {
    let server =
        HttpServer::start(|_, number| vec![response(200, &[], completion(if number == 0 { "bad" } else { "fine" }))]);
    let client = client(models(&server));
    assert_eq!(cached().ask(&client).unwrap().text, "bad");
    assert!(!cached().ask(&client).unwrap().cached);
    assert!(cached().ask(&client).unwrap().cached);
}

#[test]
fn erasing_an_owner_forgets_its_replies_alone() {
    let server = always(|| vec![good()]);
    let client = client(models(&server));
    let owned = |id: u128, sample: &str| Call {
        owner: Some(Owner { tenant: "t".into(), id: uuid::Uuid::from_u128(id) }),
        ..with_facet("sample", sample)
    };
    // The store of this test never forgets, so that it is memory that is looked at.
    let kept = |call: &Call| call.is_remembered(&client);
    for (id, sample) in [(1, "a"), (2, "b")] {
        owned(id, sample).ask(&client).unwrap();
    }
    client.erase(uuid::Uuid::from_u128(1));
    assert!(!kept(&owned(1, "a")) && kept(&owned(2, "b")));
}

#[test]
fn an_old_reply_is_none_and_the_largest_cache_keeps_its_size() {
    let server = HttpServer::start(|request, _| {
        let text = body(request)["messages"][1]["content"].as_str().unwrap().to_owned();
        vec![response(200, &[], completion(&text.repeat(1_000)))]
    });
    let client = client(models(&server).cache(20_000, Duration::from_secs(60)));
    let about = |text: &str| {
        let mut call = cached();
        call.prompt.turns = vec![PromptTurn { speaker: Speaker::User, text: text.into() }];
        call
    };
    for text in ["aaaa", "bbbb", "cccc", "dddd", "eeee"] {
        about(text).ask(&client).unwrap();
    }
    assert!(about("eeee").ask(&client).unwrap().cached);
    assert!(!about("aaaa").ask(&client).unwrap().cached, "it made room");
    let nothing = self::client(models(&server).cache(0, Duration::from_secs(60)));
    for _ in 0..2 {
        assert!(!about("aaaa").ask(&nothing).unwrap().cached);
    }
}

#[test]
fn identical_calls_at_once_are_one_request_within_a_credential_and_tenant() {
    let server = always(|| vec![Act::Drip(b"HTTP/1.1 ".to_vec(), Duration::from_millis(30)), rest_of_good()]);
    let own = Provider::compatible(&server.url("/v1")).unwrap().key("k");
    let client = client(models(&server).provider(own));
    std::thread::scope(|scope| {
        for number in 0..30 {
            let (client, server) = (&client, &server);
            scope.spawn(move || {
                let call = match number % 3 {
                    0 => cached(),
                    1 => Call { tenant: "another".into(), ..cached() },
                    _ => Call { own: Some(Provider::compatible(&server.url("/v1")).unwrap().key("o")), ..cached() },
                };
                assert_eq!(call.ask(client).unwrap().text, "fine");
            });
        }
    });
    assert_eq!(server.requests().len(), 3);
}

/// A good response without its first nine bytes.
fn rest_of_good() -> Act {
    match good() {
        Act::Send(bytes) => Act::Send(bytes[9..].to_vec()),
        other => other,
    }
}

#[test]
fn who_shares_a_call_is_not_bound_to_anothers_deadline() {
    let server = HttpServer::start(|_, number| vec![if number == 0 { Act::Hang } else { good() }]);
    let client = client(models(&server).retries(0));
    std::thread::scope(|scope| {
        let short = scope.spawn(|| {
            let call = Call { patience: Call::within(Duration::from_millis(200)).patience, ..cached() };
            kind(call.ask(&client))
        });
        server.wait_for_requests(1);
        assert_eq!(cached().ask(&client).unwrap().text, "fine");
        assert_eq!(short.join().unwrap(), ErrorKind::Timeout);
    });
}
