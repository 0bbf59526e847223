package vivavoce

import (
	"context"
	"log/slog"
	"slices"
	"sync"
	"testing"
)

// A handler that keeps what it is told.
type keeper struct {
	lowest slog.Level
	panics bool
	mutex  sync.Mutex
	said   []slog.Record
}

func (k *keeper) Enabled(_ context.Context, level slog.Level) bool { return level >= k.lowest }
func (k *keeper) WithAttrs([]slog.Attr) slog.Handler               { return k }
func (k *keeper) WithGroup(string) slog.Handler                    { return k }
func (k *keeper) Handle(_ context.Context, record slog.Record) error {
	k.mutex.Lock()
	defer k.mutex.Unlock()
	k.said = append(k.said, record)
	if k.panics {
		panic("the log is full")
	}
	return nil
}

func TestTheLog(t *testing.T) {
	t.Cleanup(func() { _ = SetLog(nil) })
	ctx := context.Background()
	engine := openOn(t, "memory:")
	fail := func() {
		if _, err := engine.Interview(ctx, ID{1}); !is(err, ErrNotFound) {
			t.Error(err)
		}
	}
	all, grave, broken := &keeper{lowest: LevelTrace}, &keeper{lowest: slog.LevelError}, &keeper{lowest: LevelTrace, panics: true}
	for _, handler := range []slog.Handler{broken, grave, all, nil} {
		if err := SetLog(handler); err != nil {
			t.Fatal(err)
		}
		fail()
	}
	if len(broken.said) != 1 || len(grave.said) != 0 || len(all.said) != 1 {
		t.Fatalf("%d, %d, %d", len(broken.said), len(grave.said), len(all.said))
	}
	record := all.said[0]
	attributes := map[string]string{}
	record.Attrs(func(it slog.Attr) bool {
		attributes[it.Key] = it.Value.String()
		return true
	})
	if record.Level != slog.LevelDebug || record.Message != "failed" || attributes["kind"] != "not_found" || attributes["operation"] == "" || attributes["target"] == "" {
		t.Errorf("%+v, %v", record, attributes)
	}
	if levels := slices.Sorted(slices.Values(levels[1:])); levels[0] != LevelTrace || levels[4] != slog.LevelError {
		t.Error(levels)
	}
}
