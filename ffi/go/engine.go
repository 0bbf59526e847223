package vivavoce

// #include "calls.h"
import "C"

import (
	"context"
	"encoding/json"
	"math"
	"runtime"
	"runtime/cgo"
	"strings"
	"sync"
	"sync/atomic"
	"time"
	"unicode/utf8"
)

// An Engine owns the store, the interviewer and the evaluator. Any number of goroutines may use one at once.
//
// It is closed with [Engine.Close]. One that is forgotten is ended when the garbage collector finds it, unless a callback that was given to it refers to it.
type Engine struct {
	handle  *handle
	common  *common
	cleanup runtime.Cleanup
}

// A handle is the C engine, with the count of those who use it: the [Engine] until it is closed or forgotten, and every call under way. The last of them frees it, so that no
// call ever has a freed handle, whoever closes the engine and whenever the collector comes.
type handle struct {
	engine *C.vv_engine
	users  atomic.Int64
	closed sync.Once
}

// What all handles of an engine have in common.
type common struct {
	// Whether the interviewer or the evaluator is the application's own.
	asksApplication bool
	// Is over when the engine is closed, for the application's own functions.
	closing context.Context
	close   context.CancelFunc
}

func (h *handle) acquire() bool {
	for {
		users := h.users.Load()
		if users == 0 {
			return false
		}
		if h.users.CompareAndSwap(users, users+1) {
			return true
		}
	}
}

func (h *handle) release() {
	if h.users.Add(-1) == 0 {
		C.vvgo_engine_free(h.engine)
	}
}

func newEngine(engine *C.vv_engine, shared *common) *Engine {
	e := &Engine{handle: &handle{engine: engine}, common: shared}
	e.handle.users.Store(1)
	// Ending an engine may wait for its store, and cleanups must not wait.
	e.cleanup = runtime.AddCleanup(e, func(h *handle) { go h.release() }, e.handle)
	return e
}

// Open opens an engine on the store that url names: "memory:", "sqlite:PATH", "postgres://…".
//
// [ErrInvalidInput] for a URL that names no store, [ErrUnsupported] for a store that this build lacks or whose schema is newer than the library, [ErrStorage] where it cannot be
// opened.
func Open(url string, options ...Option) (*Engine, error) {
	if strings.IndexByte(url, 0) >= 0 {
		return nil, invalidInput("url contains a NUL character")
	}
	return open(url+"\x00", options)
}

// OpenFromEnv opens an engine as [Open] does, on the store that the environment variable DATABASE_URL names, or in memory where that is not set. It is the process's environment
// as C has it: [os.Setenv] is seen.
//
// As [Open].
func OpenFromEnv(options ...Option) (*Engine, error) { return open("", options) }

// The URL ends with NUL, or is empty for that of the environment.
func open(url string, options []Option) (*Engine, error) {
	var given engineOptions
	for _, option := range options {
		option(&given)
	}
	if strings.IndexByte(given.name+given.version, 0) >= 0 || !utf8.ValidString(given.name+given.version) {
		return nil, invalidInput("the evaluator's name or version contains a NUL character, or is not UTF-8")
	}
	var settings string
	if given.settings != nil {
		var err error
		if settings, err = encode("the settings", given.settings); err != nil {
			return nil, err
		}
	}
	shared := &common{asksApplication: given.interviewer != nil || given.evaluator != nil}
	shared.closing, shared.close = context.WithCancel(context.Background())
	brings := C.vvgo_options{
		idle_timeout_ms:   C.uint64_t(milliseconds(given.idleTimeout)),
		read_staleness_ms: C.uint64_t(milliseconds(given.readStaleness)),
		cached_sessions:   C.size_t(max(0, given.cachedSessions)),
		ignore_unanswered: C.bool(given.ignore),
	}
	// The library frees these, also where it fails.
	if given.clock != nil {
		brings.clock = C.uintptr_t(cgo.NewHandle(given.clock))
	}
	if given.interviewer != nil {
		brings.interviewer = C.uintptr_t(cgo.NewHandle(&ownInterviewer{given.interviewer, shared}))
	}
	if given.evaluator != nil {
		brings.evaluator = C.uintptr_t(cgo.NewHandle(&ownEvaluator{given.evaluator, shared}))
	}
	var name *C.char
	if given.name != "" {
		name = chars(given.name + "\x00")
	}
	var at *C.char
	if url != "" {
		at = chars(url)
	}
	r := C.vvgo_open(at, brings, name, chars(given.version+"\x00"), chars(settings), C.size_t(len(settings)))
	if r.status != C.VV_OK {
		shared.close()
		return nil, failed(&r)
	}
	return newEngine(r.engine, shared), nil
}

