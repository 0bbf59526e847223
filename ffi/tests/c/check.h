/* What the programs here have in common. */
#ifndef CHECK_H
#define CHECK_H

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#define CHECK(what) \
  do { \
    if (!(what)) { \
      fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #what); \
      exit(1); \
    } \
  } while (0)

/* Does everything in a thread of its own: what a thread keeps of itself is freed when it ends, and the first thread never does. */
#define MAIN(everything) \
  int main(int argc, char **argv) { \
    CHECK(argc == 2); \
    pthread_t thread; \
    CHECK(pthread_create(&thread, NULL, everything, argv[1]) == 0); \
    CHECK(pthread_join(thread, NULL) == 0); \
    puts("ok"); \
    return 0; \
  }

#endif
