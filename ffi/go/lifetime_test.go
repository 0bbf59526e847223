package vivavoce

import (
	"context"
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
)

// An evaluator whose end can be seen: when the library has freed it, nothing refers to it.
type mortal struct{ _ [64]byte }

func (*mortal) Judge(_ context.Context, request *JudgeRequest) (*Judgement, error) {
	return judged(request), nil
}

// collected runs the collector until the channel is closed.
func collected(t *testing.T, what string, gone <-chan struct{}) {
	t.Helper()
	within(t, what, func() bool {
		runtime.GC()
		select {
		case <-gone:
			return true
		default:
			return false
		}
	})
}

func openMortal(t *testing.T) (*Engine, <-chan struct{}) {
	gone := make(chan struct{})
	own := new(mortal)
	runtime.AddCleanup(own, func(gone chan struct{}) { close(gone) }, gone)
	return must[*Engine](t)(Open("memory:", WithEvaluator("mortal", "", own))), gone
}

func TestAForgottenEngineIsFreed(t *testing.T) {
	noGoroutinesLeft(t)
	engine, gone := openMortal(t)
	tenant := must[*Engine](t)(engine.ForTenant("other"))
	started(t, engine)
	runtime.KeepAlive(engine)
	engine = nil
	// Another handle keeps the engine.
	for range 3 {
		runtime.GC()
	}
	started(t, tenant)
	runtime.KeepAlive(tenant)
	tenant = nil
	collected(t, "the engine is freed", gone)
}

func TestAForgottenEngineFinishesItsCalls(t *testing.T) {
	noGoroutinesLeft(t)
	entered, told := make(chan struct{}), make(chan struct{})
	engine := must[*Engine](t)(Open("memory:", evaluator(func(_ context.Context, request *JudgeRequest) (*Judgement, error) {
		close(entered)
		<-told
		return judged(request), nil
	})))
	session := started(t, engine)
	must[Turn](t)(engine.SendMessage(context.Background(), session.ID, deadlock))
	gone := make(chan struct{})
	runtime.AddCleanup(engine, func(gone chan struct{}) { close(gone) }, gone)
	done := make(chan error)
	go func(engine *Engine) {
		_, err := engine.EndSession(context.Background(), session.ID)
		done <- err
	}(engine)
	<-entered
	engine = nil
	collected(t, "the engine is forgotten", gone)
	close(told)
	if err := <-done; err != nil {
		t.Error(err)
	}
}

func TestAnEngineIsClosedByWhomItAsks(t *testing.T) {
	noGoroutinesLeft(t)
	ctx := context.Background()
	var engine *Engine
	engine = openOn(t, "memory:", evaluator(func(context.Context, *JudgeRequest) (*Judgement, error) { return nil, engine.Close() }))
	session := started(t, engine)
	if _, err := engine.SendMessageHeard(ctx, session.ID, deadlock, func(Said) {}); err != nil {
		t.Error(err)
	}
	if _, err := engine.EndSession(ctx, session.ID); !is(err, ErrInvalidState) {
		t.Error(err)
	}
	heard := openOn(t, "memory:")
	if _, err := heard.SendMessageHeard(ctx, started(t, heard).ID, deadlock, func(Said) { _ = heard.Close() }); err != nil && !is(err, ErrInvalidState) {
		t.Error(err)
	}
	if _, err := heard.Health(ctx); !is(err, ErrInvalidState) {
		t.Error(err)
	}
}

func TestAClosedEngineIsFreed(t *testing.T) {
	noGoroutinesLeft(t)
	engine, gone := openMortal(t)
	if err := engine.Close(); err != nil {
		t.Error(err)
	}
	collected(t, "the engine is freed", gone)
	runtime.KeepAlive(engine)
}

func TestWhatAFailingOpenWasGivenIsFreed(t *testing.T) {
	gone := make(chan struct{})
	own := new(mortal)
	runtime.AddCleanup(own, func(gone chan struct{}) { close(gone) }, gone)
	if _, err := Open("nothing:", WithEvaluator("mortal", "", own)); !is(err, ErrInvalidInput) {
		t.Error(err)
	}
	collected(t, "the evaluator is freed", gone)
}

