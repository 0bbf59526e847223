//! Lists of interviews and evaluations: the statement is put together of constant pieces, chosen by what is asked for; what the user wrote is always a parameter.

use std::sync::Arc;

use postgres::types::Type;
use uuid::Uuid;

use super::PostgresStore;
use super::connection::{Connection, Param};
use super::failure::Failure;
use super::read::evaluation;
use super::rows::{self, INTERVIEW, get, signed64};
use crate::domain::{Evaluation, EvaluationStatus, Interview};
use crate::error::Result;
use crate::store::list::cursor_lost;
use crate::store::{Bound, EvaluationQuery, ListQuery, Order, SortBy, Tenant};

/// Which interviews: what both the page and the total look at. Parameters that a filter needs stand at fixed numbers, and are null where it is not there.
fn filters(query: &ListQuery) -> String {
    let mut text = String::from(" FROM {schema}.interviews WHERE tenant = $1 AND erased_at IS NULL");
    let pieces = [
        (query.name.is_some(), " AND position($2 in candidate_name_folded) > 0"),
        (query.status.is_some(), " AND status = $3"),
        (query.from.is_some(), " AND id >= $4"),
        (query.before.is_some(), " AND id < $5"),
    ];
    for (_, piece) in pieces.iter().filter(|(wanted, _)| *wanted) {
        text.push_str(piece);
    }
    text
}

/// What stands after the place that a cursor names.
fn keyset(query: &ListQuery) -> &'static str {
    match (query.sort_by, query.order) {
        _ if matches!(query.bound, Bound::Offset(_)) => "",
        (SortBy::Date, Order::Ascending) => " AND id > $6",
        (SortBy::Date, Order::Descending) => " AND id < $6",
        (SortBy::Name, Order::Ascending) => {
            " AND (candidate_name_folded, id) > ((SELECT last.candidate_name_folded FROM {schema}.interviews AS last \
             WHERE last.id = $6 AND last.tenant = $1 AND last.erased_at IS NULL), $6)"
        }
        (SortBy::Name, Order::Descending) => {
            " AND (candidate_name_folded, id) < ((SELECT last.candidate_name_folded FROM {schema}.interviews AS last \
             WHERE last.id = $6 AND last.tenant = $1 AND last.erased_at IS NULL), $6)"
        }
        (SortBy::Status, Order::Ascending) => " AND (status, id) > ($7, $6)",
        (SortBy::Status, Order::Descending) => " AND (status, id) < ($7, $6)",
    }
}

fn order(query: &ListQuery) -> &'static str {
    match (query.sort_by, query.order) {
        (SortBy::Date, Order::Ascending) => " ORDER BY id",
        (SortBy::Date, Order::Descending) => " ORDER BY id DESC",
        (SortBy::Name, Order::Ascending) => " ORDER BY candidate_name_folded, id",
        (SortBy::Name, Order::Descending) => " ORDER BY candidate_name_folded DESC, id DESC",
        (SortBy::Status, Order::Ascending) => " ORDER BY status, id",
        (SortBy::Status, Order::Descending) => " ORDER BY status DESC, id DESC",
    }
}

impl PostgresStore {
    pub(super) fn read_list(&self, tenant: &Tenant, query: &ListQuery) -> Result<(Vec<Arc<Interview>>, Option<u64>)> {
        let names = self.statements.names();
        let filters = filters(query);
        let page =
            names.place(&format!("SELECT {INTERVIEW}{filters}{}{} LIMIT $8 OFFSET $9", keyset(query), order(query)));
        let count = query.total.then(|| names.place(&format!("SELECT count(*){filters}")));

        let tenant: &str = tenant;
        let status = query.status.map(|status| status.as_str());
        let [from, before] = [query.from, query.before].map(|id| id.map(|id| *id.as_uuid()));
        let (last, last_status, offset) = match query.bound {
            Bound::Offset(offset) => (None, None, signed64(offset)),
            Bound::After(keyset) => (Some(*keyset.id.as_uuid()), keyset.status.map(|status| status.as_str()), 0),
        };
        let limit = i64::from(query.limit) + 1;
        let params: [Param<'_>; 9] = [
            (&tenant, Type::TEXT),
            (&query.name, Type::TEXT),
            (&status, Type::TEXT),
            (&from, Type::UUID),
            (&before, Type::UUID),
            (&last, Type::UUID),
            (&last_status, Type::TEXT),
            (&limit, Type::INT8),
            (&offset, Type::INT8),
        ];
        self.pool.run(|connection, _| {
            let rows = connection.query(&page, &params)?;
            if rows.is_empty() && query.sort_by == SortBy::Name {
                self.check_place(connection, tenant, last)?;
            }
            let interviews = rows.iter().map(|row| rows::interview(row, 0).map(Arc::new)).collect::<Result<_>>()?;
            let total = match &count {
                None => None,
                Some(count) => {
                    let rows = connection.query(count, &params[..5])?;
                    Some(rows::unsigned(rows.first().ok_or_else(rows::unreadable)?, 0)?)
                }
            };
            Ok((interviews, total))
        })
    }

    pub(super) fn read_evaluations(&self, tenant: &Tenant, query: &EvaluationQuery) -> Result<Vec<Arc<Evaluation>>> {
        let mut text = String::from("SELECT document, status FROM {schema}.evaluations WHERE tenant = $1");
        let pieces = [
            (query.status.is_some(), " AND status = $2"),
            (query.interview.is_some(), " AND interview_id = $3"),
            (query.before.is_some(), " AND id < $4"),
        ];
        for (_, piece) in pieces.iter().filter(|(wanted, _)| *wanted) {
            text.push_str(piece);
        }
        text.push_str(" ORDER BY id DESC LIMIT $5");
        let (interview, before) = (query.interview.map(|id| *id.as_uuid()), query.before.map(|id| *id.as_uuid()));
        let (status, limit) = (query.status.map(EvaluationStatus::as_str), i64::from(query.limit) + 1);
        let rows = self.read(
            &self.statements.names().place(&text),
            &[
                (&&**tenant, Type::TEXT),
                (&status, Type::TEXT),
                (&interview, Type::UUID),
                (&before, Type::UUID),
                (&limit, Type::INT8),
            ],
        )?;
        rows.iter().map(evaluation).collect()
    }

    /// An empty page by name is the end of the list, unless the interview whose name it begins after is gone.
    fn check_place(&self, connection: &mut Connection, tenant: &str, last: Option<Uuid>) -> Result<(), Failure> {
        let Some(last) = last else { return Ok(()) };
        let text = self.statements.names().text(
            "SELECT EXISTS (SELECT FROM {schema}.interviews WHERE id = $1 AND tenant = $2 AND erased_at IS NULL)",
        );
        let rows = connection.query(&text, &[(&last, Type::UUID), (&tenant, Type::TEXT)])?;
        let there = rows.first().map(|row| get(row, 0)).transpose()?.unwrap_or(false);
        if there { Ok(()) } else { Err(cursor_lost().into()) }
    }
}
