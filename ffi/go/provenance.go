package vivavoce

import "time"

// Parameters say how a language model is to sample. What the model refused is left out.
type Parameters struct {
	// Temperature is 0 and up: how much chance there is in the words.
	Temperature *float64 `json:"temperature,omitempty"`
	// Seed is where the model's chance begins.
	Seed *uint32 `json:"seed,omitempty"`
}

// Tokens are what a call of a language model used.
type Tokens struct {
	// Input is all that was read, cached by the provider or not.
	Input uint64 `json:"input"`
	// Output is all that was written, thinking included.
	Output uint64 `json:"output"`
}

// A ModelCall is one reply of a language model that an evaluation rests on, with all that is needed to judge it again; or what was asked and had no reply.
type ModelCall struct {
	// Exchange is the one that it judged, from 0.
	Exchange uint32 `json:"exchange"`
	// Judge is which judge of a panel asked, from 0; 0 for a single judge.
	Judge uint32 `json:"judge"`
	// Model is the one that replied, "provider/model"; where none did, the first that was asked.
	Model string `json:"model"`
	// AnsweredBy is the model as it named itself in the reply, where it did.
	AnsweredBy *string `json:"answered_by,omitempty"`
	// Parameters are how it was to sample.
	Parameters Parameters `json:"parameters"`
	// PromptVersion is that of the prompt's file.
	PromptVersion string `json:"prompt_version"`
	// PromptHash is the SHA-256 of the whole prompt as it was sent, in hexadecimal.
	PromptHash string `json:"prompt_hash"`
	// SchemaHash is the SHA-256 of the reply's schema.
	SchemaHash string `json:"schema_hash"`
	// RequestID is the provider's id of the call, where it gave one.
	RequestID *string `json:"request_id,omitempty"`
	// Tokens are what it used; nothing is known of a call without a reply.
	Tokens Tokens `json:"tokens"`
	// Cost is in the currency of the application's price table; nil without a price.
	Cost *float64 `json:"cost,omitempty"`
	// DurationMS is how long it took, in milliseconds.
	DurationMS uint64 `json:"duration_ms"`
	// Tries is how many requests it took, those that failed included.
	Tries uint32 `json:"tries"`
	// Cached says whether the reply came from the cache; tokens and cost are then those of the call that filled it.
	Cached bool `json:"cached"`
	// Reply is byte for byte; empty where there was none.
	Reply string `json:"reply"`
	// Failure is why there was no reply.
	Failure *string `json:"failure,omitempty"`
}

// Missing is a rating that could not be had.
type Missing struct {
	// Exchange is the one, from 0.
	Exchange uint32 `json:"exchange"`
	// Competency is empty where the exchange has no rating at all.
	Competency string `json:"competency,omitempty"`
	// Reason is why.
	Reason string `json:"reason"`
}

// A Flag is a span of an answer that speaks to the judge instead of answering. It is a reason to look, not a judgement.
type Flag struct {
	// Exchange is the one, from 0.
	Exchange uint32 `json:"exchange"`
	// Kind is what it looks like.
	Kind FlagKind `json:"kind"`
	// Span is the candidate's words.
	Span Quote `json:"span"`
}

// An Override is a score that a person puts in the place of a judge's.
type Override struct {
	// By is the person who does so.
	By string `json:"by"`
	// Reason is why.
	Reason string `json:"reason"`
	// Score is 0 to 1.
	Score float64 `json:"score"`
	// Rating is the one that it is for, and the evaluation's scores follow from it; nil for the evaluation's whole score.
	Rating *RatingPlace `json:"rating,omitempty"`
}

// A RatingPlace names a rating of an evaluation.
type RatingPlace struct {
	// Exchange is the rating's, from 0.
	Exchange uint32 `json:"exchange"`
	// Competency is the rubric's.
	Competency string `json:"competency"`
}

// Spent is what a tenant has used of its budget for language models, calls under way counted by what they may use at most.
type Spent struct {
	// Tokens, read and written.
	Tokens uint64 `json:"tokens"`
	// Money, in the currency of the prices.
	Money float64 `json:"money"`
	// Since when.
	Since time.Time `json:"since"`
}
