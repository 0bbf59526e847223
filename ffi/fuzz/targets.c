/* What is fuzzed: every function of the ABI that takes text or a document, one at a time: `fuzz --target=NAME CORPUS`. Whatever comes in, a call answers with a status that is
   no fault of ours, writes what comes out on success only, and leaves the engine good for the next one. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <vivavoce.h>

#define CHECK(what) \
  do { \
    if (!(what)) { \
      fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #what); \
      abort(); \
    } \
  } while (0)

static const char *PLAN =
    "{\"candidate_name\": \"Ada\", \"interview_type\": \"general\", \"questions\": [\"Why?\"], \"external_id\": \"7\","
    " \"rubric\": {\"competencies\": [{\"name\": \"Reasons\"}]}, \"max_answers\": 1000}";
static const char *JUDGING = "{\"interview_type\": \"technical\"}";
static const char *ANSWERED = "{\"question\": \"Why?\", \"answer\": \"Because it lasts.\"}";

static vv_engine *engine;
static vv_id interview, session;
/* What the application's functions answer with. */
static const char *said;
static size_t said_len;

static int32_t answer_with_said(void *data, const char *asked, size_t len, vv_answer *answer, vv_error **error) {
  (void)data;
  (void)error;
  CHECK(len == strlen(asked));
  vv_answer_set(answer, said, said_len);
  return VV_OK;
}

static int32_t fail_with_said(void *data, const char *asked, size_t len, vv_answer *answer, vv_error **error) {
  (void)data;
  (void)answer;
  CHECK(len == strlen(asked));
  *error = vv_error_new(said_len > 0 ? said[0] : 0, said, said_len, (int64_t)said_len - 2);
  return VV_PROVIDER;
}

/* A call's result: what a caller did wrong is said in words, and a bug of ours is none. */
static void good(vv_status status, vv_error **error) {
  if (status == VV_OK) {
    CHECK(*error == NULL);
    return;
  }
  CHECK(status != VV_INTERNAL && *error != NULL && vv_error_status(*error) == status);
  CHECK(vv_error_message(*error)[0] != '\0');
  vv_error_free(error);
}

/* The same, of a call that gives out a document. */
static void gives(vv_status status, char **document, vv_error **error) {
  good(status, error);
  CHECK((status == VV_OK) == (*document != NULL));
  if (*document != NULL) CHECK((*document)[0] != '\0');
  vv_string_free(*document);
  *document = NULL;
}

/* An engine of the application's own functions. */
static vv_engine *of_own(int32_t (*evaluates)(void *, const char *, size_t, vv_answer *, vv_error **),
                         int32_t (*speaks)(void *, const char *, size_t, vv_answer *, vv_error **)) {
  vv_engine_options options = VV_ENGINE_OPTIONS_INIT;
  options.evaluator.judge = evaluates;
  options.interviewer.speak = speaks;
  vv_engine *own = NULL;
  CHECK(vv_engine_open("memory:", &options, &own, NULL) == VV_OK);
  return own;
}

static void begin(vv_engine *it) {
  CHECK(vv_engine_create_interview(it, PLAN, strlen(PLAN), NULL, &interview, NULL, NULL) == VV_OK);
}

#define TARGET(name) static void name(const char *data, size_t len)
#define OUT \
  char *out = NULL; \
  vv_error *error = NULL

