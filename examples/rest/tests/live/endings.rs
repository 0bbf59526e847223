//! How listening ends.

use vivavoce::{Engine, InterviewId};
use vivavoce_rest::app::App;

use super::*;

on_every_store! {
    fn a_session_that_is_erased_is_told_no_more(store: &Store) {
        let engine = Engine::open(&store.url).unwrap();
        let (own, url) = (engine.clone(), store.url.clone());
        let service = Service::start_with(["--store", url.as_str()], |config| App::with_engine(config, own).unwrap());
        let session = session(&service, 8);
        let (mut sse, mut ws) = (Sse::open(service.address, &session, 0), Ws::open(service.address, &session, 0));
        say(&service, &session, "Two threads wait.");
        let interview = service.get(&format!("/api/chat/{session}")).ok(200)["interview_id"].as_str().unwrap().to_owned();
        engine.erase_interview(interview.parse::<InterviewId>().unwrap(), "test").unwrap();
        assert_eq!(ws.close_code(), Some(4404));
        while sse.next().is_some() {}
        service.get(&format!("/api/chat/{session}/events")).fails(404, "Chat session not found");
        assert_eq!(Ws::with(service.address, &session, 0, &[]).err(), Some(404));
    }

    fn a_session_that_was_given_up_is_over(store: &Store) {
        let engine = Engine::open(&store.url).unwrap();
        let (own, url) = (engine.clone(), store.url.clone());
        let service = Service::start_with(["--store", url.as_str()], |config| App::with_engine(config, own).unwrap());
        let session = session(&service, 8);
        let mut ws = Ws::open(service.address, &session, 0);
        engine.abandon_session(session.parse().unwrap()).unwrap();
        let told = logged(&mut ws);
        assert_eq!((&told.last().unwrap()["status"], ws.closed.map(u16::from)), (&json!("abandoned"), Some(1000)));
    }

    fn a_session_that_ended_by_itself_is_told_until_it_is_judged(store: &Store) {
        let service = store.service(&[]);
        let session = session(&service, 1);
        let mut listener = Sse::open(service.address, &session, 0);
        assert_eq!(say(&service, &session, "One.")["session_status"], "completed");
        assert_eq!(next_logged(&mut listener, 5)[4]["status"], "completed");
        let evaluation = service.post(&format!("/api/chat/{session}/end"), "").ok(200);
        let rest = logged(&mut listener);
        assert_eq!(rest.last().unwrap()["evaluation_id"], evaluation["id"]);
    }
}
