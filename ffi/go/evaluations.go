package vivavoce

// #include "calls.h"
import "C"

import (
	"context"
	"iter"
)

// Evaluate has answers judged that were given without a session; the keys are the places of their questions in the plan, from 0. A failing evaluator is no error: the evaluation
// is then failed and says why.
//
// [ErrNotFound], [ErrInvalidInput], [ErrConflict], [ErrTimeout].
func (e *Engine) Evaluate(ctx context.Context, interview ID, answers map[uint32]string, options ...CallOption) (*Evaluation, error) {
	if answers == nil {
		answers = map[uint32]string{}
	}
	document, err := encode("the answers", answers)
	if err != nil {
		return nil, err
	}
	return made[*Evaluation](ctx, e, options, func(engine *C.vv_engine, call C.vvgo_call, texts *C.char) C.vvgo_result {
		return C.vvgo_evaluate(engine, interview.c(), chars(document), C.size_t(len(document)), call, texts)
	})
}

// EvaluateAnswer judges one answer without keeping anything. A blank answer scores 0.
//
// [ErrInvalidInput] where a limit is broken, or there is no such calibration; [ErrUnsupported] where it corrects another version of the built-in evaluator; what
// the evaluator answers where it fails.
func (e *Engine) EvaluateAnswer(ctx context.Context, answered Answered, judging Judging, options ...CallOption) (*AnswerEvaluation, error) {
	answer, how, err := encodeAnswered(answered, judging)
	if err != nil {
		return nil, err
	}
	return made[*AnswerEvaluation](ctx, e, options, func(engine *C.vv_engine, call C.vvgo_call, texts *C.char) C.vvgo_result {
		return C.vvgo_evaluate_answer(engine, chars(answer), C.size_t(len(answer)), chars(how), C.size_t(len(how)), call, texts)
	})
}

// EvaluateAnswers judges many answers at once without keeping anything, and gives what became of each, in their order. An evaluator of the application's own is called by several
// goroutines at once; see [Interviewer] for its context.
//
// [ErrInvalidInput] where a document is broken; [ErrNotFound] and [ErrUnsupported] as with [Engine.EvaluateAnswer].
func (e *Engine) EvaluateAnswers(ctx context.Context, answered []Answered, judging Judging, options ...CallOption) ([]Judged, error) {
	if len(answered) == 0 {
		answered = []Answered{}
	}
	answers, how, err := encodeAnswered(answered, judging)
	if err != nil {
		return nil, err
	}
	judged, err := made[[]Judged](ctx, e, options, func(engine *C.vv_engine, call C.vvgo_call, texts *C.char) C.vvgo_result {
		return C.vvgo_evaluate_answers(engine, chars(answers), C.size_t(len(answers)), chars(how), C.size_t(len(how)), call, texts)
	})
	for place := range judged {
		// As the error of a call of its own would have it.
		if failure, ok := judged[place].Err.(*Error); ok && failure.Kind == ErrTimeout {
			failure.cause = (&call{ctx: ctx}).over()
		}
	}
	return judged, err
}

func encodeAnswered(answered any, judging Judging) (answers, how string, err error) {
	if answers, err = encode("the answer", answered); err == nil {
		how, err = encode("how to judge", judging)
	}
	return answers, how, err
}

// Evaluation reads an evaluation.
//
// [ErrNotFound] where there is none, or its interview was erased.
func (e *Engine) Evaluation(ctx context.Context, id ID) (*Evaluation, error) {
	return read[*Evaluation](ctx, e, func(engine *C.vv_engine) C.vvgo_result { return C.vvgo_evaluation(engine, id.c()) })
}

// Evaluations are the ids of an interview's evaluations, oldest first.
//
// [ErrNotFound] where there is no such interview.
func (e *Engine) Evaluations(ctx context.Context, interview ID) ([]ID, error) {
	return read[[]ID](ctx, e, func(engine *C.vv_engine) C.vvgo_result { return C.vvgo_evaluations(engine, interview.c()) })
}

// ListEvaluations reads one page of the evaluations of all interviews, newest first; see [Engine.AllEvaluations] for all of them.
//
// [ErrInvalidInput] where a filter, the limit or the cursor is wrong.
func (e *Engine) ListEvaluations(ctx context.Context, list ListEvaluations) (*EvaluationPage, error) {
	document, err := encode("the list", list)
	if err != nil {
		return nil, err
	}
	return read[*EvaluationPage](ctx, e, func(engine *C.vv_engine) C.vvgo_result {
		return C.vvgo_list_evaluations(engine, chars(document), C.size_t(len(document)))
	})
}

// AllEvaluations reads evaluations to the end of the list, a page at a time (of 100 where the list has no limit of its own). An error ends it.
//
// The errors are those of [Engine.ListEvaluations].
func (e *Engine) AllEvaluations(ctx context.Context, list ListEvaluations) iter.Seq2[*Evaluation, error] {
	return func(yield func(*Evaluation, error) bool) {
		list := list
		if list.Limit == 0 {
			list.Limit = 100
		}
		for {
			page, err := e.ListEvaluations(ctx, list)
			if err != nil {
				yield(nil, err)
				return
			}
			for _, evaluation := range page.Evaluations {
				if !yield(evaluation, nil) {
					return
				}
			}
			if page.NextCursor == nil {
				return
			}
			list.Cursor = *page.NextCursor
		}
	}
}

