package vivavoce

import (
	"encoding/json"
	"reflect"
	"unicode/utf8"
)

// unmarshal reads what the library writes. It is a variable so that the tests can hold every document that they meet against its struct.
var unmarshal = json.Unmarshal

// decode reads a document of the library's. Fields that a newer library has are passed over. What encoding/json says of a wrong value may repeat it, and it may be a candidate's.
func decode(document []byte, into any) error {
	if unmarshal(document, into) != nil {
		return &Error{Kind: ErrInternal, Message: "a document of the library is not as this package knows it"}
	}
	return nil
}

// encode writes a document for the library; what names it in errors. Text that is no UTF-8 is refused: encoding/json would replace it in silence.
func encode(what string, document any) (string, error) {
	if !isUTF8(reflect.ValueOf(document)) {
		return "", invalidInput("%s holds text that is not UTF-8", what)
	}
	text, err := json.Marshal(document)
	if err != nil {
		return "", invalidInput("%s has no JSON form: a number is not finite", what)
	}
	return string(text), nil
}

// isUTF8 tells whether every text within a document is UTF-8.
func isUTF8(value reflect.Value) bool {
	switch value.Kind() {
	case reflect.String:
		return utf8.ValidString(value.String())
	case reflect.Pointer, reflect.Interface:
		return value.IsNil() || isUTF8(value.Elem())
	case reflect.Slice:
		for place := range value.Len() {
			if !isUTF8(value.Index(place)) {
				return false
			}
		}
	case reflect.Map:
		for entries := value.MapRange(); entries.Next(); {
			if !isUTF8(entries.Key()) || !isUTF8(entries.Value()) {
				return false
			}
		}
	case reflect.Struct:
		for place := range value.NumField() {
			if !isUTF8(value.Field(place)) {
				return false
			}
		}
	}
	return true
}
