// The `given` of a message, from JSON to what the systems take.

package main

import (
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"

	"countersign-adapter/message"
	"countersign-adapter/systems"
)

// bytesValue is a JSON text, meaning its UTF-8 bytes, or {"hex": "…"}.
type bytesValue string

func (b *bytesValue) UnmarshalJSON(raw []byte) error {
	if len(raw) > 0 && raw[0] == '"' {
		return json.Unmarshal(raw, (*string)(b))
	}
	var object struct {
		Hex *string `json:"hex"`
	}
	if err := json.Unmarshal(raw, &object); err != nil {
		return err
	}
	if object.Hex == nil {
		return errors.New(`bytes are a text or {"hex": "…"}`)
	}
	decoded, err := hex.DecodeString(*object.Hex)
	*b = bytesValue(decoded)
	return err
}

// accountValue holds credentials, and lists of addresses, by name.
type accountValue systems.Account

func (a *accountValue) UnmarshalJSON(raw []byte) error {
	var members map[string]json.RawMessage
	if err := json.Unmarshal(raw, &members); err != nil {
		return err
	}
	a.Values = map[string]string{}
	a.Addresses = map[string][]string{}
	for name, member := range members {
		if member[0] == '[' {
			var addresses []string
			if err := json.Unmarshal(member, &addresses); err != nil {
				return fmt.Errorf("account: %s: %w", name, err)
			}
			a.Addresses[name] = addresses
			continue
		}
		var value *bytesValue
		if err := json.Unmarshal(member, &value); err != nil {
			return fmt.Errorf("account: %s: %w", name, err)
		}
		if value != nil {
			a.Values[name] = string(*value)
		}
	}
	return nil
}

type signGiven struct {
	Account    *accountValue         `json:"account"`
	Parameters map[string]bytesValue `json:"parameters"`
	Time       string                `json:"time"`
	Nonce      *bytesValue           `json:"nonce"`
	Request    *meantRequest         `json:"request"`
}

type meantRequest struct {
	Method  *bytesValue    `json:"method"`
	Scheme  *bytesValue    `json:"scheme"`
	Host    *bytesValue    `json:"host"`
	Path    *bytesValue    `json:"path"`
	Query   [][]bytesValue `json:"query"`
	Target  *bytesValue    `json:"target"`
	Headers [][]bytesValue `json:"headers"`
	Body    *bytesValue    `json:"body"`
}

func (g *signGiven) task(call systems.Call) (*systems.Signing, error) {
	if g.Account == nil || g.Request == nil {
		return nil, errors.New("account and request are needed for signing")
	}
	composed, err := g.Request.compose()
	if err != nil {
		return nil, err
	}
	return &systems.Signing{
		Call:       call,
		Message:    composed,
		Account:    systems.Account(*g.Account),
		Parameters: readParameters(g.Parameters),
		Time:       g.Time,
		Nonce:      (*string)(g.Nonce),
	}, nil
}

func (r *meantRequest) compose() (*message.Message, error) {
	if r.Method == nil || r.Host == nil || (r.Path == nil) == (r.Target == nil) {
		return nil, errors.New("method, host, and either path or target are needed in a request")
	}
	query, err := readPairs(r.Query)
	if err != nil {
		return nil, err
	}
	headers, err := readHeaders(r.Headers)
	if err != nil {
		return nil, err
	}
	return message.Compose(message.Meant{
		Method:  text(r.Method, ""),
		Scheme:  text(r.Scheme, "https"),
		Host:    text(r.Host, ""),
		Path:    text(r.Path, ""),
		Query:   query,
		Target:  (*string)(r.Target),
		Headers: headers,
		Body:    text(r.Body, ""),
	}), nil
}

type verifyGiven struct {
	Accounts   []accountValue        `json:"accounts"`
	Parameters map[string]bytesValue `json:"parameters"`
	Messages   []messageGiven        `json:"messages"`
}

type messageGiven struct {
	Now           *string      `json:"now"`
	ClientAddress string       `json:"client_address"`
	Request       *wireRequest `json:"request"`
}

type wireRequest struct {
	Method  *bytesValue    `json:"method"`
	Scheme  *bytesValue    `json:"scheme"`
	Target  *bytesValue    `json:"target"`
	Headers [][]bytesValue `json:"headers"`
	Body    *bytesValue    `json:"body"`
}

// tasks gives one task a message; what one message leaves behind is there for the next.
func (g *verifyGiven) tasks(call systems.Call) ([]*systems.Verification, error) {
	if len(g.Messages) == 0 {
		return nil, errors.New("messages are needed for verifying")
	}
	accounts := make([]systems.Account, len(g.Accounts))
	for i, account := range g.Accounts {
		accounts[i] = systems.Account(account)
	}
	parameters := readParameters(g.Parameters)
	state := systems.NewState()
	tasks := make([]*systems.Verification, len(g.Messages))
	for i, given := range g.Messages {
		received, err := given.Request.message()
		if err != nil {
			return nil, fmt.Errorf("message %d: %w", i+1, err)
		}
		now, err := given.now()
		if err != nil {
			return nil, fmt.Errorf("message %d: now: %w", i+1, err)
		}
		tasks[i] = &systems.Verification{
			Call:          call,
			Message:       received,
			Accounts:      accounts,
			Parameters:    parameters,
			Now:           now,
			ClientAddress: given.ClientAddress,
			State:         state,
		}
	}
	return tasks, nil
}

func (s *messageGiven) now() (*systems.Instant, error) {
	if s.Now == nil {
		return nil, nil
	}
	moment, err := systems.ParseTime(*s.Now)
	return &moment, err
}

func (r *wireRequest) message() (*message.Message, error) {
	if r == nil || r.Method == nil || r.Target == nil {
		return nil, errors.New("method and target are needed in a request")
	}
	headers, err := readHeaders(r.Headers)
	if err != nil {
		return nil, err
	}
	return &message.Message{
		Method:  text(r.Method, ""),
		Scheme:  text(r.Scheme, "https"),
		Target:  text(r.Target, ""),
		Headers: headers,
		Body:    text(r.Body, ""),
	}, nil
}

func text(value *bytesValue, otherwise string) string {
	if value == nil {
		return otherwise
	}
	return string(*value)
}

func readParameters(values map[string]bytesValue) systems.Parameters {
	parameters := systems.Parameters{}
	for name, value := range values {
		parameters[name] = string(value)
	}
	return parameters
}

func readPairs(lists [][]bytesValue) ([]message.Pair, error) {
	pairs := make([]message.Pair, len(lists))
	for i, list := range lists {
		switch len(list) {
		case 1:
			pairs[i] = message.Pair{Name: string(list[0])}
		case 2:
			pairs[i] = message.Pair{Name: string(list[0]), Value: string(list[1]), HasValue: true}
		default:
			return nil, errors.New("a query field is [name] or [name, value]")
		}
	}
	return pairs, nil
}

func readHeaders(lists [][]bytesValue) ([]message.Header, error) {
	headers := make([]message.Header, len(lists))
	for i, list := range lists {
		if len(list) != 2 {
			return nil, errors.New("a header is [name, value]")
		}
		headers[i] = message.Header{Name: string(list[0]), Value: string(list[1])}
	}
	return headers, nil
}
