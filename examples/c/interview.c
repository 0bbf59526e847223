/* Holds an interview in the terminal: `interview FILE [STORE]`. An answer is a line. */
#define _POSIX_C_SOURCE 200809L
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <vivavoce.h>

#include "example.h"

int main(int argc, char **argv) {
  if (argc < 2 || argc > 3) {
    fprintf(stderr, "usage: interview FILE [STORE]\n");
    return 2;
  }
  vv_engine *engine = NULL;
  vv_error *error = NULL;
  succeed(vv_engine_open(argc == 3 ? argv[2] : "memory:", NULL, &engine, &error), &error);

  char *plan = read_file(argv[1]);
  vv_id interview, session, evaluation;
  succeed(vv_engine_create_interview(engine, plan, strlen(plan), NULL, &interview, NULL, &error), &error);
  free(plan);
  succeed(vv_engine_start_session(engine, interview, NULL, 0, NULL, &session, NULL, &error), &error);
  char *words = NULL;
  succeed(vv_engine_next_question(engine, session, &words, NULL, &error), &error);
  printf("%s\n", words);
  vv_string_free(words);

  char *line = NULL;
  size_t room = 0;
  ssize_t len = 0;
  bool is_over = false;
  while (!is_over && (fputs("\n> ", stdout), fflush(stdout), len = getline(&line, &room, stdin)) > 0) {
    vv_turn *turn = NULL;
    const vv_status status = vv_engine_send_message(engine, session, line, length_of_line(line, len), NULL, &turn, &error);
    if (status == VV_INVALID_INPUT) { /* a blank line, or one that is too long: to be said again */
      printf("%s\n", vv_error_message(error));
      vv_error_free(&error);
      continue;
    }
    succeed(status, &error);
    printf("\n%.*s\n", (int)turn->reply.content_len, turn->reply.content);
    is_over = strcmp(turn->session_status, "completed") == 0;
    vv_turn_free(&turn);
  }
  free(line);
  if (ferror(stdin)) {
    /* What was said is kept; an interview that broke off is not one that has ended. */
    perror("standard input");
    return 1;
  }

  succeed(vv_engine_end_session(engine, session, NULL, &evaluation, NULL, &error), &error);
  char *scorecard = NULL;
  succeed(vv_engine_scorecard(engine, evaluation, VV_SCORECARD_MARKDOWN, &scorecard, &error), &error);
  printf("\n%s", scorecard);
  vv_string_free(scorecard);
  succeed(vv_engine_close(engine, &error), &error);
  vv_engine_free(&engine);
  return 0;
}
