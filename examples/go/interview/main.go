// Interview holds an interview from a JSON file in the terminal: each line that is typed is an answer, and an empty line or the end of input ends it.
//
//	go run ./interview [--store URL] FILE
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"

	vivavoce "github.com/vivavoce/vivavoce/ffi/go"
)

func main() {
	store := flag.String("store", "memory:", "where the interview is kept: memory:, sqlite:PATH or postgres://…")
	flag.Usage = func() {
		fmt.Fprintln(flag.CommandLine.Output(), "usage: interview [--store URL] FILE\n\nFILE is an interview in JSON, see examples/interviews.")
		flag.PrintDefaults()
	}
	flag.Parse()
	if flag.NArg() != 1 {
		flag.Usage()
		os.Exit(2)
	}
	// Ctrl-C ends a call that waits.
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	context.AfterFunc(ctx, stop)
	if err := run(ctx, *store, flag.Arg(0), os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context, store, path string, answers io.Reader, out io.Writer) (err error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	var plan vivavoce.NewInterview
	if err := json.Unmarshal(text, &plan); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	engine, err := vivavoce.Open(store)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, engine.Close()) }()

	interview, err := engine.CreateInterview(ctx, plan)
	if err != nil {
		return err
	}
	session, err := engine.StartSession(ctx, interview.ID, vivavoce.StartSession{})
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "%s\n\n", session.Messages[0].Content)
	if err := talk(ctx, engine, session.ID, answers, out); err != nil {
		return err
	}
	evaluation, err := engine.EndSession(ctx, session.ID)
	if err != nil {
		return err
	}
	if evaluation.Score != nil {
		fmt.Fprintf(out, "Score: %.0f / 100\n\n", 100**evaluation.Score)
	}
	card, err := engine.ScorecardMarkdown(ctx, evaluation.ID)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(out, card)
	return err
}

// talk sends each line as an answer until the session is over.
func talk(ctx context.Context, engine *vivavoce.Engine, session vivavoce.ID, answers io.Reader, out io.Writer) error {
	lines := bufio.NewScanner(answers)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		answer := strings.TrimSpace(lines.Text())
		if answer == "" {
			break
		}
		turn, err := engine.SendMessage(ctx, session, answer)
		if errors.Is(err, vivavoce.ErrInvalidInput) {
			fmt.Fprintf(out, "[not sent: %v]\n\n", err)
			continue
		}
		if err != nil {
			return err
		}
		fmt.Fprintf(out, "%s\n\n", turn.Reply.Content)
		if turn.SessionStatus != vivavoce.SessionActive {
			break
		}
	}
	return lines.Err()
}
