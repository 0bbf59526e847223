//! Moving everything between stores, and copies of the file.

use std::collections::HashMap;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rusqlite::{Connection, params};

use super::error::{Failure, Outcome, unreadable};
use super::read::{all, log};
use super::rows::{self, INTERVIEW, key_record, last, place, text, written_time};
use super::write::{
    insert_evaluation, insert_event, insert_interview, insert_key, insert_message, insert_session, interview_seq,
    log_end, set_head,
};
use crate::audit::Subject;
use crate::domain::{InterviewId, Session};
use crate::error::{Error, ErrorKind, Result};
use crate::store::{Bundle, EvaluationWrite, Standing, already_there};

pub(super) fn export(connection: &Connection, after: Option<InterviewId>, limit: u32) -> Outcome<Vec<Bundle>> {
    let transaction = connection.unchecked_transaction()?;
    let text = format!(
        "SELECT {INTERVIEW}, interviews.tenant, interviews.erased_at, interviews.seq FROM interviews \
         WHERE id > ?1 ORDER BY id LIMIT ?2"
    );
    let after = after.map_or_else(String::new, |id| id.to_string());
    let heads = all(&transaction, &text, params![after, limit], |row| {
        let erased = row.get_ref(15)?.as_str_or_null().map_err(|_| unreadable())?;
        let bundle = Bundle {
            tenant: rows::text(row, 14)?.into(),
            interview: Arc::new(rows::interview(row)?),
            erased_at: erased.map(rows::read_time).transpose()?,
            sessions: Vec::new(),
            evaluations: Vec::new(),
            events: Vec::new(),
            keys: Vec::new(),
        };
        Ok((bundle, row.get::<_, i64>(16)?))
    })?;
    heads.into_iter().map(|(bundle, seq)| fill(&transaction, bundle, seq)).collect()
}

fn fill(connection: &Connection, mut bundle: Bundle, seq: i64) -> Outcome<Bundle> {
    let sessions: Vec<(Session, i64)> = all(
        connection,
        "SELECT sessions.id, session_language, sessions.status, version, started_at, sessions.created_at, \
         sessions.updated_at, ended_at, interviews.id, sessions.seq \
         FROM sessions JOIN interviews ON interviews.seq = sessions.interview WHERE sessions.interview = ?1 ORDER BY sessions.id",
        [seq],
        |row| Ok((rows::session(row, 0)?, row.get(9)?)),
    )?;
    for (mut session, seq) in sessions {
        let said = all(
            connection,
            "SELECT key, id, kind, question, content, created_at, origin FROM messages WHERE key BETWEEN ?1 AND ?2 ORDER BY key",
            [place(seq, 0), last(seq)],
            |row| rows::message(row, 0),
        )?;
        said.into_iter().flatten().for_each(|message| rows::add_message(&mut session, message));
        bundle.sessions.push(Arc::new(session));
    }
    let documents = "SELECT document FROM evaluations WHERE interview = ?1 ORDER BY id";
    bundle.evaluations = all(connection, documents, [seq], |row| {
        let document = text(row, 0)?.to_owned();
        let evaluation = serde_json::from_str(&document).map(Arc::new).map_err(|_| unreadable())?;
        Ok(EvaluationWrite { evaluation, document, lease: None })
    })?;
    bundle.events = log(connection, seq)?;
    let keys = "SELECT request, result, result_id, message_number, scope FROM idempotency_keys WHERE interview = ?1 ORDER BY scope";
    bundle.keys = all(connection, keys, [seq], |row| Ok((row.get(4)?, key_record(row)?)))?;
    Ok(bundle)
}

/// Whether the interview took the place of an earlier copy of it.
pub(super) fn import(connection: &Connection, bundle: &Bundle) -> Outcome<bool> {
    let interview = bundle.interview.id;
    let replaced = match interview_seq(connection, interview)? {
        None => false,
        Some((seq, tenant)) => {
            let end = log_end(connection, seq)?;
            match bundle.standing(&tenant, (end.number, end.link)) {
                Standing::Same => return Ok(false),
                Standing::Other => return Err(already_there(interview).into()),
                Standing::Later => {}
            }
            remove(connection, seq)?;
            true
        }
    };
    let written = insert_bundle(connection, bundle).map(|()| replaced);
    written.map_err(|failure| match failure.0.kind() {
        // A part of it is another interview's.
        ErrorKind::Conflict => Failure(already_there(interview)),
        _ => failure,
    })
}

