//! Subscriptions: events that are handed to somebody outside the engine.

use std::ffi::{c_char, c_void};

use vivavoce::{Action, CancelToken};

use crate::call::{document_of, with_engine, write};
use crate::callbacks::outcome;
use crate::cancel::vv_cancel;
use crate::engine::vv_engine;
use crate::error::{invalid_input, vv_error};
use crate::status::vv_status;
use crate::text::{Told, document, text};

/// Is handed an event, a document of `len` bytes: `event`, and `attempts`, which is how often it was tried, this time included. Returns `VV_OK` when it is done with it; or another
/// status, and may say why with `vv_error_new` in `error`: where that says when to try again, the event is handed over again. Called in the thread of `vv_engine_run_deliveries`.
pub type vv_deliver = Option<
    unsafe extern "C" fn(data: *mut c_void, delivery: *const c_char, len: usize, error: *mut *mut vv_error) -> i32,
>;

/// Subscribes to what happens to this engine's tenant from now on, whichever process it happens in: each event of these actions is kept until `vv_engine_run_deliveries` has handed it
/// over. `actions` is a list of texts, for example ["session_completed"]. A subscription outlives the process that made it, and stays until it is ended. Where there is one of this
/// name, its actions are replaced, and what was to be delivered still is. Any thread.
///
/// `VV_INVALID_INPUT` where the name is blank or too long, where no action is given, or one of what is said: messages are followed by `vv_engine_listen`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn vv_engine_subscribe(
    engine: *const vv_engine,
    name: *const c_char,
    name_len: usize,
    actions: *const c_char,
    actions_len: usize,
    error: *mut *mut vv_error,
) -> vv_status {
    // SAFETY: the caller's pointers, as the conventions ask.
    unsafe {
        with_engine(engine, error, |engine| {
            let actions: Vec<Action> = document("actions", actions, actions_len)?;
            engine.subscribe(text("name", name, name_len)?, &actions)
        })
    }
}

/// Ends a subscription, and forgets what was to be delivered to it. Gives whether there was one of this name; `ended` may be null. Any thread.
///
/// `VV_INVALID_INPUT` where the name is none that a subscription can have.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn vv_engine_unsubscribe(
    engine: *const vv_engine,
    name: *const c_char,
    name_len: usize,
    ended: *mut bool,
    error: *mut *mut vv_error,
) -> vv_status {
    // SAFETY: the caller's pointers, as the conventions ask.
    unsafe {
        with_engine(engine, error, |engine| {
            let was_there = engine.unsubscribe(text("name", name, name_len)?)?;
            write(ended, || Ok(was_there))
        })
    }
}

/// The subscriptions of this engine's tenant, by name, as a list of documents to be freed with `vv_string_free`: each has `name` and `actions`. Any thread.
///
/// `VV_STORAGE` where the store fails.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn vv_engine_subscriptions(
    engine: *const vv_engine,
    subscriptions: *mut *mut c_char,
    error: *mut *mut vv_error,
) -> vv_status {
    // SAFETY: the caller's pointers, as the conventions ask.
    unsafe { document_of(engine, subscriptions, error, vivavoce::Engine::subscriptions) }
}

/// Hands a subscription's events to `deliver`, one after the other, in this thread, until `stop` is cancelled; gives how many it handed over. Any number of threads and processes may
/// do so: each event is leased to one of them for a minute, by which time `deliver` should be done. An event arrives at least once, and seldom twice: its `interview_id` and `number`
/// tell. `stop` must live until the call returns.
///
/// What fails and says when to try again (see `vv_error_new`) is tried again after 5 seconds, then after four times as long each time up to 12 hours, or after what it asks for if that is
/// longer; it is given up after 12 times, which is more than two days. What fails otherwise is given up at once. The log is told, and the event stays in the interview's.
///
/// `VV_NOT_FOUND` where there is no subscription of this name; `VV_INVALID_STATE` when the engine is closed; `VV_STORAGE` where the store fails for good.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn vv_engine_run_deliveries(
    engine: *const vv_engine,
    name: *const c_char,
    name_len: usize,
    stop: *const vv_cancel,
    deliver: vv_deliver,
    data: *mut c_void,
    delivered: *mut u64,
    error: *mut *mut vv_error,
) -> vv_status {
    // SAFETY: the caller's pointers, as the conventions ask.
    unsafe {
        with_engine(engine, error, |engine| {
            let deliver = deliver.ok_or_else(|| invalid_input("deliver is null"))?;
            let stop: &CancelToken = &stop.as_ref().ok_or_else(|| invalid_input("stop is null"))?.0;
            let count = engine.run_deliveries(text("name", name, name_len)?, stop, |delivery| {
                let document = Told::new(delivery)?;
                outcome("subscriber", |error| deliver(data, document.as_ptr(), document.len(), error))
            })?;
            write(delivered, || Ok(count))
        })
    }
}

/// What waits to be done, of all tenants, as a document to be freed with `vv_string_free`: `evaluations` that are not final, and `deliveries`, which are events that subscribers were not
/// told of yet. Any thread.
///
/// `VV_STORAGE` where the store fails.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn vv_engine_backlog(
    engine: *const vv_engine,
    backlog: *mut *mut c_char,
    error: *mut *mut vv_error,
) -> vv_status {
    // SAFETY: the caller's pointers, as the conventions ask.
    unsafe { document_of(engine, backlog, error, vivavoce::Engine::backlog) }
}
