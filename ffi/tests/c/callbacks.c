/* The application's own clock, interviewer and evaluator, and those who hear and listen: `callbacks URL`. */
#define _POSIX_C_SOURCE 200809L
#include <sched.h>
#include <string.h>
#include <unistd.h>

#include <vivavoce.h>

#include "check.h"

static const char *PLAN =
    "{\"candidate_name\": \"Ada\", \"interview_type\": \"general\", \"questions\": [\"Why?\", \"And then?\"],"
    " \"rubric\": {\"competencies\": [{\"name\": \"Reasons\"}]}}";

typedef struct {
  vv_engine *engine;
  int asked, freed, fails, waits;
} own;

static void freed(void *data) { ((own *)data)->freed += 1; }

static int64_t now_us(void *data) {
  (void)data;
  return INT64_C(1772366400000000);
}

static int32_t speak(void *data, const char *scene, size_t len, vv_answer *answer, vv_error **error) {
  own *mine = data;
  mine->asked += 1;
  CHECK(len == strlen(scene) && scene[0] == '{' && scene[len - 1] == '}');
  if (mine->fails > 0) {
    mine->fails -= 1;
    *error = vv_error_new(VV_PROVIDER, "away for now", 12, 250);
    return VV_PROVIDER;
  }
  CHECK(vv_answer_remaining_ms(answer) == -1);
  if (mine->fails < -1) {
    vv_answer_set(answer, "\xff", 1); /* no text */
    return VV_OK;
  }
  if (mine->fails < 0) return VV_OK; /* without an answer */
  /* It may use the engine again. */
  if (mine->engine != NULL) CHECK(vv_engine_health(mine->engine, NULL, NULL) == VV_OK);
  vv_answer_set(answer, "Well, why?", 10);
  return VV_OK;
}

static int32_t judge(void *data, const char *request, size_t len, vv_answer *answer, vv_error **error) {
  own *mine = data;
  mine->asked += 1;
  if (mine->waits) {
    /* It hangs, and looks whether it still has to. */
    const int64_t left = vv_answer_remaining_ms(answer);
    CHECK(left >= 0 && left <= 50);
    while (vv_answer_remaining_ms(answer) != 0) sched_yield();
    *error = vv_error_new(VV_TIMEOUT, "gave up", 7, 0);
    return VV_TIMEOUT;
  }
  CHECK(len == strlen(request) && request[0] == '{' && request[len - 1] == '}');
  if (mine->fails > 0) {
    mine->fails -= 1;
    return 77; /* no status of ours */
  }
  const char *good = "{\"ratings\": [{\"exchange\": 0, \"competency\": \"Reasons\", \"score\": 0.75, \"reason\": \"It says so.\","
                     " \"quotes\": [{\"start\": 0, \"end\": 7, \"text\": \"Because\"}]}]}";
  const char *bad = "{\"ratings\": [{\"exchange\": 0, \"competency\": \"Reasons\", \"score\": 7}]}";
  const char *said = mine->fails < 0 ? bad : good;
  vv_answer_set(answer, said, strlen(said));
  return VV_OK;
}

typedef struct {
  char words[256];
  size_t len;
} heard;

static void hear(void *data, const char *words, size_t len) {
  heard *all = data;
  if (words == NULL) {
    all->len = 0;
    return;
  }
  CHECK(all->len + len <= sizeof all->words);
  memcpy(all->words + all->len, words, len);
  all->len += len;
}

static bool listen(void *data, const char *event, size_t len) {
  int *told = data;
  *told += 1;
  CHECK(len == strlen(event) && event[0] == '{' && event[len - 1] == '}');
  return *told < 4;
}

typedef struct {
  vv_engine *engine;
  int records, freed;
  char last[512];
} sink;

static void sink_freed(void *data) { ((sink *)data)->freed += 1; }

static void write_record(void *data, int32_t level, const char *record, size_t len) {
  sink *mine = data;
  CHECK(level == VV_LOG_DEBUG && len == strlen(record) && len < sizeof mine->last);
  memcpy(mine->last, record, len + 1);
  mine->records += 1;
  /* What fails in the sink itself is not told to it. */
  CHECK(vv_engine_interview(mine->engine, (vv_id){{0}}, NULL, NULL) == VV_NOT_FOUND);
}

