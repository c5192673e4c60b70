// From what a caller means to what stands on the wire.

package message

// Meant is a request before anything of it is encoded.
type Meant struct {
	Method  string
	Scheme  string
	Host    string
	Path    string
	Query   []Pair
	Target  *string // exact, in place of path and query
	Headers []Header
	Body    string
}

// Compose writes a request. Host stands first unless the caller has placed it.
func Compose(meant Meant) *Message {
	headers := make([]Header, 0, len(meant.Headers)+3)
	if !hasHeader(meant.Headers, "Host") {
		headers = append(headers, Header{"Host", meant.Host})
	}
	return &Message{
		Method:  meant.Method,
		Scheme:  meant.Scheme,
		Target:  composeTarget(meant),
		Headers: append(headers, meant.Headers...),
		Body:    meant.Body,
	}
}

func composeTarget(meant Meant) string {
	if meant.Target != nil {
		return *meant.Target
	}
	target := percentEncodePath(meant.Path)
	if len(meant.Query) > 0 {
		target += "?" + writeFields(meant.Query)
	}
	return target
}

func hasHeader(headers []Header, name string) bool {
	for _, line := range headers {
		if EqualFold(line.Name, name) {
			return true
		}
	}
	return false
}