func TestAClosedEngineSaysSo(t *testing.T) {
	onEachStore(t, func(t *testing.T, open func(...Option) *Engine) {
		noGoroutinesLeft(t)
		ctx := context.Background()
		engine := open()
		session := started(t, engine)
		for range 3 {
			if err := engine.Close(); err != nil {
				t.Error(err)
			}
		}
		nobody := func(Delivery) error { return errOwn }
		for what, call := range map[string]func() error{
			"send":    func() error { _, err := engine.SendMessage(ctx, session.ID, deadlock); return err },
			"heard":   func() error { _, err := engine.SendMessageHeard(ctx, session.ID, deadlock, func(Said) {}); return err },
			"read":    func() error { _, err := engine.Session(ctx, session.ID); return err },
			"end":     func() error { _, err := engine.EndSession(ctx, session.ID); return err },
			"list":    func() error { _, err := engine.ListInterviews(ctx, ListInterviews{}); return err },
			"events":  func() error { return first(engine.Events(ctx, session.ID, 0)) },
			"work":    func() error { _, err := engine.RunWorker(ctx); return err },
			"told":    func() error { return engine.Subscribe(ctx, "mail", []Action{ActionSessionStarted}) },
			"untold":  func() error { _, err := engine.Unsubscribe(ctx, "mail"); return err },
			"deliver": func() error { _, err := engine.RunDeliveries(ctx, "mail", nobody); return err },
			"backlog": func() error { _, err := engine.Backlog(ctx); return err },
			"learn":   func() error { _, err := engine.Calibrate(ctx, "threads", nil, Judging{}); return err },
			"learnt":  func() error { _, err := engine.Calibration(ctx, "threads"); return err },
			"all":     func() error { _, err := engine.Calibrations(ctx); return err },
			"health":  func() error { _, err := engine.Health(ctx); return err },
			"metrics": func() error { _, err := engine.Metrics(); return err },
			"tenant":  func() error { _, err := engine.ForTenant("other"); return err },
			"copy":    func() error { _, err := engine.CopyTo(ctx, engine); return err },
			"backup":  func() error { return engine.Backup(ctx, "backup.db") },
		} {
			if err := call(); !is(err, ErrInvalidState) {
				t.Errorf("%s: %v", what, err)
			}
		}
	})
	var none *Engine
	if err := none.Close(); err != nil {
		t.Error(err)
	}
	for _, engine := range []*Engine{none, {}} {
		if _, err := engine.Session(context.Background(), ID{}); !is(err, ErrInvalidState) {
			t.Error(err)
		}
		if _, err := engine.SendMessage(context.Background(), ID{}, "a"); !is(err, ErrInvalidState) {
			t.Error(err)
		}
	}
}

func TestClosingWhileCallsRun(t *testing.T) {
	onEachStore(t, func(t *testing.T, open func(...Option) *Engine) {
		noGoroutinesLeft(t)
		ctx := context.Background()
		entered, never := make(chan struct{}), make(chan struct{})
		defer close(never)
		engine := open(evaluator(func(context.Context, *JudgeRequest) (*Judgement, error) {
			close(entered)
			<-never
			return nil, errOwn
		}))
		hanging := started(t, engine)
		must[Turn](t)(engine.SendMessage(ctx, hanging.ID, deadlock))
		var ended sync.WaitGroup
		var talking atomic.Int64
		refused := func(what string, err error) {
			if !is(err, ErrInvalidState) {
				t.Errorf("%s: %v", what, err)
			}
		}
		const talkers = 8
		ended.Add(talkers + 3)
		for range talkers {
			session := started(t, engine)
			go func() {
				defer ended.Done()
				for turn := 0; ; turn++ {
					if _, err := engine.SendMessage(ctx, session.ID, fmt.Sprint("Because of ", turn)); err != nil {
						refused("send", err)
						return
					}
					if turn == 1 {
						talking.Add(1)
					}
				}
			}()
		}
		go func() {
			defer ended.Done()
			_, err := engine.RunWorker(ctx)
			refused("work", err)
		}()
		go func() {
			defer ended.Done()
			_, err := engine.EndSession(ctx, hanging.ID)
			refused("end", err)
		}()
		listening := make(chan struct{})
		go func() {
			defer ended.Done()
			told := 0
			for _, err := range engine.Events(ctx, hanging.ID, 0) {
				if told++; told == 1 {
					close(listening)
				}
				if err != nil {
					refused("events", err)
				}
			}
		}()
		<-entered
		<-listening
		within(t, "all talk", func() bool { return talking.Load() == talkers })
		// Several close it, and nobody waits for an evaluator that hangs.
		var closed sync.WaitGroup
		for range 4 {
			closed.Add(1)
			go func() {
				defer closed.Done()
				if err := engine.Close(); err != nil {
					t.Error(err)
				}
			}()
		}
		closed.Wait()
		ended.Wait()
		if users := engine.handle.users.Load(); users != 0 {
			t.Errorf("the handle has %d users", users)
		}
	})
}

func TestManyGoroutines(t *testing.T) {
	onEachStore(t, func(t *testing.T, open func(...Option) *Engine) {
		noGoroutinesLeft(t)
		engine := open(evaluator(func(_ context.Context, request *JudgeRequest) (*Judgement, error) { return judged(request), nil }))
		shared := started(t, engine)
		var all sync.WaitGroup
		numbers := make(chan uint32, 64)
		for place := range 32 {
			all.Add(1)
			go func() {
				defer all.Done()
				ctx, cancel := context.WithCancel(context.Background())
				defer cancel()
				session := started(t, engine)
				for turn := range 4 {
					text := fmt.Sprintf("Goroutine %d says %d.", place, turn)
					sent, err := engine.SendMessage(ctx, session.ID, text, IdempotencyKey(text))
					if err != nil || sent.Message.Content != text || sent.Message.Number != uint32(2+2*turn) {
						t.Errorf("%+v, %v", sent, err)
						return
					}
				}
				sent, err := engine.SendMessage(ctx, shared.ID, fmt.Sprintf("Goroutine %d says this.", place))
				if err != nil {
					t.Error(err)
				}
				numbers <- sent.Message.Number
				evaluation, err := engine.EndSession(ctx, session.ID)
				if err != nil || evaluation.Status != EvaluationCompleted || len(evaluation.Exchanges) != 4 {
					t.Errorf("%+v, %v", evaluation, err)
				}
			}()
		}
		all.Wait()
		close(numbers)
		seen := map[uint32]bool{}
		for number := range numbers {
			if seen[number] || number%2 != 0 {
				t.Errorf("number %d", number)
			}
			seen[number] = true
		}
	})
}
