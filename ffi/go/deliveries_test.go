package vivavoce

import (
	"context"
	"errors"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// hurrying is a clock that whoever looks at it moves: what is to be tried again later is due at once.
func hurrying() Option {
	var looks atomic.Int64
	start := time.Now()
	return WithClock(func() time.Time { return start.Add(time.Duration(looks.Add(1)) * 6 * time.Second) })
}

// waiting is how many events wait to be delivered.
func waiting(t *testing.T, engine *Engine) uint64 {
	t.Helper()
	return must[Backlog](t)(engine.Backlog(context.Background())).Deliveries
}

func TestEventsAreDelivered(t *testing.T) {
	onEachStore(t, func(t *testing.T, open func(...Option) *Engine) {
		noGoroutinesLeft(t)
		ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
		defer cancel()
		engine := open()
		of := []Action{ActionSessionStarted, ActionSessionCompleted}
		before := waiting(t, engine)
		started(t, engine)
		if err := engine.Subscribe(ctx, "mail", of); err != nil {
			t.Fatal(err)
		}
		if found := must[[]Subscription](t)(engine.Subscriptions(ctx)); !reflect.DeepEqual(found, []Subscription{{"mail", of}}) {
			t.Errorf("%+v", found)
		}
		session := started(t, engine)
		must[Turn](t)(engine.SendMessage(ctx, session.ID, deadlock))
		must[*Evaluation](t)(engine.EndSession(ctx, session.ID))
		if found := waiting(t, engine); found != before+2 {
			t.Errorf("%d wait, and %d did before", found, before)
		}
		var actions []Action
		delivered, err := engine.RunDeliveries(ctx, "mail", func(delivery Delivery) error {
			actions = append(actions, delivery.Event.Action)
			if *delivery.Event.SessionID != session.ID || delivery.Event.InterviewID != session.InterviewID || delivery.Attempts != 1 {
				t.Errorf("%+v", delivery)
			}
			// It may use the engine.
			if found := waiting(t, engine); found != before+2-uint64(len(actions)-1) {
				t.Errorf("%d wait", found)
			}
			if len(actions) == 2 {
				cancel()
			}
			return nil
		})
		if delivered != 2 || err != nil || !slices.Equal(actions, of) {
			t.Errorf("%d, %v: %v", delivered, err, actions)
		}
		ctx = context.Background()
		if found := waiting(t, engine); found != before {
			t.Errorf("%d wait", found)
		}
		started(t, engine)
		if !must[bool](t)(engine.Unsubscribe(ctx, "mail")) || must[bool](t)(engine.Unsubscribe(ctx, "mail")) {
			t.Error("it was not there, or twice")
		}
		if found := must[[]Subscription](t)(engine.Subscriptions(ctx)); len(found) != 0 || waiting(t, engine) != before {
			t.Errorf("%+v", found)
		}
	})
}

func TestDeliveriesThatFail(t *testing.T) {
	onEachStore(t, func(t *testing.T, open func(...Option) *Engine) {
		for name, it := range map[string]struct {
			fail  func() error
			again bool
		}{
			"for now":                 {func() error { return &Error{Kind: ErrProvider, Message: "away", Retryable: true} }, true},
			"with a time":             {func() error { return &Error{Kind: ErrLimited, Retryable: true, RetryAfter: 5500 * time.Millisecond} }, true},
			"for now, wrapped":        {func() error { return errors.Join(errOwn, &Error{Kind: ErrStorage, Retryable: true}) }, true},
			"with a panic":            {func() error { panic("canary") }, true},
			"for good":                {func() error { return &Error{Kind: ErrProvider, Message: "gone"} }, false},
			"for a reason of its own": {func() error { return errOwn }, true},
			"with an end":             {func() error { runtime.Goexit(); return nil }, true},
		} {
			t.Run(name, func(t *testing.T) {
				noGoroutinesLeft(t)
				ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
				defer cancel()
				engine := open(hurrying())
				before := waiting(t, engine)
				if err := engine.Subscribe(ctx, "mail", []Action{ActionSessionStarted}); err != nil {
					t.Fatal(err)
				}
				first, second := started(t, engine), started(t, engine)
				var told []ID
				delivered, err := engine.RunDeliveries(ctx, "mail", func(delivery Delivery) error {
					told = append(told, *delivery.Event.SessionID)
					switch {
					case len(told) == 1:
						return it.fail()
					case len(told) == 3 && delivery.Attempts != 2:
						t.Errorf("%+v", delivery)
					}
					if len(told) == 3 || !it.again {
						cancel()
					}
					return nil
				})
				expected := []ID{first.ID, second.ID}
				if it.again {
					expected = append(expected, first.ID)
				}
				if !slices.Equal(told, expected) || delivered != uint64(len(expected)-1) || err != nil {
					t.Errorf("%v, not %v: %d, %v", told, expected, delivered, err)
				}
				if found := waiting(t, engine); found != before {
					t.Errorf("%d wait", found)
				}
			})
		}
	})
}

func TestWhatIsStoppedIsNotTried(t *testing.T) {
	onEachStore(t, func(t *testing.T, open func(...Option) *Engine) {
		noGoroutinesLeft(t)
		engine := open()
		if err := engine.Subscribe(context.Background(), "mail", []Action{ActionSessionStarted}); err != nil {
			t.Fatal(err)
		}
		defer func() { must[bool](t)(engine.Unsubscribe(context.Background(), "mail")) }()
		started(t, engine)
		run := func(deliver func(context.Context, Delivery) error) uint64 {
			ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
			defer cancel()
			var told []Delivery
			delivered := must[uint64](t)(engine.RunDeliveries(ctx, "mail", func(delivery Delivery) error {
				told = append(told, delivery)
				cancel()
				return deliver(ctx, delivery)
			}))
			if len(told) != 1 || told[0].Attempts != 1 {
				t.Fatalf("%+v", told)
			}
			return delivered
		}
		for range 20 {
			if delivered := run(func(ctx context.Context, _ Delivery) error { return ctx.Err() }); delivered != 0 {
				t.Error(delivered)
			}
		}
		// What is done is done.
		if delivered := run(func(context.Context, Delivery) error { return nil }); delivered != 1 {
			t.Error(delivered)
		}
		// It stops where there is nothing to do as well, and does not begin when it is over.
		ctx, cancel := context.WithTimeout(context.Background(), 30*time.Millisecond)
		defer cancel()
		for range 2 {
			began := time.Now()
			delivered, err := engine.RunDeliveries(ctx, "mail", func(delivery Delivery) error {
				t.Errorf("%+v", delivery)
				return nil
			})
			if took := time.Since(began); delivered != 0 || err != nil || took > 5*time.Second {
				t.Errorf("%d, %v in %v", delivered, err, took)
			}
		}
	})
}

func TestDeliveriesEndWithTheirEngine(t *testing.T) {
	noGoroutinesLeft(t)
	ctx := context.Background()
	engine := openOn(t, "memory:")
	if err := engine.Subscribe(ctx, "mail", []Action{ActionSessionStarted}); err != nil {
		t.Fatal(err)
	}
	started(t, engine)
	if delivered, err := engine.RunDeliveries(ctx, "mail", func(Delivery) error { return engine.Close() }); delivered != 0 || !is(err, ErrInvalidState) {
		t.Errorf("%d, %v", delivered, err)
	}
}

func TestWrongSubscriptionsAreRefused(t *testing.T) {
	onEachStore(t, func(t *testing.T, open func(...Option) *Engine) {
		ctx := context.Background()
		engine := open()
		of := []Action{ActionInterviewErased}
		nothing := func(Delivery) error { return nil }
		for what, call := range map[string]func() error{
			"a blank name":      func() error { return engine.Subscribe(ctx, " ", of) },
			"a long name":       func() error { return engine.Subscribe(ctx, strings.Repeat("n", 201), of) },
			"a NUL":             func() error { return engine.Subscribe(ctx, "a\x00b", of) },
			"no UTF-8":          func() error { return engine.Subscribe(ctx, "a\xff", of) },
			"no action":         func() error { return engine.Subscribe(ctx, "mail", nil) },
			"what is said":      func() error { return engine.Subscribe(ctx, "mail", []Action{ActionMessageSent}) },
			"an action unheard": func() error { return engine.Subscribe(ctx, "mail", []Action{"sung"}) },
			"an action of none": func() error { return engine.Subscribe(ctx, "mail", []Action{"a\xff"}) },
			"a NUL to end":      func() error { _, err := engine.Unsubscribe(ctx, "a\x00b"); return err },
			"nobody":            func() error { _, err := engine.RunDeliveries(ctx, "mail", nil); return err },
			"a name to run":     func() error { _, err := engine.RunDeliveries(ctx, "a\xff", nothing); return err },
		} {
			if err := call(); !is(err, ErrInvalidInput) {
				t.Errorf("%s: %v", what, err)
			}
		}
		if _, err := engine.RunDeliveries(ctx, "mail", nothing); !is(err, ErrNotFound) {
			t.Error(err)
		}
	})
}
