//! A database of an older library, as its migrations left it, opened by this one.

use std::sync::Arc;

use super::fixtures::{beginning, changed, evaluation, interview, now, request, result, tenant, unique, verify};
use crate::audit::origin;
use crate::domain::{EvaluationStatus, Exchange, Interview, Session, SessionStatus};
use crate::store::{EvaluationQuery, EvaluationWrite, Job, Lease, Store, Written};

/// What the older library wrote: a session with an evaluation that failed and one that did not, and two evaluations without a session that nobody judged.
struct Old {
    interview: Arc<Interview>,
    session: Session,
    failed: EvaluationWrite,
    completed: EvaluationWrite,
    pending: [EvaluationWrite; 2],
}

impl Old {
    fn new() -> Self {
        let interview = interview("Ada");
        let session = beginning(&interview, None).session;
        let session = Session {
            status: SessionStatus::Completed,
            messages: Vec::new(),
            ended_at: Some(now()),
            ..(*session).clone()
        };
        let exchange = Exchange { question: None, question_text: "Why?".into(), probe: false, answer: "So.".into() };
        let pending = [0, 1].map(|_| {
            changed(&evaluation(&session, EvaluationStatus::Pending), |pending| {
                pending.session_id = None;
                pending.exchanges = vec![exchange.clone()];
            })
        });
        let [failed, completed] =
            [EvaluationStatus::Failed, EvaluationStatus::Completed].map(|status| evaluation(&session, status));
        Self { interview, session, failed, completed, pending }
    }

    fn evaluations(&self) -> [&EvaluationWrite; 4] {
        // Not in the order in which they were asked for.
        [&self.failed, &self.pending[1], &self.completed, &self.pending[0]]
    }

    /// `logged` counts the rows of `interview_logs`.
    fn check(&self, store: &dyn Store, migrations: u32, logged: impl Fn() -> i64) {
        assert_eq!(store.health().unwrap().schema_version, migrations);
        for write in self.evaluations() {
            assert_eq!(store.evaluation(&tenant(), write.evaluation.id).unwrap().unwrap(), write.evaluation);
        }
        let of_session = || store.evaluation_of_session(&tenant(), self.session.id).unwrap().unwrap();
        assert_eq!(of_session(), self.completed.evaluation);
        let all = EvaluationQuery { status: None, interview: None, before: None, limit: 100 };
        let mut ids = self.evaluations().map(|write| write.evaluation.id);
        ids.sort_unstable_by(|a, b| b.cmp(a));
        let listed = store.list_evaluations(&tenant(), &all).unwrap();
        assert_eq!(listed.iter().map(|evaluation| evaluation.id).collect::<Vec<_>>(), ids);
        assert_eq!(logged(), 2);

        let at = now();
        let lease = || {
            let mut token = [5; 16];
            token[8..].copy_from_slice(&unique().to_be_bytes());
            Lease { token, until: at }
        };
        assert_eq!(store.next_due(at).unwrap(), Some(at));
        for write in &self.pending {
            let lease = lease();
            let job = Job { tenant: tenant(), evaluation_id: write.evaluation.id, attempts: 1 };
            assert_eq!(store.lease_next(at, lease).unwrap(), Some(job));
            let mut save = result(write);
            save.write.lease = Some(lease);
            assert_eq!(store.save_evaluation(save).unwrap(), Written::Done);
        }
        assert_eq!(store.lease_next(at, lease()).unwrap(), None);

        let version = |of: &EvaluationWrite| {
            changed(of, |new| {
                new.id = evaluation(&self.session, EvaluationStatus::Completed).evaluation.id;
                new.status = EvaluationStatus::Completed;
                new.supersedes = Some(of.evaluation.id);
            })
        };
        let first = evaluation(&self.session, EvaluationStatus::Completed);
        assert_eq!(store.save_evaluation(request(&first)).unwrap(), Written::Stale);
        let second = version(&self.completed);
        assert_eq!(store.save_evaluation(request(&second)).unwrap(), Written::Done);
        assert_eq!(of_session(), second.evaluation);
        assert_eq!(store.save_evaluation(request(&version(&self.pending[0]))).unwrap(), Written::Done);
        assert_eq!(logged(), 2, "the answers of a version are those of the first one");
        assert!(verify(store, self.interview.id).is_sound());
    }
}