// ForTenant is the same engine for another tenant: it sees that tenant's interviews and no others. Closing either closes both; one that is only forgotten leaves the other alone.
//
// [ErrInvalidInput] where the name is blank or longer than 200 characters.
func (e *Engine) ForTenant(tenant string) (*Engine, error) {
	var c call
	if err := c.begin(context.Background(), e); err != nil {
		return nil, err
	}
	r := C.vvgo_for_tenant(c.handle.engine, chars(tenant), C.size_t(len(tenant)))
	if err := c.end(&r); err != nil {
		return nil, err
	}
	return newEngine(r.engine, e.common), nil
}

// Close ends the engine, for all its tenants: calls under way finish or end with [ErrInvalidState], and so does every later one. Closing again does nothing. Any goroutine may
// close the engine at any time, but for the clock.
//
// [ErrStorage] where the store could not be closed cleanly; what was acknowledged is safe all the same.
func (e *Engine) Close() (err error) {
	if e == nil || e.handle == nil {
		return nil
	}
	e.handle.closed.Do(func() {
		e.cleanup.Stop()
		if r := C.vvgo_close(e.handle.engine); r.status != C.VV_OK {
			err = failed(&r)
		}
		// After the library knows, or it takes what the callbacks answer for failures of their own.
		e.common.close()
		e.handle.release()
	})
	return err
}

// Health is how an engine's store is.
type Health struct {
	// Store is "memory", "sqlite" or "postgres".
	Store string
	// SchemaVersion is the number of the last migration that the store has; 0 in memory.
	SchemaVersion uint32
	// Latency is how long the store took to answer.
	Latency time.Duration
}

// The document of a [Health].
type healthDocument struct {
	Store         string  `json:"store"`
	SchemaVersion uint32  `json:"schema_version"`
	LatencyMS     float64 `json:"latency_ms"`
}

// UnmarshalJSON reads the library's document.
func (h *Health) UnmarshalJSON(data []byte) error {
	var read healthDocument
	if err := json.Unmarshal(data, &read); err != nil {
		return err
	}
	latency := time.Duration(math.Round(read.LatencyMS * float64(time.Millisecond)))
	*h = Health{Store: read.Store, SchemaVersion: read.SchemaVersion, Latency: latency}
	return nil
}

// MarshalJSON writes the library's document.
func (h Health) MarshalJSON() ([]byte, error) {
	return json.Marshal(healthDocument{h.Store, h.SchemaVersion, float64(h.Latency) / float64(time.Millisecond)})
}

// Health asks whether the store answers.
//
// [ErrStorage] where it does not.
func (e *Engine) Health(ctx context.Context) (Health, error) {
	return read[Health](ctx, e, func(engine *C.vv_engine) C.vvgo_result { return C.vvgo_health(engine) })
}

// Metrics is what the engine has counted, for all tenants, in the text format of Prometheus.
func (e *Engine) Metrics() (string, error) {
	var c call
	if err := c.begin(context.Background(), e); err != nil {
		return "", err
	}
	r := C.vvgo_metrics(c.handle.engine)
	if err := c.end(&r); err != nil {
		return "", err
	}
	return text(&r), nil
}

// Version is that of the C library, for example "0.1.0".
func Version() string { return C.GoString(C.vv_version()) }
