//! Lists of interviews and evaluations: the statement is put together of constant pieces, chosen by what is asked for; what the user wrote is always a parameter.

use std::sync::Arc;

use rusqlite::{Connection, ToSql, named_params};

use super::error::Outcome;
use super::read::{all, kept, one};
use super::rows::{self, INTERVIEW, signed64, unsigned};
use crate::domain::{Evaluation, EvaluationStatus, Interview};
use crate::store::list::cursor_lost;
use crate::store::{Bound, EvaluationQuery, ListQuery, Order, SortBy};

/// The index in whose order the page is read, so that its cost does not grow with the list.
fn index(query: &ListQuery) -> &'static str {
    match query.sort_by {
        SortBy::Date if query.status.is_some() => "interviews_by_status",
        SortBy::Date => "interviews_by_id",
        SortBy::Name => "interviews_by_name",
        SortBy::Status => "interviews_by_status",
    }
}

/// Which interviews: what both the page and the total look at.
fn filters(query: &ListQuery) -> String {
    let mut text = format!(" FROM interviews INDEXED BY {} WHERE tenant = :tenant AND erased_at IS NULL", index(query));
    let pieces = [
        (query.name.is_some(), " AND instr(candidate_name_folded, :name) > 0"),
        (query.status.is_some(), " AND status = :status"),
        (query.from.is_some(), " AND id >= :from"),
        (query.before.is_some(), " AND id < :before"),
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
        (SortBy::Date, Order::Ascending) => " AND id > :last",
        (SortBy::Date, Order::Descending) => " AND id < :last",
        (SortBy::Name, Order::Ascending) => " AND (candidate_name_folded, id) > (:last_name, :last)",
        (SortBy::Name, Order::Descending) => " AND (candidate_name_folded, id) < (:last_name, :last)",
        (SortBy::Status, Order::Ascending) => " AND (status, id) > (:last_status, :last)",
        (SortBy::Status, Order::Descending) => " AND (status, id) < (:last_status, :last)",
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

/// Values for those of the names that the statement has.
fn present<'a>(text: &str, values: &'a [(&'a str, &'a dyn ToSql)]) -> Vec<(&'a str, &'a dyn ToSql)> {
    let names: Vec<&str> = text
        .split(|c: char| !(c.is_ascii_alphanumeric() || c == '_' || c == ':'))
        .filter(|word| word.starts_with(':'))
        .collect();
    values.iter().filter(|(name, _)| names.contains(name)).copied().collect()
}

pub(super) fn list(
    connection: &Connection,
    tenant: &str,
    query: &ListQuery,
) -> Outcome<(Vec<Arc<Interview>>, Option<u64>)> {
    let transaction = connection.unchecked_transaction()?;
    let filters = filters(query);
    let (last, last_status, offset) = match query.bound {
        Bound::Offset(offset) => (None, None, signed64(offset)),
        Bound::After(keyset) => (Some(keyset.id.to_string()), keyset.status.map(|status| status.as_str()), 0),
    };
    let last_name: Option<String> = match &last {
        Some(last) if query.sort_by == SortBy::Name => {
            let text =
                "SELECT candidate_name_folded FROM interviews WHERE id = ?1 AND tenant = ?2 AND erased_at IS NULL";
            let name = one(&transaction, text, [last.as_str(), tenant], |row| Ok(row.get(0)?))?;
            Some(name.ok_or_else(cursor_lost)?)
        }
        _ => None,
    };
    let status = query.status.map(|status| status.as_str());
    let [from, before] = [query.from, query.before].map(|id| id.map(|id| id.to_string()));
    let limit = i64::from(query.limit) + 1;
    let values = named_params! {
        ":tenant": tenant, ":name": query.name, ":status": status, ":from": from, ":before": before,
        ":last": last, ":last_name": last_name, ":last_status": last_status.unwrap_or(""),
        ":limit": limit, ":offset": offset,
    };
    let page = format!("SELECT {INTERVIEW}{filters}{}{} LIMIT :limit OFFSET :offset", keyset(query), order(query));
    let interviews = all(&transaction, &page, &*present(&page, values), |row| rows::interview(row).map(Arc::new))?;
    let total = match query.total {
        false => None,
        true => {
            let count = format!("SELECT count(*){filters}");
            one(&transaction, &count, &*present(&count, values), |row| unsigned(row, 0))?
        }
    };
    Ok((interviews, total))
}

pub(super) fn list_evaluations(
    connection: &Connection,
    tenant: &str,
    query: &EvaluationQuery,
) -> Outcome<Vec<Arc<Evaluation>>> {
    // In the order of an index, so that the page's cost does not grow with the list.
    let mut text = String::from("SELECT evaluations.document, evaluations.status FROM ");
    text.push_str(match (query.interview, query.status) {
        (Some(_), _) => {
            "interviews CROSS JOIN evaluations INDEXED BY evaluations_by_interview ON evaluations.interview = interviews.seq \
             WHERE interviews.id = :interview AND interviews.tenant = :tenant"
        }
        (None, Some(_)) => "evaluations INDEXED BY evaluations_by_status WHERE evaluations.tenant = :tenant",
        (None, None) => "evaluations INDEXED BY evaluations_by_id WHERE evaluations.tenant = :tenant",
    });
    let pieces = [
        (query.status.is_some(), " AND evaluations.status = :status"),
        (query.before.is_some(), " AND evaluations.id < :before"),
    ];
    for (_, piece) in pieces.iter().filter(|(wanted, _)| *wanted) {
        text.push_str(piece);
    }
    text.push_str(" ORDER BY evaluations.id DESC LIMIT :limit");
    let (interview, status) = (query.interview.map(|id| id.to_string()), query.status.map(EvaluationStatus::as_str));
    let before = query.before.as_ref().map(|id| id.as_uuid().as_bytes());
    let limit = i64::from(query.limit) + 1;
    let values = named_params! {
        ":tenant": tenant, ":interview": interview, ":status": status, ":before": before, ":limit": limit,
    };
    all(connection, &text, &*present(&text, values), kept)
}
