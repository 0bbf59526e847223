package vivavoce

import (
	"encoding/json"
	"errors"
	"time"
)

// An EvaluationStatus says how far an evaluation has come.
type EvaluationStatus string

const (
	// EvaluationPending means that it was asked for.
	EvaluationPending EvaluationStatus = "pending"
	// EvaluationRunning means that it is being made.
	EvaluationRunning EvaluationStatus = "running"
	// EvaluationCompleted means that every answer was judged (or there was none to judge).
	EvaluationCompleted EvaluationStatus = "completed"
	// EvaluationPartial means that some answers could not be judged; Failure says why.
	EvaluationPartial EvaluationStatus = "partial"
	// EvaluationFailed means that nothing could be judged; Failure says why.
	EvaluationFailed EvaluationStatus = "failed"
)

// IsFinal tells whether the evaluation stays as it is: what failed is asked for again as another evaluation.
func (s EvaluationStatus) IsFinal() bool {
	return s == EvaluationCompleted || s == EvaluationPartial || s == EvaluationFailed
}

// A Basis is what a rating rests on.
type Basis string

const (
	// BasisReference is a comparison with the question's reference answer.
	BasisReference Basis = "reference"
	// BasisKeyPoints is a comparison with the question's key points.
	BasisKeyPoints Basis = "key_points"
	// BasisRubric is the rubric's levels, read by a language model: there was no reference answer and no key points.
	BasisRubric Basis = "rubric"
	// BasisHeuristic is the question, the job description and the answer's own qualities: there was nothing to compare with.
	BasisHeuristic Basis = "heuristic"
	// BasisApplication is the judgement of an evaluator that the application brought.
	BasisApplication Basis = "application"
	// BasisPerson is a person's decision, whose reason is the rating's.
	BasisPerson Basis = "person"
)

// Unanswered says how planned questions without an answer count.
type Unanswered string

const (
	// UnansweredLowersScore counts them as a score of 0 with the question's weight.
	UnansweredLowersScore Unanswered = "lowers_score"
	// UnansweredIgnored does not count them; they are listed all the same.
	UnansweredIgnored Unanswered = "ignored"
)

// Combine says how the scores of several judges become one.
type Combine string

const (
	// CombineMedian takes the middle one; of an even number, the mean of the two in the middle.
	CombineMedian Combine = "median"
	// CombineMean takes the mean.
	CombineMean Combine = "mean"
)

// A FlagKind says what a suspicious span of an answer looks like.
type FlagKind string

const (
	// FlagInstruction is words that speak to the judge: to ignore the rubric, to give a score.
	FlagInstruction FlagKind = "instruction"
	// FlagFakeReply is a judgement in the form of a reply: JSON with scores or levels.
	FlagFakeReply FlagKind = "fake_reply"
	// FlagFakeMarker is what looks like a marker or a tag of a prompt.
	FlagFakeMarker FlagKind = "fake_marker"
	// FlagRoleHeader is a header of a role: "System:", "Assistant:", "Thought process:".
	FlagRoleHeader FlagKind = "role_header"
	// FlagHiddenText is characters that nobody sees.
	FlagHiddenText FlagKind = "hidden_text"
	// FlagEncodedText is text in an encoding: base64, hexadecimal and the like.
	FlagEncodedText FlagKind = "encoded_text"
)

// An Exchange is a question and the answer given to it.
type Exchange struct {
	// Question is the planned one, from 0, that was asked or probed; nil for a question outside the plan.
	Question *uint32 `json:"question"`
	// QuestionText is what was asked: the planned question's text, or the probe.
	QuestionText string `json:"question_text"`
	// Probe says whether it was a probe of an earlier answer.
	Probe bool `json:"probe"`
	// Answer is what the candidate said, byte for byte; may be empty for answers given without a session.
	Answer string `json:"answer"`
}

// A Quote is an exact span of an answer.
type Quote struct {
	// Start is where it begins in the answer, in Unicode code points from 0.
	Start uint32 `json:"start"`
	// End is where it ends (exclusive), in Unicode code points.
	End uint32 `json:"end"`
	// Text is the candidate's words from Start to End.
	Text string `json:"text"`
}

