package vivavoce

import (
	"context"
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"
)

var deadlockReference = "A deadlock is a state in which threads hold locks and wait for each other. Taking locks in one order prevents it."

// gradedAnswers are ten to a question, each given this score, but for those that miss it.
func gradedAnswers(score float64) []GradedAnswer {
	question := Question{Text: "What is a deadlock?", ReferenceAnswer: &deadlockReference, KeyPoints: []string{"each waits for a lock", "an order of locks"}}
	var graded []GradedAnswer
	for range 2 {
		for _, answer := range []string{
			"Threads hold locks and wait for each other.", "A state in which nothing goes on, since each waits for a lock.", "Taking locks in one order prevents it.",
			"Something with threads and locks, I think.",
		} {
			graded = append(graded, GradedAnswer{question, answer, score})
		}
		graded = append(graded, GradedAnswer{question, "When a program is slow.", 0})
	}
	return graded
}

func TestCalibrationsAreLearnedKeptAndCorrectWhatNamesThem(t *testing.T) {
	onEachStore(t, func(t *testing.T, open func(...Option) *Engine) {
		ctx := context.Background()
		engine := open()
		judging := Judging{InterviewType: General}
		if none := must[[]*Calibration](t)(engine.Calibrations(ctx)); len(none) != 0 {
			t.Errorf("%+v", none)
		}
		strict := must[*Calibration](t)(engine.Calibrate(ctx, "threads", gradedAnswers(0.3), judging))
		if strict.Label() != "threads@1" || strict.Answers != 10 || strict.Bank != nil || len(strict.Questions) != 1 || strict.After.RMSE >= strict.Before.RMSE {
			t.Errorf("%+v", strict)
		}
		if learned := strict.Questions[0]; learned.Answers != 10 || len(learned.Words) == 0 || len(learned.Words) != len(learned.Weights) || !slices.IsSorted(learned.Words) || strict.Before.Pearson == nil || math.Abs(*strict.Before.Pearson) > 1 {
			t.Errorf("%+v", strict)
		}
		if same := must[*Calibration](t)(engine.Calibrate(ctx, "threads", gradedAnswers(0.3), judging)); !reflect.DeepEqual(same, strict) {
			t.Errorf("%+v is not %+v", same, strict)
		}
		lenient := must[*Calibration](t)(engine.Calibrate(ctx, "threads", gradedAnswers(1), judging))
		for name, expected := range map[string]*Calibration{"threads": lenient, "threads@1": strict, "threads@2": lenient} {
			if read := must[*Calibration](t)(engine.Calibration(ctx, name)); !reflect.DeepEqual(read, expected) {
				t.Errorf("%s: %+v is not %+v", name, read, expected)
			}
		}
		if all := must[[]*Calibration](t)(engine.Calibrations(ctx)); !reflect.DeepEqual(all, []*Calibration{strict, lenient}) {
			t.Errorf("%+v", all)
		}

		answered := Answered{gradedAnswers(1)[0].Question, "A state in which nothing goes on, since each waits for a lock."}
		plain := must[*AnswerEvaluation](t)(engine.EvaluateAnswer(ctx, answered, judging))
		judging.Calibration = "threads@1"
		low := must[*AnswerEvaluation](t)(engine.EvaluateAnswer(ctx, answered, judging))
		judging.Calibration = "threads"
		high := must[[]Judged](t)(engine.EvaluateAnswers(ctx, []Answered{answered}, judging))[0].Judgement
		if plain.Calibration != "" || low.Calibration != "threads@1" || high.Calibration != "threads@2" || low.Score >= plain.Score || high.Score <= plain.Score {
			t.Errorf("%+v\n%+v\n%+v", plain, low, high)
		}

		new := plan()
		new.Questions, new.Calibration = []Question{answered.Question}, "threads@1"
		interview := must[*Interview](t)(engine.CreateInterview(ctx, new))
		if interview.Calibration != "threads@1" || interview.Plan().Calibration != "threads@1" {
			t.Errorf("%+v", interview)
		}
		// Both of the calibrations were learned by the standard rubric of another type, and correct its scores all the same.
		if judged := must[*Evaluation](t)(engine.Evaluate(ctx, interview.ID, map[uint32]string{0: answered.Answer})); judged.Calibration != "threads@1" || *judged.Score <= 0 || len(judged.KeyPoints) != 2 {
			t.Errorf("%+v", judged)
		}
		new.Calibration = "locks"
		if _, err := engine.CreateInterview(ctx, new); !is(err, ErrInvalidInput) {
			t.Error(err)
		}
		draft := must[*Interview](t)(engine.CreateInterview(ctx, plan("Why?")))
		if _, err := engine.UpdateInterview(ctx, draft.ID, new); !is(err, ErrInvalidInput) {
			t.Error(err)
		}
	})
}

