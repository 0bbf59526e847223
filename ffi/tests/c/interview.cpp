// Holds an interview through vivavoce.hpp: `interview URL`.
#include <unistd.h>

#include <atomic>
#include <memory>
#include <string>
#include <type_traits>

#include <vivavoce.hpp>

#include "check.h"

static_assert(!std::is_copy_constructible_v<vivavoce::Engine> && std::is_nothrow_move_constructible_v<vivavoce::Engine>);
static_assert(!std::is_copy_constructible_v<vivavoce::Turn> && std::is_nothrow_move_constructible_v<vivavoce::Turn>);

template <typename Call>
static void refused(vv_status expected, Call call) {
  try {
    call();
  } catch (const vivavoce::Error &error) {
    CHECK(error.status() == expected && error.what()[0] != '\0' && !error.is_retryable() && !error.retry_after());
    return;
  }
  CHECK(false);
}

static void everything(const std::string &url) {
  vivavoce::Engine engine(url);
  const std::string plan =
      R"({"candidate_name": "Ada", "interview_type": "technical", "questions": ["What is a deadlock?"]})";
  const auto interview = engine.create_interview(plan);
  CHECK(interview.document.find("Ada") != std::string::npos);
  CHECK(vivavoce::Id(interview.id.to_string()) == interview.id);
  const auto session = engine.start_session(interview.id);
  vivavoce::Options options;
  options.idempotency_key = "answer-1";
  options.timeout = std::chrono::seconds(10);
  const std::string answer = "Two threads each hold a lock the other needs.";
  vivavoce::Turn turn = engine.send_message(session.id, answer, options);
  const vivavoce::Turn again = engine.send_message(session.id, answer, options);
  CHECK(turn.get().message.number == 2 && again.get().message.number == 2 && turn.reply() == again.reply() && turn.message() == answer);
  vivavoce::Turn moved = std::move(turn);
  CHECK(!moved.is_last() && moved.json().find("reply") != std::string::npos);
  refused(VV_CONFLICT, [&] { (void)engine.send_message(session.id, "Another.", options); });
  const auto evaluation = engine.end_session(session.id);
  CHECK(engine.score(evaluation.id) > 0 && engine.evaluation(evaluation.id) == evaluation.document);
  CHECK(engine.scorecard(evaluation.id, VV_SCORECARD_HTML).find("<html") != std::string::npos);
  CHECK(engine.list_interviews(R"({"limit": 1})").find("Ada") != std::string::npos);
  CHECK(engine.list_evaluations(R"({"limit": 1})").find(evaluation.id.to_string()) != std::string::npos);
  CHECK(engine.list_evaluations().find(evaluation.id.to_string()) != std::string::npos);
  const std::string another = R"({"candidate_name": "Grace", "interview_type": "general", "questions": ["Why?"]})";
  const auto draft = engine.create_interview(another);
  CHECK(engine.update_interview(draft.id, R"({"candidate_name": "Barbara", "interview_type": "general", "questions": ["Who?"]})").find("Who?") != std::string::npos);
  engine.delete_draft(draft.id, "tester");
  refused(VV_NOT_FOUND, [&] { engine.update_interview(draft.id, another); });
  refused(VV_INVALID_STATE, [&] { engine.update_interview(interview.id, another); });
  refused(VV_INVALID_STATE, [&] { engine.delete_draft(interview.id, "tester"); });
  { const vivavoce::Engine passing = engine.for_tenant("passing"); }
  vivavoce::Engine other = engine.for_tenant("other");
  refused(VV_NOT_FOUND, [&] { (void)other.interview(interview.id); });
  engine.erase_interview(interview.id, "tester");
  refused(VV_NOT_FOUND, [&] { (void)engine.session(session.id); });
  refused(VV_INVALID_INPUT, [] { vivavoce::Engine nothing("nothing:"); });
  refused(VV_INVALID_INPUT, [] { vivavoce::Id nothing("nothing"); });
  refused(VV_INVALID_INPUT, [] { vivavoce::Engine cut(std::string("memory:\0x", 9)); });
  engine.close();
  engine.close();
  refused(VV_INVALID_STATE, [&] { (void)other.list_interviews(); });
}