#[test]
#[cfg(feature = "sqlite")]
fn what_the_first_schema_of_sqlite_holds_is_brought_up_to_date() {
    use rusqlite::params;

    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("store.db");
    let old = Old::new();
    let sql = rusqlite::Connection::open(&path).unwrap();
    sql.execute_batch(include_str!("../sqlite/schema/0001_tables.sql")).unwrap();
    sql.pragma_update(None, "application_id", 0x5669_7661).unwrap();
    sql.pragma_update(None, "user_version", 1).unwrap();
    sql.execute(
        "INSERT INTO interviews (seq, id, tenant, candidate_name, candidate_name_folded, interview_type, interview_language, status, \
         max_answers, created_at, updated_at, questions) VALUES \
         (1, ?1, 't', 'Ada', 'ada', 'technical', 'en', 'completed', 9, '2026-01-01T00:00:00.000000Z', '2026-01-01T00:00:00.000000Z', '[]')",
        [old.interview.id.to_string()],
    )
    .unwrap();
    sql.execute("INSERT INTO audit_heads VALUES (1, 0, ?1)", [origin(old.interview.id)]).unwrap();
    sql.execute(
        "INSERT INTO sessions (id, interview, tenant, session_language, status, version, started_at, created_at) \
         VALUES (?1, 1, 't', 'en', 'completed', 1, 0, 0)",
        [old.session.id.as_uuid().as_bytes()],
    )
    .unwrap();
    for write in old.evaluations() {
        let evaluation = &write.evaluation;
        sql.execute(
            "INSERT INTO evaluations (id, interview, session_id, status, created_at, document) VALUES (?1, 1, ?2, ?3, ?4, ?5)",
            params![
                evaluation.id.as_uuid().as_bytes(),
                evaluation.session_id.as_ref().map(|id| id.as_uuid().as_bytes()),
                evaluation.status.as_str(),
                evaluation.created_at.timestamp_micros(),
                write.document,
            ],
        )
        .unwrap();
    }
    let store = crate::store::open(&format!("sqlite:{}", path.display())).unwrap();
    old.check(&*store, 5, || sql.query_row("SELECT count(*) FROM interview_logs", [], |row| row.get(0)).unwrap());

    // An older library that had the file open goes on as it was.
    let late = evaluation(&old.session, EvaluationStatus::Failed);
    sql.execute(
        "INSERT INTO evaluations (id, interview, session_id, status, created_at, document) VALUES (?1, 1, NULL, 'failed', 0, ?2)",
        params![late.evaluation.id.as_uuid().as_bytes(), late.document],
    )
    .unwrap();
    for status in [None, Some(EvaluationStatus::Failed)] {
        let newest = EvaluationQuery { status, interview: None, before: None, limit: 1 };
        let listed = store.list_evaluations(&tenant(), &newest).unwrap();
        assert_eq!(listed[0].id, late.evaluation.id);
    }
}

#[test]
#[cfg(feature = "postgres")]
fn what_the_first_schemas_of_postgres_hold_is_brought_up_to_date() {
    use crate::domain::canonical::hex;

    let cluster = vivavoce_test_support::Cluster::shared();
    let database = cluster.new_database();
    let old = Old::new();
    let (interview, session) = (old.interview.id, old.session.id);
    let mut sql = format!(
        "CREATE SCHEMA vivavoce; \
         CREATE TABLE vivavoce.schema_migrations (version integer PRIMARY KEY, applied_at timestamptz NOT NULL DEFAULT now()); \
         INSERT INTO vivavoce.schema_migrations (version) VALUES (1), (2);\n{}\n{}",
        include_str!("../postgres/schema/0001_tables.sql"),
        include_str!("../postgres/schema/0002_step_session.sql"),
    );
    sql.push_str(&format!(
        "INSERT INTO vivavoce.interviews (id, created_at, updated_at, tenant, status, interview_type, interview_language, max_answers, \
         candidate_name, candidate_name_folded, questions) \
         VALUES ('{interview}', now(), now(), 't', 'completed', 'technical', 'en', 9, 'Ada', 'ada', '[]'); \
         INSERT INTO vivavoce.audit_heads (interview_id, number, links) VALUES ('{interview}', 0, ARRAY['\\x{}'::bytea]); \
         INSERT INTO vivavoce.sessions (id, interview_id, tenant, session_language, status, version, started_at, created_at, updated_at) \
         VALUES ('{session}', '{interview}', 't', 'en', 'completed', 1, now(), now(), now());",
        hex(&origin(interview)),
    ));
    for write in old.evaluations() {
        let evaluation = &write.evaluation;
        let session = evaluation.session_id.map_or("NULL".to_owned(), |id| format!("'{id}'"));
        sql.push_str(&format!(
            "INSERT INTO vivavoce.evaluations (id, interview_id, tenant, session_id, status, created_at, document) \
             VALUES ('{}', '{interview}', 't', {session}, '{}', '{}', $document${}$document$);",
            evaluation.id,
            evaluation.status,
            evaluation.created_at.to_rfc3339(),
            write.document,
        ));
    }
    cluster.sql(&database, &sql.replace("{schema}", "vivavoce").replace("{channel}", "vivavoce_events"));
    let store = crate::store::open(&cluster.url(&database)).unwrap();
    let logged = || cluster.sql(&database, "SELECT count(*) FROM vivavoce.interview_logs").trim().parse().unwrap();
    old.check(&*store, 6, logged);
}
