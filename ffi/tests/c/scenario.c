/* Runs a scenario of tests/scenarios, and prints what was told of each step in a line: `scenario FILE URL`. */
#define _POSIX_C_SOURCE 200809L
#include <string.h>

#include <cjson/cJSON.h>
#include <vivavoce.h>

#include "check.h"

static char *file(const char *path) {
  FILE *opened = fopen(path, "rb");
  CHECK(opened != NULL && fseek(opened, 0, SEEK_END) == 0);
  const long size = ftell(opened);
  char *text = malloc((size_t)size + 1);
  rewind(opened);
  CHECK(text != NULL && fread(text, 1, (size_t)size, opened) == (size_t)size && fclose(opened) == 0);
  text[size] = '\0';
  return text;
}

/* What was kept of earlier steps, by name. */
static cJSON *kept;
static vv_engine *engine;

/* The text of a field; null where there is none. */
static const char *text(const cJSON *step, const char *name) {
  return cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(step, name));
}

static size_t length(const char *given) { return given == NULL ? 0 : strlen(given); }

/* The id of what was kept under the name that the step gives. */
static vv_id id(const cJSON *step, const char *what) {
  const char *found = text(cJSON_GetObjectItemCaseSensitive(kept, text(step, what)), "id");
  vv_id known;
  CHECK(vv_id_parse(found, length(found), &known, NULL) == VV_OK);
  return known;
}

/* The document that the step gives under this name, to be freed. */
static char *document(const cJSON *step, const char *name) {
  char *printed = cJSON_PrintUnformatted(cJSON_GetObjectItemCaseSensitive(step, name));
  CHECK(printed != NULL);
  return printed;
}

static vv_status sent(const cJSON *step, const vv_call_options *options, char **out, vv_error **error) {
  vv_turn *turn = NULL;
  const char *words = text(step, "text");
  vv_status status = vv_engine_send_message(engine, id(step, "session"), words, length(words), options, &turn, error);
  if (status == VV_OK) status = vv_turn_json(turn, out, error);
  vv_turn_free(&turn);
  return status;
}

static vv_status listed(const cJSON *step, char **out, vv_error **error) {
  cJSON *list = cJSON_Duplicate(cJSON_GetObjectItemCaseSensitive(step, "list"), true);
  if (text(step, "after") != NULL) {
    const cJSON *page = cJSON_GetObjectItemCaseSensitive(kept, text(step, "after"));
    cJSON *paging = cJSON_AddObjectToObject(list, "paging");
    cJSON_AddStringToObject(paging, "cursor", text(page, "next_cursor"));
  }
  char *given = cJSON_PrintUnformatted(list);
  const vv_status status = vv_engine_list_interviews(engine, given, strlen(given), out, error);
  cJSON_free(given);
  cJSON_Delete(list);
  return status;
}

static vv_status evaluations_listed(const cJSON *step, char **out, vv_error **error) {
  cJSON *list = cJSON_Duplicate(cJSON_GetObjectItemCaseSensitive(step, "evaluations"), true);
  if (text(step, "after") != NULL) {
    const cJSON *page = cJSON_GetObjectItemCaseSensitive(kept, text(step, "after"));
    cJSON_AddStringToObject(list, "cursor", text(page, "next_cursor"));
  }
  if (text(step, "interview") != NULL) {
    char of[37];
    vv_id_write(id(step, "interview"), of);
    cJSON_AddStringToObject(list, "interview_id", of);
  }
  char *given = cJSON_PrintUnformatted(list);
  const vv_status status = vv_engine_list_evaluations(engine, given, strlen(given), out, error);
  cJSON_free(given);
  cJSON_Delete(list);
  return status;
}

