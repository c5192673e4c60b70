// Package systems holds five signing and authentication systems, each in a file of its own.
package systems

import (
	"errors"

	"countersign-adapter/message"
)

// All names every system as the corpus does.
var All = map[string]System{
	"client-system-api": clientSystemAPI,
	"flexiown-payments": flexiownPayments,
	"flip-for-business": flipForBusiness,
	"flipbase":          flipbase,
	"flipsnack":         flipsnack,
}

// System is what one system can do.
type System struct {
	Operations map[string]Operation
	Variants   []string
	Readings   []string
}

// Operation is one kind of message, from both ends.
type Operation struct {
	sign    func(*Signing) (Stages, error)
	verify  func(*Verification) (Stages, error)
	refusal Refusal // status, code, message and reply where a check says nothing else
}

// Sign signs the message in place, and gives the stages on the way.
func (o Operation) Sign(task *Signing) (Stages, error) {
	return o.sign(task)
}

// Verify gives the stages of a message that is accepted. The error is a *Refusal where the message
// is refused; any other error says that the task cannot be carried out.
func (o Operation) Verify(task *Verification) (Stages, error) {
	stages, err := o.verify(task)
	if errors.Is(err, message.ErrMalformed) {
		err = refuse(Malformed)
	}
	var refusal *Refusal
	if errors.As(err, &refusal) {
		return nil, refusal.over(o.refusal)
	}
	return stages, err
}
