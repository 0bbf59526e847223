package vivavoce

import (
	"context"
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"
)

func is(err, target error) bool { return errors.Is(err, target) }

func TestKindsAreErrors(t *testing.T) {
	if len(kindNames) != 11 {
		t.Error("there are kinds without a name")
	}
	for kind := ErrInvalidInput; kind <= ErrInternal; kind++ {
		err := error(&Error{Kind: kind, Message: "m"})
		for other := ErrInvalidInput; other <= ErrInternal; other++ {
			if is(err, other) != (kind == other) || is(kind, other) != (kind == other) {
				t.Errorf("%v and %v", kind, other)
			}
		}
		var read Kind
		if text, _ := kind.MarshalText(); read.UnmarshalText(text) != nil || read != kind || string(text) != kind.String() {
			t.Errorf("%v is read as %v", kind, read)
		}
	}
	if Kind(77).String() != "kind 77" || (&Error{Kind: ErrTimeout}).Error() != "vivavoce: timeout" {
		t.Error("an error has no words")
	}
}

func TestErrorsByKind(t *testing.T) {
	onEachStore(t, func(t *testing.T, open func(...Option) *Engine) {
		ctx := context.Background()
		engine := open()
		none := must[ID](t)(ParseID("0190b2c4-0000-7000-8000-00000000000a"))
		session := started(t, engine)
		must[Turn](t)(engine.SendMessage(ctx, session.ID, deadlock))
		evaluation := must[*Evaluation](t)(engine.EndSession(ctx, session.ID))
		pending := started(t, engine)
		asked := must[*Evaluation](t)(engine.EndSession(ctx, pending.ID, Queued()))
		cases := []struct {
			name string
			kind Kind
			call func() error
		}{
			{"no interview", ErrNotFound, func() error { _, err := engine.Interview(ctx, none); return err }},
			{"no session", ErrNotFound, func() error { _, err := engine.Session(ctx, none); return err }},
			{"no session to end", ErrNotFound, func() error { _, err := engine.EndSession(ctx, none); return err }},
			{"no evaluation", ErrNotFound, func() error { _, err := engine.Score(ctx, none); return err }},
			{"no scorecard", ErrNotFound, func() error { _, err := engine.ScorecardHTML(ctx, none); return err }},
			{"no log", ErrNotFound, func() error { _, err := engine.AuditHead(ctx, none); return err }},
			{"no candidate", ErrNotFound, func() error { _, err := engine.EraseCandidate(ctx, "nobody", "me"); return err }},
			{"no events", ErrNotFound, func() error { return first(engine.Events(ctx, none, 0)) }},
			{"no past events", ErrNotFound, func() error { return first(engine.PastEvents(ctx, none, 0)) }},
			{"no questions", ErrInvalidInput, func() error { _, err := engine.CreateInterview(ctx, plan()); return err }},
			{"a type that is none", ErrInvalidInput, func() error {
				new := plan("Why?")
				new.InterviewType = "strange"
				_, err := engine.CreateInterview(ctx, new)
				return err
			}},
			{"a blank message", ErrInvalidInput, func() error { _, err := engine.SendMessage(ctx, pending.ID, " "); return err }},
			{"an empty message", ErrInvalidInput, func() error { _, err := engine.SendMessage(ctx, pending.ID, ""); return err }},
			{"an empty key", ErrInvalidInput, func() error { _, err := engine.SendMessage(ctx, pending.ID, "a", IdempotencyKey("")); return err }},
			{"a model that nobody asks", ErrUnsupported, func() error { _, err := engine.SendMessage(ctx, pending.ID, "a", Model("ollama/none")); return err }},
			{"an empty model", ErrInvalidInput, func() error { _, err := engine.SendMessage(ctx, pending.ID, "a", Model("")); return err }},
			{"half a provider", ErrInvalidInput, func() error {
				_, err := engine.SendMessage(ctx, pending.ID, "a", Credentials(Provider{Kind: OpenAI}))
				return err
			}},
			{"a head that is none", ErrInvalidInput, func() error { _, err := engine.VerifyAudit(ctx, session.InterviewID, "head"); return err }},
			{"blank who", ErrInvalidInput, func() error { return engine.EraseInterview(ctx, session.InterviewID, "") }},
			{"a score above 1", ErrInvalidInput, func() error {
				_, err := engine.OverrideScore(ctx, evaluation.ID, Override{By: "Grace", Reason: "Because.", Score: 2})
				return err
			}},
			{"a message to a completed session", ErrInvalidState, func() error { _, err := engine.SendMessage(ctx, session.ID, "late"); return err }},
			{"a question of a completed session", ErrInvalidState, func() error { _, err := engine.NextQuestion(ctx, session.ID); return err }},
			{"abandon a completed session", ErrInvalidState, func() error { _, err := engine.AbandonSession(ctx, session.ID); return err }},
			{"a score that is not there", ErrInvalidState, func() error { _, err := engine.Score(ctx, asked.ID); return err }},
			{"no budget", ErrUnsupported, func() error { _, err := engine.Spent(ctx); return err }},
		}
		for _, it := range cases {
			err := it.call()
			var found *Error
			if !is(err, it.kind) || !errors.As(err, &found) || found.Kind != it.kind || found.Message == "" || !strings.HasPrefix(err.Error(), "vivavoce: ") {
				t.Errorf("%s: %v", it.name, err)
			}
		}
		if _, err := engine.Interview(ctx, none); !strings.Contains(err.Error(), none.String()) {
			t.Error(err)
		}
	})
}

