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
  CHECK(vv_turn_number(turn) == 2 && vv_turn_number(again) == 2 && !vv_turn_is_last(turn));
  size_t len = 0, len_again = 0;
  const char *reply = vv_turn_reply(turn, &len), *reply_again = vv_turn_reply(again, &len_again);
  CHECK(len > 0 && len == len_again && memcmp(reply, reply_again, len) == 0);
  CHECK(memcmp(vv_turn_message(turn, &len), ANSWER, strlen(ANSWER)) == 0 && len == strlen(ANSWER));
  CHECK(vv_turn_json(turn, &document, NULL) == VV_OK && strstr(document, "\"reply\"") != NULL);
  vv_string_free(document);
  vv_turn_free(&again);
  vv_turn_free(&turn);
  CHECK(turn == NULL);
  REFUSED(VV_CONFLICT, vv_engine_send_message(engine, session, "Another.", 8, &options, NULL, &error));

  CHECK(vv_engine_end_session(engine, session, NULL, &evaluation, &document, NULL) == VV_OK);
  CHECK(strstr(document, "\"completed\"") != NULL);
  vv_string_free(document);
  double score = -1;
  CHECK(vv_engine_score(engine, evaluation, &score, NULL) == VV_OK && score > 0 && score <= 1);
  CHECK(vv_engine_scorecard(engine, evaluation, VV_SCORECARD_HTML, &document, NULL) == VV_OK);
  CHECK(strstr(document, "<html") != NULL);
  vv_string_free(document);
  REFUSED(VV_INVALID_INPUT, vv_engine_scorecard(engine, evaluation, 77, &document, &error));
  REFUSED(VV_INVALID_STATE, vv_engine_send_message(engine, session, "Late.", 5, NULL, NULL, &error));

  bool sound = false;
  char *head = NULL;
  CHECK(vv_engine_audit_head(engine, interview, &head, NULL) == VV_OK);
  CHECK(vv_engine_verify_audit(engine, interview, head, strlen(head), &sound, NULL, NULL) == VV_OK && sound);
  vv_string_free(head);
  CHECK(vv_engine_next_events(engine, session, 0, 100, 0, &document, NULL) == VV_OK);
  CHECK(strstr(document, "session_completed") != NULL);
  vv_string_free(document);
  CHECK(vv_engine_list_interviews(engine, NULL, 0, &document, NULL) == VV_OK && strstr(document, "\"Ada\"") != NULL);
  vv_string_free(document);
  CHECK(vv_engine_erase_interview(engine, interview, "tester", 6, NULL) == VV_OK);
  REFUSED(VV_NOT_FOUND, vv_engine_interview(engine, interview, &document, &error));
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
  vv_call_options options = {0, NULL, 0, 0, 0, NULL, 0, NULL, 0};
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

  vv_engine *other = NULL;
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
  CHECK(vv_turn_reply(NULL, NULL) == NULL && vv_turn_number(NULL) == 0 && !vv_turn_is_last(NULL));
  CHECK(vv_engine_close(NULL, NULL) == VV_OK);
}

static void a_fork(vv_engine *engine) {
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
    /* What was inherited is leaked on purpose: nobody is to count it. */
    execl("/bin/true", "true", (char *)NULL);
    _exit(6);
  }
  int status = 0;
  CHECK(waitpid(child, &status, 0) == child);
  CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
  CHECK(vv_engine_health(engine, NULL, NULL) == VV_OK);
}

static void *everything(void *url) {
  CHECK(vv_version()[0] != '\0' && vv_abi_version() == 0);
  vv_engine_options options = VV_ENGINE_OPTIONS_INIT;
  options.cached_sessions = 100;
  vv_engine *engine = NULL, *own = NULL;
  CHECK(vv_engine_open(url, &options, &engine, NULL) == VV_OK);
  an_interview(engine);
  misuse(engine);
  a_fork(engine);
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
  vv_engine_free(&engine);
  CHECK(engine == NULL);
  vv_engine_free(&engine);
  return NULL;
}

MAIN(everything)
