// The replies, from what the systems give to JSON.

package main

import (
	"encoding/hex"
	"encoding/json"
	"errors"
	"unicode/utf8"

	"countersign-adapter/message"
	"countersign-adapter/systems"
)

// reply is one line of output; a reply has one kind of content, so all but seq may be left out.
type reply struct {
	Seq json.RawMessage `json:"seq"`
	*hello
	*signReply
	Results []result `json:"results,omitempty"`
	Skipped string   `json:"skipped,omitempty"`
	Error   string   `json:"error,omitempty"`
}

type hello struct {
	Name         string              `json:"name"`
	Version      string              `json:"version"`
	Language     string              `json:"language"`
	Schemes      map[string][]string `json:"schemes"`
	Capabilities []string            `json:"capabilities"`
}

func newHello() *hello {
	schemes := map[string][]string{}
	for name := range systems.All {
		schemes[name] = []string{"sign", "verify"}
	}
	return &hello{
		Name:         "countersign-go-example",
		Version:      "1.0",
		Language:     "go",
		Schemes:      schemes,
		Capabilities: []string{"time", "credentials", "state", "client-address", "readings"},
	}
}

type signReply struct {
	Stages        map[string]written `json:"stages"`
	SignedRequest signedRequest      `json:"signed_request"`
}

type signedRequest struct {
	Method  written      `json:"method"`
	Scheme  written      `json:"scheme"`
	Target  written      `json:"target"`
	Headers [][2]written `json:"headers"`
	Body    written      `json:"body"`
}

type result struct {
	Accept  bool               `json:"accept"`
	Stages  map[string]written `json:"stages,omitempty"`
	Class   systems.Class      `json:"class,omitempty"`
	Status  string             `json:"status,omitempty"`
	Code    string             `json:"code,omitempty"`
	Message string             `json:"message,omitempty"`
	Reply   string             `json:"reply,omitempty"`
}

// written is how bytes stand in JSON: a text where they are UTF-8, and {"hex": "…"} otherwise.
type written any

func writeBytes(value string) written {
	if utf8.ValidString(value) {
		return value
	}
	return map[string]string{"hex": hex.EncodeToString([]byte(value))}
}

func writeStages(stages systems.Stages) map[string]written {
	out := make(map[string]written, len(stages))
	for name, value := range stages {
		out[name] = writeBytes(value)
	}
	return out
}

func writeSigned(m *message.Message) signedRequest {
	headers := make([][2]written, len(m.Headers))
	for i, line := range m.Headers {
		headers[i] = [2]written{writeBytes(line.Name), writeBytes(line.Value)}
	}
	return signedRequest{
		Method:  writeBytes(m.Method),
		Scheme:  writeBytes(m.Scheme),
		Target:  writeBytes(m.Target),
		Headers: headers,
		Body:    writeBytes(m.Body),
	}
}

// writeResult tells a refusal, which is a result, from a failure, which is none.
func writeResult(stages systems.Stages, err error) (result, error) {
	var refusal *systems.Refusal
	if errors.As(err, &refusal) {
		return result{
			Class:   refusal.Class,
			Status:  refusal.Status,
			Code:    refusal.Code,
			Message: refusal.Message,
			Reply:   refusal.Reply,
		}, nil
	}
	if err != nil {
		return result{}, err
	}
	return result{Accept: true, Stages: writeStages(stages)}, nil
}
