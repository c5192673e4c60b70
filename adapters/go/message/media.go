// Header values with parameters: the media type of a body, and the disposition of a part.

package message

import (
	"fmt"
	"strings"
)

const (
	formType      = "application/x-www-form-urlencoded"
	multipartType = "multipart/form-data"
)

// mediaType gives the media type of the body in small letters, and its parameters as written.
// It is empty where no Content-Type says one.
func (m *Message) mediaType() (mediaType, parameters string, err error) {
	value, _, err := m.Header("Content-Type")
	if err != nil {
		return "", "", err
	}
	mediaType, parameters = cutParameters(value)
	return mediaType, parameters, nil
}

func cutParameters(value string) (kind, parameters string) {
	kind, parameters, _ = strings.Cut(value, ";")
	return LowerASCII(trimBlanks(kind)), parameters
}

// parameter finds one parameter; its value is a token or a quoted string. The whole list must
// parse, and the parameter must not be repeated.
func parameter(list, name string) (value string, found bool, err error) {
	for rest := trimBlanks(list); rest != ""; {
		key, after, hasValue := strings.Cut(rest, "=")
		if !hasValue {
			return "", false, fmt.Errorf("%w: parameter without a value", ErrMalformed)
		}
		var text string
		text, rest, err = cutParameterValue(after)
		if err != nil {
			return "", false, err
		}
		if !EqualFold(trimBlanks(key), name) {
			continue
		}
		if found {
			return "", false, fmt.Errorf("%w: parameter %s is repeated", ErrMalformed, name)
		}
		value, found = text, true
	}
	return value, found, nil
}

// cutParameterValue splits the text after an equals sign into the value and the next parameters.
func cutParameterValue(text string) (value, rest string, err error) {
	if !strings.HasPrefix(text, `"`) {
		value, rest, _ = strings.Cut(text, ";")
		return trimBlanks(value), trimBlanks(rest), nil
	}
	var unquoted strings.Builder
	for i := 1; i < len(text); i++ {
		switch c := text[i]; {
		case c == '"':
			rest = trimBlanks(text[i+1:])
			if rest != "" && rest[0] != ';' {
				return "", "", fmt.Errorf("%w: text after a quoted parameter", ErrMalformed)
			}
			return unquoted.String(), trimBlanks(strings.TrimPrefix(rest, ";")), nil
		case c == '\\' && i+1 < len(text):
			i++
			unquoted.WriteByte(text[i])
		default:
			unquoted.WriteByte(c)
		}
	}
	return "", "", fmt.Errorf("%w: quoted parameter without an end", ErrMalformed)
}

func trimBlanks(text string) string {
	return strings.Trim(text, " \t")
}
