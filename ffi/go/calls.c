#include "calls.h"

#include <string.h>

#include "_cgo_export.h"

/* What the callbacks on this thread are told of the call that they are in. Calls lie within each other where a callback calls the engine. */
static _Thread_local uintptr_t current = 0;

static vv_call_options options_of(const vvgo_call *call, const char *texts) {
  vv_call_options options = VV_CALL_OPTIONS_INIT;
  options.timeout_ms = call->timeout_ms;
  options.expected_version = call->expected_version;
  options.cancel = call->cancel;
  options.queued = call->queued;
  /* A text that is given and empty is not the same as none: the library refuses it. */
  if (call->has_key) {
    options.idempotency_key = call->key_len > 0 ? texts : "";
    options.idempotency_key_len = call->key_len;
  }
  if (call->has_model) {
    options.model = call->model_len > 0 ? texts + call->key_len : "";
    options.model_len = call->model_len;
  }
  if (call->has_provider) {
    options.provider = call->provider_len > 0 ? texts + call->key_len + call->model_len : "";
    options.provider_len = call->provider_len;
  }
  return options;
}

static bool has_options(const vvgo_call *call) {
  return call->timeout_ms > 0 || call->expected_version > 0 || call->cancel != NULL || call->queued || call->has_key || call->has_model || call->has_provider;
}

static vvgo_result ended(vvgo_result out) {
  if (out.error != NULL) {
    out.message = vv_error_message(out.error);
    out.retryable = vv_error_is_retryable(out.error);
    out.retry_after_ms = vv_error_retry_after_ms(out.error);
  }
  if (out.text != NULL) out.text_len = strlen(out.text);
  return out;
}

/* A call without options. */
#define ASK(expression) \
  vvgo_result out = {0}; \
  out.status = (expression); \
  return ended(out)

/* A call with `options`, whose callbacks are told of it. */
#define CALL(expression) \
  vvgo_result out = {0}; \
  const uintptr_t outer = current; \
  current = call.state; \
  const vv_call_options given = options_of(&call, texts), *options = has_options(&call) ? &given : NULL; \
  out.status = (expression); \
  current = outer; \
  return ended(out)

void vvgo_error_free(vv_error *error) { vv_error_free(&error); }
void vvgo_turn_free(vv_turn *turn) { vv_turn_free(&turn); }
void vvgo_engine_free(vv_engine *engine) { vv_engine_free(&engine); }
void vvgo_cancel_free(vv_cancel *cancel) { vv_cancel_free(&cancel); }

static void release(void *data) { vvgoRelease((uintptr_t)data); }

static int64_t now_us(void *data) { return vvgoNow((uintptr_t)data); }

static int32_t speak(void *data, const char *scene, size_t len, vv_answer *answer, vv_error **error) {
  return vvgoSpeak((uintptr_t)data, current, (char *)scene, len, answer, error);
}

static int32_t judge(void *data, const char *request, size_t len, vv_answer *answer, vv_error **error) {
  return vvgoJudge((uintptr_t)data, current, (char *)request, len, answer, error);
}

static void hear_words(void *data, const char *words, size_t len) { vvgoHear((uintptr_t)data, (char *)words, len); }

static int32_t deliver_event(void *data, const char *delivery, size_t len, vv_error **error) {
  return vvgoDeliver((uintptr_t)data, (char *)delivery, len, error);
}

static void write_log(void *data, int32_t level, const char *record, size_t len) {
  vvgoLog((uintptr_t)data, level, (char *)record, len);
}

