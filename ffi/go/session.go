package vivavoce

import "time"

// A SessionStatus says where a session stands.
type SessionStatus string

const (
	// SessionActive means that messages are accepted.
	SessionActive SessionStatus = "active"
	// SessionCompleted means that it was ended by request, or because all answers were given.
	SessionCompleted SessionStatus = "completed"
	// SessionAbandoned means that it was given up, by request or after the configured idle time.
	SessionAbandoned SessionStatus = "abandoned"
)

// A Role says who speaks.
type Role string

const (
	// RoleInterviewer is the interviewer (an AI).
	RoleInterviewer Role = "interviewer"
	// RoleCandidate is the candidate.
	RoleCandidate Role = "candidate"
)

// A MessageKind says what a message does in the conversation.
type MessageKind string

const (
	// KindQuestion asks a planned question (the first one after the greeting).
	KindQuestion MessageKind = "question"
	// KindProbe asks further about a planned question.
	KindProbe MessageKind = "probe"
	// KindClosing ends the conversation.
	KindClosing MessageKind = "closing"
	// KindAnswer is the candidate speaking.
	KindAnswer MessageKind = "answer"
)

// An Origin says where words of an interviewer that speaks by a language model come from.
type Origin string

const (
	// OriginModel means the model's words, beside what is asked word for word.
	OriginModel Origin = "model"
	// OriginScripted means the scripted interviewer's: the model failed, and the application had asked for this.
	OriginScripted Origin = "scripted"
	// OriginGuarded means the scripted interviewer's: the model's words would have told what the candidate must not know, or were not what was asked for.
	OriginGuarded Origin = "guarded"
)

// A Message is one utterance.
type Message struct {
	// Content is what was said, byte for byte.
	Content string `json:"content"`
	// CreatedAt is when it was said.
	CreatedAt time.Time `json:"created_at"`
	// ID names it.
	ID ID `json:"id"`
	// Kind is what it does in the conversation.
	Kind MessageKind `json:"kind"`
	// Number is its place in the session, from 1 without gaps.
	Number uint32 `json:"number"`
	// Origin is where the interviewer's words come from, where that is said; empty where it is not.
	Origin Origin `json:"origin,omitempty"`
	// Question is the planned one, from 0, that the message asks, probes or answers; nil for a closing.
	Question *uint32 `json:"question"`
}

// Role is who said it.
func (m *Message) Role() Role {
	if m.Kind == KindAnswer {
		return RoleCandidate
	}
	return RoleInterviewer
}

// StartSession says how a session is started.
type StartSession struct {
	// SessionLanguage is what the library speaks; empty for the interview's.
	SessionLanguage Language `json:"session_language,omitempty"`
}

// A Session is one conversation, with everything said so far.
type Session struct {
	// ID names it.
	ID ID `json:"id"`
	// InterviewID is the interview it is about.
	InterviewID ID `json:"interview_id"`
	// SessionLanguage is what the library speaks in it.
	SessionLanguage Language `json:"session_language"`
	// Status is where it stands.
	Status SessionStatus `json:"status"`
	// Version rises with every change, so that a caller can notice that it moved; see [ExpectVersion].
	Version uint64 `json:"version"`
	// Messages are what was said, in order.
	Messages []Message `json:"messages"`
	// StartedAt is when the first message was said.
	StartedAt time.Time `json:"started_at"`
	// CreatedAt is when the session was made.
	CreatedAt time.Time `json:"created_at"`
	// UpdatedAt is when it last changed.
	UpdatedAt time.Time `json:"updated_at"`
	// EndedAt is when it was completed or abandoned; nil while it is active.
	EndedAt *time.Time `json:"ended_at,omitempty"`
}

// NextQuestion is what a candidate is to answer.
type NextQuestion struct {
	// Text is the interviewer's words.
	Text string
	// Number is that of their message in the session, from 1.
	Number uint32
}

// A Turn is a candidate's message with the interviewer's reply to it.
type Turn struct {
	// Message is what the candidate said, as it is kept.
	Message Message `json:"message"`
	// Reply is what the interviewer said.
	Reply Message `json:"reply"`
	// SessionStatus is where the session stood after the reply: [SessionCompleted] where that ended it.
	SessionStatus SessionStatus `json:"session_status"`
	// SessionVersion is the session's version after the reply.
	SessionVersion uint64 `json:"session_version"`
}

// Said is a part of a reply that is heard while it comes in.
type Said struct {
	// Words come after those before.
	Words string
	// Again says that what was heard so far does not count: the reply begins again. There are no words then.
	Again bool
}