func TestKeyPointsAreCoveredPartlyOrMissing(t *testing.T) {
	onEachStore(t, func(t *testing.T, open func(...Option) *Engine) {
		ctx := context.Background()
		engine := open()
		new := plan()
		new.Questions = []Question{{Text: "What is a deadlock?", KeyPoints: []string{"each holds a lock the other needs", "banker's algorithm"}}}
		interview := must[*Interview](t)(engine.CreateInterview(ctx, new))
		const answer = "好: two threads each hold a lock the other needs."
		found := must[*Evaluation](t)(engine.Evaluate(ctx, interview.ID, map[uint32]string{0: answer})).KeyPoints
		if len(found) != 2 || found[0].Coverage != CoverageCovered || found[0].Share < 2.0/3 || found[1].Coverage != CoverageMissing || found[1].Point != 1 || found[1].Text != "banker's algorithm" || len(found[1].Quotes) != 0 {
			t.Fatalf("%+v", found)
		}
		if len(found[0].Quotes) == 0 {
			t.Error("nothing is quoted")
		}
		for _, quote := range found[0].Quotes {
			if said := string([]rune(answer)[quote.Start:quote.End]); said != quote.Text {
				t.Errorf("%q is not %q", quote.Text, said)
			}
		}
		alone := must[*AnswerEvaluation](t)(engine.EvaluateAnswer(ctx, Answered{new.Questions[0], answer}, Judging{InterviewType: Technical}))
		if !reflect.DeepEqual(alone.KeyPoints, found) {
			t.Errorf("%+v is not %+v", alone.KeyPoints, found)
		}
		if none := must[*AnswerEvaluation](t)(engine.EvaluateAnswer(ctx, Answered{Question{Text: "Why?"}, answer}, Judging{InterviewType: Technical})); none.KeyPoints != nil {
			t.Errorf("%+v", none)
		}
	})
}

func TestWrongCalibrationsAreRefused(t *testing.T) {
	ctx := context.Background()
	engine := openOn(t, "memory:")
	judging, graded := Judging{InterviewType: General}, gradedAnswers(1)
	with := func(change func(graded []GradedAnswer)) []GradedAnswer {
		changed := gradedAnswers(1)
		change(changed)
		return changed
	}
	corrected := Judging{InterviewType: General, Calibration: "threads"}
	for what, it := range map[string]struct {
		name    string
		graded  []GradedAnswer
		judging Judging
		says    string
	}{
		"a blank name":  {" ", graded, judging, "name is empty"},
		"an @":          {"a@1", graded, judging, "name has a @"},
		"a long name":   {strings.Repeat("n", 101), graded, judging, "name"},
		"a NUL":         {"a\x00b", graded, judging, "name"},
		"no UTF-8":      {"a\xff", graded, judging, "name is not UTF-8"},
		"no answers":    {"a", nil, judging, "graded answers: 0 given"},
		"too few":       {"a", graded[:9], judging, "9 graded answers, of which 9 say something"},
		"a large score": {"a", with(func(graded []GradedAnswer) { graded[3].Score = 1.5 }), judging, "graded answer 3: score is not within 0 to 1"},
		"no number":     {"a", with(func(graded []GradedAnswer) { graded[3].Score = math.NaN() }), judging, "a number is not finite"},
		"no text":       {"a", with(func(graded []GradedAnswer) { graded[3].Answer = "\xff" }), judging, "text that is not UTF-8"},
		"no question":   {"a", with(func(graded []GradedAnswer) { graded[3].Question.Text = "" }), judging, "graded answer 3: question"},
		"no type":       {"a", graded, Judging{}, "judging"},
		"corrected":     {"a", graded, corrected, "no other has corrected"},
	} {
		if _, err := engine.Calibrate(ctx, it.name, it.graded, it.judging); !is(err, ErrInvalidInput) || !strings.Contains(err.Error(), it.says) {
			t.Errorf("%s: %v", what, err)
		}
	}
	for name, kind := range map[string]Kind{"threads": ErrNotFound, "threads@1": ErrNotFound, "": ErrInvalidInput, "a@": ErrInvalidInput, "a@0": ErrInvalidInput, "a@b": ErrInvalidInput, "a\xff": ErrInvalidInput} {
		if _, err := engine.Calibration(ctx, name); !is(err, kind) {
			t.Errorf("%q: %v", name, err)
		}
	}
	answered := Answered{Question{Text: "Why?"}, "Because."}
	if _, err := engine.EvaluateAnswer(ctx, answered, corrected); !is(err, ErrInvalidInput) {
		t.Error(err)
	}
	if _, err := engine.EvaluateAnswers(ctx, []Answered{answered}, corrected); !is(err, ErrInvalidInput) {
		t.Error(err)
	}
	ended, cancel := context.WithCancel(ctx)
	cancel()
	if _, err := engine.Calibrate(ended, "threads", graded, judging); !is(err, context.Canceled) {
		t.Error(err)
	}
	if all := must[[]*Calibration](t)(engine.Calibrations(ctx)); len(all) != 0 {
		t.Errorf("%+v", all)
	}
}
