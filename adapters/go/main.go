// Command countersign-adapter connects five example systems to the adapter protocol, version 1: it
// reads JSON lines on standard input and answers each on standard output.
package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"

	"countersign-adapter/message"
	"countersign-adapter/systems"
)

func main() {
	if err := run(os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "countersign-adapter:", err)
		os.Exit(1)
	}
}

// call is one line of input. What `given` holds depends on `op`.
type call struct {
	Seq       json.RawMessage `json:"seq"`
	Op        string          `json:"op"`
	Protocol  json.RawMessage `json:"protocol"`
	Scheme    string          `json:"scheme"`
	Operation string          `json:"operation"`
	Variant   string          `json:"variant"`
	Reading   string          `json:"reading"`
	Given     json.RawMessage `json:"given"`
}

// run answers until it is told to stop or the input ends.
func run(input io.Reader, output io.Writer) error {
	reader := bufio.NewReaderSize(input, 1<<16)
	writer := bufio.NewWriterSize(output, 1<<16)
	replies := json.NewEncoder(writer)
	replies.SetEscapeHTML(false) // which would rewrite a seq
	for {
		line, readError := reader.ReadBytes('\n')
		if line = bytes.TrimSpace(line); len(line) > 0 {
			answered, stop := answerLine(line)
			if stop {
				return writer.Flush()
			}
			if err := replies.Encode(answered); err != nil {
				return err
			}
		}
		if readError == nil && lineIsWaiting(reader) {
			continue
		}
		if err := writer.Flush(); err != nil || readError == io.EOF {
			return err
		}
		if readError != nil {
			return readError
		}
	}
}

// lineIsWaiting is true where a whole line can be read without waiting, so that the reply before it
// may wait for the next.
func lineIsWaiting(reader *bufio.Reader) bool {
	waiting, _ := reader.Peek(reader.Buffered())
	return bytes.IndexByte(waiting, '\n') >= 0
}

// answerLine answers whatever the line is: one bad message must not end the run.
func answerLine(line []byte) (answered reply, stop bool) {
	var asked call
	defer func() {
		if problem := recover(); problem != nil {
			answered, stop = reply{Error: fmt.Sprint(problem)}, false
		}
		answered.Seq = asked.Seq // what is not there is written as null
	}()
	if err := message.CheckJSON(line); err != nil {
		return reply{Error: err.Error()}, false
	}
	// A member of a wrong type does not keep the others from being read, seq among them.
	if err := json.Unmarshal(line, &asked); err != nil {
		return reply{Error: err.Error()}, false
	}
	if asked.Op == "stop" {
		return reply{}, true
	}
	answered, err := answer(asked)
	if err != nil {
		return reply{Error: err.Error()}, false
	}
	return answered, false
}

func answer(asked call) (reply, error) {
	switch asked.Op {
	case "start":
		if string(asked.Protocol) != "1" {
			return reply{}, fmt.Errorf("this adapter speaks protocol 1, not %s", asked.Protocol)
		}
		return reply{hello: newHello()}, nil
	case "sign", "verify":
		operation, missing := findOperation(asked)
		if missing != "" {
			return reply{Skipped: "no support for " + missing}, nil
		}
		if asked.Op == "sign" {
			return answerSign(operation, asked)
		}
		return answerVerify(operation, asked)
	}
	return reply{}, fmt.Errorf("op %q is not one of start, sign, verify and stop", asked.Op)
}

// findOperation says what this adapter does not have, where it cannot find what is asked for.
func findOperation(asked call) (operation systems.Operation, missing string) {
	system, found := systems.All[asked.Scheme]
	if !found {
		return operation, "scheme " + asked.Scheme
	}
	operation, found = system.Operations[asked.Operation]
	switch {
	case !found:
		missing = "operation " + asked.Operation
	case !isKnown(asked.Variant, system.Variants):
		missing = "variant " + asked.Variant
	case !isKnown(asked.Reading, system.Readings):
		missing = "reading " + asked.Reading
	}
	return operation, missing
}

// isKnown is true where no name is given as well.
func isKnown(name string, names []string) bool {
	for _, known := range names {
		if name == known {
			return true
		}
	}
	return name == ""
}

func (c call) choice() systems.Call {
	return systems.Call{Operation: c.Operation, Variant: c.Variant, Reading: c.Reading}
}

func answerSign(operation systems.Operation, asked call) (reply, error) {
	var given signGiven
	if err := json.Unmarshal(asked.Given, &given); err != nil {
		return reply{}, fmt.Errorf("given: %w", err)
	}
	task, err := given.task(asked.choice())
	if err != nil {
		return reply{}, fmt.Errorf("given: %w", err)
	}
	stages, err := operation.Sign(task)
	if err != nil {
		return reply{}, err
	}
	return reply{signReply: &signReply{writeStages(stages), writeSigned(task.Message)}}, nil
}

func answerVerify(operation systems.Operation, asked call) (reply, error) {
	var given verifyGiven
	if err := json.Unmarshal(asked.Given, &given); err != nil {
		return reply{}, fmt.Errorf("given: %w", err)
	}
	tasks, err := given.tasks(asked.choice())
	if err != nil {
		return reply{}, fmt.Errorf("given: %w", err)
	}
	results := make([]result, len(tasks))
	for i, task := range tasks {
		results[i], err = writeResult(operation.Verify(task))
		if err != nil {
			return reply{}, fmt.Errorf("message %d: %w", i+1, err)
		}
	}
	return reply{Results: results}, nil
}
