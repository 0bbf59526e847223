package vivavoce

// #include "calls.h"
import "C"

import (
	"context"
	"errors"
	"runtime/cgo"
)

// A Subscription is who is told of a tenant's events; see [Engine.Subscribe].
type Subscription struct {
	// Name is 1 to 200 characters; a tenant has one subscription of a name.
	Name string `json:"name"`
	// Actions are what it is told of.
	Actions []Action `json:"actions"`
}

// A Delivery is an event on its way to a subscriber.
type Delivery struct {
	// Event is what happened. It has the same interview and number each time it is handed over, by which a subscriber tells one that it has had.
	Event Event `json:"event"`
	// Attempts is how often it was tried, this time included.
	Attempts uint32 `json:"attempts"`
}

// A Backlog is what waits to be done, of all tenants.
type Backlog struct {
	// Evaluations are those that are not final, those that are being made included.
	Evaluations uint64 `json:"evaluations"`
	// Deliveries are events that subscribers were not told of yet.
	Deliveries uint64 `json:"deliveries"`
}

// Subscribe subscribes to what happens to this engine's tenant from now on, whichever process it happens in: each event of these actions is kept, in the same transaction as what
// happened, until [Engine.RunDeliveries] has handed it over. A subscription outlives the process that made it, and stays until it is ended. Where there is one of this name, its
// actions are replaced, and what was to be delivered still is.
//
// [ErrInvalidInput] where the name is blank, longer than 200 characters or has a NUL, where no action is given, or one of what is said: messages are followed by [Engine.Events].
func (e *Engine) Subscribe(ctx context.Context, name string, actions []Action) error {
	if actions == nil {
		actions = []Action{}
	}
	document, err := encode("the actions", actions)
	if err != nil {
		return err
	}
	var c call
	if err := c.begin(ctx, e); err != nil {
		return err
	}
	r := C.vvgo_subscribe(c.handle.engine, chars(name), C.size_t(len(name)), chars(document), C.size_t(len(document)))
	return c.end(&r)
}

// Unsubscribe ends a subscription, and forgets what was to be delivered to it; false where there is none of this name.
//
// [ErrInvalidInput] where the name is none that a subscription can have.
func (e *Engine) Unsubscribe(ctx context.Context, name string) (bool, error) {
	var c call
	if err := c.begin(ctx, e); err != nil {
		return false, err
	}
	r := C.vvgo_unsubscribe(c.handle.engine, chars(name), C.size_t(len(name)))
	err := c.end(&r)
	return bool(r.was_there), err
}

// Subscriptions are those of this engine's tenant, by name.
//
// [ErrStorage] where the store fails.
func (e *Engine) Subscriptions(ctx context.Context) ([]Subscription, error) {
	return read[[]Subscription](ctx, e, func(engine *C.vv_engine) C.vvgo_result { return C.vvgo_subscriptions(engine) })
}

// RunDeliveries hands a subscription's events to deliver, one after the other, until the context is over, which is no error; it gives how many it handed over. Any number of
// goroutines and processes may do so: each event is leased to one of them for a minute, by which time deliver should be done; one whose process dies is handed over again by
// another. So an event arrives at least once, and seldom twice: its interview and number tell. The order is that of the events, except for those that failed.
//
// What deliver returns an error of, or panics at, is tried again after 5 seconds, then after four times as long each time up to 12 hours, or after RetryAfter if
// that is longer; it is given up after 12 times, which is more than two days. At an [*Error] that is not Retryable it is given up at once. What is given up is told to the log (see [SetLog]) with the interview and the number; the event itself stays in the interview's log. What fails when the context is over is no
// attempt, and is there at once.
//
// deliver has a goroutine of its own, is waited for also when the context is over, and may use the engine.
//
// [ErrNotFound] where there is no subscription of this name; [ErrInvalidState] when the engine is closed; [ErrStorage] where the store fails for good. A store that fails for now
// is waited for.
func (e *Engine) RunDeliveries(ctx context.Context, name string, deliver func(Delivery) error) (uint64, error) {
	if deliver == nil {
		return 0, invalidInput("deliver is nil")
	}
	return until(ctx, e, func(c *call) C.vvgo_result {
		own := cgo.NewHandle(&subscriber{deliver, &callState{ctx: c.ctx, watch: c.watch}})
		defer own.Delete()
		return C.vvgo_run_deliveries(c.handle.engine, chars(name), C.size_t(len(name)), c.brings, C.uintptr_t(own))
	})
}

// Backlog is how far workers and deliveries are behind, of all tenants.
//
// [ErrStorage] where the store fails.
func (e *Engine) Backlog(ctx context.Context) (Backlog, error) {
	return read[Backlog](ctx, e, func(engine *C.vv_engine) C.vvgo_result { return C.vvgo_backlog(engine) })
}

type subscriber struct {
	deliver func(Delivery) error
	state   *callState
}

//export vvgoDeliver
func vvgoDeliver(data C.uintptr_t, document *C.char, length C.size_t, failure **C.vv_error) C.int32_t {
	own := cgo.Handle(data).Value().(*subscriber)
	var delivery Delivery
	err := decode(bytesOf(document, length), &delivery)
	if err == nil {
		err = <-apart(func() error { return own.deliver(delivery) })
	}
	if err == nil {
		return C.VV_OK
	}
	told := failureOf("subscriber", err)
	// What is none of the library's may pass: an event is not lost because a network was away.
	told.Retryable = told.Retryable || !errors.As(err, new(*Error))
	return fail(own.state, told, failure)
}
