//! Budgets are never overshot, whatever is called at once.

use std::sync::atomic::AtomicUsize;

use super::*;
use crate::{Budget, Price};

fn tokens(most: u64) -> Budget {
    Budget { tokens: Some(most), ..Budget::default() }
}

/// What one call of these tests sets aside: the request's bytes, what a template adds, and the most that is replied.
fn most_of_a_call() -> u64 {
    let server = always(|| vec![good()]);
    Call::default().ask(&client(models(&server))).unwrap();
    server.requests()[0].body.len() as u64 + 1_024 + 99
}

#[test]
fn a_thousand_calls_at_once_use_no_more_than_the_budgets_have() {
    let most = most_of_a_call();
    // Each call sets aside far more than the 18 tokens it uses, and gives it back.
    for whose in ["engine", "tenant"] {
        let budget = 10 * most;
        let server = always(|| vec![good()]);
        let configured = match whose {
            "engine" => models(&server).budget(tokens(budget)),
            _ => models(&server).tenant_budget(tokens(budget)),
        };
        let shelf = Arc::new(Shelf::default());
        let client = client_with(configured, &shelf);
        let (fine, limited) = (AtomicUsize::new(0), AtomicUsize::new(0));
        std::thread::scope(|scope| {
            for _ in 0..50 {
                scope.spawn(|| {
                    for _ in 0..20 {
                        match Call::default().ask(&client) {
                            Ok(_) => fine.fetch_add(1, Ordering::SeqCst),
                            Err(error) if error.kind() == ErrorKind::Limited => limited.fetch_add(1, Ordering::SeqCst),
                            Err(error) => panic!("{error}"),
                        };
                    }
                });
            }
        });
        let (fine, limited) = (fine.into_inner(), limited.into_inner());
        assert_eq!((fine + limited, server.requests().len()), (1_000, fine), "{whose}");
        assert!(fine as u64 * 18 <= budget, "{whose}: {fine} calls");
        // One after the other it would be this many; at once it is fewer, but never more.
        assert!(fine as u64 <= (budget - most) / 18 + 1, "{whose}: {fine}");
        assert!(fine >= 10, "{whose}: {fine}");
    }
}

#[test]
fn what_is_used_up_is_told_with_when_there_is_more() {
    let most = most_of_a_call();
    let server = always(|| vec![good()]);
    let client = client(models(&server).budget(tokens(most + 18)));
    Call::default().ask(&client).unwrap();
    Call::default().ask(&client).unwrap();
    let error = told(Call::default().ask(&client));
    // It is noon.
    assert_eq!((error.kind(), error.retry_after()), (ErrorKind::Limited, Some(Duration::from_secs(12 * 3600))));
    assert_eq!(server.requests().len(), 2);
}

#[test]
fn each_tenant_has_a_budget_of_its_own_and_another_engine_shares_it() {
    let most = most_of_a_call();
    let server = always(|| vec![good()]);
    let shelf = Arc::new(Shelf::default());
    let configured = || models(&server).tenant_budget(tokens(most));
    let (one, other) = (client_with(configured(), &shelf), client_with(configured(), &shelf));
    Call::default().ask(&one).unwrap();
    assert_eq!(kind(Call::default().ask(&other)), ErrorKind::Limited);
    Call { tenant: "another".into(), ..Call::default() }.ask(&other).unwrap();
}

#[test]
fn a_call_whose_outcome_is_not_known_keeps_what_was_set_aside() {
    let most = most_of_a_call();
    type Acts = fn() -> Vec<Act>;
    let cases: [(&str, Acts, bool); 5] = [
        ("silence", || vec![Act::Hang], true),
        (
            "a broken body",
            || vec![Act::Send(b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n{".to_vec()), Act::Reset],
            true,
        ),
        ("no document", || vec![response(200, &[], "<html>")], true),
        ("a refusal by status", || vec![response(500, &[], "")], false),
        ("a wrong key", || vec![response(401, &[], "")], false),
    ];
    for (name, acts, keeps) in cases {
        let server = HttpServer::start(move |_, number| if number == 0 { acts() } else { vec![good()] });
        let configured = models(&server).retries(0).read_timeout(Duration::from_millis(60)).budget(tokens(most));
        let client = client(configured);
        assert!(Call::default().ask(&client).is_err());
        assert_eq!(Call::default().ask(&client).is_err(), keeps, "{name}");
    }
}

#[test]
fn a_budget_in_money_counts_by_the_prices_and_needs_one_of_each_model() {
    let server = always(|| vec![good()]);
    let price = Price { input: 100.0, output: 1_000.0 };
    let budget = Budget { money: Some(1.0), ..Budget::default() };
    let configured = models(&server).price(name("compatible/m"), price).budget(budget);
    let client = client(configured);
    let answer = Call::default().ask(&client).unwrap();
    // 11 tokens at 100 a million and 7 at 1,000 a million.
    assert_eq!(answer.cost, Some(0.0081));
    let other = Call { models: vec![name("compatible/other")], ..Call::default() };
    let error = told(other.ask(&client));
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
    assert!(error.to_string().contains("compatible/other has no price"), "{error}");
    assert_eq!(server.requests().len(), 1);
}

#[test]
fn prices_and_budgets_that_cannot_be_meant_are_refused() {
    let price = |input: f64| Models::new().price(name("openai/x"), Price { input, output: 1.0 });
    let money = |money: f64| Models::new().budget(Budget { money: Some(money), ..Budget::default() });
    for bad in [price(-1.0), price(f64::NAN), money(-0.5), money(f64::INFINITY)] {
        assert_eq!(bad.check().unwrap_err().kind(), ErrorKind::InvalidInput);
    }
    assert!(Models::new().timeout(Duration::ZERO).check().is_err());
}