// Score is the score of an evaluation, 0 to 1.
//
// [ErrNotFound]; [ErrInvalidState] where it has none: it is not finished, or failed.
func (e *Engine) Score(ctx context.Context, id ID) (float64, error) {
	var c call
	if err := c.begin(ctx, e); err != nil {
		return 0, err
	}
	r := C.vvgo_score(c.handle.engine, id.c())
	if err := c.end(&r); err != nil {
		return 0, err
	}
	return float64(r.score), nil
}

// Scorecard is the scorecard of an evaluation, for programs.
//
// [ErrNotFound] where there is no such evaluation.
func (e *Engine) Scorecard(ctx context.Context, id ID) (*Scorecard, error) {
	return read[*Scorecard](ctx, e, func(engine *C.vv_engine) C.vvgo_result {
		return C.vvgo_scorecard(engine, id.c(), C.VV_SCORECARD_JSON)
	})
}

// ScorecardMarkdown is the scorecard of an evaluation for people, in Markdown.
//
// [ErrNotFound] where there is no such evaluation.
func (e *Engine) ScorecardMarkdown(ctx context.Context, id ID) (string, error) {
	return e.scorecard(ctx, id, C.VV_SCORECARD_MARKDOWN)
}

// ScorecardHTML is the scorecard of an evaluation for people, as one page of HTML that needs nothing else.
//
// [ErrNotFound] where there is no such evaluation.
func (e *Engine) ScorecardHTML(ctx context.Context, id ID) (string, error) {
	return e.scorecard(ctx, id, C.VV_SCORECARD_HTML)
}

func (e *Engine) scorecard(ctx context.Context, id ID, format C.uint32_t) (string, error) {
	var c call
	if err := c.begin(ctx, e); err != nil {
		return "", err
	}
	r := C.vvgo_scorecard(c.handle.engine, id.c(), format)
	if err := c.end(&r); err != nil {
		return "", err
	}
	return text(&r), nil
}

// ReEvaluate has the same answers judged again. The new evaluation supersedes the earlier one, which stays.
//
// [ErrNotFound]; [ErrInvalidState] where the evaluation is not finished; [ErrConflict] where it was superseded already.
func (e *Engine) ReEvaluate(ctx context.Context, earlier ID, options ...CallOption) (*Evaluation, error) {
	return made[*Evaluation](ctx, e, options, func(engine *C.vv_engine, call C.vvgo_call, texts *C.char) C.vvgo_result {
		return C.vvgo_re_evaluate(engine, earlier.c(), call, texts)
	})
}

// OverrideScore puts a person's score in the place of a judge's. The new evaluation supersedes the earlier one, which stays.
//
// [ErrNotFound], [ErrInvalidInput]; [ErrInvalidState] where the evaluation has no score; [ErrConflict] where it was superseded already.
func (e *Engine) OverrideScore(ctx context.Context, earlier ID, change Override, options ...CallOption) (*Evaluation, error) {
	document, err := encode("the change", change)
	if err != nil {
		return nil, err
	}
	return made[*Evaluation](ctx, e, options, func(engine *C.vv_engine, call C.vvgo_call, texts *C.char) C.vvgo_result {
		return C.vvgo_override_score(engine, earlier.c(), chars(document), C.size_t(len(document)), call, texts)
	})
}

// Replay judges again from the stored replies, without asking anybody: the same evaluation as [Engine.Evaluation] gives, unless it was tampered with.
//
// [ErrNotFound]; [ErrInvalidState] where the evaluation is not finished; [ErrUnsupported] where an application's own evaluator made it, or it has no replies.
func (e *Engine) Replay(ctx context.Context, id ID) (*Evaluation, error) {
	return read[*Evaluation](ctx, e, func(engine *C.vv_engine) C.vvgo_result { return C.vvgo_replay(engine, id.c()) })
}

// RunWorker makes the evaluations that were left to workers (see [Queued]), of all tenants, until the context is over, which is no error; it gives how many it made. Any number
// of workers may run, in this process and in others.
//
// [ErrInvalidState] when the engine is closed, [ErrStorage] where the store fails for good.
func (e *Engine) RunWorker(ctx context.Context) (uint64, error) {
	return until(ctx, e, func(c *call) C.vvgo_result { return C.vvgo_run_worker(c.handle.engine, c.brings) })
}

// Spent is what this engine's tenant has used of its budget for language models in the present period, by all engines on the store.
//
// [ErrUnsupported] where tenants have no budget.
func (e *Engine) Spent(ctx context.Context) (*Spent, error) {
	return read[*Spent](ctx, e, func(engine *C.vv_engine) C.vvgo_result { return C.vvgo_spent(engine) })
}
