/* The C ABI of Vivavoce. What holds for every call is in docs/c-abi.md.
   Made from ffi/src by `make header`: do not change it by hand. */

#ifndef VIVAVOCE_H
#define VIVAVOCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** Options of a call of which nothing is set but the size. */
#define VV_CALL_OPTIONS_INIT { sizeof(vv_call_options), NULL, 0, 0, 0, NULL, 0, NULL, 0, NULL, 0 }

/** Options of an engine of which nothing is set but the size. */
#define VV_ENGINE_OPTIONS_INIT \
  { sizeof(vv_engine_options), 0, 0, 0, { NULL, NULL, NULL }, { NULL, NULL, NULL }, { NULL, NULL, NULL, NULL, NULL }, \
    NULL, 0, 0 }


/**
 * A scorecard for people, in Markdown.
 */
#define VV_SCORECARD_MARKDOWN 0

/**
 * A scorecard for people, as one page of HTML that needs nothing else.
 */
#define VV_SCORECARD_HTML 1

/**
 * A scorecard for programs, as a document.
 */
#define VV_SCORECARD_JSON 2

/**
 * Something failed for good.
 */
#define VV_LOG_ERROR 1

/**
 * Something is wrong, and goes on all the same.
 */
#define VV_LOG_WARN 2

/**
 * What an operator wants to know.
 */
#define VV_LOG_INFO 3

/**
 * What a developer wants to know, failing calls among it.
 */
#define VV_LOG_DEBUG 4

/**
 * Everything.
 */
#define VV_LOG_TRACE 5

/**
 * The longest text that goes in, in bytes: 64 MiB.
 */
#define VV_TEXT_MAX ((64 * 1024) * 1024)

/**
 * What became of a call. A number keeps its meaning for ever; new ones may come.
 */
typedef enum vv_status {
  /**
   * It was done.
   */
  VV_OK = 0,
  /**
   * The caller's value is wrong: the message says which field and which limit.
   */
  VV_INVALID_INPUT = 1,
  /**
   * There is no such interview, session or evaluation for this tenant.
   */
  VV_NOT_FOUND = 2,
  /**
   * The call is not allowed now: the session is not active, the engine is closed, the process was forked.
   */
  VV_INVALID_STATE = 3,
  /**
   * An idempotency key was used for another request, or a version that the caller named has moved.
   */
  VV_CONFLICT = 4,
  /**
   * The database failed or cannot be reached; the error says whether trying again can help.
   */
  VV_STORAGE = 5,
  /**
   * The language-model service failed after all retries and fallbacks.
   */
  VV_PROVIDER = 6,
  /**
   * A deadline passed, or the call was cancelled.
   */
  VV_TIMEOUT = 7,
  /**
   * A rate limit or a budget was reached; the error says when to come back.
   */
  VV_LIMITED = 8,
  /**
   * This build or this store cannot do it.
   */
  VV_UNSUPPORTED = 9,
  /**
   * A bug in this library: please report it.
   */
  VV_INTERNAL = 10,
} vv_status;

/**
 * What a callback answers with: text that the library keeps a copy of. It also says how long the callback may take.
 */
typedef struct vv_answer vv_answer;

/**
 * Cancels the calls that have it in their options. Any number of threads may use one at once.
 */
typedef struct vv_cancel vv_cancel;

/**
 * The one object that an application opens: it owns the store, the interviewer and the evaluator. Any number of threads may use one at once.
 */
typedef struct vv_engine vv_engine;

/**
 * Why a call failed. It never holds a secret or a candidate's words: it may be logged and shown.
 */
typedef struct vv_error vv_error;

/**
 * Options of one call. Begin with `VV_CALL_OPTIONS_INIT`, which sets the size and nothing else; what is not set means nothing.
 */
typedef struct vv_call_options {
  /**
   * `sizeof(vv_call_options)`.
   */
  size_t size;
  /**
   * Makes the call safe to repeat: the same key with the same request gives the first success again; with another request, `VV_CONFLICT`. Null for none.
   */
  const char *idempotency_key;
  /**
   * Its length in bytes.
   */
  size_t idempotency_key_len;
  /**
   * How long the call may take, in milliseconds; 0 for no limit.
   */
  uint64_t timeout_ms;
  /**
   * The session's version that the caller has seen: `VV_CONFLICT` where it has moved. 0 for any.
   */
  uint64_t expected_version;
  /**
   * Cancels the call from another thread. Null for none; must live until the call returns.
   */
  const struct vv_cancel *cancel;
  /**
   * Not 0: leaves an evaluation to a worker.
   */
  uint64_t queued;
  /**
   * The language model to ask in this call alone: `provider/model`. Null for the engine's own.
   */
  const char *model;
  /**
   * Its length in bytes.
   */
  size_t model_len;
  /**
   * The language-model service and the credentials for this call alone, as a document: `kind`, `key` and more, see docs/language-models.md. Null for the engine's own.
   */
  const char *provider;
  /**
   * Its length in bytes.
   */
  size_t provider_len;
} vv_call_options;

/**
 * Is handed an event, a document of `len` bytes: `event`, and `attempts`, which is how often it was tried, this time included. Returns `VV_OK` when it is done with it; or another
 * status, and may say why with `vv_error_new` in `error`: where that says when to try again, the event is handed over again. Called in the thread of `vv_engine_run_deliveries`.
 */
typedef int32_t (*vv_deliver)(void *data, const char *delivery, size_t len, struct vv_error **error);

/**
 * Where the time comes from. All zeros for the system's clock.
 */
typedef struct vv_clock {
  /**
   * The time in microseconds since 1970 (UTC). Called by any thread, by several at once, and often: it must be quick. Must not call the engine.
   */
  int64_t (*now_us)(void *data);
  /**
   * What the function is given.
   */
  void *data;
  /**
   * Frees `data` when the engine has no more use for it; null where there is nothing to free.
   */
  void (*free)(void *data);
} vv_clock;

