package vivavoce

// #include "calls.h"
import "C"

import (
	"sync"
	"time"
	"unsafe"
)

// A sending is a vvgo_sent, where C leaves what came of a message. There is no pointer of Go's in it: neither the collector nor cgo has anything to look for.
type sending [unsafe.Sizeof(C.vvgo_sent{}) / 8]uint64

var sendings = sync.Pool{New: func() any { return new(sending) }}

func (s *sending) lent() unsafe.Pointer { return unsafe.Pointer(s) }

func (s *sending) result() *C.vvgo_result { return &(*C.vvgo_sent)(s.lent()).result }

// take takes the turn of a message that was sent; text is its words. It is filled in where it is: a turn is large.
func (t *Turn) take(sending *sending, text string) {
	s := (*C.vvgo_sent)(sending.lent())
	said, replied := &s.parts.message, &s.parts.reply
	if said.content == nil {
		t.Message.Content = text
	} else {
		t.Message.Content = C.GoStringN(said.content, C.int(said.content_len))
	}
	if replied.content == nil {
		t.Reply.Content = C.GoStringN(&s.reply[0], C.int(replied.content_len))
	} else {
		t.Reply.Content = C.GoStringN(replied.content, C.int(replied.content_len))
	}
	places := new([2]uint32)
	t.Message.take(said, &places[0])
	t.Reply.take(replied, &places[1])
	t.SessionStatus = known(nameOf(s.parts.session_status), SessionActive, SessionCompleted)
	t.SessionVersion = uint64(s.parts.session_version)
	if s.turn != nil {
		C.vvgo_turn_free(s.turn)
	}
}

// take takes all but the content; place is for the question's.
func (m *Message) take(from *C.vv_message, place *uint32) {
	m.CreatedAt = time.UnixMicro(int64(from.created_at_us)).UTC()
	m.ID = *(*ID)(unsafe.Pointer(&from.id))
	m.Kind = known(nameOf(from.kind), KindAnswer, KindQuestion, KindProbe, KindClosing)
	m.Number = uint32(from.number)
	if from.origin != nil {
		m.Origin = known(nameOf(from.origin), OriginModel, OriginScripted, OriginGuarded)
	}
	if from.question >= 0 {
		*place = uint32(from.question)
		m.Question = place
	}
}

// nameOf is a name of the library's, which ends with NUL.
func nameOf(name *C.char) *byte { return (*byte)(unsafe.Pointer(name)) }

// known is such a name: one of those that are known, so that nothing is copied, or a copy of one that a newer library has.
func known[T ~string](name *byte, names ...T) T {
	for _, it := range names {
		if isNamed(name, string(it)) {
			return it
		}
	}
	return T(C.GoString((*C.char)(unsafe.Pointer(name))))
}

// isNamed reads no further than to the end of the name.
func isNamed(name *byte, it string) bool {
	at := unsafe.Pointer(name)
	for place := range len(it) {
		if *(*byte)(unsafe.Add(at, place)) != it[place] {
			return false
		}
	}
	return *(*byte)(unsafe.Add(at, len(it))) == 0
}
