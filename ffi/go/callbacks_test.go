package vivavoce

import (
	"context"
	"errors"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// judged is a good judgement of every exchange.
func judged(request *JudgeRequest) *Judgement {
	found := &Judgement{Feedback: "Well said.", Strengths: []string{"all"}, NeedsReview: []string{"It is a test."}}
	for place, exchange := range request.Exchanges {
		sure := 0.5
		words := []rune(exchange.Answer)
		for _, competency := range request.Rubric.Competencies {
			found.Ratings = append(found.Ratings, NewRating{
				Exchange: uint32(place), Competency: competency.Name, Score: 0.75, Confidence: &sure, Reason: "It says so.",
				Quotes: []Quote{{Start: 0, End: uint32(len(words)), Text: exchange.Answer}},
			})
		}
	}
	return found
}

func evaluator(judge EvaluatorFunc) Option { return WithEvaluator("keywords", "7", judge) }

func TestTheApplicationSpeaksAndJudges(t *testing.T) {
	onEachStore(t, func(t *testing.T, open func(...Option) *Engine) {
		noGoroutinesLeft(t)
		ctx := context.Background()
		var scenes []Scene
		engine := open(
			WithInterviewer(InterviewerFunc(func(_ context.Context, scene *Scene) (string, error) {
				scenes = append(scenes, *scene)
				return "為什麼? <&>", nil
			})),
			evaluator(func(_ context.Context, request *JudgeRequest) (*Judgement, error) { return judged(request), nil }),
		)
		session := started(t, engine)
		turn := must[Turn](t)(engine.SendMessage(ctx, session.ID, "因為 🔒。"))
		if turn.Reply.Content != "為什麼? <&>" {
			t.Errorf("%+v", turn)
		}
		last := scenes[len(scenes)-1]
		if last.Interview.ID != session.InterviewID || last.Language != English || last.Messages[1].Content != "因為 🔒。" || last.Next.Kind == "" {
			t.Errorf("%+v", last)
		}
		evaluation := must[*Evaluation](t)(engine.EndSession(ctx, session.ID))
		if evaluation.Evaluator.Model != "keywords" || evaluation.Evaluator.Version != "7" || *evaluation.Score != 0.75 || evaluation.Feedback != "Well said." {
			t.Errorf("%+v", evaluation)
		}
		if rating := evaluation.Ratings[0]; rating.Basis != BasisApplication || rating.Confidence != 0.5 || rating.Quotes[0].Text != "因為 🔒。" {
			t.Errorf("%+v", rating)
		}
		if _, err := engine.Replay(ctx, evaluation.ID); !is(err, ErrUnsupported) {
			t.Error(err)
		}
	})
}

var errOwn = errors.New("what only the application knows")

func TestCallbacksThatFail(t *testing.T) {
	noGoroutinesLeft(t)
	fails := map[string]struct {
		fail      func() (string, error)
		kind      Kind
		says      string
		cause     error
		retryable time.Duration
	}{
		"an error of its own": {func() (string, error) { return "", errOwn }, ErrProvider, "the interviewer failed", errOwn, 0},
		"an error of ours": {func() (string, error) {
			return "", &Error{Kind: ErrLimited, Message: "come back", Retryable: true, RetryAfter: 1500 * time.Microsecond}
		}, ErrLimited, "come back", nil, 2 * time.Millisecond},
		"one of ours, wrapped":  {func() (string, error) { return "", errors.Join(errOwn, &Error{Kind: ErrStorage, Message: "no disk"}) }, ErrStorage, "no disk", errOwn, 0},
		"a kind":                {func() (string, error) { return "", ErrUnsupported }, ErrUnsupported, "the interviewer failed", ErrUnsupported, 0},
		"a deadline of its own": {func() (string, error) { return "", context.DeadlineExceeded }, ErrTimeout, "not done in time", nil, 0},
		"a panic":               {func() (string, error) { panic("canary") }, ErrInternal, "the interviewer panicked", nil, 0},
		"a panic with an error": {func() (string, error) { panic(errOwn) }, ErrInternal, "the interviewer panicked", errOwn, 0},
		"an ended goroutine":    {func() (string, error) { runtime.Goexit(); return "", nil }, ErrProvider, "the interviewer failed", errEnded, 0},
		"no UTF-8":              {func() (string, error) { return "a\xff", nil }, ErrProvider, "UTF-8", nil, 0},
		"nothing":               {func() (string, error) { return "", nil }, 0, "", nil, 0},
	}
	for name, it := range fails {
		t.Run(name, func(t *testing.T) {
			ctx := context.Background()
			failing := false
			engine := openOn(t, "memory:", WithInterviewer(InterviewerFunc(func(context.Context, *Scene) (string, error) {
				if failing {
					return it.fail()
				}
				return "And then?", nil
			})))
			session := started(t, engine)
			failing = true
			_, err := engine.SendMessage(ctx, session.ID, deadlock)
			var found *Error
			if !errors.As(err, &found) || it.kind != 0 && (!is(err, it.kind) || !strings.Contains(err.Error(), it.says)) || strings.Contains(err.Error(), "canary") {
				t.Fatal(err)
			}
			if it.cause != nil && !is(err, it.cause) {
				t.Errorf("%v is not found in %v", it.cause, err)
			}
			if found.Retryable != (it.retryable > 0) || found.RetryAfter != it.retryable {
				t.Errorf("%+v", found)
			}
			var panicked *PanicError
			if errors.As(err, &panicked) != (it.kind == ErrInternal) || panicked != nil && (panicked.Value == nil || len(panicked.Stack) == 0) {
				t.Errorf("%+v", panicked)
			}
			failing = false
			turn := must[Turn](t)(engine.SendMessage(ctx, session.ID, deadlock))
			if turn.Message.Number != 2 || turn.Reply.Content != "And then?" {
				t.Errorf("%+v", turn)
			}
		})
	}
}

func TestEvaluatorsThatFail(t *testing.T) {
	noGoroutinesLeft(t)
	ctx := context.Background()
	for name, it := range map[string]struct {
		judge EvaluatorFunc
		says  string
		kind  Kind
		cause error
	}{
		"an error":     {func(context.Context, *JudgeRequest) (*Judgement, error) { return nil, errOwn }, "the evaluator failed", ErrProvider, errOwn},
		"a panic":      {func(context.Context, *JudgeRequest) (*Judgement, error) { panic(errOwn) }, "the evaluator panicked", ErrInternal, errOwn},
		"no judgement": {func(context.Context, *JudgeRequest) (*Judgement, error) { return nil, nil }, "no judgement", ErrProvider, nil},
		"no number": {func(context.Context, *JudgeRequest) (*Judgement, error) {
			return &Judgement{Ratings: []NewRating{{Score: nan()}}}, nil
		}, "not a judgement", ErrProvider, nil},
		"a wrong score": {func(_ context.Context, r *JudgeRequest) (*Judgement, error) {
			j := judged(r)
			j.Ratings[0].Score = 7
			return j, nil
		}, "score is not within 0 to 1", ErrProvider, nil},
		"a false quote": {func(_ context.Context, r *JudgeRequest) (*Judgement, error) {
			j := judged(r)
			j.Ratings[0].Quotes[0].Text = "Never said."
			return j, nil
		}, "quote", ErrProvider, nil},
		"nothing at all": {func(context.Context, *JudgeRequest) (*Judgement, error) { return &Judgement{}, nil }, "", 0, nil},
	} {
		t.Run(name, func(t *testing.T) {
			engine := openOn(t, "memory:", evaluator(it.judge))
			session := started(t, engine)
			must[Turn](t)(engine.SendMessage(ctx, session.ID, deadlock))
			evaluation := must[*Evaluation](t)(engine.EndSession(ctx, session.ID))
			if evaluation.Status != EvaluationFailed || evaluation.Score != nil || !strings.Contains(*evaluation.Failure, it.says) {
				t.Errorf("%+v", evaluation)
			}
			_, err := engine.EvaluateAnswer(ctx, Answered{Question{Text: "Why?"}, "Because."}, Judging{InterviewType: General})
			if err == nil || it.kind != 0 && !is(err, it.kind) || it.cause != nil && !is(err, it.cause) {
				t.Error(err)
			}
		})
	}
}

func TestTheReplyIsHeard(t *testing.T) {
	noGoroutinesLeft(t)
	ctx := context.Background()
	engine := openOn(t, "memory:")
	session := started(t, engine)
	var heard strings.Builder
	turn := must[Turn](t)(engine.SendMessageHeard(ctx, session.ID, deadlock, func(said Said) {
		if said.Again {
			heard.Reset()
		}
		heard.WriteString(said.Words)
	}, IdempotencyKey("1")))
	if heard.String() != turn.Reply.Content || turn.Reply.Content == "" || turn.Message.Content != deadlock || turn.Message.Number != 2 {
		t.Errorf("%q: %+v", heard.String(), turn)
	}
	if again := must[Turn](t)(engine.SendMessage(ctx, session.ID, deadlock, IdempotencyKey("1"))); !reflect.DeepEqual(again, turn) {
		t.Errorf("%+v is not %+v", again, turn)
	}
	func() {
		defer func() {
			if recover() != "enough" {
				t.Error("it did not panic")
			}
		}()
		_, _ = engine.SendMessageHeard(ctx, session.ID, "More.", func(Said) { panic("enough") })
	}()
	var ended sync.WaitGroup
	ended.Add(1)
	go func() {
		defer ended.Done()
		_, _ = engine.SendMessageHeard(ctx, session.ID, "Even more.", func(Said) { runtime.Goexit() })
	}()
	ended.Wait()
	// Both were sent all the same.
	if kept := must[*Session](t)(engine.Session(ctx, session.ID)); len(kept.Messages) != 7 {
		t.Errorf("%+v", kept)
	}
	if _, err := engine.SendMessageHeard(ctx, ID{}, "More.", func(Said) {}); !is(err, ErrNotFound) {
		t.Error(err)
	}
}

func TestAClockThatPanics(t *testing.T) {
	engine := openOn(t, "memory:", WithClock(func() time.Time { panic("late") }))
	if created := must[*Interview](t)(engine.CreateInterview(context.Background(), plan("Why?"))).CreatedAt; time.Since(created) > time.Minute {
		t.Error(created)
	}
}

func TestEventsAreWaitedFor(t *testing.T) {
	onEachStore(t, func(t *testing.T, open func(...Option) *Engine) {
		noGoroutinesLeft(t)
		engine := open()
		session := started(t, engine)
		ctx, cancel := context.WithCancel(context.Background())
		defer cancel()
		var numbers []uint64
		var said []string
		for event, err := range engine.Events(ctx, session.ID, 0) {
			if err != nil {
				t.Fatal(err)
			}
			numbers = append(numbers, event.Number)
			if event.Message != nil {
				said = append(said, event.Message.Content)
			}
			switch {
			case len(said) == 1:
				// What is written while others listen comes as well.
				go func() { _, _ = engine.SendMessage(context.Background(), session.ID, deadlock) }()
			case len(said) == 3:
				cancel()
			}
		}
		if len(said) != 3 || said[1] != deadlock || !slices.IsSorted(numbers) {
			t.Errorf("%v, %q", numbers, said)
		}
		var later []uint64
		for event, err := range engine.PastEvents(context.Background(), session.ID, numbers[1]) {
			if err != nil {
				t.Fatal(err)
			}
			later = append(later, event.Number)
		}
		if !slices.Equal(later, numbers[2:]) {
			t.Errorf("%v, %v", later, numbers)
		}
		if err := first(engine.PastEvents(ctx, session.ID, 0)); !is(err, context.Canceled) {
			t.Error(err)
		}
	})
}
