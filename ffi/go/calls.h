/* The calls of vivavoce.h as Go makes them: options go in and results come out by value, so that no Go memory but the bytes of texts, and of a turn, is lent to C, and nothing
   that stays on Go's stack, which moves when a callback needs more of it. */
#ifndef VIVAVOCE_GO_CALLS_H
#define VIVAVOCE_GO_CALLS_H

#include <vivavoce.h>

/* What a call of Go's brings. The texts stand in one piece of memory, one after the other, in the order of their lengths here. */
typedef struct {
  uint64_t timeout_ms;
  uint64_t expected_version;
  const vv_cancel *cancel;
  size_t key_len;
  size_t model_len;
  size_t provider_len;
  uintptr_t state; /* what the callbacks of this call are told of it: a handle of Go's, or 0 */
  bool has_key;
  bool has_model;
  bool has_provider;
  bool queued;
} vvgo_call;

/* The engine's options; the callbacks are handles of Go's, or 0. */
typedef struct {
  uint64_t idle_timeout_ms;
  uint64_t read_staleness_ms;
  size_t cached_sessions;
  uintptr_t clock;
  uintptr_t interviewer;
  uintptr_t evaluator;
  bool ignore_unanswered;
} vvgo_options;

/* What came of a call. Of what it made, it has what the call gives; the error and the text are Go's to free. */
typedef struct {
  int32_t status;
  bool retryable;
  bool was_there; /* what a call has ended */
  uint32_t number; /* a message's */
  int64_t retry_after_ms;
  vv_error *error;
  const char *message; /* the error's own */
  vv_engine *engine;
  char *text;
  size_t text_len;
  uint64_t count;
  double score;
} vvgo_result;

/* What came of a message that was sent, with the turn's parts. The content of the message is null where it is what was sent, and that of the reply where it is here. */
typedef struct {
  vvgo_result result;
  vv_turn parts;
  vv_turn *turn; /* Go's to free; null where nothing of it is needed any more */
  char reply[2048];
} vvgo_sent;

void vvgo_error_free(vv_error *error);
void vvgo_turn_free(vv_turn *turn);
void vvgo_engine_free(vv_engine *engine);
void vvgo_cancel_free(vv_cancel *cancel);

/* The URL and the evaluator's name and version end with NUL; without a URL, that of the environment. */
vvgo_result vvgo_open(const char *url, vvgo_options options, const char *name, const char *version, const char *settings, size_t settings_len);
vvgo_result vvgo_close(vv_engine *engine);
vvgo_result vvgo_for_tenant(vv_engine *engine, const char *tenant, size_t len);
vvgo_result vvgo_health(vv_engine *engine);
vvgo_result vvgo_metrics(vv_engine *engine);
vvgo_result vvgo_log_set(uintptr_t log, int32_t level);
vvgo_result vvgo_agreement(const char *request, size_t len);

vvgo_result vvgo_create_interview(vv_engine *engine, const char *plan, size_t len, vvgo_call call, const char *texts);
vvgo_result vvgo_interview(vv_engine *engine, vv_id id);
vvgo_result vvgo_update_interview(vv_engine *engine, vv_id id, const char *plan, size_t len, vvgo_call call, const char *texts);
vvgo_result vvgo_delete_draft(vv_engine *engine, vv_id interview, const char *by, size_t by_len);
vvgo_result vvgo_list_interviews(vv_engine *engine, const char *list, size_t len);
vvgo_result vvgo_generate_questions(vv_engine *engine, const char *wanted, size_t len, vvgo_call call, const char *texts);

