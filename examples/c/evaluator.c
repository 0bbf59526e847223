/* An evaluator in C: `evaluator ANSWER`. It rates each answer by how many of its question's key points it repeats, and quotes them. */
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cjson/cJSON.h>
#include <vivavoce.h>

#include "example.h"

static const char *PLAN =
    "{\"candidate_name\": \"Ada\", \"interview_type\": \"technical\","
    " \"questions\": [{\"text\": \"What is a deadlock?\", \"competency\": \"Knowledge\","
    "                \"key_points\": [\"lock\", \"wait\", \"for ever\"]}],"
    " \"rubric\": {\"competencies\": [{\"name\": \"Knowledge\"}]}}";

/* The characters in the first `len` bytes: places in an answer are counted in them. */
static int characters(const char *text, size_t len) {
  int count = 0;
  for (size_t at = 0; at < len; at += 1) count += ((unsigned char)text[at] & 0xC0) != 0x80;
  return count;
}

/* Rates one exchange. */
static void rate(const cJSON *interview, const cJSON *exchange, int number, cJSON *ratings) {
  const cJSON *place = cJSON_GetObjectItem(exchange, "question");
  const char *answer = cJSON_GetStringValue(cJSON_GetObjectItem(exchange, "answer"));
  const cJSON *question = cJSON_GetArrayItem(cJSON_GetObjectItem(interview, "questions"), place->valueint);
  const cJSON *points = cJSON_GetObjectItem(question, "key_points"), *point = NULL;
  cJSON *rating = cJSON_CreateObject(), *quotes = cJSON_AddArrayToObject(rating, "quotes");
  cJSON_ArrayForEach(point, points) {
    const char *found = strstr(answer, point->valuestring);
    if (found == NULL) continue;
    cJSON *quote = cJSON_CreateObject();
    const int start = characters(answer, (size_t)(found - answer));
    cJSON_AddNumberToObject(quote, "start", start);
    cJSON_AddNumberToObject(quote, "end", start + characters(found, strlen(point->valuestring)));
    cJSON_AddStringToObject(quote, "text", point->valuestring);
    cJSON_AddItemToArray(quotes, quote);
  }
  const int known = cJSON_GetArraySize(points), said = cJSON_GetArraySize(quotes);
  cJSON_AddNumberToObject(rating, "exchange", number);
  cJSON_AddStringToObject(rating, "competency", cJSON_GetStringValue(cJSON_GetObjectItem(question, "competency")));
  cJSON_AddNumberToObject(rating, "score", known == 0 ? 0 : (double)said / known);
  cJSON_AddStringToObject(rating, "reason", "By the key points that the answer repeats.");
  cJSON_AddItemToArray(ratings, rating);
}

static int32_t judge(void *data, const char *request, size_t len, vv_answer *answer, vv_error **error) {
  atomic_int *judged = data; /* several threads may judge at once */
  cJSON *asked = cJSON_ParseWithLength(request, len);
  if (asked == NULL) {
    const char *why = "the request could not be read";
    *error = vv_error_new(VV_INTERNAL, why, strlen(why), -1);
    return VV_INTERNAL;
  }
  cJSON *judgement = cJSON_CreateObject(), *ratings = cJSON_AddArrayToObject(judgement, "ratings");
  const cJSON *exchange = NULL;
  int number = 0;
  cJSON_ArrayForEach(exchange, cJSON_GetObjectItem(asked, "exchanges")) {
    rate(cJSON_GetObjectItem(asked, "interview"), exchange, number, ratings);
    number += 1;
  }
  *judged += number;
  char *said = cJSON_PrintUnformatted(judgement);
  vv_answer_set(answer, said, strlen(said));
  cJSON_free(said);
  cJSON_Delete(judgement);
  cJSON_Delete(asked);
  return VV_OK;
}

int main(int argc, char **argv) {
  if (argc != 2) {
    fprintf(stderr, "usage: evaluator ANSWER\n");
    return 2;
  }
  atomic_int judged = 0;
  vv_engine_options options = VV_ENGINE_OPTIONS_INIT;
  options.evaluator.judge = judge;
  options.evaluator.name = "repeated key points";
  options.evaluator.version = "1";
  options.evaluator.data = &judged;
  vv_engine *engine = NULL;
  vv_error *error = NULL;
  succeed(vv_engine_open("memory:", &options, &engine, &error), &error);
  vv_id interview, evaluation;
  succeed(vv_engine_create_interview(engine, PLAN, strlen(PLAN), NULL, &interview, NULL, &error), &error);
  cJSON *answers = cJSON_CreateObject();
  cJSON_AddStringToObject(answers, "0", argv[1]);
  char *given = cJSON_PrintUnformatted(answers);
  succeed(vv_engine_evaluate(engine, interview, given, strlen(given), NULL, &evaluation, NULL, &error), &error);
  cJSON_free(given);
  cJSON_Delete(answers);
  char *scorecard = NULL;
  succeed(vv_engine_scorecard(engine, evaluation, VV_SCORECARD_MARKDOWN, &scorecard, &error), &error);
  printf("%d answer judged\n\n%s", (int)judged, scorecard);
  vv_string_free(scorecard);
  vv_engine_free(&engine);
  return 0;
}
