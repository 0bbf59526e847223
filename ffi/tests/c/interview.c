/* Holds an interview through the C ABI, and calls it wrongly in every way that has to be an error: `interview URL`. */
#define _POSIX_C_SOURCE 200809L
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <vivavoce.h>

#include "check.h"

/* Fails with this status, an error that says why, and nothing written. */
#define REFUSED(expected, call) \
  do { \
    vv_error *error = NULL; \
    CHECK((call) == (expected)); \
    CHECK(vv_error_status(error) == (expected)); \
    CHECK(vv_error_message(error)[0] != '\0'); \
    vv_error_free(&error); \
    CHECK(error == NULL); \
  } while (0)

static const char *PLAN =
    "{\"candidate_name\": \"Ada\", \"interview_type\": \"technical\", \"questions\": [\"What is a deadlock?\"]}";
static const char *ANSWER = "Two threads each hold a lock the other needs, so that neither goes on.";

static void an_interview(vv_engine *engine) {
  vv_id interview, session, evaluation;
  char *document = NULL;
  CHECK(vv_engine_create_interview(engine, PLAN, strlen(PLAN), NULL, &interview, &document, NULL) == VV_OK);
  CHECK(strstr(document, "\"Ada\"") != NULL);
  vv_string_free(document);
  CHECK(vv_engine_start_session(engine, interview, NULL, 0, NULL, &session, NULL, NULL) == VV_OK);

  vv_call_options options = VV_CALL_OPTIONS_INIT;
  options.idempotency_key = "answer-1";
  options.idempotency_key_len = strlen("answer-1");
  options.timeout_ms = 10000;
  vv_turn *turn = NULL, *again = NULL;
  CHECK(vv_engine_send_message(engine, session, ANSWER, strlen(ANSWER), &options, &turn, NULL) == VV_OK);
  CHECK(vv_engine_send_message(engine, session, ANSWER, strlen(ANSWER), &options, &again, NULL) == VV_OK);
  CHECK(turn->message.number == 2 && again->message.number == 2 && strcmp(turn->session_status, "active") == 0);
  CHECK(memcmp(&turn->reply.id, &again->reply.id, sizeof(vv_id)) == 0 && turn->reply.number == 3);
  CHECK(strcmp(turn->message.kind, "answer") == 0 && strcmp(turn->reply.kind, "answer") != 0);
  CHECK(turn->message.question == 0 && turn->reply.origin == NULL && turn->message.created_at_us > 0);
  const size_t len = turn->reply.content_len, len_again = again->reply.content_len;
  const char *reply = turn->reply.content, *reply_again = again->reply.content;
  CHECK(len > 0 && len == len_again && memcmp(reply, reply_again, len) == 0);
  CHECK(memcmp(turn->message.content, ANSWER, strlen(ANSWER)) == 0 && turn->message.content_len == strlen(ANSWER));
  CHECK(vv_turn_json(turn, &document, NULL) == VV_OK && strstr(document, "\"reply\"") != NULL);
  vv_string_free(document);
  char reply_words[1024] = {0};
  CHECK(len_again < sizeof reply_words);
  memcpy(reply_words, reply_again, len_again);
  vv_turn_free(&again);
  vv_turn_free(&turn);
  CHECK(turn == NULL);
  REFUSED(VV_CONFLICT, vv_engine_send_message(engine, session, "Another.", 8, &options, NULL, &error));

  uint32_t number = 0;
  CHECK(vv_engine_next_question(engine, session, &document, &number, NULL) == VV_OK && number == 3);
  CHECK(strlen(document) == len_again && strncmp(document, reply_words, len_again) == 0);
  vv_string_free(document);

  CHECK(vv_engine_end_session(engine, session, NULL, &evaluation, &document, NULL) == VV_OK);
  CHECK(strstr(document, "\"completed\"") != NULL);
  vv_string_free(document);
  double score = -1;
  CHECK(vv_engine_score(engine, evaluation, &score, NULL) == VV_OK && score > 0 && score <= 1);
  CHECK(vv_engine_evaluations(engine, interview, &document, NULL) == VV_OK && strlen(document) == 40);
  vv_string_free(document);
  CHECK(vv_engine_sessions(engine, interview, &document, NULL) == VV_OK && strlen(document) == 40);
  vv_string_free(document);
  char *again_judged = NULL;
  CHECK(vv_engine_evaluation(engine, evaluation, &document, NULL) == VV_OK);
  CHECK(vv_engine_replay(engine, evaluation, &again_judged, NULL) == VV_OK && strcmp(document, again_judged) == 0);
  vv_string_free(again_judged);
  vv_string_free(document);
  REFUSED(VV_UNSUPPORTED, vv_engine_spent(engine, &document, &error));
  CHECK(vv_engine_metrics(engine, &document, NULL) == VV_OK && strstr(document, "send_message") != NULL);
  vv_string_free(document);
  CHECK(vv_engine_abandon_idle_sessions(engine, &document, NULL) == VV_OK && strcmp(document, "[]") == 0);
  vv_string_free(document);
  CHECK(vv_engine_scorecard(engine, evaluation, VV_SCORECARD_HTML, &document, NULL) == VV_OK);
  CHECK(strstr(document, "<html") != NULL);
  vv_string_free(document);
  REFUSED(VV_INVALID_INPUT, vv_engine_scorecard(engine, evaluation, 77, &document, &error));
  REFUSED(VV_INVALID_STATE, vv_engine_send_message(engine, session, "Late.", 5, NULL, NULL, &error));
  REFUSED(VV_INVALID_STATE, vv_engine_next_question(engine, session, &document, &number, &error));

  bool sound = false;
  char *head = NULL;
  CHECK(vv_engine_audit_head(engine, interview, &head, NULL) == VV_OK);
  CHECK(vv_engine_verify_audit(engine, interview, head, strlen(head), &sound, NULL, NULL) == VV_OK && sound);
  vv_string_free(head);
  CHECK(vv_engine_next_events(engine, session, 0, 100, 0, NULL, &document, NULL) == VV_OK);
  CHECK(strstr(document, "session_completed") != NULL);
  vv_string_free(document);
  CHECK(vv_engine_list_interviews(engine, NULL, 0, &document, NULL) == VV_OK && strstr(document, "\"Ada\"") != NULL);
  vv_string_free(document);
  CHECK(vv_engine_erase_interview(engine, interview, "tester", 6, NULL) == VV_OK);
  REFUSED(VV_NOT_FOUND, vv_engine_interview(engine, interview, &document, &error));
}