/// The application's own functions, and what becomes of their exceptions.
static void own_functions(const std::string &url) {
  vivavoce::EngineOptions options;
  options.clock = [] { return std::int64_t{1772366400000000}; };
  int asked = 0;
  options.interviewer = [&asked](std::string_view scene, const vivavoce::Asking &asking) -> std::string {
    CHECK(!asking.remaining());
    CHECK(scene.front() == '{' && scene.back() == '}');
    asked += 1;
    if (asked == 2) throw vivavoce::Error(VV_LIMITED, "too many", true, std::chrono::milliseconds(70));
    if (asked == 3) throw std::string("a candidate's word");
    return "Well, why?";
  };
  options.evaluator = [](std::string_view, const vivavoce::Asking &) -> std::string {
    return R"({"ratings": [{"exchange": 0, "competency": "Reasons", "score": 0.75,
                            "quotes": [{"start": 0, "end": 7, "text": "Because"}]},
                           {"exchange": 1, "competency": "Reasons", "score": 0}]})";
  };
  options.evaluator_name = "reasons";
  vivavoce::Engine engine(url, options);
  const std::string plan = R"({"candidate_name": "Ada", "interview_type": "general", "questions": ["Why?", "And?"],)"
                           R"( "rubric": {"competencies": [{"name": "Reasons"}]}})";
  const auto interview = engine.create_interview(plan);
  CHECK(interview.document.find("2026-03-01T12:00:00") != std::string::npos);
  const auto session = engine.start_session(interview.id);
  CHECK(engine.next_question(session.id) == "Well, why?");
  try {
    (void)engine.send_message(session.id, "Because.");
    CHECK(false);
  } catch (const vivavoce::Error &error) {
    CHECK(error.status() == VV_LIMITED && std::string(error.what()) == "too many");
    CHECK(error.retry_after() == std::chrono::milliseconds(70));
  }
  refused(VV_INVALID_STATE, [&] { (void)engine.next_question(session.id); });
  refused(VV_PROVIDER, [&] { (void)engine.send_message(session.id, "Because."); });
  std::string heard;
  const auto turn = engine.send_message(session.id, "Because.", [&](auto words) {
    if (words) heard += *words; else heard.clear();
  });
  CHECK(heard == turn.reply());
  try {
    (void)engine.send_message(session.id, "Therefore.", [](auto) { throw 7; });
    CHECK(false);
  } catch (int thrown) {
    CHECK(thrown == 7);
  }
  const vivavoce::Cancel stop;
  refused(VV_INVALID_INPUT, [&] { (void)engine.listen(session.id, 0, std::chrono::milliseconds(10), stop, nullptr); });
  int told = 0;
  CHECK(engine.listen(session.id, 0, std::chrono::milliseconds(10), stop, [&](auto) { return ++told < 3; }) >= 3);
  try {
    (void)engine.listen(session.id, 0, std::chrono::milliseconds(10), stop, [](auto) -> bool { throw 8; });
    CHECK(false);
  } catch (int thrown) {
    CHECK(thrown == 8);
  }
  const auto evaluation = engine.end_session(session.id);
  CHECK(engine.score(evaluation.id) > 0 && evaluation.document.find("\"reasons\"") != std::string::npos);
  const auto change = R"({"score": 0.5, "by": "Grace", "reason": "Too kind."})";
  const auto changed = engine.override_score(evaluation.id, change);
  CHECK(engine.score(changed.id) == 0.5);
  CHECK(engine.verify_audit(interview.id, engine.audit_head(interview.id)).is_sound);
  int records = 0;
  vivavoce::set_log([&](std::int32_t, std::string_view) { records += 1; throw 9; }, VV_LOG_DEBUG);
  refused(VV_NOT_FOUND, [&] { (void)engine.session(vivavoce::Id(vv_id{})); });
  vivavoce::set_log({});
  refused(VV_NOT_FOUND, [&] { (void)engine.session(vivavoce::Id(vv_id{})); });
  CHECK(records == 1);
}

