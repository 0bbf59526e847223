/* Sends COUNT messages and prints how many nanoseconds each took: `call URL COUNT`. The same as main.rs does in Rust. */
#define _POSIX_C_SOURCE 200809L
#include <string.h>
#include <time.h>

#include <vivavoce.h>

#include "../../tests/c/check.h"

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec * 1e9 + (double)time.tv_nsec;
}

/* In a thread that is not the first, as in a server: the allocator treats the first one better. */
static void *call(void *arguments) {
  char **argv = arguments;
  /* The plan, the answer and the answers of a session are those of the other side. */
  const char *url = argv[1], *plan = argv[3], *answer = argv[4];
  const size_t count = (size_t)atol(argv[2]), answers = 20;
  /* The first quarter is not counted: what setting up leaves in the allocator is not what a message costs. */
  const size_t first = count / 4, sessions = (first + count + answers - 1) / answers;
  vv_engine *engine = NULL;
  CHECK(vv_engine_open(url, NULL, &engine, NULL) == VV_OK);
  vv_id *session = malloc(sessions * sizeof *session);
  CHECK(session != NULL);
  for (size_t i = 0; i < sessions; i += 1) {
    vv_id interview;
    CHECK(vv_engine_create_interview(engine, plan, strlen(plan), NULL, &interview, NULL, NULL) == VV_OK);
    CHECK(vv_engine_start_session(engine, interview, NULL, 0, NULL, &session[i], NULL, NULL) == VV_OK);
  }
  const size_t len = strlen(answer);
  size_t replied = 0;
  double began = 0;
  for (size_t i = 0; i < first + count; i += 1) {
    if (i == first) began = now();
    vv_turn *turn = NULL;
    CHECK(vv_engine_send_message(engine, session[i / answers], answer, len, NULL, &turn, NULL) == VV_OK);
    replied += turn->reply.content_len;
    vv_turn_free(&turn);
  }
  const double took = now() - began;
  CHECK(replied > count);
  printf("%f\n", took / (double)count);
  free(session);
  vv_engine_free(&engine);
  return NULL;
}

int main(int argc, char **argv) {
  CHECK(argc == 5);
  pthread_t thread;
  CHECK(pthread_create(&thread, NULL, call, argv) == 0 && pthread_join(thread, NULL) == 0);
  return 0;
}