static void drafts(vv_engine *engine) {
  const char *first = "{\"candidate_name\": \"Ada\", \"interview_type\": \"technical\", \"questions\": [\"What is a deadlok?\"]}";
  const char *second = "{\"candidate_name\": \"Grace\", \"interview_type\": \"technical\", \"questions\": [\"What is a deadlock?\"]}";
  const char *answers = "{\"0\": \"Two threads each hold a lock the other needs.\"}";
  vv_id draft, other, evaluation;
  char *document = NULL;
  CHECK(vv_engine_create_interview(engine, first, strlen(first), NULL, &draft, NULL, NULL) == VV_OK);
  CHECK(vv_engine_update_interview(engine, draft, second, strlen(second), NULL, &document, NULL) == VV_OK);
  CHECK(strstr(document, "What is a deadlock?") != NULL && strstr(document, "Ada") == NULL);
  vv_string_free(document);
  document = NULL;
  CHECK(vv_engine_update_interview(engine, draft, second, strlen(second), NULL, NULL, NULL) == VV_OK);
  REFUSED(VV_INVALID_INPUT, vv_engine_update_interview(engine, draft, "{}", 2, NULL, &document, &error));
  REFUSED(VV_INVALID_INPUT, vv_engine_update_interview(engine, draft, NULL, 0, NULL, &document, &error));
  CHECK(vv_engine_verify_audit(engine, draft, NULL, 0, NULL, &document, NULL) == VV_OK);
  CHECK(strstr(document, "\"replaced\":2") != NULL);
  vv_string_free(document);
  document = NULL;
  CHECK(vv_engine_evaluate(engine, draft, answers, strlen(answers), NULL, &evaluation, NULL, NULL) == VV_OK);
  REFUSED(VV_INVALID_STATE, vv_engine_update_interview(engine, draft, second, strlen(second), NULL, &document, &error));
  REFUSED(VV_INVALID_STATE, vv_engine_delete_draft(engine, draft, "tester", 6, &error));

  CHECK(vv_engine_create_interview(engine, first, strlen(first), NULL, &other, NULL, NULL) == VV_OK);
  REFUSED(VV_INVALID_INPUT, vv_engine_delete_draft(engine, other, " ", 1, &error));
  CHECK(vv_engine_delete_draft(engine, other, "tester", 6, NULL) == VV_OK);
  REFUSED(VV_NOT_FOUND, vv_engine_update_interview(engine, other, second, strlen(second), NULL, &document, &error));

  char id[37], list[128];
  vv_id_write(evaluation, id);
  const int written = snprintf(list, sizeof list, "{\"limit\": 1, \"status\": \"completed\"}");
  CHECK(vv_engine_list_evaluations(engine, list, (size_t)written, &document, NULL) == VV_OK && strstr(document, id) != NULL);
  vv_string_free(document);
  document = NULL;
  CHECK(vv_engine_list_evaluations(engine, NULL, 0, &document, NULL) == VV_OK && strstr(document, id) != NULL);
  vv_string_free(document);
  document = NULL;
  REFUSED(VV_INVALID_INPUT, vv_engine_list_evaluations(engine, "{\"cursor\": \"x\"}", 15, &document, &error));
  REFUSED(VV_INVALID_INPUT, vv_engine_list_evaluations(engine, "{\"paging\": 1}", 13, &document, &error));
}

