//! The ABI as C calls it, in memory: also under Miri, which sees what is wrong with a pointer.
#![allow(
    clippy::unwrap_used,
    clippy::undocumented_unsafe_blocks,
    reason = "a test fails by panicking, and all that it gives lives until it ends"
)]

use std::ffi::{CStr, c_char, c_void};
use std::mem::{size_of, zeroed};
use std::ptr::{null, null_mut};
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::*;

const PLAN: &str = r#"{"candidate_name": "Ada", "interview_type": "general", "questions": ["Why?"], "rubric": {"competencies": [{"name": "Reasons"}]}}"#;
const ANSWER: &str = "Because it lasts.";

/// Text as a call takes it.
fn given(text: &str) -> (*const c_char, usize) {
    (text.as_ptr().cast(), text.len())
}

/// Text that a call gave out.
fn taken(text: *mut c_char) -> String {
    let copy = unsafe { CStr::from_ptr(text) }.to_str().unwrap().to_owned();
    unsafe { vv_string_free(text) };
    copy
}

/// What a failing call said.
fn failed(status: vv_status, mut error: *mut vv_error) -> (vv_status, String) {
    unsafe {
        assert_eq!(vv_error_status(error), status);
        let message = CStr::from_ptr(vv_error_message(error)).to_str().unwrap().to_owned();
        vv_error_free(&mut error);
        assert!(error.is_null());
        (status, message)
    }
}

fn options() -> vv_engine_options {
    let mut options: vv_engine_options = unsafe { zeroed() };
    options.size = size_of::<vv_engine_options>();
    options
}

fn call_options() -> vv_call_options {
    let mut options: vv_call_options = unsafe { zeroed() };
    options.size = size_of::<vv_call_options>();
    options
}

static FREED: AtomicUsize = AtomicUsize::new(0);

unsafe extern "C" fn free_count(data: *mut c_void) {
    FREED.fetch_add(1, Ordering::Relaxed);
    drop(unsafe { Box::from_raw(data.cast::<u32>()) });
}

unsafe extern "C" fn speak(
    data: *mut c_void,
    scene: *const c_char,
    len: usize,
    answer: *mut vv_answer,
    error: *mut *mut vv_error,
) -> i32 {
    unsafe {
        assert_eq!(CStr::from_ptr(scene).to_bytes().len(), len);
        let asked = data.cast::<u32>();
        *asked += 1;
        if *asked == 2 {
            let (why, len) = given("away for now");
            *error = vv_error_new(vv_status::VV_LIMITED as i32, why, len, 250);
            return vv_status::VV_LIMITED as i32;
        }
        let (words, len) = given("Well, why?");
        vv_answer_set(answer, words, len);
    }
    0
}

unsafe extern "C" fn judge(
    _data: *mut c_void,
    _request: *const c_char,
    _len: usize,
    answer: *mut vv_answer,
    _error: *mut *mut vv_error,
) -> i32 {
    let (judgement, len) = given(
        r#"{"ratings": [{"exchange": 0, "competency": "Reasons", "score": 1, "quotes": [{"start": 0, "end": 7, "text": "Because"}]}]}"#,
    );
    unsafe { vv_answer_set(answer, judgement, len) };
    0
}

