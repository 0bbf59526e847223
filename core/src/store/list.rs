//! Lists of interviews and evaluations: what can be asked for, and the cursors by which a list is read to any depth at the same cost.

use chrono::{Days, NaiveDate, NaiveTime};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

use crate::domain::canonical::{from_hex, hex, sha256};
use crate::domain::{Evaluation, EvaluationId, EvaluationStatus, Interview, InterviewId, InterviewStatus, limits};
use crate::error::{Error, Result};

/// What a list is ordered by; interviews that are equal in it stand in the order of their creation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SortBy {
    /// When the interview was created.
    #[default]
    Date,
    /// The candidate's name with its case folded, by Unicode scalar values.
    Name,
    /// The status's name, by its letters.
    Status,
}

/// The direction of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Order {
    /// Smallest, or oldest, first.
    Ascending,
    /// Largest, or newest, first.
    #[default]
    Descending,
}

/// Where a page begins.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Paging {
    /// After this many interviews. The cost grows with the number.
    Offset(u64),
    /// Where the page before ended: its [`next_cursor`](InterviewPage::next_cursor). The cost is the same at any depth.
    Cursor(String),
}

impl Default for Paging {
    fn default() -> Self {
        Self::Offset(0)
    }
}

/// Which interviews to list, in which order, and which page.
///
/// ```
/// use vivavoce::{Engine, InterviewType, ListInterviews, NewInterview, Paging};
///
/// let engine = Engine::open("memory:")?;
/// for name in ["Ada", "Grace", "Barbara"] {
///     engine.create_interview(NewInterview::new(name, InterviewType::General).question("Who are you?"))?;
/// }
/// let mut list = ListInterviews { limit: 2, ..ListInterviews::default() };
/// let first = engine.list_interviews(&list)?;
/// assert_eq!(first.interviews[0].candidate_name, "Barbara");
/// list.paging = Paging::Cursor(first.next_cursor.expect("there is a second page"));
/// assert_eq!(engine.list_interviews(&list)?.interviews[0].candidate_name, "Ada");
/// # Ok::<(), vivavoce::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ListInterviews {
    /// Only candidates whose name contains this, whatever the case; no character has a special meaning.
    pub candidate_name: Option<String>,
    /// Only interviews of this status.
    pub status: Option<InterviewStatus>,
    /// Only interviews created on this day (UTC) or later.
    pub date_from: Option<NaiveDate>,
    /// Only interviews created on this day (UTC) or earlier.
    pub date_to: Option<NaiveDate>,
    /// What to order by.
    pub sort_by: SortBy,
    /// In which direction.
    pub order: Order,
    /// How many at most, 1 to 100.
    pub limit: u32,
    /// Where to begin.
    pub paging: Paging,
    /// Whether to count all interviews that the filters let through; costs a pass over them.
    pub total: bool,
}

impl Default for ListInterviews {
    fn default() -> Self {
        Self {
            candidate_name: None,
            status: None,
            date_from: None,
            date_to: None,
            sort_by: SortBy::default(),
            order: Order::default(),
            limit: 10,
            paging: Paging::default(),
            total: false,
        }
    }
}

/// A page of a list.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct InterviewPage {
    /// The interviews, in order.
    pub interviews: Vec<Arc<Interview>>,
    /// How many the filters let through, where that was asked for.
    pub total: Option<u64>,
    /// What the next page begins with; none on the last page.
    pub next_cursor: Option<String>,
}

/// Where the page before ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Keyset {
    pub(crate) id: InterviewId,
    /// The status by which that interview was in its place, for lists by status. A list by name looks its name up, so that no cursor holds a name.
    pub(crate) status: Option<InterviewStatus>,
}

/// Where a page begins, as a store reads it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Bound {
    Offset(u64),
    After(Keyset),
}

/// A list as a store reads it: everything checked, dates as ranges of ids, which sort by time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ListQuery {
    /// The folded part of the name.
    pub(crate) name: Option<String>,
    pub(crate) status: Option<InterviewStatus>,
    /// Smallest id, inclusive.
    pub(crate) from: Option<InterviewId>,
    /// Largest id, exclusive.
    pub(crate) before: Option<InterviewId>,
    pub(crate) sort_by: SortBy,
    pub(crate) order: Order,
    pub(crate) bound: Bound,
    pub(crate) limit: u32,
    pub(crate) total: bool,
}