static void answers_alone(vv_engine *engine) {
  const char *judging = "{\"interview_type\": \"technical\"}";
  const char *one = "{\"question\": \"What is a deadlock?\", \"answer\": \"Two threads each hold a lock the other needs.\"}";
  char *document = NULL;
  double score = -1;
  CHECK(vv_engine_evaluate_answer(engine, one, strlen(one), judging, strlen(judging), NULL, &score, &document, NULL) ==
        VV_OK);
  CHECK(score >= 0 && score <= 1 && strstr(document, "\"ratings\"") != NULL);
  vv_string_free(document);
  char two[4096];
  /* The second one is a question of nothing: it alone has an error. */
  CHECK(snprintf(two, sizeof two, "[%s, {\"question\": {\"text\": \" \"}, \"answer\": \"\"}]", one) > 0);
  CHECK(vv_engine_evaluate_answers(engine, two, strlen(two), judging, strlen(judging), NULL, &document, NULL) == VV_OK);
  const char *judged = strstr(document, "{\"judgement\":{"), *refused = strstr(document, "{\"error\":{\"kind\":\"invalid_input\"");
  CHECK(judged == document + 1 && refused > judged);
  vv_string_free(document);
  REFUSED(VV_INVALID_INPUT,
          vv_engine_evaluate_answer(engine, one, strlen(one), "{}", 2, NULL, &score, &document, &error));
}

/* Ten answers of two kinds, each with the grader's score. */
static void write_graded(char *graded, size_t len, const char *good, const char *bad) {
  const char *question = "{\"text\": \"What is a mutex?\", \"reference_answer\": \"A lock that one thread at a time can hold.\"}";
  size_t at = 0;
  for (int i = 0; i < 10; i++) {
    at += (size_t)snprintf(graded + at, len - at, "%s{\"question\": %s, \"answer\": \"%s\", \"score\": %s}", i == 0 ? "[" : ", ",
                           question, i % 2 == 0 ? "A lock for one thread." : "Something that runs fast.", i % 2 == 0 ? good : bad);
    CHECK(at < len);
  }
  CHECK((size_t)snprintf(graded + at, len - at, "]") < len - at);
}

