package vivavoce

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"reflect"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// What a document lost, or had that its struct does not have. Every document of every test is looked at.
var lost struct {
	sync.Mutex
	what []string
	seen map[reflect.Type]int
}

func TestMain(m *testing.M) {
	lost.seen = map[reflect.Type]int{}
	unmarshal = func(data []byte, into any) error {
		err := roundTrip(data, into)
		lost.Lock()
		defer lost.Unlock()
		lost.seen[reflect.TypeOf(into).Elem()]++
		if err != nil {
			lost.what = append(lost.what, fmt.Sprintf("%T: %v\n%s", into, err, data))
		}
		return err
	}
	code := m.Run()
	for _, what := range lost.what {
		fmt.Fprintln(os.Stderr, "a document does not fit:", what)
		code = 1
	}
	os.Exit(code)
}

// roundTrip reads a document, in which everything has to be known, and writes it again; both have to say the same.
func roundTrip(data []byte, into any) error {
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(into); err != nil {
		return err
	}
	if keepsUnknown(reflect.ValueOf(into)) {
		return errors.New("there are fields that are not known")
	}
	again, err := json.Marshal(into)
	if err != nil {
		return err
	}
	return sameJSON(data, again)
}

// keepsUnknown tells whether something within a document was not known.
func keepsUnknown(value reflect.Value) bool {
	switch value.Kind() {
	case reflect.Pointer, reflect.Interface:
		return !value.IsNil() && keepsUnknown(value.Elem())
	case reflect.Slice:
		for place := range value.Len() {
			if keepsUnknown(value.Index(place)) {
				return true
			}
		}
	case reflect.Struct:
		for place := range value.NumField() {
			if field := value.Type().Field(place); field.IsExported() && keepsUnknown(value.Field(place)) || field.Name == "more" && value.Field(place).Len() > 0 {
				return true
			}
		}
	}
	return false
}

func sameJSON(one, other []byte) error {
	var values [2]any
	for place, data := range [][]byte{one, other} {
		decoder := json.NewDecoder(bytes.NewReader(data))
		decoder.UseNumber()
		if err := decoder.Decode(&values[place]); err != nil {
			return err
		}
	}
	return same("", values[0], values[1])
}

func same(path string, one, other any) error {
	differs := fmt.Errorf("%s: %v became %v", path, one, other)
	switch one := one.(type) {
	case map[string]any:
		other, ok := other.(map[string]any)
		if !ok || len(one) != len(other) {
			return differs
		}
		for name, value := range one {
			if its, ok := other[name]; !ok {
				return differs
			} else if err := same(path+"."+name, value, its); err != nil {
				return err
			}
		}
		return nil
	case []any:
		other, ok := other.([]any)
		if !ok || len(one) != len(other) {
			return differs
		}
		for place, value := range one {
			if err := same(fmt.Sprintf("%s[%d]", path, place), value, other[place]); err != nil {
				return err
			}
		}
		return nil
	case json.Number:
		other, ok := other.(json.Number)
		if ok && one == other {
			return nil
		}
		// The same number may be written in two ways, but not a whole one.
		a, errA := one.Float64()
		b, errB := other.Float64()
		if !ok || errA != nil || errB != nil || a != b || !strings.ContainsAny(string(one), ".eE") {
			return differs
		}
		return nil
	case string:
		text, ok := other.(string)
		a, errA := time.Parse(time.RFC3339Nano, one)
		b, errB := time.Parse(time.RFC3339Nano, text)
		if ok && (one == text || errA == nil && errB == nil && a.Equal(b)) {
			return nil
		}
		return differs
	}
	if one != other {
		return differs
	}
	return nil
}

// stores are the URLs to test on.
func stores(t testing.TB) []string {
	if named := strings.Fields(os.Getenv("VIVAVOCE_TEST_STORES")); len(named) > 0 {
		return named
	}
	return []string{"memory:", "sqlite:" + t.TempDir() + "/interviews.db"}
}

// onEachStore runs a test on each store; each opens engines there, which are closed in the end.
func onEachStore(t *testing.T, test func(t *testing.T, open func(...Option) *Engine)) {
	for _, url := range stores(t) {
		name, _, _ := strings.Cut(url, ":")
		t.Run(name, func(t *testing.T) {
			test(t, func(options ...Option) *Engine { return openOn(t, url, options...) })
		})
	}
}

var tenants atomic.Int64

// openOn opens an engine for a tenant of its own, as others may use the store.
func openOn(t testing.TB, url string, options ...Option) *Engine {
	t.Helper()
	whole, err := Open(url, options...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = whole.Close() })
	engine, err := whole.ForTenant(fmt.Sprintf("go %d %d %d", os.Getpid(), time.Now().UnixNano(), tenants.Add(1)))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = engine.Close() })
	return engine
}

// must is for calls that have to succeed.
func must[T any](t testing.TB) func(T, error) T {
	return func(value T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return value
	}
}

const deadlock = "Two threads each hold a lock the other needs, so that neither goes on."

func plan(questions ...string) NewInterview {
	plan := NewInterview{CandidateName: "Ada", InterviewType: Technical, MaxAnswers: 1000}
	for _, question := range questions {
		plan.Questions = append(plan.Questions, Question{Text: question})
	}
	return plan
}

// started is a session about one question.
func started(t testing.TB, engine *Engine) *Session {
	t.Helper()
	interview := must[*Interview](t)(engine.CreateInterview(context.Background(), plan("What is a deadlock?")))
	return must[*Session](t)(engine.StartSession(context.Background(), interview.ID, StartSession{}))
}

// within fails where something does not come true in time; there is nothing that it could wait for but time.
func within(t testing.TB, what string, come func() bool) {
	t.Helper()
	for end := time.Now().Add(20 * time.Second); !come(); time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("not in time: " + what)
		}
	}
}

// noGoroutinesLeft has a test leave as many goroutines as it found.
func noGoroutinesLeft(t *testing.T) {
	before := runtime.NumGoroutine()
	t.Cleanup(func() {
		if t.Failed() {
			return
		}
		within(t, "the goroutines end", func() bool { return runtime.NumGoroutine() <= before })
	})
}
