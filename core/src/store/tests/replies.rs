//! Replies that are kept, for a while, within bounds, and no longer than their interview's words.

use chrono::{DateTime, TimeDelta, Utc};

use super::fixtures::{begun, erasure, now, tenant, unique};
use super::on_every_store;
use crate::domain::InterviewId;
use crate::domain::canonical::{Sha256Digest, sha256};
use crate::store::{KeepReply, Written};

const PLENTY: u64 = 1 << 20;

fn key(name: &str) -> Sha256Digest {
    sha256(&[name.as_bytes()])
}

/// Nothing is too old.
const EVER: DateTime<Utc> = DateTime::UNIX_EPOCH;

fn reply(interview_id: InterviewId, name: &str, reply: &str) -> KeepReply {
    KeepReply {
        tenant: tenant(),
        interview_id,
        key: key(name),
        time: now(),
        reply: reply.into(),
        not_before: EVER,
        most_bytes: PLENTY,
    }
}

on_every_store! {
    fn a_reply_is_kept_until_it_is_replaced_or_too_old(store: &TestStore) {
        let (interview, _) = begun(&**store);
        let first = reply(interview.id, "k", "one\r\n\u{10FFFF}");
        assert_eq!(store.kept_reply(&key("k"), EVER).unwrap(), None);
        assert_eq!(store.keep_reply(first.clone()).unwrap(), Written::Done);
        assert_eq!(store.kept_reply(&key("k"), first.time).unwrap(), Some(first.reply.clone()));
        assert_eq!(store.kept_reply(&key("k"), first.time + TimeDelta::microseconds(1)).unwrap(), None);
        assert_eq!(store.kept_reply(&key("l"), EVER).unwrap(), None);
        let (other, _) = begun(&**store);
        assert_eq!(store.keep_reply(reply(other.id, "k", "two")).unwrap(), Written::Done);
        assert_eq!(store.kept_reply(&key("k"), EVER).unwrap().unwrap(), "two");
        // It is the other interview's now.
        store.erase_interview(erasure(interview.id)).unwrap();
        assert_eq!(store.kept_reply(&key("k"), EVER).unwrap().unwrap(), "two");
        store.erase_interview(erasure(other.id)).unwrap();
        assert_eq!(store.kept_reply(&key("k"), EVER).unwrap(), None);
    }

    fn what_is_too_old_or_too_much_goes_the_oldest_first(store: &TestStore) {
        let (interview, _) = begun(&**store);
        let mut times = Vec::new();
        let left = |names: &[&str]| -> Vec<bool> {
            names.iter().map(|name| store.kept_reply(&key(name), EVER).unwrap().is_some()).collect()
        };
        let names = ["a", "b", "c", "d", "e"];
        for name in &names[..4] {
            let write = reply(interview.id, name, &"x".repeat(10));
            times.push(write.time);
            store.keep_reply(write).unwrap();
        }
        store.keep_reply(KeepReply { not_before: times[1], ..reply(interview.id, "e", "xxxxx") }).unwrap();
        assert_eq!(left(&names), [false, true, true, true, true]);
        // 35 bytes are there; 5 of them are replaced.
        store.keep_reply(KeepReply { most_bytes: 30, ..reply(interview.id, "e", "xxxx") }).unwrap();
        assert_eq!(left(&names), [false, false, true, true, true]);
        store.keep_reply(KeepReply { most_bytes: 30, ..reply(interview.id, "a", "xxxxxx") }).unwrap();
        assert_eq!(left(&names), [true, false, true, true, true], "30 bytes are not more than 30");
        // One that is too large by itself pushes nothing else out.
        let large = KeepReply { most_bytes: 30, ..reply(interview.id, "a", &"x".repeat(31)) };
        assert_eq!(store.keep_reply(large).unwrap(), Written::Done);
        assert_eq!(left(&names), [false, false, true, true, true]);
        // Bytes, not characters.
        store.keep_reply(KeepReply { most_bytes: 30, ..reply(interview.id, "b", "界界界") }).unwrap();
        assert_eq!(left(&names), [false, true, false, true, true]);
        let late = KeepReply { not_before: now() + TimeDelta::days(1), ..reply(interview.id, "a", "x") };
        store.keep_reply(late).unwrap();
        assert_eq!(left(&names), [false; 5]);
    }

    fn erasing_an_interview_forgets_its_replies_and_what_they_weighed(store: &TestStore) {
        let ((erased, _), (kept, _)) = (begun(&**store), begun(&**store));
        for name in ["a", "b", "c"] {
            store.keep_reply(reply(erased.id, name, &"x".repeat(10))).unwrap();
        }
        store.keep_reply(reply(kept.id, "d", &"x".repeat(10))).unwrap();
        store.erase_interview(erasure(erased.id)).unwrap();
        for name in ["a", "b", "c"] {
            assert_eq!(store.kept_reply(&key(name), EVER).unwrap(), None);
            assert_eq!(store.keep_reply(reply(erased.id, name, "again")).unwrap(), Written::Stale);
            assert_eq!(store.kept_reply(&key(name), EVER).unwrap(), None);
        }
        for name in ["e", "f"] {
            store.keep_reply(KeepReply { most_bytes: 30, ..reply(kept.id, name, &"x".repeat(10)) }).unwrap();
        }
        assert!(["d", "e", "f"].iter().all(|name| store.kept_reply(&key(name), EVER).unwrap().is_some()));
    }

    fn a_reply_for_no_interview_of_the_tenant_is_not_kept(store: &TestStore) {
        let (interview, _) = begun(&**store);
        let other = KeepReply { tenant: "other".into(), ..reply(interview.id, "k", "one") };
        assert_eq!(store.keep_reply(other).unwrap(), Written::Stale);
        let nowhere = reply(InterviewId::new(now(), [9; 10]), "k", "one");
        assert_eq!(store.keep_reply(nowhere).unwrap(), Written::Stale);
        assert_eq!(store.kept_reply(&key("k"), EVER).unwrap(), None);
    }

    fn copies_have_no_replies(store: &TestStore) {
        let (interview, session) = begun(&**store);
        store.keep_reply(reply(interview.id, "k", "one")).unwrap();
        let other = store.another();
        let copy = |expected: bool| {
            for bundle in store.export(None, 10).unwrap() {
                assert_eq!(other.import(bundle).unwrap(), expected);
            }
        };
        copy(false);
        assert_eq!(other.kept_reply(&key("k"), EVER).unwrap(), None);
        // What takes the place of an earlier copy takes its replies away.
        other.keep_reply(reply(interview.id, "l", "two")).unwrap();
        store.step_session(super::super::fixtures::answer(&session, "more")).unwrap();
        copy(true);
        assert_eq!(other.kept_reply(&key("l"), EVER).unwrap(), None);
        assert_eq!(other.keep_reply(reply(interview.id, "l", "two")).unwrap(), Written::Done);
        assert_eq!(store.kept_reply(&key("k"), EVER).unwrap().unwrap(), "one");
    }

    fn many_threads_stay_within_the_bound_and_an_erasure_among_them_leaves_nothing(store: &TestStore) {
        let ((erased, _), (kept, _)) = (begun(&**store), begun(&**store));
        // Some keys are the same, and some of the same interview.
        let names: Vec<_> = (0..30).map(|name| format!("{}-{name}", unique())).collect();
        store.together(9, |place, store| {
            for round in 0..30 {
                if (place, round) == (0, 15) {
                    assert_eq!(store.erase_interview(erasure(erased.id)).unwrap(), Written::Done);
                }
                let of = if (place + round) % 2 == 0 { erased.id } else { kept.id };
                let name = &names[(place * 7 + round) % names.len()];
                store.keep_reply(KeepReply { most_bytes: 200, ..reply(of, name, &"x".repeat(20)) }).unwrap();
            }
        });
        // The last one finds the sum as it is.
        let last = KeepReply { most_bytes: 200, ..reply(kept.id, "last", &"x".repeat(20)) };
        assert_eq!(store.keep_reply(last).unwrap(), Written::Done);
        let left = || names.iter().filter(|name| store.kept_reply(&key(name), EVER).unwrap().is_some()).count();
        assert!(left() <= 9, "{}", left());
        for number in left()..9 {
            let more = KeepReply { most_bytes: 200, ..reply(kept.id, &format!("more {number}"), &"x".repeat(20)) };
            let before = left();
            store.keep_reply(more).unwrap();
            assert_eq!(left(), before, "nothing is trimmed while there is room");
        }
        store.erase_interview(erasure(kept.id)).unwrap();
        assert_eq!(left(), 0, "all that were left were the other interview's");
    }
}

#[test]
#[cfg(feature = "sqlite")]
fn the_raw_file_holds_no_erased_reply() {
    const WORDS: &[u8] = b"periwinkle carburettor";
    let directory = tempfile::tempdir().unwrap();
    let store = crate::store::open(&format!("sqlite:{}", directory.path().join("store.db").display())).unwrap();
    let found = || {
        let files = std::fs::read_dir(directory.path()).unwrap();
        let files = files.map(|file| std::fs::read(file.unwrap().path()).unwrap());
        files.filter(|bytes| bytes.windows(WORDS.len()).any(|window| window == WORDS)).count()
    };
    let (interview, _) = begun(&*store);
    for number in 0..20 {
        // Some of them are trimmed, or replaced, before the erasure.
        let words = String::from_utf8(WORDS.repeat(number * 10 + 1)).unwrap();
        let write = KeepReply { most_bytes: 20_000, ..reply(interview.id, &format!("{}", number % 15), &words) };
        assert_eq!(store.keep_reply(write).unwrap(), Written::Done);
    }
    assert!(found() > 0);
    store.erase_interview(erasure(interview.id)).unwrap();
    store.purge().unwrap();
    assert_eq!(found(), 0);
    store.close().unwrap();
    assert_eq!(found(), 0);
}