static void calibrations(vv_engine *engine) {
  const char *judging = "{\"interview_type\": \"technical\"}";
  const char *corrected = "{\"interview_type\": \"technical\", \"calibration\": \"threads\"}";
  const char *one = "{\"question\": {\"text\": \"What is a mutex?\", \"reference_answer\": \"A lock that one thread at a time can hold.\","
                    " \"key_points\": [\"one thread at a time\"]}, \"answer\": \"A lock for one thread at a time.\"}";
  const char *asked = "{\"candidate_name\": \"Ada\", \"interview_type\": \"technical\", \"questions\": [\"Why?\"], \"calibration\": \"threads@1\"}";
  const char *nobody = "{\"candidate_name\": \"Ada\", \"interview_type\": \"technical\", \"questions\": [\"Why?\"], \"calibration\": \"locks\"}";
  char graded[4096], other[4096], wrong[4096], *document = NULL, *again = NULL;
  write_graded(graded, sizeof graded, "0.9", "0.1");
  write_graded(other, sizeof other, "0.4", "0");
  write_graded(wrong, sizeof wrong, "0.9", "1.5");
  const size_t len = strlen(graded), judging_len = strlen(judging), one_len = strlen(one);
  CHECK(vv_engine_calibrations(engine, &document, NULL) == VV_OK && strcmp(document, "[]") == 0);
  vv_string_free(document);
  document = NULL;
  REFUSED(VV_NOT_FOUND, vv_engine_calibration(engine, "threads", 7, &document, &error));
  REFUSED(VV_INVALID_INPUT, vv_engine_evaluate_answer(engine, one, one_len, corrected, strlen(corrected), NULL, NULL, &document, &error));
  REFUSED(VV_INVALID_INPUT, vv_engine_create_interview(engine, asked, strlen(asked), NULL, NULL, &document, &error));

  CHECK(vv_engine_calibrate(engine, "threads", 7, graded, len, judging, judging_len, NULL, &document, NULL) == VV_OK);
  CHECK(strncmp(document, "{\"name\":\"threads\",\"version\":1,\"created_at\":\"", 44) == 0);
  CHECK(strstr(document, "\"answers\":10,\"bank\":null,\"questions\":[{") != NULL && strstr(document, "\"after\":{\"pearson\":") != NULL);
  /* What is learned of the same answers again is the same. */
  CHECK(vv_engine_calibrate(engine, "threads", 7, graded, len, judging, judging_len, NULL, &again, NULL) == VV_OK);
  CHECK(strcmp(again, document) == 0);
  vv_string_free(again);
  vv_call_options options = VV_CALL_OPTIONS_INIT;
  CHECK(vv_engine_calibrate(engine, "threads", 7, other, strlen(other), judging, judging_len, &options, NULL, NULL) == VV_OK);
  CHECK(vv_engine_calibration(engine, "threads@1", 9, &again, NULL) == VV_OK && strcmp(again, document) == 0);
  vv_string_free(again);
  CHECK(vv_engine_calibration(engine, "threads", 7, &again, NULL) == VV_OK && strstr(again, "\"version\":2") != NULL);
  char *all = NULL;
  CHECK(vv_engine_calibrations(engine, &all, NULL) == VV_OK && strlen(all) == strlen(document) + strlen(again) + 3);
  vv_string_free(all);
  vv_string_free(again);
  vv_string_free(document);

  double plain = -1, low = -1;
  CHECK(vv_engine_evaluate_answer(engine, one, one_len, judging, judging_len, NULL, &plain, &document, NULL) == VV_OK);
  CHECK(strstr(document, "\"coverage\":\"covered\"") != NULL && strstr(document, "\"calibration\"") == NULL);
  vv_string_free(document);
  document = NULL;
  /* Of a question with another reference or other points nothing was learned. */
  CHECK(vv_engine_evaluate_answer(engine, one, one_len, corrected, strlen(corrected), NULL, &low, NULL, NULL) == VV_OK);
  CHECK(low == plain);
  char alone[512];
  CHECK(snprintf(alone, sizeof alone, "{\"question\": {\"text\": \"What is a mutex?\", \"reference_answer\": \"A lock that one thread at a time can hold.\"},"
                 " \"answer\": \"A lock for one thread.\"}") < (int)sizeof alone);
  CHECK(vv_engine_evaluate_answer(engine, alone, strlen(alone), judging, judging_len, NULL, &plain, NULL, NULL) == VV_OK);
  CHECK(vv_engine_evaluate_answer(engine, alone, strlen(alone), corrected, strlen(corrected), NULL, &low, &document, NULL) == VV_OK);
  CHECK(low != plain && strstr(document, "\"calibration\":\"threads@2\"") != NULL);
  vv_string_free(document);
  document = NULL;
  CHECK(vv_engine_create_interview(engine, asked, strlen(asked), NULL, NULL, &document, NULL) == VV_OK);
  CHECK(strstr(document, "\"calibration\":\"threads@1\"") != NULL);
  vv_string_free(document);

  document = (char *)"untouched";
  REFUSED(VV_INVALID_INPUT, vv_engine_create_interview(engine, nobody, strlen(nobody), NULL, NULL, &document, &error));
  REFUSED(VV_INVALID_INPUT, vv_engine_calibrate(NULL, "a", 1, graded, len, judging, judging_len, NULL, &document, &error));
  REFUSED(VV_INVALID_INPUT, vv_engine_calibrate(engine, NULL, 0, graded, len, judging, judging_len, NULL, &document, &error));
  REFUSED(VV_INVALID_INPUT, vv_engine_calibrate(engine, NULL, 7, graded, len, judging, judging_len, NULL, &document, &error));
  REFUSED(VV_INVALID_INPUT, vv_engine_calibrate(engine, "a@1", 3, graded, len, judging, judging_len, NULL, &document, &error));
  REFUSED(VV_INVALID_INPUT, vv_engine_calibrate(engine, "a\0b", 3, graded, len, judging, judging_len, NULL, &document, &error));
  REFUSED(VV_INVALID_INPUT, vv_engine_calibrate(engine, "a\xff", 2, graded, len, judging, judging_len, NULL, &document, &error));
  REFUSED(VV_INVALID_INPUT, vv_engine_calibrate(engine, "a", 1, NULL, 0, judging, judging_len, NULL, &document, &error));
  REFUSED(VV_INVALID_INPUT, vv_engine_calibrate(engine, "a", 1, "[]", 2, judging, judging_len, NULL, &document, &error));
  REFUSED(VV_INVALID_INPUT, vv_engine_calibrate(engine, "a", 1, "[{\"score\": 1}]", 14, judging, judging_len, NULL, &document, &error));
  REFUSED(VV_INVALID_INPUT, vv_engine_calibrate(engine, "a", 1, graded, len - 1, judging, judging_len, NULL, &document, &error));
  REFUSED(VV_INVALID_INPUT, vv_engine_calibrate(engine, "a", 1, graded, (size_t)-1, judging, judging_len, NULL, &document, &error));
  REFUSED(VV_INVALID_INPUT, vv_engine_calibrate(engine, "a", 1, wrong, strlen(wrong), judging, judging_len, NULL, &document, &error));
  REFUSED(VV_INVALID_INPUT, vv_engine_calibrate(engine, "a", 1, graded, len, "{}", 2, NULL, &document, &error));
  REFUSED(VV_INVALID_INPUT, vv_engine_calibrate(engine, "a", 1, graded, len, corrected, strlen(corrected), NULL, &document, &error));
  options.size = 7;
  REFUSED(VV_INVALID_INPUT, vv_engine_calibrate(engine, "a", 1, graded, len, judging, judging_len, &options, &document, &error));
  REFUSED(VV_NOT_FOUND, vv_engine_calibration(engine, "threads@3", 9, &document, &error));
  REFUSED(VV_INVALID_INPUT, vv_engine_calibration(engine, "threads@", 8, &document, &error));
  REFUSED(VV_INVALID_INPUT, vv_engine_calibration(engine, NULL, 0, &document, &error));
  REFUSED(VV_INVALID_INPUT, vv_engine_calibration(engine, NULL, 7, &document, &error));
  REFUSED(VV_INVALID_INPUT, vv_engine_calibration(NULL, "threads", 7, &document, &error));
  REFUSED(VV_INVALID_INPUT, vv_engine_calibrations(NULL, &document, &error));
  CHECK(strcmp(document, "untouched") == 0);
}

