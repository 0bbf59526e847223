//! Lists: the same order, case folding, filters and pages on all stores.

use std::sync::Arc;

use vivavoce::{
    Engine, ErrorKind, Interview, InterviewId, InterviewStatus, InterviewType, ListInterviews, NewInterview, Order,
    Paging, SortBy, StartSession,
};

use crate::{Clock, TestStore, missing, refused};

const NAMES: [&str; 14] = [
    "Straße",
    "STRASSE",
    "strasse 2",
    "ΣΊΣΥΦΟΣ",
    "σίσυφος",
    "100%",
    "1000",
    "a_b",
    "axb",
    "ada",
    "Ada",
    "王小明",
    "Éa",
    "\u{10400}",
];

fn named(engine: &Engine, name: &str) -> Arc<Interview> {
    engine.create_interview(NewInterview::new(name, InterviewType::General).question("Who?")).unwrap()
}

/// Interviews of all names in all statuses, at four moments.
fn filled(engine: &Engine, clock: &Clock) -> Vec<Arc<Interview>> {
    let mut all = Vec::new();
    for (place, name) in NAMES.iter().cycle().take(3 * NAMES.len()).enumerate() {
        if place % 12 == 0 {
            clock.advance(1);
        }
        let made = named(engine, name);
        if place % 3 > 0 {
            let session = engine.start_session(made.id, StartSession::default()).unwrap();
            if place % 3 > 1 {
                engine.end_session(session.id).unwrap();
            }
        }
        all.push(engine.interview(made.id).unwrap());
    }
    all
}

fn fold(name: &str) -> String {
    unicase::UniCase::unicode(name).to_folded_case()
}

/// The list as its documentation says it, without pages.
fn reference(all: &[Arc<Interview>], list: &ListInterviews) -> Vec<InterviewId> {
    let mut found: Vec<_> = all
        .iter()
        .filter(|it| list.status.is_none_or(|status| status == it.status))
        .filter(|it| list.candidate_name.as_ref().is_none_or(|part| fold(&it.candidate_name).contains(&fold(part))))
        .filter(|it| list.date_from.is_none_or(|day| it.created_at.date_naive() >= day))
        .filter(|it| list.date_to.is_none_or(|day| it.created_at.date_naive() <= day))
        .map(|it| {
            let place = match list.sort_by {
                SortBy::Date => String::new(),
                SortBy::Name => fold(&it.candidate_name),
                SortBy::Status => it.status.as_str().to_owned(),
            };
            (place, it.id)
        })
        .collect();
    found.sort();
    if list.order == Order::Descending {
        found.reverse();
    }
    found.into_iter().map(|(_, id)| id).collect()
}

fn ids(interviews: &[Arc<Interview>]) -> Vec<InterviewId> {
    interviews.iter().map(|interview| interview.id).collect()
}

/// All pages by cursors, with the total that each names.
fn walked(engine: &Engine, list: &ListInterviews, total: usize) -> Vec<InterviewId> {
    let (mut found, mut list) = (Vec::new(), list.clone());
    loop {
        let page = engine.list_interviews(&list).unwrap();
        assert_eq!(page.total, list.total.then_some(total as u64));
        found.extend(ids(&page.interviews));
        match page.next_cursor {
            Some(cursor) => list.paging = Paging::Cursor(cursor),
            None => return found,
        }
    }
}

/// All pages by offsets.
fn leafed(engine: &Engine, list: &ListInterviews) -> Vec<InterviewId> {
    let (mut found, mut list) = (Vec::new(), list.clone());
    loop {
        list.paging = Paging::Offset(found.len() as u64);
        let page = engine.list_interviews(&list).unwrap();
        found.extend(ids(&page.interviews));
        if page.next_cursor.is_none() {
            return found;
        }
    }
}

fn named_like(engine: &Engine, part: &str) -> Vec<String> {
    let list = ListInterviews {
        candidate_name: Some(part.into()),
        sort_by: SortBy::Date,
        order: Order::Ascending,
        limit: 100,
        ..Default::default()
    };
    let page = engine.list_interviews(&list).unwrap();
    let mut names: Vec<_> = page.interviews.iter().map(|interview| interview.candidate_name.clone()).collect();
    names.sort();
    names
}

