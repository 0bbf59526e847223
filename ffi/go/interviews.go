package vivavoce

// #include "calls.h"
import "C"

import (
	"context"
	"iter"
)

// CreateInterview plans an interview.
//
// [ErrInvalidInput] where a limit is broken, [ErrConflict] where the key was used for another plan.
func (e *Engine) CreateInterview(ctx context.Context, plan NewInterview, options ...CallOption) (*Interview, error) {
	document, err := encode("the plan", plan)
	if err != nil {
		return nil, err
	}
	return made[*Interview](ctx, e, options, func(engine *C.vv_engine, call C.vvgo_call, texts *C.char) C.vvgo_result {
		return C.vvgo_create_interview(engine, chars(document), C.size_t(len(document)), call, texts)
	})
}

// Interview reads an interview.
//
// [ErrNotFound] where there is none, or it was erased.
func (e *Engine) Interview(ctx context.Context, id ID) (*Interview, error) {
	return read[*Interview](ctx, e, func(engine *C.vv_engine) C.vvgo_result { return C.vvgo_interview(engine, id.c()) })
}

// UpdateInterview replaces the plan of a draft: an interview of which no session was started, and no evaluation asked for. The whole plan: see [Interview.Plan]. Of two updates
// at once, both are done, one after the other.
//
// [ErrInvalidInput] where a limit is broken; [ErrNotFound] where there is none, or it was erased; [ErrInvalidState] where it is no draft; [ErrConflict] where the key was used
// for another plan.
func (e *Engine) UpdateInterview(ctx context.Context, id ID, plan NewInterview, options ...CallOption) (*Interview, error) {
	document, err := encode("the plan", plan)
	if err != nil {
		return nil, err
	}
	return made[*Interview](ctx, e, options, func(engine *C.vv_engine, call C.vvgo_call, texts *C.char) C.vvgo_result {
		return C.vvgo_update_interview(engine, id.c(), chars(document), C.size_t(len(document)), call, texts)
	})
}

// DeleteDraft erases an interview of which no session was started, and no evaluation asked for, and refuses any other. Its id, times and audit log stay. Who requested it is
// recorded. On an interview that is erased already it does nothing.
//
// As [Engine.EraseInterview]; [ErrInvalidState] where it is no draft.
func (e *Engine) DeleteDraft(ctx context.Context, interview ID, requestedBy string) error {
	var c call
	if err := c.begin(ctx, e); err != nil {
		return err
	}
	r := C.vvgo_delete_draft(c.handle.engine, interview.c(), chars(requestedBy), C.size_t(len(requestedBy)))
	return c.end(&r)
}

// ListInterviews reads one page of interviews; see [Engine.Interviews] for all of them.
//
// [ErrInvalidInput] where a filter, the limit or the cursor is wrong.
func (e *Engine) ListInterviews(ctx context.Context, list ListInterviews) (*InterviewPage, error) {
	document, err := encode("the list", list)
	if err != nil {
		return nil, err
	}
	return read[*InterviewPage](ctx, e, func(engine *C.vv_engine) C.vvgo_result {
		return C.vvgo_list_interviews(engine, chars(document), C.size_t(len(document)))
	})
}

// Interviews reads interviews to the end of the list, a page at a time (of 100 where the list has no limit of its own). An error ends it.
//
// The errors are those of [Engine.ListInterviews].
func (e *Engine) Interviews(ctx context.Context, list ListInterviews) iter.Seq2[*Interview, error] {
	return func(yield func(*Interview, error) bool) {
		list := list
		if list.Limit == 0 {
			list.Limit = 100
		}
		for {
			page, err := e.ListInterviews(ctx, list)
			if err != nil {
				yield(nil, err)
				return
			}
			for _, interview := range page.Interviews {
				if !yield(interview, nil) {
					return
				}
			}
			if page.NextCursor == nil {
				return
			}
			list.Paging = Paging{Cursor: *page.NextCursor}
		}
	}
}

// GenerateQuestions proposes the questions of a plan, with what a full answer says: by the interviewer's language model, or from a built-in bank.
//
// [ErrInvalidInput] where a limit is broken, [ErrProvider] where a model's questions could not be used.
func (e *Engine) GenerateQuestions(ctx context.Context, wanted QuestionRequest, options ...CallOption) ([]Question, error) {
	document, err := encode("the request", wanted)
	if err != nil {
		return nil, err
	}
	return made[[]Question](ctx, e, options, func(engine *C.vv_engine, call C.vvgo_call, texts *C.char) C.vvgo_result {
		return C.vvgo_generate_questions(engine, chars(document), C.size_t(len(document)), call, texts)
	})
}