/**
 * Who finds the interviewer's words. All zeros for the scripted interviewer.
 */
typedef struct vv_interviewer {
  /**
   * Says what comes next: gives the words to `vv_answer_set`, and returns `VV_OK`; or another status, and may say why with `vv_error_new` in `error`. `scene` is a document:
   * `interview`, `language`, `messages`, and `next` with `kind` (`question`, `probe`, `closing`) and the place of its `question`. Called by any thread, by several at once.
   */
  int32_t (*speak)(void *data, const char *scene, size_t scene_len, struct vv_answer *answer, struct vv_error **error);
  /**
   * What the function is given.
   */
  void *data;
  /**
   * Frees `data` when the engine has no more use for it; null where there is nothing to free.
   */
  void (*free)(void *data);
} vv_interviewer;

/**
 * Who judges. All zeros for the built-in evaluator.
 */
typedef struct vv_evaluator {
  /**
   * Judges: gives a document to `vv_answer_set`, and returns `VV_OK`; or another status, and may say why with `vv_error_new` in `error`. `request` is a document: `interview`,
   * `rubric`, `language` and `exchanges`. The answer has `ratings`, each with `exchange`, `competency`, `score` (0 to 1), and it may have `confidence`, `quotes` and `reason`; it may have `feedback`,
   * `strengths`, `weaknesses`, `recommendations`, `needs_review` and `missing`. The library checks it: a quote is an exact span of the answer. Called by any thread, by
   * several at once.
   */
  int32_t (*judge)(void *data,
                   const char *request,
                   size_t request_len,
                   struct vv_answer *answer,
                   struct vv_error **error);
  /**
   * What the evaluations say of who judged, for example "keywords"; ends with NUL, and is copied. Null for "application".
   */
  const char *name;
  /**
   * The version of its rules; ends with NUL, and is copied. Null for none.
   */
  const char *version;
  /**
   * What the function is given.
   */
  void *data;
  /**
   * Frees `data` when the engine has no more use for it; null where there is nothing to free.
   */
  void (*free)(void *data);
} vv_evaluator;

/**
 * Options of an engine. Begin with `VV_ENGINE_OPTIONS_INIT`, which sets the size and nothing else; what is not set means the default.
 */
typedef struct vv_engine_options {
  /**
   * `sizeof(vv_engine_options)`.
   */
  size_t size;
  /**
   * After how long without a message an active session counts as abandoned, in milliseconds; 0 for never.
   */
  uint64_t idle_timeout_ms;
  /**
   * How far reading a session may be behind other processes, in milliseconds; 0 for the default of a second.
   */
  uint64_t read_staleness_ms;
  /**
   * How many live sessions are kept in memory before a database; 0 for the default of 4,096.
   */
  size_t cached_sessions;
  /**
   * Where the time comes from.
   */
  struct vv_clock clock;
  /**
   * Who finds the interviewer's words.
   */
  struct vv_interviewer interviewer;
  /**
   * Who judges.
   */
  struct vv_evaluator evaluator;
  /**
   * Language models, and who speaks and judges by them, as a document: see docs/language-models.md. Functions above take the place of whom it names. Null for none.
   */
  const char *settings;
  /**
   * Its length in bytes.
   */
  size_t settings_len;
  /**
   * Not 0: planned questions without an answer do not lower the score.
   */
  uint64_t ignore_unanswered;
} vv_engine_options;

/**
 * The id of an interview, a session, a message or an evaluation: the bytes of a UUID, in the order in which they are written.
 */
typedef struct vv_id {
  /**
   * The bytes.
   */
  uint8_t bytes[16];
} vv_id;

/**
 * Where the library's log goes.
 */
typedef struct vv_log {
  /**
   * Is told a record: its level, one of `VV_LOG_ERROR` … `VV_LOG_TRACE`, and a document: `level` (its name), `target` (the module that speaks), `message`, and the record's `fields`. There is never a secret or a candidate's
   * word in it. Called by any thread, by several at once; what it does itself is not logged.
   */
  void (*write)(void *data, int32_t level, const char *record, size_t len);
  /**
   * What the function is given.
   */
  void *data;
  /**
   * Frees `data` when the library has no more use for it; null where there is nothing to free.
   */
  void (*free)(void *data);
} vv_log;

/**
 * One utterance, as a part of a `vv_turn`.
 */
typedef struct vv_message {
  /**
   * Names it.
   */
  struct vv_id id;
  /**
   * The words: UTF-8, not ended by NUL.
   */
  const char *content;
  /**
   * Their length in bytes.
   */
  size_t content_len;
  /**
   * What it does: "question", "probe", "closing" or "answer". The library's own.
   */
  const char *kind;
  /**
   * Where the words of an interviewer with a language model come from: "model", "scripted" or "guarded"; null where no model was asked for. The library's own.
   */
  const char *origin;
  /**
   * When it was said, in microseconds since 1970 (UTC).
   */
  int64_t created_at_us;
  /**
   * Its number in the session, from 1.
   */
  uint32_t number;
  /**
   * The place of the planned question that it is about, from 0; -1 for none.
   */
  int32_t question;
} vv_message;

/**
 * A candidate's message and the reply to it. Only read; the library makes it, and may add fields at its end. It is freed with `vv_turn_free`, and all that it points to with it.
 */
typedef struct vv_turn {
  /**
   * The candidate's message as it is kept.
   */
  struct vv_message message;
  /**
   * The reply.
   */
  struct vv_message reply;
  /**
   * The session's status after it: "active", or "completed" where the reply ended it. The library's own.
   */
  const char *session_status;
  /**
   * The session's version after it.
   */
  uint64_t session_version;
} vv_turn;