/// A name as it is searched and ordered: full Unicode case folding (CaseFolding.txt, statuses C and F).
pub(crate) fn fold(name: &str) -> String {
    unicase::UniCase::unicode(name).to_folded_case()
}

const CURSOR_VERSION: u8 = 1;
const NO_STATUS: u8 = u8::MAX;
type Fingerprint = [u8; 8];

impl ListInterviews {
    /// Checks everything and resolves the cursor.
    pub(crate) fn resolve(&self) -> Result<ListQuery> {
        limits::count("limit", self.limit as usize, 1, limits::MAX_PAGE as usize)?;
        if let Some(name) = &self.candidate_name {
            limits::optional_text("candidate_name", name, limits::MAX_NAME)?;
        }
        let midnight = |day: NaiveDate| InterviewId::lower_bound(day.and_time(NaiveTime::MIN).and_utc());
        let bound = match &self.paging {
            Paging::Offset(offset) if *offset > i64::MAX as u64 => {
                return Err(Error::invalid_input("offset is too large"));
            }
            Paging::Offset(offset) => Bound::Offset(*offset),
            Paging::Cursor(cursor) => Bound::After(self.read_cursor(cursor)?),
        };
        Ok(ListQuery {
            name: self.candidate_name.as_deref().filter(|name| !name.is_empty()).map(fold),
            status: self.status,
            from: self.date_from.map(midnight),
            before: self.date_to.and_then(|day| day.checked_add_days(Days::new(1))).map(midnight),
            sort_by: self.sort_by,
            order: self.order,
            bound,
            limit: self.limit,
            total: self.total,
        })
    }

    /// The page of what a store found for this list: up to one row more than the limit.
    pub(crate) fn page(&self, mut interviews: Vec<Arc<Interview>>, total: Option<u64>) -> InterviewPage {
        let limit = self.limit as usize;
        let more = interviews.len() > limit;
        interviews.truncate(limit);
        let next_cursor = interviews.last().filter(|_| more).map(|last| self.write_cursor(last));
        InterviewPage { interviews, total, next_cursor }
    }

    /// What a cursor is good for: the same filters and order.
    fn fingerprint(&self) -> Fingerprint {
        fingerprint(&(&self.candidate_name, self.status, self.date_from, self.date_to, self.sort_by, self.order))
    }

    fn write_cursor(&self, last: &Interview) -> String {
        let status = match self.sort_by {
            SortBy::Status => InterviewStatus::ALL.iter().position(|status| *status == last.status),
            SortBy::Date | SortBy::Name => None,
        };
        let status = status.and_then(|place| u8::try_from(place).ok()).unwrap_or(NO_STATUS);
        let mut bytes = vec![CURSOR_VERSION, status];
        bytes.extend(self.fingerprint());
        bytes.extend(last.id.as_uuid().as_bytes());
        hex(&bytes)
    }

    fn read_cursor(&self, cursor: &str) -> Result<Keyset> {
        let bytes = from_hex::<26>(cursor).ok_or_else(unreadable)?;
        let status = InterviewStatus::ALL.get(bytes[1] as usize).copied();
        let fits = bytes[0] == CURSOR_VERSION
            && bytes[2..10] == self.fingerprint()
            && status.is_some() == (self.sort_by == SortBy::Status)
            && (status.is_some() || bytes[1] == NO_STATUS);
        if !fits {
            return Err(unreadable());
        }
        let mut id = [0; 16];
        id.copy_from_slice(&bytes[10..]);
        Ok(Keyset { id: uuid::Uuid::from_bytes(id).into(), status })
    }
}

