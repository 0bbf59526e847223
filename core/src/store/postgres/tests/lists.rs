use super::*;
use crate::domain::InterviewStatus;
use crate::store::list::fold;
use crate::store::{ListInterviews, Order, Paging, SortBy};
use crate::{ErrorKind, InterviewPage};

fn page(store: &PostgresStore, list: &ListInterviews) -> crate::Result<InterviewPage> {
    let (rows, total) = store.list_interviews(&tenant(), &list.resolve()?)?;
    Ok(list.page(rows, total))
}

fn filled() -> (PostgresStore, Vec<Arc<Interview>>) {
    let store = store();
    let names = ["Ada", "ada", "Straße", "STRASSE", "100%", "a_b", "王小明", "Zoë", "ÅSA", "Ada", "åsa", "z"];
    let mut interviews: Vec<_> = names.iter().map(|name| interview(name)).collect();
    for (place, interview) in interviews.iter_mut().enumerate() {
        store.create_interview(creation(interview, None)).unwrap();
        if place % 3 > 0 {
            let start = beginning(interview, None);
            let session = Arc::clone(&start.session);
            store.start_session(start).unwrap();
            if place % 3 > 1 {
                store.step_session(completion(&session)).unwrap();
            }
        }
        *interview = store.interview(&tenant(), interview.id).unwrap().unwrap();
    }
    (store, interviews)
}

#[test]
fn every_order_is_read_in_pages_without_gaps_or_doubles() {
    let (store, interviews) = filled();
    for sort_by in [SortBy::Date, SortBy::Name, SortBy::Status] {
        for order in [Order::Ascending, Order::Descending] {
            let mut expected = interviews.clone();
            expected.sort_by_key(|interview| {
                let key = match sort_by {
                    SortBy::Date => String::new(),
                    SortBy::Name => fold(&interview.candidate_name),
                    SortBy::Status => interview.status.as_str().to_owned(),
                };
                (key, interview.id)
            });
            if order == Order::Descending {
                expected.reverse();
            }
            let mut list = ListInterviews { sort_by, order, limit: 5, total: true, ..ListInterviews::default() };
            let mut read = Vec::new();
            loop {
                let page = page(&store, &list).unwrap();
                assert_eq!(page.total, Some(12));
                read.extend(page.interviews);
                match page.next_cursor {
                    Some(cursor) => list.paging = Paging::Cursor(cursor),
                    None => break,
                }
            }
            assert_eq!(read, expected, "{sort_by:?} {order:?}");
            let offset = ListInterviews { paging: Paging::Offset(10), limit: 5, ..list };
            assert_eq!(page(&store, &offset).unwrap().interviews, expected[10..]);
        }
    }
}

#[test]
fn filters_fold_case_and_take_no_pattern() {
    let (store, _) = filled();
    let count = |name: &str, status| {
        let list = ListInterviews {
            candidate_name: Some(name.into()),
            status,
            limit: 100,
            total: true,
            ..ListInterviews::default()
        };
        let page = page(&store, &list).unwrap();
        assert_eq!(page.total, Some(page.interviews.len() as u64));
        page.interviews.len()
    };
    let cases = [("ADA", 3), ("strasse", 2), ("%", 1), ("_", 1), ("åsa", 2), ("小", 1), ("", 12), ("'; --", 0)];
    for (name, expected) in cases {
        assert_eq!(count(name, None), expected, "{name}");
    }
    assert_eq!(count("ada", Some(InterviewStatus::Pending)), 2);
    let all = ListInterviews { date_from: Some(now().date_naive() + chrono::Days::new(9)), ..Default::default() };
    assert!(page(&store, &all).unwrap().interviews.is_empty());
    assert_eq!(store.interviews_of(&tenant(), "candidate-1").unwrap().len(), 12);
}

#[test]
fn a_cursor_by_name_on_an_erased_interview_is_lost() {
    let (store, _) = filled();
    let mut list = ListInterviews { sort_by: SortBy::Name, limit: 2, ..ListInterviews::default() };
    let first = page(&store, &list).unwrap();
    store.erase_interview(erasure(first.interviews[1].id)).unwrap();
    list.paging = Paging::Cursor(first.next_cursor.unwrap());
    assert_eq!(page(&store, &list).unwrap_err().kind(), ErrorKind::InvalidInput);
}

#[test]
fn idle_sessions_are_active_and_old() {
    let store = store();
    let (_, idle) = begun(&store);
    let (_, ended) = begun(&store);
    store.step_session(completion(&ended)).unwrap();
    let limit = now();
    let (_, fresh) = begun(&store);
    assert_eq!(store.idle_sessions(&tenant(), limit, 10).unwrap(), [idle.id]);
    assert_eq!(store.idle_sessions(&tenant(), now(), 10).unwrap(), [idle.id, fresh.id]);
    assert_eq!(store.idle_sessions(&tenant(), now(), 1).unwrap(), [idle.id]);
}