vvgo_result vvgo_open(const char *url, vvgo_options given, const char *name, const char *version, const char *settings, size_t settings_len) {
  vv_engine_options options = VV_ENGINE_OPTIONS_INIT;
  options.idle_timeout_ms = given.idle_timeout_ms;
  options.read_staleness_ms = given.read_staleness_ms;
  options.cached_sessions = given.cached_sessions;
  if (given.clock != 0) options.clock = (vv_clock){now_us, (void *)given.clock, release};
  if (given.interviewer != 0) options.interviewer = (vv_interviewer){speak, (void *)given.interviewer, release};
  if (given.evaluator != 0) options.evaluator = (vv_evaluator){judge, name, version, (void *)given.evaluator, release};
  options.ignore_unanswered = given.ignore_unanswered;
  if (settings_len > 0) {
    options.settings = settings;
    options.settings_len = settings_len;
  }
  ASK(url == NULL ? vv_engine_open_from_env(&options, &out.engine, &out.error)
                  : vv_engine_open(url, &options, &out.engine, &out.error));
}

vvgo_result vvgo_close(vv_engine *engine) { ASK(vv_engine_close(engine, &out.error)); }

vvgo_result vvgo_for_tenant(vv_engine *engine, const char *tenant, size_t len) {
  ASK(vv_engine_for_tenant(engine, tenant, len, &out.engine, &out.error));
}

vvgo_result vvgo_health(vv_engine *engine) { ASK(vv_engine_health(engine, &out.text, &out.error)); }

vvgo_result vvgo_metrics(vv_engine *engine) { ASK(vv_engine_metrics(engine, &out.text, &out.error)); }

vvgo_result vvgo_log_set(uintptr_t log, int32_t level) {
  const vv_log none = {NULL, NULL, NULL}, sink = {write_log, (void *)log, release};
  ASK(vv_log_set(log == 0 ? none : sink, level, &out.error));
}

vvgo_result vvgo_agreement(const char *request, size_t len) { ASK(vv_agreement(request, len, &out.text, &out.error)); }

vvgo_result vvgo_create_interview(vv_engine *engine, const char *plan, size_t len, vvgo_call call, const char *texts) {
  CALL(vv_engine_create_interview(engine, plan, len, options, NULL, &out.text, &out.error));
}

vvgo_result vvgo_interview(vv_engine *engine, vv_id id) { ASK(vv_engine_interview(engine, id, &out.text, &out.error)); }

vvgo_result vvgo_update_interview(vv_engine *engine, vv_id id, const char *plan, size_t len, vvgo_call call, const char *texts) {
  CALL(vv_engine_update_interview(engine, id, plan, len, options, &out.text, &out.error));
}

vvgo_result vvgo_delete_draft(vv_engine *engine, vv_id interview, const char *by, size_t by_len) {
  ASK(vv_engine_delete_draft(engine, interview, by, by_len, &out.error));
}

vvgo_result vvgo_list_interviews(vv_engine *engine, const char *list, size_t len) {
  ASK(vv_engine_list_interviews(engine, list, len, &out.text, &out.error));
}

vvgo_result vvgo_generate_questions(vv_engine *engine, const char *wanted, size_t len, vvgo_call call, const char *texts) {
  CALL(vv_engine_generate_questions(engine, wanted, len, options, &out.text, &out.error));
}

vvgo_result vvgo_start_session(vv_engine *engine, vv_id interview, const char *start, size_t len, vvgo_call call, const char *texts) {
  CALL(vv_engine_start_session(engine, interview, start, len, options, NULL, &out.text, &out.error));
}

vvgo_result vvgo_session(vv_engine *engine, vv_id id, bool exact) {
  ASK(vv_engine_session(engine, id, exact, &out.text, &out.error));
}

vvgo_result vvgo_sessions(vv_engine *engine, vv_id interview) {
  ASK(vv_engine_sessions(engine, interview, &out.text, &out.error));
}

vvgo_result vvgo_next_question(vv_engine *engine, vv_id session) {
  ASK(vv_engine_next_question(engine, session, &out.text, &out.number, &out.error));
}

/* The turn's parts, and the turn freed where Go needs nothing more of it. */
static void take_turn(vvgo_sent *sent, vv_turn *turn, const char *text, size_t len) {
  sent->turn = turn;
  if (turn == NULL) return;
  sent->parts = *turn;
  vv_message *message = &sent->parts.message, *reply = &sent->parts.reply;
  if (message->content_len == len && memcmp(message->content, text, len) == 0) message->content = NULL;
  if (reply->content_len <= sizeof sent->reply) {
    memcpy(sent->reply, reply->content, reply->content_len);
    reply->content = NULL;
  }
  if (message->content == NULL && reply->content == NULL) vv_turn_free(&sent->turn);
}

