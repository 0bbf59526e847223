//! The parameters of lists.

use std::ops::RangeInclusive;
use std::str::FromStr;

use axum::extract::Query;
use axum::http::Uri;
use chrono::NaiveDate;
use serde::Deserialize;
use utoipa::IntoParams;
use vivavoce::{InterviewStatus, ListInterviews, Order, Paging, SortBy};

use crate::documents::names;
use crate::error::Failure;

/// Which page of a list.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
pub(super) struct PageParameters {
    /// How many at most.
    #[param(value_type = u32, minimum = 1, maximum = 100, default = 10, nullable = false)]
    limit: Option<String>,
    /// After how many to begin; the cost grows with the number.
    #[param(value_type = u64, minimum = 0, maximum = 1_000_000_000, nullable = false)]
    offset: Option<String>,
    /// Which page of `limit` each, from 1; `offset` counts before it.
    #[param(value_type = u64, minimum = 1, maximum = 1_000_000, nullable = false)]
    page: Option<String>,
    /// The `next_cursor` of the page before: reads on at the same cost at any depth, and counts before `offset` and `page`.
    #[param(value_type = String, nullable = false)]
    cursor: Option<String>,
}

/// Which interviews, and in what order.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
pub(super) struct FilterParameters {
    /// Only candidates whose name contains this, whatever the case.
    #[param(value_type = String, max_length = 200, nullable = false)]
    candidate_name: Option<String>,
    /// Only interviews of this status.
    #[param(value_type = names::InterviewStatus, nullable = false)]
    status: Option<String>,
    /// Only interviews created on this day (UTC) or later.
    #[param(value_type = String, format = Date, nullable = false)]
    date_from: Option<String>,
    /// Only interviews created on this day (UTC) or earlier.
    #[param(value_type = String, format = Date, nullable = false)]
    date_to: Option<String>,
    /// What to order by.
    #[param(value_type = names::SortBy, nullable = false)]
    sort_by: Option<String>,
    /// In which direction.
    #[param(value_type = names::SortOrder, nullable = false)]
    sort_order: Option<String>,
}

/// Parameters of a query.
///
/// # Errors
/// 400 where one is there twice.
pub(crate) fn read_query<T: for<'de> Deserialize<'de> + Default>(query: Option<&str>) -> Result<T, Failure> {
    let Some(query) = query else { return Ok(T::default()) };
    let uri: Result<Uri, _> = format!("/?{query}").parse();
    let read = uri.ok().and_then(|uri| Query::<T>::try_from_uri(&uri).ok());
    read.map(|Query(parameters)| parameters).ok_or_else(|| Failure::bad_request("Invalid query parameters"))
}

/// A parameter's value; an empty one counts as none.
///
/// # Errors
/// 400 where it is not of its type.
pub(crate) fn parameter<T: FromStr>(name: &str, text: Option<&str>) -> Result<Option<T>, Failure> {
    let value = text.filter(|text| !text.is_empty()).map(str::parse);
    value.transpose().map_err(|_| Failure::bad_request(format!("Invalid {name}")))
}

/// A number within a range; an empty one counts as none.
///
/// # Errors
/// 400 where it is not.
fn number(name: &str, text: Option<&str>, range: RangeInclusive<u64>) -> Result<Option<u64>, Failure> {
    match parameter(name, text)? {
        Some(number) if !range.contains(&number) => Err(Failure::bad_request(format!("Invalid {name}"))),
        number => Ok(number),
    }
}

impl PageParameters {
    /// A list with the page that they ask for.
    ///
    /// # Errors
    /// 400 where one is not of its type.
    pub(super) fn of(&self, list: ListInterviews) -> Result<ListInterviews, Failure> {
        let limit = parameter("limit", self.limit.as_deref())?.unwrap_or(list.limit);
        let offset = number("offset", self.offset.as_deref(), 0..=1_000_000_000)?;
        let page = number("page", self.page.as_deref(), 1..=1_000_000)?;
        let paged = page.map(|page| (page - 1).saturating_mul(limit.into()));
        let paging = match self.cursor.as_deref().filter(|cursor| !cursor.is_empty()) {
            Some(cursor) => Paging::Cursor(cursor.to_owned()),
            None => Paging::Offset(offset.or(paged).unwrap_or(0)),
        };
        Ok(ListInterviews { limit, total: matches!(paging, Paging::Offset(_)), paging, ..list })
    }
}

impl FilterParameters {
    /// The list that they ask for.
    ///
    /// # Errors
    /// 400 where one is not of its type.
    pub(super) fn resolve(&self) -> Result<ListInterviews, Failure> {
        let sort_by = match self.sort_by.as_deref() {
            None | Some("" | "date") => SortBy::Date,
            Some("name") => SortBy::Name,
            Some("status") => SortBy::Status,
            Some(_) => return Err(Failure::bad_request("Invalid sort_by")),
        };
        let order = match self.sort_order.as_deref() {
            None | Some("" | "desc") => Order::Descending,
            Some("asc") => Order::Ascending,
            Some(_) => return Err(Failure::bad_request("Invalid sort_order")),
        };
        Ok(ListInterviews {
            candidate_name: self.candidate_name.clone().filter(|name| !name.is_empty()),
            status: parameter::<InterviewStatus>("status", self.status.as_deref())?,
            date_from: parameter::<NaiveDate>("date_from", self.date_from.as_deref())?,
            date_to: parameter::<NaiveDate>("date_to", self.date_to.as_deref())?,
            sort_by,
            order,
            ..ListInterviews::default()
        })
    }
}