TARGET(plan) {
  OUT;
  gives(vv_engine_create_interview(engine, data, len, NULL, NULL, &out, &error), &out, &error);
}
TARGET(wanted) {
  OUT;
  gives(vv_engine_generate_questions(engine, data, len, NULL, &out, &error), &out, &error);
}
TARGET(agreement) {
  OUT;
  gives(vv_agreement(data, len, &out, &error), &out, &error);
}
TARGET(start) {
  OUT;
  gives(vv_engine_start_session(engine, interview, data, len, NULL, NULL, &out, &error), &out, &error);
}
TARGET(list) {
  OUT;
  gives(vv_engine_list_interviews(engine, data, len, &out, &error), &out, &error);
}
TARGET(update) {
  OUT;
  vv_id draft;
  CHECK(vv_engine_create_interview(engine, PLAN, strlen(PLAN), NULL, &draft, NULL, NULL) == VV_OK);
  gives(vv_engine_update_interview(engine, draft, data, len, NULL, &out, &error), &out, &error);
}
TARGET(evaluation_list) {
  OUT;
  gives(vv_engine_list_evaluations(engine, data, len, &out, &error), &out, &error);
}
TARGET(answers) {
  OUT;
  gives(vv_engine_evaluate(engine, interview, data, len, NULL, NULL, &out, &error), &out, &error);
}
TARGET(answered) {
  OUT;
  double score = -1;
  const vv_status status =
      vv_engine_evaluate_answer(engine, data, len, JUDGING, strlen(JUDGING), NULL, &score, &out, &error);
  CHECK((status == VV_OK) == (score >= 0 && score <= 1));
  gives(status, &out, &error);
}
TARGET(judging) {
  OUT;
  gives(vv_engine_evaluate_answer(engine, ANSWERED, strlen(ANSWERED), data, len, NULL, NULL, &out, &error), &out,
        &error);
}
TARGET(answered_list) {
  OUT;
  gives(vv_engine_evaluate_answers(engine, data, len, JUDGING, strlen(JUDGING), NULL, &out, &error), &out, &error);
}
TARGET(graded) {
  OUT;
  gives(vv_engine_calibrate(engine, "a", 1, data, len, JUDGING, strlen(JUDGING), NULL, &out, &error), &out, &error);
}
TARGET(calibration) {
  OUT;
  /* Blank answers teach nothing: what is fuzzed here is the name. */
  const char *blank = "[{\"question\": \"Why?\", \"answer\": \"\", \"score\": 0}]";
  gives(vv_engine_calibrate(engine, data, len, blank, strlen(blank), JUDGING, strlen(JUDGING), NULL, &out, &error),
        &out, &error);
  gives(vv_engine_calibration(engine, data, len, &out, &error), &out, &error);
  gives(vv_engine_calibrations(engine, &out, &error), &out, &error);
}
TARGET(message) {
  vv_turn *turn = NULL;
  vv_error *error = NULL;
  good(vv_engine_send_message(engine, session, data, len, NULL, &turn, &error), &error);
  if (turn != NULL) CHECK(turn->message.content_len == len && memcmp(turn->message.content, data, len) == 0);
  /* A session takes a thousand answers. */
  if (turn != NULL && turn->message.number > 100) {
    CHECK(vv_engine_start_session(engine, interview, NULL, 0, NULL, &session, NULL, NULL) == VV_OK);
  }
  vv_turn_free(&turn);
}
TARGET(change) {
  OUT;
  const char *answer = "{\"0\": \"Because it lasts.\"}";
  vv_id evaluation;
  CHECK(vv_engine_evaluate(engine, interview, answer, strlen(answer), NULL, &evaluation, NULL, NULL) == VV_OK);
  gives(vv_engine_override_score(engine, evaluation, data, len, NULL, NULL, &out, &error), &out, &error);
}
TARGET(head) {
  OUT;
  gives(vv_engine_verify_audit(engine, interview, data, len, NULL, &out, &error), &out, &error);
}
TARGET(who) {
  OUT;
  gives(vv_engine_erase_candidate(engine, data, len, data, len, &out, &error), &out, &error);
  good(vv_engine_delete_draft(engine, interview, data, len, &error), &error);
  good(vv_engine_erase_interview(engine, interview, data, len, &error), &error);
  begin(engine);
}
static int32_t deliver_nothing(void *data, const char *delivery, size_t len, vv_error **error) {
  (void)data, (void)delivery, (void)len, (void)error;
  CHECK(0);
  return VV_OK;
}
TARGET(actions) {
  OUT;
  bool ended = false;
  vv_cancel *stop = vv_cancel_new();
  vv_cancel_cancel(stop);
  good(vv_engine_subscribe(engine, "mail", 4, data, len, &error), &error);
  const vv_status subscribed = vv_engine_subscribe(engine, data, len, "[\"session_started\"]", 19, &error);
  good(subscribed, &error);
  gives(vv_engine_subscriptions(engine, &out, &error), &out, &error);
  const vv_status run = vv_engine_run_deliveries(engine, data, len, stop, deliver_nothing, NULL, NULL, &error);
  CHECK((run == VV_OK) == (subscribed == VV_OK));
  good(run, &error);
  good(vv_engine_unsubscribe(engine, data, len, &ended, &error), &error);
  CHECK(ended == (subscribed == VV_OK));
  vv_cancel_free(&stop);
}
TARGET(tenant) {
  vv_engine *other = NULL;
  vv_error *error = NULL;
  good(vv_engine_for_tenant(engine, data, len, &other, &error), &error);
  vv_engine_free(&other);
}
TARGET(id) {
  vv_id id = {{0}};
  vv_error *error = NULL;
  const vv_status status = vv_id_parse(data, len, &id, &error);
  if (status == VV_OK) {
    char text[37];
    vv_id again = {{0}};
    vv_id_write(id, text);
    CHECK(vv_id_parse(text, strlen(text), &again, NULL) == VV_OK && memcmp(&id, &again, sizeof id) == 0);
  }
  good(status, &error);
}
TARGET(call) {
  OUT;
  vv_call_options options = VV_CALL_OPTIONS_INIT;
  options.idempotency_key = options.model = options.provider = data;
  options.idempotency_key_len = options.model_len = options.provider_len = len;
  gives(vv_engine_create_interview(engine, PLAN, strlen(PLAN), &options, NULL, &out, &error), &out, &error);
  options.model_len = options.provider_len = 0;
  options.model = options.provider = NULL;
  gives(vv_engine_create_interview(engine, PLAN, strlen(PLAN), &options, NULL, &out, &error), &out, &error);
}
TARGET(settings) {
  vv_engine_options options = VV_ENGINE_OPTIONS_INIT;
  options.settings = data;
  options.settings_len = len;
  vv_engine *opened = NULL;
  vv_error *error = NULL;
  good(vv_engine_open("memory:", &options, &opened, &error), &error);
  vv_engine_free(&opened);
}
/* A text that ends with NUL. */
static char *terminated(const char *data, size_t len) {
  char *text = malloc(len + 1);
  CHECK(text != NULL);
  if (len > 0) memcpy(text, data, len);
  text[len] = '\0';
  return text;
}
TARGET(url) {
  /* What would reach beyond this process is left out. */
  char *text = terminated(data, len);
  vv_engine *opened = NULL;
  vv_error *error = NULL;
  if (strncmp(text, "sqlite:", 7) != 0 && strncmp(text, "postgres", 8) != 0) {
    good(vv_engine_open(text, NULL, &opened, &error), &error);
  }
  good(vv_engine_backup(engine, text, &error), &error);
  vv_engine_free(&opened);
  free(text);
}
TARGET(words) {
  static vv_engine *own;
  said = data;
  said_len = len;
  if (own == NULL) own = of_own(NULL, answer_with_said);
  begin(own);
  OUT;
  gives(vv_engine_start_session(own, interview, NULL, 0, NULL, NULL, &out, &error), &out, &error);
}
TARGET(judgement) {
  static vv_engine *own;
  said = data;
  said_len = len;
  if (own == NULL) own = of_own(answer_with_said, NULL);
  begin(own);
  OUT;
  const char *answer = "{\"0\": \"Because it lasts.\"}";
  gives(vv_engine_evaluate(own, interview, answer, strlen(answer), NULL, NULL, &out, &error), &out, &error);
}
TARGET(failure) {
  static vv_engine *own;
  said = data;
  said_len = len;
  if (own == NULL) own = of_own(fail_with_said, NULL);
  begin(own);
  OUT;
  const char *answer = "{\"0\": \"Because it lasts.\"}";
  gives(vv_engine_evaluate(own, interview, answer, strlen(answer), NULL, NULL, &out, &error), &out, &error);
}

