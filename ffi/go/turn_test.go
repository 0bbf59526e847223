package vivavoce

import (
	"context"
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"unsafe"

	"github.com/vivavoce/vivavoce/ffi/go/internal/abi"
)

func TestATurnIsTheLibrarysDocument(t *testing.T) {
	long := strings.Repeat("Why, and what for? ", 200)
	says := "And then?"
	for name, options := range map[string][]Option{
		"scripted": nil,
		"own":      {WithInterviewer(InterviewerFunc(func(context.Context, *Scene) (string, error) { return says, nil }))},
		"model": {WithSettings(Settings{
			Models:      &Models{Providers: []Provider{{Kind: Compatible, BaseURL: aModel(t)}}},
			Interviewer: &InterviewerSettings{Kind: "conversational", Models: []string{"compatible/test"}},
		})},
	} {
		t.Run(name, func(t *testing.T) {
			onEachStore(t, func(t *testing.T, open func(...Option) *Engine) {
				ctx := context.Background()
				engine := open(options...)
				new := plan("Why?", "What else?")
				new.MaxAnswers = 4
				interview := must[*Interview](t)(engine.CreateInterview(ctx, new))
				session := must[*Session](t)(engine.StartSession(ctx, interview.ID, StartSession{}))
				kinds := map[MessageKind]bool{}
				for place, text := range []string{deadlock, long, "因為 🔒。", "Because.\n\u0001<&>"} {
					says = []string{"And then?", long, "為什麼? <&>", "Goodbye."}[place]
					key := fmt.Sprint(place)
					turn := must[Turn](t)(engine.SendMessage(ctx, session.ID, text, IdempotencyKey(key)))
					document := abi.TurnDocument(unsafe.Pointer(engine.handle.engine), session.ID, text, key)
					var read Turn
					if err := unmarshal(document, &read); err != nil || !reflect.DeepEqual(read, turn) {
						t.Errorf("%+v is not %s: %v", turn, document, err)
					}
					written := must[[]byte](t)(json.Marshal(turn))
					if err := sameJSON(document, written); err != nil {
						t.Errorf("%s is not %s: %v", written, document, err)
					}
					kinds[turn.Reply.Kind] = true
					if last := turn.SessionStatus == SessionCompleted; last != (place == 3) || last != (turn.Reply.Kind == KindClosing) {
						t.Errorf("%+v", turn)
					}
				}
				if !kinds[KindClosing] || len(kinds) < 2 {
					t.Error(kinds)
				}
			})
		})
	}
}

func TestNamesAreKnownOrCopied(t *testing.T) {
	for text, constant := range map[string]bool{"answer": true, "closing": true, "answers": false, "answe": false, "": false, "song": false} {
		name := unsafe.StringData(text + "\x00")
		found := known(name, KindAnswer, KindQuestion, KindProbe, KindClosing)
		if string(found) != text {
			t.Errorf("%q is read as %q", text, found)
		}
		if allocated := testing.AllocsPerRun(10, func() { known(name, KindAnswer, KindClosing) }) > 0; constant && allocated {
			t.Errorf("%q is copied", text)
		}
	}
}

func TestKindsHaveTheLibrarysNames(t *testing.T) {
	for kind := ErrInvalidInput; kind <= ErrInternal; kind++ {
		if name := abi.StatusName(int32(kind)); name != kind.String() {
			t.Errorf("%s is called %s", kind, name)
		}
	}
	if name := abi.StatusName(int32(ErrInternal) + 1); name != "unknown" {
		t.Errorf("there is a kind %s", name)
	}
}
