package vivavoce

// #cgo pkg-config: vivavoce
// #include "calls.h"
import "C"

import (
	"context"
	"runtime"
	"runtime/cgo"
	"sync"
	"time"
	"unsafe"
)

// A call under way: it keeps the engine's handle from being freed, and carries its context over to C.
type call struct {
	ctx    context.Context
	handle *handle
	brings C.vvgo_call
	texts  string
	watch  *watch
	state  *callState
}

// What a callback of the application can know of the call that it is in, and what it leaves for it.
type callState struct {
	ctx    context.Context
	watch  *watch
	handle cgo.Handle
	// The last failure of a callback.
	failure *Error
}

// Begins a call that takes no options: its context is looked at now, and what it asks of the store is not interrupted.
func (c *call) begin(ctx context.Context, e *Engine) error {
	if err := ctx.Err(); err != nil {
		return overBefore(err)
	}
	if e == nil || e.handle == nil || !e.handle.acquire() {
		return errClosed()
	}
	c.ctx, c.handle = ctx, e.handle
	return nil
}

// Begins a call with options. It has to end, see [call.end].
func (c *call) beginWith(ctx context.Context, e *Engine, options []CallOption) error {
	if err := c.begin(ctx, e); err != nil {
		return err
	}
	if deadline, ok := ctx.Deadline(); ok {
		// One that has just passed is not the same as none.
		c.brings.timeout_ms = C.uint64_t(max(1, milliseconds(time.Until(deadline))))
	}
	if ctx.Done() != nil {
		c.watch = watchOver(ctx)
		c.brings.cancel = c.watch.token
	}
	if len(options) > 0 {
		if err := c.take(options); err != nil {
			c.drop()
			return err
		}
	}
	if e.common.asksApplication {
		c.state = &callState{ctx: ctx, watch: c.watch}
		c.state.handle = cgo.NewHandle(c.state)
		c.brings.state = C.uintptr_t(c.state.handle)
	}
	return nil
}

func (c *call) take(options []CallOption) error {
	var given callOptions
	for _, option := range options {
		option(&given)
	}
	var provider string
	if given.provider != nil {
		var err error
		if provider, err = encode("the provider", given.provider); err != nil {
			return err
		}
	}
	c.brings.expected_version = C.uint64_t(given.expectedVersion)
	c.brings.queued = C.bool(given.queued)
	c.brings.has_key, c.brings.key_len = C.bool(given.hasKey), C.size_t(len(given.key))
	c.brings.has_model, c.brings.model_len = C.bool(given.hasModel), C.size_t(len(given.model))
	c.brings.has_provider, c.brings.provider_len = given.provider != nil, C.size_t(len(provider))
	c.texts = given.key + given.model + provider
	return nil
}

// drop gives back what the call holds.
func (c *call) drop() {
	if c.watch != nil {
		c.watch.end()
	}
	if c.state != nil {
		c.state.handle.Delete()
	}
	c.handle.release()
}

// end ends the call, and says why it failed.
func (c *call) end(r *C.vvgo_result) error {
	c.drop()
	if r.status == C.VV_OK {
		return nil
	}
	failure := failed(r)
	if failure.Kind == ErrTimeout {
		failure.cause = c.over()
	}
	// The library hands an error of a callback's on as it is.
	if failure.cause == nil && c.state != nil && c.state.failure != nil {
		if told := c.state.failure; told.Kind == failure.Kind && told.Message == failure.Message {
			failure.cause = told.cause
		}
	}
	return failure
}

// over is what the call's context says where it is over. The library's clock may be ahead of the context's timer.
func (c *call) over() error {
	if err := c.ctx.Err(); err != nil {
		return err
	}
	if deadline, ok := c.ctx.Deadline(); ok && !time.Now().Before(deadline) {
		return context.DeadlineExceeded
	}
	return nil
}