// A Rating is one competency's score for one exchange.
type Rating struct {
	// Exchange is its place in the evaluation, from 0.
	Exchange uint32 `json:"exchange"`
	// Competency is the rubric's.
	Competency string `json:"competency"`
	// Score is 0 to 1.
	Score float64 `json:"score"`
	// Basis is what the score rests on.
	Basis Basis `json:"basis"`
	// Confidence is how sure the evaluator is, 0 to 1.
	Confidence float64 `json:"confidence"`
	// Quotes are the candidate's words that support the score; a score of zero needs none.
	Quotes []Quote `json:"quotes"`
	// Reason is why this score, in the session's language; may be empty.
	Reason string `json:"reason"`
	// Spread of a panel is the highest of its judges' scores less the lowest; nil where no panel judged.
	Spread *float64 `json:"spread,omitempty"`
}

// A Coverage says how much of a key point was said.
type Coverage string

const (
	// CoverageCovered means that it was said: a share of two thirds at least.
	CoverageCovered Coverage = "covered"
	// CoveragePartly means that a part of it was said: a share of a sixth at least.
	CoveragePartly Coverage = "partly"
	// CoverageMissing means that it was not recognised in the answers.
	CoverageMissing Coverage = "missing"
)

// A KeyPointCoverage is what was said of one key point of a question, in all answers to it.
type KeyPointCoverage struct {
	// Exchange is the place in the evaluation, from 0, of the exchange whose answer says most of it; of a point that nothing was said of, the question's first.
	Exchange uint32 `json:"exchange"`
	// Point is its place in its question's list, from 0.
	Point uint32 `json:"point"`
	// Text is the key point, as the plan has it.
	Text string `json:"text"`
	// Coverage is how much of it was said, in a word.
	Coverage Coverage `json:"coverage"`
	// Share is how much of it was said, 0 to 1. A score by key points alone is their mean, less what a bare list of words loses.
	Share float64 `json:"share"`
	// Quotes are the candidate's words that say it, in that exchange's answer.
	Quotes []Quote `json:"quotes"`
}

// A CompetencyScore is a competency over the whole evaluation.
type CompetencyScore struct {
	// Competency is the rubric's.
	Competency string `json:"competency"`
	// Score is the weighted mean of its ratings, 0 to 1.
	Score float64 `json:"score"`
	// Weight is its weight in the rubric.
	Weight float64 `json:"weight"`
	// Ratings is how many it has.
	Ratings uint32 `json:"ratings"`
}

// PanelInfo says who sat on a panel, and how their scores became one.
type PanelInfo struct {
	// Judges stand by their number.
	Judges []EvaluatorInfo `json:"judges"`
	// Combine is how their scores became one.
	Combine Combine `json:"combine"`
	// Disagreement is by how much they may differ before a person is asked to look.
	Disagreement float64 `json:"disagreement"`
}

// EvaluatorInfo says who judged.
type EvaluatorInfo struct {
	// Provider is "builtin", a language-model provider, or "application".
	Provider string `json:"provider"`
	// Model is the model, or the application's own name for its evaluator.
	Model string `json:"model"`
	// Version is that of the model's rules or prompt.
	Version string `json:"version"`
	// Panel says who sat on it, for a panel.
	Panel *PanelInfo `json:"panel,omitempty"`
}

