// The five systems against the vectors, read from the JSON form of the corpus without a runner.

package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"testing"

	"countersign-adapter/message"
	"countersign-adapter/systems"
)

type corpus struct {
	Format   int                        `json:"format"`
	Corpus   string                     `json:"corpus"`
	Readings map[string]json.RawMessage `json:"readings"`
	Vectors  []vector                   `json:"vectors"`
}

type vector struct {
	Name  string `json:"name"`
	Given struct {
		Operation string       `json:"operation"`
		Variant   string       `json:"variant"`
		Sign      *signGiven   `json:"sign"`
		Verify    *verifyGiven `json:"verify"`
	} `json:"given"`
	Expect struct {
		expectation
		Readings map[string]expectation `json:"readings"`
	} `json:"expect"`
}

type expectation struct {
	Stages        map[string]bytesValue `json:"stages"`
	SignedRequest *expectedRequest      `json:"signed_request"`
	Results       []expectedResult      `json:"results"`
}

type expectedRequest struct {
	URL     *bytesValue    `json:"url"`
	Target  *bytesValue    `json:"target"`
	Headers [][]bytesValue `json:"headers"`
	Body    *bytesValue    `json:"body"`
}

type expectedResult struct {
	Outcome string                `json:"outcome"`
	Stages  map[string]bytesValue `json:"stages"`
	Class   systems.Class         `json:"class"`
	Status  string                `json:"status"`
	Code    string                `json:"code"`
	Message string                `json:"message"`
	Reply   string                `json:"reply"`
}

var schemesRun, casesRun, casesPassed int

func TestMain(m *testing.M) {
	code := m.Run()
	fmt.Printf("%d of %d cases passed: vectors of %d schemes, each as decided and under every reading\n",
		casesPassed, casesRun, schemesRun)
	os.Exit(code)
}

func TestVectors(t *testing.T) {
	for _, scheme := range sorted(systems.All) {
		t.Run(scheme, func(t *testing.T) {
			loaded := load(t, scheme)
			schemesRun++
			for _, v := range loaded.Vectors {
				name := strings.TrimPrefix(v.Name, scheme+"/")
				runCase(t, name, scheme, v, "")
				for _, reading := range sorted(loaded.Readings) {
					runCase(t, name+"/"+reading, scheme, v, reading)
				}
			}
		})
	}
}

func sorted[V any](named map[string]V) []string {
	names := make([]string, 0, len(named))
	for name := range named {
		names = append(names, name)
	}
	sort.Strings(names)
	return names
}

func load(t *testing.T, scheme string) corpus {
	folder := os.Getenv("COUNTERSIGN_VECTORS")
	if folder == "" {
		folder = filepath.Join("..", "..", "vectors", "json")
	}
	path := filepath.Join(folder, scheme+".json")
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var loaded corpus
	if err := json.Unmarshal(text, &loaded); err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	if loaded.Corpus == "" || loaded.Format != 2 {
		t.Fatalf("%s: this test reads format 2 with a version stamp, found format %d and version %q",
			path, loaded.Format, loaded.Corpus)
	}
	if len(loaded.Vectors) == 0 {
		t.Fatalf("%s holds no vectors", path)
	}
	return loaded
}

func runCase(t *testing.T, name, scheme string, v vector, reading string) {
	t.Run(name, func(t *testing.T) {
		casesRun++
		defer func() {
			if !t.Failed() {
				casesPassed++
			}
		}()
		operation, found := systems.All[scheme].Operations[v.Given.Operation]
		if !found {
			t.Fatalf("unknown operation %s", v.Given.Operation)
		}
		asked := systems.Call{Operation: v.Given.Operation, Variant: v.Given.Variant, Reading: reading}
		switch {
		case v.Given.Sign != nil:
			checkSign(t, operation, asked, v)
		case v.Given.Verify != nil:
			checkVerify(t, operation, asked, v)
		default:
			t.Fatal("nothing is given to sign or to verify")
		}
	})
}

