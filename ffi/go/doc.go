// Package vivavoce holds interviews and has their answers scored: the engine of Vivavoce, over its C library.
//
// An [Engine] plans interviews, holds sessions, keeps every word in a store (memory, SQLite or PostgreSQL), and has answers scored by a built-in evaluator, by a language model, or
// by the application's own. One engine may be used by any number of goroutines.
//
//	engine, err := vivavoce.Open("sqlite:interviews.db")
//	if err != nil {
//		return err
//	}
//	defer engine.Close()
//	turn, err := engine.SendMessage(ctx, session.ID, "Two threads each hold a lock the other needs.")
//
// # Building
//
// The package is linked with libvivavoce by pkg-config, which has to find vivavoce.pc (PKG_CONFIG_PATH). It needs cgo and Go 1.24.
// Go's cache does not see that another version of the library was installed: run go clean -cache then.
//
// # Contexts
//
// A call whose context is over before it begins fails. Calls that take options also end, within 100 ms, when their context's deadline passes or it is cancelled; calls that only ask
// the store do not. Such an error is of kind [ErrTimeout], and [errors.Is] finds [context.Canceled] or [context.DeadlineExceeded] in it. A write may have been made all the same:
// the same call again, with the same [IdempotencyKey], tells.
//
// # Errors
//
// Every error is an [*Error] with a [Kind], and every kind is an error that [errors.Is] finds:
//
//	if errors.Is(err, vivavoce.ErrNotFound) { … }
//
// # Documents
//
// Interviews, sessions, evaluations and so on are structs whose JSON form is that of every other Vivavoce interface. Values of enumerations that a newer library has are kept as they
// are, and its new fields are passed over; those of an interview file ([NewInterview]) go on to the library, which says where it does not know one.
package vivavoce