static void log_is_told(vv_engine *engine) {
  sink first = {engine, 0, 0, {0}}, second = {engine, 0, 0, {0}};
  const vv_log none = {NULL, NULL, NULL}, to_first = {write_record, &first, sink_freed}, to_second = {write_record, &second, sink_freed};
  vv_error *error = NULL;
  CHECK(vv_log_set(to_first, 9, &error) == VV_INVALID_INPUT && first.freed == 1);
  vv_error_free(&error);
  CHECK(vv_log_set(to_first, VV_LOG_INFO, NULL) == VV_OK);
  const vv_id nobody = {{0}};
  CHECK(vv_engine_session(engine, nobody, false, NULL, NULL) == VV_NOT_FOUND && first.records == 0);
  CHECK(vv_log_set(to_second, VV_LOG_DEBUG, NULL) == VV_OK && first.freed == 2);
  CHECK(vv_engine_session(engine, nobody, false, NULL, NULL) == VV_NOT_FOUND && second.records == 1);
  CHECK(strstr(second.last, "\"level\":\"debug\"") && strstr(second.last, "\"target\":\"vivavoce::engine\""));
  CHECK(strstr(second.last, "\"message\":\"failed\"") && strstr(second.last, "\"kind\":\"not_found\""));
  CHECK(vv_log_set(none, 0, NULL) == VV_OK && second.freed == 1);
  CHECK(vv_engine_session(engine, nobody, false, NULL, NULL) == VV_NOT_FOUND && second.records == 1);
}

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

/* Whoever looks at this clock moves it: what is to be tried again later is due at once. */
static int64_t hurrying_us(void *data) {
  int64_t *now = data;
  CHECK(pthread_mutex_lock(&lock) == 0);
  const int64_t seen = *now += 6000000;
  CHECK(pthread_mutex_unlock(&lock) == 0);
  return seen;
}

typedef struct {
  vv_engine *engine;
  const vv_cancel *stop;
  char events[3][512];
  int tried;
} subscriber;

static int32_t deliver(void *data, const char *delivery, size_t len, vv_error **error) {
  subscriber *mine = data;
  CHECK(mine->tried < 3 && len == strlen(delivery) && len < sizeof mine->events[0]);
  memcpy(mine->events[mine->tried], delivery, len + 1);
  mine->tried += 1;
  if (mine->tried == 1) {
    *error = vv_error_new(VV_PROVIDER, "away for now", 12, 1);
    return VV_PROVIDER;
  }
  /* It may use the engine; and an error without a word of later is for good. */
  if (mine->tried == 2) return vv_engine_interview(mine->engine, (vv_id){{0}}, NULL, error);
  vv_cancel_cancel(mine->stop);
  return VV_OK;
}

