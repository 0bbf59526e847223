package vivavoce

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"
	"time"
)

func TestACallDoesNotWaitForAnEvaluatorLongerThanItsContext(t *testing.T) {
	hangs := func(_ context.Context, told <-chan struct{}) error {
		<-told
		return nil
	}
	heeds := func(ctx context.Context, told <-chan struct{}) error {
		select {
		case <-told:
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	gives := func(ctx context.Context, told <-chan struct{}) error {
		if heeds(ctx, told) != nil {
			return errOwn
		}
		return nil
	}
	cancels := func(entered <-chan struct{}) (context.Context, context.CancelFunc) {
		ctx, cancel := context.WithCancel(context.Background())
		go func() { <-entered; cancel() }()
		return ctx, cancel
	}
	expires := func(<-chan struct{}) (context.Context, context.CancelFunc) {
		return context.WithTimeout(context.Background(), 20*time.Millisecond)
	}
	for name, it := range map[string]struct {
		wait  func(context.Context, <-chan struct{}) error
		begin func(<-chan struct{}) (context.Context, context.CancelFunc)
		cause error
	}{
		"hangs, cancelled":              {hangs, cancels, context.Canceled},
		"hangs, deadline":               {hangs, expires, context.DeadlineExceeded},
		"heeds, cancelled":              {heeds, cancels, context.Canceled},
		"heeds, deadline":               {heeds, expires, context.DeadlineExceeded},
		"has its own reason, cancelled": {gives, cancels, context.Canceled},
	} {
		t.Run(name, func(t *testing.T) {
			onEachStore(t, func(t *testing.T, open func(...Option) *Engine) {
				noGoroutinesLeft(t)
				entered, told := make(chan struct{}, 100), make(chan struct{})
				engine := open(evaluator(func(ctx context.Context, request *JudgeRequest) (*Judgement, error) {
					entered <- struct{}{}
					if err := it.wait(ctx, told); err != nil {
						return nil, err
					}
					return judged(request), nil
				}))
				var session *Session
				for range 10 {
					session = started(t, engine)
					must[Turn](t)(engine.SendMessage(context.Background(), session.ID, deadlock))
					ctx, cancel := it.begin(entered)
					_, err := engine.EndSession(ctx, session.ID)
					if !is(err, ErrTimeout) || !is(err, it.cause) {
						t.Fatal(err)
					}
					must[Health](t)(engine.Health(context.Background()))
					if _, err := engine.Interview(ctx, session.InterviewID); !is(err, ErrTimeout) || !is(err, it.cause) {
						t.Error(err)
					}
					cancel()
				}
				close(told)
				evaluation := must[*Evaluation](t)(engine.EndSession(context.Background(), session.ID))
				if evaluation.Status != EvaluationCompleted {
					t.Errorf("%+v", evaluation)
				}
			})
		})
	}
}

// A context with a deadline that nothing happens at.
type untimed struct {
	context.Context
	at time.Time
}

func (u untimed) Deadline() (time.Time, bool) { return u.at, true }

func TestWhoWaitsForAnotherCallIsCancelled(t *testing.T) {
	noGoroutinesLeft(t)
	entered, told := make(chan struct{}), make(chan struct{})
	engine := openOn(t, "memory:", evaluator(func(_ context.Context, request *JudgeRequest) (*Judgement, error) {
		close(entered)
		<-told
		return judged(request), nil
	}))
	session := started(t, engine)
	must[Turn](t)(engine.SendMessage(context.Background(), session.ID, deadlock))
	done := make(chan error)
	go func() {
		_, err := engine.EndSession(context.Background(), session.ID)
		done <- err
	}()
	<-entered
	// The evaluator is not asked a second time: this waits within the library.
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Millisecond)
	defer cancel()
	if _, err := engine.EndSession(ctx, session.ID); !is(err, ErrTimeout) || !is(err, context.DeadlineExceeded) {
		t.Error(err)
	}
	// The library knows the deadline itself.
	if _, err := engine.EndSession(untimed{context.Background(), time.Now().Add(30 * time.Millisecond)}, session.ID); !is(err, ErrTimeout) || !is(err, context.DeadlineExceeded) {
		t.Error(err)
	}
	ctx, cancel = context.WithCancel(context.Background())
	waiting := make(chan error)
	go func() {
		_, err := engine.EndSession(ctx, session.ID)
		waiting <- err
	}()
	cancel()
	if err := <-waiting; !is(err, ErrTimeout) || !is(err, context.Canceled) {
		t.Error(err)
	}
	close(told)
	if err := <-done; err != nil {
		t.Error(err)
	}
}

func TestAnEvaluatorHasTheContextOfItsCall(t *testing.T) {
	type key struct{}
	ctx := context.WithValue(context.Background(), key{}, "mine")
	var engine *Engine
	var seen any
	engine = openOn(t, "memory:", evaluator(func(ctx context.Context, request *JudgeRequest) (*Judgement, error) {
		// It may use the engine.
		if _, err := engine.Interview(ctx, request.Interview.ID); err != nil {
			return nil, err
		}
		seen = ctx.Value(key{})
		return judged(request), nil
	}))
	session := started(t, engine)
	must[Turn](t)(engine.SendMessage(ctx, session.ID, deadlock))
	evaluation := must[*Evaluation](t)(engine.EndSession(ctx, session.ID))
	if evaluation.Status != EvaluationCompleted || seen != "mine" {
		t.Errorf("%v: %+v", seen, evaluation)
	}
	all := must[[]Judged](t)(engine.EvaluateAnswers(ctx, []Answered{{Question{Text: "Why?"}, "Because."}}, Judging{InterviewType: General}))
	if all[0].Err == nil {
		t.Error("the interview of an answer by itself is none")
	}
}

func TestCancelledCallsLeaveNothing(t *testing.T) {
	noGoroutinesLeft(t)
	engine := openOn(t, "memory:")
	session := started(t, engine)
	for place := range 200 {
		ctx, cancel := context.WithCancel(context.Background())
		go cancel()
		_, err := engine.SendMessage(ctx, session.ID, fmt.Sprint("Because of ", place))
		if err != nil && (!is(err, ErrTimeout) || !is(err, context.Canceled)) {
			t.Fatal(err)
		}
		cancel()
	}
	// One that a callback cancelled is not used again, whoever stops whom first.
	spent := watchOver(context.Background())
	spent.now()
	spent.end()
	if again := watchOver(context.Background()); again == spent {
		t.Error("a cancelled token is used again")
	}
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	for place := range 50 {
		must[Turn](t)(engine.SendMessage(ctx, session.ID, fmt.Sprint("And of ", place)))
	}
}

func TestEvaluateAnswersTellsItsEvaluatorsThatItIsOver(t *testing.T) {
	answers := make([]Answered, 8)
	for place := range answers {
		answers[place] = Answered{Question{Text: "Why?"}, "Because."}
	}
	for name, it := range map[string]struct {
		begin func(entered <-chan struct{}) (context.Context, context.CancelFunc)
		cause error
	}{
		"cancelled": {func(entered <-chan struct{}) (context.Context, context.CancelFunc) {
			ctx, cancel := context.WithCancel(context.Background())
			go func() { <-entered; cancel() }()
			return ctx, cancel
		}, context.Canceled},
		"deadline": {func(<-chan struct{}) (context.Context, context.CancelFunc) {
			return context.WithTimeout(context.Background(), 50*time.Millisecond)
		}, context.DeadlineExceeded},
	} {
		t.Run(name, func(t *testing.T) {
			noGoroutinesLeft(t)
			entered := make(chan struct{}, len(answers))
			var told, timed atomic.Int64
			engine := openOn(t, "memory:", evaluator(func(ctx context.Context, _ *JudgeRequest) (*Judgement, error) {
				if _, ok := ctx.Deadline(); ok {
					timed.Add(1)
				}
				entered <- struct{}{}
				<-ctx.Done()
				told.Add(1)
				return nil, ctx.Err()
			}))
			ctx, cancel := it.begin(entered)
			defer cancel()
			began := time.Now()
			all, err := engine.EvaluateAnswers(ctx, answers, Judging{InterviewType: General})
			if took := time.Since(began); took > 5*time.Second {
				t.Errorf("it took %v", took)
			}
			if err != nil && (!is(err, ErrTimeout) || !is(err, it.cause)) {
				t.Error(err)
			}
			for _, one := range all {
				if !is(one.Err, ErrTimeout) || !is(one.Err, it.cause) {
					t.Errorf("%+v", one)
				}
			}
			if err == nil && len(all) != len(answers) {
				t.Errorf("%d of %d", len(all), len(answers))
			}
			within(t, "those that wait are told", func() bool { return told.Load() > 0 })
			if timed.Load() == 0 && it.cause == context.DeadlineExceeded {
				t.Error("nobody knows the deadline")
			}
		})
	}
}

func TestAnEvaluatorOfManyAnswersEndsWithItsEngine(t *testing.T) {
	noGoroutinesLeft(t)
	entered := make(chan struct{}, 8)
	engine := openOn(t, "memory:", evaluator(func(ctx context.Context, _ *JudgeRequest) (*Judgement, error) {
		entered <- struct{}{}
		<-ctx.Done()
		return nil, ctx.Err()
	}))
	go func() { <-entered; _ = engine.Close() }()
	all, err := engine.EvaluateAnswers(context.Background(), []Answered{{Question{Text: "Why?"}, "Because."}, {Question{Text: "How?"}, "So."}}, Judging{InterviewType: General})
	for _, one := range all {
		if !is(one.Err, ErrInvalidState) {
			t.Errorf("%+v", one)
		}
	}
	if err != nil && !is(err, ErrInvalidState) {
		t.Error(err)
	}
}

func TestEventsEndWithTheirContext(t *testing.T) {
	onEachStore(t, func(t *testing.T, open func(...Option) *Engine) {
		noGoroutinesLeft(t)
		engine := open()
		session := started(t, engine)
		for name, begin := range map[string]func() (context.Context, context.CancelFunc){
			"cancelled": func() (context.Context, context.CancelFunc) {
				ctx, cancel := context.WithCancel(context.Background())
				time.AfterFunc(30*time.Millisecond, cancel)
				return ctx, cancel
			},
			"deadline": func() (context.Context, context.CancelFunc) {
				return context.WithTimeout(context.Background(), 30*time.Millisecond)
			},
		} {
			ctx, cancel := begin()
			began, told := time.Now(), 0
			for _, err := range engine.Events(ctx, session.ID, 0) {
				if told++; err != nil {
					t.Errorf("%s: %v", name, err)
				}
			}
			if took := time.Since(began); told == 0 || took > 5*time.Second {
				t.Errorf("%s: %d events in %v", name, told, took)
			}
			cancel()
		}
	})
}
