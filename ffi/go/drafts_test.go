package vivavoce

import (
	"context"
	"reflect"
	"slices"
	"testing"
)

func TestADraftIsReplacedOrDeletedUntilSomethingHasComeOfIt(t *testing.T) {
	onEachStore(t, func(t *testing.T, open func(...Option) *Engine) {
		ctx := context.Background()
		engine := open()
		new := plan("What is a deadlok?")
		new.JobDescription, new.Resume, new.ExternalID, new.MaxAnswers = "Locks.", "Eight years.", "drafts-"+t.Name(), 9
		draft := must[*Interview](t)(engine.CreateInterview(ctx, new))
		changed := draft.Plan()
		changed.Questions = []Question{{Text: "What is a deadlock?", KeyPoints: []string{"two locks"}, Weight: 2}}
		changed.JobDescription = ""
		updated := must[*Interview](t)(engine.UpdateInterview(ctx, draft.ID, changed, IdempotencyKey("k")))
		if updated.Questions[0].Text != "What is a deadlock?" || updated.JobDescription != nil || *updated.Resume != new.Resume || updated.ExternalID != new.ExternalID || updated.MaxAnswers != 9 {
			t.Errorf("%+v", updated)
		}
		if updated.Status != InterviewPending || !updated.CreatedAt.Equal(draft.CreatedAt) || !updated.UpdatedAt.After(draft.UpdatedAt) {
			t.Errorf("%+v", updated)
		}
		for range 2 {
			if again := must[*Interview](t)(engine.UpdateInterview(ctx, draft.ID, changed, IdempotencyKey("k"))); !reflect.DeepEqual(again, updated) {
				t.Errorf("%+v is not %+v", again, updated)
			}
		}
		if read := must[*Interview](t)(engine.Interview(ctx, draft.ID)); !reflect.DeepEqual(read, updated) {
			t.Errorf("%+v is not %+v", read, updated)
		}
		// What an interview has is what a plan takes.
		if same := must[*Interview](t)(engine.UpdateInterview(ctx, draft.ID, updated.Plan())); !reflect.DeepEqual(same.Plan(), updated.Plan()) {
			t.Errorf("%+v is not %+v", same, updated)
		}
		if _, err := engine.UpdateInterview(ctx, draft.ID, plan("Why?"), IdempotencyKey("k")); !is(err, ErrConflict) {
			t.Error(err)
		}
		if _, err := engine.UpdateInterview(ctx, draft.ID, NewInterview{CandidateName: "Ada", InterviewType: General}); !is(err, ErrInvalidInput) {
			t.Error(err)
		}
		report := must[*AuditReport](t)(engine.VerifyAudit(ctx, draft.ID, ""))
		if !report.IsSound() || report.Checked != 3 || report.Replaced != 2 {
			t.Errorf("%+v", report)
		}
		session := must[*Session](t)(engine.StartSession(ctx, draft.ID, StartSession{}))
		for event, err := range engine.PastEvents(ctx, session.ID, 0) {
			if err != nil || event.Number < 4 {
				t.Errorf("%+v, %v", event, err)
			}
		}
		if _, err := engine.UpdateInterview(ctx, draft.ID, changed); !is(err, ErrInvalidState) {
			t.Error(err)
		}
		if err := engine.DeleteDraft(ctx, draft.ID, "Grace"); !is(err, ErrInvalidState) {
			t.Error(err)
		}

		other := must[*Interview](t)(engine.CreateInterview(ctx, plan("Why?")))
		if err := engine.DeleteDraft(ctx, other.ID, " "); !is(err, ErrInvalidInput) {
			t.Error(err)
		}
		for range 2 {
			if err := engine.DeleteDraft(ctx, other.ID, "Grace"); err != nil {
				t.Error(err)
			}
		}
		if _, err := engine.UpdateInterview(ctx, other.ID, plan("Why?")); !is(err, ErrNotFound) {
			t.Error(err)
		}
		if err := engine.DeleteDraft(ctx, ID{}, "Grace"); !is(err, ErrNotFound) {
			t.Error(err)
		}
	})
}

func TestEvaluationsOfAllInterviewsAreListed(t *testing.T) {
	onEachStore(t, func(t *testing.T, open func(...Option) *Engine) {
		ctx := context.Background()
		engine := open()
		var interviews, made []ID
		for range 2 {
			interviews = append(interviews, must[*Interview](t)(engine.CreateInterview(ctx, plan("Why?"))).ID)
		}
		for n := range 7 {
			var options []CallOption
			if n == 6 {
				options = append(options, Queued())
			}
			made = append(made, must[*Evaluation](t)(engine.Evaluate(ctx, interviews[n%2], map[uint32]string{0: deadlock}, options...)).ID)
		}
		slices.Reverse(made)
		read := func(list ListEvaluations, most int) []ID {
			var found []ID
			for evaluation, err := range engine.AllEvaluations(ctx, list) {
				if err != nil {
					t.Fatal(err)
				}
				if found = append(found, evaluation.ID); len(found) == most {
					break
				}
			}
			return found
		}
		for _, limit := range []uint32{0, 1, 3, 7} {
			if found := read(ListEvaluations{Limit: limit}, 0); !slices.Equal(found, made) {
				t.Errorf("%d: %v", limit, found)
			}
		}
		if found := read(ListEvaluations{Limit: 2}, 3); !slices.Equal(found, made[:3]) {
			t.Error(found)
		}
		if found := read(ListEvaluations{Status: EvaluationPending}, 0); !slices.Equal(found, made[:1]) {
			t.Error(found)
		}
		if found := read(ListEvaluations{InterviewID: &interviews[1], Status: EvaluationCompleted}, 0); !slices.Equal(found, []ID{made[1], made[3], made[5]}) {
			t.Error(found)
		}
		page := must[*EvaluationPage](t)(engine.ListEvaluations(ctx, ListEvaluations{Limit: 5}))
		if one := must[*Evaluation](t)(engine.Evaluation(ctx, made[1])); len(page.Evaluations) != 5 || page.NextCursor == nil || !reflect.DeepEqual(page.Evaluations[1], one) {
			t.Errorf("%+v", page)
		}
		for _, bad := range []ListEvaluations{{Limit: 101}, {Cursor: "nonsense"}, {Status: "done"}, {Status: EvaluationFailed, Cursor: *page.NextCursor}} {
			if _, err := engine.ListEvaluations(ctx, bad); !is(err, ErrInvalidInput) {
				t.Errorf("%+v: %v", bad, err)
			}
			for evaluation, err := range engine.AllEvaluations(ctx, bad) {
				if !is(err, ErrInvalidInput) {
					t.Errorf("%+v: %+v, %v", bad, evaluation, err)
				}
			}
		}
	})
}