func first(events func(func(*Event, error) bool)) (first error) {
	for _, err := range events {
		first = err
		break
	}
	return first
}

func TestKeysAndVersions(t *testing.T) {
	onEachStore(t, func(t *testing.T, open func(...Option) *Engine) {
		ctx := context.Background()
		engine := open()
		one := must[*Interview](t)(engine.CreateInterview(ctx, plan("Why?"), IdempotencyKey("k")))
		if two := must[*Interview](t)(engine.CreateInterview(ctx, plan("Why?"), IdempotencyKey("k"))); two.ID != one.ID {
			t.Error("it was planned twice")
		}
		if _, err := engine.CreateInterview(ctx, plan("Why not?"), IdempotencyKey("k")); !is(err, ErrConflict) {
			t.Error(err)
		}
		session := must[*Session](t)(engine.StartSession(ctx, one.ID, StartSession{SessionLanguage: TraditionalChinese}, IdempotencyKey("s")))
		if session.SessionLanguage != TraditionalChinese {
			t.Error(session.SessionLanguage)
		}
		turn := must[Turn](t)(engine.SendMessage(ctx, session.ID, deadlock, IdempotencyKey("1"), ExpectVersion(session.Version)))
		if again := must[Turn](t)(engine.SendMessage(ctx, session.ID, deadlock, IdempotencyKey("1"))); !reflect.DeepEqual(again, turn) {
			t.Errorf("%+v is not %+v", again, turn)
		}
		if _, err := engine.SendMessage(ctx, session.ID, "Another.", IdempotencyKey("1")); !is(err, ErrConflict) {
			t.Error(err)
		}
		if _, err := engine.SendMessage(ctx, session.ID, "Another.", ExpectVersion(session.Version)); !is(err, ErrConflict) {
			t.Error(err)
		}
		moved := must[*Session](t)(engine.Session(ctx, session.ID))
		if len(moved.Messages) != 3 {
			t.Errorf("%+v", moved)
		}
		must[Turn](t)(engine.SendMessage(ctx, session.ID, "Another.", ExpectVersion(moved.Version)))
	})
}

func TestTextThatIsNone(t *testing.T) {
	ctx := context.Background()
	engine := openOn(t, "memory:")
	session := started(t, engine)
	name := func(text string) NewInterview {
		new := plan("Why?")
		new.CandidateName = text
		return new
	}
	for _, bad := range []string{"a\x00b", "a\xff\xfeb"} {
		calls := map[string]func() error{
			"url":       func() error { _, err := Open("sqlite:" + bad); return err },
			"evaluator": func() error { _, err := Open("memory:", WithEvaluator(bad, "", nil)); return err },
			"settings": func() error {
				_, err := Open("memory:", WithSettings(Settings{Models: &Models{Providers: []Provider{{Kind: Ollama, BaseURL: bad}}}}))
				return err
			},
			"tenant":   func() error { _, err := engine.ForTenant(bad); return err },
			"plan":     func() error { _, err := engine.CreateInterview(ctx, name(bad)); return err },
			"question": func() error { _, err := engine.CreateInterview(ctx, plan(bad)); return err },
			"message":  func() error { _, err := engine.SendMessage(ctx, session.ID, bad); return err },
			"heard":    func() error { _, err := engine.SendMessageHeard(ctx, session.ID, bad, func(Said) {}); return err },
			"key":      func() error { _, err := engine.SendMessage(ctx, session.ID, "a", IdempotencyKey(bad)); return err },
			"model":    func() error { _, err := engine.SendMessage(ctx, session.ID, "a", Model(bad)); return err },
			"provider": func() error {
				_, err := engine.SendMessage(ctx, session.ID, "a", Credentials(Provider{Kind: OpenAI, Key: "k", BaseURL: "https://" + bad}))
				return err
			},
			"answers": func() error {
				_, err := engine.Evaluate(ctx, session.InterviewID, map[uint32]string{0: bad})
				return err
			},
			"who":  func() error { return engine.EraseInterview(ctx, session.InterviewID, bad) },
			"head": func() error { _, err := engine.VerifyAudit(ctx, session.InterviewID, AuditHead(bad)); return err },
			"list": func() error {
				_, err := engine.ListInterviews(ctx, ListInterviews{CandidateName: bad})
				return err
			},
		}
		for what, call := range calls {
			if err := call(); !is(err, ErrInvalidInput) || strings.Contains(err.Error(), bad) {
				t.Errorf("%s %q: %v", what, bad, err)
			}
		}
	}
	if err := engine.Backup(ctx, "a\x00b"); !is(err, ErrInvalidInput) {
		t.Error(err)
	}
	if _, err := engine.OverrideScore(ctx, session.ID, Override{Score: nan()}); !is(err, ErrInvalidInput) {
		t.Error(err)
	}
	if kept := must[*Session](t)(engine.Session(ctx, session.ID)); len(kept.Messages) != 1 {
		t.Errorf("%+v", kept)
	}
}

func nan() float64 {
	zero := 0.0
	return zero / zero
}

func TestTimesAreNotTooShort(t *testing.T) {
	for d, want := range map[time.Duration]int64{-1: 0, 0: 0, 1: 1, time.Millisecond: 1, time.Millisecond + 1: 2, 1<<63 - 1: 9223372036855} {
		if got := milliseconds(d); got != want {
			t.Errorf("%v: %d", d, got)
		}
	}
}