static void settings(void *url) {
  vv_engine_options options = VV_ENGINE_OPTIONS_INIT;
  options.settings = "{\"evaluator\": {\"kind\": \"panel\", \"judges\": [{\"kind\": \"builtin\"}, {\"kind\": \"builtin\"}]}}";
  options.settings_len = strlen(options.settings);
  vv_engine *engine = NULL;
  CHECK(setenv("DATABASE_URL", url, 1) == 0);
  CHECK(vv_engine_open_from_env(&options, &engine, NULL) == VV_OK);
  CHECK(unsetenv("DATABASE_URL") == 0);
  const char *judging = "{\"interview_type\": \"general\"}", *one = "{\"question\": \"Why?\", \"answer\": \"Because.\"}";
  char *document = NULL;
  CHECK(vv_engine_evaluate_answer(engine, one, strlen(one), judging, strlen(judging), NULL, NULL, &document, NULL) ==
        VV_OK);
  CHECK(strstr(document, "\"panel\"") != NULL);
  vv_string_free(document);
  /* One call's own credentials are of no use where nobody asks a model. */
  vv_call_options call = VV_CALL_OPTIONS_INIT;
  call.provider = "{\"kind\": \"openai\", \"key\": \"sk-canary\"}";
  call.provider_len = strlen(call.provider);
  REFUSED(VV_UNSUPPORTED, vv_engine_evaluate_answer(engine, one, strlen(one), judging, strlen(judging), &call, NULL,
                                                    &document, &error));
  vv_engine_free(&engine);
  options.settings = "{\"models\": {\"providers\": [{\"kind\": \"openai\", \"key\": [\"sk-canary\"]}]}}";
  options.settings_len = strlen(options.settings);
  vv_error *error = NULL;
  CHECK(vv_engine_open(url, &options, &engine, &error) == VV_INVALID_INPUT && engine == NULL);
  CHECK(strstr(vv_error_message(error), "expected a string") && !strstr(vv_error_message(error), "canary"));
  vv_error_free(&error);
}

