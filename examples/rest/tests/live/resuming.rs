//! Connections that are cut off go on where they were.

use super::*;

on_every_store! {
    fn a_connection_that_is_cut_again_and_again_loses_and_doubles_nothing(store: &Store) {
        let service = &store.service(&[]);
        let session = &session(service, 12);
        let told = std::thread::scope(|scope| {
            scope.spawn(move || {
                for n in 0..12 {
                    say(service, session, &format!("Answer {n}"));
                }
                service.post(&format!("/api/chat/{session}/end"), "").ok(200);
            });
            let listeners = By::BOTH.map(|by| scope.spawn(move || {
                let (mut told, mut last) = (Vec::new(), 0);
                // So many events are read from each connection, and the rest of what has arrived is thrown away with it.
                for read in [1, 2, 3].into_iter().cycle() {
                    let mut listener = by.listen(service.address, session, last);
                    let before = told.len();
                    let events = std::iter::from_fn(|| listener.next()).filter(|event| event.get("seq").is_some());
                    told.extend(events.take(read));
                    last = told.last().map_or(0, seq);
                    if told.len() < before + read {
                        return told;
                    }
                    if told.last().is_some_and(|event| event["status"] == "completed" && event["type"] == "evaluation") {
                        return told;
                    }
                }
                told
            }));
            listeners.map(|listener| listener.join().unwrap())
        });
        let whole = whole(service, session);
        assert_eq!(whole.len(), 2 + 2 * 12 + 3);
        for told in told {
            assert_eq!(told, whole);
        }
    }

    fn many_listeners_hear_the_same(store: &Store) {
        let service = &store.service(&[]);
        let session = &session(service, 6);
        let heard = std::thread::scope(|scope| {
            let listen = |n: usize| scope.spawn(move || logged(&mut *By::BOTH[n % 2].listen(service.address, session, 0)));
            let mut listeners: Vec<_> = (0..6).map(listen).collect();
            for n in 0..6 {
                say(service, session, &format!("Answer {n}"));
                // Some come while it is told.
                listeners.push(listen(n));
            }
            service.post(&format!("/api/chat/{session}/end"), "").ok(200);
            listeners.into_iter().map(|listener| listener.join().unwrap()).collect::<Vec<_>>()
        });
        let whole = whole(service, session);
        assert!(heard.iter().all(|told| *told == whole));
    }
}
