/* What the examples in C have in common: stopping with one line when a call failed, and reading a file. */
#ifndef EXAMPLE_H
#define EXAMPLE_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>

#include <vivavoce.h>

/* Goes on where the call succeeded; otherwise says why it did not, and ends the program. It takes where the error is, because that may be there only when the call in the
   other argument has returned. */
static inline void succeed(vv_status status, vv_error **error) {
  if (status == VV_OK) return;
  fprintf(stderr, "error: %s: %s\n", vv_status_name((int32_t)status), vv_error_message(*error));
  vv_error_free(error);
  exit(1);
}

/* The length of a line without what ends it. */
static inline size_t length_of_line(const char *line, ssize_t len) {
  return len > 0 && line[len - 1] == '\n' ? (size_t)len - 1 : (size_t)len;
}

/* A whole file, to be freed. */
static inline char *read_file(const char *path) {
  FILE *file = fopen(path, "rb");
  if (file == NULL) {
    perror(path);
    exit(1);
  }
  char *text = NULL;
  size_t len = 0, room = 0, got = 0;
  do {
    len += got;
    if (len + 1 >= room) {
      room = room == 0 ? 4096 : 2 * room;
      text = realloc(text, room);
      if (text == NULL) exit(1);
    }
    got = fread(text + len, 1, room - len - 1, file);
  } while (got > 0);
  if (ferror(file)) {
    perror(path);
    exit(1);
  }
  fclose(file);
  text[len] = '\0';
  return text;
}

#endif