#[test]
fn an_interview_is_held_with_functions_of_the_application() {
    unsafe {
        let mut options = options();
        let data = || Box::into_raw(Box::new(0_u32)).cast::<c_void>();
        options.interviewer = vv_interviewer { speak: Some(speak), data: data(), free: Some(free_count) };
        options.evaluator = vv_evaluator {
            judge: Some(judge),
            name: c"reasons".as_ptr(),
            version: null(),
            data: data(),
            free: Some(free_count),
        };
        let mut engine = null_mut();
        assert_eq!(vv_engine_open(c"memory:".as_ptr(), &options, &mut engine, null_mut()), vv_status::VV_OK);

        let (plan, len) = given(PLAN);
        let (mut interview, mut session, mut evaluation): (vv_id, vv_id, vv_id) = zeroed();
        let mut document = null_mut();
        let status = vv_engine_create_interview(engine, plan, len, null(), &mut interview, &mut document, null_mut());
        assert_eq!(status, vv_status::VV_OK);
        assert!(taken(document).contains("\"Ada\""));
        let status =
            vv_engine_start_session(engine, interview, null(), 0, null(), &mut session, null_mut(), null_mut());
        assert_eq!(status, vv_status::VV_OK);

        let ((text, len), mut error, mut turn) = (given(ANSWER), null_mut(), null_mut());
        let status = vv_engine_send_message(engine, session, text, len, null(), &mut turn, &mut error);
        assert!(vv_error_is_retryable(error) && vv_error_retry_after_ms(error) == 250 && turn.is_null());
        assert_eq!(failed(status, error), (vv_status::VV_LIMITED, "away for now".to_owned()));
        let status = vv_engine_send_message(engine, session, text, len, null(), &mut turn, null_mut());
        assert_eq!((status, (*turn).message.number), (vv_status::VV_OK, 2));
        let reply = &(*turn).reply;
        assert_eq!(std::slice::from_raw_parts(reply.content.cast::<u8>(), reply.content_len), b"Well, why?");
        assert_eq!((CStr::from_ptr(reply.kind), reply.origin), (c"probe", null()));
        assert_eq!(vv_turn_json(turn, &mut document, null_mut()), vv_status::VV_OK);
        assert!(taken(document).contains("Because it lasts."));
        vv_turn_free(&mut turn);
        vv_turn_free(&mut turn);

        let status = vv_engine_end_session(engine, session, null(), &mut evaluation, null_mut(), null_mut());
        assert_eq!(status, vv_status::VV_OK);
        let mut score = -1.0;
        assert_eq!(vv_engine_score(engine, evaluation, &mut score, null_mut()), vv_status::VV_OK);
        assert!(score > 0.0);

        assert_eq!(vv_engine_close(engine, null_mut()), vv_status::VV_OK);
        let mut error = null_mut();
        let status = vv_engine_session(engine, session, false, null_mut(), &mut error);
        assert_eq!(failed(status, error).0, vv_status::VV_INVALID_STATE);
        let freed = FREED.load(Ordering::Relaxed);
        vv_engine_free(&mut engine);
        vv_engine_free(&mut engine);
        assert_eq!(FREED.load(Ordering::Relaxed), freed + 2);
    }
}

/// The first time it fails for good, the second time it is done.
unsafe extern "C" fn deliver(data: *mut c_void, delivery: *const c_char, len: usize, error: *mut *mut vv_error) -> i32 {
    unsafe {
        let text = CStr::from_ptr(delivery).to_str().unwrap();
        assert!(text.len() == len && text.contains("session_started") && text.ends_with("\"attempts\":1}"));
        let (stop, tried) = &mut *data.cast::<(*mut vv_cancel, u32)>();
        *tried += 1;
        if *tried == 1 {
            let (why, len) = given("gone");
            *error = vv_error_new(vv_status::VV_PROVIDER as i32, why, len, -1);
            return vv_status::VV_PROVIDER as i32;
        }
        vv_cancel_cancel(*stop);
    }
    0
}

