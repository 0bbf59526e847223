package vivavoce

// #include "calls.h"
import "C"

import (
	"context"
	"log/slog"
	"maps"
	"runtime/cgo"
	"slices"
	"time"
)

// LevelTrace is the level of what the library says below [slog.LevelDebug].
const LevelTrace = slog.LevelDebug - 4

// The levels of slog, by the library's number, from 1.
var levels = [...]slog.Level{C.VV_LOG_ERROR: slog.LevelError, C.VV_LOG_WARN: slog.LevelWarn, C.VV_LOG_INFO: slog.LevelInfo, C.VV_LOG_DEBUG: slog.LevelDebug, C.VV_LOG_TRACE: LevelTrace}

// SetLog has the library's log handled by handler; nil for nobody, as in the beginning. There is one for the whole process, and it takes the place of that before it. There is
// never a secret or a candidate's word in a record.
//
// Which levels are enabled is asked now; those that are not cost nothing from then on. The handler is called by any goroutine, by several at once, and what it does itself with an
// engine is not logged. A record has the attribute "target", the module that speaks, and those that belong to its message.
func SetLog(handler slog.Handler) error {
	lowest := 0
	if handler != nil {
		for number := range levels {
			if number > 0 && handler.Enabled(context.Background(), levels[number]) {
				lowest = number
			}
		}
	}
	var sink cgo.Handle
	if lowest > 0 {
		sink = cgo.NewHandle(handler)
	}
	if r := C.vvgo_log_set(C.uintptr_t(sink), C.int32_t(lowest)); r.status != C.VV_OK {
		return failed(&r)
	}
	return nil
}

// A record of the library's log.
type logRecord struct {
	Level   string         `json:"level"`
	Target  string         `json:"target"`
	Message *string        `json:"message"`
	Fields  map[string]any `json:"fields"`
}

//export vvgoLog
func vvgoLog(data C.uintptr_t, level C.int32_t, document *C.char, length C.size_t) {
	// A log that fails has nobody to tell.
	defer func() { _ = recover() }()
	handler := cgo.Handle(data).Value().(slog.Handler)
	var said logRecord
	if level < 1 || int(level) >= len(levels) || decode(bytesOf(document, length), &said) != nil {
		return
	}
	ctx := context.Background()
	if !handler.Enabled(ctx, levels[level]) {
		return
	}
	var message string
	if said.Message != nil {
		message = *said.Message
	}
	record := slog.NewRecord(time.Now(), levels[level], message, 0)
	record.AddAttrs(slog.String("target", said.Target))
	for _, name := range slices.Sorted(maps.Keys(said.Fields)) {
		record.AddAttrs(slog.Any(name, said.Fields[name]))
	}
	_ = handler.Handle(ctx, record)
}
