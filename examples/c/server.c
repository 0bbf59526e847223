/* A small server: `server FILE STORE`. Who connects is interviewed, a line an answer, each in a thread of its own over one engine; a worker thread makes the evaluations. It
   says its port, and ends when its standard input does: nobody is cut off in a turn, and no evaluation that was asked for is lost. */
#define _POSIX_C_SOURCE 200809L
#include <errno.h>
#include <netinet/in.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <vivavoce.h>

#include "example.h"

static vv_engine *engine = NULL;
static vv_id interview;
static int listener = -1;

/* Candidates who are connected, so that the end can wait for them. */
enum { MOST = 64 };
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t left = PTHREAD_COND_INITIALIZER;
static int connected[MOST], count = 0;

/* Interviews one candidate. What fails is said to this one, and to nobody else. */
static void talk(FILE *in, FILE *out, vv_error **error) {
  vv_id session, evaluation;
  if (vv_engine_start_session(engine, interview, NULL, 0, NULL, &session, NULL, error) != VV_OK) return;
  char *words = NULL;
  if (vv_engine_next_question(engine, session, &words, NULL, error) != VV_OK) return;
  fprintf(out, "%s\n", words);
  vv_string_free(words);
  char *line = NULL;
  size_t room = 0;
  ssize_t len = 0;
  bool is_over = false;
  while (!is_over && *error == NULL && (fflush(out), len = getline(&line, &room, in)) > 0) {
    vv_turn *turn = NULL;
    const vv_status status = vv_engine_send_message(engine, session, line, length_of_line(line, len), NULL, &turn, error);
    if (status == VV_INVALID_INPUT) { /* a blank line, or one that is too long: to be said again */
      fprintf(out, "%s\n", vv_error_message(*error));
      vv_error_free(error);
    } else if (status == VV_OK) {
      fprintf(out, "%.*s\n", (int)turn->reply.content_len, turn->reply.content);
      is_over = strcmp(turn->session_status, "completed") == 0;
    }
    vv_turn_free(&turn);
  }
  free(line);
  if (*error != NULL) return;
  /* The candidate need not wait for the evaluation: a worker makes it. */
  vv_call_options queued = VV_CALL_OPTIONS_INIT;
  queued.queued = 1;
  if (vv_engine_end_session(engine, session, &queued, &evaluation, NULL, error) != VV_OK) return;
  char id[37];
  vv_id_write(evaluation, id);
  fprintf(out, "evaluation %s\n", id);
}

static void *serve(void *place) {
  int *socket = place;
  /* A stream for each direction: one for both would have to be rewound in between. */
  FILE *in = fdopen(dup(*socket), "r"), *out = fdopen(dup(*socket), "w");
  vv_error *error = NULL;
  if (in != NULL && out != NULL) {
    talk(in, out, &error);
    if (error != NULL) fprintf(out, "error: %s\n", vv_error_message(error));
  }
  vv_error_free(&error);
  if (in != NULL) fclose(in);
  if (out != NULL) fclose(out);
  pthread_mutex_lock(&lock);
  /* Under the lock, so that the end shuts down no socket that has become another's. */
  close(*socket);
  *socket = -1;
  count -= 1;
  pthread_cond_signal(&left);
  pthread_mutex_unlock(&lock);
  return NULL;
}

static void *receive(void *unused) {
  (void)unused;
  for (;;) {
    const int socket = accept(listener, NULL, NULL);
    if (socket < 0) {
      /* One who has left already, or too many for the moment, is no reason to receive nobody any more; a listener that was shut down is. */
      if (errno == EINTR || errno == ECONNABORTED) continue;
      if (errno != EMFILE && errno != ENFILE && errno != ENOBUFS && errno != ENOMEM) break;
      perror("accept");
      const struct timespec moment = {0, 100 * 1000 * 1000};
      nanosleep(&moment, NULL);
      continue;
    }
    pthread_mutex_lock(&lock);
    int place = 0;
    while (place < MOST && connected[place] >= 0) place += 1;
    pthread_t thread;
    if (place < MOST && (connected[place] = socket, pthread_create(&thread, NULL, serve, &connected[place]) == 0)) {
      pthread_detach(thread);
      count += 1;
    } else {
      if (place < MOST) connected[place] = -1;
      close(socket); /* too many */
    }
    pthread_mutex_unlock(&lock);
  }
  return NULL;
}

/* A worker, and what became of it. */
typedef struct {
  vv_cancel *stop;
  uint64_t made;
  vv_error *error;
} worker;

static void *work(void *data) {
  worker *own = data;
  vv_engine_run_worker(engine, own->stop, &own->made, &own->error);
  return NULL;
}

int main(int argc, char **argv) {
  if (argc != 3) {
    fprintf(stderr, "usage: server FILE STORE\n");
    return 2;
  }
  signal(SIGPIPE, SIG_IGN); /* a candidate who is gone is no reason to end */
  for (int place = 0; place < MOST; place += 1) connected[place] = -1;
  vv_error *error = NULL;
  succeed(vv_engine_open(argv[2], NULL, &engine, &error), &error);
  char *plan = read_file(argv[1]);
  succeed(vv_engine_create_interview(engine, plan, strlen(plan), NULL, &interview, NULL, &error), &error);
  free(plan);

  struct sockaddr_in address = {0};
  socklen_t size = sizeof address;
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  listener = socket(AF_INET, SOCK_STREAM, 0);
  if (listener < 0 || bind(listener, (struct sockaddr *)&address, size) != 0 || listen(listener, MOST) != 0 ||
      getsockname(listener, (struct sockaddr *)&address, &size) != 0) {
    perror("listen");
    return 1;
  }
  printf("listening on 127.0.0.1:%d\n", ntohs(address.sin_port));
  fflush(stdout);

  worker judging = {vv_cancel_new(), 0, NULL};
  pthread_t receiver, judge;
  if (pthread_create(&receiver, NULL, receive, NULL) != 0 || pthread_create(&judge, NULL, work, &judging) != 0) {
    fprintf(stderr, "error: there are no threads to be had\n");
    return 1;
  }
  while (getchar() != EOF) continue;

  /* Nobody new; those who are here get the reply to what they have sent, and their lines end. */
  shutdown(listener, SHUT_RDWR);
  pthread_join(receiver, NULL);
  close(listener);
  pthread_mutex_lock(&lock);
  for (int place = 0; place < MOST; place += 1) {
    if (connected[place] >= 0) shutdown(connected[place], SHUT_RD);
  }
  while (count > 0) pthread_cond_wait(&left, &lock);
  pthread_mutex_unlock(&lock);
  /* The worker ends with the evaluation that it is at; what is left is the next one's. */
  vv_cancel_cancel(judging.stop);
  pthread_join(judge, NULL);
  vv_cancel_free(&judging.stop);
  if (judging.error != NULL) fprintf(stderr, "error: the worker: %s\n", vv_error_message(judging.error));
  vv_error_free(&judging.error);
  printf("%llu evaluations made\n", (unsigned long long)judging.made);
  succeed(vv_engine_close(engine, &error), &error);
  vv_engine_free(&engine);
  return 0;
}