static vvgo_result send_message(vv_engine *engine, vv_id session, const char *text, size_t len, vvgo_call call, const char *texts, vv_turn **turn) {
  CALL(vv_engine_send_message(engine, session, text, len, options, turn, &out.error));
}

void vvgo_send_message(vv_engine *engine, vv_id session, const char *text, size_t len, vvgo_call call, const char *texts, void *sent) {
  vv_turn *turn = NULL;
  ((vvgo_sent *)sent)->result = send_message(engine, session, text, len, call, texts, &turn);
  take_turn(sent, turn, text, len);
}

static vvgo_result send_message_heard(vv_engine *engine, vv_id session, const char *text, size_t len, vvgo_call call, const char *texts, uintptr_t hear, vv_turn **turn) {
  CALL(vv_engine_send_message_heard(engine, session, text, len, options, hear_words, (void *)hear, turn, &out.error));
}

void vvgo_send_message_heard(vv_engine *engine, vv_id session, const char *text, size_t len, vvgo_call call, const char *texts, uintptr_t hear, void *sent) {
  vv_turn *turn = NULL;
  ((vvgo_sent *)sent)->result = send_message_heard(engine, session, text, len, call, texts, hear, &turn);
  take_turn(sent, turn, text, len);
}

vvgo_result vvgo_end_session(vv_engine *engine, vv_id session, vvgo_call call, const char *texts) {
  CALL(vv_engine_end_session(engine, session, options, NULL, &out.text, &out.error));
}

vvgo_result vvgo_abandon_session(vv_engine *engine, vv_id id, vvgo_call call, const char *texts) {
  CALL(vv_engine_abandon_session(engine, id, options, &out.text, &out.error));
}

vvgo_result vvgo_abandon_idle_sessions(vv_engine *engine) {
  ASK(vv_engine_abandon_idle_sessions(engine, &out.text, &out.error));
}

vvgo_result vvgo_next_events(vv_engine *engine, vv_id session, uint64_t after, uint64_t poll_ms, uint64_t timeout_ms, vvgo_call call) {
  ASK(vv_engine_next_events(engine, session, after, poll_ms, timeout_ms, call.cancel, &out.text, &out.error));
}

vvgo_result vvgo_evaluate(vv_engine *engine, vv_id interview, const char *answers, size_t len, vvgo_call call, const char *texts) {
  CALL(vv_engine_evaluate(engine, interview, answers, len, options, NULL, &out.text, &out.error));
}

vvgo_result vvgo_evaluate_answer(vv_engine *engine, const char *answered, size_t len, const char *judging, size_t judging_len, vvgo_call call, const char *texts) {
  CALL(vv_engine_evaluate_answer(engine, answered, len, judging, judging_len, options, NULL, &out.text, &out.error));
}

vvgo_result vvgo_evaluate_answers(vv_engine *engine, const char *answered, size_t len, const char *judging, size_t judging_len, vvgo_call call, const char *texts) {
  CALL(vv_engine_evaluate_answers(engine, answered, len, judging, judging_len, options, &out.text, &out.error));
}

vvgo_result vvgo_calibrate(vv_engine *engine, const char *name, size_t name_len, const char *graded, size_t len, const char *judging, size_t judging_len, vvgo_call call, const char *texts) {
  CALL(vv_engine_calibrate(engine, name, name_len, graded, len, judging, judging_len, options, &out.text, &out.error));
}

vvgo_result vvgo_calibration(vv_engine *engine, const char *name, size_t len) {
  ASK(vv_engine_calibration(engine, name, len, &out.text, &out.error));
}

vvgo_result vvgo_calibrations(vv_engine *engine) { ASK(vv_engine_calibrations(engine, &out.text, &out.error)); }