/// Which evaluations to list, and which page: newest first.
///
/// ```
/// use std::collections::BTreeMap;
/// use vivavoce::{Engine, EvaluationStatus, InterviewType, ListEvaluations, NewInterview};
///
/// let engine = Engine::open("memory:")?;
/// let plan = NewInterview::new("Ada", InterviewType::General).question("Who are you?");
/// let interview = engine.create_interview(plan)?;
/// for answer in ["A mathematician.", "A programmer."] {
///     engine.evaluate(interview.id, &BTreeMap::from([(0, answer.to_owned())]))?;
/// }
/// let mut list =
///     ListEvaluations { status: Some(EvaluationStatus::Completed), limit: 1, ..ListEvaluations::default() };
/// let first = engine.list_evaluations(&list)?;
/// assert_eq!(first.evaluations[0].exchanges[0].answer, "A programmer.");
/// list.cursor = first.next_cursor;
/// assert_eq!(engine.list_evaluations(&list)?.next_cursor, None);
/// # Ok::<(), vivavoce::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ListEvaluations {
    /// Only evaluations of this status.
    pub status: Option<EvaluationStatus>,
    /// Only this interview's evaluations; none where there is no such interview.
    pub interview_id: Option<InterviewId>,
    /// How many at most, 1 to 100.
    pub limit: u32,
    /// Where the page before ended: its [`next_cursor`](EvaluationPage::next_cursor). Without, the newest come first. The cost is the same at any depth.
    pub cursor: Option<String>,
}

impl Default for ListEvaluations {
    fn default() -> Self {
        Self { status: None, interview_id: None, limit: 10, cursor: None }
    }
}

/// A page of a list of evaluations.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct EvaluationPage {
    /// The evaluations, newest first.
    pub evaluations: Vec<Arc<Evaluation>>,
    /// What the next page begins with; none on the last page.
    pub next_cursor: Option<String>,
}

/// A list of evaluations as a store reads it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct EvaluationQuery {
    pub(crate) status: Option<EvaluationStatus>,
    pub(crate) interview: Option<InterviewId>,
    /// Only those before this one, by id, which sorts by time.
    pub(crate) before: Option<EvaluationId>,
    pub(crate) limit: u32,
}

impl ListEvaluations {
    /// Checks everything and resolves the cursor.
    pub(crate) fn resolve(&self) -> Result<EvaluationQuery> {
        limits::count("limit", self.limit as usize, 1, limits::MAX_PAGE as usize)?;
        Ok(EvaluationQuery {
            status: self.status,
            interview: self.interview_id,
            before: self.cursor.as_deref().map(|cursor| self.read_cursor(cursor)).transpose()?,
            limit: self.limit,
        })
    }

    /// The page of what a store found for this list: up to one row more than the limit.
    pub(crate) fn page(&self, mut evaluations: Vec<Arc<Evaluation>>) -> EvaluationPage {
        let limit = self.limit as usize;
        let more = evaluations.len() > limit;
        evaluations.truncate(limit);
        let next_cursor = evaluations.last().filter(|_| more).map(|last| self.write_cursor(last.id));
        EvaluationPage { evaluations, next_cursor }
    }

    fn write_cursor(&self, last: EvaluationId) -> String {
        let mut bytes = vec![CURSOR_VERSION];
        bytes.extend(fingerprint(&(self.status, self.interview_id)));
        bytes.extend(last.as_uuid().as_bytes());
        hex(&bytes)
    }

    fn read_cursor(&self, cursor: &str) -> Result<EvaluationId> {
        // Of another length than that of a list of interviews.
        let bytes = from_hex::<25>(cursor).ok_or_else(unreadable)?;
        if bytes[0] != CURSOR_VERSION || bytes[1..9] != fingerprint(&(self.status, self.interview_id)) {
            return Err(unreadable());
        }
        let mut id = [0; 16];
        id.copy_from_slice(&bytes[9..]);
        Ok(uuid::Uuid::from_bytes(id).into())
    }
}

fn unreadable() -> Error {
    Error::invalid_input("cursor is not one that a page of this list returned")
}

/// What a cursor is good for: the same filters and order.
fn fingerprint(same: &impl std::fmt::Debug) -> Fingerprint {
    let digest = sha256(&[format!("{same:?}").as_bytes()]);
    let mut fingerprint = Fingerprint::default();
    fingerprint.copy_from_slice(&digest[..8]);
    fingerprint
}