#[test]
fn events_are_delivered_until_somebody_says_stop() {
    unsafe {
        let mut engine = null_mut();
        assert_eq!(vv_engine_open(c"memory:".as_ptr(), null(), &mut engine, null_mut()), vv_status::VV_OK);
        let ((name, name_len), (actions, len)) = (given("mail"), given(r#"["session_started"]"#));
        let status = vv_engine_subscribe(engine, name, name_len, actions, len, null_mut());
        assert_eq!(status, vv_status::VV_OK);
        let (plan, len) = given(PLAN);
        let mut interview: vv_id = zeroed();
        vv_engine_create_interview(engine, plan, len, null(), &mut interview, null_mut(), null_mut());
        for _ in 0..2 {
            vv_engine_start_session(engine, interview, null(), 0, null(), null_mut(), null_mut(), null_mut());
        }
        let mut document = null_mut();
        assert_eq!(vv_engine_backlog(engine, &mut document, null_mut()), vv_status::VV_OK);
        assert_eq!(taken(document), r#"{"evaluations":0,"deliveries":2}"#);
        let mut data = (vv_cancel_new(), 0_u32);
        let (stop, at, mut delivered) = (data.0, (&raw mut data).cast(), 0);
        let status =
            vv_engine_run_deliveries(engine, name, name_len, stop, Some(deliver), at, &mut delivered, null_mut());
        assert_eq!((status, delivered, data.1), (vv_status::VV_OK, 1, 2));
        assert_eq!(vv_engine_subscriptions(engine, &mut document, null_mut()), vv_status::VV_OK);
        assert_eq!(taken(document), r#"[{"name":"mail","actions":["session_started"]}]"#);
        let mut ended = false;
        assert_eq!(vv_engine_unsubscribe(engine, name, name_len, &mut ended, null_mut()), vv_status::VV_OK);
        let mut error = null_mut();
        let status = vv_engine_run_deliveries(engine, name, name_len, stop, Some(deliver), at, null_mut(), &mut error);
        assert!(ended && failed(status, error).0 == vv_status::VV_NOT_FOUND);
        vv_cancel_free(&mut data.0);
        vv_engine_free(&mut engine);
    }
}

#[test]
fn options_of_older_and_newer_callers_are_read() {
    #[repr(C)]
    struct Newer {
        known: vv_call_options,
        later: [u8; 40],
    }
    unsafe {
        let mut engine = null_mut();
        assert_eq!(vv_engine_open(c"memory:".as_ptr(), null(), &mut engine, null_mut()), vv_status::VV_OK);
        let create = |options: *const vv_call_options| {
            let ((plan, len), mut error) = (given(PLAN), null_mut());
            let status = vv_engine_create_interview(engine, plan, len, options, null_mut(), null_mut(), &mut error);
            if status == vv_status::VV_OK { (status, String::new()) } else { failed(status, error) }
        };
        // Of an older one there is the size alone, and nothing behind it may be read.
        let size = Box::new(size_of::<usize>());
        assert_eq!(create((&raw const *size).cast()).0, vv_status::VV_OK);
        let mut newer = Box::new(Newer { known: call_options(), later: [0; 40] });
        newer.known.size = size_of::<Newer>();
        assert_eq!(create((&raw const *newer).cast()).0, vv_status::VV_OK);
        newer.later[7] = 1;
        assert_eq!(create((&raw const *newer).cast()).0, vv_status::VV_UNSUPPORTED);
        for size in [0, 7, 4097, usize::MAX] {
            let mut wrong = call_options();
            wrong.size = size;
            assert_eq!(create(&wrong).0, vv_status::VV_INVALID_INPUT);
        }
        let mut keyed = call_options();
        (keyed.idempotency_key, keyed.idempotency_key_len) = given("key");
        assert_eq!(create(&keyed).0, vv_status::VV_OK);
        keyed.idempotency_key_len = usize::MAX;
        assert_eq!(create(&keyed).0, vv_status::VV_INVALID_INPUT);
        vv_engine_free(&mut engine);
    }
}

#[test]
fn what_is_null_or_no_text_is_an_error_and_nothing_is_written() {
    unsafe {
        let mut document = null_mut();
        let none = vv_id { bytes: [0; 16] };
        let mut error = null_mut();
        let status = vv_engine_interview(null(), none, &mut document, &mut error);
        assert_eq!(failed(status, error), (vv_status::VV_INVALID_INPUT, "engine is null".to_owned()));
        let mut id = vv_id { bytes: [7; 16] };
        for (text, len) in [(null(), 5), given("\u{e9}"), ([0xff_u8, 0xfe].as_ptr().cast(), 2), given("nothing")] {
            let mut error = null_mut();
            let status = vv_id_parse(text, len, &mut id, &mut error);
            assert_eq!(failed(status, error).0, vv_status::VV_INVALID_INPUT);
        }
        assert_eq!((id.bytes, document.is_null()), ([7; 16], true));
        let (text, len) = given("0190b2c4-0000-7000-8000-00000000000a");
        assert_eq!(vv_id_parse(text, len, &mut id, null_mut()), vv_status::VV_OK);
        let mut written = [0 as c_char; 37];
        vv_id_write(id, written.as_mut_ptr());
        assert_eq!(CStr::from_ptr(written.as_ptr()).to_str().unwrap(), "0190b2c4-0000-7000-8000-00000000000a");
        vv_id_write(id, null_mut());
        vv_answer_set(null_mut(), text, len);
        let mut unnamed = vv_error_new(77, null(), 3, -1);
        assert_eq!(CStr::from_ptr(vv_error_message(unnamed)).to_str().unwrap(), "a callback failed");
        vv_error_free(&mut unnamed);
        let mut cancel = vv_cancel_new();
        vv_cancel_cancel(cancel);
        vv_cancel_free(&mut cancel);
        vv_cancel_free(&mut cancel);
        vv_string_free(null_mut());
    }
}

#[test]
fn what_graders_teach_is_kept_by_name() {
    const JUDGING: &str = r#"{"interview_type": "general"}"#;
    let graded = |answers: usize| {
        let each = |at: usize| match at % 2 {
            0 => r#"{"question": "Why?", "answer": "Because it lasts.", "score": 0.9}"#,
            _ => r#"{"question": "Why?", "answer": "Some do.", "score": 0.2}"#,
        };
        format!("[{}]", (0..answers).map(each).collect::<Vec<_>>().join(","))
    };
    unsafe {
        let mut engine = null_mut();
        assert_eq!(vv_engine_open(c"memory:".as_ptr(), null(), &mut engine, null_mut()), vv_status::VV_OK);
        let mut document = null_mut();
        let mut calibrate = |name: &str, graded: &str, judging: &str| {
            let ((name, name_len), (graded, len), (judging, judging_len)) =
                (given(name), given(graded), given(judging));
            let mut error = null_mut();
            let made = &mut document;
            let status = vv_engine_calibrate(
                engine,
                name,
                name_len,
                graded,
                len,
                judging,
                judging_len,
                null(),
                made,
                &mut error,
            );
            if status == vv_status::VV_OK { Ok(taken(*made)) } else { Err(failed(status, error)) }
        };
        let (status, message) = calibrate("reasons", &graded(2), JUDGING).unwrap_err();
        assert_eq!(status, vv_status::VV_INVALID_INPUT);
        assert!(message.starts_with("2 graded answers, of which 2 say something"), "{message}");
        let (_, message) = calibrate("reasons", r#"[{"canary": 1}]"#, JUDGING).unwrap_err();
        assert!(
            message.starts_with("graded has a field that is not known") && !message.contains("canary"),
            "{message}"
        );
        let made = calibrate("reasons", &graded(10), JUDGING).unwrap();
        assert!(made.starts_with(r#"{"name":"reasons","version":1,"#), "{made}");
        let ((name, len), mut error) = (given("reasons@1"), null_mut());
        assert_eq!(vv_engine_calibration(engine, name, len, &mut document, &mut error), vv_status::VV_OK);
        assert_eq!(taken(document), made);
        assert_eq!(vv_engine_calibrations(engine, &mut document, &mut error), vv_status::VV_OK);
        assert_eq!(taken(document), format!("[{made}]"));
        let (name, len) = given("reasons@2");
        let status = vv_engine_calibration(engine, name, len, null_mut(), &mut error);
        assert_eq!(failed(status, error).0, vv_status::VV_NOT_FOUND);
        vv_engine_free(&mut engine);
    }
}

#[test]
fn agreement_needs_no_engine() {
    let mut out = null_mut();
    let mut error = null_mut();
    unsafe {
        let (request, len) = given(
            r#"{"raters": [{"name": "a", "scores": [1, 2, 3]}, {"name": "b", "scores": [1, null, 3]}], "resamples": 5}"#,
        );
        assert_eq!(vv_agreement(request, len, &mut out, &mut error), vv_status::VV_OK);
        assert!(error.is_null());
        assert!(taken(out).starts_with(r#"{"raters":["a","b"],"items":3,"complete_items":2,"pairs":[{"first":"a","#));
        let (request, len) = given(r#"{"raters": [], "canary": 1}"#);
        let status = vv_agreement(request, len, null_mut(), &mut error);
        let (status, message) = failed(status, error);
        assert_eq!(status, vv_status::VV_INVALID_INPUT);
        assert!(message.starts_with("request has a field that is not known") && !message.contains("canary"));
    }
}

#[test]
fn the_log_goes_to_the_sink_and_its_data_is_freed_once() {
    unsafe extern "C" fn write(data: *mut c_void, level: i32, record: *const c_char, len: usize) {
        let record = unsafe { std::slice::from_raw_parts(record.cast::<u8>(), len) };
        let record: serde_json::Value = serde_json::from_slice(record).unwrap();
        assert_eq!(record["level"], "debug");
        // Other tests here fail calls as well.
        if record["fields"]["operation"] == "read_evaluation" {
            unsafe { (*data.cast::<AtomicUsize>()).fetch_add(level as usize, Ordering::Relaxed) };
        }
    }
    unsafe extern "C" fn free(data: *mut c_void) {
        unsafe { (*data.cast::<AtomicUsize>()).fetch_add(100, Ordering::Relaxed) };
    }
    let told = AtomicUsize::new(0);
    let sink = vv_log { write: Some(write), data: (&raw const told).cast_mut().cast(), free: Some(free) };
    let none = vv_log { write: None, data: null_mut(), free: None };
    unsafe {
        let mut engine = null_mut();
        assert_eq!(vv_engine_open(c"memory:".as_ptr(), null(), &mut engine, null_mut()), vv_status::VV_OK);
        assert_eq!(vv_log_set(sink, VV_LOG_DEBUG, null_mut()), vv_status::VV_OK);
        let nobody = vv_id { bytes: [0; 16] };
        let status = vv_engine_scorecard(engine, nobody, VV_SCORECARD_JSON, null_mut(), null_mut());
        assert_eq!(status, vv_status::VV_NOT_FOUND);
        assert_eq!(vv_log_set(none, 0, null_mut()), vv_status::VV_OK);
        vv_engine_free(&mut engine);
    }
    // Another thread may have been in the sink when it was taken away.
    while told.load(Ordering::Relaxed) < 100 {
        std::thread::yield_now();
    }
    assert_eq!(told.load(Ordering::Relaxed), 100 + VV_LOG_DEBUG as usize);
}