static void misuse(vv_engine *engine) {
  char *document = (char *)"untouched";
  vv_id none = {{0}};
  REFUSED(VV_INVALID_INPUT, vv_engine_interview(NULL, none, &document, &error));
  REFUSED(VV_NOT_FOUND, vv_engine_interview(engine, none, &document, &error));
  REFUSED(VV_INVALID_INPUT, vv_engine_create_interview(engine, NULL, 7, NULL, NULL, &document, &error));
  REFUSED(VV_INVALID_INPUT, vv_engine_create_interview(engine, PLAN, (size_t)-1, NULL, NULL, &document, &error));
  REFUSED(VV_INVALID_INPUT, vv_engine_create_interview(engine, "\xff\xfe", 2, NULL, NULL, &document, &error));
  REFUSED(VV_INVALID_INPUT, vv_engine_create_interview(engine, "{", 1, NULL, NULL, &document, &error));
  REFUSED(VV_INVALID_INPUT, vv_engine_create_interview(engine, NULL, 0, NULL, NULL, &document, &error));
  vv_call_options options = {0, NULL, 0, 0, 0, NULL, 0, NULL, 0, NULL, 0};
  REFUSED(VV_INVALID_INPUT, vv_engine_create_interview(engine, PLAN, strlen(PLAN), &options, NULL, &document, &error));
  struct {
    vv_call_options known;
    unsigned char later[64];
  } newer = {VV_CALL_OPTIONS_INIT, {0}};
  newer.known.size = sizeof newer;
  CHECK(vv_engine_create_interview(engine, PLAN, strlen(PLAN), &newer.known, NULL, NULL, NULL) == VV_OK);
  newer.later[20] = 1;
  REFUSED(VV_UNSUPPORTED, vv_engine_create_interview(engine, PLAN, strlen(PLAN), &newer.known, NULL, NULL, &error));
  /* Of an older one there is the size alone. */
  options.size = sizeof options.size;
  CHECK(vv_engine_create_interview(engine, PLAN, strlen(PLAN), &options, NULL, NULL, NULL) == VV_OK);
  CHECK(strcmp(document, "untouched") == 0);

  const char *twice = "{\"0\": \"One.\", \"0\": \"Two.\"}";
  REFUSED(VV_INVALID_INPUT, vv_engine_evaluate(engine, none, twice, strlen(twice), NULL, NULL, &document, &error));

  vv_engine *other = NULL;
  vv_engine_options large = VV_ENGINE_OPTIONS_INIT;
  large.cached_sessions = (size_t)-1;
  large.idle_timeout_ms = large.read_staleness_ms = (uint64_t)-1;
  CHECK(vv_engine_open("memory:", &large, &other, NULL) == VV_OK);
  uint64_t copied = 0;
  CHECK(vv_engine_copy_to(engine, other, &copied, NULL) == VV_OK && copied > 0);
  vv_engine_free(&other);
  REFUSED(VV_INVALID_INPUT, vv_engine_open(NULL, NULL, &other, &error));
  REFUSED(VV_INVALID_INPUT, vv_engine_open("nothing:", NULL, &other, &error));
  REFUSED(VV_INVALID_INPUT, vv_engine_open("memory:", NULL, NULL, &error));
  CHECK(vv_engine_open("nothing:", NULL, NULL, NULL) == VV_INVALID_INPUT && other == NULL);

  char text[37];
  vv_id id;
  CHECK(vv_id_parse("0190b2c4-0000-7000-8000-00000000000a", 36, &id, NULL) == VV_OK);
  vv_id_write(id, text);
  CHECK(strcmp(text, "0190b2c4-0000-7000-8000-00000000000a") == 0);
  REFUSED(VV_INVALID_INPUT, vv_id_parse("nothing", 7, &id, &error));

  vv_cancel *cancel = vv_cancel_new();
  vv_cancel_cancel(cancel);
  vv_id talk, talked;
  CHECK(vv_engine_create_interview(engine, PLAN, strlen(PLAN), NULL, &talk, NULL, NULL) == VV_OK);
  CHECK(vv_engine_start_session(engine, talk, NULL, 0, NULL, &talked, NULL, NULL) == VV_OK);
  vv_call_options cancelled = VV_CALL_OPTIONS_INIT;
  cancelled.cancel = cancel;
  REFUSED(VV_TIMEOUT, vv_engine_send_message(engine, talked, "Late.", 5, &cancelled, NULL, &error));
  REFUSED(VV_TIMEOUT, vv_engine_end_session(engine, talked, &cancelled, NULL, &document, &error));
  REFUSED(VV_TIMEOUT, vv_engine_next_events(engine, talked, 1000, 10, 600000, cancel, &document, &error));
  uint64_t made = 77;
  CHECK(vv_engine_run_worker(engine, cancel, &made, NULL) == VV_OK && made == 0);
  vv_cancel_free(&cancel);
  vv_cancel_free(&cancel);
  vv_cancel_cancel(NULL);
  REFUSED(VV_INVALID_INPUT, vv_engine_run_worker(engine, NULL, &made, &error));

  vv_string_free(NULL);
  vv_turn_free(NULL);
  vv_error_free(NULL);
  vv_engine_free(NULL);
  CHECK(vv_error_status(NULL) == VV_OK && vv_error_message(NULL)[0] == '\0' && vv_error_retry_after_ms(NULL) == -1);
  REFUSED(VV_INVALID_INPUT, vv_turn_json(NULL, &document, &error));
  CHECK(vv_answer_remaining_ms(NULL) == 0);
  CHECK(vv_engine_close(NULL, NULL) == VV_OK);
}

