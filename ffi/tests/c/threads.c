/* Many threads with one engine, while which the process forks, and which is closed while they call it: `threads URL`. */
#define _POSIX_C_SOURCE 200809L
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <vivavoce.h>

#include "check.h"

enum { THREADS = 8, BEFORE = 5 };

static const char *PLAN =
    "{\"candidate_name\": \"Ada\", \"interview_type\": \"general\", \"questions\": [\"Why?\"], \"max_answers\": 1000}";
static vv_engine *engine = NULL;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static int ready = 0;

/* Talks until the engine is closed; the first turns have to be good. */
static void *talk(void *unused) {
  (void)unused;
  vv_id interview, session;
  CHECK(vv_engine_create_interview(engine, PLAN, strlen(PLAN), NULL, &interview, NULL, NULL) == VV_OK);
  CHECK(vv_engine_start_session(engine, interview, NULL, 0, NULL, &session, NULL, NULL) == VV_OK);
  for (int turn = 0;; turn++) {
    vv_turn *made = NULL;
    vv_error *error = NULL;
    vv_status status = vv_engine_send_message(engine, session, "Because.", 8, NULL, &made, &error);
    CHECK((status == VV_OK) == (made != NULL) && (status == VV_OK) == (error == NULL));
    if (status != VV_OK) {
      CHECK(turn >= BEFORE && status == VV_INVALID_STATE);
      vv_error_free(&error);
      return NULL;
    }
    CHECK(made->message.number == (uint32_t)(2 + 2 * turn));
    vv_turn_free(&made);
    if (turn == BEFORE) {
      CHECK(pthread_mutex_lock(&lock) == 0);
      ready += 1;
      CHECK(pthread_cond_signal(&changed) == 0);
      CHECK(pthread_mutex_unlock(&lock) == 0);
    }
  }
}

/* Waits for work until the engine is closed. */
static void *work(void *stop) {
  CHECK(vv_engine_run_worker(engine, stop, NULL, NULL) == VV_INVALID_STATE);
  return NULL;
}

static int32_t take(void *data, const char *delivery, size_t len, vv_error **error) {
  (void)data, (void)error;
  CHECK(len == strlen(delivery));
  return VV_OK;
}

/* Delivers what happens until the engine is closed. */
static void *deliver(void *stop) {
  CHECK(vv_engine_run_deliveries(engine, "mail", 4, stop, take, NULL, NULL, NULL) == VV_INVALID_STATE);
  return NULL;
}

/* Whatever lock another thread held at the fork, nobody holds now: no call may wait for one. */
static void forks(void) {
  const pid_t child = fork();
  CHECK(child >= 0);
  if (child == 0) {
    alarm(20);
    const vv_id none = {{0}};
    const vv_log no_log = {NULL, NULL, NULL};
    char *out = NULL;
    vv_engine *other = NULL;
    vv_turn *turn = NULL;
    const vv_status got[] = {
        vv_engine_create_interview(engine, PLAN, strlen(PLAN), NULL, NULL, &out, NULL),
        vv_engine_send_message(engine, none, "Because.", 8, NULL, &turn, NULL),
        vv_engine_session(engine, none, true, &out, NULL),
        vv_engine_list_interviews(engine, NULL, 0, &out, NULL),
        vv_engine_for_tenant(engine, "own", 3, &other, NULL),
        vv_engine_copy_to(engine, engine, NULL, NULL),
        vv_engine_run_deliveries(engine, "mail", 4, NULL, take, NULL, NULL, NULL),
        vv_engine_backlog(engine, &out, NULL),
        vv_engine_metrics(engine, &out, NULL),
        vv_engine_health(engine, &out, NULL),
        vv_engine_close(engine, NULL),
    };
    for (size_t i = 0; i < sizeof got / sizeof *got; i += 1) {
      if (got[i] != VV_INVALID_STATE) _exit(2);
    }
    if (out != NULL || other != NULL || turn != NULL) _exit(3);
    if (vv_log_set(no_log, 0, NULL) != VV_OK) _exit(4);
    execl("/bin/true", "true", (char *)NULL);
    _exit(5);
  }
  int status = 0;
  CHECK(waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

static void *everything(void *url) {
  CHECK(vv_engine_open(url, NULL, &engine, NULL) == VV_OK);
  CHECK(vv_engine_subscribe(engine, "mail", 4, "[\"session_started\"]", 19, NULL) == VV_OK);
  vv_cancel *stop = vv_cancel_new();
  pthread_t threads[THREADS + 2];
  for (int i = 0; i < THREADS; i++) CHECK(pthread_create(&threads[i], NULL, talk, NULL) == 0);
  CHECK(pthread_create(&threads[THREADS], NULL, work, stop) == 0);
  CHECK(pthread_create(&threads[THREADS + 1], NULL, deliver, stop) == 0);
  CHECK(pthread_mutex_lock(&lock) == 0);
  while (ready < THREADS) CHECK(pthread_cond_wait(&changed, &lock) == 0);
  CHECK(pthread_mutex_unlock(&lock) == 0);
  for (int i = 0; i < 20; i++) forks();
  CHECK(vv_engine_close(engine, NULL) == VV_OK);
  for (int i = 0; i < THREADS + 2; i++) CHECK(pthread_join(threads[i], NULL) == 0);
  vv_cancel_free(&stop);
  vv_engine_free(&engine);
  return NULL;
}

MAIN(everything)