// An Evaluation is the result of judging a session or a set of answers.
type Evaluation struct {
	// ID names it.
	ID ID `json:"id"`
	// InterviewID is the interview whose answers are judged.
	InterviewID ID `json:"interview_id"`
	// SessionID is the session whose answers are judged; nil for answers given without one.
	SessionID *ID `json:"session_id"`
	// Status is how far it has come.
	Status EvaluationStatus `json:"status"`
	// Score is 0 to 1; nil until there is one, and where no answer was given.
	Score *float64 `json:"score"`
	// Feedback is the judgement in words, in Language, fit for the candidate's eyes: it does not give the reference answer away. Weaknesses, Recommendations and KeyPoints may.
	Feedback string `json:"feedback"`
	// Language is that of everything said here.
	Language Language `json:"language"`
	// Exchanges are what was judged, in order.
	Exchanges []Exchange `json:"exchanges"`
	// Ratings stand by exchange and competency.
	Ratings []Rating `json:"ratings"`
	// Competencies are each competency over all exchanges, in the rubric's order.
	Competencies []CompetencyScore `json:"competencies"`
	// Strengths are what was good.
	Strengths []string `json:"strengths"`
	// Weaknesses are what was lacking.
	Weaknesses []string `json:"weaknesses"`
	// Recommendations are what would help.
	Recommendations []string `json:"recommendations"`
	// Unanswered are the planned questions, from 0, that have no answer.
	Unanswered []uint32 `json:"unanswered"`
	// UnansweredPolicy is how those count.
	UnansweredPolicy Unanswered `json:"unanswered_policy"`
	// NeedsReview says why a person should look at this; empty when nobody needs to.
	NeedsReview []string `json:"needs_review"`
	// Failure is why it is partial or failed; nil where it is neither.
	Failure *string `json:"failure"`
	// Evaluator says who judged.
	Evaluator EvaluatorInfo `json:"evaluator"`
	// RubricHash is the SHA-256 of the rubric that was used, in hexadecimal.
	RubricHash string `json:"rubric_hash"`
	// CreatedAt is when it was asked for.
	CreatedAt time.Time `json:"created_at"`
	// CompletedAt is when it was completed, partially or not, or failed; nil before.
	CompletedAt *time.Time `json:"completed_at"`
	// Supersedes is the evaluation that this one takes the place of: it was made again, or a person changed a score. That one stays as it is.
	Supersedes *ID `json:"supersedes,omitempty"`
	// Overridden is what people changed since the answers were judged, oldest first.
	Overridden []Override `json:"overridden,omitempty"`
	// Missing are the ratings that could not be had.
	Missing []Missing `json:"missing,omitempty"`
	// Flags are what speaks to the judge in the answers.
	Flags []Flag `json:"flags,omitempty"`
	// Calibration is what corrected the built-in evaluator's scores, as name@version, see [Engine.Calibrate]; empty where nothing did.
	Calibration string `json:"calibration,omitempty"`
	// KeyPoints are what was said of the key points, by question and point; empty where no question has any, and where the evaluator tells nothing of them, as language models do.
	KeyPoints []KeyPointCoverage `json:"key_points,omitempty"`
	// Calls are the language model's replies that this rests on.
	Calls []ModelCall `json:"calls,omitempty"`
}

// Answered is an answer and its question, to be judged without an interview.
type Answered struct {
	// Question is what was asked.
	Question Question `json:"question"`
	// Answer is what was said, up to 32,000 characters.
	Answer string `json:"answer"`
}

// Judging says how answers without an interview are judged.
type Judging struct {
	// InterviewType decides the standard rubric.
	InterviewType InterviewType `json:"interview_type"`
	// Language is that of the judgement; empty for English.
	Language Language `json:"language,omitempty"`
	// JobDescription is the job; empty for none.
	JobDescription string `json:"job_description,omitempty"`
	// Rubric is what the answers are judged by; nil for the standard rubric of the type.
	Rubric *Rubric `json:"rubric,omitempty"`
	// Calibration corrects the built-in evaluator's scores: its name, for the newest of that name, or name@version; see [Engine.Calibrate]. Empty for none.
	Calibration string `json:"calibration,omitempty"`
}

// Judged is what became of one answer of several: a judgement, or why there is none.
type Judged struct {
	// Judgement is nil where judging failed.
	Judgement *AnswerEvaluation
	// Err is an [*Error], or nil where judging did not fail.
	Err error
}

// The document of a [Judged].
type judgedDocument struct {
	Judgement *AnswerEvaluation `json:"judgement,omitempty"`
	Err       *Error            `json:"error,omitempty"`
}

// UnmarshalJSON reads the library's document.
func (j *Judged) UnmarshalJSON(data []byte) error {
	var read judgedDocument
	if err := json.Unmarshal(data, &read); err != nil {
		return err
	}
	*j = Judged{Judgement: read.Judgement}
	if read.Err != nil {
		j.Err = read.Err
	}
	return nil
}

// MarshalJSON writes the library's document.
func (j Judged) MarshalJSON() ([]byte, error) {
	written := judgedDocument{Judgement: j.Judgement}
	if j.Err != nil && !errors.As(j.Err, &written.Err) {
		written.Err = &Error{Kind: ErrInternal, Message: "judging failed"}
	}
	return json.Marshal(written)
}