/// What becomes of events that a function throws at.
static void deliveries(const std::string &url) {
  vivavoce::EngineOptions options;
  // Whoever looks at this clock moves it: what is to be tried again later is due at once.
  options.clock = [now = std::make_shared<std::atomic<std::int64_t>>(1772366400000000)] { return *now += 6000000; };
  vivavoce::Engine engine = vivavoce::Engine(url, options).for_tenant("subscribed");
  engine.subscribe("mail", R"(["session_started"])");
  CHECK(engine.subscriptions() == R"([{"name":"mail","actions":["session_started"]}])");
  const auto interview =
      engine.create_interview(R"({"candidate_name": "Ada", "interview_type": "general", "questions": ["Why?"]})");
  for (int sessions = 0; sessions < 3; sessions += 1) engine.start_session(interview.id);
  CHECK(engine.backlog().find(R"("deliveries":3)") != std::string::npos);
  const vivavoce::Cancel stop;
  refused(VV_INVALID_INPUT, [&] { engine.run_deliveries("mail", stop, nullptr); });
  refused(VV_NOT_FOUND, [&] { engine.run_deliveries("post", stop, [](auto) {}); });
  std::string attempts;
  const auto deliver = [&](std::string_view delivery) {
    CHECK(delivery.find("session_started") != delivery.npos && delivery.back() == '}');
    attempts += delivery[delivery.size() - 2];
    if (attempts.size() == 1) throw vivavoce::Error(VV_LIMITED, "too many", true, std::chrono::milliseconds(70));
    if (attempts.size() == 2) throw std::string("a mishap");
    if (attempts.size() == 3) throw vivavoce::Error(VV_INVALID_INPUT, "never", false, std::nullopt);
    if (attempts.size() == 5) stop.cancel();
  };
  // Three fail, two of them for now: they come again. What does not would be waited for for ever.
  alarm(120);
  CHECK(engine.run_deliveries("mail", stop, deliver) == 2 && attempts == "11122");
  alarm(0);
  CHECK(engine.backlog().find(R"("deliveries":0)") != std::string::npos);
  CHECK(engine.run_deliveries("mail", stop, deliver) == 0 && attempts.size() == 5);
  CHECK(engine.unsubscribe("mail") && !engine.unsubscribe("mail") && engine.subscriptions() == "[]");
  refused(VV_INVALID_INPUT, [&] { engine.subscribe("mail", R"(["message_sent"])"); });
}

static void calibrations(const std::string &url) {
  vivavoce::Engine engine = vivavoce::Engine(url).for_tenant("calibrated");
  const std::string judging = R"({"interview_type": "technical"})";
  const std::string corrected = R"({"interview_type": "technical", "calibration": "threads"})";
  const std::string question = R"({"question": {"text": "What is a mutex?", "reference_answer": "A lock that one thread at a time can hold."},)";
  std::string graded;
  for (int answers = 0; answers < 5; answers += 1) {
    graded += (graded.empty() ? "[" : ",") + question + R"("answer": "A lock for one thread.", "score": 0.9},)";
    graded += question + R"("answer": "Something that runs fast.", "score": 0.1})";
  }
  graded += "]";
  const std::string answered = question + R"("answer": "A lock for one thread."})";
  CHECK(engine.calibrations() == "[]");
  refused(VV_NOT_FOUND, [&] { (void)engine.calibration("threads"); });
  refused(VV_INVALID_INPUT, [&] { (void)engine.evaluate_answers("[" + answered + "]", corrected); });
  const std::string made = engine.calibrate("threads", graded, judging);
  CHECK(made.find(R"("name":"threads","version":1)") != std::string::npos && engine.calibrations() == "[" + made + "]");
  CHECK(engine.calibration("threads") == made && engine.calibration("threads@1") == made);
  const auto plain = engine.evaluate_answer(answered, judging), found = engine.evaluate_answer(answered, corrected);
  CHECK(found.score != plain.score && found.document.find(R"("calibration":"threads@1")") != std::string::npos);
  refused(VV_INVALID_INPUT, [&] { engine.calibrate("threads@1", graded, judging); });
  refused(VV_INVALID_INPUT, [&] { engine.calibrate("", graded, judging); });
  refused(VV_INVALID_INPUT, [&] { engine.calibrate("threads", "[]", judging); });
  refused(VV_INVALID_INPUT, [&] { engine.calibrate("threads", graded, corrected); });
  refused(VV_INVALID_INPUT, [&] { (void)engine.calibration(""); });
  engine.close();
  refused(VV_INVALID_STATE, [&] { (void)engine.calibrations(); });
}

static void agreement() {
  const std::string found = vivavoce::agreement(
      R"({"raters": [{"name": "Ada", "scores": [1, 2, 3]}, {"name": "model", "scores": [2, 2, 4]}], "resamples": 0})");
  CHECK(found.find(R"("kendall":{"value":0.8164)") != std::string::npos);
  refused(VV_INVALID_INPUT, [] { (void)vivavoce::agreement(R"({"raters": []})"); });
}

static void *in_a_thread(void *url) {
  everything(static_cast<const char *>(url));
  own_functions(static_cast<const char *>(url));
  deliveries(static_cast<const char *>(url));
  calibrations(static_cast<const char *>(url));
  agreement();
  return nullptr;
}

MAIN(in_a_thread)