vvgo_result vvgo_start_session(vv_engine *engine, vv_id interview, const char *start, size_t len, vvgo_call call, const char *texts);
vvgo_result vvgo_session(vv_engine *engine, vv_id id, bool exact);
vvgo_result vvgo_sessions(vv_engine *engine, vv_id interview);
vvgo_result vvgo_next_question(vv_engine *engine, vv_id session);
/* `sent`, a vvgo_sent, is memory that Go does not move: it is too large to come out by value. A turn whose message is what was sent, and whose reply fits, needs no further call. */
void vvgo_send_message(vv_engine *engine, vv_id session, const char *text, size_t len, vvgo_call call, const char *texts, void *sent);
void vvgo_send_message_heard(vv_engine *engine, vv_id session, const char *text, size_t len, vvgo_call call, const char *texts, uintptr_t hear, void *sent);
vvgo_result vvgo_end_session(vv_engine *engine, vv_id session, vvgo_call call, const char *texts);
vvgo_result vvgo_abandon_session(vv_engine *engine, vv_id id, vvgo_call call, const char *texts);
vvgo_result vvgo_abandon_idle_sessions(vv_engine *engine);
vvgo_result vvgo_next_events(vv_engine *engine, vv_id session, uint64_t after, uint64_t poll_ms, uint64_t timeout_ms, vvgo_call call);

vvgo_result vvgo_evaluate(vv_engine *engine, vv_id interview, const char *answers, size_t len, vvgo_call call, const char *texts);
vvgo_result vvgo_evaluate_answer(vv_engine *engine, const char *answered, size_t len, const char *judging, size_t judging_len, vvgo_call call, const char *texts);
vvgo_result vvgo_evaluate_answers(vv_engine *engine, const char *answered, size_t len, const char *judging, size_t judging_len, vvgo_call call, const char *texts);
vvgo_result vvgo_calibrate(vv_engine *engine, const char *name, size_t name_len, const char *graded, size_t len, const char *judging, size_t judging_len, vvgo_call call, const char *texts);
vvgo_result vvgo_calibration(vv_engine *engine, const char *name, size_t len);
vvgo_result vvgo_calibrations(vv_engine *engine);
vvgo_result vvgo_evaluation(vv_engine *engine, vv_id id);
vvgo_result vvgo_evaluations(vv_engine *engine, vv_id interview);
vvgo_result vvgo_list_evaluations(vv_engine *engine, const char *list, size_t len);
vvgo_result vvgo_score(vv_engine *engine, vv_id id);
vvgo_result vvgo_scorecard(vv_engine *engine, vv_id id, uint32_t format);
vvgo_result vvgo_re_evaluate(vv_engine *engine, vv_id earlier, vvgo_call call, const char *texts);
vvgo_result vvgo_override_score(vv_engine *engine, vv_id earlier, const char *change, size_t len, vvgo_call call, const char *texts);
vvgo_result vvgo_replay(vv_engine *engine, vv_id id);
vvgo_result vvgo_run_worker(vv_engine *engine, vvgo_call call);
vvgo_result vvgo_spent(vv_engine *engine);

vvgo_result vvgo_subscribe(vv_engine *engine, const char *name, size_t name_len, const char *actions, size_t len);
vvgo_result vvgo_unsubscribe(vv_engine *engine, const char *name, size_t len);
vvgo_result vvgo_subscriptions(vv_engine *engine);
vvgo_result vvgo_run_deliveries(vv_engine *engine, const char *name, size_t len, vvgo_call call, uintptr_t deliver);
vvgo_result vvgo_backlog(vv_engine *engine);

vvgo_result vvgo_audit_head(vv_engine *engine, vv_id interview);
vvgo_result vvgo_verify_audit(vv_engine *engine, vv_id interview, const char *head, size_t len);
vvgo_result vvgo_erase_interview(vv_engine *engine, vv_id interview, const char *by, size_t by_len);
vvgo_result vvgo_erase_candidate(vv_engine *engine, const char *id, size_t id_len, const char *by, size_t by_len);
vvgo_result vvgo_copy_to(vv_engine *engine, vv_engine *target);
vvgo_result vvgo_backup(vv_engine *engine, const char *path);

#endif