conformance! {
    fn every_walk_gives_each_interview_once_in_order(store: &TestStore) {
        let clock = Clock::at("2026-03-01T23:59:58Z");
        let engine = store.open(clock.builder());
        let all = filled(&engine, &clock);
        for sort_by in [SortBy::Date, SortBy::Name, SortBy::Status] {
            for order in [Order::Ascending, Order::Descending] {
                for status in [None, Some(InterviewStatus::InProgress)] {
                    for part in [None, Some("a")] {
                        for limit in [1, 5, 100] {
                            let list = ListInterviews {
                                candidate_name: part.map(Into::into),
                                status,
                                sort_by,
                                order,
                                limit,
                                total: limit == 5,
                                ..Default::default()
                            };
                            let expected = reference(&all, &list);
                            assert!(!expected.is_empty());
                            assert_eq!(walked(&engine, &list, expected.len()), expected, "{list:?}");
                            assert_eq!(leafed(&engine, &list), expected, "{list:?}");
                        }
                    }
                }
            }
        }
    }

    fn names_are_found_whatever_their_case(store: &TestStore) {
        let engine = store.engine();
        NAMES.iter().for_each(|name| drop(named(&engine, name)));
        assert_eq!(named_like(&engine, "straSSe"), ["STRASSE", "Straße", "strasse 2"]);
        assert_eq!(named_like(&engine, "aß"), ["STRASSE", "Straße", "strasse 2"]);
        assert_eq!(named_like(&engine, "ΦΟς"), ["ΣΊΣΥΦΟΣ", "σίσυφος"]);
        assert_eq!(named_like(&engine, "ÉA"), ["Éa"]);
        assert_eq!(named_like(&engine, "小"), ["王小明"]);
        assert_eq!(named_like(&engine, "\u{10428}"), ["\u{10400}"]);
        assert_eq!(named_like(&engine, "").len(), NAMES.len());
    }

    fn no_character_of_a_name_is_special(store: &TestStore) {
        let engine = store.engine();
        NAMES.iter().for_each(|name| drop(named(&engine, name)));
        named(&engine, "back\\slash '\"");
        assert_eq!(named_like(&engine, "%"), ["100%"]);
        assert_eq!(named_like(&engine, "0%"), ["100%"]);
        assert_eq!(named_like(&engine, "_"), ["a_b"]);
        assert_eq!(named_like(&engine, "\\"), ["back\\slash '\""]);
        assert_eq!(named_like(&engine, "'"), ["back\\slash '\""]);
        assert!(named_like(&engine, "*").is_empty());
        assert!(named_like(&engine, "[a]").is_empty());
    }

    fn days_are_inclusive(store: &TestStore) {
        let clock = Clock::at("2026-03-01T00:00:00Z");
        let engine = store.open(clock.builder());
        let times = ["2026-03-01T00:00:00Z", "2026-03-01T23:59:59.999999Z", "2026-03-02T00:00:00Z", "2026-03-03T12:00:00Z"];
        let made: Vec<_> = times
            .iter()
            .map(|time| {
                clock.set(time);
                named(&engine, "Ada").id
            })
            .collect();
        for (from, to, expected) in [
            (None, None, 0..4),
            (Some("2026-03-01"), Some("2026-03-01"), 0..2),
            (Some("2026-03-02"), None, 2..4),
            (None, Some("2026-03-02"), 0..3),
            (Some("2026-03-03"), Some("2026-03-03"), 3..4),
            (Some("2026-03-04"), None, 4..4),
            (Some("2026-03-03"), Some("2026-03-01"), 4..4),
            (None, Some("2026-02-28"), 4..4),
        ] {
            let list = ListInterviews {
                date_from: from.map(|day| day.parse().unwrap()),
                date_to: to.map(|day| day.parse().unwrap()),
                order: Order::Ascending,
                total: true,
                ..Default::default()
            };
            let page = engine.list_interviews(&list).unwrap();
            assert_eq!(ids(&page.interviews), made[expected.clone()], "{from:?} {to:?}");
            assert_eq!(page.total, Some(expected.len() as u64));
        }
        let ends = ListInterviews {
            date_from: Some(chrono::NaiveDate::MIN),
            date_to: Some(chrono::NaiveDate::MAX),
            order: Order::Ascending,
            ..Default::default()
        };
        assert_eq!(ids(&engine.list_interviews(&ends).unwrap().interviews), made);
    }

    fn a_cursor_stays_good_while_interviews_are_added(store: &TestStore) {
        let clock = Clock::at("2026-03-01T00:00:00Z");
        let engine = store.open(clock.builder());
        let mut made: Vec<_> = (0..6)
            .map(|_| {
                clock.advance(1);
                named(&engine, "Ada").id
            })
            .collect();
        let mut list = ListInterviews { limit: 3, ..Default::default() };
        let first = engine.list_interviews(&list).unwrap();
        clock.advance(1);
        named(&engine, "Grace");
        list.paging = Paging::Cursor(first.next_cursor.unwrap());
        let second = engine.list_interviews(&list).unwrap();
        made.reverse();
        assert_eq!([ids(&first.interviews), ids(&second.interviews)].concat(), made);
        assert_eq!(second.next_cursor, None);
    }

    fn a_cursor_on_an_erased_interview_goes_on_or_says_so(store: &TestStore) {
        let engine = store.engine();
        (0..4).for_each(|_| drop(named(&engine, "Ada")));
        for sort_by in [SortBy::Date, SortBy::Status] {
            let mut list = ListInterviews { limit: 1, sort_by, ..Default::default() };
            let first = engine.list_interviews(&list).unwrap();
            let whole = ids(&engine.list_interviews(&ListInterviews { limit: 100, ..list.clone() }).unwrap().interviews);
            list.paging = Paging::Cursor(first.next_cursor.unwrap());
            engine.erase_interview(first.interviews[0].id, "me").unwrap();
            assert_eq!(engine.list_interviews(&list).unwrap().interviews[0].id, whole[1]);
            missing(engine.interview(whole[0]));
        }
        let mut list = ListInterviews { limit: 1, sort_by: SortBy::Name, ..Default::default() };
        let first = engine.list_interviews(&list).unwrap();
        list.paging = Paging::Cursor(first.next_cursor.unwrap());
        engine.erase_interview(first.interviews[0].id, "me").unwrap();
        refused(engine.list_interviews(&list), ErrorKind::InvalidInput, "erased");
    }

    fn lists_that_make_no_sense_are_refused(store: &TestStore) {
        let engine = store.engine();
        (0..3).for_each(|_| drop(named(&engine, "Ada")));
        let by = |sort_by| ListInterviews { limit: 1, sort_by, ..Default::default() };
        let cursor = engine.list_interviews(&by(SortBy::Date)).unwrap().next_cursor.unwrap();
        let after = |cursor: &str| Paging::Cursor(cursor.to_owned());
        let cursor_words = "cursor is not one that a page of this list returned";
        for (list, words) in [
            (ListInterviews { limit: 0, ..Default::default() }, "limit: 0 given, 1 to 100 allowed"),
            (ListInterviews { limit: 101, ..Default::default() }, "limit: 101 given, 1 to 100 allowed"),
            (ListInterviews { candidate_name: Some("x".repeat(201)), ..Default::default() }, "longer than 200"),
            (ListInterviews { candidate_name: Some("\0".into()), ..Default::default() }, "NUL"),
            (ListInterviews { paging: Paging::Offset(u64::MAX), ..Default::default() }, "offset is too large"),
            (ListInterviews { paging: after("nonsense"), ..by(SortBy::Date) }, cursor_words),
            (ListInterviews { paging: after(""), ..by(SortBy::Date) }, cursor_words),
            (ListInterviews { paging: after(&cursor[2..]), ..by(SortBy::Date) }, cursor_words),
            (ListInterviews { paging: after(&cursor), ..by(SortBy::Name) }, cursor_words),
            (ListInterviews { paging: after(&cursor), order: Order::Ascending, ..by(SortBy::Date) }, cursor_words),
        ] {
            refused(engine.list_interviews(&list), ErrorKind::InvalidInput, words);
        }
        let beyond = ListInterviews { paging: Paging::Offset(i64::MAX as u64), total: true, ..Default::default() };
        let page = engine.list_interviews(&beyond).unwrap();
        assert_eq!((page.interviews.len(), page.total, page.next_cursor), (0, Some(3), None));
    }
}
