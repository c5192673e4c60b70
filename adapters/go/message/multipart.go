// Reading a multipart/form-data body (RFC 7578, RFC 2046 section 5.1.1), byte by byte.

package message

import (
	"fmt"
	"strings"
)

// Multipart reads the parts of the body as fields, files included. A body of another media type
// has none.
func (m *Message) Multipart() ([]Pair, error) {
	mediaType, parameters, err := m.mediaType()
	if err != nil || mediaType != multipartType {
		return nil, err
	}
	boundary, _, err := parameter(parameters, "boundary")
	if err != nil {
		return nil, err
	}
	if boundary == "" {
		return nil, fmt.Errorf("%w: multipart body without a boundary", ErrMalformed)
	}
	parts, err := splitParts(m.Body, boundary)
	if err != nil {
		return nil, err
	}
	fields := make([]Pair, 0, len(parts))
	for _, part := range parts {
		field, err := readPart(part)
		if err != nil {
			return nil, err
		}
		fields = append(fields, field)
	}
	return fields, nil
}

// splitParts gives what stands between the delimiters. The line break before a delimiter belongs
// to the delimiter, so one is put before the body for the first.
func splitParts(body, boundary string) ([]string, error) {
	rest := "\r\n" + body
	var parts []string
	for first := true; ; first = false {
		part, after, last, err := cutAtDelimiter(rest, "\r\n--"+boundary)
		if err != nil {
			return nil, err
		}
		if !first { // what precedes the first delimiter is a preamble, which nobody reads
			parts = append(parts, part)
		}
		if last {
			return parts, nil
		}
		rest = after
	}
}

// cutAtDelimiter splits at the next delimiter line. A longer line that only begins like one is
// part of the text. The line break after the line stays with the rest: an empty part has no other.
func cutAtDelimiter(text, delimiter string) (part, rest string, last bool, err error) {
	for from := 0; ; {
		at := strings.Index(text[from:], delimiter)
		if at < 0 {
			return "", "", false, fmt.Errorf("%w: multipart body without an end", ErrMalformed)
		}
		part, rest = text[:from+at], text[from+at+len(delimiter):]
		last = strings.HasPrefix(rest, "--")
		rest = strings.TrimLeft(strings.TrimPrefix(rest, "--"), " \t")
		if strings.HasPrefix(rest, "\r\n") || last && rest == "" {
			return part, rest, last, nil
		}
		from += at + len(delimiter)
	}
}

// readPart takes a part's value as it is: neither percent nor plus means anything in it.
func readPart(part string) (Pair, error) {
	head, value, found := strings.Cut(part, "\r\n\r\n")
	if !found {
		return Pair{}, fmt.Errorf("%w: part without an end of its header", ErrMalformed)
	}
	var lines Message
	for _, line := range strings.Split(strings.TrimPrefix(head, "\r\n"), "\r\n") {
		name, text, found := strings.Cut(line, ":")
		if !found {
			return Pair{}, fmt.Errorf("%w: header line of a part without a colon", ErrMalformed)
		}
		lines.Headers = append(lines.Headers, Header{name, trimBlanks(text)})
	}
	disposition, _, err := lines.Header("Content-Disposition")
	if err != nil {
		return Pair{}, err
	}
	kind, parameters := cutParameters(disposition)
	name, named, err := parameter(parameters, "name")
	if err != nil {
		return Pair{}, err
	}
	if kind != "form-data" || !named {
		return Pair{}, fmt.Errorf("%w: part without a name", ErrMalformed)
	}
	return Pair{name, value, true}, nil
}
