package vivavoce

// #include "calls.h"
import "C"

import (
	"context"
	"strings"
)

// AuditHead is the end of an interview's audit log, to be kept elsewhere. Erased interviews have one too.
//
// [ErrNotFound] where there never was such an interview.
func (e *Engine) AuditHead(ctx context.Context, interview ID) (AuditHead, error) {
	var c call
	if err := c.begin(ctx, e); err != nil {
		return "", err
	}
	r := C.vvgo_audit_head(c.handle.engine, interview.c())
	if err := c.end(&r); err != nil {
		return "", err
	}
	return AuditHead(text(&r)), nil
}

// VerifyAudit verifies an interview's audit log: with a head, up to that; with an empty one, up to its end.
//
// [ErrNotFound] where there never was such an interview; [ErrInvalidInput] where the head is none, or another interview's.
func (e *Engine) VerifyAudit(ctx context.Context, interview ID, head AuditHead) (*AuditReport, error) {
	return read[*AuditReport](ctx, e, func(engine *C.vv_engine) C.vvgo_result {
		return C.vvgo_verify_audit(engine, interview.c(), chars(string(head)), C.size_t(len(head)))
	})
}

// EraseInterview erases an interview: the candidate's name and words, everywhere; its id, times and audit log stay. Who requested it is recorded.
//
// [ErrNotFound] where there never was such an interview; [ErrInvalidInput] where requestedBy is blank or too long; a retryable [ErrStorage] where it is to be done again.
func (e *Engine) EraseInterview(ctx context.Context, interview ID, requestedBy string) error {
	var c call
	if err := c.begin(ctx, e); err != nil {
		return err
	}
	r := C.vvgo_erase_interview(c.handle.engine, interview.c(), chars(requestedBy), C.size_t(len(requestedBy)))
	return c.end(&r)
}

// EraseCandidate erases all interviews of a candidate, by the application's own id (see [NewInterview]), and gives their ids.
//
// As [Engine.EraseInterview]; [ErrNotFound] where no interview has this id.
func (e *Engine) EraseCandidate(ctx context.Context, externalID, requestedBy string) ([]ID, error) {
	return read[[]ID](ctx, e, func(engine *C.vv_engine) C.vvgo_result {
		return C.vvgo_erase_candidate(engine, chars(externalID), C.size_t(len(externalID)), chars(requestedBy), C.size_t(len(requestedBy)))
	})
}

// CopyTo copies everything of all tenants into another engine's store, and gives how many interviews it looked at. Copying again brings the copy up to date.
//
// [ErrConflict] where an interview is there with another log; [ErrInvalidState] where either engine is closed.
func (e *Engine) CopyTo(ctx context.Context, target *Engine) (uint64, error) {
	var from call
	if err := from.begin(ctx, e); err != nil {
		return 0, err
	}
	defer from.handle.release()
	var to call
	if err := to.begin(ctx, target); err != nil {
		return 0, err
	}
	r := C.vvgo_copy_to(from.handle.engine, to.handle.engine)
	err := to.end(&r)
	return uint64(r.count), err
}

// Backup writes a consistent copy of the store to a new file while it is in use; SQLite only.
//
// [ErrUnsupported] on the other stores; [ErrInvalidInput] where the file exists; [ErrStorage] where it cannot be written.
func (e *Engine) Backup(ctx context.Context, path string) error {
	if strings.IndexByte(path, 0) >= 0 {
		return invalidInput("path contains a NUL character")
	}
	var c call
	if err := c.begin(ctx, e); err != nil {
		return err
	}
	r := C.vvgo_backup(c.handle.engine, chars(path+"\x00"))
	return c.end(&r)
}