// expected lays what a reading changes over what holds otherwise.
func (v vector) expected(reading string) expectation {
	whole := v.Expect.expectation
	changed := v.Expect.Readings[reading]
	stages := map[string]bytesValue{}
	for _, source := range []map[string]bytesValue{whole.Stages, changed.Stages} {
		for name, value := range source {
			stages[name] = value
		}
	}
	whole.Stages = stages
	if changed.SignedRequest != nil {
		whole.SignedRequest = changed.SignedRequest
	}
	if changed.Results != nil {
		whole.Results = changed.Results
	}
	return whole
}

func checkSign(t *testing.T, operation systems.Operation, asked systems.Call, v vector) {
	expect := v.expected(asked.Reading)
	if len(expect.Stages) == 0 {
		t.Fatal("no stage is expected")
	}
	task, err := v.Given.Sign.task(asked)
	if err != nil {
		t.Fatal(err)
	}
	stages, err := operation.Sign(task)
	if err != nil {
		t.Fatal(err)
	}
	checkStages(t, stages, expect.Stages)
	if expect.SignedRequest != nil {
		checkRequest(t, task.Message, *expect.SignedRequest)
	}
}

func checkStages(t *testing.T, stages systems.Stages, expect map[string]bytesValue) {
	for name, value := range expect {
		derived, found := stages[name]
		if !found {
			t.Errorf("stage %s is missing", name)
			continue
		}
		checkBytes(t, "stage "+name, derived, &value)
	}
}

func checkRequest(t *testing.T, signed *message.Message, expect expectedRequest) {
	url, _, err := signed.URL()
	if err != nil {
		t.Error(err)
	}
	checkBytes(t, "url", url, expect.URL)
	checkBytes(t, "target", signed.Target, expect.Target)
	checkBytes(t, "body", signed.Body, expect.Body)
	for _, line := range expect.Headers {
		value, found, err := signed.Header(string(line[0]))
		if err != nil || !found {
			t.Errorf("header %s must be there exactly once", line[0])
		}
		checkBytes(t, "header "+string(line[0]), value, &line[1])
	}
}

// checkBytes compares where a value is expected.
func checkBytes(t *testing.T, what, got string, expect *bytesValue) {
	if expect != nil && got != string(*expect) {
		t.Errorf("%s: got %q, expected %q", what, got, string(*expect))
	}
}

func checkVerify(t *testing.T, operation systems.Operation, asked systems.Call, v vector) {
	expect := v.expected(asked.Reading)
	tasks, err := v.Given.Verify.tasks(asked)
	if err != nil {
		t.Fatal(err)
	}
	if len(tasks) != len(expect.Results) {
		t.Fatalf("%d messages, but %d results are expected", len(tasks), len(expect.Results))
	}
	for i, task := range tasks {
		stages, err := operation.Verify(task)
		got, err := writeResult(stages, err)
		if err != nil {
			t.Fatalf("message %d: %v", i+1, err)
		}
		checkResult(t, i+1, got, expect.Results[i])
		if got.Accept {
			checkStages(t, stages, expect.Results[i].Stages)
		}
	}
}

func checkResult(t *testing.T, message int, got result, expect expectedResult) {
	outcome := "reject"
	if got.Accept {
		outcome = "accept"
	}
	if outcome != expect.Outcome || got.Class != expect.Class {
		t.Errorf("message %d: got %s %s, expected %s %s", message, outcome, got.Class, expect.Outcome, expect.Class)
	}
	for _, part := range []struct{ what, got, expect string }{
		{"status", got.Status, expect.Status},
		{"code", got.Code, expect.Code},
		{"message", got.Message, expect.Message},
		{"reply", got.Reply, expect.Reply},
	} {
		if part.got != "" && part.expect != "" && part.got != part.expect {
			t.Errorf("message %d: %s: got %q, expected %q", message, part.what, part.got, part.expect)
		}
	}
}