static int32_t deliver_nothing(void *data, const char *delivery, size_t len, vv_error **error) {
  (void)data, (void)delivery, (void)len, (void)error;
  CHECK(false);
  return VV_OK;
}

static void wrong_subscriptions(vv_engine *engine) {
  const char *actions = "[\"session_started\"]", *wrong[] = {"", "[]", "{}", "[\"session_begun\"]", "[\"message_sent\"]", "[1]"};
  vv_cancel *stop = vv_cancel_new();
  vv_cancel_cancel(stop);
  uint64_t delivered = 77;
  bool ended = true;
  char *document = NULL;
  for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
    REFUSED(VV_INVALID_INPUT, vv_engine_subscribe(engine, "mail", 4, wrong[i], strlen(wrong[i]), &error));
  }
  REFUSED(VV_INVALID_INPUT, vv_engine_subscribe(engine, " ", 1, actions, strlen(actions), &error));
  REFUSED(VV_INVALID_INPUT, vv_engine_subscribe(engine, "a\0b", 3, actions, strlen(actions), &error));
  REFUSED(VV_INVALID_INPUT, vv_engine_subscribe(engine, NULL, 0, actions, strlen(actions), &error));
  REFUSED(VV_INVALID_INPUT, vv_engine_subscribe(NULL, "mail", 4, actions, strlen(actions), &error));
  CHECK(vv_engine_subscriptions(engine, &document, NULL) == VV_OK && strcmp(document, "[]") == 0);
  vv_string_free(document);
  CHECK(vv_engine_subscribe(engine, "mail", 4, actions, strlen(actions), NULL) == VV_OK);
  REFUSED(VV_NOT_FOUND, vv_engine_run_deliveries(engine, "post", 4, stop, deliver_nothing, NULL, &delivered, &error));
  REFUSED(VV_INVALID_INPUT, vv_engine_run_deliveries(engine, "mail", 4, NULL, deliver_nothing, NULL, &delivered, &error));
  REFUSED(VV_INVALID_INPUT, vv_engine_run_deliveries(engine, "mail", 4, stop, NULL, NULL, &delivered, &error));
  REFUSED(VV_INVALID_INPUT, vv_engine_run_deliveries(engine, "\xff", 1, stop, deliver_nothing, NULL, &delivered, &error));
  CHECK(delivered == 77);
  CHECK(vv_engine_run_deliveries(engine, "mail", 4, stop, deliver_nothing, NULL, NULL, NULL) == VV_OK);
  REFUSED(VV_INVALID_INPUT, vv_engine_unsubscribe(engine, NULL, 4, &ended, &error));
  REFUSED(VV_INVALID_INPUT, vv_engine_unsubscribe(engine, "a\0b", 3, &ended, &error));
  CHECK(ended);
  CHECK(vv_engine_unsubscribe(engine, "mail", 4, NULL, NULL) == VV_OK);
  vv_cancel_free(&stop);
}

static void a_fork(vv_engine *engine, const char *url) {
  pid_t child = fork();
  CHECK(child >= 0);
  if (child == 0) {
    vv_id none = {{0}};
    vv_error *error = NULL;
    if (vv_engine_interview(engine, none, NULL, &error) != VV_INVALID_STATE) _exit(2);
    if (vv_error_status(error) != VV_INVALID_STATE) _exit(3);
    vv_error_free(&error);
    if (error != NULL || vv_engine_close(engine, NULL) != VV_INVALID_STATE) _exit(4);
    vv_engine_free(&engine);
    if (engine != NULL) _exit(5);
    /* A file that its parent has open would lose what the child writes. */
    const vv_status own = vv_engine_open(url, NULL, &engine, &error);
    if (own != (strncmp(url, "sqlite:", 7) == 0 ? VV_INVALID_STATE : VV_OK)) _exit(7);
    vv_error_free(&error);
    vv_engine_free(&engine);
    /* What was inherited is leaked on purpose: nobody is to count it. */
    execl("/bin/true", "true", (char *)NULL);
    _exit(6);
  }
  int status = 0;
  CHECK(waitpid(child, &status, 0) == child);
  CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
  CHECK(vv_engine_health(engine, NULL, NULL) == VV_OK);
}

