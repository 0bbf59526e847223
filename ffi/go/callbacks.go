package vivavoce

// #include "calls.h"
import "C"

import (
	"context"
	"errors"
	"runtime/cgo"
	"runtime/debug"
	"time"
	"unsafe"
)

// An Interviewer finds the interviewer's words in the place of the scripted one. It is called by several goroutines at once.
//
// Its context is that of the call that needs it, and ends when the engine is closed. Where the library asks from a thread of its own, as [Engine.EvaluateAnswers] does, the context
// has the call's deadline, ends within 100 ms when the call is cancelled, and has none of its values. When the context is over, the call goes on without its answer. An error that is an [*Error] is the call's, with its kind, its message and whether it may be tried again; any other error is of kind [ErrProvider], and its
// text stays with the application. A panic is of kind [ErrInternal]. The interviewer may use the engine, but not wait for the session it is asked about.
type Interviewer interface {
	Speak(ctx context.Context, scene *Scene) (string, error)
}

// An Evaluator judges in the place of the built-in one. What holds for an [Interviewer] holds for it, and its failure makes an evaluation that is failed and says why. The
// library checks the judgement: a score is 0 to 1, and a quote is an exact span of the answer.
type Evaluator interface {
	Judge(ctx context.Context, request *JudgeRequest) (*Judgement, error)
}

// An InterviewerFunc is an [Interviewer] that is a function.
type InterviewerFunc func(ctx context.Context, scene *Scene) (string, error)

// Speak calls the function.
func (f InterviewerFunc) Speak(ctx context.Context, scene *Scene) (string, error) {
	return f(ctx, scene)
}

// An EvaluatorFunc is an [Evaluator] that is a function.
type EvaluatorFunc func(ctx context.Context, request *JudgeRequest) (*Judgement, error)

// Judge calls the function.
func (f EvaluatorFunc) Judge(ctx context.Context, request *JudgeRequest) (*Judgement, error) {
	return f(ctx, request)
}

// A Scene is what an interviewer knows when it is to speak.
type Scene struct {
	// Interview is the plan.
	Interview Interview `json:"interview"`
	// Language is what to speak.
	Language Language `json:"language"`
	// Messages are what was said so far.
	Messages []Message `json:"messages"`
	// Next is what is to be said.
	Next Next `json:"next"`
}

// Next is what an interviewer is to say.
type Next struct {
	// Kind is [KindQuestion], [KindProbe] or [KindClosing].
	Kind MessageKind `json:"kind"`
	// Question is the planned one, from 0, to ask or to probe; nil for a closing.
	Question *uint32 `json:"question,omitempty"`
}

// A JudgeRequest is what an evaluator is to judge.
type JudgeRequest struct {
	// Interview is the plan.
	Interview Interview `json:"interview"`
	// Rubric is how to judge: the interview's own, or the standard one of its type.
	Rubric Rubric `json:"rubric"`
	// Language is that of everything that is said in the judgement.
	Language Language `json:"language"`
	// Exchanges are the answers, with their questions.
	Exchanges []Exchange `json:"exchanges"`
}

// A Judgement is what an evaluator found.
type Judgement struct {
	// Ratings has one for each exchange and competency that could be judged.
	Ratings []NewRating `json:"ratings"`
	// Feedback is the judgement in words.
	Feedback string `json:"feedback,omitempty"`
	// Strengths are what was good.
	Strengths []string `json:"strengths,omitempty"`
	// Weaknesses are what was lacking.
	Weaknesses []string `json:"weaknesses,omitempty"`
	// Recommendations are what would help.
	Recommendations []string `json:"recommendations,omitempty"`
	// NeedsReview says why a person should look at this.
	NeedsReview []string `json:"needs_review,omitempty"`
	// Missing are the ratings that could not be had.
	Missing []Missing `json:"missing,omitempty"`
}

// A NewRating is one competency's score for one exchange, as an evaluator gives it.
type NewRating struct {
	// Exchange is its place in the request, from 0.
	Exchange uint32 `json:"exchange"`
	// Competency is the rubric's.
	Competency string `json:"competency"`
	// Score is 0 to 1.
	Score float64 `json:"score"`
	// Confidence is how sure the evaluator is, 0 to 1; nil for wholly sure.
	Confidence *float64 `json:"confidence,omitempty"`
	// Quotes are the candidate's words that support the score.
	Quotes []Quote `json:"quotes,omitempty"`
	// Reason is why this score.
	Reason string `json:"reason,omitempty"`
}

type ownInterviewer struct {
	Interviewer
	*common
}

type ownEvaluator struct {
	Evaluator
	*common
}

var errEnded = errors.New("the callback ended its goroutine")

// How often a callback on a thread of the library looks whether its answer is still wanted.
const wantedLook = 25 * time.Millisecond

