// Package message holds an HTTP message as exact bytes: how it is written, and how it is read strictly.
//
// A Go string may hold any bytes, and every string of this package does.
package message

import (
	"errors"
	"fmt"
	"strings"
)

// ErrMalformed says that something on the wire does not parse.
var ErrMalformed = errors.New("malformed message")

// Header is one header line.
type Header struct {
	Name, Value string
}

// Message is an HTTP request as it stands on the wire.
type Message struct {
	Method  string
	Scheme  string
	Target  string
	Headers []Header
	Body    string
}

// Header gives the value of the one line of this name. Two lines are malformed, since readers
// differ on which of them counts.
func (m *Message) Header(name string) (value string, found bool, err error) {
	for _, line := range m.Headers {
		if !EqualFold(line.Name, name) {
			continue
		}
		if found {
			return "", false, fmt.Errorf("%w: header %s is repeated", ErrMalformed, name)
		}
		value, found = line.Value, true
	}
	return value, found, nil
}

// SetHeader puts one line in the place of all lines of its name, or at the end.
func (m *Message) SetHeader(name, value string) {
	kept := make([]Header, 0, len(m.Headers)+1)
	placed := false
	for _, line := range m.Headers {
		if !EqualFold(line.Name, name) {
			kept = append(kept, line)
		} else if !placed {
			kept = append(kept, Header{name, value})
			placed = true
		}
	}
	if !placed {
		kept = append(kept, Header{name, value})
	}
	m.Headers = kept
}

// RawPath is the part of the target before the first question mark.
func (m *Message) RawPath() string {
	path, _, _ := strings.Cut(m.Target, "?")
	return path
}

// URL is scheme, host and target. It is not found where the message names no host.
func (m *Message) URL() (url string, found bool, err error) {
	host, found, err := m.Header("Host")
	if err != nil || !found {
		return "", false, err
	}
	return m.Scheme + "://" + host + m.Target, true, nil
}
