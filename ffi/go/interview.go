package vivavoce

import (
	"encoding/json"
	"time"
)

// A Language that an interview is held in, by its BCP 47 tag.
type Language string

const (
	// English.
	English Language = "en"
	// TraditionalChinese as written in Taiwan.
	TraditionalChinese Language = "zh-TW"
)

// An InterviewType says what an interview is about; it decides the standard rubric.
type InterviewType string

const (
	// General is a first conversation: background, motivation, communication.
	General InterviewType = "general"
	// Technical is about knowledge and problem solving.
	Technical InterviewType = "technical"
	// Behavioral is about what the candidate did in real situations.
	Behavioral InterviewType = "behavioral"
)

// An InterviewStatus says how far an interview has come.
type InterviewStatus string

const (
	// InterviewPending means that it is planned and no session has been started.
	InterviewPending InterviewStatus = "pending"
	// InterviewInProgress means that a session has been started and none has been completed.
	InterviewInProgress InterviewStatus = "in_progress"
	// InterviewCompleted means that a session has been completed.
	InterviewCompleted InterviewStatus = "completed"
)

// A Question of a plan. In JSON it is an object, or just its text.
type Question struct {
	// Text is what is asked, 1 to 4,000 characters.
	Text string `json:"text"`
	// Competency is the rubric's that the answer shows; without one, all of the rubric's competencies are rated.
	Competency string `json:"competency,omitempty"`
	// ReferenceAnswer is what a full answer says; never shown to the candidate. Nil for none.
	ReferenceAnswer *string `json:"reference_answer,omitempty"`
	// KeyPoints are what a full answer mentions, a point each; never shown to the candidate.
	KeyPoints []string `json:"key_points,omitempty"`
	// Weight is how much the answer counts against the others; 0 for the default of 1.
	Weight float64 `json:"weight,omitempty"`
	// TimeLimit is how long the candidate may take, in seconds, 1 to 86,400; shown, not enforced. 0 for none.
	TimeLimit uint32 `json:"time_limit,omitempty"`
	// FollowUps are what to ask further about this question, in order, before anything else is probed.
	FollowUps []string `json:"follow_ups,omitempty"`

	more unknown
}

// UnmarshalJSON reads an object, or just the text. Fields that are not known go on to the library, which refuses them.
func (q *Question) UnmarshalJSON(data []byte) (err error) {
	type fields Question
	var read fields
	if len(data) > 0 && data[0] == '"' {
		err = json.Unmarshal(data, &read.Text)
	} else {
		read.more, err = readAll(data, &read)
	}
	if err == nil {
		*q = Question(read)
	}
	return err
}

// MarshalJSON writes an object.
func (q Question) MarshalJSON() ([]byte, error) {
	type fields Question
	return writeAll(fields(q), q.more)
}

// A NewInterview is what an application gives to plan an interview. It is also the form of an interview file in JSON.
type NewInterview struct {
	// CandidateName has 1 to 200 characters.
	CandidateName string `json:"candidate_name"`
	// InterviewType is what the interview is about.
	InterviewType InterviewType `json:"interview_type"`
	// InterviewLanguage is what it is planned in; a session may be held in another. Empty for English.
	InterviewLanguage Language `json:"interview_language,omitempty"`
	// Questions are what the candidate is asked, in order: 1 to 200.
	Questions []Question `json:"questions,omitzero"`
	// JobDescription has up to 50,000 characters; empty for none.
	JobDescription string `json:"job_description,omitempty"`
	// Resume is the candidate's résumé, up to 50,000 characters; empty for none.
	Resume string `json:"resume,omitempty"`
	// ExternalID is the application's own id of the candidate, by which the candidate can be erased; see [Engine.EraseCandidate].
	ExternalID string `json:"external_id,omitempty"`
	// Rubric is how answers are judged; nil for the standard rubric of the type.
	Rubric *Rubric `json:"rubric,omitempty"`
	// Calibration corrects the built-in evaluator's scores: its name, for the newest of that name, or name@version; see [Engine.Calibrate]. Empty for none.
	Calibration string `json:"calibration,omitempty"`
	// MaxAnswers is after how many answers a session completes, 1 to 1,000; 0 for 8, or the number of questions if that is larger.
	MaxAnswers uint32 `json:"max_answers,omitempty"`

	more unknown
}

