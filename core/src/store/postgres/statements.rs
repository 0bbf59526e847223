//! The texts of the statements, with the schema's name in its place. The name is a checked identifier; nothing else is ever put into a text.

use super::url::PostgresUrl;
use crate::domain::canonical::{hex, sha256};

/// A channel's longest name.
const MAX_CHANNEL: usize = 63;

/// The row of an idempotency key, from a row of the CTE that is named.
macro_rules! key_piece {
    ($source:literal, $scope:literal) => {
        concat!(
            ", keyed AS (INSERT INTO {schema}.idempotency_keys (scope, request, interview_id, result, result_id, message_number) ",
            "SELECT $",
            $scope,
            "0, $",
            $scope,
            "1, ",
            $source,
            ".interview_id, $",
            $scope,
            "2, $",
            $scope,
            "3, $",
            $scope,
            "4 FROM ",
            $source,
            ")"
        )
    };
}

/// The forms of a statement by whether it takes a key.
#[derive(Debug)]
pub(super) struct Keyed {
    with: String,
    without: String,
}

impl Keyed {
    pub(super) fn text(&self, key: bool) -> &str {
        if key { &self.with } else { &self.without }
    }
}

#[derive(Debug)]
pub(super) struct Statements {
    names: Names,
    pub(super) create_interview: Keyed,
    pub(super) update_interview: Keyed,
    pub(super) start_session: Keyed,
    pub(super) step_session_said: String,
    pub(super) step_session: String,
    pub(super) step_session_asking: String,
    pub(super) new_evaluation: Keyed,
    pub(super) finish_evaluation: Keyed,
    pub(super) key: String,
    pub(super) wrote_event: String,
    pub(super) wrote_step: String,
    pub(super) wrote_evaluation: String,
    pub(super) session: String,
    pub(super) events: String,
    pub(super) audit_page: String,
    pub(super) lease_next: String,
    pub(super) lease_evaluation: String,
    pub(super) reserve: String,
    pub(super) listen: String,
}

/// What stands in the places of the texts.
#[derive(Debug)]
pub(super) struct Names {
    schema: String,
    channel: String,
}

impl Names {
    pub(super) fn new(url: &PostgresUrl) -> Self {
        let schema = url.schema.clone();
        let mut channel = format!("{schema}_events");
        if channel.len() > MAX_CHANNEL {
            channel = format!("{}_events", &hex(&sha256(&[schema.as_bytes()]))[..32]);
        }
        Self { schema, channel }
    }

    pub(super) fn schema(&self) -> &str {
        &self.schema
    }

    pub(super) fn channel(&self) -> &str {
        &self.channel
    }

    /// The text of one statement: without comments and line ends, which would be sent and parsed each time.
    pub(super) fn text(&self, template: &str) -> String {
        let lines = template.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with("--"));
        self.place(&lines.collect::<Vec<_>>().join(" "))
    }

    /// The text as it is.
    pub(super) fn place(&self, template: &str) -> String {
        template.replace("{schema}", &self.schema).replace("{channel}", &self.channel)
    }
}

impl Statements {
    pub(super) fn new(names: Names) -> Self {
        let keyed = |template: &str, key: &str| Keyed {
            with: names.text(&template.replace("{key}", key)),
            without: names.text(&template.replace("{key}", "")),
        };
        let save = include_str!("sql/save_evaluation.sql");
        let saved = |piece: &str| save.replace("{saved}", piece);
        Self {
            create_interview: keyed(include_str!("sql/create_interview.sql"), key_piece!("planned", "3")),
            update_interview: keyed(include_str!("sql/update_interview.sql"), key_piece!("head", "3")),
            start_session: keyed(include_str!("sql/start_session.sql"), key_piece!("head", "3")),
            step_session_said: names.text(
                "SELECT {schema}.step_session_said($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, \
                 $19, $20, $21, $22, $23, $24, $25, $26, $27, $28, $29, $30, $31, $32)",
            ),
            step_session: names.text(
                "SELECT {schema}.step_session($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, \
                 $19, $20, $21, $22, $23, $24, $25, $26, $27, $28, $29, $30, $31)",
            ),
            step_session_asking: names.text(
                "SELECT {schema}.step_session_asking($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, \
                 $18, $19, $20, $21, $22, $23, $24, $25, $26, $27, $28, $29, $30, $31, $32, $33, $34)",
            ),
            new_evaluation: keyed(&saved(include_str!("sql/evaluation_new.sql")), key_piece!("head", "3")),
            finish_evaluation: keyed(&saved(include_str!("sql/evaluation_finish.sql")), key_piece!("head", "3")),
            key: names.text(
                "SELECT request, result, result_id, message_number FROM {schema}.idempotency_keys WHERE scope = $1",
            ),
            wrote_event: names
                .text("SELECT EXISTS (SELECT FROM {schema}.events WHERE interview_id = $1 AND digest = $2)"),
            wrote_step: names.text(
                "SELECT EXISTS (SELECT FROM {schema}.sessions WHERE id = $1 AND version = $2 AND updated_at = $3)",
            ),
            wrote_evaluation: names
                .text("SELECT EXISTS (SELECT FROM {schema}.evaluations WHERE id = $1 AND document = $2)"),
            session: names.text(include_str!("sql/session.sql")),
            events: names.text(include_str!("sql/events.sql")),
            audit_page: names.text(include_str!("sql/audit_page.sql")),
            lease_next: names.text(include_str!("sql/lease_next.sql")),
            lease_evaluation: names.text(include_str!("sql/lease_evaluation.sql")),
            reserve: names.text(include_str!("sql/reserve.sql")),
            listen: names.text(
                "UPDATE {schema}.sessions SET listened_until = now() + $3::bigint * interval '1 second' \
                 WHERE id = $1 AND tenant = $2 RETURNING seq",
            ),
            names,
        }
    }

    pub(super) fn names(&self) -> &Names {
        &self.names
    }
}
