// Scenario runs a scenario of tests/scenarios and prints what was told of each step in a line: "scenario FILE URL".
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"

	vivavoce "github.com/vivavoce/vivavoce/ffi/go"
)

// A step is one of a scenario: what to do, and what that takes.
type step struct {
	Do              string                   `json:"do"`
	As              string                   `json:"as"`
	Key             string                   `json:"key"`
	ExpectedVersion uint64                   `json:"expected_version"`
	Interview       string                   `json:"interview"`
	Session         string                   `json:"session"`
	Evaluation      string                   `json:"evaluation"`
	After           string                   `json:"after"`
	Plan            vivavoce.NewInterview    `json:"plan"`
	Text            string                   `json:"text"`
	Answers         map[uint32]string        `json:"answers"`
	Answered        vivavoce.Answered        `json:"answered"`
	Judging         vivavoce.Judging         `json:"judging"`
	Name            string                   `json:"name"`
	Graded          []vivavoce.GradedAnswer  `json:"graded"`
	Change          vivavoce.Override        `json:"change"`
	List            vivavoce.ListInterviews  `json:"list"`
	Evaluations     vivavoce.ListEvaluations `json:"evaluations"`
	By              string                   `json:"by"`
	ExternalID      string                   `json:"external_id"`
}

func (s *step) options() []vivavoce.CallOption {
	var options []vivavoce.CallOption
	if s.Key != "" {
		options = append(options, vivavoce.IdempotencyKey(s.Key))
	}
	return append(options, vivavoce.ExpectVersion(s.ExpectedVersion))
}

// What an error is in a line.
type failure struct {
	Error     vivavoce.Kind `json:"error"`
	Message   string        `json:"message"`
	Retryable bool          `json:"retryable"`
}

// A runner does steps, and keeps what later ones name.
type runner struct {
	engine *vivavoce.Engine
	ids    map[string]vivavoce.ID
	// Where pages ended.
	cursors map[string]*string
}

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "usage: scenario FILE URL")
		os.Exit(2)
	}
	if err := run(context.Background(), os.Args[1], os.Args[2]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context, path, url string) error {
	text, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	var scenario struct {
		Settings vivavoce.Settings `json:"settings"`
		Steps    []step            `json:"steps"`
	}
	if err := json.Unmarshal(text, &scenario); err != nil {
		return err
	}
	engine, err := vivavoce.Open(url, vivavoce.WithSettings(scenario.Settings))
	if err != nil {
		return err
	}
	defer engine.Close()
	r := runner{engine, map[string]vivavoce.ID{}, map[string]*string{}}
	out := bufio.NewWriter(os.Stdout)
	lines := json.NewEncoder(out)
	lines.SetEscapeHTML(false)
	for place := range scenario.Steps {
		told, err := r.do(ctx, &scenario.Steps[place])
		var failed *vivavoce.Error
		if errors.As(err, &failed) {
			told = failure{failed.Kind, failed.Message, failed.Retryable}
		} else if err != nil {
			return err
		}
		if err := lines.Encode(told); err != nil {
			return err
		}
	}
	return errors.Join(out.Flush(), engine.Close())
}

// do does a step, keeps what it told where that has a name, and gives it.
func (r *runner) do(ctx context.Context, s *step) (any, error) {
	told, err := r.told(ctx, s)
	if err != nil {
		return nil, err
	}
	if s.As != "" {
		switch told := told.(type) {
		case *vivavoce.Interview:
			r.ids[s.As] = told.ID
		case *vivavoce.Session:
			r.ids[s.As] = told.ID
		case *vivavoce.Evaluation:
			r.ids[s.As] = told.ID
		case *vivavoce.InterviewPage:
			r.cursors[s.As] = told.NextCursor
		case *vivavoce.EvaluationPage:
			r.cursors[s.As] = told.NextCursor
		}
	}
	return told, nil
}

func (r *runner) told(ctx context.Context, s *step) (any, error) {
	switch s.Do {
	case "create_interview":
		return r.engine.CreateInterview(ctx, s.Plan, s.options()...)
	case "interview":
		return r.engine.Interview(ctx, r.ids[s.Interview])
	case "list_interviews":
		if s.After != "" {
			s.List.Paging.Cursor = *r.cursors[s.After]
		}
		return r.engine.ListInterviews(ctx, s.List)
	case "update_interview":
		return r.engine.UpdateInterview(ctx, r.ids[s.Interview], s.Plan, s.options()...)
	case "delete_draft":
		return nil, r.engine.DeleteDraft(ctx, r.ids[s.Interview], s.By)
	case "list_evaluations":
		if s.After != "" {
			s.Evaluations.Cursor = *r.cursors[s.After]
		}
		if s.Interview != "" {
			of := r.ids[s.Interview]
			s.Evaluations.InterviewID = &of
		}
		return r.engine.ListEvaluations(ctx, s.Evaluations)
	case "start_session":
		return r.engine.StartSession(ctx, r.ids[s.Interview], vivavoce.StartSession{}, s.options()...)
	case "session":
		return r.engine.Session(ctx, r.ids[s.Session])
	case "send_message":
		return r.engine.SendMessage(ctx, r.ids[s.Session], s.Text, s.options()...)
	case "end_session":
		return r.engine.EndSession(ctx, r.ids[s.Session], s.options()...)
	case "abandon_session":
		return r.engine.AbandonSession(ctx, r.ids[s.Session])
	case "evaluate":
		return r.engine.Evaluate(ctx, r.ids[s.Interview], s.Answers)
	case "evaluate_answer":
		return r.engine.EvaluateAnswer(ctx, s.Answered, s.Judging)
	case "calibrate":
		return r.engine.Calibrate(ctx, s.Name, s.Graded, s.Judging)
	case "evaluation":
		return r.engine.Evaluation(ctx, r.ids[s.Evaluation])
	case "re_evaluate":
		return r.engine.ReEvaluate(ctx, r.ids[s.Evaluation])
	case "override_score":
		return r.engine.OverrideScore(ctx, r.ids[s.Evaluation], s.Change)
	case "verify_audit":
		return r.engine.VerifyAudit(ctx, r.ids[s.Interview], "")
	case "events":
		events := []*vivavoce.Event{}
		for event, err := range r.engine.PastEvents(ctx, r.ids[s.Session], 0) {
			if err != nil {
				return nil, err
			}
			events = append(events, event)
		}
		return events, nil
	case "erase_interview":
		return nil, r.engine.EraseInterview(ctx, r.ids[s.Interview], s.By)
	case "erase_candidate":
		return r.engine.EraseCandidate(ctx, s.ExternalID, s.By)
	}
	return nil, fmt.Errorf("there is no step %s", s.Do)
}