/// Removes an interview with all that belongs to it.
fn remove(connection: &Connection, seq: i64) -> Outcome<()> {
    for text in [
        "DELETE FROM deliveries WHERE event BETWEEN ?2 AND ?3",
        "DELETE FROM messages WHERE entry BETWEEN ?2 AND ?3",
        "DELETE FROM events WHERE key BETWEEN ?2 AND ?3",
        "DELETE FROM sessions WHERE interview = ?1",
        "DELETE FROM evaluations WHERE interview = ?1",
        "DELETE FROM kept_replies WHERE interview = ?1",
        "DELETE FROM idempotency_keys WHERE interview = ?1",
        "DELETE FROM audit_heads WHERE interview = ?1",
        "DELETE FROM interviews WHERE seq = ?1",
    ] {
        let mut statement = connection.prepare_cached(text)?;
        for (place, value) in [seq, place(seq, 0), last(seq)].into_iter().enumerate().take(statement.parameter_count())
        {
            statement.raw_bind_parameter(place + 1, value)?;
        }
        statement.raw_execute()?;
    }
    Ok(())
}

fn insert_bundle(connection: &Connection, bundle: &Bundle) -> Outcome<()> {
    let interview = bundle.interview.id;
    let seq = insert_interview(connection, &bundle.tenant, &bundle.interview)?;
    if let Some(erased_at) = bundle.erased_at {
        connection
            .prepare_cached("UPDATE interviews SET erased_at = ?2 WHERE seq = ?1")?
            .execute(params![seq, written_time(erased_at)])?;
    }
    let mut sessions = HashMap::new();
    let mut unsaid = 0;
    for session in &bundle.sessions {
        let place = insert_session(connection, &bundle.tenant, seq, session)?;
        unsaid += session.messages.len();
        sessions.insert(session.id, (place, session));
    }
    for write in &bundle.evaluations {
        if !insert_evaluation(connection, seq, write)? {
            return Err(already_there(interview).into());
        }
    }
    for event in &bundle.events {
        let said = match event.subject {
            Subject::Message(number) => event.session_id.and_then(|id| Some((sessions.get(&id)?, number))),
            _ => None,
        };
        match said {
            Some(((place, session), number)) => {
                let message = number.checked_sub(1).and_then(|at| session.messages.get(at as usize));
                insert_message(connection, *place, seq, message.ok_or_else(unreadable)?, event)?;
                unsaid -= 1;
            }
            None => insert_event(connection, seq, event)?,
        }
    }
    if unsaid > 0 {
        return Err(Error::storage("the copied interview has a message that its audit log does not speak of").into());
    }
    // What happened elsewhere was delivered there.
    connection
        .prepare_cached("DELETE FROM deliveries WHERE event BETWEEN ?1 AND ?2")?
        .execute([place(seq, 0), last(seq)])?;
    if let Some(event) = bundle.events.last() {
        set_head(connection, seq, event)?;
    }
    for (scope, record) in &bundle.keys {
        insert_key(connection, seq, scope, record.request.as_ref(), record.result)?;
    }
    Ok(())
}

fn unwritable(error: io::Error) -> Error {
    let failed = Error::storage("the backup's file cannot be written");
    let retryable = matches!(error.kind(), io::ErrorKind::StorageFull | io::ErrorKind::Interrupted);
    let failed = failed.caused_by(error);
    if retryable { failed.retryable() } else { failed }
}

fn there() -> Error {
    Error::invalid_input("the backup's file is there already: it is not overwritten")
}

/// A name beside `path` that nobody else uses.
fn beside(path: &Path) -> Result<PathBuf> {
    use std::sync::atomic::{AtomicU64, Ordering};
    static NEXT: AtomicU64 = AtomicU64::new(0);
    let name = path.file_name().ok_or_else(|| Error::invalid_input("the backup's path names no file"))?;
    let mut name = name.to_owned();
    name.push(format!(".{}-{}.tmp", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed)));
    Ok(path.with_file_name(name))
}

/// Copies the store to a new file, which has its name only once it is whole and on the disk.
pub(super) fn backup(connection: &Connection, path: &Path) -> Outcome<()> {
    if path.symlink_metadata().is_ok() {
        return Err(there().into());
    }
    let temporary = beside(path)?;
    let name = temporary.to_str().ok_or_else(|| Error::invalid_input("the backup's path is not UTF-8"))?;
    let copied = connection
        .execute("VACUUM INTO ?1", [name])
        .map_err(Failure::from)
        .and_then(|_| Ok(publish(&temporary, path)?));
    if copied.is_err() {
        let _ = fs::remove_file(&temporary);
    }
    copied
}

fn publish(temporary: &Path, path: &Path) -> Result<()> {
    File::open(temporary).and_then(|file| file.sync_all()).map_err(unwritable)?;
    // A link refuses a name that was taken meanwhile; not every file system has links.
    match fs::hard_link(temporary, path) {
        Ok(()) => fs::remove_file(temporary).map_err(unwritable)?,
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => return Err(there()),
        Err(_) if path.symlink_metadata().is_ok() => return Err(there()),
        Err(_) => fs::rename(temporary, path).map_err(unwritable)?,
    }
    #[cfg(unix)]
    {
        let directory = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
        File::open(directory).and_then(|directory| directory.sync_all()).map_err(unwritable)?;
    }
    Ok(())
}
