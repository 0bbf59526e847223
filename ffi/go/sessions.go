package vivavoce

// #include "calls.h"
import "C"

import (
	"context"
	"runtime/cgo"
)

// StartSession starts a session, whose first message is the first question.
//
// [ErrNotFound] where there is no such interview.
func (e *Engine) StartSession(ctx context.Context, interview ID, start StartSession, options ...CallOption) (*Session, error) {
	document, err := encode("the start", start)
	if err != nil {
		return nil, err
	}
	return made[*Session](ctx, e, options, func(engine *C.vv_engine, call C.vvgo_call, texts *C.char) C.vvgo_result {
		return C.vvgo_start_session(engine, interview.c(), chars(document), C.size_t(len(document)), call, texts)
	})
}

// Session reads a session with its messages: what this process has seen of it, and so up to the engine's read staleness behind other processes.
//
// [ErrNotFound] where there is none, or its interview was erased.
func (e *Engine) Session(ctx context.Context, id ID) (*Session, error) {
	return read[*Session](ctx, e, func(engine *C.vv_engine) C.vvgo_result { return C.vvgo_session(engine, id.c(), false) })
}

// SessionExact reads a session as the store has it now.
//
// The errors are those of [Engine.Session].
func (e *Engine) SessionExact(ctx context.Context, id ID) (*Session, error) {
	return read[*Session](ctx, e, func(engine *C.vv_engine) C.vvgo_result { return C.vvgo_session(engine, id.c(), true) })
}

// Sessions are the ids of an interview's sessions, oldest first.
//
// [ErrNotFound] where there is no such interview.
func (e *Engine) Sessions(ctx context.Context, interview ID) ([]ID, error) {
	return read[[]ID](ctx, e, func(engine *C.vv_engine) C.vvgo_result { return C.vvgo_sessions(engine, interview.c()) })
}

// NextQuestion is what the candidate is to answer now: the interviewer's last words.
//
// [ErrNotFound]; [ErrInvalidState] where the session is not active, or the reply to the candidate's last message is missing.
func (e *Engine) NextQuestion(ctx context.Context, session ID) (NextQuestion, error) {
	var c call
	if err := c.begin(ctx, e); err != nil {
		return NextQuestion{}, err
	}
	r := C.vvgo_next_question(c.handle.engine, session.c())
	if err := c.end(&r); err != nil {
		return NextQuestion{}, err
	}
	return NextQuestion{Text: text(&r), Number: uint32(r.number)}, nil
}

// SendMessage sends the candidate's message and gives the turn: the message as it is kept, and the reply. Calls on one session take turns.
//
// Where the interviewer fails the message is kept and its turn is pending: the same call again, with its key or the same text, continues it and stores nothing twice.
//
// [ErrNotFound]; [ErrInvalidState] where the session is not active; [ErrInvalidInput] where the text is blank, longer than 32,000 characters, not UTF-8 or has a NUL;
// [ErrConflict], [ErrTimeout], and whatever kept the interviewer from speaking.
func (e *Engine) SendMessage(ctx context.Context, session ID, text string, options ...CallOption) (turn Turn, err error) {
	var c call
	if err := c.beginWith(ctx, e, options); err != nil {
		return turn, err
	}
	s := sendings.Get().(*sending)
	C.vvgo_send_message(c.handle.engine, session.c(), chars(text), C.size_t(len(text)), c.brings, chars(c.texts), s.lent())
	if err = c.end(s.result()); err == nil {
		turn.take(s, text)
	}
	sendings.Put(s)
	return turn, err
}

// SendMessageHeard does what [Engine.SendMessage] does, and hear is called with each part of the reply while it comes in, on the caller's goroutine. What was heard in the end is
// the reply. hear must not send to this session.
//
// The errors are those of [Engine.SendMessage].
func (e *Engine) SendMessageHeard(ctx context.Context, session ID, text string, hear func(Said), options ...CallOption) (turn Turn, err error) {
	var c call
	if err := c.beginWith(ctx, e, options); err != nil {
		return Turn{}, err
	}
	// The call has a goroutine of its own, so that C has no frames below hear, which may panic or end its goroutine.
	said := make(chan Said)
	go func() {
		defer close(said)
		heard := cgo.NewHandle(said)
		defer heard.Delete()
		s := sendings.Get().(*sending)
		C.vvgo_send_message_heard(c.handle.engine, session.c(), chars(text), C.size_t(len(text)), c.brings, chars(c.texts), C.uintptr_t(heard), s.lent())
		if err = c.end(s.result()); err == nil {
			turn.take(s, text)
		}
		sendings.Put(s)
	}()
	// However hear ends, the call is waited for.
	defer func() {
		for range said {
		}
	}()
	for part := range said {
		hear(part)
	}
	return turn, err
}

// EndSession ends a session and has it evaluated. A failing evaluator is no error: the evaluation is then failed and says why. Where the call ends before the evaluation is
// made, the same call makes it later.
//
// [ErrNotFound], [ErrConflict], [ErrTimeout].
func (e *Engine) EndSession(ctx context.Context, session ID, options ...CallOption) (*Evaluation, error) {
	return made[*Evaluation](ctx, e, options, func(engine *C.vv_engine, call C.vvgo_call, texts *C.char) C.vvgo_result {
		return C.vvgo_end_session(engine, session.c(), call, texts)
	})
}

// AbandonSession abandons a session: it takes no more messages and is not evaluated.
//
// [ErrNotFound]; [ErrInvalidState] where it is completed; [ErrConflict], [ErrTimeout].
func (e *Engine) AbandonSession(ctx context.Context, id ID, options ...CallOption) (*Session, error) {
	return made[*Session](ctx, e, options, func(engine *C.vv_engine, call C.vvgo_call, texts *C.char) C.vvgo_result {
		return C.vvgo_abandon_session(engine, id.c(), call, texts)
	})
}

// AbandonIdleSessions abandons the sessions that had no message for the engine's idle time (see [WithIdleTimeout]), and gives their ids.
//
// [ErrStorage] where the store fails.
func (e *Engine) AbandonIdleSessions(ctx context.Context) ([]ID, error) {
	return read[[]ID](ctx, e, func(engine *C.vv_engine) C.vvgo_result { return C.vvgo_abandon_idle_sessions(engine) })
}