// failed takes the error of a result.
func failed(r *C.vvgo_result) *Error {
	failure := &Error{Kind: Kind(r.status), Message: C.GoString(r.message), Retryable: bool(r.retryable), RetryAfter: fromMilliseconds(int64(r.retry_after_ms))}
	C.vvgo_error_free(r.error)
	return failure
}

// A watch cancels what has its token when a context is over. No goroutine waits for that: [context.AfterFunc] starts one when it happens. Its token is used again by other calls
// unless it was cancelled, and freed when the collector finds the watch.
type watch struct {
	token     *C.vv_cancel
	cancel    func()
	cancelled chan struct{}
	stop      func() bool
	spent     bool
}

var watches = sync.Pool{New: func() any {
	w := &watch{token: C.vv_cancel_new(), cancelled: make(chan struct{}, 1)}
	w.cancel = func() {
		C.vv_cancel_cancel(w.token)
		w.cancelled <- struct{}{}
	}
	runtime.AddCleanup(w, func(token *C.vv_cancel) { C.vvgo_cancel_free(token) }, w.token)
	return w
}}

func watchOver(ctx context.Context) *watch {
	w := watches.Get().(*watch)
	w.stop = context.AfterFunc(ctx, w.cancel)
	return w
}

// now cancels without waiting for the goroutine that does; for a callback in the call that is watched.
func (w *watch) now() {
	w.spent = true
	C.vv_cancel_cancel(w.token)
}

func (w *watch) end() {
	if !w.stop() {
		// Whoever cancels must be done with the token before it is freed.
		<-w.cancelled
		return
	}
	if !w.spent {
		w.stop = nil
		watches.Put(w)
	}
}

// chars lends C the bytes of a text for one call: the argument of a call is neither moved nor freed until it returns.
func chars(text string) *C.char { return (*C.char)(unsafe.Pointer(unsafe.StringData(text))) }

func (id ID) c() C.vv_id { return C.vv_id{bytes: *(*[16]C.uint8_t)(unsafe.Pointer(&id))} }

// text takes the text of a result.
func text(r *C.vvgo_result) string {
	text := C.GoStringN(r.text, C.int(r.text_len))
	C.vv_string_free(r.text)
	return text
}

// document takes the document of a result.
func document[T any](r *C.vvgo_result) (T, error) {
	var into T
	err := decode(unsafe.Slice((*byte)(unsafe.Pointer(r.text)), int(r.text_len)), &into)
	C.vv_string_free(r.text)
	return into, err
}

// read asks for a document by a call without options.
func read[T any](ctx context.Context, e *Engine, ask func(*C.vv_engine) C.vvgo_result) (T, error) {
	var none T
	var c call
	if err := c.begin(ctx, e); err != nil {
		return none, err
	}
	r := ask(c.handle.engine)
	if err := c.end(&r); err != nil {
		return none, err
	}
	return document[T](&r)
}

// made asks for a document by a call with options.
func made[T any](ctx context.Context, e *Engine, options []CallOption, ask func(*C.vv_engine, C.vvgo_call, *C.char) C.vvgo_result) (T, error) {
	var none T
	var c call
	if err := c.beginWith(ctx, e, options); err != nil {
		return none, err
	}
	r := ask(c.handle.engine, c.brings, chars(c.texts))
	if err := c.end(&r); err != nil {
		return none, err
	}
	return document[T](&r)
}

// until does what goes on until the context is over, which is no error, and gives how much was done.
func until(ctx context.Context, e *Engine, run func(*call) C.vvgo_result) (uint64, error) {
	if ctx.Err() != nil {
		return 0, nil
	}
	if ctx.Done() == nil {
		// There has to be something that can stop it.
		var cancel context.CancelFunc
		ctx, cancel = context.WithCancel(ctx)
		defer cancel()
	}
	var c call
	if err := c.beginWith(ctx, e, nil); err != nil {
		return 0, err
	}
	r := run(&c)
	err := c.end(&r)
	return uint64(r.count), err
}
