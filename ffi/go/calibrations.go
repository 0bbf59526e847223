package vivavoce

// #include "calls.h"
import "C"

import (
	"context"
	"strconv"
	"time"
)

// A GradedAnswer is an answer that a person graded.
type GradedAnswer struct {
	// Question is what was asked: a correction is for its text, its reference answer and its key points.
	Question Question `json:"question"`
	// Answer is what was said, up to 32,000 characters. It is not kept.
	Answer string `json:"answer"`
	// Score is the grader's, 0 to 1.
	Score float64 `json:"score"`
}

// A Correction is a straight line from the evaluator's score to a person's: score + Offset + Slope × (score − Center).
type Correction struct {
	// Offset is how much more people give on average.
	Offset float64 `json:"offset"`
	// Slope is how much more they give for each point of the score above Center.
	Slope float64 `json:"slope"`
	// Center is the evaluator's mean score of the graded answers.
	Center float64 `json:"center"`
}

// A QuestionCorrection is what was learned of one question.
type QuestionCorrection struct {
	// Question is a hash of its text, its reference answer and its key points.
	Question string `json:"question"`
	// Answers is from how many graded answers.
	Answers uint32 `json:"answers"`
	// Line goes from scores that are corrected for all questions already.
	Line Correction `json:"line"`
	// Words are those of the reference answer and the key points, by their hashes, in rising order.
	Words []uint32 `json:"words"`
	// Weights are what the graders give for each of the words where an answer has it, divided by the square root of how many it has.
	Weights []float64 `json:"weights"`
}

// Nearness says how near scores are to people's.
type Nearness struct {
	// Pearson is Pearson's correlation, -1 to 1; nil where all scores of either are the same.
	Pearson *float64 `json:"pearson"`
	// RMSE is the root of the mean squared difference, 0 to 1.
	RMSE float64 `json:"rmse"`
}

// A Calibration is what was learned from graded answers: a small correction of the built-in evaluator's scores. It has no words of anybody in it. See [Engine.Calibrate].
type Calibration struct {
	// Name has 1 to 100 characters.
	Name string `json:"name"`
	// Version is which of this name it is, from 1.
	Version uint32 `json:"version"`
	// CreatedAt is when it was made.
	CreatedAt time.Time `json:"created_at"`
	// EvaluatorVersion is the version of the built-in evaluator that it corrects.
	EvaluatorVersion string `json:"evaluator_version"`
	// Answers is how many graded answers it was learned from: those that say something.
	Answers uint32 `json:"answers"`
	// Bank is for every question; nil where there were fewer than 50 answers, or most of them said nothing.
	Bank *Correction `json:"bank"`
	// Questions are those with 10 answers or more, by their hashes, in rising order.
	Questions []QuestionCorrection `json:"questions"`
	// Before is how near the scores of the graded answers are to the graders' as they are.
	Before Nearness `json:"before"`
	// After is how near they are corrected, each by what was learned from the others.
	After Nearness `json:"after"`
}

// Label is how evaluations name it: name@version.
func (c *Calibration) Label() string { return c.Name + "@" + strconv.FormatUint(uint64(c.Version), 10) }

// Calibrate learns from answers that people graded, up to 20,000, how the built-in evaluator's scores have to be corrected, and keeps it as the next version of a name. Nobody's
// scores change until a plan, or [Judging], names it; the evaluation then says so in its Calibration. Judging is what answers are judged by then, and has no calibration itself.
//
// Of 10 graded answers to a question it learns how strictly that question is graded and what its reference's words are worth to the graders; of 50 answers in all, how strictly
// any question is. Before and After say how near the scores come to the graders': where After is not nearer, do not use it. The answers are not kept, and the same ones again give
// the same version.
//
// It computes for seconds where there are many answers. The context is looked at while the answers are judged, and not while it learns from them.
//
// [ErrInvalidInput] where the name is blank, longer than 100 characters, has a @ or a control character, or begins or ends with white space, where a limit is broken (the message says of which answer, from 0), and where there are fewer
// than 10 answers to each question and fewer than 50 in all, or most of them say nothing; [ErrStorage] where the store fails.
func (e *Engine) Calibrate(ctx context.Context, name string, graded []GradedAnswer, judging Judging, options ...CallOption) (*Calibration, error) {
	if graded == nil {
		graded = []GradedAnswer{}
	}
	answers, err := encode("the graded answers", graded)
	if err != nil {
		return nil, err
	}
	how, err := encode("how to judge", judging)
	if err != nil {
		return nil, err
	}
	return made[*Calibration](ctx, e, options, func(engine *C.vv_engine, call C.vvgo_call, texts *C.char) C.vvgo_result {
		return C.vvgo_calibrate(engine, chars(name), C.size_t(len(name)), chars(answers), C.size_t(len(answers)), chars(how), C.size_t(len(how)), call, texts)
	})
}

// Calibration reads a calibration: the newest of a name, or name@version.
//
// [ErrNotFound] where there is none; [ErrInvalidInput] where that is no name.
func (e *Engine) Calibration(ctx context.Context, name string) (*Calibration, error) {
	return read[*Calibration](ctx, e, func(engine *C.vv_engine) C.vvgo_result {
		return C.vvgo_calibration(engine, chars(name), C.size_t(len(name)))
	})
}

// Calibrations are all those of this engine's tenant, every version, by name and version.
//
// [ErrStorage] where the store fails.
func (e *Engine) Calibrations(ctx context.Context) ([]*Calibration, error) {
	return read[[]*Calibration](ctx, e, func(engine *C.vv_engine) C.vvgo_result { return C.vvgo_calibrations(engine) })
}