// answer lets the application's function find an answer. The function has a goroutine of its own, so that one that panics, ends its goroutine or does not look at its context
// does not take C's frames with it.
func (shared *common) answer(state *callState, asked *C.vv_answer, find func(context.Context) (string, error)) (string, error) {
	var ctx context.Context
	var cancel context.CancelFunc
	var looks <-chan time.Time
	if state != nil {
		ctx, cancel = context.WithCancel(state.ctx)
	} else {
		// Nothing but the library knows of the call.
		ctx, cancel = contextOf(asked)
		ticker := time.NewTicker(wantedLook)
		defer ticker.Stop()
		looks = ticker.C
	}
	defer cancel()
	defer context.AfterFunc(shared.closing, cancel)()

	var found string
	done := apart(func() (err error) {
		found, err = find(ctx)
		return err
	})
	for {
		select {
		case err := <-done:
			return found, err
		case <-looks:
			if C.vv_answer_remaining_ms(asked) == 0 {
				cancel()
			}
		case <-ctx.Done():
			if shared.closing.Err() != nil {
				return "", errClosed()
			}
			return "", ctx.Err()
		}
	}
}

// apart does what may panic or end its goroutine in a goroutine of its own, and says what came of it.
func apart(work func() error) <-chan error {
	done := make(chan error, 1)
	go func() {
		err := errEnded
		defer func() {
			if value := recover(); value != nil {
				err = &PanicError{Value: value, Stack: debug.Stack()}
			}
			done <- err
		}()
		err = work()
	}()
	return done
}

// contextOf is a context that is over when the library waits no longer, as far as that is known now.
func contextOf(asked *C.vv_answer) (context.Context, context.CancelFunc) {
	left := C.vv_answer_remaining_ms(asked)
	if left < 0 {
		return context.WithCancel(context.Background())
	}
	return context.WithTimeout(context.Background(), fromMilliseconds(int64(left)))
}

// respond gives C what came of a callback.
func respond(whose string, state *callState, found string, err error, answer *C.vv_answer, failure **C.vv_error) C.int32_t {
	if err == nil {
		C.vv_answer_set(answer, chars(found), C.size_t(len(found)))
		return C.VV_OK
	}
	return fail(state, failureOf(whose, err), failure)
}

// fail gives C why a callback failed, and keeps it for the call that the callback is in.
func fail(state *callState, told *Error, failure **C.vv_error) C.int32_t {
	if state != nil {
		state.failure = told
		if state.watch != nil && state.ctx.Err() != nil {
			// The library has to know that the call is over before it hears of the failure, or it takes that for the callback's own.
			state.watch.now()
		}
	}
	after := C.int64_t(-1)
	if told.Retryable {
		after = C.int64_t(milliseconds(told.RetryAfter))
	}
	*failure = C.vv_error_new(C.int32_t(told.Kind), chars(told.Message), C.size_t(len(told.Message)), after)
	return C.int32_t(told.Kind)
}

func stateOf(handle C.uintptr_t) *callState {
	if handle == 0 {
		return nil
	}
	return cgo.Handle(handle).Value().(*callState)
}

func bytesOf(text *C.char, length C.size_t) []byte {
	return unsafe.Slice((*byte)(unsafe.Pointer(text)), int(length))
}

//export vvgoSpeak
func vvgoSpeak(data, call C.uintptr_t, document *C.char, length C.size_t, answer *C.vv_answer, failure **C.vv_error) C.int32_t {
	own, state := cgo.Handle(data).Value().(*ownInterviewer), stateOf(call)
	var scene Scene
	err := decode(bytesOf(document, length), &scene)
	var words string
	if err == nil {
		words, err = own.answer(state, answer, func(ctx context.Context) (string, error) { return own.Speak(ctx, &scene) })
	}
	return respond("interviewer", state, words, err, answer, failure)
}

//export vvgoJudge
func vvgoJudge(data, call C.uintptr_t, document *C.char, length C.size_t, answer *C.vv_answer, failure **C.vv_error) C.int32_t {
	own, state := cgo.Handle(data).Value().(*ownEvaluator), stateOf(call)
	var request JudgeRequest
	err := decode(bytesOf(document, length), &request)
	var judgement string
	if err == nil {
		judgement, err = own.answer(state, answer, func(ctx context.Context) (string, error) {
			found, err := own.Judge(ctx, &request)
			if err != nil {
				return "", err
			}
			if found == nil {
				return "", &Error{Kind: ErrProvider, Message: "the evaluator gave no judgement"}
			}
			written := *found
			if written.Ratings == nil {
				written.Ratings = []NewRating{}
			}
			text, err := encode("the judgement", written)
			if err != nil {
				return "", &Error{Kind: ErrProvider, Message: "the evaluator's answer is not a judgement", cause: err}
			}
			return text, nil
		})
	}
	return respond("evaluator", state, judgement, err, answer, failure)
}

//export vvgoNow
func vvgoNow(data C.uintptr_t) (now C.int64_t) {
	defer func() {
		if recover() != nil {
			now = C.int64_t(time.Now().UnixMicro())
		}
	}()
	return C.int64_t(cgo.Handle(data).Value().(func() time.Time)().UnixMicro())
}

//export vvgoHear
func vvgoHear(data C.uintptr_t, words *C.char, length C.size_t) {
	heard := cgo.Handle(data).Value().(chan Said)
	if words == nil {
		heard <- Said{Again: true}
		return
	}
	heard <- Said{Words: C.GoStringN(words, C.int(length))}
}

//export vvgoRelease
func vvgoRelease(data C.uintptr_t) { cgo.Handle(data).Delete() }
