package vivavoce

import (
	"context"
	"testing"
	"time"
)

// BenchmarkSendMessage sends eight messages to each session, as an interview does: what the engine does grows with the session.
func BenchmarkSendMessage(b *testing.B) {
	cancellable, cancel := context.WithCancel(context.Background())
	defer cancel()
	for name, ctx := range map[string]context.Context{"background": context.Background(), "cancellable": cancellable} {
		b.Run(name, func(b *testing.B) {
			engine := openOn(b, "memory:")
			interview := must[*Interview](b)(engine.CreateInterview(ctx, plan("What is a deadlock?")))
			var sending time.Duration
			for sent := 0; sent < b.N; sent += 8 {
				session := must[*Session](b)(engine.StartSession(ctx, interview.ID, StartSession{}))
				began := time.Now()
				for range 8 {
					if _, err := engine.SendMessage(ctx, session.ID, deadlock); err != nil {
						b.Fatal(err)
					}
				}
				sending += time.Since(began)
			}
			// Without the starts of the sessions between them.
			b.ReportMetric(float64(sending.Nanoseconds())/float64((b.N+7)/8*8), "ns/op")
		})
	}
}
