// Fields of the query and of a form body: reading them, and adding one.

package message

import (
	"fmt"
	"strings"
)

// Pair is a field. A field without an equals sign has no value, which differs from an empty one.
type Pair struct {
	Name     string
	Value    string
	HasValue bool
}

// Query reads the fields of the target as a form, in which a plus sign means a space.
func (m *Message) Query() ([]Pair, error) {
	_, query, _ := strings.Cut(m.Target, "?")
	return readFields(query)
}

// Form reads the fields of the body. A body of another media type has none.
func (m *Message) Form() ([]Pair, error) {
	mediaType, _, err := m.mediaType()
	if err != nil || mediaType != formType {
		return nil, err
	}
	return readFields(m.Body)
}

// One gives the value of the one field of this name. A repeated field is malformed.
func One(fields []Pair, name string) (value string, found bool, err error) {
	for _, field := range fields {
		if field.Name != name {
			continue
		}
		if found {
			return "", false, fmt.Errorf("%w: field %s is repeated", ErrMalformed, name)
		}
		value, found = field.Value, true
	}
	return value, found, nil
}

// Last gives the value of the last field of this name, which is empty where there is none.
func Last(fields []Pair, name string) string {
	for i := len(fields) - 1; i >= 0; i-- {
		if fields[i].Name == name {
			return fields[i].Value
		}
	}
	return ""
}

// SetQuery puts a field at the end of the query; fields of its name that were there go away.
func (m *Message) SetQuery(name, value string) error {
	path, query, _ := strings.Cut(m.Target, "?")
	query, err := setField(query, name, value)
	if err != nil {
		return err
	}
	m.Target = path + "?" + query
	return nil
}

// SetForm does the same to the body, which must be a form.
func (m *Message) SetForm(name, value string) error {
	mediaType, _, err := m.mediaType()
	if err != nil {
		return err
	}
	if mediaType != formType {
		return fmt.Errorf("the body is no form, so field %s cannot be added to it", name)
	}
	m.Body, err = setField(m.Body, name, value)
	return err
}

// setField works on the text as it is written, so that whatever stays keeps its escapes.
func setField(fields, name, value string) (string, error) {
	var kept []string
	if fields != "" {
		for _, piece := range strings.Split(fields, "&") {
			field, err := readField(piece)
			if err != nil {
				return "", err
			}
			if piece == "" || field.Name != name {
				kept = append(kept, piece)
			}
		}
	}
	kept = append(kept, writeField(Pair{name, value, true}))
	return strings.Join(kept, "&"), nil
}

func readFields(text string) ([]Pair, error) {
	var fields []Pair
	for _, piece := range strings.Split(text, "&") {
		if piece == "" {
			continue
		}
		field, err := readField(piece)
		if err != nil {
			return nil, err
		}
		fields = append(fields, field)
	}
	return fields, nil
}

func readField(piece string) (Pair, error) {
	rawName, rawValue, hasValue := strings.Cut(strings.ReplaceAll(piece, "+", " "), "=")
	name, err := PercentDecode(rawName)
	if err != nil {
		return Pair{}, err
	}
	value, err := PercentDecode(rawValue)
	return Pair{name, value, hasValue}, err
}

func writeFields(fields []Pair) string {
	written := make([]string, len(fields))
	for i, field := range fields {
		written[i] = writeField(field)
	}
	return strings.Join(written, "&")
}

func writeField(field Pair) string {
	if !field.HasValue {
		return PercentEncode(field.Name)
	}
	return PercentEncode(field.Name) + "=" + PercentEncode(field.Value)
}
