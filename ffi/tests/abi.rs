//! The ABI is what it was when its number was given: symbols, sizes and offsets, kept in `tests/abi/NUMBER.txt`. `VIVAVOCE_WRITE_HEADER=1` adds what is new (`make header`); what
//! is gone or has moved needs another number.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeSet;
use std::mem::{offset_of, size_of};
use std::path::Path;

use vivavoce_ffi::*;

macro_rules! layout {
    ($lines:ident, $type:ident { $($field:ident),* $(,)? }) => {
        $lines.insert(format!("{} size {}", stringify!($type), size_of::<$type>()));
        $($lines.insert(format!("{}.{} at {}", stringify!($type), stringify!($field), offset_of!($type, $field)));)*
    };
}

/// The header's functions with what they take, and what numbers stand for.
fn declared(lines: &mut BTreeSet<String>) {
    let header = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().join("include/vivavoce.h");
    let header = std::fs::read_to_string(header).unwrap();
    let mut code = String::new();
    for part in header.split("/*") {
        code += part.split_once("*/").map_or(part, |(_, code)| code);
    }
    lines.extend(
        code.lines().filter(|line| line.starts_with("#define VV_") && !line.contains("_INIT")).map(str::to_owned),
    );
    let code: String = code.lines().filter(|line| !line.starts_with('#')).collect::<Vec<_>>().join(" ");
    for statement in code.split(';') {
        let words = statement.split_whitespace().collect::<Vec<_>>().join(" ");
        if let Some((_, parameters)) = words.split_once("(")
            && !words.contains('{')
            && !words.starts_with("typedef")
        {
            assert!(parameters.ends_with(')'), "{words}");
            lines.insert(words.trim_start_matches("extern \"C\" { ").to_owned());
        }
    }
    // Fields and types of functions, with their types.
    for statement in code.split(';') {
        let words = statement.rsplit('{').next().unwrap_or_default().split_whitespace().collect::<Vec<_>>().join(" ");
        let is_type = words.starts_with("typedef") && words.contains("(*");
        if is_type || (words.contains(' ') && !words.contains(['}', '=']) && !words.starts_with("typedef")) {
            lines.insert(words.trim_start_matches("extern \"C\" { ").to_owned());
        }
    }
    for value in code.split([',', '{', '}']).filter(|it| it.contains(" = ") && it.trim().starts_with("VV_")) {
        lines.insert(value.trim().to_owned());
    }
}

#[test]
fn the_abi_is_what_it_was_when_its_number_was_given() {
    let mut now = BTreeSet::new();
    declared(&mut now);
    assert!(now.len() > 60, "{now:?}");
    layout!(now, vv_id { bytes });
    layout!(now, vv_message { id, content, content_len, kind, origin, created_at_us, number, question });
    layout!(now, vv_turn { message, reply, session_status, session_version });
    layout!(now, vv_clock { now_us, data, free });
    layout!(now, vv_log { write, data, free });
    layout!(now, vv_interviewer { speak, data, free });
    layout!(now, vv_evaluator { judge, name, version, data, free });
    layout!(
        now,
        vv_call_options {
            size,
            idempotency_key,
            idempotency_key_len,
            timeout_ms,
            expected_version,
            cancel,
            queued,
            model,
            model_len,
            provider,
            provider_len,
        }
    );
    layout!(
        now,
        vv_engine_options {
            size,
            idle_timeout_ms,
            read_staleness_ms,
            cached_sessions,
            clock,
            interviewer,
            evaluator,
            settings,
            settings_len,
            ignore_unanswered
        }
    );
    // No padding at their ends: a new field has to make them larger, or an older library would not notice it.
    assert_eq!(offset_of!(vv_engine_options, ignore_unanswered) + size_of::<u64>(), size_of::<vv_engine_options>());
    assert_eq!(offset_of!(vv_call_options, provider_len) + size_of::<usize>(), size_of::<vv_call_options>());
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/abi/{}.txt", vv_abi_version()));
    let kept = std::fs::read_to_string(&path).unwrap_or_default();
    let kept: BTreeSet<String> = kept.lines().map(str::to_owned).collect();
    // A structure of options may grow at its end: the caller's size says what it knows. So may a turn, which only the library makes.
    let is_growth = |line: &str| line.contains("_options size ") || line.starts_with("vv_turn size ");
    let gone: Vec<&String> = kept.difference(&now).filter(|line| !is_growth(line)).collect();
    assert!(gone.is_empty(), "gone or changed, which needs another vv_abi_version: {gone:#?}");
    if std::env::var_os("VIVAVOCE_WRITE_HEADER").is_some() {
        let lines: Vec<&str> = now.iter().map(String::as_str).collect();
        std::fs::write(&path, lines.join("\n") + "\n").unwrap();
        return;
    }
    let new: Vec<&String> = now.difference(&kept).collect();
    assert!(new.is_empty(), "new, and to be kept by `make header`: {new:#?}");
}
