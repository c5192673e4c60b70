// The protocol: what a reply echoes, and what one bad line does to the next.

package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"io"
	"strings"
	"testing"
)

const goodCall = `{"seq":7,"op":"sign","scheme":"flipsnack","operation":"request","given":` +
	`{"account":{"api_key":"k","secret":"s"},"request":{"method":"GET","host":"h","path":"/"}}}`

// badCalls are answered with an error and the seq beside them.
var badCalls = map[string]struct{ line, seq string }{
	"not JSON":                  {`garbage`, `null`},
	"JSON that is no object":    {`[1]`, `null`},
	"not UTF-8":                 {"{\"seq\":1,\"op\":\"\xff\"}", `null`},
	"half of a surrogate pair":  {`{"seq":1,"op":"\ud800"}`, `null`},
	"no op":                     {`{"seq":1}`, `1`},
	"unknown op":                {`{"seq":1,"op":"dance"}`, `1`},
	"op of another type":        {`{"seq":"a<b","op":1}`, `"a<b"`},
	"seq of another type":       {`{"seq":{"a": [1.50]},"op":"dance"}`, `{"a":[1.50]}`},
	"another protocol":          {`{"seq":1,"op":"start","protocol":2}`, `1`},
	"no given":                  {`{"seq":1,"op":"sign","scheme":"flipsnack","operation":"request"}`, `1`},
	"given of another type":     {`{"seq":1,"op":"verify","scheme":"flipsnack","operation":"request","given":[]}`, `1`},
	"no messages":               {strings.Replace(goodCall, "sign", "verify", 1), `7`},
	"no account":                {strings.Replace(goodCall, "account", "other", 1), `7`},
	"no secret":                 {strings.Replace(goodCall, "secret", "other", 1), `7`},
	"no method":                 {strings.Replace(goodCall, "method", "other", 1), `7`},
	"neither path nor target":   {strings.Replace(goodCall, "path", "other", 1), `7`},
	"bytes of another type":     {strings.Replace(goodCall, `"k"`, `1`, 1), `7`},
	"hex that is no hex":        {strings.Replace(goodCall, `"k"`, `{"hex":"0"}`, 1), `7`},
	"broken escape in a target": {strings.Replace(goodCall, `"path":"/"`, `"target":"/?%"`, 1), `7`},
}

func TestBadLinesAreAnsweredWithErrors(t *testing.T) {
	for name, bad := range badCalls {
		t.Run(name, func(t *testing.T) {
			replies := converse(t, bad.line+"\n"+goodCall+"\n")
			if len(replies) != 2 {
				t.Fatalf("%d replies to two lines", len(replies))
			}
			if replies[0].Error == "" || string(replies[0].Seq) != bad.seq {
				t.Errorf("got %+v, expected an error with seq %s", replies[0], bad.seq)
			}
			if replies[1].Error != "" || len(replies[1].Stages) == 0 {
				t.Errorf("the next line was not answered: %+v", replies[1])
			}
		})
	}
}

func TestUnknownNamesAreSkipped(t *testing.T) {
	for _, unknown := range []string{
		strings.Replace(goodCall, "flipsnack", "flapsnack", 1),
		strings.Replace(goodCall, `"request"`, `"response"`, 1),
		strings.Replace(goodCall, `"op"`, `"variant":"x","op"`, 1),
		strings.Replace(goodCall, `"op"`, `"reading":"x","op"`, 1),
	} {
		replies := converse(t, unknown)
		if len(replies) != 1 || !strings.HasPrefix(replies[0].Skipped, "no support for ") {
			t.Errorf("%s: got %+v", unknown, replies)
		}
	}
}

func TestStopEndsTheRun(t *testing.T) {
	if replies := converse(t, `{"seq":1,"op":"stop"}`+"\n"+goodCall+"\n"); len(replies) != 0 {
		t.Errorf("%d replies after stop", len(replies))
	}
}

func TestRepliesDoNotWaitForMoreInput(t *testing.T) {
	input, feed := io.Pipe()
	answers, output := io.Pipe()
	ended := make(chan error)
	go func() { ended <- run(input, output) }()
	if _, err := io.WriteString(feed, goodCall+"\n{\"seq\":8,"); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(answers).ReadString('\n')
	if err != nil || !strings.HasPrefix(line, `{"seq":7,"stages"`) {
		t.Errorf("got %q, %v", line, err)
	}
	go io.Copy(io.Discard, answers) // what the cut line is answered with
	feed.Close()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

type answeredLine struct {
	Seq     json.RawMessage       `json:"seq"`
	Stages  map[string]bytesValue `json:"stages"`
	Skipped string                `json:"skipped"`
	Error   string                `json:"error"`
}

func converse(t *testing.T, input string) []answeredLine {
	var output bytes.Buffer
	if err := run(strings.NewReader(input), &output); err != nil {
		t.Fatal(err)
	}
	var replies []answeredLine
	for decoder := json.NewDecoder(&output); decoder.More(); {
		var answered answeredLine
		if err := decoder.Decode(&answered); err != nil {
			t.Fatal(err)
		}
		replies = append(replies, answered)
	}
	return replies
}
