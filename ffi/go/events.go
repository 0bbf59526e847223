package vivavoce

// #include "calls.h"
import "C"

import (
	"context"
	"errors"
	"iter"
	"time"
)

const (
	// How often the engine looks for what other processes write.
	eventsLook = 100 * time.Millisecond
	// How long it waits for an event in one call. What is of this process, the end of the context and the end of the engine wake it.
	eventsWait = time.Minute
)

// Events are a session's events after the one numbered after (0 for all), in order, each once; it waits for further ones until the context is over, which is no error. An error
// ends it. Events of this process come at once, those of other processes within 100 ms.
//
// [ErrNotFound] where there is no such session; [ErrInvalidState] when the engine is closed.
func (e *Engine) Events(ctx context.Context, session ID, after uint64) iter.Seq2[*Event, error] {
	return func(yield func(*Event, error) bool) {
		for after := after; ctx.Err() == nil; {
			events, err := e.nextEvents(ctx, session, after)
			if err != nil && ctx.Err() != nil && errors.Is(err, ctx.Err()) {
				return
			}
			if after, err = tell(events, err, after, yield); err != nil {
				return
			}
		}
	}
}

// PastEvents are a session's events after the one numbered after (0 for all), in order, up to now. An error ends it.
//
// [ErrNotFound] where there is no such session.
func (e *Engine) PastEvents(ctx context.Context, session ID, after uint64) iter.Seq2[*Event, error] {
	return func(yield func(*Event, error) bool) {
		for after := after; ; {
			events, err := read[[]*Event](ctx, e, func(engine *C.vv_engine) C.vvgo_result {
				return C.vvgo_next_events(engine, session.c(), C.uint64_t(after), 0, 0, C.vvgo_call{})
			})
			if after, err = tell(events, err, after, yield); err != nil || len(events) == 0 {
				return
			}
		}
	}
}

// Whoever listens has heard enough.
var errEnough = errors.New("enough")

// tell yields events, or the error in their place, and gives the number of the last one; an error where that is the end.
func tell(events []*Event, err error, after uint64, yield func(*Event, error) bool) (uint64, error) {
	if err != nil {
		yield(nil, err)
		return after, err
	}
	for _, event := range events {
		if !yield(event, nil) {
			return after, errEnough
		}
		after = event.Number
	}
	return after, nil
}

// nextEvents waits for events; there may be none.
func (e *Engine) nextEvents(ctx context.Context, session ID, after uint64) ([]*Event, error) {
	return made[[]*Event](ctx, e, nil, func(engine *C.vv_engine, call C.vvgo_call, _ *C.char) C.vvgo_result {
		return C.vvgo_next_events(engine, session.c(), C.uint64_t(after), C.uint64_t(milliseconds(eventsLook)), C.uint64_t(milliseconds(eventsWait)), call)
	})
}
