package vivavoce

import (
	"encoding/hex"
)

// An ID names an interview, a session, a message or an evaluation: the bytes of a UUID (version 7, so that ids sort by the time they were made), in the order in which they are
// written. The zero ID names nothing.
type ID [16]byte

// ParseID reads an id as documents have it, with hyphens or without, in either case.
//
// [ErrInvalidInput] where it is no UUID.
func ParseID(text string) (ID, error) {
	var id ID
	digits := []byte(text)
	if len(text) == 36 && text[8] == '-' && text[13] == '-' && text[18] == '-' && text[23] == '-' {
		digits = append(append(append(append(digits[:8:8], text[9:13]...), text[14:18]...), text[19:23]...), text[24:]...)
	}
	if len(digits) != 32 {
		return ID{}, invalidInput("the id is not a UUID")
	}
	if _, err := hex.Decode(id[:], digits); err != nil {
		return ID{}, invalidInput("the id is not a UUID")
	}
	return id, nil
}

// String is the id as documents have it: 36 characters.
func (id ID) String() string {
	text, _ := id.AppendText(nil)
	return string(text)
}

// AppendText appends the id as documents have it. It never fails.
func (id ID) AppendText(to []byte) ([]byte, error) {
	for place, part := range [...][]byte{id[:4], id[4:6], id[6:8], id[8:10], id[10:]} {
		if place > 0 {
			to = append(to, '-')
		}
		to = hex.AppendEncode(to, part)
	}
	return to, nil
}

// MarshalText writes the id as documents have it.
func (id ID) MarshalText() ([]byte, error) { return id.AppendText(nil) }

// UnmarshalText reads what [ParseID] reads.
func (id *ID) UnmarshalText(text []byte) error {
	parsed, err := ParseID(string(text))
	if err == nil {
		*id = parsed
	}
	return err
}

// IsZero tells whether the id names nothing.
func (id ID) IsZero() bool { return id == ID{} }