/* With nothing open, a child may do as it likes. */
static void a_fork_before_opening(const char *url) {
  const pid_t child = fork();
  CHECK(child >= 0);
  if (child == 0) {
    vv_engine *engine = NULL;
    if (vv_engine_open(url, NULL, &engine, NULL) != VV_OK) _exit(2);
    if (vv_engine_create_interview(engine, PLAN, strlen(PLAN), NULL, NULL, NULL, NULL) != VV_OK) _exit(3);
    if (vv_engine_close(engine, NULL) != VV_OK) _exit(4);
    vv_engine_free(&engine);
    execl("/bin/true", "true", (char *)NULL);
    _exit(6);
  }
  int status = 0;
  CHECK(waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

static void agreement(void) {
  const char *request = "{\"raters\": [{\"name\": \"Ada\", \"scores\": [1, 2, 3, 4, 5]}, {\"name\": \"model\", \"scores\": [2, 2, 4, null, 5]}]}";
  const char *alone = "{\"raters\": [{\"name\": \"Ada\", \"scores\": [1, 2, 3]}]}";
  char *document = NULL;
  vv_error *error = NULL;
  CHECK(vv_agreement(request, strlen(request), &document, &error) == VV_OK && error == NULL);
  CHECK(strstr(document, "\"bias\":{\"value\":-0.5,\"low\":") != NULL && strstr(document, "\"items\":4") != NULL);
  CHECK(strstr(document, "\"krippendorff_alpha\":{\"value\":0.89") != NULL);
  vv_string_free(document);
  CHECK(vv_agreement(request, strlen(request), NULL, NULL) == VV_OK);
  CHECK(vv_agreement(alone, strlen(alone), &document, &error) == VV_INVALID_INPUT);
  CHECK(strcmp(vv_error_message(error), "raters: 1 given, 2 to 50 allowed") == 0);
  vv_error_free(&error);
  REFUSED(VV_INVALID_INPUT, vv_agreement(NULL, 0, NULL, &error));
  REFUSED(VV_INVALID_INPUT, vv_agreement(NULL, 7, NULL, &error));
}

static void *everything(void *url) {
  CHECK(vv_version()[0] != '\0' && vv_abi_version() == 0);
  vv_engine_options options = VV_ENGINE_OPTIONS_INIT;
  options.cached_sessions = 100;
  vv_engine *engine = NULL, *own = NULL;
  CHECK(vv_engine_open(url, &options, &engine, NULL) == VV_OK);
  an_interview(engine);
  drafts(engine);
  answers_alone(engine);
  CHECK(vv_engine_for_tenant(engine, "calibrated", 10, &own, NULL) == VV_OK);
  calibrations(own);
  vv_engine_free(&own);
  settings(url);
  misuse(engine);
  wrong_subscriptions(engine);
  agreement();
  a_fork(engine, url);
  CHECK(vv_engine_for_tenant(engine, "own", 3, &own, NULL) == VV_OK);
  an_interview(own);
  /* Who frees one of two handles leaves the other alone; who closes either closes both. */
  vv_engine_free(&own);
  CHECK(own == NULL && vv_engine_health(engine, NULL, NULL) == VV_OK);
  CHECK(vv_engine_for_tenant(engine, "own", 3, &own, NULL) == VV_OK);
  CHECK(vv_engine_close(own, NULL) == VV_OK);
  REFUSED(VV_INVALID_STATE, vv_engine_health(engine, NULL, &error));
  vv_engine_free(&own);
  CHECK(vv_engine_close(engine, NULL) == VV_OK && vv_engine_close(engine, NULL) == VV_OK);
  REFUSED(VV_INVALID_STATE, vv_engine_list_interviews(engine, NULL, 0, NULL, &error));
  REFUSED(VV_INVALID_STATE, vv_engine_for_tenant(engine, "own", 3, &own, &error));
  vv_cancel *stop = vv_cancel_new();
  vv_cancel_cancel(stop);
  REFUSED(VV_INVALID_STATE, vv_engine_run_worker(engine, stop, NULL, &error));
  REFUSED(VV_INVALID_STATE, vv_engine_run_deliveries(engine, "mail", 4, stop, deliver_nothing, NULL, NULL, &error));
  REFUSED(VV_INVALID_STATE, vv_engine_backlog(engine, NULL, &error));
  REFUSED(VV_INVALID_STATE, vv_engine_calibrate(engine, "a", 1, "[]", 2, "{\"interview_type\": \"general\"}", 29, NULL, NULL, &error));
  REFUSED(VV_INVALID_STATE, vv_engine_calibration(engine, "a", 1, NULL, &error));
  REFUSED(VV_INVALID_STATE, vv_engine_calibrations(engine, NULL, &error));
  vv_cancel_free(&stop);
  vv_engine_free(&engine);
  CHECK(engine == NULL);
  vv_engine_free(&engine);
  a_fork_before_opening(url);
  return NULL;
}

MAIN(everything)
