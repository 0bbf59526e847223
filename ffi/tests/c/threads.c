/* Many threads with one engine, which is closed while they call it: `threads URL`. */
#include <string.h>

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

static void *everything(void *url) {
  CHECK(vv_engine_open(url, NULL, &engine, NULL) == VV_OK);
  vv_cancel *stop = vv_cancel_new();
  pthread_t threads[THREADS + 1];
  for (int i = 0; i < THREADS; i++) CHECK(pthread_create(&threads[i], NULL, talk, NULL) == 0);
  CHECK(pthread_create(&threads[THREADS], NULL, work, stop) == 0);
  CHECK(pthread_mutex_lock(&lock) == 0);
  while (ready < THREADS) CHECK(pthread_cond_wait(&changed, &lock) == 0);
  CHECK(pthread_mutex_unlock(&lock) == 0);
  CHECK(vv_engine_close(engine, NULL) == VV_OK);
  for (int i = 0; i <= THREADS; i++) CHECK(pthread_join(threads[i], NULL) == 0);
  vv_cancel_free(&stop);
  vv_engine_free(&engine);
  return NULL;
}

MAIN(everything)