/// What a cursor of a list by name answers when the interview it stood on was erased.
pub(crate) fn cursor_lost() -> Error {
    Error::invalid_input("cursor stands on an interview that was erased: read the list from its beginning")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{InterviewType, NewInterview};
    use chrono::{DateTime, Utc};
    use proptest::prelude::*;

    fn list(sort_by: SortBy) -> ListInterviews {
        ListInterviews { sort_by, ..ListInterviews::default() }
    }

    #[test]
    fn cursors_are_read_back_by_the_same_list_only() {
        let interview = NewInterview::new("Ada", InterviewType::General)
            .question("Who?")
            .into_interview(InterviewId::new(DateTime::<Utc>::UNIX_EPOCH, [7; 10]), DateTime::UNIX_EPOCH);
        for sort_by in [SortBy::Date, SortBy::Name, SortBy::Status] {
            let cursor = list(sort_by).write_cursor(&interview);
            let keyset = list(sort_by).read_cursor(&cursor).unwrap();
            assert_eq!(keyset.id, interview.id);
            assert_eq!(keyset.status.is_some(), sort_by == SortBy::Status);
            let other = ListInterviews { status: Some(InterviewStatus::Completed), ..list(sort_by) };
            assert!(other.read_cursor(&cursor).is_err());
            assert!(!cursor.contains("Ada"));
        }
    }

    #[test]
    fn folding_is_that_of_unicode() {
        assert_eq!(fold("STRASSE"), fold("Straße"));
        assert_eq!(fold("ΣΊΣΥΦΟΣ"), fold("σίσυφος"));
        assert_eq!(fold("王小明"), "王小明");
    }

    proptest! {
        #[test]
        fn a_cursor_that_was_changed_is_refused_or_stands_on_another_interview(
            place in 0_usize..26, bits in 1_u8..=255, id: [u8; 10], sort_by in 0_usize..3,
        ) {
            let interview = NewInterview::new("Ada", InterviewType::General)
                .question("Who?")
                .into_interview(InterviewId::new(DateTime::UNIX_EPOCH, id), DateTime::UNIX_EPOCH);
            let list = list([SortBy::Date, SortBy::Name, SortBy::Status][sort_by]);
            let mut bytes = from_hex::<26>(&list.write_cursor(&interview)).unwrap();
            bytes[place] ^= bits;
            match list.read_cursor(&hex(&bytes)) {
                // The version, the status and the list it is good for are checked; which interview it stands on is for the store to say.
                Ok(keyset) => prop_assert!(keyset.id != interview.id || place == 1 && sort_by == 2),
                Err(error) => prop_assert_eq!(error.kind(), crate::ErrorKind::InvalidInput),
            }
        }

        #[test]
        fn any_cursor_is_read_or_refused(cursor in "[0-9a-fA-F\\PC]{0,60}") {
            if let Err(error) = list(SortBy::Date).read_cursor(&cursor) {
                prop_assert_eq!(error.kind(), crate::ErrorKind::InvalidInput);
            }
            if let Err(error) = ListEvaluations::default().read_cursor(&cursor) {
                prop_assert_eq!(error.kind(), crate::ErrorKind::InvalidInput);
            }
        }

        #[test]
        fn a_cursor_of_evaluations_is_good_for_its_own_list(place in 0_usize..25, bits in 1_u8..=255, id: u128) {
            let id = EvaluationId::from(uuid::Uuid::from_u128(id));
            let all = ListEvaluations::default();
            let cursor = all.write_cursor(id);
            prop_assert_eq!(all.read_cursor(&cursor).unwrap(), id);
            let of_one = ListEvaluations { interview_id: Some(uuid::Uuid::nil().into()), ..all.clone() };
            let failed = ListEvaluations { status: Some(EvaluationStatus::Failed), ..all.clone() };
            for other in [of_one, failed] {
                prop_assert!(other.read_cursor(&cursor).is_err());
            }
            prop_assert!(list(SortBy::Date).read_cursor(&cursor).is_err());
            let mut bytes = from_hex::<25>(&cursor).unwrap();
            bytes[place] ^= bits;
            prop_assert!(all.read_cursor(&hex(&bytes)).map_or(true, |other| other != id && place >= 9));
        }
    }
}