/* Does one step. What comes out is null where there is nothing to tell. */
static vv_status done(const cJSON *step, char **out, vv_error **error) {
  const char *what = text(step, "do");
  vv_call_options options = VV_CALL_OPTIONS_INIT;
  options.idempotency_key = text(step, "key");
  options.idempotency_key_len = length(options.idempotency_key);
  const cJSON *version = cJSON_GetObjectItemCaseSensitive(step, "expected_version");
  if (version != NULL) options.expected_version = (uint64_t)version->valuedouble;
#define IS(name) (strcmp(what, name) == 0)
  vv_status status = VV_INTERNAL;
  if (IS("create_interview")) {
    char *plan = document(step, "plan");
    status = vv_engine_create_interview(engine, plan, strlen(plan), &options, NULL, out, error);
    cJSON_free(plan);
  } else if (IS("interview")) {
    status = vv_engine_interview(engine, id(step, "interview"), out, error);
  } else if (IS("list_interviews")) {
    status = listed(step, out, error);
  } else if (IS("update_interview")) {
    char *plan = document(step, "plan");
    status = vv_engine_update_interview(engine, id(step, "interview"), plan, strlen(plan), &options, out, error);
    cJSON_free(plan);
  } else if (IS("delete_draft")) {
    const char *by = text(step, "by");
    status = vv_engine_delete_draft(engine, id(step, "interview"), by, length(by), error);
  } else if (IS("list_evaluations")) {
    status = evaluations_listed(step, out, error);
  } else if (IS("start_session")) {
    status = vv_engine_start_session(engine, id(step, "interview"), NULL, 0, &options, NULL, out, error);
  } else if (IS("session")) {
    status = vv_engine_session(engine, id(step, "session"), false, out, error);
  } else if (IS("send_message")) {
    status = sent(step, &options, out, error);
  } else if (IS("end_session")) {
    status = vv_engine_end_session(engine, id(step, "session"), &options, NULL, out, error);
  } else if (IS("abandon_session")) {
    status = vv_engine_abandon_session(engine, id(step, "session"), &options, out, error);
  } else if (IS("evaluate")) {
    char *answers = document(step, "answers");
    status = vv_engine_evaluate(engine, id(step, "interview"), answers, strlen(answers), &options, NULL, out, error);
    cJSON_free(answers);
  } else if (IS("evaluate_answer")) {
    char *answered = document(step, "answered"), *judging = document(step, "judging");
    status = vv_engine_evaluate_answer(engine, answered, strlen(answered), judging, strlen(judging), &options, NULL, out,
                                       error);
    cJSON_free(answered);
    cJSON_free(judging);
  } else if (IS("calibrate")) {
    const char *name = text(step, "name");
    char *graded = document(step, "graded"), *judging = document(step, "judging");
    status = vv_engine_calibrate(engine, name, length(name), graded, strlen(graded), judging, strlen(judging), &options,
                                 out, error);
    cJSON_free(graded);
    cJSON_free(judging);
  } else if (IS("evaluation")) {
    status = vv_engine_evaluation(engine, id(step, "evaluation"), out, error);
  } else if (IS("re_evaluate")) {
    status = vv_engine_re_evaluate(engine, id(step, "evaluation"), &options, NULL, out, error);
  } else if (IS("override_score")) {
    char *change = document(step, "change");
    status = vv_engine_override_score(engine, id(step, "evaluation"), change, strlen(change), &options, NULL, out, error);
    cJSON_free(change);
  } else if (IS("verify_audit")) {
    status = vv_engine_verify_audit(engine, id(step, "interview"), NULL, 0, NULL, out, error);
  } else if (IS("events")) {
    status = vv_engine_next_events(engine, id(step, "session"), 0, 0, 0, NULL, out, error);
  } else if (IS("erase_interview")) {
    const char *by = text(step, "by");
    status = vv_engine_erase_interview(engine, id(step, "interview"), by, length(by), error);
  } else if (IS("erase_candidate")) {
    const char *external = text(step, "external_id"), *by = text(step, "by");
    status = vv_engine_erase_candidate(engine, external, length(external), by, length(by), out, error);
  } else {
    fprintf(stderr, "no step %s\n", what);
    exit(1);
  }
  return status;
}

static void tell(const cJSON *step) {
  char *out = NULL;
  vv_error *error = NULL;
  const vv_status status = done(step, &out, &error);
  if (status == VV_OK) {
    puts(out == NULL ? "null" : out);
    if (text(step, "as") != NULL) cJSON_AddItemToObject(kept, text(step, "as"), cJSON_Parse(out));
  } else {
    cJSON *failure = cJSON_CreateObject();
    cJSON_AddStringToObject(failure, "error", vv_status_name((int32_t)status));
    cJSON_AddStringToObject(failure, "message", vv_error_message(error));
    cJSON_AddBoolToObject(failure, "retryable", vv_error_is_retryable(error));
    char *printed = cJSON_PrintUnformatted(failure);
    puts(printed);
    cJSON_free(printed);
    cJSON_Delete(failure);
  }
  vv_string_free(out);
  vv_error_free(&error);
}

int main(int argc, char **argv) {
  CHECK(argc == 3);
  char *read = file(argv[1]);
  cJSON *scenario = cJSON_Parse(read);
  free(read);
  CHECK(scenario != NULL);
  kept = cJSON_CreateObject();
  char *settings = document(scenario, "settings");
  vv_engine_options options = VV_ENGINE_OPTIONS_INIT;
  options.settings = settings;
  options.settings_len = strlen(settings);
  CHECK(vv_engine_open(argv[2], &options, &engine, NULL) == VV_OK);
  cJSON_free(settings);
  const cJSON *step = NULL;
  cJSON_ArrayForEach(step, cJSON_GetObjectItemCaseSensitive(scenario, "steps")) tell(step);
  CHECK(vv_engine_close(engine, NULL) == VV_OK);
  vv_engine_free(&engine);
  cJSON_Delete(kept);
  cJSON_Delete(scenario);
  return 0;
}
