// A JSON body: reading the text members of an object, and adding one without touching the rest.

package message

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"
)

// Object is a JSON object: its members by name, each as it is written.
type Object map[string]json.RawMessage

// JSON reads the body, whatever its media type. It must be one object without duplicate members:
// readers differ on what a repeated member means.
func (m *Message) JSON() (Object, error) {
	body := []byte(m.Body)
	if err := CheckJSON(body); err != nil {
		return nil, fmt.Errorf("%w: %v", ErrMalformed, err)
	}
	decoder := json.NewDecoder(bytes.NewReader(body))
	if start, err := decoder.Token(); err != nil || start != json.Delim('{') {
		return nil, fmt.Errorf("%w: the body is no JSON object", ErrMalformed)
	}
	object := Object{}
	for decoder.More() {
		name, err := decoder.Token()
		if err != nil {
			return nil, fmt.Errorf("%w: %v", ErrMalformed, err)
		}
		var value json.RawMessage
		if err := decoder.Decode(&value); err != nil {
			return nil, fmt.Errorf("%w: %v", ErrMalformed, err)
		}
		if _, seen := object[name.(string)]; seen {
			return nil, fmt.Errorf("%w: JSON member %s is repeated", ErrMalformed, name)
		}
		object[name.(string)] = value
	}
	return object, nil
}

// Text gives the value of a member that must be a text where it is there.
func (o Object) Text(name string) (string, error) {
	raw, found := o[name]
	if !found {
		return "", nil
	}
	var text *string
	if err := json.Unmarshal(raw, &text); err != nil || text == nil {
		return "", fmt.Errorf("%w: JSON member %s is no text", ErrMalformed, name)
	}
	return *text, nil
}

// SetJSON makes a text the last member of the object; a member of its name must not be there.
func (m *Message) SetJSON(name, value string) error {
	if !utf8.ValidString(value) {
		return fmt.Errorf("the value of JSON member %s is not UTF-8", name)
	}
	if m.Body == "" {
		m.Body = "{}"
	}
	object, err := m.JSON()
	if err != nil {
		return err
	}
	if _, seen := object[name]; seen {
		return fmt.Errorf("JSON member %s is there already", name)
	}
	brace := strings.LastIndexByte(m.Body, '}')
	comma := ","
	if len(object) == 0 {
		comma = ""
	}
	m.Body = m.Body[:brace] + comma + quoteJSON(name) + ":" + quoteJSON(value) + m.Body[brace:]
	return nil
}

// quoteJSON escapes what RFC 8259, section 7, says must be escaped and nothing else, which
// encoding/json does not.
func quoteJSON(text string) string {
	var out strings.Builder
	out.WriteByte('"')
	for i := 0; i < len(text); i++ {
		c := text[i]
		if short := strings.IndexByte("\"\\\b\f\n\r\t", c); short >= 0 {
			out.WriteByte('\\')
			out.WriteByte(`"\bfnrt`[short])
		} else if c < 0x20 {
			fmt.Fprintf(&out, `\u%04x`, c)
		} else {
			out.WriteByte(c)
		}
	}
	out.WriteByte('"')
	return out.String()
}

// CheckJSON says why a text is no JSON. It is stricter than encoding/json, which takes bytes that
// are not UTF-8, and halves of surrogate pairs, for U+FFFD without a word.
func CheckJSON(text []byte) error {
	if !utf8.Valid(text) {
		return errors.New("JSON that is not UTF-8")
	}
	if !json.Valid(text) {
		return errors.New("not JSON")
	}
	if hasLoneSurrogate(text) {
		return errors.New("JSON with half of a surrogate pair")
	}
	return nil
}

// hasLoneSurrogate looks at the escapes of a valid JSON text, in which a backslash stands in
// strings only.
func hasLoneSurrogate(text []byte) bool {
	for i := bytes.IndexByte(text, '\\'); i >= 0 && i < len(text); i++ {
		if text[i] != '\\' {
			continue
		}
		switch surrogateAt(text, i) {
		case high:
			if surrogateAt(text, i+6) != low {
				return true
			}
			i += 11
		case low:
			return true
		default:
			i++
		}
	}
	return false
}

type surrogate int

const (
	none surrogate = iota
	high
	low
)

// surrogateAt says what kind of surrogate the escape at this place is, if there is one.
func surrogateAt(text []byte, at int) surrogate {
	if at+6 > len(text) || text[at] != '\\' || text[at+1] != 'u' || lowerByte(text[at+2]) != 'd' {
		return none
	}
	switch hexValue(text[at+3]) >> 2 {
	case 2:
		return high
	case 3:
		return low
	}
	return none
}
