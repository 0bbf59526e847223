package vivavoce

import (
	"bytes"
	"encoding/json"
	"maps"
	"reflect"
	"slices"
	"strings"
)

// unknown are the fields of a document that its struct does not have. An interview file may have them by mistake, or because the library is newer than this package: they go on to
// the library, which says that they are wrong, or knows them.
type unknown map[string]json.RawMessage

// readAll reads a document, and what into does not have; into must have no methods of its own.
func readAll(data []byte, into any) (unknown, error) {
	strict := json.NewDecoder(bytes.NewReader(data))
	strict.DisallowUnknownFields()
	if strict.Decode(into) == nil {
		return nil, nil
	}
	var fields unknown
	if err := json.Unmarshal(data, into); err != nil {
		return nil, err
	}
	if err := json.Unmarshal(data, &fields); err != nil {
		return nil, err
	}
	// The names are compared as encoding/json does.
	for _, field := range reflect.VisibleFields(reflect.TypeOf(into).Elem()) {
		if known, _, _ := strings.Cut(field.Tag.Get("json"), ","); known != "" {
			maps.DeleteFunc(fields, func(name string, _ json.RawMessage) bool { return strings.EqualFold(name, known) })
		}
	}
	return fields, nil
}

// writeAll writes a document, and then what it does not have.
func writeAll(document any, more unknown) ([]byte, error) {
	text, err := json.Marshal(document)
	if err != nil || len(more) == 0 {
		return text, err
	}
	text = text[:len(text)-1]
	for _, name := range slices.Sorted(maps.Keys(more)) {
		if len(text) > 1 {
			text = append(text, ',')
		}
		key, err := json.Marshal(name)
		if err != nil {
			return nil, err
		}
		text = append(append(append(text, key...), ':'), more[name]...)
	}
	return append(text, '}'), nil
}