// An AnswerEvaluation is a judgement of one answer, kept nowhere. See [Evaluation] for the fields.
type AnswerEvaluation struct {
	// Score is 0 to 1: the ratings' mean, weighted by the rubric.
	Score float64 `json:"score"`
	// Ratings has one for each competency that was judged.
	Ratings []Rating `json:"ratings"`
	// Feedback is the judgement in words.
	Feedback string `json:"feedback"`
	// Strengths are what was good.
	Strengths []string `json:"strengths"`
	// Weaknesses are what was lacking.
	Weaknesses []string `json:"weaknesses"`
	// Recommendations are what would help.
	Recommendations []string `json:"recommendations"`
	// NeedsReview says why a person should look at this; empty when nobody needs to.
	NeedsReview []string `json:"needs_review"`
	// Evaluator says who judged.
	Evaluator EvaluatorInfo `json:"evaluator"`
	// RubricHash is that of the rubric that was used.
	RubricHash string `json:"rubric_hash"`
	// Missing are the ratings that could not be had.
	Missing []Missing `json:"missing,omitempty"`
	// Flags are what speaks to the judge in the answer.
	Flags []Flag `json:"flags,omitempty"`
	// Calibration is what corrected the built-in evaluator's scores, as name@version, see [Engine.Calibrate]; empty where nothing did.
	Calibration string `json:"calibration,omitempty"`
	// KeyPoints are what was said of the key points, by question and point; empty where no question has any, and where the evaluator tells nothing of them, as language models do.
	KeyPoints []KeyPointCoverage `json:"key_points,omitempty"`
	// Calls are the language model's replies that this rests on.
	Calls []ModelCall `json:"calls,omitempty"`
}

// A Scorecard is an evaluation with what a reader needs of its interview.
type Scorecard struct {
	// Schema is the number of this form.
	Schema uint32 `json:"schema"`
	// Interview is the evaluation's.
	Interview ScorecardInterview `json:"interview"`
	// Evaluation is the whole of it.
	Evaluation Evaluation `json:"evaluation"`
}

// A ScorecardInterview is what a scorecard says of its interview. See [Interview] for the fields.
type ScorecardInterview struct {
	// ID names it.
	ID ID `json:"id"`
	// CandidateName is the candidate's.
	CandidateName string `json:"candidate_name"`
	// InterviewType is what it is about.
	InterviewType InterviewType `json:"interview_type"`
	// InterviewLanguage is what it is planned in.
	InterviewLanguage Language `json:"interview_language"`
	// ExternalID is the application's own id of the candidate; nil for none.
	ExternalID *string `json:"external_id"`
	// CreatedAt is when it was planned.
	CreatedAt time.Time `json:"created_at"`
	// Questions are the planned ones, in order.
	Questions []ScorecardQuestion `json:"questions"`
}

// A ScorecardQuestion is what a scorecard says of a question. See [Question] for the fields.
type ScorecardQuestion struct {
	// Text is what is asked.
	Text string `json:"text"`
	// Competency is the rubric's that the answer shows; nil for all.
	Competency *string `json:"competency"`
	// Weight is how much the answer counts.
	Weight float64 `json:"weight"`
}

// ListEvaluations says which evaluations to list, and which page: newest first. The zero value lists all.
type ListEvaluations struct {
	// Status lets through evaluations of this status; empty for all.
	Status EvaluationStatus `json:"status,omitempty"`
	// InterviewID lets through this interview's evaluations, which are none where there is no such interview; nil for all.
	InterviewID *ID `json:"interview_id,omitempty"`
	// Limit is the length of a page, 1 to 100; 0 for 10.
	Limit uint32 `json:"limit,omitempty"`
	// Cursor is where the page before ended, its NextCursor; empty for the newest. The cost is the same at any depth.
	Cursor string `json:"cursor,omitempty"`
}

// An EvaluationPage is a page of a list of evaluations.
type EvaluationPage struct {
	// Evaluations stand newest first.
	Evaluations []*Evaluation `json:"evaluations"`
	// NextCursor is what the next page begins with; nil on the last page.
	NextCursor *string `json:"next_cursor"`
}
