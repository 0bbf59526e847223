// Boundary sends COUNT messages and prints how many nanoseconds each took: "boundary URL COUNT PLAN ANSWER". The same as ffi/benches/boundary/call.c does in C.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strconv"
	"time"

	vivavoce "github.com/vivavoce/vivavoce/ffi/go"
)

// Answers that one session takes before the next one is used.
const answers = 20

func main() {
	if len(os.Args) != 5 {
		fmt.Fprintln(os.Stderr, "usage: boundary URL COUNT PLAN ANSWER")
		os.Exit(2)
	}
	if err := run(context.Background(), os.Args[1], os.Args[2], os.Args[3], os.Args[4]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context, url, number, document, answer string) error {
	count, err := strconv.Atoi(number)
	if err != nil {
		return err
	}
	var plan vivavoce.NewInterview
	if err := json.Unmarshal([]byte(document), &plan); err != nil {
		return err
	}
	engine, err := vivavoce.Open(url)
	if err != nil {
		return err
	}
	defer engine.Close()
	// The first quarter is not counted: what setting up leaves in the allocator is not what a message costs.
	first := count / 4
	sessions := make([]vivavoce.ID, (first+count+answers-1)/answers)
	for place := range sessions {
		interview, err := engine.CreateInterview(ctx, plan)
		if err != nil {
			return err
		}
		session, err := engine.StartSession(ctx, interview.ID, vivavoce.StartSession{})
		if err != nil {
			return err
		}
		sessions[place] = session.ID
	}
	replied := 0
	var began time.Time
	for place := range first + count {
		if place == first {
			began = time.Now()
		}
		turn, err := engine.SendMessage(ctx, sessions[place/answers], answer)
		if err != nil {
			return err
		}
		replied += len(turn.Reply.Content)
	}
	took := time.Since(began)
	if replied <= count {
		return errors.New("there were no replies")
	}
	fmt.Printf("%f\n", float64(took.Nanoseconds())/float64(count))
	return nil
}
