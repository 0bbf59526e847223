package vivavoce

import "time"

// An Action is what happened.
type Action string

const (
	// ActionInterviewCreated means that an interview was planned.
	ActionInterviewCreated Action = "interview_created"
	// ActionInterviewUpdated means that an interview's plan was replaced by another, before anything had come of it.
	ActionInterviewUpdated Action = "interview_updated"
	// ActionSessionStarted means that a session was started.
	ActionSessionStarted Action = "session_started"
	// ActionMessageSent means that the interviewer said something.
	ActionMessageSent Action = "message_sent"
	// ActionMessageReceived means that the candidate said something.
	ActionMessageReceived Action = "message_received"
	// ActionSessionCompleted means that a session was completed.
	ActionSessionCompleted Action = "session_completed"
	// ActionSessionAbandoned means that a session was given up.
	ActionSessionAbandoned Action = "session_abandoned"
	// ActionEvaluationRequested means that an evaluation was asked for.
	ActionEvaluationRequested Action = "evaluation_requested"
	// ActionEvaluationCompleted means that an evaluation has its whole result.
	ActionEvaluationCompleted Action = "evaluation_completed"
	// ActionEvaluationPartial means that an evaluation has a part of its result.
	ActionEvaluationPartial Action = "evaluation_partial"
	// ActionEvaluationFailed means that an evaluation could not be made.
	ActionEvaluationFailed Action = "evaluation_failed"
	// ActionEvaluationOverridden means that a person changed a score; the new evaluation has the reason.
	ActionEvaluationOverridden Action = "evaluation_overridden"
	// ActionInterviewErased means that the candidate's name and words were erased.
	ActionInterviewErased Action = "interview_erased"
)

// An Event is one entry of the audit log as a reader sees it.
type Event struct {
	// InterviewID is the interview it belongs to.
	InterviewID ID `json:"interview_id"`
	// Number is its place in the interview's log, from 1 without gaps; a session's events have gaps where other sessions of the same interview wrote.
	Number uint64 `json:"number"`
	// SessionID is the session it belongs to, where it belongs to one.
	SessionID *ID `json:"session_id"`
	// Time is when it happened.
	Time time.Time `json:"time"`
	// Actor is who did it: "candidate", "interviewer", "evaluator", "application", "engine", or the name of whoever changed a score or asked for an erasure.
	Actor string `json:"actor"`
	// Action is what happened.
	Action Action `json:"action"`
	// Message is what was said, for a message; nil after erasure.
	Message *Message `json:"message"`
	// EvaluationID is the evaluation, for what happened to one.
	EvaluationID *ID `json:"evaluation_id"`
}

// An AuditHead is the end of an interview's audit log at some moment: "interview/number/link". Kept elsewhere, it proves later that nothing up to it was changed, removed or
// reordered.
type AuditHead string

// An AuditReport is what a verification of an interview's audit log found.
type AuditReport struct {
	// FirstBad is the first event, by number, that was changed, is missing or stands in another's place; nil where there is none.
	FirstBad *uint64 `json:"first_bad"`
	// Finding is what is wrong with it, in words without any content.
	Finding *string `json:"finding"`
	// Checked is how many events were checked.
	Checked uint64 `json:"checked"`
	// Erased is how many of those had their content erased: their links were checked, their content cannot be.
	Erased uint64 `json:"erased"`
	// Replaced is how many of those are of plans that others replaced: what they say and their links were checked as far as that goes without the plan, which is not kept.
	Replaced uint64 `json:"replaced"`
	// TailChecked says whether a head was given. Without one, a log whose end was cut off, or that was rewritten as a whole, cannot be told from a sound one.
	TailChecked bool `json:"tail_checked"`
}

// IsSound tells whether nothing wrong was found.
func (r *AuditReport) IsSound() bool { return r.FirstBad == nil }