static void deliveries(const char *url) {
  int64_t now = now_us(NULL);
  vv_engine_options options = VV_ENGINE_OPTIONS_INIT;
  options.clock.now_us = hurrying_us;
  options.clock.data = &now;
  vv_engine *whole = NULL, *engine = NULL;
  CHECK(vv_engine_open(url, &options, &whole, NULL) == VV_OK);
  CHECK(vv_engine_for_tenant(whole, "subscribed", 10, &engine, NULL) == VV_OK);
  vv_engine_free(&whole);

  const char *actions = "[\"session_started\"]";
  CHECK(vv_engine_subscribe(engine, "mail", 4, actions, strlen(actions), NULL) == VV_OK);
  char *document = NULL;
  CHECK(vv_engine_subscriptions(engine, &document, NULL) == VV_OK);
  CHECK(strcmp(document, "[{\"name\":\"mail\",\"actions\":[\"session_started\"]}]") == 0);
  vv_string_free(document);
  vv_id interview;
  CHECK(vv_engine_create_interview(engine, PLAN, strlen(PLAN), NULL, &interview, NULL, NULL) == VV_OK);
  for (int i = 0; i < 2; i++) {
    CHECK(vv_engine_start_session(engine, interview, NULL, 0, NULL, NULL, NULL, NULL) == VV_OK);
  }
  CHECK(vv_engine_backlog(engine, &document, NULL) == VV_OK && strstr(document, "\"deliveries\":2") != NULL);
  vv_string_free(document);

  vv_cancel *stop = vv_cancel_new();
  subscriber mine = {engine, stop, {{0}}, 0};
  uint64_t delivered = 0;
  /* What does not come again would be waited for for ever. */
  alarm(120);
  CHECK(vv_engine_run_deliveries(engine, "mail", 4, stop, deliver, &mine, &delivered, NULL) == VV_OK);
  alarm(0);
  CHECK(delivered == 1 && mine.tried == 3);
  /* The first one failed for now, the second one for good, and then the first one came again. */
  const char *first = mine.events[0], *second = mine.events[1], *again = mine.events[2];
  const char *times = strstr(first, "\"attempts\":1}");
  CHECK(strstr(first, "\"action\":\"session_started\"") != NULL && times != NULL && strcmp(first, second) != 0);
  CHECK(strncmp(first, again, (size_t)(times - first)) == 0 && strstr(again, "\"attempts\":2}") != NULL);
  CHECK(vv_engine_backlog(engine, &document, NULL) == VV_OK && strstr(document, "\"deliveries\":0") != NULL);
  vv_string_free(document);
  CHECK(vv_engine_run_deliveries(engine, "mail", 4, stop, deliver, &mine, &delivered, NULL) == VV_OK && delivered == 0);
  CHECK(mine.tried == 3);

  bool ended = false;
  CHECK(vv_engine_unsubscribe(engine, "mail", 4, &ended, NULL) == VV_OK && ended);
  CHECK(vv_engine_unsubscribe(engine, "mail", 4, &ended, NULL) == VV_OK && !ended);
  CHECK(vv_engine_run_deliveries(engine, "mail", 4, stop, deliver, &mine, &delivered, NULL) == VV_NOT_FOUND);
  vv_cancel_free(&stop);
  vv_engine_free(&engine);
}