// UnmarshalJSON reads an interview file. Fields that are not known go on to the library, which refuses them.
func (n *NewInterview) UnmarshalJSON(data []byte) error {
	type fields NewInterview
	var read fields
	more, err := readAll(data, &read)
	if err == nil {
		*n, n.more = NewInterview(read), more
	}
	return err
}

// MarshalJSON writes an interview file.
func (n NewInterview) MarshalJSON() ([]byte, error) {
	type fields NewInterview
	return writeAll(fields(n), n.more)
}

// An Interview is a plan as it is kept.
type Interview struct {
	// ID names it; sorts by creation.
	ID ID `json:"id"`
	// CandidateName is the candidate's.
	CandidateName string `json:"candidate_name"`
	// InterviewType is what the interview is about.
	InterviewType InterviewType `json:"interview_type"`
	// InterviewLanguage is what it is planned in.
	InterviewLanguage Language `json:"interview_language"`
	// Questions are what the candidate is asked, in order.
	Questions []Question `json:"questions"`
	// JobDescription is nil where none was given.
	JobDescription *string `json:"job_description,omitempty"`
	// Resume is nil where none was given.
	Resume *string `json:"resume,omitempty"`
	// ExternalID is the application's own id of the candidate, or empty.
	ExternalID string `json:"external_id,omitempty"`
	// Rubric is how answers are judged, where the application said so.
	Rubric *Rubric `json:"rubric,omitempty"`
	// Calibration is the one that the plan names, as it names it, or empty.
	Calibration string `json:"calibration,omitempty"`
	// MaxAnswers is after how many answers a session completes.
	MaxAnswers uint32 `json:"max_answers"`
	// Status is how far it has come.
	Status InterviewStatus `json:"status"`
	// CreatedAt is when it was planned.
	CreatedAt time.Time `json:"created_at"`
	// UpdatedAt is when its plan was replaced, or its status changed, for the last time.
	UpdatedAt time.Time `json:"updated_at"`
}

// Plan is what the interview was planned with, to be changed and given to [Engine.UpdateInterview]. The questions and the rubric are the interview's own.
func (i *Interview) Plan() NewInterview {
	text := func(given *string) string {
		if given == nil {
			return ""
		}
		return *given
	}
	return NewInterview{
		CandidateName:     i.CandidateName,
		InterviewType:     i.InterviewType,
		InterviewLanguage: i.InterviewLanguage,
		Questions:         i.Questions,
		JobDescription:    text(i.JobDescription),
		Resume:            text(i.Resume),
		ExternalID:        i.ExternalID,
		Rubric:            i.Rubric,
		Calibration:       i.Calibration,
		MaxAnswers:        i.MaxAnswers,
	}
}

// A Rubric has the competencies that answers are judged by.
type Rubric struct {
	// Competencies are 1 to 30.
	Competencies []Competency `json:"competencies"`
}

// A Competency is something a candidate can show.
type Competency struct {
	// Name is unique in the rubric.
	Name string `json:"name"`
	// Description says what it means, for people and models; nil for none.
	Description *string `json:"description,omitempty"`
	// Weight is how much it counts against the others; 0 for the default of 1.
	Weight float64 `json:"weight,omitempty"`
	// Levels stand by rising score; there may be none.
	Levels []Level `json:"levels,omitempty"`

	more unknown
}

// UnmarshalJSON reads an object. Fields that are not known go on to the library, which refuses them.
func (c *Competency) UnmarshalJSON(data []byte) error {
	type fields Competency
	var read fields
	more, err := readAll(data, &read)
	if err == nil {
		*c, c.more = Competency(read), more
	}
	return err
}

// MarshalJSON writes an object.
func (c Competency) MarshalJSON() ([]byte, error) {
	type fields Competency
	return writeAll(fields(c), c.more)
}

