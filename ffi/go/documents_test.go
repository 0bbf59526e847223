package vivavoce

import (
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

// Every field, and for each enumeration a value that a later version may have.
const wholeEvaluation = `{
  "id": "0190b2c4-0000-7000-8000-00000000000a", "interview_id": "0190b2c4-0000-7000-8000-00000000000b", "session_id": null, "status": "postponed", "score": 0.1234567890123,
  "feedback": "好。", "language": "fr", "exchanges": [{"question": 0, "question_text": "<Why?>", "probe": true, "answer": ""}, {"question": null, "question_text": "", "probe": false, "answer": "a"}],
  "ratings": [{"exchange": 0, "competency": "C", "score": 0, "basis": "dice", "confidence": 0.0, "quotes": [], "reason": "", "spread": 0.0},
              {"exchange": 1, "competency": "C", "score": 1, "basis": "rubric", "confidence": 1, "quotes": [{"start": 0, "end": 1, "text": "a"}], "reason": "r"}],
  "competencies": [{"competency": "C", "score": 0.5, "weight": 1e-3, "ratings": 4294967295}], "strengths": [], "weaknesses": ["w"], "recommendations": ["r"], "unanswered": [7],
  "unanswered_policy": "doubles", "needs_review": ["n"], "failure": "", "rubric_hash": "ab",
  "evaluator": {"provider": "panel", "model": "m", "version": "1", "panel": {"judges": [{"provider": "p", "model": "m", "version": ""}], "combine": "lottery", "disagreement": 0}},
  "created_at": "2026-03-01T12:00:00Z", "completed_at": "2026-03-01T12:00:00.120Z", "supersedes": "0190b2c4-0000-7000-8000-00000000000c",
  "overridden": [{"by": "Grace", "reason": "r", "score": 0, "rating": {"exchange": 0, "competency": "C"}}, {"by": "Grace", "reason": "r", "score": 1}],
  "missing": [{"exchange": 0, "reason": "r"}, {"exchange": 0, "competency": "C", "reason": "r"}],
  "flags": [{"exchange": 0, "kind": "shouting", "span": {"start": 0, "end": 1, "text": "a"}}], "calibration": "threads@7",
  "key_points": [{"exchange": 1, "point": 0, "text": "a", "coverage": "twice", "share": 0.6666666666666666, "quotes": [{"start": 0, "end": 1, "text": "a"}]},
                 {"exchange": 0, "point": 1, "text": "b", "coverage": "missing", "share": 0.0, "quotes": []}],
  "calls": [{"exchange": 0, "judge": 0, "model": "p/m", "answered_by": "m", "parameters": {"temperature": 0, "seed": 0}, "prompt_version": "1", "prompt_hash": "h", "schema_hash": "h", "request_id": "i",
             "tokens": {"input": 18446744073709551615, "output": 0}, "cost": 0, "duration_ms": 0, "tries": 0, "cached": true, "reply": "", "failure": "f"},
            {"exchange": 0, "judge": 0, "model": "p/m", "parameters": {}, "prompt_version": "1", "prompt_hash": "h", "schema_hash": "h", "tokens": {"input": 0, "output": 0}, "duration_ms": 0, "tries": 0, "cached": false, "reply": "r"}]
}`

func TestDocumentsLoseNothing(t *testing.T) {
	for _, it := range []struct {
		document string
		into     any
	}{
		{wholeEvaluation, new(Evaluation)},
		{`{"id": "0190b2c4-0000-7000-8000-00000000000a", "candidate_name": "Ada", "interview_type": "culinary", "interview_language": "fr", "questions": [{"text": "Why?", "weight": 1, "reference_answer": ""}], "job_description": "", "resume": "", "rubric": {"competencies": [{"name": "C", "description": "", "weight": 1}]}, "calibration": "threads", "max_answers": 8, "status": "lost",
		   "created_at": "2026-03-01T12:00:00.000001Z", "updated_at": "1970-01-01T00:00:00Z"}`, new(Interview)},
		{`{"id": "0190b2c4-0000-7000-8000-00000000000a", "interview_id": "0190b2c4-0000-7000-8000-00000000000b", "session_language": "fr", "status": "paused", "version": 18446744073709551615,
		   "messages": [{"content": "\u0001\"<&>\u2028", "created_at": "2026-03-01T12:00:00Z", "id": "0190b2c4-0000-7000-8000-00000000000a", "kind": "song", "number": 1, "origin": "parrot", "question": null}],
		   "started_at": "2026-03-01T12:00:00Z", "created_at": "2026-03-01T12:00:00Z", "updated_at": "2026-03-01T12:00:00Z", "ended_at": "2026-03-01T12:00:00Z"}`, new(Session)},
		{`{"interview_id": "0190b2c4-0000-7000-8000-00000000000a", "number": 1, "session_id": null, "time": "2026-03-01T12:00:00Z", "actor": "Grace", "action": "sung", "message": null, "evaluation_id": "0190b2c4-0000-7000-8000-00000000000a"}`, new(Event)},
		{`{"first_bad": 3, "finding": "f", "checked": 4, "erased": 0, "replaced": 18446744073709551615, "tail_checked": false}`, new(AuditReport)},
		{`{"evaluations": [` + wholeEvaluation + `], "next_cursor": "ab"}`, new(EvaluationPage)},
		{`{"evaluations": [], "next_cursor": null}`, new(EvaluationPage)},
		{`{"store": "paper", "schema_version": 7, "latency_ms": 2999.999999}`, new(Health)},
		{`{"name": "threads", "version": 4294967295, "created_at": "2026-03-01T12:00:00.000001Z", "evaluator_version": "9", "answers": 50, "bank": {"offset": -0.25, "slope": 1e-7, "center": 0.5},
		   "questions": [{"question": "00ff", "answers": 10, "line": {"offset": 0.0, "slope": 0.0, "center": 0.0}, "words": [0, 4294967295], "weights": [-0.1, 0.3]},
		                 {"question": "01ff", "answers": 10, "line": {"offset": 0.1, "slope": -0.2, "center": 1}, "words": [], "weights": []}],
		   "before": {"pearson": null, "rmse": 0.5}, "after": {"pearson": -0.5, "rmse": 0}}`, new(Calibration)},
		{`[{"name": "a", "version": 1, "created_at": "2026-03-01T12:00:00Z", "evaluator_version": "9", "answers": 10, "bank": null, "questions": [], "before": {"pearson": 1, "rmse": 0}, "after": {"pearson": null, "rmse": 1}}]`, new([]*Calibration)},
		{`[{"judgement": {"score": 0, "ratings": [], "feedback": "", "strengths": [], "weaknesses": [], "recommendations": [], "needs_review": [], "evaluator": {"provider": "p", "model": "m", "version": ""}, "rubric_hash": "", "calibration": "a@1",
		     "key_points": [{"exchange": 0, "point": 0, "text": "a", "coverage": "partly", "share": 0.5, "quotes": []}]}},
		   {"error": {"kind": "timeout", "message": "m", "retryable": true}}, {"error": {"kind": "limited", "message": "m", "retryable": true, "retry_after_ms": 1500}}]`, new([]Judged)},
	} {
		if err := roundTrip([]byte(it.document), it.into); err != nil {
			t.Errorf("%T: %v", it.into, err)
		}
	}
}

// The comparison has to see what is lost.
func TestTheComparisonSeesWhatIsLost(t *testing.T) {
	for _, pair := range [][2]string{
		{`{"a": 1}`, `{}`}, {`{"a": null}`, `{}`}, {`{"a": []}`, `{"a": null}`}, {`{"a": [1]}`, `{"a": [1, 2]}`}, {`{"a": 18446744073709551615}`, `{"a": 18446744073709551614}`},
		{`{"a": 0.1}`, `{"a": 0.2}`}, {`{"a": "x"}`, `{"a": "y"}`}, {`{"a": "2026-03-01T12:00:00Z"}`, `{"a": "2026-03-01T12:00:01Z"}`}, {`{"a": true}`, `{"a": false}`}, {`{}`, `{"a": 1}`},
	} {
		if sameJSON([]byte(pair[0]), []byte(pair[1])) == nil {
			t.Errorf("%s is taken for %s", pair[0], pair[1])
		}
	}
	if err := sameJSON([]byte(`{"a": 1.50, "b": "2026-03-01T12:00:00.120Z"}`), []byte(`{"b": "2026-03-01T12:00:00.12Z", "a": 1.5}`)); err != nil {
		t.Error(err)
	}
	for document, into := range map[string]any{`{"store": "memory", "more": 1}`: new(Spent), `[{"questions": [{"text": "Why?", "more": 1}]}]`: new([]*NewInterview)} {
		if roundTrip([]byte(document), into) == nil {
			t.Error("a field that is not known was passed over")
		}
	}
}

func TestInterviewFilesAreRead(t *testing.T) {
	files, _ := filepath.Glob("../../examples/interviews/*.json")
	if len(files) == 0 {
		t.Fatal("there are no interview files")
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var plan NewInterview
		if err := json.Unmarshal(text, &plan); err != nil {
			t.Errorf("%s: %v", file, err)
		}
		must[*Interview](t)(openOn(t, "memory:").CreateInterview(t.Context(), plan))
	}
	var question Question
	if err := json.Unmarshal([]byte(`"Why?"`), &question); err != nil || !reflect.DeepEqual(question, Question{Text: "Why?"}) {
		t.Errorf("%+v, %v", question, err)
	}
}

func TestWhatIsNoDocumentIsOurFaultAndRepeatsNothing(t *testing.T) {
	var into Interview
	lenient := unmarshal
	unmarshal = json.Unmarshal
	defer func() { unmarshal = lenient }()
	err := decode([]byte(`{"id": "canary", "created_at": "canary"}`), &into)
	if !is(err, ErrInternal) || strings.Contains(err.Error(), "canary") {
		t.Error(err)
	}
	if err := decode([]byte(`{"candidate_name": "Ada", "later": 1}`), &into); err != nil || into.CandidateName != "Ada" {
		t.Errorf("%+v, %v", into, err)
	}
}

func TestIDs(t *testing.T) {
	const text = "0190b2c4-0000-7000-8000-00000000000a"
	id := must[ID](t)(ParseID(text))
	for _, form := range []string{text, strings.ToUpper(text), strings.ReplaceAll(text, "-", "")} {
		if read := must[ID](t)(ParseID(form)); read != id || read.String() != text {
			t.Errorf("%s is read as %s", form, read)
		}
	}
	for _, bad := range []string{"", "nothing", text + "0", text[1:], strings.Replace(text, "-", "0", 1), strings.Replace(text, "a", "g", 1), "{" + text + "}", "0190b2c4-0000-7000-800000000-0000000a"} {
		if read, err := ParseID(bad); !is(err, ErrInvalidInput) || !read.IsZero() {
			t.Errorf("%q is read as %v", bad, read)
		}
	}
	keyed := map[ID][]ID{id: {id}}
	written, _ := json.Marshal(keyed)
	var read map[ID][]ID
	if err := json.Unmarshal(written, &read); err != nil || !reflect.DeepEqual(read, keyed) || string(written) != `{"`+text+`":["`+text+`"]}` {
		t.Errorf("%s, %v", written, err)
	}
	if err := id.UnmarshalText([]byte("nothing")); err == nil || id.String() != text {
		t.Error("a failing read changed the id")
	}
}