vvgo_result vvgo_evaluation(vv_engine *engine, vv_id id) { ASK(vv_engine_evaluation(engine, id, &out.text, &out.error)); }

vvgo_result vvgo_evaluations(vv_engine *engine, vv_id interview) {
  ASK(vv_engine_evaluations(engine, interview, &out.text, &out.error));
}

vvgo_result vvgo_list_evaluations(vv_engine *engine, const char *list, size_t len) {
  ASK(vv_engine_list_evaluations(engine, list, len, &out.text, &out.error));
}

vvgo_result vvgo_score(vv_engine *engine, vv_id id) { ASK(vv_engine_score(engine, id, &out.score, &out.error)); }

vvgo_result vvgo_scorecard(vv_engine *engine, vv_id id, uint32_t format) {
  ASK(vv_engine_scorecard(engine, id, format, &out.text, &out.error));
}

vvgo_result vvgo_re_evaluate(vv_engine *engine, vv_id earlier, vvgo_call call, const char *texts) {
  CALL(vv_engine_re_evaluate(engine, earlier, options, NULL, &out.text, &out.error));
}

vvgo_result vvgo_override_score(vv_engine *engine, vv_id earlier, const char *change, size_t len, vvgo_call call, const char *texts) {
  CALL(vv_engine_override_score(engine, earlier, change, len, options, NULL, &out.text, &out.error));
}

vvgo_result vvgo_replay(vv_engine *engine, vv_id id) { ASK(vv_engine_replay(engine, id, &out.text, &out.error)); }

vvgo_result vvgo_run_worker(vv_engine *engine, vvgo_call call) {
  const char *texts = NULL;
  CALL(vv_engine_run_worker(engine, options == NULL ? NULL : options->cancel, &out.count, &out.error));
}

vvgo_result vvgo_spent(vv_engine *engine) { ASK(vv_engine_spent(engine, &out.text, &out.error)); }

vvgo_result vvgo_subscribe(vv_engine *engine, const char *name, size_t name_len, const char *actions, size_t len) {
  ASK(vv_engine_subscribe(engine, name, name_len, actions, len, &out.error));
}

vvgo_result vvgo_unsubscribe(vv_engine *engine, const char *name, size_t len) {
  ASK(vv_engine_unsubscribe(engine, name, len, &out.was_there, &out.error));
}

vvgo_result vvgo_subscriptions(vv_engine *engine) { ASK(vv_engine_subscriptions(engine, &out.text, &out.error)); }

vvgo_result vvgo_run_deliveries(vv_engine *engine, const char *name, size_t len, vvgo_call call, uintptr_t deliver) {
  ASK(vv_engine_run_deliveries(engine, name, len, call.cancel, deliver_event, (void *)deliver, &out.count, &out.error));
}

vvgo_result vvgo_backlog(vv_engine *engine) { ASK(vv_engine_backlog(engine, &out.text, &out.error)); }

vvgo_result vvgo_audit_head(vv_engine *engine, vv_id interview) {
  ASK(vv_engine_audit_head(engine, interview, &out.text, &out.error));
}

vvgo_result vvgo_verify_audit(vv_engine *engine, vv_id interview, const char *head, size_t len) {
  ASK(vv_engine_verify_audit(engine, interview, len == 0 ? NULL : head, len, NULL, &out.text, &out.error));
}

vvgo_result vvgo_erase_interview(vv_engine *engine, vv_id interview, const char *by, size_t by_len) {
  ASK(vv_engine_erase_interview(engine, interview, by, by_len, &out.error));
}

vvgo_result vvgo_erase_candidate(vv_engine *engine, const char *id, size_t id_len, const char *by, size_t by_len) {
  ASK(vv_engine_erase_candidate(engine, id, id_len, by, by_len, &out.text, &out.error));
}

vvgo_result vvgo_copy_to(vv_engine *engine, vv_engine *target) {
  ASK(vv_engine_copy_to(engine, target, &out.count, &out.error));
}

vvgo_result vvgo_backup(vv_engine *engine, const char *path) { ASK(vv_engine_backup(engine, path, &out.error)); }