// A Level of a competency says what an answer at this score looks like.
type Level struct {
	// Score is 0 to 1.
	Score float64 `json:"score"`
	// Anchor is the behaviour that shows it.
	Anchor string `json:"anchor"`
}

// Seniority is how much experience a job asks for.
type Seniority string

const (
	// Junior is asked for what is basic, and how it is learnt.
	Junior Seniority = "junior"
	// Mid works on their own.
	Mid Seniority = "mid"
	// Senior decides for others, and is asked to weigh and to answer for it.
	Senior Seniority = "senior"
)

// A QuestionRequest says what questions are wanted for.
type QuestionRequest struct {
	// InterviewType is what the interview is about; its standard rubric has the competencies.
	InterviewType InterviewType `json:"interview_type"`
	// Count is how many questions, 1 to 20.
	Count uint32 `json:"count"`
	// Level is how much experience the job asks for; empty for [Mid].
	Level Seniority `json:"level,omitempty"`
	// Language is what to ask in; empty for English.
	Language Language `json:"language,omitempty"`
	// JobDescription has up to 50,000 characters; empty for none.
	JobDescription string `json:"job_description,omitempty"`
	// Resume has up to 50,000 characters; empty for none.
	Resume string `json:"resume,omitempty"`
}

// SortBy is what a list is ordered by; interviews that are equal in it stand in the order of their creation.
type SortBy string

const (
	// SortByDate is when the interview was created.
	SortByDate SortBy = "date"
	// SortByName is the candidate's name with its case folded.
	SortByName SortBy = "name"
	// SortByStatus is the status's name, by its letters.
	SortByStatus SortBy = "status"
)

// An Order is the direction of a list.
type Order string

const (
	// Ascending has the smallest, or oldest, first.
	Ascending Order = "ascending"
	// Descending has the largest, or newest, first.
	Descending Order = "descending"
)

// A Date is a day in UTC, for example "2026-03-01".
type Date string

// DateOf is the day in UTC on which t lies.
func DateOf(t time.Time) Date { return Date(t.UTC().Format(time.DateOnly)) }

// Paging says where a page begins: one of its fields, or neither for the beginning.
type Paging struct {
	// Offset is after how many interviews. The cost grows with the number.
	Offset uint64 `json:"offset,omitempty"`
	// Cursor is where the page before ended, its NextCursor. The cost is the same at any depth.
	Cursor string `json:"cursor,omitempty"`
}

// ListInterviews says which interviews to list, in which order, and which page. The zero value lists the newest first.
type ListInterviews struct {
	// CandidateName lets through names that contain it, whatever the case; no character has a special meaning. Empty for all.
	CandidateName string `json:"candidate_name,omitempty"`
	// Status lets through interviews of this status; empty for all.
	Status InterviewStatus `json:"status,omitempty"`
	// DateFrom lets through interviews that were created on this day or later; empty for all.
	DateFrom Date `json:"date_from,omitempty"`
	// DateTo lets through interviews that were created on this day or earlier; empty for all.
	DateTo Date `json:"date_to,omitempty"`
	// SortBy is what to order by; empty for [SortByDate].
	SortBy SortBy `json:"sort_by,omitempty"`
	// Order is in which direction; empty for [Descending].
	Order Order `json:"order,omitempty"`
	// Limit is the length of a page, 1 to 100; 0 for 10.
	Limit uint32 `json:"limit,omitempty"`
	// Paging is where to begin.
	Paging Paging `json:"paging,omitzero"`
	// Total has all interviews counted that the filters let through; it costs a pass over them.
	Total bool `json:"total,omitempty"`
}

// An InterviewPage is a page of a list.
type InterviewPage struct {
	// Interviews stand in the list's order.
	Interviews []*Interview `json:"interviews"`
	// Total is how many the filters let through, where that was asked for.
	Total *uint64 `json:"total"`
	// NextCursor is what the next page begins with; nil on the last page.
	NextCursor *string `json:"next_cursor"`
}
