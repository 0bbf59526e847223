package main

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	vivavoce "github.com/vivavoce/vivavoce/ffi/go"
)

const technical = "../../interviews/technical.json"

func TestAnInterviewIsHeldAndScored(t *testing.T) {
	store := "sqlite:" + filepath.Join(t.TempDir(), "interviews.db")
	answers := "Every request has an idempotency key under a unique constraint, written in one transaction with the charge.\n" +
		"a\xffb\nA B-tree beside the table; it slows down inserts.\n\nThis is not sent.\n"
	var out strings.Builder
	if err := run(t.Context(), store, technical, strings.NewReader(answers), &out); err != nil {
		t.Fatal(err)
	}
	for _, part := range []string{"charged once?", "[not sent: vivavoce: text is not UTF-8]", "Score: ", "Maya Lindqvist"} {
		if !strings.Contains(out.String(), part) {
			t.Errorf("%q is not in\n%s", part, &out)
		}
	}
	engine, err := vivavoce.Open(store)
	if err != nil {
		t.Fatal(err)
	}
	defer engine.Close()
	for interview, err := range engine.Interviews(t.Context(), vivavoce.ListInterviews{}) {
		if err != nil || interview.Status != vivavoce.InterviewCompleted {
			t.Errorf("%+v, %v", interview, err)
		}
	}
}

func TestWhatIsWrongIsSaid(t *testing.T) {
	var out strings.Builder
	if err := run(t.Context(), "nothing:", technical, strings.NewReader(""), &out); !errors.Is(err, vivavoce.ErrInvalidInput) {
		t.Error(err)
	}
	if err := run(t.Context(), "memory:", "main.go", strings.NewReader(""), &out); err == nil {
		t.Error("a Go file is no interview")
	}
	typo := filepath.Join(t.TempDir(), "typo.json")
	if err := os.WriteFile(typo, []byte(`{"candidate_name": "Ada", "interview_type": "general", "questions": [{"text": "Why?", "wieght": 2}]}`), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := run(t.Context(), "memory:", typo, strings.NewReader(""), &out); !errors.Is(err, vivavoce.ErrInvalidInput) {
		t.Error(err)
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if err := run(ended, "memory:", technical, strings.NewReader(""), &out); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	if out.Len() > 0 {
		t.Error(out.String())
	}
}
