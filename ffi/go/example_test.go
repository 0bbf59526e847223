package vivavoce_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"time"

	vivavoce "github.com/vivavoce/vivavoce/ffi/go"
)

func Example() {
	ctx := context.Background()
	engine, err := vivavoce.Open("memory:")
	if err != nil {
		log.Fatal(err)
	}
	defer engine.Close()
	interview, err := engine.CreateInterview(ctx, vivavoce.NewInterview{
		CandidateName: "Ada",
		InterviewType: vivavoce.Technical,
		Questions:     []vivavoce.Question{{Text: "What is a deadlock?", KeyPoints: []string{"each holds a lock the other needs"}}},
	})
	if err != nil {
		log.Fatal(err)
	}
	session, err := engine.StartSession(ctx, interview.ID, vivavoce.StartSession{})
	if err != nil {
		log.Fatal(err)
	}
	turn, err := engine.SendMessage(ctx, session.ID, "Two threads each hold a lock the other needs.")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("message", turn.Message.Number, "was answered:", turn.Reply.Content != "")
	evaluation, err := engine.EndSession(ctx, session.ID)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(evaluation.Status, *evaluation.Score > 0.3)
	// Output:
	// message 2 was answered: true
	// completed true
}

func ExampleError() {
	engine, err := vivavoce.Open("memory:")
	if err != nil {
		log.Fatal(err)
	}
	defer engine.Close()
	_, err = engine.Interview(context.Background(), vivavoce.ID{})
	fmt.Println(errors.Is(err, vivavoce.ErrNotFound), err)
	var failure *vivavoce.Error
	if errors.As(err, &failure) {
		fmt.Println(failure.Kind, failure.Retryable)
	}
	// Output:
	// true vivavoce: interview 00000000-0000-0000-0000-000000000000 not found
	// vivavoce: not_found false
}

func ExampleEngine_Interviews() {
	ctx := context.Background()
	engine, err := vivavoce.Open("memory:")
	if err != nil {
		log.Fatal(err)
	}
	defer engine.Close()
	for _, name := range []string{"Ada", "Grace", "Barbara"} {
		plan := vivavoce.NewInterview{CandidateName: name, InterviewType: vivavoce.General, Questions: []vivavoce.Question{{Text: "Who are you?"}}}
		if _, err := engine.CreateInterview(ctx, plan); err != nil {
			log.Fatal(err)
		}
	}
	for interview, err := range engine.Interviews(ctx, vivavoce.ListInterviews{SortBy: vivavoce.SortByName, Order: vivavoce.Ascending}) {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(interview.CandidateName)
	}
	// Output:
	// Ada
	// Barbara
	// Grace
}

func ExampleEngine_RunDeliveries() {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	engine, err := vivavoce.Open("memory:")
	if err != nil {
		log.Fatal(err)
	}
	defer engine.Close()
	if err := engine.Subscribe(ctx, "mail", []vivavoce.Action{vivavoce.ActionInterviewCreated}); err != nil {
		log.Fatal(err)
	}
	plan := vivavoce.NewInterview{CandidateName: "Ada", InterviewType: vivavoce.General, Questions: []vivavoce.Question{{Text: "Who are you?"}}}
	if _, err := engine.CreateInterview(ctx, plan); err != nil {
		log.Fatal(err)
	}
	delivered, err := engine.RunDeliveries(ctx, "mail", func(delivery vivavoce.Delivery) error {
		fmt.Println(delivery.Event.Action, delivery.Attempts)
		cancel()
		// Where this may pass: return &vivavoce.Error{Kind: vivavoce.ErrProvider, Message: "no mail today", Retryable: true}
		return nil
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("delivered", delivered)
	// Output:
	// interview_created 1
	// delivered 1
}

func ExampleEngine_Calibrate() {
	ctx := context.Background()
	engine, err := vivavoce.Open("memory:")
	if err != nil {
		log.Fatal(err)
	}
	defer engine.Close()
	reference := "A lock that one thread at a time can hold."
	question := vivavoce.Question{Text: "What is a mutex?", ReferenceAnswer: &reference}
	right := []string{"A lock for one thread.", "A lock that one thread holds.", "It lets one thread in.", "One thread at a time has it.", "Who has the lock goes on."}
	wrong := []string{"Something that runs fast.", "A kind of thread.", "It makes programs faster.", "A part of the processor.", "A place for data."}
	var graded []vivavoce.GradedAnswer
	for _, answer := range right {
		graded = append(graded, vivavoce.GradedAnswer{Question: question, Answer: answer, Score: 0.9})
	}
	for _, answer := range wrong {
		graded = append(graded, vivavoce.GradedAnswer{Question: question, Answer: answer, Score: 0.1})
	}
	calibration, err := engine.Calibrate(ctx, "threads", graded, vivavoce.Judging{InterviewType: vivavoce.Technical})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(calibration.Label(), "is nearer:", calibration.After.RMSE < calibration.Before.RMSE)
	judging := vivavoce.Judging{InterviewType: vivavoce.Technical, Calibration: "threads"}
	found, err := engine.EvaluateAnswer(ctx, vivavoce.Answered{Question: question, Answer: "A lock for one thread."}, judging)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("corrected by", found.Calibration)
	// Output:
	// threads@1 is nearer: true
	// corrected by threads@1
}

func ExampleWithEvaluator() {
	ctx := context.Background()
	long := func(_ context.Context, request *vivavoce.JudgeRequest) (*vivavoce.Judgement, error) {
		found := &vivavoce.Judgement{}
		for place, exchange := range request.Exchanges {
			for _, competency := range request.Rubric.Competencies {
				rating := vivavoce.NewRating{Exchange: uint32(place), Competency: competency.Name, Score: 0}
				if words := []rune(exchange.Answer); len(words) > 10 {
					rating.Score, rating.Reason = 1, "It is long."
					rating.Quotes = []vivavoce.Quote{{Start: 0, End: uint32(len(words)), Text: exchange.Answer}}
				}
				found.Ratings = append(found.Ratings, rating)
			}
		}
		return found, nil
	}
	engine, err := vivavoce.Open("memory:", vivavoce.WithEvaluator("length", "1", vivavoce.EvaluatorFunc(long)))
	if err != nil {
		log.Fatal(err)
	}
	defer engine.Close()
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	answered := vivavoce.Answered{Question: vivavoce.Question{Text: "Why?"}, Answer: "Because it is so."}
	found, err := engine.EvaluateAnswer(ctx, answered, vivavoce.Judging{InterviewType: vivavoce.General})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(found.Evaluator.Model, found.Score, found.Ratings[0].Reason)
	// Output:
	// length 1 It is long.
}