static void *everything(void *url) {
  deliveries(url);
  own interviewer = {NULL, 0, 0, 0, 0}, evaluator = {NULL, 0, 0, 0, 0}, clock = {NULL, 0, 0, 0, 0};
  vv_engine_options options = VV_ENGINE_OPTIONS_INIT;
  options.clock.now_us = now_us;
  options.clock.data = &clock;
  options.clock.free = freed;
  options.interviewer.speak = speak;
  options.interviewer.data = &interviewer;
  options.interviewer.free = freed;
  options.evaluator.judge = judge;
  options.evaluator.name = "reasons";
  options.evaluator.version = "7";
  options.evaluator.data = &evaluator;
  options.evaluator.free = freed;
  vv_engine *engine = NULL;
  /* What a failing call was given is freed as well, and what comes without a function. */
  vv_engine_options empty = VV_ENGINE_OPTIONS_INIT;
  own unused = {NULL, 0, 0, 0, 0};
  empty.interviewer.data = empty.evaluator.data = &unused;
  empty.interviewer.free = empty.evaluator.free = freed;
  CHECK(vv_engine_open("nothing:", &empty, &engine, NULL) == VV_INVALID_INPUT && unused.freed == 2);
  empty.interviewer.free = empty.evaluator.free = NULL;
  empty.evaluator.judge = judge;
  empty.evaluator.name = "a\xff";
  CHECK(vv_engine_open(url, &empty, &engine, NULL) == VV_INVALID_INPUT);
  CHECK(vv_engine_open("nothing:", &options, &engine, NULL) == VV_INVALID_INPUT && engine == NULL);
  CHECK(interviewer.freed == 1 && evaluator.freed == 1 && clock.freed == 1);
  CHECK(vv_engine_open(url, &options, &engine, NULL) == VV_OK);
  interviewer.engine = engine;

  vv_id interview, session, evaluation;
  char *document = NULL;
  CHECK(vv_engine_create_interview(engine, PLAN, strlen(PLAN), NULL, &interview, &document, NULL) == VV_OK);
  CHECK(strstr(document, "2026-03-01T12:00:00") != NULL);
  vv_string_free(document);
  CHECK(vv_engine_start_session(engine, interview, NULL, 0, NULL, &session, NULL, NULL) == VV_OK);

  vv_error *error = NULL;
  interviewer.fails = 1;
  CHECK(vv_engine_send_message(engine, session, "Because.", 8, NULL, NULL, &error) == VV_PROVIDER);
  CHECK(strcmp(vv_error_message(error), "away for now") == 0);
  CHECK(vv_error_is_retryable(error) && vv_error_retry_after_ms(error) == 250);
  vv_error_free(&error);
  interviewer.fails = -1;
  CHECK(vv_engine_send_message(engine, session, "Because.", 8, NULL, NULL, &error) == VV_PROVIDER);
  CHECK(strstr(vv_error_message(error), "no answer") != NULL);
  vv_error_free(&error);
  interviewer.fails = -2;
  CHECK(vv_engine_send_message(engine, session, "Because.", 8, NULL, NULL, &error) == VV_PROVIDER);
  CHECK(strstr(vv_error_message(error), "not UTF-8") != NULL);
  vv_error_free(&error);
  interviewer.fails = 0;
  heard all = {{0}, 0};
  vv_turn *turn = NULL;
  CHECK(vv_engine_send_message_heard(engine, session, "Because.", 8, NULL, hear, &all, &turn, NULL) == VV_OK);
  CHECK(turn->message.number == 2 && turn->reply.content_len == 10);
  CHECK(all.len == 10 && memcmp(turn->reply.content, all.words, 10) == 0);
  vv_turn_free(&turn);

  log_is_told(engine);

  int told = 0;
  uint64_t last = 0;
  vv_cancel *stop = vv_cancel_new();
  CHECK(vv_engine_listen(engine, session, 0, 10, stop, listen, &told, &last, NULL) == VV_OK && told == 4 && last >= 4);
  vv_cancel_cancel(stop);
  CHECK(vv_engine_listen(engine, session, 0, 10, stop, listen, &told, &last, NULL) == VV_OK && told == 4 && last == 0);
  vv_cancel_free(&stop);

  const char *answers = "{\"0\": \"Because.\"}";
  evaluator.fails = 1;
  CHECK(vv_engine_evaluate(engine, interview, answers, strlen(answers), NULL, NULL, &document, NULL) == VV_OK);
  CHECK(strstr(document, "\"failed\"") != NULL && strstr(document, "the evaluator failed") != NULL);
  vv_string_free(document);
  evaluator.fails = -1;
  CHECK(vv_engine_evaluate(engine, interview, answers, strlen(answers), NULL, &evaluation, &document, NULL) == VV_OK);
  CHECK(strstr(document, "score is not within 0 to 1") != NULL);
  vv_string_free(document);
  double score = -1;
  CHECK(vv_engine_score(engine, evaluation, &score, NULL) == VV_INVALID_STATE && score < 0);
  evaluator.fails = 0;
  evaluator.waits = 1;
  vv_call_options soon = VV_CALL_OPTIONS_INIT;
  soon.timeout_ms = 50;
  CHECK(vv_engine_evaluate(engine, interview, answers, strlen(answers), &soon, NULL, NULL, &error) == VV_TIMEOUT);
  vv_error_free(&error);
  evaluator.waits = 0;
  CHECK(vv_engine_end_session(engine, session, NULL, &evaluation, &document, NULL) == VV_OK);
  CHECK(strstr(document, "\"reasons\"") != NULL && strstr(document, "It says so.") != NULL);
  vv_string_free(document);

  CHECK(interviewer.freed == 1 && evaluator.freed == 1 && clock.freed == 1);
  vv_engine_free(&engine);
  CHECK(interviewer.freed == 2 && evaluator.freed == 2 && clock.freed == 2);
  return NULL;
}

MAIN(everything)