static const struct {
  const char *name;
  void (*run)(const char *data, size_t len);
} TARGETS[] = {
#define NAMED(name) {#name, name}
    NAMED(plan),    NAMED(wanted),        NAMED(start),   NAMED(list),   NAMED(answers), NAMED(answered),
    NAMED(judging), NAMED(answered_list), NAMED(message), NAMED(change), NAMED(head),    NAMED(who),
    NAMED(tenant),  NAMED(id),            NAMED(call),    NAMED(settings), NAMED(url),   NAMED(words),
    NAMED(judgement), NAMED(failure),     NAMED(update),  NAMED(evaluation_list),
    NAMED(actions), NAMED(agreement),     NAMED(graded),  NAMED(calibration),
};
static void (*target)(const char *data, size_t len);

int LLVMFuzzerInitialize(int *argc, char ***argv) {
  for (int i = 1; i < *argc; i += 1) {
    const char *wanted = strncmp((*argv)[i], "--target=", 9) == 0 ? (*argv)[i] + 9 : "";
    for (size_t t = 0; t < sizeof TARGETS / sizeof *TARGETS; t += 1) {
      if (strcmp((*argv)[i], "--targets") == 0) puts(TARGETS[t].name);
      if (strcmp(wanted, TARGETS[t].name) == 0) target = TARGETS[t].run;
    }
  }
  if (target == NULL) exit(0);
  CHECK(vv_engine_open("memory:", NULL, &engine, NULL) == VV_OK);
  begin(engine);
  CHECK(vv_engine_start_session(engine, interview, NULL, 0, NULL, &session, NULL, NULL) == VV_OK);
  return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len) {
  static size_t runs;
  target((const char *)data, len);
  /* What is in memory stays there: a new engine now and then. */
  runs += 1;
  if (runs % 2000 == 0) {
    vv_engine_free(&engine);
    CHECK(vv_engine_open("memory:", NULL, &engine, NULL) == VV_OK);
    begin(engine);
    CHECK(vv_engine_start_session(engine, interview, NULL, 0, NULL, &session, NULL, NULL) == VV_OK);
  }
  return 0;
}
