// Package abi asks the C library what the package does not need to, so that tests can compare.
package abi

/*
#cgo pkg-config: vivavoce
#include <stdlib.h>
#include <vivavoce.h>

static char *turn_document(const vv_engine *engine, vv_id session, const char *text, size_t len, const char *key, size_t key_len) {
  vv_call_options options = VV_CALL_OPTIONS_INIT;
  options.idempotency_key = key;
  options.idempotency_key_len = key_len;
  vv_turn *turn = NULL;
  char *document = NULL;
  if (vv_engine_send_message(engine, session, text, len, &options, &turn, NULL) == VV_OK) vv_turn_json(turn, &document, NULL);
  vv_turn_free(&turn);
  return document;
}
*/
import "C"

import "unsafe"

// TurnDocument sends a message to a session of an engine, a vv_engine, and gives the turn as the library writes it; empty where that fails.
func TurnDocument(engine unsafe.Pointer, session [16]byte, text, key string) []byte {
	id := C.vv_id{bytes: *(*[16]C.uint8_t)(unsafe.Pointer(&session))}
	words, named := C.CString(text), C.CString(key)
	defer C.free(unsafe.Pointer(words))
	defer C.free(unsafe.Pointer(named))
	document := C.turn_document((*C.vv_engine)(engine), id, words, C.size_t(len(text)), named, C.size_t(len(key)))
	defer C.vv_string_free(document)
	return []byte(C.GoString(document))
}

// StatusName is what the library calls a status.
func StatusName(status int32) string { return C.GoString(C.vv_status_name(C.int32_t(status))) }