/**
 * Hears the interviewer's words while they are found: `words` of `len` bytes, UTF-8; with null, what was heard so far does not count and the reply begins again. Called in the
 * thread of the call that it was given to.
 */
typedef void (*vv_hear)(void *data, const char *words, size_t len);

/**
 * Is told an event, a document of `len` bytes; goes on where it returns true. Called in the thread of `vv_engine_listen`.
 */
typedef bool (*vv_listener)(void *data, const char *event, size_t len);

#ifdef __cplusplus
extern "C" {
#endif // __cplusplus

/**
 * How far raters agree, people or models, as a document to be freed with `vv_string_free`: `pairs` (`pearson`, `spearman`, `kendall`, `cohen_kappa`, `weighted_kappa`, `bias`,
 * `limits_of_agreement` of each two), their `means`, `icc_2_1`, `icc_2_k` and `krippendorff_alpha`, each with its `value` and the ends of its 95 % interval, `low` and
 * `high`; what the scores do not define is left out. `request` is a document: `raters`, a list of `name` and `scores` (a number or null for each item), and what else
 * `AgreementRequest` has (`levels`, `resamples`, `seed`). It computes in the caller's thread, for seconds where there is much. Any thread.
 *
 * `VV_INVALID_INPUT` where the document or a limit is broken.
 */
enum vv_status vv_agreement(const char *request,
                            size_t request_len,
                            char **agreement,
                            struct vv_error **error);

/**
 * Learns from answers that people graded how the built-in evaluator's scores have to be corrected, and keeps it as the next version of a name, 1 to 100 characters without `@` or control characters, and with no white space at either end.
 * `graded` is a list of documents: `question` (a text, or an object as plans have it), `answer`, and the grader's `score`, 0 to 1; up to 20,000. `judging` is a document as that of
 * `vv_engine_evaluate_answer`, without a calibration: what answers are judged by then. Gives the calibration as a document, to be freed with `vv_string_free`: `name`, `version`,
 * `created_at`, `evaluator_version`, `answers` (how many say something), `bank` and `questions` (what was learned), and `before` and `after`, each with `pearson` (-1 to 1, or null) and
 * `rmse` (0 to 1), which say how near the scores come to the graders': where `after` is not nearer, do not use it. Nobody's scores change until a plan, or `judging`, names it in
 * `calibration`, as `name` for the newest or as `name@version`.
 *
 * 10 answers to a question are needed, or 50 in all. The answers are not kept, and the same ones again give the same version: the call is safe to repeat without a key. It asks
 * nobody, computes for seconds where there are many answers, and goes on until it is done: a timeout and a cancellation in `options` do not end it. Any thread.
 *
 * `VV_INVALID_INPUT` where a document, the name or a limit is broken (the message says of which answer, from 0), and where there are too few answers; `VV_STORAGE` where the store
 * fails.
 */
enum vv_status vv_engine_calibrate(const struct vv_engine *engine,
                                   const char *name,
                                   size_t name_len,
                                   const char *graded,
                                   size_t graded_len,
                                   const char *judging,
                                   size_t judging_len,
                                   const struct vv_call_options *options,
                                   char **calibration,
                                   struct vv_error **error);

/**
 * Reads a calibration as a document, to be freed with `vv_string_free`; `name` is its name, for the newest of that name, or `name@version`. See `vv_engine_calibrate` for what comes
 * out. Any thread.
 *
 * `VV_NOT_FOUND` where there is none; `VV_INVALID_INPUT` where that is no name.
 */
enum vv_status vv_engine_calibration(const struct vv_engine *engine,
                                     const char *name,
                                     size_t name_len,
                                     char **calibration,
                                     struct vv_error **error);

/**
 * All calibrations of this engine's tenant, every version, by name and version, as a list of documents to be freed with `vv_string_free`; see `vv_engine_calibrate`. Any thread.
 *
 * `VV_STORAGE` where the store fails.
 */
enum vv_status vv_engine_calibrations(const struct vv_engine *engine,
                                      char **calibrations,
                                      struct vv_error **error);

/**
 * Gives what a callback answers: text that is copied. Only within the callback that was given `answer`, in its thread. Text that cannot be used fails the callback.
 */
void vv_answer_set(struct vv_answer *answer,
                   const char *data,
                   size_t len);

/**
 * How long the call that asks may still wait for the callback, in milliseconds: 0 where the answer is not wanted any more, because the time is over, the call was cancelled, another worker took over, or the engine
 * is closed; -1 for no limit yet. A callback that waits for something looks now and then, and gives up with `VV_TIMEOUT`. Until the callback returns, any thread.
 */
int64_t vv_answer_remaining_ms(const struct vv_answer *answer);

/**
 * An error for a callback to give: its status (`VV_PROVIDER`, for example), a message, which is copied and must hold no secret and none of the candidate's words, and when to try
 * again, in milliseconds: -1 for never, 0 for any time. The library takes it. Any thread.
 */
struct vv_error *vv_error_new(int32_t status,
                              const char *message,
                              size_t message_len,
                              int64_t retry_after_ms);

/**
 * A new one, which `vv_cancel_free` frees. Never null. Any thread.
 */
struct vv_cancel *vv_cancel_new(void);

/**
 * Cancels the calls that have it, now and later: those that wait end with `VV_TIMEOUT` within 100 ms. A request that was sent to a language model runs on; whether a
 * write was made is told by the same call with the same idempotency key. Does nothing for null. Any thread.
 */
void vv_cancel_cancel(const struct vv_cancel *cancel);

/**
 * Frees it and sets the caller's pointer to null; calls under way that have it go on as they are. Does nothing for null, or a pointer to null. Any thread.
 */
void vv_cancel_free(struct vv_cancel **cancel);

/**
 * Subscribes to what happens to this engine's tenant from now on, whichever process it happens in: each event of these actions is kept until `vv_engine_run_deliveries` has handed it
 * over. `actions` is a list of texts, for example ["session_completed"]. A subscription outlives the process that made it, and stays until it is ended. Where there is one of this
 * name, its actions are replaced, and what was to be delivered still is. Any thread.
 *
 * `VV_INVALID_INPUT` where the name is blank or too long, where no action is given, or one of what is said: messages are followed by `vv_engine_listen`.
 */
enum vv_status vv_engine_subscribe(const struct vv_engine *engine,
                                   const char *name,
                                   size_t name_len,
                                   const char *actions,
                                   size_t actions_len,
                                   struct vv_error **error);

/**
 * Ends a subscription, and forgets what was to be delivered to it. Gives whether there was one of this name; `ended` may be null. Any thread.
 *
 * `VV_INVALID_INPUT` where the name is none that a subscription can have.
 */
enum vv_status vv_engine_unsubscribe(const struct vv_engine *engine,
                                     const char *name,
                                     size_t name_len,
                                     bool *ended,
                                     struct vv_error **error);

/**
 * The subscriptions of this engine's tenant, by name, as a list of documents to be freed with `vv_string_free`: each has `name` and `actions`. Any thread.
 *
 * `VV_STORAGE` where the store fails.
 */
enum vv_status vv_engine_subscriptions(const struct vv_engine *engine,
                                       char **subscriptions,
                                       struct vv_error **error);

/**
 * Hands a subscription's events to `deliver`, one after the other, in this thread, until `stop` is cancelled; gives how many it handed over. Any number of threads and processes may
 * do so: each event is leased to one of them for a minute, by which time `deliver` should be done. An event arrives at least once, and seldom twice: its `interview_id` and `number`
 * tell. `stop` must live until the call returns.
 *
 * What fails and says when to try again (see `vv_error_new`) is tried again after 5 seconds, then after four times as long each time up to 12 hours, or after what it asks for if that is
 * longer; it is given up after 12 times, which is more than two days. What fails otherwise is given up at once. The log is told, and the event stays in the interview's.
 *
 * `VV_NOT_FOUND` where there is no subscription of this name; `VV_INVALID_STATE` when the engine is closed; `VV_STORAGE` where the store fails for good.
 */
enum vv_status vv_engine_run_deliveries(const struct vv_engine *engine,
                                        const char *name,
                                        size_t name_len,
                                        const struct vv_cancel *stop,
                                        vv_deliver deliver,
                                        void *data,
                                        uint64_t *delivered,
                                        struct vv_error **error);

/**
 * What waits to be done, of all tenants, as a document to be freed with `vv_string_free`: `evaluations` that are not final, and `deliveries`, which are events that subscribers were not
 * told of yet. Any thread.
 *
 * `VV_STORAGE` where the store fails.
 */
enum vv_status vv_engine_backlog(const struct vv_engine *engine,
                                 char **backlog,
                                 struct vv_error **error);

/**
 * The library's version, for example "0.1.0". It is the library's own. Any thread.
 */
const char *vv_version(void);

/**
 * The number of this ABI, which is also in the name of the shared library. Any thread.
 */
uint32_t vv_abi_version(void);

/**
 * Opens an engine on the store that `url` names: "memory:", "sqlite:PATH", "postgres://…"; ends with NUL. `options` may be null. Any thread.
 *
 * The caller closes and frees the engine with `vv_engine_close` and `vv_engine_free`.
 *
 * `VV_INVALID_INPUT` for a URL that names no store, `VV_UNSUPPORTED` for a store that this build lacks or whose schema is newer than this library, `VV_STORAGE` where it
 * cannot be opened, `VV_INVALID_STATE` for an SQLite file in the child of a process that was forked while it had one open.
 */
enum vv_status vv_engine_open(const char *url,
                              const struct vv_engine_options *options,
                              struct vv_engine **engine,
                              struct vv_error **error);

/**
 * Opens an engine as `vv_engine_open` does, on the store that the environment variable DATABASE_URL names, or in memory where that is not set. Any thread.
 *
 * As `vv_engine_open`; `VV_INVALID_INPUT` where the variable is not UTF-8.
 */
enum vv_status vv_engine_open_from_env(const struct vv_engine_options *options,
                                       struct vv_engine **engine,
                                       struct vv_error **error);

/**
 * The same engine for another tenant: it sees that tenant's interviews and no others. It is a handle of its own, to be freed as well; the engine ends with the last
 * of its handles, or when any of them is closed. Any thread.
 *
 * `VV_INVALID_INPUT` where the name is blank or longer than 200 characters.
 */
enum vv_status vv_engine_for_tenant(const struct vv_engine *engine,
                                    const char *tenant,
                                    size_t tenant_len,
                                    struct vv_engine **other,
                                    struct vv_error **error);

/**
 * Ends the engine: calls under way finish or end with `VV_INVALID_STATE`, and so does every later one. Closing again, or null, does nothing. Any thread.
 *
 * `VV_STORAGE` where the store could not be closed cleanly; what was acknowledged is safe all the same.
 */
enum vv_status vv_engine_close(const struct vv_engine *engine,
                               struct vv_error **error);

/**
 * Frees a handle and sets the caller's pointer to null; with its last handle, an engine ends. Does nothing for null, or a pointer to null. Any thread, while no other call is under way on
 * this handle. In the child of a fork, what was inherited is left alone, and the pointer set to null.
 */
void vv_engine_free(struct vv_engine **engine);

/**
 * Whether the store answers, as a document: `store`, `schema_version` and `latency_ms`. Free it with `vv_string_free`. Any thread.
 *
 * `VV_STORAGE` where it does not.
 */
enum vv_status vv_engine_health(const struct vv_engine *engine,
                                char **health,
                                struct vv_error **error);

/**
 * What the engine has counted, for all tenants, in the text format of Prometheus. Free it with `vv_string_free`. Also of a closed engine. Any thread.
 */
enum vv_status vv_engine_metrics(const struct vv_engine *engine,
                                 char **metrics,
                                 struct vv_error **error);

/**
 * What kind of error it is; `VV_OK` for null. Any thread; not while another frees it.
 */
enum vv_status vv_error_status(const struct vv_error *error);

/**
 * What happened, in words: UTF-8, ends with NUL, the error's own, so valid until it is freed. Empty for null. Any thread; not while another frees it.
 */
const char *vv_error_message(const struct vv_error *error);

/**
 * Whether the same call, made again later, can succeed. Any thread; not while another frees it.
 */
bool vv_error_is_retryable(const struct vv_error *error);

/**
 * How long to wait before the call is made again, in milliseconds; -1 where that is not known. Any thread; not while another frees it.
 */
int64_t vv_error_retry_after_ms(const struct vv_error *error);

/**
 * Frees an error and sets the caller's pointer to null. Does nothing for null, or a pointer to null. Any thread.
 */
void vv_error_free(struct vv_error **error);

/**
 * Has answers judged that were given without a session: a document whose keys are the places of their questions in the plan, from 0, for example {"0": "Because."}. Gives the
 * evaluation's id and document, either of which may be null; free the latter with `vv_string_free`. Any thread.
 *
 * A failing evaluator is no error: the evaluation is then `failed` and says why. `VV_NOT_FOUND`, `VV_INVALID_INPUT`, `VV_CONFLICT`, `VV_TIMEOUT`.
 */
enum vv_status vv_engine_evaluate(const struct vv_engine *engine,
                                  struct vv_id interview,
                                  const char *answers,
                                  size_t answers_len,
                                  const struct vv_call_options *options,
                                  struct vv_id *id,
                                  char **evaluation,
                                  struct vv_error **error);

/**
 * Judges one answer without keeping anything. `answered` is a document: `question` and `answer`; `judging` is one: `interview_type`, and it may have `language`,
 * `job_description`, `rubric`, `calibration` (see `vv_engine_calibrate`). Gives the score, 0 to 1, and the judgement as a document, either of which may be null; free the latter with
 * `vv_string_free`. Any thread.
 *
 * `VV_INVALID_INPUT` where a document or a limit is broken, or there is no such calibration; `VV_UNSUPPORTED` where it corrects another version of the built-in
 * evaluator; what the evaluator answers where it fails.
 */
enum vv_status vv_engine_evaluate_answer(const struct vv_engine *engine,
                                         const char *answered,
                                         size_t answered_len,
                                         const char *judging,
                                         size_t judging_len,
                                         const struct vv_call_options *options,
                                         double *score,
                                         char **judgement,
                                         struct vv_error **error);

/**
 * Judges many answers at once without keeping anything: `answered` is a list of documents, each as that of `vv_engine_evaluate_answer`. Gives a list in their order, to be freed
 * with `vv_string_free`: each is a document with `judgement`, or with `error`, which has `kind` (for example "timeout"), `message`, `retryable` and, where that is known, `retry_after_ms`. Any thread.
 *
 * `VV_INVALID_INPUT` where a document is broken; `VV_NOT_FOUND` and `VV_UNSUPPORTED` as with `vv_engine_evaluate_answer`.
 */
enum vv_status vv_engine_evaluate_answers(const struct vv_engine *engine,
                                          const char *answered,
                                          size_t answered_len,
                                          const char *judging,
                                          size_t judging_len,
                                          const struct vv_call_options *options,
                                          char **judged,
                                          struct vv_error **error);

/**
 * Reads an evaluation as a document, to be freed with `vv_string_free`. Any thread.
 *
 * `VV_NOT_FOUND` where there is none, or its interview was erased.
 */
enum vv_status vv_engine_evaluation(const struct vv_engine *engine,
                                    struct vv_id id,
                                    char **evaluation,
                                    struct vv_error **error);

/**
 * The score of an evaluation, 0 to 1. Any thread.
 *
 * `VV_NOT_FOUND`; `VV_INVALID_STATE` where it has none: it is not finished, or failed.
 */
enum vv_status vv_engine_score(const struct vv_engine *engine, struct vv_id id, double *score, struct vv_error **error);

/**
 * The ids of an interview's evaluations, oldest first, as a list of texts to be freed with `vv_string_free`. Any thread.
 *
 * `VV_NOT_FOUND` where there is no such interview.
 */
enum vv_status vv_engine_evaluations(const struct vv_engine *engine,
                                     struct vv_id interview,
                                     char **ids,
                                     struct vv_error **error);

/**
 * The scorecard of an evaluation, to be freed with `vv_string_free`; `format` is one of `VV_SCORECARD_MARKDOWN`, `VV_SCORECARD_HTML`, `VV_SCORECARD_JSON`. Any thread.
 *
 * `VV_NOT_FOUND` where there is no such evaluation, `VV_INVALID_INPUT` for another format.
 */
enum vv_status vv_engine_scorecard(const struct vv_engine *engine,
                                   struct vv_id id,
                                   uint32_t format,
                                   char **scorecard,
                                   struct vv_error **error);

/**
 * Has the same answers judged again. The new evaluation supersedes the earlier one, which stays; see `vv_engine_evaluate` for what comes out. Any thread.
 *
 * `VV_NOT_FOUND`; `VV_INVALID_STATE` where the evaluation is not finished; `VV_CONFLICT` where it was superseded already.
 */
enum vv_status vv_engine_re_evaluate(const struct vv_engine *engine,
                                     struct vv_id earlier,
                                     const struct vv_call_options *options,
                                     struct vv_id *id,
                                     char **evaluation,
                                     struct vv_error **error);

/**
 * Puts a person's score in the place of a judge's. `change` is a document: `score`, `by`, `reason`, and, for one rating, `rating` with `exchange` and `competency`. The new
 * evaluation supersedes the earlier one, which stays; see `vv_engine_evaluate` for what comes out. Any thread.
 *
 * `VV_NOT_FOUND`, `VV_INVALID_INPUT`; `VV_INVALID_STATE` where the evaluation has no score; `VV_CONFLICT` where it was superseded already.
 */
enum vv_status vv_engine_override_score(const struct vv_engine *engine,
                                        struct vv_id earlier,
                                        const char *change,
                                        size_t change_len,
                                        const struct vv_call_options *options,
                                        struct vv_id *id,
                                        char **evaluation,
                                        struct vv_error **error);

/**
 * Judges again from the stored replies, without asking anybody: the same document as `vv_engine_evaluation` gives, unless it was tampered with. Free it with
 * `vv_string_free`. Any thread.
 *
 * `VV_NOT_FOUND`; `VV_INVALID_STATE` where the evaluation is not finished; `VV_UNSUPPORTED` where an application's own evaluator made it, or it has no replies.
 */
enum vv_status vv_engine_replay(const struct vv_engine *engine,
                                struct vv_id id,
                                char **evaluation,
                                struct vv_error **error);

/**
 * Makes the evaluations that were left to workers, of all tenants, in this thread, until `stop` is cancelled; gives how many it made. Any number of workers may run, in this
 * process and in others. `stop` must live until the call returns.
 *
 * `VV_INVALID_STATE` when the engine is closed, `VV_STORAGE` where the store fails for good.
 */
enum vv_status vv_engine_run_worker(const struct vv_engine *engine,
                                    const struct vv_cancel *stop,
                                    uint64_t *made,
                                    struct vv_error **error);

/**
 * What this engine's tenant has used of its budget for language models, as a document to be freed with `vv_string_free`: `tokens`, `money`, `since`. Any thread.
 *
 * `VV_UNSUPPORTED` where tenants have no budget.
 */
enum vv_status vv_engine_spent(const struct vv_engine *engine,
                               char **spent,
                               struct vv_error **error);

/**
 * Reads an id as documents have it: 36 characters. Any thread.
 *
 * `VV_INVALID_INPUT` where it is no UUID.
 */
enum vv_status vv_id_parse(const char *data, size_t len, struct vv_id *id, struct vv_error **error);

/**
 * Writes an id as documents have it, with a NUL after it, into 37 bytes of the caller's. Does nothing for null. Any thread.
 */
void vv_id_write(struct vv_id id,
                 char *text);

/**
 * Plans an interview. `plan` is a document: `candidate_name`, `interview_type` and `questions`, and what else `NewInterview` has. `id` and `interview`, the whole
 * interview, may be null; free the latter with `vv_string_free`. Any thread.
 *
 * `VV_INVALID_INPUT` where the document or a limit is broken, or it names a calibration that is not there, `VV_CONFLICT` where the key was used for another plan.
 */
enum vv_status vv_engine_create_interview(const struct vv_engine *engine,
                                          const char *plan,
                                          size_t plan_len,
                                          const struct vv_call_options *options,
                                          struct vv_id *id,
                                          char **interview,
                                          struct vv_error **error);

/**
 * Reads an interview as a document, to be freed with `vv_string_free`. Any thread.
 *
 * `VV_NOT_FOUND` where there is none, or it was erased.
 */
enum vv_status vv_engine_interview(const struct vv_engine *engine,
                                   struct vv_id id,
                                   char **interview,
                                   struct vv_error **error);

/**
 * Replaces the plan of a draft: an interview of which no session was started, and no evaluation asked for. `plan` is a whole plan, as in `vv_engine_create_interview`.
 * `interview`, the whole interview afterwards, may be null; free it with `vv_string_free`. Of two updates at once, both are done, one after the other. Any thread.
 *
 * `VV_INVALID_INPUT` where the document or a limit is broken, or the plan names a calibration that is not there; `VV_NOT_FOUND` where there is none, or it was erased; `VV_INVALID_STATE` where it is no draft; `VV_CONFLICT` where
 * the key was used for another plan.
 */
enum vv_status vv_engine_update_interview(const struct vv_engine *engine,
                                          struct vv_id id,
                                          const char *plan,
                                          size_t plan_len,
                                          const struct vv_call_options *options,
                                          char **interview,
                                          struct vv_error **error);

/**
 * Deletes a draft: erases an interview of which no session was started, and no evaluation asked for, and refuses any other. Its id, times and audit log stay. `requested_by`
 * is recorded. On an interview that is erased already it does nothing. Any thread.
 *
 * As `vv_engine_erase_interview`; `VV_INVALID_STATE` where it is no draft.
 */
enum vv_status vv_engine_delete_draft(const struct vv_engine *engine,
                                      struct vv_id interview,
                                      const char *requested_by,
                                      size_t requested_by_len,
                                      struct vv_error **error);

/**
 * Questions for a plan, as a list of documents to be freed with `vv_string_free`. `wanted` is a document: `interview_type` and `count`, and what else `QuestionRequest` has.
 * Any thread.
 *
 * `VV_INVALID_INPUT` where the document or a limit is broken, `VV_PROVIDER` where a model's questions could not be used.
 */
enum vv_status vv_engine_generate_questions(const struct vv_engine *engine,
                                            const char *wanted,
                                            size_t wanted_len,
                                            const struct vv_call_options *options,
                                            char **questions,
                                            struct vv_error **error);

/**
 * Has the library's log written by `log`, of this level and all that are graver; one sink takes the place of that before it. With all zeros in `log`, nothing is logged, as in the beginning. A forked child logs nothing
 * until it sets a sink of its own. Any thread.
 *
 * `VV_INVALID_INPUT` where the level is none.
 */
enum vv_status vv_log_set(struct vv_log log,
                          int32_t level,
                          struct vv_error **error);

/**
 * Starts a session. `start` is a document with what `StartSession` has, or null for nothing. `id` and `session`, the whole session, may be null; free the latter with
 * `vv_string_free`. Any thread.
 *
 * `VV_NOT_FOUND` where there is no such interview, `VV_INVALID_INPUT` where the document is broken.
 */
enum vv_status vv_engine_start_session(const struct vv_engine *engine,
                                       struct vv_id interview,
                                       const char *start,
                                       size_t start_len,
                                       const struct vv_call_options *options,
                                       struct vv_id *id,
                                       char **session,
                                       struct vv_error **error);

/**
 * Reads a session with its messages as a document, to be freed with `vv_string_free`: what this process has seen of it, or, where `exact`, what the store has now. Any thread.
 *
 * `VV_NOT_FOUND` where there is none, or its interview was erased.
 */
enum vv_status vv_engine_session(const struct vv_engine *engine,
                                 struct vv_id id,
                                 bool exact,
                                 char **session,
                                 struct vv_error **error);

/**
 * What the candidate is to answer now: the interviewer's last words, to be freed with `vv_string_free`, and the number of their message; either may be null. Any thread.
 *
 * `VV_NOT_FOUND`; `VV_INVALID_STATE` where the session is not active, or the reply to the candidate's last message is missing.
 */
enum vv_status vv_engine_next_question(const struct vv_engine *engine,
                                       struct vv_id session,
                                       char **words,
                                       uint32_t *number,
                                       struct vv_error **error);

/**
 * Sends the candidate's message and gives the turn: the message as it is kept, and the reply. Free it with `vv_turn_free`. Any thread; calls on one session take turns.
 *
 * Where the interviewer fails the message is kept and its turn is pending: the same call again, with its key or the same text, continues it and stores nothing twice.
 *
 * `VV_NOT_FOUND`; `VV_INVALID_STATE` where the session is not active; `VV_INVALID_INPUT` where the text is blank or longer than 32,000 characters; `VV_CONFLICT`,
 * `VV_TIMEOUT`, and whatever kept the interviewer from speaking.
 */
enum vv_status vv_engine_send_message(const struct vv_engine *engine,
                                      struct vv_id session,
                                      const char *data,
                                      size_t len,
                                      const struct vv_call_options *options,
                                      struct vv_turn **turn,
                                      struct vv_error **error);

/**
 * As `vv_engine_send_message`, and `hear` is called with `data` for each part of the reply. What was heard in the end is the reply. Any thread.
 */
enum vv_status vv_engine_send_message_heard(const struct vv_engine *engine,
                                            struct vv_id session,
                                            const char *data,
                                            size_t len,
                                            const struct vv_call_options *options,
                                            vv_hear hear,
                                            void *hear_data,
                                            struct vv_turn **turn,
                                            struct vv_error **error);

/**
 * Ends a session and has it evaluated; gives the evaluation's id and document, either of which may be null. Free the latter with `vv_string_free`. Any thread.
 *
 * A failing evaluator is no error: the evaluation is then `failed` and says why. `VV_NOT_FOUND`, `VV_CONFLICT`, `VV_TIMEOUT`.
 */
enum vv_status vv_engine_end_session(const struct vv_engine *engine,
                                     struct vv_id session,
                                     const struct vv_call_options *options,
                                     struct vv_id *id,
                                     char **evaluation,
                                     struct vv_error **error);

/**
 * The name of a status in documents, logs and metrics, for example "invalid_input"; "ok" for `VV_OK`, "unknown" for a number that is none. It is the library's own. Any thread.
 */
const char *vv_status_name(int32_t status);

/**
 * Frees text that a call gave out. Does nothing for null. Any thread.
 */
void vv_string_free(char *text);

/**
 * The turn as a document, to be freed with `vv_string_free`.
 *
 * `VV_INVALID_INPUT` for null. Any thread; not while another frees it.
 */
enum vv_status vv_turn_json(const struct vv_turn *turn, char **document, struct vv_error **error);

/**
 * Frees a turn and sets the caller's pointer to null. Does nothing for null, or a pointer to null. Any thread.
 */
void vv_turn_free(struct vv_turn **turn);

/**
 * A page of interviews, as a document to be freed with `vv_string_free`: `interviews`, `next_cursor` where there are more, and `total` where it was asked for. `list` is a
 * document with what `ListInterviews` has, or null for the newest ten. The next page is asked for with `{"paging": {"cursor": …}}`. Any thread.
 *
 * `VV_INVALID_INPUT` where a filter, the limit or the cursor is wrong.
 */
enum vv_status vv_engine_list_interviews(const struct vv_engine *engine,
                                         const char *list,
                                         size_t list_len,
                                         char **page,
                                         struct vv_error **error);

/**
 * A page of evaluations of all interviews, newest first, as a document to be freed with `vv_string_free`: `evaluations`, and `next_cursor` where there are more. `list` is a
 * document with what `ListEvaluations` has (`status`, `interview_id`, `limit`, `cursor`), or null for the newest ten. The next page is asked for with the same filters and
 * `{"cursor": …}`. Any thread.
 *
 * `VV_INVALID_INPUT` where a filter, the limit or the cursor is wrong.
 */
enum vv_status vv_engine_list_evaluations(const struct vv_engine *engine,
                                          const char *list,
                                          size_t list_len,
                                          char **page,
                                          struct vv_error **error);

/**
 * The ids of an interview's sessions, oldest first, as a list of texts to be freed with `vv_string_free`. Any thread.
 *
 * `VV_NOT_FOUND` where there is no such interview.
 */
enum vv_status vv_engine_sessions(const struct vv_engine *engine,
                                  struct vv_id interview,
                                  char **ids,
                                  struct vv_error **error);

/**
 * Abandons a session: it takes no more messages and is not evaluated. Gives it as a document, to be freed with `vv_string_free`. Any thread.
 *
 * `VV_NOT_FOUND`; `VV_INVALID_STATE` where it is completed; `VV_CONFLICT`, `VV_TIMEOUT`.
 */
enum vv_status vv_engine_abandon_session(const struct vv_engine *engine,
                                         struct vv_id id,
                                         const struct vv_call_options *options,
                                         char **session,
                                         struct vv_error **error);

/**
 * Abandons the sessions that had no message for the engine's idle time, and gives their ids as a list of texts to be freed with `vv_string_free`. Any thread.
 *
 * `VV_STORAGE` where the store fails.
 */
enum vv_status vv_engine_abandon_idle_sessions(const struct vv_engine *engine,
                                               char **ids,
                                               struct vv_error **error);

/**
 * A session's events after the one numbered `after` (0 for all), at most 1,000, as a list of documents to be freed with `vv_string_free`. Waits up to `timeout_ms` for the
 * first one, and looks every `poll_ms` for what other processes write; with a `poll_ms` of 0 the database says when (PostgreSQL only). `cancel` ends the waiting; it may be null, and must live until the call returns. Any thread.
 *
 * `VV_NOT_FOUND` where there is no such session; `VV_TIMEOUT` where it was cancelled; `VV_UNSUPPORTED` where the store does not say when.
 */
enum vv_status vv_engine_next_events(const struct vv_engine *engine,
                                     struct vv_id session,
                                     uint64_t after,
                                     uint64_t poll_ms,
                                     uint64_t timeout_ms,
                                     const struct vv_cancel *cancel,
                                     char **events,
                                     struct vv_error **error);

/**
 * Tells a session's events after the one numbered `after` (0 for all), in order, each once, as they come, in this thread, until `listener` returns false or `stop` is cancelled.
 * Looks every `poll_ms` for what other processes write; with 0 the database says when (PostgreSQL only). Gives the number of the last event that was told; `last` may be null.
 *
 * `VV_NOT_FOUND` where there is no such session; `VV_INVALID_STATE` when the engine is closed; `VV_UNSUPPORTED` where the store does not say when.
 */
enum vv_status vv_engine_listen(const struct vv_engine *engine,
                                struct vv_id session,
                                uint64_t after,
                                uint64_t poll_ms,
                                const struct vv_cancel *stop,
                                vv_listener listener,
                                void *data,
                                uint64_t *last,
                                struct vv_error **error);

/**
 * The end of an interview's audit log as text, to be kept elsewhere and freed with `vv_string_free`. Any thread.
 *
 * `VV_NOT_FOUND` where there never was such an interview.
 */
enum vv_status vv_engine_audit_head(const struct vv_engine *engine,
                                    struct vv_id interview,
                                    char **head,
                                    struct vv_error **error);

/**
 * Verifies an interview's audit log: with a head that `vv_engine_audit_head` gave, up to that; with null, up to its end. Gives whether it is sound, and the report as a
 * document; either may be null. Free the latter with `vv_string_free`. Any thread.
 *
 * `VV_NOT_FOUND` where there never was such an interview; `VV_INVALID_INPUT` where the head is another interview's.
 */
enum vv_status vv_engine_verify_audit(const struct vv_engine *engine,
                                      struct vv_id interview,
                                      const char *head,
                                      size_t head_len,
                                      bool *sound,
                                      char **report,
                                      struct vv_error **error);

/**
 * Erases an interview: the candidate's name and words, everywhere; its id, times and audit log stay. `requested_by` is recorded. Any thread.
 *
 * `VV_NOT_FOUND` where there never was such an interview; `VV_INVALID_INPUT` where `requested_by` is blank or too long; a retryable `VV_STORAGE` where it is to be done again.
 */
enum vv_status vv_engine_erase_interview(const struct vv_engine *engine,
                                         struct vv_id interview,
                                         const char *requested_by,
                                         size_t requested_by_len,
                                         struct vv_error **error);

/**
 * Erases all interviews of a candidate, by the application's own id, and gives their ids as a list of texts to be freed with `vv_string_free`. Any thread.
 *
 * As `vv_engine_erase_interview`; `VV_NOT_FOUND` where no interview has this id.
 */
enum vv_status vv_engine_erase_candidate(const struct vv_engine *engine,
                                         const char *external_id,
                                         size_t external_id_len,
                                         const char *requested_by,
                                         size_t requested_by_len,
                                         char **ids,
                                         struct vv_error **error);

/**
 * Copies everything of all tenants into another engine's store, and gives how many interviews it looked at. Copying again brings the copy up to date. Any thread.
 *
 * `VV_CONFLICT` where an interview is there with another log; `VV_INVALID_STATE` where either engine is closed.
 */
enum vv_status vv_engine_copy_to(const struct vv_engine *engine,
                                 const struct vv_engine *target,
                                 uint64_t *copied,
                                 struct vv_error **error);

/**
 * Writes a consistent copy of the store to a new file while it is in use; SQLite only. `path` ends with NUL. Any thread.
 *
 * `VV_UNSUPPORTED` on the other stores; `VV_INVALID_INPUT` where the file exists; `VV_STORAGE` where it cannot be written.
 */
enum vv_status vv_engine_backup(const struct vv_engine *engine,
                                const char *path,
                                struct vv_error **error);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus

#endif  /* VIVAVOCE_H */
