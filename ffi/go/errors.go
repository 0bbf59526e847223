package vivavoce

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"time"
)

// A Kind says what the caller should do about an error. Every kind is itself an error, for errors.Is:
//
//	if errors.Is(err, vivavoce.ErrNotFound) { … }
//
// The set and its numbers are the same in every language that Vivavoce is used from. A newer library may have kinds that are not listed here.
type Kind int32

const (
	// ErrInvalidInput says that the caller's value is wrong; the message says which field and which limit.
	ErrInvalidInput Kind = 1
	// ErrNotFound says that there is no such interview, session or evaluation for this tenant.
	ErrNotFound Kind = 2
	// ErrInvalidState says that the call is not allowed now: the session is not active, or the engine is closed.
	ErrInvalidState Kind = 3
	// ErrConflict says that an idempotency key was used for another request, or that a version which the caller named has moved.
	ErrConflict Kind = 4
	// ErrStorage says that the database failed or cannot be reached; [Error.Retryable] says whether trying again can help.
	ErrStorage Kind = 5
	// ErrProvider says that the language-model service, or the application's own interviewer or evaluator, failed.
	ErrProvider Kind = 6
	// ErrTimeout says that a deadline passed or that the call was cancelled.
	ErrTimeout Kind = 7
	// ErrLimited says that a rate limit or a budget was reached; [Error.RetryAfter] says when to come back.
	ErrLimited Kind = 8
	// ErrUnsupported says that this build of the library or this store cannot do it.
	ErrUnsupported Kind = 9
	// ErrInternal says that there is a bug, in the library or in a callback that panicked.
	ErrInternal Kind = 10
)

var kindNames = [...]string{
	ErrInvalidInput: "invalid_input",
	ErrNotFound:     "not_found",
	ErrInvalidState: "invalid_state",
	ErrConflict:     "conflict",
	ErrStorage:      "storage",
	ErrProvider:     "provider",
	ErrTimeout:      "timeout",
	ErrLimited:      "limited",
	ErrUnsupported:  "unsupported",
	ErrInternal:     "internal",
}

// String is the kind's name as documents and metrics have it, for example "not_found".
func (k Kind) String() string {
	if k > 0 && int(k) < len(kindNames) {
		return kindNames[k]
	}
	return fmt.Sprintf("kind %d", int32(k))
}

// MarshalText writes the kind's name.
func (k Kind) MarshalText() ([]byte, error) { return []byte(k.String()), nil }

// UnmarshalText reads a kind's name; one that is not known is a bug of this package, and so of kind [ErrInternal].
func (k *Kind) UnmarshalText(text []byte) error {
	*k = ErrInternal
	for kind, name := range kindNames {
		if name != "" && name == string(text) {
			*k = Kind(kind)
		}
	}
	return nil
}

// Error makes a kind an error.
func (k Kind) Error() string { return "vivavoce: " + k.String() }

// An Error is why a call failed. Its text never holds a secret or a candidate's words: it may be logged and shown.
//
// Every error of this package is an *Error, for errors.As. An interviewer, an evaluator or a subscriber of the application may return one to say how it failed.
type Error struct {
	// Kind says what the caller should do.
	Kind Kind
	// Message says what happened, and to which id.
	Message string
	// Retryable says whether the same call, made again later, can succeed.
	Retryable bool
	// RetryAfter is how long to wait before that; 0 where it is not known.
	RetryAfter time.Duration

	cause error
}

// The document of an [Error].
type errorDocument struct {
	Kind         Kind   `json:"kind"`
	Message      string `json:"message"`
	Retryable    bool   `json:"retryable"`
	RetryAfterMS int64  `json:"retry_after_ms,omitempty"`
}

// UnmarshalJSON reads the library's document.
func (e *Error) UnmarshalJSON(data []byte) error {
	var read errorDocument
	if err := json.Unmarshal(data, &read); err != nil {
		return err
	}
	*e = Error{Kind: read.Kind, Message: read.Message, Retryable: read.Retryable, RetryAfter: fromMilliseconds(read.RetryAfterMS)}
	return nil
}

// MarshalJSON writes the library's document.
func (e *Error) MarshalJSON() ([]byte, error) {
	return json.Marshal(errorDocument{e.Kind, e.Message, e.Retryable, milliseconds(e.RetryAfter)})
}

// Error is the message.
func (e *Error) Error() string {
	if e.Message == "" {
		return e.Kind.Error()
	}
	return "vivavoce: " + e.Message
}

// Is tells whether target is the error's [Kind].
func (e *Error) Is(target error) bool {
	kind, ok := target.(Kind)
	return ok && kind == e.Kind
}

// Unwrap is what caused the error, where that is known: [context.Canceled] or [context.DeadlineExceeded] where the call's context ended it, and what the application's own
// interviewer or evaluator returned where it failed in this very call. The cause's text is not part of this error's.
func (e *Error) Unwrap() error { return e.cause }

// A PanicError is the cause of an error where a callback panicked.
type PanicError struct {
	// Value is what it panicked with; it may hold what the callback was given.
	Value any
	// Stack is the stack at that moment, as [runtime/debug.Stack] writes it.
	Stack []byte
}

// Error says that a callback panicked; see Value for why.
func (e *PanicError) Error() string { return "a callback panicked" }

// Unwrap is what the callback panicked with, where that is an error.
func (e *PanicError) Unwrap() error {
	err, _ := e.Value.(error)
	return err
}

func invalidInput(format string, values ...any) *Error {
	return &Error{Kind: ErrInvalidInput, Message: fmt.Sprintf(format, values...)}
}

func errClosed() *Error { return &Error{Kind: ErrInvalidState, Message: "the engine is closed"} }

// The error of a call whose context was over before it began.
func overBefore(cause error) *Error {
	return &Error{Kind: ErrTimeout, Message: "the call's context was over before it began", cause: cause}
}

// failureOf is what the library is told of an error that a callback of the application returned. Only the message of an *Error goes along, as evaluations keep it and logs show
// it; nobody knows what other errors say.
func failureOf(whose string, err error) *Error {
	failure := &Error{Kind: ErrProvider, Message: "the " + whose + " failed", cause: err}
	var own *Error
	var kind Kind
	var panicked *PanicError
	switch {
	case errors.As(err, &panicked):
		failure.Kind, failure.Message = ErrInternal, "the "+whose+" panicked"
	case errors.As(err, &own):
		failure.Kind, failure.Retryable, failure.RetryAfter = own.Kind, own.Retryable, own.RetryAfter
		if own.Message != "" {
			failure.Message = own.Message
		}
	case errors.As(err, &kind):
		failure.Kind = kind
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		failure.Kind, failure.Message = ErrTimeout, "the "+whose+" was not done in time"
	}
	return failure
}

// Whole milliseconds, rounded up: a wait that is told is never too short, and a limit that is set is not lost.
func milliseconds(d time.Duration) int64 {
	if d <= 0 {
		return 0
	}
	return int64((d-1)/time.Millisecond) + 1
}

// What the library says in milliseconds: -1 for what is not known, and at most what a duration can hold.
func fromMilliseconds(ms int64) time.Duration {
	return time.Duration(min(max(ms, 0), math.MaxInt64/int64(time.Millisecond))) * time.Millisecond
}
