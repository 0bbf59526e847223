// Holds an interview through vivavoce.hpp: `interview URL`.
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
  CHECK(turn.number() == 2 && again.number() == 2 && turn.reply() == again.reply() && turn.message() == answer);
  vivavoce::Turn moved = std::move(turn);
  CHECK(!moved.is_last() && moved.json().find("reply") != std::string::npos);
  refused(VV_CONFLICT, [&] { (void)engine.send_message(session.id, "Another.", options); });
  const auto evaluation = engine.end_session(session.id);
  CHECK(engine.score(evaluation.id) > 0 && engine.evaluation(evaluation.id) == evaluation.document);
  CHECK(engine.scorecard(evaluation.id, VV_SCORECARD_HTML).find("<html") != std::string::npos);
  CHECK(engine.list_interviews(R"({"limit": 1})").find("Ada") != std::string::npos);
  { const vivavoce::Engine passing = engine.for_tenant("passing"); }
  vivavoce::Engine other = engine.for_tenant("other");
  refused(VV_NOT_FOUND, [&] { (void)other.interview(interview.id); });
  engine.erase_interview(interview.id, "tester");
  refused(VV_NOT_FOUND, [&] { (void)engine.session(session.id); });
  refused(VV_INVALID_INPUT, [] { vivavoce::Engine nothing("nothing:"); });
  refused(VV_INVALID_INPUT, [] { vivavoce::Id nothing("nothing"); });
  engine.close();
  engine.close();
  refused(VV_INVALID_STATE, [&] { (void)other.list_interviews(); });
}

static void *in_a_thread(void *url) {
  everything(static_cast<const char *>(url));
  return nullptr;
}

MAIN(in_a_thread)
