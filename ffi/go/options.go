package vivavoce

import "time"

// An Option of an engine; what is not set has its default.
type Option func(*engineOptions)

type engineOptions struct {
	idleTimeout    time.Duration
	readStaleness  time.Duration
	cachedSessions int
	clock          func() time.Time
	interviewer    Interviewer
	evaluator      Evaluator
	name, version  string
	settings       *Settings
	ignore         bool
}

// WithIdleTimeout says after how long without a message an active session counts as abandoned; never when not given. Milliseconds count.
func WithIdleTimeout(timeout time.Duration) Option {
	return func(o *engineOptions) { o.idleTimeout = timeout }
}

// WithReadStaleness says how far reading a session may be behind other processes; a second when not given. Milliseconds count.
func WithReadStaleness(staleness time.Duration) Option {
	return func(o *engineOptions) { o.readStaleness = staleness }
}

// WithCachedSessions says how many live sessions are kept in memory before a database; 4,096 when not given.
func WithCachedSessions(sessions int) Option {
	return func(o *engineOptions) { o.cachedSessions = sessions }
}

// WithClock says where the time comes from; the system's clock when not given. It is called by several goroutines at once, and often: it must be quick, and must not call the
// engine. Where it panics, the system's clock answers.
func WithClock(now func() time.Time) Option {
	return func(o *engineOptions) { o.clock = now }
}

// WithInterviewer says who finds the interviewer's words; the scripted interviewer when not given.
func WithInterviewer(interviewer Interviewer) Option {
	return func(o *engineOptions) { o.interviewer = interviewer }
}

// WithEvaluator says who judges; the built-in evaluator when not given. Evaluations say that they were made by name (empty for "application") in this version of its rules (may
// be empty).
func WithEvaluator(name, version string, evaluator Evaluator) Option {
	return func(o *engineOptions) { o.name, o.version, o.evaluator = name, version, evaluator }
}

// WithSettings sets the language models, and who speaks and judges by them. [WithInterviewer] and [WithEvaluator] take the place of whom the settings name.
func WithSettings(settings Settings) Option {
	return func(o *engineOptions) { o.settings = &settings }
}

// WithUnansweredIgnored has planned questions without an answer not lower the score; see [UnansweredIgnored].
func WithUnansweredIgnored() Option {
	return func(o *engineOptions) { o.ignore = true }
}

// A CallOption says something of one call. Its deadline and its cancellation are those of the call's context.
type CallOption func(*callOptions)

type callOptions struct {
	key, model       string
	hasKey, hasModel bool
	queued           bool
	expectedVersion  uint64
	provider         *Provider
}

// IdempotencyKey makes a call safe to repeat: the same key with the same request gives the first success again; with another request, [ErrConflict]. Keys are scoped to the
// tenant, the operation and its parent (session or interview). 1 to 200 characters.
func IdempotencyKey(key string) CallOption {
	return func(o *callOptions) { o.key, o.hasKey = key, true }
}

// ExpectVersion is the session's version that the caller has seen: [ErrConflict] where it has moved. 0 for any. For calls on a session that is there.
func ExpectVersion(version uint64) CallOption {
	return func(o *callOptions) { o.expectedVersion = version }
}

// Queued leaves an evaluation to a worker (see [Engine.RunWorker]): the call answers with the evaluation as it was asked for. For calls that evaluate.
func Queued() CallOption {
	return func(o *callOptions) { o.queued = true }
}

// Model is the language model to ask in this call alone, in the place of the engine's own: "provider/model".
func Model(name string) CallOption {
	return func(o *callOptions) { o.model, o.hasModel = name, true }
}

// Credentials are the language-model service and the key for this call alone. Nothing that is kept, limited or shared crosses from one credential to another, and a base URL has to
// be https and lead to a public address.
func Credentials(provider Provider) CallOption {
	return func(o *callOptions) { o.provider = &provider }
}
