package vivavoce

import (
	"context"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestAWholeInterview(t *testing.T) {
	onEachStore(t, func(t *testing.T, open func(...Option) *Engine) {
		noGoroutinesLeft(t)
		ctx := context.Background()
		engine := open()
		reference, description := "互相等待對方持有的鎖。", "Knows them."
		new := NewInterview{
			CandidateName:     "王小明",
			InterviewType:     Technical,
			InterviewLanguage: TraditionalChinese,
			Questions: []Question{
				{Text: "什麼是死結?", Competency: "Locks", ReferenceAnswer: &reference, KeyPoints: []string{"互相等待", "持有鎖"}, Weight: 2, TimeLimit: 300, FollowUps: []string{"怎麼避免?"}},
				{Text: "<什麼> 是 & 索引?"},
			},
			JobDescription: "後端工程師",
			Resume:         "八年經驗",
			ExternalID:     "ats-1-" + t.Name(),
			Rubric: &Rubric{Competencies: []Competency{
				{Name: "Locks", Description: &description, Weight: 3, Levels: []Level{{0.5, "Somewhat."}, {1, "Wholly."}}},
				{Name: "Indexes"},
			}},
			MaxAnswers: 9,
		}
		interview := must[*Interview](t)(engine.CreateInterview(ctx, new))
		if interview.Status != InterviewPending || interview.MaxAnswers != 9 || interview.ID.IsZero() || time.Since(interview.CreatedAt) > time.Minute {
			t.Errorf("%+v", interview)
		}
		if interview.Questions[0].Weight != 2 || interview.Questions[1].Weight != 1 || interview.Rubric.Competencies[1].Weight != 1 {
			t.Errorf("weights: %+v", interview)
		}
		session := must[*Session](t)(engine.StartSession(ctx, interview.ID, StartSession{}))
		if session.Messages[0].Role() != RoleInterviewer || session.SessionLanguage != TraditionalChinese || session.Version != 1 {
			t.Errorf("%+v", session)
		}
		asked := must[NextQuestion](t)(engine.NextQuestion(ctx, session.ID))
		if asked.Text != session.Messages[0].Content || asked.Number != 1 {
			t.Errorf("%+v", asked)
		}
		answer := "兩個執行緒互相等待對方持有的鎖,所以都停住了。🔒"
		turn := must[Turn](t)(engine.SendMessage(ctx, session.ID, answer))
		if turn.Message.Content != answer || turn.Message.Number != 2 || turn.Reply.Content == "" || turn.SessionStatus != SessionActive {
			t.Errorf("%+v", turn)
		}
		kept := must[*Session](t)(engine.SessionExact(ctx, session.ID))
		if len(kept.Messages) != 3 || !reflect.DeepEqual(kept.Messages[1], turn.Message) || kept.Messages[1].Role() != RoleCandidate || !reflect.DeepEqual(kept.Messages[2], turn.Reply) || kept.Version != turn.SessionVersion {
			t.Errorf("%+v", kept)
		}
		if read := must[*Session](t)(engine.Session(ctx, session.ID)); !reflect.DeepEqual(read, kept) {
			t.Errorf("%+v is not %+v", read, kept)
		}

		evaluation := must[*Evaluation](t)(engine.EndSession(ctx, session.ID))
		if evaluation.Status != EvaluationCompleted || !evaluation.Status.IsFinal() || *evaluation.SessionID != session.ID || len(evaluation.Ratings) == 0 || !slices.Equal(evaluation.Unanswered, []uint32{1}) {
			t.Errorf("%+v", evaluation)
		}
		for _, rating := range evaluation.Ratings {
			for _, quote := range rating.Quotes {
				if said := []rune(answer)[quote.Start:quote.End]; string(said) != quote.Text {
					t.Errorf("%q is not %q", quote.Text, string(said))
				}
			}
		}
		score := must[float64](t)(engine.Score(ctx, evaluation.ID))
		if score != *evaluation.Score || score <= 0 || score > 1 {
			t.Errorf("score %v, %v", score, *evaluation.Score)
		}
		if read := must[*Evaluation](t)(engine.Evaluation(ctx, evaluation.ID)); !reflect.DeepEqual(read, evaluation) {
			t.Errorf("%+v is not %+v", read, evaluation)
		}
		card := must[*Scorecard](t)(engine.Scorecard(ctx, evaluation.ID))
		if !reflect.DeepEqual(&card.Evaluation, evaluation) || *card.Interview.ExternalID != new.ExternalID || card.Schema == 0 {
			t.Errorf("%+v", card)
		}
		if page := must[string](t)(engine.ScorecardHTML(ctx, evaluation.ID)); !strings.Contains(page, "<html") || !strings.Contains(page, "王小明") {
			t.Error(page)
		}
		if text := must[string](t)(engine.ScorecardMarkdown(ctx, evaluation.ID)); !strings.HasPrefix(text, "#") {
			t.Error(text)
		}
		if ids := must[[]ID](t)(engine.Sessions(ctx, interview.ID)); !slices.Equal(ids, []ID{session.ID}) {
			t.Error(ids)
		}

		place := evaluation.Ratings[0]
		changed := must[*Evaluation](t)(engine.OverrideScore(ctx, evaluation.ID, Override{By: "Grace", Reason: "I was there.", Score: 1, Rating: &RatingPlace{place.Exchange, place.Competency}}))
		if *changed.Supersedes != evaluation.ID || changed.Overridden[0].By != "Grace" || changed.Ratings[0].Basis != BasisPerson {
			t.Errorf("%+v", changed)
		}
		again := must[*Evaluation](t)(engine.ReEvaluate(ctx, changed.ID))
		if *again.Supersedes != changed.ID {
			t.Errorf("%+v", again)
		}
		if ids := must[[]ID](t)(engine.Evaluations(ctx, interview.ID)); !slices.Equal(ids, []ID{evaluation.ID, changed.ID, again.ID}) {
			t.Error(ids)
		}
		if replayed := must[*Evaluation](t)(engine.Replay(ctx, evaluation.ID)); !reflect.DeepEqual(replayed, evaluation) {
			t.Errorf("%+v is not %+v", replayed, evaluation)
		}

		head := must[AuditHead](t)(engine.AuditHead(ctx, interview.ID))
		report := must[*AuditReport](t)(engine.VerifyAudit(ctx, interview.ID, head))
		if !report.IsSound() || !report.TailChecked || !strings.HasPrefix(string(head), interview.ID.String()+"/") {
			t.Errorf("%s: %+v", head, report)
		}
		var actions []Action
		for event, err := range engine.PastEvents(ctx, session.ID, 0) {
			if err != nil {
				t.Fatal(err)
			}
			actions = append(actions, event.Action)
		}
		if !slices.Contains(actions, ActionMessageReceived) || actions[0] != ActionSessionStarted || uint64(len(actions)) > report.Checked {
			t.Error(actions)
		}

		ids := must[[]ID](t)(engine.EraseCandidate(ctx, new.ExternalID, "Grace"))
		if !slices.Equal(ids, []ID{interview.ID}) {
			t.Error(ids)
		}
		if report := must[*AuditReport](t)(engine.VerifyAudit(ctx, interview.ID, head)); !report.IsSound() || report.Erased == 0 {
			t.Errorf("%+v", report)
		}
		other := must[*Interview](t)(engine.CreateInterview(ctx, plan("Why?")))
		if err := engine.EraseInterview(ctx, other.ID, "Grace"); err != nil {
			t.Error(err)
		}
		if health := must[Health](t)(engine.Health(ctx)); !slices.Contains([]string{"memory", "sqlite", "postgres"}, health.Store) || health.Latency <= 0 {
			t.Errorf("%+v", health)
		}
		if metrics := must[string](t)(engine.Metrics()); !strings.Contains(metrics, "send_message") {
			t.Error(metrics)
		}
		if Version() == "" {
			t.Error("there is no version")
		}
	})
}

func TestAnswersWithoutASession(t *testing.T) {
	onEachStore(t, func(t *testing.T, open func(...Option) *Engine) {
		ctx := context.Background()
		engine := open(WithUnansweredIgnored())
		interview := must[*Interview](t)(engine.CreateInterview(ctx, plan("What is a deadlock?", "What is an index?")))
		evaluation := must[*Evaluation](t)(engine.Evaluate(ctx, interview.ID, map[uint32]string{0: deadlock}))
		if evaluation.SessionID != nil || evaluation.UnansweredPolicy != UnansweredIgnored || evaluation.Exchanges[0].Answer != deadlock {
			t.Errorf("%+v", evaluation)
		}
		answered := Answered{Question{Text: "What is a deadlock?", KeyPoints: []string{"each holds a lock that the other needs"}}, deadlock}
		judging := Judging{InterviewType: Technical}
		one := must[*AnswerEvaluation](t)(engine.EvaluateAnswer(ctx, answered, judging))
		if one.Score <= 0 || one.Evaluator.Provider != "builtin" {
			t.Errorf("%+v", one)
		}
		long := answered
		long.Answer = strings.Repeat("a", 32_001)
		all := must[[]Judged](t)(engine.EvaluateAnswers(ctx, []Answered{answered, long}, judging))
		if len(all) != 2 || !reflect.DeepEqual(all[0].Judgement, one) || all[0].Err != nil || all[1].Judgement != nil || !is(all[1].Err, ErrInvalidInput) {
			t.Errorf("%+v", all)
		}
		if none := must[[]Judged](t)(engine.EvaluateAnswers(ctx, nil, judging)); len(none) != 0 {
			t.Error(none)
		}
		questions := must[[]Question](t)(engine.GenerateQuestions(ctx, QuestionRequest{InterviewType: Behavioral, Count: 3, Level: Senior, Language: TraditionalChinese}))
		if len(questions) != 3 || questions[0].Competency == "" || len(questions[0].KeyPoints) == 0 {
			t.Errorf("%+v", questions)
		}
	})
}

func TestAWorkerMakesWhatWasLeftToIt(t *testing.T) {
	onEachStore(t, func(t *testing.T, open func(...Option) *Engine) {
		noGoroutinesLeft(t)
		ctx := context.Background()
		engine := open()
		session := started(t, engine)
		must[Turn](t)(engine.SendMessage(ctx, session.ID, deadlock))
		asked := must[*Evaluation](t)(engine.EndSession(ctx, session.ID, Queued()))
		if asked.Status != EvaluationPending || asked.Score != nil {
			t.Fatalf("%+v", asked)
		}
		working, stop := context.WithCancel(ctx)
		done := make(chan uint64)
		go func() {
			made, err := engine.RunWorker(working)
			if err != nil {
				t.Error(err)
			}
			done <- made
		}()
		for event, err := range engine.Events(ctx, session.ID, 0) {
			if err != nil {
				t.Fatal(err)
			}
			if event.Action == ActionEvaluationCompleted {
				break
			}
		}
		stop()
		if made := <-done; made < 1 {
			t.Errorf("made %d", made)
		}
		if must[*Evaluation](t)(engine.Evaluation(ctx, asked.ID)).Status != EvaluationCompleted {
			t.Error("it was not made")
		}
		if made, err := engine.RunWorker(working); made != 0 || err != nil {
			t.Errorf("%d, %v", made, err)
		}
	})
}

func TestListsAreReadAPageAtATime(t *testing.T) {
	onEachStore(t, func(t *testing.T, open func(...Option) *Engine) {
		ctx := context.Background()
		engine := open()
		names := []string{"Ada", "Barbara", "Grace", "Katherine", "Mary"}
		for _, name := range names {
			new := plan("Why?")
			new.CandidateName = name
			must[*Interview](t)(engine.CreateInterview(ctx, new))
		}
		read := func(list ListInterviews, most int) []string {
			var found []string
			for interview, err := range engine.Interviews(ctx, list) {
				if err != nil {
					t.Fatal(err)
				}
				if found = append(found, interview.CandidateName); len(found) == most {
					break
				}
			}
			return found
		}
		for _, limit := range []uint32{0, 1, 2, 5} {
			if found := read(ListInterviews{SortBy: SortByName, Order: Ascending, Limit: limit}, 0); !slices.Equal(found, names) {
				t.Errorf("%d: %v", limit, found)
			}
		}
		if found := read(ListInterviews{SortBy: SortByName, Order: Ascending, Limit: 2}, 3); !slices.Equal(found, names[:3]) {
			t.Error(found)
		}
		if found := read(ListInterviews{CandidateName: "AR", SortBy: SortByName, Status: InterviewPending, DateFrom: DateOf(time.Now().Add(-24 * time.Hour)), DateTo: DateOf(time.Now().Add(24 * time.Hour))}, 0); !slices.Equal(found, []string{"Mary", "Barbara"}) {
			t.Error(found)
		}
		page := must[*InterviewPage](t)(engine.ListInterviews(ctx, ListInterviews{Limit: 2, Total: true, Paging: Paging{Offset: 4}}))
		if len(page.Interviews) != 1 || *page.Total != 5 || page.NextCursor != nil {
			t.Errorf("%+v", page)
		}
		for _, bad := range []ListInterviews{{Limit: 101}, {Paging: Paging{Cursor: "nonsense"}}, {DateFrom: "yesterday"}, {SortBy: "height"}} {
			told := 0
			for interview, err := range engine.Interviews(ctx, bad) {
				if told++; interview != nil || !is(err, ErrInvalidInput) {
					t.Errorf("%+v: %v, %v", bad, interview, err)
				}
			}
			if told != 1 {
				t.Errorf("%+v: told %d times", bad, told)
			}
		}
		ended, cancel := context.WithCancel(ctx)
		defer cancel()
		told := 0
		for _, err := range engine.Interviews(ended, ListInterviews{Limit: 2}) {
			cancel()
			if told++; told == 3 && !is(err, context.Canceled) {
				t.Error(err)
			}
		}
		if told != 3 {
			t.Errorf("told %d times", told)
		}
	})
}

func TestTenantsSeeTheirOwn(t *testing.T) {
	onEachStore(t, func(t *testing.T, open func(...Option) *Engine) {
		ctx := context.Background()
		engine := open()
		other := must[*Engine](t)(engine.ForTenant("another " + t.Name()))
		interview := must[*Interview](t)(engine.CreateInterview(ctx, plan("Why?")))
		if _, err := other.Interview(ctx, interview.ID); !is(err, ErrNotFound) {
			t.Error(err)
		}
		if _, err := engine.ForTenant(" "); !is(err, ErrInvalidInput) {
			t.Error(err)
		}
		if err := other.Close(); err != nil {
			t.Error(err)
		}
		if _, err := engine.Interview(ctx, interview.ID); !is(err, ErrInvalidState) {
			t.Error(err)
		}
	})
}

func TestIdleSessionsAreAbandoned(t *testing.T) {
	onEachStore(t, func(t *testing.T, open func(...Option) *Engine) {
		ctx := context.Background()
		now := time.Now()
		engine := open(WithIdleTimeout(time.Hour), WithReadStaleness(time.Millisecond), WithCachedSessions(10), WithClock(func() time.Time { return now }))
		session, other := started(t, engine), started(t, engine)
		if got := must[*Interview](t)(engine.Interview(ctx, session.InterviewID)).CreatedAt; !got.Equal(now.Truncate(time.Microsecond)) {
			t.Errorf("%v is not %v", got, now)
		}
		if abandoned := must[*Session](t)(engine.AbandonSession(ctx, other.ID)); abandoned.Status != SessionAbandoned || abandoned.EndedAt == nil {
			t.Errorf("%+v", abandoned)
		}
		now = now.Add(2 * time.Hour)
		if ids := must[[]ID](t)(engine.AbandonIdleSessions(ctx)); !slices.Contains(ids, session.ID) || slices.Contains(ids, other.ID) {
			t.Error(ids)
		}
		if _, err := engine.SendMessage(ctx, session.ID, deadlock); !is(err, ErrInvalidState) {
			t.Error(err)
		}
	})
}

func TestCopiesAndBackups(t *testing.T) {
	ctx := context.Background()
	engine := must[*Engine](t)(Open("sqlite:" + filepath.Join(t.TempDir(), "from.db")))
	defer engine.Close()
	session := started(t, engine)
	backup := filepath.Join(t.TempDir(), "backup.db")
	if err := engine.Backup(ctx, backup); err != nil {
		t.Fatal(err)
	}
	if err := engine.Backup(ctx, backup); !is(err, ErrInvalidInput) {
		t.Error(err)
	}
	target := must[*Engine](t)(Open("memory:"))
	defer target.Close()
	if count := must[uint64](t)(engine.CopyTo(ctx, target)); count != 1 {
		t.Error(count)
	}
	must[*Session](t)(target.Session(ctx, session.ID))
	if err := target.Backup(ctx, backup+"2"); !is(err, ErrUnsupported) {
		t.Error(err)
	}
	restored := must[*Engine](t)(Open("sqlite:" + backup))
	defer restored.Close()
	must[*Session](t)(restored.Session(ctx, session.ID))
	_ = target.Close()
	if _, err := engine.CopyTo(ctx, target); !is(err, ErrInvalidState) {
		t.Error(err)
	}
}

func TestOpenFromEnv(t *testing.T) {
	t.Setenv("DATABASE_URL", "nothing:")
	if _, err := OpenFromEnv(); !is(err, ErrInvalidInput) {
		t.Error(err)
	}
	t.Setenv("DATABASE_URL", "sqlite:"+filepath.Join(t.TempDir(), "env.db"))
	engine := must[*Engine](t)(OpenFromEnv())
	defer engine.Close()
	if health := must[Health](t)(engine.Health(context.Background())); health.Store != "sqlite" {
		t.Error(health.Store)
	}
}
