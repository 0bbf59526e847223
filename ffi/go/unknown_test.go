package vivavoce

import (
	"context"
	"encoding/json"
	"reflect"
	"strings"
	"testing"
)

// An interview file with a mistake is refused by the library, and not taken without what was meant.
func TestWhatAPlanDoesNotHaveIsToldToTheLibrary(t *testing.T) {
	engine := openOn(t, "memory:")
	for document, says := range map[string]string{
		`{"candidate_name": "Ada", "interview_type": "general", "questoins": ["canary"]}`:                                                                  "plan has a field that is not known: expected one of `candidate_name`",
		`{"candidate_name": "Ada", "interview_type": "general", "questions": [{"text": "Why?", "wieght": 2, "more": {"canary": [1]}}]}`:                    "not known: expected one of `text`",
		`{"candidate_name": "Ada", "interview_type": "general", "questions": ["Why?"], "rubric": {"competencies": [{"name": "C", "wieght": 2}]}}`:          "not known: expected one of `name`",
		`{"candidate_name": "Ada", "interview_type": "general", "questions": ["Why?"], "Max_Answers": 7, "": 1}`:                                           "not known",
		`{"candidate_name": "Ada", "interview_type": "general"}`:                                                                                           "missing field `questions`",
		`{"candidate_name": "Ada", "interview_type": "general", "questions": []}`:                                                                          "questions",
		"{\"candidate_name\": \"Ada\", \"interview_type\": \"general\", \"questions\": [\"Why?\"], \"other\": \"a\xff\"}":                                  "UTF-8",
		"{\"candidate_name\": \"Ada\", \"interview_type\": \"general\", \"questions\": [\"Why?\"], \"rubric\": {\"competencies\": []}, \"o\": \"\u0001\"}": "",
	} {
		var plan NewInterview
		if err := json.Unmarshal([]byte(document), &plan); err != nil {
			if says != "" {
				t.Errorf("%s: %v", document, err)
			}
			continue
		}
		if _, err := engine.CreateInterview(context.Background(), plan); !is(err, ErrInvalidInput) || !strings.Contains(err.Error(), says) || strings.Contains(err.Error(), "canary") {
			t.Errorf("%s: %v", document, err)
		}
	}
}

func TestWhatAPlanDoesNotHaveIsKept(t *testing.T) {
	const document = `{"text": "Why?", "z": [1.0, {"a": null}], "<&>": "\u2028", "weight": 2}`
	var question Question
	if err := json.Unmarshal([]byte(document), &question); err != nil || question.Text != "Why?" || question.Weight != 2 || len(question.more) != 2 {
		t.Fatalf("%+v, %v", question, err)
	}
	written := must[[]byte](t)(json.Marshal(question))
	if err := sameJSON([]byte(document), written); err != nil {
		t.Errorf("%s: %v", written, err)
	}
	var again Question
	if err := json.Unmarshal(written, &again); err != nil || again.Weight != 2 || len(again.more) != 2 {
		t.Errorf("%+v, %v", again, err)
	}
	for _, bad := range []string{`{"text": 7}`, `{"text": "Why?", "x": 1, "weight": "much"}`, `[]`, `7`} {
		var read Question
		if err := json.Unmarshal([]byte(bad), &read); err == nil || !reflect.DeepEqual(read, Question{}) {
			t.Errorf("%s is read as %+v", bad, read)
		}
	}
}
